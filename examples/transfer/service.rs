//! The saga: the two legs of a transfer, and how each is undone.
//!
//! We have a clearing account at either bank. A transfer is paid into the one at the payer's bank,
//! and out of the one at the payee's. Each leg is a transaction within one bank, and nothing but the
//! saga holds them together.

use std::fmt;
use std::sync::Mutex;

use saga_core::{Attempt, StepContext, saga};

use crate::bank::{Bank, BankError, Payment};
use crate::line::Line;
use crate::money::Money;

/// Our account at either bank.
pub(crate) const CLEARING: &str = "clearing";

/// What a customer asks for: the input of the saga.
#[derive(Debug, Clone)]
pub(crate) struct Transfer {
    /// At the bank North.
    pub(crate) from: &'static str,
    /// At the bank South.
    pub(crate) to: &'static str,
    pub(crate) amount: Money,
}

/// Executes transfers.
pub(crate) struct Transfers {
    pub(crate) north: Mutex<Bank>,
    pub(crate) south: Mutex<Bank>,
    pub(crate) line: Line,
}

#[saga(
    saga = TransferSaga,
    vis = pub(crate),
    compensation(retry(attempts = 3, backoff = "5ms..20ms"), timeout = "50ms")
)]
impl Transfers {
    // One attempt: while nothing else has been done, giving up costs nothing.
    #[step(compensate = pay_back, timeout = "50ms", in_doubt = BankError::may_have_happened)]
    async fn withdraw(&self, transfer: &Transfer, ctx: &StepContext) -> Result<Payment, BankError> {
        let payment = Payment {
            from: transfer.from.to_owned(),
            to: CLEARING.to_owned(),
            amount: transfer.amount,
        };
        let pay = |bank: &mut Bank| bank.pay(&ctx.idempotency_key(), payment);
        self.line.ask(&self.north, ctx, pay).await
    }

    // Asked for again where no answer came: under the same key, so the bank pays once. The last step
    // is never undone because of another one. `take_back` is there for the case that no answer came
    // at all.
    #[step(
        compensate = take_back,
        retry(attempts = 3, backoff = "5ms..20ms", when = BankError::is_transient),
        timeout = "50ms",
        in_doubt = BankError::may_have_happened
    )]
    async fn deposit(
        &self,
        withdrawn: &Payment,
        #[input] transfer: &Transfer,
        ctx: &StepContext,
    ) -> Result<Payment, BankError> {
        let payment = Payment {
            from: CLEARING.to_owned(),
            to: transfer.to.to_owned(),
            amount: withdrawn.amount,
        };
        let pay = |bank: &mut Bank| bank.pay(&ctx.idempotency_key(), payment);
        self.line.ask(&self.south, ctx, pay).await
    }

    async fn pay_back(
        &self,
        withdrawn: Attempt<&Payment>,
        ctx: &StepContext,
    ) -> Result<(), BankError> {
        self.reverse(&self.north, withdrawn, ctx).await
    }

    // Fails where the payee has spent the money already: then an operator has to resolve it.
    async fn take_back(
        &self,
        deposited: Attempt<&Payment>,
        ctx: &StepContext,
    ) -> Result<(), BankError> {
        self.reverse(&self.south, deposited, ctx).await
    }

    /// Makes the opposite payment, if there was a payment.
    async fn reverse(
        &self,
        bank: &Mutex<Bank>,
        payment: Attempt<&Payment>,
        ctx: &StepContext,
    ) -> Result<(), BankError> {
        let reverse = |bank: &mut Bank| {
            let payment = match payment {
                Attempt::Completed(payment) => Some(payment.clone()),
                // Only the bank knows: look it up by the key of the step.
                // Here a call that timed out is gone. If it might still arrive later, the bank would
                // have to refuse it then.
                Attempt::InDoubt => bank.find(&ctx.step_idempotency_key())?,
            };
            // Under the key of the undo: tried again, it pays back once.
            let reversed = payment.map(|payment| {
                let reversed = payment.reversed();
                bank.pay(&ctx.idempotency_key(), reversed)
            });
            Ok(Reversed(reversed.transpose()?))
        };
        let Reversed(_) = self.line.ask(bank, ctx, reverse).await?;
        Ok(())
    }
}

/// The payment that made another one good, if there was one to make good.
struct Reversed(Option<Payment>);

impl fmt::Display for Reversed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Some(payment) => payment.fmt(f),
            None => f.write_str("there is no payment to undo"),
        }
    }
}
