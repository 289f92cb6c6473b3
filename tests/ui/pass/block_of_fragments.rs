#![deny(warnings)]

use saga_core::{Attempt, Saga, saga};

trait Bank: Send + Sync {
    fn name(&self) -> &str;
}

struct Local;

impl Bank for Local {
    fn name(&self) -> &str {
        "local"
    }
}

struct Accounts<B: ?Sized, const N: usize> {
    bank: Box<B>,
}

macro_rules! accounts {
    (
        $(#[$meta:meta])* $saga:ident of $service:ty, $options:meta;
        $vis:vis $first:ident($parameter:pat_param, $input:ty) -> $output:ty, $error:path, $undo:ident, $name:literal,
        $timeout:literal, $attempts:expr, $when:path: $body:block
        $item:item
        $undoing:item
    ) => {
        $(#[$meta])*
        #[saga(saga = $saga, $options)]
        impl $service {
            #[step(compensate = $undo, name = $name, timeout = $timeout, retry(attempts = $attempts, when = $when))]
            $vis async fn $first(&self, $parameter: &$input) -> Result<$output, $error> $body

            $item

            $undoing
        }
    };
}

accounts! {
    #[allow(dead_code)]
    OpenSaga of Accounts<dyn Bank + Send, 2>, deadline = "1h";
    pub(crate) open(_number, [u8; 2 * 2]) -> Vec<u32>, std::string::String, close, "open-account", "3s", 2,
    str::is_empty_text: {
        Ok(vec![1, 2])
    }
    #[step]
    async fn fill(&self, opened: &[u32]) -> Result<usize, String> {
        assert_eq!(self.bank.name(), "local");
        Ok(opened.len() + N)
    }
    async fn close(&self, _opened: Attempt<&Vec<u32>>) -> Result<(), String> {
        Ok(())
    }
}

mod str {
    pub(crate) fn is_empty_text(text: &String) -> bool {
        text.is_empty()
    }
}

const N: usize = 5;

macro_rules! whole {
    ($block:item) => {
        #[saga]
        $block
    };
}

struct Whole;

whole! {
    impl Whole {
        #[step(readonly)]
        async fn look(&self, n: &u8) -> Result<u8, String> {
            Ok(*n)
        }
    }
}

struct Branches<'a> {
    whole: &'a (Whole, Whole),
}

macro_rules! branches {
    ($life:lifetime, $nested:ty, $whole:expr, $attr:meta, $marker:meta, $returned:ty, $block:ty, $key:tt) => {
        #[saga]
        impl<$life> Branches<$life> {
            #[$attr]
            async fn begin(&self, n: &u8) -> $returned {
                Ok(*n)
            }

            #[step(saga = $nested, on = $whole.1)]
            fn look(&self, #[$marker] n: &u8) -> u8 {
                *n
            }

            #[step(saga = $nested, on = (*$whole).0, $key = is_large)]
            fn again(&self, #[from(begin)] n: &u8) -> u8 {
                *n
            }

            #[step]
            async fn end(&self, n: Option<&u8>, #[input] input: &$block) -> Result<(u8, &$life u8), String> {
                static SEVEN: u8 = 7;
                assert_eq!(n, Some(input));
                Ok((*input, &SEVEN))
            }

            fn is_large(&self, n: &u8) -> bool {
                *n > 5
            }
        }
    };
}

branches!('a, WholeSaga, &self.whole, step(readonly), input, Result<u8, String>, u8, only_if);

macro_rules! named {
    ($path:path) => {
        #[saga]
        impl $path {
            #[step(readonly)]
            async fn only(&self) -> Result<u8, String> {
                Ok(7)
            }
        }
    };
}

mod inside {
    pub(crate) struct Named;
}

named!(inside::Named);

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let accounts: Accounts<dyn Bank + Send, 2> = Accounts { bank: Box::new(Local) };
    assert_eq!(OpenSaga::run(&accounts, [7; 4]).await.unwrap(), 7);
    assert_eq!(OpenSaga::DEFINITION.steps[0].name, "open-account");
    assert_eq!(WholeSaga::run(&Whole, 3).await.unwrap(), 3);
    let whole = (Whole, Whole);
    assert_eq!(BranchesSaga::run(&Branches { whole: &whole }, 6).await.unwrap(), (6, &7));
    assert_eq!(NamedSaga::run(&inside::Named, ()).await.unwrap(), 7);
}
