//! The methods that are steps: how they are declared.

use expect_test::expect;

cases! {
    step_attempt_parameter: r#"
        #[saga]
        impl Checkout {
            #[step(pivot)]
            async fn charge_card(&self, _order: Attempt<&Order>) -> Result<Payment, String> {
                Ok(Payment)
            }
        }
    "#, expect![[r#"
        error: step `charge_card` takes an `Attempt`, which is for compensations: write `&Order`
         --> 4:41
          |
        4 |     async fn charge_card(&self, _order: Attempt<&Order>) -> Result<Payment, String> {
          |                                         ^^^^^^^^^^^^^^^
    "#]];

    step_context_by_value: r#"
        #[saga]
        impl Checkout {
            #[step(pivot)]
            async fn charge_card(&self, _order: &Order, _context: StepContext) -> Result<Payment, String> {
                Ok(Payment)
            }
        }
    "#, expect![[r#"
        error: step `charge_card` must take the context by reference: write `&StepContext`
         --> 4:59
          |
        4 |     async fn charge_card(&self, _order: &Order, _context: StepContext) -> Result<Payment, String> {
          |                                                           ^^^^^^^^^^^
    "#]];

    step_context_mut: r#"
        #[saga]
        impl Checkout {
            #[step(pivot)]
            async fn charge_card(&self, _order: &Order, _context: &mut StepContext) -> Result<Payment, String> {
                Ok(Payment)
            }
        }
    "#, expect![[r#"
        error: step `charge_card` must take the context by shared reference: write `&StepContext`, not `&mut StepContext`
         --> 4:59
          |
        4 |     async fn charge_card(&self, _order: &Order, _context: &mut StepContext) -> Result<Payment, String> {
          |                                                           ^^^^^^^^^^^^^^^^
    "#]];

    step_generic: r#"
        #[saga]
        impl Checkout {
            #[step(pivot)]
            async fn charge_card<O>(&self, _order: &O) -> Result<Payment, String> {
                Ok(Payment)
            }
        }
    "#, expect![[r#"
        error: step `charge_card` is generic, but the saga cannot infer which type `O` is: write `async fn charge_card(&self, _order: &O) -> Result<Payment, String>`, with a concrete type for `O`; or if the service has the parameter too, put it on the impl block
         --> 4:26
          |
        4 |     async fn charge_card<O>(&self, _order: &O) -> Result<Payment, String> {
          |                          ^
    "#]];

    step_generic_in_a_list: r#"
        #[saga(input = Vec<Order>)]
        impl Checkout {
            #[step(pivot)]
            async fn charge_card<O>(&self, _orders: &Vec<O>) -> Result<Payment, String>
            where
                O: Send,
            {
                Ok(Payment)
            }
        }
    "#, expect![[r#"
        error: step `charge_card` is generic, but the saga cannot infer which type `O` is: write `async fn charge_card(&self, _orders: &Vec<O>) -> Result<Payment, String>`, with a concrete type for `O`; or if the service has the parameter too, put it on the impl block
         --> 4:26
          |
        4 |     async fn charge_card<O>(&self, _orders: &Vec<O>) -> Result<Payment, String>
          |                          ^
    "#]];

    step_impl_trait_reference: r#"
        #[saga]
        impl Checkout {
            #[step(pivot)]
            async fn charge_card(&self, _order: &impl ToString) -> Result<Payment, String> {
                Ok(Payment)
            }
        }
    "#, expect![[r#"
        error: step `charge_card` takes an `impl Trait`, but the saga cannot infer its type: write `async fn charge_card(&self, _order: &Order) -> Result<Payment, String>`, with your own type for `Order`
         --> 4:42
          |
        4 |     async fn charge_card(&self, _order: &impl ToString) -> Result<Payment, String> {
          |                                          ^^^^
    "#]];

    step_mut_parameter: r#"
        #[saga]
        impl Checkout {
            #[step(readonly)]
            async fn check_card(&self, _order: &Order) -> Result<Payment, String> {
                Ok(Payment)
            }

            #[step(pivot)]
            async fn book_courier(&self, _payment: &mut Payment) -> Result<Tracking, String> {
                Ok(Tracking)
            }
        }
    "#, expect![[r#"
        error: step `book_courier` takes `&mut Payment`, but the change would be lost: write `mut _payment: Payment` and return it too, `Result<(Payment, Tracking), String>`, or `&Payment` if it only reads; the steps that need the changed one take it from this step
         --> 9:44
          |
        9 |     async fn book_courier(&self, _payment: &mut Payment) -> Result<Tracking, String> {
          |                                            ^^^^^^^^^^^^
    "#]];

    step_mut_self: r#"
        #[saga]
        impl Checkout {
            #[step(pivot)]
            async fn charge_card(&mut self, _order: &Order) -> Result<Payment, String> {
                Ok(Payment)
            }
        }
    "#, expect![[r#"
        error: step `charge_card` takes `&mut self`: write `async fn charge_card(&self, _order: &Order) -> Result<Payment, String>`
         --> 4:26
          |
        4 |     async fn charge_card(&mut self, _order: &Order) -> Result<Payment, String> {
          |                          ^^^^^^^^^
    "#]];

    step_no_self: r#"
        #[saga]
        impl Checkout {
            #[step(pivot)]
            async fn charge_card(_order: &Order) -> Result<Payment, String> {
                Ok(Payment)
            }
        }
    "#, expect![[r#"
        error: step `charge_card` does not take `&self`: write `async fn charge_card(&self, _order: &Order) -> Result<Payment, String>`
         --> 4:14
          |
        4 |     async fn charge_card(_order: &Order) -> Result<Payment, String> {
          |              ^^^^^^^^^^^
    "#]];

    step_not_a_result: r#"
        #[saga]
        impl Checkout {
            #[step(pivot)]
            async fn charge_card(&self, _order: &Order) -> Payment {
                Payment
            }
        }
    "#, expect![[r#"
        error: step `charge_card` does not return a `Result`: write `-> Result<Payment, E>`, with your error type for `E` (`std::convert::Infallible` if it cannot fail), and `Ok(..)` around what it returns. If `Payment` is an alias of `Result`, write the `Result` out
         --> 4:52
          |
        4 |     async fn charge_card(&self, _order: &Order) -> Payment {
          |                                                    ^^^^^^^
    "#]];

    step_not_a_result_of_its_own: r#"
        #[saga]
        impl Checkout {
            #[step(pivot)]
            async fn charge_card(&self, _order: &Order) -> PaymentOrError {
                PaymentOrError(Payment)
            }
        }
    "#, expect![[r#"
        error: step `charge_card` does not return a `Result`: write `-> Result<PaymentOrError, E>`, with your error type for `E` (`std::convert::Infallible` if it cannot fail), and `Ok(..)` around what it returns. If `PaymentOrError` is an alias of `Result`, write the `Result` out
         --> 4:52
          |
        4 |     async fn charge_card(&self, _order: &Order) -> PaymentOrError {
          |                                                    ^^^^^^^^^^^^^^
    "#]];

    step_output_borrows: r#"
        #[saga]
        impl Checkout {
            #[step(readonly)]
            async fn check_card(&self) -> Result<&str, String> {
                Ok("card")
            }

            #[step(pivot)]
            async fn book_courier(&self, _card: &str) -> Result<Tracking, String> {
                Ok(Tracking)
            }
        }
    "#, expect![[r#"
        error: step `check_card` returns a borrow of its arguments, which cannot be stored until the next step: write `async fn check_card(&self) -> Result<String, String>`, and return a clone
         --> 4:42
          |
        4 |     async fn check_card(&self) -> Result<&str, String> {
          |                                          ^
    "#]];

    step_returns_boxed_future: r#"
        #[saga]
        impl Checkout {
            #[step(pivot)]
            fn charge_card(&self, _order: &Order) -> Pin<Box<dyn Future<Output = Result<Payment, String>> + Send + '_>> {
                Box::pin(async { Ok(Payment) })
            }
        }
    "#, expect![[r#"
        error: step `charge_card` is not `async`: write `async fn charge_card(&self, _order: &Order) -> Result<Payment, String>`
         --> 4:5
          |
        4 |     fn charge_card(&self, _order: &Order) -> Pin<Box<dyn Future<Output = Result<Payment, String>> + Send + '_>> {
          |     ^^
    "#]];

    step_returns_impl_future: r#"
        #[saga]
        impl Checkout {
            #[step(pivot)]
            fn charge_card(&self, _order: &Order) -> impl Future<Output = Result<Payment, String>> {
                async { Ok(Payment) }
            }
        }
    "#, expect![[r#"
        error: step `charge_card` is not `async`: write `async fn charge_card(&self, _order: &Order) -> Result<Payment, String>`
         --> 4:5
          |
        4 |     fn charge_card(&self, _order: &Order) -> impl Future<Output = Result<Payment, String>> {
          |     ^^
    "#]];

    step_returns_nothing: r#"
        #[saga]
        impl Checkout {
            #[step(pivot)]
            async fn charge_card(&self, _order: &Order) {
            }
        }
    "#, expect![[r#"
        error: step `charge_card` returns nothing: write `async fn charge_card(&self, _order: &Order) -> Result<(), E>`, with your error type for `E`
         --> 4:14
          |
        4 |     async fn charge_card(&self, _order: &Order) {
          |              ^^^^^^^^^^^
    "#]];

    step_returns_option: r#"
        #[saga]
        impl Checkout {
            #[step(pivot)]
            async fn charge_card(&self, _order: &Order) -> Option<Payment> {
                Some(Payment)
            }
        }
    "#, expect![[r#"
        error: step `charge_card` does not return a `Result`: write `-> Result<Payment, E>`, with your error type for `E`, and `.ok_or(..)` on what it returns
         --> 4:52
          |
        4 |     async fn charge_card(&self, _order: &Order) -> Option<Payment> {
          |                                                    ^^^^^^^^^^^^^^^
    "#]];

    step_returns_unit: r#"
        #[saga]
        impl Checkout {
            #[step(pivot)]
            async fn charge_card(&self, _order: &Order) -> () {
            }
        }
    "#, expect![[r#"
        error: step `charge_card` does not return a `Result`: write `-> Result<(), E>`, with your error type for `E` (`std::convert::Infallible` if it cannot fail), and `Ok(())` at its end
         --> 4:52
          |
        4 |     async fn charge_card(&self, _order: &Order) -> () {
          |                                                    ^^
    "#]];

    step_self_by_value: r#"
        #[saga]
        impl Checkout {
            #[step(pivot)]
            async fn charge_card(self, _order: &Order) -> Result<Payment, String> {
                Ok(Payment)
            }
        }
    "#, expect![[r#"
        error: step `charge_card` takes `self`: write `async fn charge_card(&self, _order: &Order) -> Result<Payment, String>`
         --> 4:26
          |
        4 |     async fn charge_card(self, _order: &Order) -> Result<Payment, String> {
          |                          ^^^^
    "#]];

    step_twice: r#"
        #[saga]
        impl Checkout {
            #[step(pivot)]
            #[step(timeout = "3s")]
            async fn charge_card(&self, _order: &Order) -> Result<Payment, String> {
                Ok(Payment)
            }
        }
    "#, expect![[r#"
        error: step `charge_card` has two `#[step(..)]`: write all its options in one
         --> 4:5
          |
        4 |     #[step(timeout = "3s")]
          |     ^^^^^^^^^^^^^^^^^^^^^^^
    "#]];

    step_unsafe: r#"
        #[saga]
        impl Checkout {
            #[step(pivot)]
            async unsafe fn charge_card(&self, _order: &Order) -> Result<Payment, String> {
                Ok(Payment)
            }
        }
    "#, expect![[r#"
        error: step `charge_card` is `unsafe`, but the generated call cannot uphold its safety requirements: remove `unsafe`
         --> 4:11
          |
        4 |     async unsafe fn charge_card(&self, _order: &Order) -> Result<Payment, String> {
          |           ^^^^^^
    "#]];

    step_without_undo_with_options: r#"
        #[saga]
        impl Checkout {
            #[step(timeout = "3s")]
            async fn reserve_stock(&self, _order: &Order) -> Result<Reservation, Error> {
                Ok(Reservation)
            }

            #[step(pivot)]
            async fn charge_card(&self, _reservation: &Reservation) -> Result<Payment, Error> {
                Ok(Payment)
            }
        }
    "#, expect![[r#"
        error: step `reserve_stock` does not say how it is undone when a later step fails: write `#[step(timeout = "3s", compensate = method)]`; or in place of `compensate` write `readonly` if it changes nothing, `no_compensation = "reason"` if it cannot be undone, or `pivot` if there is no way back after it
         --> 3:5
          |
        3 |     #[step(timeout = "3s")]
          |     ^^^^^^^^^^^^^^^^^^^^^^^
    "#]];

    step_context_of_another_name: r#"
        #[saga]
        impl Checkout {
            #[step(readonly)]
            async fn charge_card(&self, _order: &Order) -> Result<Payment, String> {
                lookup()
            }

            #[step]
            async fn book_courier(&self, _payment: &Payment, _run: &Ctx) -> Result<Tracking, String> {
                Ok(Tracking)
            }
        }
    "#, expect![[r#"
        error: step `book_courier` takes `&Ctx`, and `Ctx` is not known as the context of the run: write `&saga_core::StepContext`; if it is something else, mark it with `#[input]` or `#[from(step)]`
         --> 9:60
          |
        9 |     async fn book_courier(&self, _payment: &Payment, _run: &Ctx) -> Result<Tracking, String> {
          |                                                            ^^^^
    "#]];

    step_returns_an_option_of_a_reference: r#"
        #[saga]
        impl Checkout {
            #[step(readonly)]
            async fn charge_card(&self, _order: &Order) -> Result<Option<&str>, String> {
                lookup()
            }

            #[step]
            async fn book_courier(&self, ) -> Result<Tracking, String> {
                Ok(Tracking)
            }
        }
    "#, expect![[r#"
        error: step `charge_card` returns a borrow of its arguments, which cannot be stored until the next step: write `Result<Option<String>, String>`, or a lifetime of the service
         --> 4:66
          |
        4 |     async fn charge_card(&self, _order: &Order) -> Result<Option<&str>, String> {
          |                                                                  ^
    "#]];

    step_returns_a_cow: r#"
        #[saga]
        impl Checkout {
            #[step(readonly)]
            async fn charge_card(&self, _order: &Order) -> Result<Cow<str>, String> {
                lookup()
            }

            #[step]
            async fn book_courier(&self, ) -> Result<Tracking, String> {
                Ok(Tracking)
            }
        }
    "#, expect![[r#"
        error: step `charge_card` returns a borrow of its arguments, which cannot be stored until the next step: write `Result<String, String>`, or a lifetime of the service
         --> 4:59
          |
        4 |     async fn charge_card(&self, _order: &Order) -> Result<Cow<str>, String> {
          |                                                           ^^^
    "#]];

    step_returns_a_slice: r#"
        #[saga]
        impl Checkout {
            #[step(readonly)]
            async fn charge_card(&self, _order: &Order) -> Result<Vec<&[Line]>, String> {
                lookup()
            }

            #[step]
            async fn book_courier(&self, ) -> Result<Tracking, String> {
                Ok(Tracking)
            }
        }
    "#, expect![[r#"
        error: step `charge_card` returns a borrow of its arguments, which cannot be stored until the next step: write `Result<Vec<Vec<Line>>, String>`, or a lifetime of the service
         --> 4:63
          |
        4 |     async fn charge_card(&self, _order: &Order) -> Result<Vec<&[Line]>, String> {
          |                                                               ^
    "#]];

    step_returns_a_type_with_an_elided_lifetime: r#"
        #[saga]
        impl Checkout {
            #[step(readonly)]
            async fn charge_card(&self, _order: &Order) -> Result<Row<'_>, String> {
                lookup()
            }

            #[step]
            async fn book_courier(&self, ) -> Result<Tracking, String> {
                Ok(Tracking)
            }
        }
    "#, expect![[r#"
        error: step `charge_card` returns a borrow of its arguments, which cannot be stored until the next step: write a type that owns its data, or a lifetime of the service
         --> 4:63
          |
        4 |     async fn charge_card(&self, _order: &Order) -> Result<Row<'_>, String> {
          |                                                               ^
    "#]];

    step_error_is_a_cow: r#"
        #[saga]
        impl Checkout {
            #[step(readonly)]
            async fn charge_card(&self, _order: &Order) -> Result<Payment, Cow<str>> {
                lookup()
            }

            #[step]
            async fn book_courier(&self, _payment: &Payment) -> Result<Tracking, String> {
                Ok(Tracking)
            }
        }
    "#, expect![[r#"
        error: step `charge_card` returns a borrow of its arguments, which cannot be stored until the next step: write `Result<Payment, String>`, or a lifetime of the service
         --> 4:68
          |
        4 |     async fn charge_card(&self, _order: &Order) -> Result<Payment, Cow<str>> {
          |                                                                    ^^^
    "#]];

    step_without_undo_but_an_unnamed_method: r#"
        #[saga]
        impl Checkout {
            #[step(timeout = "3s", retry(attempts = 3))]
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
        error: step `reserve_stock` does not say how it is undone when a later step fails: write `#[step(timeout = "3s", retry(attempts = 3), compensate = release_stock)]`, if that undoes it; or in place of `compensate` write `readonly` if it changes nothing, `no_compensation = "reason"` if it cannot be undone, or `pivot` if there is no way back after it
         --> 3:5
          |
        3 |     #[step(timeout = "3s", retry(attempts = 3))]
          |     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    "#]];

    step_without_undo_but_an_unnamed_method_with_attempt: r#"
        #[saga]
        impl Checkout {
            #[step()]
            async fn reserve_stock(&self, _order: &Order) -> Result<Reservation, String> {
                Ok(Reservation)
            }

            #[step(pivot)]
            async fn charge_card(&self, _reservation: &Reservation) -> Result<Payment, String> {
                Ok(Payment)
            }

            async fn release_stock(&self, _reservation: saga_core::Attempt<&Reservation>) -> Result<(), String> {
                Ok(())
            }
        }
    "#, expect![[r#"
        error: step `reserve_stock` does not say how it is undone when a later step fails: write `#[step(compensate = release_stock)]`, if that undoes it; or in place of `compensate` write `readonly` if it changes nothing, `no_compensation = "reason"` if it cannot be undone, or `pivot` if there is no way back after it
         --> 3:5
          |
        3 |     #[step()]
          |     ^^^^^^^^^
    "#]];

    step_without_undo_and_two_unnamed_methods: r#"
        #[saga]
        impl Checkout {
            #[step(timeout = "3s",)]
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

            async fn count_stock(&self, _reservation: &Reservation) -> Result<(), String> {
                Ok(())
            }
        }
    "#, expect![[r#"
        error: step `reserve_stock` does not say how it is undone when a later step fails: write `#[step(timeout = "3s", compensate = method)]`; or in place of `compensate` write `readonly` if it changes nothing, `no_compensation = "reason"` if it cannot be undone, or `pivot` if there is no way back after it
         --> 3:5
          |
        3 |     #[step(timeout = "3s",)]
          |     ^^^^^^^^^^^^^^^^^^^^^^^^
    "#]];

    step_without_undo_and_a_method_of_another_type: r#"
        #[saga]
        impl Checkout {
            #[step(timeout = "3s")]
            async fn reserve_stock(&self, _order: &Order) -> Result<Reservation, String> {
                Ok(Reservation)
            }

            #[step(pivot)]
            async fn charge_card(&self, _reservation: &Reservation) -> Result<Payment, String> {
                Ok(Payment)
            }

            async fn release_stock(&self, _reservation: &Payervation) -> Result<(), String> {
                Ok(())
            }
        }
    "#, expect![[r#"
        error: step `reserve_stock` does not say how it is undone when a later step fails: write `#[step(timeout = "3s", compensate = method)]`; or in place of `compensate` write `readonly` if it changes nothing, `no_compensation = "reason"` if it cannot be undone, or `pivot` if there is no way back after it
         --> 3:5
          |
        3 |     #[step(timeout = "3s")]
          |     ^^^^^^^^^^^^^^^^^^^^^^^
    "#]];

    step_mut_parameter_returned_too: r#"
        #[saga]
        impl Checkout {
            #[step(readonly)]
            async fn reserve_stock(&self, order: &mut Order) -> Result<Reservation, String> {
                Ok(Reservation)
            }

            #[step(pivot)]
            async fn charge_card(&self, _reservation: &Reservation) -> Result<Payment, String> {
                Ok(Payment)
            }
        }
    "#, expect![[r#"
        error: step `reserve_stock` takes `&mut Order`, but the change would be lost: write `mut order: Order` and return it too, `Result<(Order, Reservation), String>`, or `&Order` if it only reads; the steps that need the changed one take it from this step
         --> 4:42
          |
        4 |     async fn reserve_stock(&self, order: &mut Order) -> Result<Reservation, String> {
          |                                          ^^^^^^^^^^
    "#]];

    step_mut_parameter_of_unit: r#"
        #[saga]
        impl Checkout {
            #[step(readonly)]
            async fn reserve_stock(&self, order: &mut Order) -> Result<(), StockError> {
                Ok(Reservation)
            }

            #[step(pivot)]
            async fn charge_card(&self) -> Result<Payment, String> {
                Ok(Payment)
            }
        }
    "#, expect![[r#"
        error: step `reserve_stock` takes `&mut Order`, but the change would be lost: write `mut order: Order` and return it, `Result<Order, StockError>`, or `&Order` if it only reads; the steps that need the changed one take it from this step
         --> 4:42
          |
        4 |     async fn reserve_stock(&self, order: &mut Order) -> Result<(), StockError> {
          |                                          ^^^^^^^^^^
    "#]];

    step_mut_slice_without_a_name: r#"
        #[saga]
        impl Checkout {
            #[step(readonly)]
            async fn reserve_stock(&self, _: &mut [Line]) -> Result<(), StockError> {
                Ok(Reservation)
            }

            #[step(pivot)]
            async fn charge_card(&self) -> Result<Payment, String> {
                Ok(Payment)
            }
        }
    "#, expect![[r#"
        error: step `reserve_stock` takes `&mut [Line]`, but the change would be lost: write `Vec<Line>` and return it, `Result<Vec<Line>, StockError>`, or `&[Line]` if it only reads; the steps that need the changed one take it from this step
         --> 4:38
          |
        4 |     async fn reserve_stock(&self, _: &mut [Line]) -> Result<(), StockError> {
          |                                      ^^^^^^^^^^^
    "#]];

    step_output_borrows_one_of_two: r#"
        #[saga]
        impl Checkout {
            #[step(readonly)]
            async fn reserve_stock<'a, 'b>(&self, lines: &'a [Line], _rates: &'b Rates) -> Result<&'a Line, String> {
                Ok(Reservation)
            }

            #[step(pivot)]
            async fn charge_card(&self) -> Result<Payment, String> {
                Ok(Payment)
            }
        }
    "#, expect![[r#"
        error: step `reserve_stock` returns a borrow of its arguments, which cannot be stored until the next step: write `async fn reserve_stock(&self, lines: &[Line], _rates: &Rates) -> Result<Line, String>`, and return a clone
         --> 4:92
          |
        4 |     async fn reserve_stock<'a, 'b>(&self, lines: &'a [Line], _rates: &'b Rates) -> Result<&'a Line, String> {
          |                                                                                            ^
    "#]];

    step_output_borrows_what_another_has_too: r#"
        #[saga]
        impl Checkout {
            #[step(readonly)]
            async fn reserve_stock<'a>(&self, lines: &'a [Line], _others: &'a [Line]) -> Result<&'a Line, String> {
                Ok(Reservation)
            }

            #[step(pivot)]
            async fn charge_card(&self) -> Result<Payment, String> {
                Ok(Payment)
            }
        }
    "#, expect![[r#"
        error: step `reserve_stock` returns a borrow of its arguments, which cannot be stored until the next step: write `async fn reserve_stock<'a>(&self, lines: &'a [Line], _others: &'a [Line]) -> Result<Line, String>`, and return a clone
         --> 4:90
          |
        4 |     async fn reserve_stock<'a>(&self, lines: &'a [Line], _others: &'a [Line]) -> Result<&'a Line, String> {
          |                                                                                          ^
    "#]];
}
