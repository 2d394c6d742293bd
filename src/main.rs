//! The `bauta` command: wiring only, see [`bauta::cli`].

use std::process::ExitCode;

fn main() -> ExitCode {
    bauta::cli::run(std::env::args_os())
}
