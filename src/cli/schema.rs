//! `gapcast schema`: the JSON Schemas of scenario files, for editors and validators, and of the two machine-readable
//! files of a run.

use clap::{Args, ValueEnum};

use crate::cli::exit;
use crate::cli::screen::Screen;
use crate::language::schema;
use crate::scenario::Scenario;

/// Arguments of `schema`.
#[derive(Debug, Args)]
#[command(after_help = "To check and complete scenarios in an editor that uses yaml-language-server, write\n\
    `gapcast schema > gapcast.schema.json` beside them and begin each with the line\n\
    # yaml-language-server: $schema=gapcast.schema.json")]
pub struct SchemaArgs {
    /// Which schema.
    #[arg(long, value_enum, default_value_t = Of::Scenario)]
    of: Of,
}

/// A file that has a schema.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Of {
    /// Scenario files.
    #[default]
    Scenario,
    /// `summary.json` of a run.
    Summary,
    /// `run.json` of a run.
    Run,
}

impl Of {
    /// The text of the schema, as printed and as stored in `schema/`.
    pub fn text(self) -> String {
        match self {
            Of::Scenario => format!("{:#}\n", schema::schema(Scenario::FIELDS, Scenario::ABOUT)),
            Of::Summary => include_str!("../../schema/summary.v1.json").to_owned(),
            Of::Run => include_str!("../../schema/run.v1.json").to_owned(),
        }
    }
}

/// Runs the command.
pub fn schema(args: &SchemaArgs, screen: &Screen) -> u8 {
    screen.say(&args.of.text());
    exit::FINE
}
