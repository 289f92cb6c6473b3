use super::*;

/// A saga whose output has all of its type parameters.
pub(super) struct Copies<'a, T, const N: usize>(pub(super) &'a T);

#[saga]
impl<'a, T: Clone + Send + Sync, const N: usize> Copies<'a, T, N> {
    #[step(compensate = take_back)]
    async fn copy(&self) -> Result<(&'a T, [T; N]), String> {
        Ok((self.0, std::array::from_fn(|_| self.0.clone())))
    }

    async fn take_back(&self, _lent: &&'a T, _copies: &[T; N]) -> Result<(), String> {
        Ok(())
    }
}

pub(super) struct Binders<'a, T> {
    pub(super) copies: Copies<'a, T, 2>,
}

#[saga]
impl<'a, T: Clone + Send + Sync + PartialEq> Binders<'a, T> {
    #[step(saga = CopiesSaga<'a, T, 2>, on = self.copies, only_if = is_wanted)]
    fn first(&self, #[input] _wanted: &bool) {}

    #[step(saga = CopiesSaga<'a, T, 2>, on = self.copies)]
    fn second(&self) {}

    #[step]
    async fn bind(
        &self,
        _lent: &&'a T,
        copies: &[T; 2],
        #[from(first)] first: Option<&(&'a T, [T; 2])>,
    ) -> Result<usize, String> {
        match first {
            Some((lent, first)) if first == copies && **lent == copies[0] => Ok(4),
            _ => Err("not enough".to_owned()),
        }
    }

    fn is_wanted(&self, #[input] wanted: &bool) -> bool {
        *wanted
    }
}

#[tokio::test(start_paused = true)]
async fn the_output_may_have_what_both_services_are_generic_over() {
    let original = "text".to_owned();
    let binders = Binders {
        copies: Copies(&original),
    };
    assert_eq!(BindersSaga::run(&binders, true).await.unwrap(), 4);
    let error = BindersSaga::run(&binders, false).await.unwrap_err();
    let BindersSagaState::BeforeBind {
        first: None,
        second: (lent, [_, copy]),
        ..
    } = error.state()
    else {
        panic!("{error:?}");
    };
    assert_eq!(*lent, copy);
    assert_eq!(error.end(), End::Compensated);
}
