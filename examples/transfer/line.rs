//! The line to the banks, on which a call or its answer gets lost, and which records every call.

use std::fmt::Display;
use std::future::pending;
use std::sync::{Mutex, PoisonError};

use saga_core::{StepContext, definition::Phase};

use crate::bank::{Bank, BankError};

/// Something that goes wrong with the first calls of a step, or of its compensation.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fault {
    pub(crate) step: &'static str,
    pub(crate) phase: Phase,
    /// How many attempts it happens to.
    pub(crate) attempts: u32,
    pub(crate) what: What,
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum What {
    /// The bank answers that it is closed.
    Closed,
    /// The call does not reach the bank, without an error.
    CallLost,
    /// The bank does what it is asked to, and the answer never comes.
    AnswerLost,
}

/// What the calls to both banks go over.
pub(crate) struct Line {
    fault: Option<Fault>,
    calls: Mutex<Vec<String>>,
}

impl Line {
    pub(crate) fn with(fault: Option<Fault>) -> Self {
        Self {
            fault,
            calls: Mutex::default(),
        }
    }

    /// Asks a bank for something.
    pub(crate) async fn ask<T: Display>(
        &self,
        bank: &Mutex<Bank>,
        ctx: &StepContext,
        call: impl FnOnce(&mut Bank) -> Result<T, BankError>,
    ) -> Result<T, BankError> {
        let fault = self.fault_of(ctx);
        let answer = match fault {
            Some(What::CallLost) => {
                self.record(ctx, "the call is lost");
                return pending().await;
            }
            Some(What::Closed) => Err(BankError::Closed),
            // A panic under the lock rolls its transaction back, so the bank is as good as before. The
            // call blocks the thread, for as long as one small transaction takes.
            Some(What::AnswerLost) | None => {
                call(&mut bank.lock().unwrap_or_else(PoisonError::into_inner))
            }
        };
        let answered = match &answer {
            Ok(done) => done.to_string(),
            Err(error) => error.to_string(),
        };
        if let Some(What::AnswerLost) = fault {
            self.record(ctx, &format!("{answered}, but the answer is lost"));
            return pending().await;
        }
        self.record(ctx, &answered);
        answer
    }

    /// Every call so far, under which key it was made and what came of it.
    pub(crate) fn into_calls(self) -> Vec<String> {
        let calls = self.calls.into_inner();
        calls.unwrap_or_else(PoisonError::into_inner)
    }

    fn fault_of(&self, ctx: &StepContext) -> Option<What> {
        let fault = self.fault?;
        let here = (fault.step, fault.phase) == (ctx.step(), ctx.phase());
        (here && ctx.attempt() <= fault.attempts).then_some(fault.what)
    }

    fn record(&self, ctx: &StepContext, what: &str) {
        let (key, attempt) = (ctx.idempotency_key(), ctx.attempt());
        let mut calls = self.calls.lock().unwrap_or_else(PoisonError::into_inner);
        calls.push(format!("{key}, attempt {attempt}: {what}"));
    }
}
