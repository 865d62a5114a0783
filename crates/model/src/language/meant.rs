//! What was probably meant by a text that is not valid: the notations of spreadsheets, term sheets and the press,
//! rewritten. A suggestion is parsed first, so that it is always valid where it is made.
//!
//! `$150M`, `150 million`, `0.15bn` → `150M USD` · `SOFR+750bps`, `S+750` → `sofr + 750 bp` · `11% p.a.` → `11%/yr` ·
//! `3-11%/mo` → `3%/mo to 11%/mo` · `Q4 2026` → `2026-10` · `20k` → `20000`

use super::expr;
use super::quantity::Kind;
use crate::units::Month;

/// A suggestion: the label beside the caret, and one line of advice where the value alone is not enough.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Guess {
    /// The label beside the caret.
    pub label: String,
    /// Advice.
    pub help: Option<String>,
}

impl Guess {
    fn of(text: impl std::fmt::Display) -> Guess {
        Guess { label: format!("did you mean `{text}`?"), help: None }
    }
    fn help(mut self, line: impl Into<String>) -> Guess {
        self.help = Some(line.into());
        self
    }
}

/// What a text means as a quantity of `kind`, or of any kind.
pub(super) fn quantity(text: &str, kind: Option<Kind>) -> Option<Guess> {
    let plain = plain(text);
    if let Some(found) = foreign_money(&plain) {
        return Some(found);
    }
    let rewritten = interval(&plain, kind).or_else(|| Some(amount(&plain, kind)?.text()))?;
    (rewritten != text.trim() && valid(&rewritten, kind)).then(|| Guess::of(rewritten))
}

/// What a text means as an interest rate that may float.
pub(super) fn floating(text: &str) -> Option<Guess> {
    let plain = plain(text);
    let at = plain.find("sofr");
    let (head, tail) = match at {
        Some(at) => (&plain[..at], &plain[at + 4..]),
        // The market's notation `S+750`.
        None => ("", plain.strip_prefix('s').filter(|rest| rest.trim_start().starts_with('+'))?),
    };
    let margin = format!("{} {}", head.trim(), tail.trim());
    let margin = margin.trim().trim_end_matches("over").trim_end_matches(['+', ' ']);
    let words = ["plus ", "+", "over "];
    let margin = words.iter().find_map(|word| margin.strip_prefix(word)).unwrap_or(margin).trim();
    if margin.is_empty() {
        return (text.trim() != "sofr").then(|| Guess::of("sofr"));
    }
    let (sign, margin) = margin.strip_prefix('-').map_or(("+", margin), |rest| ("-", rest.trim()));
    let margin = match margin.parse::<f64>() {
        // A bare margin of 25 or more is in basis points, a smaller one in per cent.
        Ok(x) if x >= 25.0 => format!("{x} bp"),
        Ok(x) => format!("{x}%/yr"),
        Err(_) => interval(margin, Some(Kind::Rate)).or_else(|| Some(amount(margin, Some(Kind::Rate))?.text()))?,
    };
    let rewritten = format!("sofr {sign} {margin}");
    (rewritten != text.trim() && valid(&margin, Some(Kind::Rate))).then(|| Guess::of(rewritten))
}

/// What a text means as a month or a day.
pub(super) fn date(text: &str) -> Option<Guess> {
    let lower = plain(text);
    let parts: Vec<&str> = lower.split(|c: char| !c.is_ascii_alphanumeric()).filter(|p| !p.is_empty()).collect();
    let joined = parts.concat();
    if let Some(found) = part_of_year(&joined) {
        return Some(found);
    }
    let number = |part: &str| part.parse::<i32>().ok();
    let year = |part: &str| number(part).filter(|y| part.len() == 4 && (1900..2200).contains(y));
    let month = |y: i32, m: i32| (1..=12).contains(&m).then(|| Guess::of(Month::new(y, m)));
    let day = |y: i32, m: i32, d: i32| {
        let exists = (1..=12).contains(&m) && (1..=Month::new(y, m).days()).contains(&d);
        exists.then(|| Guess::of(format!("{}-{d:02}", Month::new(y, m))))
    };
    let named = parts.iter().position(|part| month_named(part).is_some());
    if let Some(at) = named {
        let m = month_named(parts[at])?;
        let y = parts.iter().find_map(|part| year(part)).or_else(|| {
            let last = parts.last().filter(|_| at + 1 < parts.len())?;
            number(last.trim_start_matches('\'')).filter(|_| last.len() == 2).map(|y| 2000 + y)
        })?;
        let others = parts.iter().enumerate().filter(|(k, part)| *k != at && year(part).is_none());
        let of_month = |part: &str| number(part.trim_end_matches(|c: char| c.is_ascii_alphabetic()));
        return match others.clone().find_map(|(_, part)| of_month(part)).filter(|_| parts.len() == 3) {
            Some(d) => day(y, m, d),
            None => month(y, m),
        };
    }
    match *parts.as_slice() {
        [only] if only.len() == 6 && year(&only[..4]).is_some() => month(year(&only[..4])?, number(&only[4..])?),
        [only] if only.len() == 8 && year(&only[..4]).is_some() => {
            day(year(&only[..4])?, number(&only[4..6])?, number(&only[6..])?)
        }
        [only] => {
            let y = year(only)?;
            Some(Guess { label: format!("write its month, `{y}-01` to `{y}-12`"), help: None })
        }
        [a, b] => match (year(a), year(b)) {
            (Some(y), None) => {
                let m = number(b)?;
                month(y, m).or_else(|| Some(no_such("month", "the months of a year are 01 to 12")))
            }
            (None, Some(y)) => month(y, number(a)?),
            _ => None,
        },
        [a, b, c] => match (year(a), year(c)) {
            (Some(y), None) => {
                let (m, d) = (number(b)?, number(c)?);
                if !(1..=12).contains(&m) {
                    return Some(no_such("month", "write year, month and day, as `2026-06-30`"));
                }
                day(y, m, d).or_else(|| {
                    Some(no_such("day", &format!("{} has {} days", Month::new(y, m), Month::new(y, m).days())))
                })
            }
            (None, Some(y)) => {
                let (first, second) = (number(a)?, number(b)?);
                match (day(y, first, second), day(y, second, first)) {
                    (Some(_), Some(_)) if first != second => Some(Guess {
                        label: format!("`{y}-{first:02}-{second:02}` or `{y}-{second:02}-{first:02}`?"),
                        help: Some("write year, month and day, as `2026-06-30`".to_owned()),
                    }),
                    (one, other) => one.or(other),
                }
            }
            _ => None,
        },
        _ => None,
    }
}

fn no_such(what: &str, label: &str) -> Guess {
    Guess { label: format!("there is no such {what}: {label}"), help: None }
}

/// A quarter, a half or the end of a year, by its first month.
fn part_of_year(joined: &str) -> Option<Guess> {
    let full = |digits: &str| -> Option<i32> {
        let y: i32 = digits.parse().ok()?;
        match digits.len() {
            4 => Some(y).filter(|y| (1900..2200).contains(y)),
            2 => Some(2000 + y),
            _ => None,
        }
    };
    for (mark, months, what) in [('q', 3, "a quarter"), ('h', 6, "a half-year")] {
        let Some((before, after)) = joined.split_once(mark) else { continue };
        let count = 12 / months;
        let of = |n: &str| n.parse::<i32>().ok().filter(|k| n.len() == 1 && (1..=count).contains(k));
        // `q4 2026`, `2026 q4`, `4q26`.
        let found = match (before, after.split_at_checked(1)) {
            ("", Some((n, y))) => of(n).zip(full(y)),
            (y, Some((n, ""))) if y.len() == 4 => of(n).zip(full(y)),
            (n, _) => of(n).zip(full(after)),
        };
        if let Some((k, y)) = found {
            let first = Month::new(y, (k - 1) * months + 1);
            let last = first.plus(months - 1);
            let help = format!("a date is a month or a day; `{first}` is the first month of {what}, `{last}` the last");
            return Some(
                Guess::of(first)
                    .help(help.replace("of a quarter", "of the quarter").replace("of a half", "of the half")),
            );
        }
    }
    let year = joined.strip_prefix("fy").or_else(|| joined.strip_prefix("cy"))?;
    let y = full(year)?;
    Some(Guess { label: format!("write its month, `{y}-01` to `{y}-12`"), help: None })
}

fn month_named(word: &str) -> Option<i32> {
    const MONTHS: [&str; 12] = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    let long = if word == "sept" { "sep" } else { word };
    let at = MONTHS.iter().position(|month| long.len() >= 3 && month.starts_with(long))?;
    i32::try_from(at + 1).ok()
}

/// What a text means as a whole number; `in_months` where the field counts months.
pub(super) fn count(text: &str, in_months: bool) -> Option<Guess> {
    let plain = plain(text);
    let found = amount(&plain, Some(if in_months { Kind::Time } else { Kind::Number }))?;
    let x = match found.unit {
        "" => found.number,
        "mo" if in_months => found.number,
        "yr" if in_months => 12.0 * found.number,
        _ => return None,
    };
    let whole = x >= 0.0 && x.fract() == 0.0 && x < 1e15;
    let rewritten = format!("{x}");
    (whole && rewritten != text.trim()).then(|| Guess::of(rewritten))
}

/// What a text means as true or false.
pub(super) fn truth(text: &str) -> Option<Guess> {
    let lower = plain(text);
    for (meant, words) in
        [("true", ["yes", "y", "on", "1", "true", "t"]), ("false", ["no", "n", "off", "0", "false", "f"])]
    {
        if words.contains(&lower.as_str()) || strsim::damerau_levenshtein(&lower, meant) == 1 {
            return Some(Guess::of(meant));
        }
    }
    None
}

/// The text in lower case, with characters replaced by those that the language uses.
fn plain(text: &str) -> String {
    let known = |c: char| match c {
        '\u{a0}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{3000}' => ' ',
        '−' | '‐' | '‑' => '-',
        '–' | '—' | '‒' => '–',
        '×' => 'x',
        '％' => '%',
        '０'..='９' => char::from_u32(u32::from(c) - u32::from('０') + u32::from('0')).unwrap_or(c),
        c => c,
    };
    let kept = |c: &char| !matches!(c, '"' | '\'' | '“' | '”' | '‘' | '’' | '\u{200b}' | '\u{feff}');
    let text: String = text.chars().take(200).map(known).filter(kept).collect();
    let text = text.trim().to_lowercase();
    let about = ["~", "≈", "about ", "around ", "approx. ", "approximately ", "circa ", "ca. ", "c. "];
    about.iter().find_map(|word| text.strip_prefix(word)).unwrap_or(&text).trim().to_owned()
}

/// Whether this is a valid quantity of `kind`.
fn valid(text: &str, kind: Option<Kind>) -> bool {
    match expr::parse(text, &mut |_| Err((String::new(), None))) {
        Ok(expr::Parsed::Single(_, unit)) => kind.is_none_or(|kind| kind.accepts(unit)),
        Ok(expr::Parsed::Interval(low, high, unit)) => low < high && kind.is_none_or(|kind| kind.accepts(unit)),
        Err(_) => false,
    }
}

/// An amount in another currency; its exchange rate is not known here.
fn foreign_money(plain: &str) -> Option<Guess> {
    const OTHERS: [&str; 18] = [
        "€", "£", "¥", "eur", "euro", "euros", "gbp", "jpy", "cny", "rmb", "chf", "cad", "aud", "inr", "krw", "aed",
        "sar", "c$",
    ];
    let word = |at: &&str| {
        plain.match_indices(*at).any(|(k, _)| {
            let letter = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphabetic());
            let (before, behind) = (&plain[..k], &plain[k + at.len()..]);
            // Part of another word is not a currency; the scale of an amount may directly precede it.
            let goes_on = letter(before.chars().last()) && !before.ends_with(['k', 'm', 'b', 't', 'n']);
            let is_begun = letter(behind.chars().next()) && !before.is_empty();
            let is_word = at.starts_with(|c: char| c.is_ascii_alphabetic());
            !(is_word && (goes_on || is_begun))
        })
    };
    let found = OTHERS.iter().rev().find(|at| plain.contains(**at) && word(at))?;
    let dollars = amount(&plain.replace(found, " "), Some(Kind::Money))?.text();
    Some(Guess {
        label: "all amounts are in US dollars".to_owned(),
        help: Some(format!("convert it first; at one dollar each it would be `{dollars}`")),
    })
}

/// A number and how it would be written.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Amount {
    number: f64,
    unit: &'static str,
    /// The multiplier of k, M, B or T.
    scale: f64,
    /// Whether the unit was written, rather than derived from the kind alone.
    written: bool,
}

impl Amount {
    fn text(self) -> String {
        let Amount { number, unit, .. } = self;
        if unit.starts_with("USD/gpu-hour") {
            return format!("{} {unit}", short(number));
        }
        if unit.starts_with("USD") {
            return format!("{} {unit}", scaled(number));
        }
        let tight = matches!(unit.chars().next(), Some('%' | 'x'));
        let number = short(number);
        if tight || unit.is_empty() { format!("{number}{unit}") } else { format!("{number} {unit}") }
    }
}

/// A number without the rounding error of arithmetic.
fn short(x: f64) -> String {
    let text = format!("{x:.9}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text.is_empty() || text == "-0" { "0".to_owned() } else { text.to_owned() }
}

/// Money with its multiplier.
fn scaled(x: f64) -> String {
    let scales = [(1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "k")];
    let (scale, letter) = scales.into_iter().find(|(scale, _)| x.abs() >= *scale).unwrap_or((1.0, ""));
    format!("{}{letter}", short(x / scale))
}

/// `3-11%/mo`, `3% – 11%`, `between 3% and 11%/mo`, `10% ± 2%`.
fn interval(plain: &str, kind: Option<Kind>) -> Option<String> {
    let both = |low: &str, high: &str| -> Option<String> {
        let high = amount(high.trim(), kind)?;
        let low = low.trim();
        let mut first = amount(low, kind)?;
        if !first.written || first.unit != high.unit {
            // The unit is given once, at the end.
            let bare: f64 = low.trim_start_matches('$').parse().ok()?;
            first = Amount { number: bare, scale: 1.0, ..high };
        }
        if first.scale == 1.0 && high.unit.starts_with("USD") && first.number < 1e3 {
            // And with it k, M, B or T.
            first.number *= high.scale;
        }
        (first.number < high.number).then(|| format!("{} to {}", first.text(), high.text()))
    };
    if let Some((middle, reach)) = plain.split_once('±').or_else(|| plain.split_once("+/-")) {
        let (middle, reach) = (amount(middle.trim(), kind)?, amount(reach.trim(), kind)?);
        let around = |x: f64| Amount { number: middle.number + x * reach.number, ..middle }.text();
        return (middle.unit == reach.unit && reach.number > 0.0)
            .then(|| format!("{} to {}", around(-1.0), around(1.0)));
    }
    if let Some((low, high)) = plain.strip_prefix("between ").and_then(|rest| rest.split_once(" and ")) {
        return both(low, high);
    }
    for between in [" to ", "–", "..", " - "] {
        if let Some((low, high)) = plain.split_once(between) {
            // `1 - 35%` is a difference, not an interval.
            if between == " - " && low.trim() == "1" {
                return None;
            }
            return both(low, high.trim_start_matches('.'));
        }
    }
    // `3-11%`: a dash between two numbers that is not a minus sign.
    let at = plain
        .char_indices()
        .skip(1)
        .find(|(at, c)| *c == '-' && plain[at + 1..].starts_with(|c: char| c.is_ascii_digit() || c == '$'));
    let (low, high) = plain.split_at_checked(at?.0)?;
    both(low, &high[1..])
}

/// One number with the unit that was probably meant.
fn amount(text: &str, kind: Option<Kind>) -> Option<Amount> {
    let text = text.trim();
    let (sign, text) = text.strip_prefix('-').map_or((1.0, text), |rest| (-1.0, rest.trim()));
    let dollars = ["us$", "usd", "$"].iter().find_map(|mark| text.strip_prefix(mark));
    let text = dollars.unwrap_or(text).trim_start();
    let (number, rest) = leading_number(text)?;
    let (scale, rest) = scale(rest, dollars.is_some(), kind);
    let words = ["us dollars", "dollars", "dollar", "us$", "usd", "$"];
    let named = words.iter().find_map(|word| rest.strip_prefix(word));
    let rest = named.unwrap_or(rest).trim();
    let is_money = matches!(kind, Some(Kind::Money | Kind::MoneyRate | Kind::PowerPrice | Kind::PowerCost));
    let by_kind = is_money && (scale != 1.0 || !rest.is_empty());
    let money = dollars.is_some() || named.is_some() || by_kind;
    let (factor, unit) = if money { money_unit(rest, kind)? } else { other_unit(rest, kind)? };
    let scaled = money || matches!(kind, None | Some(Kind::Number));
    if scale != 1.0 && !scaled {
        return None;
    }
    let written = !rest.is_empty() || dollars.is_some() || named.is_some();
    Some(Amount { number: sign * number * scale * factor, unit, scale, written })
}

/// The number that a text begins with, with or without thousands separators, and what follows.
fn leading_number(text: &str) -> Option<(f64, &str)> {
    let end = text.find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | ',' | '_' | ' '))).unwrap_or(text.len());
    let mut digits = text[..end].trim_end().trim_end_matches(['.', ',']);
    let mut rest = text[digits.len()..].trim_start();
    // `2e4`, `1.5e9`.
    if let Some(power) = rest.strip_prefix('e') {
        let power = power.strip_prefix('+').unwrap_or(power);
        let length = power.find(|c: char| !c.is_ascii_digit()).unwrap_or(power.len());
        if length > 0 && length <= 2 {
            let number = format!("{digits}e{}", &power[..length]).parse().ok()?;
            return Some((number, power[length..].trim_start()));
        }
    }
    let groups = |by: char| {
        let mut parts = digits.split('.').next().unwrap_or("").split(by);
        let first = parts.next().is_some_and(|head| (1..=3).contains(&head.len()));
        let rest: Vec<&str> = parts.collect();
        first && !rest.is_empty() && rest.iter().all(|group| group.len() == 3)
    };
    let plain: String = if groups(',') || groups(' ') || groups('_') {
        digits.replace([',', ' ', '_'], "")
    } else if !digits.contains('.') && digits.matches(',').count() == 1 {
        digits.replace(',', ".")
    } else {
        // What follows a space is not part of the number.
        digits = digits.split(' ').next()?;
        rest = text[digits.len()..].trim_start();
        digits.to_owned()
    };
    let starts = if plain.starts_with('.') { format!("0{plain}") } else { plain };
    Some((starts.parse().ok()?, rest))
}

/// The value of a multiplier, and what follows it.
fn scale(rest: &str, dollars: bool, kind: Option<Kind>) -> (f64, &str) {
    const WORDS: [(&str, f64); 19] = [
        ("thousand", 1e3),
        ("million", 1e6),
        ("millions", 1e6),
        ("mln", 1e6),
        ("mio", 1e6),
        ("mn", 1e6),
        ("mm", 1e6),
        ("m", 1e6),
        ("billion", 1e9),
        ("billions", 1e9),
        ("bln", 1e9),
        ("bn", 1e9),
        ("b", 1e9),
        ("trillion", 1e12),
        ("trillions", 1e12),
        ("trn", 1e12),
        ("tn", 1e12),
        ("t", 1e12),
        ("k", 1e3),
    ];
    let length = rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len());
    let (word, after) = rest.split_at(length);
    // Where a time is expected, `m` is a month.
    let month = word == "m" && !dollars && kind == Some(Kind::Time);
    match WORDS.iter().find(|(name, _)| *name == word && !month) {
        Some((_, scale)) => (*scale, after.trim_start()),
        // `150musd`.
        None => match word.strip_suffix("usd").and_then(|head| WORDS.iter().find(|(name, _)| *name == head)) {
            Some((name, scale)) => (*scale, &rest[name.len()..]),
            None => (1.0, rest),
        },
    }
}

/// The period of a rate.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Per {
    Nothing,
    Year,
    Month,
    Quarter,
    Week,
    Day,
}

/// The period of a rate: `/yr`, `p.a.`, `a month`.
fn per(rest: &str) -> Option<Per> {
    const WORDS: [(Per, &[&str]); 5] = [
        (
            Per::Year,
            &["yr", "y", "year", "a", "annum", "p.a.", "p.a", "pa", "annual", "annually", "yearly", "yoy", "cagr"],
        ),
        (Per::Month, &["mo", "m", "month", "mth", "p.m.", "pm", "pcm", "monthly", "mom"]),
        (Per::Quarter, &["q", "quarter", "qtr", "quarterly", "qoq"]),
        (Per::Week, &["w", "wk", "week", "weekly"]),
        (Per::Day, &["d", "day", "daily"]),
    ];
    let rest = rest.trim();
    if rest.is_empty() {
        return Some(Per::Nothing);
    }
    let word = ["/", "-", "per ", "a ", "each ", "every "]
        .iter()
        .find_map(|mark| rest.strip_prefix(mark))
        .unwrap_or(rest)
        .trim();
    let word = word.strip_suffix('.').filter(|w| !w.contains('.')).unwrap_or(word);
    let word = word.strip_suffix(" growth").unwrap_or(word);
    WORDS.iter().find(|(_, words)| words.contains(&word)).map(|(per, _)| *per)
}

/// The unit of an amount of money, and the factor that it applies to the number.
fn money_unit(rest: &str, kind: Option<Kind>) -> Option<(f64, &'static str)> {
    let rest = rest.trim();
    let below = rest.strip_prefix('/').or_else(|| rest.strip_prefix("per ")).unwrap_or(rest).trim_start();
    let gpu = ["gpu-hour", "gpu hour", "gpu-hr", "gpu/hour", "gpu/hr", "gpu-h", "gpu/h", "gpuh", "hour", "hr", "h"];
    if gpu.contains(&below) && !rest.is_empty() {
        return Some((1.0, if kind == Some(Kind::PowerPrice) { "USD/gpu-hour / 1.4 kW" } else { "USD/gpu-hour" }));
    }
    for (power, factor) in [("gw", 1.0), ("mw", 1e3), ("kw", 1e6)] {
        let Some(after) = below.strip_prefix(power).filter(|_| below.len() < rest.len()) else { continue };
        return match per(after)? {
            Per::Nothing if kind == Some(Kind::PowerPrice) => Some((factor, "USD/GW-yr")),
            Per::Nothing => Some((factor, "USD/GW")),
            Per::Year => Some((factor, "USD/GW-yr")),
            Per::Month => Some((factor, "USD/GW-mo")),
            Per::Quarter => Some((4.0 * factor, "USD/GW-yr")),
            Per::Week | Per::Day => None,
        };
    }
    Some(match per(rest)? {
        Per::Nothing => match kind {
            Some(Kind::MoneyRate) => (1.0, "USD/yr"),
            Some(Kind::PowerPrice) => (1.0, "USD/GW-yr"),
            Some(Kind::PowerCost) => (1.0, "USD/GW"),
            _ => (1.0, "USD"),
        },
        Per::Year => (1.0, "USD/yr"),
        Per::Month => (1.0, "USD/mo"),
        Per::Quarter => (4.0, "USD/yr"),
        // A year has 365 days, or 52 weeks as commonly rounded.
        Per::Week => (52.0, "USD/yr"),
        Per::Day => (365.0, "USD/yr"),
    })
}

/// Any other unit, and the factor that it applies to the number.
fn other_unit(rest: &str, kind: Option<Kind>) -> Option<(f64, &'static str)> {
    let rest = rest.trim();
    let after = |words: &[&str]| words.iter().find_map(|word| rest.strip_prefix(word)).map(str::trim);
    if let Some(after) = after(&["basis points", "basis point", "bps", "b.p.", "bp"]) {
        return matches!(per(after)?, Per::Nothing | Per::Year).then_some((1.0, "bp"));
    }
    if let Some(after) = after(&["%", "percent", "per cent", "pct"]) {
        return match (per(after)?, kind) {
            (Per::Nothing, Some(Kind::Rate)) | (Per::Year, _) => Some((1.0, "%/yr")),
            (Per::Month, _) => Some((1.0, "%/mo")),
            (Per::Nothing, _) => Some((1.0, "%")),
            _ => None,
        };
    }
    if let Some(after) = after(&["times", "x"]) {
        return match per(after)? {
            Per::Nothing => Some((1.0, "x")),
            Per::Year => Some((1.0, "x/yr")),
            Per::Month => Some((1.0, "x/mo")),
            _ => None,
        };
    }
    let units: [(&[&str], f64, &'static str); 8] = [
        (&["gw", "gigawatt", "gigawatts"], 1.0, "GW"),
        (&["mw", "megawatt", "megawatts"], 1.0, "MW"),
        (&["kw", "kilowatt", "kilowatts"], 1.0, "kW"),
        (&["yr", "y", "yrs", "year", "years", "a"], 1.0, "yr"),
        (&["mo", "m", "mos", "mth", "mths", "month", "months"], 1.0, "mo"),
        (&["q", "quarter", "quarters"], 3.0, "mo"),
        (&["w", "wk", "wks", "week", "weeks"], 7.0, "d"),
        (&["d", "day", "days"], 1.0, "d"),
    ];
    if rest.is_empty() {
        return Some((1.0, ""));
    }
    let word = rest.strip_suffix('.').unwrap_or(rest).trim_start_matches(['-', ' ']);
    units.iter().find(|(words, ..)| words.contains(&word)).map(|(_, factor, unit)| (*factor, *unit))
}

#[cfg(test)]
#[path = "meant_tests.rs"]
mod tests;
