//! The fault matrix.

mod crashes;
mod fault_matrix;
mod services;
mod told;
mod values;
