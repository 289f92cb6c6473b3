//! What a run does: calls, keys, retries and nested sagas, and what observers see of it.

mod at_the_same_time;
mod debug;
mod every_cell;
mod every_fault;
mod forgetful_executor;
mod keys;
mod nested;
mod observer;
mod policies;
mod policies_inherited;
mod reference_parity;
