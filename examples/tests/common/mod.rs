//! Runs the examples as programs.

use std::env;
use std::process::{Command, Output};

/// The program of an example. Cargo says where those are only to tests of a package with binaries,
/// so it is worked out from where this test is: `deps` and `examples` are neighbours.
pub(crate) fn example(name: &str) -> Command {
    let test = env::current_exe().expect("a test knows where it is");
    let profile = test.ancestors().nth(2).expect("a test is in `deps`");
    let program = format!("{name}{}", env::consts::EXE_SUFFIX);
    let program = profile.join("examples").join(program);
    assert!(
        program.is_file(),
        "{} is not built: run `cargo test -p saga-examples`, which builds the examples too",
        program.display()
    );
    let mut command = Command::new(program);
    // From anywhere, not only from the workspace.
    command.current_dir(env!("CARGO_TARGET_TMPDIR"));
    command
}

/// How a program ended and what it printed.
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ran {
    #[track_caller]
    pub(crate) fn ends_with(&self, code: i32) {
        assert_eq!(self.code, Some(code), "{}", self.all());
    }

    pub(crate) fn all(&self) -> String {
        format!("stdout:\n{}\nstderr:\n{}", self.stdout, self.stderr)
    }
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).expect("the example prints text");
        Self {
            code: output.status.code(),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
        }
    }
}

pub(crate) fn run(command: &mut Command) -> Ran {
    let output = command.output();
    output.expect("the example starts").into()
}
