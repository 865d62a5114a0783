//! `gapcast check`: read, validate, say what was found; simulate nothing.

use clap::Args;
use serde_json::{Value, json};

use crate::answers::Answers;
use crate::cli::screen::Screen;
use crate::cli::{ScenarioArgs, exit};
use crate::issues::{Issues, Severity};
use crate::job::Job;
use crate::language::tree::Sources;

/// What `check` takes.
#[derive(Debug, Args)]
pub struct CheckArgs {
    #[command(flatten)]
    scenario: ScenarioArgs,
}

/// Runs the command.
pub fn check(args: &CheckArgs, screen: &Screen) -> u8 {
    let mut code = exit::FINE;
    let mut found: Vec<Value> = Vec::new();
    for file in &args.scenario.files {
        let (issues, sources, about) = match Job::load(file, &args.scenario.overrides()) {
            Ok(mut job) => {
                Answers::check_names(&job.plan, &job.checks, &mut job.reader.issues);
                let about = format!(
                    "{}: {} months from {}, {} uncertain inputs, {} rooms",
                    job.scenario.name.as_str(),
                    job.plan.months,
                    job.plan.start,
                    job.plan.draws.len(),
                    job.plan.rooms.len()
                );
                (job.reader.issues, job.sources, about)
            }
            Err(refused) => (refused.issues, refused.sources, String::new()),
        };
        if issues.has_errors() {
            code = exit::INVALID;
        }
        if args.scenario.json {
            found.push(json!({"file": file, "issues": list(&issues, &sources)}));
        } else {
            screen.issues(&issues, &sources);
            if !issues.has_errors() && !args.scenario.quiet {
                screen.say(&format!("{about}\n"));
            }
        }
    }
    if args.scenario.json {
        screen.say(&format!("{:#}\n", Value::Array(found)));
    }
    code
}

/// Problems as JSON.
pub fn list(issues: &Issues, sources: &Sources) -> Value {
    issues
        .iter()
        .map(|issue| {
            let place = issue.place.map(|p| {
                let (_, line, column) = sources.line_at(p.file, p.start as usize);
                json!({"file": sources.name(p.file), "line": line, "column": column})
            });
            json!({
                "code": issue.code,
                "severity": if issue.severity == Severity::Error { "error" } else { "warning" },
                "title": issue.title, "label": issue.label, "help": issue.help, "place": place,
            })
        })
        .collect()
}
