//! Groups of steps that run at the same time.

use expect_test::expect;

cases! {
    group_compensate_after_the_pivot: r#"
        #[saga]
        impl Checkout {
            #[step(pivot)]
            async fn find_receipt(&self, _order: &Order) -> Result<Receipt, String> {
                Ok(Receipt)
            }

            #[step(parallel = preparations, compensate = release_stock)]
            async fn reserve_stock(&self, _receipt: &Receipt) -> Result<Reservation, String> {
                Ok(Reservation)
            }

            #[step(parallel = preparations, readonly)]
            async fn check_card(&self, _receipt: &Receipt) -> Result<Payment, String> {
                Ok(Payment)
            }

            #[step]
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
        error: step `reserve_stock` comes after the pivot `find_receipt`, so it is never undone: remove `compensate`, or move the step above the pivot
         --> 8:37
          |
        8 |     #[step(parallel = preparations, compensate = release_stock)]
          |                                     ^^^^^^^^^^
    "#]];

    group_from_a_later_sibling: r#"
        #[saga]
        impl Checkout {
            #[step(parallel = preparations, compensate = release_stock)]
            async fn reserve_stock(
                &self,
                #[from(check_card)] _payment: &Payment,
            ) -> Result<Reservation, String> {
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
        error: step `reserve_stock`: `check_card` runs at the same time, in the group `preparations`, so it may have no output yet: remove `#[from(check_card)]`, or write `#[input]` for the saga's input
         --> 6:16
          |
        6 |         #[from(check_card)] _payment: &Payment,
          |                ^^^^^^^^^^
    "#]];

    group_from_a_sibling_in_a_compensation: r#"
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

            #[step(pivot)]
            async fn book_courier(
                &self,
                _reservation: &Reservation,
                _payment: &Payment,
            ) -> Result<Tracking, String> {
                Ok(Tracking)
            }

            async fn release_stock(&self, #[from(check_card)] _payment: &Payment) -> Result<(), String> {
                Ok(())
            }
        }
    "#, expect![[r#"
        error: compensation of step `reserve_stock`: `check_card` runs at the same time, in the group `preparations`, so it may have no output yet: write `#[from(reserve_stock)]`
          --> 22:42
           |
        22 |     async fn release_stock(&self, #[from(check_card)] _payment: &Payment) -> Result<(), String> {
           |                                          ^^^^^^^^^^
    "#]];

    group_from_a_sibling_in_a_condition: r#"
        #[saga]
        impl Checkout {
            #[step(parallel = preparations, compensate = release_stock)]
            async fn reserve_stock(&self, _order: &Order) -> Result<Reservation, String> {
                Ok(Reservation)
            }

            #[step(parallel = preparations, readonly, only_if = is_large)]
            async fn check_card(&self, _order: &Order) -> Result<Payment, String> {
                Ok(Payment)
            }

            #[step(pivot)]
            async fn book_courier(
                &self,
                _reservation: &Reservation,
                _payment: Option<&Payment>,
            ) -> Result<Tracking, String> {
                Ok(Tracking)
            }

            fn is_large(&self, #[from(reserve_stock)] _reservation: &Reservation) -> bool {
                true
            }

            async fn release_stock(&self, _reservation: &Reservation) -> Result<(), String> {
                Ok(())
            }
        }
    "#, expect![[r#"
        error: condition of step `check_card`: `reserve_stock` runs at the same time, in the group `preparations`, so it may have no output yet: remove `#[from(reserve_stock)]`, or write `#[input]` for the saga's input
          --> 22:31
           |
        22 |     fn is_large(&self, #[from(reserve_stock)] _reservation: &Reservation) -> bool {
           |                               ^^^^^^^^^^^^^
    "#]];

    group_from_the_group: r#"
        #[saga]
        impl Trips {
            #[step(parallel = bookings, compensate = cancel_hotel)]
            async fn book_hotel(&self, _trip: &Trip) -> Result<Hotel, String> {
                Ok(Hotel)
            }

            #[step(parallel = bookings, compensate = cancel_flight)]
            async fn book_flight(&self, _trip: &Trip) -> Result<Flight, String> {
                Ok(Flight)
            }

            #[step(pivot)]
            async fn pay(&self, #[from(bookings)] _hotel: &Hotel) -> Result<Ticket, String> {
                Ok(Ticket)
            }

            async fn cancel_hotel(&self, _hotel: &Hotel) -> Result<(), String> {
                Ok(())
            }

            async fn cancel_flight(&self, _flight: &Flight) -> Result<(), String> {
                Ok(())
            }
        }
    "#, expect![[r#"
        error: step `pay`: `bookings` is a group, and `#[from]` takes the output of one step: write `#[from(book_hotel)]` or `#[from(book_flight)]`
          --> 14:32
           |
        14 |     async fn pay(&self, #[from(bookings)] _hotel: &Hotel) -> Result<Ticket, String> {
           |                                ^^^^^^^^
    "#]];

    group_interrupted_by_a_group: r#"
        #[saga]
        impl Trips {
            #[step(parallel = bookings, compensate = cancel_hotel)]
            async fn book_hotel(&self, _trip: &Trip) -> Result<Hotel, String> {
                Ok(Hotel)
            }

            #[step(parallel = cars, readonly)]
            async fn find_car(&self) -> Result<Car, String> {
                Ok(Car)
            }

            #[step(parallel = cars, readonly)]
            async fn find_driver(&self) -> Result<Car, String> {
                Ok(Car)
            }

            #[step(parallel = bookings, compensate = cancel_flight)]
            async fn book_flight(&self, _trip: &Trip) -> Result<Flight, String> {
                Ok(Flight)
            }

            #[step(pivot)]
            async fn pay(&self, _hotel: &Hotel, _flight: &Flight) -> Result<Ticket, String> {
                Ok(Ticket)
            }

            async fn cancel_hotel(&self, _hotel: &Hotel) -> Result<(), String> {
                Ok(())
            }

            async fn cancel_flight(&self, _flight: &Flight) -> Result<(), String> {
                Ok(())
            }
        }
    "#, expect![[r#"
        error: the group `bookings` is interrupted by step `find_car`, but the members of a group must be neighbours: move `book_flight` to the others, or give it another group
          --> 18:23
           |
        18 |     #[step(parallel = bookings, compensate = cancel_flight)]
           |                       ^^^^^^^^
    "#]];

    group_member_without_undo: r#"
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
        error: step `check_card` does not say how it is undone when another member of the group `preparations`, or a later step, fails: write `#[step(parallel = preparations, compensate = method)]`; or in place of `compensate` write `readonly` if it changes nothing or `no_compensation = "reason"` if it cannot be undone
         --> 8:5
          |
        8 |     #[step(parallel = preparations)]
          |     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    "#]];

    group_member_without_undo_last: r#"
        #[saga]
        impl Checkout {
            #[step(readonly)]
            async fn price(&self, _order: &Order) -> Result<u64, String> {
                Ok(250)
            }

            #[step(parallel = preparations, compensate = release_stock)]
            async fn reserve_stock(&self, _price: &u64) -> Result<Reservation, String> {
                Ok(Reservation)
            }

            #[step(parallel = preparations)]
            async fn check_card(&self, _price: &u64) -> Result<Payment, String> {
                Ok(Payment)
            }

            async fn release_stock(&self, _reservation: &Reservation) -> Result<(), String> {
                Ok(())
            }
        }
    "#, expect![[r#"
        error: step `check_card` does not say how it is undone when another member of the group `preparations` fails: write `#[step(parallel = preparations, compensate = method)]`; or in place of `compensate` write `readonly` if it changes nothing or `no_compensation = "reason"` if it cannot be undone
          --> 13:5
           |
        13 |     #[step(parallel = preparations)]
           |     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    "#]];

    group_misspelt_on_one: r#"
        #[saga]
        impl Checkout {
            #[step(parallel = preparations, compensate = release_stock)]
            async fn reserve_stock(&self, _order: &Order) -> Result<Reservation, String> {
                Ok(Reservation)
            }

            #[step(parallel = preparation, readonly)]
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
        error: step `check_card` is alone in the group `preparation`: write `parallel = preparations`, the group of step `reserve_stock`, or another name on each member of its own group
         --> 8:23
          |
        8 |     #[step(parallel = preparation, readonly)]
          |                       ^^^^^^^^^^^
    "#]];

    group_named_like_a_group: r#"
        #[saga]
        impl Trips {
            #[step(parallel = first_try, compensate = cancel_hotel)]
            async fn book_hotel(&self, _trip: &Trip) -> Result<Hotel, String> {
                Ok(Hotel)
            }

            #[step(parallel = first_try, compensate = cancel_flight)]
            async fn book_flight(&self, _trip: &Trip) -> Result<Flight, String> {
                Ok(Flight)
            }

            #[step(parallel = _first_try, readonly)]
            async fn find_car(&self) -> Result<Car, String> {
                Ok(Car)
            }

            #[step(parallel = _first_try, readonly)]
            async fn find_driver(&self) -> Result<Car, String> {
                Ok(Car)
            }

            async fn cancel_hotel(&self, _hotel: &Hotel) -> Result<(), String> {
                Ok(())
            }

            async fn cancel_flight(&self, _flight: &Flight) -> Result<(), String> {
                Ok(())
            }
        }
    "#, expect![[r#"
        error: the group `_first_try` of step `find_car` is called like the group `first_try`, and both would be `BeforeFirstTry` in the state enum: rename one of them
          --> 13:23
           |
        13 |     #[step(parallel = _first_try, readonly)]
           |                       ^^^^^^^^^^
    "#]];

    group_named_like_a_step: r#"
        #[saga]
        impl Checkout {
            #[step(parallel = book_courier, compensate = release_stock)]
            async fn reserve_stock(&self, _order: &Order) -> Result<Reservation, String> {
                Ok(Reservation)
            }

            #[step(parallel = book_courier, readonly)]
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
        error: the group `book_courier` of step `reserve_stock` is called like the step `book_courier`, and both would be `BeforeBookCourier` in the state enum: rename the group, or the step
         --> 3:23
          |
        3 |     #[step(parallel = book_courier, compensate = release_stock)]
          |                       ^^^^^^^^^^^^
    "#]];

    group_of_one: r#"
        #[saga]
        impl Checkout {
            #[step(compensate = release_stock)]
            async fn reserve_stock(&self, _order: &Order) -> Result<Reservation, String> {
                Ok(Reservation)
            }

            #[step(parallel = preparations, readonly)]
            async fn check_card(&self, _reservation: &Reservation) -> Result<Payment, String> {
                Ok(Payment)
            }

            #[step(pivot)]
            async fn book_courier(&self, _payment: &Payment) -> Result<Tracking, String> {
                Ok(Tracking)
            }

            async fn release_stock(&self, _reservation: &Reservation) -> Result<(), String> {
                Ok(())
            }
        }
    "#, expect![[r#"
        error: step `check_card` is alone in the group `preparations`: write `parallel = preparations` on the step before or after it as well, or remove `parallel = preparations` here
         --> 8:23
          |
        8 |     #[step(parallel = preparations, readonly)]
          |                       ^^^^^^^^^^^^
    "#]];

    group_of_one_last: r#"
        #[saga]
        impl Trips {
            #[step(compensate = cancel_hotel)]
            async fn book_hotel(&self, _trip: &Trip) -> Result<Hotel, String> {
                Ok(Hotel)
            }

            #[step(parallel = bookings)]
            async fn pay(&self, _hotel: &Hotel) -> Result<Ticket, String> {
                Ok(Ticket)
            }

            async fn cancel_hotel(&self, _hotel: &Hotel) -> Result<(), String> {
                Ok(())
            }
        }
    "#, expect![[r#"
        error: step `pay` is alone in the group `bookings`: write `parallel = bookings` on the step before or after it as well, or remove `parallel = bookings` here
         --> 8:23
          |
        8 |     #[step(parallel = bookings)]
          |                       ^^^^^^^^
    "#]];

    group_pivot: r#"
        #[saga]
        impl Checkout {
            #[step(parallel = preparations, compensate = release_stock)]
            async fn reserve_stock(&self, _order: &Order) -> Result<Reservation, String> {
                Ok(Reservation)
            }

            #[step(parallel = preparations, pivot)]
            async fn check_card(&self, _order: &Order) -> Result<Payment, String> {
                Ok(Payment)
            }

            #[step]
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
        error: step `check_card` is the pivot and a member of the group `preparations`: before the pivot everything can be undone and after it nothing, so no other step may run beside it; remove `parallel = preparations`, or `pivot`
         --> 8:37
          |
        8 |     #[step(parallel = preparations, pivot)]
          |                                     ^^^^^
    "#]];

    group_pivot_in_it_before_a_sibling: r#"
        #[saga]
        impl Trips {
            #[step(parallel = bookings, pivot)]
            async fn book_hotel(&self, _trip: &Trip) -> Result<Hotel, String> {
                Ok(Hotel)
            }

            #[step(parallel = bookings, compensate = cancel_flight)]
            async fn book_flight(&self, _trip: &Trip) -> Result<Flight, String> {
                Ok(Flight)
            }

            async fn cancel_flight(&self, _flight: &Flight) -> Result<(), String> {
                Ok(())
            }
        }
    "#, expect![[r#"
        error: step `book_hotel` is the pivot and a member of the group `bookings`: before the pivot everything can be undone and after it nothing, so no other step may run beside it; remove `parallel = bookings`, or `pivot`
         --> 3:33
          |
        3 |     #[step(parallel = bookings, pivot)]
          |                                 ^^^^^
    "#]];

    group_taken_as_a_tuple: r#"
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

            #[step(pivot)]
            async fn book_courier(&self, _prepared: &(Reservation, Payment)) -> Result<Tracking, String> {
                Ok(Tracking)
            }

            async fn release_stock(&self, _reservation: &Reservation) -> Result<(), String> {
                Ok(())
            }
        }
    "#, expect![[r#"
        error: step `book_courier` has 1 unmarked parameter, but gets 2 values from the group `preparations` (`&Reservation` of `reserve_stock`, `&Payment` of `check_card`): write one parameter for each, `reserve_stock: &Reservation`, `check_card: &Payment`, in place of `_prepared` here and in the body
          --> 14:45
           |
        14 |     async fn book_courier(&self, _prepared: &(Reservation, Payment)) -> Result<Tracking, String> {
           |                                             ^^^^^^^^^^^^^^^^^^^^^^^
    "#]];

    group_too_few_parameters: r#"
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
    "#]];

    group_too_few_parameters_in_the_next_group: r#"
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

            #[step(parallel = bookings, readonly)]
            async fn ask_courier(&self, _reservation: &Reservation) -> Result<u64, String> {
                Ok(7)
            }

            #[step(parallel = bookings, readonly)]
            async fn ask_insurer(
                &self,
                _reservation: &Reservation,
                _payment: &Payment,
            ) -> Result<u64, String> {
                Ok(7)
            }

            #[step(pivot)]
            async fn book_courier(&self, _courier: &u64, _insurer: &u64) -> Result<Tracking, String> {
                Ok(Tracking)
            }

            async fn release_stock(&self, _reservation: &Reservation) -> Result<(), String> {
                Ok(())
            }
        }
    "#, expect![[r#"
        error: step `ask_courier` has 1 unmarked parameter, but gets 2 values from the group `preparations` (`&Reservation` of `reserve_stock`, `&Payment` of `check_card`): write `#[from(reserve_stock)] _reservation: &Reservation` for this one alone, or one parameter for each: `reserve_stock: &Reservation, check_card: &Payment`
          --> 14:47
           |
        14 |     async fn ask_courier(&self, _reservation: &Reservation) -> Result<u64, String> {
           |                                               ^^^^^^^^^^^^
    "#]];

    group_too_few_parameters_of_a_condition: r#"
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

            #[step(only_if = is_large, readonly)]
            async fn ask_insurer(
                &self,
                _reservation: &Reservation,
                _payment: &Payment,
            ) -> Result<u64, String> {
                Ok(7)
            }

            #[step(pivot)]
            async fn book_courier(&self, _insurance: Option<&u64>) -> Result<Tracking, String> {
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
        error: condition `is_large` has 1 unmarked parameter, but gets 2 values from the group `preparations` (`&Reservation` of `reserve_stock`, `&Payment` of `check_card`): write `#[from(reserve_stock)] _reservation: &Reservation` for this one alone, or one parameter for each: `reserve_stock: &Reservation, check_card: &Payment`
          --> 27:38
           |
        27 |     fn is_large(&self, _reservation: &Reservation) -> bool {
           |                                      ^^^^^^^^^^^^
    "#]];

    group_too_many_after_a_misspelt_option: r#"
        #[saga]
        impl Trips {
            #[step(parallel = bookings, compensate = cancel_hotel)]
            async fn book_hotel(&self, _trip: &Trip) -> Result<Hotel, String> {
                Ok(Hotel)
            }

            #[step(paralel = bookings, compensate = cancel_flight)]
            async fn book_flight(&self, _trip: &Trip) -> Result<Flight, String> {
                Ok(Flight)
            }

            #[step(parallel = bookings, readonly)]
            async fn find_car(&self) -> Result<Car, String> {
                Ok(Car)
            }

            #[step(pivot)]
            async fn pay(&self, _hotel: &Hotel, _flight: &Flight, _car: &Car) -> Result<Ticket, String> {
                Ok(Ticket)
            }

            async fn cancel_hotel(&self, _hotel: &Hotel) -> Result<(), String> {
                Ok(())
            }

            async fn cancel_flight(&self, _flight: &Flight) -> Result<(), String> {
                Ok(())
            }
        }
    "#, expect![[r#"
        error: step `book_flight`: `#[step]` has no option `paralel`; did you mean `parallel`? The options are `compensate`, `readonly`, `no_compensation`, `pivot`, `retry`, `timeout`, `max_interruptions`, `in_doubt`, `at_most_once`, `parallel`, `only_if`, `name`, `sensitive`, `saga`, `on`
         --> 8:12
          |
        8 |     #[step(paralel = bookings, compensate = cancel_flight)]
          |            ^^^^^^^
    "#]];

    group_swapped: r#"
        #[saga]
        impl Checkout {
            #[step(parallel = preparations, readonly)]
            async fn find_stock(&self, _order: &Order) -> Result<Reservation, String> {
                Ok(Reservation)
            }

            #[step(parallel = preparations, readonly)]
            async fn check_card(&self, _order: &Order) -> Result<Payment, String> {
                Ok(Payment)
            }

            #[step]
            async fn book_courier(&self, _payment: &Payment, _reservation: &Reservation) -> Result<Tracking, String> {
                Ok(Tracking)
            }
        }
    "#, expect![[r#"
        error: step `book_courier` takes the outputs of the group `preparations` in another order than they come: swap the parameters, write `_reservation: &Reservation, _payment: &Payment`
          --> 14:44
           |
        14 |     async fn book_courier(&self, _payment: &Payment, _reservation: &Reservation) -> Result<Tracking, String> {
           |                                            ^^^^^^^^
    "#]];

    group_swapped_around_the_context: r#"
        #[saga]
        impl Checkout {
            #[step(parallel = preparations, readonly)]
            async fn find_stock(&self, _order: &Order) -> Result<Reservation, String> {
                Ok(Reservation)
            }

            #[step(parallel = preparations, readonly)]
            async fn check_card(&self, _order: &Order) -> Result<Payment, String> {
                Ok(Payment)
            }

            #[step]
            async fn book_courier(&self, _payment: &Payment, _run: &StepContext, _reservation: &Reservation) -> Result<Tracking, String> {
                Ok(Tracking)
            }
        }
    "#, expect![[r#"
        error: step `book_courier` takes the outputs of the group `preparations` in another order than they come: swap the parameters, write `_reservation: &Reservation, _payment: &Payment`
          --> 14:44
           |
        14 |     async fn book_courier(&self, _payment: &Payment, _run: &StepContext, _reservation: &Reservation) -> Result<Tracking, String> {
           |                                            ^^^^^^^^
    "#]];

    group_swapped_of_a_conditional_member: r#"
        #[saga]
        impl Checkout {
            #[step(parallel = preparations, readonly)]
            async fn find_stock(&self, _order: &Order) -> Result<Reservation, String> {
                Ok(Reservation)
            }

            #[step(parallel = preparations, readonly, only_if = is_large)]
            async fn check_card(&self, _order: &Order) -> Result<Payment, String> {
                Ok(Payment)
            }

            #[step]
            async fn book_courier(&self, _payment: Option<&Payment>, _reservation: &Reservation) -> Result<Tracking, String> {
                Ok(Tracking)
            }

            fn is_large(&self, _order: &Order) -> bool {
                true
            }
        }
    "#, expect![[r#"
        error: step `book_courier` takes the outputs of the group `preparations` in another order than they come: swap the parameters, write `_reservation: &Reservation, _payment: Option<&Payment>`
          --> 14:44
           |
        14 |     async fn book_courier(&self, _payment: Option<&Payment>, _reservation: &Reservation) -> Result<Tracking, String> {
           |                                            ^^^^^^^^^^^^^^^^
    "#]];
}
