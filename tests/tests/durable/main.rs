//! The engine over a journal.

mod answers;
mod attacked;
mod control;
mod engine;
mod errors;
mod errors_honest;
mod every_fault;
mod groups;
mod interruptions;
mod liveness;
mod lives;
mod messages;
mod nested;
mod nested_policies;
mod panics;
mod places;
mod queues;
mod reports;
mod resubmission;
mod results;
mod second_life;
mod slow_records;
mod trouble;
