//! Several mistakes in one block: all of them are reported.

use expect_test::expect;

cases! {
    several_conditions: r#"
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

            #[step(pivot, only_if = is_pad)]
            async fn book_courier(&self, _payment: Option<&Payment>) -> Result<Tracking, String> {
                Ok(Tracking)
            }

            async fn is_large(&self, _reservation: Reservation) -> Option<bool> {
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
        error: condition `is_large` of step `charge_card` is `async`, but a condition cannot wait: write `fn is_large(&self, _reservation: &Reservation) -> bool`, and load what it needs in a `readonly` step before it
          --> 18:5
           |
        18 |     async fn is_large(&self, _reservation: Reservation) -> Option<bool> {
           |     ^^^^^

        error: condition `is_large` of step `charge_card` takes a value by move, but a condition only borrows: write `&Reservation`
          --> 18:44
           |
        18 |     async fn is_large(&self, _reservation: Reservation) -> Option<bool> {
           |                                            ^^^^^^^^^^^

        error: step `book_courier` is the pivot, and `only_if` could skip it, which would leave open whether the saga can still be undone: remove `only_if = is_pad`, or `pivot`
          --> 13:19
           |
        13 |     #[step(pivot, only_if = is_pad)]
           |                   ^^^^^^^

        error: `is_pad`, the condition of step `book_courier`, is not a method of this block, and must be one so that its parameters are known: write it here, or move it here from its other block: `fn is_pad(&self, _payment: Option<&Payment>) -> bool`
          --> 13:29
           |
        13 |     #[step(pivot, only_if = is_pad)]
           |                             ^^^^^^
    "#]];

    several_group: r#"
        #[saga]
        impl Checkout {
            #[step(parallel = preparations, compensate = release_stock)]
            async fn reserve_stock(&self, _order: &Order) -> Result<Reservation, String> {
                Ok(Reservation)
            }

            #[step(parallel = preparations)]
            async fn check_card(&self, _order: &Order) -> Result<Payment, String> {
                Ok(Payment)
            }

            #[step(pivot)]
            async fn book_courier(&self, _reservation: &Reservation) -> Result<Tracking, String> {
                Ok(Tracking)
            }

            async fn release_stock(&self, _reservation: &Reservation) -> Result<(), String> {
                Ok(())
            }
        }
    "#, expect![[r#"
        error: step `book_courier` has 1 unmarked parameter, but gets 2 values from the group `preparations` (`&Reservation` of `reserve_stock`, `&Payment` of `check_card`): write `#[from(reserve_stock)] _reservation: &Reservation` for this one alone, or one parameter for each: `reserve_stock: &Reservation, check_card: &Payment`
          --> 14:48
           |
        14 |     async fn book_courier(&self, _reservation: &Reservation) -> Result<Tracking, String> {
           |                                                ^^^^^^^^^^^^

        error: step `check_card` does not say how it is undone when another member of the group `preparations`, or a later step, fails: write `#[step(parallel = preparations, compensate = method)]`; or in place of `compensate` write `readonly` if it changes nothing or `no_compensation = "reason"` if it cannot be undone
         --> 8:5
          |
        8 |     #[step(parallel = preparations)]
          |     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    "#]];

    several_signatures: r#"
        #[saga]
        impl Checkout {
            #[step(compensate = release_stock)]
            fn reserve_stock(&self, _order: &Order) -> Result<Reservation, String> {
                Ok(Reservation)
            }

            #[step(pivot)]
            async fn charge_card(&mut self, _reservation: &Reservation) -> Result<Payment, String> {
                Ok(Payment)
            }

            #[step]
            async fn send_receipt(_payment: &Payment) {}

            async fn release_stock<R>(&self, _reservation: &R) -> Result<(), String> {
                Ok(())
            }
        }
    "#, expect![[r#"
        error: step `reserve_stock` is not `async`: write `async fn reserve_stock(&self, _order: &Order) -> Result<Reservation, String>`
         --> 4:5
          |
        4 |     fn reserve_stock(&self, _order: &Order) -> Result<Reservation, String> {
          |     ^^

        error: step `charge_card` takes `&mut self`: write `async fn charge_card(&self, _reservation: &Reservation) -> Result<Payment, String>`
         --> 9:26
          |
        9 |     async fn charge_card(&mut self, _reservation: &Reservation) -> Result<Payment, String> {
          |                          ^^^^^^^^^

        error: step `send_receipt` does not take `&self`: write `async fn send_receipt(&self, _payment: &Payment) -> Result<(), E>`, with your error type for `E`
          --> 14:14
           |
        14 |     async fn send_receipt(_payment: &Payment) {}
           |              ^^^^^^^^^^^^

        error: step `send_receipt` returns nothing: write `async fn send_receipt(&self, _payment: &Payment) -> Result<(), E>`, with your error type for `E`
          --> 14:14
           |
        14 |     async fn send_receipt(_payment: &Payment) {}
           |              ^^^^^^^^^^^^

        error: compensation `release_stock` is generic, but the saga cannot infer which type `R` is: write `async fn release_stock(&self, _reservation: &R) -> Result<(), String>`, with a concrete type for `R`; or if the service has the parameter too, put it on the impl block
          --> 16:28
           |
        16 |     async fn release_stock<R>(&self, _reservation: &R) -> Result<(), String> {
           |                            ^
    "#]];

    several_steps: r#"
        #[saga]
        impl Checkout {
            #[step]
            async fn reserve_stock(&self, _order: &Order) -> Result<Reservation, String> {
                Ok(Reservation)
            }

            #[step(pivot)]
            async fn charge_card(&self, #[from(book_courier)] _tracking: &u32) -> Result<Payment, String> {
                Ok(Payment)
            }

            #[step(pivot)]
            async fn book_courier(&self, #[from(charge_cart)] _payment: &Payment) -> Result<u32, String> {
                Ok(7)
            }
        }
    "#, expect![[r#"
        error: step `charge_card`: `book_courier` comes after it, so it has no output yet: write `#[from(reserve_stock)]`
         --> 9:40
          |
        9 |     async fn charge_card(&self, #[from(book_courier)] _tracking: &u32) -> Result<Payment, String> {
          |                                        ^^^^^^^^^^^^

        error: step `book_courier`: `#[from(charge_cart)]` names no step of this saga: write `#[from(charge_card)]`
          --> 14:41
           |
        14 |     async fn book_courier(&self, #[from(charge_cart)] _payment: &Payment) -> Result<u32, String> {
           |                                         ^^^^^^^^^^^

        error: step `book_courier` is a second pivot: step `charge_card` already is the point of no return; remove `pivot` from one of them, steps after a pivot do not need it
          --> 13:12
           |
        13 |     #[step(pivot)]
           |            ^^^^^

        error: step `reserve_stock` does not say how it is undone when a later step fails: write `#[step(compensate = method)]`; or in place of `compensate` write `readonly` if it changes nothing, `no_compensation = "reason"` if it cannot be undone, or `pivot` if there is no way back after it
         --> 3:5
          |
        3 |     #[step]
          |     ^^^^^^^
    "#]];

    several_option_missing_equals_keeps_the_others: r#"
        #[saga]
        impl Checkout {
            #[step(timeout: "3s", compensate = refund, retires = 3)]
            async fn charge_card(&self, _order: &Order) -> Result<Payment, String> {
                lookup()
            }

            #[step]
            async fn book_courier(&self, _payment: &Payment) -> Result<Tracking, String> {
                Ok(Tracking)
            }

            async fn refund(&self, _payment: &Payment) -> Result<(), String> {
                Ok(())
            }
        }
    "#, expect![[r#"
        error: step `charge_card`: the value of `timeout` stands after `=`: write `timeout = "3s"` in place of `:`
         --> 3:19
          |
        3 |     #[step(timeout: "3s", compensate = refund, retires = 3)]
          |                   ^

        error: step `charge_card`: `#[step]` has no option `retires`; it has `compensate`, `readonly`, `no_compensation`, `pivot`, `retry`, `timeout`, `max_interruptions`, `in_doubt`, `at_most_once`, `parallel`, `only_if`, `name`, `sensitive`, `saga`, `on`
         --> 3:48
          |
        3 |     #[step(timeout: "3s", compensate = refund, retires = 3)]
          |                                                ^^^^^^^
    "#]];

    several_option_misspelt_and_no_undo: r#"
        #[saga]
        impl Checkout {
            #[step(retries = 3)]
            async fn charge_card(&self, _order: &Order) -> Result<Payment, String> {
                lookup()
            }

            #[step]
            async fn book_courier(&self, _payment: &Payment) -> Result<Tracking, String> {
                Ok(Tracking)
            }
        }
    "#, expect![[r#"
        error: step `charge_card`: `#[step]` has no option `retries`; write `retry(attempts = 4)`: the first attempt counts too
         --> 3:12
          |
        3 |     #[step(retries = 3)]
          |            ^^^^^^^

        error: step `charge_card` does not say how it is undone when a later step fails: write `#[step(retries = 3, compensate = method)]`; or in place of `compensate` write `readonly` if it changes nothing, `no_compensation = "reason"` if it cannot be undone, or `pivot` if there is no way back after it
         --> 3:5
          |
        3 |     #[step(retries = 3)]
          |     ^^^^^^^^^^^^^^^^^^^^
    "#]];
}
