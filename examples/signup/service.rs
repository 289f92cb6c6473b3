//! The saga: create an account, attach a bank account to it, subscribe to a plan.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use saga_core::{Attempt, StepContext, saga};

#[derive(Debug, Clone)]
pub(crate) struct Form {
    pub(crate) email: &'static str,
    pub(crate) iban: &'static str,
    pub(crate) plan: &'static str,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Account(pub(crate) u32);

#[derive(Debug)]
pub(crate) struct Mandate {
    key: String,
}

#[derive(Debug, thiserror::Error)]
pub(crate) enum AccountError {
    #[error("{0} has an account already")]
    EmailTaken(&'static str),
    #[error("the directory is read-only during maintenance")]
    ReadOnly,
}

#[derive(Debug, thiserror::Error)]
pub(crate) enum BankError {
    #[error("{0} is no bank account")]
    NoSuchAccount(&'static str),
    #[error("the bank is busy")]
    Busy,
}

impl BankError {
    fn is_transient(&self) -> bool {
        matches!(self, Self::Busy)
    }
}

#[derive(Debug, thiserror::Error)]
pub(crate) enum PlanError {
    #[error("there is no plan `{0}`")]
    NoSuchPlan(&'static str),
    #[error("the bank account does not cover the first month")]
    NotCovered,
}

/// What would be three services: each call takes effect at once, or answers with an error.
#[derive(Default)]
pub(crate) struct Signup(Mutex<Records>);

#[derive(Debug, Default)]
pub(crate) struct Records {
    created: u32,
    // By idempotency key, so that what is asked for again is not done again, and what was done although no answer
    // came can be found.
    pub(crate) accounts: BTreeMap<String, (Account, &'static str)>,
    pub(crate) mandates: BTreeMap<String, Account>,
    pub(crate) subscriptions: BTreeSet<(Account, &'static str)>,
}

impl Signup {
    pub(crate) fn records(&self) -> MutexGuard<'_, Records> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[saga(vis = pub(crate))]
impl Signup {
    #[step(compensate = close_account)]
    async fn create_account(
        &self,
        form: &Form,
        context: &StepContext,
    ) -> Result<Account, AccountError> {
        let key = context.idempotency_key();
        let mut records = self.records();
        if let Some((account, _)) = records.accounts.get(&key) {
            // Not another person of this address: this step, run once more.
            return Ok(*account);
        }
        if records
            .accounts
            .values()
            .any(|(_, email)| *email == form.email)
        {
            return Err(AccountError::EmailTaken(form.email));
        }
        records.created += 1;
        let account = Account(records.created);
        records.accounts.insert(key, (account, form.email));
        Ok(account)
    }

    #[step(
        compensate = detach_bank_account,
        retry(attempts = 3, backoff = "1ms..4ms", when = BankError::is_transient),
        timeout = "50ms"
    )]
    async fn attach_bank_account(
        &self,
        account: &Account,
        #[input] form: &Form,
        context: &StepContext,
    ) -> Result<Mandate, BankError> {
        match (form.iban, context.attempt()) {
            ("XX00", _) => return Err(BankError::NoSuchAccount(form.iban)),
            ("BE71", 1 | 2) | ("FI21", _) => return Err(BankError::Busy),
            _ => {}
        }
        let key = context.idempotency_key();
        self.records().mandates.insert(key.clone(), *account);
        if form.iban == "MT84" {
            // Attached, but the answer never comes.
            std::future::pending::<()>().await;
        }
        Ok(Mandate { key })
    }

    // The last step needs no compensation: nothing can fail after it.
    #[step]
    async fn subscribe(
        &self,
        _mandate: &Mandate,
        #[from(create_account)] account: &Account,
        #[input] form: &Form,
    ) -> Result<Account, PlanError> {
        if !["basic", "family"].contains(&form.plan) {
            return Err(PlanError::NoSuchPlan(form.plan));
        }
        if form.iban == "PT50" {
            return Err(PlanError::NotCovered);
        }
        self.records().subscriptions.insert((*account, form.plan));
        Ok(*account)
    }

    // What was done may be there although no answer came: with `Attempt` an undo is run then too, and finds it by
    // the key of the step.

    async fn close_account(
        &self,
        _account: Attempt<&Account>,
        #[input] form: &Form,
        context: &StepContext,
    ) -> Result<(), AccountError> {
        if form.email.ends_with("@read-only.example") {
            return Err(AccountError::ReadOnly);
        }
        let key = context.step_idempotency_key();
        self.records().accounts.remove(&key);
        Ok(())
    }

    async fn detach_bank_account(
        &self,
        mandate: Attempt<&Mandate>,
        context: &StepContext,
    ) -> Result<(), BankError> {
        let key = match mandate {
            Attempt::Completed(mandate) => mandate.key.clone(),
            Attempt::InDoubt => context.step_idempotency_key(),
        };
        self.records().mandates.remove(&key);
        Ok(())
    }
}
