//! The program as a library: a model, its outcome, and what can be asked of it.

use gapcast::output::table::Values;
use gapcast::stats::moments::Moments;
use gapcast::units::Month;
use gapcast::{Invalid, Model, Outcome, Settings, WriteError, Writing};

fn small(settings: Settings) -> Model {
    let paths = settings.paths.or(Some(600));
    Model::load("scenarios/small-lab.yaml", &Settings { paths, ..settings }).unwrap_or_else(|e| panic!("{e}"))
}

fn set(value: &str) -> Settings {
    Settings { sets: vec![value.to_owned()], paths: Some(600), ..Settings::default() }
}

#[test]
fn an_outcome_is_owned_and_has_its_paths() {
    fn shared<T: Send + Sync + 'static>(_: &T) {}
    let outcome = small(Settings::default()).run(2);
    shared(&outcome);
    let values = outcome.values("peak_funding").unwrap();
    let d = outcome.metric("peak_funding").unwrap();
    assert_eq!((values.len(), d.n()), (600, 600));
    let mean = values.iter().sum::<f64>() / 600.0;
    assert!((mean / d.mean() - 1.0).abs() < 1e-12);
    let mut sorted = values.clone();
    sorted.sort_unstable_by(f64::total_cmp);
    assert_eq!(d.quantile(1.0), sorted[599]);
    // The first paths of a longer run on another number of threads are these.
    let longer = small(Settings { paths: Some(900), ..Settings::default() }).run(1);
    assert_eq!(longer.values("peak_funding").unwrap()[..600], values);
    assert!(outcome.values("no_such_metric").is_none() && outcome.metric("no_such_metric").is_none());
}

#[test]
fn a_target_stops_a_run_at_the_first_batch_that_meets_it() {
    let until = Some("se(mean(peak_funding)) < 1%".to_owned());
    let model = small(Settings { until, paths: Some(10_000), ..Settings::default() });
    let outcome = model.run(0);
    let values = outcome.values("peak_funding").unwrap();
    let batches = [4096, 8192, 10_000];
    let last = batches.iter().position(|&n| n == values.len()).expect("a batch");
    let error = |n: usize| {
        let moments = Moments::of(&values[..n]);
        moments.se() / moments.mean
    };
    assert!(batches[..last].iter().all(|&n| error(n) >= 0.01));
    let precision = outcome.precision(model.target.as_ref().unwrap()).unwrap();
    assert!((precision.se / error(values.len()) - 1.0).abs() < 1e-9, "{precision:?}");
    assert_eq!(precision.met, error(values.len()) < 0.01);
    assert!(precision.shown.ends_with("% of the estimate"), "{precision:?}");
}

#[test]
fn months_and_checks_are_asked_by_name() {
    let model = small(Settings::default());
    let outcome = model.run(0);
    let (first, months) = (outcome.plan().start, outcome.plan().months as i32);
    let last = outcome.at("cash", first.plus(months - 1)).unwrap();
    assert_eq!(last.n(), outcome.metric("cash").unwrap().n());
    assert!(outcome.at("cash", first.plus(months)).is_none() && outcome.at("cash", Month::new(1999, 1)).is_none());
    let p = outcome.ruin().0;
    let verdict = outcome.check("p(cash_out) < 100%").unwrap();
    assert_eq!(verdict.measured, p);
    assert!(verdict.holds && !outcome.check("p(cash_out) > 100%").unwrap().holds);
    assert!(outcome.check("p(cash_out").is_none() && outcome.check("p50(no_such_metric) > 1").is_none());
    // An unknown event, a bound in another unit and a month that is not simulated would be errors in the file.
    for line in ["p(no_such_event) < 5%", "p50(cash) > 5%", "p50(cash at 1999-01) > 1B USD"] {
        assert!(outcome.check(line).is_none(), "{line}");
    }
}

#[test]
fn differences_are_paired() {
    let model = small(Settings::default());
    let base = model.run(0);
    let rich = model.with(&set("lab.opening.cash=41M USD")).unwrap().run(0);
    let same = base.minus(&base, "cash_out").unwrap();
    assert_eq!((same.mean, same.se, same.n), (0.0, 0.0, 600));
    let d = rich.minus(&base, "opening_cash").unwrap();
    assert_eq!((d.mean, d.se, d.n), (1e6, 0.0, 600));
    // By hand, and closer than two means: the worlds are the same.
    let d = rich.minus(&base, "minimum_cash").unwrap();
    let (a, b) = (rich.values("minimum_cash").unwrap(), base.values("minimum_cash").unwrap());
    let mean = a.iter().zip(&b).map(|(a, b)| a - b).sum::<f64>() / 600.0;
    assert!((d.mean - mean).abs() <= 1e-9 * mean.abs() && d.mean > 0.0);
    let apart = |o: &Outcome| o.metric("minimum_cash").unwrap().moments.se();
    assert!(d.se < 0.5 * apart(&rich).hypot(apart(&base)), "{} {}", d.se, apart(&rich));
    // Other seeds are other worlds; what is undefined on either is left out.
    let other = model.with(&Settings { seed: Some(1), paths: Some(600), ..Settings::default() }).unwrap().run(0);
    assert!(other.minus(&base, "cash").is_none());
    let d = rich.minus(&base, "cash_out_month").unwrap();
    let defined = |o: &Outcome| o.metric("cash_out_month").unwrap().n();
    assert!(d.n > 0 && d.n <= defined(&rich).min(defined(&base)));
}

#[test]
fn other_settings_are_those_of_a_fresh_reading() {
    let model = small(Settings::default());
    for settings in [
        set("lab.opening.cash=60M USD"),
        Settings { variant: model.variants.first().cloned(), paths: Some(300), ..Settings::default() },
        Settings { seed: Some(9), ..Settings::default() },
    ] {
        let (with, fresh) =
            (model.with(&settings).unwrap(), Model::load("scenarios/small-lab.yaml", &settings).unwrap());
        assert_eq!(with.resolved_yaml(), fresh.resolved_yaml());
        // From a model under settings too.
        assert_eq!(with.with(&Settings::default()).unwrap().scenario.run.paths, 20_000);
    }
}

#[test]
fn an_invalid_scenario_says_where_and_why() {
    let text = "schema: 1\nname: a\ntime: {start: 2026-06, months: nine}\nlabb: {}\n";
    let invalid: Box<Invalid> = Model::parse("a.yaml", text, &Settings::default()).unwrap_err();
    let error: Box<dyn std::error::Error> = invalid;
    let said = error.to_string();
    assert!(said.lines().count() >= 2 && said.contains("a.yaml:4:1: unknown-key: "), "{said}");
    assert!(said.contains("a.yaml:3:32: "), "{said}");
    // Names in `checks:` are known only once the list of metrics is.
    let more = "checks=[p50(no_such_metric) > 1]";
    let wrong = Model::load("scenarios/small-lab.yaml", &set(more)).unwrap_err().to_string();
    assert!(wrong.contains("unknown-metric"), "{wrong}");
}

/// All files of a folder by name, except the record, which states when it was made.
fn files(folder: &std::path::Path) -> std::collections::BTreeMap<String, Vec<u8>> {
    let mut out = std::collections::BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(at) = folders.pop() {
        for entry in std::fs::read_dir(at).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if !path.ends_with("run.json") {
                let name = path.strip_prefix(folder).unwrap().to_string_lossy().into_owned();
                out.insert(name, std::fs::read(&path).unwrap());
            }
        }
    }
    out
}

#[test]
fn an_outcome_writes_the_folder_that_the_program_writes() {
    let home = tempfile::tempdir().unwrap();
    let out = |name: &str| Writing { out: home.path().join(name), ..Writing::default() };
    let model = small(Settings::default());
    let outcome = model.run(0);
    let written = outcome.write(&model, &out("library")).unwrap();
    let ran = std::process::Command::new(env!("CARGO_BIN_EXE_gapcast"))
        .args(["run", "scenarios/small-lab.yaml", "-n", "600", "-q", "--out"])
        .arg(home.path().join("program"))
        .status()
        .unwrap();
    assert!(ran.success());
    assert!(written.holds && written.place.starts_with(home.path().join("library")));
    let mine = files(&written.place);
    let theirs = files(&home.path().join("program").join(written.place.file_name().unwrap()));
    assert!(mine.len() > 30 && mine.keys().eq(theirs.keys()));
    for (name, bytes) in &mine {
        assert!(theirs[name] == *bytes, "{name} differs");
    }
    // The same tables as columns.
    for name in ["summary", "monthly", "instruments", "events", "claims", "sources_uses", "exceedance", "returns"] {
        assert!(outcome.table(name).unwrap().csv() == mine[&format!("{name}.csv")], "{name}");
    }
    let paths = outcome.table("outcomes").unwrap();
    let Some(Values::Number(funding)) = paths.column("peak_funding") else { panic!("a column of numbers") };
    assert_eq!((paths.rows(), funding), (600, &outcome.values("peak_funding").unwrap()));
    assert!(outcome.table("no_such_table").is_none());
    // Each monthly statistic states its number of paths: leverage of a lab that has ended is undefined.
    let monthly = outcome.table("monthly").unwrap();
    let (Some(Values::Text(metric)), Some(Values::Whole(n))) = (monthly.column("metric"), monthly.column("n_defined"))
    else {
        panic!("text and whole numbers")
    };
    let least = |name: &str| metric.iter().zip(n).filter(|(m, _)| *m == name).map(|(_, n)| n.unwrap()).min().unwrap();
    assert_eq!(least("cash"), 600);
    assert!((1..600).contains(&least("look_through_leverage")));
    // Another model's outcome is refused, and leaves nothing.
    let other = model.with(&set("lab.opening.cash=41M USD")).unwrap();
    assert!(matches!(outcome.write(&other, &out("other")), Err(WriteError::Foreign)));
    assert!(!home.path().join("other").exists());
}

#[test]
fn what_is_recorded_by_default_is_all_that_charts_and_findings_need() {
    let home = tempfile::tempdir().unwrap();
    for name in ["anthropic-2026-06", "coreweave-ddtl", "hyperion-campus", "small-lab"] {
        let text = std::fs::read_to_string(format!("scenarios/{name}.yaml")).unwrap();
        let more = text.replace("\nrun: {", "\nrun: {metrics: all, ");
        assert_ne!(text, more, "{name}");
        let [default, all] = [("default", &text), ("all", &more)].map(|(which, text)| {
            let settings = Settings { paths: Some(200), ..Settings::default() };
            let model = Model::parse(name, text, &settings).unwrap_or_else(|e| panic!("{e}"));
            let how = Writing { out: home.path().join(which), ..Writing::default() };
            files(&model.run(0).write(&model, &how).unwrap().place)
        });
        let drawn = |file: &&String| std::path::Path::new(file).extension().is_some_and(|e| e == "svg");
        assert!(default.keys().filter(drawn).count() > 10, "{name}");
        assert!(default.keys().eq(all.keys()), "{name}");
        let findings = ["survival.csv", "ruin.csv", "exceedance.csv", "drivers.csv", "convergence.csv", "claims.csv"];
        for file in default.keys().filter(|file| drawn(file) || findings.contains(&file.as_str())) {
            assert!(default[file] == all[file], "{name}: {file} differs");
        }
    }
}
