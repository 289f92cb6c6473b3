//! The errors of a durable saga. If a journal can keep the type of the error, every handle gets the error itself;
//! otherwise only the first handle does, and the others get its text.

use std::borrow::Cow;
use std::error::Error;
use std::fmt::{self, Debug, Display};
use std::marker::PhantomData;
use std::time::Duration;

use saga_core::durable::{
    CancelOutcome, Durable, Engine, EngineBuilder, InMemoryJournal, Journal as _,
};
use saga_core::{Failure, Machine, SagaError, saga};
use saga_tests::cut_journal::{CutJournal, Kill};
use serde::de::{DeserializeOwned, Error as _};
use serde::ser::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use tokio::runtime::Runtime;

const GRACE: Duration = Duration::from_mins(1);

/// What a handle gets of an error.
#[derive(Debug, Clone, PartialEq)]
enum Seen {
    /// The error itself, as its `Debug` shows it.
    Typed(String),
    /// The text of the error and of its sources.
    Text(String, Vec<String>),
}

fn seen<E: Debug>(failure: &Failure<E>) -> Seen {
    match failure {
        Failure::Error(error) => Seen::Typed(format!("{error:?}")),
        Failure::Recorded(text) => Seen::Text(text.message.clone(), text.chain.clone()),
        other => panic!("{other:?}"),
    }
}

fn typed(debug: &str) -> Seen {
    Seen::Typed(debug.to_owned())
}

fn text(message: &str) -> Seen {
    Seen::Text(message.to_owned(), Vec::new())
}

/// A saga of one step, which fails.
trait Fails: Machine<Durable, Input = u64, Output = u64, Service: Send + Sized> + 'static {
    fn seen(error: &Self::Error) -> Seen;
}

fn builder_of<S: Fails>(service: S::Service) -> EngineBuilder {
    Engine::builder().register::<S>(service)
}

/// What the first handle gets of the error, and then all others: the same handle again, another one, and the
/// engine; in another life of the process, the engine and another handle.
async fn looks<S: Fails>(service: impl Fn() -> S::Service) -> [Seen; 6] {
    let journal = InMemoryJournal::new();
    let engine = builder_of::<S>(service()).open(journal.clone()).await;
    let engine = engine.unwrap();
    let seen = |error: SagaError<S>| S::seen(error.error());
    let mut handle = engine.submit::<S>("a", 1).await.unwrap();
    let first = seen(handle.outcome().await.unwrap().unwrap_err());
    let again = seen(handle.outcome().await.unwrap().unwrap_err());
    let mut other = engine.submit::<S>("a", 1).await.unwrap();
    let other = seen(other.outcome().await.unwrap().unwrap_err());
    let asked = seen(engine.outcome::<S>("a").await.unwrap().unwrap_err());
    assert_eq!(engine.shutdown(GRACE).await, 0);
    let engine = builder_of::<S>(service()).open(journal).await.unwrap();
    let later = seen(engine.outcome::<S>("a").await.unwrap().unwrap_err());
    let mut handle = engine.submit::<S>("a", 1).await.unwrap();
    let last = seen(handle.outcome().await.unwrap().unwrap_err());
    [first, again, other, asked, later, last]
}

async fn all_see<S: Fails>(service: impl Fn() -> S::Service, expected: Seen) {
    assert_eq!(
        looks::<S>(service).await,
        [(); 6].map(|()| expected.clone())
    );
}

/// The first handle has the error, and the others have its text.
async fn the_first_sees<S: Fails>(
    service: impl Fn() -> S::Service,
    (expected, others): (Seen, Seen),
) {
    let [first, rest @ ..] = looks::<S>(service).await;
    assert_eq!(first, expected);
    assert_eq!(rest, [(); 5].map(|()| others.clone()));
}

/// A saga whose only step fails with this error.
macro_rules! fails {
    ($Service:ident, $Saga:ident, $Failed:ident, $Error:ty, $error:expr) => {
        pub(crate) struct $Service;

        #[saga(saga = $Saga, vis = pub(crate))]
        impl $Service {
            #[step]
            async fn charge(&self, _: &u64) -> Result<u64, $Error> {
                Err($error)
            }
        }

        impl Fails for $Saga {
            fn seen(error: &Self::Error) -> Seen {
                match error {
                    $Failed::Charge(failure) => seen(failure),
                    other => panic!("{other}"),
                }
            }
        }
    };
}

#[derive(Debug, thiserror::Error, PartialEq, Serialize, Deserialize)]
enum CardError {
    #[error("declined")]
    Declined,
    #[error("no {cents} cents on card {card}")]
    Short { card: String, cents: u64 },
}

fails!(
    Pay,
    PaySaga,
    PaySagaError,
    CardError,
    CardError::Short {
        card: "visa".to_owned(),
        cents: 250,
    }
);

#[tokio::test(start_paused = true)]
async fn an_error_that_serde_can_write_and_read_is_the_same_for_all_that_ask() {
    let short = typed(r#"Short { card: "visa", cents: 250 }"#);
    all_see::<PaySaga>(|| Pay, short).await;
}

#[derive(Debug, thiserror::Error, Serialize, Deserialize)]
#[error("declined")]
struct Declined;

fails!(Unit, UnitSaga, UnitSagaError, Declined, Declined);

#[tokio::test(start_paused = true)]
async fn an_error_that_is_written_as_null_is_one_as_well() {
    all_see::<UnitSaga>(|| Unit, typed("Declined")).await;
}

#[tokio::test(start_paused = true)]
async fn each_that_asks_can_be_answered_by_the_type_of_the_error() {
    let builder = Engine::builder().register::<UnitSaga>(Unit);
    let engine = builder.open(InMemoryJournal::new()).await.unwrap();
    for _ in 0..2 {
        let submitted = engine.submit::<UnitSaga>("a", 1).await;
        let error = submitted.unwrap().outcome().await.unwrap().unwrap_err();
        let status = match error.error() {
            UnitSagaError::Charge(Failure::Error(Declined)) => 402,
            _ => 503,
        };
        assert_eq!(status, 402);
    }
}

fails!(Words, WordsSaga, WordsSagaError, String, "no".to_owned());
fails!(
    Cows,
    CowsSaga,
    CowsSagaError,
    Cow<'static, str>,
    "no".into()
);

#[tokio::test(start_paused = true)]
async fn an_error_that_is_text_is_that_text() {
    all_see::<WordsSaga>(|| Words, typed("\"no\"")).await;
    all_see::<CowsSaga>(|| Cows, typed("\"no\"")).await;
}

#[derive(Debug, thiserror::Error)]
#[error("declined")]
struct Unkept;

fails!(NoSerde, NoSerdeSaga, NoSerdeSagaError, Unkept, Unkept);

#[tokio::test(start_paused = true)]
async fn of_an_error_without_serde_the_first_has_the_error_and_the_others_its_text() {
    let seen = (typed("Unkept"), text("declined"));
    the_first_sees::<NoSerdeSaga>(|| NoSerde, seen).await;
}

#[derive(Debug, thiserror::Error, Serialize)]
#[error("declined")]
struct OnlyWritten;

#[derive(Debug, thiserror::Error, Deserialize)]
#[error("declined")]
struct OnlyRead;

fails!(
    Writes,
    WritesSaga,
    WritesSagaError,
    OnlyWritten,
    OnlyWritten
);
fails!(Reads, ReadsSaga, ReadsSagaError, OnlyRead, OnlyRead);

#[tokio::test(start_paused = true)]
async fn one_of_the_two_traits_of_serde_is_not_enough() {
    let seen = (typed("OnlyWritten"), text("declined"));
    the_first_sees::<WritesSaga>(|| Writes, seen).await;
    let seen = (typed("OnlyRead"), text("declined"));
    the_first_sees::<ReadsSaga>(|| Reads, seen).await;
}

fn boxed() -> Box<dyn Error + Send + Sync> {
    Box::new(Unkept)
}

type BoxError = Box<dyn Error + Send + Sync>;
fails!(Boxes, BoxesSaga, BoxesSagaError, BoxError, boxed());
fails!(
    Anys,
    AnysSaga,
    AnysSagaError,
    anyhow::Error,
    anyhow::Error::new(Unkept).context("no card")
);

#[tokio::test(start_paused = true)]
async fn of_an_error_of_any_type_the_others_have_the_text_and_the_chain() {
    let seen = (typed("Unkept"), text("declined"));
    the_first_sees::<BoxesSaga>(|| Boxes, seen).await;
    let [first, rest @ ..] = looks::<AnysSaga>(|| Anys).await;
    assert!(matches!(first, Seen::Typed(_)));
    let text = Seen::Text("no card".to_owned(), vec!["declined".to_owned()]);
    assert_eq!(rest, [(); 5].map(|()| text.clone()));
}

/// An error whose type could borrow.
#[derive(Debug, thiserror::Error, Serialize, Deserialize)]
#[error("{why}")]
struct Borrows<'e> {
    why: &'e str,
}

/// The same, `'static`.
#[derive(Debug, thiserror::Error, Serialize, Deserialize)]
#[error("{why}")]
struct BorrowsForEver {
    why: &'static str,
}

#[derive(Debug, thiserror::Error, Serialize, Deserialize)]
#[error("{0}")]
struct Coded<T: Display>(T);

type Why = &'static str;
type CodedWhy = Coded<&'static str>;
type BorrowsStatic = Borrows<'static>;

fails!(Whys, WhysSaga, WhysSagaError, &'static str, "no");
fails!(NamedWhys, NamedWhysSaga, NamedWhysSagaError, Why, "no");
fails!(
    CodedWhys,
    CodedWhysSaga,
    CodedWhysSagaError,
    CodedWhy,
    Coded("no")
);
fails!(
    Lends,
    LendsSaga,
    LendsSagaError,
    BorrowsStatic,
    Borrows { why: "no" }
);
fails!(
    LendsForEver,
    LendsForEverSaga,
    LendsForEverSagaError,
    BorrowsForEver,
    BorrowsForEver { why: "no" }
);

struct Lender<'e>(&'e str);

#[saga(name = "lender", saga = LenderSaga)]
impl<'e> Lender<'e> {
    #[step]
    async fn charge(&self, _: &u64) -> Result<u64, Borrows<'e>> {
        Err(Borrows { why: self.0 })
    }
}

impl Fails for LenderSaga<'static> {
    fn seen(error: &Self::Error) -> Seen {
        match error {
            LenderSagaError::Charge(failure) => seen(failure),
            other => panic!("{other}"),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn of_an_error_that_borrows_the_others_have_the_text() {
    let no = || (typed("\"no\""), text("no"));
    the_first_sees::<WhysSaga>(|| Whys, no()).await;
    the_first_sees::<NamedWhysSaga>(|| NamedWhys, no()).await;
    let coded = (typed("Coded(\"no\")"), text("no"));
    the_first_sees::<CodedWhysSaga>(|| CodedWhys, coded).await;
    let borrows = || (typed("Borrows { why: \"no\" }"), text("no"));
    the_first_sees::<LendsSaga>(|| Lends, borrows()).await;
    the_first_sees::<LenderSaga<'static>>(|| Lender("no"), borrows()).await;
    let for_ever = (typed("BorrowsForEver { why: \"no\" }"), text("no"));
    the_first_sees::<LendsForEverSaga>(|| LendsForEver, for_ever).await;
}

/// A service that fails with an error of its parameter.
struct Generic<E>(fn() -> E);

#[saga(name = "generic", saga = GenericSaga)]
impl<E> Generic<E>
where
    E: Error + Serialize + DeserializeOwned + Send,
{
    #[step]
    async fn charge(&self, _: &u64) -> Result<u64, E> {
        Err((self.0)())
    }
}

impl<E: Error + Serialize + DeserializeOwned + Send + 'static> Fails for GenericSaga<E> {
    fn seen(error: &Self::Error) -> Seen {
        match error {
            GenericSagaError::Charge(failure) => seen(failure),
            other => panic!("{other}"),
        }
    }
}

struct Unbounded<E>(fn() -> E);

#[saga(name = "unbounded", saga = UnboundedSaga)]
impl<E: Error + Send> Unbounded<E> {
    #[step]
    async fn charge(&self, _: &u64) -> Result<u64, E> {
        Err((self.0)())
    }
}

impl<E: Error + Send + 'static> Fails for UnboundedSaga<E> {
    fn seen(error: &Self::Error) -> Seen {
        match error {
            UnboundedSagaError::Charge(failure) => seen(failure),
            other => panic!("{other}"),
        }
    }
}

/// The parameter inside another type, or by itself.
struct Within<E>(PhantomData<fn() -> E>);

#[saga(name = "within", saga = WithinSaga)]
impl<E> Within<E>
where
    E: Display + Default + Serialize + DeserializeOwned + Debug + Send,
{
    #[step]
    async fn charge(&self, _: &u64) -> Result<u64, Coded<E>> {
        Err(Coded(E::default()))
    }
}

impl Fails for WithinSaga<u32> {
    fn seen(error: &Self::Error) -> Seen {
        match error {
            WithinSagaError::Charge(failure) => seen(failure),
            other => panic!("{other}"),
        }
    }
}

/// An error that may only live as long as something else, as far as its bounds say.
struct Lent<'e, E>(fn() -> E, PhantomData<&'e ()>);

#[saga(name = "lent", saga = LentSaga)]
impl<'e, E> Lent<'e, E>
where
    E: Error + Send + Serialize + Deserialize<'e>,
{
    #[step]
    async fn charge(&self, _: &u64) -> Result<u64, E> {
        Err((self.0)())
    }
}

impl Fails for LentSaga<'static, CardError> {
    fn seen(error: &Self::Error) -> Seen {
        match error {
            LentSagaError::Charge(failure) => seen(failure),
            other => panic!("{other}"),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn of_a_type_parameter_its_bounds_say_whether_it_can_be_kept() {
    let declined = || CardError::Declined;
    all_see::<GenericSaga<CardError>>(|| Generic(declined), typed("Declined")).await;
    all_see::<WithinSaga<u32>>(|| Within(PhantomData), typed("Coded(0)")).await;
    // Although it could be kept.
    let seen = || (typed("Declined"), text("declined"));
    the_first_sees::<UnboundedSaga<CardError>>(|| Unbounded(declined), seen()).await;
    the_first_sees::<LentSaga<'static, CardError>>(|| Lent(declined, PhantomData), seen()).await;
}

/// How serde handles these errors.
macro_rules! odd {
    ($Error:ident, $write:expr, $read:expr) => {
        #[derive(Debug)]
        struct $Error(String);

        impl Display for $Error {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl Error for $Error {}

        impl Serialize for $Error {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let write: fn(&str) -> Result<String, &str> = $write;
                match write(&self.0) {
                    Ok(written) => serializer.serialize_str(&written),
                    Err(error) => Err(S::Error::custom(error)),
                }
            }
        }

        impl<'de> Deserialize<'de> for $Error {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let read: fn(String) -> Result<String, String> = $read;
                let read = read(String::deserialize(deserializer)?);
                read.map(Self).map_err(D::Error::custom)
            }
        }
    };
}

odd!(Unwritable, |_| Err("no ink"), Ok);
odd!(PanicsWhenWritten, |_| panic!("no ink"), Ok);
odd!(Unreadable, |text| Ok(text.to_owned()), |_| Err(
    "no glasses".to_owned()
));
odd!(PanicsWhenRead, |text| Ok(text.to_owned()), |_| panic!(
    "no glasses"
));
odd!(Changes, |text| Ok(text.to_owned()), |text| Ok(
    text.to_uppercase()
));

fails!(
    Odd1,
    Odd1Saga,
    Odd1SagaError,
    Unwritable,
    Unwritable("no".to_owned())
);
fails!(
    Odd2,
    Odd2Saga,
    Odd2SagaError,
    PanicsWhenWritten,
    PanicsWhenWritten("no".to_owned())
);
fails!(
    Odd3,
    Odd3Saga,
    Odd3SagaError,
    Unreadable,
    Unreadable("no".to_owned())
);
fails!(
    Odd4,
    Odd4Saga,
    Odd4SagaError,
    PanicsWhenRead,
    PanicsWhenRead("no".to_owned())
);
fails!(
    Odd5,
    Odd5Saga,
    Odd5SagaError,
    Changes,
    Changes("no".to_owned())
);

#[tokio::test(start_paused = true)]
async fn of_an_error_that_is_not_read_as_it_was_written_the_others_have_the_text() {
    let seen = |name: &str| (typed(&format!("{name}(\"no\")")), text("no"));
    the_first_sees::<Odd1Saga>(|| Odd1, seen("Unwritable")).await;
    the_first_sees::<Odd2Saga>(|| Odd2, seen("PanicsWhenWritten")).await;
    the_first_sees::<Odd3Saga>(|| Odd3, seen("Unreadable")).await;
    the_first_sees::<Odd4Saga>(|| Odd4, seen("PanicsWhenRead")).await;
    the_first_sees::<Odd5Saga>(|| Odd5, seen("Changes")).await;
}

/// An error whose source serde skips. Its chain would show it.
#[derive(Debug, thiserror::Error, Serialize, Deserialize)]
#[error("declined")]
struct Caused {
    #[serde(skip)]
    #[source]
    cause: Option<std::io::Error>,
}

fails!(
    CausedBy,
    CausedBySaga,
    CausedBySagaError,
    Caused,
    Caused {
        cause: Some(std::io::Error::other("no line")),
    }
);

#[tokio::test(start_paused = true)]
async fn of_an_error_whose_cause_is_not_written_the_others_have_the_text_and_the_chain() {
    let [first, rest @ ..] = looks::<CausedBySaga>(|| CausedBy).await;
    assert!(matches!(first, Seen::Typed(_)));
    let text = Seen::Text("declined".to_owned(), vec!["no line".to_owned()]);
    assert_eq!(rest, [(); 5].map(|()| text.clone()));
}

/// An error with a field that serde skips and that is in no text.
#[derive(Debug, thiserror::Error, Serialize, Deserialize)]
#[error("declined")]
struct Partly {
    #[serde(skip)]
    tries: u32,
}

fails!(Part, PartSaga, PartSagaError, Partly, Partly { tries: 3 });

#[tokio::test(start_paused = true)]
async fn the_first_has_what_the_others_have_also_of_what_no_text_shows() {
    all_see::<PartSaga>(|| Part, typed("Partly { tries: 0 }")).await;
}

/// The saga `pay` in other versions of the program.
mod later {
    use super::{Deserialize, Fails, Seen, Serialize, saga, seen};

    #[derive(Debug, thiserror::Error, Serialize, Deserialize)]
    pub(crate) enum CardError {
        #[error("{cents} cents are not there")]
        Short { cents: u64 },
    }

    fails!(
        Pay,
        PaySaga,
        PaySagaError,
        CardError,
        CardError::Short { cents: 0 }
    );

    pub(crate) mod other {
        use super::{Deserialize, Fails, Seen, Serialize, saga, seen};

        #[derive(Debug, thiserror::Error, Serialize, Deserialize)]
        #[error("closed")]
        pub(crate) struct Closed {
            since: u64,
        }

        fails!(Pay, PaySaga, PaySagaError, Closed, Closed { since: 0 });
    }
}

#[tokio::test(start_paused = true)]
async fn an_error_is_read_as_the_type_of_today_and_is_text_where_that_cannot_be() {
    let journal = InMemoryJournal::new();
    let engine = builder_of::<PaySaga>(Pay)
        .open(journal.clone())
        .await
        .unwrap();
    let submitted = engine.submit::<PaySaga>("a", 1).await;
    drop(submitted.unwrap().outcome().await.unwrap().unwrap_err());
    engine.shutdown(GRACE).await;
    let engine = builder_of::<later::PaySaga>(later::Pay)
        .open(journal.clone())
        .await
        .unwrap();
    let error = engine
        .outcome::<later::PaySaga>("a")
        .await
        .unwrap()
        .unwrap_err();
    assert_eq!(
        later::PaySaga::seen(error.error()),
        typed("Short { cents: 250 }")
    );
    engine.shutdown(GRACE).await;
    let engine = builder_of::<later::other::PaySaga>(later::other::Pay)
        .open(journal)
        .await
        .unwrap();
    let error = engine
        .outcome::<later::other::PaySaga>("a")
        .await
        .unwrap()
        .unwrap_err();
    assert_eq!(
        later::other::PaySaga::seen(error.error()),
        text("no 250 cents on card visa")
    );
}

fn runtime() -> Runtime {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    builder.enable_time().start_paused(true).build().unwrap()
}

/// One life of a process that submits a saga. Returns how the saga ended, unless the process ended before.
fn live<S>(service: S::Service, journal: &CutJournal) -> Option<SagaError<S>>
where
    S: Machine<Durable, Input = u64, Output: Debug + Send, Service: Send + Sized> + 'static,
{
    runtime().block_on(async {
        let builder = Engine::builder().register::<S>(service);
        let engine = builder.open(journal.clone()).await.unwrap();
        let run = async {
            let mut handle = engine.submit::<S>("a", 1).await.unwrap();
            handle.outcome().await.unwrap().unwrap_err()
        };
        tokio::select! {
            biased;
            () = journal.over() => None,
            ended = run => Some(ended),
        }
    })
}

/// Ends the process before and after each write. `check` looks at the error in the next lives.
fn wherever_it_ends<S>(service: impl Fn() -> S::Service, writes: usize, check: fn(SagaError<S>))
where
    S: Machine<Durable, Input = u64, Output: Debug + Send, Service: Send + Sized> + 'static,
{
    let journal = CutJournal::new(InMemoryJournal::new(), Kill::Never);
    check(live::<S>(service(), &journal).unwrap());
    assert_eq!(journal.writes(), writes);
    for kill in (1..=writes).flat_map(|write| [Kill::Before(write), Kill::After(write)]) {
        let kept = InMemoryJournal::new();
        let first = CutJournal::new(kept.clone(), kill);
        assert!(live::<S>(service(), &first).is_none(), "{kill:?}");
        for _ in 0..2 {
            let next = CutJournal::new(kept.clone(), Kill::Never);
            check(live::<S>(service(), &next).unwrap());
        }
    }
}

#[test]
fn an_error_is_the_same_wherever_the_process_ended() {
    wherever_it_ends::<PaySaga>(
        || Pay,
        3,
        |error| {
            let short = typed(r#"Short { card: "visa", cents: 250 }"#);
            assert_eq!(PaySaga::seen(error.error()), short);
        },
    );
}

/// All steps of a group fail.
struct Trip;

#[saga]
impl Trip {
    #[step(parallel = bookings, no_compensation = "nothing to undo")]
    async fn hotel(&self, _: &u64) -> Result<u64, CardError> {
        Err(CardError::Declined)
    }

    #[step(parallel = bookings, no_compensation = "nothing to undo")]
    async fn car(&self, _: &u64) -> Result<u64, Unkept> {
        Err(Unkept)
    }

    #[step(parallel = bookings, no_compensation = "nothing to undo")]
    async fn train(&self, _: &u64) -> Result<u64, String> {
        Err("full".to_owned())
    }
}

#[test]
fn each_member_of_a_group_fails_with_its_own_error() {
    wherever_it_ends::<TripSaga>(
        || Trip,
        5,
        |error| {
            let TripSagaError::Hotel(hotel) = error.error() else {
                panic!("{error}")
            };
            assert_eq!(seen(hotel), typed("Declined"));
            let others: Vec<_> = error.also_failed().collect();
            let [car, train] = others[..] else {
                panic!("{error}")
            };
            let (TripSagaError::Car(car), TripSagaError::Train(train)) =
                (&car.failure, &train.failure)
            else {
                panic!("{error}")
            };
            assert!([typed("Unkept"), text("declined")].contains(&seen(car)));
            assert_eq!(seen(train), typed("\"full\""));
        },
    );
}

/// Runs another saga, whose error is inside that of its step.
struct Order {
    pay: Pay,
}

#[saga]
impl Order {
    #[step(compensate = release)]
    async fn reserve(&self, cents: &u64) -> Result<u64, String> {
        Ok(*cents)
    }

    #[step(saga = PaySaga, on = self.pay)]
    fn charge(&self, cents: &u64) -> u64 {
        *cents
    }

    async fn release(&self, _: &u64) -> Result<(), String> {
        Err("not released".to_owned())
    }
}

#[test]
fn the_error_of_a_saga_within_a_saga_is_found_within_its_error() {
    wherever_it_ends::<OrderSaga>(
        || Order { pay: Pay },
        7,
        |error| {
            let OrderSagaError::Charge(Failure::Error(within)) = error.error() else {
                panic!("{error}")
            };
            let short = typed(r#"Short { card: "visa", cents: 250 }"#);
            assert_eq!(PaySaga::seen(within.error()), short);
        },
    );
}

/// The values of the records of this kind and this call.
async fn values(journal: &InMemoryJournal, kind: &str, call: &str) -> Vec<String> {
    let key = journal.find(&"a".into()).await.unwrap().unwrap().key;
    let records = journal.records(key).await.unwrap();
    let wanted = format!(r#"{{"{kind}":{{"call":"{call}""#);
    let of_call = records
        .iter()
        .filter(|record| record.entry.to_json().starts_with(&wanted));
    of_call
        .map(|record| String::from_utf8(record.value.clone()).unwrap())
        .collect()
}

#[tokio::test(start_paused = true)]
async fn the_error_of_a_compensation_is_text() {
    let journal = InMemoryJournal::new();
    let engine = Engine::builder().register::<OrderSaga>(Order { pay: Pay });
    let engine = engine.open(journal.clone()).await.unwrap();
    let submitted = engine.submit::<OrderSaga>("a", 1).await;
    let error = submitted.unwrap().outcome().await.unwrap().unwrap_err();
    assert_eq!(
        error.compensation_failures()[0].error.message,
        "not released"
    );
    assert_eq!(
        values(&journal, "gave_up", "reserve/undo").await,
        [r#"{"error":{"message":"not released","chain":[]}}"#]
    );
    assert_eq!(
        values(&journal, "gave_up", "charge/1/charge/do").await,
        [
            r#"{"error":{"message":"no 250 cents on card visa","chain":[],"typed":"{\"Short\":{\"card\":\"visa\",\"cents\":250}}"}}"#
        ]
    );
}

/// Waits for a day before another attempt.
struct Patient;

#[saga]
impl Patient {
    #[step(retry(attempts = 2, backoff = "24h..24h"))]
    async fn charge(&self, _: &u64) -> Result<u64, CardError> {
        Err(CardError::Declined)
    }
}

#[tokio::test(start_paused = true)]
async fn the_error_of_an_attempt_is_there_in_another_life_that_makes_no_other() {
    let journal = InMemoryJournal::new();
    let builder = || Engine::builder().register::<PatientSaga>(Patient);
    let engine = builder().open(journal.clone()).await.unwrap();
    engine.submit::<PatientSaga>("a", 1).await.unwrap();
    while values(&journal, "failed", "charge/do").await.is_empty() {
        tokio::task::yield_now().await;
    }
    engine.shutdown(GRACE).await;
    let engine = builder().open(journal.clone()).await.unwrap();
    let cancelled = engine.cancel("a").await.unwrap();
    assert_eq!(cancelled, CancelOutcome::Requested);
    for _ in 0..2 {
        let error = engine
            .outcome::<PatientSaga>("a")
            .await
            .unwrap()
            .unwrap_err();
        assert!(matches!(error.error(), PatientSagaError::Cancelled));
        let failed: Vec<_> = error.also_failed().collect();
        let [failed] = failed[..] else {
            panic!("{error}")
        };
        let PatientSagaError::Charge(failure) = &failed.failure else {
            panic!("{error}")
        };
        assert_eq!(seen(failure), typed("Declined"));
    }
}
