//! `gapcast init`: writes a runnable scenario with a comment on every block, and next to it the schema for editors.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;

use crate::cli::screen::Screen;
use crate::cli::{exit, schema};
use crate::issues::{Issues, Place, nearest};
use crate::language::reader::Reader;
use crate::language::schema::ID;
use crate::language::values::check_name;
use crate::language::{describe, yaml};
use crate::units::Month;

/// Arguments of `init`.
#[derive(Debug, Args)]
pub struct InitArgs {
    /// Template; `--list` shows them.
    #[arg(default_value = "frontier-lab")]
    template: String,
    /// File to write, `-` for stdout; by default `TEMPLATE.yaml`. The scenario is named after it.
    file: Option<PathBuf>,
    /// List the templates without writing anything.
    #[arg(long)]
    list: bool,
    /// Overwrite the file if it exists.
    #[arg(long)]
    force: bool,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// A scenario to start from.
#[derive(Clone, Copy, Debug)]
pub struct Template {
    /// Its name.
    pub name: &'static str,
    /// Its text.
    pub text: &'static str,
}

macro_rules! templates {
    ($($name:literal),* $(,)?) => {
        /// All templates.
        pub const TEMPLATES: &[Template] =
            &[$(Template { name: $name, text: include_str!(concat!("templates/", $name, ".yaml")) }),*];
    };
}
templates! { "frontier-lab", "startup", "neocloud", "spv-only", "joint-venture" }

/// File name of the schema next to a scenario.
pub const SCHEMA: &str = "gapcast.schema.json";

impl Template {
    /// Its description.
    pub fn about(&self) -> String {
        let node = yaml::load(self.text, 0, &mut Issues::default());
        let about = node.as_ref().and_then(|node| node.get("about")?.text()).unwrap_or_default();
        describe::one_line(about)
    }
    /// Its text with the scenario named `name`.
    fn named(&self, name: &str) -> String {
        self.text.replacen(&format!("\nname: {}\n", self.name), &format!("\nname: {name}\n"), 1)
    }
}

/// Runs the command.
pub fn init(args: &InitArgs, screen: &Screen) -> u8 {
    if args.list {
        list(args.json, screen);
        return exit::FINE;
    }
    let Some(template) = TEMPLATES.iter().find(|t| t.name == args.template) else {
        let names: Vec<&str> = TEMPLATES.iter().map(|t| t.name).collect();
        let near = nearest(&args.template, names.iter().copied());
        let hint = near.map_or(String::new(), |near| format!("; did you mean `{near}`?"));
        let title = format!("there is no template `{}`{hint}", args.template);
        return refuse(args.json, screen, exit::INVALID, &title, &format!("templates: {}", names.join(", ")));
    };
    let file = args.file.clone().unwrap_or_else(|| PathBuf::from(format!("{}.yaml", template.name)));
    if file.as_os_str() == "-" {
        screen.say(template.text);
        return exit::FINE;
    }
    match write(template, &file, args.force) {
        Ok(note) => {
            report(args.json, screen, template, &file, note.as_deref());
            exit::FINE
        }
        Err((title, help)) => refuse(args.json, screen, exit::IO, &title, &help),
    }
}

fn list(json: bool, screen: &Screen) {
    if json {
        let all: Vec<_> = TEMPLATES.iter().map(|t| json!({"name": t.name, "about": t.about()})).collect();
        screen.say_json(&json!(all));
        return;
    }
    for template in TEMPLATES {
        let first = format!("{:<15}", template.name);
        screen.say(&crate::cli::explain::text::wrap(&template.about(), &first, &" ".repeat(15)));
    }
}

/// Writes the scenario and its schema. Returns a note if a foreign file is in the place of the schema and was left
/// unchanged; on failure, a title and a help text.
fn write(template: &Template, file: &Path, force: bool) -> Result<Option<String>, (String, String)> {
    let shown = file.display();
    let cannot =
        |path: &Path, error: &std::io::Error| (format!("cannot write `{}`: {error}", path.display()), String::new());
    // The scenario is named after the file, if that is a valid name.
    let stem = file.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
    let mut reader = Reader::new(Month::new(2000, 1), 1);
    let name = check_name(stem, Place::default(), &mut reader).map_or(template.name, |_| stem);
    let mut options = fs::OpenOptions::new();
    if force {
        options.write(true).create(true).truncate(true);
    } else {
        // Fails atomically if the file exists.
        options.write(true).create_new(true);
    }
    let opened = options.open(file);
    if opened.as_ref().is_err_and(|error| error.kind() == std::io::ErrorKind::AlreadyExists) {
        let help = "choose another name, or use `--force` to overwrite it".to_owned();
        return Err((format!("`{shown}` already exists"), help));
    }
    opened.and_then(|mut out| out.write_all(template.named(name).as_bytes())).map_err(|e| cannot(file, &e))?;

    let beside = file.parent().unwrap_or(Path::new("")).join(SCHEMA);
    let text = schema::Of::Scenario.text();
    match fs::read_to_string(&beside) {
        Ok(old) if old == text => Ok(None),
        // An older schema of gapcast is replaced; any other file is left unchanged.
        Ok(old) if !old.contains(ID) => {
            let note = format!(
                "`{}` was not written by gapcast and is left unchanged; editors will not complete keys",
                beside.display()
            );
            Ok(Some(note))
        }
        _ => fs::write(&beside, text).map(|()| None).map_err(|e| cannot(&beside, &e)),
    }
}

fn report(json: bool, screen: &Screen, template: &Template, file: &Path, note: Option<&str>) {
    let shown = file.display();
    let next = [format!("gapcast check {shown}"), format!("gapcast run {shown}")];
    if json {
        let schema = file.parent().unwrap_or(Path::new("")).join(SCHEMA);
        let all = json!({"template": template.name, "file": file, "schema": schema, "note": note, "next": next});
        screen.say_json(&all);
        return;
    }
    screen
        .talk(&format!("Wrote {shown} from the template {}, and {SCHEMA} next to it for your editor.", template.name));
    if let Some(note) = note {
        screen.talk(&format!("warning: {note}"));
    }
    screen.talk(&format!("Next:\n  {}\n  {}", next[0], next[1]));
}

fn refuse(json: bool, screen: &Screen, code: u8, title: &str, help: &str) -> u8 {
    if json {
        screen.say_json(&json!({"error": title, "help": help}));
    } else {
        screen.talk(&format!("error: {title}"));
        if !help.is_empty() {
            screen.talk(&format!("help: {help}"));
        }
    }
    code
}
