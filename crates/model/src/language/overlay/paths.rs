//! Merges trees, and sets single values at their paths (`--set`).

use crate::issues::{Issues, Place, nearest};
use crate::language::tree::{Key, Node, SET, Sources, Value};
use crate::language::yaml;
use std::collections::HashMap;

/// Merges `over` onto `base`: maps are merged, everything else is replaced. A map that is one value (`{dist: …}`,
/// `{value: …}`) is replaced as a whole.
pub fn merge(base: Node, over: Node) -> Node {
    if base.is_one_value() || over.is_one_value() {
        return over;
    }
    match (base, over) {
        (Node { value: Value::Map(mut below), place: _ }, Node { value: Value::Map(above), place }) => {
            let index: HashMap<String, usize> =
                below.iter().enumerate().map(|(at, (key, _))| (key.text.clone(), at)).collect();
            for (key, value) in above {
                if let Some(&at) = index.get(&key.text) {
                    let old = std::mem::replace(&mut below[at].1, Node { value: Value::Null, place });
                    below[at] = (key, merge(old, value));
                } else {
                    below.push((key, value));
                }
            }
            Node { value: Value::Map(below), place }
        }
        (_, over) => over,
    }
}

/// The node at `path`, such as `lab.compute.contracts.google.price`; steps are keys of maps and names of list items.
pub fn find<'a>(root: &'a Node, path: &str) -> Option<&'a Node> {
    path.split('.').try_fold(root, |node, step| match &node.value {
        Value::Map(_) => node.get(step),
        Value::List(items) => items.iter().find(|item| item.item_name() == Some(step)).map(inside),
        _ => None,
    })
}

/// The node at `path`, mutable.
pub fn find_mut<'a>(root: &'a mut Node, path: &str) -> Option<&'a mut Node> {
    path.split('.').try_fold(root, |node, step| match &mut node.value {
        Value::Map(entries) => entries.iter_mut().find(|(k, _)| k.text == step).map(|(_, v)| v),
        Value::List(items) => items.iter_mut().find(|item| item.item_name() == Some(step)).map(inside_mut),
        _ => None,
    })
}

/// The content of a list item: the value of its only key, or the item itself if it has its own `name`.
fn inside(item: &Node) -> &Node {
    match item.map() {
        Some([(key, value)]) if key.text != "name" => value,
        _ => item,
    }
}

fn inside_mut(item: &mut Node) -> &mut Node {
    if matches!(item.map(), Some([(key, _)]) if key.text != "name") {
        // The guard has checked that there is one entry.
        if let Value::Map(entries) = &mut item.value {
            return &mut entries[0].1;
        }
        unreachable!("a map a moment ago");
    }
    item
}

/// Every path that leads to a value, in the order of the tree.
pub fn paths(root: &Node) -> Vec<String> {
    fn walk(node: &Node, path: &str, out: &mut Vec<String>) {
        let mut go = |name: &str, child: &Node| {
            let path = if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
            walk(child, &path, out);
            out.push(path);
        };
        match &node.value {
            Value::Map(entries) => entries
                .iter()
                .filter(|(k, _)| k.text != "variants" || !path.is_empty())
                .for_each(|(k, v)| go(&k.text, v)),
            Value::List(items) => items.iter().for_each(|item| {
                if let Some(name) = item.item_name() {
                    go(name, inside(item));
                }
            }),
            _ => {}
        }
    }
    let mut out = Vec::new();
    walk(root, "", &mut out);
    out
}

/// Sets `path` to `value`. The path must exist, or its parent must be a map outside `inputs` (an optional key that was
/// left out; the reader checks the key). `place` is where the path was written.
pub fn set(root: &mut Node, path: &str, value: Node, place: Place, issues: &mut Issues) {
    // Variants are selected, not set.
    let variants = path == "variants" || path.starts_with("variants.");
    if let Some(node) = find_mut(root, path).filter(|_| !variants) {
        *node = value;
        return;
    }
    if let Some((parent, leaf)) = path.rsplit_once('.')
        && parent != "inputs"
        && !variants
        && let Some(parent) = find_mut(root, parent).filter(|parent| !parent.is_one_value())
        && let Some(entries) = parent.map_mut()
        && !leaf.is_empty()
    {
        entries.push((Key { text: leaf.to_owned(), place }, value));
        return;
    }
    let known = paths(root);
    let label = match nearest(path, known.iter().map(String::as_str)) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "no such path in the scenario".to_owned(),
    };
    let issue = issues.error("unknown-path", place, format!("`{path}` does not exist"), label);
    // The part of the path that exists, and what could follow it.
    if let Some((parent, _)) = path.rsplit_once('.')
        && find(root, parent).is_some_and(|node| node.text().is_some())
    {
        issue.help(format!("`{parent}` is a value: set it itself"));
    }
    let mut good = path;
    while let Some((parent, _)) = good.rsplit_once('.') {
        good = parent;
        if let Some(node) = find(root, good) {
            let keys: Vec<&str> = match &node.value {
                Value::Map(entries) => entries.iter().map(|(k, _)| k.text.as_str()).collect(),
                Value::List(items) => items.iter().filter_map(Node::item_name).collect(),
                _ => Vec::new(),
            };
            if !keys.is_empty() {
                issue.help(format!("`{good}` has {}", keys.join(", ")));
            }
            break;
        }
    }
}

/// Replaces renamed keys in the path and in the value of a setting, and returns the new path. The arguments are the
/// tree, the path and its place, the value, and the issues.
pub type Translate = fn(&mut Node, &str, Place, &mut Node, &mut Issues) -> String;

/// Applies the `path=value` arguments of `--set` in order; each becomes a source of its own.
pub fn apply_sets(
    root: &mut Node,
    arguments: &[String],
    translate: Translate,
    sources: &mut Sources,
    issues: &mut Issues,
) {
    for argument in arguments {
        let Some(at) = argument.find('=') else {
            let file = sources.add(SET, argument.as_str());
            let place = Place::new(file, 0, argument.len());
            issues.error("set", place, "`--set` needs `path=value`", "there is no `=` here");
            continue;
        };
        // The path is blanked so that the value keeps its place in the argument.
        let file = sources.add(SET, argument.as_str());
        let blank = format!("{}{}", " ".repeat(at + 1), &argument[at + 1..]);
        let place = Place::new(file, 0, at);
        let path = argument[..at].trim();
        let value = if blank.trim().is_empty() {
            Some(Node { value: Value::Null, place: Place::new(file, at + 1, at + 1) })
        } else {
            yaml::document(&blank, file, issues)
        };
        if let Some(mut value) = value {
            let path = translate(root, path, place, &mut value, issues);
            set(root, &path, value, place, issues);
        }
    }
}
