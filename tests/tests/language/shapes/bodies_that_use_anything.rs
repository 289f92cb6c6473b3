use super::*;
use std::collections::BTreeMap;

struct Anything {
    table: BTreeMap<&'static str, Vec<i32>>,
}

/// Documented.
#[saga]
#[allow(clippy::missing_errors_doc, reason = "an attribute under ours")]
impl Anything {
    /// A constant of the block.
    const LIMIT: i32 = 3;

    /// A function of the block that is no step.
    #[must_use]
    fn new() -> Self {
        Self {
            table: BTreeMap::from([("a", vec![1, 2, 3]), ("b", vec![])]),
        }
    }

    /// Documented, with `code`:
    ///
    /// ```text
    /// #[step(pivot)] fn not_a_step() {
    /// ```
    #[step(readonly)]
    #[allow(clippy::too_many_lines, reason = "as one may")]
    pub(crate) async fn everything(&self, name: &str) -> Result<Vec<i32>, String> {
        // A comment with a brace { and a "quote.
        /* #[step] async fn in_a_comment() { */
        const fn twice(number: i32) -> i32 {
            number * 2
        }

        struct Local<'n> {
            name: &'n str,
        }

        impl Local<'_> {
            fn is(&self, other: &str) -> bool {
                self.name == other
            }
        }

        macro_rules! all {
            ($($number:expr),* $(,)?) => { vec![$($number),*] };
        }

        let raw = r#"a raw "string" with } in it"#;
        assert!(raw.ends_with('t'), "{raw:?} {{}}");
        let row = self
            .table
            .get(name)
            .ok_or_else(|| format!("no row {name:?}"))?;
        let Some(first) = row.first() else {
            return Err("an empty row".into());
        };
        let doubled = row.iter().map(|number| twice(*number));
        let more = async {
            tokio::task::yield_now().await;
            Ok::<_, String>(first + 1)
        };
        let mut made = all![more.await?, Self::LIMIT];
        made.extend(doubled.take_while(|number| *number < 6));
        let local = Local { name };
        let fourth = 'found: {
            for number in &made {
                if *number > 3 && local.is("a") {
                    break 'found *number;
                }
            }
            unreachable!("there is a 4: {made:?}");
        };
        assert_eq!(fourth, 4);
        match &made[..] {
            [2, rest @ ..] if !rest.is_empty() => Ok(rest.to_vec()),
            _ => Err(format!("{made:?}")),
        }
    }

    #[step(readonly)]
    async fn sum(&self, made: &[i32]) -> Result<i32, std::fmt::Error> {
        let add = async |left: i32, right: i32| left + right;
        let mut sum = 0;
        for number in made {
            sum = add(sum, *number).await;
        }
        Ok(sum)
    }
}

#[tokio::test(start_paused = true)]
async fn a_body_may_use_anything() {
    let service = Anything::new();
    let run = AnythingSaga::run(&service, "a".to_owned());
    assert_eq!(is_send(run).await.unwrap(), 3 + 2 + 4);
    for (input, message) in [("b", "an empty row"), ("c", r#"no row "c""#)] {
        let error = AnythingSaga::run(&service, input.to_owned()).await;
        let error = error.unwrap_err();
        assert_eq!(error.step().unwrap().name, "everything");
        assert_eq!(error.attempts(), 1);
        assert_eq!(error.end(), End::Compensated);
        assert_eq!(error.error().text().message, message);
    }
}
