use saga_core::saga;

struct Trip;
struct Car;
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

    fn is_long(&self, #[from(look_up)] _car: &Car) -> bool {
        true
    }
}

fn main() {}
