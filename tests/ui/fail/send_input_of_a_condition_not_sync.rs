use saga_core::saga;

struct Insurance;

struct Trip(std::cell::Cell<u8>);

struct Trips;

#[saga]
impl Trips {
    #[step(only_if = is_long)]
    async fn insure(&self) -> Result<Insurance, String> {
        Ok(Insurance)
    }

    fn is_long(&self, #[input] _trip: &Trip) -> bool {
        true
    }
}

fn main() {}
