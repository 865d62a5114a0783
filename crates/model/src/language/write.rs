//! Writes a tree as YAML text that reads back as the same tree in YAML 1.1 and 1.2.

use super::traps::{ambiguous, reads_as_boolean};
use super::tree::{Node, Value};
use std::fmt::Write;

/// Block style, two spaces per level, keys in their order; the same tree always gives the same bytes.
pub fn to_yaml(node: &Node) -> String {
    let mut out = String::new();
    match &node.value {
        Value::Map(entries) if !entries.is_empty() => block(node, 0, &mut out),
        Value::List(items) if !items.is_empty() => block(node, 0, &mut out),
        _ => {
            out += &inline(node);
            out.push('\n');
        }
    }
    out
}

fn block(node: &Node, indent: usize, out: &mut String) {
    match &node.value {
        Value::Map(entries) => {
            for (at, (key, value)) in entries.iter().enumerate() {
                // The first key of a map in a list follows the dash.
                if at > 0 || !out.ends_with("- ") {
                    pad(indent, out);
                }
                *out += &scalar(&key.text, is_plain_key(&key.text));
                out.push(':');
                nested(value, indent, out);
            }
        }
        Value::List(items) => {
            for (at, item) in items.iter().enumerate() {
                if at > 0 || !out.ends_with("- ") {
                    pad(indent, out);
                }
                if is_block(item) {
                    *out += "- ";
                    block(item, indent + 2, out);
                } else {
                    *out += "- ";
                    *out += &inline(item);
                    out.push('\n');
                }
            }
        }
        _ => {}
    }
}

fn nested(value: &Node, indent: usize, out: &mut String) {
    if is_block(value) {
        out.push('\n');
        block(value, indent + 2, out);
    } else {
        out.push(' ');
        *out += &inline(value);
        out.push('\n');
    }
}

fn is_block(node: &Node) -> bool {
    match &node.value {
        Value::Map(entries) => !entries.is_empty(),
        Value::List(items) => !items.is_empty(),
        _ => false,
    }
}

fn inline(node: &Node) -> String {
    match &node.value {
        Value::Null => "null".to_owned(),
        Value::Scalar { text, quoted } => scalar(text, !quoted && is_plain(text)),
        Value::Map(_) => "{}".to_owned(),
        Value::List(_) => "[]".to_owned(),
    }
}

fn pad(indent: usize, out: &mut String) {
    for _ in 0..indent {
        out.push(' ');
    }
}

fn scalar(text: &str, plain: bool) -> String {
    if plain {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out += "\\\"",
            '\\' => out += "\\\\",
            '\n' => out += "\\n",
            '\t' => out += "\\t",
            '\r' => out += "\\r",
            // Writing to a String cannot fail.
            c if is_hidden(c) => {
                let _ = write!(out, "\\u{:04X}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// Characters that YAML allows only as escapes, or that are invisible.
fn is_hidden(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
}

fn is_plain_key(text: &str) -> bool {
    text != "<<" && is_plain(text) && !reads_as_boolean(text) && text.len() < 200
}

/// Whether a text can be written without quotes and read back as the same text.
fn is_plain(text: &str) -> bool {
    let Some(first) = text.chars().next() else { return false };
    if matches!(text, "~" | "null" | "Null" | "NULL" | "=" | "---" | "...") || ambiguous(text).is_some() {
        return false;
    }
    let safe_first = first.is_alphanumeric()
        || matches!(first, '.' | '+' | '/' | '(')
        || (first == '-' && text.len() > 1 && !text.starts_with("- ") && !text.starts_with("---"));
    safe_first
        && !text.chars().any(is_hidden)
        && !text.starts_with("...")
        && !text.contains(": ")
        && !text.contains(" #")
        && !text.ends_with(':')
        && text.trim() == text
        && !text.chars().any(|c| c.is_whitespace() && c != ' ')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::issues::{Issues, Place};
    use crate::language::tree::Key;
    use crate::language::yaml::document;
    use proptest::prelude::*;

    fn arbitrary() -> impl Strategy<Value = Node> {
        let place = Place::default();
        let text = prop_oneof![
            ".*",
            "[ -~]{0,12}",
            Just("no".to_owned()),
            Just("1:30".to_owned()),
            Just("null".to_owned()),
            Just("5B USD".to_owned()),
            Just("- a".to_owned()),
            Just("a: b #c".to_owned()),
        ];
        let leaf = prop_oneof![
            Just(Node { value: Value::Null, place }),
            text.clone().prop_map(move |t| {
                // Texts that need quotes are quoted.
                let quoted = !is_plain(&t);
                Node { value: Value::Scalar { text: t, quoted }, place }
            }),
            text.clone().prop_map(move |t| Node { value: Value::Scalar { text: t, quoted: true }, place }),
        ];
        leaf.prop_recursive(5, 40, 6, move |inner| {
            let text = prop_oneof!["[a-z_]{1,6}", ".{0,8}", Just("<<".to_owned()), Just("off".to_owned())];
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..5).prop_map(move |v| Node { value: Value::List(v), place }),
                proptest::collection::btree_map(text, inner, 0..5).prop_map(move |m| Node {
                    value: Value::Map(m.into_iter().map(|(text, n)| (Key { text, place }, n)).collect()),
                    place
                }),
            ]
        })
    }

    proptest! {
        #[test]
        fn reads_back(tree in arbitrary()) {
            let text = to_yaml(&tree);
            let mut issues = Issues::default();
            let back = document(&text, 0, &mut issues);
            prop_assert!(issues.is_empty(), "{text}\n{issues:?}");
            prop_assert!(back.as_ref().is_some_and(|b| b.same(&tree)), "{text}\n{tree:?}\n{back:?}");
        }
    }
}
