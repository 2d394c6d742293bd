//! `bauta keygen`: a key or a token from the system's random source.
//!
//! 32 bytes, written as 43 characters of base64url without a line end (or raw). Whoever reads a key takes the bytes of
//! the file as they are, a single line end after text apart, so both forms work everywhere.

use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use zeroize::Zeroizing;

use super::{CANNOT, out};

/// Make a key or a token: 32 random bytes.
#[derive(clap::Args)]
#[command(
    after_help = "The file gets mode 0600; an existing one is never overwritten: a lost pseudonym key renames every person.\n\n\
    Examples:\n  bauta keygen hmac.key\n  bauta keygen admin.token\n  \
    bauta keygen - | kubectl create secret generic bauta --from-file=hmac.key=/dev/stdin"
)]
pub(crate) struct Args {
    /// The file to write, or - for stdout
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Write the 32 bytes themselves instead of base64url text
    #[arg(long)]
    raw: bool,
}

pub(crate) fn run(args: &Args) -> ExitCode {
    let key = match make(args.raw) {
        Ok(key) => key,
        Err(error) => return out::fail(CANNOT, &format!("the system gives no random bytes: {error}"), ""),
    };
    if args.file == Path::new("-") {
        out::bytes(&key);
        return ExitCode::SUCCESS;
    }
    match write_new(&args.file, &key) {
        Ok(()) => {
            out::note(&format!("wrote {}", args.file.display()));
            ExitCode::SUCCESS
        }
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => out::fail(
            CANNOT,
            &format!("{} exists, and a key is never overwritten", args.file.display()),
            "choose another name; with a new active key every person gets a new pseudonym",
        ),
        Err(error) => out::fail(CANNOT, &format!("{} cannot be written: {error}", args.file.display()), ""),
    }
}

/// A fresh key.
pub(super) fn make(raw: bool) -> Result<Zeroizing<Vec<u8>>, getrandom::Error> {
    let mut bytes = Zeroizing::new([0_u8; 32]);
    getrandom::fill(bytes.as_mut())?;
    Ok(Zeroizing::new(if raw { bytes.to_vec() } else { URL_SAFE_NO_PAD.encode(bytes).into_bytes() }))
}

/// Writes a file that does not exist yet, for its owner's eyes only from the first moment on.
pub(super) fn write_new(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}
