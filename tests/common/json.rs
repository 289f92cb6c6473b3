//! Reports as JSON, and their schema.

use boon::{Compiler, SchemaIndex, Schemas};
use saga_core::Report;
use serde_json::Value;

const SCHEMA: &str = include_str!("../../docs/report.schema.json");

/// `docs/report.schema.json`, as it is published, and in a strict form that refuses all fields that it does not
/// name.
pub struct Schema {
    schemas: Schemas,
    published: SchemaIndex,
    strict: SchemaIndex,
}

impl Schema {
    /// Reads the schema.
    ///
    /// # Panics
    ///
    /// If it is no JSON Schema.
    #[must_use]
    pub fn read() -> Self {
        let schema: Value = serde_json::from_str(SCHEMA).expect("the schema is JSON");
        let mut strict = schema.clone();
        refuse_what_is_not_named(&mut strict);
        let mut schemas = Schemas::new();
        let mut compile = |name: &str, schema: Value| {
            let mut compiler = Compiler::new();
            compiler
                .add_resource(name, schema)
                .expect("a schema can be added");
            compiler
                .compile(name, &mut schemas)
                .expect("the schema is one")
        };
        let published = compile("https://example.org/published.json", schema);
        let strict = compile("https://example.org/strict.json", strict);
        Self {
            schemas,
            published,
            strict,
        }
    }

    /// The schema itself.
    ///
    /// # Panics
    ///
    /// If it is no JSON.
    #[must_use]
    pub fn json() -> Value {
        serde_json::from_str(SCHEMA).expect("the schema is JSON")
    }

    /// Whether the published schema accepts this JSON.
    #[must_use]
    pub fn accepts(&self, json: &Value) -> bool {
        self.schemas.validate(json, self.published).is_ok()
    }

    /// Whether the strict schema accepts it too, because it names every field.
    #[must_use]
    pub fn names_all_of(&self, json: &Value) -> bool {
        self.schemas.validate(json, self.strict).is_ok()
    }

    /// Writes the report as JSON and reads it back. The report and its text must stay the same, and the JSON must
    /// fit the strict schema.
    ///
    /// # Panics
    ///
    /// If one of these is not true.
    #[track_caller]
    #[must_use]
    pub fn round_trip(&self, report: &Report) -> Value {
        let text = report.to_string();
        let line = serde_json::to_string(report).expect("a report can be written");
        let pretty = serde_json::to_string_pretty(report).expect("a report can be written");
        let json = serde_json::to_value(report).expect("a report can be written");
        let read_back: [(&str, serde_json::Result<Report>); 3] = [
            ("one line", serde_json::from_str(&line)),
            ("many lines", serde_json::from_str(&pretty)),
            // The fields are in the order of their names.
            ("a value", serde_json::from_value(json.clone())),
        ];
        for (form, read) in read_back {
            let read = read.unwrap_or_else(|error| panic!("{form}: {error}\n{line}"));
            assert_eq!(&read, report, "{form}");
            assert_eq!(read.to_string(), text, "{form}");
        }
        if let Err(error) = self.schemas.validate(&json, self.published) {
            panic!("{error:#}\n{line}");
        }
        if let Err(error) = self.schemas.validate(&json, self.strict) {
            panic!("the schema does not name all: {error:#}\n{line}");
        }
        json
    }
}

fn refuse_what_is_not_named(schema: &mut Value) {
    match schema {
        Value::Object(fields) => {
            let is_shape =
                fields.get("type") == Some(&"object".into()) && fields.contains_key("properties");
            fields.values_mut().for_each(refuse_what_is_not_named);
            if is_shape {
                fields.insert("additionalProperties".to_owned(), false.into());
            }
        }
        Value::Array(items) => items.iter_mut().for_each(refuse_what_is_not_named),
        _ => {}
    }
}
