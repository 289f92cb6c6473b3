//! The saga of the `signup` example under the fault matrix: broken in every place where it can break.

#[path = "../signup/service.rs"]
mod service;

use saga_core::testing::{Ending, fault_matrix};

use service::{AccountError, BankError, Form, PlanError, Signup, SignupSaga};

/// How many accounts there are, bank accounts attached to one, and subscriptions.
fn counts(signup: &Signup) -> [usize; 3] {
    let records = signup.records();
    [
        records.accounts.len(),
        records.mandates.len(),
        records.subscriptions.len(),
    ]
}

/// Everything is there or nothing is, except for what the saga says an operator has to resolve.
fn is_whole(signup: &Signup, end: &Ending) -> bool {
    let there = counts(signup);
    if end.is_completed() {
        return there == [1, 1, 1];
    }
    if end.is_stuck() && end.left.is_empty() {
        // It is unknown whether it is paid for, so nothing was undone.
        return end.step == Some("subscribe") && matches!(there, [1, 1, 0 | 1]);
    }
    let left = |step| usize::from(end.left.contains(&step));
    there[0] <= left("create_account") && there[1] <= left("attach_bank_account") && there[2] == 0
}

#[tokio::test(start_paused = true)]
async fn no_half_an_account_is_left_wherever_a_signup_breaks() {
    let form = Form {
        email: "ada@example.com",
        iban: "DE89",
        plan: "basic",
    };
    let coverage = fault_matrix::<SignupSaga>(Signup::default, form)
        .errors(|| AccountError::ReadOnly)
        .errors(|| BankError::Busy)
        .errors(|| PlanError::NotCovered)
        .snapshot(counts)
        .invariant(is_whole)
        .run()
        .await;
    assert_eq!((coverage.cells.len(), coverage.left_out.len()), (52, 17));
}
