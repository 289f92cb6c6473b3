use super::*;

trait Client: Send + Sync {
    type Error: fmt::Display + Send;

    fn charge(&self, amount: u64) -> impl Future<Output = Result<u64, Self::Error>> + Send;
}

trait Shelf {
    fn take(&self, what: &str) -> Option<u64>;
    fn put_back(&self, what: &str);
}

struct Shop<C: Client> {
    client: C,
    shelf: Box<dyn Shelf + Send + Sync>,
    shelves: Vec<Box<dyn Shelf + Send + Sync>>,
}

/// Has `Display` only.
struct Refused(u64);

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} is too much", self.0)
    }
}

struct Bank {
    limit: u64,
}

impl Client for Bank {
    type Error = Refused;

    async fn charge(&self, amount: u64) -> Result<u64, Refused> {
        tokio::task::yield_now().await;
        if amount > self.limit {
            return Err(Refused(amount));
        }
        Ok(amount)
    }
}

#[derive(Default)]
struct Counted(std::sync::atomic::AtomicU64);

impl Shelf for Arc<Counted> {
    fn take(&self, what: &str) -> Option<u64> {
        self.0.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        u64::try_from(what.len()).ok()
    }

    fn put_back(&self, _what: &str) {
        self.0.fetch_sub(1, std::sync::atomic::Ordering::SeqCst);
    }
}

#[saga]
impl<C: Client> Shop<C> {
    #[step(compensate = put_back)]
    async fn take(&self, what: &str) -> Result<u64, String> {
        assert_eq!(self.shelves.len(), 0);
        self.shelf.take(what).ok_or_else(|| "none left".to_owned())
    }

    #[step(pivot, retry(attempts = 2))]
    async fn charge(&self, taken: &u64) -> Result<u64, C::Error> {
        self.client.charge(*taken).await
    }

    async fn put_back(&self, #[input] what: &str) -> Result<(), C::Error> {
        self.shelf.put_back(what);
        Ok(())
    }
}

fn shop(limit: u64) -> (Arc<Counted>, Shop<Bank>) {
    let counted = Arc::new(Counted::default());
    let shop = Shop {
        client: Bank { limit },
        shelf: Box::new(Arc::clone(&counted)),
        shelves: Vec::new(),
    };
    (counted, shop)
}

/// Spawned by code that only knows the bounds of the client.
fn spawn<C>(shop: Arc<Shop<C>>, what: &str) -> tokio::task::JoinHandle<Result<u64, String>>
where
    C: Client + 'static,
{
    let what = what.to_owned();
    tokio::spawn(async move {
        ShopSaga::<C>::run(&*shop, what)
            .await
            .map_err(|error| error.to_string())
    })
}

#[tokio::test(start_paused = true)]
async fn a_run_over_a_generic_service_that_holds_trait_objects_can_be_spawned() {
    let (counted, shop) = shop(100);
    assert_eq!(spawn(Arc::new(shop), "cup").await.unwrap(), Ok(3));
    assert_eq!(counted.0.load(std::sync::atomic::Ordering::SeqCst), 1);
}

#[tokio::test(start_paused = true)]
async fn an_error_that_is_an_associated_type_with_display_only_is_in_the_line_and_the_report() {
    let (counted, shop) = shop(1);
    let run = ShopSaga::run(&shop, "cup".to_owned());
    let error: SagaError<ShopSaga<Bank>> = is_send(run).await.unwrap_err();
    assert_eq!(error.step().unwrap().name, "charge");
    assert_eq!(error.attempts(), 2);
    assert_eq!(error.end(), End::Compensated);
    assert_eq!(counted.0.load(std::sync::atomic::Ordering::SeqCst), 0);
    assert!(error.to_string().contains("3 is too much"), "{error}");
    assert!(format!("{error:?}").contains("3 is too much"), "{error:?}");
    assert!(matches!(
        error.into_error(),
        ShopSagaError::Charge(Failure::Error(Refused(3)))
    ));
}

#[tokio::test(start_paused = true)]
async fn the_error_of_a_spawned_run_can_be_taken_out_of_the_task() {
    let (_, shop) = shop(1);
    let task = tokio::spawn(async move { ShopSaga::run(&shop, "cup".to_owned()).await });
    let error = task.await.unwrap().unwrap_err();
    assert_eq!(error.step().unwrap().name, "charge");
    assert_eq!(error.attempts(), 2);
    assert_eq!(error.end(), End::Compensated);
}
