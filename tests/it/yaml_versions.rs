//! Readers of YAML 1.1 and of YAML 1.2 read every shipped file the same: each plain scalar is, by the tables of either
//! version, the same value of the same kind.
//!
//! The two resolvers below are written after the specifications and not after our reader, which must refuse whatever they
//! disagree about.

use std::path::Path;

use gapcast::issues::Issues;
use gapcast::language::yaml;
use granit_parser::{Event, Parser, ScalarStyle};

/// What a reader takes a plain scalar for.
#[derive(Debug, PartialEq)]
enum Meaning {
    Null,
    Bool(bool),
    Whole(i128),
    Real(f64),
    /// A day or a moment, which only 1.1 knows.
    Moment,
    Text,
}

fn digits(text: &str, radix: u32) -> Option<i128> {
    let plain: String = text.chars().filter(|c| *c != '_').collect();
    if plain.is_empty() { None } else { i128::from_str_radix(&plain, radix).ok() }
}

fn signed(text: &str) -> (i128, &str) {
    match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    }
}

/// Both versions: a number with a point, and what follows it in 1.2.
fn real(text: &str) -> Option<f64> {
    let (_, rest) = signed(text);
    let starts =
        rest.starts_with(|c: char| c.is_ascii_digit() || c == '.') && rest.contains(|c: char| c.is_ascii_digit());
    let only = rest.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | 'e' | 'E' | '+' | '-'));
    if starts && only { text.parse().ok() } else { None }
}

fn odd_real(text: &str) -> Option<f64> {
    let (sign, rest) = signed(text);
    match rest {
        ".inf" | ".Inf" | ".INF" => Some(sign as f64 * f64::INFINITY),
        ".nan" | ".NaN" | ".NAN" if text == rest => Some(f64::NAN),
        _ => None,
    }
}

/// By the types of yaml.org for version 1.1.
fn by_one_one(text: &str) -> Meaning {
    if matches!(text, "" | "~" | "null" | "Null" | "NULL") {
        return Meaning::Null;
    }
    let title = |word: &str| [word.to_owned(), word.to_uppercase(), word[..1].to_uppercase() + &word[1..]];
    let is = |words: &[&str]| words.iter().any(|word| title(word).iter().any(|form| form == text));
    if is(&["y", "yes", "true", "on"]) {
        return Meaning::Bool(true);
    }
    if is(&["n", "no", "false", "off"]) {
        return Meaning::Bool(false);
    }
    let (sign, rest) = signed(text);
    let first = rest.bytes().next().unwrap_or(b' ');
    if first.is_ascii_digit() {
        let whole = if let Some(bits) = rest.strip_prefix("0b") {
            digits(bits, 2)
        } else if let Some(hex) = rest.strip_prefix("0x") {
            digits(hex, 16)
        } else if rest.len() > 1 && first == b'0' {
            digits(&rest[1..], 8)
        } else if rest.contains(':') {
            // Base 60, with or without a fraction.
            let parts: Vec<&str> = rest.split(':').collect();
            let fine = parts[1..].iter().all(|p| p.split('.').next().is_some_and(|w| !w.is_empty() && w.len() <= 2))
                && rest.bytes().all(|b| b.is_ascii_digit() || matches!(b, b':' | b'_' | b'.'));
            fine.then(|| {
                parts.iter().fold(0, |sum, p| sum * 60 + digits(p.split('.').next().unwrap_or(""), 10).unwrap_or(0))
            })
        } else {
            digits(rest, 10)
        };
        if let Some(whole) = whole {
            return Meaning::Whole(sign * whole);
        }
        // 2001-12-14, and what may follow a day.
        let part = |from: usize, to: usize| rest.get(from..to).is_some_and(|p| p.bytes().all(|b| b.is_ascii_digit()));
        let day = part(0, 4) && rest.get(4..5) == Some("-") && part(5, 7) && rest.get(7..8) == Some("-") && part(8, 10);
        if sign == 1 && day && text == rest {
            return Meaning::Moment;
        }
    }
    // A point is needed, and a sign in the exponent.
    let plain: String = text.chars().filter(|c| *c != '_').collect();
    let exponent = plain.find(['e', 'E']);
    let sound = exponent.is_none_or(|at| plain[at + 1..].starts_with(['+', '-']));
    if plain.contains('.')
        && sound
        && let Some(x) = real(&plain)
    {
        return Meaning::Real(x);
    }
    odd_real(text).map_or(Meaning::Text, Meaning::Real)
}

/// By the core schema of version 1.2.
fn by_one_two(text: &str) -> Meaning {
    if matches!(text, "" | "~" | "null" | "Null" | "NULL") {
        return Meaning::Null;
    }
    match text {
        "true" | "True" | "TRUE" => return Meaning::Bool(true),
        "false" | "False" | "FALSE" => return Meaning::Bool(false),
        _ => {}
    }
    let (sign, rest) = signed(text);
    let all_digits = !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_digit());
    let whole = if all_digits {
        rest.parse().ok()
    } else if let Some(octal) = text.strip_prefix("0o") {
        i128::from_str_radix(octal, 8).ok()
    } else if let Some(hex) = text.strip_prefix("0x") {
        i128::from_str_radix(hex, 16).ok()
    } else {
        None
    };
    if let Some(whole) = whole {
        return Meaning::Whole(if all_digits { sign * whole } else { whole });
    }
    real(text).or_else(|| odd_real(text)).map_or(Meaning::Text, Meaning::Real)
}

#[test]
fn the_resolvers_know_the_traps() {
    for (text, one, two) in [
        ("yes", Meaning::Bool(true), Meaning::Text),
        ("Off", Meaning::Bool(false), Meaning::Text),
        ("n", Meaning::Bool(false), Meaning::Text),
        ("true", Meaning::Bool(true), Meaning::Bool(true)),
        ("1:30", Meaning::Whole(90), Meaning::Text),
        ("017", Meaning::Whole(15), Meaning::Whole(17)),
        ("0o17", Meaning::Text, Meaning::Whole(15)),
        ("1_000", Meaning::Whole(1000), Meaning::Text),
        ("0x1F", Meaning::Whole(31), Meaning::Whole(31)),
        ("0b11", Meaning::Whole(3), Meaning::Text),
        ("1e5", Meaning::Text, Meaning::Real(1e5)),
        ("1.5e3", Meaning::Text, Meaning::Real(1500.0)),
        ("1.5e+3", Meaning::Real(1500.0), Meaning::Real(1500.0)),
        ("2026-06-15", Meaning::Moment, Meaning::Text),
        ("2026-06", Meaning::Text, Meaning::Text),
        ("5B USD", Meaning::Text, Meaning::Text),
        ("1B", Meaning::Text, Meaning::Text),
        ("0.5", Meaning::Real(0.5), Meaning::Real(0.5)),
        ("-12", Meaning::Whole(-12), Meaning::Whole(-12)),
        ("~", Meaning::Null, Meaning::Null),
        (".inf", Meaning::Real(f64::INFINITY), Meaning::Real(f64::INFINITY)),
    ] {
        assert_eq!((by_one_one(text), by_one_two(text)), (one, two), "{text}");
    }
}

/// Plain scalars of a text, keys and values.
fn plain_scalars(text: &str) -> Vec<(String, usize)> {
    let mut out = Vec::new();
    for event in Parser::new_from_str(text) {
        if let (Event::Scalar(scalar, ScalarStyle::Plain, ..), span) = event.unwrap() {
            out.push((scalar.into_owned(), span.start.line()));
        }
    }
    out
}

#[test]
fn both_versions_read_every_shipped_file_the_same() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (mut looked, mut differ) = (0, Vec::new());
    for folder in ["scenarios", "templates", "tests/common", "tests/worked"] {
        let Ok(entries) = std::fs::read_dir(root.join(folder)) else { continue };
        for path in entries.map(|entry| entry.unwrap().path()).filter(|p| p.extension().is_some_and(|x| x == "yaml")) {
            for (scalar, line) in plain_scalars(&std::fs::read_to_string(&path).unwrap()) {
                looked += 1;
                let (one, two) = (by_one_one(&scalar), by_one_two(&scalar));
                if one != two {
                    differ.push(format!("{}:{line}: `{scalar}` is {one:?} in 1.1 and {two:?} in 1.2", path.display()));
                }
            }
        }
    }
    assert!(differ.is_empty(), "{}", differ.join("\n"));
    assert!(looked > 5000, "{looked} scalars");
}

/// What the versions disagree about, our reader refuses, unless it is a date, a number in a form of 1.2 or a word that
/// means the same to a scenario whichever it is.
#[test]
fn our_reader_refuses_what_they_disagree_about() {
    for text in [
        "yes", "Yes", "no", "NO", "on", "off", "y", "N", "True", "FALSE", "1:30", "-1:30:15", "12:30.5", "017", "-07",
        "0o17", "0x1F", "0b11", "1_000", "1_0.5",
    ] {
        for place in [format!("a: {text}"), format!("[{text}]"), format!("{{a: {{b: {text}}}}}")] {
            let mut issues = Issues::default();
            let _ = yaml::document(&place, 0, &mut issues);
            assert!(issues.has_errors(), "{place}");
        }
        let mut issues = Issues::default();
        let _ = yaml::document(&format!("a: \"{text}\""), 0, &mut issues);
        assert!(!issues.has_errors(), "in quotes: {text}");
    }
    for text in ["true", "false", "12", "0", "-3", "0.5", "5B USD", "2026-06", "null", "10:1 split", "x:y", "a_b"] {
        let mut issues = Issues::default();
        let _ = yaml::document(&format!("a: {text}"), 0, &mut issues);
        assert!(!issues.has_errors(), "{text}");
    }
}
