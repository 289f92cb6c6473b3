//! Opening an account: create it, attach a bank account, subscribe to a plan. What the caller is
//! told is decided by a match on the typed error, step by step.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use saga_core::{Attempt, Failure, RunOptions, Saga, SagaError, StepContext, saga};

#[derive(Debug)]
struct Form {
    email: &'static str,
    iban: &'static str,
    plan: &'static str,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Account(u32);

#[derive(Debug)]
struct Mandate {
    key: String,
}

#[derive(Debug, thiserror::Error)]
enum AccountError {
    #[error("{0} has an account already")]
    EmailTaken(&'static str),
    #[error("the directory is read-only during maintenance")]
    ReadOnly,
}

#[derive(Debug, thiserror::Error)]
enum BankError {
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
enum PlanError {
    #[error("there is no plan `{0}`")]
    NoSuchPlan(&'static str),
    #[error("the bank account does not cover the first month")]
    NotCovered,
}

/// What would be three services: each call takes effect at once, or answers with an error.
#[derive(Default)]
struct Signup(Mutex<Records>);

#[derive(Default)]
struct Records {
    created: u32,
    accounts: BTreeMap<Account, &'static str>,
    /// By idempotency key, so that one whose confirmation was lost can be found.
    mandates: BTreeMap<String, Account>,
    subscriptions: BTreeSet<(Account, &'static str)>,
}

impl Signup {
    fn records(&self) -> MutexGuard<'_, Records> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[saga]
impl Signup {
    #[step(compensate = close_account)]
    async fn create_account(&self, form: &Form) -> Result<Account, AccountError> {
        let mut records = self.records();
        if records.accounts.values().any(|email| *email == form.email) {
            return Err(AccountError::EmailTaken(form.email));
        }
        records.created += 1;
        let account = Account(records.created);
        records.accounts.insert(account, form.email);
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

    async fn close_account(
        &self,
        account: &Account,
        #[input] form: &Form,
    ) -> Result<(), AccountError> {
        if form.email.ends_with("@read-only.example") {
            return Err(AccountError::ReadOnly);
        }
        self.records().accounts.remove(account);
        Ok(())
    }

    // The bank account may be attached although no answer came: with `Attempt` this is run then
    // too, and finds it by the key of the step.
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

/// The status and the message that the caller is answered with.
fn answer(result: Result<Account, SagaError<SignupSaga>>) -> (u16, String) {
    use SignupSagaError::{AttachBankAccount, CreateAccount, Subscribe};
    let error = match result {
        Ok(Account(number)) => return (201, format!("welcome, you are customer {number}")),
        Err(error) => error,
    };
    if error.is_stuck() {
        // Something is left that a person has to look at: they need the report, the caller does not.
        eprintln!("{}", error.report());
        let message = format!("something went wrong, please mention {}", error.saga_id());
        return (500, message);
    }
    match error.error() {
        CreateAccount(Failure::Error(taken @ AccountError::EmailTaken(_))) => {
            (409, format!("{taken}: log in instead"))
        }
        AttachBankAccount(Failure::Error(wrong @ BankError::NoSuchAccount(_))) => {
            (422, format!("{wrong}: check the number"))
        }
        AttachBankAccount(Failure::Error(BankError::Busy) | Failure::TimedOut(_)) => {
            (503, "your bank does not answer: try again later".to_owned())
        }
        Subscribe(Failure::Error(unknown @ PlanError::NoSuchPlan(_))) => (404, unknown.to_string()),
        Subscribe(Failure::Error(PlanError::NotCovered)) => {
            (402, "your bank declined the first payment".to_owned())
        }
        _ => (500, "something went wrong, nothing was changed".to_owned()),
    }
}

const FORMS: [Form; 8] = [
    form("ada@example.com", "DE89", "basic"),
    form("ada@example.com", "DE89", "family"),
    form("bea@example.com", "XX00", "basic"),
    form("cem@example.com", "BE71", "family"),
    form("dan@example.com", "FI21", "basic"),
    form("eve@example.com", "MT84", "basic"),
    form("fay@example.com", "DE89", "gold"),
    form("gil@read-only.example", "PT50", "basic"),
];

const fn form(email: &'static str, iban: &'static str, plan: &'static str) -> Form {
    Form { email, iban, plan }
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let service = Signup::default();
    for (number, form) in (1..).zip(FORMS) {
        let Form { email, iban, plan } = form;
        let options = RunOptions::new().id(format!("signup-{number}"));
        let result = SignupSaga::run_with(&service, form, options).await;
        let (status, message) = answer(result);
        println!("{email}, {iban}, {plan}\n  {status} {message}");
    }

    let records = service.records();
    println!("\naccounts");
    for (Account(number), email) in &records.accounts {
        println!("  {number} {email}");
    }
    println!("bank accounts attached");
    for (key, Account(number)) in &records.mandates {
        println!("  {number} {key}");
    }
    println!("subscriptions");
    for (Account(number), plan) in &records.subscriptions {
        println!("  {number} {plan}");
    }
}
