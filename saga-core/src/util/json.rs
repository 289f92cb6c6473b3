//! Values written as JSON and read again, by code of the user's that may panic.

use core::any::type_name;

use serde_json::error::Category;

use crate::util::panics;

/// A value as its `Deserialize` reads it. What that says, or panics with, may repeat the value, and is not repeated.
pub(crate) fn read<T>(convert: impl FnOnce() -> serde_json::Result<T>) -> Result<T, String> {
    match panics::catch(convert) {
        Ok(read) => read.map_err(|error| without_values::<T>(&error)),
        Err(_) => Err(format!(
            "the `Deserialize` of `{}` panicked",
            type_name::<T>()
        )),
    }
}

/// What the user's own implementation of `Serialize` does is guarded.
pub(crate) fn caught<T>(convert: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
    match panics::catch(convert) {
        Ok(converted) => converted,
        Err(panic) => Err(format!("panicked: {panic}")),
    }
}

/// What an error says of JSON that is no `T`, without what it quotes of it: that may be a secret. A field that is
/// missing is named, for its name comes from the type.
fn without_values<T>(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let missing = text.strip_prefix("missing field `");
    let missing = missing.and_then(|rest| rest.split_once('`'));
    let name = type_name::<T>();
    let what = match (missing, error.classify()) {
        (Some((field, _)), _) => format!("`{name}` has a field `{field}`, which was not written"),
        (None, Category::Data) => format!("what was written is no `{name}`"),
        (None, Category::Eof) => "what was written ends too early".to_owned(),
        (None, Category::Syntax | Category::Io) => {
            "what was written is no JSON, or the codec is another than the one that wrote it"
                .to_owned()
        }
    };
    let (line, column) = (error.line(), error.column());
    let place = match line {
        0 => String::new(),
        _ => format!(", at line {line}, column {column}"),
    };
    format!("{what}{place}")
}
