//! Invalid files, and arbitrary bytes.

use super::*;
use proptest::prelude::*;

fn codes(text: &str) -> Vec<&'static str> {
    let mut issues = Issues::default();
    load(text, 0, &mut issues);
    issues.iter().map(|i| i.code).collect()
}

fn read(text: &str) -> Node {
    let mut issues = Issues::default();
    let node = load(text, 0, &mut issues);
    assert!(issues.is_empty(), "{issues:?}");
    node.unwrap()
}

#[test]
fn each_trap_has_its_message() {
    let deep_flow = format!("a: {}", "[".repeat(10_000));
    let deep_block = "- ".repeat(10_000);
    let deep_map = (0..1_000).map(|n| " ".repeat(n) + "a:\n").collect::<Vec<_>>().concat();
    let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
    for n in 1..12 {
        let row = vec![format!("*a{}", n - 1); 9].join(", ");
        bomb = format!("{bomb}a{n}: &a{n} [{row}]\n");
    }
    let wide = format!("a: [{}]", "1, ".repeat(MAX_NODES + 1));
    for (text, want) in [
        ("a: 1\na: 2", "duplicate-key"),
        ("on: 1", "yaml-key"),
        ("No: 1", "yaml-key"),
        ("y: 1", "yaml-key"),
        ("a: no", "yaml-ambiguous"),
        ("a: 1:30", "yaml-ambiguous"),
        ("a: 012", "yaml-ambiguous"),
        ("a: 0x1F", "yaml-ambiguous"),
        ("a: 1_000", "yaml-ambiguous"),
        ("a:\n\tb: 1", "yaml-tab"),
        ("a: 1\n---\nb: 1", "yaml-documents"),
        ("[1, 2]", "not-a-map"),
        ("", "not-a-map"),
        ("# nothing\n", "not-a-map"),
        ("a: \0", "control-character"),
        ("a: [1", "yaml"),
        ("a: [1, 2\nb: 3\n", "yaml"),
        ("a: *b", "yaml"),
        ("a: !!str 5", "yaml-tag"),
        ("? [1]\n: 2", "yaml-key"),
        ("<<: 5", "yaml-merge"),
        (&deep_flow, "too-deep"),
        (&deep_block, "too-deep"),
        (&deep_map, "too-deep"),
        (&bomb, "too-large"),
        (&wide, "too-large"),
        (&" ".repeat(MAX_BYTES + 1), "too-large"),
    ] {
        let short: String = text.chars().take(40).collect();
        assert_eq!(codes(text), [want], "{short}");
    }
}

#[test]
fn the_sketch_of_the_interface_is_plain_yaml() {
    let text = "
time: {start: 2026-06, months: 60}
inputs:
  growth_now:   {value: 5%/mo to 15%/mo, source: \"run-rate 47B in mid-May; guide\", url: \"…\"}
dependence:
  copula: {t: {df: 4}}
  spearman:
    - [growth_now, training_growth, 0.5]
lab:
  opening: {cash: 108B USD, shares: {founders: 11%, employees: 18%,
            other_investors: 43%}}
  demand:                        # noise: of the level
    segments:
      - api:          {run_rate: 26B USD/yr}
instruments:
  - revolver: {name: revolver, limit: 5B USD, rate: sofr + 200 bp, when: {cash_below: 3 mo}}
checks:
  - p(cash_out by 2029-12) < 10%
  - p50(stake.founders at 2031-05) > 9%
";
    let node = read(text);
    let line = node.get("checks").unwrap().list().unwrap()[0].text();
    assert_eq!(line, Some("p(cash_out by 2029-12) < 10%"));
}

#[test]
fn quoted_words_are_text() {
    let node = read("a: 'no'\nb: \"1:30\"\nc: null\nd: 'null'\ne: |\n  two\n  lines\n");
    assert_eq!(node.get("a").unwrap().text(), Some("no"));
    assert_eq!(node.get("c").unwrap().value, Value::Null);
    assert_eq!(node.get("d").unwrap().text(), Some("null"));
    assert_eq!(node.get("e").unwrap().text(), Some("two\nlines\n"));
}

#[test]
fn aliases_and_merge_keys() {
    let node = read("base: &b {x: 1, y2: 2}\nuse: {<<: *b, x: 9}\nlist: {<<: [*b, {z: 3}]}\n");
    let used = node.get("use").unwrap();
    assert_eq!((used.get("x").unwrap().text(), used.get("y2").unwrap().text()), (Some("9"), Some("2")));
    assert_eq!(node.get("list").unwrap().get("z").unwrap().text(), Some("3"));
}

#[test]
fn places_are_spans_of_the_text() {
    let text = "ä: 5B USD # five\nmap:\n  key: {a: b,\n   c: d}\n  other: 'q'\n";
    let node = read(text);
    let part = |p: Place| &text[p.start as usize..p.end as usize];
    assert_eq!(part(node.get("ä").unwrap().place), "5B USD");
    let map = node.get("map").unwrap();
    assert_eq!(part(node.key("map").unwrap().place), "map");
    assert_eq!(part(map.get("key").unwrap().place), "{a: b,");
    assert_eq!(part(map.get("other").unwrap().place), "'q'");
}

proptest! {
    #[test]
    fn any_text_is_survived(text in prop_oneof![".*", "[-a-z0-9:{}\\[\\]&*!|>%@,\"' \n\t#?<]{0,80}"]) {
        let mut issues = Issues::default();
        let node = load(&text, 0, &mut issues);
        prop_assert!(node.is_some() || issues.has_errors());
        for issue in issues.iter() {
            let place = issue.place.unwrap();
            prop_assert!(place.start <= place.end);
        }
    }

    #[test]
    fn any_bytes_are_survived(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let mut issues = Issues::default();
        load(&String::from_utf8_lossy(&bytes), 0, &mut issues);
    }
}
