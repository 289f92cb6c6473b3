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

    input_is_a_type_with_an_elided_lifetime: r#"
        #[saga]
        impl Checkout {
            #[step(readonly)]
            async fn charge_card(&self, _order: &Req<'_>) -> Result<Payment, String> {
                lookup()
            }

            #[step]
            async fn book_courier(&self, _payment: &Payment) -> Result<Tracking, String> {
                Ok(Tracking)
            }
        }
    "#, expect![[r#"
        error: step `charge_card` takes the saga's input as `&Req<'_>`, but what it borrows has to live as long as the saga: write a type that owns its data, or a lifetime of the service
         --> 4:41
          |
        4 |     async fn charge_card(&self, _order: &Req<'_>) -> Result<Payment, String> {
          |                                         ^^^^^^^^
    "#]];

    input_is_by_value_with_an_elided_lifetime: r#"
        #[saga]
        impl Checkout {
            #[step(readonly)]
            async fn charge_card(&self, _order: Req<'_>) -> Result<Payment, String> {
                lookup()
            }

            #[step]
            async fn book_courier(&self, _payment: &Payment) -> Result<Tracking, String> {
                Ok(Tracking)
            }
        }
    "#, expect![[r#"
        error: step `charge_card` takes the saga's input as `Req<'_>`, but what it borrows has to live as long as the saga: write a type that owns its data, or a lifetime of the service
         --> 4:41
          |
        4 |     async fn charge_card(&self, _order: Req<'_>) -> Result<Payment, String> {
          |                                         ^^^^^^^
    "#]];

    input_is_a_slice_of_references: r#"
        #[saga]
        impl Checkout {
            #[step(readonly)]
            async fn charge_card(&self, _order: &[&str]) -> Result<Payment, String> {
                lookup()
            }

            #[step]
            async fn book_courier(&self, _payment: &Payment) -> Result<Tracking, String> {
                Ok(Tracking)
            }
        }
    "#, expect![[r#"
        error: step `charge_card` takes the saga's input as `&[&str]`, but what it borrows has to live as long as the saga: write `&[String]`, or a lifetime of the service
         --> 4:41
          |
        4 |     async fn charge_card(&self, _order: &[&str]) -> Result<Payment, String> {
          |                                         ^^^^^^^
    "#]];

    input_is_a_cow: r#"
        #[saga]
        impl Checkout {
            #[step(readonly)]
            async fn charge_card(&self, _order: &Cow<'_, str>) -> Result<Payment, String> {
                lookup()
            }

            #[step]
            async fn book_courier(&self, _payment: &Payment) -> Result<Tracking, String> {
                Ok(Tracking)
            }
        }
    "#, expect![[r#"
        error: step `charge_card` takes the saga's input as `&Cow<'_, str>`, but what it borrows has to live as long as the saga: write `&str`, or a lifetime of the service
         --> 4:41
          |
        4 |     async fn charge_card(&self, _order: &Cow<'_, str>) -> Result<Payment, String> {
          |                                         ^^^^^^^^^^^^^
    "#]];

    input_is_a_cow_of_a_slice: r#"
        #[saga]
        impl Checkout {
            #[step(readonly)]
            async fn charge_card(&self, _order: Cow<'_, [Line]>) -> Result<Payment, String> {
                lookup()
            }

            #[step]
            async fn book_courier(&self, _payment: &Payment) -> Result<Tracking, String> {
                Ok(Tracking)
            }
        }
    "#, expect![[r#"
        error: step `charge_card` takes the saga's input as `Cow<'_, [Line]>`, but what it borrows has to live as long as the saga: write `Vec<Line>`, or a lifetime of the service
         --> 4:41
          |
        4 |     async fn charge_card(&self, _order: Cow<'_, [Line]>) -> Result<Payment, String> {
          |                                         ^^^^^^^^^^^^^^^
    "#]];

    input_is_a_lifetime_of_the_method: r#"
        #[saga]
        impl Checkout {
            #[step(readonly)]
            async fn charge_card<'r>(&self, _order: &Req<'r>) -> Result<Payment, String> {
                lookup()
            }

            #[step]
            async fn book_courier(&self, _payment: &Payment) -> Result<Tracking, String> {
                Ok(Tracking)
            }
        }
    "#, expect![[r#"
        error: step `charge_card` takes the saga's input as `&Req<'_>`, but what it borrows has to live as long as the saga: write a type that owns its data, or a lifetime of the service
         --> 4:45
          |
        4 |     async fn charge_card<'r>(&self, _order: &Req<'r>) -> Result<Payment, String> {
          |                                             ^^^^^^^^
    "#]];

    input_is_one_of_two: r#"
        #[saga]
        impl Checkout {
            #[step(readonly)]
            async fn charge_card(&self, _order: &Order, _lines: &[&str]) -> Result<Payment, String> {
                lookup()
            }

            #[step]
            async fn book_courier(&self, _payment: &Payment) -> Result<Tracking, String> {
                Ok(Tracking)
            }
        }
    "#, expect![[r#"
        error: step `charge_card` takes the saga's input as `&[&str]`, but what it borrows has to live as long as the saga: write `&[String]`, or a lifetime of the service
         --> 4:57
          |
        4 |     async fn charge_card(&self, _order: &Order, _lines: &[&str]) -> Result<Payment, String> {
          |                                                         ^^^^^^^
    "#]];

    input_is_an_option_of_a_reference: r#"
        #[saga]
        impl Checkout {
            #[step(readonly)]
            async fn charge_card(&self, _order: Option<&Order>) -> Result<Payment, String> {
                lookup()
            }

            #[step]
            async fn book_courier(&self, _payment: &Payment) -> Result<Tracking, String> {
                Ok(Tracking)
            }
        }
    "#, expect![[r#"
        error: step `charge_card` takes the saga's input as `Option<&Order>`, but what it borrows has to live as long as the saga: write `Option<Order>`, or a lifetime of the service
         --> 4:41
          |
        4 |     async fn charge_card(&self, _order: Option<&Order>) -> Result<Payment, String> {
          |                                         ^^^^^^^^^^^^^^
    "#]];

    input_marked_is_a_slice_of_references: r#"
        #[saga]
        impl Checkout {
            #[step(readonly)]
            async fn charge_card(&self) -> Result<Payment, String> {
                lookup()
            }

            #[step]
            async fn book_courier(&self, _payment: &Payment, #[input] _lines: &[&str]) -> Result<Tracking, String> {
                Ok(Tracking)
            }
        }
    "#, expect![[r#"
        error: step `book_courier` takes the saga's input as `&[&str]`, but what it borrows has to live as long as the saga: write `&[String]`, or a lifetime of the service
         --> 9:71
          |
        9 |     async fn book_courier(&self, _payment: &Payment, #[input] _lines: &[&str]) -> Result<Tracking, String> {
          |                                                                       ^^^^^^^
    "#]];

    saga_input_borrows: r#"
        #[saga(input = Cow<str>)]
        impl Checkout {
            #[step(readonly)]
            async fn charge_card(&self) -> Result<Payment, String> {
                lookup()
            }

            #[step]
            async fn book_courier(&self, _payment: &Payment) -> Result<Tracking, String> {
                Ok(Tracking)
            }
        }
    "#, expect![[r#"
        error: `input = Cow<str>` borrows, but the input has to live as long as the saga: write `input = String`, or a lifetime of the service
         --> 1:16
          |
        1 | #[saga(input = Cow<str>)]
          |                ^^^^^^^^
    "#]];

    saga_input_borrows_an_elided_lifetime: r#"
        #[saga(input = Req<'_>)]
        impl Checkout {
            #[step(readonly)]
            async fn charge_card(&self) -> Result<Payment, String> {
                lookup()
            }

            #[step]
            async fn book_courier(&self, _payment: &Payment) -> Result<Tracking, String> {
                Ok(Tracking)
            }
        }
    "#, expect![[r#"
        error: `input = Req<'_>` borrows, but the input has to live as long as the saga: write a type that owns its data, or a lifetime of the service
         --> 1:16
          |
        1 | #[saga(input = Req<'_>)]
          |                ^^^^^^^
    "#]];

    error_generic_without_bounds: r#"
        #[saga]
        impl<E> Bank<E> {
            #[step(readonly)]
            async fn charge_card(&self, _order: &Order) -> Result<Payment, E> {
                lookup()
            }

            #[step]
            async fn book_courier(&self, _payment: &Payment) -> Result<Tracking, String> {
                Ok(Tracking)
            }
        }
    "#, expect![[r#"
        error: the error `E` of step `charge_card` has to be `Display` and `Send`, which its bounds do not say: write `E: std::fmt::Display + Send + Sync`
         --> 2:6
          |
        2 | impl<E> Bank<E> {
          |      ^
    "#]];

    error_generic_not_display: r#"
        #[saga]
        impl<E> Bank<E>
        where
            E: Send + Sync,
        {
            #[step(readonly)]
            async fn charge_card(&self, _order: &Order) -> Result<Payment, E> {
                lookup()
            }

            #[step]
            async fn book_courier(&self, _payment: &Payment) -> Result<Tracking, String> {
                Ok(Tracking)
            }
        }
    "#, expect![[r#"
        error: the error `E` of step `charge_card` has to be `Display` and `Send`, which its bounds do not say: write `E: Send + Sync + std::fmt::Display`
         --> 2:6
          |
        2 | impl<E> Bank<E>
          |      ^
    "#]];

    error_generic_in_compensation: r#"
        #[saga]
        impl<E> Bank<E> {
            #[step(compensate = refund)]
            async fn charge_card(&self, _order: &Order) -> Result<Payment, String> {
                lookup()
            }

            #[step]
            async fn book_courier(&self, _payment: &Payment) -> Result<Tracking, String> {
                Ok(Tracking)
            }

            async fn refund(&self, _payment: &Payment) -> Result<(), E> {
                Ok(())
            }
        }
    "#, expect![[r#"
        error: the error `E` of compensation `refund` has to be `Display` and `Send`, which its bounds do not say: write `E: std::fmt::Display + Send + Sync`
         --> 2:6
          |
        2 | impl<E> Bank<E> {
          |      ^
    "#]];

    send_generic_output: r#"
        #[saga]
        impl<T: Clone> Bank<T> {
            #[step(readonly)]
            async fn charge_card(&self, _order: &Order) -> Result<T, String> {
                lookup()
            }

            #[step]
            async fn book_courier(&self, _value: &T) -> Result<Tracking, String> {
                Ok(Tracking)
            }
        }
    "#, expect![[r#"
        error: the output `T` of step `charge_card` has to be `Send`, which its bounds do not say: write `T: Clone + Send + Sync`
         --> 2:6
          |
        2 | impl<T: Clone> Bank<T> {
          |      ^^^^^^^^
    "#]];

    tuple_swapped: r#"
        #[saga]
        impl Checkout {
            #[step(readonly)]
            async fn charge_card(&self, _order: &Order) -> Result<(Payment, Receipt), String> {
                lookup()
            }

            #[step]
            async fn book_courier(&self, _receipt: &Receipt, _payment: &Payment) -> Result<Tracking, String> {
                Ok(Tracking)
            }
        }
    "#, expect![[r#"
        error: step `book_courier` takes the fields of the `(Payment, Receipt)` of `charge_card` in another order than they come: swap the parameters, write `_payment: &Payment, _receipt: &Receipt`
         --> 9:44
          |
        9 |     async fn book_courier(&self, _receipt: &Receipt, _payment: &Payment) -> Result<Tracking, String> {
          |                                            ^^^^^^^^
    "#]];

    tuple_swapped_by_value_and_as_text: r#"
        #[saga]
        impl Checkout {
            #[step(readonly)]
            async fn charge_card(&self, _order: &Order) -> Result<(Payment, String, Vec<Line>), String> {
                lookup()
            }

            #[step]
            async fn book_courier(&self, _lines: &[Line], _text: &str, _payment: Payment) -> Result<Tracking, String> {
                Ok(Tracking)
            }
        }
    "#, expect![[r#"
        error: step `book_courier` takes the fields of the `(Payment, String, Vec<Line>)` of `charge_card` in another order than they come: swap the parameters, write `_payment: Payment, _text: &str, _lines: &[Line]`
         --> 9:42
          |
        9 |     async fn book_courier(&self, _lines: &[Line], _text: &str, _payment: Payment) -> Result<Tracking, String> {
          |                                          ^^^^^^^
    "#]];

    tuple_rotated: r#"
        #[saga]
        impl Checkout {
            #[step(readonly)]
            async fn charge_card(&self, _order: &Order) -> Result<(Payment, Receipt, Note), String> {
                lookup()
            }

            #[step]
            async fn book_courier(&self, _receipt: &Receipt, _note: &Note, _payment: &Payment) -> Result<Tracking, String> {
                Ok(Tracking)
            }
        }
    "#, expect![[r#"
        error: step `book_courier` takes the fields of the `(Payment, Receipt, Note)` of `charge_card` in another order than they come: swap the parameters, write `_payment: &Payment, _receipt: &Receipt, _note: &Note`
         --> 9:44
          |
        9 |     async fn book_courier(&self, _receipt: &Receipt, _note: &Note, _payment: &Payment) -> Result<Tracking, String> {
          |                                            ^^^^^^^^
    "#]];

    from_without_argument_of_a_known_type: r#"
        #[saga]
        impl Tickets {
            #[step(readonly)]
            async fn quote(&self, _order: &Order) -> Result<Quote, String> {
                Ok(Quote)
            }

            #[step(readonly)]
            async fn count(&self) -> Result<Count, String> {
                Ok(Quote)
            }

            #[step(pivot)]
            async fn print(&self, #[from] _quote: &Quote) -> Result<Ticket, String> {
                Ok(Ticket)
            }
        }
    "#, expect![[r#"
        error: step `print`: `#[from]` needs the name of a step: write `#[from(quote)]`
          --> 14:27
           |
        14 |     async fn print(&self, #[from] _quote: &Quote) -> Result<Ticket, String> {
           |                           ^^^^^^^
    "#]];

    from_without_argument_of_two_steps_of_a_type: r#"
        #[saga]
        impl Tickets {
            #[step(readonly)]
            async fn quote(&self, _order: &Order) -> Result<Quote, String> {
                Ok(Quote)
            }

            #[step(readonly)]
            async fn count(&self) -> Result<Quote, String> {
                Ok(Quote)
            }

            #[step(pivot)]
            async fn print(&self, #[from] quote: &Quote) -> Result<Ticket, String> {
                Ok(Ticket)
            }
        }
    "#, expect![[r#"
        error: step `print`: `#[from]` needs the name of a step: write `#[from(quote)]`
          --> 14:27
           |
        14 |     async fn print(&self, #[from] quote: &Quote) -> Result<Ticket, String> {
           |                           ^^^^^^^
    "#]];

    from_without_argument_of_an_unknown_type: r#"
        #[saga]
        impl Tickets {
            #[step(readonly)]
            async fn quote(&self, _order: &Order) -> Result<Quote, String> {
                Ok(Quote)
            }

            #[step(readonly)]
            async fn count(&self) -> Result<Quote, String> {
                Ok(Quote)
            }

            #[step(pivot)]
            async fn print(&self, #[from] _quote: &Price) -> Result<Ticket, String> {
                Ok(Ticket)
            }
        }
    "#, expect![[r#"
        error: step `print`: `#[from]` needs the name of a step: write `#[from(quote)]` or `#[from(count)]`
          --> 14:27
           |
        14 |     async fn print(&self, #[from] _quote: &Price) -> Result<Ticket, String> {
           |                           ^^^^^^^
    "#]];

    from_no_step_of_a_known_type: r#"
        #[saga]
        impl Tickets {
            #[step(readonly)]
            async fn quote(&self, _order: &Order) -> Result<Quote, String> {
                Ok(Quote)
            }

            #[step(readonly)]
            async fn count(&self) -> Result<Count, String> {
                Ok(Quote)
            }

            #[step(pivot)]
            async fn print(&self, #[from(reserve)] _quote: Quote) -> Result<Ticket, String> {
                Ok(Ticket)
            }
        }
    "#, expect![[r#"
        error: step `print`: `#[from(reserve)]` names no step of this saga: write `#[from(quote)]`
          --> 14:34
           |
        14 |     async fn print(&self, #[from(reserve)] _quote: Quote) -> Result<Ticket, String> {
           |                                  ^^^^^^^
    "#]];

    from_no_step_with_a_similar_name_of_another_type: r#"
        #[saga]
        impl Tickets {
            #[step(readonly)]
            async fn quote(&self, _order: &Order) -> Result<Quote, String> {
                Ok(Quote)
            }

            #[step(readonly)]
            async fn count(&self) -> Result<Count, String> {
                Ok(Quote)
            }

            #[step(pivot)]
            async fn print(&self, #[from(counts)] _quote: &Quote) -> Result<Ticket, String> {
                Ok(Ticket)
            }
        }
    "#, expect![[r#"
        error: step `print`: `#[from(counts)]` names no step of this saga: write `#[from(quote)]`
          --> 14:34
           |
        14 |     async fn print(&self, #[from(counts)] _quote: &Quote) -> Result<Ticket, String> {
           |                                  ^^^^^^
    "#]];
}
