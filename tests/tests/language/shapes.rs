//! Shapes of services, steps and types that have to compile as sagas, and run.

use core::fmt;
use core::future::Future;
use std::sync::Arc;

use saga_core::{End, Failure, Saga, SagaError, StepError, saga};

fn is_send<T: Send>(value: T) -> T {
    value
}

fn is_send_and_lives_for_ever<T: Send + 'static>(value: T) -> T {
    value
}

/// Polls without any runtime, on this thread.
fn block_on<F: Future>(future: F) -> F::Output {
    struct Unpark(std::thread::Thread);

    impl std::task::Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }

    let waker = Arc::new(Unpark(std::thread::current())).into();
    let mut context = core::task::Context::from_waker(&waker);
    let mut future = core::pin::pin!(future);
    loop {
        match future.as_mut().poll(&mut context) {
            core::task::Poll::Ready(output) => return output,
            core::task::Poll::Pending => std::thread::park(),
        }
    }
}

/// Pending once, woken by itself.
async fn yield_once() {
    let mut yielded = false;
    core::future::poll_fn(|context| {
        if core::mem::replace(&mut yielded, true) {
            return core::task::Poll::Ready(());
        }
        context.waker().wake_by_ref();
        core::task::Poll::Pending
    })
    .await;
}

mod fifty_steps {
    use super::*;
    use saga_tests::Calls;

    /// Each step is given the number of steps before it, and gives one more.
    struct Fifty {
        calls: Calls,
        fails: Option<u64>,
    }

    impl Fifty {
        fn act(&self, step: &str, before: u64) -> Result<u64, String> {
            self.calls.add(format!("{step} after {before}"));
            match self.fails {
                Some(fails) if fails == before + 1 => Err(format!("{step} failed")),
                _ => Ok(before + 1),
            }
        }

        fn undo(&self, step: &str, number: u64) -> Result<(), String> {
            self.calls.add(format!("{step} of {number}"));
            match number {
                0 => Err("nothing to undo".to_owned()),
                _ => Ok(()),
            }
        }
    }

    macro_rules! fifty {
        ($($step:ident $undo:ident),+; $last:ident) => {
            #[saga]
            impl Fifty {
                $(
                    #[step(compensate = $undo)]
                    async fn $step(&self, before: &u64) -> Result<u64, String> {
                        self.act(stringify!($step), *before)
                    }

                    async fn $undo(&self, number: &u64) -> Result<(), String> {
                        self.undo(stringify!($undo), *number)
                    }
                )+

                #[step]
                async fn $last(&self, before: &u64) -> Result<u64, String> {
                    self.act(stringify!($last), *before)
                }
            }
        };
    }

    fifty! {
        s01 u01, s02 u02, s03 u03, s04 u04, s05 u05, s06 u06, s07 u07, s08 u08, s09 u09, s10 u10,
        s11 u11, s12 u12, s13 u13, s14 u14, s15 u15, s16 u16, s17 u17, s18 u18, s19 u19, s20 u20,
        s21 u21, s22 u22, s23 u23, s24 u24, s25 u25, s26 u26, s27 u27, s28 u28, s29 u29, s30 u30,
        s31 u31, s32 u32_, s33 u33, s34 u34, s35 u35, s36 u36, s37 u37, s38 u38, s39 u39, s40 u40,
        s41 u41, s42 u42, s43 u43, s44 u44, s45 u45, s46 u46, s47 u47, s48 u48, s49 u49;
        s50
    }

    fn forward(steps: u64) -> Vec<String> {
        (1..=steps)
            .map(|number| format!("s{number:02} after {}", number - 1))
            .collect()
    }

    fn back(from: u64) -> Vec<String> {
        (1..=from)
            .rev()
            .map(|number| match number {
                32 => "u32_ of 32".to_owned(),
                _ => format!("u{number:02} of {number}"),
            })
            .collect()
    }

    #[tokio::test(start_paused = true)]
    async fn a_saga_of_fifty_steps_runs_in_order() {
        assert_eq!(FiftySaga::DEFINITION.steps.len(), 50);
        let service = Fifty {
            calls: Calls::new(),
            fails: None,
        };
        assert_eq!(FiftySaga::run(&service, 0).await.unwrap(), 50);
        assert_eq!(service.calls.take(), forward(50));
    }

    #[tokio::test(start_paused = true)]
    async fn a_saga_whose_fiftieth_step_fails_undoes_the_other_forty_nine_in_reverse() {
        let service = Fifty {
            calls: Calls::new(),
            fails: Some(50),
        };
        let error = FiftySaga::run(&service, 0).await.unwrap_err();
        assert_eq!(error.step().unwrap().name, "s50");
        assert_eq!(error.attempts(), 1);
        assert_eq!(error.end(), End::Compensated);
        let calls = service.calls.take();
        assert_eq!(calls[..50], forward(50));
        assert_eq!(calls[50..], back(49));
        assert_eq!(error.error().text().message, "s50 failed");
    }

    #[tokio::test(start_paused = true)]
    async fn a_saga_of_fifty_steps_can_fail_at_each() {
        for fails in 1..=50 {
            let service = Fifty {
                calls: Calls::new(),
                fails: Some(fails),
            };
            let error = is_send(FiftySaga::run(&service, 0)).await.unwrap_err();
            assert_eq!(error.step().unwrap().name, format!("s{fails:02}"));
            assert_eq!(error.attempts(), 1);
            assert_eq!(error.end(), End::Compensated);
            let calls = service.calls.take();
            let all = [forward(fails), back(fails - 1)].concat();
            assert_eq!(calls, all, "step {fails}");
        }
    }
}

mod generic_service {
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

    /// Spawned where nothing is known of the client but its bounds.
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
}

mod errors_of_other_crates {
    use super::*;
    use anyhow::Context as _;

    struct Anyhow;

    #[saga]
    impl Anyhow {
        #[step(compensate = close)]
        async fn open(&self, name: &str) -> anyhow::Result<usize> {
            Ok(name.len())
        }

        #[step(readonly)]
        async fn read(&self, opened: &usize, #[input] name: &str) -> Result<u32, anyhow::Error> {
            let text = format!("{name}{opened}");
            let number: u32 = text
                .parse()
                .with_context(|| format!("{text:?} is not a number"))
                .context("the settings cannot be read")?;
            anyhow::ensure!(number > 10, "{number} is too small");
            Ok(number)
        }

        async fn close(&self, _opened: &usize) -> anyhow::Result<()> {
            Err(anyhow::anyhow!("the disk is gone").context("the file cannot be closed"))
        }
    }

    #[tokio::test(start_paused = true)]
    async fn the_chain_of_an_anyhow_error_is_in_the_report() {
        assert_eq!(
            AnyhowSaga::run(&Anyhow, "1234".into()).await.unwrap(),
            12_344
        );
        let error = is_send(AnyhowSaga::run(&Anyhow, "x".into())).await;
        let error = error.unwrap_err();
        assert_eq!(error.step().unwrap().name, "read");
        assert_eq!(error.attempts(), 1);
        assert_eq!(error.end(), End::Stuck);
        let text = error.error().text();
        assert_eq!(text.message, "the settings cannot be read");
        assert_eq!(
            text.chain,
            [r#""x1" is not a number"#, "invalid digit found in string"],
        );
        let [failure] = error.compensation_failures() else {
            panic!("{error:?}");
        };
        assert_eq!(failure.step.name, "open");
        assert_eq!(failure.error.message, "the file cannot be closed");
        assert_eq!(failure.error.chain, ["the disk is gone"]);
        let report = error.report().to_string();
        for part in [
            "the settings cannot be read",
            r#"caused by: "x1" is not a number"#,
            "caused by: invalid digit found in string",
            "the file cannot be closed",
            "caused by: the disk is gone",
        ] {
            assert!(report.contains(part), "{part:?} is not in\n{report}");
        }
        let AnyhowSagaError::Read(Failure::Error(error)) = error.into_error() else {
            panic!("another error");
        };
        assert!(error.downcast_ref::<std::num::ParseIntError>().is_some());
    }

    struct Boxed;

    #[saga]
    impl Boxed {
        #[step(compensate = forget)]
        async fn parse(&self, text: &str) -> Result<u32, Box<dyn std::error::Error + Send + Sync>> {
            if text.is_empty() {
                return Err("nothing to parse".into());
            }
            Ok(text.parse()?)
        }

        #[step(readonly)]
        async fn check(
            &self,
            parsed: &u32,
        ) -> Result<(), Box<dyn std::error::Error + Send + Sync + 'static>> {
            let parsed = u8::try_from(*parsed).map_err(TooLarge)?;
            Err(format!("{parsed} is wrong").into())
        }

        async fn forget(&self) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
            Ok(())
        }
    }

    #[derive(Debug, thiserror::Error)]
    #[error("the number is too large")]
    struct TooLarge(#[source] std::num::TryFromIntError);

    #[tokio::test(start_paused = true)]
    async fn the_chain_of_a_boxed_error_is_in_the_report() {
        for (input, step, message, chain) in [
            ("", "parse", "nothing to parse", &[][..]),
            ("y", "parse", "invalid digit found in string", &[]),
            ("7", "check", "7 is wrong", &[]),
            (
                "700",
                "check",
                "the number is too large",
                &["out of range integral type conversion attempted"],
            ),
        ] {
            let error = is_send(BoxedSaga::run(&Boxed, input.into())).await;
            let error = error.unwrap_err();
            assert_eq!(error.step().unwrap().name, step, "{input:?}");
            assert_eq!(error.attempts(), 1, "{input:?}");
            assert_eq!(error.end(), End::Compensated, "{input:?}");
            let text = error.error().text();
            assert_eq!(text.message, message, "{input:?}");
            let source = std::error::Error::source(error.error()).map(ToString::to_string);
            assert_eq!(source.as_deref(), chain.first().copied(), "{input:?}");
            assert_eq!(text.chain, chain, "{input:?}");
            let report = error.report().to_string();
            for part in chain {
                assert!(report.contains(part), "{part:?} is not in\n{report}");
            }
        }
    }
}

mod two_sagas_on_one_service {
    use super::*;
    use saga_tests::Calls;

    #[derive(Default)]
    struct Shop {
        calls: Calls,
    }

    #[saga]
    impl Shop {
        #[step(compensate = put_back)]
        async fn take(&self, what: &str) -> Result<usize, String> {
            self.calls.add(format!("take {what}"));
            Ok(what.len())
        }

        #[step]
        async fn charge(&self, taken: &usize) -> Result<usize, String> {
            self.calls.add(format!("charge {taken}"));
            if *taken > 5 {
                return Err("too much".to_owned());
            }
            Ok(*taken)
        }

        async fn put_back(&self, taken: &usize) -> Result<(), String> {
            self.calls.add(format!("put back {taken}"));
            Ok(())
        }
    }

    #[saga(saga = RefundSaga)]
    impl Shop {
        #[step(compensate = charge_again)]
        async fn refund(&self, payment: &u64) -> Result<String, String> {
            self.calls.add(format!("refund {payment}"));
            Ok(format!("refund of {payment}"))
        }

        #[step(readonly)]
        async fn notify(&self, refund: &str) -> Result<(), String> {
            self.calls.add(format!("notify of the {refund}"));
            Err("no address".to_owned())
        }

        async fn charge_again(&self, refund: &str) -> Result<(), String> {
            self.calls.add(format!("take back the {refund}"));
            Ok(())
        }
    }

    #[tokio::test(start_paused = true)]
    async fn one_service_can_have_two_sagas() {
        let shop = Shop::default();
        assert_eq!(ShopSaga::run(&shop, "cup".to_owned()).await.unwrap(), 3);
        let error = RefundSaga::run(&shop, 9).await.unwrap_err();
        assert_eq!(error.step().unwrap().name, "notify");
        assert_eq!(error.attempts(), 1);
        assert_eq!(error.end(), End::Compensated);
        assert!(matches!(
            error.error(),
            RefundSagaError::Notify(Failure::Error(_))
        ));
        let RefundSagaState::BeforeNotify { input: 9, refund } = error.state() else {
            panic!("{:?}", error.state());
        };
        assert_eq!(refund, "refund of 9");
        assert_eq!(
            shop.calls.take(),
            [
                "take cup",
                "charge 3",
                "refund 9",
                "notify of the refund of 9",
                "take back the refund of 9",
            ],
        );
    }

    #[test]
    fn their_idempotency_keys_cannot_be_the_same() {
        assert_ne!(ShopSaga::DEFINITION.name, RefundSaga::DEFINITION.name);
        assert_eq!(ShopSaga::DEFINITION.name, "shop");
    }
}

mod result_aliases {
    use super::*;

    #[derive(Debug, PartialEq, thiserror::Error)]
    #[error("number {0} is mine")]
    struct MyError(u8);

    type Result<T> = std::result::Result<T, MyError>;
    type AnswerResult = Result<u8>;

    mod other {
        pub(super) type FallibleResult<T, E = String> = std::result::Result<T, E>;
    }

    struct Aliased;

    #[saga]
    impl Aliased {
        #[step(compensate = undo_first)]
        async fn first(&self, number: &u8) -> Result<u8> {
            Ok(number + 1)
        }

        #[step(compensate = undo_second)]
        async fn second(&self, number: &u8) -> AnswerResult {
            match number {
                13 => Err(MyError(13)),
                _ => Ok(number + 1),
            }
        }

        #[step(compensate = undo_third)]
        async fn third(&self, number: &u8) -> other::FallibleResult<u8> {
            match number {
                20 => Err("twenty".to_owned()),
                _ => Ok(number + 1),
            }
        }

        #[step(readonly)]
        async fn fourth(&self, number: &u8) -> std::io::Result<u8> {
            match number {
                30 => Err(std::io::Error::other("thirty")),
                _ => Ok(number + 1),
            }
        }

        #[step(readonly)]
        async fn fifth(&self, number: &u8) -> core::result::Result<u8, core::convert::Infallible> {
            Ok(*number)
        }

        async fn undo_first(&self, made: &u8) -> Result<()> {
            assert_ne!(*made, 0);
            Ok(())
        }

        async fn undo_second(&self, _made: &u8) -> other::FallibleResult<()> {
            Ok(())
        }

        async fn undo_third(&self, _made: &u8) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[tokio::test(start_paused = true)]
    async fn the_result_of_a_step_may_be_an_alias() {
        assert_eq!(AliasedSaga::run(&Aliased, 1).await.unwrap(), 5);
        for (input, step, message) in [
            (12, "second", "number 13 is mine"),
            (18, "third", "twenty"),
            (27, "fourth", "thirty"),
        ] {
            let error = AliasedSaga::run(&Aliased, input).await.unwrap_err();
            assert_eq!(error.step().unwrap().name, step);
            assert_eq!(error.attempts(), 1);
            assert_eq!(error.end(), End::Compensated);
            assert_eq!(error.error().text().message, message);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn the_error_of_an_alias_is_typed_like_any_other() {
        let error = AliasedSaga::run(&Aliased, 12).await.unwrap_err();
        assert_eq!(error.step().unwrap().name, "second");
        assert_eq!(error.attempts(), 1);
        assert_eq!(error.end(), End::Compensated);
        assert!(matches!(
            error.error(),
            AliasedSagaError::Second(Failure::Error(MyError(13)))
        ));
    }
}

mod private_types {
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
}

mod compensation_elsewhere {
    #![expect(clippy::unused_async, reason = "a compensation is async")]

    use super::*;
    use saga_tests::Calls;

    #[derive(Default)]
    struct Split {
        calls: Calls,
    }

    impl Split {
        async fn before(&self, made: &u8) -> Result<(), String> {
            self.calls.add(format!("before {made}"));
            Ok(())
        }
    }

    #[saga]
    impl Split {
        #[step(compensate = before)]
        async fn first(&self) -> Result<u8, String> {
            Ok(1)
        }

        #[step(compensate = after)]
        async fn second(&self) -> Result<u8, String> {
            Ok(2)
        }

        #[step(compensate = before)]
        async fn third(&self) -> Result<u8, String> {
            Ok(3)
        }

        #[step(readonly)]
        async fn last(&self) -> Result<(), String> {
            Err("enough".to_owned())
        }
    }

    impl Split {
        async fn after(&self, made: &u8) -> Result<(), String> {
            self.calls.add(format!("after {made}"));
            Err("not undone".to_owned())
        }
    }

    #[derive(Debug)]
    struct Unreachable(std::fmt::Error);

    impl std::fmt::Display for Unreachable {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("nobody answers")
        }
    }

    impl std::error::Error for Unreachable {
        fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
            Some(&self.0)
        }
    }

    struct Caused;

    impl Caused {
        async fn call_back(&self, _made: &u8) -> Result<(), Unreachable> {
            Err(Unreachable(std::fmt::Error))
        }
    }

    #[saga]
    impl Caused {
        #[step(compensate = call_back)]
        async fn call(&self) -> Result<u8, String> {
            Ok(1)
        }

        #[step]
        async fn last(&self) -> Result<(), String> {
            Err("enough".to_owned())
        }
    }

    #[tokio::test(start_paused = true)]
    async fn the_error_of_a_compensation_in_another_block_keeps_what_caused_it() {
        let error = CausedSaga::run(&Caused, ()).await.unwrap_err();
        assert_eq!(
            (error.step().unwrap().name, error.end()),
            ("last", End::Stuck)
        );
        let [failure] = error.compensation_failures() else {
            panic!("{error:?}");
        };
        assert_eq!((failure.step.name, failure.attempts), ("call", 1));
        assert_eq!(failure.error.message, "nobody answers");
        assert_eq!(failure.error.chain, [std::fmt::Error.to_string()]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_compensation_may_stand_in_another_block_and_serve_two_steps() {
        let service = Split::default();
        let error = SplitSaga::run(&service, ()).await.unwrap_err();
        assert_eq!(error.step().unwrap().name, "last");
        assert_eq!(error.attempts(), 1);
        assert_eq!(error.end(), End::Stuck);
        assert_eq!(service.calls.take(), ["before 3", "after 2", "before 1"]);
        let report = error.report().to_string();
        assert!(report.contains("before"), "{report}");
        assert!(report.contains("not undone"), "{report}");
    }
}

mod methods_stay_methods {
    use super::*;
    use saga_core::{Attempt, Cause, ErrorText, Phase, StepContext};

    struct Cards;

    #[saga]
    impl Cards {
        #[step(compensate = refund)]
        async fn charge(&self, amount: &u64, context: &StepContext) -> Result<String, String> {
            let key = context.idempotency_key();
            match (amount, context.attempt()) {
                (0, _) => Err("nothing to charge".to_owned()),
                (_, 1) => Ok(key),
                (_, attempt) => Ok(format!("{key} at attempt {attempt}")),
            }
        }

        #[step]
        async fn ship(&self) -> Result<(), String> {
            Err("no boat".to_owned())
        }

        async fn refund(
            &self,
            payment: Attempt<&String>,
            context: &StepContext,
        ) -> Result<(), String> {
            assert_eq!(context.phase(), Phase::Compensation);
            let cause = context.cause().ok_or("no cause")?;
            assert_eq!(cause.error.message, "no boat");
            assert_eq!(cause.step.as_deref(), Some("ship"));
            match payment {
                Attempt::Completed(payment) if *payment == context.step_idempotency_key() => Ok(()),
                Attempt::Completed(payment) => Err(format!("what is {payment}?")),
                Attempt::InDoubt => Err("in doubt".to_owned()),
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_step_can_be_called_directly_with_a_context_made_by_hand() {
        let context = StepContext::new("cards", "order-42", "charge");
        let payment = Cards.charge(&5, &context).await;
        assert_eq!(payment.unwrap(), "cards/order-42/charge/do");
        let context = context.with_attempt(3);
        let payment = Cards.charge(&5, &context).await;
        assert_eq!(payment.unwrap(), "cards/order-42/charge/do at attempt 3");
        let refused = Cards.charge(&0, &context).await;
        assert_eq!(refused.unwrap_err(), "nothing to charge");
    }

    #[tokio::test(start_paused = true)]
    async fn a_compensation_can_be_called_directly_with_a_cause_made_by_hand() {
        let cause = Cause::new("ship", ErrorText::new("no boat"));
        let context = StepContext::new("cards", "order-42", "charge").with_cause(cause);
        let payment = "cards/order-42/charge/do".to_owned();
        let refunded = Cards.refund(Attempt::Completed(&payment), &context).await;
        refunded.unwrap();
        let refused = Cards.refund(Attempt::InDoubt, &context).await;
        assert_eq!(refused.unwrap_err(), "in doubt");
    }

    #[tokio::test(start_paused = true)]
    async fn a_run_gives_the_same_contexts() {
        let error = CardsSaga::run(&Cards, 5).await.unwrap_err();
        assert_eq!(error.step().unwrap().name, "ship");
        assert_eq!(error.attempts(), 1);
        assert_eq!(error.end(), End::Compensated, "{error:?}");
    }
}

mod bodies_that_use_anything {
    use super::*;
    use std::collections::BTreeMap;

    struct Anything {
        table: BTreeMap<&'static str, Vec<i32>>,
    }

    /// Documented.
    #[saga]
    #[allow(clippy::missing_errors_doc, reason = "an attribute under ours")]
    impl Anything {
        /// A constant of the block.
        const LIMIT: i32 = 3;

        /// A function of the block that is no step.
        #[must_use]
        fn new() -> Self {
            Self {
                table: BTreeMap::from([("a", vec![1, 2, 3]), ("b", vec![])]),
            }
        }

        /// Documented, with `code`:
        ///
        /// ```text
        /// #[step(pivot)] fn not_a_step() {
        /// ```
        #[step(readonly)]
        #[allow(clippy::too_many_lines, reason = "as one may")]
        pub(crate) async fn everything(&self, name: &str) -> Result<Vec<i32>, String> {
            // A comment with a brace { and a "quote.
            /* #[step] async fn in_a_comment() { */
            const fn twice(number: i32) -> i32 {
                number * 2
            }

            struct Local<'n> {
                name: &'n str,
            }

            impl Local<'_> {
                fn is(&self, other: &str) -> bool {
                    self.name == other
                }
            }

            macro_rules! all {
                ($($number:expr),* $(,)?) => { vec![$($number),*] };
            }

            let raw = r#"a raw "string" with } in it"#;
            assert!(raw.ends_with('t'), "{raw:?} {{}}");
            let row = self
                .table
                .get(name)
                .ok_or_else(|| format!("no row {name:?}"))?;
            let Some(first) = row.first() else {
                return Err("an empty row".into());
            };
            let doubled = row.iter().map(|number| twice(*number));
            let more = async {
                tokio::task::yield_now().await;
                Ok::<_, String>(first + 1)
            };
            let mut made = all![more.await?, Self::LIMIT];
            made.extend(doubled.take_while(|number| *number < 6));
            let local = Local { name };
            let fourth = 'found: {
                for number in &made {
                    if *number > 3 && local.is("a") {
                        break 'found *number;
                    }
                }
                unreachable!("there is a 4: {made:?}");
            };
            assert_eq!(fourth, 4);
            match &made[..] {
                [2, rest @ ..] if !rest.is_empty() => Ok(rest.to_vec()),
                _ => Err(format!("{made:?}")),
            }
        }

        #[step(readonly)]
        async fn sum(&self, made: &[i32]) -> Result<i32, std::fmt::Error> {
            let add = async |left: i32, right: i32| left + right;
            let mut sum = 0;
            for number in made {
                sum = add(sum, *number).await;
            }
            Ok(sum)
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_may_use_anything() {
        let service = Anything::new();
        let run = AnythingSaga::run(&service, "a".to_owned());
        assert_eq!(is_send(run).await.unwrap(), 3 + 2 + 4);
        for (input, message) in [("b", "an empty row"), ("c", r#"no row "c""#)] {
            let error = AnythingSaga::run(&service, input.to_owned()).await;
            let error = error.unwrap_err();
            assert_eq!(error.step().unwrap().name, "everything");
            assert_eq!(error.attempts(), 1);
            assert_eq!(error.end(), End::Compensated);
            assert_eq!(error.error().text().message, message);
        }
    }
}

mod names {
    use super::*;

    struct Odd;

    #[saga(name = "odd-names")]
    impl Odd {
        #[step(compensate = r#yield)]
        async fn r#type(&self, r#in: &u8) -> Result<u8, String> {
            Ok(*r#in)
        }

        #[step(name = "dispatch", compensate = r#yield)]
        async fn r#async(&self, r#type: &u8) -> Result<u8, String> {
            Ok(*r#type)
        }

        #[step(readonly, name = "seal.v-2")]
        async fn r#fn(
            &self,
            #[from(r#type)] r#dyn: &u8,
            #[from(r#async)] _b: &u8,
        ) -> Result<(), String> {
            Err(r#dyn.to_string())
        }

        async fn r#yield(&self, r#box: &u8) -> Result<(), String> {
            let _ = r#box;
            Ok(())
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_step_may_have_a_raw_identifier_or_a_name_of_its_own() {
        let names: Vec<_> = OddSaga::DEFINITION
            .steps
            .iter()
            .map(|step| (step.name, step.method))
            .collect();
        assert_eq!(
            names,
            [("type", "type"), ("dispatch", "async"), ("seal.v-2", "fn"),],
        );
        assert_eq!(OddSaga::DEFINITION.name, "odd-names");
        let error = OddSaga::run(&Odd, 4).await.unwrap_err();
        assert_eq!(error.step().unwrap().name, "seal.v-2");
        assert_eq!(error.attempts(), 1);
        assert_eq!(error.end(), End::Compensated);
        assert!(matches!(error.error(), OddSagaError::Fn(Failure::Error(_))));
        let OddSagaState::BeforeFn { r#type: 4, .. } = error.state() else {
            panic!("{:?}", error.state());
        };
        let report = error.report().to_string();
        for part in [
            "1. type(in: 4)",
            "2. dispatch(type: 4)",
            "undone by yield(box: 4)",
        ] {
            assert!(report.contains(part), "{part:?} is not in\n{report}");
        }
    }
}

mod const_generics {
    use super::*;

    struct Ring<'n, const SIZE: usize, T, K>
    where
        T: Clone,
        K: ?Sized,
    {
        name: &'n str,
        items: [T; SIZE],
        kind: core::marker::PhantomData<fn(&K)>,
    }

    #[saga]
    impl<'n, const SIZE: usize, T, K> Ring<'n, SIZE, T, K>
    where
        T: Clone + Send + Sync + fmt::Debug + 'n,
        K: ?Sized + 'static,
        [T; SIZE]: Sync,
    {
        #[step(compensate = forget)]
        async fn copy(&self) -> Result<[T; SIZE], String> {
            Ok(self.items.clone())
        }

        #[step(readonly)]
        async fn first(&self, copied: &[T; SIZE]) -> Result<T, &'static str> {
            copied.first().cloned().ok_or("an empty ring")
        }

        #[step(readonly)]
        async fn name(
            &self,
            #[from(copy)] copied: &[T; SIZE],
            first: &T,
        ) -> Result<String, String> {
            match SIZE {
                3 => Ok(format!("{} of {copied:?} from {first:?}", self.name)),
                _ => Err(format!("a ring of {SIZE}")),
            }
        }

        async fn forget(&self, copied: &[T; SIZE]) -> Result<(), String> {
            assert_eq!(copied.len(), SIZE);
            Ok(())
        }
    }

    fn ring<const SIZE: usize>(items: [u8; SIZE]) -> Ring<'static, SIZE, u8, str> {
        Ring::<'static, SIZE, u8, str> {
            name: "ring",
            items,
            kind: core::marker::PhantomData,
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_service_may_have_lifetimes_const_generics_and_where_clauses() {
        let run = is_send_and_lives_for_ever(async {
            let service = ring([1, 2, 3]);
            RingSaga::run(&service, ()).await
        });
        let named = tokio::spawn(run).await.unwrap();
        assert_eq!(named.unwrap(), "ring of [1, 2, 3] from 1");

        let service = ring([1]);
        let error = RingSaga::run(&service, ()).await.unwrap_err();
        assert_eq!(error.step().unwrap().name, "name");
        assert_eq!(error.attempts(), 1);
        assert_eq!(error.end(), End::Compensated);

        let service = ring([]);
        let error = RingSaga::run(&service, ()).await.unwrap_err();
        assert_eq!(error.step().unwrap().name, "first");
        assert_eq!(error.attempts(), 1);
        assert_eq!(error.end(), End::Compensated);
    }
}

mod places {
    use super::*;

    pub(super) mod nested {
        pub(crate) mod deeper {
            use saga_core::saga;

            pub(crate) struct Deep(pub(in crate::shapes::places) u8);

            #[saga(vis = pub(crate))]
            impl Deep {
                #[step(readonly)]
                async fn dig(&self, spade: &super::Spade) -> Result<u8, super::super::Stone> {
                    match spade.0.checked_sub(self.0) {
                        Some(left) => Ok(left),
                        None => Err(super::super::Stone),
                    }
                }
            }
        }

        #[derive(Debug)]
        pub(crate) struct Spade(pub(crate) u8);
    }

    #[derive(Debug)]
    pub(crate) struct Stone;

    impl fmt::Display for Stone {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a stone")
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_saga_may_stand_in_a_nested_module() {
        use nested::deeper::{Deep, DeepSaga, DeepSagaError};
        let left = DeepSaga::run(&Deep(2), nested::Spade(5)).await;
        assert_eq!(left.unwrap(), 3);
        let error = DeepSaga::run(&Deep(2), nested::Spade(1)).await.unwrap_err();
        assert_eq!(error.step().unwrap().name, "dig");
        assert_eq!(error.attempts(), 1);
        assert_eq!(error.end(), End::Compensated);
        assert!(matches!(
            error.error(),
            DeepSagaError::Dig(Failure::Error(Stone))
        ));
    }

    #[tokio::test(start_paused = true)]
    async fn a_saga_may_stand_in_a_function_body() {
        struct Local(u8);

        #[derive(Debug)]
        struct Made(u8);

        #[saga]
        impl Local {
            #[step(compensate = unmake)]
            async fn make(&self, by: &u8) -> Result<Made, String> {
                Ok(Made(self.0 * by))
            }

            #[step]
            async fn check(&self, made: &Made) -> Result<u8, String> {
                match made {
                    Made(6) => Ok(6),
                    Made(_) => Err(format!("{made:?}")),
                }
            }

            async fn unmake(&self, _made: &Made) -> Result<(), String> {
                Ok(())
            }
        }

        assert_eq!(LocalSaga::run(&Local(2), 3).await.unwrap(), 6);
        let error = LocalSaga::run(&Local(2), 4).await.unwrap_err();
        assert_eq!(error.step().unwrap().name, "check");
        assert_eq!(error.attempts(), 1);
        assert_eq!(error.end(), End::Compensated);
    }
}

mod borrowed_forms {
    #![allow(
        clippy::ptr_arg,
        clippy::borrowed_box,
        reason = "what is given may also be asked for as it is"
    )]

    use super::*;
    use std::path::{Path, PathBuf};

    struct Forms;

    #[saga(saga = TextSaga)]
    impl Forms {
        #[step(compensate = untext)]
        async fn text(&self, input: &str) -> Result<Vec<u8>, String> {
            Ok(input.as_bytes().to_vec())
        }

        #[step(compensate = unbytes)]
        async fn bytes(&self, bytes: &[u8], #[input] input: &String) -> Result<PathBuf, String> {
            assert_eq!(bytes, input.as_bytes());
            Ok(PathBuf::from(input))
        }

        #[step(compensate = unpath)]
        async fn path(&self, path: &Path, #[from(text)] text: &[u8]) -> Result<Box<u8>, String> {
            assert_eq!(path.as_os_str().len(), text.len());
            Ok(Box::new(7))
        }

        #[step(compensate = unboxed)]
        async fn boxed(&self, seven: &u8) -> Result<Arc<String>, String> {
            Ok(Arc::new(seven.to_string()))
        }

        #[step(compensate = unshared)]
        async fn shared(
            &self,
            text: &String,
            #[from(path)] seven: &Box<u8>,
        ) -> Result<Arc<u8>, String> {
            assert_eq!(*text, seven.to_string());
            Ok(Arc::new(**seven))
        }

        #[step]
        async fn last(&self, shared: &Arc<u8>, #[input] input: &str) -> Result<u8, String> {
            match input {
                "fail" => Err(input.to_owned()),
                _ => Ok(**shared),
            }
        }

        async fn untext(&self, bytes: &[u8]) -> Result<(), String> {
            assert_eq!(bytes, b"fail");
            Ok(())
        }

        async fn unbytes(&self, path: &Path) -> Result<(), String> {
            assert_eq!(path, Path::new("fail"));
            Ok(())
        }

        async fn unpath(&self, seven: &u8, #[from(bytes)] path: &Path) -> Result<(), String> {
            assert_eq!((*seven, path), (7, Path::new("fail")));
            Ok(())
        }

        async fn unboxed(&self, text: &String, #[input] input: &str) -> Result<(), String> {
            assert_eq!((text.as_str(), input), ("7", "fail"));
            Ok(())
        }

        async fn unshared(&self, seven: &u8) -> Result<(), String> {
            assert_eq!(*seven, 7);
            Ok(())
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_parameter_may_borrow_the_standard_forms_of_what_it_is_given() {
        assert_eq!(TextSaga::run(&Forms, "ok".to_owned()).await.unwrap(), 7);
        let error = TextSaga::run(&Forms, "fail".to_owned()).await.unwrap_err();
        assert_eq!(error.step().unwrap().name, "last");
        assert_eq!(error.attempts(), 1);
        assert_eq!(error.end(), End::Compensated, "{error:?}");
    }

    #[saga(saga = SliceSaga)]
    impl Forms {
        #[step(readonly)]
        async fn count(&self, items: &[(u8, String)]) -> Result<usize, String> {
            Ok(items.len())
        }
    }

    #[saga(saga = PathSaga)]
    impl Forms {
        #[step(readonly)]
        async fn parent(&self, path: &Path) -> Result<PathBuf, String> {
            path.parent()
                .map(Path::to_owned)
                .ok_or_else(|| format!("{} has no parent", path.display()))
        }
    }

    #[saga(saga = GivenSaga, input = Box<u64>)]
    impl Forms {
        #[step(readonly)]
        async fn given(&self, number: &u64) -> Result<u64, String> {
            Ok(*number)
        }
    }

    #[tokio::test(start_paused = true)]
    async fn the_input_is_the_owned_form_of_the_first_parameter_unless_it_is_given() {
        let items: Vec<(u8, String)> = vec![(1, "a".to_owned())];
        assert_eq!(SliceSaga::run(&Forms, items).await.unwrap(), 1);
        let path: PathBuf = "a/b".into();
        assert_eq!(PathSaga::run(&Forms, path).await.unwrap(), Path::new("a"));
        let error = PathSaga::run(&Forms, PathBuf::new()).await.unwrap_err();
        assert_eq!(error.step().unwrap().name, "parent");
        assert_eq!(error.attempts(), 1);
        assert_eq!(error.end(), End::Compensated);
        assert_eq!(GivenSaga::run(&Forms, Box::new(3)).await.unwrap(), 3);
    }
}

mod without_a_runtime {
    use super::*;
    use saga_core::{Policy, RunOptions};
    use saga_tests::Calls;

    #[derive(Default)]
    struct Bare {
        calls: Calls,
        fails: bool,
    }

    #[saga]
    impl Bare {
        #[step(compensate = undo_first)]
        async fn first(&self, number: &u8) -> Result<u8, String> {
            yield_once().await;
            self.calls.add("first");
            Ok(*number)
        }

        // Repeated at once: needs no timer.
        #[step(compensate = undo_second, retry(attempts = 2))]
        async fn second(&self, number: &u8) -> Result<u8, String> {
            self.calls.add("second");
            yield_once().await;
            if self.fails {
                return Err("no".to_owned());
            }
            Ok(*number)
        }

        #[step]
        async fn last(&self, number: &u8) -> Result<u8, String> {
            self.calls.add("last");
            Ok(*number)
        }

        async fn undo_first(&self) -> Result<(), String> {
            yield_once().await;
            self.calls.add("undo_first");
            Ok(())
        }

        async fn undo_second(&self) -> Result<(), String> {
            self.calls.add("undo_second");
            Ok(())
        }
    }

    #[test]
    fn a_run_without_a_timer_needs_no_runtime() {
        let service = Bare::default();
        assert_eq!(block_on(BareSaga::run(&service, 3)).unwrap(), 3);
        assert_eq!(service.calls.take(), ["first", "second", "last"]);
        let service = Bare {
            fails: true,
            ..Bare::default()
        };
        let error = block_on(BareSaga::run(&service, 3)).unwrap_err();
        assert_eq!(error.step().unwrap().name, "second");
        assert_eq!(error.attempts(), 2);
        assert_eq!(error.end(), End::Compensated);
        assert_eq!(
            service.calls.take(),
            ["first", "second", "second", "undo_first"]
        );
    }

    type Run = fn(&Bare, RunOptions<BareSaga>) -> Outcome;

    fn runs() -> [(&'static str, Run); 2] {
        [
            ("outside a runtime", |service, options| {
                block_on(BareSaga::run_with(service, 3, options))
            }),
            ("in a runtime without time", |service, options| {
                let runtime = tokio::runtime::Builder::new_current_thread().build();
                let run = BareSaga::run_with(service, 3, options);
                runtime.unwrap().block_on(run)
            }),
        ]
    }

    type Outcome = Result<u8, SagaError<BareSaga>>;

    const TIMED: Policy = Policy::ONCE.timeout(core::time::Duration::from_secs(1));

    #[test]
    fn a_timeout_without_a_timer_is_an_error_that_names_the_step_and_not_a_panic() {
        for (place, run) in runs() {
            let service = Bare::default();
            let options = RunOptions::new().policy("second", TIMED).unwrap();
            let error = run(&service, options).unwrap_err();
            assert_eq!(error.step().unwrap().name, "second", "{place}");
            assert_eq!(error.attempts(), 0, "none was begun: {place}");
            assert!(!error.in_doubt(), "{place}");
            assert_eq!(error.end(), End::Compensated, "{place}");
            assert_eq!(service.calls.take(), ["first", "undo_first"], "{place}");
            let line = error.to_string();
            for part in ["`second`", "Tokio", "time"] {
                let line = line.to_lowercase();
                let part = part.to_lowercase();
                assert!(line.contains(&part), "{part:?} is not in {line:?}: {place}");
            }
        }
    }

    #[test]
    fn a_timeout_of_the_last_step_without_a_timer_undoes_the_others() {
        for (place, run) in runs() {
            let service = Bare::default();
            let options = RunOptions::new().policy("last", TIMED).unwrap();
            let error = run(&service, options).unwrap_err();
            assert_eq!(error.step().unwrap().name, "last", "{place}");
            assert_eq!(error.attempts(), 0, "none was begun: {place}");
            assert!(!error.in_doubt(), "nothing took effect: {place}");
            assert_eq!(error.end(), End::Compensated, "{place}");
            assert_eq!(
                service.calls.take(),
                ["first", "second", "undo_second", "undo_first"],
                "{place}",
            );
        }
    }

    #[test]
    fn a_timeout_of_a_compensation_without_a_timer_is_a_failure_of_it_and_not_a_panic() {
        for (place, run) in runs() {
            let service = Bare {
                fails: true,
                ..Bare::default()
            };
            let options = RunOptions::new()
                .compensation_policy("first", TIMED)
                .unwrap();
            let error = run(&service, options).unwrap_err();
            assert_eq!(error.step().unwrap().name, "second", "{place}");
            assert_eq!(error.attempts(), 2, "{place}");
            assert_eq!(error.end(), End::Stuck, "{place}");
            let [failure] = error.compensation_failures() else {
                panic!("{place}: {error:?}");
            };
            assert_eq!(failure.step.name, "first", "{place}");
            assert_eq!(service.calls.take(), ["first", "second", "second"]);
        }
    }

    /// Only the undo of its first step has a time limit.
    #[derive(Default)]
    struct LimitedUndo {
        calls: Calls,
    }

    #[saga]
    impl LimitedUndo {
        #[step(compensate = undo_first)]
        async fn first(&self) -> Result<u8, String> {
            self.calls.add("first");
            Ok(1)
        }

        #[step]
        async fn last(&self) -> Result<(), String> {
            self.calls.add("last");
            Err("no".to_owned())
        }

        #[compensation(timeout = "1s")]
        async fn undo_first(&self) -> Result<(), String> {
            self.calls.add("undo_first");
            Ok(())
        }
    }

    #[test]
    fn a_timer_that_the_definition_needs_anywhere_is_missed_before_anything_is_done() {
        let runtime = tokio::runtime::Builder::new_current_thread().build();
        let runtime = runtime.unwrap();
        for (place, in_runtime) in [("outside a runtime", false), ("without time", true)] {
            let service = LimitedUndo::default();
            let run = LimitedUndoSaga::run(&service, ());
            let ended = if in_runtime {
                runtime.block_on(run)
            } else {
                block_on(run)
            };
            let error = ended.unwrap_err();
            assert_eq!(
                (error.step().unwrap().name, error.attempts()),
                ("first", 0),
                "{place}"
            );
            assert_eq!(error.end(), End::Compensated, "{place}");
            assert!(service.calls.take().is_empty(), "{place}");
        }
    }

    #[test]
    fn a_wait_between_two_attempts_without_a_timer_is_an_error_and_not_a_panic() {
        let second = core::time::Duration::from_secs(1);
        let waits = Policy::attempts(3).backoff(second, second);
        for (place, run) in runs() {
            let service = Bare {
                fails: true,
                ..Bare::default()
            };
            let options = RunOptions::new().policy("second", waits).unwrap();
            let error = run(&service, options).unwrap_err();
            assert_eq!(error.step().unwrap().name, "second", "{place}");
            assert!(!error.in_doubt(), "{place}");
            assert_eq!(error.end(), End::Compensated, "{place}");
            let calls = service.calls.take();
            let begun = calls.iter().filter(|call| *call == "second").count();
            assert_eq!(u32::try_from(begun), Ok(error.attempts()), "{place}");
            assert_eq!(calls.last().map(String::as_str), Some("undo_first"));
        }
    }
}

mod a_saga_in_a_step {
    use super::*;
    use saga_tests::Calls;

    #[derive(Default)]
    struct Inner {
        calls: Calls,
    }

    #[saga]
    impl Inner {
        #[step(compensate = put_back)]
        async fn take(&self, what: &str) -> Result<usize, String> {
            self.calls.add(format!("take {what}"));
            Ok(what.len())
        }

        #[step]
        async fn pay(&self, taken: &usize) -> Result<usize, std::num::ParseIntError> {
            self.calls.add(format!("pay {taken}"));
            "nothing".parse()
        }

        async fn put_back(&self, taken: &usize) -> Result<(), String> {
            self.calls.add(format!("put back {taken}"));
            Ok(())
        }
    }

    struct Outer<'i>(&'i Inner);

    #[saga]
    impl<'i> Outer<'i> {
        #[step(compensate = close)]
        async fn open(&self, what: &str) -> Result<&'i str, String> {
            self.0.calls.add(format!("open for {what}"));
            Ok("opened")
        }

        #[step(readonly)]
        async fn order(&self, #[input] what: &str) -> Result<usize, SagaError<InnerSaga>> {
            InnerSaga::run(self.0, what.to_owned()).await
        }

        async fn close(&self, opened: &&'i str) -> Result<(), String> {
            self.0.calls.add(format!("close what was {opened}"));
            Ok(())
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_step_may_run_a_saga_and_fail_with_its_error() {
        let inner = Inner::default();
        let outer = Outer(&inner);
        let run = OuterSaga::run(&outer, "cup".to_owned());
        let error = is_send(run).await.unwrap_err();
        assert_eq!(error.step().unwrap().name, "order");
        assert_eq!(error.attempts(), 1);
        assert_eq!(error.end(), End::Compensated);
        assert_eq!(
            inner.calls.take(),
            [
                "open for cup",
                "take cup",
                "pay 3",
                "put back 3",
                "close what was opened",
            ],
        );
        let OuterSagaError::Order(Failure::Error(inside)) = error.error() else {
            panic!("{error:?}");
        };
        assert_eq!(inside.step().unwrap().name, "pay");
        assert_eq!(inside.attempts(), 1);
        assert!(error.to_string().contains("invalid digit"), "{error}");
    }
}

mod paths_to_the_service {
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
}

mod send {
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
}
