//! `gapcast check`: reads, validates and lints scenarios and reports what it finds; simulates nothing.

use std::fmt::Write as _;

use clap::Args;
use serde::Serialize;

use crate::cli::screen::Screen;
use crate::cli::{ScenarioArgs, diagnostics, exit};
use crate::issues::{Issue, Issues};
use crate::language::origin::{self, Origin, Question, Row};
use crate::language::quantity::Inputs;
use crate::lint::spread_of_revenue;
use crate::model::Model;

/// Arguments of `check`.
#[derive(Debug, Args)]
pub struct CheckArgs {
    #[command(flatten)]
    scenario: ScenarioArgs,
    /// Print the resolved scenario, with the origin of each value.
    #[arg(long)]
    show_origin: bool,
}

/// Runs the command.
pub fn check(args: &CheckArgs, screen: &Screen) -> u8 {
    let mut code = exit::FINE;
    let mut found: Vec<Report> = Vec::new();
    for file in &args.scenario.files {
        let (model, variants) = Model::load_all(file, &args.scenario.given.settings());
        let (mut issues, sources, model) = match model {
            Ok(mut model) => {
                let mut issues = std::mem::take(&mut model.reader.issues);
                if !issues.has_errors() {
                    issues.extend(model.lints());
                }
                (issues, model.sources.clone(), Some(model))
            }
            Err(refused) => (refused.issues, refused.sources, None),
        };
        add_variants(&mut issues, &variants);
        if issues.has_errors() {
            code = exit::INVALID;
        }
        let rows = model.as_ref().filter(|_| args.show_origin).map(|model| origins(model, args));
        if args.scenario.given.json {
            let report = Report {
                file: file.display().to_string(),
                issues: diagnostics::json(&issues, &sources),
                values: rows.as_ref().map(|rows| rows.iter().filter_map(Stated::of).collect()),
            };
            found.push(report);
            continue;
        }
        if issues.has_errors() || !args.scenario.given.quiet {
            screen.issues(&issues, &sources);
        }
        if let Some(rows) = &rows {
            screen.say(&tree(rows));
        } else if let Some(model) = model.filter(|_| !issues.has_errors() && !args.scenario.given.quiet) {
            screen.say(&about(&model, variants.len()));
            screen.say(&loop_of(&model).unwrap_or_default());
            screen.say(&supply_of(&model).unwrap_or_default());
            screen.say(&credit_of(&model).unwrap_or_default());
        }
    }
    if args.scenario.given.json {
        screen.say_json(&found);
    }
    code
}

/// A one-line description of the scenario.
fn about(model: &Model, variants: usize) -> String {
    let uncertain = model.plan.draws.laws().filter(|(_, law)| law.sd() != 0.0).count();
    let s = |n: usize| if n == 1 { "" } else { "s" };
    format!(
        "{}: {} month{} from {}, {uncertain} uncertain input{}, {} instrument{}, {variants} variant{}\n",
        model.scenario.name.as_str(),
        model.plan.months,
        s(model.plan.months),
        model.plan.start,
        s(uncertain),
        model.plan.instruments.len(),
        s(model.plan.instruments.len()),
        s(variants),
    )
}

/// A line on the loop of research and revenue, if the scenario has one.
fn loop_of(model: &Model) -> Option<String> {
    let capability = model.scenario.lab.demand.capability.as_ref()?;
    let gain = capability.elasticity.at(&Inputs::new(&model.plan.medians));
    let (months, sd) = spread_of_revenue(&model.scenario, &model.plan.draws)?;
    let most = sd / (1.0 - gain);
    Some(format!(
        "research and revenue: loop gain {gain:.2}; log revenue after {months} months has a standard deviation of {sd:.2} without the loop, of at most {most:.2} with it\n"
    ))
}

/// A line on whom the supply of equity is for, if the scenario limits it.
fn supply_of(model: &Model) -> Option<String> {
    let equity = model.scenario.world.capital.as_ref()?.equity.as_ref()?;
    let inputs = Inputs::new(&model.plan.medians);
    let billions = |x: f64| x / 1e9;
    Some(format!(
        "supply of equity: {:.1}B USD in any twelve months is the supply to this lab, not to all labs; so is what was raised before, {:.1}B USD\n",
        billions(12.0 * equity.supply.at(&inputs)),
        billions(equity.raised_before.at(&inputs)),
    ))
}

/// A line on whom the supply of credit is for, if the scenario limits it.
fn credit_of(model: &Model) -> Option<String> {
    let credit = model.scenario.world.capital.as_ref()?.credit.as_ref()?;
    Some(format!(
        "supply of credit: {:.1}B USD in any twelve months is the supply to this lab and its vehicles, not to all labs\n",
        12.0 * credit.supply.at(&Inputs::new(&model.plan.medians)) / 1e9,
    ))
}

/// Adds the problems of variants that the file itself does not have, each once, with the names of the variants.
fn add_variants(issues: &mut Issues, variants: &[(String, Issues)]) {
    let same = |a: &Issue, b: &Issue| {
        a.code == b.code && a.place == b.place && a.title == b.title && a.label == b.label && a.severity == b.severity
    };
    let mut more: Vec<(Issue, Vec<&str>)> = Vec::new();
    for (name, found) in variants {
        for issue in found.iter().filter(|issue| !issues.iter().any(|known| same(known, issue))) {
            match more.iter_mut().find(|(known, _)| same(known, issue)) {
                Some((_, names)) => names.push(name),
                None => more.push((issue.clone(), vec![name])),
            }
        }
    }
    for (issue, names) in more {
        let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
        let s = if names.len() == 1 { "" } else { "s" };
        issues.push(issue).help(format!("this applies only to the variant{s} {}", names.join(", ")));
    }
}

/// The origin of each value.
fn origins(model: &Model, args: &CheckArgs) -> Vec<Row> {
    let option = |path, flag, value: Option<u64>| value.map(|v| (path, format!("{flag} {v}")));
    let given: Vec<(&str, String)> = [
        option("run.paths", "--paths", args.scenario.given.paths),
        option("run.seed", "--seed", args.scenario.given.seed),
    ]
    .into_iter()
    .flatten()
    .collect();
    origin::rows(&Question {
        resolved: &model.resolved,
        laid: &model.laid,
        sources: &model.sources,
        variant: model.variant.as_deref(),
        given: &given,
    })
}

/// Maximum width of a value in characters; longer values, which are texts, are truncated.
const WIDEST: usize = 64;

/// The resolved scenario, one value per line, with its origin at the right.
fn tree(rows: &[Row]) -> String {
    let left: Vec<String> = rows
        .iter()
        .map(|row| {
            let mut text = format!("{}{}:", "  ".repeat(row.depth), row.step);
            if let Some(value) = &row.value {
                text.push(' ');
                text.extend(value.chars().take(WIDEST));
                if value.chars().count() > WIDEST {
                    text.push('…');
                }
            }
            text
        })
        .collect();
    let width = left.iter().map(|text| text.chars().count()).max().unwrap_or(0).min(WIDEST);
    // Writing to a string cannot fail.
    let mut out = String::new();
    for (row, text) in rows.iter().zip(left) {
        match &row.origin {
            Some(origin) => {
                let pad = width.saturating_sub(text.chars().count());
                let _ = writeln!(out, "{text}{}  # {}", " ".repeat(pad), origin.text());
            }
            None => {
                let _ = writeln!(out, "{text}");
            }
        }
    }
    out
}

/// JSON output for one file.
#[derive(Serialize)]
struct Report {
    file: String,
    issues: Vec<diagnostics::Diagnostic>,
    #[serde(skip_serializing_if = "Option::is_none")]
    values: Option<Vec<Stated>>,
}

/// A value of the resolved scenario and its origin.
#[derive(Default, Serialize)]
struct Stated {
    path: String,
    value: String,
    origin: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    variant: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    argument: Option<String>,
}

impl Stated {
    /// Converts a row; `None` if it has no value.
    fn of(row: &Row) -> Option<Stated> {
        let (value, origin) = (row.value.clone()?, row.origin.as_ref()?);
        let plain = Stated { path: row.path.clone(), value, origin: origin.kind(), ..Stated::default() };
        Some(match origin.clone() {
            Origin::Default => plain,
            Origin::File(file, line) | Origin::Extended(file, line) => {
                Stated { file: Some(file), line: Some(line), ..plain }
            }
            Origin::Variant(name, file, line) => {
                Stated { variant: Some(name), file: Some(file), line: Some(line), ..plain }
            }
            Origin::Argument(argument) => Stated { argument: Some(argument), ..plain },
        })
    }
}
