//! Steps that run sagas, where other items have the names of the traits, types and methods that these need.
#![allow(
    non_camel_case_types,
    non_snake_case,
    clippy::wrong_self_convention,
    reason = "what counts is that the names are taken"
)]

mod alloc {}
mod core {}
mod saga_core {}
mod std {}
mod checks {}
mod parcel {}
mod steps_of_CratesSaga {}

type Result<T> = ::core::result::Result<T, Refused>;

struct Arc;
struct At;
struct Box;
struct Err;
struct ErrorView;
struct Failure;
struct Faults;
struct None;
struct Ok;
pub(crate) struct Option;
struct Ran;
struct SagaError;
struct Some;
struct Unfinished;
struct When;

trait CanBeUndone {}
trait InputOf {}
trait IsServiceOf {}
trait Lends {}
trait Machine {}
trait NestedRun {}
trait Nests {}
trait Saga {}
trait Send {}
trait StepError {}
trait Sync {}

/// By value, so that they take precedence over methods that borrow.
trait Everything: Sized {
    fn as_ref(self) {}
    fn error(self) {}
    fn finish(self) {}
    fn input(self) {}
    fn is_stuck(self) {}
    fn is_worth_another(self) {}
    fn lend(self) {}
    fn nested(self) {}
    fn put_back(self) {}
    fn service(self) {}
    fn take(self) {}
    fn view(self) {}
}

impl<T> Everything for T {}

pub(crate) struct Refused;

impl ::core::fmt::Display for Refused {
    fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
        f.write_str("refused")
    }
}

pub(crate) struct Crates;

#[::saga_core::saga(vis = pub(crate))]
impl Crates {
    #[step(compensate = empty)]
    async fn fill(&self, count: &u8) -> Result<u8> {
        match count {
            0 => ::core::result::Result::Err(Refused),
            count => ::core::result::Result::Ok(*count),
        }
    }

    async fn empty(&self, _filled: &u8) -> Result<()> {
        ::core::result::Result::Ok(())
    }
}

pub(crate) struct Ships {
    pub(crate) service: Crates,
}

#[::saga_core::saga(vis = pub(crate))]
impl Ships {
    #[step(saga = CratesSaga, on = self.service, retry(attempts = 2, when = error))]
    fn executor(&self, begin: &u8) -> u8 {
        *begin
    }

    #[step(saga = CratesSaga, on = self.service, only_if = is_large)]
    fn parcel(&self, input: &u8) -> u8 {
        *input
    }

    #[step(saga = LoadSaga)]
    fn load(&self, _parcel: ::core::option::Option<&u8>, #[from(executor)] slots: &u8) -> u8 {
        *slots
    }

    #[step]
    async fn sail(&self, load: &u8) -> Result<u8> {
        match load {
            9.. => ::core::result::Result::Err(Refused),
            load => ::core::result::Result::Ok(*load),
        }
    }

    fn is_large(&self, executor: &u8) -> bool {
        *executor > 5
    }
}

#[::saga_core::saga(saga = LoadSaga, vis = pub(crate))]
impl Ships {
    #[step(no_compensation = "it is unloaded elsewhere")]
    async fn stow(&self, count: &u8) -> Result<u8> {
        ::core::result::Result::Ok(*count)
    }
}

fn error(_: &::saga_core::SagaError<CratesSaga>) -> bool {
    true
}
