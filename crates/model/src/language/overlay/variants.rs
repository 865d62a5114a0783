//! Variants: what they set, remove and add, and which of their checks apply.

use super::paths::{find, find_mut, paths, set};
use crate::issues::{Issues, nearest};
use crate::language::tree::{Key, Node, Value};
use crate::language::values::not_a_name;

/// Drops the inherited variants that a file sets to null: `name: null`.
pub(super) fn drop_inherited(below: &mut Node, node: &mut Node) {
    let Some(own) = node.get_mut("variants").and_then(Node::map_mut) else { return };
    let Some(inherited) = below.get_mut("variants").and_then(Node::map_mut) else { return };
    own.retain(|(key, patch)| {
        let known = inherited.len();
        if patch.value == Value::Null {
            inherited.retain(|(name, _)| name.text != key.text);
        }
        inherited.len() == known
    });
}

/// Puts the variants that a file defines itself before those that it inherits, so that they come first where variants
/// are shown beside a run.
pub(super) fn own_first(root: &mut Node, own: &[String]) {
    let Some(entries) = root.get_mut("variants").and_then(Node::map_mut) else { return };
    let place = |key: &Key| own.iter().position(|name| *name == key.text).unwrap_or(own.len());
    entries.sort_by_key(|(key, _)| place(key));
}

/// The names of the variants, in order.
pub fn variants(root: &Node) -> Vec<&str> {
    root.get("variants").and_then(Node::map).map_or(Vec::new(), |m| m.iter().map(|(k, _)| k.text.as_str()).collect())
}

/// Whether a patch has neither settings nor anything to add or remove.
fn changes_nothing(patch: &Node) -> bool {
    let empty = |key: &str| match patch.get(key).map(|node| &node.value) {
        None | Some(Value::Null) => true,
        Some(Value::Map(entries)) => entries.is_empty(),
        Some(Value::List(items)) => items.is_empty(),
        Some(Value::Scalar { .. }) => false,
    };
    (patch.map().is_some() || patch.value == Value::Null) && ["set", "remove", "add"].into_iter().all(empty)
}

/// Reports the errors in all variants, including those that are not run: in their names (which become folder names), in
/// their keys, and paths that do not exist.
pub fn check_variants(root: &Node, issues: &mut Issues) {
    let Some(all) = root.get("variants").filter(|all| all.value != Value::Null) else { return };
    let Some(entries) = all.map() else {
        let title = format!("`variants` is a map of names, and this is {}", all.shape());
        issues.error("shape", all.place, title, "write `a_name: {set: {path: value}}`");
        return;
    };
    let mut base = root.clone();
    base.remove("variants");
    for (key, patch) in entries {
        if issues.is_full() {
            return;
        }
        if let Some((title, label)) = not_a_name(&key.text) {
            issues.error("name", key.place, title, label);
            continue;
        }
        if changes_nothing(patch) {
            issues
                .error(
                    "empty-variant",
                    key.place,
                    format!("the variant `{}` changes nothing", key.text),
                    "it contains no changes",
                )
                .help("write `{set: {path: value}, remove: [name], add: [{…}]}`, or remove the variant");
            continue;
        }
        // The values that it sets are not read here but when the variant is run.
        let mut patched = base.clone();
        let mut alone = Node::empty_map(all.place);
        alone.insert(&key.text, patch.clone());
        patched.insert("variants", alone);
        apply_variant(&mut patched, &key.text, issues);
    }
}

/// Applies the variant `name`: `set`, then `remove`, then `add`.
pub fn apply_variant(root: &mut Node, name: &str, issues: &mut Issues) {
    let Some(patch) = root.get("variants").and_then(|v| v.get(name)).cloned() else {
        let known = variants(root);
        let near = nearest(name, known.iter().copied()).map_or(String::new(), |n| format!("; did you mean `{n}`?"));
        let issue = issues.error("unknown-variant", None, format!("there is no variant `{name}`{near}"), "");
        issue.help(if known.is_empty() {
            "the file has no `variants:`; remove `--variant`".to_owned()
        } else {
            format!("variants: {}", known.join(", "))
        });
        return;
    };
    let Some(entries) = patch.map() else {
        issues.error(
            "shape",
            patch.place,
            format!("a variant is a map, and this is {}", patch.shape()),
            "write `{set: {path: value}, remove: [name], add: [{…}]}`",
        );
        return;
    };
    for (key, _) in entries {
        if !matches!(key.text.as_str(), "set" | "remove" | "add" | "about" | "source" | "note" | "url") {
            let near = nearest(&key.text, ["set", "remove", "add", "about"])
                .map_or("not a key of a variant".to_owned(), |n| format!("did you mean `{n}`?"));
            issues
                .error("unknown-key", key.place, format!("unknown key `{}`", key.text), near)
                .help("keys here: set, remove, add, about");
        }
    }
    if let Some(node) = patch.get("set") {
        if node.map().is_none() {
            issues.error("shape", node.place, "`set` is a map of paths", "write `{path: value}`");
        }
        for (key, value) in node.map().unwrap_or(&[]) {
            set(root, &key.text, value.clone(), key.place, issues);
        }
    }
    if let Some(node) = patch.get("remove") {
        if node.list().is_none() {
            issues.error("shape", node.place, "`remove` is a list", "write `[a_name]`");
        }
        for item in node.list().unwrap_or(&[]) {
            remove(root, item, issues);
        }
    }
    if let Some(node) = patch.get("add") {
        let Some(items) = node.list() else {
            issues.error("shape", node.place, "`add` is a list of instruments", "write `[{spv: {…}}]`");
            return;
        };
        if root.get("instruments").is_none_or(|n| n.value == Value::Null) {
            root.insert("instruments", Node { value: Value::List(Vec::new()), place: node.place });
        }
        match root.get_mut("instruments").and_then(Node::list_mut) {
            Some(list) => list.extend(items.iter().cloned()),
            None => drop(issues.error("shape", node.place, "`instruments` is not a list", "nothing can be added")),
        }
    }
}

/// Adjusts the variants of a tree to which `sets` have been applied. Settings of the command line take precedence over
/// a variant, so a variant that changes the same path now sets it to the value that was set. A variant to which a
/// setting cannot be applied would be rejected together with it, and is dropped.
pub fn settle_variants(root: &mut Node, sets: &[String]) {
    let within = |inner: &str, outer: &str| inner.strip_prefix(outer).is_some_and(|rest| rest.starts_with('.'));
    let values: Vec<(&String, Node)> = sets.iter().filter_map(|path| Some((path, find(root, path)?.clone()))).collect();
    if values.is_empty() {
        return;
    }
    let base = root.clone();
    let fits = |variant: &str| {
        let (mut patched, mut issues) = (base.clone(), Issues::default());
        apply_variant(&mut patched, variant, &mut issues);
        for (path, value) in &values {
            set(&mut patched, path, value.clone(), value.place, &mut issues);
        }
        !issues.has_errors()
    };
    let Some(variants) = root.get_mut("variants").and_then(Node::map_mut) else { return };
    variants.retain(|(key, _)| fits(&key.text));
    for set in variants.iter_mut().filter_map(|(_, patch)| patch.get_mut("set")) {
        for (path, value) in &values {
            let Some(entries) = set.map_mut() else { continue };
            entries.retain(|(key, _)| !within(&key.text, path));
            if entries.iter().any(|(key, _)| key.text == **path || within(path, &key.text)) {
                set.remove(path);
                set.insert(path, value.clone());
            }
        }
    }
}

/// Drops the lines of `checks:` that refer to what the variant `name` removes: they do not apply, and a warning says
/// so.
pub fn drop_checks(root: &mut Node, name: &str, issues: &mut Issues) {
    let removed = |root: &Node| -> Option<Vec<String>> {
        let items = root.get("variants")?.get(name)?.get("remove")?.list()?;
        Some(items.iter().filter_map(|item| Some(item.text()?.rsplit('.').next()?.to_owned())).collect())
    };
    let mut gone = removed(root).unwrap_or_default();
    let there = |root: &Node, name: &str| {
        ["instruments", "lab.compute.contracts", "lab.compute.owned"]
            .into_iter()
            .any(|list| find(root, &format!("{list}.{name}")).is_some())
    };
    gone.retain(|name| !there(root, name));
    let Some(checks) = root.get_mut("checks").and_then(Node::list_mut) else { return };
    checks.retain(|check| {
        let text = check.text().unwrap_or_default();
        let word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-');
        let first = text.split(|c| !word(c)).filter_map(|word| word.split_once('.')).map(|(first, _)| first);
        let Some(missing) = first.into_iter().find(|first| gone.iter().any(|name| name == first)) else { return true };
        let title = format!("`{text}` does not apply: the variant `{name}` removes `{missing}`");
        issues.warn("check-not-applicable", check.place, title, "left out");
        false
    });
}

/// Removes an instrument by its name, or whatever is at a path.
fn remove(root: &mut Node, item: &Node, issues: &mut Issues) {
    let Some(path) = item.text() else {
        issues.error("shape", item.place, format!("expected a name or a path, found {}", item.shape()), "write a name");
        return;
    };
    let full = if path.contains('.') { path.to_owned() } else { format!("instruments.{path}") };
    if let Some((parent, leaf)) = full.rsplit_once('.')
        && let Some(node) = find_mut(root, parent)
    {
        match &mut node.value {
            Value::Map(entries) => {
                if let Some(at) = entries.iter().position(|(k, _)| k.text == leaf) {
                    entries.remove(at);
                    return;
                }
            }
            Value::List(items) => {
                if let Some(at) = items.iter().position(|i| i.item_name() == Some(leaf)) {
                    items.remove(at);
                    return;
                }
            }
            _ => {}
        }
    }
    let names: Vec<String> = paths(root);
    let short: Vec<&str> = names.iter().map(|n| n.strip_prefix("instruments.").unwrap_or(n)).collect();
    let label = nearest(path, short.iter().copied())
        .map_or("no such instrument or path".to_owned(), |n| format!("did you mean `{n}`?"));
    issues.error("unknown-path", item.place, format!("`{path}` does not exist and cannot be removed"), label);
}
