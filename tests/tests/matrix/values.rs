//! Outputs of steps, and what is handed on after they were written and read. The crashes of a fault matrix find
//! each value that does not come back, and report it once; and a value that looks like nothing was still returned.
#![expect(clippy::option_option, reason = "it is what does not come back")]

use std::collections::{BTreeSet, HashMap, HashSet};
use std::fmt::Debug;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

use saga_core::testing::{Coverage, FaultMatrix, MatrixFailed, fault_matrix};
use saga_core::{Attempt, StepContext, saga};
use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

const OVER_A_JOURNAL: &str = "nothing fails; over a journal";

/// What is wrong in the only failed cell.
fn wrong(failed: &MatrixFailed) -> Vec<&str> {
    assert_eq!(failed.problems, [""; 0]);
    let names: Vec<_> = failed.cells.iter().map(|cell| &*cell.name).collect();
    assert_eq!(names, [OVER_A_JOURNAL]);
    failed.cells[0].wrong.iter().map(String::as_str).collect()
}

/// A type of values that a step returns.
trait Returned: Debug + Clone + Serialize + DeserializeOwned + Send + Sync + 'static {}

impl<T: Debug + Clone + Serialize + DeserializeOwned + Send + Sync + 'static> Returned for T {}

/// One that quotes what it has, and charges for that.
struct Desk<T>(T);

#[saga(durable)]
impl<T: Returned> Desk<T> {
    #[step(readonly)]
    async fn quote(&self) -> Result<T, String> {
        Ok(self.0.clone())
    }

    #[step]
    async fn charge(&self, _quote: &T) -> Result<(), String> {
        Ok(())
    }
}

fn desk<T: Returned>(quote: T) -> FaultMatrix<DeskSaga<T>> {
    fault_matrix::<DeskSaga<T>>(move || Desk(quote.clone()), ())
        .errors(|| "refused".to_owned())
        .invariant(|_, _| true)
        .crashes()
}

/// How the values differ if the step returns this one.
async fn differs<T: Returned>(quote: T) -> String {
    let failed = desk(quote)
        .check()
        .await
        .expect_err("it does not come back");
    let [difference] = wrong(&failed)[..] else {
        panic!("{failed}");
    };
    difference.to_owned()
}

const NOT_BACK: &str = "what serde writes of it does not come back";

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Quote {
    rate: f64,
    limit: Option<f64>,
    answer: Option<Option<u32>>,
    by: Source,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(untagged)]
enum Source {
    Desk(u32),
    Feed(u64),
}

/// A quote that comes back.
fn quote() -> Quote {
    Quote {
        rate: 1.577_777_777_777_000_1,
        limit: Some(f64::MIN_POSITIVE),
        answer: Some(Some(1)),
        by: Source::Desk(5),
    }
}

#[tokio::test(start_paused = true)]
async fn values_that_come_back_pass() {
    let count = desk(quote()).run().await.cells.len();
    assert_eq!(count, 30);
    // Every bit of a number, and what has no sign in other languages.
    assert_eq!(
        desk((1.577_777_777_777_000_1_f64, -0.0_f64))
            .run()
            .await
            .cells
            .len(),
        count
    );
    assert_eq!(
        desk((u128::MAX, i64::MIN, '\u{0}')).run().await.cells.len(),
        count
    );
}

#[tokio::test(start_paused = true)]
async fn an_infinity_in_an_option_is_nothing_afterwards() {
    let limit = Some(f64::INFINITY);
    let difference = differs(Quote { limit, ..quote() }).await;
    assert_eq!(
        difference,
        format!(
            "`quote` returned Quote {{ rate: 1.5777777777770001, limit: Some(inf), answer: Some(Some(1)), \
             by: Desk(5) }} and hands on Quote {{ rate: 1.5777777777770001, limit: None, answer: Some(Some(1)), \
             by: Desk(5) }}: {NOT_BACK}"
        )
    );
    let difference = differs(Some(f64::NAN)).await;
    assert_eq!(
        difference,
        format!("`quote` returned Some(NaN) and hands on None: {NOT_BACK}")
    );
}

#[tokio::test(start_paused = true)]
async fn nothing_in_an_option_is_no_option_afterwards() {
    let difference = differs(Some(None::<u32>)).await;
    assert_eq!(
        difference,
        format!("`quote` returned Some(None) and hands on None: {NOT_BACK}")
    );
    let difference = differs(Some(())).await;
    assert_eq!(
        difference,
        format!("`quote` returned Some(()) and hands on None: {NOT_BACK}")
    );
    let difference = differs(Some(serde_json::Value::Null)).await;
    assert_eq!(
        difference,
        format!("`quote` returned Some(Null) and hands on None: {NOT_BACK}")
    );
}

#[tokio::test(start_paused = true)]
async fn an_untagged_enum_may_be_another_variant_afterwards() {
    let difference = differs(Source::Feed(5)).await;
    assert_eq!(
        difference,
        format!("`quote` returned Feed(5) and hands on Desk(5): {NOT_BACK}")
    );
}

#[tokio::test(start_paused = true)]
async fn a_field_that_serde_skips_is_lost() {
    #[derive(Debug, Clone, Serialize, Deserialize)]
    #[expect(dead_code, reason = "only shown")]
    struct Payment {
        amount: u32,
        #[serde(skip)]
        receipt: Option<String>,
    }

    let receipt = Some("r-1".to_owned());
    let difference = differs(Payment { amount: 7, receipt }).await;
    assert_eq!(
        difference,
        format!(
            "`quote` returned Payment {{ amount: 7, receipt: Some(\"r-1\") }} and hands on Payment {{ amount: 7, \
             receipt: None }}: {NOT_BACK}"
        )
    );
    // What it has by default comes back.
    desk(Payment {
        amount: 7,
        receipt: None,
    })
    .run()
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_number_that_is_written_with_fewer_digits_is_another() {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for it")]
    fn cents<S: Serializer>(rate: &f64, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64((rate * 100.0).round() / 100.0)
    }

    #[derive(Debug, Clone, Serialize, Deserialize)]
    struct Rate(#[serde(serialize_with = "cents")] f64);

    let difference = differs(Rate(1.239)).await;
    assert_eq!(
        difference,
        format!("`quote` returned Rate(1.239) and hands on Rate(1.24): {NOT_BACK}")
    );
    desk(Rate(1.25)).run().await;
}

#[tokio::test(start_paused = true)]
async fn a_type_that_reads_another_value_than_it_wrote_is_found() {
    #[derive(Debug, Clone, Serialize)]
    struct Name(String);

    impl<'de> Deserialize<'de> for Name {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            Ok(Self(
                String::deserialize(deserializer)?.trim().to_lowercase(),
            ))
        }
    }

    let difference = differs(Name("Mary ".to_owned())).await;
    assert_eq!(
        difference,
        format!("`quote` returned Name(\"Mary \") and hands on Name(\"mary\"): {NOT_BACK}")
    );
    desk(Name("mary".to_owned())).run().await;
}

/// A list whose type changes its order when it is read.
#[tokio::test(start_paused = true)]
async fn the_order_of_a_list_is_a_part_of_it() {
    #[derive(Debug, Clone, Serialize)]
    struct Queue(Vec<u32>);

    impl<'de> Deserialize<'de> for Queue {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            let mut all = Vec::deserialize(deserializer)?;
            all.sort_unstable();
            Ok(Self(all))
        }
    }

    let difference = differs(Queue(vec![2, 1])).await;
    assert_eq!(
        difference,
        format!("`quote` returned Queue([2, 1]) and hands on Queue([1, 2]): {NOT_BACK}")
    );
}

#[tokio::test(start_paused = true)]
async fn the_order_of_a_map_or_a_set_is_none() {
    #[derive(Debug, Clone, Serialize, Deserialize)]
    struct Basket {
        prices: HashMap<String, u32>,
        names: HashSet<String>,
        kinds: HashMap<u32, HashSet<(u32, char)>>,
    }

    let basket = Basket {
        prices: (0..50).map(|n| (format!("{{{n}"), n)).collect(),
        names: (0..50).map(|n| format!("\"{n}}}, ")).collect(),
        kinds: (0..9)
            .map(|n| (n, [(n, ','), (n, '\''), (n, '{')].into()))
            .collect(),
    };
    for _ in 0..3 {
        desk(basket.clone()).run().await;
    }
}

#[tokio::test(start_paused = true)]
async fn of_long_values_what_differs_is_shown() {
    let mut quotes: Vec<_> = (0..20).map(|_| quote()).collect();
    quotes[7].limit = Some(f64::NEG_INFINITY);
    let difference = differs(quotes).await;
    assert_eq!(
        difference,
        format!(
            "`quote` hands on another value than it returned: {NOT_BACK}; `-` was, `+` is handed on\n-         \
             limit: Some(-inf),\n+         limit: None,"
        )
    );
}

/// It cannot be read back at all. The engine notices when it writes the value.
#[tokio::test(start_paused = true)]
async fn what_cannot_be_read_again_is_in_doubt_at_once() {
    let failed = desk(f64::NAN).check().await.expect_err("it is not read");
    assert_eq!(
        wrong(&failed),
        [
            "`quote` returned NaN and hands on nothing: serde cannot write it and read it again",
            "the calls are not those that had to be made",
            "the run ended compensated, `quote` gave up after 1 attempt, and had to end completed",
        ]
    );
    let description = &failed.cells[0].description;
    let why = "what is written of its output cannot be read back: what was written is no `f64`";
    assert!(description.contains(why), "{description}");
}

#[tokio::test(start_paused = true)]
async fn what_serde_writes_and_cannot_read_is_named_with_what_was_returned() {
    #[derive(Debug, Clone, Serialize, Deserialize)]
    #[serde(tag = "kind")]
    enum Amount {
        Exact { cents: u128 },
    }

    #[derive(Debug, Clone, Serialize, Deserialize)]
    struct Nest(Vec<Self>);

    async fn first_of<T: Returned>(quote: T) -> String {
        let failed = desk(quote).check().await.expect_err("it is not read");
        wrong(&failed)[0].to_owned()
    }

    let nothing = "and hands on nothing: serde cannot write it and read it again";
    let cents = u128::MAX;
    assert_eq!(
        first_of(Amount::Exact { cents }).await,
        format!("`quote` returned Exact {{ cents: {cents} }} {nothing}")
    );
    let deep = (0..200).fold(Nest(Vec::new()), |nest, _| Nest(vec![nest]));
    assert_eq!(
        first_of(deep).await,
        format!("`quote` returned what is not shown {nothing}")
    );
}

/// The next step fails with such a value as well, in the same cell. The cause is reported first.
#[tokio::test(start_paused = true)]
async fn a_saga_that_fails_because_of_it_says_why() {
    struct Strict;

    #[saga]
    impl Strict {
        #[step(readonly)]
        async fn find(&self) -> Result<Option<Option<u32>>, String> {
            Ok(Some(None))
        }

        #[step]
        async fn act(&self, found: Option<Option<u32>>) -> Result<(), String> {
            found.map(drop).ok_or_else(|| "nothing is found".to_owned())
        }
    }

    let failed = fault_matrix::<StrictSaga>(|| Strict, ())
        .errors(|| "refused".to_owned())
        .invariant(|_, _| true)
        .crashes()
        .check()
        .await
        .expect_err("it does not complete");
    assert_eq!(
        wrong(&failed),
        [
            format!("`find` returned Some(None) and hands on None: {NOT_BACK}").as_str(),
            "the run ended compensated, `act` gave up after 1 attempt, and had to end completed",
        ]
    );
    let text = failed.to_string();
    assert_eq!(text.matches(NOT_BACK).count(), 1, "{text}");
}

/// A value whose type has no `Debug`, so only its serialized form is known.
#[derive(Clone, Serialize, Deserialize)]
struct Opaque {
    #[serde(deserialize_with = "one_more")]
    count: u32,
}

fn one_more<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
    let count = u32::deserialize(deserializer)?;
    count
        .checked_add(1)
        .ok_or_else(|| D::Error::custom("too many"))
}

/// A saga that moves its output into the next step at once: nothing is left of it in the run.
struct Giver;

#[saga(durable)]
impl Giver {
    #[step(readonly)]
    async fn make(&self) -> Result<Opaque, String> {
        Ok(Opaque { count: 1 })
    }

    #[step]
    async fn give(&self, made: Opaque) -> Result<(Option<Option<u32>>, u32), String> {
        Ok((Some(None), made.count))
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_moved_into_a_step_and_what_the_saga_returns_are_compared_too() {
    let failed = fault_matrix::<GiverSaga>(|| Giver, ())
        .errors(|| "refused".to_owned())
        .invariant(|_, _| true)
        .crashes()
        .check()
        .await
        .expect_err("it does not come back");
    assert_eq!(
        wrong(&failed),
        [
            format!(
                "`make` returned {{\"count\":1}} and hands on {{\"count\":2}}, as serde writes them: {NOT_BACK}"
            ),
            format!("`give` returned (Some(None), 2) and hands on (None, 2): {NOT_BACK}"),
        ]
    );
}

/// An input, and one that a step makes for the saga that it runs.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[expect(dead_code, reason = "what is skipped is only shown")]
struct Order {
    cups: u32,
    #[serde(skip)]
    note: Option<&'static str>,
}

struct Inner;

#[saga(durable)]
impl Inner {
    #[step(readonly)]
    async fn read(&self, order: &Order) -> Result<u32, String> {
        Ok(order.cups)
    }

    #[step(no_compensation = "it is a letter", parallel = letters)]
    async fn write(&self) -> Result<Option<Option<u32>>, String> {
        Ok(Some(None))
    }

    #[step(no_compensation = "it is a letter", parallel = letters)]
    async fn post(&self) -> Result<Option<f64>, String> {
        Ok(Some(f64::INFINITY))
    }
}

struct Outer(Inner);

#[saga(durable)]
impl Outer {
    #[step(readonly)]
    async fn look(&self, order: &Order) -> Result<u32, String> {
        Ok(order.cups)
    }

    #[step(saga = InnerSaga, on = self.0)]
    fn send(&self, #[from(look)] cups: &u32) -> Order {
        let note = Some("inner");
        Order { cups: *cups, note }
    }

    #[step(only_if = is_wanted, readonly)]
    async fn check(&self) -> Result<Option<()>, String> {
        Ok(Some(()))
    }

    #[step(readonly, sensitive)]
    async fn sign(&self) -> Result<Source, String> {
        Ok(Source::Feed(5))
    }

    #[step]
    async fn close(&self) -> Result<(), String> {
        Ok(())
    }

    fn is_wanted(&self) -> bool {
        true
    }
}

#[tokio::test(start_paused = true)]
async fn inputs_and_what_is_in_groups_in_nested_sagas_and_secret_are_compared_too() {
    let note = Some("outer");
    let failed = fault_matrix::<OuterSaga>(|| Outer(Inner), Order { cups: 2, note })
        .errors(|| "refused".to_owned())
        .invariant(|_, _| true)
        .crashes()
        .check()
        .await
        .expect_err("it does not come back");
    let order = |note| format!("Order {{ cups: 2, note: {note} }}");
    assert_eq!(
        wrong(&failed),
        [
            format!(
                "the input is {} and is handed on as {}: {NOT_BACK}",
                order("Some(\"outer\")"),
                order("None")
            ),
            format!(
                "the input of `send` is {} and is handed on as {}: {NOT_BACK}",
                order("Some(\"inner\")"),
                order("None")
            ),
            format!("`send/write` returned Some(None) and hands on None: {NOT_BACK}"),
            format!("`send/post` returned Some(inf) and hands on None: {NOT_BACK}"),
            format!("`check` returned Some(()) and hands on None: {NOT_BACK}"),
            format!(
                "`sign` hands on another value than it returned, which is sensitive and not shown: {NOT_BACK}"
            ),
        ]
    );
    let text = failed.to_string();
    assert!(!text.contains("Feed("), "{text}");
}

/// A type whose values all look alike. A step with a condition that returned it was not skipped.
trait Nothing: Returned {
    const NOTHING: Self;
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Sent;

impl Nothing for () {
    const NOTHING: Self = ();
}

impl Nothing for Sent {
    const NOTHING: Self = Self;
}

impl Nothing for Option<u32> {
    const NOTHING: Self = None;
}

impl Nothing for serde_json::Value {
    const NOTHING: Self = Self::Null;
}

/// A service that sends a letter if it is urgent.
struct Office<T: Nothing> {
    letters: Mutex<BTreeSet<String>>,
    handed: Mutex<BTreeSet<String>>,
    nothing: T,
}

#[saga(durable)]
impl<T: Nothing> Office<T> {
    #[step(only_if = is_urgent, compensate = recall)]
    async fn send(&self, _n: &u32, run: &StepContext) -> Result<T, String> {
        self.letters.lock().unwrap().insert(run.idempotency_key());
        Ok(self.nothing.clone())
    }

    #[step(readonly)]
    async fn check(&self) -> Result<u32, String> {
        Ok(1)
    }

    #[step]
    async fn file(&self, #[from(send)] sent: Option<&T>) -> Result<u32, String> {
        self.handed.lock().unwrap().insert(format!("{sent:?}"));
        Ok(1)
    }

    fn is_urgent(&self, n: &u32) -> bool {
        *n > 1
    }

    async fn recall(&self, _: Attempt<&T>, run: &StepContext) -> Result<(), String> {
        self.letters
            .lock()
            .unwrap()
            .remove(&run.step_idempotency_key());
        Ok(())
    }
}

async fn office<T: Nothing>(input: u32) -> Coverage {
    let service = || Office {
        letters: Mutex::default(),
        handed: Mutex::default(),
        nothing: T::NOTHING,
    };
    let handed = (input > 1).then_some(T::NOTHING);
    let handed = BTreeSet::from([format!("{handed:?}")]);
    fault_matrix::<OfficeSaga<T>>(service, input)
        .errors(|| "refused".to_owned())
        .snapshot(|office| office.letters.lock().unwrap().clone())
        .invariant(move |office, end| {
            let was = office.handed.lock().unwrap();
            // It is not, where it is filed no more than perhaps.
            assert!(!end.is_completed() || *was == handed, "handed {was:?}");
            assert!(was.is_subset(&handed), "handed {was:?}");
        })
        .crashes()
        .run()
        .await
}

#[tokio::test(start_paused = true)]
async fn a_step_that_returned_nothing_was_not_skipped_in_any_life() {
    let cells = [
        office::<()>(3).await,
        office::<Sent>(3).await,
        office::<Option<u32>>(3).await,
        office::<serde_json::Value>(3).await,
    ];
    for coverage in cells {
        assert_eq!(coverage.cells.len(), 67);
        let cell = "file fails; crash after the failure of file is recorded".to_owned();
        assert!(coverage.cells.contains(&cell), "{coverage}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_step_that_was_skipped_is_in_every_life() {
    let cells = [
        office::<()>(1).await,
        office::<Sent>(1).await,
        office::<Option<u32>>(1).await,
        office::<serde_json::Value>(1).await,
    ];
    for coverage in cells {
        assert_eq!(coverage.cells.len(), 32);
        let cell = "crash before the skip of send is recorded".to_owned();
        assert!(coverage.cells.contains(&cell), "{coverage}");
    }
}

/// A value that is another each time it is read.
#[tokio::test(start_paused = true)]
async fn a_value_that_is_made_up_when_it_is_read_is_found() {
    static NEXT: AtomicU32 = AtomicU32::new(7);

    fn next() -> u32 {
        NEXT.fetch_add(1, Relaxed)
    }

    #[derive(Debug, Clone, Serialize, Deserialize)]
    #[expect(dead_code, reason = "only shown")]
    struct Ticket {
        #[serde(skip, default = "next")]
        number: u32,
    }

    let difference = differs(Ticket { number: 1 }).await;
    assert!(
        difference
            .starts_with("`quote` returned Ticket { number: 1 } and hands on Ticket { number: "),
        "{difference}"
    );
}
