#![deny(warnings)]

use std::borrow::Cow;
use std::error::Error;

use saga_core::{Saga, saga};

/// Lends its catalogue.
struct Shop<'c>(&'c str);

type Rule = Box<dyn for<'o> Fn(&'o str, &u32) -> &'o str + Send + Sync>;

#[saga]
impl<'c> Shop<'c> {
    #[step(readonly)]
    async fn find(&self, rule: &Box<dyn Fn(&str) -> &str + Send + Sync>) -> Result<Cow<'c, str>, String> {
        Ok(Cow::Borrowed(if rule(self.0).is_empty() { "" } else { self.0 }))
    }

    #[step(readonly)]
    async fn rule(&self, _found: &Cow<'_, str>) -> Result<Option<Box<dyn Fn(&str) -> u32 + Send + Sync>>, String> {
        Ok(Some(Box::new(|text| u32::try_from(text.len()).unwrap_or(0))))
    }

    #[step(readonly)]
    async fn function(&self) -> Result<fn(&str) -> &str, Box<dyn Error + Send + Sync>> {
        Ok(str::trim)
    }

    #[step]
    async fn last(&self, trim: &fn(&str) -> &str, #[from(find)] found: &Cow<'_, str>) -> Result<Rule, String> {
        assert_eq!(trim(found), "cups");
        Ok(Box::new(|text, _| text))
    }
}

fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let rule = runtime.block_on(ShopSaga::run(&Shop("cups"), Box::new(|text| text))).unwrap();
    assert_eq!(rule("a", &1), "a");
}
