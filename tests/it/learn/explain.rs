//! `gapcast explain`, and that there are words for everything that a run records.

use gapcast::cli::explain::text::WIDTH;
use gapcast::cli::explain::topics::{self, PAGES};
use gapcast::cli::init::TEMPLATES;
use gapcast::engine::books::event;
use gapcast::instruments::InstrumentSpec;
use gapcast::language::codes::CODES;
use gapcast::language::{describe, law};
use gapcast::model::{Model, Settings};
use gapcast::plan::metrics::words::{self, When};
use gapcast::scenario::Scenario;

use crate::learn::{gapcast, jobs, root, text};

#[test]
fn everything_that_has_a_name_is_explained_within_eighty_columns() {
    let mut names: Vec<String> = topics::lists().into_iter().flat_map(|(_, names)| names).collect();
    for at in describe::walk(Scenario::FIELDS) {
        names.push(at.field.name.to_owned());
        names.push(at.path.replace("[]", ""));
    }
    names.sort();
    names.dedup();
    assert!(names.len() > 1000, "{}", names.len());
    for name in names {
        let found = topics::about(&name);
        assert!(!found.is_empty(), "`{name}` is not explained");
        for topic in found {
            let text = topic.text();
            for line in text.lines() {
                // YAML that can be copied is not broken; nor is a single long word, such as a path.
                let width = if line.starts_with("    ") { 130 } else { WIDTH };
                let long = line.chars().count() > width && line.trim().trim_start_matches("- ").contains(' ');
                assert!(!long || line.contains('`') || line.contains("http"), "`{name}`: {line}");
            }
            assert!(!text.contains("(key)\n\n\n"), "`{name}` says nothing: {text}");
            assert!(topic.json()["name"].is_string());
        }
    }
}

#[test]
fn twenty_questions() {
    for (word, parts) in [
        ("unknown-key", &["code of a message", "example"][..]),
        ("error[unit]", &["unit"]),
        ("lab.demand.volatility", &["a volatility, e.g. `7%/mo`", "range", "%/yr"]),
        ("volatility", &["lab.demand.volatility", "world.sofr.volatility", "kind of quantity"]),
        ("commitment_fee", &["Commitment fee on the undrawn amount", "instruments.revolver.commitment_fee"]),
        ("undrawn_fee", &["old name of a key", "Renamed `commitment_fee`", "instruments.revolver.commitment_fee"]),
        ("lab.compute.contracts.google.price", &["lab.compute.contracts.<name>.price", "USD/GW-yr"]),
        ("instruments.tpu_lease.capex", &["instruments.spv.capex"]),
        ("peak_funding", &["max(0, peak_cumulative_gap − opening_cash)", "USD"]),
        ("stake.founders", &["stake.<holder>", "fully diluted"]),
        ("stake", &["stake.<holder>"]),
        ("tpu_lease.irr", &["<instrument>.irr", "effective annual"]),
        ("services_jv.partners.moic", &["<instrument>.moic"]),
        ("revolver.balance", &["<instrument>.balance", "of       revolver"]),
        ("spv", &["instrument", "WHAT IT IS", "MONTHLY CASH FLOWS", "tranches"]),
        ("contract", &["entry of lab.compute", "take_or_pay"]),
        ("round_failed", &["cause of ruin", "equity_round"]),
        ("neocloud", &["gapcast init neocloud"]),
        ("lognormal", &["{dist: lognormal, median: 2.4x/yr, p95: 3.5x/yr}"]),
        ("payroll", &["rank 0", "operating"]),
        ("inference_first", &["lab.compute.allocation"]),
        ("extends", &["maps are merged"]),
        ("look-through leverage", &["run-rate"]),
        ("share", &["35%"]),
    ] {
        let out = gapcast(&root(), &["explain", word]);
        let said = text(&out.stdout);
        assert_eq!(out.status.code(), Some(0), "{word}: {}", text(&out.stderr));
        for part in parts {
            assert!(said.contains(part), "{word}: no `{part}` in\n{said}");
        }
        let out = gapcast(&root(), &["explain", word, "--json"]);
        let said: serde_json::Value = serde_json::from_slice(&out.stdout).unwrap();
        assert!(!said.as_array().unwrap().is_empty());
    }
    let out = gapcast(&root(), &["explain", "commitment_fe"]);
    assert_eq!((out.status.code(), out.stdout.len()), (Some(2), 0));
    assert!(text(&out.stderr).contains("did you mean `commitment_fee`"), "{}", text(&out.stderr));
    let out = gapcast(&root(), &["explain", "zzzzzzzz", "--json"]);
    let said: serde_json::Value = serde_json::from_slice(&out.stdout).unwrap();
    assert_eq!((out.status.code(), &said["unknown"]), (Some(2), &serde_json::json!("zzzzzzzz")));
    let out = gapcast(&root(), &["explain"]);
    let said = text(&out.stdout);
    assert!(out.status.success() && said.contains("revolver") && said.contains("unknown-key"));
    assert!(said.lines().all(|line| line.chars().count() <= WIDTH), "{said}");
}

#[test]
fn every_metric_has_words_and_every_word_a_metric() {
    let mut used = vec![false; words::WORDS.len()];
    for model in jobs() {
        let metrics = &model.plan.metrics;
        for (metric, monthly) in
            metrics.monthly.iter().map(|m| (m, true)).chain(metrics.at_end.iter().map(|m| (m, false)))
        {
            let instrument = metric.instrument.map(|k| &model.plan.instruments[k]);
            let line = instrument.and_then(|instrument| {
                let last = metric.name.rsplit('.').next().unwrap();
                let found =
                    InstrumentSpec::reports(instrument.spec.kind()).into_iter().find(|(line, _)| line.field == last)?;
                metric.name.starts_with(&format!("{}.", instrument.name)).then_some(found)
            });
            if let Some((line, about)) = line {
                assert!(!about.trim().is_empty(), "no doc of `{}`", metric.name);
                assert_eq!(line.unit, metric.unit, "{}", metric.name);
                continue;
            }
            // What a line of `checks:` asks for by month is described where its metric is.
            if metric.is_watched() {
                continue;
            }
            let word = words::find(&metric.name).unwrap_or_else(|| panic!("no words for `{}`", metric.name));
            assert_eq!(word.unit, metric.unit, "{}", metric.name);
            let other = if monthly { metrics.find_end(&metric.name) } else { metrics.find(&metric.name) };
            let when = match (other.is_some(), monthly) {
                (true, _) => [When::Both, When::AtEndOrAsked],
                (false, true) => [When::Monthly, When::Asked],
                (false, false) => [When::AtEnd; 2],
            };
            assert!(when.contains(&word.when), "`{}` is recorded {when:?}", metric.name);
            used[words::WORDS.iter().position(|w| w.name == word.name).unwrap()] = true;
        }
    }
    let unused: Vec<&str> = words::WORDS.iter().zip(used).filter(|(_, used)| !used).map(|(w, _)| w.name).collect();
    assert!(unused.is_empty(), "no scenario records {unused:?}");
}

#[test]
fn a_run_records_by_month_what_its_pages_say() {
    let names = |sets: &[&str]| -> Vec<String> {
        let settings = Settings { sets: sets.iter().map(|&set| set.to_owned()).collect(), ..Settings::default() };
        let model = Model::load(root().join("scenarios/jv-partners.yaml"), &settings).unwrap();
        let of_lab = model.plan.metrics.monthly.iter().filter(|m| m.instrument.is_none());
        of_lab.map(|m| m.name.clone()).collect()
    };
    let (all, default) = (names(&["run.metrics=all"]), names(&["checks=[]"]));
    for name in &all {
        let asked = words::find(name).unwrap().when.is_asked_by_month();
        // Charts of the blocks that this scenario has need two that are otherwise recorded on request.
        let asked = asked && !["unserved_revenue", "valuation"].contains(&name.as_str());
        assert_eq!(default.contains(name), !asked, "{name}");
        let named = names(&[&format!("run.metrics=[default, {name}]"), "checks=[]"]);
        assert!(named.contains(name) && named.len() == default.len() + usize::from(asked), "{name} is named");
    }
    let checked = names(&["checks=[p50(utilisation max) > 0%]"]);
    assert!(checked.len() == default.len() + 1 && checked.iter().any(|name| name == "utilisation"));
}

#[test]
fn the_lists_are_whole() {
    let kinds: Vec<&str> = InstrumentSpec::written().collect();
    let mut pages: Vec<&str> = PAGES.iter().map(|(kind, _)| *kind).collect();
    assert!(kinds.iter().all(|kind| pages.contains(kind)) && pages.len() == kinds.len(), "{kinds:?} {pages:?}");
    pages.dedup();
    assert_eq!(pages.len(), kinds.len());
    for kind in InstrumentSpec::KINDS {
        assert!(pages.contains(&InstrumentSpec::named_as(kind)), "`{kind}` is named by nobody");
        for (line, about) in InstrumentSpec::reports(kind) {
            assert!(!about.trim().is_empty(), "no doc of `{kind}.{}`", line.field);
        }
    }
    assert_eq!(event::ALL.len(), event::ABOUT.len());
    assert!(event::ABOUT.iter().all(|about| !about.trim().is_empty()));
    for name in law::names() {
        assert!(!law::about(name).is_empty() && law::example(name).contains(name), "{name}");
        let text = format!(
            "{}inputs: {{x: {}}}\n",
            "schema: 1\nname: a\ntime: {start: 2026-06, months: 1}\nlab: {}\n",
            law::example(name)
        );
        let refused = gapcast::model::Model::parse("law", &text, &gapcast::model::Settings::default()).unwrap_err();
        assert!(refused.issues.iter().all(|issue| issue.code != "law" && issue.code != "unknown-law"), "{name}");
    }
    assert!(TEMPLATES.len() >= 5 && CODES.len() > 20);
}
