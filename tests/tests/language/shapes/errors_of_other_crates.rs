use super::*;
use anyhow::Context as _;

struct Anyhow;

#[saga]
impl Anyhow {
    #[step(compensate = close)]
    async fn open(&self, name: &str) -> anyhow::Result<usize> {
        Ok(name.len())
    }

    #[step(readonly)]
    async fn read(&self, opened: &usize, #[input] name: &str) -> Result<u32, anyhow::Error> {
        let text = format!("{name}{opened}");
        let number: u32 = text
            .parse()
            .with_context(|| format!("{text:?} is not a number"))
            .context("the settings cannot be read")?;
        anyhow::ensure!(number > 10, "{number} is too small");
        Ok(number)
    }

    async fn close(&self, _opened: &usize) -> anyhow::Result<()> {
        Err(anyhow::anyhow!("the disk is gone").context("the file cannot be closed"))
    }
}

#[tokio::test(start_paused = true)]
async fn the_chain_of_an_anyhow_error_is_in_the_report() {
    assert_eq!(
        AnyhowSaga::run(&Anyhow, "1234".into()).await.unwrap(),
        12_344
    );
    let error = is_send(AnyhowSaga::run(&Anyhow, "x".into())).await;
    let error = error.unwrap_err();
    assert_eq!(error.step().unwrap().name, "read");
    assert_eq!(error.attempts(), 1);
    assert_eq!(error.end(), End::Stuck);
    let text = error.error().text();
    assert_eq!(text.message, "the settings cannot be read");
    assert_eq!(
        text.chain,
        [r#""x1" is not a number"#, "invalid digit found in string"],
    );
    let [failure] = error.compensation_failures() else {
        panic!("{error:?}");
    };
    assert_eq!(failure.step.name, "open");
    assert_eq!(failure.error.message, "the file cannot be closed");
    assert_eq!(failure.error.chain, ["the disk is gone"]);
    let report = error.report().to_string();
    for part in [
        "the settings cannot be read",
        r#"caused by: "x1" is not a number"#,
        "caused by: invalid digit found in string",
        "the file cannot be closed",
        "caused by: the disk is gone",
    ] {
        assert!(report.contains(part), "{part:?} is not in\n{report}");
    }
    let AnyhowSagaError::Read(Failure::Error(error)) = error.into_error() else {
        panic!("another error");
    };
    assert!(error.downcast_ref::<std::num::ParseIntError>().is_some());
}

struct Boxed;

#[saga]
impl Boxed {
    #[step(compensate = forget)]
    async fn parse(&self, text: &str) -> Result<u32, Box<dyn std::error::Error + Send + Sync>> {
        if text.is_empty() {
            return Err("nothing to parse".into());
        }
        Ok(text.parse()?)
    }

    #[step(readonly)]
    async fn check(
        &self,
        parsed: &u32,
    ) -> Result<(), Box<dyn std::error::Error + Send + Sync + 'static>> {
        let parsed = u8::try_from(*parsed).map_err(TooLarge)?;
        Err(format!("{parsed} is wrong").into())
    }

    async fn forget(&self) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        Ok(())
    }
}

#[derive(Debug, thiserror::Error)]
#[error("the number is too large")]
struct TooLarge(#[source] std::num::TryFromIntError);

#[tokio::test(start_paused = true)]
async fn the_chain_of_a_boxed_error_is_in_the_report() {
    for (input, step, message, chain) in [
        ("", "parse", "nothing to parse", &[][..]),
        ("y", "parse", "invalid digit found in string", &[]),
        ("7", "check", "7 is wrong", &[]),
        (
            "700",
            "check",
            "the number is too large",
            &["out of range integral type conversion attempted"],
        ),
    ] {
        let error = is_send(BoxedSaga::run(&Boxed, input.into())).await;
        let error = error.unwrap_err();
        assert_eq!(error.step().unwrap().name, step, "{input:?}");
        assert_eq!(error.attempts(), 1, "{input:?}");
        assert_eq!(error.end(), End::Compensated, "{input:?}");
        let text = error.error().text();
        assert_eq!(text.message, message, "{input:?}");
        let source = std::error::Error::source(error.error()).map(ToString::to_string);
        assert_eq!(source.as_deref(), chain.first().copied(), "{input:?}");
        assert_eq!(text.chain, chain, "{input:?}");
        let report = error.report().to_string();
        for part in chain {
            assert!(report.contains(part), "{part:?} is not in\n{report}");
        }
    }
}
