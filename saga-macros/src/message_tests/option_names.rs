//! Options that do not exist, or belong elsewhere.

use expect_test::expect;

cases! {
    option_backoff_beside_retry: r#"
        #[saga]
        impl Checkout {
            #[step(pivot, retry(attempts = 3), backoff = "100ms..1s")]
            async fn charge_card(&self, _order: &Order) -> Result<Payment, String> {
                Ok(Payment)
            }
        }
    "#, expect![[r#"
        error: step `charge_card`: `#[step]` has no option `backoff`: write `#[step(.., retry(.., backoff = "100ms..1s"))]`
         --> 3:40
          |
        3 |     #[step(pivot, retry(attempts = 3), backoff = "100ms..1s")]
          |                                        ^^^^^^^
    "#]];

    option_condition_for_only_if: r#"
        #[saga]
        impl Checkout {
            #[step(compensate = release_stock)]
            async fn reserve_stock(&self, _order: &Order) -> Result<Reservation, String> {
                Ok(Reservation)
            }

            #[step(condition = is_large, compensate = refund)]
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
        error: step `charge_card`: `#[step]` has no option `condition`; write `only_if = is_large`
         --> 8:12
          |
        8 |     #[step(condition = is_large, compensate = refund)]
          |            ^^^^^^^^^
    "#]];

    option_deadline_of_a_step: r#"
        #[saga]
        impl Checkout {
            #[step(compensate = release_stock, deadline = "30s")]
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
        error: step `reserve_stock`: `#[step]` has no option `deadline`; write `timeout = "30s"`, the limit of one attempt; a deadline is the saga's: `#[saga(deadline = "30s")]`
         --> 3:40
          |
        3 |     #[step(compensate = release_stock, deadline = "30s")]
          |                                        ^^^^^^^^
    "#]];

    option_delay_beside_backoff: r#"
        #[saga]
        impl Checkout {
            #[step(pivot, retry(attempts = 3, backoff = "100ms..1s", delay = "1s"))]
            async fn charge_card(&self, _order: &Order) -> Result<Payment, String> {
                Ok(Payment)
            }
        }
    "#, expect![[r#"
        error: step `charge_card`: `retry(..)` has no option `delay`; the first wait and the longest are already in `backoff = ..`: remove `delay`
         --> 3:62
          |
        3 |     #[step(pivot, retry(attempts = 3, backoff = "100ms..1s", delay = "1s"))]
          |                                                              ^^^^^
    "#]];

    option_group_for_parallel: r#"
        #[saga]
        impl Checkout {
            #[step(parallel = preparations, compensate = release_stock)]
            async fn reserve_stock(&self, _order: &Order) -> Result<Reservation, String> {
                Ok(Reservation)
            }

            #[step(group = preparations, readonly)]
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
        error: step `check_card`: `#[step]` has no option `group`; write `parallel = preparations`
         --> 8:12
          |
        8 |     #[step(group = preparations, readonly)]
          |            ^^^^^
    "#]];

    option_if_for_only_if: r#"
        #[saga]
        impl Checkout {
            #[step(compensate = release_stock)]
            async fn reserve_stock(&self, _order: &Order) -> Result<Reservation, String> {
                Ok(Reservation)
            }

            #[step(if = is_large, compensate = refund)]
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
        error: step `charge_card`: `#[step]` has no option `if`; write `only_if = is_large`
         --> 8:12
          |
        8 |     #[step(if = is_large, compensate = refund)]
          |            ^^
    "#]];

    option_interruptions_for_max_interruptions: r#"
        #[saga]
        impl Checkout {
            #[step(parallel = preparations, compensate = release_stock, interruptions = 2)]
            async fn reserve_stock(&self, _order: &Order) -> Result<Reservation, String> {
                Ok(Reservation)
            }

            #[step(parallel = preparations, readonly)]
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
        error: step `reserve_stock`: `#[step]` has no option `interruptions`; did you mean `max_interruptions`? The options are `compensate`, `readonly`, `no_compensation`, `pivot`, `retry`, `timeout`, `max_interruptions`, `in_doubt`, `at_most_once`, `parallel`, `only_if`, `name`, `sensitive`, `saga`, `on`
         --> 3:65
          |
        3 |     #[step(parallel = preparations, compensate = release_stock, interruptions = 2)]
          |                                                                 ^^^^^^^^^^^^^
    "#]];

    option_of_retry: r#"
        #[saga]
        impl Checkout {
            #[step(pivot, attempts = 3)]
            async fn charge_card(&self, _order: &Order) -> Result<Payment, String> {
                Ok(Payment)
            }
        }
    "#, expect![[r#"
        error: step `charge_card`: `#[step]` has no option `attempts`: write `#[step(.., retry(attempts = 3))]`
         --> 3:19
          |
        3 |     #[step(pivot, attempts = 3)]
          |                   ^^^^^^^^
    "#]];

    option_once_for_at_most_once: r#"
        #[saga]
        impl Checkout {
            #[step(compensate = release_stock, once)]
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
        error: step `reserve_stock`: `#[step]` has no option `once`; write `at_most_once`
         --> 3:40
          |
        3 |     #[step(compensate = release_stock, once)]
          |                                        ^^^^
    "#]];

    option_only_if_misspelt: r#"
        #[saga]
        impl Checkout {
            #[step(compensate = release_stock)]
            async fn reserve_stock(&self, _order: &Order) -> Result<Reservation, String> {
                Ok(Reservation)
            }

            #[step(onlyif = is_large, compensate = refund)]
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
        error: step `charge_card`: `#[step]` has no option `onlyif`; did you mean `only_if`? The options are `compensate`, `readonly`, `no_compensation`, `pivot`, `retry`, `timeout`, `max_interruptions`, `in_doubt`, `at_most_once`, `parallel`, `only_if`, `name`, `sensitive`, `saga`, `on`
         --> 8:12
          |
        8 |     #[step(onlyif = is_large, compensate = refund)]
          |            ^^^^^^
    "#]];

    option_parallel_misspelt: r#"
        #[saga]
        impl Checkout {
            #[step(parallel = preparations, compensate = release_stock)]
            async fn reserve_stock(&self, _order: &Order) -> Result<Reservation, String> {
                Ok(Reservation)
            }

            #[step(paralel = preparations, readonly)]
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
        error: step `check_card`: `#[step]` has no option `paralel`; did you mean `parallel`? The options are `compensate`, `readonly`, `no_compensation`, `pivot`, `retry`, `timeout`, `max_interruptions`, `in_doubt`, `at_most_once`, `parallel`, `only_if`, `name`, `sensitive`, `saga`, `on`
         --> 8:12
          |
        8 |     #[step(paralel = preparations, readonly)]
          |            ^^^^^^^
    "#]];

    option_retries_beside_retry: r#"
        #[saga]
        impl Checkout {
            #[step(pivot, retry(attempts = 4), retries = 3)]
            async fn charge_card(&self, _order: &Order) -> Result<Payment, String> {
                Ok(Payment)
            }
        }
    "#, expect![[r#"
        error: step `charge_card`: `#[step]` has no option `retries`; the number of attempts is already in `retry(attempts = ..)`: remove `retries`
         --> 3:40
          |
        3 |     #[step(pivot, retry(attempts = 4), retries = 3)]
          |                                        ^^^^^^^
    "#]];

    option_retries_in_retry: r#"
        #[saga]
        impl Checkout {
            #[step(pivot, retry(retries = 3, backoff = "100ms..1s"))]
            async fn charge_card(&self, _order: &Order) -> Result<Payment, String> {
                Ok(Payment)
            }
        }
    "#, expect![[r#"
        error: step `charge_card`: `retry(..)` has no option `retries`; write `attempts = 4`: the first attempt counts too
         --> 3:25
          |
        3 |     #[step(pivot, retry(retries = 3, backoff = "100ms..1s"))]
          |                         ^^^^^^^
    "#]];

    option_retries_without_attempts: r#"
        #[saga]
        impl Checkout {
            #[step(pivot, retry(backoff = "100ms..1s"), retries = many)]
            async fn charge_card(&self, _order: &Order) -> Result<Payment, String> {
                Ok(Payment)
            }
        }
    "#, expect![[r#"
        error: step `charge_card`: `#[step]` has no option `retries`; write `retry(.., attempts = 4)`: the first attempt counts too
         --> 3:49
          |
        3 |     #[step(pivot, retry(backoff = "100ms..1s"), retries = many)]
          |                                                 ^^^^^^^
    "#]];

    option_similar_compensation: r#"
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

            #[compensation(timeouts = "3s")]
            async fn release_stock(&self, _reservation: &Reservation) -> Result<(), String> {
                Ok(())
            }
        }
    "#, expect![[r#"
        error: compensation `release_stock`: `#[compensation]` has no option `timeouts`; did you mean `timeout`? The options are `retry`, `timeout`, `max_interruptions`
          --> 13:20
           |
        13 |     #[compensation(timeouts = "3s")]
           |                    ^^^^^^^^
    "#]];

    option_similar_prefix: r#"
        #[saga]
        impl Checkout {
            #[step(pivot, time = "3s")]
            async fn charge_card(&self, _order: &Order) -> Result<Payment, String> {
                Ok(Payment)
            }
        }
    "#, expect![[r#"
        error: step `charge_card`: `#[step]` has no option `time`; did you mean `timeout`? The options are `compensate`, `readonly`, `no_compensation`, `pivot`, `retry`, `timeout`, `max_interruptions`, `in_doubt`, `at_most_once`, `parallel`, `only_if`, `name`, `sensitive`, `saga`, `on`
         --> 3:19
          |
        3 |     #[step(pivot, time = "3s")]
          |                   ^^^^
    "#]];

    option_similar_retry: r#"
        #[saga]
        impl Checkout {
            #[step(pivot, retry(attempts = 3, max_backoff = "1s"))]
            async fn charge_card(&self, _order: &Order) -> Result<Payment, String> {
                Ok(Payment)
            }
        }
    "#, expect![[r#"
        error: step `charge_card`: `retry(..)` has no option `max_backoff`; write `backoff = "100ms..1s"`, the first wait and the longest
         --> 3:39
          |
        3 |     #[step(pivot, retry(attempts = 3, max_backoff = "1s"))]
          |                                       ^^^^^^^^^^^
    "#]];

    option_unknown_compensation: r#"
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

            #[compensation(attempts = 3)]
            async fn release_stock(&self, _reservation: &Reservation) -> Result<(), String> {
                Ok(())
            }
        }
    "#, expect![[r#"
        error: compensation `release_stock`: `#[compensation]` has no option `attempts`: write `#[compensation(retry(attempts = 3))]`
          --> 13:20
           |
        13 |     #[compensation(attempts = 3)]
           |                    ^^^^^^^^
    "#]];

    option_unknown_nothing_similar: r#"
        #[saga]
        impl Checkout {
            #[step(pivot, delay = "3s")]
            async fn charge_card(&self, _order: &Order) -> Result<Payment, String> {
                Ok(Payment)
            }
        }
    "#, expect![[r#"
        error: step `charge_card`: `#[step]` has no option `delay`; it has `compensate`, `readonly`, `no_compensation`, `pivot`, `retry`, `timeout`, `max_interruptions`, `in_doubt`, `at_most_once`, `parallel`, `only_if`, `name`, `sensitive`, `saga`, `on`
         --> 3:19
          |
        3 |     #[step(pivot, delay = "3s")]
          |                   ^^^^^
    "#]];

    option_unknown_retry: r#"
        #[saga]
        impl Checkout {
            #[step(pivot, retry(attempts = 3, delay = "1s"))]
            async fn charge_card(&self, _order: &Order) -> Result<Payment, String> {
                Ok(Payment)
            }
        }
    "#, expect![[r#"
        error: step `charge_card`: `retry(..)` has no option `delay`; write `backoff = "100ms..1s"`, the first wait and the longest
         --> 3:39
          |
        3 |     #[step(pivot, retry(attempts = 3, delay = "1s"))]
          |                                       ^^^^^
    "#]];

    option_unknown_step: r#"
        #[saga]
        impl Checkout {
            #[step(pivot, retries = 3)]
            async fn charge_card(&self, _order: &Order) -> Result<Payment, String> {
                Ok(Payment)
            }
        }
    "#, expect![[r#"
        error: step `charge_card`: `#[step]` has no option `retries`; write `retry(attempts = 4)`: the first attempt counts too
         --> 3:19
          |
        3 |     #[step(pivot, retries = 3)]
          |                   ^^^^^^^
    "#]];

    option_unless_for_only_if: r#"
        #[saga]
        impl Checkout {
            #[step(compensate = release_stock)]
            async fn reserve_stock(&self, _order: &Order) -> Result<Reservation, String> {
                Ok(Reservation)
            }

            #[step(skip_if = is_large, compensate = refund)]
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
        error: step `charge_card`: `#[step]` has no option `skip_if`; write `only_if = method`, which is true when the step runs, not when it is skipped
         --> 8:12
          |
        8 |     #[step(skip_if = is_large, compensate = refund)]
          |            ^^^^^^^
    "#]];

    option_when_for_only_if: r#"
        #[saga]
        impl Checkout {
            #[step(compensate = release_stock)]
            async fn reserve_stock(&self, _order: &Order) -> Result<Reservation, String> {
                Ok(Reservation)
            }

            #[step(when = is_large, compensate = refund)]
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
        error: step `charge_card`: `#[step]` has no option `when`: write `#[step(.., retry(when = is_large))]`, or `only_if = is_large` if it decides whether the step runs
         --> 8:12
          |
        8 |     #[step(when = is_large, compensate = refund)]
          |            ^^^^
    "#]];

    option_misspelt_compensate: r#"
        #[saga]
        impl Checkout {
            #[step(compensat = refund)]
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
        error: step `charge_card`: `#[step]` has no option `compensat`; did you mean `compensate`? The options are `compensate`, `readonly`, `no_compensation`, `pivot`, `retry`, `timeout`, `max_interruptions`, `in_doubt`, `at_most_once`, `parallel`, `only_if`, `name`, `sensitive`, `saga`, `on`
         --> 3:12
          |
        3 |     #[step(compensat = refund)]
          |            ^^^^^^^^^
    "#]];

    option_misspelt_compensate_as_compensates: r#"
        #[saga]
        impl Checkout {
            #[step(compensates = refund)]
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
        error: step `charge_card`: `#[step]` has no option `compensates`; did you mean `compensate`? The options are `compensate`, `readonly`, `no_compensation`, `pivot`, `retry`, `timeout`, `max_interruptions`, `in_doubt`, `at_most_once`, `parallel`, `only_if`, `name`, `sensitive`, `saga`, `on`
         --> 3:12
          |
        3 |     #[step(compensates = refund)]
          |            ^^^^^^^^^^^
    "#]];

    option_misspelt_readonly: r#"
        #[saga]
        impl Checkout {
            #[step(readonyl)]
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
        error: step `charge_card`: `#[step]` has no option `readonyl`; did you mean `readonly`? The options are `compensate`, `readonly`, `no_compensation`, `pivot`, `retry`, `timeout`, `max_interruptions`, `in_doubt`, `at_most_once`, `parallel`, `only_if`, `name`, `sensitive`, `saga`, `on`
         --> 3:12
          |
        3 |     #[step(readonyl)]
          |            ^^^^^^^^
    "#]];

    option_misspelt_no_compensation: r#"
        #[saga]
        impl Checkout {
            #[step(no_compensaton = "a mail")]
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
        error: step `charge_card`: `#[step]` has no option `no_compensaton`; did you mean `no_compensation`? The options are `compensate`, `readonly`, `no_compensation`, `pivot`, `retry`, `timeout`, `max_interruptions`, `in_doubt`, `at_most_once`, `parallel`, `only_if`, `name`, `sensitive`, `saga`, `on`
         --> 3:12
          |
        3 |     #[step(no_compensaton = "a mail")]
          |            ^^^^^^^^^^^^^^
    "#]];

    option_misspelt_no_compensation_without_reason: r#"
        #[saga]
        impl Checkout {
            #[step(no_compensate)]
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
        error: step `charge_card`: `#[step]` has no option `no_compensate`; did you mean `no_compensation`? The options are `compensate`, `readonly`, `no_compensation`, `pivot`, `retry`, `timeout`, `max_interruptions`, `in_doubt`, `at_most_once`, `parallel`, `only_if`, `name`, `sensitive`, `saga`, `on`
         --> 3:12
          |
        3 |     #[step(no_compensate)]
          |            ^^^^^^^^^^^^^
    "#]];

    option_undo_for_compensate: r#"
        #[saga]
        impl Checkout {
            #[step(undo = refund)]
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
        error: step `charge_card`: `#[step]` has no option `undo`; write `compensate = refund`
         --> 3:12
          |
        3 |     #[step(undo = refund)]
          |            ^^^^
    "#]];

    option_unknown_may_be_the_undo: r#"
        #[saga]
        impl Checkout {
            #[step(query)]
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
        error: step `charge_card`: `#[step]` has no option `query`; it has `compensate`, `readonly`, `no_compensation`, `pivot`, `retry`, `timeout`, `max_interruptions`, `in_doubt`, `at_most_once`, `parallel`, `only_if`, `name`, `sensitive`, `saga`, `on`
         --> 3:12
          |
        3 |     #[step(query)]
          |            ^^^^^
    "#]];

    option_missing_equals: r#"
        #[saga]
        impl Checkout {
            #[step(compensate refund)]
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
        error: step `charge_card`: a comma is missing between two options: write `,` before this one, or `=` if it is the value of `compensate`
         --> 3:23
          |
        3 |     #[step(compensate refund)]
          |                       ^^^^^^
    "#]];

    option_colon_for_equals: r#"
        #[saga]
        impl Checkout {
            #[step(compensate: refund)]
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
        error: step `charge_card`: the value of `compensate` stands after `=`: write `compensate = refund` in place of `:`
         --> 3:22
          |
        3 |     #[step(compensate: refund)]
          |                      ^
    "#]];

    option_missing_equals_before_a_text: r#"
        #[saga]
        impl Checkout {
            #[step(compensate = refund, timeout "3s")]
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
        error: step `charge_card`: the value of `timeout` stands after `=`: write `timeout = "3s"`
         --> 3:41
          |
        3 |     #[step(compensate = refund, timeout "3s")]
          |                                         ^^^^
    "#]];

    option_misspelt_pivot: r#"
        #[saga]
        impl Checkout {
            #[step(pivto)]
            async fn charge_card(&self, _order: &Order) -> Result<Payment, String> {
                Ok(Payment)
            }

            #[step]
            async fn book_courier(&self, _payment: &Payment) -> Result<Tracking, String> {
                Ok(Tracking)
            }

            #[step]
            async fn send_mail(&self, _tracking: &Tracking) -> Result<(), String> {
                Ok(())
            }
        }
    "#, expect![[r#"
        error: step `charge_card`: `#[step]` has no option `pivto`; did you mean `pivot`? The options are `compensate`, `readonly`, `no_compensation`, `pivot`, `retry`, `timeout`, `max_interruptions`, `in_doubt`, `at_most_once`, `parallel`, `only_if`, `name`, `sensitive`, `saga`, `on`
         --> 3:12
          |
        3 |     #[step(pivto)]
          |            ^^^^^
    "#]];
}
