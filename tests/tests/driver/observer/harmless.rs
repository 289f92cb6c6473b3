//! Nothing an observer does changes a run, and no event holds a value.

use super::*;

/// Panics at every event of one kind, and when it is dropped.
struct Grumpy {
    at: &'static str,
    panicked: Arc<AtomicUsize>,
}

fn kind(event: &Event<'_>) -> &'static str {
    match event.kind {
        EventKind::SagaStarted => "saga started",
        EventKind::AttemptStarted { .. } => "attempt started",
        EventKind::AttemptEnded { .. } => "attempt ended",
        EventKind::StepEnded { .. } => "step ended",
        EventKind::SagaEnded { .. } => "saga ended",
        EventKind::SagaStopped { .. } => "saga stopped",
        _ => "another",
    }
}

impl Observer for Grumpy {
    fn observe(&self, event: &Event<'_>) {
        if self.at == "all" || self.at == kind(event) {
            self.panicked.fetch_add(1, Ordering::Relaxed);
            std::panic::resume_unwind(Box::new("an observer's"));
        }
    }
}

impl Drop for Grumpy {
    fn drop(&mut self) {
        if self.at == "the end" {
            self.panicked.fetch_add(1, Ordering::Relaxed);
            std::panic::resume_unwind(Box::new("an observer's"));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_observer_that_panics_changes_neither_the_calls_nor_the_report() {
    let scripts = [
        "",
        "look: busy; wants: no",
        "hold: busy lost; unpay: busy refused; unopen: hang busy",
        "close: hang; mail: panic",
    ];
    for script in scripts {
        let run = async |observer: Option<Arc<dyn Observer>>| {
            let works = Works::new(script, None);
            let run = RunOptions::new().id(ID);
            let run = match observer {
                Some(observer) => run.observer(observer),
                None => run,
            };
            let ended = WorksSaga::run_with(&works, 7, run).await;
            let ended = ended.map_err(|error| error.report());
            (works.calls.take(), format!("{ended:?}"))
        };
        let unobserved = run(None).await;
        for at in [
            "saga started",
            "attempt started",
            "attempt ended",
            "step ended",
            "saga ended",
            "all",
            "the end",
        ] {
            let panicked = Arc::new(AtomicUsize::new(0));
            let grumpy = Grumpy {
                at,
                panicked: Arc::clone(&panicked),
            };
            let observed = run(Some(Arc::new(grumpy))).await;
            assert_eq!(observed, unobserved, "{script}, {at}");
            assert_ne!(panicked.load(Ordering::Relaxed), 0, "{script}, {at}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_observer_that_panics_when_a_run_is_dropped_does_not_unwind_who_drops_it() {
    let (works, panicked) = (Works::new("", None), Arc::new(AtomicUsize::new(0)));
    let grumpy = Grumpy {
        at: "saga stopped",
        panicked: Arc::clone(&panicked),
    };
    let run = WorksSaga::run_with(&works, 7, options(Arc::new(grumpy)));
    let run = tokio::time::timeout(Duration::from_millis(1500), run).await;
    assert!(run.is_err());
    assert_eq!(panicked.load(Ordering::Relaxed), 1);
}

#[tokio::test(start_paused = true)]
async fn an_error_that_is_kept_keeps_no_observer() {
    for lent in [false, true] {
        let (lines, works) = (Lines::new(), Works::new("open: refused", None));
        let weak = Arc::downgrade(&lines);
        let error = if lent {
            let executor = InMemory::new(options(lines));
            let Ok(ended) = drive::<WorksSaga, _>(&works, &executor, 7).await;
            ended.unwrap_err()
        } else {
            let ended = WorksSaga::run_with(&works, 7, options(lines)).await;
            ended.unwrap_err()
        };
        assert!(weak.upgrade().is_none(), "lent: {lent}");
        assert_eq!(error.saga_id().to_string(), ID);
    }
}

#[tokio::test(start_paused = true)]
async fn a_random_id_is_the_same_in_all_events_and_in_the_error() {
    let (works, ids) = (
        Works::new("open: refused", None),
        Arc::new(Mutex::default()),
    );
    let sink: Arc<Mutex<Vec<SagaId>>> = Arc::clone(&ids);
    let observer = move |event: &Event<'_>| sink.lock().unwrap().push(event.saga_id());
    let run = RunOptions::new().observer(Arc::new(observer));
    let error = WorksSaga::run_with(&works, 7, run).await.unwrap_err();
    let ids = ids.lock().unwrap();
    assert_eq!(ids.len(), 5);
    assert!(ids.iter().all(|id| *id == error.saga_id()), "{ids:?}");
}

#[tokio::test(start_paused = true)]
async fn one_observer_counts_the_runs_in_flight_of_several_tasks() {
    let (flying, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let gauge = {
        let (flying, most) = (Arc::clone(&flying), Arc::clone(&most));
        move |event: &Event<'_>| match event.kind {
            EventKind::SagaStarted => {
                let now = flying.fetch_add(1, Ordering::Relaxed) + 1;
                most.fetch_max(now, Ordering::Relaxed);
            }
            EventKind::SagaEnded { .. } | EventKind::SagaStopped { .. } => {
                flying.fetch_sub(1, Ordering::Relaxed);
            }
            _ => {}
        }
    };
    let options = RunOptions::new().observer(Arc::new(gauge));
    let scripts = ["", "ship: refused", "mail: hang", "look: busy"];
    let runs = scripts.map(|script| {
        let works = Arc::new(Works::new(script, None));
        WorksSaga::spawn(works, 7, options.clone())
    });
    for run in runs {
        let _ = run.await.expect("not lost");
    }
    assert_eq!(most.load(Ordering::Relaxed), 4);
    assert_eq!(flying.load(Ordering::Relaxed), 0);
}

// Values.

const MARKER: &str = "correct-horse-battery";

struct Secretive;

#[derive(Debug, thiserror::Error)]
#[error("the vault is shut")]
struct Shut;

#[saga]
impl Secretive {
    #[step(compensate = forget)]
    async fn remember(&self, secret: &str) -> Result<String, Shut> {
        Ok(format!("{secret}!"))
    }

    #[step(only_if = is_long, readonly)]
    async fn weigh(&self, remember: &str) -> Result<usize, Shut> {
        // A saga within a step that has a condition: that one is skipped, and this is not.
        let inner = SkippingSaga::run(&Skipping, remember.len()).await;
        assert!(inner.is_ok_and(|skipped| skipped.is_none()));
        Ok(remember.len())
    }

    #[step]
    async fn hand_in(&self, _weigh: Option<&usize>) -> Result<(), Shut> {
        Err(Shut)
    }

    fn is_long(&self, remember: &str) -> bool {
        remember.len() > 3
    }

    async fn forget(&self, _secret: &str) -> Result<(), Shut> {
        Err(Shut)
    }
}

struct Skipping;

#[saga]
impl Skipping {
    #[step(only_if = never)]
    async fn skip(&self, length: &usize) -> Result<usize, Shut> {
        Ok(*length)
    }

    fn never(&self, _length: &usize) -> bool {
        false
    }
}

#[tokio::test(start_paused = true)]
async fn no_value_is_in_any_event_and_a_step_that_ran_is_not_observed_as_skipped() {
    let text = Arc::new(Mutex::new(String::new()));
    let sink = Arc::clone(&text);
    let observer = move |event: &Event<'_>| {
        let mut text = sink.lock().unwrap();
        writeln!(text, "{event:?}").unwrap();
        writeln!(text, "{}", line(event)).unwrap();
    };
    let run = RunOptions::new().observer(Arc::new(observer));
    let ended = SecretiveSaga::run_with(&Secretive, MARKER.to_owned(), run).await;
    let error = ended.unwrap_err();
    assert!(
        error.report().to_string().contains(MARKER),
        "the report has it"
    );
    let text = text.lock().unwrap();
    assert!(!text.contains(MARKER), "{text}");
    assert!(text.contains("weigh completed after 1"), "{text}");
    assert!(
        text.contains("secretive stuck at hand_in (error: the vault is shut), not undone remember: the vault is shut"),
        "{text}"
    );
}
