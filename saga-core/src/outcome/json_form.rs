//! How a value is written to a journal and read again, without a bound on its type.
//!
//! An executor does not know the type of an error, nor an engine that of a saga's output. The expansion does. Without
//! the feature `durable` this type is empty.

use core::fmt;
use core::marker::PhantomData;

#[cfg(feature = "durable")]
use serde::{Deserialize, Serialize};

#[cfg(feature = "durable")]
use crate::outcome::Failure;
use crate::outcome::{ErrorText, ErrorView};
#[cfg(feature = "durable")]
use crate::util::json::{caught, read};

/// Whether a value of type `E` can be written to a journal as JSON and read again: for the errors of a step part of
/// [`Faults`](crate::executor::Faults), for the output of a saga part of its [`Slots`](crate::machine::Slots).
///
/// Generated code determines it: the value can be kept if `E` is `Serialize` and `Deserialize` and names no lifetime of
/// the service. For a type parameter its bounds decide.
pub struct JsonForm<E> {
    #[cfg(feature = "durable")]
    json: Option<Json<E>>,
    error: PhantomData<fn() -> E>,
}

#[cfg(feature = "durable")]
struct Json<E> {
    write: fn(&E) -> Result<Vec<u8>, String>,
    read: fn(&[u8]) -> Result<E, String>,
}

impl<E> JsonForm<E> {
    /// The value cannot be written: a later process only has its text.
    #[must_use]
    pub const fn none() -> Self {
        Self {
            #[cfg(feature = "durable")]
            json: None,
            error: PhantomData,
        }
    }

    /// The value is written as JSON.
    ///
    /// The bound asks for a single lifetime of `Deserialize`, and the value that is read never borrows from the JSON.
    /// Method resolution does not see whether a type can be read for every lifetime: it would choose this function for
    /// an error that borrows, and the compiler would then refuse it. Instead, reading such an error fails at run time.
    #[cfg(feature = "durable")]
    #[must_use]
    pub const fn json() -> Self
    where
        E: Serialize + Deserialize<'static>,
    {
        Self {
            json: Some(Json {
                write: |error| {
                    caught(|| serde_json::to_vec(error).map_err(|error| error.to_string()))
                },
                read: |json| {
                    read(|| {
                        let mut json = serde_json::Deserializer::from_reader(json);
                        let error = E::deserialize(&mut json)?;
                        json.end().map(|()| error)
                    })
                },
            }),
            error: PhantomData,
        }
    }

    /// The value as JSON, or `None` if its type cannot be kept.
    ///
    /// # Errors
    ///
    /// The error of serde, or that the user's `Serialize` panicked.
    #[cfg(feature = "durable")]
    #[must_use]
    pub fn write(&self, error: &E) -> Option<Result<Vec<u8>, String>> {
        Some((self.json.as_ref()?.write)(error))
    }

    /// The value that this JSON stands for, or `None` if its type cannot be kept.
    ///
    /// # Errors
    ///
    /// That the JSON does not stand for such a value, or that the user's `Deserialize` panicked.
    #[cfg(feature = "durable")]
    #[must_use]
    pub fn read(&self, json: &[u8]) -> Option<Result<E, String>> {
        Some((self.json.as_ref()?.read)(json))
    }

    /// The JSON of an error whose text is `text`. `None` if an error with another text would be read from it.
    #[cfg(feature = "durable")]
    pub(crate) fn write_text(
        self,
        error: &E,
        text: &ErrorText,
        view: for<'e> fn(&'e E) -> ErrorView<'e>,
    ) -> Option<String> {
        let json = String::from_utf8(self.write(error)?.ok()?).ok()?;
        let read = Failure::Error(self.read_text(&json)?);
        (read.into_text(view) == *text).then_some(json)
    }

    /// The recorded error, if it can still be read as its type.
    #[cfg(feature = "durable")]
    pub(crate) fn read_text(self, json: &str) -> Option<E> {
        self.read(json.as_bytes())?.ok()
    }
}

#[cfg(not(feature = "durable"))]
#[expect(clippy::unused_self, reason = "as with the feature")]
impl<E> JsonForm<E> {
    pub(crate) fn write_text(
        self,
        _: &E,
        _: &ErrorText,
        _: for<'e> fn(&'e E) -> ErrorView<'e>,
    ) -> Option<String> {
        None
    }

    pub(crate) fn read_text(self, _: &str) -> Option<E> {
        None
    }
}

impl<E> Clone for JsonForm<E> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<E> Copy for JsonForm<E> {}

#[cfg(feature = "durable")]
impl<E> Clone for Json<E> {
    fn clone(&self) -> Self {
        *self
    }
}

#[cfg(feature = "durable")]
impl<E> Copy for Json<E> {}

impl<E> fmt::Debug for JsonForm<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JsonForm").finish_non_exhaustive()
    }
}

#[cfg(all(test, feature = "durable"))]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_written_and_read_as_json_and_nothing_after_it() {
        let journal = JsonForm::<Option<String>>::json();
        let error = Some("declined".to_owned());
        let written = journal.write(&error).unwrap().unwrap();
        assert_eq!(written, br#""declined""#);
        assert_eq!(journal.read(&written).unwrap(), Ok(error));
        assert_eq!(journal.read(b"null").unwrap(), Ok(None));
        let trailing = journal.read(b"null null").unwrap();
        assert_eq!(
            trailing.unwrap_err(),
            "what was written is no JSON, or the codec is another than the one that wrote it, at line 1, column 6"
        );
    }

    #[test]
    fn an_error_that_borrows_is_written_and_cannot_be_read() {
        let journal = JsonForm::<&'static str>::json();
        let written = journal.write(&"declined").unwrap().unwrap();
        assert!(journal.read(&written).unwrap().is_err());
    }

    #[test]
    fn nothing_is_written_or_read_of_a_type_that_cannot_be_kept() {
        let journal = JsonForm::<String>::none();
        assert!(journal.write(&"declined".to_owned()).is_none());
        assert!(journal.read(br#""declined""#).is_none());
        assert_eq!(format!("{journal:?}"), "JsonForm { .. }");
    }
}
