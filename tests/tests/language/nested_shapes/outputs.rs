#![allow(clippy::ref_option, reason = "a tuple is spread as it is")]

use super::*;

pub(super) struct Nothing;

#[saga]
impl Nothing {
    #[step(no_compensation = "nothing happened")]
    async fn wait(&self) -> Result<(), String> {
        Ok(())
    }
}

pub(super) struct Pairs;

#[saga]
impl Pairs {
    #[step(compensate = split)]
    async fn pair(&self, one: &u32, two: &str) -> Result<(u32, String), String> {
        Ok((*one, two.to_owned()))
    }

    async fn split(&self, one: &u32, two: &str) -> Result<(), String> {
        match (one, two) {
            (1, "two") => Ok(()),
            other => Err(format!("{other:?}")),
        }
    }
}

pub(super) struct Both;

#[saga(saga = BothSaga, input = u32)]
impl Both {
    #[step(parallel = both, compensate = undo)]
    async fn left(&self, #[input] number: &u32) -> Result<u32, String> {
        Ok(*number)
    }

    #[step(parallel = both, only_if = is_large, readonly)]
    async fn right(&self, #[input] number: &u32) -> Result<String, String> {
        Ok(number.to_string())
    }

    fn is_large(&self, #[input] number: &u32) -> bool {
        *number > 5
    }

    async fn undo(&self, left: Attempt<&u32>) -> Result<(), String> {
        match left {
            Attempt::Completed(1..) => Ok(()),
            other => Err(format!("{other:?}")),
        }
    }
}

pub(super) struct Maybe;

#[saga]
impl Maybe {
    #[step(only_if = is_large, compensate = undo)]
    async fn maybe(&self, number: &u32) -> Result<u64, String> {
        Ok(u64::from(*number))
    }

    fn is_large(&self, number: &u32) -> bool {
        *number > 5
    }

    async fn undo(&self, _maybe: &u64) -> Result<(), String> {
        Ok(())
    }
}

struct Outputs {
    nothing: Nothing,
    pairs: Pairs,
    both: Both,
    maybe: Maybe,
    fails: bool,
}

#[saga(input = ())]
impl Outputs {
    #[step(saga = NothingSaga, on = self.nothing)]
    fn nothing(&self) {}

    #[step(saga = PairsSaga, on = self.pairs)]
    fn pair(&self, _nothing: &()) -> (u32, String) {
        (1, "two".to_owned())
    }

    #[step(saga = BothSaga, on = self.both, name = "the-group")]
    fn both(&self, one: &u32, two: &str) -> u32 {
        assert_eq!(two, "two");
        *one
    }

    #[step(saga = MaybeSaga, on = self.maybe)]
    fn maybe(&self, left: &u32, right: &Option<String>) -> u32 {
        assert!(right.is_none());
        left + 5
    }

    #[step(readonly)]
    async fn last(&self, maybe: &Option<u64>) -> Result<Option<u64>, String> {
        if self.fails {
            Err("asked to".to_owned())
        } else {
            Ok(*maybe)
        }
    }
}

#[tokio::test(start_paused = true)]
async fn the_output_of_a_saga_is_handed_on_like_that_of_a_step() {
    let mut outputs = Outputs {
        nothing: Nothing,
        pairs: Pairs,
        both: Both,
        maybe: Maybe,
        fails: false,
    };
    assert_eq!(OutputsSaga::run(&outputs, ()).await.unwrap(), Some(6));
    outputs.fails = true;
    let error = OutputsSaga::run(&outputs, ()).await.unwrap_err();
    assert_eq!(error.end(), End::Compensated, "{}", error.report());
    let OutputsSagaState::BeforeLast {
        input: (),
        nothing: (),
        pair,
        both,
        maybe,
    } = error.state()
    else {
        panic!("{error:?}");
    };
    assert_eq!(pair, &(1, "two".to_owned()));
    assert_eq!(both, &(1, None));
    assert_eq!(maybe, &Some(6));
    assert!(error.report().to_string().contains("the-group"));
}
