use saga_core::saga;

struct Shop;

#[saga(durable)]
impl Shop {
    #[step(readonly)]
    async fn open_book(&self) -> Result<std::fs::File, String> {
        std::fs::File::open("book").map_err(|error| error.to_string())
    }

    #[step]
    async fn write_book(&self, _book: &std::fs::File) -> Result<u32, String> {
        Ok(1)
    }
}

fn main() {}
