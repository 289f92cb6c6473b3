//! The README shows what really happens. Its main example is `examples/readme`, whose output
//! `examples/tests/readme.rs` compares; blocks that stand alone are doctests of this package; the other blocks are
//! quoted exactly from here, from the matrix of `examples/checkout`, or from the program of `docs/durability.md`.
//! So is the hand-written version in `docs/comparison.md`.

// The README's saga.
include!("../../examples/readme/example.rs");

// Tests as a user of the README's saga would write them.
#[cfg(test)]
mod tests {
    use super::*;
    use saga_core::{End, report::Undo};

    const ORDER: Order = Order {
        item: "kettle",
        cents: 4_900,
    };

    #[tokio::test]
    async fn without_a_courier_the_card_is_refunded_and_the_stock_released() {
        let error = CheckoutSaga::run(&Checkout, ORDER).await.unwrap_err();
        assert_eq!(error.step().unwrap().name, "book_courier");
        assert_eq!(error.end(), End::Compensated);
        let undone = error.steps().filter(|record| record.undo == Undo::Done);
        let undone: Vec<_> = undone.map(|record| record.step.name).collect();
        assert_eq!(undone, ["reserve_stock", "charge_card"]); // in order of the definition
    }

    #[tokio::test]
    async fn a_charge_returns_the_payment_that_the_bank_made() {
        let run = StepContext::new("checkout", "order-42", "charge_card");
        let charged = Checkout.charge_card(&Reservation(17), &ORDER, &run).await;
        assert_eq!(charged.unwrap().0, 42);
    }
}

/// The hand-written version in `docs/comparison.md`.
mod by_hand {
    use std::cell::RefCell;
    use std::future::{Ready, ready};

    struct Order;
    struct Reservation;
    struct Payment;
    type Tracking = ();
    type Error = &'static str;

    /// Fails at these calls, and records all calls.
    struct Shop {
        fails_at: &'static [&'static str],
        calls: RefCell<Vec<&'static str>>,
    }

    impl Shop {
        fn call<T>(&self, name: &'static str, output: T) -> Ready<Result<T, Error>> {
            self.calls.borrow_mut().push(name);
            let fails = self.fails_at.contains(&name);
            ready(if fails { Err(name) } else { Ok(output) })
        }

        async fn reserve_stock(&self, _order: &Order) -> Result<Reservation, Error> {
            self.call("reserve_stock", Reservation).await
        }

        async fn charge_card(&self, _: &Reservation, _order: &Order) -> Result<Payment, Error> {
            self.call("charge_card", Payment).await
        }

        async fn book_courier(&self, _payment: &Payment) -> Result<Tracking, Error> {
            self.call("book_courier", ()).await
        }

        async fn refund(&self, _payment: &Payment) -> Result<(), Error> {
            self.call("refund", ()).await
        }

        async fn release_stock(&self, _reservation: &Reservation) -> Result<(), Error> {
            self.call("release_stock", ()).await
        }
    }

    async fn check_out(shop: &Shop, order: &Order) -> Result<Tracking, Error> {
        let reservation = shop.reserve_stock(order).await?;
        match shop.charge_card(&reservation, order).await {
            // Also if the charge timed out and may have been made.
            Err(error) => {
                shop.release_stock(&reservation).await?; // its error hides the first one
                Err(error)
            }
            Ok(payment) => match shop.book_courier(&payment).await {
                Err(error) => {
                    shop.refund(&payment).await?; // fails: the stock stays reserved
                    shop.release_stock(&reservation).await?;
                    Err(error)
                }
                Ok(tracking) => Ok(tracking),
            },
        }
    }

    #[tokio::test]
    async fn a_failed_undo_hides_the_first_error_and_skips_the_rest_as_the_comparison_says() {
        let fails_at = &["book_courier", "refund"];
        let calls = RefCell::default();
        let shop = Shop { fails_at, calls };
        assert_eq!(check_out(&shop, &Order).await, Err("refund"));
        assert!(!shop.calls.borrow().contains(&"release_stock"));
    }
}

const README: &str = include_str!("../../README.md");
const COMPARISON: &str = include_str!("../../docs/comparison.md");
const DURABILITY: &str = include_str!("../../docs/durability.md");
const THIS: &str = include_str!("readme.rs");
const MATRIX: &str = include_str!("../../examples/tests/checkout_matrix.rs");

/// The text between each fence of this kind and the next.
fn blocks(document: &'static str, kind: &str) -> Vec<&'static str> {
    let blocks = document.split(kind).skip(1);
    blocks
        .map(|rest| rest.split("```").next().unwrap_or_default())
        .collect()
}

/// The lines, with any indentation.
fn lines(text: &str) -> Vec<&str> {
    text.lines().map(str::trim).collect()
}

#[test]
fn what_is_shown_without_its_context_is_code_that_is_compiled_to_the_letter() {
    let blocks = [blocks(README, "```rs\n"), blocks(COMPARISON, "```rs\n")];
    assert_eq!(blocks.each_ref().map(Vec::len), [2, 1]);
    for block in blocks.into_iter().flatten() {
        let block = lines(block);
        let stands_in = |file: &str| {
            let mut lines = lines(file);
            lines.push("");
            lines.windows(block.len()).any(|found| found == block)
        };
        let found = [THIS, MATRIX, DURABILITY].into_iter().any(stands_in);
        assert!(found, "{block:#?}");
    }
}

/// `ui/fail/handover_readme.rs` is the README's example with another type in one place, and its message
/// is compared with the compiler's by `ui.rs`.
#[test]
fn the_compile_error_in_the_readme_is_the_one_that_the_compiler_prints() {
    let case = include_str!("../ui/fail/handover_readme.rs");
    let example = blocks(README, "```rust\n")[0];
    let differ = example
        .lines()
        .zip(case.lines())
        .filter(|(shown, case)| shown != case);
    let differ: Vec<_> = differ.collect();
    assert_eq!(example.lines().count(), case.lines().count());
    let [(shown, case)] = differ[..] else {
        panic!("one line is to differ: {differ:#?}");
    };
    assert_eq!(shown.replace("&Payment", "&Reservation"), case);

    let message = include_str!("../ui/fail/handover_readme.stderr");
    let message = message.replace("ui/fail/handover_readme.rs", "src/main.rs");
    let shown = blocks(README, "```text\n");
    assert!(shown.contains(&message.as_str()), "{message}");
}
