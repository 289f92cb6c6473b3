//! Writing user values as JSON and reading them again. The user code that does it may panic.

use core::any::type_name;

use serde_json::error::Category;

use crate::util::panics;

/// Reads a value by its `Deserialize`. The error text omits the message of a `serde` error or panic, which may quote
/// the value.
pub(crate) fn read<T>(convert: impl FnOnce() -> serde_json::Result<T>) -> Result<T, String> {
    match panics::catch(convert) {
        Ok(read) => read.map_err(|error| without_values::<T>(&error)),
        Err(_) => Err(format!(
            "the `Deserialize` of `{}` panicked",
            type_name::<T>()
        )),
    }
}

/// Runs `convert`, which calls the user's `Serialize`. A panic becomes an error.
pub(crate) fn caught<T>(convert: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
    match panics::catch(convert) {
        Ok(converted) => converted,
        Err(panic) => Err(format!("panicked: {panic}")),
    }
}

/// The text of an error in reading a `T`, without the parts of the JSON that it quotes: they may be secret. A missing
/// field is named, because its name comes from the type.
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
