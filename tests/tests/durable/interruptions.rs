//! How many crashes a call tolerates: as many as its policy says, or else as many as the engine says.

use std::sync::{Arc, Mutex};

use saga_core::durable::{Engine, InMemoryJournal};
use saga_core::{Policy, RunOptions, saga};
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
