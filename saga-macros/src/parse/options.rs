//! What stands in the parentheses of `#[saga(..)]`, `#[step(..)]` and `#[compensation(..)]`.

use core::time::Duration;

use proc_macro2::TokenStream;
use syn::{Attribute, Expr, ExprPath, Ident, LitStr, Path, Type, Visibility};

use super::list::{List, Meant};
use super::read::Keyed;
use super::retry::Retry;
use crate::errors::Errors;
use crate::suggest::Place;

/// `#[saga(..)]`
#[derive(Default)]
pub(crate) struct SagaOptions {
    pub(crate) name: Option<LitStr>,
    pub(crate) saga: Option<Ident>,
    pub(crate) vis: Option<Visibility>,
    pub(crate) input: Option<Type>,
    pub(crate) krate: Option<Path>,
    pub(crate) durable: Option<Ident>,
    pub(crate) retry: Option<Retry>,
    pub(crate) deadline: Option<Duration>,
    pub(crate) compensation: CompensationOptions,
}

/// `#[step(..)]`
#[derive(Default)]
pub(crate) struct StepOptions {
    pub(crate) compensate: Option<Keyed<Ident>>,
    pub(crate) readonly: Option<Ident>,
    pub(crate) no_compensation: Option<Keyed<LitStr>>,
    pub(crate) pivot: Option<Ident>,
    pub(crate) retry: Option<Retry>,
    pub(crate) timeout: Option<Duration>,
    pub(crate) max_interruptions: Option<Keyed<u32>>,
    pub(crate) in_doubt: Option<Keyed<ExprPath>>,
    pub(crate) at_most_once: Option<Ident>,
    pub(crate) parallel: Option<Keyed<Ident>>,
    /// The group that was meant, however badly that is written.
    pub(crate) group: Option<Meant>,
    pub(crate) only_if: Option<Keyed<Ident>>,
    pub(crate) name: Option<LitStr>,
    pub(crate) sensitive: Option<Ident>,
    /// The saga that the step runs.
    pub(crate) saga: Option<Keyed<Type>>,
    /// Whether one was meant, however badly that is written.
    pub(crate) means_saga: bool,
    /// On which service.
    pub(crate) on: Option<Keyed<Expr>>,
    /// Whether it says how the step is undone, however badly.
    pub(crate) says_how_undone: bool,
    /// Whether all that stands there could be read.
    pub(crate) is_read: bool,
}

/// `#[compensation(..)]`, on a method or in `#[saga(..)]`
#[derive(Default)]
pub(crate) struct CompensationOptions {
    pub(crate) retry: Option<Retry>,
    pub(crate) timeout: Option<Duration>,
    pub(crate) max_interruptions: Option<u32>,
}

impl SagaOptions {
    pub(crate) fn read(arguments: TokenStream, errors: &Errors) -> Self {
        let mut list = List::read(Place::Saga, arguments, errors);
        let options = Self {
            name: list.name("order"),
            saga: list.value(
                "saga",
                "a name for the generated type: write `saga = OrderSaga`",
            ),
            vis: list.value(
                "vis",
                "a visibility: write `vis = pub` or `vis = pub(crate)`",
            ),
            input: list.value("input", "a type: write `input = Order`"),
            krate: list.value("crate", "a path without quotes: write `crate = saga_core`"),
            durable: list.flag("durable"),
            retry: Retry::of(&mut list),
            deadline: list.duration("deadline", "30s"),
            compensation: match list.arguments("compensation", |_| {
                "retry(attempts = 4), timeout = \"3s\"".to_owned()
            }) {
                Some(arguments) => CompensationOptions::read(arguments, errors),
                None => CompensationOptions::default(),
            },
        };
        let typed = [&options.retry, &options.compensation.retry];
        for when in typed
            .into_iter()
            .flatten()
            .filter_map(|retry| retry.when.as_ref())
        {
            errors.at(
                &when.key,
                "`when` looks at one step's error: write it in the `retry(..)` of that step, not in \
                 the saga's",
            );
        }
        list.finish();
        options
    }
}

impl StepOptions {
    pub(crate) fn read(attr: &Attribute, errors: &Errors) -> Self {
        let wrong_before = errors.count();
        let mut list = List::of(attr, Place::Step, errors);
        let says_how_undone = list.has(&[
            "compensate",
            "readonly",
            "no_compensation",
            "pivot",
            "saga",
            "on",
        ]);
        let parallel = list.meant("parallel");
        let saga = list.meant("saga").is_some();
        let mut options = Self {
            group: None,
            means_saga: saga,
            says_how_undone,
            is_read: true,
            compensate: list.keyed(
                "compensate",
                "the name of a method, without quotes or a path: write `compensate = release_stock`",
            ),
            readonly: list.flag("readonly"),
            no_compensation: list.keyed(
                "no_compensation",
                "the reason in quotes: write `no_compensation = \"a mail cannot be unsent\"`",
            ),
            pivot: list.flag("pivot"),
            retry: Retry::of(&mut list),
            timeout: list.timeout(),
            max_interruptions: list.max_interruptions(),
            in_doubt: list.keyed(
                "in_doubt",
                "the name of a function: write `in_doubt = is_lost`, and outside of the block \
                 `fn is_lost(error: &Error) -> bool`",
            ),
            at_most_once: list.flag("at_most_once"),
            parallel: list.keyed(
                "parallel",
                "a name for the group, without quotes: write `parallel = bookings` on each of the \
                 neighbouring steps that run at the same time",
            ),
            only_if: list.keyed(
                "only_if",
                "the name of a method, without quotes or a path: write `only_if = is_large`",
            ),
            name: list.name("charge-card"),
            sensitive: list.flag("sensitive"),
            saga: list.keyed(
                "saga",
                "the type that `#[saga]` generates for the other block: write `saga = PaymentSaga`",
            ),
            on: list.keyed(
                "on",
                "the service of that saga: write `on = self.payments`, or nothing if it is this one",
            ),
        };
        options.group = parallel.or_else(|| list.meant("parallel"));
        // Known by now are all options: what is unknown may be one of them with a slip.
        options.means_saga |= list.meant("saga").is_some();
        options.says_how_undone |= options.means_saga;
        list.finish();
        options.is_read = errors.count() == wrong_before;
        options
    }
}

impl CompensationOptions {
    pub(crate) fn of(attr: &Attribute, errors: &Errors) -> Self {
        Self::from_list(List::of(attr, Place::Compensation, errors))
    }

    fn read(arguments: TokenStream, errors: &Errors) -> Self {
        Self::from_list(List::read(Place::EveryCompensation, arguments, errors))
    }

    fn from_list(mut list: List<'_>) -> Self {
        let options = Self {
            retry: Retry::of(&mut list),
            timeout: list.timeout(),
            max_interruptions: list.max_interruptions().map(|max| max.value),
        };
        list.finish();
        options
    }
}
