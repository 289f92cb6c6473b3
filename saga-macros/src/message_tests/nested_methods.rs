//! The methods of steps that run sagas: how they are declared.

use expect_test::expect;

cases! {
    nested_async_returns_a_result: r#"
        #[saga]
        impl Shop {
            #[step(readonly)]
            async fn price(&self, _cents: &u32) -> Result<Amount, String> {
                Ok(Amount)
            }

            #[step(saga = PaymentsSaga, on = self.payments)]
            async fn pay(&self, _amount: &Amount) -> Result<Amount, String> {
                Ok(Amount)
            }

            #[step(pivot)]
            async fn ship(&self, _receipt: &Receipt) -> Result<Parcel, String> {
                Ok(Parcel)
            }
        }
    "#, expect![[r#"
        error: step `pay` runs a saga, and its method only returns the input, so it must not be `async`: write `fn pay(&self, _amount: &Amount) -> Input`, with the input of that saga for `Input`; do what takes time or can fail in a step before it
         --> 9:5
          |
        9 |     async fn pay(&self, _amount: &Amount) -> Result<Amount, String> {
          |     ^^^^^
    "#]];

    nested_by_value_receiver: r#"
        #[saga]
        impl Shop {
            #[step(readonly)]
            async fn price(&self, _cents: &u32) -> Result<Amount, String> {
                Ok(Amount)
            }

            #[step(saga = PaymentsSaga, on = self.payments)]
            fn pay(self, _amount: &Amount) -> Amount {
                Amount
            }

            #[step(pivot)]
            async fn ship(&self, _receipt: &Receipt) -> Result<Parcel, String> {
                Ok(Parcel)
            }
        }
    "#, expect![[r#"
        error: step `pay` takes `self`: write `fn pay(&self, _amount: &Amount) -> Amount`
         --> 9:12
          |
        9 |     fn pay(self, _amount: &Amount) -> Amount {
          |            ^^^^
    "#]];

    nested_condition_async: r#"
        #[saga]
        impl Shop {
            #[step(readonly)]
            async fn price(&self, _cents: &u32) -> Result<Amount, String> {
                Ok(Amount)
            }

            #[step(saga = PaymentsSaga, on = self.payments, only_if = is_large)]
            fn pay(&self, _amount: &Amount) -> Amount {
                Amount
            }

            #[step(pivot)]
            async fn ship(&self, _receipt: Option<&Receipt>) -> Result<Parcel, String> {
                Ok(Parcel)
            }

            async fn is_large(&self, _amount: &Amount) -> bool {
                true
            }
        }
    "#, expect![[r#"
        error: condition `is_large` of step `pay` is `async`, but a condition cannot wait: write `fn is_large(&self, _amount: &Amount) -> bool`, and load what it needs in a `readonly` step before it
          --> 18:5
           |
        18 |     async fn is_large(&self, _amount: &Amount) -> bool {
           |     ^^^^^
    "#]];

    nested_condition_missing: r#"
        #[saga]
        impl Shop {
            #[step(readonly)]
            async fn price(&self, _cents: &u32) -> Result<Amount, String> {
                Ok(Amount)
            }

            #[step(saga = PaymentsSaga, on = self.payments, only_if = is_large)]
            fn pay(&self, _amount: &Amount) -> Amount {
                Amount
            }

            #[step(pivot)]
            async fn ship(&self, _receipt: Option<&Receipt>) -> Result<Parcel, String> {
                Ok(Parcel)
            }
        }
    "#, expect![[r#"
        error: `is_large`, the condition of step `pay`, is not a method of this block, and must be one so that its parameters are known: write it here, or move it here from its other block: `fn is_large(&self, _amount: &Amount) -> bool`
         --> 8:63
          |
        8 |     #[step(saga = PaymentsSaga, on = self.payments, only_if = is_large)]
          |                                                               ^^^^^^^^
    "#]];

    nested_generic_const_method: r#"
        #[saga]
        impl Shop {
            #[step(readonly)]
            async fn price(&self, _cents: &u32) -> Result<Amount, String> {
                Ok(Amount)
            }

            #[step(saga = PaymentsSaga, on = self.payments)]
            fn pay<const N: usize>(&self, _amount: &Amount) -> Amount {
                Amount
            }

            #[step(pivot)]
            async fn ship(&self, _receipt: &Receipt) -> Result<Parcel, String> {
                Ok(Parcel)
            }
        }
    "#, expect![[r#"
        error: step `pay` is generic, but the saga cannot infer the value of its const parameter: write the value, or if the service has the parameter too, put it on the impl block
         --> 9:12
          |
        9 |     fn pay<const N: usize>(&self, _amount: &Amount) -> Amount {
          |            ^^^^^^^^^^^^^^
    "#]];

    nested_generic_method: r#"
        #[saga]
        impl Shop {
            #[step(readonly)]
            async fn price(&self, _cents: &u32) -> Result<Amount, String> {
                Ok(Amount)
            }

            #[step(saga = PaymentsSaga, on = self.payments)]
            fn pay<A: Into<Amount>>(&self, _amount: &A) -> Amount {
                Amount
            }

            #[step(pivot)]
            async fn ship(&self, _receipt: &Receipt) -> Result<Parcel, String> {
                Ok(Parcel)
            }
        }
    "#, expect![[r#"
        error: step `pay` is generic, but the saga cannot infer which type `A` is: write `fn pay(&self, _amount: &A) -> Amount`, with a concrete type for `A`; or if the service has the parameter too, put it on the impl block
         --> 9:12
          |
        9 |     fn pay<A: Into<Amount>>(&self, _amount: &A) -> Amount {
          |            ^^^^^^^^^^^^^^^
    "#]];

    nested_group_takes_a_sibling: r#"
        #[saga]
        impl Shop {
            #[step(readonly)]
            async fn price(&self, _cents: &u32) -> Result<Amount, String> {
                Ok(Amount)
            }

            #[step(saga = PaymentsSaga, on = self.payments, parallel = both)]
            fn pay(&self, _amount: &Amount) -> Amount {
                Amount
            }

            #[step(parallel = both, readonly)]
            async fn weigh(&self, #[from(pay)] _receipt: &Receipt) -> Result<u32, String> {
                Ok(7)
            }

            #[step(pivot)]
            async fn ship(&self, _receipt: &Receipt, _weight: &u32) -> Result<Parcel, String> {
                Ok(Parcel)
            }
        }
    "#, expect![[r#"
        error: step `weigh`: `pay` runs at the same time, in the group `both`, so it may have no output yet: write `#[from(price)]`
          --> 14:34
           |
        14 |     async fn weigh(&self, #[from(pay)] _receipt: &Receipt) -> Result<u32, String> {
           |                                  ^^^
    "#]];

    nested_returns_a_future: r#"
        #[saga]
        impl Shop {
            #[step(readonly)]
            async fn price(&self, _cents: &u32) -> Result<Amount, String> {
                Ok(Amount)
            }

            #[step(saga = PaymentsSaga, on = self.payments)]
            fn pay(&self, _amount: &Amount) -> impl Future<Output = Amount> {
                async { Amount }
            }

            #[step(pivot)]
            async fn ship(&self, _receipt: &Receipt) -> Result<Parcel, String> {
                Ok(Parcel)
            }
        }
    "#, expect![[r#"
        error: step `pay` returns the input of a saga as an `impl Trait`, but the saga needs its type: write `fn pay(&self, _amount: &Amount) -> Amount`
         --> 9:40
          |
        9 |     fn pay(&self, _amount: &Amount) -> impl Future<Output = Amount> {
          |                                        ^^^^
    "#]];

    nested_returns_an_elided_reference: r#"
        #[saga]
        impl Shop {
            #[step(readonly)]
            async fn price(&self, _cents: &u32) -> Result<Amount, String> {
                Ok(Amount)
            }

            #[step(saga = PaymentsSaga, on = self.payments)]
            fn pay(&self, _amount: &Amount) -> &Amount {
                &self.amount
            }

            #[step(pivot)]
            async fn ship(&self, _receipt: &Receipt) -> Result<Parcel, String> {
                Ok(Parcel)
            }
        }
    "#, expect![[r#"
        error: step `pay` returns the input of a saga, which outlives this call and cannot borrow from its arguments: write `fn pay(&self, _amount: &Amount) -> Amount`
         --> 9:40
          |
        9 |     fn pay(&self, _amount: &Amount) -> &Amount {
          |                                        ^
    "#]];

    nested_returns_impl_trait: r#"
        #[saga]
        impl Shop {
            #[step(readonly)]
            async fn price(&self, _cents: &u32) -> Result<Amount, String> {
                Ok(Amount)
            }

            #[step(saga = PaymentsSaga, on = self.payments)]
            fn pay(&self, _amount: &Amount) -> impl Into<Amount> {
                Amount
            }

            #[step(pivot)]
            async fn ship(&self, _receipt: &Receipt) -> Result<Parcel, String> {
                Ok(Parcel)
            }
        }
    "#, expect![[r#"
        error: step `pay` returns the input of a saga as an `impl Trait`, but the saga needs its type: write `fn pay(&self, _amount: &Amount) -> Input`, with the input of that saga for `Input`
         --> 9:40
          |
        9 |     fn pay(&self, _amount: &Amount) -> impl Into<Amount> {
          |                                        ^^^^
    "#]];

    nested_returns_the_output: r#"
        #[saga]
        impl Shop {
            #[step(readonly)]
            async fn price(&self, _cents: &u32) -> Result<Amount, String> {
                Ok(Amount)
            }

            #[step(saga = PaymentsSaga, on = self.payments)]
            async fn pay(&self, _amount: &Amount) -> Result<Receipt, String> {
                Ok(Receipt)
            }

            #[step(pivot)]
            async fn ship(&self, _receipt: &Receipt) -> Result<Parcel, String> {
                Ok(Parcel)
            }
        }
    "#, expect![[r#"
        error: step `pay` runs a saga, and its method only returns the input, so it must not be `async`: write `fn pay(&self, _amount: &Amount) -> Input`, with the input of that saga for `Input`; do what takes time or can fail in a step before it
         --> 9:5
          |
        9 |     async fn pay(&self, _amount: &Amount) -> Result<Receipt, String> {
          |     ^^^^^
    "#]];

    nested_takes_impl_trait: r#"
        #[saga]
        impl Shop {
            #[step(readonly)]
            async fn price(&self, _cents: &u32) -> Result<Amount, String> {
                Ok(Amount)
            }

            #[step(saga = PaymentsSaga, on = self.payments)]
            fn pay(&self, _amount: &impl Into<Amount>) -> Amount {
                Amount
            }

            #[step(pivot)]
            async fn ship(&self, _receipt: &Receipt) -> Result<Parcel, String> {
                Ok(Parcel)
            }
        }
    "#, expect![[r#"
        error: step `pay` takes an `impl Trait`, but the saga cannot infer its type: write `fn pay(&self, _amount: &Amount) -> Amount`, with your own type for `Amount`
         --> 9:29
          |
        9 |     fn pay(&self, _amount: &impl Into<Amount>) -> Amount {
          |                             ^^^^
    "#]];

    nested_unsafe: r#"
        #[saga]
        impl Shop {
            #[step(readonly)]
            async fn price(&self, _cents: &u32) -> Result<Amount, String> {
                Ok(Amount)
            }

            #[step(saga = PaymentsSaga, on = self.payments)]
            unsafe fn pay(&self, _amount: &Amount) -> Amount {
                Amount
            }

            #[step(pivot)]
            async fn ship(&self, _receipt: &Receipt) -> Result<Parcel, String> {
                Ok(Parcel)
            }
        }
    "#, expect![[r#"
        error: step `pay` is `unsafe`, but the generated call cannot uphold its safety requirements: remove `unsafe`
         --> 9:5
          |
        9 |     unsafe fn pay(&self, _amount: &Amount) -> Amount {
          |     ^^^^^^
    "#]];

    nested_without_receiver: r#"
        #[saga]
        impl Shop {
            #[step(readonly)]
            async fn price(&self, _cents: &u32) -> Result<Amount, String> {
                Ok(Amount)
            }

            #[step(saga = PaymentsSaga, on = self.payments)]
            fn pay(_amount: &Amount) -> Amount {
                Amount
            }

            #[step(pivot)]
            async fn ship(&self, _receipt: &Receipt) -> Result<Parcel, String> {
                Ok(Parcel)
            }
        }
    "#, expect![[r#"
        error: step `pay` does not take `&self`: write `fn pay(&self, _amount: &Amount) -> Amount`
         --> 9:8
          |
        9 |     fn pay(_amount: &Amount) -> Amount {
          |        ^^^
    "#]];
}
