//! The shapes in which a step can run another saga: that each compiles, and what it does.

use std::sync::Arc;

use saga_core::{Attempt, End, Failure, RunOptions, Saga, SagaError, StepContext, saga};

/// What happened, in order.
#[derive(Debug, Clone, Default)]
struct Log(Arc<std::sync::Mutex<Vec<String>>>);

impl Log {
    fn note(&self, what: impl Into<String>) {
        self.0.lock().unwrap().push(what.into());
    }

    fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }
}

#[derive(Debug, Clone, PartialEq)]
struct Amount(u32);

#[derive(Debug, Clone, PartialEq)]
struct Receipt(u32);

/// A saga that can be undone.
#[derive(Debug, Clone, Default)]
struct Payments {
    log: Log,
    declines: bool,
}

#[saga]
impl Payments {
    #[step(compensate = release)]
    async fn reserve(&self, amount: &Amount) -> Result<u32, String> {
        self.log.note("reserve");
        Ok(amount.0)
    }

    #[step(compensate = refund)]
    async fn charge(&self, reserved: &u32) -> Result<Receipt, String> {
        if self.declines {
            return Err("declined".to_owned());
        }
        self.log.note("charge");
        Ok(Receipt(*reserved))
    }

    async fn release(&self, _reserved: &u32) -> Result<(), String> {
        self.log.note("release");
        Ok(())
    }

    async fn refund(&self, receipt: &Receipt) -> Result<(), String> {
        self.log.note(format!("refund {}", receipt.0));
        Ok(())
    }
}

/// The same behind `on`, by every way to it.
mod ways_to_the_service {
    use super::*;

    struct Behind<'a> {
        own: Payments,
        lent: &'a Payments,
        shared: Arc<Payments>,
        boxed: Box<Payments>,
        lent_shared: &'a Arc<Payments>,
        several: Vec<Payments>,
        tuple: (Payments,),
    }

    impl Behind<'_> {
        fn payments(&self) -> &Payments {
            &self.own
        }

        fn clone_of(&self) -> &Arc<Payments> {
            &self.shared
        }
    }

    #[saga]
    impl Behind<'_> {
        #[step(saga = PaymentsSaga, on = self.own)]
        fn own(&self, cents: &u32) -> Amount {
            Amount(*cents)
        }

        #[step(saga = PaymentsSaga, on = self.lent)]
        fn lent(&self, before: &Receipt) -> Amount {
            Amount(before.0 + 1)
        }

        #[step(saga = PaymentsSaga, on = self.shared)]
        fn shared(&self, before: &Receipt) -> Amount {
            Amount(before.0 + 1)
        }

        #[step(saga = PaymentsSaga, on = self.boxed)]
        fn boxed(&self, before: &Receipt) -> Amount {
            Amount(before.0 + 1)
        }

        #[step(saga = PaymentsSaga, on = self.lent_shared)]
        fn lent_shared(&self, before: &Receipt) -> Amount {
            Amount(before.0 + 1)
        }

        #[step(saga = PaymentsSaga, on = self.payments())]
        fn method(&self, before: &Receipt) -> Amount {
            Amount(before.0 + 1)
        }

        #[step(saga = PaymentsSaga, on = self.clone_of())]
        fn method_of_shared(&self, before: &Receipt) -> Amount {
            Amount(before.0 + 1)
        }

        #[step(saga = PaymentsSaga, on = &*self.shared)]
        fn explicit(&self, before: &Receipt) -> Amount {
            Amount(before.0 + 1)
        }

        #[step(saga = PaymentsSaga, on = *self.boxed)]
        fn dereferenced(&self, before: &Receipt) -> Amount {
            Amount(before.0 + 1)
        }

        #[step(saga = PaymentsSaga, on = self.shared.as_ref())]
        fn as_reference(&self, before: &Receipt) -> Amount {
            Amount(before.0 + 1)
        }

        #[step(saga = PaymentsSaga, on = self.several[0])]
        fn indexed(&self, before: &Receipt) -> Amount {
            Amount(before.0 + 1)
        }

        #[step(saga = PaymentsSaga, on = self.tuple.0)]
        fn field_of_a_field(&self, before: &Receipt) -> Amount {
            Amount(before.0 + 1)
        }

        #[step(saga = PaymentsSaga, on = Behind::payments(self))]
        fn path(&self, before: &Receipt) -> Amount {
            Amount(before.0 + 1)
        }

        #[step(saga = PaymentsSaga, on = if self.several.is_empty() { self.lent } else { &self.own })]
        fn chosen(&self, before: &Receipt) -> Amount {
            Amount(before.0 + 1)
        }

        #[step(readonly)]
        async fn last(&self, receipt: &Receipt) -> Result<u32, String> {
            match receipt.0 {
                100.. => Err("too much".to_owned()),
                cents => Ok(cents),
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn the_service_is_reached_by_every_way_forth_and_back() {
        let payments = Payments::default();
        let behind = Behind {
            own: payments.clone(),
            lent: &payments,
            shared: Arc::new(payments.clone()),
            boxed: Box::new(payments.clone()),
            lent_shared: &Arc::new(payments.clone()),
            several: vec![payments.clone()],
            tuple: (payments.clone(),),
        };
        assert_eq!(BehindSaga::run(&behind, 7).await.unwrap(), 20);
        assert_eq!(payments.log.take().len(), 28);
        let error = BehindSaga::run(&behind, 90).await.unwrap_err();
        assert_eq!(error.step().unwrap().name, "last");
        assert_eq!(error.end(), End::Compensated);
        let log = payments.log.take();
        assert_eq!(log.len(), 56);
        assert_eq!(
            log[28..32],
            ["refund 103", "release", "refund 102", "release"]
        );
    }
}

mod the_same_service {
    use super::*;

    pub(super) struct Trips {
        pub(super) log: Log,
        pub(super) has_flights: bool,
    }

    #[saga(saga = BookingSaga, name = "booking")]
    impl Trips {
        #[step(compensate = cancel)]
        async fn book(&self, nights: &u32) -> Result<String, String> {
            self.log.note("book");
            Ok(format!("{nights} nights"))
        }

        async fn cancel(&self, booked: &str) -> Result<(), String> {
            self.log.note(format!("cancel {booked}"));
            Ok(())
        }
    }

    #[saga]
    impl Trips {
        #[step(saga = BookingSaga)]
        fn hotel(&self, nights: &u32) -> u32 {
            *nights
        }

        #[step(saga = self::BookingSaga)]
        fn cabin(&self, #[input] nights: &u32) -> u32 {
            nights + 1
        }

        #[step]
        async fn fly(&self, cabin: &str, #[from(hotel)] hotel: &str) -> Result<String, String> {
            if self.has_flights {
                Ok(format!("{hotel} and {cabin}"))
            } else {
                Err("sold out".to_owned())
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_step_may_run_another_saga_of_its_own_service() {
        let trips = Trips {
            log: Log::default(),
            has_flights: true,
        };
        let flown = TripsSaga::run(&trips, 2).await;
        assert_eq!(flown.unwrap(), "2 nights and 3 nights");
        let trips = Trips {
            has_flights: false,
            ..trips
        };
        trips.log.take();
        let error = TripsSaga::run(&trips, 2).await.unwrap_err();
        assert_eq!(error.step().unwrap().name, "fly");
        assert_eq!(
            trips.log.take(),
            ["book", "book", "cancel 3 nights", "cancel 2 nights"]
        );
    }
}

mod generics {
    use super::*;

    pub(super) trait Client: Send + Sync {
        type Error: std::fmt::Display + Send + Sync;
        fn call(&self, amount: u32) -> Result<u32, Self::Error>;
    }

    pub(super) struct Fixed(pub(super) u32);

    impl Client for Fixed {
        type Error = String;

        fn call(&self, amount: u32) -> Result<u32, String> {
            if amount > self.0 {
                Err(format!("{amount} is more than {}", self.0))
            } else {
                Ok(amount)
            }
        }
    }

    pub(super) struct Cards<C, D, const N: usize>(pub(super) C, pub(super) D);

    #[saga]
    impl<C, D, const N: usize> Cards<C, D, N>
    where
        C: Client,
        D: Client<Error = String>,
    {
        #[step(compensate = give_back)]
        async fn ask(&self, amount: &u32) -> Result<[u32; N], C::Error> {
            self.0.call(*amount).map(|amount| [amount; N])
        }

        #[step(readonly)]
        async fn check(&self, asked: &[u32; N]) -> Result<u32, D::Error> {
            self.1.call(asked.iter().sum())
        }

        async fn give_back(&self, _asked: &[u32; N]) -> Result<(), C::Error> {
            Ok(())
        }
    }

    pub(super) struct Shop<'a, C, D, const N: usize> {
        pub(super) cards: &'a Cards<C, D, N>,
        pub(super) limit: u32,
        pub(super) name: &'a str,
    }

    #[saga]
    impl<'a, C, D, const N: usize> Shop<'a, C, D, N>
    where
        C: Client,
        D: Client<Error = String>,
    {
        #[step(readonly)]
        async fn price(&self, cents: u32) -> Result<u32, C::Error> {
            Ok(cents)
        }

        #[step(saga = CardsSaga<C, D, N>, on = self.cards, retry(attempts = 2, when = Self::is_passing))]
        fn pay(&self, price: u32) -> u32 {
            price
        }

        #[step(pivot)]
        async fn ship(&self, paid: u32) -> Result<&'a str, String> {
            if paid > self.limit {
                Err("too heavy".to_owned())
            } else {
                Ok(self.name)
            }
        }
    }

    impl<C, D, const N: usize> Shop<'_, C, D, N>
    where
        C: Client,
        D: Client<Error = String>,
    {
        fn is_passing(error: &SagaError<CardsSaga<C, D, N>>) -> bool {
            matches!(error.error(), CardsSagaError::Check(_))
        }
    }

    fn shop(cards: &Cards<Fixed, Fixed, 2>, limit: u32) -> Shop<'_, Fixed, Fixed, 2> {
        Shop {
            cards,
            limit,
            name: "by mail",
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_generic_service_may_run_a_saga_that_is_generic_over_the_same() {
        let cards = Cards(Fixed(5), Fixed(8));
        let shipped = ShopSaga::run(&shop(&cards, 8), 3).await;
        assert_eq!(shipped.unwrap(), "by mail");
        let error = ShopSaga::run(&shop(&cards, 1), 3).await.unwrap_err();
        assert_eq!(error.step().unwrap().name, "ship");
        assert_eq!(error.end(), End::Compensated);

        // The first step of the saga is not repeated, the second is.
        let error = ShopSaga::run(&shop(&cards, 8), 6).await.unwrap_err();
        assert_eq!(error.attempts(), 1);
        let error = ShopSaga::run(&shop(&cards, 8), 5).await.unwrap_err();
        assert_eq!(error.attempts(), 2);
        let ShopSagaError::Pay(Failure::Error(inner)) = error.error() else {
            panic!("{error:?}");
        };
        assert!(matches!(
            inner.error(),
            CardsSagaError::Check(Failure::Error(text)) if text == "10 is more than 8"
        ));
    }

    #[test]
    fn the_definition_of_a_generic_saga_has_that_of_the_nested_one() {
        let definition = <ShopSaga<'_, Fixed, Fixed, 2> as Saga>::DEFINITION;
        let nested = definition.steps[1].nested.unwrap();
        assert_eq!(nested.name, "cards");
        assert_eq!(nested.steps[1].name, "check");
        assert!(nested.can_be_undone());
        assert!(!definition.can_be_undone());
    }
}

mod outputs_of_generic_sagas {
    use super::*;

    /// One whose output has all that it is generic over.
    pub(super) struct Copies<'a, T, const N: usize>(pub(super) &'a T);

    #[saga]
    impl<'a, T: Clone + Send + Sync, const N: usize> Copies<'a, T, N> {
        #[step(compensate = take_back)]
        async fn copy(&self) -> Result<(&'a T, [T; N]), String> {
            Ok((self.0, std::array::from_fn(|_| self.0.clone())))
        }

        async fn take_back(&self, _lent: &&'a T, _copies: &[T; N]) -> Result<(), String> {
            Ok(())
        }
    }

    pub(super) struct Binders<'a, T> {
        pub(super) copies: Copies<'a, T, 2>,
    }

    #[saga]
    impl<'a, T: Clone + Send + Sync + PartialEq> Binders<'a, T> {
        #[step(saga = CopiesSaga<'a, T, 2>, on = self.copies, only_if = is_wanted)]
        fn first(&self, #[input] _wanted: &bool) {}

        #[step(saga = CopiesSaga<'a, T, 2>, on = self.copies)]
        fn second(&self) {}

        #[step]
        async fn bind(
            &self,
            _lent: &&'a T,
            copies: &[T; 2],
            #[from(first)] first: Option<&(&'a T, [T; 2])>,
        ) -> Result<usize, String> {
            match first {
                Some((lent, first)) if first == copies && **lent == copies[0] => Ok(4),
                _ => Err("not enough".to_owned()),
            }
        }

        fn is_wanted(&self, #[input] wanted: &bool) -> bool {
            *wanted
        }
    }

    #[tokio::test(start_paused = true)]
    async fn the_output_may_have_what_both_services_are_generic_over() {
        let original = "text".to_owned();
        let binders = Binders {
            copies: Copies(&original),
        };
        assert_eq!(BindersSaga::run(&binders, true).await.unwrap(), 4);
        let error = BindersSaga::run(&binders, false).await.unwrap_err();
        let BindersSagaState::BeforeBind {
            first: None,
            second: (lent, [_, copy]),
            ..
        } = error.state()
        else {
            panic!("{error:?}");
        };
        assert_eq!(*lent, copy);
        assert_eq!(error.end(), End::Compensated);
    }
}

mod outputs {
    #![allow(clippy::ref_option, reason = "a tuple is spread as it is")]

    use super::*;

    pub(super) struct Nothing;

    #[saga]
    impl Nothing {
        #[step(no_compensation = "nothing happened")]
        async fn wait(&self) -> Result<(), String> {
            Ok(())
        }
    }

    pub(super) struct Pairs;

    #[saga]
    impl Pairs {
        #[step(compensate = split)]
        async fn pair(&self, one: &u32, two: &str) -> Result<(u32, String), String> {
            Ok((*one, two.to_owned()))
        }

        async fn split(&self, one: &u32, two: &str) -> Result<(), String> {
            match (one, two) {
                (1, "two") => Ok(()),
                other => Err(format!("{other:?}")),
            }
        }
    }

    pub(super) struct Both;

    #[saga(saga = BothSaga, input = u32)]
    impl Both {
        #[step(parallel = both, compensate = undo)]
        async fn left(&self, #[input] number: &u32) -> Result<u32, String> {
            Ok(*number)
        }

        #[step(parallel = both, only_if = is_large, readonly)]
        async fn right(&self, #[input] number: &u32) -> Result<String, String> {
            Ok(number.to_string())
        }

        fn is_large(&self, #[input] number: &u32) -> bool {
            *number > 5
        }

        async fn undo(&self, left: Attempt<&u32>) -> Result<(), String> {
            match left {
                Attempt::Completed(1..) => Ok(()),
                other => Err(format!("{other:?}")),
            }
        }
    }

    pub(super) struct Maybe;

    #[saga]
    impl Maybe {
        #[step(only_if = is_large, compensate = undo)]
        async fn maybe(&self, number: &u32) -> Result<u64, String> {
            Ok(u64::from(*number))
        }

        fn is_large(&self, number: &u32) -> bool {
            *number > 5
        }

        async fn undo(&self, _maybe: &u64) -> Result<(), String> {
            Ok(())
        }
    }

    struct Outputs {
        nothing: Nothing,
        pairs: Pairs,
        both: Both,
        maybe: Maybe,
        fails: bool,
    }

    #[saga(input = ())]
    impl Outputs {
        #[step(saga = NothingSaga, on = self.nothing)]
        fn nothing(&self) {}

        #[step(saga = PairsSaga, on = self.pairs)]
        fn pair(&self, _nothing: &()) -> (u32, String) {
            (1, "two".to_owned())
        }

        #[step(saga = BothSaga, on = self.both, name = "the-group")]
        fn both(&self, one: &u32, two: &str) -> u32 {
            assert_eq!(two, "two");
            *one
        }

        #[step(saga = MaybeSaga, on = self.maybe)]
        fn maybe(&self, left: &u32, right: &Option<String>) -> u32 {
            assert!(right.is_none());
            left + 5
        }

        #[step(readonly)]
        async fn last(&self, maybe: &Option<u64>) -> Result<Option<u64>, String> {
            if self.fails {
                Err("told to".to_owned())
            } else {
                Ok(*maybe)
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn what_a_saga_gives_goes_on_as_what_a_step_gives() {
        let mut outputs = Outputs {
            nothing: Nothing,
            pairs: Pairs,
            both: Both,
            maybe: Maybe,
            fails: false,
        };
        assert_eq!(OutputsSaga::run(&outputs, ()).await.unwrap(), Some(6));
        outputs.fails = true;
        let error = OutputsSaga::run(&outputs, ()).await.unwrap_err();
        assert_eq!(error.end(), End::Compensated, "{}", error.report());
        let OutputsSagaState::BeforeLast {
            input: (),
            nothing: (),
            pair,
            both,
            maybe,
        } = error.state()
        else {
            panic!("{error:?}");
        };
        assert_eq!(pair, &(1, "two".to_owned()));
        assert_eq!(both, &(1, None));
        assert_eq!(maybe, &Some(6));
        assert!(error.report().to_string().contains("the-group"));
    }
}

mod places {
    use super::*;

    #[derive(Default)]
    pub(super) struct Couriers {
        log: Log,
    }

    /// One that cannot be undone once it has completed.
    #[saga]
    impl Couriers {
        #[step(pivot)]
        async fn send(&self, what: &str) -> Result<String, String> {
            self.log.note(format!("send {what}"));
            match what {
                "" => Err("nothing to send".to_owned()),
                what => Ok(what.to_owned()),
            }
        }

        #[step]
        async fn tell(&self, sent: &str) -> Result<String, String> {
            Ok(format!("sent {sent}"))
        }
    }

    #[derive(Default)]
    struct Places {
        payments: Payments,
        couriers: Couriers,
    }

    #[saga(saga = PivotSaga)]
    impl Places {
        #[step(saga = PaymentsSaga, on = self.payments)]
        fn first(&self, cents: &u32) -> Amount {
            Amount(*cents)
        }

        #[step(parallel = both, saga = PaymentsSaga, on = self.payments)]
        fn left(&self, first: &Receipt) -> Amount {
            Amount(first.0 + 1)
        }

        #[expect(clippy::needless_pass_by_value, reason = "it is given by value")]
        #[step(parallel = both, saga = PaymentsSaga, on = self.payments, only_if = is_large)]
        fn right(&self, #[from(first)] first: Receipt, #[input] _cents: &u32) -> Amount {
            Amount(first.0 + 2)
        }

        #[step(saga = PaymentsSaga, on = self.payments, only_if = is_right)]
        fn third(&self, left: &Receipt, right: Option<&Receipt>, run: &StepContext) -> Amount {
            assert_eq!(run.attempt(), 1);
            Amount(left.0 + right.map_or(0, |right| right.0))
        }

        #[step(pivot, saga = CouriersSaga, on = self.couriers)]
        fn pivot(&self, third: Option<&Receipt>) -> String {
            third.map_or_else(String::new, |third| third.0.to_string())
        }

        #[step(saga = CouriersSaga, on = self.couriers)]
        fn after(&self, sent: &str) -> String {
            sent.to_owned()
        }

        #[step(parallel = ends, saga = CouriersSaga, on = self.couriers)]
        fn end(&self, sent: String) -> String {
            sent
        }

        #[step(parallel = ends, saga = PaymentsSaga, on = self.payments, only_if = is_large)]
        fn other_end(&self, #[input] cents: &u32) -> Amount {
            Amount(*cents)
        }

        fn is_large(&self, #[input] cents: &u32) -> bool {
            *cents > 5
        }

        fn is_right(&self, _left: &Receipt, right: Option<&Receipt>) -> bool {
            right.is_some()
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_saga_may_run_first_in_a_group_under_a_condition_as_the_pivot_and_after_it() {
        let places = Places::default();
        let done = PivotSaga::run(&places, 7).await.unwrap();
        assert_eq!(done, ("sent sent sent 17".to_owned(), Some(Receipt(7))));
        places.payments.log.take();
        places.couriers.log.take();

        // Nothing is large, so nothing is sent, and the pivot fails.
        let error = PivotSaga::run(&places, 2).await.unwrap_err();
        assert_eq!(error.step().unwrap().name, "pivot");
        let PivotSagaError::Pivot(Failure::Error(inner)) = error.error() else {
            panic!("{error:?}");
        };
        assert!(matches!(inner.error(), CouriersSagaError::Send(_)));
        let PivotSagaState::BeforePivot {
            input: 2,
            first: Receipt(2),
            left: Receipt(3),
            right: None,
            third: None,
        } = error.state()
        else {
            panic!("{error:?}");
        };
    }

    /// One whose last step runs one that cannot be undone: neither can it be.
    #[saga(saga = LastSaga)]
    impl Places {
        #[step(saga = CouriersSaga, on = self.couriers)]
        fn only(&self, what: &str) -> String {
            what.to_owned()
        }
    }

    /// And one whose last step runs one that can be.
    #[saga(saga = UndoneSaga)]
    impl Places {
        #[step(saga = PaymentsSaga, on = self.payments)]
        fn alone(&self, cents: &u32) -> Amount {
            Amount(*cents)
        }
    }

    #[saga(saga = TwiceSaga)]
    impl Places {
        #[step(saga = UndoneSaga)]
        fn twice(&self, cents: &u32) -> u32 {
            *cents
        }

        #[step(saga = LastSaga)]
        fn last(&self, paid: &Receipt, #[input] cents: &u32) -> String {
            if paid.0 == *cents && *cents > 5 {
                cents.to_string()
            } else {
                String::new()
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_saga_that_runs_a_saga_may_be_run_itself() {
        assert!(UndoneSaga::DEFINITION.can_be_undone());
        assert!(!LastSaga::DEFINITION.can_be_undone());
        assert!(!TwiceSaga::DEFINITION.can_be_undone());
        let places = Places::default();
        assert_eq!(TwiceSaga::run(&places, 7).await.unwrap(), "sent 7");
        places.payments.log.take();

        let error = TwiceSaga::run(&places, 3).await.unwrap_err();
        assert_eq!(error.end(), End::Compensated, "{}", error.report());
        assert_eq!(
            places.payments.log.take(),
            ["reserve", "charge", "refund 3", "release"]
        );
        let TwiceSagaError::Last(Failure::Error(last)) = error.error() else {
            panic!("{error:?}");
        };
        let LastSagaError::Only(Failure::Error(only)) = last.error() else {
            panic!("{last:?}");
        };
        assert!(matches!(
            only.error(),
            CouriersSagaError::Send(Failure::Error(text)) if text == "nothing to send"
        ));
    }
}

mod contexts {
    use super::*;

    struct Shop {
        payments: Payments,
        log: Log,
    }

    #[saga(crate = saga_core)]
    impl Shop {
        #[step(readonly)]
        async fn price(&self, cents: u32) -> Result<Amount, String> {
            Ok(Amount(cents))
        }

        #[step(
            saga = PaymentsSaga,
            on = self.payments,
            retry(attempts = 3, backoff = "1ms..2ms"),
            timeout = "1s"
        )]
        fn pay(
            &self,
            run: &StepContext,
            #[from(price)] amount: &Amount,
            #[input] cents: &u32,
            #[sensitive] _again: Amount,
        ) -> Amount {
            self.log.note(run.idempotency_key());
            Amount(amount.0 + cents)
        }

        #[step(saga = PaymentsSaga, on = self.payments, only_if = is_first)]
        fn pay_again(&self, run: &StepContext, paid: &Receipt) -> Amount {
            self.log.note(run.idempotency_key());
            Amount(paid.0 + 1)
        }

        #[step]
        async fn ship(&self, paid: Option<Receipt>) -> Result<u32, String> {
            paid.map(|paid| paid.0).ok_or("unpaid".to_owned())
        }

        fn is_first(&self, run: &StepContext) -> bool {
            run.attempt() == 1
        }
    }

    fn shop(declines: bool) -> Shop {
        let payments = Payments {
            declines,
            ..Payments::default()
        };
        Shop {
            payments,
            log: Log::default(),
        }
    }

    #[tokio::test(start_paused = true)]
    async fn the_method_is_given_what_any_step_can_be_given() {
        let shop = shop(false);
        let options = RunOptions::new().id("7");
        let shipped = ShopSaga::run_with(&shop, 3, options).await;
        assert_eq!(shipped.unwrap(), 7);
        assert_eq!(shop.log.take(), ["shop/7/pay/do", "shop/7/pay_again/do"]);
    }

    #[tokio::test(start_paused = true)]
    async fn the_method_is_asked_again_for_each_run_of_the_saga() {
        let shop = shop(true);
        let error = ShopSaga::run(&shop, 3).await.unwrap_err();
        assert_eq!(error.attempts(), 3);
        assert_eq!(shop.log.take().len(), 3);
        let log = shop.payments.log.take();
        assert_eq!(log.join(" "), ["reserve release"; 3].join(" "));
        assert!(matches!(
            error.into_error(),
            ShopSagaError::Pay(Failure::Error(error))
                if matches!(error.error(), PaymentsSagaError::Charge(Failure::Error(text)) if text == "declined")
        ));
    }

    #[tokio::test(start_paused = true)]
    async fn a_saga_that_runs_another_may_be_spawned_and_cancelled() {
        let handle = ShopSaga::spawn(Arc::new(shop(false)), 3, RunOptions::new());
        assert_eq!(handle.await.unwrap().unwrap(), 7);
        let handle = ShopSaga::spawn(Arc::new(shop(false)), 3, RunOptions::new());
        handle.cancel();
        let error = handle.await.unwrap().unwrap_err();
        assert!(matches!(error.error(), ShopSagaError::Cancelled));
    }
}

mod names {
    use super::*;

    pub(super) struct Service {
        pub(super) service: Payments,
    }

    /// Names that an expansion might use for itself.
    #[saga]
    impl Service {
        #[step(saga = PaymentsSaga, on = self.service)]
        fn nested(&self, begin: &u32) -> Amount {
            Amount(*begin)
        }

        #[step(saga = PaymentsSaga, on = self.service)]
        fn lend(&self, executor: &Receipt) -> Amount {
            let service = executor.0;
            Amount(service)
        }

        #[step(saga = PaymentsSaga, on = self.service)]
        fn nest(&self, service: &Receipt, #[from(nested)] slots: &Receipt) -> Amount {
            Amount(service.0 + slots.0)
        }

        #[step(saga = PaymentsSaga, on = self.service)]
        fn r#type(&self, answer: &Receipt) -> Amount {
            Amount(answer.0)
        }

        #[step(readonly)]
        async fn service(&self, r#type: &Receipt) -> Result<u32, String> {
            Ok(r#type.0)
        }
    }

    #[tokio::test(start_paused = true)]
    async fn steps_that_run_sagas_may_have_the_names_that_an_expansion_uses() {
        let service = Service {
            service: Payments::default(),
        };
        assert_eq!(ServiceSaga::run(&service, 3).await.unwrap(), 6);
    }
}
