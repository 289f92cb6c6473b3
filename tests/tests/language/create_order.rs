//! The create-order saga of FTGO, the running example of Chris Richardson, *Microservices
//! Patterns* (2018), chapter 4: an order that is pending from the start, a consumer to validate, a
//! kitchen ticket, a card, and two approvals after the point of no return.

use core::convert::Infallible;
use core::fmt;
use core::time::Duration;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use saga_core::{
    End, Failure, Policy, RunOptions, Saga, SagaError, StepContext,
    definition::Kind,
    report::{Outcome, Undo},
    saga,
};
use saga_tests::Calls;

#[derive(Debug, Clone)]
struct Order {
    id: u32,
    consumer: u32,
    total: u64,
}

#[derive(Debug)]
struct Ticket(u32);

#[derive(Debug)]
struct Authorization(u64);

/// The answer of a service that does not do what the saga asks for.
#[derive(Debug)]
enum Declined {
    /// It will never do it.
    ForGood(&'static str),
    /// It may do it when it is asked again.
    ForNow,
}

impl Declined {
    fn is_for_now(&self) -> bool {
        matches!(self, Self::ForNow)
    }
}

impl fmt::Display for Declined {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ForGood(why) => f.write_str(why),
            Self::ForNow => f.write_str("not now"),
        }
    }
}

impl std::error::Error for Declined {}

enum Trouble {
    /// Declined each time.
    Always(&'static str),
    /// Declined this many times, then done.
    Times(u32),
    /// Never answered.
    Silent,
}

#[derive(Default)]
struct OrderService {
    calls: Calls,
    trouble: Mutex<BTreeMap<&'static str, Trouble>>,
}

impl OrderService {
    fn with(trouble: impl IntoIterator<Item = (&'static str, Trouble)>) -> Self {
        Self {
            trouble: Mutex::new(trouble.into_iter().collect()),
            ..Self::default()
        }
    }

    async fn ask<T>(&self, what: &'static str, of: &str, answer: T) -> Result<T, Declined> {
        self.calls.add(format!("{what}({of})"));
        let silent = {
            let mut trouble = self.trouble.lock().unwrap_or_else(PoisonError::into_inner);
            match trouble.get_mut(what) {
                Some(Trouble::Always(why)) => return Err(Declined::ForGood(why)),
                Some(Trouble::Times(left @ 1..)) => {
                    *left -= 1;
                    return Err(Declined::ForNow);
                }
                Some(Trouble::Silent) => true,
                Some(Trouble::Times(0)) | None => false,
            }
        };
        if silent {
            core::future::pending::<()>().await;
        }
        Ok(answer)
    }
}

#[saga(name = "create_order", saga = CreateOrderSaga)]
impl OrderService {
    /// The order is there already, pending: this step only has an undo.
    #[step(compensate = reject_order)]
    async fn create_order(&self) -> Result<(), Infallible> {
        Ok(())
    }

    #[step(readonly)]
    async fn validate_consumer(&self, #[input] order: &Order) -> Result<(), Declined> {
        let consumer = order.consumer.to_string();
        self.ask("validate_consumer", &consumer, ()).await
    }

    #[step(compensate = cancel_ticket)]
    async fn create_ticket(&self, #[input] order: &Order) -> Result<Ticket, Declined> {
        let ticket = Ticket(order.id * 10);
        self.ask("create_ticket", &order.id.to_string(), ticket)
            .await
    }

    #[step(pivot, timeout = "5s")]
    async fn authorize_card(&self, #[input] order: &Order) -> Result<Authorization, Declined> {
        let authorization = Authorization(order.total);
        self.ask("authorize_card", &order.total.to_string(), authorization)
            .await
    }

    #[step(retry(attempts = 3, backoff = "1s..1m", when = Declined::is_for_now))]
    async fn confirm_ticket(
        &self,
        #[from(create_ticket)] ticket: &Ticket,
        context: &StepContext,
    ) -> Result<(), Declined> {
        let of = format!("{}, attempt {}", ticket.0, context.attempt());
        self.ask("confirm_ticket", &of, ()).await
    }

    #[step]
    async fn approve_order(
        &self,
        #[input] order: &Order,
        #[from(authorize_card)] authorization: &Authorization,
    ) -> Result<String, Declined> {
        let approved = format!("order {} for {}", order.id, authorization.0);
        self.ask("approve_order", &order.id.to_string(), approved)
            .await
    }

    async fn reject_order(&self, #[input] order: &Order) -> Result<(), Declined> {
        self.ask("reject_order", &order.id.to_string(), ()).await
    }

    async fn cancel_ticket(&self, ticket: &Ticket) -> Result<(), Declined> {
        self.ask("cancel_ticket", &ticket.0.to_string(), ()).await
    }
}

fn order() -> Order {
    Order {
        id: 7,
        consumer: 3,
        total: 1_250,
    }
}

async fn fails(service: &OrderService) -> SagaError<CreateOrderSaga> {
    let run = CreateOrderSaga::run(service, order());
    // In paused time an hour passes at once, and a saga that hangs is reported.
    let ended = tokio::time::timeout(Duration::from_hours(1), run).await;
    ended.expect("the saga hangs").unwrap_err()
}

fn undone(error: &SagaError<CreateOrderSaga>) -> Vec<&'static str> {
    let undone = error.steps().filter(|record| record.undo == Undo::Done);
    undone.map(|record| record.step.name).collect()
}

#[test]
fn the_definition_says_what_becomes_of_each_step() {
    let definition = CreateOrderSaga::DEFINITION;
    let steps: Vec<_> = definition
        .steps
        .iter()
        .map(|s| (s.name, s.kind, s.compensation.as_ref().map(|c| c.method)))
        .collect();
    assert_eq!(
        steps,
        [
            ("create_order", Kind::Compensatable, Some("reject_order")),
            ("validate_consumer", Kind::ReadOnly, None),
            ("create_ticket", Kind::Compensatable, Some("cancel_ticket")),
            ("authorize_card", Kind::Pivot, None),
            ("confirm_ticket", Kind::Retriable, None),
            ("approve_order", Kind::Retriable, None),
        ],
    );
    assert_eq!(definition.pivot(), Some(3));
    assert_eq!(definition.name, "create_order");
}

#[tokio::test(start_paused = true)]
async fn an_order_that_nothing_is_wrong_with_is_approved() {
    let service = OrderService::default();
    let approved = CreateOrderSaga::run(&service, order()).await.unwrap();
    assert_eq!(approved, "order 7 for 1250");
    assert_eq!(
        service.calls.take(),
        [
            "validate_consumer(3)",
            "create_ticket(7)",
            "authorize_card(1250)",
            "confirm_ticket(70, attempt 1)",
            "approve_order(7)",
        ],
    );
}

#[tokio::test(start_paused = true)]
async fn when_the_consumer_is_not_valid_the_order_is_rejected_and_nothing_else() {
    let service = OrderService::with([("validate_consumer", Trouble::Always("unknown consumer"))]);
    let error = fails(&service).await;
    assert_eq!(error.step().unwrap().name, "validate_consumer");
    assert_eq!(error.attempts(), 1);
    assert_eq!(error.end(), End::Compensated);
    assert!(matches!(
        error.error(),
        CreateOrderSagaError::ValidateConsumer(Failure::Error(Declined::ForGood(
            "unknown consumer"
        )))
    ));
    assert_eq!(
        service.calls.take(),
        ["validate_consumer(3)", "reject_order(7)"]
    );
    assert_eq!(undone(&error), ["create_order"]);
}

#[tokio::test(start_paused = true)]
async fn when_the_kitchen_makes_no_ticket_the_order_is_rejected_and_no_ticket_cancelled() {
    let service = OrderService::with([("create_ticket", Trouble::Always("closed"))]);
    let error = fails(&service).await;
    assert_eq!(error.step().unwrap().name, "create_ticket");
    assert_eq!(error.attempts(), 1);
    assert_eq!(error.end(), End::Compensated);
    assert_eq!(
        service.calls.take(),
        [
            "validate_consumer(3)",
            "create_ticket(7)",
            "reject_order(7)"
        ],
    );
    assert_eq!(undone(&error), ["create_order"]);
}

#[tokio::test(start_paused = true)]
async fn when_the_card_is_not_authorized_the_ticket_is_cancelled_and_then_the_order_rejected() {
    let service = OrderService::with([("authorize_card", Trouble::Always("no funds"))]);
    let error = fails(&service).await;
    assert_eq!(error.step().unwrap().name, "authorize_card");
    assert_eq!(error.attempts(), 1);
    assert!(!error.in_doubt(), "an error of the pivot is no doubt");
    assert_eq!(error.end(), End::Compensated);
    assert_eq!(
        service.calls.take(),
        [
            "validate_consumer(3)",
            "create_ticket(7)",
            "authorize_card(1250)",
            "cancel_ticket(70)",
            "reject_order(7)",
        ],
    );
    assert_eq!(undone(&error), ["create_order", "create_ticket"]);
}

#[tokio::test(start_paused = true)]
async fn when_the_authorization_is_in_doubt_nothing_is_undone_and_the_saga_is_stuck() {
    let service = OrderService::with([("authorize_card", Trouble::Silent)]);
    let error = fails(&service).await;
    assert_eq!(error.step().unwrap().name, "authorize_card");
    assert_eq!(error.attempts(), 1);
    assert!(error.in_doubt());
    assert_eq!(error.end(), End::Stuck);
    assert!(matches!(
        error.error(),
        CreateOrderSagaError::AuthorizeCard(Failure::TimedOut(limit)) if limit.as_secs() == 5
    ));
    assert_eq!(
        service.calls.take(),
        [
            "validate_consumer(3)",
            "create_ticket(7)",
            "authorize_card(1250)"
        ],
    );
    assert_eq!(undone(&error), Vec::<&str>::new());
    let report = error.report().to_string();
    let key = format!("create_order/{}/authorize_card/do", error.saga_id());
    assert!(report.contains(&key), "what to look it up by:\n{report}");
}

#[tokio::test(start_paused = true)]
async fn when_the_ticket_cannot_be_confirmed_after_the_pivot_nothing_is_undone_and_it_is_stuck() {
    let service = OrderService::with([("confirm_ticket", Trouble::Always("no such ticket"))]);
    let error = fails(&service).await;
    assert_eq!(error.step().unwrap().name, "confirm_ticket");
    assert_eq!(error.attempts(), 1, "`when` does not accept this error");
    assert_eq!(error.end(), End::Stuck);
    assert_eq!(
        service.calls.take(),
        [
            "validate_consumer(3)",
            "create_ticket(7)",
            "authorize_card(1250)",
            "confirm_ticket(70, attempt 1)",
        ],
        "no undo, and no approval either",
    );
    let became: Vec<_> = error.steps().map(|r| (r.outcome, r.undo)).collect();
    let done = (Outcome::Completed, Undo::NotDue);
    let failed = (Outcome::Failed, Undo::NotDue);
    let not_run = (Outcome::NotRun, Undo::NotDue);
    assert_eq!(became, [done, done, done, done, failed, not_run]);
}

#[tokio::test(start_paused = true)]
async fn after_the_pivot_a_step_is_retried_until_its_attempts_are_used_up() {
    let service = OrderService::with([("confirm_ticket", Trouble::Times(9))]);
    let error = fails(&service).await;
    assert_eq!(error.step().unwrap().name, "confirm_ticket");
    assert_eq!(error.attempts(), 3);
    assert_eq!(error.end(), End::Stuck);
    assert_eq!(
        service.calls.take()[3..],
        [
            "confirm_ticket(70, attempt 1)",
            "confirm_ticket(70, attempt 2)",
            "confirm_ticket(70, attempt 3)",
        ],
    );
}

#[tokio::test(start_paused = true)]
async fn a_ticket_that_is_confirmed_at_the_third_attempt_lets_the_order_be_approved() {
    let service = OrderService::with([("confirm_ticket", Trouble::Times(2))]);
    let approved = CreateOrderSaga::run(&service, order()).await.unwrap();
    assert_eq!(approved, "order 7 for 1250");
    assert_eq!(
        service.calls.take()[3..],
        [
            "confirm_ticket(70, attempt 1)",
            "confirm_ticket(70, attempt 2)",
            "confirm_ticket(70, attempt 3)",
            "approve_order(7)",
        ],
    );
}

#[tokio::test(start_paused = true)]
async fn a_run_may_be_more_patient_than_the_definition() {
    let service = OrderService::with([("confirm_ticket", Trouble::Times(5))]);
    let options = RunOptions::new()
        .policy("confirm_ticket", Policy::attempts(6))
        .unwrap();
    let approved = CreateOrderSaga::run_with(&service, order(), options)
        .await
        .unwrap();
    assert_eq!(approved, "order 7 for 1250");
    assert_eq!(
        service.calls.take()[3..].last().map(String::as_str),
        Some("approve_order(7)"),
    );
}

#[tokio::test(start_paused = true)]
async fn when_the_last_step_fails_after_the_pivot_nothing_is_undone_and_it_is_stuck() {
    let service = OrderService::with([("approve_order", Trouble::Always("gone"))]);
    let error = fails(&service).await;
    assert_eq!(error.step().unwrap().name, "approve_order");
    assert_eq!(error.attempts(), 1);
    assert_eq!(error.end(), End::Stuck);
    assert_eq!(undone(&error), Vec::<&str>::new());
    assert_eq!(service.calls.take().len(), 5);
}

#[tokio::test(start_paused = true)]
async fn a_ticket_that_cannot_be_cancelled_leaves_the_saga_stuck_and_the_order_rejected() {
    let service = OrderService::with([
        ("authorize_card", Trouble::Always("no funds")),
        ("cancel_ticket", Trouble::Always("already cooked")),
    ]);
    let error = fails(&service).await;
    assert_eq!(error.step().unwrap().name, "authorize_card");
    assert_eq!(error.attempts(), 1);
    assert_eq!(error.end(), End::Stuck);
    assert_eq!(
        service.calls.take()[3..],
        ["cancel_ticket(70)", "reject_order(7)"]
    );
    let [failure] = error.compensation_failures() else {
        panic!("{error:?}");
    };
    assert_eq!(failure.step.name, "create_ticket");
    assert_eq!(failure.error.message, "already cooked");
    assert_eq!(failure.attempts, 1);
    assert_eq!(undone(&error), ["create_order"]);
    assert!(error.to_string().contains("no funds"), "{error}");
}
