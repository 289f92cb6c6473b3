use saga_core::saga;

struct Shop;

#[saga(pub)]
impl Shop {
    #[step(readonly)]
    async fn look(&self) -> Result<(), String> {
        Ok(())
    }
}

fn main() {}
