//! Several bare parameters: a tuple of the step above, or of the input, spread in order.

use saga_core::{End, RunOptions, Saga, saga};
use saga_tests::Calls;

#[derive(Default)]
struct Spread {
    calls: Calls,
}

#[saga]
impl Spread {
    #[step(compensate = unpair)]
    async fn pair(&self, left: &str, right: &[u8]) -> Result<(String, Vec<u8>), String> {
        self.calls.add(format!("pair({left:?}, {right:?})"));
        Ok((format!("{left}!"), [right, &[0]].concat()))
    }

    #[step(compensate = unspread)]
    async fn spread(&self, left: &str, right: &[u8]) -> Result<(u8, u8), String> {
        self.calls.add(format!("spread({left:?}, {right:?})"));
        Ok((8, 9))
    }

    #[step(readonly)]
    async fn whole(&self, pair: &(u8, u8)) -> Result<(), String> {
        self.calls.add(format!("whole({pair:?})"));
        Err("no".to_owned())
    }

    async fn unpair(&self, left: &str, right: &[u8]) -> Result<(), String> {
        self.calls.add(format!("unpair({left:?}, {right:?})"));
        Ok(())
    }

    async fn unspread(&self, pair: &(u8, u8)) -> Result<(), String> {
        self.calls.add(format!("unspread({pair:?})"));
        Ok(())
    }
}

#[tokio::test(start_paused = true)]
async fn a_tuple_is_spread_to_several_parameters_and_passed_whole_to_one() {
    let service = Spread::default();
    let input = ("a".to_owned(), vec![1, 2]);
    let error = SpreadSaga::run(&service, input).await.unwrap_err();
    assert_eq!(error.step().unwrap().name, "whole");
    assert_eq!(error.attempts(), 1);
    assert_eq!(error.end(), End::Compensated);
    assert_eq!(
        service.calls.take(),
        [
            r#"pair("a", [1, 2])"#,
            r#"spread("a!", [1, 2, 0])"#,
            "whole((8, 9))",
            "unspread((8, 9))",
            r#"unpair("a!", [1, 2, 0])"#,
        ],
    );
}

#[tokio::test(start_paused = true)]
async fn the_report_shows_the_parts_of_a_tuple_by_the_names_of_their_parameters() {
    let service = Spread::default();
    let options = RunOptions::new().id("s-1");
    let input = ("a".to_owned(), vec![1, 2]);
    let error = SpreadSaga::run_with(&service, input, options)
        .await
        .unwrap_err();
    assert_eq!(error.step().unwrap().name, "whole");
    assert_eq!(error.attempts(), 1);
    assert_eq!(error.end(), End::Compensated);
    let report = error.report().to_string();
    for call in [
        r#"1. pair(left: "a", right: [1, 2])"#,
        r#"undone by unpair(left: "a!", right: [1, 2, 0])"#,
        r#"2. spread(left: "a!", right: [1, 2, 0])"#,
        "undone by unspread(pair: (8, 9))",
        "3. whole(pair: (8, 9))",
    ] {
        assert!(report.contains(call), "{call:?} is not in\n{report}");
    }
}
