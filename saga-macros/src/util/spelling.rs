//! The text of tokens as a person writes it: for messages.

use proc_macro2::{Delimiter, Spacing, TokenStream, TokenTree};
use quote::ToTokens;

/// Returns the text of some tokens, with spaces where rustfmt puts them in types, paths, patterns and
/// signatures.
pub(crate) fn spelled(tokens: impl ToTokens) -> String {
    let mut text = String::new();
    write(&mut text, tokens.into_token_stream());
    text
}

fn write(text: &mut String, tokens: TokenStream) {
    let mut after_word = false;
    let mut joined = false;
    let mut after_lifetime = false;
    for token in tokens {
        let before_word = after_word;
        let in_lifetime = matches!(&token, TokenTree::Ident(_)) && text.ends_with('\'');
        after_word = false;
        match token {
            TokenTree::Group(group) => {
                let (open, close) = match group.delimiter() {
                    Delimiter::Parenthesis => ("(", ")"),
                    Delimiter::Bracket => ("[", "]"),
                    Delimiter::Brace => ("{ ", " }"),
                    Delimiter::None => ("", ""),
                };
                if after_lifetime {
                    text.push(' ');
                }
                text.push_str(open);
                write(text, group.stream());
                if text.ends_with(", ") {
                    text.pop();
                }
                text.push_str(close);
                after_word = true;
            }
            TokenTree::Ident(ident) => {
                if before_word {
                    text.push(' ');
                }
                text.push_str(&ident.to_string());
                after_word = true;
            }
            TokenTree::Literal(literal) => {
                if before_word {
                    text.push(' ');
                }
                text.push_str(&literal.to_string());
                after_word = true;
            }
            TokenTree::Punct(punct) => {
                let more = punct.spacing() == Spacing::Joint;
                match punct.as_char() {
                    ',' | ';' => {
                        text.push(punct.as_char());
                        text.push(' ');
                    }
                    '+' | '=' if !joined && !more => {
                        text.push(' ');
                        text.push(punct.as_char());
                        text.push(' ');
                    }
                    '-' if more => text.push_str(" -"),
                    '>' if joined && text.ends_with('-') => text.push_str("> "),
                    // A list over several lines ends with a comma, one on a single line does not.
                    '>' if text.ends_with(", ") => {
                        text.truncate(text.len() - 2);
                        text.push('>');
                    }
                    ':' if !joined && !more => text.push_str(": "),
                    mark @ ('\'' | '#') if before_word => {
                        text.push(' ');
                        text.push(mark);
                    }
                    other => text.push(other),
                }
                joined = more;
                after_lifetime = false;
                continue;
            }
        }
        joined = false;
        after_lifetime = in_lifetime;
    }
}

#[cfg(test)]
mod tests {
    use super::spelled;
    use quote::quote;

    #[test]
    fn types_and_paths_are_spelled_as_rustfmt_does() {
        assert_eq!(spelled(quote!(&mut Vec<u8>)), "&mut Vec<u8>");
        assert_eq!(spelled(quote!(&'a dyn Send)), "&'a dyn Send");
        assert_eq!(spelled(quote!(&'static [u8])), "&'static [u8]");
        assert_eq!(spelled(quote!(&mut self)), "&mut self");
        assert_eq!(
            spelled(quote!(
                Result<HashMap<String, [u8; 4]>, Box<dyn Error + Send>>
            )),
            "Result<HashMap<String, [u8; 4]>, Box<dyn Error + Send>>"
        );
        assert_eq!(
            spelled(quote!(<C as Client>::Error)),
            "<C as Client>::Error"
        );
        assert_eq!(
            spelled(quote!(crate::card::is_lost)),
            "crate::card::is_lost"
        );
        assert_eq!(spelled(quote!(fn(u8) -> (u8, u8))), "fn(u8) -> (u8, u8)");
        assert_eq!(spelled(quote!(Iterator<Item = u8>)), "Iterator<Item = u8>");
        assert_eq!(spelled(quote!(Result<(u8,), E,>)), "Result<(u8,), E>");
    }

    #[test]
    fn signatures_are_spelled_as_rustfmt_does() {
        let signature = quote! {
            async fn charge<'a>(&'a self, #[from(pack)] #[sensitive] _cents: &u64, (a, b): [u8; 2]) -> Result<(), E>
        };
        assert_eq!(
            spelled(signature),
            "async fn charge<'a>(&'a self, #[from(pack)] #[sensitive] _cents: &u64, (a, b): [u8; 2]) -> \
             Result<(), E>"
        );
    }
}
