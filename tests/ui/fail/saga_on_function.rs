use saga_core::saga;

#[saga]
async fn charge_card(_order: &str) -> Result<u32, String> {
    Ok(7)
}

fn main() {}
