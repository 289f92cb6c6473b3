//! A decorator of this crate around the executors of saga-core, in memory and in an engine. It counts attempts,
//! makes some of them fail, and skips a step. It only uses the public API.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use saga_core::durable::{Durable, Engine, InMemoryJournal, Journalable, JournaledOutput};
use saga_core::{
    End, Failure, InMemory, RunOptions,
    definition::Phase,
    drive,
    executor::{
        Begin, Call, Completed, ErrorView, Execute, ExecuteNested, Executor, Faults, GaveUp, Run,
        Stop,
    },
};
use saga_hosted_tests::run::runtime;
use saga_tests::nested::{Shop, ShopSaga, ShopSagaError, World};

/// What the decorator does, and what it has counted.
#[derive(Debug, Default)]
struct Door {
    /// The step that gives up at once, without an attempt.
    fails: Option<&'static str>,
    attempts: Mutex<BTreeMap<String, u32>>,
    nested: Mutex<Vec<String>>,
}

impl Door {
    fn fails(step: &'static str) -> Arc<Self> {
        let fails = Some(step);
        Arc::new(Self {
            fails,
            ..Self::default()
        })
    }

    fn count(&self, begin: &Begin<'_>) {
        let mut attempts = self.attempts.lock().unwrap_or_else(PoisonError::into_inner);
        *attempts
            .entry(begin.context().idempotency_key())
            .or_default() += 1;
    }

    fn log(&self, what: &str, call: Call<'_>) {
        let mut nested = self.nested.lock().unwrap_or_else(PoisonError::into_inner);
        nested.push(format!("{what} {}", call.step.name));
    }
}

/// The decorator of any executor.
struct Around<X> {
    inner: X,
    door: Arc<Door>,
}

impl<X: Executor> Executor for Around<X> {
    type Halt = X::Halt;

    fn run(&self) -> &Run {
        self.inner.run()
    }

    fn nested(&self, run: Run) -> Self {
        Self {
            inner: self.inner.nested(run),
            door: Arc::clone(&self.door),
        }
    }

    fn take_run(&mut self) -> Run {
        self.inner.take_run()
    }
}

impl<const STEP: usize, T: Send, X: Execute<STEP, T>> Execute<STEP, T> for Around<X> {
    async fn execute<'a, 'slot, C, E, Q, F, Fut>(
        &'a self,
        call: C,
        faults: Q,
        mut attempt: F,
        slot: &'slot mut Option<T>,
    ) -> Result<(), Stop<Failure<E>, Self::Halt>>
    where
        C: Into<Call<'a>> + Copy + Send,
        Q: Fn() -> Faults<E> + Copy + Send,
        F: FnMut(Begin<'a>) -> Fut + Send,
        Fut: Future<Output = Result<T, E>> + Send,
        E: Send,
    {
        let of: Call<'a> = call.into();
        if of.phase == Phase::Step && self.door.fails == Some(of.step.name) {
            let failure = Failure::Panicked("not through this door".to_owned());
            return Err(Stop::GaveUp(GaveUp::new(failure, 1, false)));
        }
        let door = &self.door;
        let counted = move |begin: Begin<'a>| {
            door.count(&begin);
            attempt(begin)
        };
        self.inner.execute(call, faults, counted, slot).await
    }
}

impl<I: Send, X: ExecuteNested<I>> ExecuteNested<I> for Around<X> {
    async fn start_nested<'a, E: Send>(
        &'a self,
        call: Call<'a>,
    ) -> Result<(), Stop<Failure<E>, Self::Halt>> {
        self.door.log("starts", call);
        self.inner.start_nested(call).await
    }

    async fn begin_nested<'a, F>(&'a self, begin: Begin<'a>, input: F) -> Result<(Run, I), X::Halt>
    where
        F: FnOnce() -> I + Send,
    {
        self.door.log("begins", begin.call);
        self.inner.begin_nested(begin, input).await
    }

    fn end_nested<'a, E>(
        &'a self,
        call: Call<'a>,
        ended: Result<Completed, &Stop<Failure<E>, Self::Halt>>,
        view: for<'e> fn(&'e E) -> ErrorView<'e>,
    ) -> impl Future<Output = ()> + Send {
        self.door.log("ends", call);
        self.inner.end_nested(call, ended, view)
    }
}

const ID: &str = "o-1";

/// The calls of the service with and without the decorator, and the end.
fn in_memory(door: &Arc<Door>) -> (Vec<String>, saga_core::Ended<ShopSaga>) {
    let world = Arc::new(World::default());
    let shop = Shop::of(Arc::clone(&world));
    let inner = InMemory::new(RunOptions::<ShopSaga>::new().id(ID));
    let door = Arc::clone(door);
    let executor = Around { inner, door };
    let Ok(ended) = runtime().block_on(drive::<ShopSaga, _>(&shop, &executor, 7));
    (world.calls.take(), ended)
}

fn in_engine(door: &Arc<Door>) -> (Vec<String>, saga_core::Ended<ShopSaga>) {
    let world = Arc::new(World::default());
    let shop = Shop::of(Arc::clone(&world));
    let door = Arc::clone(door);
    let around = move |inner: Durable| {
        let door = Arc::clone(&door);
        Around { inner, door }
    };
    let ended = runtime().block_on(async {
        let builder = Engine::builder();
        let builder = builder.register_decorated::<ShopSaga, _>(shop, RunOptions::new(), around);
        let engine = builder.open(InMemoryJournal::new()).await.unwrap();
        let mut handle = engine.submit::<ShopSaga>(ID, 7).await.unwrap();
        handle.outcome().await.unwrap()
    });
    (world.calls.take(), ended)
}

/// Bounds with which such a decorator can be written.
fn is_public<X: Execute<0, ()> + ExecuteNested<u32>, T: JournaledOutput<0> + Journalable>() {}

#[test]
fn an_executor_of_another_crate_sees_every_attempt() {
    is_public::<Around<InMemory>, u32>();
    is_public::<Around<Durable>, u32>();
    let (memory, engine) = (Arc::default(), Arc::default());
    let (calls, ended) = in_memory(&memory);
    let output = ended.unwrap();
    let (same, again) = in_engine(&engine);
    assert_eq!((&same, again.unwrap()), (&calls, output));
    for door in [memory, engine] {
        let attempts = door.attempts.lock().unwrap().clone();
        assert!(
            attempts.values().all(|attempts| *attempts == 1),
            "{attempts:?}"
        );
        let mut counted: Vec<_> = attempts.into_keys().collect();
        let mut calls = calls.clone();
        calls.sort();
        counted.sort();
        assert_eq!(counted, calls);
        let nested = door.nested.lock().unwrap().clone();
        let of = |what: &str| nested.iter().filter(|line| line.starts_with(what)).count();
        // The steps pay, gift, ship and thank of the shop, and the transfer of the payments.
        assert_eq!(
            (of("starts"), of("begins"), of("ends")),
            (5, 5, 5),
            "{nested:?}"
        );
    }
}

#[test]
fn what_it_fails_is_undone_as_if_the_step_had_failed() {
    // The step of a nested saga.
    let door = Door::fails("settle");
    let (calls, ended) = in_memory(&door);
    let error = ended.unwrap_err();
    assert_eq!(error.step().unwrap().name, "pay");
    assert_eq!(error.end(), End::Compensated);
    assert!(matches!(error.error(), ShopSagaError::Pay(_)));
    assert!(error.report().to_string().contains("not through this door"));
    assert!(!calls.iter().any(|call| call.ends_with("settle/do")));
    let undone = calls.iter().filter(|call| call.ends_with("/undo"));
    let undone: Vec<_> = undone
        .map(|call| call.rsplit('/').nth(1).unwrap())
        .collect();
    assert_eq!(undone, ["hold", "check", "pack"]);
    assert!(
        !door
            .attempts
            .lock()
            .unwrap()
            .keys()
            .any(|key| key.ends_with("settle/do"))
    );
}
