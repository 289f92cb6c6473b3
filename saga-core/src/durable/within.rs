//! JSON of the inner value of an `Option`. For a step with a condition, `None` means that the step was skipped, while
//! an output that is written as `null` means that it ran.

use serde::de::{Deserializer, Visitor};
use serde::ser::{Error as _, Impossible, Serialize, Serializer};
use serde_json::Error;

/// Serializes the inner value of an `Option`, if there is one.
pub(super) struct Within;

fn no_option() -> Error {
    Error::custom("a step with a condition has an output that is no `Option`")
}

macro_rules! refused {
    ($($method:ident: $type:ty),* $(,)?) => {
        $(fn $method(self, _: $type) -> Result<Self::Ok, Error> {
            Err(no_option())
        })*
    };
}

impl Serializer for Within {
    type Ok = Option<Vec<u8>>;
    type Error = Error;
    type SerializeSeq = Impossible<Self::Ok, Error>;
    type SerializeTuple = Impossible<Self::Ok, Error>;
    type SerializeTupleStruct = Impossible<Self::Ok, Error>;
    type SerializeTupleVariant = Impossible<Self::Ok, Error>;
    type SerializeMap = Impossible<Self::Ok, Error>;
    type SerializeStruct = Impossible<Self::Ok, Error>;
    type SerializeStructVariant = Impossible<Self::Ok, Error>;

    fn serialize_none(self) -> Result<Self::Ok, Error> {
        Ok(None)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<Self::Ok, Error> {
        serde_json::to_vec(value).map(Some)
    }

    refused! {
        serialize_bool: bool,
        serialize_i8: i8,
        serialize_i16: i16,
        serialize_i32: i32,
        serialize_i64: i64,
        serialize_u8: u8,
        serialize_u16: u16,
        serialize_u32: u32,
        serialize_u64: u64,
        serialize_f32: f32,
        serialize_f64: f64,
        serialize_char: char,
        serialize_str: &str,
        serialize_bytes: &[u8],
        serialize_unit_struct: &'static str,
    }

    fn serialize_unit(self) -> Result<Self::Ok, Error> {
        Err(no_option())
    }

    fn serialize_unit_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
    ) -> Result<Self::Ok, Error> {
        Err(no_option())
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: &T,
    ) -> Result<Self::Ok, Error> {
        Err(no_option())
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: &T,
    ) -> Result<Self::Ok, Error> {
        Err(no_option())
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Self::SerializeSeq, Error> {
        Err(no_option())
    }

    fn serialize_tuple(self, _: usize) -> Result<Self::SerializeTuple, Error> {
        Err(no_option())
    }

    fn serialize_tuple_struct(
        self,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleStruct, Error> {
        Err(no_option())
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleVariant, Error> {
        Err(no_option())
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Self::SerializeMap, Error> {
        Err(no_option())
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Self::SerializeStruct, Error> {
        Err(no_option())
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeStructVariant, Error> {
        Err(no_option())
    }
}

/// Deserializes an `Option` from the JSON of its inner value.
pub(super) struct InOption<'j>(pub(super) Option<&'j [u8]>);

impl<'de> Deserializer<'de> for InOption<'_> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Error> {
        Err(no_option())
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let Some(json) = self.0 else {
            return visitor.visit_none();
        };
        // Reads from a reader, so that nothing is borrowed: a journalable type owns its data.
        let mut json = serde_json::Deserializer::from_reader(json);
        let value = visitor.visit_some(&mut json)?;
        json.end()?;
        Ok(value)
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

#[cfg(test)]
mod tests {
    use crate::durable::Journalable;

    /// Writes a value and reads it back.
    fn again<T: Journalable>(value: &T) -> Result<T, String> {
        T::of_json_within(value.to_json_within()?.as_deref())
    }

    #[test]
    fn what_is_none_and_what_is_written_as_null_are_two_things() {
        assert_eq!(again(&None::<()>), Ok(None));
        assert_eq!(again(&Some(())), Ok(Some(())));
        assert_eq!(again(&None::<Option<u32>>), Ok(None));
        assert_eq!(again(&Some(None::<u32>)), Ok(Some(None)));
        assert_eq!(again(&Some(Some(7))), Ok(Some(Some(7))));
        assert_eq!(
            again(&Some(serde_json::Value::Null)),
            Ok(Some(serde_json::Value::Null))
        );
        assert_eq!(again(&Some("text".to_owned())), Ok(Some("text".to_owned())));
        assert_eq!(again(&Some(vec![u128::MAX])), Ok(Some(vec![u128::MAX])));
        assert!(again(&7).is_err());
    }
}
