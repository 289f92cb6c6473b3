//! Sensitive values are in no report.

use saga_core::{Attempt, RunOptions, Saga, saga};

#[derive(Debug)]
struct Order {
    id: u32,
}

struct Service;

#[saga]
impl Service {
    #[step(compensate = revoke, sensitive)]
    async fn issue_token(&self, order: &Order) -> Result<String, String> {
        Ok(format!("secret-token-{}", order.id))
    }

    #[step(compensate = refund)]
    async fn charge(
        &self,
        token: &str,
        #[input]
        #[sensitive]
        order: &Order,
    ) -> Result<u32, String> {
        Ok(u32::try_from(token.len()).unwrap_or_default() + order.id)
    }

    #[step(pivot)]
    async fn ship(&self, #[from(issue_token)] _token: &str) -> Result<(), String> {
        Err("no van".to_owned())
    }

    async fn revoke(&self, _token: Attempt<&String>) -> Result<(), String> {
        Ok(())
    }

    async fn refund(&self, #[sensitive] _payment: &u32) -> Result<(), String> {
        Ok(())
    }
}

#[tokio::test]
async fn stars_stand_for_what_is_marked_at_a_step_or_at_any_parameter_wherever_it_goes() {
    let options = RunOptions::new().id("run-1");
    let run = ServiceSaga::run_with(&Service, Order { id: 7 }, options).await;
    let error = run.expect_err("there is no van");
    assert_eq!(error.step().unwrap().name, "ship");
    let report = error.report().to_string();
    assert!(!report.contains("secret-token"), "{report}");
    let line = error.step().unwrap().location.line;
    assert_eq!(
        report,
        format!(
            "saga `service` (run-1) was compensated: step `ship` failed: no van

steps:
  1. issue_token(order: ***)
       completed: ***
       undone by revoke(_token: Completed(***))
  2. charge(token: ***, order: ***)
       completed: ***
       undone by refund(_payment: ***)
  3. ship(_token: ***)  (pivot)
       failed: no van

failure of step 3 `ship` at tests/tests/report/sensitive.rs:{line}:
  no van"
        )
    );
}

/// Marks nothing as sensitive: the saga around it does.
struct Payments;

#[saga]
impl Payments {
    #[step(compensate = refund)]
    async fn charge(&self, card: &str) -> Result<usize, String> {
        Ok(card.len())
    }

    #[step(compensate = tear_up)]
    async fn receipt(&self, charged: &usize, #[input] card: &str) -> Result<String, String> {
        Ok(format!("{charged} from {card}"))
    }

    async fn refund(&self, _charged: &usize, #[input] _card: &str) -> Result<(), String> {
        Ok(())
    }

    async fn tear_up(&self, _receipt: &str) -> Result<(), String> {
        Ok(())
    }
}

/// One more saga in between.
struct Desk(Payments);

#[saga]
impl Desk {
    #[step(saga = PaymentsSaga, on = self.0)]
    fn pay(&self, card: &str) -> String {
        card.to_owned()
    }
}

struct Store(Desk);

#[saga]
impl Store {
    #[step(saga = DeskSaga, on = self.0, sensitive)]
    fn sell(&self, #[sensitive] card: &str) -> String {
        card.to_owned()
    }

    #[step]
    async fn wave(&self, _receipt: &str) -> Result<(), String> {
        Err("no hand is free".to_owned())
    }
}

#[tokio::test]
async fn what_is_marked_at_a_step_that_runs_a_saga_is_hidden_in_there_too() {
    let store = Store(Desk(Payments));
    let run = StoreSaga::run(&store, "4711 0815".to_owned()).await;
    let error = run.expect_err("both hands are full");
    assert_eq!(error.step().unwrap().name, "wave");
    let report = error.report();
    assert!(!format!("{report:?}").contains("4711"), "{report}");
    let text = report.to_string();
    for line in [
        "1.1. pay(card: ***)",
        "1.1.1. charge(card: ***)",
        "completed: 9",
        "undone by refund(_charged: 9, _card: ***)",
        "1.1.2. receipt(charged: 9, card: ***)",
        "undone by tear_up(_receipt: ***)",
    ] {
        assert!(text.contains(line), "{line}\n{text}");
    }
    // By itself, it does not mark the value.
    let payments = PaymentsSaga::run(&Payments, "4711".to_owned()).await;
    assert_eq!(payments.unwrap(), "4 from 4711");
}
