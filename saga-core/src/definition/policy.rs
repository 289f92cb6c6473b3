//! Policies: how often an attempt is repeated, how long it may take, and how long to wait between two attempts.
//!
//! Pure data and arithmetic. Nothing here sleeps.

use core::fmt;
use core::time::Duration;

/// How often the attempts of a step or compensation are repeated, and how long each may take.
///
/// Without a policy there is one attempt, without a time limit ([`Policy::ONCE`]).
///
/// ```
/// use saga_core::Policy;
/// use std::time::Duration;
///
/// const PATIENT: Policy = Policy::attempts(4)
///     .backoff(Duration::from_millis(100), Duration::from_secs(5))
///     .timeout(Duration::from_secs(3));
/// assert_eq!(PATIENT.to_string(), "4 attempts, backoff 100ms..5s, timeout 3s");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Policy {
    /// How many attempts are made at most. At least 1.
    pub attempts: u32,
    /// How long to wait between two attempts. Without it, the next attempt follows at once.
    pub backoff: Option<Backoff>,
    /// The time limit of each attempt. Without it, there is none.
    pub timeout: Option<Duration>,
    /// How many crashes of the process a call tolerates on a durable engine. At the next crash it gives up, in doubt.
    /// Without it, the default of the engine applies. In memory it has no effect: a call does not outlive its process.
    pub max_interruptions: Option<u32>,
}

impl Policy {
    /// One attempt, without a time limit.
    pub const ONCE: Self = Self {
        attempts: 1,
        backoff: None,
        timeout: None,
        max_interruptions: None,
    };

    /// At most `attempts` attempts, each right after the other. 0 counts as 1.
    #[must_use]
    pub const fn attempts(attempts: u32) -> Self {
        Self {
            attempts: if attempts == 0 { 1 } else { attempts },
            ..Self::ONCE
        }
    }

    /// The same with a wait between two attempts: see [`Backoff`].
    #[must_use]
    pub const fn backoff(self, min: Duration, max: Duration) -> Self {
        Self {
            backoff: Some(Backoff { min, max }),
            ..self
        }
    }

    /// The same with a time limit for each attempt.
    #[must_use]
    pub const fn timeout(self, timeout: Duration) -> Self {
        Self {
            timeout: Some(timeout),
            ..self
        }
    }

    /// The same, giving up at the crash after this many: see
    /// [`Policy::max_interruptions`](#structfield.max_interruptions).
    #[must_use]
    pub const fn max_interruptions(self, max_interruptions: u32) -> Self {
        Self {
            max_interruptions: Some(max_interruptions),
            ..self
        }
    }

    /// Whether attempts under this policy may need a timer.
    pub(crate) const fn needs_timer(&self) -> bool {
        self.timeout.is_some() || (self.attempts > 1 && self.backoff.is_some())
    }
}

impl fmt::Display for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.attempts {
            1 => f.write_str("1 attempt")?,
            n => write!(f, "{n} attempts")?,
        }
        if let Some(Backoff { min, max }) = self.backoff {
            write!(f, ", backoff {min:?}..{max:?}")?;
        }
        if let Some(timeout) = self.timeout {
            write!(f, ", timeout {timeout:?}")?;
        }
        match self.max_interruptions {
            Some(1) => f.write_str(", at most 1 interruption")?,
            Some(n) => write!(f, ", at most {n} interruptions")?,
            None => {}
        }
        Ok(())
    }
}

/// Exponential backoff with full jitter.
///
/// After `n` failed attempts, the wait is drawn uniformly from zero to `min × 2ⁿ⁻¹`, and never exceeds `max`. Marc
/// Brooker's "Exponential Backoff And Jitter" (AWS Architecture Blog, 2015) found that full jitter puts the least load
/// on the service that is being retried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Backoff {
    /// The longest wait after the first failed attempt.
    pub min: Duration,
    /// The longest wait after any number of failed attempts.
    pub max: Duration,
}

impl Backoff {
    /// The longest wait after `failed` attempts have failed.
    #[must_use]
    pub fn ceiling(self, failed: u32) -> Duration {
        let doublings = failed.saturating_sub(1);
        let factor = 1_u32.checked_shl(doublings).unwrap_or(u32::MAX);
        self.min.saturating_mul(factor).min(self.max)
    }

    /// A wait after `failed` attempts have failed, drawn at random.
    #[must_use]
    pub fn draw(self, failed: u32) -> Duration {
        let ceiling = u64::try_from(self.ceiling(failed).as_nanos()).unwrap_or(u64::MAX);
        Duration::from_nanos(rand::random_range(0..=ceiling))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: fn(u64) -> Duration = Duration::from_millis;

    #[test]
    fn the_ceiling_doubles_from_min_to_max_and_never_overflows() {
        let backoff = Backoff {
            min: MS(100),
            max: MS(1_000),
        };
        let ceilings: Vec<_> = (0..=6).map(|failed| backoff.ceiling(failed)).collect();
        assert_eq!(
            ceilings,
            [100, 100, 200, 400, 800, 1_000, 1_000].map(MS),
            "after 0 to 6 failed attempts"
        );
        for failed in [31, 32, 33, 64, u32::MAX] {
            assert_eq!(backoff.ceiling(failed), MS(1_000), "after {failed}");
        }
        let endless = Backoff {
            min: Duration::MAX,
            max: Duration::MAX,
        };
        assert_eq!(endless.ceiling(u32::MAX), Duration::MAX);
        assert!(endless.draw(1) <= Duration::MAX, "and does not panic");
    }

    #[test]
    fn waits_are_spread_over_the_whole_range_below_the_ceiling() {
        let backoff = Backoff {
            min: MS(100),
            max: MS(150),
        };
        let waits: Vec<_> = (0..1_000).map(|_| backoff.draw(2)).collect();
        assert!(waits.iter().all(|wait| *wait <= MS(150)));
        assert!(waits.iter().any(|wait| *wait < MS(15)), "full jitter");
        assert!(waits.iter().any(|wait| *wait > MS(135)));
    }

    #[test]
    fn no_policy_means_one_attempt_and_zero_attempts_are_one() {
        assert_eq!(Policy::attempts(0), Policy::ONCE);
        assert_eq!(Policy::ONCE.attempts, 1);
        assert!(!Policy::attempts(3).needs_timer());
        assert!(!Policy::ONCE.backoff(MS(1), MS(2)).needs_timer());
        assert!(Policy::attempts(2).backoff(MS(1), MS(2)).needs_timer());
        assert!(Policy::ONCE.timeout(MS(1)).needs_timer());
    }
}
