//! What conditions, and the compensations of steps that have one, take.

use expect_test::expect;

cases! {
    condition_forgotten_input: r#"
        #[saga]
        impl Trips {
            #[step(only_if = is_long, compensate = cancel_insurance)]
            async fn insure(&self, _trip: &Trip) -> Result<Insurance, String> {
                Ok(Insurance)
            }

            #[step(pivot)]
            async fn pay(&self, _insurance: Option<&Insurance>, _trip: &Trip) -> Result<Ticket, String> {
                Ok(Ticket)
            }

            async fn cancel_insurance(&self, _insurance: &Insurance) -> Result<(), String> {
                Ok(())
            }

            fn is_long(&self, _trip: &Trip) -> bool {
                true
            }
        }
    "#, expect![[r#"
        error: step `pay` has 2 unmarked parameters, but gets one value, the `Insurance` of `insure`: write `#[input] _trip: &Trip`
         --> 9:64
          |
        9 |     async fn pay(&self, _insurance: Option<&Insurance>, _trip: &Trip) -> Result<Ticket, String> {
          |                                                                ^^^^^
    "#]];

    condition_from_a_later_step: r#"
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

            fn is_large(&self, #[from(book_courier)] _tracking: &Tracking) -> bool {
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
        error: condition of step `charge_card`: `book_courier` comes after it, so it has no output yet: write `#[from(reserve_stock)]`
          --> 18:31
           |
        18 |     fn is_large(&self, #[from(book_courier)] _tracking: &Tracking) -> bool {
           |                               ^^^^^^^^^^^^
    "#]];

    condition_from_its_own_step: r#"
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

            fn is_large(&self, #[from(charge_card)] _payment: &Payment) -> bool {
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
        error: condition of step `charge_card`: a step cannot take its own output: write `#[from(reserve_stock)]`
          --> 18:31
           |
        18 |     fn is_large(&self, #[from(charge_card)] _payment: &Payment) -> bool {
           |                               ^^^^^^^^^^^
    "#]];

    condition_from_no_step: r#"
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

            fn is_large(&self, #[from(reserve_stok)] _reservation: &Reservation) -> bool {
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
        error: condition of step `charge_card`: `#[from(reserve_stok)]` names no step of this saga: write `#[from(reserve_stock)]`
          --> 18:31
           |
        18 |     fn is_large(&self, #[from(reserve_stok)] _reservation: &Reservation) -> bool {
           |                               ^^^^^^^^^^^^
    "#]];

    condition_of_two_steps_from_no_step: r#"
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

            fn is_long(&self, #[from(look_up)] _car: &Car) -> bool {
                true
            }
        }
    "#, expect![[r#"
        error: condition of step `insure`: `#[from(look_up)]` names no step of this saga: remove `#[from(look_up)]`, or write `#[input]` for the saga's input
          --> 13:30
           |
        13 |     fn is_long(&self, #[from(look_up)] _car: &Car) -> bool {
           |                              ^^^^^^^
    "#]];

    condition_own_compensation_takes_a_reference_to_an_option: r#"
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

            fn is_large(&self, _reservation: &Reservation) -> bool {
                true
            }

            async fn release_stock(&self, _reservation: &Reservation) -> Result<(), String> {
                Ok(())
            }

            async fn refund(&self, _payment: &Option<Payment>) -> Result<(), String> {
                Ok(())
            }
        }
    "#, expect![[r#"
        error: compensation `refund` runs only if step `charge_card` has run, so there is an output: write `&Payment`
          --> 26:38
           |
        26 |     async fn refund(&self, _payment: &Option<Payment>) -> Result<(), String> {
           |                                      ^^^^^^^^^^^^^^^^
    "#]];

    condition_own_compensation_takes_an_attempt_of_an_option: r#"
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

            fn is_large(&self, _reservation: &Reservation) -> bool {
                true
            }

            async fn release_stock(&self, _reservation: &Reservation) -> Result<(), String> {
                Ok(())
            }

            async fn refund(&self, _payment: Attempt<Option<&Payment>>) -> Result<(), String> {
                Ok(())
            }
        }
    "#, expect![[r#"
        error: compensation `refund` must take the output by reference: write `Attempt<&Payment>`
          --> 26:46
           |
        26 |     async fn refund(&self, _payment: Attempt<Option<&Payment>>) -> Result<(), String> {
           |                                              ^^^^^^^^^^^^^^^^
    "#]];

    condition_spread: r#"
        #[saga]
        impl Checkout {
            #[step(compensate = release_stock)]
            async fn reserve_stock(&self, _order: &Order) -> Result<Reservation, String> {
                Ok(Reservation)
            }

            #[step(only_if = is_large, compensate = refund)]
            async fn charge_card(&self, _reservation: &Reservation) -> Result<(Payment, Receipt), String> {
                Ok((Payment, Receipt))
            }

            #[step(pivot)]
            async fn book_courier(
                &self,
                _payment: &Payment,
                _receipt: &Receipt,
            ) -> Result<Tracking, String> {
                Ok(Tracking)
            }

            fn is_large(&self, _reservation: &Reservation) -> bool {
                true
            }

            async fn release_stock(&self, _reservation: &Reservation) -> Result<(), String> {
                Ok(())
            }

            async fn refund(&self, _payment: &Payment, _receipt: &Receipt) -> Result<(), String> {
                Ok(())
            }
        }
    "#, expect![[r#"
        error: step `book_courier` takes 2 values of step `charge_card`, which has `only_if`, so there may be no output to split: take it whole, as one parameter of type `Option<&(Payment, Receipt)>`
          --> 16:19
           |
        16 |         _payment: &Payment,
           |                   ^^^^^^^^
    "#]];

    condition_spread_in_a_condition: r#"
        #[saga]
        impl Checkout {
            #[step(compensate = release_stock)]
            async fn reserve_stock(&self, _order: &Order) -> Result<Reservation, String> {
                Ok(Reservation)
            }

            #[step(only_if = is_large, compensate = refund)]
            async fn charge_card(&self, _reservation: &Reservation) -> Result<(Payment, Receipt), String> {
                Ok((Payment, Receipt))
            }

            #[step(readonly, only_if = is_paid)]
            async fn find_receipt(&self) -> Result<u64, String> {
                Ok(7)
            }

            #[step(pivot)]
            async fn book_courier(&self, _receipt: Option<&u64>) -> Result<Tracking, String> {
                Ok(Tracking)
            }

            fn is_large(&self, _reservation: &Reservation) -> bool {
                true
            }

            async fn release_stock(&self, _reservation: &Reservation) -> Result<(), String> {
                Ok(())
            }

            fn is_paid(&self, _payment: &Payment, _receipt: &Receipt) -> bool {
                true
            }

            async fn refund(&self, _payment: &Payment, _receipt: &Receipt) -> Result<(), String> {
                Ok(())
            }
        }
    "#, expect![[r#"
        error: condition `is_paid` takes 2 values of step `charge_card`, which has `only_if`, so there may be no output to split: take it whole, as one parameter of type `Option<&(Payment, Receipt)>`
          --> 31:33
           |
        31 |     fn is_paid(&self, _payment: &Payment, _receipt: &Receipt) -> bool {
           |                                 ^^^^^^^^
    "#]];

    condition_mut_parameter_of_a_marked_value: r#"
        #[saga]
        impl Checkout {
            #[step(readonly, only_if = is_large)]
            async fn reserve_stock(&self, _order: &Order) -> Result<Reservation, String> {
                Ok(Reservation)
            }

            #[step(pivot)]
            async fn charge_card(&self, _reservation: Option<&Reservation>) -> Result<Payment, String> {
                Ok(Payment)
            }

            fn is_large(&self, #[input] _order: &mut Order) -> bool {
                true
            }
        }
    "#, expect![[r#"
        error: condition `is_large` of step `reserve_stock` takes `&mut Order`, but a condition only reads: write `&Order`
          --> 13:41
           |
        13 |     fn is_large(&self, #[input] _order: &mut Order) -> bool {
           |                                         ^^^^^^^^^^
    "#]];
}
