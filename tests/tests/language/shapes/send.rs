use super::*;

struct Big {
    cell: std::sync::Mutex<core::cell::Cell<u8>>,
}

#[saga]
impl Big {
    #[step(compensate = lessen)]
    async fn grow(&self) -> Result<Vec<u8>, String> {
        let held = self.cell.lock().map_or(0, |cell| cell.get());
        tokio::task::yield_now().await;
        Ok(vec![held; 64])
    }

    #[step]
    async fn measure(&self, grown: &[u8]) -> Result<usize, String> {
        Ok(grown.len())
    }

    async fn lessen(&self) -> Result<(), String> {
        Ok(())
    }
}

#[tokio::test(start_paused = true)]
async fn the_future_of_a_run_is_send() {
    let service = Big {
        cell: std::sync::Mutex::default(),
    };
    assert_eq!(is_send(BigSaga::run(&service, ())).await.unwrap(), 64);
    let shared = Arc::new(service);
    let run = async move { BigSaga::run(&*shared, ()).await };
    let run = is_send_and_lives_for_ever(run);
    assert_eq!(tokio::spawn(run).await.unwrap().unwrap(), 64);
}
