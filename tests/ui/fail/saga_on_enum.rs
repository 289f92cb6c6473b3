use saga_core::saga;

#[saga]
enum Checkout {
    Cart,
}

fn main() {}
