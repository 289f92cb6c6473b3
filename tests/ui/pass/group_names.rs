#![deny(warnings)]

use saga_core::saga;

struct Trip;

struct Trips;

#[saga]
impl Trips {
    // A keyword, as the name of a group and of a condition.
    #[step(parallel = r#type, readonly, only_if = r#true_)]
    async fn r#move(&self, _trip: &Trip) -> Result<u8, String> {
        Ok(1)
    }

    // A group may be called like a step of it.
    #[step(parallel = r#type, readonly)]
    async fn r#type(&self) -> Result<u8, String> {
        Ok(2)
    }

    #[step(only_if = r#match)]
    async fn wait(&self, moved: Option<&u8>, typed: &u8) -> Result<u8, String> {
        Ok(moved.copied().unwrap_or(*typed))
    }

    fn r#true_(&self, #[input] _trip: &Trip) -> bool {
        true
    }

    fn r#match(&self, #[from(r#move)] r#in: Option<&u8>) -> bool {
        r#in.is_some()
    }
}

fn main() {}
