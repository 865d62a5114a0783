//! Renamed keys: each old name gives a warning and the scenario that the new name gives, wherever it is written; nothing
//! that is written or documented has the old name.

use std::fs;

use gapcast::issues::Issue;
use gapcast::language::describe::walk;
use gapcast::language::origin::{self, Origin, Question};
use gapcast::language::overlay;
use gapcast::language::tree::{Key, Node, Value};
use gapcast::language::write::to_yaml;
use gapcast::model::{Invalid, Model, Settings};
use gapcast::scenario::Scenario;
use gapcast::scenario::renamed::{RENAMED, Renamed};

/// A scenario with every kind of instrument and every section.
const SMALL: &str = include_str!("../../common/small.yaml");

fn told(refused: &Invalid) -> String {
    refused.to_string()
}

fn parse(text: &str, variant: Option<&str>, sets: &[String]) -> Result<Model, Box<Invalid>> {
    let settings = Settings { variant: variant.map(str::to_owned), sets: sets.to_vec(), ..Settings::default() };
    Model::parse("t.yaml", text, &settings)
}

fn model(text: &str, variant: Option<&str>, sets: &[String]) -> Model {
    parse(text, variant, sets).unwrap_or_else(|refused| panic!("{}", told(&refused)))
}

fn warnings(model: &Model) -> Vec<&Issue> {
    model.reader.issues.iter().filter(|issue| issue.code == "renamed").collect()
}

/// The resolved scenario with the keys of each map in alphabetical order, since a key that has moved is at another place in its map.
fn resolved(model: &Model) -> String {
    fn sort(node: &mut Node) {
        match &mut node.value {
            Value::Map(entries) => {
                entries.sort_by(|a, b| a.0.text.cmp(&b.0.text));
                for (_, inner) in entries.iter_mut() {
                    sort(inner);
                }
            }
            Value::List(items) => items.iter_mut().for_each(sort),
            _ => {}
        }
    }
    let mut root = model.resolved.clone();
    root.remove("variants");
    sort(&mut root);
    to_yaml(&root)
}

/// The path of the first map of a scenario that has the renamed key under its new name.
fn owner(root: &Node, row: &Renamed) -> String {
    fn first(node: &Node, steps: &[&str], path: &str, row: &Renamed) -> Option<String> {
        let Some((step, rest)) = steps.split_first() else {
            // A venture has keys that belong to one of its kinds; the renamed ones are those of an asset.
            let belongs = node.get("kind").and_then(Node::text) != Some("distribution");
            return overlay::find(node, row.new).filter(|_| belongs).map(|_| path.trim_start_matches('.').to_owned());
        };
        let is = |key: &Key| key.text == *step || *step == "<name>";
        match &node.value {
            Value::Map(entries) => entries
                .iter()
                .filter(|(key, _)| is(key))
                .find_map(|(key, inner)| first(inner, rest, &format!("{path}.{}", key.text), row)),
            Value::List(items) => items.iter().find_map(|item| {
                let (_, inner) = item.map()?.first().filter(|(key, _)| is(key))?;
                first(inner, rest, &format!("{path}.{}", item.item_name()?), row)
            }),
            _ => None,
        }
    }
    let steps: Vec<&str> = row.map.split('.').collect();
    first(root, &steps, "", row).unwrap_or_else(|| panic!("{row:?} is not in the small scenario"))
}

/// The scenario with the old name of a key in the map at `owner`, and the value of that key.
fn with_old_name(root: &Node, owner: &str, row: &Renamed) -> (Node, Node) {
    let mut root = root.clone();
    let terms = overlay::find_mut(&mut root, owner).expect("it was found");
    let value = match row.new.split_once('.') {
        Some((map, leaf)) => terms.get_mut(map).and_then(|inner| inner.remove(leaf)),
        None => terms.remove(row.new),
    };
    let value = value.expect("it was found");
    terms.insert(row.old, value.clone());
    (root, value)
}

/// Another value of the same kind, as it is written; a map without the keys that have been renamed.
fn another(value: &Node) -> String {
    let Some(text) = value.text().and_then(|text| text.split(" to ").last()) else { return "{}".to_owned() };
    let at = text.find(|c: char| c.is_ascii_digit()).expect("a quantity");
    let digit = if &text[at..=at] == "1" { '2' } else { '1' };
    format!("{}{digit}{}", &text[..at], &text[at + 1..])
}

#[test]
fn every_old_name_gives_one_warning_and_what_the_new_name_gives() {
    let base = model(SMALL, None, &[]);
    let mut root = base.resolved.clone();
    root.remove("variants");
    let text = to_yaml(&root);
    let plain = resolved(&model(&text, None, &[]));
    for row in RENAMED {
        let owner = owner(&root, row);
        let (old, value) = with_old_name(&root, &owner, row);
        let old_text = to_yaml(&old);
        let read = model(&old_text, None, &[]);
        let found = warnings(&read);
        assert_eq!(found.len(), 1, "{row:?}: {found:?}");
        let place = found[0].place.expect("a caret");
        assert_eq!(&old_text[place.start as usize..place.end as usize], row.old, "{row:?}");
        assert!(found[0].title.ends_with(&format!("renamed `{}`", row.new)), "{found:?}");
        assert_eq!(resolved(&read), plain, "{row:?}");

        // In a setting, and in what a variant sets.
        let other = another(&value);
        let [old, new] = [row.old, row.new].map(|key| format!("{owner}.{key}"));
        let [by_old, by_new] = [&old, &new].map(|path| model(&text, None, &[format!("{path}={other}")]));
        let found = warnings(&by_old);
        assert_eq!((found.len(), warnings(&by_new).len()), (1, 0), "{old}: {found:?}");
        assert!(found[0].place.is_some() && found[0].label.contains(&format!("write `{new}`")), "{found:?}");
        assert_eq!(resolved(&by_old), resolved(&by_new), "{old}");
        assert!(value.text().is_none() || resolved(&by_old) != plain, "{old} was not set");
        let patch = |path: &str| format!("{text}variants: {{other: {{set: {{{path}: {other}}}}}}}\n");
        let (old_text, new_text) = (patch(&old), patch(&new));
        let [by_old, by_new] = [&old_text, &new_text].map(|text| model(text, Some("other"), &[]));
        assert_eq!((warnings(&by_old).len(), warnings(&by_new).len()), (1, 0), "{old}");
        assert_eq!(resolved(&by_old), resolved(&by_new), "{old}");
        // What is written has the new path, also for a variant that was not run.
        let kept = model(&old_text, None, &[]);
        assert!(
            kept.resolved_yaml().contains(&format!("{new}:")) && !kept.resolved_yaml().contains(&format!("{old}:"))
        );
        // Both names are one key.
        let mut both = root.clone();
        overlay::find_mut(&mut both, &owner).expect("found").insert(row.old, value.clone());
        let refused = parse(&to_yaml(&both), None, &[]).expect_err("both names");
        let codes: Vec<&str> = refused.issues.iter().map(|issue| issue.code).collect();
        assert_eq!(codes, ["duplicate-key"], "{row:?}: {}", told(&refused));
    }
}

#[test]
fn the_language_has_the_new_names_alone() {
    let paths: Vec<String> = walk(Scenario::FIELDS).into_iter().map(|at| at.path).collect();
    for row in RENAMED {
        let [old, new] = [row.old, row.new].map(|key| format!("{}.{key}", row.map));
        assert!(paths.contains(&new) && !paths.contains(&old), "{row:?}");
    }
}

/// A lab with a vehicle of which little is stated.
fn chips(terms: &str, rest: &str) -> String {
    format!(
        "schema: 1
name: chips
time: {{start: 2026-01, months: 24}}
run: {{paths: 4, seed: 1}}
world: {{compute_price: {{contract: 9B USD/GW-yr}}}}
lab:
  opening: {{cash: 20B USD, shares: {{founders: 100%}}}}
  demand: {{growth: {{now: 0%/mo, later: 0%/mo, half_life: 12 mo}}, segments: [{{all: {{run_rate: 12B USD/yr}}}}]}}
  compute:
    inference: {{gross_margin: {{now: 100%, later: 100%, over: 1 mo}}}}
    orders: {{policy: none}}
instruments:
  - spv:
      name: chips
      capex: 1B USD
      power: 0.02 GW
      deliveries: {{start: 2026-02}}
      lease: {{term: 36 mo}}
      tranches: [{{a: {{amount: 0.8B USD, rate: 6%/yr}}}}]
{terms}{rest}"
    )
}

#[test]
fn variants_add_and_remove_and_set_where_nothing_is_stated() {
    // The map into which both keys have moved is not in the file.
    let text = chips(
        "",
        "variants:
  worse: {set: {instruments.chips.value_first_year: -60%, instruments.chips.value_later: -50%}}
  orders: {set: {lab.compute.orders: {policy: none, discount: 5%/yr}}}
  line: {add: [{revolver: {name: line, limit: 1B USD, rate: 8%/yr, undrawn_fee: 40 bp}}]}
",
    );
    let worse = model(&text, Some("worse"), &[]);
    assert_eq!(warnings(&worse).len(), 4);
    let at = |model: &Model, path: &str| overlay::find(&model.resolved, path).and_then(Node::text).map(str::to_owned);
    assert_eq!(at(&worse, "instruments.chips.value.first_year").as_deref(), Some("-60%"));
    assert_eq!(at(&worse, "instruments.chips.value.later").as_deref(), Some("-50%"));
    assert_eq!(at(&model(&text, Some("orders"), &[]), "lab.compute.orders.discount_rate").as_deref(), Some("5%/yr"));
    assert_eq!(at(&model(&text, Some("line"), &[]), "instruments.line.commitment_fee").as_deref(), Some("40 bp"));
    let plain = model(&text, None, &[]);
    assert_eq!(at(&plain, "instruments.chips.value.first_year").as_deref(), Some("-35%"));

    let text = chips("      site: 1B USD/GW-yr\n", "variants: {cheap: {remove: [instruments.chips.site]}}\n");
    let cheap = model(&text, Some("cheap"), &[]);
    assert_eq!(at(&cheap, "instruments.chips.opex").as_deref(), Some("0 USD/GW-yr"));
    assert_eq!(warnings(&cheap).len(), 2);

    let twice = chips(
        "",
        "variants: {a: {set: {instruments.chips.site: 1B USD/GW-yr, instruments.chips.opex: 2B USD/GW-yr}}}\n",
    );
    assert!(told(&parse(&twice, None, &[]).unwrap_err()).contains("duplicate key `instruments.chips.opex`"));

    // A setting of a whole map, and one over what a variant sets.
    let set = model(&chips("", ""), None, &["lab.compute.orders={policy: none, discount: 3%/yr}".to_owned()]);
    assert_eq!(at(&set, "lab.compute.orders.discount_rate").as_deref(), Some("3%/yr"));
    let text = chips("", "variants: {a: {set: {instruments.chips.site: 1B USD/GW-yr}}}\n");
    let set = model(&text, None, &["instruments.chips.site=2B USD/GW-yr".to_owned()]);
    let again = model(&set.resolved_yaml(), Some("a"), &[]);
    assert_eq!(at(&again, "instruments.chips.opex").as_deref(), Some("2B USD/GW-yr"));
    assert!(warnings(&again).is_empty());
}

#[test]
fn names_of_inputs_in_dependence_are_paths() {
    let pair = |key: &str| {
        format!(
            "dependence: {{spearman: [[instruments.chips.{key}, inputs_a, 0.5]]}}\ninputs: {{inputs_a: 1x to 2x}}\n"
        )
    };
    let old = model(&chips("      site: 1B to 2B USD/GW-yr\n", &pair("site")), None, &[]);
    let new = model(&chips("      opex: 1B to 2B USD/GW-yr\n", &pair("opex")), None, &[]);
    assert_eq!((resolved(&old), warnings(&old).len()), (resolved(&new), 2));
}

#[test]
fn files_that_extend_each_other_may_use_either_name() {
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name);
    let write = |name: &str, text: &str| fs::write(at(name), text).unwrap();
    write("old.yaml", &chips("", "").replace("{policy: none}", "{policy: none, discount: 5%/yr}"));
    write("new.yaml", &chips("", "").replace("{policy: none}", "{policy: none, discount_rate: 5%/yr}"));
    for (base, key) in [("old", "discount_rate"), ("new", "discount"), ("old", "discount")] {
        write("top.yaml", &format!("extends: {base}.yaml\nlab: {{compute: {{orders: {{{key}: 7%/yr}}}}}}\n"));
        let read = Model::load(at("top.yaml"), &Settings::default()).unwrap_or_else(|refused| panic!("{refused}"));
        let rate = overlay::find(&read.resolved, "lab.compute.orders.discount_rate").and_then(Node::text);
        assert_eq!(rate, Some("7%/yr"), "{base} {key}");
        assert_eq!(warnings(&read).len(), usize::from(base == "old") + usize::from(key == "discount"), "{base} {key}");
    }
    // Of what a variant sets too: the setting of the file itself holds.
    let variant =
        |key: &str, price: &str| format!("variants: {{a: {{set: {{instruments.chips.{key}: {price} USD/GW-yr}}}}}}\n");
    for (below, above) in [("site", "opex"), ("opex", "site")] {
        write("base.yaml", &chips("", &variant(below, "1B")));
        write("top.yaml", &format!("extends: base.yaml\n{}", variant(above, "2B")));
        let settings = Settings { variant: Some("a".to_owned()), ..Settings::default() };
        let read = Model::load(at("top.yaml"), &settings).unwrap_or_else(|refused| panic!("{refused}"));
        let cost = overlay::find(&read.resolved, "instruments.chips.opex").and_then(Node::text);
        assert_eq!(cost, Some("2B USD/GW-yr"), "{above} over {below}");
    }
}

#[test]
fn origins_have_the_new_names_and_the_lines_of_the_old_ones() {
    let text = chips("      value_first_year: -60%\n", "");
    let model = model(&text, None, &[]);
    let rows = origin::rows(&Question {
        resolved: &model.resolved,
        laid: &model.laid,
        sources: &model.sources,
        variant: None,
        given: &[],
    });
    let line = text[..text.find("value_first_year").unwrap()].lines().count();
    for (path, value, from) in [
        ("instruments.chips.value.first_year", "-60%", Origin::File("t.yaml".to_owned(), line)),
        ("instruments.chips.value.later", "-25%", Origin::Default),
    ] {
        let row = rows.iter().find(|row| row.path == path).unwrap_or_else(|| panic!("{path}"));
        assert_eq!((row.value.as_deref(), row.origin.as_ref()), (Some(value), Some(&from)), "{path}");
    }
    assert!(!rows.iter().any(|row| row.path.contains("value_first_year")));
}
