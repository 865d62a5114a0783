//! Renamed keys. The old name is accepted for one version, with a warning that states the new one; all output (the
//! resolved scenario, the schema, the pages) uses the new one.
//!
//! [`RENAMED`] is the whole list. Keys of sections and instruments are renamed file by file ([`keys`]), before files
//! that extend each other are merged, so that an old name in one file and the new one in another are the same key.
//! Paths in variants ([`paths`]) and on the command line ([`setting`]) can be renamed only in the whole scenario, which
//! knows the kind of the instrument that a path names.

use crate::issues::{Issues, Place};
use crate::language::overlay;
use crate::language::tree::{Key, Node, Value};
use std::cmp::Ordering;
use std::collections::HashMap;

/// A key that has been renamed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Renamed {
    /// Path of its map, with the kind of an instrument in place of its name and `<name>` for any other name.
    pub map: &'static str,
    /// The old key.
    pub old: &'static str,
    /// The new key; `value.first_year` if it has moved into the map `value` beside it.
    pub new: &'static str,
}

/// Row of [`RENAMED`].
const fn row(map: &'static str, old: &'static str, new: &'static str) -> Renamed {
    Renamed { map, old, new }
}

/// Every renamed key. A key of a map that has itself been renamed comes after it, with the new name of the map.
pub const RENAMED: &[Renamed] = &[
    row("lab.compute.contracts.<name>", "discount", "discount_rate"),
    row("lab.compute.owned.<name>", "running", "opex"),
    row("lab.compute.owned.<name>", "value_first_year", "value.first_year"),
    row("lab.compute.owned.<name>", "value_later", "value.later"),
    row("lab.compute.owned.<name>", "value_at_release", "value.at_release"),
    row("lab.compute.owned.<name>", "value_at_competitor", "value.at_competitor"),
    row("lab.compute.orders", "discount", "discount_rate"),
    row("instruments.abs", "discount", "discount_rate"),
    row("instruments.abs", "triggers", "covenants"),
    row("instruments.abs.covenants", "cash_trap", "lock_up"),
    row("instruments.abs.covenants", "amortisation", "early_amortisation"),
    row("instruments.abs.tranches.<name>", "coupon", "rate"),
    row("instruments.campus", "discount", "discount_rate"),
    row("instruments.campus.debt", "lock_up", "covenants.lock_up"),
    row("instruments.campus.debt", "default", "covenants.default"),
    row("instruments.convertible", "discount", "conversion_discount"),
    row("instruments.convertible", "interest", "rate"),
    row("instruments.ddtl", "discount", "discount_rate"),
    row("instruments.ddtl", "undrawn_fee", "commitment_fee"),
    row("instruments.ddtl", "value_first_year", "value.first_year"),
    row("instruments.ddtl", "value_later", "value.later"),
    row("instruments.equity_round", "lock_up", "ipo_lock_up"),
    row("instruments.joint_venture", "discount", "discount_rate"),
    row("instruments.joint_venture", "running", "opex"),
    row("instruments.revolver", "undrawn_fee", "commitment_fee"),
    row("instruments.sale_leaseback", "discount", "discount_rate"),
    row("instruments.sale_leaseback", "value_first_year", "value.first_year"),
    row("instruments.sale_leaseback", "value_later", "value.later"),
    row("instruments.sale_leaseback.hardware", "running", "opex"),
    row("instruments.spv", "discount", "discount_rate"),
    row("instruments.spv", "site", "opex"),
    row("instruments.spv", "value_first_year", "value.first_year"),
    row("instruments.spv", "value_later", "value.later"),
    row("instruments.strategic_tranche.minimum_spend", "discount", "discount_rate"),
];

/// Stands for any name in [`Renamed::map`].
const ANY: &str = "<name>";

impl Renamed {
    /// Steps from the node at `trail` to its map; `None` if that is not below the node. A trail is a path with the kind
    /// of an instrument in place of its name.
    fn below(&self, trail: &[&str]) -> Option<Vec<&'static str>> {
        let mut steps = self.map.split('.');
        let leads = trail.iter().all(|at| steps.next().is_some_and(|step| step == *at || step == ANY));
        leads.then(|| steps.collect())
    }
    /// Renames the key in its map.
    fn apply(&self, terms: &mut Node, issues: &mut Issues) {
        let given = self.new.split('.').try_fold(&*terms, |node, step| node.get(step)).is_some();
        let Some(entries) = terms.map_mut() else { return };
        let Some(at) = entries.iter().position(|(key, _)| key.text == self.old) else { return };
        let place = entries[at].0.place;
        if given {
            entries.remove(at);
            refuse(self.old, self.new, place, issues);
            return;
        }
        let Some((map, leaf)) = self.new.split_once('.') else {
            warn(self.old, self.new, self.new, place, issues);
            self.new.clone_into(&mut entries[at].0.text);
            return;
        };
        warn(self.old, self.new, &format!("{map}: {{{leaf}: …}}"), place, issues);
        let (_, value) = entries.remove(at);
        let into = entries.iter().position(|(key, _)| key.text == map).unwrap_or_else(|| {
            entries.insert(at, (Key { text: map.to_owned(), place }, Node::empty_map(place)));
            at
        });
        let node = &mut entries[into].1;
        if node.value == Value::Null {
            *node = Node::empty_map(node.place);
        }
        // Anything else in place of a map is reported by the reader.
        if let Some(inside) = node.map_mut() {
            inside.push((Key { text: leaf.to_owned(), place }, value));
        }
    }
}

/// Warns of an old name at `place`; `written` is the suggested text.
fn warn(old: &str, new: &str, written: &str, place: Place, issues: &mut Issues) {
    let label = format!("write `{written}`; the old name is accepted only in this version");
    issues.warn("renamed", place, format!("`{old}` has been renamed `{new}`"), label);
}

/// Refuses an old name beside the new one.
fn refuse(old: &str, new: &str, place: Place, issues: &mut Issues) {
    let label = format!("`{old}` is the old name of this key; remove one of them");
    issues.error("duplicate-key", place, format!("duplicate key `{new}`"), label);
}

/// Calls `act` with every node that the steps lead to: through keys of maps, and the keys of items of lists.
fn each(node: &mut Node, steps: &[&str], act: &mut dyn FnMut(&mut Node)) {
    let Some((step, rest)) = steps.split_first() else {
        act(node);
        return;
    };
    let mut go = |entries: &mut [(Key, Node)]| {
        for (_, inner) in entries.iter_mut().filter(|(key, _)| key.text == *step || *step == ANY) {
            each(inner, rest, act);
        }
    };
    match &mut node.value {
        Value::Map(entries) => go(entries),
        Value::List(items) => items.iter_mut().filter_map(Node::map_mut).for_each(|entries| go(entries)),
        _ => {}
    }
}

/// Renames all keys below the node at `trail`.
fn keys_below(node: &mut Node, trail: &[&str], issues: &mut Issues) {
    for row in RENAMED {
        if let Some(steps) = row.below(trail) {
            each(node, &steps, &mut |terms| row.apply(terms, issues));
        }
    }
}

/// Renames the keys of one file: in its sections and instruments, including instruments that its variants add.
pub fn keys(root: &mut Node, issues: &mut Issues) {
    keys_below(root, &[], issues);
    each(root, &["variants", ANY, "add"], &mut |added| keys_below(added, &["instruments"], issues));
}

/// A path with the new names of its keys.
struct NewPath {
    path: String,
    /// The same with the kind of an instrument in place of its name.
    trail: Vec<String>,
    /// The path without its last step, and the map that this step has moved into.
    moved: Option<(String, &'static str)>,
}

/// Renames the keys of a path such as `instruments.line.undrawn_fee`.
fn new_path(root: &Node, path: &str) -> NewPath {
    let instruments = root.get("instruments").and_then(Node::list).unwrap_or_default();
    let kind = |name: &str| {
        let item = instruments.iter().find(|item| item.item_name() == Some(name))?;
        item.map()?.first().map(|(kind, _)| kind.text.clone())
    };
    let (mut out, mut trail, mut moved) = (Vec::new(), Vec::<String>::new(), None);
    for step in path.split('.') {
        let at: Vec<&str> = trail.iter().map(String::as_str).collect();
        let row = RENAMED.iter().find(|row| row.old == step && row.below(&at).is_some_and(|rest| rest.is_empty()));
        if let Some(row) = row {
            moved = row.new.split_once('.').map(|(map, _)| (out.join("."), map));
            out.extend(row.new.split('.'));
            trail.extend(row.new.split('.').map(str::to_owned));
        } else {
            let named = (at == ["instruments"]).then(|| kind(step)).flatten();
            trail.push(named.unwrap_or_else(|| step.to_owned()));
            out.push(step);
        }
    }
    NewPath { path: out.join("."), trail, moved }
}

/// The new name of a path; the same path if none of its keys has been renamed.
pub fn path(root: &Node, path: &str) -> String {
    new_path(root, path).path
}

/// The path of a setting after renaming, which also renames the keys of its value; `place` is where the path was
/// written. A map into which a key has moved is added to the scenario where it is missing, so that the path exists.
pub fn setting(root: &mut Node, path: &str, place: Place, value: &mut Node, issues: &mut Issues) -> String {
    let new = new_path(root, path);
    if new.path != path {
        warn(path, &new.path, &new.path, place, issues);
    }
    if let Some((owner, map)) = new.moved
        && let Some(owner) = overlay::find_mut(root, &owner).filter(|owner| owner.get(map).is_none())
    {
        owner.insert(map, Node::empty_map(place));
    }
    let trail: Vec<&str> = new.trail.iter().map(String::as_str).collect();
    keys_below(value, &trail, issues);
    new.path
}

/// Renames the keys of paths: those that variants set or remove, and names of inputs in `dependence`.
pub fn paths(root: &mut Node, issues: &mut Issues) {
    aside(root, "variants", |root, variants| {
        each(variants, &[ANY, "set"], &mut |set| settings(root, set, issues));
        each(variants, &[ANY, "remove"], &mut |list| rename_texts(root, list, issues));
    });
    aside(root, "dependence", |root, dependence| {
        for measure in ["spearman", "kendall"] {
            let pairs = dependence.get_mut(measure).and_then(Node::list_mut);
            pairs.into_iter().flatten().for_each(|pair| rename_texts(root, pair, issues));
        }
    });
}

/// Takes a section out while `act` works on the rest, and puts it back.
fn aside(root: &mut Node, section: &str, act: impl FnOnce(&mut Node, &mut Node)) {
    let Some(node) = root.get_mut(section) else { return };
    let place = node.place;
    let mut taken = std::mem::replace(node, Node { value: Value::Null, place });
    act(root, &mut taken);
    root.insert(section, taken);
}

/// Renames the keys of the paths that a variant sets.
fn settings(root: &mut Node, set: &mut Node, issues: &mut Issues) {
    let Some(entries) = set.map_mut() else { return };
    let mut out: Vec<(Key, Node)> = Vec::new();
    // Position of each path, and its old name if that was written.
    let mut seen: HashMap<String, (usize, Option<String>)> = HashMap::new();
    for (key, mut value) in std::mem::take(entries) {
        let Key { text, place } = key;
        let path = setting(root, &text, place, &mut value, issues);
        let old = Some(text).filter(|text| *text != path);
        let entry = (Key { text: path.clone(), place }, value);
        let Some((at, known)) = seen.get(&path) else {
            seen.insert(path, (out.len(), old));
            out.push(entry);
            continue;
        };
        // A file comes before those that it extends, and its own setting takes precedence.
        let other = out[*at].0.place;
        match place.file.cmp(&other.file) {
            Ordering::Less => out[*at] = entry,
            Ordering::Greater => {}
            Ordering::Equal => {
                let (old, place) = old.as_ref().map_or((known, other), |_| (&old, place));
                refuse(old.as_deref().unwrap_or(&path), &path, place, issues);
            }
        }
    }
    *entries = out;
}

/// Renames the keys of paths in a list of texts.
fn rename_texts(root: &Node, list: &mut Node, issues: &mut Issues) {
    for node in list.list_mut().into_iter().flatten() {
        let place = node.place;
        if let Value::Scalar { text, .. } = &mut node.value {
            let new = path(root, text);
            if new != *text {
                warn(text, &new, &new, place, issues);
                *text = new;
            }
        }
    }
}
