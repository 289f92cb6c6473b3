//! What the report says.

use super::*;

#[derive(Debug, Clone)]
struct Order {
    id: u32,
    items: Vec<&'static str>,
}

#[derive(Debug)]
struct Reservation(u32);

/// Has no `Debug`.
struct CardToken;

#[derive(Debug, thiserror::Error)]
#[error("the connection was closed")]
struct Closed;

#[derive(Debug, thiserror::Error)]
#[error("the gateway could not be reached")]
struct Unreachable(#[source] Closed);

#[derive(Debug, thiserror::Error)]
enum CardError {
    #[error("the card was not charged")]
    Gateway(#[source] Unreachable),
    #[error("the refund was refused:\n  the card has expired")]
    Refused,
}

/// Has `Display` only.
struct Shelf(&'static str);

impl fmt::Display for Shelf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the shelf is {}", self.0)
    }
}

#[derive(Default)]
struct Checkout {
    /// Their undo fails.
    stubborn: bool,
    charge_fails: bool,
}

#[saga(name = "checkout")]
impl Checkout {
    const RESERVE_LINE: u32 = line!() + 2;
    #[step(compensate = release)]
    async fn reserve(&self, order: &Order) -> Result<Reservation, Shelf> {
        match order.items.len() {
            0 => Err(Shelf("empty")),
            _ => Ok(Reservation(order.id)),
        }
    }

    #[step(readonly)]
    async fn tokenize(&self, #[input] order: &Order) -> Result<CardToken, Shelf> {
        let _ = order;
        Ok(CardToken)
    }

    #[step(no_compensation = "a mail cannot be unsent")]
    async fn announce(&self, _token: &CardToken, context: &StepContext) -> Result<(), Shelf> {
        let _ = context;
        Ok(())
    }

    #[step(compensate = forget)]
    async fn remember(&self, #[from(tokenize)] token: &CardToken) -> Result<(u8, String), Shelf> {
        let CardToken = token;
        Ok((3, "kept".to_owned()))
    }

    const CHARGE_LINE: u32 = line!() + 2;
    #[step(compensate = refund, retry(attempts = 3))]
    async fn charge(
        &self,
        kept: &(u8, String),
        #[from(reserve)] reservation: &Reservation,
    ) -> Result<u64, CardError> {
        if self.charge_fails {
            return Err(CardError::Gateway(Unreachable(Closed)));
        }
        Ok(u64::from(kept.0) + u64::from(reservation.0) + kept.1.len() as u64)
    }

    #[step(readonly)]
    async fn inspect(&self, payment: &u64) -> Result<(), String> {
        Err(format!("payment {payment} looks odd\nlook again"))
    }

    #[step]
    async fn pack(&self, #[input] order: &Order) -> Result<(), Shelf> {
        let _ = order;
        Ok(())
    }

    const RELEASE_LINE: u32 = line!() + 1;
    async fn release(&self, reservation: &Reservation) -> Result<(), Shelf> {
        let _ = reservation;
        if self.stubborn {
            return Err(Shelf("locked"));
        }
        Ok(())
    }

    async fn forget(&self, kept: &(u8, String), #[input] order: &Order) -> Result<(), Shelf> {
        let _ = (kept, order);
        Ok(())
    }

    #[compensation(retry(attempts = 2))]
    async fn refund(&self, payment: &u64, context: &StepContext) -> Result<(), CardError> {
        let _ = (payment, context);
        if self.stubborn {
            return Err(CardError::Refused);
        }
        Ok(())
    }
}

fn order() -> Order {
    Order {
        id: 42,
        items: vec!["cup", "saucer"],
    }
}

async fn checkout(service: &Checkout) -> saga_core::SagaError<CheckoutSaga> {
    let options = RunOptions::new().id("order-42");
    CheckoutSaga::run_with(service, order(), options)
        .await
        .unwrap_err()
}

#[tokio::test(start_paused = true)]
async fn the_report_of_a_compensated_saga_says_everything() {
    let service = Checkout {
        charge_fails: true,
        ..Checkout::default()
    };
    let error = checkout(&service).await;
    assert_eq!(error.step().unwrap().name, "charge");
    assert_eq!(error.attempts(), 3);
    assert_eq!(error.end(), End::Compensated);
    assert_eq!(
        without_line_numbers(&error.report().to_string()),
        r#"saga `checkout` (order-42) was compensated: step `charge` failed after 3 attempts: the card was not charged

steps:
  1. reserve(order: Order { id: 42, items: ["cup", "saucer"] })
       completed: Reservation(42)
       undone by release(reservation: Reservation(42))
  2. tokenize(order: Order { id: 42, items: ["cup", "saucer"] })
       completed: _
  3. announce(_token: _)
       completed: ()
       not undone: a mail cannot be unsent
  4. remember(token: _)
       completed: (3, "kept")
       undone by forget(kept: (3, "kept"), order: Order { id: 42, items: ["cup", "saucer"] })
  5. charge(kept: (3, "kept"), reservation: Reservation(42))
       failed after 3 attempts: the card was not charged
  6. inspect(...)
       not run
  7. pack(...)
       not run

failure of step 5 `charge` at tests/tests/driver/reference_parity/report.rs:<line>:
  the card was not charged
    caused by: the gateway could not be reached
    caused by: the connection was closed"#,
    );
}

#[tokio::test(start_paused = true)]
async fn the_report_of_a_stuck_saga_says_everything() {
    let service = Checkout {
        stubborn: true,
        ..Checkout::default()
    };
    let error = checkout(&service).await;
    assert_eq!(error.step().unwrap().name, "inspect");
    assert_eq!(error.attempts(), 1);
    assert_eq!(error.end(), End::Stuck);
    assert_eq!(
        without_line_numbers(&error.report().to_string()),
        r#"saga `checkout` (order-42) is stuck: step `inspect` failed: payment 49 looks odd\nlook again; undoing steps `charge`, `reserve` failed

steps:
  1. reserve(order: Order { id: 42, items: ["cup", "saucer"] })
       completed: Reservation(42)
       NOT UNDONE: release(reservation: Reservation(42)) gave up, see below
  2. tokenize(order: Order { id: 42, items: ["cup", "saucer"] })
       completed: _
  3. announce(_token: _)
       completed: ()
       not undone: a mail cannot be unsent
  4. remember(token: _)
       completed: (3, "kept")
       undone by forget(kept: (3, "kept"), order: Order { id: 42, items: ["cup", "saucer"] })
  5. charge(kept: (3, "kept"), reservation: Reservation(42))
       completed: 49
       NOT UNDONE: refund(payment: 49) gave up, see below
  6. inspect(payment: 49)
       failed: payment 49 looks odd\nlook again
  7. pack(...)
       not run

failure of step 6 `inspect` at tests/tests/driver/reference_parity/report.rs:<line>:
  payment 49 looks odd
  | look again

failure of refund, the compensation of step 5 `charge`, at tests/tests/driver/reference_parity/report.rs:<line>, after 2 attempts:
  the refund was refused:
  |   the card has expired

failure of release, the compensation of step 1 `reserve`, at tests/tests/driver/reference_parity/report.rs:<line>, after 1 attempt:
  the shelf is locked

left for a person:
  - undo step 5 `charge` (idempotency key checkout/order-42/charge/do) by hand: refund gave up
  - undo step 1 `reserve` (idempotency key checkout/order-42/reserve/do) by hand: release gave up"#,
    );
}

#[tokio::test(start_paused = true)]
async fn the_report_begins_with_the_saga_its_id_its_end_and_the_first_error_in_one_line() {
    let service = Checkout {
        charge_fails: true,
        ..Checkout::default()
    };
    let error = checkout(&service).await;
    assert_eq!(error.step().unwrap().name, "charge");
    assert_eq!(error.attempts(), 3);
    assert_eq!(error.end(), End::Compensated);
    let report = error.report().to_string();
    let header = report.lines().next().unwrap_or_default();
    for part in [
        "`checkout`",
        "order-42",
        "compensated",
        "`charge`",
        "the card was not charged",
    ] {
        assert!(header.contains(part), "{part:?} is not in {header:?}");
    }
    assert_eq!(error.to_string(), header, "`Display` is that line");
}

#[tokio::test(start_paused = true)]
async fn display_is_one_line_even_when_the_error_has_several() {
    let error = checkout(&Checkout::default()).await;
    assert_eq!(error.step().unwrap().name, "inspect");
    assert_eq!(error.attempts(), 1);
    assert_eq!(error.end(), End::Compensated);
    let line = error.to_string();
    assert_eq!(line.lines().count(), 1, "{line}");
    assert!(line.contains("payment 49 looks odd"), "{line}");
}

#[tokio::test(start_paused = true)]
async fn the_report_shows_every_step_that_ran_with_its_call_and_its_result() {
    let error = checkout(&Checkout::default()).await;
    assert_eq!(error.step().unwrap().name, "inspect");
    assert_eq!(error.attempts(), 1);
    assert_eq!(error.end(), End::Compensated);
    let report = error.report().to_string();
    let debug = r#"Order { id: 42, items: ["cup", "saucer"] }"#;
    for call in [
        format!("1. reserve(order: {debug})"),
        format!("2. tokenize(order: {debug})"),
        "3. announce(_token: _)".to_owned(),
        "4. remember(token: _)".to_owned(),
        r#"5. charge(kept: (3, "kept"), reservation: Reservation(42))"#.to_owned(),
        "6. inspect(payment: 49)".to_owned(),
    ] {
        the_line_with(&report, &call);
    }
    for result in [
        "completed: Reservation(42)",
        "completed: _",
        "completed: 49",
    ] {
        the_line_with(&report, result);
    }
}

#[tokio::test(start_paused = true)]
async fn the_report_shows_how_each_undo_was_called_and_why_there_was_none() {
    let error = checkout(&Checkout::default()).await;
    assert_eq!(error.step().unwrap().name, "inspect");
    assert_eq!(error.attempts(), 1);
    assert_eq!(error.end(), End::Compensated);
    let report = error.report().to_string();
    the_line_with(&report, "undone by refund(payment: 49)");
    the_line_with(
        &report,
        r#"undone by forget(kept: (3, "kept"), order: Order"#,
    );
    the_line_with(&report, "undone by release(reservation: Reservation(42))");
    the_line_with(&report, "a mail cannot be unsent");
    the_line_with(&report, "not run");
}

#[tokio::test(start_paused = true)]
async fn the_report_says_in_which_file_and_line_the_failed_step_is_defined() {
    let service = Checkout {
        charge_fails: true,
        ..Checkout::default()
    };
    let error = checkout(&service).await;
    assert_eq!(error.step().unwrap().name, "charge");
    assert_eq!(error.attempts(), 3);
    assert_eq!(error.end(), End::Compensated);
    assert_eq!(error.step().unwrap().location.file, file!());
    assert_eq!(error.step().unwrap().location.line, Checkout::CHARGE_LINE);
    let place = format!("{}:{}", file!(), Checkout::CHARGE_LINE);
    let report = error.report().to_string();
    the_line_with(&report, &place);
}

#[tokio::test(start_paused = true)]
async fn the_report_says_in_which_file_and_line_a_compensation_that_failed_is_defined() {
    let service = Checkout {
        stubborn: true,
        ..Checkout::default()
    };
    let error = checkout(&service).await;
    assert_eq!(error.step().unwrap().name, "inspect");
    assert_eq!(error.attempts(), 1);
    assert_eq!(error.end(), End::Stuck);
    let place = format!("{}:{}", file!(), Checkout::RELEASE_LINE);
    let report = error.report().to_string();
    let line = the_line_with(&report, &place);
    assert!(line.contains("release"), "{line}");
    let reserve = CheckoutSaga::DEFINITION.step("reserve").unwrap();
    assert_eq!(reserve.location.line, Checkout::RESERVE_LINE);
}

#[tokio::test(start_paused = true)]
async fn the_report_has_the_source_chain_of_the_failure_the_nearest_first() {
    let service = Checkout {
        charge_fails: true,
        ..Checkout::default()
    };
    let error = checkout(&service).await;
    assert_eq!(error.step().unwrap().name, "charge");
    assert_eq!(error.attempts(), 3);
    assert_eq!(error.end(), End::Compensated);
    let report = error.report().to_string();
    let (_, chain) = report.split_once("failure of step 5").unwrap();
    let at = |text: &str| chain.find(text).unwrap_or_else(|| panic!("{report}"));
    assert!(at("the card was not charged") < at("the gateway could not be reached"));
    assert!(at("the gateway could not be reached") < at("the connection was closed"));
    let source = std::error::Error::source(&error).unwrap();
    assert_eq!(source.to_string(), "the gateway could not be reached");
    assert!(source.downcast_ref::<Unreachable>().is_some());
}

#[tokio::test(start_paused = true)]
async fn debug_is_the_report_so_that_an_unwrap_shows_it() {
    let error = checkout(&Checkout::default()).await;
    assert_eq!(error.step().unwrap().name, "inspect");
    assert_eq!(error.attempts(), 1);
    assert_eq!(error.end(), End::Compensated);
    let report = error.report().to_string();
    assert_eq!(format!("{error:?}"), report);
    assert_eq!(format!("{error:#?}"), report);
}

#[tokio::test(start_paused = true)]
async fn the_state_that_the_saga_reached_holds_what_is_alive_there() {
    let service = Checkout {
        charge_fails: true,
        ..Checkout::default()
    };
    let error = checkout(&service).await;
    assert_eq!(error.step().unwrap().name, "charge");
    assert_eq!(error.attempts(), 3);
    assert_eq!(error.end(), End::Compensated);
    let CheckoutSagaState::BeforeCharge {
        input,
        reserve: Reservation(42),
        tokenize: CardToken,
        announce: (),
        remember: (3, note),
    } = error.state()
    else {
        panic!("{:?}", error.state());
    };
    assert_eq!(input.id, 42);
    assert_eq!(note, "kept");
}

/// The failures that are not an error of the step.
struct Hanging;

#[saga]
impl Hanging {
    #[step(compensate = unprepare)]
    async fn prepare(&self) -> Result<u8, String> {
        Ok(1)
    }

    #[step(compensate = unhang, timeout = "3s")]
    async fn hang(&self) -> Result<u8, String> {
        pending().await
    }

    #[step(readonly)]
    async fn after(&self) -> Result<(), String> {
        Ok(())
    }

    #[compensation(timeout = "1500ms")]
    async fn unprepare(&self, prepared: &u8) -> Result<(), String> {
        let _ = prepared;
        pending().await
    }

    async fn unhang(&self, hung: saga_core::Attempt<&u8>) -> Result<(), String> {
        assert_eq!(hung.completed(), None);
        panic!("cannot unhang")
    }
}

#[tokio::test(start_paused = true)]
async fn the_report_has_a_step_in_doubt_and_the_compensations_that_panic_or_time_out() {
    let options = RunOptions::new().id("h-1");
    let error = HangingSaga::run_with(&Hanging, (), options)
        .await
        .unwrap_err();
    assert_eq!(error.step().unwrap().name, "hang");
    assert_eq!(error.attempts(), 1);
    assert!(error.in_doubt());
    assert_eq!(error.end(), End::Stuck);
    assert_eq!(
        without_line_numbers(&error.report().to_string()),
        "saga `hanging` (h-1) is stuck: step `hang` is in doubt: timed out after 3s; undoing steps `hang`, `prepare` is in doubt

steps:
  1. prepare()
       completed: 1
       PERHAPS NOT UNDONE: unprepare(prepared: 1) is in doubt, see below
  2. hang()
       is in doubt: timed out after 3s
       PERHAPS NOT UNDONE: unhang(hung: InDoubt) is in doubt, see below
  3. after()
       not run

failure of step 2 `hang` at tests/tests/driver/reference_parity/report.rs:<line>:
  timed out after 3s

failure of unhang, the compensation of step 2 `hang`, at tests/tests/driver/reference_parity/report.rs:<line>, after 1 attempt:
  panicked: cannot unhang
  in doubt: it may have undone the step all the same

failure of unprepare, the compensation of step 1 `prepare`, at tests/tests/driver/reference_parity/report.rs:<line>, after 1 attempt:
  timed out after 1.5s
  in doubt: it may have undone the step all the same

left for a person:
  - find out whether unhang undid step 2 `hang` (idempotency key hanging/h-1/hang/undo), and if not whether it took effect (idempotency key hanging/h-1/hang/do), and undo it if so
  - find out whether unprepare undid step 1 `prepare` (idempotency key hanging/h-1/prepare/undo), and if not, undo it by hand (idempotency key hanging/h-1/prepare/do)",
    );
}
