//! What `tracing` gets if the subscriber wants warnings at most.
//!
//! The only test in this file: the level is known for the whole process, and is the most verbose one that any
//! subscriber wants.

use core::fmt::{self, Write};
use std::sync::{Arc, Mutex};

use saga_core::{RunOptions, Saga, saga};
use tracing::field::{Field, Visit};
use tracing::instrument::WithSubscriber;
use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

/// Records warnings and errors, and never a span.
#[derive(Clone, Default)]
struct Warnings(Arc<Mutex<Vec<String>>>);

struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        write!(self.0, " {field}={value:?}").unwrap();
    }
}

impl Subscriber for Warnings {
    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(LevelFilter::WARN)
    }

    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        *metadata.level() <= LevelFilter::WARN
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        panic!("a span was made: {span:?}");
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut line = Line(event.metadata().level().to_string());
        event.record(&mut line);
        self.0.lock().unwrap().push(line.0);
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

struct Shop;

#[saga]
impl Shop {
    #[step(compensate = release, retry(attempts = 2))]
    async fn reserve(&self) -> Result<u8, String> {
        Ok(1)
    }

    #[step(readonly, retry(attempts = 2))]
    async fn charge(&self, _reserved: &u8) -> Result<u8, String> {
        Err("busy".to_owned())
    }

    async fn release(&self, _reserved: &u8) -> Result<(), String> {
        Err("lost".to_owned())
    }
}

#[tokio::test]
async fn where_warnings_are_wanted_at_most_each_call_that_gave_up_is_reported_and_no_span_is_made()
{
    let warnings = Warnings::default();
    let run = ShopSaga::run_with(&Shop, (), RunOptions::new().id("run-1"));
    let error = run.with_subscriber(warnings.clone()).await.unwrap_err();
    assert_eq!(error.step().unwrap().name, "charge");
    let reported = warnings.0.lock().unwrap().join("\n");
    assert_eq!(
        reported,
        r#"
WARN message=gave up saga.name="shop" saga.id=run-1 saga.step="charge" saga.phase="step" saga.attempts=2 saga.outcome="failed" error.type="error" exception.message="busy"
WARN message=gave up saga.name="shop" saga.id=run-1 saga.step="reserve" saga.phase="compensation" saga.attempts=1 saga.outcome="failed" error.type="error" exception.message="lost"
ERROR message=stuck: an operator must act saga.name="shop" saga.id=run-1 saga.step="charge" saga.not_undone="reserve" error.type="error" exception.message="busy"
"#
        .trim()
    );
}
