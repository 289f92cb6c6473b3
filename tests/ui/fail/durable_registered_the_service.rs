use saga_core::durable::EngineBuilder;
use saga_core::saga;

struct Shop;

#[saga]
impl Shop {
    #[step(compensate = refund)]
    async fn charge(&self, cents: &u32) -> Result<u32, String> {
        Ok(*cents)
    }

    #[step]
    async fn ship(&self, _cents: &u32) -> Result<u32, String> {
        Ok(1)
    }

    async fn refund(&self, _cents: &u32) -> Result<(), String> {
        Ok(())
    }
}

fn registered(engine: EngineBuilder) -> EngineBuilder {
    engine.register::<Shop>(Shop)
}

fn main() {}
