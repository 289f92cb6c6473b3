//! `#[saga(..)]`, the item it is on, and the names that follow from the block.

use expect_test::expect;

cases! {
    durable_output_borrows_in_an_option: r#"
        #[saga(durable)]
        impl Checkout {
            #[step(pivot)]
            async fn charge_card(&self, _order: &Order) -> Result<Option<&'static [u8]>, String> {
                lookup()
            }
        }
    "#, expect![[r#"
        error: step `charge_card` returns `&'static [u8]`, but a `durable` saga may continue in another process, where the borrowed value does not exist: write `Vec<u8>`
         --> 4:66
          |
        4 |     async fn charge_card(&self, _order: &Order) -> Result<Option<&'static [u8]>, String> {
          |                                                                  ^^^^^^^^^^^^^
    "#]];

    name_cancelled: r#"
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
            async fn cancelled(&self, _payment: Option<&Payment>) -> Result<Tracking, String> {
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
        error: step `cancelled` would be the variant `Cancelled` of the error enum, which is reserved for a run that is stopped from outside: rename the method
          --> 14:14
           |
        14 |     async fn cancelled(&self, _payment: Option<&Payment>) -> Result<Tracking, String> {
           |              ^^^^^^^^^
    "#]];

    name_deadline_exceeded: r#"
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
            async fn deadline_exceeded(&self, _payment: Option<&Payment>) -> Result<Tracking, String> {
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
        error: step `deadline_exceeded` would be the variant `DeadlineExceeded` of the error enum, which is reserved for a run that is stopped from outside: rename the method
          --> 14:14
           |
        14 |     async fn deadline_exceeded(&self, _payment: Option<&Payment>) -> Result<Tracking, String> {
           |              ^^^^^^^^^^^^^^^^^
    "#]];

    name_input: r#"
        #[saga]
        impl Checkout {
            #[step(readonly)]
            async fn input(&self, _order: &Order) -> Result<Payment, String> {
                Ok(Payment)
            }

            #[step(pivot)]
            async fn book_courier(&self, _payment: &Payment) -> Result<Tracking, String> {
                Ok(Tracking)
            }
        }
    "#, expect![[r#"
        error: a step cannot be called `input`: in the state enum that is the field of the saga's input; rename the method
         --> 4:14
          |
        4 |     async fn input(&self, _order: &Order) -> Result<Payment, String> {
          |              ^^^^^
    "#]];

    saga_crate_a_text: r#"
        #[saga(crate = "saga_core")]
        impl Checkout {
            #[step(pivot)]
            async fn charge_card(&self, _order: &Order) -> Result<Payment, String> {
                Ok(Payment)
            }
        }
    "#, expect![[r#"
        error: `crate` needs a name without quotes: write `crate = saga_core`
         --> 1:16
          |
        1 | #[saga(crate = "saga_core")]
          |                ^^^^^^^^^^^
    "#]];

    saga_deadline_a_number: r#"
        #[saga(deadline = 30)]
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

            async fn refund(&self, _payment: &Payment) -> Result<(), String> {
                Ok(())
            }
        }
    "#, expect![[r#"
        error: `deadline` needs a duration in quotes, with its unit: write `deadline = "30s"` if it is in seconds
         --> 1:19
          |
        1 | #[saga(deadline = 30)]
          |                   ^^
    "#]];

    saga_deadline_not_a_duration: r#"
        #[saga(deadline = "30 seconds")]
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

            async fn refund(&self, _payment: &Payment) -> Result<(), String> {
                Ok(())
            }
        }
    "#, expect![[r#"
        error: `30 seconds` is not a duration: write a whole number and a unit, one of `ns`, `us`, `ms`, `s`, `m`, `h`, such as "250ms"
         --> 1:19
          |
        1 | #[saga(deadline = "30 seconds")]
          |                   ^^^^^^^^^^^^
    "#]];

    saga_deadline_twice: r#"
        #[saga(deadline = "30s", deadline = "40s")]
        impl Trips {
            #[step(pivot)]
            async fn pay(&self, _trip: &Trip) -> Result<Ticket, String> {
                Ok(Ticket)
            }
        }
    "#, expect![[r#"
        error: `deadline` appears twice: remove one of them
         --> 1:26
          |
        1 | #[saga(deadline = "30s", deadline = "40s")]
          |                          ^^^^^^^^
    "#]];

    saga_deadline_zero: r#"
        #[saga(deadline = "0s")]
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

            async fn refund(&self, _payment: &Payment) -> Result<(), String> {
                Ok(())
            }
        }
    "#, expect![[r#"
        error: a duration cannot be zero: write a longer one, such as "250ms", or leave the option out
         --> 1:19
          |
        1 | #[saga(deadline = "0s")]
          |                   ^^^^
    "#]];

    saga_durable_with_value: r#"
        #[saga(durable = true)]
        impl Checkout {
            #[step(pivot)]
            async fn charge_card(&self, _order: &Order) -> Result<Payment, String> {
                Ok(Payment)
            }
        }
    "#, expect![[r#"
        error: `durable` takes no value: write `durable` alone
         --> 1:8
          |
        1 | #[saga(durable = true)]
          |        ^^^^^^^
    "#]];

    saga_input_not_a_type: r#"
        #[saga(input = 5)]
        impl Checkout {
            #[step(pivot)]
            async fn charge_card(&self, _order: &Order) -> Result<Payment, String> {
                Ok(Payment)
            }
        }
    "#, expect![[r#"
        error: `input` needs a type: write `input = Order`
         --> 1:16
          |
        1 | #[saga(input = 5)]
          |                ^
    "#]];

    saga_name_with_slash: r#"
        #[saga(name = "shop/checkout")]
        impl Checkout {
            #[step(pivot)]
            async fn charge_card(&self, _order: &Order) -> Result<Payment, String> {
                Ok(Payment)
            }
        }
    "#, expect![[r#"
        error: `shop/checkout` cannot be a name in reports and idempotency keys, which may contain only letters, digits, `_`, `-` and `.`: write `name = "shop-checkout"`
         --> 1:15
          |
        1 | #[saga(name = "shop/checkout")]
          |               ^^^^^^^^^^^^^^^
    "#]];

    saga_on_enum: r#"
        #[saga]
        enum Checkout {
            Cart,
        }
    "#, expect![[r#"
        error: `#[saga]` must be on an impl block, and this is an enum: write it above `impl Service { .. }`
         --> 2:1
          |
        2 | enum Checkout {
          | ^^^^
    "#]];

    saga_on_function: r#"
        #[saga]
        async fn charge_card(_order: &str) -> Result<u32, String> {
            Ok(7)
        }
    "#, expect![[r#"
        error: `#[saga]` must be on an impl block, and this is a function: write it above `impl Service { .. }`
         --> 2:1
          |
        2 | async fn charge_card(_order: &str) -> Result<u32, String> {
          | ^^^^^
    "#]];

    saga_on_module: r#"
        #[saga]
        mod checkout {}
    "#, expect![[r#"
        error: `#[saga]` must be on an impl block, and this is a module: write it above `impl Service { .. }`
         --> 2:1
          |
        2 | mod checkout {}
          | ^^^
    "#]];

    saga_on_struct: r#"
        #[saga]
        struct Checkout;
    "#, expect![[r#"
        error: `#[saga]` must be on an impl block, and this is a struct: write it above `impl Service { .. }`
         --> 2:1
          |
        2 | struct Checkout;
          | ^^^^^^
    "#]];

    saga_on_trait_impl: r#"
        #[saga]
        impl Shop for Checkout {
            #[step(pivot)]
            fn charge_card(&self, _order: &Order) -> Result<u32, String> {
                Ok(7)
            }
        }
    "#, expect![[r#"
        error: `#[saga]` belongs on the service's own impl block, not on that of a trait: write it above `impl Checkout { .. }`
         --> 2:11
          |
        2 | impl Shop for Checkout {
          |           ^^^
    "#]];

    saga_option_similar: r#"
        #[saga(visibility = pub)]
        impl Checkout {
            #[step(pivot)]
            async fn charge_card(&self, _order: &Order) -> Result<Payment, String> {
                Ok(Payment)
            }
        }
    "#, expect![[r#"
        error: `#[saga]` has no option `visibility`; did you mean `vis`? The options are `name`, `saga`, `vis`, `input`, `crate`, `durable`, `retry`, `timeout`, `deadline`, `compensation`
         --> 1:8
          |
        1 | #[saga(visibility = pub)]
          |        ^^^^^^^^^^
    "#]];

    saga_option_unknown: r#"
        #[saga(prefix = "shop")]
        impl Checkout {
            #[step(pivot)]
            async fn charge_card(&self, _order: &Order) -> Result<Payment, String> {
                Ok(Payment)
            }
        }
    "#, expect![[r#"
        error: `#[saga]` has no option `prefix`; it has `name`, `saga`, `vis`, `input`, `crate`, `durable`, `retry`, `timeout`, `deadline`, `compensation`
         --> 1:8
          |
        1 | #[saga(prefix = "shop")]
          |        ^^^^^^
    "#]];

    saga_option_unknown_compensation: r#"
        #[saga(compensation(attempts = 3))]
        impl Checkout {
            #[step(pivot)]
            async fn charge_card(&self, _order: &Order) -> Result<Payment, String> {
                Ok(Payment)
            }
        }
    "#, expect![[r#"
        error: `compensation(..)` has no option `attempts`: write `compensation(retry(attempts = 3))`
         --> 1:21
          |
        1 | #[saga(compensation(attempts = 3))]
          |                     ^^^^^^^^
    "#]];

    saga_parallel: r#"
        #[saga(parallel)]
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

            async fn refund(&self, _payment: &Payment) -> Result<(), String> {
                Ok(())
            }
        }
    "#, expect![[r#"
        error: `#[saga]` has no option `parallel`: write `#[step(parallel = ..)]` on the intended steps
         --> 1:8
          |
        1 | #[saga(parallel)]
          |        ^^^^^^^^
    "#]];

    saga_pub: r#"
        #[saga(pub)]
        impl Shop {
            #[step(readonly)]
            async fn look(&self) -> Result<(), String> {
                Ok(())
            }
        }
    "#, expect![[r#"
        error: `#[saga]` has no option `pub`; write `vis = pub`, or `vis = pub(crate)`
         --> 1:8
          |
        1 | #[saga(pub)]
          |        ^^^
    "#]];

    saga_retry_when: r#"
        #[saga(retry(attempts = 3, when = is_busy))]
        impl Checkout {
            #[step(pivot)]
            async fn charge_card(&self, _order: &Order) -> Result<Payment, String> {
                Ok(Payment)
            }
        }
    "#, expect![[r#"
        error: `when` looks at one step's error: write it in the `retry(..)` of that step, not in the saga's
         --> 1:28
          |
        1 | #[saga(retry(attempts = 3, when = is_busy))]
          |                            ^^^^
    "#]];

    saga_retry_without_attempts: r#"
        #[saga(retry(backoff = "100ms..5s"))]
        impl Checkout {
            #[step(pivot, retry(attempts = 3))]
            async fn charge_card(&self, _order: &Order) -> Result<Payment, String> {
                Ok(Payment)
            }
        }
    "#, expect![[r#"
        error: `retry` needs a number of attempts: write `attempts` too, as in `retry(attempts = 4, backoff = "100ms..5s")`
         --> 1:8
          |
        1 | #[saga(retry(backoff = "100ms..5s"))]
          |        ^^^^^
    "#]];

    saga_timeout_a_number: r#"
        #[saga(timeout = 3)]
        impl Checkout {
            #[step(pivot)]
            async fn charge_card(&self, _order: &Order) -> Result<Payment, String> {
                Ok(Payment)
            }
        }
    "#, expect![[r#"
        error: `timeout` needs a duration in quotes, with its unit: write `timeout = "3s"` if it is in seconds
         --> 1:18
          |
        1 | #[saga(timeout = 3)]
          |                  ^
    "#]];

    saga_name_misspelt: r#"
        #[saga(sage = OtherSaga)]
        impl Checkout {
            #[step(readonly)]
            async fn charge_card(&self, _order: &Order) -> Result<Payment, String> {
                lookup()
            }

            #[step]
            async fn book_courier(&self, _payment: &Payment) -> Result<Tracking, String> {
                Ok(Tracking)
            }
        }
    "#, expect![[r#"
        error: `#[saga]` has no option `sage`; did you mean `saga`? The options are `name`, `saga`, `vis`, `input`, `crate`, `durable`, `retry`, `timeout`, `deadline`, `compensation`
         --> 1:8
          |
        1 | #[saga(sage = OtherSaga)]
          |        ^^^^
    "#]];

    saga_deadline_as_code: r#"
        #[saga(deadline = std::time::Duration::from_mins(5))]
        impl Checkout {
            #[step(pivot)]
            async fn charge_card(&self, _order: &Order) -> Result<Payment, String> {
                Ok(Payment)
            }
        }
    "#, expect![[r#"
        error: `deadline` needs a duration in quotes: write `deadline = "5m"`
         --> 1:19
          |
        1 | #[saga(deadline = std::time::Duration::from_mins(5))]
          |                   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    "#]];

    saga_on_trait_impl_of_a_generic_service: r#"
        #[saga]
        impl<C: Client> Fulfillment for Warehouse<C> {
            #[step(pivot)]
            async fn ship(&self, _order: &Order) -> Result<Parcel, String> {
                Ok(Parcel)
            }
        }
    "#, expect![[r#"
        error: `#[saga]` belongs on the service's own impl block, not on that of a trait: write it above `impl<C: Client> Warehouse<C> { .. }`
         --> 2:29
          |
        2 | impl<C: Client> Fulfillment for Warehouse<C> {
          |                             ^^^
    "#]];
}
