//! Regular expressions for quantities: strict enough to reject a missing or misspelt unit or a comma, and never
//! rejecting what the reader accepts. They work in Python and JavaScript validators alike.

use crate::language::literal::{RESERVED, symbols};
use crate::language::quantity::Kind;
use crate::language::unit::Unit;

const NUMBER: &str = r"[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?";
const SCALE: &str = r"(?:[kMBT](?![A-Za-z0-9]))?";
/// Signs and parentheses before a value (`OPEN`), and parentheses after it (`CLOSE`).
const OPEN: &str = r"(?:[+(-]\s*)*";
const CLOSE: &str = r"(?:\s*\))*";
const TO: &str = r"\s*\bto\b\s*";
const DATE: &str = "(?:19|2[01])[0-9]{2}-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12][0-9]|3[01]))?";
const COMPARISON: &str = "(?:<=?|>=?|≤|≥)";

/// What is allowed where a quantity is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum May {
    /// Intervals and names of inputs.
    All,
    /// No interval.
    BeKnown,
    /// No names of inputs, since the value is itself an input.
    BeInput,
}

/// A number with one of the units that fit.
fn literal(fits: impl Fn(Unit) -> bool) -> String {
    let units: Vec<&str> = symbols().filter(|(_, unit)| fits(*unit)).map(|(symbol, _)| symbol).collect();
    let unit = format!("(?:{})(?![A-Za-z0-9_.])", units.join("|"));
    match (fits(Unit::Number), units.is_empty()) {
        (true, true) => format!("{NUMBER}{SCALE}"),
        (true, false) => format!("{NUMBER}{SCALE}(?: *{unit})?"),
        (false, _) => format!("{NUMBER}{SCALE} *{unit}"),
    }
}

/// The name of an input.
fn name() -> String {
    format!("(?!(?:{})(?![a-z0-9_]))[a-z][a-z0-9_]*(?![A-Za-z0-9_.])", RESERVED.join("|"))
}

/// The body for a quantity of this kind, or of any kind if there is none.
fn body(kind: Option<Kind>, may: May) -> String {
    let fits = |unit: Unit| kind.is_none_or(|kind| kind.accepts(unit));
    let any = literal(|_| true);
    let operand =
        if may == May::BeInput { format!("{OPEN}{any}{CLOSE}") } else { format!("{OPEN}(?:{any}|{}){CLOSE}", name()) };
    // A chain of operations contains a name or a unit somewhere, unless plain numbers are accepted.
    let says = if fits(Unit::Number) { "" } else { "(?=[^a-zA-Z%]*[a-zA-Z%])" };
    let chain = format!(r"{says}{operand}(?:\s*[*/+-]\s*{operand})+");
    let own = format!("{OPEN}{}{CLOSE}", literal(fits));
    let single = if may == May::BeInput {
        format!("(?:{own}|{chain})")
    } else {
        format!("(?:{own}|{OPEN}{}{CLOSE}|{chain})", name())
    };
    if may == May::BeKnown {
        return single;
    }
    // The unit may be given once, at the end.
    let first = format!("(?:{OPEN}{NUMBER}{SCALE}{CLOSE}|{single})");
    format!("{single}|{first}{TO}{single}")
}

/// A quantity.
pub(super) fn quantity(kind: Option<Kind>, may: May) -> String {
    format!(r"^\s*(?:{})\s*$", body(kind, may))
}

/// An interest rate, optionally over SOFR.
pub(super) fn interest() -> String {
    let (rate, known) = (body(Some(Kind::Rate), May::All), body(Some(Kind::Rate), May::BeKnown));
    format!(r"^\s*(?:sofr(?:\s*\+\s*(?:{rate})|\s*-\s*(?:{known}))?|{rate})\s*$")
}

/// A month or a day.
pub(super) fn date() -> String {
    format!("^{DATE}$")
}

/// A name that is safe as a file name.
pub(super) fn file_name() -> &'static str {
    "^(?!(?:con|prn|aux|nul|com[0-9]|lpt[0-9])$)[a-z][a-z0-9_-]{0,63}$"
}

/// The name of an input.
pub(super) fn input_name() -> String {
    format!("^(?!(?:{})$)[a-z][a-z0-9_]{{0,63}}$", RESERVED.join("|"))
}

/// A line of `checks:`.
pub(super) fn check() -> String {
    let time = format!(r"(?:\s*\b(?:(?:at|by)\s+{DATE}|min|max))?");
    let metric = "[a-z][A-Za-z0-9_.-]*";
    let bound = body(None, May::BeInput);
    let share = format!("{OPEN}{}{CLOSE}", literal(|unit| unit == Unit::Share));
    let quantile = "p(?!00)[0-9]{2}";
    let inner = format!(r"(?:\s*{COMPARISON}\s*(?:{bound}))?");
    format!(
        r"^\s*(?:p\s*\(\s*{metric}{time}{inner}\s*\)\s*{COMPARISON}\s*{share}|(?:mean|{quantile})\s*\(\s*{metric}{time}\s*\)\s*{COMPARISON}\s*(?:{bound}))\s*$"
    )
}
