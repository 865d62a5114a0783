//! What differs between two scenarios, setting by setting, and the scenarios in between that have some of the
//! differences: the coalitions of an attribution.

use crate::language::assumption::COMMENT_KEYS;
use crate::language::tree::{Key, Node, Value};

/// A setting that differs.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// Keys of maps and names of list items that lead to it.
    pub path: Vec<String>,
    /// Its value in the first scenario; `None` where it is absent.
    pub from: Option<Node>,
    /// Its value in the second scenario; `None` where it is absent.
    pub to: Option<Node>,
    /// For an item of a list, the names of the second list in their order.
    order: Vec<String>,
}

impl Change {
    /// The path with points.
    pub fn name(&self) -> String {
        self.path.join(".")
    }

    /// The change in words: `70% → 90%`, `added`, `removed`, or `changed` where a value is not one text.
    pub fn words(&self) -> String {
        let text = |node: &Node| {
            let text = node.text().or_else(|| node.get("value").and_then(Node::text))?;
            (text.chars().count() <= 40).then(|| text.to_owned())
        };
        match (&self.from, &self.to) {
            (None, _) => "added".into(),
            (_, None) => "removed".into(),
            (Some(from), Some(to)) => match (text(from), text(to)) {
                (Some(from), Some(to)) => format!("{from} → {to}"),
                _ => "changed".into(),
            },
        }
    }
}

/// Keys that state nothing about the world of a run.
const SILENT: [&str; 3] = ["range", "about", "name"];

/// The settings in which two scenarios differ, in the order of the first.
pub fn between(a: &Node, b: &Node) -> Vec<Change> {
    let mut out = Vec::new();
    walk(a, b, &mut Vec::new(), &mut out);
    out
}

fn walk(a: &Node, b: &Node, path: &mut Vec<String>, out: &mut Vec<Change>) {
    if same(a, b) {
        return;
    }
    match (&a.value, &b.value) {
        (Value::Map(mine), Value::Map(theirs)) if !a.is_one_value() && !b.is_one_value() => {
            let keys = |entries: &[(Key, Node)]| entries.iter().map(|(key, _)| key.text.clone()).collect::<Vec<_>>();
            pairs(&keys(mine), &keys(theirs), path, out, |key| a.get(key), |key| b.get(key), &[]);
        }
        (Value::List(mine), Value::List(theirs)) => match (names(mine), names(theirs)) {
            (Some(mine_named), Some(theirs_named)) if in_order(&mine_named, &theirs_named) => {
                let item = |items: &'_ [Node], name: &str| items.iter().position(|x| x.item_name() == Some(name));
                let order = theirs_named.clone();
                pairs(
                    &mine_named,
                    &theirs_named,
                    path,
                    out,
                    |name| item(mine, name).map(|k| &mine[k]),
                    |name| item(theirs, name).map(|k| &theirs[k]),
                    &order,
                );
            }
            _ => out.push(change(path, Some(a), Some(b), &[])),
        },
        _ => out.push(change(path, Some(a), Some(b), &[])),
    }
}

/// Compares the entries of two maps or named lists.
fn pairs<'n>(
    mine: &[String],
    theirs: &[String],
    path: &mut Vec<String>,
    out: &mut Vec<Change>,
    a: impl Fn(&str) -> Option<&'n Node>,
    b: impl Fn(&str) -> Option<&'n Node>,
    order: &[String],
) {
    let more = theirs.iter().filter(|name| !mine.contains(name));
    for name in mine.iter().chain(more) {
        let comment = COMMENT_KEYS.contains(&name.as_str()) || SILENT.contains(&name.as_str());
        if order.is_empty() && comment {
            continue;
        }
        path.push(name.clone());
        match (a(name), b(name)) {
            (Some(x), Some(y)) if order.is_empty() => walk(x, y, path, out),
            // Items of one kind are compared inside, others are exchanged.
            (Some(x), Some(y)) => match (only(x), only(y)) {
                (Some((k, x)), Some((l, y))) if k == l => walk(x, y, path, out),
                (None, None) => walk(x, y, path, out),
                _ => out.push(change(path, Some(x), Some(y), order)),
            },
            (x, y) => out.push(change(path, x, y, order)),
        }
        path.pop();
    }
}

fn change(path: &[String], from: Option<&Node>, to: Option<&Node>, order: &[String]) -> Change {
    Change { path: path.to_vec(), from: from.cloned(), to: to.cloned(), order: order.to_vec() }
}

/// The only entry of a map, such as `spv: {…}` in a list of instruments.
fn only(node: &Node) -> Option<(&str, &Node)> {
    match node.map()? {
        [(key, inner)] => Some((&key.text, inner)),
        _ => None,
    }
}

/// Whether two values say the same, whatever their sources and notes.
fn same(a: &Node, b: &Node) -> bool {
    let value = |node: &Node| match node.map() {
        Some(_) if node.get("dist").is_none() && node.is_one_value() => node.get("value").cloned(),
        Some(entries) if node.is_one_value() => {
            let stated = |(key, _): &&(Key, Node)| !COMMENT_KEYS.contains(&key.text.as_str());
            Some(Node { value: Value::Map(entries.iter().filter(stated).cloned().collect()), place: node.place })
        }
        _ => None,
    };
    let (x, y) = (value(a), value(b));
    x.as_ref().unwrap_or(a).same(y.as_ref().unwrap_or(b))
}

/// The names of all items, if every item has one and no two are equal.
fn names(items: &[Node]) -> Option<Vec<String>> {
    let names: Vec<String> = items.iter().map(|item| item.item_name().map(str::to_owned)).collect::<Option<_>>()?;
    let unique = names.iter().enumerate().all(|(k, name)| !names[..k].contains(name));
    unique.then_some(names)
}

/// Whether what both lists have stands in the same order in both.
fn in_order(a: &[String], b: &[String]) -> bool {
    a.iter().filter(|name| b.contains(name)).eq(b.iter().filter(|name| a.contains(name)))
}

/// The first scenario with some of the changes.
pub fn with<'c>(root: &Node, changes: impl IntoIterator<Item = &'c Change>) -> Node {
    let mut root = root.clone();
    for change in changes {
        apply(&mut root, &change.path, change);
    }
    root
}

fn apply(node: &mut Node, path: &[String], change: &Change) {
    let Some((name, rest)) = path.split_first() else {
        if let Some(to) = &change.to {
            *node = to.clone();
        }
        return;
    };
    match &mut node.value {
        Value::Map(entries) => {
            let at = entries.iter().position(|(key, _)| key.text == *name);
            match (at, rest.is_empty(), &change.to) {
                (Some(at), true, None) => {
                    entries.remove(at);
                }
                (Some(at), ..) => apply(&mut entries[at].1, rest, change),
                (None, true, Some(to)) => {
                    entries.push((Key { text: name.clone(), place: to.place }, to.clone()));
                }
                (None, ..) => {}
            }
        }
        Value::List(items) => {
            let at = items.iter().position(|item| item.item_name() == Some(name));
            match (at, rest.is_empty(), &change.to) {
                (Some(at), true, None) => {
                    items.remove(at);
                }
                // The item itself is exchanged.
                (Some(at), true, Some(to)) if !change.order.is_empty() => items[at] = to.clone(),
                (Some(at), ..) => {
                    let alone = items[at].map().is_some_and(|entries| entries.len() == 1);
                    match &mut items[at].value {
                        Value::Map(entries) if alone => apply(&mut entries[0].1, rest, change),
                        _ => apply(&mut items[at], rest, change),
                    }
                }
                (None, true, Some(to)) => {
                    let before = change.order.iter().take_while(|other| *other != name);
                    let before: Vec<&String> = before.collect();
                    let last =
                        items.iter().rposition(|item| item.item_name().is_some_and(|n| before.iter().any(|b| *b == n)));
                    items.insert(last.map_or(0, |k| k + 1), to.clone());
                }
                (None, ..) => {}
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::issues::Issues;
    use crate::language::{write::to_yaml, yaml};

    fn tree(text: &str) -> Node {
        yaml::load(text, 0, &mut Issues::default()).unwrap()
    }

    #[test]
    fn changes_lead_from_one_scenario_to_the_other() {
        let a = tree(
            "lab: {cash: 5, orders: {share: 70%, policy: x}, rate: {value: 3%, source: s}}\n\
             instruments:\n  - spv: {name: lease, capex: 5}\n  - loan: {amount: 1}\n  - round: {size: 2}\nlist: [1, 2]\n",
        );
        let b = tree(
            "lab: {cash: 5, orders: {share: 90%, policy: x}, rate: {value: 3%, source: other}, more: 1}\n\
             instruments:\n  - spv: {name: lease, capex: 6}\n  - jv: {kind: y}\n  - round: {size: 2}\nlist: [1, 3]\n",
        );
        let changes = between(&a, &b);
        let told: Vec<String> = changes.iter().map(|c| format!("{} {}", c.name(), c.words())).collect();
        assert_eq!(
            told,
            [
                "lab.orders.share 70% → 90%",
                "lab.more added",
                "instruments.lease.capex 5 → 6",
                "instruments.loan removed",
                "instruments.jv added",
                "list changed"
            ]
        );
        // All of them give the second scenario but for sources; none of them the first.
        let all = to_yaml(&with(&a, &changes)).replace("source: s", "source: other");
        assert_eq!(all, to_yaml(&b));
        assert_eq!(to_yaml(&with(&a, [])), to_yaml(&a));
        let some = to_yaml(&with(&a, [&changes[4]]));
        assert!(some.contains("jv") && some.contains("loan"), "{some}");
        // An item that is added stands behind the items that it follows in the second list.
        assert!(some.find("jv").unwrap() < some.find("round").unwrap(), "{some}");
    }

    #[test]
    fn another_order_and_another_kind_are_changes() {
        let a = tree("x:\n  - loan: {a: 1}\n  - round: {b: 1}\n");
        let order = tree("x:\n  - round: {b: 1}\n  - loan: {a: 1}\n");
        let changes = between(&a, &order);
        assert_eq!(changes.len(), 1);
        assert_eq!(to_yaml(&with(&a, &changes)), to_yaml(&order));
        let kind = tree("x:\n  - loan: {a: 1}\n  - other: {name: round, b: 1}\n");
        let changes = between(&a, &kind);
        assert_eq!((changes.len(), changes[0].name()), (1, "x.round".to_owned()));
        assert_eq!(to_yaml(&with(&a, &changes)), to_yaml(&kind));
        assert!(between(&a, &a).is_empty());
    }
}
