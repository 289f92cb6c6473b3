//! Metrics: how often each step ends how, how long it takes, and how many sagas are in flight, counted by an
//! observer with the `metrics` crate and printed in the form that Prometheus reads.

use std::sync::Arc;
use std::time::Duration;

use metrics::{Label, Unit, counter, describe_counter, describe_histogram, gauge, histogram};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder};
use saga_core::{
    RunOptions, Saga,
    observe::{Event, EventKind, Observer},
    saga,
};
use tokio::time::sleep;

/// Sends what happens to whatever recorder the application has installed.
struct Metrics;

impl Observer for Metrics {
    fn observe(&self, event: &Event<'_>) {
        let saga = event.definition.name;
        match event.kind {
            EventKind::SagaStarted => gauge!("sagas_in_flight", "saga" => saga).increment(1),
            // Exactly one of these follows, also for a run whose future was dropped.
            EventKind::SagaEnded { outcome, .. } => {
                gauge!("sagas_in_flight", "saga" => saga).decrement(1);
                counter!("sagas_total", "saga" => saga, "outcome" => outcome.as_str()).increment(1);
            }
            EventKind::SagaStopped { .. } => {
                gauge!("sagas_in_flight", "saga" => saga).decrement(1);
                counter!("sagas_total", "saga" => saga, "outcome" => "stopped").increment(1);
            }
            EventKind::StepEnded {
                step,
                phase,
                outcome,
                took,
                ..
            } => {
                // Few values each: names and outcomes are fixed, ids and texts are no labels.
                let labels = vec![
                    Label::from_static_parts("saga", saga),
                    Label::from_static_parts("step", step.name),
                    Label::from_static_parts("phase", phase.as_str()),
                ];
                histogram!("saga_step_seconds", labels.clone()).record(took);
                let outcome = Label::from_static_parts("outcome", outcome.as_str());
                let labels = [labels, vec![outcome]].concat();
                counter!("saga_steps_total", labels).increment(1);
            }
            _ => {}
        }
    }
}

struct Shop;

#[saga(saga = OrderSaga)]
impl Shop {
    #[step(compensate = release)]
    async fn reserve(&self, cents: &u64) -> Result<u64, String> {
        sleep(Duration::from_millis(20)).await;
        Ok(*cents)
    }

    #[step(compensate = refund, retry(attempts = 3))]
    async fn charge(&self, cents: &u64) -> Result<u64, String> {
        sleep(Duration::from_millis(200)).await;
        if *cents > 1_000 {
            return Err("declined".to_owned());
        }
        Ok(*cents)
    }

    #[step(pivot)]
    async fn ship(&self, _payment: &u64) -> Result<(), String> {
        sleep(Duration::from_millis(2)).await;
        Ok(())
    }

    async fn release(&self, _reserved: &u64) -> Result<(), String> {
        Ok(())
    }

    async fn refund(&self, _payment: &u64) -> Result<(), String> {
        Ok(())
    }
}

// A service has `install_recorder()` in place of a local recorder, and serves `render()` to Prometheus. Time
// is paused here, so that what is printed is always the same.
#[tokio::main(flavor = "current_thread", start_paused = true)]
async fn main() -> anyhow::Result<()> {
    let recorder = PrometheusBuilder::new()
        .set_buckets_for_metric(
            Matcher::Full("saga_step_seconds".to_owned()),
            &[0.01, 0.1, 1.0],
        )?
        .build_recorder();
    let rendered = recorder.handle();
    let _recording = metrics::set_default_local_recorder(&recorder);
    describe_counter!(
        "saga_steps_total",
        "Steps and compensations, by how they ended."
    );
    describe_histogram!(
        "saga_step_seconds",
        Unit::Seconds,
        "How long a step or compensation took, with retries."
    );

    // One for all runs.
    let observer = Arc::new(Metrics);
    for cents in [500, 700, 250_000] {
        let options = RunOptions::new().observer(observer.clone());
        // The caller gets the result, as without an observer.
        match OrderSaga::run_with(&Shop, cents, options).await {
            Ok(()) => println!("# {cents} cents: shipped"),
            Err(error) => println!("# {cents} cents: {}", error.error()),
        }
    }
    print!("{}", rendered.render());
    Ok(())
}
