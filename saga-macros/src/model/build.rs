//! From the syntax to the model.

use syn::{Generics, Ident, ReturnType, Type, Visibility};

use super::bindings::Order;
use super::giving::{give_away, input_type};
use super::lifetimes::with_named_lifetimes;
use super::names::variant_name;
use super::parameter::Role;
use super::saga::{Names, Saga};
use super::step::{Asked, Compensation, Condition, Here, Policy, Returned, Step};
use crate::errors::Errors;
use crate::parse::block::{Block, Method};
use crate::parse::options::{CompensationOptions, SagaOptions, StepOptions};
use crate::parse::read::Read;
use crate::util::names::{plain, snake_case};
use crate::util::types::{borrowed, find_impl, spelled_result};

impl<'a> Saga<'a> {
    pub(crate) fn of(block: &'a Block, options: SagaOptions, errors: &Errors) -> Self {
        let names = Names::of(&block.service, options.saga, errors);
        let default_name = || {
            let saga = names.saga.to_string();
            let short = saga.strip_suffix("Saga").filter(|short| !short.is_empty());
            snake_case(short.unwrap_or(&saga))
        };
        let name = options.name.map_or_else(default_name, |name| name.value());
        let defaults = Defaults {
            step: Policy {
                retry: options.retry,
                timeout: None,
                max_interruptions: None,
            },
            compensation: Policy {
                retry: options.compensation.retry,
                timeout: options.compensation.timeout,
                max_interruptions: options.compensation.max_interruptions,
            },
        };
        let methods: Vec<_> = block.methods().filter(|m| !m.step.is_empty()).collect();
        let step_options = methods.iter().map(|method| step_options(method, errors));
        let step_options: Vec<_> = step_options.collect();
        let order = Order::of(&methods, &step_options, errors);
        let steps = methods.iter().zip(step_options).enumerate();
        let mut steps: Vec<_> = steps
            .map(|(index, (method, options))| {
                Step::of(index, method, options, block, &order, &defaults)
            })
            .collect();
        give_away(&mut steps);
        let (service, generics) = with_named_lifetimes(block);
        let input = options.input.unwrap_or_else(|| input_type(&steps));
        Self {
            names,
            vis: options.vis.unwrap_or(Visibility::Inherited),
            name,
            service,
            generics,
            is_input_usable: borrowed(&input, &Generics::default()).is_none()
                && find_impl(&input).is_none(),
            input,
            deadline: options.deadline,
            durable: options.durable,
            steps,
        }
    }
}

/// What stands in the `#[step(..)]` of a method.
fn step_options(method: &Method, errors: &Errors) -> Read<StepOptions, StepOptions> {
    if let [_, second, ..] = &*method.step {
        let message = format!(
            "step `{}` has two `#[step(..)]`: write all its options in one",
            method.sig.ident
        );
        errors.at(second, message);
    }
    match method.step.first() {
        Some(attr) => {
            let whose = format!("step `{}`", method.sig.ident);
            StepOptions::read(attr, &errors.about(&whose))
        }
        None => Read::Ok(StepOptions::default()),
    }
}

struct Defaults {
    step: Policy,
    compensation: Policy,
}

impl<'a> Step<'a> {
    fn of(
        index: usize,
        method: &'a Method,
        read: Read<StepOptions, StepOptions>,
        block: &'a Block,
        order: &Order<'a, '_>,
        defaults: &Defaults,
    ) -> Self {
        let errors = order.errors;
        let options = read.intended();
        let ident = &method.sig.ident;
        let plain = plain(ident);
        let name = options.name.as_ref();
        let policy = Policy {
            retry: options
                .retry
                .clone()
                .or_else(|| defaults.step.retry.clone()),
            timeout: options.timeout.or(defaults.step.timeout),
            max_interruptions: options.max_interruptions.as_ref().map(|max| max.value),
        };
        let compensation = options.compensate().map(|compensate| {
            Compensation::of(
                index,
                &compensate.value,
                block,
                order,
                &defaults.compensation,
            )
        });
        let condition = options
            .only_if
            .as_ref()
            .map(|only_if| Condition::of(index, &only_if.value, block, order));
        Self {
            index,
            stage: order.stage(index),
            group: order.group(index).map(ToOwned::to_owned),
            method,
            ident,
            name: name.map_or_else(|| plain.clone(), syn::LitStr::value),
            variant: variant_name(&plain, ident, errors),
            policy,
            output: Returned {
                nested: options.saga().map(|saga| saga.value.clone()),
                ..Returned::of(method, block)
            },
            parameters: order.parameters(index, method, Role::Step),
            condition,
            compensation,
            read,
        }
    }
}

impl<'a> Condition<'a> {
    fn of(index: usize, ident: &Ident, block: &'a Block, order: &Order<'a, '_>) -> Self {
        let method = block.methods().find(|method| method.sig.ident == *ident);
        Self {
            ident: ident.clone(),
            here: method.map(|method| Asked {
                method,
                parameters: order.parameters(index, method, Role::Condition),
            }),
        }
    }
}

impl<'a> Compensation<'a> {
    fn of(
        index: usize,
        ident: &Ident,
        block: &'a Block,
        order: &Order<'a, '_>,
        defaults: &Policy,
    ) -> Self {
        let method = block.methods().find(|method| method.sig.ident == *ident);
        let own = method.and_then(|method| method.compensation.first());
        let errors = order.errors.about(&format!("compensation `{ident}`"));
        let own = own.map(|attr| CompensationOptions::of(attr, &errors));
        let own = own.unwrap_or_default();
        Self {
            ident: ident.clone(),
            here: method.map(|method| Here {
                method,
                returned: Returned {
                    of_compensation: true,
                    ..Returned::of(method, block)
                },
                parameters: order.parameters(index, method, Role::Compensation),
            }),
            policy: Policy {
                retry: own.retry.or_else(|| defaults.retry.clone()),
                timeout: own.timeout.or(defaults.timeout),
                max_interruptions: own.max_interruptions.or(defaults.max_interruptions),
            },
        }
    }
}

impl<'a> Returned<'a> {
    fn of(method: &'a Method, block: &'a Block) -> Self {
        let ty: &Type = match &method.sig.output {
            ReturnType::Type(_, ty) => ty,
            // Refused later on; until then any type does.
            ReturnType::Default => &block.service,
        };
        Self {
            ty,
            spelled: spelled_result(ty),
            is_written: matches!(method.sig.output, ReturnType::Type(..)),
            is_usable: borrowed(ty, &method.sig.generics).is_none() && find_impl(ty).is_none(),
            of_compensation: false,
            nested: None,
        }
    }
}
