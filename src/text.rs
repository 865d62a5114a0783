//! Neutralises text from outside before it is shown: it cannot control a terminal, change the direction of text, or
//! become a spreadsheet formula.

use std::borrow::Cow;

/// Whether a character controls its display: a control character other than a line break or a tab, or one that changes
/// the direction of the text after it.
pub fn steers(c: char) -> bool {
    c.is_control() && c != '\n' && c != '\t' || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// The text with every control character found by [`steers`] replaced by U+FFFD.
pub fn tame(text: &str) -> Cow<'_, str> {
    if text.chars().any(steers) {
        Cow::Owned(text.chars().map(|c| if steers(c) { char::REPLACEMENT_CHARACTER } else { c }).collect())
    } else {
        Cow::Borrowed(text)
    }
}

/// Neutralises every string and every key of a JSON document.
pub fn tame_json(value: serde_json::Value) -> serde_json::Value {
    use serde_json::Value;
    match value {
        Value::String(text) => Value::String(tame(&text).into_owned()),
        Value::Array(items) => items.into_iter().map(tame_json).collect(),
        Value::Object(map) => {
            Value::Object(map.into_iter().map(|(k, v)| (tame(&k).into_owned(), tame_json(v))).collect())
        }
        other => other,
    }
}

/// A value as a JSON document. Control characters that could act on a terminal are escaped as `\uXXXX`, which parsers
/// read as the same text.
///
/// # Panics
/// If the value has a map whose keys are not strings, which JSON cannot represent. The records of gapcast have none.
pub fn json(value: &impl serde::Serialize, lines: bool) -> String {
    use std::fmt::Write as _;
    let text = if lines { serde_json::to_string_pretty(value) } else { serde_json::to_string(value) };
    let text = text.expect("its keys are strings") + "\n";
    if !text.chars().any(steers) {
        return text;
    }
    // Such characters occur only in strings, and all of them are in the basic multilingual plane.
    text.chars().fold(String::with_capacity(text.len()), |mut out, c| {
        if steers(c) {
            // Writing to a string cannot fail.
            let _ = write!(out, "\\u{:04x}", u32::from(c));
        } else {
            out.push(c);
        }
        out
    })
}

/// Whether a spreadsheet would read a cell with this text as a formula. A number is not a formula.
fn is_formula(text: &str) -> bool {
    const STARTS: [char; 10] = ['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠'];
    text.starts_with(STARTS) && text.parse::<f64>().is_err()
}

/// A text as a cell of a table: neutralised, and prefixed by an apostrophe if a spreadsheet would take it for a
/// formula.
pub fn cell(text: &str) -> Cow<'_, str> {
    let text = tame(text);
    // A text that already has apostrophes gets one more, so that [`from_cell`] restores the original.
    if is_formula(text.trim_start_matches('\'')) { Cow::Owned(format!("'{text}")) } else { text }
}

/// The text of a cell that [`cell`] wrote.
pub fn from_cell(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(text) if is_formula(text.trim_start_matches('\'')) => text,
        _ => cell,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_text_and_numbers_stay() {
        for (text, written) in [
            ("=1+1", "'=1+1"),
            ("+1+cmd|calc", "'+1+cmd|calc"),
            ("-2+3", "'-2+3"),
            ("-2%/mo to 9%/mo", "'-2%/mo to 9%/mo"),
            ("@SUM(1)", "'@SUM(1)"),
            ("\t=1", "'\t=1"),
            ("'=1", "''=1"),
            ("-3.5", "-3.5"),
            ("+4e9", "+4e9"),
            ("it's", "it's"),
            ("'quoted'", "'quoted'"),
            ("a=b", "a=b"),
            ("", ""),
        ] {
            assert_eq!(cell(text), written);
            assert_eq!(from_cell(written), text);
        }
    }

    #[test]
    fn nothing_steers() {
        assert_eq!(tame("a\u{1b}[31m\u{9b}\u{202e}b\u{7f}\r"), "a\u{fffd}[31m\u{fffd}\u{fffd}b\u{fffd}\u{fffd}");
        assert_eq!(tame("two\nlines\tand é"), "two\nlines\tand é");
        let value = serde_json::json!({"a\u{9b}": ["\u{1b}", "\u{202e}"]});
        let text = json(&value, false);
        assert!(!text.trim_end().chars().any(steers), "{text}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&text).unwrap(), value);
        assert_eq!(tame_json(value), serde_json::json!({"a\u{fffd}": ["\u{fffd}", "\u{fffd}"]}));
    }
}
