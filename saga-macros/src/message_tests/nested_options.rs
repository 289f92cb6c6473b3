//! Options of steps that run sagas.

use expect_test::expect;

cases! {
    nested_after_the_pivot_with_compensate: r#"
        #[saga]
        impl Shop {
            #[step(pivot)]
            async fn price(&self, _cents: &u32) -> Result<Amount, String> {
                Ok(Amount)
            }

            #[step(saga = PaymentsSaga, on = self.payments, compensate = undo)]
            fn pay(&self, _amount: &Amount) -> Amount {
                Amount
            }

            async fn undo(&self, _receipt: &Receipt) -> Result<(), String> {
                Ok(())
            }
        }
    "#, expect![[r#"
        error: step `pay` runs the saga `PaymentsSaga`, so it is undone by the compensations of that saga: remove `compensate`
         --> 8:53
          |
        8 |     #[step(saga = PaymentsSaga, on = self.payments, compensate = undo)]
          |                                                     ^^^^^^^^^^
    "#]];

    nested_option_input: r#"
        #[saga]
        impl Shop {
            #[step(readonly)]
            async fn price(&self, _cents: &u32) -> Result<Amount, String> {
                Ok(Amount)
            }

            #[step(saga = PaymentsSaga, on = self.payments, input = Amount)]
            fn pay(&self, _amount: &Amount) -> Amount {
                Amount
            }

            #[step(pivot)]
            async fn ship(&self, _receipt: &Receipt) -> Result<Parcel, String> {
                Ok(Parcel)
            }
        }
    "#, expect![[r#"
        error: step `pay`: `#[step]` has no option `input`: remove it; the input of a saga that the step runs is what its method returns, and that of this saga is set in `#[saga(input = ..)]`
         --> 8:53
          |
        8 |     #[step(saga = PaymentsSaga, on = self.payments, input = Amount)]
          |                                                     ^^^^^
    "#]];

    nested_option_nested: r#"
        #[saga]
        impl Shop {
            #[step(readonly)]
            async fn price(&self, _cents: &u32) -> Result<Amount, String> {
                Ok(Amount)
            }

            #[step(nested = PaymentsSaga, on = self.payments)]
            fn pay(&self, _amount: &Amount) -> Amount {
                Amount
            }

            #[step(pivot)]
            async fn ship(&self, _receipt: &Receipt) -> Result<Parcel, String> {
                Ok(Parcel)
            }
        }
    "#, expect![[r#"
        error: step `pay`: `#[step]` has no option `nested`; write `saga = PaymentsSaga`
         --> 8:12
          |
        8 |     #[step(nested = PaymentsSaga, on = self.payments)]
          |            ^^^^^^
    "#]];

    nested_option_run: r#"
        #[saga]
        impl Shop {
            #[step(readonly)]
            async fn price(&self, _cents: &u32) -> Result<Amount, String> {
                Ok(Amount)
            }

            #[step(run = PaymentsSaga, on = self.payments)]
            fn pay(&self, _amount: &Amount) -> Amount {
                Amount
            }

            #[step(pivot)]
            async fn ship(&self, _receipt: &Receipt) -> Result<Parcel, String> {
                Ok(Parcel)
            }
        }
    "#, expect![[r#"
        error: step `pay`: `#[step]` has no option `run`; write `saga = PaymentsSaga`
         --> 8:12
          |
        8 |     #[step(run = PaymentsSaga, on = self.payments)]
          |            ^^^
    "#]];

    nested_option_sagas: r#"
        #[saga]
        impl Shop {
            #[step(readonly)]
            async fn price(&self, _cents: &u32) -> Result<Amount, String> {
                Ok(Amount)
            }

            #[step(sagas = PaymentsSaga, on = self.payments)]
            fn pay(&self, _amount: &Amount) -> Amount {
                Amount
            }

            #[step(pivot)]
            async fn ship(&self, _receipt: &Receipt) -> Result<Parcel, String> {
                Ok(Parcel)
            }
        }
    "#, expect![[r#"
        error: step `pay`: `#[step]` has no option `sagas`; did you mean `saga`? The options are `compensate`, `readonly`, `no_compensation`, `pivot`, `retry`, `timeout`, `max_interruptions`, `in_doubt`, `at_most_once`, `parallel`, `only_if`, `name`, `sensitive`, `saga`, `on`
         --> 8:12
          |
        8 |     #[step(sagas = PaymentsSaga, on = self.payments)]
          |            ^^^^^
    "#]];

    nested_option_service: r#"
        #[saga]
        impl Shop {
            #[step(readonly)]
            async fn price(&self, _cents: &u32) -> Result<Amount, String> {
                Ok(Amount)
            }

            #[step(saga = PaymentsSaga, service = self.payments)]
            fn pay(&self, _amount: &Amount) -> Amount {
                Amount
            }

            #[step(pivot)]
            async fn ship(&self, _receipt: &Receipt) -> Result<Parcel, String> {
                Ok(Parcel)
            }
        }
    "#, expect![[r#"
        error: step `pay`: `#[step]` has no option `service`; write `on = self.payments`
         --> 8:33
          |
        8 |     #[step(saga = PaymentsSaga, service = self.payments)]
          |                                 ^^^^^^^
    "#]];

    nested_pivot_with_compensate: r#"
        #[saga]
        impl Shop {
            #[step(readonly)]
            async fn price(&self, _cents: &u32) -> Result<Amount, String> {
                Ok(Amount)
            }

            #[step(saga = PaymentsSaga, on = self.payments, pivot, compensate = undo)]
            fn pay(&self, _amount: &Amount) -> Amount {
                Amount
            }

            #[step]
            async fn ship(&self, _receipt: &Receipt) -> Result<Parcel, String> {
                Ok(Parcel)
            }

            async fn undo(&self, _receipt: saga_core::Attempt<&Receipt>) -> Result<(), String> {
                Ok(())
            }
        }
    "#, expect![[r#"
        error: step `pay` runs the saga `PaymentsSaga`, so it is undone by the compensations of that saga: remove `compensate`
         --> 8:60
          |
        8 |     #[step(saga = PaymentsSaga, on = self.payments, pivot, compensate = undo)]
          |                                                            ^^^^^^^^^^
    "#]];

    nested_pivot_with_condition: r#"
        #[saga]
        impl Shop {
            #[step(readonly)]
            async fn price(&self, _cents: &u32) -> Result<Amount, String> {
                Ok(Amount)
            }

            #[step(saga = PaymentsSaga, on = self.payments, pivot, only_if = is_large)]
            fn pay(&self, _amount: &Amount) -> Amount {
                Amount
            }

            #[step]
            async fn ship(&self, _receipt: Option<&Receipt>) -> Result<Parcel, String> {
                Ok(Parcel)
            }

            fn is_large(&self, _amount: &Amount) -> bool {
                true
            }
        }
    "#, expect![[r#"
        error: step `pay` is the pivot, and `only_if` could skip it, which would leave open whether the saga can still be undone: remove `only_if = is_large`, or `pivot`
         --> 8:60
          |
        8 |     #[step(saga = PaymentsSaga, on = self.payments, pivot, only_if = is_large)]
          |                                                            ^^^^^^^
    "#]];

    nested_with_at_most_once: r#"
        #[saga]
        impl Shop {
            #[step(readonly)]
            async fn price(&self, _cents: &u32) -> Result<Amount, String> {
                Ok(Amount)
            }

            #[step(saga = PaymentsSaga, on = self.payments, at_most_once)]
            fn pay(&self, _amount: &Amount) -> Amount {
                Amount
            }

            #[step(pivot)]
            async fn ship(&self, _receipt: &Receipt) -> Result<Parcel, String> {
                Ok(Parcel)
            }
        }
    "#, expect![[r#"
        error: step `pay` runs the saga `PaymentsSaga`, so it is never repeated if that saga is stuck: remove `at_most_once`
         --> 8:53
          |
        8 |     #[step(saga = PaymentsSaga, on = self.payments, at_most_once)]
          |                                                     ^^^^^^^^^^^^
    "#]];

    nested_with_compensate: r#"
        #[saga]
        impl Shop {
            #[step(readonly)]
            async fn price(&self, _cents: &u32) -> Result<Amount, String> {
                Ok(Amount)
            }

            #[step(saga = PaymentsSaga, on = self.payments, compensate = undo)]
            fn pay(&self, _amount: &Amount) -> Amount {
                Amount
            }

            #[step(pivot)]
            async fn ship(&self, _receipt: &Receipt) -> Result<Parcel, String> {
                Ok(Parcel)
            }

            async fn undo(&self, _receipt: &Receipt) -> Result<(), String> {
                Ok(())
            }
        }
    "#, expect![[r#"
        error: step `pay` runs the saga `PaymentsSaga`, so it is undone by the compensations of that saga: remove `compensate`
         --> 8:53
          |
        8 |     #[step(saga = PaymentsSaga, on = self.payments, compensate = undo)]
          |                                                     ^^^^^^^^^^
    "#]];

    nested_with_compensate_missing: r#"
        #[saga]
        impl Shop {
            #[step(readonly)]
            async fn price(&self, _cents: &u32) -> Result<Amount, String> {
                Ok(Amount)
            }

            #[step(saga = PaymentsSaga, on = self.payments, compensate = undo)]
            fn pay(&self, _amount: &Amount) -> Amount {
                Amount
            }

            #[step(pivot)]
            async fn ship(&self, _receipt: &Receipt) -> Result<Parcel, String> {
                Ok(Parcel)
            }
        }
    "#, expect![[r#"
        error: step `pay` runs the saga `PaymentsSaga`, so it is undone by the compensations of that saga: remove `compensate`
         --> 8:53
          |
        8 |     #[step(saga = PaymentsSaga, on = self.payments, compensate = undo)]
          |                                                     ^^^^^^^^^^
    "#]];

    nested_with_in_doubt: r#"
        #[saga]
        impl Shop {
            #[step(readonly)]
            async fn price(&self, _cents: &u32) -> Result<Amount, String> {
                Ok(Amount)
            }

            #[step(saga = PaymentsSaga, on = self.payments, in_doubt = is_lost)]
            fn pay(&self, _amount: &Amount) -> Amount {
                Amount
            }

            #[step(pivot)]
            async fn ship(&self, _receipt: &Receipt) -> Result<Parcel, String> {
                Ok(Parcel)
            }
        }
    "#, expect![[r#"
        error: step `pay` runs the saga `PaymentsSaga`, so it is in doubt if that saga is stuck: remove `in_doubt`
         --> 8:53
          |
        8 |     #[step(saga = PaymentsSaga, on = self.payments, in_doubt = is_lost)]
          |                                                     ^^^^^^^^
    "#]];

    nested_with_max_interruptions: r#"
        #[saga]
        impl Shop {
            #[step(readonly)]
            async fn price(&self, _cents: &u32) -> Result<Amount, String> {
                Ok(Amount)
            }

            #[step(saga = PaymentsSaga, on = self.payments, max_interruptions = 2)]
            fn pay(&self, _amount: &Amount) -> Amount {
                Amount
            }

            #[step(pivot)]
            async fn ship(&self, _receipt: &Receipt) -> Result<Parcel, String> {
                Ok(Parcel)
            }
        }
    "#, expect![[r#"
        error: step `pay` runs the saga `PaymentsSaga`, so only the steps of that saga can be interrupted: remove `max_interruptions`
         --> 8:53
          |
        8 |     #[step(saga = PaymentsSaga, on = self.payments, max_interruptions = 2)]
          |                                                     ^^^^^^^^^^^^^^^^^
    "#]];

    nested_with_no_compensation: r#"
        #[saga]
        impl Shop {
            #[step(readonly)]
            async fn price(&self, _cents: &u32) -> Result<Amount, String> {
                Ok(Amount)
            }

            #[step(saga = PaymentsSaga, on = self.payments, no_compensation = "no")]
            fn pay(&self, _amount: &Amount) -> Amount {
                Amount
            }

            #[step(pivot)]
            async fn ship(&self, _receipt: &Receipt) -> Result<Parcel, String> {
                Ok(Parcel)
            }
        }
    "#, expect![[r#"
        error: step `pay` runs the saga `PaymentsSaga`, so it is undone by the compensations of that saga: remove `no_compensation`
         --> 8:53
          |
        8 |     #[step(saga = PaymentsSaga, on = self.payments, no_compensation = "no")]
          |                                                     ^^^^^^^^^^^^^^^
    "#]];

    nested_with_readonly: r#"
        #[saga]
        impl Shop {
            #[step(readonly)]
            async fn price(&self, _cents: &u32) -> Result<Amount, String> {
                Ok(Amount)
            }

            #[step(saga = PaymentsSaga, on = self.payments, readonly)]
            fn pay(&self, _amount: &Amount) -> Amount {
                Amount
            }

            #[step(pivot)]
            async fn ship(&self, _receipt: &Receipt) -> Result<Parcel, String> {
                Ok(Parcel)
            }
        }
    "#, expect![[r#"
        error: step `pay` runs the saga `PaymentsSaga`, so it is undone by the compensations of that saga: remove `readonly`
         --> 8:53
          |
        8 |     #[step(saga = PaymentsSaga, on = self.payments, readonly)]
          |                                                     ^^^^^^^^
    "#]];
}
