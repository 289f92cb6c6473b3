use saga_core::saga;

struct Trip;
struct Insurance;

struct Trips;

#[saga]
impl Trips {
    #[step(only_if = is_long, readonly)]
    async fn insure(&self, _trip: &Trip) -> Result<Insurance, String> {
        Ok(Insurance)
    }

    #[step(only_if = is_long, readonly)]
    async fn insure_more(&self, ) -> Result<Insurance, String> {
        Ok(Insurance)
    }

    async fn is_long(&self, #[input] _trip: &Trip) -> bool {
        true
    }
}

fn main() {}
