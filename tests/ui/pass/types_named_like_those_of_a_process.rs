#![deny(warnings)]

use saga_core::durable::Engine;
use saga_core::saga;
use serde::{Deserialize, Serialize};

/// Of this shop, not of the standard library.
#[derive(Serialize, Deserialize)]
struct Instant(u64);

#[derive(Serialize, Deserialize)]
struct File {
    path: String,
}

#[derive(Serialize, Deserialize)]
struct Receiver<T>(T);

struct Shop;

#[saga(durable)]
impl Shop {
    #[step(readonly)]
    async fn open(&self) -> Result<(Instant, Option<File>), String> {
        Ok((Instant(1), Some(File { path: "book".to_owned() })))
    }

    #[step]
    async fn write(&self, instant: &Instant, file: &Option<File>) -> Result<Receiver<u64>, String> {
        assert_eq!(file.as_ref().map(|file| file.path.as_str()), Some("book"));
        Ok(Receiver(instant.0))
    }
}

fn main() {
    let _ = Engine::builder().register::<ShopSaga>(Shop);
}
