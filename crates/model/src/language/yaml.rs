//! Parses YAML text into a tree, within limits of size, and accepts only YAML that versions 1.1 and 1.2 read alike.

use super::slips;
use super::traps::{ambiguous, indenting_tab, reads_as_boolean, unclosed};
use super::tree::{Key, Node, Value, line_number};
use crate::issues::{Issues, Place};
use granit_parser::{Event, Options, Parser, ScalarStyle, Span, StrInput};
use std::collections::{HashMap, HashSet};

/// Maximum size of a text, in bytes.
pub const MAX_BYTES: usize = 4 << 20;
/// Maximum depth of nesting.
pub const MAX_DEPTH: usize = 64;
/// Maximum number of values in a file; values repeated by aliases count each time.
pub const MAX_NODES: usize = 200_000;

/// Reads one document, which must be a map. Problems go to `issues`; `None` if reading cannot continue.
pub fn load(text: &str, file: u32, issues: &mut Issues) -> Option<Node> {
    let node = document(text, file, issues)?;
    if matches!(node.value, Value::Map(_)) {
        return Some(node);
    }
    let title = format!("a scenario is a map of keys, and this is {}", node.shape());
    issues.error("not-a-map", node.place, title, "expected `key: value`");
    None
}

/// Reads one document of any shape, such as the value of a `--set`.
pub fn document(text: &str, file: u32, issues: &mut Issues) -> Option<Node> {
    if text.len() > MAX_BYTES {
        let title = format!("the file has {} MiB; at most {} are read", text.len() >> 20, MAX_BYTES >> 20);
        issues.error("too-large", Place::new(file, 0, 0), title, "is this a scenario?");
        return None;
    }
    if let Some(at) = text.find(|c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t' | '\u{85}')) {
        let code = text[at..].chars().next().map_or(0, u32::from);
        let title = format!("the file contains a control character (U+{code:04X})");
        issues.error("control-character", Place::new(file, at, at + 1), title, "is this a text file?");
        return None;
    }
    let mut options = Options::default();
    options.set_emit_comments(false);
    options.disallow_directives = true;
    options.flow_nesting_limit = MAX_DEPTH;
    options.block_nesting_limit = MAX_DEPTH;
    let parser = Parser::new_from_str_with_options(text, options);
    let mut loader =
        Loader { text, file, parser, issues, anchors: HashMap::new(), nodes: 0, last: Place::new(file, 0, 0) };
    loader.stream().ok()
}

/// Reading stops; the problem was reported.
struct Stop;

struct Loader<'a, 'i> {
    text: &'a str,
    file: u32,
    parser: Parser<'a, StrInput<'a>>,
    issues: &'i mut Issues,
    anchors: HashMap<usize, (Node, usize)>,
    nodes: usize,
    last: Place,
}

impl<'a> Loader<'a, '_> {
    fn next(&mut self) -> Result<(Event<'a>, Place), Stop> {
        match self.parser.next_event() {
            Some(Ok((event, span))) => {
                self.last = self.place(span);
                Ok((event, self.last))
            }
            Some(Err(error)) => {
                let at = error.marker().byte_offset().unwrap_or(self.text.len());
                self.broken(at, &error.info());
                Err(Stop)
            }
            None => {
                self.broken(self.text.len(), "the file ends too early");
                Err(Stop)
            }
        }
    }

    /// Reports an error of the parser; a tab in the indentation is the usual cause and is looked for first.
    fn broken(&mut self, at: usize, why: &str) {
        let mut at = at.min(self.text.len());
        while !self.text.is_char_boundary(at) {
            at -= 1;
        }
        // The parser may stop before the tab that it cannot read, on the line before.
        let next = self.text[at..].find('\n').map_or(self.text.len(), |n| at + n + 1);
        let line_end = self.text[next..].find('\n').map_or(self.text.len(), |n| next + n);
        let line_end = if why.contains("tab") { line_end } else { next };
        if let Some(tab) = indenting_tab(&self.text[..line_end]) {
            let place = Place::new(self.file, tab, tab + 1);
            self.issues.error("yaml-tab", place, "YAML cannot be indented with tabs", "a tab; use spaces");
            return;
        }
        if why.contains("nesting") || why.contains("recursion") {
            self.too_deep(Place::new(self.file, at, at + 1));
            return;
        }
        if let Some(open) = unclosed(&self.text[..at]) {
            let place = Place::new(self.file, open, open + 1);
            let label = format!("opened here, and something else begins on line {}", line_number(self.text, at));
            self.issues.error("yaml", place, "a bracket is not closed", label);
            return;
        }
        if let Some(slip) = slips::find(self.text, at, why) {
            let place = Place::new(self.file, slip.start, slip.end);
            self.issues.error("yaml", place, slip.title, slip.label).help(slip.help);
            return;
        }
        // At the end of a file the caret belongs on the last thing written.
        let at = if at >= self.text.trim_end().len() { self.text.trim_end().len().saturating_sub(1) } else { at };
        let at = (0..=at).rev().find(|at| self.text.is_char_boundary(*at)).unwrap_or(0);
        let begin = self.text[..at].rfind('\n').map_or(0, |n| n + 1);
        let end = self.text[at..].find('\n').map_or(self.text.len(), |n| at + n);
        let (title, label, help) = plainly(why, &self.text[begin..end], at - begin);
        self.issues.error("yaml", Place::new(self.file, at, at + 1), title, label).help(help);
    }

    fn too_deep(&mut self, place: Place) {
        let title = format!("nested deeper than {MAX_DEPTH} levels");
        self.issues.error("too-deep", place, title, "a scenario needs no more than ten or so");
    }

    /// The span in bytes, up to the end of its first line, without trailing space.
    fn place(&self, span: Span) -> Place {
        let range = span.byte_range().unwrap_or(0..0);
        let (start, end) = (range.start.min(self.text.len()), range.end.min(self.text.len()));
        let Some(part) = self.text.get(start..end.max(start)) else { return Place::new(self.file, start, start) };
        let line = part.split('\n').next().unwrap_or("").trim_end();
        Place::new(self.file, start, start + line.len())
    }

    fn stream(&mut self) -> Result<Node, Stop> {
        let mut root = None;
        loop {
            let (event, place) = self.next()?;
            match event {
                Event::StreamStart | Event::DocumentEnd | Event::Anchor(..) | Event::Comment(..) => {}
                Event::DocumentStart(..) => {
                    if root.is_some() {
                        let title = "a scenario file is one YAML document";
                        self.issues.error("yaml-documents", place, title, "a second one starts here");
                        return Err(Stop);
                    }
                }
                Event::StreamEnd => {
                    return root.ok_or_else(|| {
                        let title = "the file is empty";
                        self.issues.error("not-a-map", Place::new(self.file, 0, 0), title, "expected `key: value`");
                        Stop
                    });
                }
                event => root = Some(self.node(event, place, 1)?),
            }
        }
    }

    fn count(&mut self, more: usize, place: Place) -> Result<(), Stop> {
        self.nodes = self.nodes.saturating_add(more);
        if self.nodes <= MAX_NODES {
            return Ok(());
        }
        let title = format!("the file contains more than {MAX_NODES} values, including repetitions by aliases");
        self.issues.error("too-large", place, title, "the limit is reached here");
        Err(Stop)
    }

    fn node(&mut self, event: Event<'a>, place: Place, depth: usize) -> Result<Node, Stop> {
        if depth > MAX_DEPTH {
            self.too_deep(place);
            return Err(Stop);
        }
        let before = self.nodes;
        self.count(1, place)?;
        let (anchor, tag) = match &event {
            Event::Scalar(_, _, anchor, tag)
            | Event::SequenceStart(_, anchor, tag)
            | Event::MappingStart(_, anchor, tag) => (*anchor, tag.is_some()),
            _ => (0, false),
        };
        if tag {
            self.issues.error("yaml-tag", place, "YAML tags (`!…`) are not used here", "remove the tag");
        }
        let node = match event {
            Event::Scalar(text, style, ..) => self.scalar(&text, style, place),
            Event::SequenceStart(..) => self.list(place, depth)?,
            Event::MappingStart(..) => self.map(place, depth)?,
            Event::Alias(id) => {
                let Some((node, size)) = self.anchors.get(&id).cloned() else {
                    self.issues.error(
                        "yaml-alias",
                        place,
                        "an alias inside its own anchor",
                        "it cannot appear inside the value it refers to",
                    );
                    return Err(Stop);
                };
                self.count(size, place)?;
                if depth + height(&node) > MAX_DEPTH {
                    self.too_deep(place);
                    return Err(Stop);
                }
                node
            }
            _ => {
                self.issues.error("yaml", place, "this is not valid YAML", "expected a value");
                return Err(Stop);
            }
        };
        if anchor > 0 {
            // Clones of anchored values count towards the limit like any other value.
            let size = self.nodes - before;
            self.count(size, place)?;
            self.anchors.insert(anchor, (node.clone(), size));
        }
        Ok(node)
    }

    fn list(&mut self, place: Place, depth: usize) -> Result<Node, Stop> {
        let mut items = Vec::new();
        loop {
            match self.next()? {
                (Event::SequenceEnd, end) => {
                    return Ok(Node { value: Value::List(items), place: self.whole(place, end) });
                }
                (Event::Anchor(..) | Event::Comment(..), _) => {}
                (event, at) => items.push(self.node(event, at, depth + 1)?),
            }
        }
    }

    fn map(&mut self, place: Place, depth: usize) -> Result<Node, Stop> {
        let mut entries: Vec<(Key, Node)> = Vec::new();
        let mut seen: HashMap<String, u32> = HashMap::new();
        let mut merged = Vec::new();
        loop {
            let (event, at) = self.next()?;
            let (text, style) = match event {
                Event::MappingEnd => break self.finish(entries, merged, self.whole(place, at)),
                Event::Anchor(..) | Event::Comment(..) => continue,
                Event::Scalar(text, style, ..) => (text, style),
                _ => {
                    self.issues.error("yaml-key", at, "a key must be a single word", "this is not a single word");
                    return Err(Stop);
                }
            };
            self.count(1, at)?;
            let (event, value_at) = loop {
                match self.next()? {
                    (Event::Anchor(..) | Event::Comment(..), _) => {}
                    found => break found,
                }
            };
            let value = self.node(event, value_at, depth + 1)?;
            if text == "<<" && style == ScalarStyle::Plain {
                merged.push(value);
                continue;
            }
            if style == ScalarStyle::Plain && reads_as_boolean(&text) {
                let title = format!("`{text}` cannot be a key: YAML 1.1 reads it as true or false");
                self.issues.error("yaml-key", at, title, "choose another word");
            }
            if let Some(first) = seen.get(&*text) {
                let label = format!("it already appears on line {}", line_number(self.text, *first as usize));
                self.issues.error("duplicate-key", at, format!("duplicate key `{text}`"), label);
                if self.issues.is_full() {
                    return Err(Stop);
                }
            } else {
                seen.insert(text.to_string(), at.start);
                entries.push((Key { text: text.into_owned(), place: at }, value));
            }
        }
    }

    /// Adds the entries that `<<:` merges, after the map's own keys.
    fn finish(&mut self, mut entries: Vec<(Key, Node)>, merged: Vec<Node>, place: Place) -> Result<Node, Stop> {
        let mut brought = Vec::new();
        for node in merged {
            match node.value {
                Value::Map(more) => brought.extend(more),
                Value::List(items) if items.iter().all(|item| item.map().is_some()) => {
                    brought.extend(
                        items
                            .into_iter()
                            .filter_map(|item| match item.value {
                                Value::Map(more) => Some(more),
                                _ => None,
                            })
                            .flatten(),
                    );
                }
                _ => {
                    self.issues.error(
                        "yaml-merge",
                        node.place,
                        "`<<` takes a map or a list of maps",
                        "this is neither",
                    );
                    return Err(Stop);
                }
            }
        }
        if !brought.is_empty() {
            let mut seen: HashSet<String> = entries.iter().map(|(k, _)| k.text.clone()).collect();
            entries.extend(brought.into_iter().filter(|(k, _)| seen.insert(k.text.clone())));
        }
        Ok(Node { value: Value::Map(entries), place })
    }

    fn whole(&self, start: Place, end: Place) -> Place {
        let (from, to) = (start.start as usize, (end.end as usize).min(self.text.len()));
        let part = self.text.get(from..to.max(from)).unwrap_or("");
        let line = part.split('\n').next().unwrap_or("").trim_end();
        Place::new(self.file, from, from + line.len())
    }

    fn scalar(&mut self, text: &str, style: ScalarStyle, place: Place) -> Node {
        let plain = style == ScalarStyle::Plain;
        if plain && matches!(text, "" | "~" | "null" | "Null" | "NULL") {
            return Node { value: Value::Null, place };
        }
        if plain && let Some(why) = ambiguous(text) {
            let label = if reads_as_boolean(text) {
                "write `true` or `false`, or put it in quotes if it is text"
            } else if text.contains('_') {
                "write it without `_`, or put it in quotes if it is text"
            } else if text.contains(':') {
                "put it in quotes if it is text"
            } else {
                "write it as a decimal number without a leading zero, or put it in quotes if it is text"
            };
            self.issues.error("yaml-ambiguous", place, format!("`{text}` is {why}"), label);
            if reads_as_boolean(text) {
                // Reading continues with what was probably meant, so that the rest of the file is checked too.
                let yes = ["y", "yes", "on", "true"].iter().any(|word| text.eq_ignore_ascii_case(word));
                return Node::scalar(if yes { "true" } else { "false" }, place);
            }
        }
        let quoted = !plain || text.contains('\n');
        Node { value: Value::Scalar { text: text.to_owned(), quoted }, place }
    }
}

/// The error of the parser in `line` at byte `at`, in words that do not require its grammar: title, label and help.
fn plainly(why: &str, line: &str, at: usize) -> (String, String, &'static str) {
    let told = |title: &str, label: &str, help| (title.to_owned(), label.to_owned(), help);
    let value_colon = "write `note: \"first: second\"`";
    if at > 1024 && why.contains("mapping values are not allowed") {
        return told(
            "this key is too long",
            "a key has at most 1024 characters",
            "is a quote or a `:` missing before it?",
        );
    }
    if why.contains("mapping values are not allowed") {
        return if line[..at].contains(": ") {
            told("a second `:` in one line", "text that contains `: ` must be in quotes", value_colon)
        } else {
            told(
                "this key is misplaced",
                "indented differently from its neighbouring keys",
                "align it with the other keys of its map",
            )
        };
    }
    if why.contains("simple key") {
        let word = line.trim();
        return if word.contains(':') {
            told("a space is missing after `:`", "write `key: value`", "a key and its value are separated by `: `")
        } else {
            told(
                "a key without `:`",
                "expected `key: value`, or `key:` and lines that are indented further",
                "write a colon after the key",
            )
        };
    }
    let of = |titles: &[(&str, &str, &str)]| {
        let found = titles.iter().find(|(word, ..)| why.contains(word))?;
        Some((found.1.to_owned(), found.2.to_owned()))
    };
    let known = of(&[
        ("misplaced bracket", "this bracket has no opening bracket", "none is open here"),
        ("unclosed bracket", "a bracket is not closed", "opened here"),
        ("unclosed quote", "a quote is not closed", "opened here"),
        ("unknown anchor", "there is no such anchor", "nothing before it is anchored with `&` and this name"),
        ("directive", "lines that begin with `%` are not used here", "remove it"),
        ("tab", "YAML cannot be indented with tabs", "a tab; use spaces"),
    ]);
    let help = "look for a missing space after `:`, an unclosed bracket or quote, or a wrong indentation here or on the line before";
    let (title, label) =
        known.unwrap_or_else(|| ("this is not valid YAML".to_owned(), "it cannot be parsed from here on".to_owned()));
    (title, label, help)
}

fn height(node: &Node) -> usize {
    match &node.value {
        Value::Map(entries) => 1 + entries.iter().map(|(_, n)| height(n)).max().unwrap_or(0),
        Value::List(items) => 1 + items.iter().map(height).max().unwrap_or(0),
        _ => 0,
    }
}

#[cfg(test)]
#[path = "yaml_tests.rs"]
mod tests;
