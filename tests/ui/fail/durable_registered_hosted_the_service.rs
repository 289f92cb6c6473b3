use saga_core::durable::Hosted;
use saga_core::saga;

struct Shop;

#[saga]
impl Shop {
    #[step]
    async fn charge(&self, cents: &u32) -> Result<u32, String> {
        Ok(*cents)
    }
}

struct Host {
    run: Hosted<Shop>,
}

fn main() {}
