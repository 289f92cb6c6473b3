//! The fault matrix.

mod crashes;
mod failures;
mod fault_matrix;
mod services;
mod values;
