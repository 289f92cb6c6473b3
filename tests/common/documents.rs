//! The Rust blocks of the documents, as doctests. They are here because the published package of `saga-core` has no
//! `docs`.

#[doc = include_str!("../../README.md")]
struct Readme;

#[doc = include_str!("../../docs/README.md")]
struct Docs;

#[doc = include_str!("../../docs/comparison.md")]
struct Comparison;

#[doc = include_str!("../../docs/decisions.md")]
struct Decisions;

#[doc = include_str!("../../docs/diagrams.md")]
struct Diagrams;

#[doc = include_str!("../../docs/durability.md")]
struct Durability;

#[doc = include_str!("../../docs/journal.md")]
struct JournalFormat;

#[doc = include_str!("../../docs/language.md")]
struct Language;

#[doc = include_str!("../../docs/observing.md")]
struct Observing;

#[doc = include_str!("../../docs/performance.md")]
struct Performance;

#[doc = include_str!("../../docs/report.md")]
struct ReportAsData;

#[doc = include_str!("../../docs/semantics.md")]
struct Semantics;

#[doc = include_str!("../../docs/structure.md")]
struct Structure;

#[doc = include_str!("../../docs/testing.md")]
struct Testing;
