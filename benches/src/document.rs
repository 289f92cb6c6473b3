//! Puts the results into a document, between two marks.

/// A mark is missing, or they are in the wrong order.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("the document needs `{BEGIN}`, and after it `{END}`")]
pub struct NoMarks;

const BEGIN: &str = "<!-- in-memory: begin -->";
const END: &str = "<!-- in-memory: end -->";

/// The document with this section between its marks, and all else as it is.
///
/// # Errors
///
/// When it has no marks.
pub fn with_section(document: &str, section: &str) -> Result<String, NoMarks> {
    let (before, rest) = document.split_once(BEGIN).ok_or(NoMarks)?;
    let (_, after) = rest.split_once(END).ok_or(NoMarks)?;
    let section = section.trim();
    Ok(format!("{before}{BEGIN}\n{section}\n{END}{after}"))
}
