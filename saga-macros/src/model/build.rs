//! Builds the model from the syntax.

use syn::{Generics, Ident, ReturnType, Type, Visibility};

use super::bindings::Bindings;
use super::lifetimes::with_named_lifetimes;
use super::moves::{input_type, move_values};
use super::names::variant;
use super::order::StepOrder;
use super::parameter::Role;
use super::paths::Paths;
use super::saga::{Saga, SagaNames};
use super::step::{
    Compensation, CompensationMethod, Condition, ConditionMethod, Policy, ReturnedType, Step,
};
use crate::parse::block::{Block, Method};
use crate::parse::options::{CompensationOptions, SagaOptions};
use crate::parse::retry::Retry;
use crate::parse::steps::StepSyntax;
use crate::util::names::{plain, snake_case};
use crate::util::types::{awaited, borrowed, find_impl, spelled_result, without_parens};

impl<'a> Saga<'a> {
    pub(crate) fn of(block: &'a Block, options: SagaOptions, steps: Vec<StepSyntax<'a>>) -> Self {
        let is_named =
            options.saga.is_some() || matches!(without_parens(&block.service), Type::Path(_));
        let names = SagaNames::of(&block.service, options.saga);
        let default_name = || {
            let saga = names.saga.to_string();
            let short = saga.strip_suffix("Saga").filter(|short| !short.is_empty());
            snake_case(short.unwrap_or(&saga))
        };
        let name = options.name.map_or_else(default_name, |name| name.value());
        let defaults = Defaults {
            step: Policy {
                retry: options.retry,
                timeout: options.timeout,
                max_interruptions: None,
            },
            compensation: Policy {
                retry: options.compensation.retry,
                timeout: options.compensation.timeout,
                max_interruptions: options.compensation.max_interruptions,
            },
        };
        let paths = Paths::of(block, options.krate.as_ref());
        let order = StepOrder::of(&steps);
        let steps = steps.into_iter().enumerate();
        let steps = steps.map(|(index, step)| Step::of(index, step, block, &order, &defaults));
        let mut steps: Vec<_> = steps.collect();
        move_values(&mut steps);
        let (service, generics) = with_named_lifetimes(block);
        let is_input_given = options.input.is_some();
        let input = options.input.unwrap_or_else(|| input_type(&steps));
        Self {
            names,
            is_named,
            vis: options.vis.unwrap_or(Visibility::Inherited),
            name,
            service,
            generics,
            is_input_given,
            is_input_usable: borrowed(&input, &Generics::default()).is_none()
                && find_impl(&input).is_none(),
            input,
            deadline: options.deadline,
            durable: options.durable,
            steps,
            circles: Vec::new(),
            paths,
        }
    }
}

struct Defaults {
    step: Policy,
    compensation: Policy,
}

impl<'a> Step<'a> {
    fn of(
        index: usize,
        syntax: StepSyntax<'a>,
        block: &'a Block,
        order: &StepOrder<'a>,
        defaults: &Defaults,
    ) -> Self {
        let StepSyntax {
            method,
            options: read,
            compensation,
        } = syntax;
        let options = read.intended();
        let ident = &method.sig.ident;
        let plain = plain(ident);
        let name = options.name.as_ref();
        let policy = Policy {
            retry: Retry::or(options.retry.as_ref(), defaults.step.retry.as_ref()),
            // The `timeout` of a step that runs a saga is the deadline of that saga, which no limit for one
            // attempt fits.
            timeout: options.timeout.or_else(|| {
                let default = defaults.step.timeout;
                default.filter(|_| !options.is_saga_intended())
            }),
            max_interruptions: options.max_interruptions.as_ref().map(|max| max.value),
        };
        let compensation = options.compensate().map(|compensate| {
            let policy = Policy::of(&compensation, &defaults.compensation);
            Compensation::of(index, &compensate.value, block, order, policy)
        });
        let condition = options.only_if.as_ref();
        let condition = condition.map(|only_if| Condition::of(index, &only_if.value, block, order));
        let Bindings {
            parameters,
            unbound,
        } = Bindings::of(method, Role::Step, index, order);
        Self {
            index,
            stage: order.stage(index),
            group: order.group(index).map(ToOwned::to_owned),
            method,
            ident,
            variant: variant(ident),
            name: name.map_or(plain, syn::LitStr::value),
            policy,
            output: ReturnedType {
                nested: options.saga().map(|saga| saga.value.clone()),
                ..ReturnedType::of(method, block)
            },
            parameters,
            unbound,
            condition,
            compensation,
            read,
        }
    }
}

impl<'a> Condition<'a> {
    fn of(index: usize, ident: &Ident, block: &'a Block, order: &StepOrder<'a>) -> Self {
        let in_block = block.method(ident).map(|method| {
            let Bindings {
                parameters,
                unbound,
            } = Bindings::of(method, Role::Condition, index, order);
            ConditionMethod {
                method,
                parameters,
                unbound,
            }
        });
        Self {
            ident: ident.clone(),
            in_block,
        }
    }
}

impl<'a> Compensation<'a> {
    fn of(
        index: usize,
        ident: &Ident,
        block: &'a Block,
        order: &StepOrder<'a>,
        policy: Policy,
    ) -> Self {
        let in_block = block.method(ident).map(|method| {
            let Bindings {
                parameters,
                unbound,
            } = Bindings::of(method, Role::Compensation, index, order);
            CompensationMethod {
                method,
                returned: ReturnedType {
                    of_compensation: true,
                    ..ReturnedType::of(method, block)
                },
                parameters,
                unbound,
            }
        });
        Self {
            ident: ident.clone(),
            in_block,
            policy,
        }
    }
}

impl Policy {
    /// Combines the policy of one compensation with `defaults`, that of all compensations of the saga.
    fn of(own: &CompensationOptions, defaults: &Self) -> Self {
        Self {
            retry: Retry::or(own.retry.as_ref(), defaults.retry.as_ref()),
            timeout: own.timeout.or(defaults.timeout),
            max_interruptions: own.max_interruptions.or(defaults.max_interruptions),
        }
    }
}

impl<'a> ReturnedType<'a> {
    fn of(method: &'a Method, block: &'a Block) -> Self {
        let ty: &Type = match &method.sig.output {
            ReturnType::Type(_, ty) => ty,
            // A missing return type is an error later. Until then any type will do.
            ReturnType::Default => &block.service,
        };
        Self {
            ty,
            result_types: spelled_result(awaited(ty).unwrap_or(ty)),
            is_written: matches!(method.sig.output, ReturnType::Type(..)),
            generics: &method.sig.generics,
            of_compensation: false,
            nested: None,
        }
    }
}
