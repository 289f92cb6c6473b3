//! What steps take: `#[from(..)]`, `#[input]`, and tuples.

use expect_test::expect;

cases! {
    from_a_compensation: r#"
        #[saga]
        impl Checkout {
            #[step(compensate = release_stock)]
            async fn reserve_stock(&self, _order: &Order) -> Result<Reservation, String> {
                Ok(Reservation)
            }

            #[step(pivot)]
            async fn charge_card(&self, #[from(release_stock)] _nothing: &()) -> Result<Payment, String> {
                Ok(Payment)
            }

            async fn release_stock(&self, _reservation: &Reservation) -> Result<(), String> {
                Ok(())
            }
        }
    "#, expect![[r#"
        error: step `charge_card`: `#[from(release_stock)]` names no step of this saga: write `#[from(reserve_stock)]`
         --> 9:40
          |
        9 |     async fn charge_card(&self, #[from(release_stock)] _nothing: &()) -> Result<Payment, String> {
          |                                        ^^^^^^^^^^^^^
    "#]];

    from_and_input: r#"
        #[saga]
        impl Checkout {
            #[step(readonly)]
            async fn check_card(&self, _order: &Order) -> Result<Payment, String> {
                Ok(Payment)
            }

            #[step(pivot)]
            async fn book_courier(&self, #[from(check_card)] #[input] _payment: &Payment) -> Result<Tracking, String> {
                Ok(Tracking)
            }
        }
    "#, expect![[r#"
        error: a parameter of `book_courier` has both `#[from(check_card)]` and `#[input]`, but takes only one value: remove one of them
         --> 9:54
          |
        9 |     async fn book_courier(&self, #[from(check_card)] #[input] _payment: &Payment) -> Result<Tracking, String> {
          |                                                      ^^^^^^^^
    "#]];

    from_itself: r#"
        #[saga]
        impl Checkout {
            #[step(readonly)]
            async fn check_card(&self, _order: &Order) -> Result<Payment, String> {
                Ok(Payment)
            }

            #[step(pivot)]
            async fn book_courier(&self, #[from(book_courier)] _tracking: &Tracking) -> Result<Tracking, String> {
                Ok(Tracking)
            }
        }
    "#, expect![[r#"
        error: step `book_courier`: a step cannot take its own output: write `#[from(check_card)]`
         --> 9:41
          |
        9 |     async fn book_courier(&self, #[from(book_courier)] _tracking: &Tracking) -> Result<Tracking, String> {
          |                                         ^^^^^^^^^^^^
    "#]];

    from_later_step: r#"
        #[saga]
        impl Checkout {
            #[step(readonly)]
            async fn check_card(&self, #[from(book_courier)] _tracking: &Tracking) -> Result<Payment, String> {
                Ok(Payment)
            }

            #[step(pivot)]
            async fn book_courier(&self, _payment: &Payment) -> Result<Tracking, String> {
                Ok(Tracking)
            }
        }
    "#, expect![[r#"
        error: step `check_card`: `book_courier` comes after it, so it has no output yet: remove `#[from(book_courier)]`, or write `#[input]` for the saga's input
         --> 4:39
          |
        4 |     async fn check_card(&self, #[from(book_courier)] _tracking: &Tracking) -> Result<Payment, String> {
          |                                       ^^^^^^^^^^^^
    "#]];

    from_without_argument: r#"
        #[saga]
        impl Checkout {
            #[step(readonly)]
            async fn check_card(&self, _order: &Order) -> Result<Payment, String> {
                Ok(Payment)
            }

            #[step(pivot)]
            async fn book_courier(&self, #[from] _payment: &Payment) -> Result<Tracking, String> {
                Ok(Tracking)
            }
        }
    "#, expect![[r#"
        error: step `book_courier`: `#[from]` needs the name of a step: write `#[from(check_card)]`
         --> 9:34
          |
        9 |     async fn book_courier(&self, #[from] _payment: &Payment) -> Result<Tracking, String> {
          |                                  ^^^^^^^
    "#]];

    input_on_self_of_compensation: r#"
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

            async fn refund(#[sensitive] &self, _payment: Attempt<&Payment>) -> Result<(), String> {
                Ok(())
            }

            async fn release_stock(&self, _reservation: &Reservation) -> Result<(), String> {
                Ok(())
            }
        }
    "#, expect![[r#"
        error: compensation `refund`: `#[sensitive]` marks a parameter, and `&self` is the service: remove `#[sensitive]`
          --> 13:21
           |
        13 |     async fn refund(#[sensitive] &self, _payment: Attempt<&Payment>) -> Result<(), String> {
           |                     ^^^^^^^^^^^^
    "#]];

    input_with_argument: r#"
        #[saga]
        impl Checkout {
            #[step(readonly)]
            async fn check_card(&self, _order: &Order) -> Result<Payment, String> {
                Ok(Payment)
            }

            #[step(pivot)]
            async fn book_courier(&self, #[input(order)] _order: &Order) -> Result<Tracking, String> {
                Ok(Tracking)
            }
        }
    "#, expect![[r#"
        error: step `book_courier`: `#[input]` takes no argument: write `#[input]`
         --> 9:34
          |
        9 |     async fn book_courier(&self, #[input(order)] _order: &Order) -> Result<Tracking, String> {
          |                                  ^^^^^^^^^^^^^^^
    "#]];

    tuple_forgotten_from: r#"
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
            async fn ship(&self, _payment: &Payment, _reservation: &Reservation) -> Result<(), String> {
                Ok(())
            }

            async fn release(&self, _reservation: &Reservation) -> Result<(), String> {
                Ok(())
            }

            async fn refund(&self, _payment: &Payment) -> Result<(), String> {
                Ok(())
            }
        }
    "#, expect![[r#"
        error: step `ship` has 2 unmarked parameters, but gets one value, the `Payment` of `charge_card`: write `#[from(reserve_stock)] _reservation: &Reservation`
          --> 14:60
           |
        14 |     async fn ship(&self, _payment: &Payment, _reservation: &Reservation) -> Result<(), String> {
           |                                                            ^^^^^^^^^^^^
    "#]];

    tuple_forgotten_input_in_compensation: r#"
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

            async fn refund(&self, _payment: &Payment, _order: &Order) -> Result<(), String> {
                Ok(())
            }
        }
    "#, expect![[r#"
        error: compensation `refund` has 2 unmarked parameters, but gets one value, the `Payment` of `charge_card`: write `#[input] _order: &Order`
          --> 22:56
           |
        22 |     async fn refund(&self, _payment: &Payment, _order: &Order) -> Result<(), String> {
           |                                                        ^^^^^^
    "#]];

    tuple_unknown_parameter_beside_the_output: r#"
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
            async fn ship(&self, _payment: &Payment, _city: &str) -> Result<(), String> {
                Ok(())
            }

            async fn release(&self, _reservation: &Reservation) -> Result<(), String> {
                Ok(())
            }

            async fn refund(&self, _payment: &Payment) -> Result<(), String> {
                Ok(())
            }
        }
    "#, expect![[r#"
        error: step `ship` has 2 unmarked parameters, but gets one value, the `Payment` of `charge_card`: remove `_city: &str`, or write `#[input]` or `#[from(step)]` before it
          --> 14:53
           |
        14 |     async fn ship(&self, _payment: &Payment, _city: &str) -> Result<(), String> {
           |                                                     ^^^^
    "#]];
}
