//! `gapcast explain`: the meaning of a term, which may be the code of a message, a scenario key, a metric, an
//! instrument, an event, a template, a law, a kind of quantity, or a term of the glossary.

pub mod text;
pub mod topics;

use clap::Args;
use serde_json::{Value, json};

use crate::cli::exit;
use crate::cli::screen::Screen;
use text::wrap;

/// Arguments of `explain`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  gapcast explain unknown-key\n  gapcast explain lab.demand.volatility\n  \
    gapcast explain commitment_fee\n  gapcast explain peak_funding\n  gapcast explain spv")]
pub struct ExplainArgs {
    /// Term to explain; without it, all terms are listed.
    word: Vec<String>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// Runs the command.
pub fn explain(args: &ExplainArgs, screen: &Screen) -> u8 {
    let asked = args.word.join(" ");
    // The term may be copied from a message: `error[unknown-key]`, `limit:`.
    let word = asked.trim().trim_matches(['`', ':', ',', '"', '\'']);
    let inside = word.split_once('[').and_then(|(_, rest)| rest.strip_suffix(']'));
    let word = inside.filter(|_| word.starts_with("error[") || word.starts_with("warning[")).unwrap_or(word);
    if word.is_empty() {
        overview(args.json, screen);
        return exit::FINE;
    }
    let found = topics::about(word);
    if found.is_empty() {
        let near = topics::near(word);
        if args.json {
            screen.say_json(&json!({"unknown": word, "suggestions": near}));
        } else {
            screen.talk(&format!("error: gapcast does not know the term `{word}`"));
            if !near.is_empty() {
                let near: Vec<String> = near.iter().map(|word| format!("`{word}`")).collect();
                screen.talk(&format!("help: did you mean {}?", near.join(" or ")));
            }
            screen.talk("help: `gapcast explain` lists all terms");
        }
        return exit::INVALID;
    }
    if args.json {
        let all: Vec<Value> = found.iter().map(topics::Topic::json).collect();
        screen.say_json(&json!(all));
    } else {
        let all: Vec<String> = found.iter().map(topics::Topic::text).collect();
        screen.say(&all.join("\n"));
    }
    exit::FINE
}

fn overview(json: bool, screen: &Screen) {
    let lists = topics::lists();
    if json {
        let all: serde_json::Map<String, Value> =
            lists.iter().map(|(what, names)| ((*what).to_owned(), json!(names))).collect();
        screen.say_json(&Value::Object(all));
        return;
    }
    let mut out = String::from("gapcast explain WORD explains a term. It knows\n\n");
    for (what, names) in lists {
        out += &wrap(&format!("{what}: {}", names.join(", ")), "", "  ");
        out.push('\n');
    }
    out += &wrap("and every key by its path or its last part, `lab.demand.volatility` or `volatility`.", "", "  ");
    screen.say(&out);
}
