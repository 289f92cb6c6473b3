#![deny(warnings)]

use saga_core::{Saga as _, saga};

struct Nightly;

#[saga]
impl Nightly {
    #[step(compensate = unlock)]
    async fn lock(&self) -> Result<(), String> {
        Ok(())
    }

    #[step(readonly)]
    async fn count(&self) -> Result<u32, String> {
        Ok(7)
    }

    #[step]
    async fn sweep(&self) -> Result<(), String> {
        Ok(())
    }

    async fn unlock(&self) -> Result<(), String> {
        Ok(())
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    NightlySaga::run(&Nightly, ()).await.unwrap();
}
