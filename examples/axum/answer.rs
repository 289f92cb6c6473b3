//! What a client is answered with: one `match` on the error of the saga, which is typed by step.

use std::time::Duration;

use axum::Json;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use saga_core::{Ended, Failure, Lost, SagaError, SagaId};

use crate::problem::{Problem, path_of_order};
use crate::service::{Confirmation, OrdersSaga, OrdersSagaError};
use crate::stores::{BankError, CourierError, WarehouseError};

/// What is said of a run once it has ended, each time that it is asked for.
pub(crate) type Answer = Result<Confirmation, Problem>;

impl IntoResponse for Confirmation {
    fn into_response(self) -> Response {
        let location = [(header::LOCATION, path_of_order(&self.order))];
        (StatusCode::CREATED, location, Json(self)).into_response()
    }
}

const A_MOMENT: Duration = Duration::from_secs(2);
const UNTIL_RESTARTED: Duration = Duration::from_secs(10);

/// Said where everything has been undone. The order's id is used up: under it there would be calls with
/// idempotency keys that the bank knows already, as of a charge that it has paid back.
const NOTHING_WAS_ORDERED: &str =
    "Nothing was ordered or charged. Try again, under another Idempotency-Key.";

/// The answer for the client at the end of a run. What is not for the client is logged: of a run that is
/// stuck the whole report, of another that failed for a technical reason one line.
pub(crate) fn of(id: &SagaId, ended: Result<Ended<OrdersSaga>, Lost>) -> Answer {
    let error = match ended {
        Ok(Ok(confirmation)) => return Ok(confirmation),
        Ok(Err(error)) => error,
        Err(lost) => {
            eprintln!("{lost}");
            return Err(looked_into(id.clone()));
        }
    };
    let problem = problem_of(&error);
    if error.is_stuck() {
        eprintln!("{}", error.report());
    } else if problem.status().is_server_error() {
        eprintln!("{error}");
    }
    Err(problem)
}

fn problem_of(error: &SagaError<OrdersSaga>) -> Problem {
    use OrdersSagaError::{BookCourier, Cancelled, ChargeCard, DeadlineExceeded, ReserveStock};
    let id = error.saga_id();
    if error.is_stuck() {
        return looked_into(id);
    }
    let problem = match error.error() {
        ReserveStock(Failure::Error(unknown @ WarehouseError::NoSuchItem(_))) => Problem::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "no-such-item",
            "No such item",
            format!("{unknown}."),
        ),
        ReserveStock(Failure::Error(short @ WarehouseError::OutOfStock { .. })) => Problem::new(
            StatusCode::CONFLICT,
            "out-of-stock",
            "Out of stock",
            format!("{short}."),
        ),
        ChargeCard(Failure::Error(BankError::Declined)) => Problem::new(
            StatusCode::PAYMENT_REQUIRED,
            "card-declined",
            "The card was declined",
            "Pay with another card.",
        ),
        BookCourier(Failure::Error(far @ CourierError::NotServed(_))) => Problem::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "city-not-served",
            "City not served",
            format!("{far}."),
        ),
        // The saga may as well be run by an engine with a journal, which answers again and again. All its answers
        // have the errors above as they are here. This one has no serde, so all but the first have its text,
        // which is for people: it does not say which error it was.
        BookCourier(Failure::Recorded(text)) => Problem::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "no-courier",
            "No courier",
            format!("{text}."),
        ),
        // What went wrong here, a time limit or a panic, is for the log: to the client it is all one.
        // Without a `_` for the steps, a step that is added has to be answered for.
        ReserveStock(_) | ChargeCard(_) | BookCourier(_) => Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "service-unavailable",
            "Cannot be ordered at the moment",
            NOTHING_WAS_ORDERED,
        )
        .retry_after(A_MOMENT),
        DeadlineExceeded => Problem::new(
            StatusCode::GATEWAY_TIMEOUT,
            "took-too-long",
            "The order took too long",
            NOTHING_WAS_ORDERED,
        ),
        Cancelled => Problem::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "shutting-down",
            "The shop is being restarted",
            NOTHING_WAS_ORDERED,
        )
        .retry_after(UNTIL_RESTARTED),
    };
    problem
        .of_run(id)
        .at_step(error.step().map(|step| step.name))
}

/// Something is left for an operator, who has the report. The answer says where to ask, and nothing of what
/// is inside.
pub(crate) fn looked_into(id: SagaId) -> Problem {
    Problem::new(
        StatusCode::INTERNAL_SERVER_ERROR,
        "being-looked-into",
        "The order is being looked into",
        format!("Something went wrong, and we are looking into it. Please mention {id}."),
    )
    .of_run(id)
}
