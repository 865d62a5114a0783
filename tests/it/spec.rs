//! A small scenario from end to end.

use gapcast::cli::diagnostics::render;
use gapcast_model::language::prelude::*;
use gapcast_model::units::Month;
use gapcast_model::{choice, spec};
use proptest::prelude::{Just, Strategy, prop_assert, prop_oneof, proptest};

choice! {
    /// How demand ends.
    pub enum Saturation {
        /// It does not.
        Never = "never",
        /// Logistic.
        Logistic = "logistic",
    }
}

spec! {
    /// Growth.
    pub struct GrowthSpec {
        /// Today.
        pub now: Quantity [Growth],
        /// In the end.
        pub later: Quantity [Growth] = "0.2%/mo to 2.2%/mo",
        /// How fast.
        pub half_life: Quantity [Time positive] = "12 mo",
    }
    /// A contract.
    pub struct ContractSpec {
        /// Price of power.
        pub price: Quantity [PowerPrice],
        /// First month.
        pub start: When,
        /// Notice.
        pub notice: Option<Months>,
    }
    /// A line of credit.
    pub struct RevolverSpec {
        /// Its name.
        pub name: Name,
        /// Most that can be drawn.
        pub limit: Quantity [Money],
        /// Interest.
        pub rate: FloatingRate,
        /// Fee on what is not drawn.
        pub commitment_fee: Quantity [Rate >= 0.0] = "0 bp",
        /// Kept.
        pub minimum_cash: Option<Quantity> [Money],
    }
    /// All of it.
    pub struct LabSpec {
        /// Growth.
        pub growth: GrowthSpec,
        /// How it ends.
        pub saturation: Saturation as "ends" = "never",
        /// Contracts.
        pub contracts: Keyed<ContractSpec> = "[]",
        /// Lines.
        pub revolvers: Vec<RevolverSpec> = "[]",
        /// Segments.
        pub segments: usize [Number 1.0..9.0] = "4",
        /// Holders.
        pub shares: Keyed<Quantity> [Share] = "{}",
        /// A switch.
        pub carry: bool = "false",
        /// Whatever.
        pub factor: f64 = "0.5",
        /// About it.
        pub about: Text = "none",
    }
}

const GOOD: &str = "
inputs:
  growth_now: {value: 5%/mo to 15%/mo, source: guide}
  base_rate: 5%/yr
  idle: 1x to 2x
lab:
  source: all of it
  growth: {now: 0.8 * growth_now}
  ends: logistic
  contracts:
    - google: {price: 9B USD/GW-yr, start: 2026-04, notice: 90 d}
    - spacex: {price: 40 to 50B USD/GW-yr, start: 2026-08-17}
  revolvers:
    - {name: line, limit: 5B USD, rate: sofr + 150 bp to 250 bp}
    - {name: fixed, limit: {value: 1B USD, note: guess}, rate: base_rate + 3.5%/yr, minimum_cash: 1M USD}
  shares: {founders: 11%, others: 89%}
";

fn read(text: &str) -> (Reader, Node, Option<LabSpec>) {
    let mut r = Reader::new(Month::new(2026, 6), 60);
    let mut node = load(text, 0, &mut r.issues).unwrap();
    if let Some(inputs) = node.get_mut("inputs") {
        r.read_inputs(inputs);
    }
    let key = node.key("lab").unwrap().place;
    let lab = r.within("lab", Some(key), |r| LabSpec::read(node.get_mut("lab").unwrap(), None, r));
    (r, node, lab)
}

#[test]
fn a_good_file_is_read() {
    let (r, _, lab) = read(GOOD);
    assert!(r.issues.is_empty(), "{:?}", r.issues);
    let lab = lab.unwrap();
    let names: Vec<&str> = r.inputs.iter().map(|i| i.name.as_str()).collect();
    assert_eq!(
        names,
        [
            "growth_now",
            "base_rate",
            "idle",
            "lab.growth.later",
            "lab.contracts.spacex.price",
            "lab.revolvers.line.rate"
        ]
    );
    assert_eq!(r.inputs[1].law, LawSpec::Point(0.05));
    assert_eq!(r.unused_inputs().iter().map(|i| i.name.as_str()).collect::<Vec<_>>(), ["idle"]);
    let path = Inputs::new(&[0.1, 0.05, 1.0, 0.01, 48e9, 0.02]);
    assert!((lab.growth.now.at(&path) - 0.08).abs() < 1e-15);
    assert!(path.was_read());
    path.reset_read();
    assert_eq!((lab.growth.half_life.at(&path), path.was_read()), (12.0, false));
    assert_eq!(lab.saturation, Saturation::Logistic);
    let google = lab.contracts.get("google").unwrap();
    assert_eq!((google.start.0, google.notice.unwrap().0), (-1.0, 90.0 * 12.0 / 365.0));
    assert_eq!(google.price.known(), Some(0.75e9));
    assert_eq!((lab.contracts.0[1].1.start.0, lab.contracts.0[1].1.price.at(&path)), (3.0, 4e9));
    let [line, fixed] = &lab.revolvers[..] else { panic!() };
    assert_eq!((line.name.as_str(), line.limit.known(), line.commitment_fee.known()), ("line", Some(5e9), Some(0.0)));
    assert_eq!((line.rate.floats, line.rate.margin.at(&path), line.rate.margin.known()), (true, 0.02, None));
    assert_eq!((fixed.rate.floats, fixed.rate.margin.known()), (false, Some(0.085)));
    assert_eq!(fixed.minimum_cash.as_ref().and_then(Quantity::known), Some(1e6));
    assert!(line.minimum_cash.is_none());
    assert_eq!((lab.segments, lab.carry, lab.factor, lab.about.as_str()), (4, false, 0.5, "none"));
    assert_eq!(lab.shares.get("founders").and_then(Quantity::known), Some(0.11));
    let notes: Vec<(&str, &str)> = r.assumptions.iter().map(|a| (a.path.as_str(), a.text.as_str())).collect();
    assert_eq!(notes, [("inputs.growth_now", "5%/mo to 15%/mo"), ("lab", ""), ("lab.revolvers.fixed.limit", "1B USD")]);
}

#[test]
fn the_resolved_tree_reads_back_to_the_same() {
    let (first, node, lab) = read(GOOD);
    let text = to_yaml(&node);
    assert!(text.contains("later: 0.2%/mo to 2.2%/mo") && text.contains("commitment_fee: 0 bp"), "{text}");
    let (again, back, same) = read(&text);
    assert!(again.issues.is_empty() && back.same(&node), "{text}");
    assert_eq!(to_yaml(&back), text);
    let laws = |r: &Reader| r.inputs.iter().map(|i| (i.name.clone(), i.law.clone(), i.unit)).collect::<Vec<_>>();
    assert_eq!(laws(&first), laws(&again));
    let path = Inputs::new(&[0.1, 0.05, 1.0, 0.01, 48e9, 0.02]);
    let numbers = |lab: Option<LabSpec>| {
        let lab = lab.unwrap();
        [lab.growth.later.at(&path), lab.revolvers[1].rate.margin.at(&path), lab.contracts.0[0].1.price.at(&path)]
    };
    assert_eq!(numbers(lab), numbers(same));
}

#[test]
fn all_problems_are_told_in_one_go() {
    let text = "
inputs: {growth_now: 5%/mo to 15%/mo, bad-name: 1x, twice: growth_now * 2, broken: 5 parsecs}
lab:
  growth: {now: growth_nwo, half_lfe: 3 mo, half_life: 0 mo, later: broken}
  ends: logistik
  contracts:
    - google: {price: 9B USD, start: 2026-13}
    - google: {start: soon, notice: 3 mo to 5 mo}
    - Big Co: {price: 9B USD/GW-yr, start: 2026-04}
    - two: {}
      more: {}
  revolvers:
    - {name: con, limit: 5B USD, rate: sofr * 2}
    - {name: x, limit: -5B USD, rate: 5%, commitment_fee: -1 bp}
  segments: 12
  shares: {founders: 111%}
  carry: maybe
  factor: 1x
";
    let (r, node, lab) = read(text);
    assert!(lab.is_none());
    let mut sources = Sources::default();
    sources.add("bad.yaml", text);
    let shown = render(&r.issues, &sources, false);
    for part in [
        "`bad-name` is not allowed as the name of an input",
        "an input cannot be defined by other inputs",
        "`parsecs` is not a unit",
        "did you mean `growth_now`?",
        "did you mean `half_life`?",
        "it must be above zero",
        "did you mean `logistic`?",
        "expected money per power and time",
        "expected a month or a day, found `2026-13`",
        "duplicate name `google`",
        "the key `price` is missing",
        "`price`: Price of power, for example `price: 9B USD/GW-yr`",
        "this value must be known",
        "`Big Co` is not a valid name",
        "a list item has no dash: `more`",
        "Windows reserves this word",
        "`sofr` must be followed by a margin",
        "it must be at least 0",
        "expected an interest rate",
        "`12` is outside",
        "it must be between 0% and 100%",
        "expected `true` or `false`, found `maybe`",
        "expected a plain number",
        "bad.yaml:4:",
    ] {
        assert!(shown.contains(part), "{part} is not in\n{shown}");
    }
    assert!(!shown.contains("`broken`"), "{shown}");
    // A broken file still has a tree to write.
    assert!(to_yaml(&node).contains("commitment_fee: 0 bp"));
}

#[test]
fn field_tables_tell_what_may_be_written() {
    let field = |fields: &[Field], name: &str| *fields.iter().find(|f| f.name == name).unwrap();
    let limit = field(RevolverSpec::FIELDS, "limit");
    assert_eq!((limit.summary(), limit.required, limit.kind), ("Most that can be drawn", true, Some(Kind::Money)));
    let fee = field(RevolverSpec::FIELDS, "commitment_fee");
    assert_eq!((fee.default, fee.required), (Some("0 bp"), false));
    assert!(!field(RevolverSpec::FIELDS, "minimum_cash").required);
    assert!(matches!(field(LabSpec::FIELDS, "ends").shape, Shape::Choice([_, _])));
    let Shape::Named(Shape::Map(fields)) = field(LabSpec::FIELDS, "contracts").shape else { panic!() };
    assert_eq!(fields.len(), 3);
    assert_eq!((LabSpec::ABOUT.trim(), Saturation::Never.word()), ("All of it.", "never"));
}

#[test]
fn hostile_sizes_are_quick() {
    let keys: String = (0..90_000).map(|n| format!("  limitation_of_liability_{n}: 1\n")).collect::<Vec<_>>().concat();
    let twice = format!("lab:\n{}", "  a: 1\n".repeat(90_000));
    let began = std::time::Instant::now();
    let (r, _, lab) = read(&format!("lab:\n{keys}"));
    assert!(lab.is_none() && r.issues.count(Severity::Error) > 1);
    let mut issues = Issues::default();
    assert!(load(&twice, 0, &mut issues).is_none() && issues.is_full());
    let mut sources = Sources::default();
    sources.add("twice.yaml", twice);
    assert!(render(&issues, &sources, false).contains("500 errors"));
    assert!(began.elapsed().as_secs() < 20, "{:?}", began.elapsed());
}

/// Words that reach deep into the reader, in a tree of any shape.
fn any_tree() -> impl Strategy<Value = Node> {
    let words = [
        "growth",
        "now",
        "later",
        "half_life",
        "contracts",
        "google",
        "price",
        "start",
        "notice",
        "revolvers",
        "name",
        "limit",
        "rate",
        "shares",
        "dist",
        "value",
        "p5",
        "p95",
        "source",
        "5B USD",
        "1 to 2",
        "beta",
        "sofr + 2 bp",
        "sofr",
        "growth_now * 2",
        "2026-06",
        "5%",
        "-1%",
        "1e300",
        "uniform",
        "min",
        "max",
        "sofr - 1 to 2",
        "values",
    ];
    let word = proptest::sample::select(words.to_vec());
    let key = word.clone().prop_map(|w| Key { text: w.to_owned(), place: Place::new(0, 3, 9) });
    let leaf = prop_oneof![
        word.prop_map(|w| Node::scalar(w, Place::new(0, 2, 5))),
        ".{0,9}".prop_map(|w| Node::scalar(w, Place::new(0, 2, 5))),
        Just(Node { value: Value::Null, place: Place::default() }),
    ];
    leaf.prop_recursive(5, 60, 8, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4)
                .prop_map(|v| Node { value: Value::List(v), place: Place::default() }),
            proptest::collection::vec((key.clone(), inner), 0..8)
                .prop_map(|v| Node { value: Value::Map(v), place: Place::new(0, 1, 40) }),
        ]
    })
}

proptest! {
    #[test]
    fn any_tree_is_survived(mut tree in any_tree(), mut inputs in any_tree()) {
        let mut r = Reader::new(Month::new(2026, 6), 60);
        r.read_inputs(&mut inputs);
        let lab = r.within("lab", None, |r| LabSpec::read(&mut tree, None, r));
        prop_assert!(lab.is_some() || r.issues.has_errors());
        let mut sources = Sources::default();
        sources.add("x", "0123456789 äöü\n");
        render(&r.issues, &sources, false);
        let values = vec![f64::MAX; r.inputs.len()];
        if let Some(lab) = lab {
            prop_assert!(lab.growth.now.at(&Inputs::new(&values)).is_finite());
        }
    }
}
