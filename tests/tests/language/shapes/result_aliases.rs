use super::*;

#[derive(Debug, PartialEq, thiserror::Error)]
#[error("number {0} is mine")]
struct MyError(u8);

type Result<T> = std::result::Result<T, MyError>;
type AnswerResult = Result<u8>;

mod other {
    pub(super) type FallibleResult<T, E = String> = std::result::Result<T, E>;
}

struct Aliased;

#[saga]
impl Aliased {
    #[step(compensate = undo_first)]
    async fn first(&self, number: &u8) -> Result<u8> {
        Ok(number + 1)
    }

    #[step(compensate = undo_second)]
    async fn second(&self, number: &u8) -> AnswerResult {
        match number {
            13 => Err(MyError(13)),
            _ => Ok(number + 1),
        }
    }

    #[step(compensate = undo_third)]
    async fn third(&self, number: &u8) -> other::FallibleResult<u8> {
        match number {
            20 => Err("twenty".to_owned()),
            _ => Ok(number + 1),
        }
    }

    #[step(readonly)]
    async fn fourth(&self, number: &u8) -> std::io::Result<u8> {
        match number {
            30 => Err(std::io::Error::other("thirty")),
            _ => Ok(number + 1),
        }
    }

    #[step(readonly)]
    async fn fifth(&self, number: &u8) -> core::result::Result<u8, core::convert::Infallible> {
        Ok(*number)
    }

    async fn undo_first(&self, made: &u8) -> Result<()> {
        assert_ne!(*made, 0);
        Ok(())
    }

    async fn undo_second(&self, _made: &u8) -> other::FallibleResult<()> {
        Ok(())
    }

    async fn undo_third(&self, _made: &u8) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test(start_paused = true)]
async fn the_result_of_a_step_may_be_an_alias() {
    assert_eq!(AliasedSaga::run(&Aliased, 1).await.unwrap(), 5);
    for (input, step, message) in [
        (12, "second", "number 13 is mine"),
        (18, "third", "twenty"),
        (27, "fourth", "thirty"),
    ] {
        let error = AliasedSaga::run(&Aliased, input).await.unwrap_err();
        assert_eq!(error.step().unwrap().name, step);
        assert_eq!(error.attempts(), 1);
        assert_eq!(error.end(), End::Compensated);
        assert_eq!(error.error().text().message, message);
    }
}

#[tokio::test(start_paused = true)]
async fn the_error_of_an_alias_is_typed_like_any_other() {
    let error = AliasedSaga::run(&Aliased, 12).await.unwrap_err();
    assert_eq!(error.step().unwrap().name, "second");
    assert_eq!(error.attempts(), 1);
    assert_eq!(error.end(), End::Compensated);
    assert!(matches!(
        error.error(),
        AliasedSagaError::Second(Failure::Error(MyError(13)))
    ));
}
