//! How many crashes a call tolerates: as many as its policy says, or else as many as the engine says.

use std::sync::{Arc, Mutex};

use saga_core::durable::{Engine, InMemoryJournal};
use saga_core::{Attempt, Policy, RunOptions, saga};
use tokio::sync::Notify;

/// A call with this name lasts until the process ends.
#[derive(Debug, Default)]
struct Ferry {
    stays_in: &'static str,
    calls: Mutex<Vec<&'static str>>,
    reached: Notify,
}

impl Ferry {
    fn that_stays_in(call: &'static str) -> Arc<Self> {
        Arc::new(Self {
            stays_in: call,
            ..Self::default()
        })
    }

    async fn call(&self, call: &'static str) {
        self.calls.lock().unwrap().push(call);
        if call == self.stays_in {
            self.reached.notify_one();
            std::future::pending::<()>().await;
        }
    }

    fn times(&self, call: &str) -> usize {
        let calls = self.calls.lock().unwrap();
        calls.iter().filter(|made| **made == call).count()
    }
}

#[saga(durable)]
impl Ferry {
    #[step(compensate = unload, max_interruptions = 2)]
    async fn load(&self, fails: &bool) -> Result<bool, String> {
        self.call("load").await;
        Ok(*fails)
    }

    #[step(readonly)]
    async fn look(&self, fails: &bool) -> Result<bool, String> {
        self.call("look").await;
        Ok(*fails)
    }

    #[step(pivot, max_interruptions = 0)]
    async fn cross(&self, fails: &bool) -> Result<(), String> {
        self.call("cross").await;
        if *fails {
            return Err("fog".to_owned());
        }
        Ok(())
    }

    #[compensation(max_interruptions = 1)]
    async fn unload(&self, _: &bool) -> Result<(), String> {
        self.call("unload").await;
        Ok(())
    }
}

/// One life of a process. It ends when its future is ready.
fn life<T>(life: impl Future<Output = T>) -> T {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.enable_time().start_paused(true).build().unwrap();
    runtime.block_on(life)
}

/// Runs the saga in which this call ends the process each time. Returns how often it was called, and how the saga
/// ended.
fn ended(call: &'static str, options: &RunOptions<FerrySaga>) -> (usize, String) {
    let (ferry, journal) = (Ferry::that_stays_in(call), InMemoryJournal::new());
    for _ in 0..9 {
        let end = life(async {
            let engine = Engine::builder()
                .max_interruptions(3)
                .register_with::<FerrySaga>(Arc::clone(&ferry), options.clone())
                .open(journal.clone())
                .await
                .unwrap();
            let mut saga = engine
                .submit::<FerrySaga>("1", call == "unload")
                .await
                .unwrap();
            tokio::select! {
                biased;
                () = ferry.reached.notified() => None,
                end = saga.outcome() => Some(end.unwrap().unwrap_err().to_string()),
            }
        });
        if let Some(end) = end {
            return (ferry.times(call), end);
        }
    }
    panic!("`{call}` is called for ever")
}

#[test]
fn a_step_tolerates_as_many_crashes_as_it_says_or_as_the_engine_says() {
    let options = RunOptions::new();
    let gave_up = "interrupted: the process ended meanwhile";
    for (call, calls, end) in [
        ("load", 3, "is stuck: step `load` is in doubt"),
        ("look", 4, "was compensated: step `look`"),
        ("cross", 1, "is stuck: step `cross` is in doubt"),
        (
            "unload",
            2,
            "is stuck: step `cross` failed: fog; undoing step `load` is in doubt",
        ),
    ] {
        let (times, text) = ended(call, &options);
        assert_eq!(times, calls, "{call}: {text}");
        assert!(text.contains(end), "{call}: {text}");
        assert_eq!(text.contains(gave_up), call != "unload", "{call}: {text}");
    }
}

#[test]
fn the_options_of_an_engine_say_it_in_place_of_the_step() {
    let policy = Policy::ONCE.max_interruptions(5);
    let options = RunOptions::new().policy("load", policy).unwrap();
    assert_eq!(ended("load", &options).0, 6);
    // A policy that does not set the number.
    let options = RunOptions::new().policy("load", Policy::ONCE).unwrap();
    assert_eq!(ended("load", &options).0, 4);
}

#[test]
fn the_definition_and_the_diagram_say_it() {
    use saga_core::Saga as _;
    let text = FerrySaga::DEFINITION.to_string();
    assert!(
        text.contains("1 attempt, at most 2 interruptions"),
        "{text}"
    );
    assert!(
        text.contains("unload: 1 attempt, at most 1 interruption\n"),
        "{text}"
    );
    let diagram = FerrySaga::DEFINITION.diagram().mermaid();
    assert!(diagram.contains("at most 0 interruptions"), "{diagram}");
}

/// Each of these calls, in this order, lasts until the process ends.
#[derive(Debug)]
struct Buoy {
    stays_in: Mutex<std::vec::IntoIter<&'static str>>,
    reached: Notify,
}

impl Buoy {
    async fn call(&self, call: &str) {
        let stays = {
            let mut stays_in = self.stays_in.lock().unwrap();
            let stays = stays_in.as_slice().first() == Some(&call);
            stays.then(|| stays_in.next())
        };
        if stays.is_some() {
            self.reached.notify_one();
            std::future::pending::<()>().await;
        }
    }
}

#[saga(durable)]
impl Buoy {
    #[step(compensate = lift)]
    async fn lay(&self) -> Result<u8, String> {
        self.call("lay").await;
        Ok(3)
    }

    #[step(parallel = work, compensate = unmoor)]
    async fn moor(&self) -> Result<(), String> {
        self.call("moor").await;
        Err("no line".to_owned())
    }

    #[step(parallel = work, at_most_once, retry(attempts = 2), compensate = put_out)]
    async fn light(&self) -> Result<(), String> {
        Ok(())
    }

    async fn lift(&self, _: &u8) -> Result<(), String> {
        self.call("lift").await;
        Ok(())
    }

    async fn unmoor(&self, _: Attempt<&()>) -> Result<(), String> {
        Ok(())
    }

    async fn put_out(&self, (): &()) -> Result<(), String> {
        self.call("put_out").await;
        Err("too wet".to_owned())
    }
}

#[test]
fn the_report_says_how_often_the_process_ended_in_a_call_and_what_that_left_in_doubt() {
    let stays_in = ["lay", "moor", "moor", "put_out", "lift", "lift", "lift"];
    let buoy = Arc::new(Buoy {
        stays_in: Mutex::new(Vec::from(stays_in).into_iter()),
        reached: Notify::new(),
    });
    let journal = InMemoryJournal::new();
    let report = (0..9).find_map(|_| {
        life(async {
            let engine = Engine::builder().register::<BuoySaga>(Arc::clone(&buoy));
            let engine = engine.open(journal.clone()).await.unwrap();
            let mut saga = engine.submit::<BuoySaga>("1", ()).await.unwrap();
            tokio::select! {
                biased;
                () = buoy.reached.notified() => None,
                end = saga.outcome() => Some(end.unwrap().unwrap_err().report()),
            }
        })
    });
    let report = report.expect("it ends");
    let text = report.to_string();
    let text = text.split("\n\nleft for a person").next().unwrap();
    let lines = text
        .lines()
        .filter(|line| !line.contains("interruptions.rs"));
    let lines: Vec<_> = lines.map(str::trim).collect();
    assert_eq!(
        lines.join("\n"),
        "saga `buoy` (1) is stuck: step `moor` is in doubt: no line; undoing step `light` is in doubt

steps:
1. lay()
completed: 3
the process ended once during it
undone by lift(_: 3)
the process ended 3 times during lift
2. moor()  (parallel work)
is in doubt: no line
the process ended twice during it
undone by unmoor(_: InDoubt)
3. light()  (parallel work)
completed: ()
PERHAPS NOT UNDONE: put_out(_: ()) is in doubt, see below
the process ended once during put_out

no line
in doubt: the process ended during attempt 1, which may have taken effect

too wet
in doubt: the process ended during attempt 1, which may have undone the step all the same"
    );
    assert_eq!(report.steps[0].interruptions, 1);
    assert_eq!(report.failure.in_doubt_since, Some(1));
    assert!(report.failure.in_doubt_by_interruption);
}
