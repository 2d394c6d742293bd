//! `bauta man`: the manual pages.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::CommandFactory as _;

use super::{CANNOT, Cli, out};

/// Print the manual page, or write one for each command.
#[derive(clap::Args)]
#[command(after_help = "Examples:\n  bauta man | man -l -\n  bauta man --dir /usr/local/share/man/man1")]
pub(crate) struct Args {
    /// Write the pages of all commands into this folder
    #[arg(long, value_name = "FOLDER")]
    dir: Option<PathBuf>,
}

pub(crate) fn run(args: &Args) -> ExitCode {
    let written = match &args.dir {
        Some(folder) => std::fs::create_dir_all(folder).and_then(|()| clap_mangen::generate_to(Cli::command(), folder)),
        None => {
            let mut page = Vec::new();
            clap_mangen::Man::new(Cli::command()).render(&mut page).map(|()| out::bytes(&page))
        }
    };
    match written {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => out::fail(
            CANNOT,
            &format!("the pages cannot be written: {error}"),
            "name a folder that you may write with --dir",
        ),
    }
}
