//! The options of `#[saga(..)]`, `#[step(..)]` and `#[compensation(..)]`.

use core::time::Duration;

use proc_macro2::TokenStream;
use syn::{Attribute, Expr, ExprPath, Ident, LitStr, Path, Type, Visibility};

use super::list::List;
use super::read::{Keyed, Read};
use super::retry::{NEEDS_ATTEMPTS, Retry};
use crate::errors::Errors;
use crate::suggest::Place;
use crate::util::names::plain;

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
    pub(crate) timeout: Option<Duration>,
    pub(crate) deadline: Option<Duration>,
    pub(crate) compensation: CompensationOptions,
}

/// `#[step(..)]`
#[derive(Default)]
pub(crate) struct StepOptions {
    compensate: Option<Read<Keyed<Ident>>>,
    pub(crate) readonly: Option<Ident>,
    no_compensation: Option<Read<Keyed<LitStr>>>,
    pub(crate) pivot: Option<Ident>,
    pub(crate) retry: Option<Retry>,
    pub(crate) timeout: Option<Duration>,
    pub(crate) max_interruptions: Option<Keyed<u32>>,
    pub(crate) in_doubt: Option<Keyed<ExprPath>>,
    pub(crate) at_most_once: Option<Ident>,
    parallel: Option<Read<Keyed<Ident>>>,
    pub(crate) only_if: Option<Keyed<Ident>>,
    pub(crate) name: Option<LitStr>,
    pub(crate) sensitive: Option<Ident>,
    /// The saga that the step runs.
    saga: Option<Read<Keyed<Type>>>,
    /// The service of that saga.
    on: Option<Read<Keyed<Expr>>>,
    /// Whether a word that could not be read as an option may state how the step is undone.
    is_undo_unclear: bool,
}

/// The name of an error type that is not known.
pub(super) const ANY_ERROR: &str = "Error";

/// The options that state how a step is undone.
const UNDO: [&str; 4] = ["compensate", "readonly", "no_compensation", "pivot"];

/// `#[compensation(..)]` on a method, or `compensation(..)` in `#[saga(..)]`
#[derive(Default)]
pub(crate) struct CompensationOptions {
    pub(crate) retry: Option<Retry>,
    pub(crate) timeout: Option<Duration>,
    pub(crate) max_interruptions: Option<u32>,
}

impl SagaOptions {
    pub(crate) fn read(arguments: TokenStream, errors: &Errors) -> Self {
        let mut list = List::read(Place::Saga, arguments, errors);
        let mut options = Self {
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
            retry: Retry::of(&mut list, ANY_ERROR),
            timeout: list.timeout(),
            deadline: list.duration("deadline", "30s"),
            compensation: match list.arguments("compensation", |_| {
                "retry(attempts = 4), timeout = \"3s\"".to_owned()
            }) {
                Some(arguments) => CompensationOptions::read(arguments, errors),
                None => CompensationOptions::default(),
            },
        };
        // What is generated is named and typed by these options, also in the place of a saga with a mistake.
        options.saga = options.saga.or_else(|| list.misspelled_value("saga"));
        options.vis = options.vis.or_else(|| list.misspelled_value("vis"));
        options.input = options.input.or_else(|| list.misspelled_value("input"));
        options.krate = options.krate.or_else(|| list.misspelled_value("crate"));
        let defaults = [&options.retry, &options.compensation.retry];
        for retry in defaults.into_iter().flatten() {
            if let Some(span) = retry.needs_attempts {
                errors.at_span(span, NEEDS_ATTEMPTS.to_owned());
            }
            if let Some(when) = &retry.when {
                errors.at(
                    &when.key,
                    "`when` looks at one step's error: write it in the `retry(..)` of that step, not in \
                     the saga's",
                );
            }
        }
        list.finish();
        options
    }
}

impl StepOptions {
    /// Reads the options of a step whose error has the type `error`.
    pub(super) fn read(attr: &Attribute, error: &str, errors: &Errors) -> Read<Self, Self> {
        let wrong_before = errors.count();
        let mut list = List::of(attr, Place::Step, errors);
        let mut options = Self {
            compensate: list.option(
                "compensate",
                "the name of a method, without quotes or a path: write `compensate = release_stock`",
            ),
            readonly: list.flag("readonly"),
            no_compensation: list.option(
                "no_compensation",
                "the reason in quotes: write `no_compensation = \"a mail cannot be unsent\"`",
            ),
            pivot: list.flag("pivot"),
            retry: Retry::of(&mut list, error),
            timeout: list.timeout(),
            max_interruptions: list.max_interruptions(),
            in_doubt: list.keyed(
                "in_doubt",
                &format!(
                    "the name of a function: write `in_doubt = is_lost`, and outside of the block \
                     `fn is_lost(error: &{error}) -> bool`"
                ),
            ),
            at_most_once: list.flag("at_most_once"),
            parallel: list.option(
                "parallel",
                "a name for the group, without quotes: write `parallel = bookings` on each of the \
                 neighbouring steps that run at the same time",
            ),
            only_if: list.intended_name(
                "only_if",
                "the name of a method, without quotes or a path: write `only_if = is_large`",
            ),
            name: list.name("charge-card"),
            sensitive: list.flag("sensitive"),
            saga: list.option(
                "saga",
                "the type that `#[saga]` generates for the other block: write `saga = PaymentSaga`",
            ),
            on: list.option(
                "on",
                "the service of that saga: write `on = self.payments`, or remove `on` if it is this service",
            ),
            is_undo_unclear: false,
        };
        // A misspelling is compared with all options, which are known only now.
        options.parallel = options.parallel.or_else(|| list.misspelled("parallel"));
        options.saga = options.saga.or_else(|| list.misspelled("saga"));
        // The steps after the pivot need no undo.
        options.pivot = options.pivot.or_else(|| list.misspelled_flag("pivot"));
        // The output of a step with a condition is an `Option` for others.
        options.only_if = options.only_if.or_else(|| {
            let name: Ident = list.misspelled_value("only_if")?;
            Some(Keyed {
                key: name.clone(),
                value: name,
            })
        });
        options.is_undo_unclear = list.may_have(&UNDO);
        list.finish();
        if errors.count() == wrong_before {
            Read::Ok(options)
        } else {
            Read::Wrong(options)
        }
    }

    /// The method that undoes the step.
    pub(crate) fn compensate(&self) -> Option<&Keyed<Ident>> {
        self.compensate.as_ref()?.as_ok()
    }

    /// The reason why the step cannot be undone.
    pub(crate) fn no_compensation(&self) -> Option<&Keyed<LitStr>> {
        self.no_compensation.as_ref()?.as_ok()
    }

    /// The group that the step is a member of.
    pub(crate) fn parallel(&self) -> Option<&Keyed<Ident>> {
        self.parallel.as_ref()?.as_ok()
    }

    /// Whether the step is, or should be, a member of a group.
    pub(crate) fn is_group_intended(&self) -> bool {
        self.parallel.is_some()
    }

    /// The name of that group; empty if the option does not show it.
    pub(crate) fn intended_group(&self) -> Option<String> {
        Some(match self.parallel.as_ref()? {
            Read::Ok(group) => plain(&group.value),
            Read::Wrong(intended) => intended.as_ref().map(plain).unwrap_or_default(),
        })
    }

    /// The saga that the step runs.
    pub(crate) fn saga(&self) -> Option<&Keyed<Type>> {
        self.saga.as_ref()?.as_ok()
    }

    /// Whether the step runs, or should run, a saga.
    pub(crate) fn is_saga_intended(&self) -> bool {
        self.saga.is_some()
    }

    /// The service of the saga that the step runs.
    pub(crate) fn on(&self) -> Option<&Keyed<Expr>> {
        self.on.as_ref()?.as_ok()
    }

    /// Whether an option states how the step is undone, even if wrongly.
    pub(crate) fn is_undo_stated(&self) -> bool {
        self.compensate.is_some()
            || self.readonly.is_some()
            || self.no_compensation.is_some()
            || self.pivot.is_some()
            || self.saga.is_some()
            || self.on.is_some()
            || self.is_undo_unclear
    }
}

impl CompensationOptions {
    /// Reads the options of a compensation whose error has the type `error`.
    pub(super) fn of(attr: &Attribute, error: &str, errors: &Errors) -> Self {
        Self::from_list(List::of(attr, Place::Compensation, errors), error)
    }

    fn read(arguments: TokenStream, errors: &Errors) -> Self {
        Self::from_list(
            List::read(Place::EveryCompensation, arguments, errors),
            ANY_ERROR,
        )
    }

    fn from_list(mut list: List<'_>, error: &str) -> Self {
        let options = Self {
            retry: Retry::of(&mut list, error),
            timeout: list.timeout(),
            max_interruptions: list.max_interruptions().map(|max| max.value),
        };
        list.finish();
        options
    }
}
