//! `gapcast schema`: the JSON Schema of scenario files, for editors and validators.

use clap::Args;

use crate::cli::exit;
use crate::cli::screen::Screen;
use crate::language::schema;
use crate::scenario::Scenario;

/// What `schema` takes: nothing.
#[derive(Debug, Args)]
#[command(after_help = "To check and complete scenarios in an editor that speaks to yaml-language-server, write\n\
    `gapcast schema > gapcast.schema.json` beside them and begin each with the line\n\
    # yaml-language-server: $schema=gapcast.schema.json")]
pub struct SchemaArgs {}

/// The text of the schema, as it is printed and as it stands in `schema/`.
pub fn text() -> String {
    format!("{:#}\n", schema::schema(Scenario::FIELDS, Scenario::ABOUT))
}

/// Runs the command.
pub fn schema(_: &SchemaArgs, screen: &Screen) -> u8 {
    screen.say(&text());
    exit::FINE
}
