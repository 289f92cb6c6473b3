//! Alerts: when a saga is stuck, an operator must learn which one, at which step, and what is left to do.
//! An observer writes the alert to a channel, and a task of its own sends it: the run waits for neither.

use std::fmt;
use std::sync::Arc;

use saga_core::{
    RunOptions, Saga, SagaId,
    observe::{Event, EventKind, Observer, SagaOutcome},
    saga,
};
use tokio::sync::mpsc::{self, UnboundedSender};

/// The message for the operator on call.
struct Alert {
    saga: &'static str,
    id: SagaId,
    /// What gave up, and why.
    what: String,
    to_do: Vec<String>,
}

impl fmt::Display for Alert {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "ALERT saga `{}` ({}) is stuck: {}",
            self.saga, self.id, self.what
        )?;
        for to_do in &self.to_do {
            write!(f, "\n  - {to_do}")?;
        }
        Ok(())
    }
}

/// Writes an alert for each run that is stuck.
struct Alerts(UnboundedSender<Alert>);

impl Observer for Alerts {
    fn observe(&self, event: &Event<'_>) {
        let EventKind::SagaEnded {
            outcome: SagaOutcome::Stuck,
            step,
            reason,
            compensation_failures,
            ..
        } = event.kind
        else {
            return;
        };
        // The text of an error is the step's own: here it says nothing that an alert must not.
        let why = reason.map_or_else(String::new, |reason| reason.text().message);
        let step = step.map_or("no step", |step| step.name);
        let mut to_do: Vec<_> = compensation_failures
            .iter()
            .map(|failure| {
                let (name, doubt) = (failure.step.name, failure.in_doubt);
                let first = if doubt { "look up, then undo" } else { "undo" };
                format!("{first} `{name}` by hand: {}", failure.error)
            })
            .collect();
        if to_do.is_empty() {
            to_do.push(format!(
                "find out whether `{step}` took effect, and finish it by hand"
            ));
        }
        let alert = Alert {
            saga: event.definition.name,
            id: event.saga_id(),
            what: format!("step `{step}` gave up: {why}"),
            to_do,
        };
        // The receiver is gone: the service shuts down.
        let _ = self.0.send(alert);
    }
}

struct Shop;

#[saga(saga = OrderSaga)]
impl Shop {
    #[step(compensate = release)]
    async fn reserve(&self, order: &str) -> Result<String, String> {
        Ok(order.to_owned())
    }

    #[step(compensate = refund)]
    async fn charge(&self, order: &str) -> Result<String, String> {
        Ok(order.to_owned())
    }

    #[step(pivot)]
    async fn ship(&self, order: &str) -> Result<String, String> {
        match order {
            "anvil" => Err("no courier takes anvils".to_owned()),
            _ => Ok(order.to_owned()),
        }
    }

    #[step]
    async fn send_invoice(&self, order: &str) -> Result<(), String> {
        match order {
            "lamp" => Err("the printer is on fire".to_owned()),
            _ => Ok(()),
        }
    }

    async fn release(&self, _order: &str) -> Result<(), String> {
        Ok(())
    }

    async fn refund(&self, _order: &str) -> Result<(), String> {
        Err("the card has expired".to_owned())
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let (sender, mut alerts) = mpsc::unbounded_channel();
    // A service would call an operator.
    let on_call = tokio::spawn(async move {
        while let Some(alert) = alerts.recv().await {
            println!("{alert}");
        }
    });

    let observer = Arc::new(Alerts(sender));
    for order in ["book", "anvil", "lamp"] {
        let options = RunOptions::new().id(order).observer(observer.clone());
        let ended = OrderSaga::run_with(&Shop, order.to_owned(), options).await;
        let end = ended.map_or_else(|error| error.end().to_string(), |()| "completed".to_owned());
        println!("{order}: {end}");
    }
    // The last sender: the task ends when it has printed everything.
    drop(observer);
    on_call.await?;
    Ok(())
}
