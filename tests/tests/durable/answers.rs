//! An engine answers what its journal says, and no more than is known.

use std::cell::Cell;
use std::sync::Arc;
use std::time::Duration;

use saga_core::durable::{
    CancelError, CancelOutcome, Engine, EngineBuilder, InMemoryJournal, JournalErrorKind,
    OutcomeError, Parked, Query, SagaState, Status, SubmitError,
};
use saga_core::{Attempt, saga};
use saga_tests::failing_journal::{Method, Trouble, Troubled};
use serde::{Deserialize, Deserializer, Serialize};
use tokio::runtime::Builder;
use tokio::time::{sleep, timeout};

const GRACE: Duration = Duration::from_secs(1);
const LONG: Duration = Duration::from_hours(1_000);

/// One life of a process. It ends when its future is ready.
fn life<T>(life: impl Future<Output = T>) -> T {
    let mut runtime = Builder::new_current_thread();
    let runtime = runtime.enable_time().start_paused(true).build().unwrap();
    runtime.block_on(life)
}

/// Whether the pivot and the last step fail in this life.
struct Boat {
    sinks: bool,
}

#[saga(durable)]
impl Boat {
    #[step(compensate = unload)]
    async fn load(&self, crates: &u64) -> Result<u64, String> {
        Ok(*crates)
    }

    #[step(pivot, compensate = turn_back)]
    async fn leave(&self, crates: &u64) -> Result<u64, String> {
        if self.sinks {
            Err("leak".to_owned())
        } else {
            Ok(*crates)
        }
    }

    #[step]
    async fn arrive(&self, crates: &u64) -> Result<u64, String> {
        Ok(*crates)
    }

    async fn unload(&self, _: Attempt<&u64>) -> Result<(), String> {
        Ok(())
    }

    async fn turn_back(&self, _: Attempt<&u64>) -> Result<(), String> {
        Ok(())
    }
}

/// The same saga without a pivot.
struct Raft {
    sinks: bool,
}

#[saga(durable)]
impl Raft {
    #[step(compensate = untie)]
    async fn tie(&self, logs: &u64) -> Result<u64, String> {
        Ok(*logs)
    }

    #[step(compensate = untie)]
    async fn float(&self, logs: &u64) -> Result<u64, String> {
        if self.sinks {
            Err("leak".to_owned())
        } else {
            Ok(*logs)
        }
    }

    async fn untie(&self, _: Attempt<&u64>) -> Result<(), String> {
        Ok(())
    }
}

fn fleet(sinks: bool) -> EngineBuilder {
    Engine::builder()
        .register::<BoatSaga>(Boat { sinks })
        .register::<RaftSaga>(Raft { sinks })
}

/// Returns the answer to a cancellation while the record with this text cannot be written. Steps fail in one of the
/// two lives of the process, and succeed in the other.
fn cancelled_before_it_is_written(
    text: &'static str,
    sinks: bool,
) -> [Result<CancelOutcome, CancelError>; 2] {
    let journal = Troubled::default();
    journal.refuses(Some(text));
    let said = life(async {
        let engine = fleet(sinks).open(journal.clone()).await.unwrap();
        engine.submit::<BoatSaga>("boat", 3).await.unwrap();
        engine.submit::<RaftSaga>("raft", 3).await.unwrap();
        sleep(GRACE).await;
        let asked = async { [engine.cancel("boat").await, engine.cancel("raft").await] };
        timeout(LONG, asked).await.expect("an answer")
    });
    journal.refuses(None);
    life(async {
        let engine = fleet(!sinks).open(journal.clone()).await.unwrap();
        let _ = engine.outcome::<BoatSaga>("boat").await.unwrap();
        let _ = engine.outcome::<RaftSaga>("raft").await.unwrap();
    });
    said
}

#[test]
fn a_cancellation_is_not_answered_by_what_is_decided_and_not_written() {
    let unknown =
        |asked: &Result<_, CancelError>| matches!(asked, Err(CancelError::Unknown { .. }));
    // As far as this process knows, the pivot has completed. The raft has reached its end.
    let [boat, raft] = cancelled_before_it_is_written("\"completed\":{\"call\":\"leave", false);
    assert!(unknown(&boat), "{boat:?}");
    assert_eq!(raft.unwrap(), CancelOutcome::Ended(SagaState::Completed));
    let [boat, raft] = cancelled_before_it_is_written("float/do\",\"ends", false);
    assert_eq!(boat.unwrap(), CancelOutcome::Ended(SagaState::Completed));
    assert!(unknown(&raft), "{raft:?}");
    // They have to be rolled back.
    let asked = cancelled_before_it_is_written("gave_up", true);
    assert!(asked.iter().all(unknown), "{asked:?}");
}

#[tokio::test(start_paused = true)]
async fn a_submission_is_answered_while_who_has_the_places_waits_for_the_journal() {
    let journal = Troubled::default();
    let engine = fleet(false)
        .max_in_flight(1)
        .open(journal.clone())
        .await
        .unwrap();
    journal.refuses(Some("call"));
    engine.submit::<BoatSaga>("first", 3).await.unwrap();
    sleep(GRACE).await;
    let asked = timeout(LONG, engine.submit::<BoatSaga>("second", 3)).await;
    let refused = asked.expect("an answer").unwrap_err();
    assert_eq!(
        refused.to_string(),
        "saga `boat` (second) may not have been submitted; submit it again under the same id: the journal is not \
         available: it is away"
    );
    journal.refuses(None);
    sleep(GRACE).await;
    let mut second = engine.submit::<BoatSaga>("second", 3).await.unwrap();
    assert_eq!(second.outcome().await.unwrap().unwrap(), 3);
}

/// A boat that stays at sea, or in the harbour.
struct Slow {
    stays_in: &'static str,
}

#[saga(name = "boat", durable)]
impl Slow {
    #[step(compensate = unload)]
    async fn load(&self, crates: &u64) -> Result<u64, String> {
        self.stays("load").await;
        Ok(*crates)
    }

    #[step(pivot, compensate = turn_back)]
    async fn leave(&self, crates: &u64) -> Result<u64, String> {
        self.stays("leave").await;
        Ok(*crates)
    }

    #[step]
    async fn arrive(&self, crates: &u64) -> Result<u64, String> {
        self.stays("arrive").await;
        Ok(*crates)
    }

    async fn unload(&self, _: Attempt<&u64>) -> Result<(), String> {
        self.stays("unload").await;
        Ok(())
    }

    async fn turn_back(&self, _: Attempt<&u64>) -> Result<(), String> {
        Ok(())
    }
}

impl Slow {
    async fn stays(&self, call: &str) {
        if self.stays_in == "rest" && call == "leave" {
            sleep(Duration::from_secs(10)).await;
        }
        if call == self.stays_in {
            std::future::pending::<()>().await;
        }
    }
}

/// A journal with a boat for which this call is in flight.
async fn left_in(call: &'static str) -> InMemoryJournal {
    let journal = InMemoryJournal::new();
    let slow = Engine::builder().register::<SlowSaga>(Slow { stays_in: call });
    let engine = slow.open(journal.clone()).await.unwrap();
    engine.submit::<SlowSaga>("1", 3).await.unwrap();
    sleep(GRACE).await;
    if call == "unload" {
        engine.cancel("1").await.unwrap();
    }
    engine.shutdown(Duration::ZERO).await;
    journal
}

#[tokio::test(start_paused = true)]
async fn a_cancellation_of_a_parked_saga_says_so_where_it_comes_too_late() {
    for (call, said) in [
        ("load", CancelOutcome::Recorded),
        ("leave", CancelOutcome::Recorded),
        ("arrive", CancelOutcome::TooLate),
    ] {
        let journal = left_in(call).await;
        // Of another definition, and of one that is not registered.
        for is_known in [true, false] {
            let builder = Engine::builder();
            let builder = if is_known {
                builder.register::<later::BoatSaga>(later::Boat)
            } else {
                builder
            };
            let engine = builder.open(journal.clone()).await.unwrap();
            let status = engine.status("1").await.unwrap().unwrap().status;
            assert!(matches!(status, Status::Parked(_)), "{status}");
            assert_eq!(engine.cancel("1").await.unwrap(), said, "{call}");
            let report = engine.report("1").await.unwrap_err();
            assert!(matches!(report, OutcomeError::Parked { .. }), "{report}");
            engine.shutdown(GRACE).await;
        }
        let engine = fleet(false).open(journal).await.unwrap();
        let ended = engine.outcome::<BoatSaga>("1").await.unwrap();
        assert_eq!(ended.is_ok(), call != "load", "{call}");
    }
}

mod later {
    pub(super) struct Boat;

    #[saga_core::saga(durable, vis = pub(super))]
    impl Boat {
        #[step(pivot)]
        async fn fly(&self, crates: &u64) -> Result<u64, String> {
            Ok(*crates)
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_cancellation_comes_too_late_once_the_pivot_is_recorded_though_nothing_follows_it() {
    // An orderly shutdown lets the pivot finish, and begins nothing after it.
    let journal = InMemoryJournal::new();
    let slow = Engine::builder().register::<SlowSaga>(Slow { stays_in: "rest" });
    let engine = slow.open(journal.clone()).await.unwrap();
    engine.submit::<SlowSaga>("1", 3).await.unwrap();
    sleep(GRACE).await;
    assert_eq!(engine.shutdown(LONG).await, 0);
    let engine = fleet(false).open(journal).await.unwrap();
    assert_eq!(engine.cancel("1").await.unwrap(), CancelOutcome::TooLate);
    assert_eq!(engine.outcome::<BoatSaga>("1").await.unwrap().unwrap(), 3);
}

/// A saga whose last step has a record of its end apart from that of the saga.
struct Kite;

#[saga(durable)]
impl Kite {
    #[step(compensate = wind_in)]
    async fn unwind(&self, metres: &u64) -> Result<u64, String> {
        Ok(*metres)
    }

    #[step(compensate = wind_in, only_if = is_windy)]
    async fn fly(&self, metres: &u64) -> Result<u64, String> {
        Ok(*metres)
    }

    fn is_windy(&self, metres: &u64) -> bool {
        *metres > 1
    }

    async fn wind_in(&self, _: Attempt<&u64>) -> Result<(), String> {
        Ok(())
    }
}

#[test]
fn a_cancellation_comes_too_late_once_the_last_step_is_recorded() {
    for is_known in [true, false] {
        let journal = Troubled::default();
        let kite = || Engine::builder().register::<KiteSaga>(Kite);
        journal.refuses(Some("\"ended\""));
        life(async {
            let engine = kite().open(journal.clone()).await.unwrap();
            engine.submit::<KiteSaga>("1", 3).await.unwrap();
            sleep(GRACE).await;
        });
        journal.refuses(None);
        let said = life(async {
            let builder = if is_known { kite() } else { fleet(false) };
            let engine = builder.open(journal.clone()).await.unwrap();
            engine.cancel("1").await.unwrap()
        });
        // In the life that knows the saga, it may already have ended.
        let completed = CancelOutcome::Ended(SagaState::Completed);
        assert!(
            said == CancelOutcome::TooLate || (is_known && said == completed),
            "{said:?}"
        );
        life(async {
            let engine = kite().open(journal.clone()).await.unwrap();
            assert_eq!(
                engine.outcome::<KiteSaga>("1").await.unwrap().unwrap(),
                Some(3)
            );
        });
    }
}

#[tokio::test(start_paused = true)]
async fn an_engine_whose_journal_another_one_has_says_so_from_then_on() {
    let journal = Troubled::default();
    let engine = Engine::builder()
        .register::<SlowSaga>(Slow { stays_in: "load" })
        .register::<RaftSaga>(Raft { sinks: false });
    let engine = engine.open(journal.clone()).await.unwrap();
    engine.submit::<SlowSaga>("1", 3).await.unwrap();
    sleep(GRACE).await;
    // As if the lock file had been deleted and another engine opened.
    let fenced = Trouble::Before(JournalErrorKind::Fenced);
    journal.next(Method::Create, fenced);
    let refused = engine.submit::<RaftSaga>("2", 3).await.unwrap_err();
    let text = refused.to_string();
    let starts = "saga `raft` (2) may not have been submitted; submit it again to the engine that has the journal now: \
                  another engine has taken the journal over: ";
    assert!(text.starts_with(starts), "{text}");
    sleep(LONG).await;
    let asked = timeout(LONG, engine.outcome::<SlowSaga>("1")).await;
    let asked = asked.expect("an answer").unwrap_err().to_string();
    let starts = "saga `1` cannot go on for now: another engine has taken the journal over: ";
    assert!(asked.starts_with(starts), "{asked}");
}

#[tokio::test(start_paused = true)]
async fn how_far_a_saga_is_whose_records_were_not_gone_through_is_not_said() {
    let journal = left_in("arrive").await;
    let engine = fleet(false).open(journal).await.unwrap();
    engine.shutdown(Duration::ZERO).await;
    let listed = engine.list(Query::new()).await.unwrap();
    let listed: Vec<_> = listed.iter().map(ToString::to_string).collect();
    assert_eq!(listed, ["1, a run of `boat`: shut down, to go on"]);
}

struct Ferry;

#[saga(durable)]
impl Ferry {
    #[step(readonly, retry(attempts = 3, backoff = "1000h..1000h"))]
    async fn look(&self) -> Result<(), String> {
        Err("fog".to_owned())
    }
}

#[tokio::test(start_paused = true)]
async fn a_wait_is_after_the_same_attempt_in_each_life() {
    let journal = InMemoryJournal::new();
    for life in 0..3 {
        let engine = Engine::builder().register::<FerrySaga>(Ferry);
        let engine = engine.open(journal.clone()).await.unwrap();
        if life == 0 {
            engine.submit::<FerrySaga>("1", ()).await.unwrap();
        }
        sleep(GRACE).await;
        let status = engine.status("1").await.unwrap().unwrap().status;
        assert_eq!(
            status.to_string(),
            "waiting for its next attempt, at step `look`, attempt 1"
        );
        engine.shutdown(GRACE).await;
    }
}

thread_local! {
    /// How often a card was read, and whether reading one panics.
    static READ: Cell<(u32, bool)> = const { Cell::new((0, false)) };
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct Card(String);

impl<'de> Deserialize<'de> for Card {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let number = String::deserialize(deserializer)?;
        let (read, panics) = READ.get();
        READ.set((read + 1, panics));
        assert!(!panics, "bad card {number}");
        Ok(Self(number))
    }
}

struct Desk;

#[saga(durable)]
impl Desk {
    #[step(readonly, sensitive)]
    async fn take(&self, #[sensitive] card: &Card) -> Result<Card, String> {
        Ok(card.clone())
    }

    #[step(readonly)]
    async fn wait(&self) -> Result<(), String> {
        std::future::pending().await
    }
}

#[tokio::test(start_paused = true)]
async fn what_a_deserialize_panics_with_is_not_repeated() {
    READ.set((0, false));
    let journal = InMemoryJournal::new();
    let open = || {
        Engine::builder()
            .register::<DeskSaga>(Desk)
            .open(journal.clone())
    };
    let engine = open().await.unwrap();
    let card = Card("4711-SECRET".to_owned());
    engine.submit::<DeskSaga>("1", card.clone()).await.unwrap();
    sleep(GRACE).await;
    engine.shutdown(Duration::ZERO).await;
    READ.set((0, true));
    let engine = open().await.unwrap();
    sleep(GRACE).await;
    let status = engine.status("1").await.unwrap().unwrap().to_string();
    let outcome = engine.outcome::<DeskSaga>("1").await.unwrap_err();
    READ.set((0, false));
    let says = [status, outcome.to_string(), format!("{outcome:?}")];
    for says in says {
        assert!(!says.contains("SECRET"), "{says}");
        assert!(
            says.contains("what is recorded of `input` cannot be read"),
            "{says}"
        );
        assert!(says.contains("the `Deserialize` of"), "{says}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_saga_that_ends_processes_is_not_read_because_it_is_submitted_again() {
    READ.set((0, false));
    let journal = Troubled::default();
    let card = Card("1".to_owned());
    let desk = || Engine::builder().register::<DeskSaga>(Desk);
    let engine = desk().open(journal.clone()).await.unwrap();
    engine.submit::<DeskSaga>("1", card.clone()).await.unwrap();
    sleep(GRACE).await;
    engine.shutdown(Duration::ZERO).await;
    // As if each process had ended right after it claimed the saga.
    for _ in 0..6 {
        let lock = saga_core::durable::Journal::lock(&journal.kept)
            .await
            .unwrap();
        let entry = saga_core::durable::Journal::find(&journal.kept, &"1".into()).await;
        let claim = saga_core::durable::Claim::One(entry.unwrap().unwrap().key);
        let claimed = saga_core::durable::Journal::claim(&journal.kept, lock.epoch(), claim);
        claimed.await.unwrap();
    }
    let engine = desk().open(journal.clone()).await.unwrap();
    sleep(GRACE).await;
    let parked = engine.outcome::<DeskSaga>("1").await.unwrap_err();
    let OutcomeError::Parked { reason, .. } = &parked else {
        panic!("{parked}")
    };
    assert!(matches!(reason, Parked::EndsProcess { .. }), "{parked}");
    let read = READ.get().0;
    let refused = engine.submit::<DeskSaga>("1", card).await.unwrap_err();
    assert!(
        matches!(refused, SubmitError::UnreadableInput { .. }),
        "{refused}"
    );
    // A submitted value is read back; a recorded one is not.
    assert_eq!(READ.get().0, read + 1);
}

#[tokio::test]
async fn an_error_of_an_engine_says_in_a_main_what_has_happened() {
    let engine = fleet(false).open(InMemoryJournal::new()).await.unwrap();
    let error = engine.outcome::<BoatSaga>("nobody").await.unwrap_err();
    let error: Box<dyn std::error::Error> = error.into();
    assert_eq!(format!("{error:?}"), "there is no saga of the id `nobody`");
    let twice = fleet(false).register::<SlowSaga>(Slow { stays_in: "" });
    let error = twice.open(InMemoryJournal::new()).await.unwrap_err();
    assert_eq!(format!("{error:?}"), error.to_string());
    let asked = Arc::new(engine.cancel("nobody").await.unwrap_err());
    assert_eq!(format!("{asked:?}"), asked.to_string());
}
