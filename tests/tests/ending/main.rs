//! How a run ends when it is disturbed: by cancellations, deadlines, dropped runtimes and panics.

mod cancelling;
mod ended_from_outside;
mod hostile;
mod panics_and_drops;
