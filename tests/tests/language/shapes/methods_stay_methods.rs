use super::*;
use saga_core::{Attempt, Cause, ErrorText, StepContext, definition::Phase};

struct Cards;

#[saga]
impl Cards {
    #[step(compensate = refund)]
    async fn charge(&self, amount: &u64, context: &StepContext) -> Result<String, String> {
        let key = context.idempotency_key();
        match (amount, context.attempt()) {
            (0, _) => Err("nothing to charge".to_owned()),
            (_, 1) => Ok(key),
            (_, attempt) => Ok(format!("{key} at attempt {attempt}")),
        }
    }

    #[step]
    async fn ship(&self) -> Result<(), String> {
        Err("no boat".to_owned())
    }

    async fn refund(&self, payment: Attempt<&String>, context: &StepContext) -> Result<(), String> {
        assert_eq!(context.phase(), Phase::Compensation);
        let cause = context.cause().ok_or("no cause")?;
        assert_eq!(cause.error.message, "no boat");
        assert_eq!(cause.step.as_deref(), Some("ship"));
        match payment {
            Attempt::Completed(payment) if *payment == context.step_idempotency_key() => Ok(()),
            Attempt::Completed(payment) => Err(format!("what is {payment}?")),
            Attempt::InDoubt => Err("in doubt".to_owned()),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_step_can_be_called_directly_with_a_context_made_by_hand() {
    let context = StepContext::new("cards", "order-42", "charge");
    let payment = Cards.charge(&5, &context).await;
    assert_eq!(payment.unwrap(), "cards/order-42/charge/do");
    let context = context.with_attempt(3);
    let payment = Cards.charge(&5, &context).await;
    assert_eq!(payment.unwrap(), "cards/order-42/charge/do at attempt 3");
    let refused = Cards.charge(&0, &context).await;
    assert_eq!(refused.unwrap_err(), "nothing to charge");
}

#[tokio::test(start_paused = true)]
async fn a_compensation_can_be_called_directly_with_a_cause_made_by_hand() {
    let cause = Cause::new("ship", ErrorText::new("no boat"));
    let context = StepContext::new("cards", "order-42", "charge").with_cause(cause);
    let payment = "cards/order-42/charge/do".to_owned();
    let refunded = Cards.refund(Attempt::Completed(&payment), &context).await;
    refunded.unwrap();
    let refused = Cards.refund(Attempt::InDoubt, &context).await;
    assert_eq!(refused.unwrap_err(), "in doubt");
}

#[tokio::test(start_paused = true)]
async fn a_run_passes_the_same_contexts() {
    let error = CardsSaga::run(&Cards, 5).await.unwrap_err();
    assert_eq!(error.step().unwrap().name, "ship");
    assert_eq!(error.attempts(), 1);
    assert_eq!(error.end(), End::Compensated, "{error:?}");
}
