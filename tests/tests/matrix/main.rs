//! The fault matrix.

mod compensation_elsewhere;
mod crashes;
mod failures;
mod fault_matrix;
mod services;
mod values;
