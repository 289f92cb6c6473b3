//! The engine over a journal.

mod answers;
mod attacked;
mod cells;
mod control;
mod engine;
mod errors;
mod errors_honest;
mod groups;
mod inputs;
mod interruptions;
mod liveness;
mod lives;
mod messages;
mod nested;
mod panics;
mod places;
mod queues;
mod reports;
mod results;
mod second_life;
mod trouble;
