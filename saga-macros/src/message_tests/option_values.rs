//! Options with a value that is wrong.

use expect_test::expect;

cases! {
    option_a_text: r#"
        #[saga]
        impl Checkout {
            #[step("pivot")]
            async fn charge_card(&self, _order: &Order) -> Result<Payment, String> {
                Ok(Payment)
            }
        }
    "#, expect![[r#"
        error: step `charge_card`: an option begins with its name, without quotes: write it like `pivot` or `timeout = "3s"`
         --> 3:12
          |
        3 |     #[step("pivot")]
          |            ^^^^^^^
    "#]];

    option_at_most_once_of_a_compensation: r#"
        #[saga]
        impl Trips {
            #[step(compensate = cancel_hotel)]
            async fn book_hotel(&self, _trip: &Trip) -> Result<Hotel, String> {
                Ok(Hotel)
            }

            #[step(pivot)]
            async fn pay(&self, _hotel: &Hotel) -> Result<Ticket, String> {
                Ok(Ticket)
            }

            #[compensation(at_most_once)]
            async fn cancel_hotel(&self, _hotel: &Hotel) -> Result<(), String> {
                Ok(())
            }
        }
    "#, expect![[r#"
        error: compensation `cancel_hotel`: `#[compensation]` has no option `at_most_once`; it has `retry`, `timeout`, `max_interruptions`
          --> 13:20
           |
        13 |     #[compensation(at_most_once)]
           |                    ^^^^^^^^^^^^
    "#]];

    option_at_most_once_with_a_value: r#"
        #[saga]
        impl Checkout {
            #[step(compensate = release_stock, at_most_once = 3)]
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

            async fn refund(&self, _payment: &Payment) -> Result<(), String> {
                Ok(())
            }
        }
    "#, expect![[r#"
        error: step `reserve_stock`: `at_most_once` takes no value: write `at_most_once` alone
         --> 3:40
          |
        3 |     #[step(compensate = release_stock, at_most_once = 3)]
          |                                        ^^^^^^^^^^^^
    "#]];

    option_at_most_once_with_readonly: r#"
        #[saga]
        impl Checkout {
            #[step(parallel = preparations, compensate = release_stock)]
            async fn reserve_stock(&self, _order: &Order) -> Result<Reservation, String> {
                Ok(Reservation)
            }

            #[step(parallel = preparations, readonly, at_most_once)]
            async fn check_card(&self, _order: &Order) -> Result<Payment, String> {
                Ok(Payment)
            }

            #[step(pivot)]
            async fn book_courier(
                &self,
                _reservation: &Reservation,
                _payment: &Payment,
            ) -> Result<Tracking, String> {
                Ok(Tracking)
            }

            async fn release_stock(&self, _reservation: &Reservation) -> Result<(), String> {
                Ok(())
            }
        }
    "#, expect![[r#"
        error: step `check_card` is `readonly`, so it is never in doubt, and `at_most_once` is only for steps that can be: remove `at_most_once`
         --> 8:47
          |
        8 |     #[step(parallel = preparations, readonly, at_most_once)]
          |                                               ^^^^^^^^^^^^
    "#]];

    option_attempts_twice: r#"
        #[saga]
        impl Checkout {
            #[step(pivot, retry(attempts = 3), attempts = 3)]
            async fn charge_card(&self, _order: &Order) -> Result<Payment, String> {
                Ok(Payment)
            }
        }
    "#, expect![[r#"
        error: step `charge_card`: `#[step]` has no option `attempts`, and `retry(..)` has it already: remove `attempts`
         --> 3:40
          |
        3 |     #[step(pivot, retry(attempts = 3), attempts = 3)]
          |                                        ^^^^^^^^
    "#]];

    option_compensate_without_method: r#"
        #[saga]
        impl Checkout {
            #[step(compensate)]
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
        error: step `reserve_stock`: `compensate` needs the name of a method, without quotes or a path: write `compensate = release_stock`
         --> 3:12
          |
        3 |     #[step(compensate)]
          |            ^^^^^^^^^^
    "#]];

    option_compensation_timeout_zero: r#"
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

            #[compensation(timeout = "0s")]
            async fn release_stock(&self, _reservation: &Reservation) -> Result<(), String> {
                Ok(())
            }
        }
    "#, expect![[r#"
        error: compensation `release_stock`: a duration cannot be zero: write a longer one, such as "250ms", or leave the option out
          --> 13:30
           |
        13 |     #[compensation(timeout = "0s")]
           |                              ^^^^
    "#]];

    option_flag_with_value: r#"
        #[saga]
        impl Checkout {
            #[step(pivot = true)]
            async fn charge_card(&self, _order: &Order) -> Result<Payment, String> {
                Ok(Payment)
            }
        }
    "#, expect![[r#"
        error: step `charge_card`: `pivot` takes no value: write `pivot` alone
         --> 3:12
          |
        3 |     #[step(pivot = true)]
          |            ^^^^^
    "#]];

    option_in_doubt_a_closure: r#"
        #[saga]
        impl Checkout {
            #[step(pivot, in_doubt = |error| error == "lost")]
            async fn charge_card(&self, _order: &Order) -> Result<Payment, String> {
                Ok(Payment)
            }
        }
    "#, expect![[r#"
        error: step `charge_card`: `in_doubt` needs the name of a function: write `in_doubt = is_lost`, and outside of the block `fn is_lost(error: &String) -> bool`
         --> 3:30
          |
        3 |     #[step(pivot, in_doubt = |error| error == "lost")]
          |                              ^^^^^^^^^^^^^^^^^^^^^^^
    "#]];

    option_max_interruptions_not_a_number: r#"
        #[saga]
        impl Checkout {
            #[step(parallel = preparations, compensate = release_stock)]
            async fn reserve_stock(&self, _order: &Order) -> Result<Reservation, String> {
                Ok(Reservation)
            }

            #[step(parallel = preparations, readonly, max_interruptions = "twice")]
            async fn check_card(&self, _order: &Order) -> Result<Payment, String> {
                Ok(Payment)
            }

            #[step(pivot)]
            async fn book_courier(
                &self,
                _reservation: &Reservation,
                _payment: &Payment,
            ) -> Result<Tracking, String> {
                Ok(Tracking)
            }

            async fn release_stock(&self, _reservation: &Reservation) -> Result<(), String> {
                Ok(())
            }
        }
    "#, expect![[r#"
        error: step `check_card`: `max_interruptions` needs the number of crashes after which the call is still repeated: write `max_interruptions = 2`
         --> 8:67
          |
        8 |     #[step(parallel = preparations, readonly, max_interruptions = "twice")]
          |                                                                   ^^^^^^^
    "#]];

    option_max_interruptions_too_large: r#"
        #[saga]
        impl Checkout {
            #[step(parallel = preparations, compensate = release_stock)]
            async fn reserve_stock(&self, _order: &Order) -> Result<Reservation, String> {
                Ok(Reservation)
            }

            #[step(parallel = preparations, readonly)]
            async fn check_card(&self, _order: &Order) -> Result<Payment, String> {
                Ok(Payment)
            }

            #[step(pivot, max_interruptions = 4294967296)]
            async fn book_courier(
                &self,
                _reservation: &Reservation,
                _payment: &Payment,
            ) -> Result<Tracking, String> {
                Ok(Tracking)
            }

            async fn release_stock(&self, _reservation: &Reservation) -> Result<(), String> {
                Ok(())
            }
        }
    "#, expect![[r#"
        error: step `book_courier`: `max_interruptions` is too large: write a whole number from 0 to 4294967295
          --> 13:39
           |
        13 |     #[step(pivot, max_interruptions = 4294967296)]
           |                                       ^^^^^^^^^^
    "#]];

    option_max_interruptions_with_at_most_once: r#"
        #[saga]
        impl Checkout {
            #[step(parallel = preparations, compensate = release_stock)]
            async fn reserve_stock(&self, _order: &Order) -> Result<Reservation, String> {
                Ok(Reservation)
            }

            #[step(parallel = preparations, no_compensation = "a hold expires", at_most_once, max_interruptions = 2)]
            async fn check_card(&self, _order: &Order) -> Result<Payment, String> {
                Ok(Payment)
            }

            #[step(pivot)]
            async fn book_courier(
                &self,
                _reservation: &Reservation,
                _payment: &Payment,
            ) -> Result<Tracking, String> {
                Ok(Tracking)
            }

            async fn release_stock(&self, _reservation: &Reservation) -> Result<(), String> {
                Ok(())
            }
        }
    "#, expect![[r#"
        error: step `check_card` is `at_most_once`, so it never runs again after an interruption: remove `max_interruptions`
         --> 8:87
          |
        8 |     #[step(parallel = preparations, no_compensation = "a hold expires", at_most_once, max_interruptions = 2)]
          |                                                                                       ^^^^^^^^^^^^^^^^^
    "#]];

    option_name_empty: r#"
        #[saga]
        impl Checkout {
            #[step(pivot, name = "")]
            async fn charge_card(&self, _order: &Order) -> Result<Payment, String> {
                Ok(Payment)
            }
        }
    "#, expect![[r#"
        error: step `charge_card`: the name is empty: write `name = "charge-card"`, or remove `name`
         --> 3:26
          |
        3 |     #[step(pivot, name = "")]
          |                          ^^
    "#]];

    option_name_not_a_text: r#"
        #[saga]
        impl Checkout {
            #[step(pivot, name = charge)]
            async fn charge_card(&self, _order: &Order) -> Result<Payment, String> {
                Ok(Payment)
            }
        }
    "#, expect![[r#"
        error: step `charge_card`: `name` needs a text in quotes: write `name = "charge-card"`
         --> 3:26
          |
        3 |     #[step(pivot, name = charge)]
          |                          ^^^^^^
    "#]];

    option_name_with_slash: r#"
        #[saga]
        impl Checkout {
            #[step(pivot, name = "cards/charge")]
            async fn charge_card(&self, _order: &Order) -> Result<Payment, String> {
                Ok(Payment)
            }
        }
    "#, expect![[r#"
        error: step `charge_card`: `cards/charge` cannot be a name in reports and idempotency keys, which may contain only letters, digits, `_`, `-` and `.`: write `name = "cards-charge"`
         --> 3:26
          |
        3 |     #[step(pivot, name = "cards/charge")]
          |                          ^^^^^^^^^^^^^^
    "#]];

    option_parallel_a_text: r#"
        #[saga]
        impl Checkout {
            #[step(parallel = preparations, compensate = release_stock)]
            async fn reserve_stock(&self, _order: &Order) -> Result<Reservation, String> {
                Ok(Reservation)
            }

            #[step(parallel = "preparations", readonly)]
            async fn check_card(&self, _order: &Order) -> Result<Payment, String> {
                Ok(Payment)
            }

            #[step(pivot)]
            async fn book_courier(
                &self,
                _reservation: &Reservation,
                _payment: &Payment,
            ) -> Result<Tracking, String> {
                Ok(Tracking)
            }

            async fn release_stock(&self, _reservation: &Reservation) -> Result<(), String> {
                Ok(())
            }
        }
    "#, expect![[r#"
        error: step `check_card`: `parallel` needs a name without quotes: write `parallel = preparations`
         --> 8:23
          |
        8 |     #[step(parallel = "preparations", readonly)]
          |                       ^^^^^^^^^^^^^^
    "#]];

    option_parallel_bare: r#"
        #[saga]
        impl Checkout {
            #[step(parallel = preparations, compensate = release_stock)]
            async fn reserve_stock(&self, _order: &Order) -> Result<Reservation, String> {
                Ok(Reservation)
            }

            #[step(parallel, readonly)]
            async fn check_card(&self, _order: &Order) -> Result<Payment, String> {
                Ok(Payment)
            }

            #[step(pivot)]
            async fn book_courier(
                &self,
                _reservation: &Reservation,
                _payment: &Payment,
            ) -> Result<Tracking, String> {
                Ok(Tracking)
            }

            async fn release_stock(&self, _reservation: &Reservation) -> Result<(), String> {
                Ok(())
            }
        }
    "#, expect![[r#"
        error: step `check_card`: `parallel` needs a name for the group, without quotes: write `parallel = bookings` on each of the neighbouring steps that run at the same time
         --> 8:12
          |
        8 |     #[step(parallel, readonly)]
          |            ^^^^^^^^
    "#]];

    option_parallel_with_parentheses: r#"
        #[saga]
        impl Checkout {
            #[step(parallel = preparations, compensate = release_stock)]
            async fn reserve_stock(&self, _order: &Order) -> Result<Reservation, String> {
                Ok(Reservation)
            }

            #[step(parallel(preparations), readonly)]
            async fn check_card(&self, _order: &Order) -> Result<Payment, String> {
                Ok(Payment)
            }

            #[step(pivot)]
            async fn book_courier(
                &self,
                _reservation: &Reservation,
                _payment: &Payment,
            ) -> Result<Tracking, String> {
                Ok(Tracking)
            }

            async fn release_stock(&self, _reservation: &Reservation) -> Result<(), String> {
                Ok(())
            }
        }
    "#, expect![[r#"
        error: step `check_card`: the value of `parallel` stands after `=`: write `parallel = preparations`
         --> 8:12
          |
        8 |     #[step(parallel(preparations), readonly)]
          |            ^^^^^^^^
    "#]];

    option_reason_empty: r#"
        #[saga]
        impl Checkout {
            #[step(no_compensation = " ")]
            async fn check_card(&self, _order: &Order) -> Result<Payment, String> {
                Ok(Payment)
            }

            #[step(pivot)]
            async fn book_courier(&self, _payment: &Payment) -> Result<Tracking, String> {
                Ok(Tracking)
            }
        }
    "#, expect![[r#"
        error: step `check_card` has an empty `no_compensation`, but every report shows the reason: say why the step cannot be undone, as in `no_compensation = "a mail cannot be unsent"`
         --> 3:30
          |
        3 |     #[step(no_compensation = " ")]
          |                              ^^^
    "#]];

    option_reason_missing: r#"
        #[saga]
        impl Checkout {
            #[step(no_compensation)]
            async fn check_card(&self, _order: &Order) -> Result<Payment, String> {
                Ok(Payment)
            }

            #[step(pivot)]
            async fn book_courier(&self, _payment: &Payment) -> Result<Tracking, String> {
                Ok(Tracking)
            }
        }
    "#, expect![[r#"
        error: step `check_card`: `no_compensation` needs the reason in quotes: write `no_compensation = "a mail cannot be unsent"`
         --> 3:12
          |
        3 |     #[step(no_compensation)]
          |            ^^^^^^^^^^^^^^^
    "#]];

    option_step_equals: r#"
        #[saga]
        impl Checkout {
            #[step = "pivot"]
            async fn charge_card(&self, _order: &Order) -> Result<Payment, String> {
                Ok(Payment)
            }
        }
    "#, expect![[r#"
        error: step `charge_card`: the options of `#[step]` belong in parentheses: write `#[step(pivot)]`
         --> 3:7
          |
        3 |     #[step = "pivot"]
          |       ^^^^^^^^^^^^^^
    "#]];

    option_timeout_a_number: r#"
        #[saga]
        impl Checkout {
            #[step(pivot, timeout = 3)]
            async fn charge_card(&self, _order: &Order) -> Result<Payment, String> {
                Ok(Payment)
            }
        }
    "#, expect![[r#"
        error: step `charge_card`: `timeout` needs a duration in quotes, with its unit: write `timeout = "3s"` if it is in seconds
         --> 3:29
          |
        3 |     #[step(pivot, timeout = 3)]
          |                             ^
    "#]];

    option_timeout_zero: r#"
        #[saga]
        impl Checkout {
            #[step(pivot, timeout = "0s")]
            async fn charge_card(&self, _order: &Order) -> Result<Payment, String> {
                Ok(Payment)
            }
        }
    "#, expect![[r#"
        error: step `charge_card`: a duration cannot be zero: write a longer one, such as "250ms", or leave the option out
         --> 3:29
          |
        3 |     #[step(pivot, timeout = "0s")]
          |                             ^^^^
    "#]];

    option_timeout_as_code: r#"
        #[saga]
        impl Checkout {
            #[step(pivot, timeout = Duration::from_secs(30))]
            async fn charge_card(&self, _order: &Order) -> Result<Payment, String> {
                Ok(Payment)
            }
        }
    "#, expect![[r#"
        error: step `charge_card`: `timeout` needs a duration in quotes: write `timeout = "30s"`
         --> 3:29
          |
        3 |     #[step(pivot, timeout = Duration::from_secs(30))]
          |                             ^^^^^^^^^^^^^^^^^^^^^^^
    "#]];

    option_timeout_as_a_constant: r#"
        #[saga]
        impl Checkout {
            #[step(pivot, timeout = LIMIT)]
            async fn charge_card(&self, _order: &Order) -> Result<Payment, String> {
                Ok(Payment)
            }
        }
    "#, expect![[r#"
        error: step `charge_card`: `timeout` needs a duration in quotes: write a whole number and its unit, such as `timeout = "3s"`
         --> 3:29
          |
        3 |     #[step(pivot, timeout = LIMIT)]
          |                             ^^^^^
    "#]];

    option_timeout_in_parentheses: r#"
        #[saga]
        impl Checkout {
            #[step(pivot, timeout("30s"))]
            async fn charge_card(&self, _order: &Order) -> Result<Payment, String> {
                Ok(Payment)
            }
        }
    "#, expect![[r#"
        error: step `charge_card`: the value of `timeout` stands after `=`: write `timeout = "30s"`
         --> 3:19
          |
        3 |     #[step(pivot, timeout("30s"))]
          |                   ^^^^^^^
    "#]];

    option_timeout_without_quotes: r#"
        #[saga]
        impl Checkout {
            #[step(pivot, timeout = 30s)]
            async fn charge_card(&self, _order: &Order) -> Result<Payment, String> {
                Ok(Payment)
            }
        }
    "#, expect![[r#"
        error: step `charge_card`: `timeout` needs a duration in quotes: write `timeout = "30s"`
         --> 3:29
          |
        3 |     #[step(pivot, timeout = 30s)]
          |                             ^^^
    "#]];

    option_compensate_in_parentheses: r#"
        #[saga]
        impl Checkout {
            #[step(compensate(refund))]
            async fn charge_card(&self, _order: &Order) -> Result<Payment, String> {
                Ok(Payment)
            }
        }
    "#, expect![[r#"
        error: step `charge_card`: the value of `compensate` stands after `=`: write `compensate = refund`
         --> 3:12
          |
        3 |     #[step(compensate(refund))]
          |            ^^^^^^^^^^
    "#]];

    option_in_doubt_a_closure_of_a_known_error: r#"
        #[saga]
        impl Checkout {
            #[step(compensate = release_stock, in_doubt = |_| true)]
            async fn reserve_stock(&self, _order: &Order) -> Result<Reservation, StockError> {
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
        error: step `reserve_stock`: `in_doubt` needs the name of a function: write `in_doubt = is_lost`, and outside of the block `fn is_lost(error: &StockError) -> bool`
         --> 3:51
          |
        3 |     #[step(compensate = release_stock, in_doubt = |_| true)]
          |                                                   ^^^^^^^^
    "#]];
}
