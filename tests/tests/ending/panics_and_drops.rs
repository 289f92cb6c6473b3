//! Panics of user code, wherever it is called, and values that panic when they are dropped. None of them unwinds or
//! hangs the driver, or keeps other compensations from running.

mod texts;
mod values;

use core::fmt;
use core::future::{Future, pending, poll_fn};
use core::task::Poll;
use core::time::Duration;
use std::panic::panic_any;

use saga_core::{
    Attempt, End, Failure, Machine, Policy, RunOptions, Saga, SagaError, StepContext, StepError,
    report::{Outcome, Undo},
    saga,
};
use saga_tests::Calls;

/// The error of a run that has to fail. A run that does not end in an hour of paused time is reported as a hang.
async fn fails<S>(service: &S::Service, input: S::Input) -> SagaError<S>
where
    S: Machine<saga_core::InMemory>,
    S::Output: fmt::Debug,
{
    let run = S::run(service, input);
    let ended = tokio::time::timeout(Duration::from_hours(1), run).await;
    ended.expect("the saga hangs").unwrap_err()
}

fn undos<S: Saga>(error: &SagaError<S>) -> Vec<(&'static str, Undo)> {
    error.steps().map(|r| (r.step.name, r.undo)).collect()
}

/// Panics when it is dropped, unless the thread is already panicking.
struct Bomb(&'static str);

impl Drop for Bomb {
    fn drop(&mut self) {
        assert!(std::thread::panicking(), "{} went off", self.0);
    }
}

// Steps.

#[derive(Debug, Clone, Copy, PartialEq)]
enum PanicKind {
    WithText,
    WithFormattedText,
    AfterAnAwait,
    WithANumber,
    WithAPayloadThatPanicsWhenDropped,
    WithAnUnwrap,
    WithAnIndex,
}

use PanicKind::{
    AfterAnAwait, WithANumber, WithAPayloadThatPanicsWhenDropped, WithAnIndex, WithAnUnwrap,
    WithFormattedText, WithText,
};

impl PanicKind {
    const ALL: [Self; 7] = [
        WithText,
        WithFormattedText,
        AfterAnAwait,
        WithANumber,
        WithAPayloadThatPanicsWhenDropped,
        WithAnUnwrap,
        WithAnIndex,
    ];

    async fn panic(self) {
        let none: Option<u8> = std::hint::black_box(None);
        match self {
            WithText => panic!("the boat sank"),
            WithFormattedText => panic!("the {self:?} boat sank"),
            AfterAnAwait => {
                tokio::time::sleep(Duration::from_secs(1)).await;
                panic!("the boat sank late");
            }
            WithANumber => panic_any(42_u64),
            WithAPayloadThatPanicsWhenDropped => panic_any(Bomb("the payload")),
            WithAnUnwrap => drop(none.unwrap()),
            WithAnIndex => drop(Vec::<u8>::new()[usize::from(none.is_none())]),
        }
    }

    /// The message in the report. Some payloads have no text.
    fn message(self) -> &'static str {
        match self {
            WithText => "the boat sank",
            WithFormattedText => "the WithFormattedText boat sank",
            AfterAnAwait => "the boat sank late",
            WithANumber | WithAPayloadThatPanicsWhenDropped => "",
            WithAnUnwrap => "`Option::unwrap()` on a `None` value",
            WithAnIndex => "index out of bounds",
        }
    }
}

/// The call that panics, and how it does.
#[derive(Default)]
struct Boat {
    calls: Calls,
    panics: Option<(&'static str, PanicKind)>,
    /// The last step fails, so that everything is undone.
    sinks: bool,
}

impl Boat {
    fn panicking(call: &'static str, kind: PanicKind) -> Self {
        Self {
            panics: Some((call, kind)),
            ..Self::default()
        }
    }

    async fn call(&self, call: &'static str) {
        self.calls.add(call);
        if let Some((panics, kind)) = self.panics
            && panics == call
        {
            kind.panic().await;
        }
    }
}

#[saga(retry(attempts = 3, backoff = "1s..1m"))]
impl Boat {
    #[step(compensate = unmoor)]
    async fn moor(&self) -> Result<u8, String> {
        self.call("moor").await;
        Ok(1)
    }

    #[step(readonly)]
    async fn look(&self) -> Result<u8, String> {
        self.call("look").await;
        Ok(2)
    }

    #[step(compensate = unload)]
    async fn load(&self) -> Result<u8, String> {
        self.call("load").await;
        Ok(3)
    }

    #[step(compensate = unlight)]
    async fn light(&self) -> Result<u8, String> {
        self.call("light").await;
        Ok(4)
    }

    #[step(no_compensation = "a horn cannot be unblown")]
    async fn blow(&self) -> Result<u8, String> {
        self.call("blow").await;
        Ok(5)
    }

    #[step(retry(attempts = 1))]
    async fn sail(&self) -> Result<u8, String> {
        self.call("sail").await;
        if self.sinks {
            return Err("no wind".to_owned());
        }
        Ok(6)
    }

    async fn unmoor(&self, moored: &u8) -> Result<(), String> {
        assert_eq!(*moored, 1);
        self.call("unmoor").await;
        Ok(())
    }

    async fn unload(&self, loaded: &u8) -> Result<(), String> {
        assert_eq!(*loaded, 3);
        self.call("unload").await;
        Ok(())
    }

    #[compensation(retry(attempts = 2))]
    async fn unlight(&self, lit: Attempt<&u8>) -> Result<(), String> {
        match lit {
            Attempt::Completed(lit) => assert_eq!(*lit, 4),
            Attempt::InDoubt => self.calls.add("in doubt:"),
        }
        self.call("unlight").await;
        Ok(())
    }
}

/// Runs a boat on which `call` panics, in each way, and asserts what followed on that call.
async fn for_each_panic(
    call: &'static str,
    end: End,
    in_doubt: bool,
    followed: &[&str],
    undone: &[&str],
) {
    for kind in PanicKind::ALL {
        let service = Boat::panicking(call, kind);
        let error = fails::<BoatSaga>(&service, ()).await;
        assert_eq!(error.step().unwrap().name, call, "{kind:?}");
        assert_eq!(error.attempts(), 1, "a panic is not retried: {kind:?}");
        assert_eq!(error.end(), end, "{kind:?}");
        assert_eq!(error.in_doubt(), in_doubt, "{kind:?}");
        let failure = error.error().failure();
        let Some(Failure::Panicked(message)) = &failure else {
            panic!("{kind:?}: {failure:?}");
        };
        assert!(message.contains(kind.message()), "{kind:?}: {message:?}");
        let report = error.report().to_string();
        assert!(report.contains(kind.message()), "{kind:?}: {report}");
        let calls = service.calls.take();
        let at = calls.iter().position(|made| made == call);
        assert_eq!(calls[at.unwrap() + 1..], *followed, "{kind:?}");
        let done: Vec<_> = undos(&error)
            .into_iter()
            .filter(|(_, undo)| *undo == Undo::Done)
            .map(|(step, _)| step)
            .collect();
        assert_eq!(done, undone, "{kind:?}");
        assert_eq!(error.compensation_failures().len(), 0, "{kind:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_step_that_panics_is_in_doubt_and_the_saga_stuck_if_its_undo_needs_the_output() {
    for_each_panic("moor", End::Stuck, true, &[], &[]).await;
    for_each_panic("load", End::Stuck, true, &["unmoor"], &["moor"]).await;
}

#[tokio::test(start_paused = true)]
async fn a_step_that_panics_is_undone_as_in_doubt_if_its_undo_takes_an_attempt() {
    for_each_panic(
        "light",
        End::Compensated,
        true,
        &["in doubt:", "unlight", "unload", "unmoor"],
        &["moor", "load", "light"],
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_read_only_step_that_panics_is_not_in_doubt() {
    for_each_panic("look", End::Compensated, false, &["unmoor"], &["moor"]).await;
}

#[tokio::test(start_paused = true)]
async fn a_step_that_cannot_be_undone_and_panics_leaves_a_compensated_saga() {
    for_each_panic(
        "blow",
        End::Compensated,
        true,
        &["unlight", "unload", "unmoor"],
        &["moor", "load", "light"],
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_last_step_that_panics_is_in_doubt_and_nothing_is_undone() {
    for_each_panic("sail", End::Stuck, true, &[], &[]).await;
}

#[tokio::test]
async fn a_task_that_runs_a_saga_is_not_torn_down_by_a_panic_of_a_step() {
    let run = tokio::spawn(async {
        let service = Boat::panicking("light", WithText);
        let error = BoatSaga::run(&service, ()).await.unwrap_err();
        (error.step().unwrap().name, error.attempts(), error.end())
    });
    assert_eq!(run.await.unwrap(), ("light", 1, End::Compensated));
}

// Compensations.

#[tokio::test(start_paused = true)]
async fn a_compensation_that_panics_is_a_failure_of_it_and_the_others_still_run() {
    for (call, step, attempts, calls) in [
        ("unmoor", "moor", 1, &["unlight", "unload", "unmoor"][..]),
        ("unload", "load", 1, &["unlight", "unload", "unmoor"]),
        (
            // Its policy allows two attempts. A panic is a failed attempt.
            "unlight",
            "light",
            2,
            &["unlight", "unlight", "unload", "unmoor"],
        ),
    ] {
        for kind in PanicKind::ALL {
            let service = Boat {
                sinks: true,
                ..Boat::panicking(call, kind)
            };
            let error = fails::<BoatSaga>(&service, ()).await;
            assert_eq!(error.step().unwrap().name, "sail", "{call}, {kind:?}");
            assert_eq!(error.attempts(), 1, "{call}, {kind:?}");
            assert_eq!(error.end(), End::Stuck, "{call}, {kind:?}");
            assert_eq!(error.error().text().message, "no wind", "{call}, {kind:?}");
            let [failure] = error.compensation_failures() else {
                panic!("{call}, {kind:?}: {error:?}");
            };
            assert_eq!(failure.step.name, step, "{call}, {kind:?}");
            assert_eq!(failure.attempts, attempts, "{call}, {kind:?}");
            let message = &failure.error.message;
            assert!(message.contains("panicked"), "{call}, {kind:?}: {message}");
            assert!(message.contains(kind.message()), "{kind:?}: {message}");
            let all = service.calls.take();
            let sail = all.iter().position(|made| made == "sail").unwrap();
            assert_eq!(all[sail + 1..], *calls, "{call}, {kind:?}");
            let gave_up: Vec<_> = undos(&error)
                .into_iter()
                .filter(|(_, undo)| *undo == Undo::GaveUp)
                .collect();
            assert_eq!(gave_up, [(step, Undo::GaveUp)], "{call}, {kind:?}");
        }
    }
}

// Predicates.

struct Moody {
    calls: Calls,
    panics: &'static str,
}

impl Moody {
    fn panicking(panics: &'static str) -> Self {
        Self {
            calls: Calls::new(),
            panics,
        }
    }
}

/// An error that is retried and leaves no doubt, or whose predicate panics.
#[derive(Debug)]
struct Mood(&'static str);

impl Mood {
    fn when(&self) -> bool {
        assert_ne!(self.0, "when", "`when` panicked");
        true
    }

    fn in_doubt(&self) -> bool {
        assert_ne!(self.0, "in_doubt", "`in_doubt` panicked");
        false
    }
}

impl fmt::Display for Mood {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the mood is {}", self.0)
    }
}

#[saga]
impl Moody {
    #[step(compensate = undo_first)]
    async fn first(&self) -> Result<u8, String> {
        self.calls.add("first");
        Ok(1)
    }

    #[step(compensate = undo_second)]
    async fn second(&self) -> Result<u8, String> {
        self.calls.add("second");
        Ok(2)
    }

    #[step(
        compensate = undo_third,
        retry(attempts = 3, when = Mood::when),
        in_doubt = Mood::in_doubt
    )]
    async fn third(&self, context: &StepContext) -> Result<u8, Mood> {
        self.calls.add(format!("third {}", context.attempt()));
        Err(Mood(self.panics))
    }

    #[step(readonly)]
    async fn last(&self) -> Result<(), String> {
        Ok(())
    }

    async fn undo_first(&self) -> Result<(), String> {
        self.calls.add("undo_first");
        Ok(())
    }

    #[compensation(retry(attempts = 3, when = Mood::when))]
    async fn undo_second(&self) -> Result<(), Mood> {
        self.calls.add("undo_second");
        if self.panics.starts_with("when") {
            return Err(Mood(self.panics));
        }
        Ok(())
    }

    async fn undo_third(&self, third: Attempt<&u8>) -> Result<(), String> {
        self.calls.add(format!("undo_third({third:?})"));
        Ok(())
    }
}

#[tokio::test(start_paused = true)]
async fn predicates_that_do_not_panic_are_asked_after_each_attempt() {
    let service = Moody::panicking("good");
    let error = fails::<MoodySaga>(&service, ()).await;
    assert_eq!(error.step().unwrap().name, "third");
    assert_eq!(error.attempts(), 3);
    assert!(!error.in_doubt());
    assert_eq!(error.end(), End::Compensated);
    assert_eq!(
        service.calls.take(),
        [
            "first",
            "second",
            "third 1",
            "third 2",
            "third 3",
            "undo_second",
            "undo_first",
        ],
    );
}

#[tokio::test(start_paused = true)]
async fn a_panic_in_when_ends_the_attempts_of_a_step_and_of_a_compensation_and_nothing_else() {
    let service = Moody::panicking("when");
    let error = fails::<MoodySaga>(&service, ()).await;
    assert_eq!(error.step().unwrap().name, "third");
    assert_eq!(error.attempts(), 1, "nothing said that it is worth another");
    let calls = service.calls.take();
    assert_eq!(calls[..3], ["first", "second", "third 1"]);
    assert_eq!(
        calls[calls.len() - 2..],
        ["undo_second", "undo_first"],
        "{calls:?}",
    );
    // Its own `when` panics as well.
    assert_eq!(error.end(), End::Stuck);
    let [failure] = error.compensation_failures() else {
        panic!("{error:?}");
    };
    assert_eq!(failure.step.name, "second");
    assert_eq!(failure.attempts, 1);
    let report = error.report().to_string();
    let contains = |text| report.contains(text);
    assert!(contains("the mood is when"), "{report}");
}

#[tokio::test(start_paused = true)]
async fn a_panic_in_in_doubt_leaves_the_step_in_doubt_and_it_is_undone_as_such() {
    let service = Moody::panicking("in_doubt");
    let error = fails::<MoodySaga>(&service, ()).await;
    assert_eq!(error.step().unwrap().name, "third");
    assert!(error.in_doubt(), "it is not known whether it took effect");
    assert_eq!(error.end(), End::Compensated);
    let calls = service.calls.take();
    let begun = calls.iter().filter(|call| call.starts_with("third"));
    assert_eq!(u32::try_from(begun.count()), Ok(error.attempts()));
    assert_eq!(
        calls[calls.len() - 3..],
        ["undo_third(InDoubt)", "undo_second", "undo_first"],
        "{calls:?}",
    );
    let report = error.report().to_string();
    let contains = |text| report.contains(text);
    assert!(contains("the mood is in_doubt"), "{report}");
}
