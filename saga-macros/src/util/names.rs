//! Names without `r#`, and in camel case and snake case.

use syn::Ident;

/// Returns an identifier without `r#`.
pub(crate) fn plain(ident: &Ident) -> String {
    let text = ident.to_string();
    text.strip_prefix("r#")
        .map_or(text.clone(), ToOwned::to_owned)
}

/// Turns `book_hotel` into `BookHotel`.
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

pub(crate) fn snake_case(camel: &str) -> String {
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
