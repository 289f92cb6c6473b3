//! Sagas in a crate that denies all warnings: no expansion causes one.
#![deny(
    warnings,
    missing_docs,
    clippy::all,
    clippy::pedantic,
    clippy::nursery,
    future_incompatible,
    let_underscore,
    nonstandard_style,
    rust_2018_idioms,
    unused,
    absolute_paths_not_starting_with_crate,
    closure_returning_async_block,
    elided_lifetimes_in_paths,
    explicit_outlives_requirements,
    let_underscore_drop,
    meta_variable_misuse,
    missing_copy_implementations,
    missing_debug_implementations,
    redundant_imports,
    redundant_lifetimes,
    single_use_lifetimes,
    trivial_casts,
    trivial_numeric_casts,
    unit_bindings,
    unnameable_types,
    unreachable_pub,
    unsafe_code,
    unused_import_braces,
    unused_lifetimes,
    unused_qualifications,
    unused_results,
    variant_size_differences
)]
// The whole group, in which lints contradict each other. What is expected below is in the user's own code, and allowed
// there alone, so that the generated code beside it has all lints.
#![cfg_attr(not(test), deny(clippy::restriction))]
#![allow(
    clippy::blanket_clippy_restriction_lints,
    reason = "the group is what is tested"
)]
#![cfg_attr(
    test,
    allow(
        unfulfilled_lint_expectations,
        reason = "the group is not on in the tests"
    )
)]

extern crate alloc;

use alloc::sync::Arc;
use core::error::Error;
use core::fmt;

use saga_core::{Attempt, StepContext, saga};

/// A desk where trips are booked.
#[derive(Debug, Clone, Copy, Default)]
#[non_exhaustive]
pub struct Trips {
    /// Whether no car is available.
    pub no_cars: bool,
}

#[expect(
    clippy::implicit_return,
    reason = "the style of the methods is the user's"
)]
impl Trips {
    /// A desk; with `no_cars`, one without cars.
    #[must_use]
    #[inline]
    pub const fn new(no_cars: bool) -> Self {
        Self { no_cars }
    }
}

/// Why a booking fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum SoldOut {
    /// A caller may cancel.
    ForNow,
    /// It is not known whether the last one was ours.
    Perhaps([u8; 16]),
}

#[expect(
    clippy::arbitrary_source_item_ordering,
    clippy::implicit_return,
    clippy::missing_docs_in_private_items,
    clippy::single_call_fn,
    reason = "the style of the methods is the user's"
)]
impl SoldOut {
    fn is_passing(&self) -> bool {
        *self == Self::ForNow
    }

    const fn is_lost(&self) -> bool {
        matches!(self, Self::Perhaps(_))
    }
}

#[expect(
    clippy::implicit_return,
    reason = "the style of the methods is the user's"
)]
impl fmt::Display for SoldOut {
    #[inline]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("sold out")
    }
}

#[expect(clippy::missing_trait_methods, reason = "others have a default")]
impl Error for SoldOut {}

/// The steps have a common prefix, as those of a real saga may.
#[saga(
    name = "trip",
    saga = TripSaga,
    vis = pub,
    input = (u32, String),
    retry(attempts = 2),
    compensation(retry(attempts = 3, backoff = "1ms..4ms"), timeout = "1s")
)]
#[expect(
    clippy::multiple_inherent_impl,
    clippy::arbitrary_source_item_ordering,
    clippy::implicit_return,
    clippy::missing_docs_in_private_items,
    clippy::single_call_fn,
    reason = "the style of the methods is the user's"
)]
impl Trips {
    /// Finds what there is.
    #[step(readonly, name = "find")]
    async fn book_nothing(&self, nights: &u32, city: &str) -> Result<(u32, Arc<str>), SoldOut> {
        match *nights {
            0 => Err(SoldOut::ForNow),
            some => Ok((some, Arc::from(city))),
        }
    }

    /// Books a hotel.
    ///
    /// # Errors
    ///
    /// When there is no room.
    #[inline]
    #[step(
        compensate = cancel_hotel,
        retry(attempts = 2, backoff = "1ms..8ms", when = SoldOut::is_passing),
        timeout = "2s",
        in_doubt = SoldOut::is_lost
    )]
    pub async fn book_hotel(&self, nights: u32, city: Arc<str>) -> Result<Vec<u32>, SoldOut> {
        match &*city {
            "" => Err(SoldOut::ForNow),
            _ => Ok(vec![nights]),
        }
    }

    #[step(no_compensation = "a guide book cannot be unread")]
    async fn book_guide(
        &self,
        hotel: &[u32],
        #[from(book_nothing)] found: &(u32, Arc<str>),
        #[input] input: &(u32, String),
        context: &StepContext,
    ) -> Result<(usize, String), String> {
        if found.0 == input.0 {
            Ok((hotel.len(), context.idempotency_key()))
        } else {
            Err(format!("{found:?}"))
        }
    }

    #[step(pivot, compensate = cancel_car)]
    async fn book_car(&self, guide: &(usize, String)) -> Result<usize, SoldOut> {
        if self.no_cars {
            Err(SoldOut::ForNow)
        } else {
            Ok(guide.0)
        }
    }

    #[step]
    async fn book_flight(&self, car: &usize) -> Result<usize, SoldOut> {
        Ok(*car)
    }

    #[compensation(retry(attempts = 1), timeout = "1s")]
    async fn cancel_hotel(
        &self,
        hotel: &[u32],
        #[input] input: (u32, String),
        context: &StepContext,
    ) -> Result<(), SoldOut> {
        match (hotel.first(), context.cause()) {
            (Some(nights), Some(_)) if *nights == input.0 => Ok(()),
            _ => Err(SoldOut::ForNow),
        }
    }

    async fn cancel_car(&self, car: Attempt<&usize>) -> Result<(), SoldOut> {
        match car {
            Attempt::Completed(_) | Attempt::InDoubt => Ok(()),
        }
    }
}

/// A service that lends, with one type for everything it handles.
#[derive(Debug)]
#[non_exhaustive]
pub struct Desk<'lent, T> {
    /// What it hands out.
    pub form: T,
    /// What it is called.
    pub name: &'lent str,
}

#[saga(vis = pub)]
#[expect(
    clippy::arbitrary_source_item_ordering,
    clippy::implicit_return,
    clippy::missing_docs_in_private_items,
    clippy::single_call_fn,
    reason = "the style of the methods is the user's"
)]
impl<'lent, T> Desk<'lent, T>
where
    T: Clone + fmt::Debug + Send + Sync,
{
    #[step(compensate = close)]
    async fn open(&self) -> Result<&'lent str, String> {
        Ok(self.name)
    }

    #[step(compensate = take_back)]
    async fn hand_out(&self, _name: &str, #[input] count: usize) -> Result<Vec<T>, String> {
        Ok(vec![self.form.clone(); count])
    }

    #[step]
    async fn count(&self, forms: &[T]) -> Result<usize, String> {
        match forms.len() {
            0 => Err("no form".to_owned()),
            count => Ok(count),
        }
    }

    async fn close(&self, name: &&'lent str) -> Result<(), String> {
        if *name == self.name {
            Ok(())
        } else {
            Err((*name).to_owned())
        }
    }

    async fn take_back(&self, forms: &[T]) -> Result<(), String> {
        if forms.is_empty() {
            Ok(())
        } else {
            Err(format!("{forms:?}"))
        }
    }
}

/// A service with two parallel steps.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Kitchen;

#[saga(vis = pub, durable, deadline = "1h")]
#[expect(
    clippy::arbitrary_source_item_ordering,
    clippy::implicit_return,
    clippy::missing_docs_in_private_items,
    clippy::single_call_fn,
    reason = "the style of the methods is the user's"
)]
impl Kitchen {
    #[step(parallel = preparations, compensate = cool)]
    async fn heat(&self, degrees: &u32) -> Result<u32, String> {
        Ok(*degrees)
    }

    #[step(parallel = preparations, only_if = is_hot, readonly, sensitive)]
    async fn season(&self, degrees: &u32) -> Result<String, String> {
        Ok(format!("pepper for {degrees}"))
    }

    #[step(only_if = is_seasoned, compensate = throw_away, at_most_once)]
    async fn taste(&self, heat: u32, _seasoning: Option<&str>) -> Result<Vec<u32>, String> {
        Ok(vec![heat])
    }

    #[step(pivot)]
    async fn serve(&self, tasted: Option<Vec<u32>>) -> Result<usize, String> {
        tasted.map_or_else(|| Err("not tasted".to_owned()), |numbers| Ok(numbers.len()))
    }

    #[step(parallel = afterwards)]
    async fn wash(&self, served: &usize) -> Result<usize, String> {
        Ok(*served)
    }

    #[step(parallel = afterwards, only_if = is_late)]
    async fn lock(&self, #[from(heat)] heat: &u32) -> Result<u32, String> {
        Ok(*heat)
    }

    const fn is_hot(&self, degrees: &u32) -> bool {
        *degrees > 100
    }

    const fn is_seasoned(&self, _heat: &u32, seasoning: Option<&str>) -> bool {
        seasoning.is_some()
    }

    fn is_late(&self, context: &StepContext) -> bool {
        context.attempt() > 1
    }

    async fn cool(&self, heat: Attempt<&u32>) -> Result<(), String> {
        match heat {
            Attempt::Completed(_) | Attempt::InDoubt => Ok(()),
        }
    }

    async fn throw_away(&self, tasted: &[u32]) -> Result<(), String> {
        if tasted.is_empty() {
            Err("nothing".to_owned())
        } else {
            Ok(())
        }
    }
}

/// A service whose steps run the sagas of all others.
#[derive(Debug)]
#[non_exhaustive]
pub struct Agency<'lent> {
    /// The service that hands out the forms.
    pub desk: &'lent Desk<'static, u8>,
    /// The service that counts the guests.
    pub forms: Box<Forms>,
    /// The place where the guests eat.
    pub kitchen: Arc<Kitchen>,
    /// The desk that books.
    pub trips: Trips,
}

#[expect(
    clippy::implicit_return,
    clippy::missing_docs_in_private_items,
    reason = "the style of the methods is the user's"
)]
impl<'lent> Agency<'lent> {
    /// Creates one with this desk.
    #[must_use]
    #[inline]
    pub fn new(trips: Trips, desk: &'lent Desk<'static, u8>) -> Self {
        Self {
            trips,
            kitchen: Arc::new(Kitchen),
            desk,
            forms: Box::new(Forms),
        }
    }

    const fn trips(&self) -> &Trips {
        &self.trips
    }
}

#[saga(vis = pub)]
#[expect(
    clippy::arbitrary_source_item_ordering,
    clippy::implicit_return,
    clippy::missing_docs_in_private_items,
    clippy::single_call_fn,
    reason = "the style of the methods is the user's"
)]
impl Agency<'_> {
    #[step(readonly)]
    async fn greet(&self, guests: &u32) -> Result<u32, String> {
        Ok(*guests)
    }

    #[step(saga = FormsSaga, on = *self.forms, retry(attempts = 2, when = Self::is_deaf))]
    const fn ring(&self, guests: &u32) -> u32 {
        *guests
    }

    #[step(parallel = forms, saga = FormsSaga, on = &*self.forms)]
    const fn ring_again(&self, guests: &u32) -> u32 {
        *guests
    }

    #[step(parallel = forms, saga = FormsSaga, on = self.forms, only_if = is_crowd)]
    fn ring_for_all(&self, guests: u32, context: &StepContext) -> u32 {
        guests.saturating_add(context.attempt())
    }

    #[step(pivot, saga = TripSaga, on = self.trips(), timeout = "1h")]
    fn book(&self, guests: &u32, all: Option<&u32>) -> (u32, String) {
        (all.map_or(*guests, |number| *number), "Oslo".to_owned())
    }

    #[step(saga = KitchenSaga, on = self.kitchen)]
    fn eat(&self, booked: &usize) -> u32 {
        u32::try_from(*booked).unwrap_or(0).saturating_add(180)
    }

    #[step(saga = DeskSaga<'static, u8>, on = self.desk, only_if = is_fed, sensitive)]
    const fn sign(&self, washed: &(usize, Option<u32>)) -> usize {
        washed.0
    }

    const fn is_crowd(&self, #[input] guests: &u32) -> bool {
        *guests > 5
    }

    const fn is_fed(&self, washed: &(usize, Option<u32>)) -> bool {
        washed.0 > 0
    }
}

#[expect(
    clippy::multiple_inherent_impl,
    clippy::implicit_return,
    clippy::missing_docs_in_private_items,
    clippy::single_call_fn,
    reason = "the style of the methods is the user's"
)]
impl Agency<'_> {
    fn is_deaf(error: &saga_core::SagaError<FormsSaga>) -> bool {
        error.attempts() > 0
    }
}

/// A service that counts.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Forms;

#[saga(vis = pub)]
#[expect(
    clippy::arbitrary_source_item_ordering,
    clippy::implicit_return,
    clippy::missing_docs_in_private_items,
    clippy::single_call_fn,
    reason = "the style of the methods is the user's"
)]
impl Forms {
    #[step(compensate = forget)]
    async fn count(&self, guests: u32) -> Result<u32, String> {
        match guests {
            0 => Err("no one".to_owned()),
            some => Ok(some),
        }
    }

    #[step(readonly)]
    async fn wait(&self, context: &StepContext) -> Result<u32, String> {
        Ok(context.attempt())
    }

    #[step(only_if = is_first, no_compensation = "a form is printed")]
    async fn print(&self, context: &StepContext) -> Result<u32, String> {
        Ok(context.attempt())
    }

    #[step(readonly)]
    async fn total(&self, #[from(count)] guests: &u32) -> Result<u32, String> {
        Ok(*guests)
    }

    const fn is_first(&self) -> bool {
        true
    }

    async fn forget(&self, guests: &u32) -> Result<(), String> {
        match *guests {
            0 => Err("no one".to_owned()),
            _ => Ok(()),
        }
    }
}

/// A service whose saga is private.
struct Bell;

#[saga]
#[expect(
    clippy::arbitrary_source_item_ordering,
    clippy::implicit_return,
    clippy::missing_docs_in_private_items,
    clippy::single_call_fn,
    reason = "the style of the methods is the user's"
)]
impl Bell {
    #[step(compensate = damp)]
    async fn strike(&self) -> Result<Box<str>, &'static str> {
        Ok("dong".into())
    }

    #[step]
    async fn hear(&self, sound: &str) -> Result<usize, &'static str> {
        Ok(sound.len())
    }
}

#[expect(
    clippy::multiple_inherent_impl,
    clippy::implicit_return,
    clippy::missing_docs_in_private_items,
    reason = "the style of the methods is the user's"
)]
impl Bell {
    #[expect(clippy::unused_async, reason = "a compensation is a future")]
    async fn damp(&self, _sound: &str) -> Result<(), &'static str> {
        Ok(())
    }
}

/// Rings the bell, and returns how long it rang.
///
/// # Errors
///
/// If the bell is not heard, or the count does not fit into a `u32`.
#[expect(clippy::implicit_return, reason = "the style is the user's")]
#[inline]
pub async fn ring() -> Result<usize, Box<dyn Error + Send + Sync>> {
    use saga_core::Saga as _;
    match BellSaga::run(&Bell, ()).await {
        Ok(length) => Ok(length),
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
#[allow(
    clippy::panic,
    clippy::unwrap_used,
    clippy::wildcard_enum_match_arm,
    reason = "a test may fail"
)]
mod tests {
    use super::*;
    use saga_core::{End, Failure, RunOptions, Saga as _};

    #[tokio::test(start_paused = true)]
    async fn a_strict_crate_runs_a_saga() {
        let options = RunOptions::new().id("7");
        let input = (2, "Oslo".to_owned());
        let booked = TripSaga::run_with(&Trips::default(), input, options).await;
        assert_eq!(booked.unwrap(), 1);
        assert_eq!(ring().await.unwrap(), 4);
        let desk = Desk { name: "a", form: 1 };
        assert_eq!(DeskSaga::run(&desk, 3).await.unwrap(), 3);
        assert_eq!(KitchenSaga::run(&Kitchen, 180).await.unwrap(), (1, None));
        let error = KitchenSaga::run(&Kitchen, 80).await.unwrap_err();
        assert_eq!(error.step().unwrap().name, "serve");
    }

    #[tokio::test(start_paused = true)]
    async fn a_strict_crate_rolls_a_saga_back() {
        let trips = Trips::new(true);
        let error = TripSaga::run(&trips, (2, "Oslo".to_owned())).await;
        let error = error.unwrap_err();
        assert!(matches!(
            error.error(),
            TripSagaError::BookCar(Failure::Error(SoldOut::ForNow))
        ));
        assert_eq!(error.end(), End::Compensated, "{error:?}");
        let TripSagaState::BeforeBookCar { book_hotel, .. } = error.state() else {
            panic!("{error:?}");
        };
        assert_eq!(book_hotel, &[2]);
        let desk = Desk { name: "a", form: 1 };
        let error = DeskSaga::run(&desk, 0).await.unwrap_err();
        assert_eq!(error.step().unwrap().name, "count");
        assert_eq!(error.end(), End::Compensated, "{error:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_strict_crate_runs_sagas_as_steps() {
        let desk = Desk { name: "a", form: 1 };
        let agency = Agency::new(Trips::default(), &desk);
        assert_eq!(AgencySaga::run(&agency, 7).await.unwrap(), Some(1));
        let error = AgencySaga::run(&agency, 0).await.unwrap_err();
        assert!(matches!(
            error.error(),
            AgencySagaError::Ring(Failure::Error(_))
        ));
        assert_eq!(error.attempts(), 2);
        let agency = Agency::new(Trips::new(true), &desk);
        let error = AgencySaga::run(&agency, 7).await.unwrap_err();
        assert_eq!(error.step().unwrap().name, "book");
        assert_eq!(error.end(), End::Compensated, "{error:?}");
        let AgencySagaState::BeforeBook { ring_for_all, .. } = error.state() else {
            panic!("{error:?}");
        };
        assert_eq!(ring_for_all, Some(&8));
    }
}
