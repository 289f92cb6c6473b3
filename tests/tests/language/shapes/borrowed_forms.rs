#![allow(
    clippy::ptr_arg,
    clippy::borrowed_box,
    reason = "a parameter may also have the type of the value itself"
)]

use super::*;
use std::path::{Path, PathBuf};

struct Forms;

#[saga(saga = TextSaga)]
impl Forms {
    #[step(compensate = untext)]
    async fn text(&self, input: &str) -> Result<Vec<u8>, String> {
        Ok(input.as_bytes().to_vec())
    }

    #[step(compensate = unbytes)]
    async fn bytes(&self, bytes: &[u8], #[input] input: &String) -> Result<PathBuf, String> {
        assert_eq!(bytes, input.as_bytes());
        Ok(PathBuf::from(input))
    }

    #[step(compensate = unpath)]
    async fn path(&self, path: &Path, #[from(text)] text: &[u8]) -> Result<Box<u8>, String> {
        assert_eq!(path.as_os_str().len(), text.len());
        Ok(Box::new(7))
    }

    #[step(compensate = unboxed)]
    async fn boxed(&self, seven: &u8) -> Result<Arc<String>, String> {
        Ok(Arc::new(seven.to_string()))
    }

    #[step(compensate = unshared)]
    async fn shared(
        &self,
        text: &String,
        #[from(path)] seven: &Box<u8>,
    ) -> Result<Arc<u8>, String> {
        assert_eq!(*text, seven.to_string());
        Ok(Arc::new(**seven))
    }

    #[step]
    async fn last(&self, shared: &Arc<u8>, #[input] input: &str) -> Result<u8, String> {
        match input {
            "fail" => Err(input.to_owned()),
            _ => Ok(**shared),
        }
    }

    async fn untext(&self, bytes: &[u8]) -> Result<(), String> {
        assert_eq!(bytes, b"fail");
        Ok(())
    }

    async fn unbytes(&self, path: &Path) -> Result<(), String> {
        assert_eq!(path, Path::new("fail"));
        Ok(())
    }

    async fn unpath(&self, seven: &u8, #[from(bytes)] path: &Path) -> Result<(), String> {
        assert_eq!((*seven, path), (7, Path::new("fail")));
        Ok(())
    }

    async fn unboxed(&self, text: &String, #[input] input: &str) -> Result<(), String> {
        assert_eq!((text.as_str(), input), ("7", "fail"));
        Ok(())
    }

    async fn unshared(&self, seven: &u8) -> Result<(), String> {
        assert_eq!(*seven, 7);
        Ok(())
    }
}

#[tokio::test(start_paused = true)]
async fn a_parameter_may_borrow_the_standard_forms_of_its_value() {
    assert_eq!(TextSaga::run(&Forms, "ok".to_owned()).await.unwrap(), 7);
    let error = TextSaga::run(&Forms, "fail".to_owned()).await.unwrap_err();
    assert_eq!(error.step().unwrap().name, "last");
    assert_eq!(error.attempts(), 1);
    assert_eq!(error.end(), End::Compensated, "{error:?}");
}

#[saga(saga = SliceSaga)]
impl Forms {
    #[step(readonly)]
    async fn count(&self, items: &[(u8, String)]) -> Result<usize, String> {
        Ok(items.len())
    }
}

#[saga(saga = PathSaga)]
impl Forms {
    #[step(readonly)]
    async fn parent(&self, path: &Path) -> Result<PathBuf, String> {
        path.parent()
            .map(Path::to_owned)
            .ok_or_else(|| format!("{} has no parent", path.display()))
    }
}

#[saga(saga = GivenSaga, input = Box<u64>)]
impl Forms {
    #[step(readonly)]
    async fn given(&self, number: &u64) -> Result<u64, String> {
        Ok(*number)
    }
}

#[tokio::test(start_paused = true)]
async fn the_input_is_the_owned_form_of_the_first_parameter_unless_it_is_declared() {
    let items: Vec<(u8, String)> = vec![(1, "a".to_owned())];
    assert_eq!(SliceSaga::run(&Forms, items).await.unwrap(), 1);
    let path: PathBuf = "a/b".into();
    assert_eq!(PathSaga::run(&Forms, path).await.unwrap(), Path::new("a"));
    let error = PathSaga::run(&Forms, PathBuf::new()).await.unwrap_err();
    assert_eq!(error.step().unwrap().name, "parent");
    assert_eq!(error.attempts(), 1);
    assert_eq!(error.end(), End::Compensated);
    assert_eq!(GivenSaga::run(&Forms, Box::new(3)).await.unwrap(), 3);
}
