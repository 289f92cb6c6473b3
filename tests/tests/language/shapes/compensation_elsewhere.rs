#![expect(clippy::unused_async, reason = "a compensation is async")]

use super::*;
use saga_tests::Calls;

#[derive(Default)]
struct Split {
    calls: Calls,
}

impl Split {
    async fn before(&self, made: &u8) -> Result<(), String> {
        self.calls.add(format!("before {made}"));
        Ok(())
    }
}

#[saga]
impl Split {
    #[step(compensate = before)]
    async fn first(&self) -> Result<u8, String> {
        Ok(1)
    }

    #[step(compensate = after)]
    async fn second(&self) -> Result<u8, String> {
        Ok(2)
    }

    #[step(compensate = before)]
    async fn third(&self) -> Result<u8, String> {
        Ok(3)
    }

    #[step(readonly)]
    async fn last(&self) -> Result<(), String> {
        Err("enough".to_owned())
    }
}

impl Split {
    async fn after(&self, made: &u8) -> Result<(), String> {
        self.calls.add(format!("after {made}"));
        Err("not undone".to_owned())
    }
}

#[derive(Debug)]
struct Unreachable(std::fmt::Error);

impl std::fmt::Display for Unreachable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("no one answers")
    }
}

impl std::error::Error for Unreachable {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.0)
    }
}

struct Caused;

impl Caused {
    async fn call_back(&self, _made: &u8) -> Result<(), Unreachable> {
        Err(Unreachable(std::fmt::Error))
    }
}

#[saga]
impl Caused {
    #[step(compensate = call_back)]
    async fn call(&self) -> Result<u8, String> {
        Ok(1)
    }

    #[step]
    async fn last(&self) -> Result<(), String> {
        Err("enough".to_owned())
    }
}

#[tokio::test(start_paused = true)]
async fn the_error_of_a_compensation_in_another_block_keeps_what_caused_it() {
    let error = CausedSaga::run(&Caused, ()).await.unwrap_err();
    assert_eq!(
        (error.step().unwrap().name, error.end()),
        ("last", End::Stuck)
    );
    let [failure] = error.compensation_failures() else {
        panic!("{error:?}");
    };
    assert_eq!((failure.step.name, failure.attempts), ("call", 1));
    assert_eq!(failure.error.message, "no one answers");
    assert_eq!(failure.error.chain, [std::fmt::Error.to_string()]);
}

#[tokio::test(start_paused = true)]
async fn a_compensation_may_stand_in_another_block_and_serve_two_steps() {
    let service = Split::default();
    let error = SplitSaga::run(&service, ()).await.unwrap_err();
    assert_eq!(error.step().unwrap().name, "last");
    assert_eq!(error.attempts(), 1);
    assert_eq!(error.end(), End::Stuck);
    assert_eq!(service.calls.take(), ["before 3", "after 2", "before 1"]);
    let report = error.report().to_string();
    assert!(report.contains("before"), "{report}");
    assert!(report.contains("not undone"), "{report}");
}
