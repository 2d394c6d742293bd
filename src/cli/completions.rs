//! `bauta completions`: completion scripts for shells.

use std::process::ExitCode;

use clap::CommandFactory as _;

use super::{Cli, out};

/// Print completions for a shell.
#[derive(clap::Args)]
#[command(after_help = "Examples:\n  bauta completions bash > /etc/bash_completion.d/bauta\n  \
    bauta completions fish > ~/.config/fish/completions/bauta.fish")]
pub(crate) struct Args {
    /// The shell
    #[arg(value_enum)]
    shell: clap_complete::Shell,
}

pub(crate) fn run(args: &Args) -> ExitCode {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "bauta", &mut script);
    out::bytes(&script);
    ExitCode::SUCCESS
}
