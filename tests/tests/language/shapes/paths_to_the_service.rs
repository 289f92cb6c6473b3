use super::*;

mod elsewhere {
    pub(super) struct Service;

    pub(super) struct Generic<T>(pub(super) T);
}

#[saga]
impl self::elsewhere::Service {
    #[step]
    async fn only(&self) -> Result<u8, String> {
        Ok(1)
    }
}

#[saga(saga = OfBytes)]
impl elsewhere::Generic<Vec<u8>> {
    #[step]
    async fn bytes(&self) -> Result<usize, String> {
        Ok(self.0.len())
    }
}

#[saga(saga = OfText)]
impl elsewhere::Generic<&'static str> {
    #[step]
    async fn text(&self) -> Result<usize, String> {
        Ok(self.0.len())
    }
}

#[tokio::test(start_paused = true)]
async fn a_service_may_be_named_by_a_path_or_be_one_of_many_of_a_generic_type() {
    use elsewhere::{Generic, Service};
    assert_eq!(ServiceSaga::run(&Service, ()).await.unwrap(), 1);
    assert_eq!(OfBytes::run(&Generic(vec![0; 5]), ()).await.unwrap(), 5);
    assert_eq!(OfText::run(&Generic("four"), ()).await.unwrap(), 4);
}
