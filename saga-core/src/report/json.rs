//! Deserializes a report: the version is checked before any other field.

use serde::de::Error;
use serde::{Deserialize, Deserializer};

use crate::outcome::End;
use crate::report::data::{CodeLocation, FailureReport, LeftOver, Report, StepReport};

impl<'de> Deserialize<'de> for Report {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Versioned { report, _version } = Versioned::deserialize(deserializer)?;
        Ok(report)
    }
}

/// The version and the other fields. The other fields are only read if the version is known, wherever it is among them.
#[derive(Deserialize)]
struct Versioned {
    #[serde(rename = "schema_version", deserialize_with = "known_version")]
    _version: u32,
    #[serde(flatten, with = "Fields")]
    report: Report,
}

/// The fields of a [`Report`] of the known version.
#[derive(Deserialize)]
#[serde(remote = "Report")]
struct Fields {
    #[serde(skip, default = "version")]
    schema_version: u32,
    saga: String,
    id: String,
    location: CodeLocation,
    end: End,
    started_at_unix_ms: Option<u64>,
    ended_at_unix_ms: Option<u64>,
    failure: FailureReport,
    also_failed: Vec<FailureReport>,
    steps: Vec<StepReport>,
    left_for_a_person: Vec<LeftOver>,
}

const fn version() -> u32 {
    Report::SCHEMA_VERSION
}

fn known_version<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
    let known = Report::SCHEMA_VERSION;
    match u64::deserialize(deserializer)? {
        found if found == u64::from(known) => Ok(known),
        found => Err(D::Error::custom(format_args!(
            "the report is of schema version {found}, and only version {known} is known here"
        ))),
    }
}
