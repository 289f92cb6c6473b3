//! The methods that are conditions: how they are declared.

use expect_test::expect;

cases! {
    condition_async_result: r#"
        #[saga]
        impl Trips {
            #[step(only_if = is_long, compensate = cancel_insurance)]
            async fn insure(&self, _trip: &Trip) -> Result<Insurance, String> {
                Ok(Insurance)
            }

            #[step(pivot)]
            async fn pay(&self, _insurance: Option<&Insurance>) -> Result<Ticket, String> {
                Ok(Ticket)
            }

            async fn cancel_insurance(&self, _insurance: &Insurance) -> Result<(), String> {
                Ok(())
            }

            async fn is_long(&self, _trip: &Trip) -> Result<bool, String> {
                Ok(true)
            }
        }
    "#, expect![[r#"
        error: condition `is_long` of step `insure` is `async`, but a condition cannot wait: write `fn is_long(&self, _trip: &Trip) -> bool`, and load what it needs in a `readonly` step before it
          --> 17:5
           |
        17 |     async fn is_long(&self, _trip: &Trip) -> Result<bool, String> {
           |     ^^^^^
    "#]];

    condition_by_value: r#"
        #[saga]
        impl Checkout {
            #[step(compensate = release_stock)]
            async fn reserve_stock(&self, _order: &Order) -> Result<Reservation, String> {
                Ok(Reservation)
            }

            #[step(only_if = is_large, compensate = refund)]
            async fn charge_card(&self, _reservation: &Reservation) -> Result<Payment, String> {
                Ok(Payment)
            }

            #[step(pivot)]
            async fn book_courier(&self, _payment: Option<&Payment>) -> Result<Tracking, String> {
                Ok(Tracking)
            }

            fn is_large(&self, _reservation: Reservation) -> bool {
                true
            }

            async fn release_stock(&self, _reservation: &Reservation) -> Result<(), String> {
                Ok(())
            }

            async fn refund(&self, _payment: &Payment) -> Result<(), String> {
                Ok(())
            }
        }
    "#, expect![[r#"
        error: condition `is_large` of step `charge_card` takes a value by move, but a condition only borrows: write `&Reservation`
          --> 18:38
           |
        18 |     fn is_large(&self, _reservation: Reservation) -> bool {
           |                                      ^^^^^^^^^^^
    "#]];

    condition_context_by_value: r#"
        #[saga]
        impl Trips {
            #[step(only_if = is_long, compensate = cancel_insurance)]
            async fn insure(&self, _trip: &Trip) -> Result<Insurance, String> {
                Ok(Insurance)
            }

            #[step(pivot)]
            async fn pay(&self, _insurance: Option<&Insurance>) -> Result<Ticket, String> {
                Ok(Ticket)
            }

            async fn cancel_insurance(&self, _insurance: &Insurance) -> Result<(), String> {
                Ok(())
            }

            fn is_long(&self, _run: StepContext) -> bool {
                true
            }
        }
    "#, expect![[r#"
        error: condition `is_long` of step `insure` must take the context by reference: write `&StepContext`
          --> 17:29
           |
        17 |     fn is_long(&self, _run: StepContext) -> bool {
           |                             ^^^^^^^^^^^
    "#]];

    condition_generic: r#"
        #[saga]
        impl Checkout {
            #[step(compensate = release_stock)]
            async fn reserve_stock(&self, _order: &Order) -> Result<Reservation, String> {
                Ok(Reservation)
            }

            #[step(only_if = is_large, compensate = refund)]
            async fn charge_card(&self, _reservation: &Reservation) -> Result<Payment, String> {
                Ok(Payment)
            }

            #[step(pivot)]
            async fn book_courier(&self, _payment: Option<&Payment>) -> Result<Tracking, String> {
                Ok(Tracking)
            }

            fn is_large<R>(&self, _reservation: &R) -> bool {
                true
            }

            async fn release_stock(&self, _reservation: &Reservation) -> Result<(), String> {
                Ok(())
            }

            async fn refund(&self, _payment: &Payment) -> Result<(), String> {
                Ok(())
            }
        }
    "#, expect![[r#"
        error: condition `is_large` of step `charge_card` is generic, but the saga cannot infer the argument: write the type in place of the parameter, or if the service has it too, put it on the impl block
          --> 18:17
           |
        18 |     fn is_large<R>(&self, _reservation: &R) -> bool {
           |                 ^
    "#]];

    condition_impl_trait: r#"
        #[saga]
        impl Checkout {
            #[step(compensate = release_stock)]
            async fn reserve_stock(&self, _order: &Order) -> Result<Reservation, String> {
                Ok(Reservation)
            }

            #[step(only_if = is_large, compensate = refund)]
            async fn charge_card(&self, _reservation: &Reservation) -> Result<Payment, String> {
                Ok(Payment)
            }

            #[step(pivot)]
            async fn book_courier(&self, _payment: Option<&Payment>) -> Result<Tracking, String> {
                Ok(Tracking)
            }

            fn is_large(&self, _reservation: &impl Sized) -> bool {
                true
            }

            async fn release_stock(&self, _reservation: &Reservation) -> Result<(), String> {
                Ok(())
            }

            async fn refund(&self, _payment: &Payment) -> Result<(), String> {
                Ok(())
            }
        }
    "#, expect![[r#"
        error: condition `is_large` of step `charge_card` takes an `impl Trait`, but the saga cannot infer its type: write the type that step `charge_card` takes
          --> 18:39
           |
        18 |     fn is_large(&self, _reservation: &impl Sized) -> bool {
           |                                       ^^^^
    "#]];

    condition_mut_parameter: r#"
        #[saga]
        impl Trips {
            #[step(only_if = is_long, compensate = cancel_insurance)]
            async fn insure(&self, _trip: &Trip) -> Result<Insurance, String> {
                Ok(Insurance)
            }

            #[step(pivot)]
            async fn pay(&self, _insurance: Option<&Insurance>) -> Result<Ticket, String> {
                Ok(Ticket)
            }

            async fn cancel_insurance(&self, _insurance: &Insurance) -> Result<(), String> {
                Ok(())
            }

            fn is_long(&self, _trip: &mut Trip) -> bool {
                true
            }
        }
    "#, expect![[r#"
        error: condition `is_long` of step `insure` takes `&mut Trip`, but a condition only reads: write `&Trip`
          --> 17:30
           |
        17 |     fn is_long(&self, _trip: &mut Trip) -> bool {
           |                              ^^^^^^^^^
    "#]];

    condition_mut_self: r#"
        #[saga]
        impl Checkout {
            #[step(compensate = release_stock)]
            async fn reserve_stock(&self, _order: &Order) -> Result<Reservation, String> {
                Ok(Reservation)
            }

            #[step(only_if = is_large, compensate = refund)]
            async fn charge_card(&self, _reservation: &Reservation) -> Result<Payment, String> {
                Ok(Payment)
            }

            #[step(pivot)]
            async fn book_courier(&self, _payment: Option<&Payment>) -> Result<Tracking, String> {
                Ok(Tracking)
            }

            fn is_large(&mut self, _reservation: &Reservation) -> bool {
                true
            }

            async fn release_stock(&self, _reservation: &Reservation) -> Result<(), String> {
                Ok(())
            }

            async fn refund(&self, _payment: &Payment) -> Result<(), String> {
                Ok(())
            }
        }
    "#, expect![[r#"
        error: condition `is_large` of step `charge_card` takes `&mut self`: write `fn is_large(&self, _reservation: &Reservation) -> bool`
          --> 18:17
           |
        18 |     fn is_large(&mut self, _reservation: &Reservation) -> bool {
           |                 ^^^^^^^^^
    "#]];

    condition_no_self: r#"
        #[saga]
        impl Checkout {
            #[step(compensate = release_stock)]
            async fn reserve_stock(&self, _order: &Order) -> Result<Reservation, String> {
                Ok(Reservation)
            }

            #[step(only_if = is_large, compensate = refund)]
            async fn charge_card(&self, _reservation: &Reservation) -> Result<Payment, String> {
                Ok(Payment)
            }

            #[step(pivot)]
            async fn book_courier(&self, _payment: Option<&Payment>) -> Result<Tracking, String> {
                Ok(Tracking)
            }

            fn is_large(_reservation: &Reservation) -> bool {
                true
            }

            async fn release_stock(&self, _reservation: &Reservation) -> Result<(), String> {
                Ok(())
            }

            async fn refund(&self, _payment: &Payment) -> Result<(), String> {
                Ok(())
            }
        }
    "#, expect![[r#"
        error: condition `is_large` of step `charge_card` does not take `&self`: write `fn is_large(&self, _reservation: &Reservation) -> bool`
          --> 18:8
           |
        18 |     fn is_large(_reservation: &Reservation) -> bool {
           |        ^^^^^^^^
    "#]];

    condition_of_two_steps_async: r#"
        #[saga]
        impl Trips {
            #[step(only_if = is_long, readonly)]
            async fn insure(&self, _trip: &Trip) -> Result<Insurance, String> {
                Ok(Insurance)
            }

            #[step(only_if = is_long, readonly)]
            async fn insure_more(&self, ) -> Result<Insurance, String> {
                Ok(Insurance)
            }

            async fn is_long(&self, #[input] _trip: &Trip) -> bool {
                true
            }
        }
    "#, expect![[r#"
        error: condition `is_long` of step `insure` is `async`, but a condition cannot wait: write `fn is_long(&self, #[input] _trip: &Trip) -> bool`, and load what it needs in a `readonly` step before it
          --> 13:5
           |
        13 |     async fn is_long(&self, #[input] _trip: &Trip) -> bool {
           |     ^^^^^
    "#]];

    condition_returns_no_bool: r#"
        #[saga]
        impl Checkout {
            #[step(compensate = release_stock)]
            async fn reserve_stock(&self, _order: &Order) -> Result<Reservation, String> {
                Ok(Reservation)
            }

            #[step(only_if = is_large, compensate = refund)]
            async fn charge_card(&self, _reservation: &Reservation) -> Result<Payment, String> {
                Ok(Payment)
            }

            #[step(pivot)]
            async fn book_courier(&self, _payment: Option<&Payment>) -> Result<Tracking, String> {
                Ok(Tracking)
            }

            fn is_large(&self, _reservation: &Reservation) -> Option<u32> {
                None
            }

            async fn release_stock(&self, _reservation: &Reservation) -> Result<(), String> {
                Ok(())
            }

            async fn refund(&self, _payment: &Payment) -> Result<(), String> {
                Ok(())
            }
        }
    "#, expect![[r#"
        error: condition `is_large` of step `charge_card` returns `Option<u32>`, but a condition decides whether the step runs: write `bool`
          --> 18:55
           |
        18 |     fn is_large(&self, _reservation: &Reservation) -> Option<u32> {
           |                                                       ^^^^^^^^^^^
    "#]];

    condition_returns_nothing: r#"
        #[saga]
        impl Checkout {
            #[step(compensate = release_stock)]
            async fn reserve_stock(&self, _order: &Order) -> Result<Reservation, String> {
                Ok(Reservation)
            }

            #[step(only_if = is_large, compensate = refund)]
            async fn charge_card(&self, _reservation: &Reservation) -> Result<Payment, String> {
                Ok(Payment)
            }

            #[step(pivot)]
            async fn book_courier(&self, _payment: Option<&Payment>) -> Result<Tracking, String> {
                Ok(Tracking)
            }

            fn is_large(&self, _reservation: &Reservation) {}

            async fn release_stock(&self, _reservation: &Reservation) -> Result<(), String> {
                Ok(())
            }

            async fn refund(&self, _payment: &Payment) -> Result<(), String> {
                Ok(())
            }
        }
    "#, expect![[r#"
        error: condition `is_large` of step `charge_card` returns nothing: write `fn is_large(&self, _reservation: &Reservation) -> bool`
          --> 18:8
           |
        18 |     fn is_large(&self, _reservation: &Reservation) {}
           |        ^^^^^^^^
    "#]];

    condition_returns_result: r#"
        #[saga]
        impl Checkout {
            #[step(compensate = release_stock)]
            async fn reserve_stock(&self, _order: &Order) -> Result<Reservation, String> {
                Ok(Reservation)
            }

            #[step(only_if = is_large, compensate = refund)]
            async fn charge_card(&self, _reservation: &Reservation) -> Result<Payment, String> {
                Ok(Payment)
            }

            #[step(pivot)]
            async fn book_courier(&self, _payment: Option<&Payment>) -> Result<Tracking, String> {
                Ok(Tracking)
            }

            fn is_large(&self, _reservation: &Reservation) -> Result<bool, String> {
                Ok(true)
            }

            async fn release_stock(&self, _reservation: &Reservation) -> Result<(), String> {
                Ok(())
            }

            async fn refund(&self, _payment: &Payment) -> Result<(), String> {
                Ok(())
            }
        }
    "#, expect![[r#"
        error: condition `is_large` of step `charge_card` returns `Result<bool, String>`, but a condition decides whether the step runs: write `bool`; do what can fail in a `readonly` step before it, whose output the condition takes
          --> 18:55
           |
        18 |     fn is_large(&self, _reservation: &Reservation) -> Result<bool, String> {
           |                                                       ^^^^^^^^^^^^^^^^^^^^
    "#]];

    condition_takes_an_attempt: r#"
        #[saga]
        impl Checkout {
            #[step(compensate = release_stock)]
            async fn reserve_stock(&self, _order: &Order) -> Result<Reservation, String> {
                Ok(Reservation)
            }

            #[step(only_if = is_large, compensate = refund)]
            async fn charge_card(&self, _reservation: &Reservation) -> Result<Payment, String> {
                Ok(Payment)
            }

            #[step(pivot)]
            async fn book_courier(&self, _payment: Option<&Payment>) -> Result<Tracking, String> {
                Ok(Tracking)
            }

            fn is_large(&self, _reservation: Attempt<&Reservation>) -> bool {
                true
            }

            async fn release_stock(&self, _reservation: &Reservation) -> Result<(), String> {
                Ok(())
            }

            async fn refund(&self, _payment: &Payment) -> Result<(), String> {
                Ok(())
            }
        }
    "#, expect![[r#"
        error: condition `is_large` takes an `Attempt`, which is for compensations: write `&Reservation`
          --> 18:38
           |
        18 |     fn is_large(&self, _reservation: Attempt<&Reservation>) -> bool {
           |                                      ^^^^^^^^^^^^^^^^^^^^^
    "#]];

    condition_unsafe: r#"
        #[saga]
        impl Checkout {
            #[step(compensate = release_stock)]
            async fn reserve_stock(&self, _order: &Order) -> Result<Reservation, String> {
                Ok(Reservation)
            }

            #[step(only_if = is_large, compensate = refund)]
            async fn charge_card(&self, _reservation: &Reservation) -> Result<Payment, String> {
                Ok(Payment)
            }

            #[step(pivot)]
            async fn book_courier(&self, _payment: Option<&Payment>) -> Result<Tracking, String> {
                Ok(Tracking)
            }

            unsafe fn is_large(&self, _reservation: &Reservation) -> bool {
                true
            }

            async fn release_stock(&self, _reservation: &Reservation) -> Result<(), String> {
                Ok(())
            }

            async fn refund(&self, _payment: &Payment) -> Result<(), String> {
                Ok(())
            }
        }
    "#, expect![[r#"
        error: condition `is_large` of step `charge_card` is `unsafe`, but the generated call cannot uphold its safety requirements: remove `unsafe`
          --> 18:5
           |
        18 |     unsafe fn is_large(&self, _reservation: &Reservation) -> bool {
           |     ^^^^^^
    "#]];
}
