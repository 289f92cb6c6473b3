#![deny(warnings)]

use saga_core::{Saga as _, saga};

struct Relay<T> {
    sent: std::sync::Mutex<Vec<T>>,
}

#[saga]
impl<T: Clone + Send + Sync> Relay<T> {
    #[step(pivot)]
    async fn send(&self, message: &T) -> Result<usize, String> {
        let mut sent = self.sent.lock().unwrap();
        sent.push(message.clone());
        Ok(sent.len())
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let relay = Relay { sent: Vec::new().into() };
    assert_eq!(RelaySaga::run(&relay, "hello").await.unwrap(), 1);
}
