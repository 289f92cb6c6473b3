//! Opening an account: a match on the typed error, step by step, decides the answer for the caller.
//! The saga is in `service.rs`.

mod service;

use saga_core::{Failure, RunOptions, Saga as _, SagaError};

use crate::service::{
    Account, AccountError, BankError, Form, PlanError, Signup, SignupSaga, SignupSagaError,
};

/// The status and the message that the caller is answered with.
fn answer(result: Result<Account, SagaError<SignupSaga>>) -> (u16, String) {
    use SignupSagaError::{AttachBankAccount, CreateAccount, Subscribe};
    let error = match result {
        Ok(Account(number)) => return (201, format!("welcome, you are customer {number}")),
        Err(error) => error,
    };
    if error.is_stuck() {
        // Something is left that an operator has to resolve: they need the report, the caller does not.
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
    for (Account(number), email) in records.accounts.values() {
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
