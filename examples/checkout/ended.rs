//! How the saga of an order ended.

use std::fmt;

use saga_core::SagaError;

use crate::orders::Scenario;
use crate::service::CheckoutSaga;
use crate::store::{Receipt, Store};
use crate::table::Table;

/// An order whose saga has ended.
pub(crate) struct Ended {
    pub(crate) scenario: Scenario,
    pub(crate) result: Result<Receipt, SagaError<CheckoutSaga>>,
}

impl fmt::Display for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let id = &self.scenario.order.id;
        match &self.result {
            Ok(Receipt { shipment, paid }) => {
                let shipment = shipment.id;
                write!(f, "order {id} completed: {paid} paid, shipment {shipment}")
            }
            Err(error) => {
                let doubt = if error.in_doubt() { " (in doubt)" } else { "" };
                write!(f, "order {id} {}: {}{doubt}", error.end(), error.error())
            }
        }
    }
}

impl Ended {
    /// Writes it down in the shop's database, for the proof.
    pub(crate) fn record_in(&self, store: &mut Store) -> rusqlite::Result<()> {
        let id = &self.scenario.order.id;
        store.record_ending(id, self.end(), self.step(), self.in_doubt())
    }

    /// The same word as the orders file has.
    fn end(&self) -> &'static str {
        match &self.result {
            Ok(_) => "completed",
            Err(error) if error.is_stuck() => "stuck",
            Err(_) => "compensated",
        }
    }

    /// Whether the step that gave up may have taken effect.
    fn in_doubt(&self) -> bool {
        self.result.as_ref().is_err_and(SagaError::in_doubt)
    }

    /// The step that gave up.
    fn step(&self) -> Option<&'static str> {
        let step = self.result.as_ref().err()?.step()?;
        Some(step.name)
    }
}

/// How each order ended, beside what its file says.
pub(crate) fn table(ended: &[Ended]) -> Table<5> {
    let mut rows = vec![["order", "expected", "got", "step", "what happens"].map(str::to_owned)];
    for ended in ended {
        let Scenario {
            order,
            expect,
            story,
            ..
        } = &ended.scenario;
        let step = match (ended.step(), expect.step()) {
            (Some(got), Some(expected)) if got != expected => format!("{got}, not {expected}"),
            (got, _) => got.unwrap_or_default().to_owned(),
        };
        rows.push([
            order.id.clone(),
            expect.end().to_owned(),
            ended.end().to_owned(),
            step,
            story.clone(),
        ]);
    }
    Table(rows)
}
