//! Merging, paths, variants and arguments.

use super::*;
use crate::language::write::to_yaml;
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
        "there is nothing at `lab.grwth.now`",
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
    apply_sets(&mut node, &arguments.map(str::to_owned), &mut sources, &mut issues);
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
    apply_sets(&mut node, &bad.map(str::to_owned), &mut sources, &mut issues);
    assert_eq!(issues.iter().count(), bad.len(), "{issues:?}");
}

#[test]
fn files_extend_files() {
    let dir = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &[u8]| fs::write(dir.path().join(name), text).unwrap();
    write("base.yaml", b"a: {x: 1, z: 2}\n");
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
    write("c10.yaml", b"a: 1\n");
    let load = |name: &str| {
        let (mut issues, mut sources) = (Issues::default(), Sources::default());
        let node = load_file(&dir.path().join(name), &mut sources, &mut issues);
        (node.map(|n| to_yaml(&n)), issues.iter().map(|i| i.title.clone()).collect::<Vec<_>>().join("; "))
    };
    assert_eq!(load("top.yaml"), (Some("a:\n  x: 3\n  z: 2\n".to_owned()), String::new()));
    for (name, part) in [
        ("self.yaml", "extends itself"),
        ("gone.yaml", "cannot read"),
        ("absent.yaml", "cannot read"),
        ("list.yaml", "names one file"),
        ("latin.yaml", "line 2"),
        ("dir.yaml", "not a file"),
        ("c0.yaml", "more than 8"),
    ] {
        let (node, titles) = load(name);
        assert!(node.is_none() && titles.contains(part), "{name}: {titles}");
    }
}
