use saga_core::saga;

#[saga]
mod checkout {}

fn main() {}
