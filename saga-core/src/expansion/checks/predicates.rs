//! The functions in `when = ..` and `in_doubt = ..`, which are asked about an error.

/// A function that is asked about an `E`.
type Predicate<E, Answer> = for<'e> fn(&'e E) -> Answer;

/// A function that the step or compensation `Method` asks in its `when` about its error, an `E`.
#[diagnostic::on_unimplemented(
    message = "`when` of `{Method}` is asked about a `{E}`, and this is a `{Self}`",
    label = "expected a `fn(&{E}) -> bool`",
    note = "write here a function that takes the error of `{Method}`: `fn name(error: &{E}) -> bool`"
)]
pub trait AskedWhen<E, Method> {
    /// Returns the function.
    fn predicate(self) -> Predicate<E, bool>;
}

#[diagnostic::do_not_recommend]
impl<E, Method, P: PredicateOn<E>> AskedWhen<E, Method> for P {
    #[inline]
    fn predicate(self) -> Predicate<E, bool> {
        self.on()
    }
}

/// A function that the step `Method` asks in its `in_doubt` about its error, an `E`.
#[diagnostic::on_unimplemented(
    message = "`in_doubt` of `{Method}` is asked about a `{E}`, and this is a `{Self}`",
    label = "expected a `fn(&{E}) -> bool`",
    note = "write here a function that takes the error of `{Method}`: `fn name(error: &{E}) -> bool`"
)]
pub trait AskedInDoubt<E, Method> {
    /// Returns the function.
    fn predicate(self) -> Predicate<E, bool>;
}

#[diagnostic::do_not_recommend]
impl<E, Method, P: PredicateOn<E>> AskedInDoubt<E, Method> for P {
    #[inline]
    fn predicate(self) -> Predicate<E, bool> {
        self.on()
    }
}

/// A function that is asked about an `E`: the type parameters of a generic one are inferred from it.
pub trait PredicateOn<E> {
    /// Returns the function.
    fn on(self) -> Predicate<E, bool>;
}

impl<E> PredicateOn<E> for Predicate<E, bool> {
    #[inline]
    fn on(self) -> Self {
        self
    }
}
