//! Compensations, and `compensate`.

use expect_test::expect;

cases! {
    compensation_a_path: r#"
        #[saga]
        impl Checkout {
            #[step(compensate = Self::release_stock)]
            async fn reserve_stock(&self, _order: &Order) -> Result<Reservation, String> {
                Ok(Reservation)
            }

            #[step(pivot)]
            async fn charge_card(&self, _reservation: &Reservation) -> Result<Payment, String> {
                Ok(Payment)
            }

            async fn release_stock(&self, _reservation: &Reservation) -> Result<(), String> {
                Ok(())
            }
        }
    "#, expect![[r#"
        error: step `reserve_stock`: `compensate` needs a name without a path: write `compensate = release_stock`
         --> 3:25
          |
        3 |     #[step(compensate = Self::release_stock)]
          |                         ^^^^^^^^^^^^^^^^^^^
    "#]];

    compensation_attempt_and_output: r#"
        #[saga]
        impl Checkout {
            #[step(compensate = release_stock)]
            async fn reserve_stock(&self, _order: &Order) -> Result<Reservation, String> {
                Ok(Reservation)
            }

            #[step(pivot)]
            async fn charge_card(&self, _reservation: &Reservation) -> Result<Payment, String> {
                Ok(Payment)
            }

            async fn release_stock(
                &self,
                _attempt: Attempt<&Reservation>,
                _reservation: &Reservation,
            ) -> Result<(), String> {
                Ok(())
            }
        }
    "#, expect![[r#"
        error: compensation `release_stock` takes the output of step `reserve_stock` twice: `Attempt<&Reservation>` has it already, so remove `_reservation: &Reservation`, or mark it with `#[input]` or `#[from(step)]`
          --> 16:23
           |
        16 |         _reservation: &Reservation,
           |                       ^^^^^^^^^^^^
    "#]];

    compensation_attempt_by_value: r#"
        #[saga]
        impl Checkout {
            #[step(compensate = release_stock)]
            async fn reserve_stock(&self, _order: &Order) -> Result<Reservation, String> {
                Ok(Reservation)
            }

            #[step(pivot)]
            async fn charge_card(&self, _reservation: &Reservation) -> Result<Payment, String> {
                Ok(Payment)
            }

            async fn release_stock(&self, _attempt: Attempt<Reservation>) -> Result<(), String> {
                Ok(())
            }
        }
    "#, expect![[r#"
        error: compensation `release_stock` must take the output by reference: write `Attempt<&Reservation>`
          --> 13:53
           |
        13 |     async fn release_stock(&self, _attempt: Attempt<Reservation>) -> Result<(), String> {
           |                                                     ^^^^^^^^^^^
    "#]];

    compensation_context_by_value_beside_attempt: r#"
        #[saga]
        impl Shop {
            #[step(compensate = release)]
            async fn reserve_stock(&self, _order: &Order) -> Result<Reservation, String> {
                Ok(Reservation)
            }

            #[step(compensate = refund)]
            async fn charge_card(&self, _reservation: &Reservation) -> Result<Payment, String> {
                Ok(Payment)
            }

            #[step(pivot)]
            async fn ship(&self, _payment: &Payment) -> Result<(), String> {
                Ok(())
            }

            async fn release(&self, _reservation: &Reservation) -> Result<(), String> {
                Ok(())
            }

            async fn refund(&self, _payment: Attempt<&Payment>, _run: StepContext) -> Result<(), String> {
                Ok(())
            }
        }
    "#, expect![[r#"
        error: compensation `refund` must take the context by reference: write `&StepContext`
          --> 22:63
           |
        22 |     async fn refund(&self, _payment: Attempt<&Payment>, _run: StepContext) -> Result<(), String> {
           |                                                               ^^^^^^^^^^^
    "#]];

    compensation_from_later_step: r#"
        #[saga]
        impl Checkout {
            #[step(compensate = release_stock)]
            async fn reserve_stock(&self, _order: &Order) -> Result<Reservation, String> {
                Ok(Reservation)
            }

            #[step(pivot)]
            async fn charge_card(&self, _reservation: &Reservation) -> Result<Payment, String> {
                Ok(Payment)
            }

            async fn release_stock(&self, #[from(charge_card)] _payment: &Payment) -> Result<(), String> {
                Ok(())
            }
        }
    "#, expect![[r#"
        error: compensation of step `reserve_stock`: `charge_card` comes after that step, so it may have no output yet: write `#[from(reserve_stock)]`
          --> 13:42
           |
        13 |     async fn release_stock(&self, #[from(charge_card)] _payment: &Payment) -> Result<(), String> {
           |                                          ^^^^^^^^^^^
    "#]];

    compensation_generic: r#"
        #[saga]
        impl Checkout {
            #[step(compensate = release_stock)]
            async fn reserve_stock(&self, _order: &Order) -> Result<Reservation, String> {
                Ok(Reservation)
            }

            #[step(pivot)]
            async fn charge_card(&self, _reservation: &Reservation) -> Result<Payment, String> {
                Ok(Payment)
            }

            async fn release_stock<R>(&self, _reservation: &R) -> Result<(), String> {
                Ok(())
            }
        }
    "#, expect![[r#"
        error: compensation `release_stock` is generic, but the saga cannot infer which type `R` is: write `async fn release_stock(&self, _reservation: &R) -> Result<(), String>`, with a concrete type for `R`; or if the service has the parameter too, put it on the impl block
          --> 13:28
           |
        13 |     async fn release_stock<R>(&self, _reservation: &R) -> Result<(), String> {
           |                            ^
    "#]];

    compensation_is_a_step: r#"
        #[saga]
        impl Checkout {
            #[step(compensate = charge_card)]
            async fn reserve_stock(&self, _order: &Order) -> Result<Reservation, String> {
                Ok(Reservation)
            }

            #[step(pivot)]
            async fn charge_card(&self, _reservation: &Reservation) -> Result<Payment, String> {
                Ok(Payment)
            }
        }
    "#, expect![[r#"
        error: `charge_card` is a step itself: name a method without `#[step]` as the compensation of step `reserve_stock`
         --> 3:25
          |
        3 |     #[step(compensate = charge_card)]
          |                         ^^^^^^^^^^^
    "#]];

    compensation_is_its_own_step: r#"
        #[saga]
        impl Checkout {
            #[step(compensate = reserve_stock)]
            async fn reserve_stock(&self, _order: &Order) -> Result<Reservation, String> {
                Ok(Reservation)
            }

            #[step(pivot)]
            async fn charge_card(&self, _reservation: &Reservation) -> Result<Payment, String> {
                Ok(Payment)
            }
        }
    "#, expect![[r#"
        error: step `reserve_stock` cannot undo itself: name a method without `#[step]` in `compensate`
         --> 3:25
          |
        3 |     #[step(compensate = reserve_stock)]
          |                         ^^^^^^^^^^^^^
    "#]];

    compensation_mut_self: r#"
        #[saga]
        impl Checkout {
            #[step(compensate = release_stock)]
            async fn reserve_stock(&self, _order: &Order) -> Result<Reservation, String> {
                Ok(Reservation)
            }

            #[step(pivot)]
            async fn charge_card(&self, _reservation: &Reservation) -> Result<Payment, String> {
                Ok(Payment)
            }

            async fn release_stock(&mut self, _reservation: &Reservation) -> Result<(), String> {
                Ok(())
            }
        }
    "#, expect![[r#"
        error: compensation `release_stock` takes `&mut self`: write `async fn release_stock(&self, _reservation: &Reservation) -> Result<(), String>`
          --> 13:28
           |
        13 |     async fn release_stock(&mut self, _reservation: &Reservation) -> Result<(), String> {
           |                            ^^^^^^^^^
    "#]];

    compensation_no_self: r#"
        #[saga]
        impl Checkout {
            #[step(compensate = release_stock)]
            async fn reserve_stock(&self, _order: &Order) -> Result<Reservation, String> {
                Ok(Reservation)
            }

            #[step(pivot)]
            async fn charge_card(&self, _reservation: &Reservation) -> Result<Payment, String> {
                Ok(Payment)
            }

            async fn release_stock(_reservation: &Reservation) -> Result<(), String> {
                Ok(())
            }
        }
    "#, expect![[r#"
        error: compensation `release_stock` does not take `&self`: write `async fn release_stock(&self, _reservation: &Reservation) -> Result<(), String>`
          --> 13:14
           |
        13 |     async fn release_stock(_reservation: &Reservation) -> Result<(), String> {
           |              ^^^^^^^^^^^^^
    "#]];

    compensation_not_a_method: r#"
        #[saga]
        impl Checkout {
            #[step(compensate = "release_stock")]
            async fn reserve_stock(&self, _order: &Order) -> Result<Reservation, String> {
                Ok(Reservation)
            }

            #[step(pivot)]
            async fn charge_card(&self, _reservation: &Reservation) -> Result<Payment, String> {
                Ok(Payment)
            }

            async fn release_stock(&self, _reservation: &Reservation) -> Result<(), String> {
                Ok(())
            }
        }
    "#, expect![[r#"
        error: step `reserve_stock`: `compensate` needs a name without quotes: write `compensate = release_stock`
         --> 3:25
          |
        3 |     #[step(compensate = "release_stock")]
          |                         ^^^^^^^^^^^^^^^
    "#]];

    compensation_not_async: r#"
        #[saga]
        impl Checkout {
            #[step(compensate = release_stock)]
            async fn reserve_stock(&self, _order: &Order) -> Result<Reservation, String> {
                Ok(Reservation)
            }

            #[step(pivot)]
            async fn charge_card(&self, _reservation: &Reservation) -> Result<Payment, String> {
                Ok(Payment)
            }

            fn release_stock(&self, _reservation: &Reservation) -> Result<(), String> {
                Ok(())
            }
        }
    "#, expect![[r#"
        error: compensation `release_stock` is not `async`: write `async fn release_stock(&self, _reservation: &Reservation) -> Result<(), String>`
          --> 13:5
           |
        13 |     fn release_stock(&self, _reservation: &Reservation) -> Result<(), String> {
           |     ^^
    "#]];

    compensation_on_a_step: r#"
        #[saga]
        impl Checkout {
            #[step(compensate = release_stock)]
            async fn reserve_stock(&self, _order: &Order) -> Result<Reservation, String> {
                Ok(Reservation)
            }

            #[step(pivot)]
            #[compensation(timeout = "3s")]
            async fn charge_card(&self, _reservation: &Reservation) -> Result<Payment, String> {
                Ok(Payment)
            }

            async fn release_stock(&self, _reservation: &Reservation) -> Result<(), String> {
                Ok(())
            }
        }
    "#, expect![[r#"
        error: `charge_card` is a step: write its `retry` and `timeout` in `#[step(..)]`, and remove `#[compensation(..)]`
         --> 9:5
          |
        9 |     #[compensation(timeout = "3s")]
          |     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    "#]];

    compensation_returns_nothing: r#"
        #[saga]
        impl Checkout {
            #[step(compensate = release_stock)]
            async fn reserve_stock(&self, _order: &Order) -> Result<Reservation, String> {
                Ok(Reservation)
            }

            #[step(pivot)]
            async fn charge_card(&self, _reservation: &Reservation) -> Result<Payment, String> {
                Ok(Payment)
            }

            async fn release_stock(&self, _reservation: &Reservation) {}
        }
    "#, expect![[r#"
        error: compensation `release_stock` returns nothing: write `async fn release_stock(&self, _reservation: &Reservation) -> Result<(), E>`, with your error type for `E`
          --> 13:14
           |
        13 |     async fn release_stock(&self, _reservation: &Reservation) {}
           |              ^^^^^^^^^^^^^
    "#]];

    compensation_returns_value: r#"
        #[saga]
        impl Checkout {
            #[step(compensate = release_stock)]
            async fn reserve_stock(&self, _order: &Order) -> Result<Reservation, String> {
                Ok(Reservation)
            }

            #[step(pivot)]
            async fn charge_card(&self, _reservation: &Reservation) -> Result<Payment, String> {
                Ok(Payment)
            }

            async fn release_stock(&self, _reservation: &Reservation) -> Result<Payment, String> {
                Ok(Payment)
            }
        }
    "#, expect![[r#"
        error: compensation `release_stock` returns a value, which nothing would use: write `Result<(), String>`
          --> 13:73
           |
        13 |     async fn release_stock(&self, _reservation: &Reservation) -> Result<Payment, String> {
           |                                                                         ^^^^^^^
    "#]];

    compensation_twice: r#"
        #[saga]
        impl Checkout {
            #[step(compensate = release_stock)]
            async fn reserve_stock(&self, _order: &Order) -> Result<Reservation, String> {
                Ok(Reservation)
            }

            #[step(pivot)]
            async fn charge_card(&self, _reservation: &Reservation) -> Result<Payment, String> {
                Ok(Payment)
            }

            #[compensation(timeout = "3s")]
            #[compensation(retry(attempts = 2))]
            async fn release_stock(&self, _reservation: &Reservation) -> Result<(), String> {
                Ok(())
            }
        }
    "#, expect![[r#"
        error: compensation `release_stock` has two `#[compensation(..)]`: write all its options in one
          --> 14:5
           |
        14 |     #[compensation(retry(attempts = 2))]
           |     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    "#]];

    compensation_attempt_in_a_reference: r#"
        #[saga]
        impl Checkout {
            #[step(compensate = refund)]
            async fn charge_card(&self, _order: &Order) -> Result<Payment, String> {
                lookup()
            }

            #[step]
            async fn book_courier(&self, _payment: &Payment) -> Result<Tracking, String> {
                Ok(Tracking)
            }

            async fn refund(&self, _payment: &Attempt<&Payment>) -> Result<(), String> {
                Ok(())
            }
        }
    "#, expect![[r#"
        error: compensation `refund` takes `&Attempt<&Payment>`, but an `Attempt` is passed by value: write `Attempt<&Payment>`
          --> 13:38
           |
        13 |     async fn refund(&self, _payment: &Attempt<&Payment>) -> Result<(), String> {
           |                                      ^^^^^^^^^^^^^^^^^^
    "#]];

    compensation_attempt_of_a_value_in_a_reference: r#"
        #[saga]
        impl Checkout {
            #[step(compensate = refund)]
            async fn charge_card(&self, _order: &Order) -> Result<Payment, String> {
                lookup()
            }

            #[step]
            async fn book_courier(&self, _payment: &Payment) -> Result<Tracking, String> {
                Ok(Tracking)
            }

            async fn refund(&self, _payment: &Attempt<Payment>) -> Result<(), String> {
                Ok(())
            }
        }
    "#, expect![[r#"
        error: compensation `refund` takes `&Attempt<Payment>`, but an `Attempt` is passed by value: write `Attempt<&Payment>`
          --> 13:38
           |
        13 |     async fn refund(&self, _payment: &Attempt<Payment>) -> Result<(), String> {
           |                                      ^^^^^^^^^^^^^^^^^
    "#]];

    compensation_attempt_by_mutable_reference: r#"
        #[saga]
        impl Checkout {
            #[step(compensate = refund)]
            async fn charge_card(&self, _order: &Order) -> Result<Payment, String> {
                lookup()
            }

            #[step]
            async fn book_courier(&self, _payment: &Payment) -> Result<Tracking, String> {
                Ok(Tracking)
            }

            async fn refund(&self, _payment: &mut Attempt<&Payment>) -> Result<(), String> {
                Ok(())
            }
        }
    "#, expect![[r#"
        error: compensation `refund` takes `&mut Attempt<&Payment>`, but an `Attempt` is passed by value: write `Attempt<&Payment>`
          --> 13:38
           |
        13 |     async fn refund(&self, _payment: &mut Attempt<&Payment>) -> Result<(), String> {
           |                                      ^^^^^^^^^^^^^^^^^^^^^^
    "#]];

    compensation_attempt_in_an_option: r#"
        #[saga]
        impl Checkout {
            #[step(compensate = refund)]
            async fn charge_card(&self, _order: &Order) -> Result<Payment, String> {
                lookup()
            }

            #[step]
            async fn book_courier(&self, _payment: &Payment) -> Result<Tracking, String> {
                Ok(Tracking)
            }

            async fn refund(&self, _payment: Option<Attempt<&Payment>>) -> Result<(), String> {
                Ok(())
            }
        }
    "#, expect![[r#"
        error: compensation `refund` takes `Option<Attempt<&Payment>>`, but an `Attempt` is passed by value: write `Attempt<&Payment>`
          --> 13:38
           |
        13 |     async fn refund(&self, _payment: Option<Attempt<&Payment>>) -> Result<(), String> {
           |                                      ^^^^^^^^^^^^^^^^^^^^^^^^^
    "#]];

    compensation_attempt_in_a_box: r#"
        #[saga]
        impl Checkout {
            #[step(compensate = refund)]
            async fn charge_card(&self, _order: &Order) -> Result<Payment, String> {
                lookup()
            }

            #[step]
            async fn book_courier(&self, _payment: &Payment) -> Result<Tracking, String> {
                Ok(Tracking)
            }

            async fn refund(&self, _payment: Box<Attempt<&Payment>>) -> Result<(), String> {
                Ok(())
            }
        }
    "#, expect![[r#"
        error: compensation `refund` takes `Box<Attempt<&Payment>>`, but an `Attempt` is passed by value: write `Attempt<&Payment>`
          --> 13:38
           |
        13 |     async fn refund(&self, _payment: Box<Attempt<&Payment>>) -> Result<(), String> {
           |                                      ^^^^^^^^^^^^^^^^^^^^^^
    "#]];

    compensation_attempt_as_an_option: r#"
        #[saga]
        impl Checkout {
            #[step(compensate = refund)]
            async fn charge_card(&self, _order: &Order) -> Result<Payment, String> {
                lookup()
            }

            #[step]
            async fn book_courier(&self, _payment: &Payment) -> Result<Tracking, String> {
                Ok(Tracking)
            }

            async fn refund(&self, _payment: Option<&Payment>) -> Result<(), String> {
                Ok(())
            }
        }
    "#, expect![[r#"
        error: compensation `refund` takes `Option<&Payment>`, but without an output it runs only if it takes an `Attempt`: write `saga_core::Attempt<&Payment>`, or `&Payment`
          --> 13:38
           |
        13 |     async fn refund(&self, _payment: Option<&Payment>) -> Result<(), String> {
           |                                      ^^^^^^^^^^^^^^^^
    "#]];

    compensation_attempt_as_an_option_by_value: r#"
        #[saga]
        impl Checkout {
            #[step(compensate = refund)]
            async fn charge_card(&self, _order: &Order) -> Result<Payment, String> {
                lookup()
            }

            #[step]
            async fn book_courier(&self, _payment: &Payment) -> Result<Tracking, String> {
                Ok(Tracking)
            }

            async fn refund(&self, _payment: Option<Payment>) -> Result<(), String> {
                Ok(())
            }
        }
    "#, expect![[r#"
        error: compensation `refund` takes `Option<Payment>`, but without an output it runs only if it takes an `Attempt`: write `saga_core::Attempt<&Payment>`, or `&Payment`
          --> 13:38
           |
        13 |     async fn refund(&self, _payment: Option<Payment>) -> Result<(), String> {
           |                                      ^^^^^^^^^^^^^^^
    "#]];

    compensation_attempt_as_a_reference_to_an_option: r#"
        #[saga]
        impl Checkout {
            #[step(compensate = refund)]
            async fn charge_card(&self, _order: &Order) -> Result<Payment, String> {
                lookup()
            }

            #[step]
            async fn book_courier(&self, _payment: &Payment) -> Result<Tracking, String> {
                Ok(Tracking)
            }

            async fn refund(&self, _payment: &Option<Payment>) -> Result<(), String> {
                Ok(())
            }
        }
    "#, expect![[r#"
        error: compensation `refund` takes `&Option<Payment>`, but without an output it runs only if it takes an `Attempt`: write `saga_core::Attempt<&Payment>`, or `&Payment`
          --> 13:38
           |
        13 |     async fn refund(&self, _payment: &Option<Payment>) -> Result<(), String> {
           |                                      ^^^^^^^^^^^^^^^^
    "#]];

    compensation_attempt_as_a_result: r#"
        #[saga]
        impl Checkout {
            #[step(compensate = refund)]
            async fn charge_card(&self, _order: &Order) -> Result<Payment, String> {
                lookup()
            }

            #[step]
            async fn book_courier(&self, _payment: &Payment) -> Result<Tracking, String> {
                Ok(Tracking)
            }

            async fn refund(&self, _payment: Result<&Payment, String>) -> Result<(), String> {
                Ok(())
            }
        }
    "#, expect![[r#"
        error: compensation `refund` takes `Result<&Payment, String>`, but without an output it runs only if it takes an `Attempt`: write `saga_core::Attempt<&Payment>`, or `&Payment`
          --> 13:38
           |
        13 |     async fn refund(&self, _payment: Result<&Payment, String>) -> Result<(), String> {
           |                                      ^^^^^^^^^^^^^^^^^^^^^^^^
    "#]];

    compensation_attempt_in_a_reference_from: r#"
        #[saga]
        impl Checkout {
            #[step(compensate = refund)]
            async fn charge_card(&self, _order: &Order) -> Result<Payment, String> {
                lookup()
            }

            #[step]
            async fn book_courier(&self, _payment: &Payment) -> Result<Tracking, String> {
                Ok(Tracking)
            }

            async fn refund(&self, #[from(charge_card)] _payment: &Attempt<&Payment>) -> Result<(), String> {
                Ok(())
            }
        }
    "#, expect![[r#"
        error: compensation `refund` takes `&Attempt<&Payment>`, but an `Attempt` is passed by value: write `Attempt<&Payment>`, without `#[from(charge_card)]`
          --> 13:59
           |
        13 |     async fn refund(&self, #[from(charge_card)] _payment: &Attempt<&Payment>) -> Result<(), String> {
           |                                                           ^^^^^^^^^^^^^^^^^^
    "#]];

    compensation_attempt_in_a_reference_of_an_alias: r#"
        #[saga]
        impl Checkout {
            #[step(compensate = refund)]
            async fn charge_card(&self, _order: &Order) -> CardResult<Payment> {
                lookup()
            }

            #[step]
            async fn book_courier(&self, _payment: &Payment) -> Result<Tracking, String> {
                Ok(Tracking)
            }

            async fn refund(&self, _payment: &Attempt<&Payment>) -> Result<(), String> {
                Ok(())
            }
        }
    "#, expect![[r#"
        error: compensation `refund` takes `&Attempt<&Payment>`, but an `Attempt` is passed by value: write `Attempt<&Payment>`
          --> 13:38
           |
        13 |     async fn refund(&self, _payment: &Attempt<&Payment>) -> Result<(), String> {
           |                                      ^^^^^^^^^^^^^^^^^^
    "#]];

    compensation_context_of_another_name: r#"
        #[saga]
        impl Checkout {
            #[step(compensate = refund)]
            async fn charge_card(&self, _order: &Order) -> Result<Payment, String> {
                lookup()
            }

            #[step]
            async fn book_courier(&self, _payment: &Payment) -> Result<Tracking, String> {
                Ok(Tracking)
            }

            async fn refund(&self, _payment: &Payment, _run: &Ctx) -> Result<(), String> {
                Ok(())
            }
        }
    "#, expect![[r#"
        error: compensation `refund` takes `&Ctx`, and `Ctx` is not known as the context of the run: write `&saga_core::StepContext`; if it is something else, mark it with `#[input]` or `#[from(step)]`
          --> 13:54
           |
        13 |     async fn refund(&self, _payment: &Payment, _run: &Ctx) -> Result<(), String> {
           |                                                      ^^^^
    "#]];

    compensation_context_of_another_name_beside_an_attempt: r#"
        #[saga]
        impl Checkout {
            #[step(compensate = refund)]
            async fn charge_card(&self, _order: &Order) -> Result<Payment, String> {
                lookup()
            }

            #[step]
            async fn book_courier(&self, _payment: &Payment) -> Result<Tracking, String> {
                Ok(Tracking)
            }

            async fn refund(&self, _payment: Attempt<&Payment>, _run: &Ctx) -> Result<(), String> {
                Ok(())
            }
        }
    "#, expect![[r#"
        error: compensation `refund` takes `&Ctx`, and `Ctx` is not known as the context of the run: write `&saga_core::StepContext`; if it is something else, mark it with `#[input]` or `#[from(step)]`
          --> 13:63
           |
        13 |     async fn refund(&self, _payment: Attempt<&Payment>, _run: &Ctx) -> Result<(), String> {
           |                                                               ^^^^
    "#]];

    compensation_tuple_swapped: r#"
        #[saga]
        impl Checkout {
            #[step(compensate = refund)]
            async fn charge_card(&self, _order: &Order) -> Result<(Payment, Receipt), String> {
                lookup()
            }

            #[step]
            async fn book_courier(&self, _both: &(Payment, Receipt)) -> Result<Tracking, String> {
                Ok(Tracking)
            }

            async fn refund(&self, _receipt: &Receipt, _payment: &Payment) -> Result<(), String> {
                Ok(())
            }
        }
    "#, expect![[r#"
        error: compensation `refund` takes the fields of the `(Payment, Receipt)` of `charge_card` in another order than they come: swap the parameters, write `_payment: &Payment, _receipt: &Receipt`
          --> 13:38
           |
        13 |     async fn refund(&self, _receipt: &Receipt, _payment: &Payment) -> Result<(), String> {
           |                                      ^^^^^^^^
    "#]];

    compensation_context_under_an_alias: r#"
        #[saga]
        impl Topups {
            #[step(compensate = credit_back)]
            async fn debit_wallet(&self, _topup: &Topup, _ctx: &Ctx) -> Result<Debit, String> {
                Ok(Debit)
            }

            #[step(pivot)]
            async fn load_phone(&self, _debit: &Debit) -> Result<Load, String> {
                Ok(Load)
            }

            async fn credit_back(&self, _debit: Attempt<&Debit>, _ctx: &Ctx) -> Result<(), String> {
                Ok(())
            }
        }
    "#, expect![[r#"
        error: compensation `credit_back` takes `&Ctx`, and `Ctx` is not known as the context of the run: write `&saga_core::StepContext` here and in `debit_wallet`; if it is something else, mark it with `#[input]` or `#[from(step)]`
          --> 13:64
           |
        13 |     async fn credit_back(&self, _debit: Attempt<&Debit>, _ctx: &Ctx) -> Result<(), String> {
           |                                                                ^^^^
    "#]];
}
