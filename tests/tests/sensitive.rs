//! What is marked as sensitive is in no report.

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

failure of step 3 `ship` at tests/tests/sensitive.rs:{line}:
  no van"
        )
    );
}
