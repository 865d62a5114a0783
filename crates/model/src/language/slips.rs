//! The probable mistake in a text that is not valid YAML. The parser stops where it cannot continue, which is often one
//! line, or one list item, after the mistake.

/// Where the mistake is (bytes), and what is reported: title, label and help.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Slip {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
    /// What is wrong.
    pub title: String,
    /// The label beside the caret.
    pub label: String,
    /// What to do.
    pub help: String,
}

/// A line with content: where it begins, its indentation in bytes, and its text without the indentation.
#[derive(Clone, Copy, Debug)]
struct Line<'a> {
    begin: usize,
    indent: usize,
    text: &'a str,
}

impl Line<'_> {
    fn is_item(self) -> bool {
        self.text == "-" || self.text.starts_with("- ")
    }
    /// The bytes of its text up to a comment.
    fn span(self) -> (usize, usize) {
        let said = self.text.split(" #").next().unwrap_or("").trim_end();
        (self.begin + self.indent, self.begin + self.indent + said.len())
    }
    fn slip(self, title: impl Into<String>, label: impl Into<String>, help: impl Into<String>) -> Slip {
        let (start, end) = self.span();
        Slip { start, end, title: title.into(), label: label.into(), help: help.into() }
    }
}

/// The lines with content, up to and including the one that contains byte `at`.
fn lines(text: &str, at: usize) -> Vec<Line<'_>> {
    let end = text[at..].find('\n').map_or(text.len(), |n| at + n);
    let mut begin = 0;
    let mut out = Vec::new();
    for line in text[..end].split_inclusive('\n') {
        let said = line.trim_start_matches(' ');
        let indent = line.len() - said.len();
        let said = said.trim_end();
        if !said.is_empty() && !said.starts_with('#') {
            out.push(Line { begin, indent, text: said });
        }
        begin += line.len();
    }
    out
}

/// What is wrong near byte `at`, where the parser stopped with the message `why`.
pub(super) fn find(text: &str, at: usize, why: &str) -> Option<Slip> {
    strange_space(text, at)
        .or_else(|| in_braces(text, at, why))
        .or_else(|| strange_beginning(text, at))
        .or_else(|| without_dash(text, at))
        .or_else(|| without_colon(text, at, why))
        .or_else(|| indented(text, at, why))
}

/// A space in an indentation that YAML does not treat as one.
fn strange_space(text: &str, at: usize) -> Option<Slip> {
    let end = text[at..].find('\n').map_or(text.len(), |n| at + n);
    let mut begin = 0;
    for line in text[..end].split_inclusive('\n') {
        let indent = line.len() - line.trim_start_matches(|c: char| c.is_whitespace() && c != '\n').len();
        if let Some((odd, c)) = line[..indent].char_indices().find(|(_, c)| !c.is_ascii()) {
            return Some(Slip {
                start: begin + odd,
                end: begin + odd + c.len_utf8(),
                title: format!(
                    "the indentation contains a character that only looks like a space (U+{:04X})",
                    u32::from(c)
                ),
                label: "write ordinary spaces".to_owned(),
                help: "text copied from a web page or a document often contains such spaces".to_owned(),
            });
        }
        begin += line.len();
    }
    None
}

/// A character that no value can begin with.
fn strange_beginning(text: &str, at: usize) -> Option<Slip> {
    let rest = text.get(at..)?;
    let c = rest.chars().next().filter(|c| matches!(c, '@' | '`' | '%'))?;
    let word: String = rest.chars().take_while(|c| !c.is_whitespace() && !matches!(c, ',' | '}' | ']')).collect();
    let turned = word.strip_prefix('%').filter(|n| n.parse::<f64>().is_ok());
    let label = turned.map_or("put it in quotes if it is text".to_owned(), |n| format!("did you mean `{n}%`?"));
    Some(Slip {
        start: at,
        end: at + word.len(),
        title: format!("a value cannot begin with `{c}`"),
        label,
        help: "YAML reserves this character".to_owned(),
    })
}

/// A missing comma between braces, or text after a closing quote.
fn in_braces(text: &str, at: usize, why: &str) -> Option<Slip> {
    let before = text[..at].trim_end();
    if let Some(quote) = before.chars().last().filter(|c| matches!(c, '"' | '\'')) {
        let begin = text[..at].rfind('\n').map_or(0, |n| n + 1);
        let opened = text.get(begin..before.len() - 1).is_some_and(|part| part.contains(quote));
        if opened && text[at..].chars().next().is_some_and(|c| !matches!(c, ',' | '}' | ']' | ':' | '\n' | '\r')) {
            let length = text[at..].find(|c: char| c.is_whitespace() || c == quote).unwrap_or(text.len() - at).max(1);
            let help = if quote == '"' {
                "within `\"…\"` a quote is written `\\\"`; or put the whole text in single quotes"
            } else {
                "within `'…'` an apostrophe is written twice, `''`; or put the whole text in double quotes"
            };
            let end = (at + length..=text.len()).find(|end| text.is_char_boundary(*end)).unwrap_or(at);
            return Some(Slip {
                start: at,
                end,
                title: format!("text follows a closing quote (`{quote}`)"),
                label: "the text ended before it".to_owned(),
                help: help.to_owned(),
            });
        }
    }
    let flow = why.contains("flow mapping") || why.contains("flow sequence");
    if flow && text[at..].starts_with(':') {
        let word = before.rsplit([' ', ',', '{', '[', '\n']).next().unwrap_or("");
        let (start, end) = (before.len() - word.len(), before.len());
        return (!word.is_empty()).then(|| Slip {
            start,
            end,
            title: "a comma is missing".to_owned(),
            label: format!("before `{word}`"),
            help: "between braces, a comma separates one key and its value from the next".to_owned(),
        });
    }
    None
}

/// An item of a list without its dash: the one where the parser stopped, or the one before.
fn without_dash(text: &str, at: usize) -> Option<Slip> {
    let lines = lines(text, at);
    let (here, above) = lines.split_last()?;
    let missing = |line: &Line<'_>| {
        let key = line.text.split(": ").next().unwrap_or(line.text);
        let key = key.split(" #").next().unwrap_or(key).trim_end().trim_end_matches(':');
        let (start, _) = line.span();
        Slip {
            start,
            end: start + key.len(),
            title: format!("a list item has no dash: `{key}`"),
            label: format!("write `- {key}:`"),
            help: "each item of this list begins with `- `".to_owned(),
        }
    };
    let is_key = |line: &&Line<'_>| {
        !line.is_item()
            && (line.text.contains(": ")
                || line.span().1 > 0 && line.text.split(" #").next().is_some_and(|t| t.trim_end().ends_with(':')))
    };
    // The lines of the block that the parser was in: those after the nearest line that is indented less.
    let parent = above.iter().rposition(|line| line.indent < here.indent)?;
    let block = &above[parent + 1..];
    if here.is_item() {
        // The first item, or a later one, has no dash.
        let first = block.first().filter(|line| !line.is_item() && line.indent >= here.indent);
        return first
            .or_else(|| block.iter().find(|line| line.indent == here.indent && !line.is_item()))
            .filter(is_key)
            .map(missing);
    }
    let beside = block.iter().any(|line| line.indent == here.indent && line.is_item());
    Some(here).filter(is_key).filter(|_| beside).map(missing)
}

/// A preceding line that is neither a key with its value nor an item of a list.
fn without_colon(text: &str, at: usize, why: &str) -> Option<Slip> {
    if !why.contains("mapping values are not allowed") {
        return None;
    }
    let lines = lines(text, at);
    let [.., before, _] = lines.as_slice() else { return None };
    let (start, end) = before.span();
    let said = &text[start..end];
    if before.is_item()
        || said.contains(": ")
        || said.ends_with(':')
        || said.ends_with(['}', ']', ',', '|', '>', '"', '\''])
    {
        return None;
    }
    let (key, value) = said.split_once('=').map(|(k, v)| (k.trim(), v.trim())).or_else(|| said.split_once(':'))?;
    let word = !key.is_empty() && key.chars().all(|c| c.is_alphanumeric() || c == '_');
    word.then(|| {
        before.slip(
            "a key without `: `",
            format!("write `{key}: {value}`"),
            "a key and its value are separated by a colon and a space",
        )
    })
}

/// A line that is indented differently from its neighbours.
fn indented(text: &str, at: usize, why: &str) -> Option<Slip> {
    if !(why.contains("block mapping") || why.contains("block collection")) {
        return None;
    }
    let lines = lines(text, at);
    let [.., before, here] = lines.as_slice() else { return None };
    let spaces = |n: usize| if n == 1 { "1 space".to_owned() } else { format!("{n} spaces") };
    (here.indent != before.indent).then(|| {
        here.slip(
            "this line is indented differently from its neighbours",
            format!("by {}, the line before by {}", spaces(here.indent), spaces(before.indent)),
            "keys of one map must begin in the same column",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAP: &str = "while parsing a block mapping, did not find expected key";
    const LIST: &str = "while parsing a block collection, did not find expected '-' indicator";
    const FLOW: &str = "while parsing a flow mapping, did not find expected ',' or '}'";

    #[test]
    fn the_line_at_fault_is_named() {
        let cases = [
            // The dash of the item before is missing; the parser stops at the next.
            ("a:\n    one:\n      x: 1\n  - two:\n      x: 2\n", "- two", MAP, "one", "dash"),
            ("a:\n  one:\n    x: 1\n  - two:\n      x: 2\n", "- two", MAP, "one", "dash"),
            ("a:\n  - one:\n      x: 1\n  two:\n      x: 2\n", "two:", LIST, "two", "dash"),
            ("a: {b: 1 c: 2}\n", ": 2", FLOW, "c", "comma"),
            ("a: \"x \"y\" z\"\n", "y", MAP, "y", "closing quote"),
            ("a: 'it's so'\n", "s so", MAP, "s", "closing quote"),
            ("a:\n  b = 1\n  c: 2\n", ": 2", "mapping values are not allowed in this context", "b = 1", "without `: `"),
            ("a:\n   b: 1\n  c: 2\n", "c: 2", MAP, "c: 2", "differently"),
            ("a: %25\n", "%", "unexpected character", "%25", "cannot begin"),
            ("a:\n\u{a0} b: 1\n", "b", "mapping values", "\u{a0}", "looks like a space"),
        ];
        for (text, at, why, part, word) in cases {
            let found = find(text, text.find(at).unwrap(), why).unwrap_or_else(|| panic!("{text}"));
            assert_eq!(&text[found.start..found.end], part, "{text}: {found:?}");
            assert!(found.title.contains(word), "{text}: {found:?}");
        }
    }

    #[test]
    fn any_place_is_survived() {
        let text = "a: \"é\n  - ü: 'x\n\u{a0}@";
        for at in (0..=text.len()).filter(|at| text.is_char_boundary(*at)) {
            let _ = find(text, at, FLOW);
            let _ = find(text, at, MAP);
            let _ = find(text, at, "mapping values are not allowed");
        }
    }
}
