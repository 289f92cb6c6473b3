//! The expansions of representative sagas, kept in `snapshots/`, so that a change of them is reviewed. After
//! an intended change, `UPDATE_EXPECT=1 cargo test -p saga-macros` writes the files.

use expect_test::expect_file;
use proc_macro2::TokenStream;
use quote::quote;

/// A block and the arguments of its `#[saga(..)]`.
pub(super) struct Written {
    pub(super) arguments: TokenStream,
    pub(super) block: TokenStream,
}

impl Written {
    pub(super) fn expanded(&self) -> TokenStream {
        crate::pipeline::saga(self.arguments.clone(), self.block.clone())
    }

    #[track_caller]
    fn expands_as_in(&self, name: &str) {
        let file = syn::parse2(self.expanded()).expect("an expansion is items");
        let file = prettyplease::unparse(&file);
        expect_file![format!("../snapshots/{name}.rs")].assert_eq(&file);
    }
}

fn one_step() -> Written {
    Written {
        arguments: quote!(),
        block: quote! {
            impl Greeter {
                #[step]
                async fn greet(&self, name: &str) -> Result<String, Offended> {
                    Ok(format!("hello {name}"))
                }
            }
        },
    }
}

fn durable() -> Written {
    Written {
        arguments: quote!(durable),
        block: quote! {
            impl Trips {
                #[step(compensate = cancel_hotel)]
                async fn book_hotel(&self, city: &City) -> Result<Room, SoldOut> {
                    self.hotels.book(city).await
                }

                #[step(saga = PaymentSaga, on = self.payments)]
                fn pay(&self, room: &Room) -> Cents {
                    room.price
                }

                async fn cancel_hotel(&self, room: &Room) -> Result<(), SoldOut> {
                    self.hotels.cancel(room).await
                }
            }
        },
    }
}

fn compensation() -> Written {
    Written {
        arguments: quote!(vis = pub),
        block: quote! {
            impl Trips {
                #[step(compensate = cancel_hotel)]
                async fn book_hotel(&self, city: &City) -> Result<Room, SoldOut> {
                    self.hotels.book(city).await
                }

                #[step]
                async fn book_flight(&self, room: &Room) -> Result<Seat, SoldOut> {
                    self.flights.book(room.city()).await
                }

                async fn cancel_hotel(&self, room: &Room) -> Result<(), Unreachable> {
                    self.hotels.cancel(room).await
                }
            }
        },
    }
}

fn policies() -> Written {
    Written {
        arguments: quote! {
            name = "order",
            saga = OrderSaga,
            retry(attempts = 2),
            compensation(retry(attempts = 5, backoff = "1s..1m"), timeout = "10s")
        },
        block: quote! {
            impl Shop {
                #[step(
                    name = "charge-card",
                    compensate = refund,
                    retry(attempts = 4, backoff = "100ms..5s", when = CardError::is_transient),
                    timeout = "3s",
                    in_doubt = CardError::is_lost
                )]
                async fn charge(&self, order: &Order) -> Result<Payment, CardError> {
                    self.cards.charge(order).await
                }

                #[step(no_compensation = "a mail cannot be unsent")]
                async fn send_mail(&self) -> Result<(), MailError> {
                    self.mails.send().await
                }

                #[compensation(retry(attempts = 9, when = CardError::is_transient))]
                async fn refund(&self, payment: &Payment) -> Result<(), CardError> {
                    self.cards.refund(payment).await
                }
            }
        },
    }
}

fn pivot() -> Written {
    Written {
        arguments: quote!(),
        block: quote! {
            impl Transfers {
                #[step(pivot, compensate = revoke)]
                async fn send(&self, account: &Account) -> Result<Transfer, Refused> {
                    self.bank.send(account).await
                }

                #[step]
                async fn record(&self, transfer: &Transfer) -> Result<(), Full> {
                    self.books.record(transfer).await
                }

                async fn revoke(&self, transfer: Attempt<&Transfer>) -> Result<(), Refused> {
                    self.bank.revoke(transfer).await
                }
            }
        },
    }
}

fn context_and_from() -> Written {
    Written {
        arguments: quote!(crate = my_sagas),
        block: quote! {
            impl Checkout {
                #[step(readonly)]
                async fn price(&self, order: &Order) -> Result<Price, Unknown> {
                    self.prices.of(order).await
                }

                #[step(compensate = refund)]
                async fn charge(
                    &self,
                    #[from(price)] price: &Price,
                    #[input] order: &Order,
                    context: &StepContext,
                ) -> Result<Payment, Declined> {
                    self.cards.charge(order, price, context.idempotency_key()).await
                }

                async fn refund(
                    &self,
                    payment: &Payment,
                    #[from(price)] price: &Price,
                    context: &StepContext,
                ) -> Result<(), Declined> {
                    self.cards.refund(payment, price, context.cause()).await
                }
            }
        },
    }
}

fn generic_service() -> Written {
    Written {
        arguments: quote!(),
        block: quote! {
            impl<'a, C, T, const N: usize> Copies<'a, C, T, N>
            where
                C: Client<Error = Refused>,
                T: Clone + Send + Sync,
            {
                #[step(compensate = take_back)]
                async fn copy(&self, original: &T) -> Result<[T; N], C::Error> {
                    self.client.copy(original).await
                }

                #[step]
                async fn name(&self, copies: &[T; N]) -> Result<&'a str, Self::Error> {
                    Ok(self.name)
                }

                async fn take_back(&self, copies: &[T; N]) -> Result<(), C::Error> {
                    self.client.take_back(copies).await
                }
            }
        },
    }
}

fn owned() -> Written {
    Written {
        arguments: quote!(),
        block: quote! {
            impl Imports {
                #[step(readonly, retry(attempts = 3))]
                async fn read(&self, file: PathBuf) -> io::Result<(Valid, Invalid)> {
                    self.disk.read(file).await
                }

                #[step]
                async fn insert(&self, valid: Valid, invalid: Invalid) -> Result<u64, Full> {
                    self.table.insert(valid, invalid).await
                }
            }
        },
    }
}

fn mistake() -> Written {
    Written {
        arguments: quote!(vis = pub),
        block: quote! {
            impl Trips {
                #[step]
                async fn book_hotel(&self, city: &City) -> Result<Room, SoldOut> {
                    self.hotels.book(city).await
                }

                #[step(timeout = "soon")]
                async fn book_flight(&self, room: &Room) -> Result<Seat, SoldOut> {
                    self.flights.book(room.city()).await
                }
            }
        },
    }
}

fn group() -> Written {
    Written {
        arguments: quote!(deadline = "1h"),
        block: quote! {
            impl Trips {
                #[step(parallel = bookings, compensate = cancel_hotel)]
                async fn book_hotel(&self, city: &City) -> Result<Room, SoldOut> {
                    self.hotels.book(city).await
                }

                #[step(parallel = bookings, readonly)]
                async fn find_seat(&self, city: &City) -> Result<Seat, SoldOut> {
                    self.flights.find(city).await
                }

                #[step(pivot, at_most_once)]
                async fn book_flight(&self, room: &Room, seat: Seat) -> Result<Ticket, SoldOut> {
                    self.flights.book(room.city(), seat).await
                }

                async fn cancel_hotel(&self, room: Attempt<&Room>) -> Result<(), Unreachable> {
                    self.hotels.cancel(room).await
                }
            }
        },
    }
}

fn condition() -> Written {
    Written {
        arguments: quote!(),
        block: quote! {
            impl Trips {
                #[step(only_if = is_far, compensate = cancel_hotel)]
                async fn book_hotel(&self, city: &City) -> Result<Room, SoldOut> {
                    self.hotels.book(city).await
                }

                #[step]
                async fn book_flight(&self, room: Option<&Room>) -> Result<Seat, SoldOut> {
                    self.flights.book(room.map(Room::city)).await
                }

                fn is_far(&self, city: &City) -> bool {
                    city.distance() > self.limit
                }

                async fn cancel_hotel(&self, room: &Room) -> Result<(), Unreachable> {
                    self.hotels.cancel(room).await
                }
            }
        },
    }
}

fn nested() -> Written {
    Written {
        arguments: quote!(),
        block: quote! {
            impl<C: Client> Shop<C> {
                #[step(readonly)]
                async fn price(&self, order: &Order) -> Result<Amount, Unknown> {
                    self.prices.of(order).await
                }

                #[step(
                    saga = PaymentsSaga<C, Card>,
                    on = self.payments,
                    retry(attempts = 3, when = is_busy),
                    timeout = "1m"
                )]
                fn pay(&self, amount: &Amount) -> Amount {
                    amount.clone()
                }

                #[step(saga = PackingSaga, only_if = is_large)]
                fn pack(&self, receipt: &Receipt, #[input] order: &Order) -> (Receipt, Order) {
                    (receipt.clone(), order.clone())
                }

                #[step(pivot)]
                async fn ship(&self, parcel: Option<&Parcel>) -> Result<Tracking, NoCourier> {
                    self.courier.ship(parcel).await
                }

                fn is_large(&self, receipt: &Receipt) -> bool {
                    receipt.total() > self.limit
                }
            }
        },
    }
}

#[test]
fn one_step_expands_as_kept() {
    one_step().expands_as_in("one_step");
}

#[test]
fn two_steps_and_a_compensation_expand_as_kept() {
    compensation().expands_as_in("compensation");
}

#[test]
fn a_durable_saga_expands_as_kept() {
    durable().expands_as_in("durable");
}

#[test]
fn policies_expand_as_kept() {
    policies().expands_as_in("policies");
}

#[test]
fn a_pivot_that_can_be_in_doubt_expands_as_kept() {
    pivot().expands_as_in("pivot");
}

#[test]
fn the_context_and_earlier_outputs_expand_as_kept() {
    context_and_from().expands_as_in("context_and_from");
}

#[test]
fn a_generic_service_expands_as_kept() {
    generic_service().expands_as_in("generic_service");
}

#[test]
fn what_is_moved_cloned_and_spread_expands_as_kept() {
    owned().expands_as_in("owned");
}

#[test]
fn a_group_expands_as_kept() {
    group().expands_as_in("group");
}

#[test]
fn a_step_with_a_condition_expands_as_kept() {
    condition().expands_as_in("condition");
}

#[test]
fn steps_that_run_sagas_expand_as_kept() {
    nested().expands_as_in("nested");
}

#[test]
fn a_block_with_mistakes_expands_to_itself_stubs_and_errors_as_kept() {
    mistake().expands_as_in("mistake");
}

/// All sagas above.
pub(super) fn all() -> [Written; 12] {
    [
        one_step(),
        durable(),
        compensation(),
        policies(),
        pivot(),
        context_and_from(),
        generic_service(),
        owned(),
        group(),
        condition(),
        nested(),
        mistake(),
    ]
}

#[test]
fn the_same_block_always_expands_to_the_same_tokens() {
    for written in all() {
        let first = written.expanded().to_string();
        assert_eq!(first, written.expanded().to_string());
    }
}

/// The block with the mistakes of `one` and `two`, and others beside them.
fn every_mistake(one: &TokenStream, two: &TokenStream) -> impl Iterator<Item = TokenStream> {
    let parameters = [
        quote!(),
        quote!(, a: &A),
        quote!(, a: &A, b: Option<&B>),
        quote!(, #[from(first)] a: A, #[from(r#type)] b: &mut B),
        quote!(, #[from(one)] _: Option<Option<&A>>, run: StepContext, c: Attempt<A>),
    ];
    parameters.into_iter().map(move |parameters| {
        quote! {
            impl Trips {
                #[step(#one)]
                async fn first(&self #parameters) -> Result<A, E> {}
                #[step(#two)]
                async fn r#type(&self #parameters) -> Result<(A, B), E> {}
                #[step(#one)]
                async fn last(&self #parameters) -> MyResult<A> {}
                fn is(&self #parameters) -> bool {}
                fn r#fn(self, #[input] a: A) {}
            }
        }
    })
}

/// The same for steps that run sagas.
fn every_mistake_of_nested(one: &TokenStream, two: &TokenStream) -> [TokenStream; 2] {
    [
        quote! {
            impl<T> Trips<T> {
                #[step(#one)]
                fn first(&self, a: &A) -> A {}
                #[step(#two)]
                fn r#type(&self) {}
                #[step(#one)]
                fn last<'a>(&'a self, a: &'a A, b: Option<&B>) -> &'a A {}
                fn is(&self, a: &A) -> bool {}
            }
        },
        quote! {
            impl<T> Trips<T> {
                #[step(#one)]
                async fn first<A>(self, #[input] a: A) -> Result<A, E> {}
                #[step(#two)]
                unsafe fn r#type(a: A) -> impl Future<Output = A> {}
                #[step(#two)]
                fn last(&self, #[from(first)] a: &A) -> Result<A> {}
                fn is(&self, #[from(r#type)] a: A) -> bool {}
            }
        },
    ]
}

#[track_caller]
fn is_reported(block: TokenStream, one: &TokenStream, two: &TokenStream) {
    let what = format!("{one} | {two} | {block}");
    let arguments = quote!(deadline = "30s");
    let expanded = Written { arguments, block }.expanded();
    let text = expanded.to_string();
    assert!(!text.contains("`#[saga]` panicked"), "{what}");
    assert!(syn::parse2::<syn::File>(expanded).is_ok(), "{what}");
}

/// Combinations of mistakes in groups, conditions and names: the macro reports them, and does not panic.
#[test]
fn no_mistake_makes_the_macro_panic() {
    let options = [
        quote!(),
        quote!(parallel),
        quote!(parallel =),
        quote!(parallel = ""),
        quote!(parallel = _),
        quote!(parallel = __),
        quote!(parallel = self),
        quote!(parallel = r#type),
        quote!(parallel = one),
        quote!(parallel = one, pivot),
        quote!(parallel = one, only_if = is),
        quote!(parallel = one, only_if = one, compensate = one),
        quote!(parallel = größe, readonly, at_most_once = "no"),
        quote!(only_if),
        quote!(only_if = r#fn),
        quote!(only_if = is, compensate = is),
        quote!(only_if = first, pivot, readonly),
        quote!(if = is, group = one, deadline = "0s"),
    ];
    for one in &options {
        for two in &options {
            for block in every_mistake(one, two) {
                is_reported(block, one, two);
            }
        }
    }
}

/// The same for mistakes in steps that run sagas.
#[test]
fn no_mistake_with_a_nested_saga_makes_the_macro_panic() {
    let options = [
        quote!(),
        quote!(readonly),
        quote!(saga),
        quote!(saga =),
        quote!(saga = ""),
        quote!(saga = "PaymentsSaga"),
        quote!(saga = PaymentsSaga),
        quote!(saga = PaymentsSaga<A, { 1 + 1 }>, on = self.payments),
        quote!(saga = Payments<A, B>, on = payments),
        quote!(saga = TripsSaga<T>, pivot),
        quote!(saga = self::TripsSaga),
        quote!(saga = PaymentsSaga::run, on),
        quote!(saga = PaymentsSaga::run(), on =),
        quote!(saga = <T as Has>::Saga, on = "self.payments"),
        quote!(saga = T, on = || self, parallel = one),
        quote!(saga = &PaymentsSaga, on = self.payments()?, only_if = is),
        quote!(
            saga = [PaymentsSaga],
            on = { self.payments },
            compensate = is
        ),
        quote!(
            saga = r#type::Saga,
            on = self.0 as A,
            in_doubt = is,
            at_most_once
        ),
        quote!(
            saga = _,
            no_compensation = "",
            timeout = "0s",
            retry(when = is)
        ),
        quote!(on = self),
        quote!(
            nested = PaymentsSaga,
            service = self.payments,
            parallel = one
        ),
        quote!(sagas(PaymentsSaga), input = A),
    ];
    for one in &options {
        for two in &options {
            let async_blocks = every_mistake(one, two).take(2);
            for block in every_mistake_of_nested(one, two)
                .into_iter()
                .chain(async_blocks)
            {
                is_reported(block, one, two);
            }
        }
    }
}
