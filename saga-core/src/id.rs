//! The id of a run, which is drawn or composed only when it is needed.

use core::num::NonZeroU64;
use core::sync::atomic::AtomicU64;
use core::sync::atomic::Ordering::Relaxed;

pub use saga_journal::SagaId;

use crate::definition::{Definition, Step};

/// The id of a run. Random bits are drawn, and the id of a nested run is composed, on first use.
#[derive(Debug)]
pub(crate) enum LazyId {
    Given(SagaId),
    Random(Drawn),
    Nested(NestedId),
}

impl LazyId {
    /// A random id.
    pub(crate) const fn random() -> Self {
        Self::Random(Drawn::later())
    }

    pub(crate) fn id(&self) -> SagaId {
        match self {
            Self::Given(id) => id.clone(),
            Self::Random(drawn) => SagaId::of_bits(drawn.bits()),
            Self::Nested(nested) => nested.id(),
        }
    }

    /// For a nested run, the step that runs it.
    pub(crate) const fn nested(&self) -> Option<&NestedId> {
        match self {
            Self::Nested(nested) => Some(nested),
            Self::Given(_) | Self::Random(_) => None,
        }
    }
}

/// The clone has the same id: a random one is drawn now, if it has not been drawn before.
impl Clone for LazyId {
    fn clone(&self) -> Self {
        match self {
            Self::Nested(nested) => Self::Nested(nested.clone()),
            Self::Given(_) | Self::Random(_) => Self::Given(self.id()),
        }
    }
}

/// The step that a nested run belongs to, and the attempt of it.
#[derive(Debug, Clone)]
pub(crate) struct NestedId {
    pub(crate) id: SagaId,
    pub(crate) saga: &'static Definition,
    pub(crate) step: &'static Step,
    pub(crate) attempt: u32,
}

impl NestedId {
    /// Begins like the idempotency keys of that step and ends with the attempt. No part contains a `/`, so no two runs
    /// share an id.
    fn id(&self) -> SagaId {
        let Self {
            id,
            saga,
            step,
            attempt,
        } = self;
        SagaId::of_nested_run(saga.name, id, step.name, *attempt)
    }
}

/// Twice 64 random bits, drawn once: every reader gets the same bits.
#[derive(Debug)]
pub(crate) struct Drawn([AtomicU64; 2]);

impl Drawn {
    /// Not drawn yet, which is stored as 0.
    const fn later() -> Self {
        Self([const { AtomicU64::new(0) }; 2])
    }

    fn bits(&self) -> [u64; 2] {
        // Each word is settled independently, and no other memory is published by it, so `Relaxed` is enough.
        match self.0.each_ref().map(|word| word.load(Relaxed)) {
            [0, _] | [_, 0] => self.draw(),
            bits => bits,
        }
    }

    #[cold]
    fn draw(&self) -> [u64; 2] {
        let settle = |word: &AtomicU64, fresh: NonZeroU64| match word.compare_exchange(
            0,
            fresh.get(),
            Relaxed,
            Relaxed,
        ) {
            Ok(_) => fresh.get(),
            Err(earlier) => earlier,
        };
        let ([high, low], [first, second]) = (&self.0, rand::random());
        [settle(high, first), settle(low, second)]
    }
}
