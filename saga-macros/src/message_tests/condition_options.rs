//! `only_if`, and which methods can be conditions.

use expect_test::expect;

cases! {
    condition_a_path: r#"
        #[saga]
        impl Checkout {
            #[step(compensate = release_stock)]
            async fn reserve_stock(&self, _order: &Order) -> Result<Reservation, String> {
                Ok(Reservation)
            }

            #[step(only_if = Self::is_large, compensate = refund)]
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

            async fn refund(&self, _payment: &Payment) -> Result<(), String> {
                Ok(())
            }
        }
    "#, expect![[r#"
        error: step `charge_card`: `only_if` needs a name without a path: write `only_if = is_large`
         --> 8:22
          |
        8 |     #[step(only_if = Self::is_large, compensate = refund)]
          |                      ^^^^^^^^^^^^^^
    "#]];

    condition_a_text: r#"
        #[saga]
        impl Checkout {
            #[step(compensate = release_stock)]
            async fn reserve_stock(&self, _order: &Order) -> Result<Reservation, String> {
                Ok(Reservation)
            }

            #[step(only_if = "is_large", compensate = refund)]
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

            async fn refund(&self, _payment: &Payment) -> Result<(), String> {
                Ok(())
            }
        }
    "#, expect![[r#"
        error: step `charge_card`: `only_if` needs a name without quotes: write `only_if = is_large`
         --> 8:22
          |
        8 |     #[step(only_if = "is_large", compensate = refund)]
          |                      ^^^^^^^^^^
    "#]];

    condition_cfg: r#"
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

            #[cfg(unix)]
            fn is_large(&self, _reservation: &Reservation) -> bool {
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
        error: condition `is_large` of step `charge_card` is behind `#[cfg]`, which `#[saga]` cannot evaluate: put the `#[cfg]` inside its body
          --> 18:5
           |
        18 |     #[cfg(unix)]
           |     ^^^^^^^^^^^^
    "#]];

    condition_in_another_block: r#"
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

            async fn release_stock(&self, _reservation: &Reservation) -> Result<(), String> {
                Ok(())
            }

            async fn refund(&self, _payment: &Payment) -> Result<(), String> {
                Ok(())
            }
        }
    "#, expect![[r#"
        error: `is_large`, the condition of step `charge_card`, is not a method of this block, and must be one so that its parameters are known: write it here, or move it here from its other block: `fn is_large(&self, _reservation: &Reservation) -> bool`
         --> 8:22
          |
        8 |     #[step(only_if = is_large, compensate = refund)]
          |                      ^^^^^^^^
    "#]];

    condition_is_a_compensation: r#"
        #[saga]
        impl Checkout {
            #[step(compensate = release_stock)]
            async fn reserve_stock(&self, _order: &Order) -> Result<Reservation, String> {
                Ok(Reservation)
            }

            #[step(only_if = release_stock, compensate = refund)]
            async fn charge_card(&self, _reservation: &Reservation) -> Result<Payment, String> {
                Ok(Payment)
            }

            #[step(pivot)]
            async fn book_courier(&self, _payment: Option<&Payment>) -> Result<Tracking, String> {
                Ok(Tracking)
            }

            async fn release_stock(&self, _reservation: &Reservation) -> Result<(), String> {
                Ok(())
            }

            async fn refund(&self, _payment: &Payment) -> Result<(), String> {
                Ok(())
            }
        }
    "#, expect![[r#"
        error: `release_stock` is the compensation of step `reserve_stock`: name a method of its own as the condition of step `charge_card`, `fn name(&self, ..) -> bool`
         --> 8:22
          |
        8 |     #[step(only_if = release_stock, compensate = refund)]
          |                      ^^^^^^^^^^^^^
    "#]];

    condition_is_a_step: r#"
        #[saga]
        impl Checkout {
            #[step(compensate = release_stock)]
            async fn reserve_stock(&self, _order: &Order) -> Result<Reservation, String> {
                Ok(Reservation)
            }

            #[step(only_if = reserve_stock, compensate = refund)]
            async fn charge_card(&self, _reservation: &Reservation) -> Result<Payment, String> {
                Ok(Payment)
            }

            #[step(pivot)]
            async fn book_courier(&self, _payment: Option<&Payment>) -> Result<Tracking, String> {
                Ok(Tracking)
            }

            async fn release_stock(&self, _reservation: &Reservation) -> Result<(), String> {
                Ok(())
            }

            async fn refund(&self, _payment: &Payment) -> Result<(), String> {
                Ok(())
            }
        }
    "#, expect![[r#"
        error: `reserve_stock` is a step: name a method without `#[step]` as the condition of step `charge_card`, `fn name(&self, ..) -> bool`
         --> 8:22
          |
        8 |     #[step(only_if = reserve_stock, compensate = refund)]
          |                      ^^^^^^^^^^^^^
    "#]];

    condition_is_its_own_step: r#"
        #[saga]
        impl Checkout {
            #[step(compensate = release_stock)]
            async fn reserve_stock(&self, _order: &Order) -> Result<Reservation, String> {
                Ok(Reservation)
            }

            #[step(only_if = charge_card, compensate = refund)]
            async fn charge_card(&self, _reservation: &Reservation) -> Result<Payment, String> {
                Ok(Payment)
            }

            #[step(pivot)]
            async fn book_courier(&self, _payment: Option<&Payment>) -> Result<Tracking, String> {
                Ok(Tracking)
            }

            async fn release_stock(&self, _reservation: &Reservation) -> Result<(), String> {
                Ok(())
            }

            async fn refund(&self, _payment: &Payment) -> Result<(), String> {
                Ok(())
            }
        }
    "#, expect![[r#"
        error: step `charge_card` cannot be its own condition: name a method without `#[step]` in `only_if`, `fn name(&self, ..) -> bool`
         --> 8:22
          |
        8 |     #[step(only_if = charge_card, compensate = refund)]
          |                      ^^^^^^^^^^^
    "#]];

    condition_marked_receiver: r#"
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

            fn is_large(#[input] &self, _reservation: &Reservation) -> bool {
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
        error: condition `is_large`: `#[input]` marks a parameter, and `&self` is the service: remove `#[input]`
          --> 18:17
           |
        18 |     fn is_large(#[input] &self, _reservation: &Reservation) -> bool {
           |                 ^^^^^^^^
    "#]];

    condition_missing_but_marked: r#"
        #[saga]
        impl Trips {
            #[step(only_if = is_lnog, compensate = cancel_insurance)]
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

            fn is_long(&self, #[input] _trip: &Trip) -> bool {
                true
            }
        }
    "#, expect![[r#"
        error: `is_lnog`, the condition of step `insure`, is not a method of this block, and must be one so that its parameters are known: write `only_if = is_long`; or else write it here, or move it here from its other block: `fn is_lnog(&self, _trip: &Trip) -> bool`
         --> 3:22
          |
        3 |     #[step(only_if = is_lnog, compensate = cancel_insurance)]
          |                      ^^^^^^^
    "#]];

    condition_missing_nothing_similar: r#"
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

            async fn release_stock(&self, _reservation: &Reservation) -> Result<(), String> {
                Ok(())
            }

            async fn refund(&self, _payment: &Payment) -> Result<(), String> {
                Ok(())
            }
        }
    "#, expect![[r#"
        error: `is_large`, the condition of step `charge_card`, is not a method of this block, and must be one so that its parameters are known: write it here, or move it here from its other block: `fn is_large(&self, _reservation: &Reservation) -> bool`
         --> 8:22
          |
        8 |     #[step(only_if = is_large, compensate = refund)]
          |                      ^^^^^^^^
    "#]];

    condition_misspelt_option: r#"
        #[saga]
        impl Trips {
            #[step(onlyif = is_long, compensate = cancel_insurance)]
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

            fn is_long(&self, #[input] _trip: &Trip) -> bool {
                true
            }
        }
    "#, expect![[r#"
        error: step `insure`: `#[step]` has no option `onlyif`; did you mean `only_if`? The options are `compensate`, `readonly`, `no_compensation`, `pivot`, `retry`, `timeout`, `max_interruptions`, `in_doubt`, `at_most_once`, `parallel`, `only_if`, `name`, `sensitive`, `saga`, `on`
         --> 3:12
          |
        3 |     #[step(onlyif = is_long, compensate = cancel_insurance)]
          |            ^^^^^^
    "#]];

    condition_not_named: r#"
        #[saga]
        impl Checkout {
            #[step(compensate = release_stock)]
            async fn reserve_stock(&self, _order: &Order) -> Result<Reservation, String> {
                Ok(Reservation)
            }

            #[step(only_if, compensate = refund)]
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

            async fn refund(&self, _payment: &Payment) -> Result<(), String> {
                Ok(())
            }
        }
    "#, expect![[r#"
        error: step `charge_card`: `only_if` needs the name of a method, without quotes or a path: write `only_if = is_large`
         --> 8:12
          |
        8 |     #[step(only_if, compensate = refund)]
          |            ^^^^^^^
    "#]];

    condition_on_the_pivot: r#"
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

            #[step(pivot, only_if = is_paid)]
            async fn book_courier(&self, _payment: Option<&Payment>) -> Result<Tracking, String> {
                Ok(Tracking)
            }

            fn is_paid(&self, _payment: Option<&Payment>) -> bool {
                true
            }

            fn is_large(&self, _reservation: &Reservation) -> bool {
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
        error: step `book_courier` is the pivot, and `only_if` could skip it, which would leave open whether the saga can still be undone: remove `only_if = is_paid`, or `pivot`
          --> 13:19
           |
        13 |     #[step(pivot, only_if = is_paid)]
           |                   ^^^^^^^
    "#]];

    condition_with_policy: r#"
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

            #[compensation(timeout = "3s")]
            fn is_large(&self, _reservation: &Reservation) -> bool {
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
        error: `is_large` is the condition of step `charge_card`, and a condition has no policy: remove `#[compensation(..)]`
          --> 18:5
           |
        18 |     #[compensation(timeout = "3s")]
           |     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    "#]];

    condition_without_undo: r#"
        #[saga]
        impl Checkout {
            #[step(compensate = release_stock)]
            async fn reserve_stock(&self, _order: &Order) -> Result<Reservation, String> {
                Ok(Reservation)
            }

            #[step(only_if = is_large)]
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
        }
    "#, expect![[r#"
        error: step `charge_card` does not say how it is undone when a later step fails: write `#[step(only_if = is_large, compensate = method)]`; or in place of `compensate` write `readonly` if it changes nothing or `no_compensation = "reason"` if it cannot be undone
         --> 8:5
          |
        8 |     #[step(only_if = is_large)]
          |     ^^^^^^^^^^^^^^^^^^^^^^^^^^^
    "#]];

    condition_elsewhere_of_a_step_that_takes_values: r#"
        #[saga]
        impl Checkout {
            #[step(readonly, only_if = is_large)]
            async fn reserve_stock(&self, mut order: Order, #[sensitive] _card: &Card, _run: &StepContext) -> Result<Reservation, String> {
                Ok(Reservation)
            }

            #[step(pivot)]
            async fn charge_card(&self, _reservation: Option<&Reservation>) -> Result<Payment, String> {
                Ok(Payment)
            }
        }
    "#, expect![[r#"
        error: `is_large`, the condition of step `reserve_stock`, is not a method of this block, and must be one so that its parameters are known: write it here, or move it here from its other block: `fn is_large(&self, order: &Order, #[sensitive] _card: &Card, _run: &StepContext) -> bool`
         --> 3:32
          |
        3 |     #[step(readonly, only_if = is_large)]
          |                                ^^^^^^^^
    "#]];

    condition_elsewhere_of_a_step_after_a_condition: r#"
        #[saga]
        impl Checkout {
            #[step(readonly, only_if = is_large)]
            async fn reserve_stock(&self, _order: &Order) -> Result<Reservation, String> {
                Ok(Reservation)
            }

            #[step(only_if = is_reserved, readonly)]
            async fn charge_card(&self, reservation: Option<Reservation>, #[input] _order: &Order) -> Result<Payment, String> {
                Ok(Payment)
            }

            fn is_large(&self, _order: &Order) -> bool {
                true
            }
        }
    "#, expect![[r#"
        error: `is_reserved`, the condition of step `charge_card`, is not a method of this block, and must be one so that its parameters are known: write it here, or move it here from its other block: `fn is_reserved(&self, reservation: &Option<Reservation>, #[input] _order: &Order) -> bool`
         --> 8:22
          |
        8 |     #[step(only_if = is_reserved, readonly)]
          |                      ^^^^^^^^^^^
    "#]];
}
