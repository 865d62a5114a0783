//! Composite values: optional values, lists, and lists of named values.

use super::quantity::Kind;
use super::reader::{Read, Reader};
use super::spec::Shape;
use super::tree::{Node, Value};
use super::values::{Name, check_name, wanted};
use std::collections::HashSet;

/// Named values in order: a list of one-key maps `- google: {…}`, or a map.
#[derive(Clone, Debug)]
pub struct Keyed<T>(pub Vec<(Name, T)>);

impl<T: Read> Read for Option<T> {
    const SHAPE: Shape = T::SHAPE;
    const OPTIONAL: bool = true;
    fn read(node: &mut Node, kind: Option<Kind>, r: &mut Reader) -> Option<Self> {
        if node.value == Value::Null {
            return Some(None);
        }
        T::read(node, kind, r).map(Some)
    }
    fn missing() -> Option<Self> {
        Some(None)
    }
}

impl<T: Read> Read for Box<T> {
    const SHAPE: Shape = T::SHAPE;
    const OPTIONAL: bool = T::OPTIONAL;
    fn read(node: &mut Node, kind: Option<Kind>, r: &mut Reader) -> Option<Self> {
        T::read(node, kind, r).map(Box::new)
    }
    fn missing() -> Option<Self> {
        T::missing().map(Box::new)
    }
}

impl<T: Read> Read for Vec<T> {
    const SHAPE: Shape = Shape::List(&T::SHAPE);
    fn read(node: &mut Node, kind: Option<Kind>, r: &mut Reader) -> Option<Self> {
        if node.list().is_none() {
            wanted(node, "a list", "[first, second]", r).help("or one per line, each beginning with `- `");
        }
        let range = r.range;
        let read: Vec<Option<T>> = node
            .list_mut()?
            .iter_mut()
            .enumerate()
            .map(|(at, item)| {
                let name = item.item_name().map_or(at.to_string(), str::to_owned);
                let place = item.place;
                r.within(&name, Some(place), |r| {
                    r.range = range;
                    T::read(item, kind, r)
                })
            })
            .collect();
        read.into_iter().collect()
    }
}

impl<T: Read> Read for Keyed<T> {
    const SHAPE: Shape = Shape::Named(&T::SHAPE);
    fn read(node: &mut Node, kind: Option<Kind>, r: &mut Reader) -> Option<Self> {
        let mut entries = Vec::new();
        let mut whole = true;
        match &mut node.value {
            Value::Map(map) => entries.extend(map.iter_mut().map(|(key, value)| (&*key, value))),
            Value::List(items) => {
                for item in items {
                    match r.only_entry(item) {
                        Some(entry) => entries.push(entry),
                        None => whole = false,
                    }
                }
            }
            _ => {
                wanted(node, "a list of named entries", "- a_name: {…}", r);
                return None;
            }
        }
        let range = r.range;
        let mut out: Vec<(Name, T)> = Vec::new();
        let mut seen = HashSet::new();
        for (key, value) in entries {
            let name = check_name(&key.text, key.place, r);
            if !seen.insert(key.text.as_str()) {
                r.error("duplicate-name", key.place, format!("duplicate name `{}`", key.text), "the second occurrence");
                whole = false;
            }
            let read = r.within(&key.text, Some(key.place), |r| {
                r.range = range;
                T::read(value, kind, r)
            });
            match (name, read) {
                (Some(name), Some(value)) => out.push((name, value)),
                _ => whole = false,
            }
        }
        whole.then_some(Keyed(out))
    }
}

impl<T> Keyed<T> {
    /// The value with this name.
    pub fn get(&self, name: &str) -> Option<&T> {
        self.0.iter().find(|(n, _)| n.as_str() == name).map(|(_, value)| value)
    }
    /// Names and values, in order.
    pub fn iter(&self) -> impl Iterator<Item = &(Name, T)> {
        self.0.iter()
    }
}
