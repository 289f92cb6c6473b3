//! The names of what is generated.

use quote::format_ident;
use syn::{Ident, Type};

use super::Names;
use crate::errors::Errors;

impl Names {
    pub(super) fn of(service: &Type, saga: Option<Ident>, errors: &Errors) -> Self {
        let saga = saga.unwrap_or_else(|| {
            let segment = match service {
                Type::Path(path) => path.path.segments.last(),
                _ => None,
            };
            match segment {
                Some(segment) => {
                    format_ident!("{}Saga", segment.ident, span = segment.ident.span())
                }
                None => {
                    let message = "`#[saga]` names the saga after the service, and this type has \
                                   no name: write `#[saga(saga = OrderSaga)]`";
                    errors.at(service, message);
                    format_ident!("Saga")
                }
            }
        });
        Self {
            error: format_ident!("{saga}Error"),
            state: format_ident!("{saga}State"),
            slots: format_ident!("__{saga}Slots"),
            saga,
        }
    }
}

/// An identifier without `r#`.
pub(crate) fn plain(ident: &Ident) -> String {
    let text = ident.to_string();
    text.strip_prefix("r#")
        .map_or(text.clone(), ToOwned::to_owned)
}

/// `book_hotel` as `BookHotel`.
pub(crate) fn camel_case(snake: &str) -> String {
    let words = snake.split('_').filter(|word| !word.is_empty());
    words
        .map(|word| {
            let mut chars = word.chars();
            let first = chars.next().map(char::to_uppercase);
            first.into_iter().flatten().chain(chars).collect::<String>()
        })
        .collect()
}

/// The variant of a step: its name in the other case, if that is a name.
pub(super) fn variant_name(plain: &str, ident: &Ident, errors: &Errors) -> Ident {
    let name = camel_case(plain);
    if let Ok(mut variant) = syn::parse_str::<Ident>(&name) {
        variant.set_span(ident.span());
        return variant;
    }
    errors.at(
        ident,
        format!(
            "step `{plain}` would be the variant `{name}` of the error enum, which is no name: \
             rename the method"
        ),
    );
    Ident::new("Unnamed", ident.span())
}

pub(super) fn snake_case(camel: &str) -> String {
    let mut snake = String::new();
    let mut chars = camel.chars().peekable();
    let mut after_lowercase = false;
    while let Some(c) = chars.next() {
        let before_lowercase = chars.peek().is_some_and(|next| next.is_lowercase());
        let starts_word = after_lowercase || (before_lowercase && !snake.is_empty());
        if c.is_uppercase() && starts_word && !snake.ends_with('_') {
            snake.push('_');
        }
        snake.extend(c.to_lowercase());
        after_lowercase = c.is_lowercase() || c.is_ascii_digit();
    }
    snake
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_change_case_as_a_person_would() {
        for (camel, snake) in [
            ("Checkout", "checkout"),
            ("OrderCheckout", "order_checkout"),
            ("HTTPOrder", "http_order"),
            ("OrderV2", "order_v2"),
            ("V2Order", "v2_order"),
        ] {
            assert_eq!(snake_case(camel), snake);
        }
        assert_eq!(camel_case("reserve_stock"), "ReserveStock");
        assert_eq!(camel_case("_reserve__stock_2"), "ReserveStock2");
    }
}
