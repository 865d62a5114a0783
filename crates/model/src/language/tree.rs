//! The content of a file, as a tree that records where each piece was written.

use super::assumption::COMMENT_KEYS;
use crate::issues::Place;

/// A value and where it was written.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// What was written.
    pub value: Value,
    /// Where it was written; within one line (the first, if there are several).
    pub place: Place,
}

/// A key of a map and where it was written.
#[derive(Clone, Debug, PartialEq)]
pub struct Key {
    /// The key.
    pub text: String,
    /// Where it was written.
    pub place: Place,
}

/// The four shapes of a value. Scalars stay text: their meaning depends on what reads them.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Nothing, `null` or `~`.
    Null,
    /// A word, a number, a quantity, a text.
    Scalar {
        /// The text, without quotes.
        text: String,
        /// Whether it was in quotes or in a block, so that it is text and never null.
        quoted: bool,
    },
    /// Keys are unique and keep their order.
    Map(Vec<(Key, Node)>),
    /// A list.
    List(Vec<Node>),
}

impl Node {
    /// A plain scalar at `place`.
    pub fn scalar(text: impl Into<String>, place: Place) -> Node {
        Node { value: Value::Scalar { text: text.into(), quoted: false }, place }
    }
    /// An empty map at `place`.
    pub fn empty_map(place: Place) -> Node {
        Node { value: Value::Map(Vec::new()), place }
    }
    /// The text of a scalar.
    pub fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Scalar { text, .. } => Some(text),
            _ => None,
        }
    }
    /// The entries of a map.
    pub fn map(&self) -> Option<&[(Key, Node)]> {
        match &self.value {
            Value::Map(entries) => Some(entries),
            _ => None,
        }
    }
    /// The entries of a map, mutable.
    pub fn map_mut(&mut self) -> Option<&mut Vec<(Key, Node)>> {
        match &mut self.value {
            Value::Map(entries) => Some(entries),
            _ => None,
        }
    }
    /// The items of a list.
    pub fn list(&self) -> Option<&[Node]> {
        match &self.value {
            Value::List(items) => Some(items),
            _ => None,
        }
    }
    /// The items of a list, mutable.
    pub fn list_mut(&mut self) -> Option<&mut Vec<Node>> {
        match &mut self.value {
            Value::List(items) => Some(items),
            _ => None,
        }
    }
    /// The value under `key` of a map.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.map()?.iter().find(|(k, _)| k.text == key).map(|(_, node)| node)
    }
    /// The value under `key` of a map, mutable.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut Node> {
        self.map_mut()?.iter_mut().find(|(k, _)| k.text == key).map(|(_, node)| node)
    }
    /// The key itself, with its place.
    pub fn key(&self, key: &str) -> Option<&Key> {
        self.map()?.iter().find(|(k, _)| k.text == key).map(|(k, _)| k)
    }
    /// Removes `key` from a map and returns its value.
    pub fn remove(&mut self, key: &str) -> Option<Node> {
        let entries = self.map_mut()?;
        let at = entries.iter().position(|(k, _)| k.text == key)?;
        Some(entries.remove(at).1)
    }
    /// Stores `value` under `key` of a map, at the old position of the key or at the end. Does nothing if the node is
    /// not a map.
    pub fn insert(&mut self, key: &str, value: Node) {
        if let Some(old) = self.get_mut(key) {
            *old = value;
        } else if let Some(entries) = self.map_mut() {
            entries.push((Key { text: key.to_owned(), place: value.place }, value));
        }
    }
    /// The name of a list item in a path: its `name`, or that of the value of its only key, or that key.
    pub fn item_name(&self) -> Option<&str> {
        let entries = self.map()?;
        if let Some(name) = self.get("name") {
            return name.text();
        }
        match entries {
            [(key, inner)] => Some(inner.get("name").and_then(Node::text).unwrap_or(&key.text)),
            _ => None,
        }
    }
    /// Whether this is a map that stands for one value: a law `{dist: …}`, or a value with its source
    /// `{value: …, source: …}`. In other maps `value` is a key like any other.
    pub fn is_one_value(&self) -> bool {
        let belongs = |key: &str| key == "value" || COMMENT_KEYS.contains(&key);
        let alone = |entries: &[(Key, Node)]| entries.iter().all(|(key, _)| belongs(&key.text));
        let stated = || self.get("value").is_some_and(|value| value.map().is_none()) && self.map().is_some_and(alone);
        self.get("dist").is_some() || stated()
    }
    /// "a map", "a list", "a single value", "nothing", for messages.
    pub fn shape(&self) -> &'static str {
        match self.value {
            Value::Null => "nothing",
            Value::Scalar { .. } => "a single value",
            Value::Map(_) => "a map",
            Value::List(_) => "a list",
        }
    }
    /// Whether both have the same content, wherever it was written.
    pub fn same(&self, other: &Node) -> bool {
        match (&self.value, &other.value) {
            (Value::Map(a), Value::Map(b)) => {
                a.len() == b.len() && a.iter().zip(b).all(|(x, y)| x.0.text == y.0.text && x.1.same(&y.1))
            }
            (Value::List(a), Value::List(b)) => a.len() == b.len() && a.iter().zip(b).all(|(x, y)| x.same(y)),
            (a, b) => a == b,
        }
    }
    /// The place of the bytes `start..end` of a scalar's text, as far as it is known; the whole place of a scalar with
    /// escapes.
    pub fn part(&self, start: usize, end: usize) -> Place {
        let (Some(text), place) = (self.text(), self.place) else { return self.place };
        let shift = match place.len().checked_sub(text.len()) {
            Some(0) => 0,
            Some(2) => 1,
            _ => return place,
        };
        let at = |n: usize| place.start as usize + shift + n.min(text.len());
        Place::new(place.file, at(start), at(end))
    }
}

/// The name of the arguments of `--set` among the sources.
pub const SET: &str = "--set";
/// The name of a question of the command line among the sources.
pub const QUESTION: &str = "question";
/// The name of the argument of `--until` among the sources.
pub const UNTIL: &str = "--until";

/// The files that were read, and pseudo files such as the arguments of `--set`.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    files: Vec<(String, String)>,
}

impl Sources {
    /// Adds a file and returns its number.
    pub fn add(&mut self, name: impl Into<String>, text: impl Into<String>) -> u32 {
        self.files.push((name.into(), text.into()));
        u32::try_from(self.files.len() - 1).unwrap_or(u32::MAX)
    }
    /// The name of a file.
    pub fn name(&self, file: u32) -> Option<&str> {
        self.files.get(file as usize).map(|(name, _)| name.as_str())
    }
    /// The text of a file.
    pub fn text(&self, file: u32) -> Option<&str> {
        self.files.get(file as usize).map(|(_, text)| text.as_str())
    }
    /// Name and text of each file, in the order in which they were read.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.files.iter().map(|(name, text)| (name.as_str(), text.as_str()))
    }
    /// Name and text of each file, without the arguments of the command line.
    pub fn files(&self) -> impl Iterator<Item = (&str, &str)> {
        self.iter().filter(|(name, _)| ![SET, UNTIL, QUESTION].contains(name))
    }
    /// The line that contains byte `at`: its text, its number from 1, and the byte's offset in it.
    pub fn line_at(&self, file: u32, at: usize) -> (&str, usize, usize) {
        let text = self.text(file).unwrap_or("");
        let mut at = at.min(text.len());
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        let begin = text[..at].rfind('\n').map_or(0, |n| n + 1);
        let end = text[at..].find('\n').map_or(text.len(), |n| at + n);
        let line = text[begin..end].trim_end_matches('\r');
        (line, line_number(text, at), (at - begin).min(line.len()))
    }
    /// Line and column of a byte of a file, both counted from 1, the column in characters.
    pub fn position(&self, file: u32, at: usize) -> (usize, usize) {
        let (text, line, column) = self.line_at(file, at);
        (line, text.char_indices().take_while(|(start, _)| *start < column).count() + 1)
    }
}

/// The number, from 1, of the line that contains byte `at`.
pub fn line_number(text: &str, at: usize) -> usize {
    text.as_bytes()[..at.min(text.len())].split(|b| *b == b'\n').count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_parts() {
        let mut sources = Sources::default();
        let file = sources.add("a", "ab\r\nçd\n");
        assert_eq!(sources.line_at(file, 0), ("ab", 1, 0));
        assert_eq!(sources.line_at(file, 3), ("ab", 1, 2));
        assert_eq!(sources.line_at(file, 5), ("çd", 2, 0));
        assert_eq!(sources.line_at(file, 99), ("", 3, 0));
        assert_eq!(sources.line_at(9, 1), ("", 1, 0));
        assert_eq!(sources.position(file, 0), (1, 1));
        assert_eq!(sources.position(file, 6), (2, 2), "a letter of two bytes is one character");
        assert_eq!(sources.position(file, 99), (3, 1));
        let mut node = Node::scalar("5 + x", Place::new(0, 10, 15));
        assert_eq!(node.part(4, 5), Place::new(0, 14, 15));
        node.place.end = 17;
        assert_eq!(node.part(4, 5), Place::new(0, 15, 16));
    }
}
