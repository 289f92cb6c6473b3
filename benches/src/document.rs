//! Writes the results into a document, between two marks.

/// A mark is missing, or they are in the wrong order.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("the document needs `<!-- {0}: begin -->`, and after it `<!-- {0}: end -->`")]
pub struct NoMarks(
    /// The document.
    pub &'static str,
);

/// Replaces the section on runs in memory between its marks.
///
/// # Errors
///
/// If the document has no marks.
pub fn with_section(document: &str, section: &str) -> Result<String, NoMarks> {
    between_marks(document, "in-memory", section)
}

/// Replaces the section on durable sagas.
///
/// # Errors
///
/// If the document has no marks.
pub fn with_durable_section(document: &str, section: &str) -> Result<String, NoMarks> {
    between_marks(document, "durable", section)
}

fn between_marks(document: &str, name: &'static str, section: &str) -> Result<String, NoMarks> {
    let [begin, end] = ["begin", "end"].map(|which| format!("<!-- {name}: {which} -->"));
    let (before, rest) = document.split_once(&begin).ok_or(NoMarks(name))?;
    let (_, after) = rest.split_once(&end).ok_or(NoMarks(name))?;
    let section = section.trim();
    Ok(format!("{before}{begin}\n{section}\n{end}{after}"))
}
