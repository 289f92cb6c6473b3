//! Options of a step that contradict each other, and pivots.

use expect_test::expect;

cases! {
    contradiction_compensate_no_compensation: r#"
        #[saga]
        impl Checkout {
            #[step(compensate = release_stock, no_compensation = "the shelf is open")]
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
        error: step `reserve_stock` has `compensate` (a method undoes it) and `no_compensation` (it cannot be undone), which contradict each other: keep one
         --> 3:40
          |
        3 |     #[step(compensate = release_stock, no_compensation = "the shelf is open")]
          |                                        ^^^^^^^^^^^^^^^
    "#]];

    contradiction_no_compensation_pivot: r#"
        #[saga]
        impl Checkout {
            #[step(pivot, no_compensation = "the money is gone")]
            async fn charge_card(&self, _order: &Order) -> Result<Payment, String> {
                Ok(Payment)
            }
        }
    "#, expect![[r#"
        error: step `charge_card` has `no_compensation` (it cannot be undone) and `pivot` (no way back after it), which contradict each other: keep one
         --> 3:12
          |
        3 |     #[step(pivot, no_compensation = "the money is gone")]
          |            ^^^^^
    "#]];

    contradiction_of_three: r#"
        #[saga]
        impl Checkout {
            #[step(readonly, no_compensation = "a mail cannot be unsent", pivot)]
            async fn charge_card(&self, _order: &Order) -> Result<Payment, String> {
                Ok(Payment)
            }
        }
    "#, expect![[r#"
        error: step `charge_card` has `readonly` (it changes nothing) and `no_compensation` (it cannot be undone) and `pivot` (no way back after it), which contradict each other: keep one
         --> 3:22
          |
        3 |     #[step(readonly, no_compensation = "a mail cannot be unsent", pivot)]
          |                      ^^^^^^^^^^^^^^^
    "#]];

    contradiction_readonly_no_compensation: r#"
        #[saga]
        impl Checkout {
            #[step(no_compensation = "a mail cannot be unsent", readonly)]
            async fn check_card(&self, _order: &Order) -> Result<Payment, String> {
                Ok(Payment)
            }

            #[step(pivot)]
            async fn book_courier(&self, _payment: &Payment) -> Result<Tracking, String> {
                Ok(Tracking)
            }
        }
    "#, expect![[r#"
        error: step `check_card` has `readonly` (it changes nothing) and `no_compensation` (it cannot be undone), which contradict each other: keep one
         --> 3:12
          |
        3 |     #[step(no_compensation = "a mail cannot be unsent", readonly)]
          |            ^^^^^^^^^^^^^^^
    "#]];

    contradiction_readonly_pivot: r#"
        #[saga]
        impl Checkout {
            #[step(readonly, pivot)]
            async fn charge_card(&self, _order: &Order) -> Result<Payment, String> {
                Ok(Payment)
            }
        }
    "#, expect![[r#"
        error: step `charge_card` has `readonly` (it changes nothing) and `pivot` (no way back after it), which contradict each other: keep one
         --> 3:22
          |
        3 |     #[step(readonly, pivot)]
          |                      ^^^^^
    "#]];

    pivot_compensate_after: r#"
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

            #[step(compensate = cancel_courier)]
            async fn book_courier(&self, _payment: &Payment) -> Result<u32, String> {
                Ok(7)
            }

            async fn cancel_courier(&self, _booking: &u32) -> Result<(), String> {
                Ok(())
            }

            async fn release_stock(&self, _reservation: &Reservation) -> Result<(), String> {
                Ok(())
            }
        }
    "#, expect![[r#"
        error: step `book_courier` comes after the pivot `charge_card`, so it is never undone: remove `compensate`, or move the step above the pivot
          --> 13:12
           |
        13 |     #[step(compensate = cancel_courier)]
           |            ^^^^^^^^^^
    "#]];

    pivot_compensation_of_a_tuple: r#"
        #[saga]
        impl Checkout {
            #[step(pivot, compensate = refund)]
            async fn charge_card(&self, _order: &Order) -> Result<(Payment, Receipt), String> {
                Ok((Payment, Receipt))
            }

            async fn refund(
                &self,
                _payment: &Payment,
                _receipt: &Receipt,
                #[input] _order: &Order,
                _run: &StepContext,
            ) -> Result<(), String> {
                Ok(())
            }
        }
    "#, expect![[r#"
        error: `refund` undoes the pivot `charge_card`, which may have no output when it is in doubt: write `saga_core::Attempt<&(Payment, Receipt)>` here and remove `_receipt: &Receipt`, or remove `compensate = refund`
          --> 10:19
           |
        10 |         _payment: &Payment,
           |                   ^^^^^^^^
    "#]];

    pivot_compensation_of_marked_output: r#"
        #[saga]
        impl Checkout {
            #[step(compensate = release_stock)]
            async fn reserve_stock(&self, _order: &Order) -> Result<Reservation, String> {
                Ok(Reservation)
            }

            #[step(pivot, compensate = refund)]
            async fn charge_card(&self, _reservation: &Reservation) -> Result<Payment, String> {
                Ok(Payment)
            }

            async fn refund(&self, #[from(charge_card)] _payment: &Payment) -> Result<(), String> {
                Ok(())
            }

            async fn release_stock(&self, _reservation: &Reservation) -> Result<(), String> {
                Ok(())
            }
        }
    "#, expect![[r#"
        error: `refund` undoes the pivot `charge_card`, which may have no output when it is in doubt: write `saga_core::Attempt<&Payment>` here, without `#[from(charge_card)]`, or remove `compensate = refund`
          --> 13:59
           |
        13 |     async fn refund(&self, #[from(charge_card)] _payment: &Payment) -> Result<(), String> {
           |                                                           ^^^^^^^^
    "#]];

    pivot_compensation_without_output: r#"
        #[saga]
        impl Checkout {
            #[step(compensate = release_stock)]
            async fn reserve_stock(&self, _order: &Order) -> Result<Reservation, String> {
                Ok(Reservation)
            }

            #[step(pivot, compensate = refund)]
            async fn charge_card(&self, _reservation: &Reservation) -> Result<Payment, String> {
                Ok(Payment)
            }

            async fn refund(&self, #[input] _order: &Order) -> Result<(), String> {
                Ok(())
            }

            async fn release_stock(&self, _reservation: &Reservation) -> Result<(), String> {
                Ok(())
            }
        }
    "#, expect![[r#"
        error: `refund` undoes the pivot `charge_card`, which may have no output when it is in doubt: write `refund(&self, attempt: saga_core::Attempt<&Payment>, #[input] _order: &Order)`, or remove `compensate = refund`
          --> 13:14
           |
        13 |     async fn refund(&self, #[input] _order: &Order) -> Result<(), String> {
           |              ^^^^^^
    "#]];

    pivot_attempt_in_a_reference: r#"
        #[saga]
        impl Checkout {
            #[step(pivot, compensate = refund)]
            async fn charge_card(&self, _order: &Order) -> Result<Payment, String> {
                Ok(Payment)
            }

            async fn refund(&self, _payment: &Attempt<&Payment>) -> Result<(), String> {
                Ok(())
            }
        }
    "#, expect![[r#"
        error: `refund` undoes the pivot `charge_card`, which may have no output when it is in doubt: write `Attempt<&Payment>` here, or remove `compensate = refund`
         --> 8:38
          |
        8 |     async fn refund(&self, _payment: &Attempt<&Payment>) -> Result<(), String> {
          |                                      ^^^^^^^^^^^^^^^^^^
    "#]];

    pivot_compensation_of_another_step_too: r#"
        #[saga]
        impl Checkout {
            #[step(compensate = refund)]
            async fn charge_card(&self, _order: &Order) -> Result<Payment, String> {
                Ok(Payment)
            }

            #[step(pivot, compensate = refund)]
            async fn book_courier(&self, _payment: &Payment) -> Result<(), String> {
                Ok(())
            }

            async fn refund(&self, _payment: &Payment) -> Result<(), String> {
                Ok(())
            }
        }
    "#, expect![[r#"
        error: `refund` undoes step `charge_card` too, and the pivot `book_courier` needs a compensation that takes `saga_core::Attempt<&()>`: name a method of its own here, or remove `compensate = refund`
         --> 8:32
          |
        8 |     #[step(pivot, compensate = refund)]
          |                                ^^^^^^
    "#]];

    pivot_compensation_in_a_renamed_crate: r#"
        #[saga(crate = crate::sagas)]
        impl Checkout {
            #[step(pivot, compensate = refund)]
            async fn charge_card(&self, _order: &Order) -> Result<Payment, String> {
                Ok(Payment)
            }

            async fn refund(&self, _payment: &Payment) -> Result<(), String> {
                Ok(())
            }
        }
    "#, expect![[r#"
        error: `refund` undoes the pivot `charge_card`, which may have no output when it is in doubt: write `crate::sagas::Attempt<&Payment>` here, or remove `compensate = refund`
         --> 8:38
          |
        8 |     async fn refund(&self, _payment: &Payment) -> Result<(), String> {
          |                                      ^^^^^^^^
    "#]];

    pivot_compensation_beside_a_written_attempt: r#"
        #[saga]
        impl Checkout {
            #[step(compensate = release_stock)]
            async fn reserve_stock(&self, _order: &Order) -> Result<Reservation, String> {
                Ok(Reservation)
            }

            #[step(pivot, compensate = refund)]
            async fn charge_card(&self, _reservation: &Reservation) -> Result<Payment, String> {
                Ok(Payment)
            }

            async fn release_stock(&self, _reservation: core::Attempt<&Reservation>) -> Result<(), String> {
                Ok(())
            }

            async fn refund(&self, _payment: &Payment) -> Result<(), String> {
                Ok(())
            }
        }
    "#, expect![[r#"
        error: `refund` undoes the pivot `charge_card`, which may have no output when it is in doubt: write `core::Attempt<&Payment>` here, or remove `compensate = refund`
          --> 17:38
           |
        17 |     async fn refund(&self, _payment: &Payment) -> Result<(), String> {
           |                                      ^^^^^^^^
    "#]];
}
