//! Any text comes back as it was.

use super::*;

#[derive(Debug, Clone)]
struct Texts {
    id: String,
    value: String,
    message: String,
    chain: Vec<String>,
}

#[derive(Debug)]
struct Link(String, Option<Box<Link>>);

impl fmt::Display for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for Link {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.1.as_deref().map(|source| source as _)
    }
}

/// Its `Debug` writes it as it is.
#[derive(Clone)]
struct Raw(String);

impl fmt::Debug for Raw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

struct Echo;

#[saga]
impl Echo {
    #[step(compensate = unsay)]
    async fn say(&self, texts: &Texts) -> Result<Raw, String> {
        Ok(Raw(texts.value.clone()))
    }

    #[step(pivot)]
    async fn fail(&self, _said: &Raw, #[input] texts: &Texts) -> Result<(), Link> {
        let chain = texts.chain.iter().rev();
        let source = chain.fold(None, |source, text| {
            Some(Box::new(Link(text.clone(), source)))
        });
        Err(Link(texts.message.clone(), source))
    }

    async fn unsay(&self, _said: &Raw, #[input] texts: &Texts) -> Result<(), String> {
        Err(texts.message.clone())
    }
}

/// Every character, more often than not one that is worth escaping.
fn text() -> impl Strategy<Value = String> {
    let special =
        "\"\\\n\r\t\0\u{1f}\u{7f}\u{85}\u{2028}\u{2029}\u{feff}\u{ffff}\u{10ffff} {}<>&/'*";
    let special = proptest::sample::select(special.chars().collect::<Vec<_>>());
    let letter = proptest::prop_oneof![3 => special, 1 => any::<char>(), 1 => Just('a')];
    proptest::collection::vec(letter, 0..24).prop_map(String::from_iter)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_comes_back_as_it_was(
        id in text().prop_filter("an id has a text", |id| !id.is_empty()),
        value in text(),
        message in text(),
        chain in proptest::collection::vec(text(), 0..3),
    ) {
        let texts = Texts { id, value, message, chain };
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let options = RunOptions::new().id(texts.id.clone());
        let run = runtime.block_on(EchoSaga::run_with(&Echo, texts.clone(), options));
        let error = run.expect_err("it fails");
        assert_eq!(error.step().unwrap().name, "fail");
        let report = error.report();
        let read: Report = serde_json::from_str(&serde_json::to_string(&report).unwrap()).unwrap();
        assert_eq!(read, report);
        assert_eq!(read.to_string(), report.to_string());
        assert_eq!(read.id, texts.id);
        assert_eq!(read.steps[0].output, Some(texts.value));
        assert_eq!((read.failure.message, read.failure.chain), (texts.message, texts.chain));
    }
}
