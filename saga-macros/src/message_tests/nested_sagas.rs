//! `saga` and `on`: which saga a step runs, and on what.

use expect_test::expect;

cases! {
    nested_in_itself_by_path: r#"
        #[saga]
        impl Shop {
            #[step(readonly)]
            async fn price(&self, _cents: &u32) -> Result<Amount, String> {
                Ok(Amount)
            }

            #[step(saga = self::ShopSaga)]
            fn pay(&self, _amount: &Amount) -> u32 {
                7
            }

            #[step(pivot)]
            async fn ship(&self, _parcel: &Parcel) -> Result<Parcel, String> {
                Ok(Parcel)
            }
        }
    "#, expect![[r#"
        error: step `pay` runs its own saga, which would never end: write another saga here, or `retry(attempts = 4)` on the step to repeat
         --> 8:19
          |
        8 |     #[step(saga = self::ShopSaga)]
          |                   ^^^^^^^^^^^^^^
    "#]];

    nested_on_without_saga: r#"
        #[saga]
        impl Shop {
            #[step(readonly)]
            async fn price(&self, _cents: &u32) -> Result<Amount, String> {
                Ok(Amount)
            }

            #[step(pivot, on = self.payments)]
            fn pay(&self, _amount: &Amount) -> Amount {
                Amount
            }
        }
    "#, expect![[r#"
        error: step `pay` has `on`, but names no saga: write `saga = ..` too, with the saga of that service which the step runs, or remove `on`
         --> 8:19
          |
        8 |     #[step(pivot, on = self.payments)]
          |                   ^^
    "#]];

    nested_on_without_self: r#"
        #[saga]
        impl Shop {
            #[step(readonly)]
            async fn price(&self, _cents: &u32) -> Result<Amount, String> {
                Ok(Amount)
            }

            #[step(saga = PaymentsSaga, on = payments)]
            fn pay(&self, _amount: &Amount) -> Amount {
                Amount
            }

            #[step(pivot)]
            async fn ship(&self, _receipt: &Receipt) -> Result<Parcel, String> {
                Ok(Parcel)
            }
        }
    "#, expect![[r#"
        error: step `pay` must reach the service of the other saga through `self`: write `on = self.payments`
         --> 8:38
          |
        8 |     #[step(saga = PaymentsSaga, on = payments)]
          |                                      ^^^^^^^^
    "#]];

    nested_on_without_value: r#"
        #[saga]
        impl Shop {
            #[step(readonly)]
            async fn price(&self, _cents: &u32) -> Result<Amount, String> {
                Ok(Amount)
            }

            #[step(saga = PaymentsSaga, on)]
            fn pay(&self, _amount: &Amount) -> Amount {
                Amount
            }

            #[step(pivot)]
            async fn ship(&self, _receipt: &Receipt) -> Result<Parcel, String> {
                Ok(Parcel)
            }
        }
    "#, expect![[r#"
        error: step `pay`: `on` needs the service of that saga: write `on = self.payments`, or remove `on` if it is this service
         --> 8:33
          |
        8 |     #[step(saga = PaymentsSaga, on)]
          |                                 ^^
    "#]];

    nested_saga_as_a_path_to_a_method: r#"
        #[saga]
        impl Shop {
            #[step(readonly)]
            async fn price(&self, _cents: &u32) -> Result<Amount, String> {
                Ok(Amount)
            }

            #[step(saga = PaymentsSaga::run, on = self.payments)]
            fn pay(&self, _amount: &Amount) -> Amount {
                Amount
            }

            #[step(pivot)]
            async fn ship(&self, _receipt: &Receipt) -> Result<Parcel, String> {
                Ok(Parcel)
            }
        }
    "#, expect![[r#"
        error: step `pay` runs a saga, but `run` is not a type: write `saga = PaymentsSaga`
         --> 8:19
          |
        8 |     #[step(saga = PaymentsSaga::run, on = self.payments)]
          |                   ^^^^^^^^^^^^^^^^^
    "#]];

    nested_saga_as_call_with_arguments: r#"
        #[saga]
        impl Shop {
            #[step(readonly)]
            async fn price(&self, _cents: &u32) -> Result<Amount, String> {
                Ok(Amount)
            }

            #[step(saga = PaymentsSaga::run(), on = self.payments)]
            fn pay(&self, _amount: &Amount) -> Amount {
                Amount
            }

            #[step(pivot)]
            async fn ship(&self, _receipt: &Receipt) -> Result<Parcel, String> {
                Ok(Parcel)
            }
        }
    "#, expect![[r#"
        error: step `pay`: `saga` needs the type that `#[saga]` generates for the other block: write `saga = PaymentSaga`
         --> 8:19
          |
        8 |     #[step(saga = PaymentsSaga::run(), on = self.payments)]
          |                   ^^^^^^^^^^^^^^^^^^^
    "#]];

    nested_saga_as_text: r#"
        #[saga]
        impl Shop {
            #[step(readonly)]
            async fn price(&self, _cents: &u32) -> Result<Amount, String> {
                Ok(Amount)
            }

            #[step(saga = "PaymentsSaga", on = self.payments)]
            fn pay(&self, _amount: &Amount) -> Amount {
                Amount
            }

            #[step(pivot)]
            async fn ship(&self, _receipt: &Receipt) -> Result<Parcel, String> {
                Ok(Parcel)
            }
        }
    "#, expect![[r#"
        error: step `pay`: `saga` needs a name without quotes: write `saga = PaymentsSaga`
         --> 8:19
          |
        8 |     #[step(saga = "PaymentsSaga", on = self.payments)]
          |                   ^^^^^^^^^^^^^^
    "#]];

    nested_saga_of_a_struct: r#"
        #[saga]
        impl Shop {
            #[step(readonly)]
            async fn price(&self, _cents: &u32) -> Result<Amount, String> {
                Ok(Amount)
            }

            #[step(saga = Receipt, on = self.payments)]
            fn pay(&self, _amount: &Amount) -> Amount {
                Amount
            }

            #[step(pivot)]
            async fn ship(&self, _receipt: &Receipt) -> Result<Parcel, String> {
                Ok(Parcel)
            }
        }
    "#, expect![[r#"
        error: step `pay` runs a saga, but `Receipt` is not named like one: write `saga = ReceiptSaga`, the type that `#[saga]` generates beside a service; if `Receipt` is a saga, put `Saga` into its name
         --> 8:19
          |
        8 |     #[step(saga = Receipt, on = self.payments)]
          |                   ^^^^^^^
    "#]];

    nested_saga_the_error: r#"
        #[saga]
        impl Shop {
            #[step(readonly)]
            async fn price(&self, _cents: &u32) -> Result<Amount, String> {
                Ok(Amount)
            }

            #[step(saga = PaymentsSagaError, on = self.payments)]
            fn pay(&self, _amount: &Amount) -> Amount {
                Amount
            }

            #[step(pivot)]
            async fn ship(&self, _receipt: &Receipt) -> Result<Parcel, String> {
                Ok(Parcel)
            }
        }
    "#, expect![[r#"
        error: step `pay` runs a saga, but `PaymentsSagaError` is not named like one: write `saga = PaymentsSaga`, the type that `#[saga]` generates beside a service; if `PaymentsSagaError` is a saga, put `Saga` into its name
         --> 8:19
          |
        8 |     #[step(saga = PaymentsSagaError, on = self.payments)]
          |                   ^^^^^^^^^^^^^^^^^
    "#]];

    nested_saga_the_own_service: r#"
        #[saga]
        impl Shop {
            #[step(readonly)]
            async fn price(&self, _cents: &u32) -> Result<Amount, String> {
                Ok(Amount)
            }

            #[step(saga = Shop)]
            fn pay(&self, _amount: &Amount) -> Amount {
                Amount
            }

            #[step(pivot)]
            async fn ship(&self, _receipt: &Receipt) -> Result<Parcel, String> {
                Ok(Parcel)
            }
        }
    "#, expect![[r#"
        error: step `pay` runs its own saga, which would never end: write another saga here, or `retry(attempts = 4)` on the step to repeat
         --> 8:19
          |
        8 |     #[step(saga = Shop)]
          |                   ^^^^
    "#]];

    nested_saga_the_service: r#"
        #[saga]
        impl Shop {
            #[step(readonly)]
            async fn price(&self, _cents: &u32) -> Result<Amount, String> {
                Ok(Amount)
            }

            #[step(saga = Payments, on = self.payments)]
            fn pay(&self, _amount: &Amount) -> Amount {
                Amount
            }

            #[step(pivot)]
            async fn ship(&self, _receipt: &Receipt) -> Result<Parcel, String> {
                Ok(Parcel)
            }
        }
    "#, expect![[r#"
        error: step `pay` runs a saga, but `Payments` is not named like one: write `saga = PaymentsSaga`, the type that `#[saga]` generates beside a service; if `Payments` is a saga, put `Saga` into its name
         --> 8:19
          |
        8 |     #[step(saga = Payments, on = self.payments)]
          |                   ^^^^^^^^
    "#]];

    nested_saga_twice: r#"
        #[saga]
        impl Shop {
            #[step(readonly)]
            async fn price(&self, _cents: &u32) -> Result<Amount, String> {
                Ok(Amount)
            }

            #[step(saga = PaymentsSaga, saga = PaymentsSaga, on = self.payments)]
            fn pay(&self, _amount: &Amount) -> Amount {
                Amount
            }

            #[step(pivot)]
            async fn ship(&self, _receipt: &Receipt) -> Result<Parcel, String> {
                Ok(Parcel)
            }
        }
    "#, expect![[r#"
        error: step `pay`: `saga` appears twice: remove one of them
         --> 8:33
          |
        8 |     #[step(saga = PaymentsSaga, saga = PaymentsSaga, on = self.payments)]
          |                                 ^^^^
    "#]];

    nested_saga_without_value: r#"
        #[saga]
        impl Shop {
            #[step(readonly)]
            async fn price(&self, _cents: &u32) -> Result<Amount, String> {
                Ok(Amount)
            }

            #[step(saga, on = self.payments)]
            fn pay(&self, _amount: &Amount) -> Amount {
                Amount
            }

            #[step(pivot)]
            async fn ship(&self, _receipt: &Receipt) -> Result<Parcel, String> {
                Ok(Parcel)
            }
        }
    "#, expect![[r#"
        error: step `pay`: `saga` needs the type that `#[saga]` generates for the other block: write `saga = PaymentSaga`
         --> 8:12
          |
        8 |     #[step(saga, on = self.payments)]
          |            ^^^^
    "#]];
}
