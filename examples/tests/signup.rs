//! The `signup` example: the whole of what it prints.

mod common;

use common::{example, run};

#[test]
fn every_form_is_answered_by_the_step_it_failed_at_and_nothing_is_left_of_it() {
    let ran = run(&mut example("signup"));
    ran.ends_with(0);
    assert_eq!(
        ran.stdout,
        "\
ada@example.com, DE89, basic
  201 welcome, you are customer 1
ada@example.com, DE89, family
  409 ada@example.com has an account already: log in instead
bea@example.com, XX00, basic
  422 XX00 is no bank account: check the number
cem@example.com, BE71, family
  201 welcome, you are customer 3
dan@example.com, FI21, basic
  503 your bank does not answer: try again later
eve@example.com, MT84, basic
  503 your bank does not answer: try again later
fay@example.com, DE89, gold
  404 there is no plan `gold`
gil@read-only.example, PT50, basic
  500 something went wrong, please mention signup-8

accounts
  1 ada@example.com
  3 cem@example.com
  7 gil@read-only.example
bank accounts attached
  1 signup/signup-1/attach_bank_account/do
  3 signup/signup-4/attach_bank_account/do
subscriptions
  1 basic
  3 family
",
        "{}",
        ran.all()
    );
    assert_eq!(
        without_lines(&ran.stderr),
        r#"saga `signup` (signup-8) is stuck: step `subscribe` failed: the bank account does not cover the first month; undoing step `create_account` failed

steps:
  1. create_account(form: Form { email: "gil@read-only.example", iban: "PT50", plan: "basic" })
       completed: Account(7)
       NOT UNDONE: close_account(_account: Completed(Account(7)), form: Form { email: "gil@read-only.example", iban: "PT50", plan: "basic" }) gave up, see below
  2. attach_bank_account(account: Account(7), form: Form { email: "gil@read-only.example", iban: "PT50", plan: "basic" })
       completed: Mandate { key: "signup/signup-8/attach_bank_account/do" }
       undone by detach_bank_account(mandate: Completed(Mandate { key: "signup/signup-8/attach_bank_account/do" }))
  3. subscribe(_mandate: Mandate { key: "signup/signup-8/attach_bank_account/do" }, account: Account(7), form: Form { email: "gil@read-only.example", iban: "PT50", plan: "basic" })
       failed: the bank account does not cover the first month

failure of step 3 `subscribe` at examples/signup/service.rs:_:
  the bank account does not cover the first month

failure of close_account, the compensation of step 1 `create_account`, at examples/signup/service.rs:_, after 1 attempt:
  the directory is read-only during maintenance

left for a person:
  - undo step 1 `create_account` (idempotency key signup/signup-8/create_account/do) by hand: close_account gave up
"#,
        "{}",
        ran.all()
    );
}

/// `service.rs:_` for every line of the example: those move with it.
fn without_lines(report: &str) -> String {
    let mut parts = report.split("service.rs:");
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        text.push_str("service.rs:_");
        text.push_str(part.trim_start_matches(|c: char| c.is_ascii_digit()));
    }
    text
}
