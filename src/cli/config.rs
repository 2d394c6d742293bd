//! `bauta config`: the documented options, the configuration in force with the origin of each value, the schema.

use std::process::ExitCode;

use serde_json::json;
use toml::Value;

use super::{ConfigFile, INTERNAL, out};
use crate::config::fault::KeyPath;
use crate::config::{DEFAULT_TOML, Loaded, Origin};

/// Show the options, the configuration in force, or the schema.
#[derive(clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand)]
enum Command {
    /// Print every option with its default, or what is in force
    Print(Print),
    /// Print the JSON Schema of bauta.toml, for editors
    #[command(
        after_help = "Example:\n  bauta config schema > bauta.schema.json   # and in bauta.toml: #:schema ./bauta.schema.json"
    )]
    Schema,
}

#[derive(clap::Args)]
#[command(after_help = "Examples:\n  bauta config print\n  bauta config print --effective -c bauta.toml\n\n\
    The values of secrets never appear: the configuration holds their places only.")]
struct Print {
    #[command(flatten)]
    config: ConfigFile,
    /// The configuration in force: each value with where it comes from
    #[arg(long)]
    effective: bool,
    /// Answer as JSON (with --effective)
    #[arg(long, requires = "effective")]
    json: bool,
}

pub(crate) fn run(args: Args) -> ExitCode {
    match args.command {
        Command::Schema => {
            out::json(crate::config::schema());
            ExitCode::SUCCESS
        }
        Command::Print(args) if args.effective => effective(&args),
        Command::Print(_) => {
            out::bytes(DEFAULT_TOML.as_bytes());
            ExitCode::SUCCESS
        }
    }
}

fn effective(args: &Print) -> ExitCode {
    let loaded = match args.config.load() {
        Ok(loaded) => loaded,
        Err(error) => return out::bad_config(&error, args.json),
    };
    let Ok(tree) = toml::Table::try_from(&loaded.file) else {
        return out::fail(INTERNAL, "the configuration cannot be written as TOML", "please report it");
    };
    let mut printer = Printer { loaded: &loaded, lines: Vec::new(), tables: Vec::new(), rows: serde_json::Map::new() };
    printer.table(&tree, "", &KeyPath::root());
    if args.json {
        out::json(&printer.rows.into());
    } else {
        out::bytes(printer.text().as_bytes());
    }
    ExitCode::SUCCESS
}

struct Printer<'a> {
    loaded: &'a Loaded,
    /// `key = value` and its origin.
    lines: Vec<(String, String)>,
    /// Before which line which header stands.
    tables: Vec<(usize, String)>,
    rows: serde_json::Map<String, serde_json::Value>,
}

impl Printer<'_> {
    /// Values first, tables after them: TOML has no way back out of a table.
    fn table(&mut self, table: &toml::Table, header: &str, at: &KeyPath) {
        for (name, value) in table.iter().filter(|(_, value)| !is_table(value)) {
            self.value(name, value, &at.key(name));
        }
        for (name, value) in table.iter().filter(|(_, value)| is_table(value)) {
            let key = quoted(name);
            let below = if header.is_empty() { key } else { format!("{header}.{key}") };
            let at = at.key(name);
            match value {
                Value::Table(inner) => {
                    self.tables.push((self.lines.len(), format!("[{below}]")));
                    self.table(inner, &below, &at);
                }
                Value::Array(items) => {
                    for (index, item) in items.iter().enumerate() {
                        self.tables.push((self.lines.len(), format!("[[{below}]]")));
                        if let Value::Table(inner) = item {
                            self.table(inner, &below, &at.index(index));
                        }
                    }
                }
                _ => {}
            }
        }
    }

    fn value(&mut self, name: &str, value: &Value, at: &KeyPath) {
        let origin = match self.loaded.origin(at) {
            Origin::Default => "default".to_owned(),
            Origin::File(line) => format!("{}:{line}", self.loaded.path.display()),
            Origin::Environment(name) => name,
        };
        self.rows.insert(at.to_string(), json!({ "value": value, "origin": origin }));
        self.lines.push((format!("{} = {value}", quoted(name)), origin));
    }

    fn text(&self) -> String {
        let width =
            self.lines.iter().map(|(line, _)| line.chars().count()).filter(|width| *width <= 60).max().unwrap_or(0);
        let mut tables = self.tables.iter().peekable();
        let mut text = String::new();
        for index in 0..=self.lines.len() {
            while let Some((_, header)) = tables.next_if(|(before, _)| *before <= index) {
                text.push_str(&format!("\n{header}\n"));
            }
            if let Some((line, origin)) = self.lines.get(index) {
                text.push_str(&format!("{line:<width$}  # {origin}\n"));
            }
        }
        text
    }
}

/// Tables, and lists of nothing but tables.
fn is_table(value: &Value) -> bool {
    match value {
        Value::Table(_) => true,
        Value::Array(items) => !items.is_empty() && items.iter().all(Value::is_table),
        _ => false,
    }
}

fn quoted(name: &str) -> String {
    let bare = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    if !name.is_empty() && name.bytes().all(bare) { name.to_owned() } else { Value::from(name).to_string() }
}
