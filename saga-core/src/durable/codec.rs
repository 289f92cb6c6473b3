//! How values are written: as JSON, which a codec may then transform.

use std::error::Error;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::executor::Durable;
use super::optional_output::{InOption, Within};
use crate::id::SagaId;
use crate::machine::Machine;
use crate::util::json::{caught, read};

/// The error of a codec.
pub type CodecError = Box<dyn Error + Send + Sync>;

/// Transforms values on their way to a journal and back, for example to encrypt them at rest.
///
/// An engine transforms everything that comes from the service: the input of a saga, the outputs of its steps, its
/// errors (the error itself with all its fields if serde can write and read it, and its text) and its report. The rest
/// of a journal are names, numbers and times. Without a codec, the journal contains values as JSON, which everyone who
/// can read its file can read. `#[sensitive]` keeps a value out of reports, but not out of the journal, because the
/// saga needs it to go on.
///
/// The same value may be encoded differently each time. Encoded values must stay decodable as long as the saga is kept,
/// so keys must be kept as well.
pub trait Codec: Send + Sync + 'static {
    /// Encodes a value, which is JSON, for the journal.
    ///
    /// # Errors
    ///
    /// If it cannot encode the value for now. For the input, `submit` fails and nothing is added. For a later value,
    /// the saga stays where it is, and encoding is tried again until it succeeds.
    fn encode(&self, json: Vec<u8>) -> Result<Vec<u8>, CodecError>;

    /// Decodes a value to JSON.
    ///
    /// # Errors
    ///
    /// If it cannot decode the value for now. The saga stays where it is, and decoding is tried again until it
    /// succeeds.
    fn decode(&self, written: &[u8]) -> Result<Vec<u8>, CodecError>;
}

/// Leaves values unchanged.
#[derive(Debug, Clone, Copy)]
pub(super) struct Plain;

impl Codec for Plain {
    fn encode(&self, json: Vec<u8>) -> Result<Vec<u8>, CodecError> {
        Ok(json)
    }

    fn decode(&self, written: &[u8]) -> Result<Vec<u8>, CodecError> {
        Ok(written.to_vec())
    }
}

/// A type whose values can be written to a journal and read again.
///
/// Required of the input of a durable saga, and of the outputs of its steps. Implemented for all types that serde can
/// write and read and that borrow nothing.
#[diagnostic::on_unimplemented(
    message = "the input `{Self}` of a saga cannot be written to a journal and read again",
    label = "has to be `Serialize` and `DeserializeOwned`",
    note = "the input of a durable saga is kept in the journal: write \
            `#[derive(serde::Serialize, serde::Deserialize)]` on it or on what it is made of, or return a type of your own \
            that can be kept",
    note = "write `#[saga(durable)]` on the block of the saga: the errors there name the type, and what is missing"
)]
pub trait Journalable: Sized + Send {
    /// The value as JSON.
    #[doc(hidden)]
    fn to_json(&self) -> Result<Vec<u8>, String>;

    /// Reads the value from this JSON. The error quotes nothing of it.
    #[doc(hidden)]
    fn of_json(json: &[u8]) -> Result<Self, String>;

    /// For an `Option`, which is the output of a step with a condition: the inner value as JSON. `None` if there is no
    /// inner value, because the step was skipped.
    #[doc(hidden)]
    fn to_json_within(&self) -> Result<Option<Vec<u8>>, String>;

    /// Reads the `Option` from this JSON of the inner value.
    #[doc(hidden)]
    fn of_json_within(json: Option<&[u8]>) -> Result<Self, String>;
}

#[diagnostic::do_not_recommend]
impl<T: Serialize + DeserializeOwned + Send> Journalable for T {
    fn to_json(&self) -> Result<Vec<u8>, String> {
        caught(|| serde_json::to_vec(self).map_err(|error| error.to_string()))
    }

    fn of_json(json: &[u8]) -> Result<Self, String> {
        read(|| serde_json::from_slice(json))
    }

    fn to_json_within(&self) -> Result<Option<Vec<u8>>, String> {
        caught(|| self.serialize(Within).map_err(|error| error.to_string()))
    }

    fn of_json_within(json: Option<&[u8]>) -> Result<Self, String> {
        read(|| Self::deserialize(InOption(json)))
    }
}

/// A saga whose input and outputs can be written to a journal and read again.
///
/// Implemented for all such sagas, whose input is an `Input`. Where one is not marked `durable`, this is where the compiler
/// reports it. Where one is marked, the errors are at its definition, and its input is unknown to the compiler: so nothing
/// is reported here.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a saga whose values can be written to a journal and read again",
    label = "its input and the outputs of its steps have to be `Serialize` and `DeserializeOwned`",
    note = "write `#[saga(durable)]` on the block of the saga: the errors there name the step, and what to write; if this \
            is a service, write the name of its saga, such as `ShopSaga` for `Shop`"
)]
pub trait RunsDurably<Input>: Machine<Durable, Input: Journalable> {}

#[diagnostic::do_not_recommend]
impl<S: Machine<Durable, Input: Journalable>> RunsDurably<S::Input> for S {}

/// What can be the id of a run.
///
/// Implemented for all that a [`SagaId`] is made from.
#[diagnostic::on_unimplemented(
    message = "the id of a saga cannot be a `{Self}`",
    label = "expected the id",
    note = "write `submit(id, input)`: the id comes first, and is a text or a `SagaId`"
)]
pub trait IntoSagaId {
    /// The id.
    #[doc(hidden)]
    fn into_saga_id(self) -> SagaId;
}

#[diagnostic::do_not_recommend]
impl<T: Into<SagaId>> IntoSagaId for T {
    fn into_saga_id(self) -> SagaId {
        self.into()
    }
}

/// The output of the step at this position, counted from 0: a [`Journalable`], with a message of its own.
///
/// For a saga that is marked `durable` and whose errors are reported at its definition, `STEP` has no value, and
/// nothing is reported here.
#[diagnostic::on_unimplemented(
    message = "the `{Self}` of a step cannot be written to a journal and read again",
    label = "has to be `Serialize` and `DeserializeOwned`",
    note = "the journal keeps the outputs of the steps of a durable saga: write \
            `#[derive(serde::Serialize, serde::Deserialize)]` on it or on what it is made of, or return a type of your own \
            that can be kept",
    note = "write `#[saga(durable)]` on the block of the saga: the errors there name the type, and what is missing"
)]
pub trait JournaledOutput<const STEP: usize>: Journalable {}

#[diagnostic::do_not_recommend]
impl<T: Journalable, const STEP: usize> JournaledOutput<STEP> for T {}
