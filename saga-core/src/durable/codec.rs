//! How values are written: as JSON, and then as the service wants it.

use std::error::Error;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::within::{InOption, Within};
use crate::util::json::{caught, read};

/// What a codec could not do.
pub type CodecError = Box<dyn Error + Send + Sync>;

/// Changes values on their way to a journal and back: to encrypt them at rest, say.
///
/// Asked for the input of a saga, the outputs of its steps, its errors (as themselves where serde can write and read
/// them, with all their fields, and as text) and its report: for all that comes from the service. What a journal has besides are names, numbers and times. Without a codec, values are in the
/// journal as JSON that anybody can read who can read its file; `#[sensitive]` keeps a value out of reports,
/// not out of the journal, for it is needed to go on.
///
/// The same value may be written differently each time. What was written has to be readable for as long as
/// the saga is kept, so keys have to be kept as well.
pub trait Codec: Send + Sync + 'static {
    /// Changes a value, which is JSON, for the journal.
    ///
    /// # Errors
    ///
    /// When it cannot, for now. Of the input `submit` fails then, and nothing is added; of what comes later the saga
    /// stays where it is, and the value is converted again until it can be.
    fn encode(&self, json: Vec<u8>) -> Result<Vec<u8>, CodecError>;

    /// Changes it back.
    ///
    /// # Errors
    ///
    /// When it cannot, for now: the saga stays where it is, and the value is converted again until it can be.
    fn decode(&self, written: &[u8]) -> Result<Vec<u8>, CodecError>;
}

/// Leaves values as they are.
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
/// Of the input of a durable saga, and of the outputs of its steps. Implemented for all types that serde can
/// write and read and that borrow nothing.
#[diagnostic::on_unimplemented(
    message = "the input `{Self}` of a saga cannot be written to a journal and read again",
    label = "has to be `Serialize` and `DeserializeOwned`",
    note = "the input of a durable saga is kept in the journal: write \
            `#[derive(serde::Serialize, serde::Deserialize)]` on it, or on what it is made of",
    note = "write `#[saga(durable)]` on the block of the saga: the errors there name the type, and what is missing"
)]
pub trait Journalable: Sized + Send {
    /// The value as JSON.
    #[doc(hidden)]
    fn to_json(&self) -> Result<Vec<u8>, String>;

    /// The value of this JSON. The error quotes nothing of it.
    #[doc(hidden)]
    fn of_json(json: &[u8]) -> Result<Self, String>;

    /// Of an `Option`, which is what a step with a condition has: what is in it, as JSON. None if nothing is: the
    /// step was skipped.
    #[doc(hidden)]
    fn to_json_within(&self) -> Result<Option<Vec<u8>>, String>;

    /// The same back.
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

/// What the step at this position gives, counted from 0: a [`Journalable`], asked for in these words.
///
/// Of a saga that is marked `durable` and is told at its definition what is wrong, `STEP` is no number, and
/// nothing is told here.
#[diagnostic::on_unimplemented(
    message = "the `{Self}` of a step cannot be written to a journal and read again",
    label = "has to be `Serialize` and `DeserializeOwned`",
    note = "the journal keeps the outputs of the steps of a durable saga: write \
            `#[derive(serde::Serialize, serde::Deserialize)]` on it, or on what it is made of",
    note = "write `#[saga(durable)]` on the block of the saga: the errors there name the type, and what is missing"
)]
pub trait JournaledOutput<const STEP: usize>: Journalable {}

#[diagnostic::do_not_recommend]
impl<T: Journalable, const STEP: usize> JournaledOutput<STEP> for T {}
