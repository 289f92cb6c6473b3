//! Types, traits, macros and modules by the names of the prelude and of `saga-core`.
#![allow(
    non_camel_case_types,
    reason = "what counts is that the names are taken"
)]

mod alloc {}
mod core {}
mod saga_core {}
mod std {}

/// With one parameter: the error is always the same.
type Result<T> = ::core::result::Result<T, Refused>;

struct Arc;
struct Attempt;
struct Box;
struct Call;
struct Cause;
struct Definition;
struct Err;
struct ErrorText;
struct ErrorView;
struct Failure;
struct Faults;
struct FieldProbe;
struct Location;
struct None;
struct Ok;
pub(crate) struct Option;
struct Output;
struct Parameter;
struct PhantomData;
struct Policy;
struct Probe;
struct Some;
struct Source;
struct Step;
struct StepContext;
struct Stop;
struct String;
struct Value;
struct Vec;

trait AsRef {}
trait Clone {}
trait Copy {}
trait Debug {}
trait Default {}
trait Display {}
trait Drop {}
trait Error {}
trait Execute {}
trait Executor {}
trait Fn {}
trait FnMut {}
trait FnOnce {}
trait From {}
trait Future {}
trait Into {}
trait IntoFuture {}
trait Iterator {}
trait Machine {}
trait Saga {}
trait Send {}
trait Sized {}
trait Slots {}
trait StepError {}
trait Sync {}
trait ToOwned {}
trait ToString {}
trait Unpin {}

macro_rules! nothing {
    ($($name:ident)*) => { $(macro_rules! $name { () => {}; })* };
}
nothing! { assert file format format_args line matches panic stringify unreachable vec }

/// Why a step fails.
pub(crate) struct Refused;

impl ::core::fmt::Display for Refused {
    fn fmt(&self, formatter: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
        formatter.write_str("refused")
    }
}

pub(crate) struct Parcels;

type Text = ::std::string::String;
type Numbers = ::std::vec::Vec<u8>;

#[::saga_core::saga(
    name = "parcel",
    saga = ParcelsSaga,
    vis = pub(crate),
    input = (u8, Text),
    compensation(retry(attempts = 2))
)]
impl Parcels {
    #[step(compensate = unpack, in_doubt = is_lost)]
    async fn pack(&self, number: &u8, text: &str) -> Result<(Numbers, Text)> {
        let numbers = ::std::vec::Vec::from([*number]);
        Result::Ok((numbers, ::std::borrow::ToOwned::to_owned(text)))
    }

    #[step(
        readonly,
        retry(attempts = 2, backoff = "1ms..2ms", when = is_passing),
        timeout = "1s"
    )]
    async fn weigh(
        &self,
        numbers: &[u8],
        text: Text,
        #[input] input: &(u8, Text),
        context: &::saga_core::StepContext,
    ) -> Result<Numbers> {
        match (numbers, context.attempt()) {
            ([number], 1) if *number != 0 && *number == input.0 && text == input.1 => {
                Result::Ok(::std::vec::Vec::from([*number]))
            }
            _ => Result::Err(Refused),
        }
    }

    #[step(pivot, compensate = call_back)]
    async fn send(&self, weights: Numbers) -> Result<Option> {
        match weights.first() {
            ::core::option::Option::Some(_) => Result::Ok(Option),
            ::core::option::Option::None => Result::Err(Refused),
        }
    }

    #[step]
    async fn receipt(&self, sent: &Option, #[input] input: &(u8, Text)) -> Result<u8> {
        let Option = sent;
        Result::Ok(input.0)
    }

    async fn unpack(&self, numbers: &[u8], text: &str) -> Result<()> {
        match (numbers, text) {
            ([0], "") => Result::Ok(()),
            _ => Result::Err(Refused),
        }
    }

    #[compensation(timeout = "1s")]
    async fn call_back(&self, sent: ::saga_core::Attempt<&Option>) -> Result<()> {
        match sent {
            ::saga_core::Attempt::Completed(Option) | ::saga_core::Attempt::InDoubt => {
                Result::Ok(())
            }
        }
    }
}

fn is_passing(error: &Refused) -> bool {
    !is_lost(error)
}

fn is_lost(error: &Refused) -> bool {
    let Refused = error;
    false
}
