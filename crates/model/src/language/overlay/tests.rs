//! Merging, paths, variants and arguments.

use super::*;
use crate::issues::{Issues, Place};
use crate::language::tree::{Node, Sources};
use crate::language::write::to_yaml;
use crate::language::yaml;
use std::fs;

const BASE: &str = "
lab: {growth: 5%, cash: {dist: normal, mean: 1, sd: 2}, contracts: [{google: {price: 9}}]}
inputs: {growth_now: 5%}
instruments:
  - revolver: {name: line, limit: 5}
  - spv: {capex: 7}
variants:
  none: {remove: [line, spv], set: {lab.contracts.google.price: 8}}
  more: {add: [{bond: {size: 1}}], remove: [lab.cash]}
  bad: {remove: [lin], set: {lab.grwth.now: 8, inputs.growth_nwo: 1}, ad: []}
";

fn tree(text: &str) -> Node {
    let mut issues = Issues::default();
    let node = yaml::load(text, 0, &mut issues);
    assert!(issues.is_empty(), "{issues:?}");
    node.unwrap()
}

/// No key is renamed.
fn as_written(_: &mut Node, path: &str, _: Place, _: &mut Node, _: &mut Issues) -> String {
    path.to_owned()
}

fn at<'a>(node: &'a Node, path: &str) -> Option<&'a str> {
    find(node, path).and_then(Node::text)
}

#[test]
fn maps_merge_and_the_rest_replaces() {
    let over = tree("lab: {cash: {dist: uniform, min: 1, max: 2}, contracts: [], people: 3}");
    let node = merge(tree(BASE), over);
    assert_eq!((at(&node, "lab.growth"), at(&node, "lab.people")), (Some("5%"), Some("3")));
    assert_eq!((at(&node, "lab.cash.min"), at(&node, "lab.cash.mean")), (Some("1"), None));
    assert!(find(&node, "lab.contracts").unwrap().list().unwrap().is_empty());
    let mut value = tree("a: {value: 5%, source: old}");
    value = merge(value, tree("a: {value: 6%}"));
    assert_eq!(at(&value, "a.source"), None);
    // In other maps `value` is a key like any other.
    value = merge(tree("a: {value: {first: 1, later: 2}}"), tree("a: {value: {later: 3}}"));
    assert_eq!((at(&value, "a.value.first"), at(&value, "a.value.later")), (Some("1"), Some("3")));
    value = merge(tree("a: {value: 1, power: 2}"), tree("a: {power: 3}"));
    assert_eq!((at(&value, "a.value"), at(&value, "a.power")), (Some("1"), Some("3")));
}

#[test]
fn variants_patch() {
    let mut issues = Issues::default();
    let mut node = tree(BASE);
    assert_eq!(variants(&node), ["none", "more", "bad"]);
    apply_variant(&mut node, "none", &mut issues);
    assert_eq!(at(&node, "lab.contracts.google.price"), Some("8"));
    assert!(find(&node, "instruments").unwrap().list().unwrap().is_empty());
    let mut node = tree(BASE);
    apply_variant(&mut node, "more", &mut issues);
    assert_eq!((at(&node, "instruments.bond.size"), find(&node, "lab.cash").is_none()), (Some("1"), true));
    assert!(issues.is_empty(), "{issues:?}");
    apply_variant(&mut node, "bad", &mut issues);
    apply_variant(&mut node, "mor", &mut issues);
    let labels: Vec<String> = issues.iter().map(|i| format!("{} {}", i.title, i.label)).collect();
    for part in [
        "did you mean `line`?",
        "did you mean `inputs.growth_now`?",
        "did you mean `add`?",
        "did you mean `more`?",
        "`lab.grwth.now` does not exist",
    ] {
        assert!(labels.iter().any(|l| l.contains(part)), "{part} {labels:?}");
    }
}

#[test]
fn arguments_set_values_that_point_into_the_argument() {
    let (mut issues, mut sources) = (Issues::default(), Sources::default());
    let mut node = tree(BASE);
    let arguments = [
        "lab.growth=6% to 7%",
        "instruments.line.limit = 4",
        "lab.extra=[1, 2]",
        "inputs.growth_now={value: 1}",
        "lab.empty=",
    ];
    apply_sets(&mut node, &arguments.map(str::to_owned), as_written, &mut sources, &mut issues);
    assert!(issues.is_empty(), "{issues:?}");
    assert_eq!((at(&node, "lab.growth"), at(&node, "instruments.line.limit")), (Some("6% to 7%"), Some("4")));
    let place = find(&node, "lab.growth").unwrap().place;
    assert_eq!(&sources.text(place.file).unwrap()[place.start as usize..place.end as usize], "6% to 7%");
    let bad = [
        "lab.growth",
        "lab.gruwth.x=1",
        "=1",
        "lab..x=1",
        "inputs.new=1",
        "lab.growth=[",
        ".=",
        "lab.cash.p5=1",
        "x=\0",
    ];
    apply_sets(&mut node, &bad.map(str::to_owned), as_written, &mut sources, &mut issues);
    assert_eq!(issues.iter().count(), bad.len(), "{issues:?}");
}

#[test]
fn files_extend_files() {
    let dir = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &[u8]| fs::write(dir.path().join(name), text).unwrap();
    write("base.yaml", b"schema: 1\na: {x: 1, z: 2}\n");
    write("top.yaml", b"extends: base.yaml\na: {x: 3}\n");
    write("self.yaml", b"extends: ./other.yaml\n");
    write("other.yaml", b"extends: self.yaml\n");
    write("gone.yaml", b"extends: nothing.yaml\n");
    write("list.yaml", b"extends: [a]\n");
    write("latin.yaml", b"a: 1\nb: \xe9\n");
    write("dir.yaml", b"extends: .\n");
    for n in 0..10 {
        write(&format!("c{n}.yaml"), format!("extends: c{}.yaml\n", n + 1).as_bytes());
    }
    write("c10.yaml", b"lab: 1\n");
    write("secret.txt", b"TOKEN=4711: [\n");
    write("quotes.yaml", b"extends: secret.txt\n");
    write("broken.yaml", b"schema: 1\na: [\n");
    write("over.yaml", b"extends: broken.yaml\n");
    let load = |name: &str| {
        let (mut issues, mut sources) = (Issues::default(), Sources::default());
        let node = load_file(&dir.path().join(name), Reach::Below, |_, _| (), &mut sources, &mut issues);
        (node.map(|n| to_yaml(&n)), issues.iter().map(|i| i.title.clone()).collect::<Vec<_>>().join("; "))
    };
    assert_eq!(load("top.yaml"), (Some("schema: 1\na:\n  x: 3\n  z: 2\n".to_owned()), String::new()));
    for (name, part) in [
        ("self.yaml", "extends itself"),
        ("gone.yaml", "cannot read"),
        ("absent.yaml", "cannot read"),
        ("list.yaml", "names one file"),
        ("latin.yaml", "line 2"),
        ("dir.yaml", "not a file"),
        ("c0.yaml", "more than 8"),
        ("quotes.yaml", "not a scenario"),
        ("over.yaml", "bracket"),
    ] {
        let (node, titles) = load(name);
        assert!(node.is_none() && titles.contains(part), "{name}: {titles}");
    }
}

/// Only files below the folder of the requested scenario can be extended, wherever a link leads; the message does not
/// reveal whether a file exists elsewhere.
#[test]
fn files_elsewhere_are_not_extended() {
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name);
    for folder in ["mine/below", "theirs"] {
        fs::create_dir_all(at(folder)).unwrap();
    }
    let write = |name: &str, text: &str| fs::write(at(name), text).unwrap();
    write("above.yaml", "lab: secret\n");
    write("theirs/base.yaml", "lab: secret\n");
    write("mine/base.yaml", "lab: 1\n");
    // The folder is that of the requested scenario, also for the files that it extends.
    write("mine/below/up.yaml", "extends: ../base.yaml\n");
    write("mine/down.yaml", "extends: below/up.yaml\n");
    write("mine/around.yaml", "extends: ../mine/below/../base.yaml\n");
    write("mine/whole.yaml", &format!("extends: {}\n", at("mine/base.yaml").display()));
    write("mine/above.yaml", "extends: ../above.yaml\n");
    write("mine/nothing.yaml", "extends: ../nothing.yaml\n");
    write("mine/deep.yaml", "extends: nothing/../../above.yaml\n");
    write("mine/theirs.yaml", &format!("extends: {}\n", at("theirs/base.yaml").display()));
    let load = |name: &str, reach: Reach| {
        let (mut issues, mut sources) = (Issues::default(), Sources::default());
        let node = load_file(&at(name), reach, |_, _| (), &mut sources, &mut issues);
        assert!(node.is_some() || !sources.iter().any(|(_, text)| text.contains("secret")), "{name}");
        (node.is_some(), issues.iter().map(|i| i.title.clone()).collect::<Vec<_>>().join("; "))
    };
    for name in ["mine/down.yaml", "mine/around.yaml", "mine/whole.yaml"] {
        assert_eq!(load(name, Reach::Below), (true, String::new()), "{name}");
    }
    let mut outside =
        vec!["mine/below/up.yaml", "mine/above.yaml", "mine/nothing.yaml", "mine/deep.yaml", "mine/theirs.yaml"];
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(at("above.yaml"), at("mine/link.yaml")).unwrap();
        std::os::unix::fs::symlink(at("theirs"), at("mine/folder")).unwrap();
        write("mine/linked.yaml", "extends: link.yaml\n");
        write("mine/through.yaml", "extends: folder/base.yaml\n");
        outside.extend(["mine/linked.yaml", "mine/through.yaml"]);
    }
    for name in outside {
        let (found, titles) = load(name, Reach::Below);
        assert!(!found && titles.contains("is not in the folder of the scenario"), "{name}: {titles}");
    }
    assert_eq!(load("mine/above.yaml", Reach::Outside), (true, String::new()));
}

#[test]
fn inherited_variants_can_be_dropped_and_checks_of_what_is_removed_do_not_apply() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write(
        "base.yaml",
        "schema: 1\ninstruments: [{revolver: {name: line}}, {term_loan: {name: loan}}]\nvariants:\n  a: {remove: [line]}\n  b: {set: {schema: 1}}\n",
    );
    let checks = "checks: ['p50(line.balance at 2027-01) < 1B USD', 'p50(line_2.balance) < 1B USD', 'p(cash_out) < 1%', 'p50(loan.moic) > 1x']\n";
    write("own.yaml", &format!("extends: base.yaml\nvariants: {{b: null, c: {{remove: [line, loan]}}}}\n{checks}"));
    let (mut issues, mut sources) = (Issues::default(), Sources::default());
    let mut root =
        load_file(&folder.path().join("own.yaml"), Reach::Below, |_, _| (), &mut sources, &mut issues).unwrap();
    assert_eq!(variants(&root), ["c", "a"]);
    let read = |name: &str| (name.to_owned(), std::fs::read_to_string(folder.path().join(name)).unwrap());
    let texts = [read("own.yaml"), read("base.yaml")];
    assert_eq!(variants(&load_texts(&texts, |_, _| (), &mut sources, &mut issues).unwrap()), ["c", "a"]);
    let mut other = root.clone();
    let mut left = |root: &mut Node, variant: &str| {
        apply_variant(root, variant, &mut issues);
        drop_checks(root, variant, &mut issues);
        let lines = root.get("checks").unwrap().list().unwrap();
        (lines.iter().map(|line| line.text().unwrap().to_owned()).collect::<Vec<_>>(), issues.iter().count())
    };
    let rest = ["p50(line_2.balance) < 1B USD", "p(cash_out) < 1%", "p50(loan.moic) > 1x"];
    assert_eq!(left(&mut root, "a"), (rest.map(str::to_owned).to_vec(), 1));
    assert_eq!(left(&mut other, "c"), (rest[..2].iter().map(|&line| line.to_owned()).collect(), 3));
    assert!(issues.iter().all(|issue| issue.code == "check-not-applicable"));
}
