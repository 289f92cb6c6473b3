//! The machine that the figures were measured on.

use core::fmt;
use std::fs;
use std::process::Command;
use std::thread;

use chrono::Utc;

/// The machine, the compiler and the day.
#[derive(Debug, Clone)]
pub struct Machine {
    /// The model of the processor, where the system says it.
    pub processor: String,
    /// The number of cores that this process may use.
    pub cores: usize,
    /// The operating system.
    pub system: String,
    /// `rustc --version`.
    pub compiler: String,
    /// The day, in UTC.
    pub date: String,
}

impl Machine {
    /// The current machine, today.
    #[must_use]
    pub fn this() -> Self {
        Self {
            processor: field("/proc/cpuinfo", "model name", ':')
                .unwrap_or_else(|| format!("unknown {} processor", std::env::consts::ARCH)),
            cores: thread::available_parallelism().map_or(1, Into::into),
            system: field("/etc/os-release", "PRETTY_NAME", '=')
                .unwrap_or_else(|| std::env::consts::OS.to_owned()),
            compiler: compiler().unwrap_or_else(|| "rustc of an unknown version".to_owned()),
            date: Utc::now().format("%Y-%m-%d").to_string(),
        }
    }
}

/// The value of the first line `name <separator> value` in a file.
fn field(file: &str, name: &str, separator: char) -> Option<String> {
    let text = fs::read_to_string(file).ok()?;
    let mut fields = text.lines().filter_map(|line| line.split_once(separator));
    let (_, value) = fields.find(|(key, _)| key.trim() == name)?;
    Some(value.trim().trim_matches('"').to_owned())
}

fn compiler() -> Option<String> {
    let output = Command::new("rustc").arg("--version").output().ok()?;
    Some(String::from_utf8(output.stdout).ok()?.trim().to_owned())
}

impl fmt::Display for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            processor,
            cores,
            system,
            compiler,
            date,
        } = self;
        write!(
            f,
            "{processor}, {cores} cores, {system}, {compiler}, {date}"
        )
    }
}
