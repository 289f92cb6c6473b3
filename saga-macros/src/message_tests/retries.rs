//! `retry(..)`.

use expect_test::expect;

cases! {
    retry_a_number: r#"
        #[saga]
        impl Checkout {
            #[step(pivot, retry = 3)]
            async fn charge_card(&self, _order: &Order) -> Result<Payment, String> {
                Ok(Payment)
            }
        }
    "#, expect![[r#"
        error: step `charge_card`: `retry` has its own options, in parentheses: write `retry(attempts = 3)`
         --> 3:19
          |
        3 |     #[step(pivot, retry = 3)]
          |                   ^^^^^
    "#]];

    retry_attempts_not_a_number: r#"
        #[saga]
        impl Checkout {
            #[step(pivot, retry(attempts = "three"))]
            async fn charge_card(&self, _order: &Order) -> Result<Payment, String> {
                Ok(Payment)
            }
        }
    "#, expect![[r#"
        error: step `charge_card`: `attempts` needs a whole number: write `attempts = 4`
         --> 3:36
          |
        3 |     #[step(pivot, retry(attempts = "three"))]
          |                                    ^^^^^^^
    "#]];

    retry_attempts_too_many: r#"
        #[saga]
        impl Checkout {
            #[step(pivot, retry(attempts = 99999999999))]
            async fn charge_card(&self, _order: &Order) -> Result<Payment, String> {
                Ok(Payment)
            }
        }
    "#, expect![[r#"
        error: step `charge_card`: `attempts` is too large: write a whole number from 1 to 4294967295
         --> 3:36
          |
        3 |     #[step(pivot, retry(attempts = 99999999999))]
          |                                    ^^^^^^^^^^^
    "#]];

    retry_backoff_not_a_range: r#"
        #[saga]
        impl Checkout {
            #[step(pivot, retry(attempts = 3, backoff = "1s"))]
            async fn charge_card(&self, _order: &Order) -> Result<Payment, String> {
                Ok(Payment)
            }
        }
    "#, expect![[r#"
        error: step `charge_card`: `1s` is not a range of durations: write the first wait and the longest, such as "100ms..5s"
         --> 3:49
          |
        3 |     #[step(pivot, retry(attempts = 3, backoff = "1s"))]
          |                                                 ^^^^
    "#]];

    retry_backoff_not_durations: r#"
        #[saga]
        impl Checkout {
            #[step(pivot, retry(attempts = 3, backoff = "1..5"))]
            async fn charge_card(&self, _order: &Order) -> Result<Payment, String> {
                Ok(Payment)
            }
        }
    "#, expect![[r#"
        error: step `charge_card`: `1..5` is not a range of two durations like "100ms..5s": write a whole number and a unit, one of `ns`, `us`, `ms`, `s`, `m`, `h`, such as "250ms"
         --> 3:49
          |
        3 |     #[step(pivot, retry(attempts = 3, backoff = "1..5"))]
          |                                                 ^^^^^^
    "#]];

    retry_backoff_reversed: r#"
        #[saga]
        impl Checkout {
            #[step(pivot, retry(attempts = 3, backoff = "5s..100ms"))]
            async fn charge_card(&self, _order: &Order) -> Result<Payment, String> {
                Ok(Payment)
            }
        }
    "#, expect![[r#"
        error: step `charge_card`: the longest wait in `5s..100ms` is shorter than the first: write "100ms..5s"
         --> 3:49
          |
        3 |     #[step(pivot, retry(attempts = 3, backoff = "5s..100ms"))]
          |                                                 ^^^^^^^^^^^
    "#]];

    retry_backoff_zero: r#"
        #[saga]
        impl Checkout {
            #[step(pivot, retry(attempts = 3, backoff = "0s..0s"))]
            async fn charge_card(&self, _order: &Order) -> Result<Payment, String> {
                Ok(Payment)
            }
        }
    "#, expect![[r#"
        error: step `charge_card`: a wait of zero is no backoff: leave `backoff` out
         --> 3:49
          |
        3 |     #[step(pivot, retry(attempts = 3, backoff = "0s..0s"))]
          |                                                 ^^^^^^^^
    "#]];

    retry_without_attempts: r#"
        #[saga]
        impl Checkout {
            #[step(pivot, retry(backoff = "100ms..5s"))]
            async fn charge_card(&self, _order: &Order) -> Result<Payment, String> {
                Ok(Payment)
            }
        }
    "#, expect![[r#"
        error: step `charge_card`: `retry` needs a number of attempts: write `attempts` too, as in `retry(attempts = 4, backoff = "100ms..5s")`, or once for all in `#[saga(retry(attempts = 4))]`
         --> 3:19
          |
        3 |     #[step(pivot, retry(backoff = "100ms..5s"))]
          |                   ^^^^^
    "#]];

    retry_when_without_attempts: r#"
        #[saga]
        impl Checkout {
            #[step(pivot, retry(when = CardError::is_transient))]
            async fn charge_card(&self, _order: &Order) -> Result<Payment, CardError> {
                Ok(Payment)
            }
        }
    "#, expect![[r#"
        error: step `charge_card`: `retry` needs a number of attempts: write `attempts` too, as in `retry(attempts = 4, backoff = "100ms..5s")`, or once for all in `#[saga(retry(attempts = 4))]`
         --> 3:19
          |
        3 |     #[step(pivot, retry(when = CardError::is_transient))]
          |                   ^^^^^
    "#]];

    retry_of_a_compensation_without_attempts: r#"
        #[saga(retry(attempts = 3))]
        impl Checkout {
            #[step(compensate = refund)]
            async fn charge_card(&self, _order: &Order) -> Result<Payment, String> {
                Ok(Payment)
            }

            #[step(compensate = refund)]
            async fn charge_fee(&self, #[input] _order: &Order) -> Result<Payment, String> {
                Ok(Payment)
            }

            #[compensation(retry(backoff = "100ms..5s"))]
            async fn refund(&self, _payment: &Payment) -> Result<(), String> {
                Ok(())
            }
        }
    "#, expect![[r#"
        error: compensation `refund`: `retry` needs a number of attempts: write `attempts` too, as in `retry(attempts = 4, backoff = "100ms..5s")`, or once for all in `#[saga(compensation(retry(attempts = 4)))]`
          --> 13:20
           |
        13 |     #[compensation(retry(backoff = "100ms..5s"))]
           |                    ^^^^^
    "#]];

    retry_without_list: r#"
        #[saga]
        impl Checkout {
            #[step(pivot, retry)]
            async fn charge_card(&self, _order: &Order) -> Result<Payment, String> {
                Ok(Payment)
            }
        }
    "#, expect![[r#"
        error: step `charge_card`: `retry` has its own options, in parentheses: write `retry(attempts = 4, backoff = "100ms..5s")`
         --> 3:19
          |
        3 |     #[step(pivot, retry)]
          |                   ^^^^^
    "#]];

    retry_zero_attempts: r#"
        #[saga]
        impl Checkout {
            #[step(pivot, retry(attempts = 0))]
            async fn charge_card(&self, _order: &Order) -> Result<Payment, String> {
                Ok(Payment)
            }
        }
    "#, expect![[r#"
        error: step `charge_card`: `attempts` counts the first attempt too: write 1 for one attempt, 2 for one repetition
         --> 3:36
          |
        3 |     #[step(pivot, retry(attempts = 0))]
          |                                    ^
    "#]];

    retry_backoff_as_code: r#"
        #[saga]
        impl Checkout {
            #[step(pivot, retry(attempts = 3, backoff = Duration::from_millis(100)..Duration::from_secs(5)))]
            async fn charge_card(&self, _order: &Order) -> Result<Payment, String> {
                Ok(Payment)
            }
        }
    "#, expect![[r#"
        error: step `charge_card`: `backoff` needs a range in quotes: write `backoff = "100ms..5s"`
         --> 3:49
          |
        3 |     #[step(pivot, retry(attempts = 3, backoff = Duration::from_millis(100)..Duration::from_secs(5)))]
          |                                                 ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    "#]];

    retry_backoff_of_one_wait: r#"
        #[saga]
        impl Checkout {
            #[step(pivot, retry(attempts = 3, backoff = Duration::from_millis(100)))]
            async fn charge_card(&self, _order: &Order) -> Result<Payment, String> {
                Ok(Payment)
            }
        }
    "#, expect![[r#"
        error: step `charge_card`: `backoff` needs a range in quotes: write the first wait and the longest, such as `backoff = "100ms..5s"`
         --> 3:49
          |
        3 |     #[step(pivot, retry(attempts = 3, backoff = Duration::from_millis(100)))]
          |                                                 ^^^^^^^^^^^^^^^^^^^^^^^^^^
    "#]];

    retry_when_a_closure_of_a_known_error: r#"
        #[saga]
        impl Checkout {
            #[step(readonly, retry(attempts = 2, when = |error| error.is_transient()))]
            async fn reserve_stock(&self, _order: &Order) -> Result<Reservation, StockError> {
                Ok(Reservation)
            }

            #[step(pivot)]
            async fn charge_card(&self, _reservation: &Reservation) -> Result<Payment, String> {
                Ok(Payment)
            }
        }
    "#, expect![[r#"
        error: step `reserve_stock`: `when` needs the name of a function: write `when = is_transient`, and outside of the block `fn is_transient(error: &StockError) -> bool`
         --> 3:49
          |
        3 |     #[step(readonly, retry(attempts = 2, when = |error| error.is_transient()))]
          |                                                 ^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    "#]];

    retry_when_a_closure_of_an_error_of_self: r#"
        #[saga]
        impl Checkout {
            #[step(readonly, retry(attempts = 2, when = |_| true))]
            async fn reserve_stock(&self, _order: &Order) -> Result<Reservation, Self::Error> {
                Ok(Reservation)
            }

            #[step(pivot)]
            async fn charge_card(&self, _reservation: &Reservation) -> Result<Payment, String> {
                Ok(Payment)
            }
        }
    "#, expect![[r#"
        error: step `reserve_stock`: `when` needs the name of a function: write `when = is_transient`, and outside of the block `fn is_transient(error: &Error) -> bool`
         --> 3:49
          |
        3 |     #[step(readonly, retry(attempts = 2, when = |_| true))]
          |                                                 ^^^^^^^^
    "#]];

    retry_when_a_closure_of_a_compensation: r#"
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

            #[compensation(retry(attempts = 2, when = |_| true))]
            async fn release_stock(&self, _reservation: &Reservation) -> Result<(), ReleaseError> {
                Ok(())
            }
        }
    "#, expect![[r#"
        error: compensation `release_stock`: `when` needs the name of a function: write `when = is_transient`, and outside of the block `fn is_transient(error: &ReleaseError) -> bool`
          --> 13:47
           |
        13 |     #[compensation(retry(attempts = 2, when = |_| true))]
           |                                               ^^^^^^^^
    "#]];
}
