//! Five mistakes that must be impossible, each looked for in every shipped scenario.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use gapcast::language::law::LawSpec;
use gapcast::language::tree::{Node, Value};
use gapcast::language::write::to_yaml;
use gapcast::language::yaml;
use gapcast::model::{Model, Settings};

/// Folders of shipped scenarios; folders that do not exist are skipped.
const SHIPPED: [&str; 2] = ["scenarios", "templates"];

fn shipped() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut out: Vec<PathBuf> = SHIPPED
        .iter()
        .filter_map(|folder| fs::read_dir(root.join(folder)).ok())
        .flat_map(|entries| entries.map(|entry| entry.unwrap().path()))
        .filter(|path| path.extension().is_some_and(|x| x == "yaml"))
        .collect();
    out.sort();
    assert!(out.len() >= 10, "{out:?}");
    out
}

/// A folder with every shipped scenario, so that one may be changed beside those that it extends.
fn copied() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for file in shipped() {
        fs::copy(&file, dir.path().join(file.file_name().unwrap())).unwrap();
    }
    dir
}

fn gapcast(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gapcast"));
    command.current_dir(folder).args(arguments).env_remove("GAPCAST_LEVEL").output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Every file of a run folder except the record, which states the time that the run took.
fn results(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut out = Vec::new();
    for entry in fs::read_dir(folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display())) {
        let path = entry.unwrap().path();
        if path.is_dir() {
            out.extend(results(&path));
        } else if path.file_name().is_some_and(|name| name != "run.json") {
            out.push((path.clone(), fs::read(&path).unwrap()));
        }
    }
    out.sort();
    out
}

/// One: the same seed and different numbers. Neither threads, nor the time, the zone, the language, the folder, a run
/// before it or what is run beside it changes a byte; another seed changes them.
#[test]
fn the_same_seed_gives_the_same_numbers() {
    let dir = copied();
    let at = dir.path();
    let other = at.join("an other folder");
    fs::create_dir(&other).unwrap();
    let bytes = |folder: &Path, arguments: &[&str], environment: &[(&str, &str)]| {
        let file = at.join("small-lab.yaml").display().to_string();
        let mut command = Command::new(env!("CARGO_BIN_EXE_gapcast"));
        command
            .current_dir(folder)
            .args(["run", &file, "--name", "small-lab", "--force", "-n", "1500", "-q"])
            .args(arguments);
        command.envs(environment.iter().copied()).env_remove("GAPCAST_LEVEL");
        let out = command.output().unwrap();
        assert!(matches!(out.status.code(), Some(0 | 3)), "{}", text(&out.stderr));
        let name = |(path, bytes): (PathBuf, Vec<u8>)| {
            (path.strip_prefix(folder.join("output")).unwrap().to_path_buf(), bytes)
        };
        let all: Vec<(PathBuf, Vec<u8>)> = results(&folder.join("output/small-lab")).into_iter().map(name).collect();
        assert!(all.len() > 8, "{}", all.len());
        all
    };
    let first = bytes(at, &["-j", "1"], &[]);
    let again: [Call<'_>; 4] = [
        (at, &["-j", "1"], &[]),
        (at, &["-j", "2"], &[]),
        (at, &["-j", "7"], &[("TZ", "Asia/Kathmandu"), ("LC_ALL", "de_DE.UTF-8"), ("LANG", "de_DE.UTF-8")]),
        (
            &other,
            &[],
            &[("HOME", "/nowhere"), ("TMPDIR", "/nowhere"), ("RUST_LOG", "trace"), ("RAYON_NUM_THREADS", "3")],
        ),
    ];
    for (folder, arguments, environment) in again {
        let now = bytes(folder, arguments, environment);
        let differ: Vec<&PathBuf> = first.iter().zip(&now).filter(|(a, b)| a != b).map(|(a, _)| &a.0).collect();
        assert!(differ.is_empty() && first.len() == now.len(), "{arguments:?} {environment:?}: {differ:?}");
    }
    let seeded = bytes(at, &["--seed", "2"], &[]);
    assert!(first != seeded, "another seed gives the same numbers");
    assert!(seeded == bytes(at, &["--seed", "2"], &[]));
}

/// A folder, arguments and environment of one call.
type Call<'a> = (&'a Path, &'a [&'a str], &'a [(&'a str, &'a str)]);

/// Ranks from 0, ties sharing the mean of theirs.
fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&a, &b| values[a].total_cmp(&values[b]));
    let mut out = vec![0.0; values.len()];
    let mut from = 0;
    while from < order.len() {
        let mut to = from;
        while to + 1 < order.len() && values[order[to + 1]] == values[order[from]] {
            to += 1;
        }
        for &k in &order[from..=to] {
            out[k] = 0.5 * (from + to) as f64;
        }
        from = to + 1;
    }
    out
}

/// Rank correlation (Spearman) of two columns.
fn spearman(a: &[f64], b: &[f64]) -> f64 {
    let (a, b) = (ranks(a), ranks(b));
    let middle = 0.5 * (a.len() - 1) as f64;
    let sum = |x: &[f64], y: &[f64]| x.iter().zip(y).map(|(x, y)| (x - middle) * (y - middle)).sum::<f64>();
    sum(&a, &b) / (sum(&a, &a) * sum(&b, &b)).sqrt()
}

/// Two: a declared correlation that does not show. In every shipped scenario with `dependence`, and in ones made to be
/// hard, the columns of `outcomes.csv` have the rank correlation that was declared, and those of other inputs have none.
///
/// n = 20 000; the standard error of a rank correlation is at most 1.2 / √n under the copulas here, so the tolerance of
/// 0.05 is 5.9 standard errors: a false alarm in fewer than one run of a million over the few hundred pairs.
#[test]
fn a_declared_correlation_shows_in_the_outcomes() {
    const N: usize = 20_000;
    const TOLERANCE: f64 = 0.05;
    let dir = copied();
    let small = fs::read_to_string(dir.path().join("small-lab.yaml")).unwrap();
    // Laws of every shape, and correlations up to the ends of what is possible.
    let laws = "inputs:\n  one: 1x to 2x\n  two: {dist: beta, p5: 10%, p95: 60%}\n  three: {dist: triangular, min: 1 mo, mode: 2 mo, max: 9 mo}\n  \
                four: {dist: uniform, min: 0 USD, max: 5M USD}\n  five: -3%/mo to 4%/mo\n  six: {dist: pert, min: 0.1 GW, mode: 0.5 GW, max: 0.6 GW}\n";
    for (copula, name) in [("gaussian", "gaussian"), ("{t: {df: 3}}", "t")] {
        let pairs = "[[one, two, 0.9], [three, four, -0.7], [five, growth_now, 0.05], [six, growth_later, -0.95]]";
        let text = small.replacen("inputs:\n", laws, 1).replacen("name: small-lab", &format!("name: hard-{name}"), 1)
            + &format!("dependence: {{copula: {copula}, spearman: {pairs}}}\n");
        fs::write(dir.path().join(format!("hard-{name}.yaml")), text).unwrap();
    }
    let mut declared = 0;
    let mut files: Vec<PathBuf> = fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    for file in files {
        let model = Model::load(&file, &Settings::default()).unwrap();
        let pairs = &model.scenario.dependence.spearman;
        if pairs.is_empty() {
            continue;
        }
        let name = file.file_name().unwrap().to_str().unwrap();
        let (n, called) = (N.to_string(), model.scenario.name.as_str());
        // One end metric is enough; the inputs are in the file whatever is recorded.
        let out = gapcast(
            dir.path(),
            &["run", name, "--name", called, "-n", &n, "-q", "--no-charts", "--set", "run.metrics=[cash]"],
        );
        // Lines of `checks:` may name metrics that are not recorded then.
        let out = if out.status.code() == Some(2) {
            gapcast(dir.path(), &["run", name, "--name", called, "-n", &n, "-q", "--no-charts"])
        } else {
            out
        };
        assert!(matches!(out.status.code(), Some(0 | 3)), "{name}: {}", text(&out.stderr));
        let folder = dir.path().join("output").join(model.scenario.name.as_str());
        let rows = fs::read_to_string(folder.join("outcomes.csv")).unwrap();
        let heading: Vec<&str> = rows.lines().next().unwrap().split(',').collect();
        let inputs: Vec<(usize, &str)> =
            heading.iter().enumerate().filter_map(|(k, h)| Some((k, h.strip_prefix("input.")?))).collect();
        let mut columns = vec![Vec::with_capacity(N); inputs.len()];
        for row in rows.lines().skip(1) {
            let cells: Vec<&str> = row.split(',').collect();
            for (column, (k, _)) in columns.iter_mut().zip(&inputs) {
                column.push(cells[*k].parse::<f64>().unwrap());
            }
        }
        assert!(columns.iter().all(|c| c.len() == N));
        let moves = |k: usize| columns[k].iter().any(|x| *x != columns[k][0]);
        for a in 0..inputs.len() {
            for b in 0..a {
                let names = [inputs[a].1, inputs[b].1];
                let stated = pairs.iter().find(|p| names.contains(&p.a.as_str()) && names.contains(&p.b.as_str()));
                if !moves(a) || !moves(b) {
                    continue;
                }
                let measured = spearman(&columns[a], &columns[b]);
                let wanted = stated.map_or(0.0, |p| p.value);
                declared += usize::from(stated.is_some());
                assert!((measured - wanted).abs() < TOLERANCE, "{name}: {names:?}: {measured:.3}, declared {wanted}");
            }
        }
    }
    assert!(declared >= 15, "{declared} declared correlations were looked at");
}

/// The same for a declared correlation of known values: it could have no effect, and the program says so.
#[test]
fn a_correlation_that_cannot_show_is_told() {
    let dir = copied();
    let small = fs::read_to_string(dir.path().join("small-lab.yaml")).unwrap();
    let known = small.replacen("growth_later: {value: 0%/mo to 2.5%/mo,", "growth_later: {value: 1%/mo,", 1)
        + "dependence: {spearman: [[growth_now, growth_later, 0.5]]}\n";
    fs::write(dir.path().join("known.yaml"), known).unwrap();
    let out = gapcast(dir.path(), &["check", "known.yaml"]);
    let said = text(&out.stderr);
    assert_eq!(out.status.code(), Some(0), "{said}");
    assert!(said.contains("warning[known-input]: the input `growth_later` is known"), "{said}");
    // A dependence on what does not exist, in any of its forms, is refused.
    for line in [
        "dependence: {spearman: [[growth_now, growth_sooner, 0.5]]}",
        "dependence: {spearman: {growth_now: {growth_later: 0.5}}}",
        "dependence: {pearson: [[growth_now, growth_later, 0.5]]}",
        "dependence: {correlation: [[growth_now, growth_later, 0.5]]}",
        "dependence: {copula: frank, spearman: [[growth_now, growth_later, 0.5]]}",
        "dependence: {shocks: [[demand, weather, 0.5]]}",
        "correlations: [[growth_now, growth_later, 0.5]]",
    ] {
        fs::write(dir.path().join("refused.yaml"), format!("{small}{line}\n")).unwrap();
        let out = gapcast(dir.path(), &["run", "refused.yaml", "-n", "64"]);
        assert_eq!(out.status.code(), Some(2), "{line}: {}", text(&out.stderr));
    }
}

/// Three: a sampling method that changes nothing. There is one method, plain Monte Carlo, which the record of a run
/// names; a request for another, in the file or on the command line, is rejected, not ignored.
#[test]
fn a_sampling_method_that_is_not_there_is_refused() {
    let dir = copied();
    let small = fs::read_to_string(dir.path().join("small-lab.yaml")).unwrap();
    let words = "sampler sampling method qmc sobol latin_hypercube antithetic stratified importance";
    for key in words.split(' ') {
        for value in ["sobol", "plain", "latin_hypercube", "true", "1"] {
            for (from, to) in [
                ("seed: 20260615}", format!("seed: 20260615, {key}: {value}}}")),
                ("schema: 1\n", format!("schema: 1\n{key}: {value}\n")),
            ] {
                fs::write(dir.path().join("sampled.yaml"), small.replacen(from, &to, 1)).unwrap();
                let model = Model::load(dir.path().join("sampled.yaml"), &Settings::default());
                let told = model.err().map(|refused| refused.issues.iter().any(|i| i.title.contains(key)));
                assert_eq!(told, Some(true), "{key}: {value}");
            }
        }
        let flag = format!("--{}", key.replace('_', "-"));
        for arguments in [vec![flag.as_str(), "sobol"], vec![flag.as_str()]] {
            let out = gapcast(
                dir.path(),
                &[&["run", "small-lab.yaml", "--name", "small-lab", "-n", "64"], arguments.as_slice()].concat(),
            );
            assert_eq!(out.status.code(), Some(2), "{arguments:?}: {}", text(&out.stderr));
        }
        let set = format!("run.{key}=sobol");
        let out = gapcast(dir.path(), &["run", "small-lab.yaml", "--name", "small-lab", "-n", "64", "--set", &set]);
        assert_eq!(out.status.code(), Some(2), "{set}: {}", text(&out.stderr));
    }
    let out = gapcast(dir.path(), &["run", "small-lab.yaml", "--name", "small-lab", "-n", "64", "-q", "--no-charts"]);
    assert!(matches!(out.status.code(), Some(0 | 3)), "{}", text(&out.stderr));
    let record = fs::read(dir.path().join("output/small-lab/run.json")).unwrap();
    let record: serde_json::Value = serde_json::from_slice(&record).unwrap();
    assert!(record["sampler"].as_str().unwrap().starts_with("plain Monte Carlo"), "{}", record["sampler"]);
}

/// The path of a key: the keys above it, `-` for an item of a list.
type Trail = Vec<String>;

/// Every key of a tree with what is above it, in order.
fn keys(node: &Node, above: &Trail, out: &mut Vec<(Trail, String)>) {
    match &node.value {
        Value::Map(entries) => {
            for (key, value) in entries {
                out.push((above.clone(), key.text.clone()));
                let mut trail = above.clone();
                trail.push(key.text.clone());
                keys(value, &trail, out);
            }
        }
        Value::List(items) => {
            let mut trail = above.clone();
            trail.push("-".to_owned());
            for item in items {
                keys(item, &trail, out);
            }
        }
        _ => {}
    }
}

/// Misspells key number `n`, in the order of [`keys`].
fn misspell(node: &mut Node, n: &mut usize) -> bool {
    match &mut node.value {
        Value::Map(entries) => {
            for (key, value) in entries {
                if *n == 0 {
                    let middle = key.text.chars().count() / 2;
                    key.text = key.text.chars().enumerate().map(|(k, c)| if k == middle { 'q' } else { c }).collect();
                    return true;
                }
                *n -= 1;
                if misspell(value, n) {
                    return true;
                }
            }
            false
        }
        Value::List(items) => items.iter_mut().any(|item| misspell(item, n)),
        _ => false,
    }
}

/// Whether a key is a name that the author of a file gives to something: of an input, a holder, a segment, a contract, a
/// tranche, a class of shares or a variant. Any other word may stand there.
fn is_given_name(trail: &[String]) -> bool {
    let above = |n: usize| trail.len().checked_sub(n).map_or("", |k| trail[k].as_str());
    let map = if above(1) == "-" { above(2) } else { above(1) };
    // A variant sets a list by its path.
    let map = if map == "lab.compute.owned" { map } else { map.rsplit('.').next().unwrap_or(map) };
    let maps_of_names = ["inputs", "shares", "variants"];
    let lists_of_names =
        ["segments", "contracts", "owned", "tranches", "preferences", "subordinated", "lab.compute.owned"];
    (above(1) != "-" && maps_of_names.contains(&map)) || (above(1) == "-" && lists_of_names.contains(&map))
}

/// Four: a misspelt name that runs. Every key of every shipped file, one at a time, with its middle letter changed: the file
/// is refused, but where the key is a name that its author has given and that nothing refers to.
#[test]
fn a_misspelt_key_is_refused_wherever_it_stands() {
    let dir = copied();
    let (mut tried, mut names, mut ran) = (0, 0, Vec::new());
    for file in shipped() {
        let text = fs::read_to_string(&file).unwrap();
        let mut issues = gapcast::issues::Issues::default();
        let tree = yaml::load(&text, 0, &mut issues).unwrap();
        let mut all = Vec::new();
        keys(&tree, &Vec::new(), &mut all);
        let at = dir.path().join("misspelt.yaml");
        for (number, (trail, key)) in all.iter().enumerate() {
            let mut other = tree.clone();
            assert!(misspell(&mut other, &mut number.clone()));
            fs::write(&at, to_yaml(&other)).unwrap();
            // What a variant holds is used when the variant is.
            let variant =
                (trail.first().is_some_and(|top| top == "variants") && trail.len() > 1).then(|| trail[1].clone());
            let settings = Settings { variant, ..Settings::default() };
            tried += 1;
            match Model::load(&at, &settings) {
                Err(refused) => {
                    assert!(refused.issues.has_errors(), "{}: {}.{key}", file.display(), trail.join("."));
                }
                Ok(_) if is_given_name(trail) => names += 1,
                Ok(_) => ran.push(format!("{}: {}.{key}", file.file_name().unwrap().display(), trail.join("."))),
            }
        }
    }
    assert!(ran.is_empty(), "{} of {tried} misspelt keys run:\n{}", ran.len(), ran.join("\n"));
    assert!(tried > 2000 && names < tried / 10, "{tried} keys, of which {names} are names that nothing refers to");
}

/// The same for words that are values: names of inputs in expressions, of metrics in checks, of paths in variants.
#[test]
fn a_misspelt_reference_is_refused() {
    let dir = copied();
    let at = dir.path().join("misspelt.yaml");
    let mut tried = 0;
    for file in shipped() {
        let model = Model::load(&file, &Settings::default()).unwrap();
        let text = fs::read_to_string(&file).unwrap();
        for input in model.reader.inputs.iter().filter(|i| !i.name.contains('.') && !matches!(i.law, LawSpec::Point(_)))
        {
            // The declaration itself is misspelt: whatever uses the input then names one that is not there.
            let declared = format!("\n  {}:", input.name);
            if text.matches(&declared).count() != 1 {
                continue;
            }
            let mut wrong = input.name.clone();
            wrong.pop();
            fs::write(&at, text.replacen(&declared, &format!("\n  {wrong}q:"), 1)).unwrap();
            tried += 1;
            let refused = Model::load(&at, &Settings::default()).err();
            let told = refused.map(|r| r.issues.iter().any(|i| i.title.contains(&format!("`{}`", input.name))));
            assert_eq!(told, Some(true), "{}: {}", file.display(), input.name);
        }
    }
    assert!(tried > 25, "{tried}");
}

/// Five: a shipped example that fails. Every scenario and each of its variants checks without any message and runs,
/// with exit code 0, or 3 if a line of its checks does not hold on so few paths.
#[test]
fn every_shipped_scenario_and_variant_runs() {
    let dir = copied();
    let mut ran = 0;
    for file in shipped() {
        let name = file.file_name().unwrap().to_str().unwrap();
        let mut variants = vec![None];
        variants.extend(Model::load(&file, &Settings::default()).unwrap().variants.into_iter().map(Some));
        for variant in variants {
            let more: Vec<&str> = variant.as_deref().map_or(Vec::new(), |v| vec!["--variant", v]);
            let out = gapcast(dir.path(), &[&["check", name], more.as_slice()].concat());
            assert_eq!(out.status.code(), Some(0), "{name} {variant:?}: {}", text(&out.stderr));
            let few = ["run", name, "-n", "200", "--no-charts"];
            let out = gapcast(dir.path(), &[few.as_slice(), more.as_slice()].concat());
            assert!(matches!(out.status.code(), Some(0 | 3)), "{name} {variant:?}: {}", text(&out.stderr));
            assert!(text(&out.stdout).contains("Cash runs out"), "{name} {variant:?}: {}", text(&out.stdout));
            ran += 1;
        }
    }
    assert!(ran > 50, "{ran}");
}
