//! Problems shown in the style of rustc: file, line number, the source line with a caret, and help.

use crate::issues::{Issue, Issues, Place, Severity};
use crate::language::tree::Sources;
use crate::text::{steers, tame};
use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use serde::Serialize;
use std::fmt::Write;

/// All problems in order of place, then a line with their counts; empty if there are none. If one lint warns in several
/// places, it is shown once, at the first place, with the other places listed below.
pub fn render(issues: &Issues, sources: &Sources, color: bool) -> String {
    let renderer = if color { Renderer::styled() } else { Renderer::plain() };
    let mut out = String::new();
    for issue in issues.iter() {
        let mut same = issues.iter().filter(|other| other.code == issue.code && issue.code.starts_with("lint-"));
        if same.next().is_some_and(|first| !std::ptr::eq(first, issue)) {
            continue;
        }
        let rest: Vec<String> = same.map(|other| elsewhere(other, sources)).collect();
        out += &one(issue, &rest, sources, &renderer);
        out += "\n\n";
    }
    let tally = |n: usize, what: &str| (n > 0).then(|| format!("{n} {what}{}", if n == 1 { "" } else { "s" }));
    let counts: Vec<String> =
        [tally(issues.count(Severity::Error), "error"), tally(issues.count(Severity::Warning), "warning")]
            .into_iter()
            .flatten()
            .collect();
    if !counts.is_empty() {
        // Writing to a String cannot fail.
        let _ = writeln!(out, "{}", counts.join(", "));
    }
    out
}

/// A problem as JSON.
#[derive(Clone, Debug, Serialize)]
pub struct Diagnostic {
    code: &'static str,
    severity: &'static str,
    title: String,
    label: String,
    help: Vec<String>,
    place: Option<Spot>,
}

/// A place in a file: line and column counted from 1, the column in characters.
#[derive(Clone, Debug, Serialize)]
struct Spot {
    file: Option<String>,
    line: usize,
    column: usize,
}

/// Problems as JSON.
pub fn json(issues: &Issues, sources: &Sources) -> Vec<Diagnostic> {
    let spot = |place: Place| {
        let (line, column) = sources.position(place.file, place.start as usize);
        Spot { file: sources.name(place.file).map(str::to_owned), line, column }
    };
    let all = issues.iter().map(|issue| Diagnostic {
        code: issue.code,
        severity: if issue.severity == Severity::Error { "error" } else { "warning" },
        title: issue.title.clone(),
        label: issue.label.clone(),
        help: issue.help.clone(),
        place: issue.place.map(spot),
    });
    all.collect()
}

/// A further warning of the same lint, on one line.
fn elsewhere(issue: &Issue, sources: &Sources) -> String {
    let place = issue.place.and_then(|place| {
        let (_, line, _) = sources.line_at(place.file, place.start as usize);
        Some(format!("{}:{line}", clean(sources.name(place.file)?)))
    });
    format!("the same at {}: {}", place.as_deref().unwrap_or("the file"), clean(&issue.title))
}

fn one(issue: &Issue, rest: &[String], sources: &Sources, renderer: &Renderer) -> String {
    let level = match issue.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let title = clean(&issue.title);
    let label = clean(&issue.label);
    let help: Vec<String> = issue.help.iter().map(|line| clean(line)).collect();
    let title = level.primary_title(title.as_str()).id(issue.code);
    let found = issue.place.and_then(|place| Some((place, sources.name(place.file)?)));
    let shown: String;
    let mut group: Group<'_> = match found {
        Some((place, name)) => {
            // One line is enough, and keeps rendering cheap however long the file is.
            let (line, first, column) = sources.line_at(place.file, place.start as usize);
            shown = same_length(line);
            let line = shown.as_str();
            let length = line.len();
            let start = column.min(length);
            let end = (place.end as usize).saturating_sub(place.start as usize).saturating_add(start).min(length);
            let end = (start..=end).rev().find(|at| line.is_char_boundary(*at)).unwrap_or(start);
            let mut annotation = AnnotationKind::Primary.span(start..end);
            if !label.is_empty() {
                annotation = annotation.label(label.as_str());
            }
            title.element(Snippet::source(line).line_start(first).path(name).annotation(annotation))
        }
        None => Group::with_title(title),
    };
    for line in &help {
        group = group.element(Level::HELP.message(line.as_str()));
    }
    for line in rest {
        group = group.element(Level::NOTE.message(line.as_str()));
    }
    renderer.render(&[group])
}

/// Text from a file must not control the terminal or change the direction of text. Tabs in a message become spaces.
fn clean(text: &str) -> String {
    tame(text).replace('\t', " ")
}

/// The same for a line of a file, with its length in bytes unchanged, so that places in it remain valid.
fn same_length(line: &str) -> String {
    let other = |c: char| match c {
        '\u{80}'..='\u{9f}' => '¿',
        c if steers(c) && !c.is_control() => char::REPLACEMENT_CHARACTER,
        c => c,
    };
    line.chars().map(other).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looks_like_rustc() {
        let mut sources = Sources::default();
        let file = sources.add("a.yaml", "one: 1\nlimt: 5B USD\n");
        let mut issues = Issues::default();
        issues
            .error("unknown-key", Place::new(file, 7, 11), "unknown key `limt`", "did you mean `limit`?")
            .help("keys here: limit");
        issues.warn("file", None, "nothing\u{1b}[31m to do", "");
        let text = render(&issues, &sources, false);
        for part in [
            "error[unknown-key]: unknown key `limt`",
            "a.yaml:2:1",
            "limt: 5B USD",
            "^^^^ did you mean",
            "help: keys here",
            "1 error, 1 warning",
        ] {
            assert!(text.contains(part), "{part} in\n{text}");
        }
        assert!(!text.contains('\u{1b}'));
        assert!(render(&issues, &sources, true).contains('\u{1b}'));
        assert_eq!(render(&Issues::default(), &sources, false), "");
    }

    #[test]
    fn what_one_lint_finds_in_several_places_is_shown_once() {
        let mut sources = Sources::default();
        let file = sources.add("a.yaml", "one: 1\ntwo: 2\nsix: 6\n");
        let mut issues = Issues::default();
        for (start, title) in
            [(0, "`one` is a single number"), (7, "`two` is a single number"), (14, "`six` is a single number")]
        {
            issues
                .warn("lint-point", Place::new(file, start, start + 3), title, "nobody knows it")
                .help("write an interval");
        }
        issues.warn("unused", Place::new(file, 0, 3), "twice", "");
        issues.warn("unused", Place::new(file, 7, 10), "twice", "");
        let text = render(&issues, &sources, false);
        assert_eq!(text.matches("warning[lint-point]").count(), 1, "{text}");
        assert_eq!(text.matches("write an interval").count(), 1, "{text}");
        assert!(
            text.contains("the same at a.yaml:2: `two` is a single number") && text.contains("a.yaml:3: `six`"),
            "{text}"
        );
        assert_eq!(text.matches("warning[unused]").count(), 2, "{text}");
        assert!(text.ends_with("5 warnings\n"), "{text}");
    }

    #[test]
    fn places_outside_the_text_are_harmless() {
        let mut sources = Sources::default();
        let file = sources.add("a.yaml", "é: ü");
        for (start, end) in [(0, 999), (1, 2), (999, 1000), (5, 5), (3, 4)] {
            let mut issues = Issues::default();
            issues.error("x", Place::new(file, start, end), "t", "l");
            assert!(render(&issues, &sources, false).contains("a.yaml"));
        }
        let mut issues = Issues::default();
        issues.error("x", Place::new(7, 0, 1), "t", "l");
        assert!(render(&issues, &sources, false).contains("error[x]: t"));
    }
}
