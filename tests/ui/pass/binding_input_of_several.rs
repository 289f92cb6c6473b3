#![deny(warnings)]

use saga_core::{Saga as _, saga};

struct Signup;

#[saga]
impl Signup {
    #[step(compensate = close_account)]
    async fn open_account(&self, name: &str, age: u8) -> Result<u32, String> {
        if age < 18 { Err(format!("{name} is too young")) } else { Ok(7) }
    }

    #[step(pivot)]
    async fn subscribe(&self, account: &u32, #[input] (_, age): &(String, u8)) -> Result<u32, String> {
        Ok(account + u32::from(*age))
    }

    async fn close_account(&self, _account: &u32) -> Result<(), String> {
        Ok(())
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let subscribed = SignupSaga::run(&Signup, ("Ann".to_owned(), 30)).await;
    assert_eq!(subscribed.unwrap(), 37);
}
