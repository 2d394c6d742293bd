//! The `bauta` command.

mod cli;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// A consent-aware, pseudonymising reverse proxy in front of Plausible and PostHog.
#[derive(Parser)]
#[command(name = "bauta", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Remove personal data from events on stdin (JSON lines), as a dry run.
    Scrub,
}

fn main() -> ExitCode {
    match Arguments::parse().command {
        Command::Scrub => cli::scrub::run(),
    }
}
