//! Text from outside: ids, arguments, errors, panics, and names that were read back.
//!
//! Such text is cut to a maximum length where it is stored, escaped where it is shown, and unchanged everywhere
//! else. All text that this crate writes for a reader passes through [`Line`] or [`Block`].
//!
//! This module knows nothing of sagas.

use core::fmt::{self, Write};

/// A text within one line. Escapes (`
/// `, `\u{1b}`) replace everything that could move a cursor, hide text, change the direction of writing, or end the
/// line.
///
/// Backslashes are not escaped, so that the output of `Debug` is not escaped twice. The result is for a reader; it
/// cannot be converted back.
pub struct Line<T>(pub T);

impl<T: fmt::Display> fmt::Display for Line<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(Escaping(f), "{}", self.0)
    }
}

/// A text of one or more lines. The first one continues the current line. Each further line begins with the indent
/// and a `|`, so that no reader takes it for a line of the surrounding text.
pub struct Block<'a> {
    pub text: &'a str,
    pub indent: &'a str,
}

impl fmt::Display for Block<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { text, indent } = self;
        for (index, line) in text.trim().lines().enumerate() {
            if index > 0 {
                write!(f, "\n{indent}|")?;
                if !line.is_empty() {
                    f.write_char(' ')?;
                }
            }
            Line(line).fmt(f)?;
        }
        Ok(())
    }
}

/// Escapes the text that is written to it.
struct Escaping<'a, W>(&'a mut W);

impl<W: Write> Write for Escaping<'_, W> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for piece in text.split_inclusive(is_hidden) {
            match piece.char_indices().next_back() {
                Some((at, last)) if is_hidden(last) => {
                    self.0.write_str(piece.get(..at).unwrap_or_default())?;
                    write!(self.0, "{}", last.escape_default())?;
                }
                _ => self.0.write_str(piece)?,
            }
        }
        Ok(())
    }
}

/// Whether a character does something other than show: control characters (including line breaks and tabs), line
/// and paragraph separators, and what Unicode calls ignorable by default, which includes all marks of direction.
#[must_use]
pub fn is_hidden(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_control();
    }
    matches!(c,
        '\u{80}'..='\u{9f}'
        // Default_Ignorable_Code_Point of Unicode 16.
        | '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fff8}'
        | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}'
        // Line and paragraph separators, and marks of annotations.
        | '\u{2028}'..='\u{2029}' | '\u{fff9}'..='\u{fffb}')
}

/// The maximum length of a stored error text in bytes, including the words that say that it was cut.
pub const LONGEST: usize = 64 * 1024;

/// The maximum length of a panic message, which becomes part of such a text.
pub const LONGEST_PART: usize = LONGEST - 1024;

/// Room for the words that say that a text was cut.
const SAYING_SO: usize = 64;

/// The `Display` of a value, cut to [`LONGEST`]. It never holds more than that in memory.
///
/// # Errors
///
/// If the `Display` fails.
pub fn kept_of(value: &dyn fmt::Display) -> Result<String, fmt::Error> {
    let mut keeping = Keeping::up_to(LONGEST);
    write!(keeping, "{value}")?;
    Ok(keeping.finish())
}

/// Cuts a text that is longer than this many bytes, and says so at its end. A text that was cut once stays the
/// same.
#[must_use]
pub fn kept(text: String, longest: usize) -> String {
    if text.len() <= longest {
        return text;
    }
    let mut keeping = Keeping::up_to(longest);
    // Never fails.
    let _ = keeping.write_str(&text);
    keeping.finish()
}

/// Keeps the beginning of what is written to it.
struct Keeping {
    text: String,
    longest: usize,
    /// How many bytes were written in all.
    bytes: usize,
}

impl Keeping {
    const fn up_to(longest: usize) -> Self {
        Self {
            text: String::new(),
            longest,
            bytes: 0,
        }
    }

    fn finish(mut self) -> String {
        if self.bytes > self.longest {
            let room = self.longest.saturating_sub(SAYING_SO);
            self.text.truncate(boundary(&self.text, room));
            // Never fails.
            let _ = write!(self.text, "… (cut: {} bytes in all)", self.bytes);
        }
        self.text
    }
}

impl Write for Keeping {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        // Once a part was left out, nothing may follow.
        if self.bytes == self.text.len() {
            let room = self.longest - self.text.len();
            let fits = text.get(..boundary(text, room));
            self.text.push_str(fits.unwrap_or_default());
        }
        self.bytes = self.bytes.saturating_add(text.len());
        Ok(())
    }
}

/// The last position, up to `at_most`, at which a text can be cut.
fn boundary(text: &str, at_most: usize) -> usize {
    if text.len() <= at_most {
        return text.len();
    }
    let places = (0..=at_most).rev();
    { places }
        .find(|at| text.is_char_boundary(*at))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(text: &str) -> String {
        Line(text).to_string()
    }

    #[test]
    fn what_can_be_seen_stays_as_it_is() {
        for text in [
            "",
            "order-42",
            "kein Geld: 3 € \\n \"x\"",
            "नमस्ते 你好 ا é e\u{301} 😀",
        ] {
            assert_eq!(line(text), text);
        }
    }

    #[test]
    fn what_cannot_is_escaped_once() {
        let shown = line("a\r\n\tb\u{1b}[0m\u{7f}\u{9b}\u{202e}\u{200b}\u{2028}\u{feff}c");
        assert_eq!(
            shown,
            "a\\r\\n\\tb\\u{1b}[0m\\u{7f}\\u{9b}\\u{202e}\\u{200b}\\u{2028}\\u{feff}c"
        );
        assert_eq!(line(&shown), shown);
    }

    #[test]
    fn every_control_character_and_mark_of_direction_is_hidden_and_no_letter() {
        let all = ('\0'..=char::MAX).filter(|c| is_hidden(*c));
        assert_eq!(all.filter(|c| c.is_control()).count(), 65);
        let marks = "\u{202a}\u{202b}\u{202c}\u{202d}\u{202e}\u{2066}\u{2067}\u{2068}\u{2069}\u{200e}\u{200f}\u{61c}";
        assert!(marks.chars().all(is_hidden));
        assert!(!('\u{0}'..='\u{7f}').any(|c| c.is_ascii_graphic() && is_hidden(c)));
    }

    #[test]
    fn lines_of_a_block_after_the_first_are_marked() {
        let block = |text| {
            let indent = "  ";
            format!("  {}", Block { text, indent })
        };
        assert_eq!(block("one"), "  one");
        assert_eq!(
            block("\none\r\n\n  two\u{7}\nsteps:\n"),
            "  one\n  |\n  |   two\\u{7}\n  | steps:"
        );
        assert_eq!(block(""), "  ");
    }

    #[test]
    fn a_text_is_cut_between_characters_and_says_how_long_it_was() {
        let text = "€".repeat(LONGEST);
        let cut = kept(text.clone(), LONGEST);
        assert!(cut.len() <= LONGEST && cut.len() > LONGEST - SAYING_SO - 4);
        assert!(cut.ends_with("€… (cut: 196608 bytes in all)"), "{cut}");
        assert_eq!(kept(cut.clone(), LONGEST), cut);
        assert_eq!(kept_of(&text).unwrap(), cut);
        let whole = "x".repeat(LONGEST);
        assert_eq!(kept_of(&whole).unwrap(), whole);
        assert_eq!(kept("ab".to_owned(), LONGEST), "ab");
    }

    /// Writes many small pieces.
    struct Pieces(usize);

    impl fmt::Display for Pieces {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            (0..self.0).try_for_each(|_| f.write_str("€a"))
        }
    }

    #[test]
    fn what_is_written_in_pieces_has_no_gap_where_it_is_cut() {
        let cut = kept_of(&Pieces(LONGEST)).unwrap();
        let (text, said) = cut.split_once('…').unwrap();
        assert_eq!(said, " (cut: 262144 bytes in all)");
        let whole = Pieces(LONGEST).to_string();
        assert!(whole.starts_with(text));
    }
}
