use std::time::Instant;

use saga_core::saga;

struct Shop;

#[saga(durable)]
impl Shop {
    #[step(readonly)]
    async fn open_till(&self) -> Result<Option<Instant>, String> {
        Ok(Some(Instant::now()))
    }

    #[step]
    async fn close_till(&self, _since: &Option<Instant>) -> Result<u32, String> {
        Ok(1)
    }
}

fn main() {}
