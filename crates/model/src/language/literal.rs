//! One number with its unit: `1.5B USD`, `9B USD/GW-yr`, `5.75%/yr`, `225 bp`, `206 MW`, `90 d`.

use super::expr::Fault;
use super::unit::Unit;

/// A number with its unit, and where it ends in the text.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Literal {
    /// The value in the unit.
    pub value: f64,
    /// The unit.
    pub unit: Unit,
    /// The factor of the unit as written: 0.001 for MW, 0.01 for %.
    pub factor: f64,
    /// The multiplier of k, M, B or T.
    pub scale: f64,
    /// One past its last byte.
    pub end: usize,
}

/// How units may be written, longest first, with their meaning and factor.
const UNITS: &[(&str, Unit, f64)] = &[
    ("USD/gpu-hour", Unit::UsdPerGpuHour, 1.0),
    ("USD/GW-yr", Unit::UsdPerGwYear, 1.0),
    ("USD/GW-mo", Unit::UsdPerGwMonth, 1.0),
    ("USD/GW", Unit::UsdPerGw, 1.0),
    ("USD/mo", Unit::UsdPerMonth, 1.0),
    ("USD/yr", Unit::UsdPerYear, 1.0),
    ("USD", Unit::Usd, 1.0),
    ("%/mo", Unit::PerMonth, 0.01),
    ("%/yr", Unit::PerYear, 0.01),
    ("%", Unit::Share, 0.01),
    ("x/mo", Unit::TimesPerMonth, 1.0),
    ("x/yr", Unit::TimesPerYear, 1.0),
    ("x", Unit::Multiple, 1.0),
    ("bp", Unit::PerYear, 1e-4),
    ("GW", Unit::Gw, 1.0),
    ("MW", Unit::Gw, 1e-3),
    ("kW", Unit::Gw, 1e-6),
    ("mo", Unit::Months, 1.0),
    ("yr", Unit::Months, 12.0),
    ("d", Unit::Months, 12.0 / 365.0),
];

/// Words of the grammar.
pub(super) const RESERVED: [&str; 20] = [
    "x", "bp", "mo", "yr", "d", "to", "sofr", "e", "k", "p", "mean", "at", "by", "min", "max", "true", "false", "null",
    "nan", "inf",
];

/// How units may be written, and their meaning.
pub(super) fn symbols() -> impl Iterator<Item = (&'static str, Unit)> {
    UNITS.iter().map(|(symbol, unit, _)| (*symbol, *unit))
}

/// Whether a word is used by the grammar, so that no input may have it as its name.
pub fn is_reserved(word: &str) -> bool {
    RESERVED.contains(&word)
}

/// Reads the literal that begins with the digit at byte `start`.
///
/// # Errors
/// What is wrong with the number or its unit.
pub fn read(text: &str, start: usize) -> Result<Literal, Fault> {
    let bytes = text.as_bytes();
    let digits = |mut at: usize| {
        while bytes.get(at).is_some_and(u8::is_ascii_digit) {
            at += 1;
        }
        at
    };
    let mut at = digits(start);
    if bytes.get(at) == Some(&b'.') {
        let end = digits(at + 1);
        if end == at + 1 {
            return Err(Fault::new(
                start,
                end,
                format!("`{}` is not a number", &text[start..end]),
                "a digit is missing after the decimal point",
            ));
        }
        at = end;
    }
    if matches!(bytes.get(at), Some(b'e' | b'E')) {
        let sign = at + 1 + usize::from(matches!(bytes.get(at + 1), Some(b'+' | b'-')));
        let end = digits(sign);
        if end > sign {
            at = end;
        }
    }
    let number: f64 = text[start..at].parse().unwrap_or(f64::INFINITY);
    let bare_end = at;
    let mut scale = 1.0;
    let next_is_letter = bytes.get(at + 1).is_some_and(u8::is_ascii_alphanumeric);
    if let (Some(c), false) = (bytes.get(at), next_is_letter) {
        scale = match c {
            b'k' => 1e3,
            b'M' => 1e6,
            b'B' => 1e9,
            b'T' => 1e12,
            _ => 1.0,
        };
        at += usize::from(scale != 1.0);
    }
    let (unit, factor, end) = unit(text, at, start)?;
    let money = unit.symbol().starts_with("USD");
    if scale != 1.0 && !money && unit != Unit::Number {
        let title = format!("`{}` is not a quantity", &text[start..end]);
        return Err(Fault::new(bare_end, at, title, "k, M, B and T apply only to money"));
    }
    // Percentages and basis points divide, which is exact to the last digit; the rest multiplies.
    let value = match factor {
        0.01 => number / 100.0,
        1e-3 => number / 1e3,
        1e-6 => number / 1e6,
        1e-4 => number / 1e4,
        f => number * scale * f,
    };
    if !(value.is_finite() && value.abs() <= 1e300) {
        return Err(Fault::new(start, end, "the number is too large", "beyond 1e300"));
    }
    Ok(Literal { value, unit, factor, scale, end })
}

/// The unit that follows the number that ends before byte `at`, if any.
fn unit(text: &str, at: usize, start: usize) -> Result<(Unit, f64, usize), Fault> {
    let rest = &text[at..];
    let begin = at + rest.len() - rest.trim_start_matches(' ').len();
    let rest = &text[begin..];
    let word_end = |r: &str| !r.starts_with(|c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.'));
    for (symbol, unit, factor) in UNITS {
        if let Some(after) = rest.strip_prefix(symbol)
            && word_end(after)
        {
            let end = begin + symbol.len();
            // `5 USD/week`: an unknown unit rather than a division; divisions by names have spaces.
            if after.starts_with('/') && after[1..].starts_with(|c: char| c.is_ascii_alphabetic()) {
                return Err(unknown(text, begin, start));
            }
            return Ok((*unit, *factor, end));
        }
    }
    if rest.starts_with("to ")
        || !rest.starts_with(|c: char| c.is_alphabetic() || matches!(c, '_' | ',' | '$' | '°' | '‰'))
    {
        return Ok((Unit::Number, 1.0, at));
    }
    Err(unknown(text, begin, start))
}

fn unknown(text: &str, begin: usize, start: usize) -> Fault {
    let rest = &text[begin..];
    let length = rest.find(|c: char| c.is_whitespace() || matches!(c, '(' | ')' | '*' | '+')).unwrap_or(rest.len());
    let word = &rest[..length];
    let fault =
        Fault { code: "unit", ..Fault::new(begin, begin + length, format!("`{word}` is not a unit"), "unknown unit") };
    let number = text[start..begin].trim();
    if word.starts_with(['_', ',']) {
        let digits: String = text[start..begin + length].chars().filter(char::is_ascii_digit).collect();
        let title = "numbers are written without `_` or thousands separators";
        return Fault::new(start, begin + length, title, format!("write `{digits}`, or use k, M, B or T"));
    }
    let lower = word.to_ascii_lowercase();
    let help = match lower.as_str() {
        "bn" | "mn" | "mm" | "tn" | "billion" | "million" | "b" | "m" | "t" | "k" | "usd" | "$" => {
            "write money as `1.5B USD` (k, M, B, T)".to_owned()
        }
        "bps" | "basis" => format!("write `{number} bp`"),
        "y" | "yrs" | "year" | "years" | "a" => format!("write `{number} yr`"),
        "m." | "month" | "months" | "mos" | "mth" => format!("write `{number} mo`"),
        "day" | "days" => format!("write `{number} d`"),
        "percent" | "pct" => format!("write `{number}%`"),
        "kw" | "gigawatt" | "gw" | "mw" => "write power as `0.35 GW` or `206 MW`".to_owned(),
        _ => match crate::issues::nearest(word, UNITS.iter().map(|u| u.0)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "units: USD, USD/mo, USD/yr, USD/GW, USD/GW-yr, %, %/mo, %/yr, bp, x, x/yr, GW, MW, mo, yr, d"
                .to_owned(),
        },
    };
    fault.help(help)
}
