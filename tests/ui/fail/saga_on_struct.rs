use saga_core::saga;

#[saga]
struct Checkout;

fn main() {}
