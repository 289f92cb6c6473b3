//! The reports of a run: JSON, texts and diagrams.

mod diagrams;
mod foreign_text;
mod json_reports;
mod sensitive;
