#![expect(
    unreachable_pub,
    reason = "public is what is tested, and a test exports nothing"
)]

use super::*;

pub struct Vault {
    open: bool,
}

#[derive(Debug)]
struct Key(u8);

struct Opened;

#[derive(Debug)]
struct Jammed;

impl fmt::Display for Jammed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("jammed")
    }
}

#[saga]
impl Vault {
    #[step(readonly)]
    async fn cut(&self, number: &u8) -> Result<Key, Jammed> {
        Ok(Key(*number))
    }

    #[step(compensate = close)]
    async fn open(&self, key: &Key) -> Result<Opened, Jammed> {
        match (self.open, key) {
            (true, Key(1)) => Ok(Opened),
            _ => Err(Jammed),
        }
    }

    #[step(readonly)]
    async fn look(&self, _opened: &Opened) -> Result<u8, Jammed> {
        Ok(7)
    }

    async fn close(&self, _opened: &Opened) -> Result<(), Jammed> {
        Ok(())
    }
}

impl Vault {
    pub async fn look_inside(&self) -> Option<u8> {
        VaultSaga::run(self, 1).await.ok()
    }
}

#[tokio::test(start_paused = true)]
async fn the_types_of_steps_may_be_private_on_a_public_service() {
    assert_eq!(Vault { open: true }.look_inside().await, Some(7));
    let error = VaultSaga::run(&Vault { open: false }, 1).await.unwrap_err();
    assert_eq!(error.step().unwrap().name, "open");
    assert_eq!(error.attempts(), 1);
    assert_eq!(error.end(), End::Compensated);
}
