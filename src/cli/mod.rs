//! The command line: the only part of the program that prints, reads the environment or exits.

pub mod check;
pub mod completions;
pub mod diagnostics;
pub mod explain;
pub mod fault;
pub mod init;
pub mod interrupt;
pub mod report;
pub mod run;
pub mod schema;
pub mod screen;
mod study;
mod threads;
pub mod trace;
pub mod verify;
#[cfg(feature = "watch")]
pub mod watch;

use std::io::{ErrorKind, Write as _};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::engine::level::Level;
use crate::language::overlay::Reach;
use crate::model::{Model, Settings};
use fault::Fault;

/// Exit codes.
pub mod exit {
    /// Success.
    pub const FINE: u8 = 0;
    /// A bug in the program.
    pub const INTERNAL: u8 = 1;
    /// Bad usage or an invalid scenario.
    pub const INVALID: u8 = 2;
    /// A line of `checks:` does not hold, or a run folder is not reproduced.
    pub const CHECK_FAILED: u8 = 3;
    /// An accounting identity does not hold.
    pub const IDENTITY_BROKEN: u8 = 4;
    /// Something cannot be read or written.
    pub const IO: u8 = 5;
    /// Interrupted by the user.
    pub const INTERRUPTED: u8 = 130;
}

/// The environment variable that forces an instruction level, for tests.
pub const LEVEL_VARIABLE: &str = "GAPCAST_LEVEL";

/// How large the gap between a lab's compute spending and revenue becomes, when cash runs out, and who bears the loss.
#[derive(Debug, Parser)]
#[command(name = "gapcast", version, about, max_term_width = 100)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
    /// When to colour messages.
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto)]
    color: Color,
}

/// When to colour messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal, unless `NO_COLOR` is set.
    Auto,
    /// Never.
    Never,
    /// Always.
    Always,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Simulate a scenario, write `output/<name>/` and print the summary.
    Run(run::RunArgs),
    /// Run several files, variants or settings on the same worlds and measure the differences.
    Compare(study::CompareArgs),
    /// Weigh the probability of ruin against dilution and leverage over structures and terms.
    Frontier(study::FrontierArgs),
    /// Estimate the probability that cash runs out where few paths see it.
    Rare(study::RareArgs),
    /// Find what moves a target: inputs, known numbers, groups.
    Sens(study::SensArgs),
    /// Find the value of a setting at which a check begins or ceases to hold.
    Solve(study::SolveArgs),
    /// Run a grid or a sample of settings on the same worlds.
    Sweep(study::SweepArgs),
    /// Validate a scenario without simulating.
    Check(check::CheckArgs),
    /// Print the monthly statements of one path, with the binding constraints of each month.
    Trace(trace::TraceArgs),
    /// Write a commented, runnable scenario from a template.
    Init(init::InitArgs),
    /// Print a JSON Schema of scenario files.
    Schema(schema::SchemaArgs),
    /// Explain a code, key, metric, instrument or term.
    Explain(explain::ExplainArgs),
    /// Print shell completions.
    Completions(completions::CompletionsArgs),
    /// Write manual pages to a folder.
    Man(completions::ManArgs),
    /// Redraw the charts and report of a run folder, without simulating.
    Report(report::ReportArgs),
    /// Reproduce the run recorded in a folder and compare every file.
    Verify(verify::VerifyArgs),
    /// Check and run a scenario, with few paths, each time it is saved.
    #[cfg(feature = "watch")]
    Watch(watch::WatchArgs),
}

/// Options of a scenario besides its file, and how messages are printed.
#[derive(Clone, Debug, Default, Args)]
pub struct Given {
    /// Override a value at an existing path, as in `lab.demand.volatility=5%/mo`; `null` removes it. Repeatable.
    #[arg(long = "set", value_name = "PATH=VALUE")]
    pub sets: Vec<String>,
    /// Apply a variant of the file.
    #[arg(long, value_name = "NAME")]
    pub variant: Option<String>,
    /// Number of paths, overriding the file.
    #[arg(short = 'n', long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=100_000_000))]
    pub paths: Option<u64>,
    /// Seed, overriding the file.
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// Allow `extends` to read files outside the scenario's folder.
    #[arg(long)]
    pub allow_outside: bool,
    /// Print JSON.
    #[arg(long)]
    pub json: bool,
    /// Print only errors.
    #[arg(short, long)]
    pub quiet: bool,
}

impl Given {
    /// The options as settings.
    pub fn settings(&self) -> Settings {
        let reach = if self.allow_outside { Reach::Outside } else { Reach::Below };
        let Given { variant, sets, paths, seed, .. } = self.clone();
        Settings { variant, sets, paths, seed, until: None, asks: Vec::new(), reach }
    }
    /// Whether messages besides the result are wanted: neither quiet nor JSON.
    pub fn talks(&self) -> bool {
        !self.quiet && !self.json
    }
}

/// Scenarios and their options.
#[derive(Clone, Debug, Default, Args)]
pub struct ScenarioArgs {
    /// Scenario files; `-` is standard input.
    #[arg(required = true, value_name = "FILE")]
    pub files: Vec<PathBuf>,
    /// What is said of them.
    #[command(flatten)]
    pub given: Given,
    /// Print details on stderr: threads, instruction level, timings.
    #[arg(short, long, conflicts_with = "quiet")]
    pub verbose: bool,
}

/// One scenario and its options.
#[derive(Clone, Debug, Args)]
pub struct OneScenario {
    /// Scenario file; `-` is standard input.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// What is said of it.
    #[command(flatten)]
    pub given: Given,
}

impl OneScenario {
    /// Reads the scenario; warnings are printed unless quiet or JSON.
    ///
    /// # Errors
    /// If the scenario has errors.
    pub fn load(&self, screen: &screen::Screen) -> Result<Model, Fault> {
        let model = run::load(&self.file, &self.given.settings())?;
        if self.given.talks() {
            screen.issues(&model.reader.issues, &model.sources);
        }
        Ok(model)
    }
}

/// Runs the command line and returns the exit code.
pub fn main() -> u8 {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return misused(&error),
    };
    let screen = screen::Screen::new(cli.color);
    let code = threads::within(cli.command.threads(), || {
        // A panic has already printed its message on stderr; scripts get the documented exit code.
        catch_unwind(AssertUnwindSafe(|| dispatch(&cli.command, &screen))).unwrap_or_else(|_| {
            if asks_json() { Fault::internal("internal error: see stderr").tell(&screen, true) } else { exit::INTERNAL }
        })
    });
    written(&screen, code.unwrap_or_else(|fault| fault.tell(&screen, asks_json())))
}

/// The exit code including failures of stdout. A pipe closed by its reader is not a failure.
fn written(screen: &screen::Screen, code: u8) -> u8 {
    match screen.failed() {
        Some(error) if error.kind() != ErrorKind::BrokenPipe => {
            screen.talk(&format!("error: cannot write to standard output: {error}"));
            if matches!(code, exit::FINE | exit::INVALID | exit::CHECK_FAILED) { exit::IO } else { code }
        }
        _ => code,
    }
}

impl Command {
    /// Number of threads requested; 0 for all cores.
    fn threads(&self) -> usize {
        match self {
            Command::Run(args) => args.threads,
            Command::Compare(args) => args.shared.threads,
            Command::Frontier(args) => args.shared.threads,
            Command::Rare(args) => args.shared.threads,
            Command::Sens(args) => args.shared.threads,
            Command::Solve(args) => args.shared.threads,
            Command::Sweep(args) => args.shared.threads,
            Command::Verify(args) => args.threads,
            #[cfg(feature = "watch")]
            Command::Watch(args) => args.threads,
            _ => 0,
        }
    }
}

fn dispatch(command: &Command, screen: &screen::Screen) -> u8 {
    match command {
        Command::Run(args) => run::run(args, screen),
        Command::Compare(args) => study::compare(args, screen),
        Command::Frontier(args) => study::frontier(args, screen),
        Command::Rare(args) => study::rare(args, screen),
        Command::Sens(args) => study::sens(args, screen),
        Command::Solve(args) => study::solve(args, screen),
        Command::Sweep(args) => study::sweep(args, screen),
        Command::Check(args) => check::check(args, screen),
        Command::Trace(args) => trace::trace(args, screen),
        Command::Init(args) => init::init(args, screen),
        Command::Schema(args) => schema::schema(args, screen),
        Command::Explain(args) => explain::explain(args, screen),
        Command::Completions(args) => completions::completions(args, screen),
        Command::Man(args) => completions::man(args, screen),
        Command::Report(args) => report::report(args, screen),
        Command::Verify(args) => verify::verify(args, screen),
        #[cfg(feature = "watch")]
        Command::Watch(args) => watch::watch(args, screen),
    }
}

/// Whether the command line asks for JSON, even if it cannot be parsed.
fn asks_json() -> bool {
    std::env::args_os().skip(1).take_while(|a| a != "--").any(|a| a == "--json")
}

/// Prints help and versions; reports a command line that cannot be parsed, as JSON if it asks for JSON.
fn misused(error: &clap::Error) -> u8 {
    let screen = screen::Screen::new(Color::Never);
    if !error.use_stderr() {
        let printed = error.print().and_then(|()| std::io::stdout().flush());
        return match printed {
            Err(error) if error.kind() != ErrorKind::BrokenPipe => {
                screen.talk(&format!("error: cannot write to standard output: {error}"));
                exit::IO
            }
            _ => exit::FINE,
        };
    }
    if !asks_json() {
        // Nothing else can be done if stderr is closed.
        let _ = error.print();
        return exit::INVALID;
    }
    let text = error.render().to_string();
    let told = text.split("\n\nUsage:").next().unwrap_or(&text).trim_start_matches("error: ").trim();
    written(&screen, Fault::usage(told).tell(&screen, true))
}

/// The instruction level: the one forced by the environment, or the best available.
///
/// # Errors
/// If the environment names a level that does not exist or that this processor does not support.
pub fn level() -> Result<Level, String> {
    match std::env::var(LEVEL_VARIABLE) {
        Err(_) => Ok(Level::best()),
        Ok(name) => Level::named(&name).ok_or_else(|| {
            let all: Vec<&str> = Level::ALL.into_iter().filter(|l| l.available()).map(Level::name).collect();
            format!(
                "{LEVEL_VARIABLE}={name} is not an instruction level of this processor; available: {}",
                all.join(", ")
            )
        }),
    }
}
