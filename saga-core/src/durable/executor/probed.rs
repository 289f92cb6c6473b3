//! Where a fault matrix stops a run to look at a value: as it was returned, or as it is read.
//!
//! Without the feature `testing` nothing stops, and nothing is kept of it.

use super::{Durable, Halt};
use crate::durable::call_id::CallId;
use crate::durable::calls::Site;
use crate::durable::codec::Journalable;
use crate::outcome::Stop;

#[cfg(feature = "testing")]
mod stops {
    use super::{CallId, Durable, Halt, Journalable, Site, Stop};
    use crate::definition::{Definition, Source};
    use crate::durable::call_id::RunId;
    use crate::report::Value;
    use crate::testing::Probe;

    impl Durable {
        fn probe(&self) -> Option<&Probe> {
            self.place.log.shared.broken.as_deref()?.probe()
        }

        fn probe_of_output(&self, site: Site) -> Option<&Probe> {
            let id = self.place.level.id(site.step, site.phase);
            self.probe().filter(|probe| probe.is_at(&id))
        }

        fn probe_of_input(&self, step: &CallId, attempt: u32) -> Option<&Probe> {
            let run = RunId::new(step.within().cloned(), step.step().to_owned(), attempt);
            self.probe().filter(|probe| probe.is_before(Some(&run)))
        }

        /// Whether the output of a call is handed on as it was returned.
        pub(in super::super) fn keeps_output(&self, site: Site) -> bool {
            self.probe_of_output(site)
                .is_some_and(Probe::keeps_returned)
        }

        /// Whether the input of a nested run is handed on as it was returned.
        pub(in super::super) fn keeps_input(&self, step: &CallId, attempt: u32) -> bool {
            let probe = self.probe_of_input(step, attempt);
            probe.is_some_and(Probe::keeps_returned)
        }

        /// Stops the run before its calls if what is looked at is its input.
        pub(in super::super) fn stops_before_calls<F>(&self) -> Result<(), Stop<F, Halt>> {
            let run = self.place.level.run.as_ref();
            match self.probe() {
                Some(probe) if run.is_some() && probe.is_before(run) => {
                    Err(Stop::Halted(Halt::ShutDown))
                }
                _ => Ok(()),
            }
        }

        /// Stops the run once this call has ended, if its output is looked at.
        pub(in super::super) fn stops_after<T: Journalable, F>(
            &self,
            site: Site,
            output: Option<&T>,
        ) -> Result<(), Stop<F, Halt>> {
            let (Some(probe), Some(output)) = (self.probe_of_output(site), output) else {
                return Ok(());
            };
            probe.has(match site.step.condition {
                Some(_) => output.to_json_within().unwrap_or_default(),
                None => output.to_json().ok(),
            });
            Err(Stop::Halted(Halt::ShutDown))
        }

        /// A nested run begins with this input.
        pub(in super::super) fn has_input<I: Journalable>(
            &self,
            step: &CallId,
            attempt: u32,
            input: &I,
        ) {
            if let Some(probe) = self.probe_of_input(step, attempt) {
                probe.has(input.to_json().ok());
            }
        }

        /// The run has these values.
        pub(in super::super) fn shows<'v>(
            &self,
            saga: &'static Definition,
            values: &dyn Fn(Source) -> Value<'v>,
        ) {
            if let Some(probe) = self.probe() {
                probe.see(self.place.level.run.as_ref(), saga, values);
            }
        }
    }
}

#[cfg(not(feature = "testing"))]
#[expect(
    clippy::unused_self,
    clippy::unnecessary_wraps,
    reason = "as with the feature `testing`"
)]
impl Durable {
    pub(super) const fn keeps_output(&self, _: Site) -> bool {
        false
    }

    pub(super) const fn keeps_input(&self, _: &CallId, _: u32) -> bool {
        false
    }

    pub(super) const fn stops_before_calls<F>(&self) -> Result<(), Stop<F, Halt>> {
        Ok(())
    }

    pub(super) const fn stops_after<T: Journalable, F>(
        &self,
        _: Site,
        _: Option<&T>,
    ) -> Result<(), Stop<F, Halt>> {
        Ok(())
    }

    pub(super) const fn has_input<I: Journalable>(&self, _: &CallId, _: u32, _: &I) {}
}
