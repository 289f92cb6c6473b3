//! An engine outside of saga-core that hosts the runs of sagas, and what its tests share.

pub mod file;
pub mod host;
pub mod memory;
pub mod run;
pub mod till;
