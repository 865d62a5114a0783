//! Layers of a scenario: `extends`, `variants` and `--set`, all merged as trees so that each value keeps its place.

use super::tree::{Key, Node, SET, Sources, Value};
use super::values::not_a_name;
use super::yaml::{self, MAX_BYTES};
use crate::issues::{Issues, Place, nearest};
use std::collections::HashMap;
use std::io::Read as _;
use std::path::{Path, PathBuf};

/// Longest chain of `extends`.
const MAX_CHAIN: usize = 8;

/// What is read from standard input in place of a file.
pub const STDIN: &str = "-";

/// Where files that are extended may stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reach {
    /// In the folder of the scenario or below it, links followed.
    #[default]
    Below,
    /// Anywhere.
    Outside,
}

/// What is done to the tree of each file before it is merged with others.
pub type Prepare = fn(&mut Node, &mut Issues);

/// Gives the path of a setting the names that its keys have now, and the keys of its value too: the tree, the path and its
/// place, the value.
pub type Translate = fn(&mut Node, &str, Place, &mut Node, &mut Issues) -> String;

/// Reads a file and what it extends, `-` from standard input. Text goes to `sources`, problems to `issues`.
pub fn load_file(
    path: &Path,
    reach: Reach,
    prepare: Prepare,
    sources: &mut Sources,
    issues: &mut Issues,
) -> Option<Node> {
    let home = path.parent().and_then(real);
    chain(path, None, &mut Walk { home, reach, prepare, seen: Vec::new() }, sources, issues)
}

/// The files of a chain that were read before, by name and text, the first extending the second and so on; where they
/// stood does not matter.
pub fn load_texts(
    texts: &[(String, String)],
    prepare: Prepare,
    sources: &mut Sources,
    issues: &mut Issues,
) -> Option<Node> {
    let (name, text) = texts.first()?;
    let file = sources.add(name.as_str(), text.as_str());
    let mut node = yaml::load(text, file, issues)?;
    prepare(&mut node, issues);
    if node.remove("extends").is_none() || texts.len() == 1 {
        return Some(node);
    }
    Some(extend(load_texts(&texts[1..], prepare, sources, issues)?, node))
}

/// A chain of files as it is followed.
struct Walk {
    /// The folder of the scenario, and whether the chain may leave it.
    home: Option<PathBuf>,
    reach: Reach,
    prepare: Prepare,
    seen: Vec<PathBuf>,
}

fn chain(
    path: &Path,
    asked: Option<Place>,
    walk: &mut Walk,
    sources: &mut Sources,
    issues: &mut Issues,
) -> Option<Node> {
    let (shown, real) = (path.display(), real(path));
    let inside = |home: &PathBuf| real.as_ref().is_some_and(|real| real.starts_with(home));
    if asked.is_some() && walk.reach == Reach::Below && !walk.home.as_ref().is_some_and(inside) {
        // Whether there is such a file is not said: no question about files elsewhere is answered here.
        issues
            .error("extends", asked, format!("`{shown}` is not in the folder of the scenario"), "outside it")
            .help("only files in or below the scenario's folder can be extended; `--allow-outside` allows others");
        return None;
    }
    let real = real.unwrap_or_else(|| path.to_owned());
    if walk.seen.contains(&real) {
        issues.error(
            "extends",
            asked,
            format!("`{shown}` extends itself through the files it extends"),
            "a cycle: name another file",
        );
        return None;
    }
    if walk.seen.len() >= MAX_CHAIN {
        issues.error(
            "extends",
            asked,
            format!("more than {MAX_CHAIN} files extend each other"),
            "the chain is too long",
        );
        return None;
    }
    let text = read_text(if asked.is_some() { &real } else { path });
    walk.seen.push(real);
    let text = match text {
        Ok(text) => text,
        Err(why) => {
            let issue = issues.error("file", asked, format!("cannot read `{shown}`: {why}"), "this file");
            if asked.is_some() {
                issue.help("the path is relative to the file that extends it");
            } else {
                issue.help(if why.contains("UTF-8") {
                    "save it as UTF-8 text"
                } else {
                    "name a scenario file, as in `gapcast run scenario.yaml`"
                });
            }
            return None;
        }
    };
    if asked.is_some() && !is_scenario(&text) {
        // Its text is not among the sources, so that no message can quote it.
        issues
            .error("extends", asked, format!("`{shown}` is not a scenario"), "this file")
            .help("an extended file must have one of the keys `schema`, `extends`, `lab`, `world`, `instruments`");
        return None;
    }
    let file = sources.add(shown.to_string(), text.as_str());
    let mut node = yaml::load(&text, file, issues)?;
    (walk.prepare)(&mut node, issues);
    let Some(base) = node.remove("extends") else { return Some(node) };
    let Some(name) = base.text().filter(|t| !t.is_empty()) else {
        issues.error("extends", base.place, "`extends` names one file", "write `extends: other.yaml`");
        return None;
    };
    let below = path.parent().unwrap_or(Path::new("")).join(name);
    Some(extend(chain(&below, Some(base.place), walk, sources, issues)?, node))
}

/// Merges a file with the one that it extends; its own variants come first.
fn extend(mut below: Node, mut node: Node) -> Node {
    drop_inherited(&mut below, &mut node);
    let own: Vec<String> = variants(&node).into_iter().map(str::to_owned).collect();
    let mut whole = merge(below, node);
    own_first(&mut whole, &own);
    whole
}

/// Drops the variants that a file inherits and writes as nothing: `name: null`.
fn drop_inherited(below: &mut Node, node: &mut Node) {
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

/// Puts the variants that a file names itself before those that it inherits: where some are shown beside a run, those that
/// the file is about come first.
fn own_first(root: &mut Node, own: &[String]) {
    let Some(entries) = root.get_mut("variants").and_then(Node::map_mut) else { return };
    let place = |key: &Key| own.iter().position(|name| *name == key.text).unwrap_or(own.len());
    entries.sort_by_key(|(key, _)| place(key));
}

/// A path with its links followed, as far as it leads to something; `None` when it cannot be known where it leads.
fn real(path: &Path) -> Option<PathBuf> {
    let there = if path.as_os_str().is_empty() { Path::new(".") } else { path };
    there.canonicalize().ok().or_else(|| Some(real(there.parent()?)?.join(there.file_name()?)))
}

/// Whether a text has a key that only scenarios have, and so may be quoted where it is wrong.
fn is_scenario(text: &str) -> bool {
    text.trim_start_matches('\u{feff}').split(['\n', '\r']).any(|line| {
        let key = line.trim_start_matches(['{', ' ', '"']).split([':', '"']).next().unwrap_or_default();
        matches!(key.trim_end(), "schema" | "extends" | "lab" | "world" | "instruments") && line.contains(':')
    })
}

fn read_text(path: &Path) -> Result<String, String> {
    let too_large = || format!("it is larger than {} MiB", MAX_BYTES >> 20);
    let mut bytes = Vec::new();
    if path.as_os_str() == STDIN {
        std::io::stdin().lock().take(MAX_BYTES as u64 + 1).read_to_end(&mut bytes).map_err(|e| in_words(&e))?;
    } else {
        let meta = std::fs::metadata(path).map_err(|e| in_words(&e))?;
        if !meta.is_file() {
            return Err("it is not a file".to_owned());
        }
        if meta.len() > MAX_BYTES as u64 {
            return Err(too_large());
        }
        let file = std::fs::File::open(path).map_err(|e| in_words(&e))?;
        file.take(MAX_BYTES as u64 + 1).read_to_end(&mut bytes).map_err(|e| in_words(&e))?;
    }
    if bytes.len() > MAX_BYTES {
        return Err(too_large());
    }
    String::from_utf8(bytes).map_err(|e| {
        let line = e.as_bytes()[..e.utf8_error().valid_up_to()].split(|b| *b == b'\n').count();
        format!("it is not UTF-8 text; the first bad byte is in line {line}")
    })
}

/// What the system said, without its numbers.
fn in_words(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => "there is no such file".to_owned(),
        std::io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        std::io::ErrorKind::NotADirectory => "part of the path is not a folder".to_owned(),
        _ => {
            let text = error.to_string();
            text.split(" (os error").next().unwrap_or_default().to_lowercase()
        }
    }
}

/// `over` on top of `base`: maps merge, everything else replaces. A map that is one value (`{dist: …}`, `{value: …}`)
/// replaces as a whole.
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

/// The node at `path`, `lab.compute.contracts.google.price`: keys of maps, names of list items.
pub fn find<'a>(root: &'a Node, path: &str) -> Option<&'a Node> {
    path.split('.').try_fold(root, |node, step| match &node.value {
        Value::Map(_) => node.get(step),
        Value::List(items) => items.iter().find(|item| item.item_name() == Some(step)).map(inside),
        _ => None,
    })
}

/// The node at `path`, to change it.
pub fn find_mut<'a>(root: &'a mut Node, path: &str) -> Option<&'a mut Node> {
    path.split('.').try_fold(root, |node, step| match &mut node.value {
        Value::Map(entries) => entries.iter_mut().find(|(k, _)| k.text == step).map(|(_, v)| v),
        Value::List(items) => items.iter_mut().find(|item| item.item_name() == Some(step)).map(inside_mut),
        _ => None,
    })
}

/// What an item of a list holds: the value of its only key, or itself when it carries its own `name`.
fn inside(item: &Node) -> &Node {
    match item.map() {
        Some([(key, value)]) if key.text != "name" => value,
        _ => item,
    }
}

fn inside_mut(item: &mut Node) -> &mut Node {
    if matches!(item.map(), Some([(key, _)]) if key.text != "name") {
        // The guard has just seen that there is one entry.
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

/// Puts `value` at `path`. The path must exist, or its parent must be a map outside `inputs` (an optional key that was
/// left out; the reader checks the key). `place` is where the path was written.
pub fn set(root: &mut Node, path: &str, value: Node, place: Place, issues: &mut Issues) {
    // Variants are chosen and not set.
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
    // The part that is right, and what could follow.
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

/// Applies arguments `path=value` of `--set`, in their order; each becomes a source of its own.
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

/// The names of the variants, in their order.
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

/// Tells what is wrong with the variants, also with those that are not run: their names, which become those of folders,
/// their keys, and paths that lead nowhere.
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
        // What it sets is not read here: that is done when the variant is run.
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

/// Makes the variants of a tree that has `sets` applied mean what they meant: what is set from the command line comes after a
/// variant, so where a variant touches the same, it now gives the value that was set. A variant in which a setting has
/// nowhere to go is refused with it, and is left out.
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

/// Leaves out the lines of `checks:` that ask for what the variant `name` has removed: they do not apply, which is reported.
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

/// Takes away an instrument by its name, or whatever is at a path.
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

#[cfg(test)]
#[path = "overlay_tests.rs"]
mod tests;
