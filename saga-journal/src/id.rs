//! The id of a run, and the idempotency keys made from it.

use core::fmt;
use core::hash::{Hash, Hasher};
use std::sync::Arc;

use crate::idempotency_key as key;
use crate::phase::Phase;
use crate::text::Line;

/// Identifies one run of a saga.
///
/// It is set by the caller ([`SagaId::new`], or anything that converts into one), or consists of 128 random bits that
/// are drawn on first use. A random id is written as 32 hexadecimal digits.
///
/// The id is part of every idempotency key: two different runs of a saga need different ids, and a run that repeats
/// another one needs the same id.
///
/// # In a key
///
/// Any text that is not empty can be an id. In [keys](Self::idempotency_key) it is percent-encoded, except for visible
/// ASCII other than `/`, `%`, `"` and `\`. So ids of letters, digits and most punctuation are written in keys
/// unchanged, and no id can produce the key of another call.
///
/// ```
/// use saga_journal::{Phase, SagaId};
///
/// let key = |id: &str| SagaId::new(id).idempotency_key("checkout", "charge", Phase::Step);
/// assert_eq!(key("order-42"), "checkout/order-42/charge/do");
/// assert_eq!(key("a/b ü"), "checkout/a%2Fb%20%C3%BC/charge/do");
/// ```
///
/// The id of a nested run consists of the outer saga, its id, the step and the attempt, each encoded like this and
/// separated by `/`. It equals no id that is made from a text, because their keys differ.
///
/// # As text
///
/// `Display` writes the id unchanged: for storing, comparing and sending it. An id may come from a request, and contain
/// line breaks or terminal sequences: write [`escaped`](Self::escaped) into logs and messages. `Debug` is escaped.
#[derive(Clone)]
pub struct SagaId(Repr);

#[derive(Clone)]
enum Repr {
    // Formatted on demand: a run whose id is not used costs no allocation.
    Random([u64; 2]),
    Given(Arc<str>),
    /// The id of a nested run: encoded parts of a key.
    Nested(Arc<str>),
}

impl SagaId {
    /// The id with this text.
    #[must_use]
    pub fn new(id: impl Into<Arc<str>>) -> Self {
        Self(Repr::Given(id.into()))
    }

    /// An id of 128 random bits.
    #[must_use]
    pub fn random() -> Self {
        Self(Repr::Random(rand::random()))
    }

    /// An id of these bits.
    #[must_use]
    pub const fn of_bits(bits: [u64; 2]) -> Self {
        Self(Repr::Random(bits))
    }

    /// The id of the nested run that is this attempt of this step.
    #[must_use]
    pub fn of_nested_run(saga: &str, id: &Self, step: &str, attempt: u32) -> Self {
        let text = key::of_nested_run(saga, InKey(id), step, attempt);
        Self(Repr::Nested(text.into()))
    }

    /// The id in one line, for a reader: line breaks, control characters, invisible characters and those that change
    /// the direction of writing are escaped, as `\n` or `\u{1b}`.
    ///
    /// ```
    /// use saga_journal::SagaId;
    ///
    /// let id = SagaId::new("42\n\u{1b}[2Jall is well");
    /// assert_eq!(id.escaped().to_string(), "42\\n\\u{1b}[2Jall is well");
    /// assert_eq!(id.to_string(), "42\n\u{1b}[2Jall is well");
    /// ```
    #[must_use]
    pub fn escaped(&self) -> impl fmt::Display {
        Line(self)
    }

    /// Whether it is the empty text.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        matches!(&self.0, Repr::Given(text) if text.is_empty())
    }

    /// The key by which an external service can recognise a repeated call.
    ///
    /// `saga/id/step/do` for the attempts of a step, `saga/id/step/undo` for those of its compensation. No part
    /// contains a `/`, so two different calls never share a key.
    #[must_use]
    pub fn idempotency_key(&self, saga: &str, step: &str, phase: Phase) -> String {
        key::of_call(saga, InKey(self), step, phase)
    }
}

/// Writes an id as it is encoded in a key.
struct InKey<'a>(&'a SagaId);

impl fmt::Display for InKey<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0.0 {
            Repr::Given(text) => key::Part(text).fmt(f),
            Repr::Random(_) | Repr::Nested(_) => self.0.fmt(f),
        }
    }
}

impl fmt::Display for SagaId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Repr::Random(bits) => {
                let [high, low] = bits;
                write!(f, "{high:016x}{low:016x}")
            }
            Repr::Given(text) | Repr::Nested(text) => f.write_str(text),
        }
    }
}

impl fmt::Debug for SagaId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SagaId({})", self.escaped())
    }
}

// Two ids are equal if their keys are: a random id may come back as text, while the id of a nested run never does.
impl PartialEq for SagaId {
    fn eq(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (Repr::Random(a), Repr::Random(b)) => a == b,
            (Repr::Given(a), Repr::Given(b)) | (Repr::Nested(a), Repr::Nested(b)) => a == b,
            (Repr::Random(_), Repr::Given(text)) => self.to_string() == **text,
            (Repr::Given(text), Repr::Random(_)) => other.to_string() == **text,
            (Repr::Nested(_), _) | (_, Repr::Nested(_)) => false,
        }
    }
}

impl Eq for SagaId {}

impl Hash for SagaId {
    fn hash<H: Hasher>(&self, state: &mut H) {
        match &self.0 {
            Repr::Random(_) => self.to_string().hash(state),
            Repr::Given(text) | Repr::Nested(text) => text.hash(state),
        }
    }
}

impl From<&str> for SagaId {
    fn from(id: &str) -> Self {
        Self::new(id)
    }
}

impl From<String> for SagaId {
    fn from(id: String) -> Self {
        Self::new(id)
    }
}

impl From<&String> for SagaId {
    fn from(id: &String) -> Self {
        Self::new(&**id)
    }
}

impl From<Arc<str>> for SagaId {
    fn from(id: Arc<str>) -> Self {
        Self::new(id)
    }
}

#[cfg(test)]
mod tests {
    use core::hash::BuildHasher as _;
    use std::collections::HashSet;
    use std::hash::RandomState;

    use super::*;

    #[test]
    fn random_ids_differ_and_are_32_hexadecimal_digits() {
        let ids: HashSet<_> = (0..1_000).map(|_| SagaId::random()).collect();
        assert_eq!(ids.len(), 1_000);
        for id in ids {
            let text = id.to_string();
            assert_eq!(text.len(), 32, "{text}");
            assert!(text.bytes().all(|b| b.is_ascii_hexdigit()), "{text}");
        }
    }

    #[test]
    fn an_id_equals_and_hashes_like_its_text() {
        let drawn = SagaId::random();
        let read = SagaId::from(drawn.to_string());
        assert_eq!(drawn, read);
        assert_eq!(read, drawn);
        assert!(HashSet::from([drawn]).contains(&read));
        assert_ne!(SagaId::from("a"), SagaId::from("b"));
        let hashes = RandomState::new();
        assert_ne!(
            hashes.hash_one(SagaId::from("a")),
            hashes.hash_one(SagaId::from("b"))
        );
    }

    #[test]
    fn an_id_of_a_nested_run_is_no_other_id_and_has_the_parts_of_its_outer_one() {
        let outer = SagaId::from("a/b");
        let nested = SagaId::of_nested_run("shop", &outer, "pay", 1);
        assert_eq!(nested.to_string(), "shop/a%2Fb/pay/1");
        assert_ne!(nested, SagaId::from(nested.to_string()));
        assert_eq!(nested, nested.clone());
        let inner = SagaId::of_nested_run("pay", &nested, "charge", 2);
        assert_eq!(inner.to_string(), "pay/shop/a%2Fb/pay/1/charge/2");
    }

    #[test]
    fn the_keys_of_a_step_and_of_its_compensation_differ_and_never_change() {
        let id = SagaId::from("order-42");
        let key = |phase| id.idempotency_key("checkout", "charge_card", phase);
        // Documented as stable: external services store these.
        assert_eq!(key(Phase::Step), "checkout/order-42/charge_card/do");
        assert_eq!(
            key(Phase::Compensation),
            "checkout/order-42/charge_card/undo"
        );
    }
}
