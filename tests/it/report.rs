//! `gapcast report` as a user runs it: the same bytes as those of the run, missing files redrawn, nothing else changed.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

const SMALL: &str = include_str!("../common/small.yaml");

struct Bench {
    dir: tempfile::TempDir,
    folder: PathBuf,
}

impl Bench {
    /// A run of the small scenario with more text in it.
    fn run(more: &str, arguments: &[&str]) -> Bench {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("output/small");
        fs::write(dir.path().join("small.yaml"), SMALL.to_owned() + more).unwrap();
        let bench = Bench { dir, folder };
        let out = bench
            .gapcast(&[&["run", "small.yaml", "--name", "small", "--paths", "512", "--quiet"], arguments].concat());
        assert_eq!(out.status.code(), Some(0), "{}", String::from_utf8_lossy(&out.stderr));
        bench
    }
    fn gapcast(&self, arguments: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_gapcast")).current_dir(self.dir.path()).args(arguments).output().unwrap()
    }
    fn report(&self) -> Value {
        let out = self.gapcast(&["report", "output/small", "--json"]);
        assert_eq!(out.status.code(), Some(0), "{}", String::from_utf8_lossy(&out.stderr));
        assert!(out.stderr.is_empty());
        // A list, with an entry for each folder.
        let mut all: Vec<Value> = serde_json::from_slice(&out.stdout).unwrap();
        assert_eq!(all.len(), 1);
        all.remove(0)
    }
    fn page(&self) -> String {
        fs::read_to_string(self.folder.join("report.html")).unwrap()
    }
}

/// Every file below a folder by its path.
fn all(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut out = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { out.extend(all(&path)) } else { drop(out.insert(path.clone(), fs::read(&path).unwrap())) }
    }
    out
}

fn names(list: &Value) -> Vec<&str> {
    list.as_array().unwrap().iter().map(|v| v.as_str().unwrap()).collect()
}

#[test]
fn a_redraw_changes_no_byte() {
    let b = Bench::run("", &[]);
    let before = all(&b.folder);
    assert!(before.contains_key(&b.folder.join("report.html")) && before.len() > 15);
    let said = b.report();
    assert!(names(&said["written"]).is_empty() && names(&said["same"]).contains(&"report.html"), "{said}");
    assert_eq!(before, all(&b.folder));
    // Another run of the same, on one thread, has the same page.
    let page = b.page();
    let out = b.gapcast(&["run", "small.yaml", "--name", "small", "--paths", "512", "--quiet", "--threads", "1"]);
    assert_eq!((out.status.code(), b.page()), (Some(0), page));
}

#[test]
fn what_is_missing_is_drawn_and_what_is_stale_is_removed() {
    let b = Bench::run("", &["--no-charts"]);
    assert!(!b.folder.join("report.html").exists() && !b.folder.join("charts").exists());
    let tables = all(&b.folder);
    let said = b.report();
    assert!(names(&said["written"]).contains(&"charts/03-cash-and-ruin.svg"), "{said}");
    let drawn = all(&b.folder);
    for (file, bytes) in &tables {
        assert!(file.ends_with("run.json") || drawn[file] == *bytes, "{}", file.display());
    }
    // The record now knows the hash of every file but its own, in order, as after a run.
    let record: Value = serde_json::from_slice(&drawn[&b.folder.join("run.json")]).unwrap();
    let hashed: Vec<PathBuf> = record["files_sha256"].as_object().unwrap().keys().map(|f| b.folder.join(f)).collect();
    let there: Vec<PathBuf> = drawn.keys().filter(|f| !f.ends_with("run.json")).cloned().collect();
    let sorted = |mut list: Vec<PathBuf>| {
        list.sort();
        list
    };
    assert_eq!(sorted(hashed.clone()), sorted(there));
    assert!(hashed.windows(2).all(|w| w[0].to_string_lossy() < w[1].to_string_lossy()));
    // A page that was changed is redrawn, a chart that no longer exists is removed, a foreign file is kept.
    fs::write(b.folder.join("report.html"), "no").unwrap();
    fs::write(b.folder.join("charts/99-old.svg"), "old").unwrap();
    fs::write(b.folder.join("charts/mine.svg"), "mine").unwrap();
    let mut record = record;
    record["files_sha256"]["charts/99-old.svg"] = "0".into();
    record["files_sha256"]["charts/../../../small.svg"] = "0".into();
    fs::write(b.dir.path().join("small.svg"), "outside").unwrap();
    fs::write(b.folder.join("run.json"), format!("{record:#}\n")).unwrap();
    let said = b.report();
    assert_eq!((names(&said["written"]), names(&said["removed"])), (vec!["report.html"], vec!["charts/99-old.svg"]));
    assert!(!b.folder.join("charts/99-old.svg").exists() && b.folder.join("charts/mine.svg").exists());
    assert!(b.dir.path().join("small.svg").exists());
}

#[test]
fn what_is_no_run_folder_is_refused() {
    let b = Bench::run("", &["--no-charts"]);
    for folder in ["nowhere", "."] {
        let out = b.gapcast(&["report", folder]);
        let said = String::from_utf8_lossy(&out.stderr).into_owned();
        assert_eq!(out.status.code(), Some(5), "{said}");
        assert!(said.contains("is not a run folder: it has no run.json") && out.stdout.is_empty(), "{said}");
        assert!(!b.dir.path().join(folder).join("charts").exists());
    }
    // One good and one bad: the good one is drawn, the code is that of the bad one.
    let out = b.gapcast(&["report", "nowhere", "output/small", "--json"]);
    let said: Value = serde_json::from_slice(&out.stdout).unwrap();
    assert_eq!((out.status.code(), &said[0]["error"]["exit_code"]), (Some(5), &5.into()));
    assert!(said[1]["written"].as_array().unwrap().len() > 5);
    // A damaged table is reported with its row, and nothing is written.
    let before = all(&b.folder);
    fs::write(b.folder.join("claims.csv"), "claimant\n").unwrap();
    let out = b.gapcast(&["report", "output/small"]);
    assert_eq!(out.status.code(), Some(5));
    assert!(String::from_utf8_lossy(&out.stderr).contains("claims.csv`, row 1: there is no column"));
    assert_eq!(before.len(), all(&b.folder).len());
}

#[cfg(unix)]
#[test]
fn nothing_is_written_through_a_link() {
    let b = Bench::run("", &["--no-charts"]);
    let elsewhere = b.dir.path().join("elsewhere");
    fs::create_dir(&elsewhere).unwrap();
    std::os::unix::fs::symlink(&elsewhere, b.folder.join("charts")).unwrap();
    assert_eq!(b.gapcast(&["report", "output/small"]).status.code(), Some(5));
    assert!(fs::read_dir(&elsewhere).unwrap().next().is_none());
    // A link in place of the page is replaced, not followed.
    fs::remove_file(b.folder.join("charts")).unwrap();
    std::os::unix::fs::symlink(elsewhere.join("page.html"), b.folder.join("report.html")).unwrap();
    b.report();
    assert!(fs::read_dir(&elsewhere).unwrap().next().is_none() && b.page().starts_with("<!DOCTYPE html>"));
}

#[test]
fn what_a_scenario_says_is_text_in_the_page() {
    let nasty = "</script><script>alert('x')</script> & <b> \\\"quoted\\\"";
    let more = format!(
        "about: \"{nasty}\"\nvariants:\n  worse:\n    about: \"{nasty}\"\n    set: {{lab.opening.cash: {{value: 10B USD, source: \"{nasty}\", \
         url: \"javascript:alert(1)\", note: \"{nasty}\"}}}}\n"
    );
    let b = Bench::run(&more, &["--variant", "worse"]);
    let page = fs::read_to_string(b.dir.path().join("output/small/report.html")).unwrap();
    assert!(
        page.contains(
            "&lt;/script&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; &amp; &lt;b&gt; &quot;quoted&quot;"
        )
    );
    for bad in ["<script>alert", "<b>", "href=\"javascript"] {
        assert!(!page.contains(bad), "{bad}");
    }
    assert!(page.len() < 1_500_000);
}

/// Width and height of a PNG.
fn picture(bytes: &[u8]) -> (u32, u32) {
    let at = |i: usize| u32::from_be_bytes(bytes[i..i + 4].try_into().unwrap());
    (at(16), at(20))
}

#[test]
fn charts_are_exported_as_they_are_wanted() {
    let b = Bench::run("", &[]);
    let before = all(&b.folder);
    let run = |more: &[&str]| {
        let out = b.gapcast(&[&["report", "output/small", "--out", "slides"], more].concat());
        (out.status.code(), String::from_utf8_lossy(&out.stdout).into_owned() + &String::from_utf8_lossy(&out.stderr))
    };
    let slides = b.dir.path().join("slides");
    let file = |name: &str| slides.join(name);
    // All charts as they are in the run folder.
    assert_eq!(run(&[]).0, Some(0));
    let own: BTreeMap<_, _> = all(&b.folder.join("charts")).into_iter().collect();
    let exported = all(&slides);
    assert!(own.len() > 10 && exported.len() == own.len());
    for (path, bytes) in &own {
        assert!(exported[&file(path.file_name().unwrap().to_str().unwrap())] == *bytes, "{path:?}");
    }
    // Again: they are unchanged. In another size the existing files are an error.
    assert!(run(&[]).1.contains("files unchanged"));
    let (code, said) = run(&["--charts", "3", "--size", "1200x800"]);
    assert!(code == Some(2) && said.contains("already exists and differs; --force"), "{said}");
    assert!(all(&slides) == exported);
    // One chart, its title, its size, dark, SVG and PNG.
    let look =
        ["--charts", "cash-and-ruin", "--size", "1200x800", "--title", "Five <years>", "--theme", "dark", "--force"];
    let (code, said) = run(&look);
    assert_eq!(code, Some(0), "{said}");
    let svg = fs::read_to_string(file("03-cash-and-ruin.svg")).unwrap();
    assert!(svg.contains(r#"width="1200" height="800" viewBox="0 0 9600 6400""#), "{}", &svg[..300]);
    assert!(svg.contains("<title id=\"title\">Five &lt;years&gt;</title>"));
    assert!(svg.contains("#15181B") && !svg.contains("#FFFFFF") && !svg.contains("#212529"));
    if cfg!(feature = "png") {
        assert_eq!(picture(&fs::read(file("03-cash-and-ruin.png")).unwrap()), (2400, 1600));
    }

    // An impossible request is reported, and nothing is written.
    for (more, code, words) in [
        (vec!["--charts", "cash-and-riun"], 2, "this run has no chart `cash-and-riun`; did you mean `cash-and-ruin`?"),
        (vec!["--charts", "99"], 2, "(it has 1 spend-and-revenue, "),
        (vec!["--title", "One"], 2, "--title applies to a single chart"),
        (vec!["--size", "960"], 2, "expected WIDTHxHEIGHT"),
        (vec!["--theme", "sepia"], 2, "light, dark"),
    ] {
        let (got, said) = run(&more);
        assert!(got == Some(code) && said.contains(words), "{more:?}: {got:?} {said}");
    }
    let out = b.gapcast(&["report", "output/small", "--size", "960x540"]);
    assert!(out.status.code() == Some(2) && String::from_utf8_lossy(&out.stderr).contains("--out <FOLDER>"));
    let out = b.gapcast(&["report", "output/small", "output/small", "--out", "slides"]);
    assert!(out.status.code() == Some(2) && String::from_utf8_lossy(&out.stderr).contains("single run folder"));
    // Every allowed shape is drawn, and the run folder is what it was.
    for size in ["300x120", "300x450", "4000x1600"] {
        let out = b.gapcast(&["report", "output/small", "--out", size, "--size", size, "--format", "svg"]);
        assert_eq!(out.status.code(), Some(0), "{}", String::from_utf8_lossy(&out.stderr));
    }
    assert!(all(&b.folder) == before);
}

const CLOSED: &str = include_str!("../common/closed.yaml");

/// The page of the closed scenario with some of its text replaced.
fn closed(replaced: &[(&str, &str)], sets: &[&str]) -> (tempfile::TempDir, PathBuf, String) {
    let dir = tempfile::tempdir().unwrap();
    let text = replaced.iter().fold(CLOSED.to_owned(), |text, (old, new)| {
        assert!(text.contains(old), "{old}");
        text.replace(old, new)
    });
    fs::write(dir.path().join("closed.yaml"), text).unwrap();
    let sets: Vec<&str> = sets.iter().flat_map(|set| ["--set", set]).collect();
    let out = Command::new(env!("CARGO_BIN_EXE_gapcast"))
        .current_dir(dir.path())
        .args([&["run", "closed.yaml", "--name", "closed", "--quiet"], &sets[..]].concat())
        .output()
        .unwrap();
    assert!(matches!(out.status.code(), Some(0 | 3)), "{}", String::from_utf8_lossy(&out.stderr));
    let folder = dir.path().join("output/closed");
    let page = fs::read_to_string(folder.join("report.html")).unwrap().replace(['\u{a0}', '\u{2060}'], " ");
    (dir, folder, page)
}

/// The charts from number 17 to 20 in a folder.
fn loop_charts(folder: &Path) -> Vec<String> {
    let files = fs::read_dir(folder.join("charts")).unwrap().map(|f| f.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = files
        .filter(|f| ("17".."21").contains(&f.as_str()) && Path::new(f).extension().is_some_and(|e| e == "svg"))
        .collect();
    names.sort();
    names
}

const WORDS: [&str; 4] = ["Research and revenue: ", "Scarce power: ", "Supply of equity: ", "What investors see: "];
const EQUITY: &str = "    equity: {supply: 15B USD/yr to 60B USD/yr, supply_growth: 10%/yr, in_winter: 60%, impact: 0.2, raised_before: 10B USD}\n";

#[test]
fn every_block_of_the_loop_has_its_chart_and_paragraph() {
    let all = ["17-capability.svg", "18-power-market.svg", "19-equity-supply.svg", "20-valuation.svg"];
    let (_dir, folder, page) = closed(&[], &["run.paths=600"]);
    assert_eq!(loop_charts(&folder), all);
    for words in WORDS {
        assert_eq!(page.matches(words).count(), 1, "{words}");
    }
    assert!(page.contains("This supply is what investors give to this lab, not to the market."));
    assert!(page.contains("(± at most $") && page.contains("The mean logarithm of that factor is "));
    // The numbers of a paragraph are those of the tables.
    let summary = fs::read_to_string(folder.join("summary.csv")).unwrap();
    let mean = |metric: &str| -> f64 {
        let row = summary.lines().find(|row| row.starts_with(&format!("{metric},"))).unwrap();
        row.split(',').nth(3).unwrap().parse().unwrap()
    };
    let share = 100.0 * mean("valuation") / mean("enterprise_value");
    assert!(page.contains(&format!("{share:.0}% of the mean enterprise value")), "{share}");
    // Without the block there is neither.
    let (_dir, folder, page) = closed(&[(EQUITY, "")], &["run.paths=256"]);
    assert_eq!(loop_charts(&folder), [all[0], all[1], all[3]]);
    assert!(!page.contains(WORDS[2]) && page.contains(WORDS[3]));
    let open = Bench::run("", &[]);
    assert!(loop_charts(&open.folder).is_empty());
    assert!(WORDS.iter().all(|words| !open.page().contains(words)));
}

#[test]
fn the_loop_is_drawn_whatever_the_run() {
    let blocks = "world.capital.equity.supply=0 USD/yr";
    let hopeless = ["lab.opening.cash=0.01B USD", "lab.people.cost=90B USD/yr"];
    let cases: [&[&str]; 5] = [
        &["run.paths=1"],
        &["run.paths=200", "time.months=2"],
        &["run.paths=200", blocks],
        &["run.paths=200", hopeless[0], hopeless[1]],
        &["run.paths=200", "lab.demand.capability.elasticity=0", "world.capital.price.weight=0%"],
    ];
    for sets in cases {
        let (_dir, folder, page) = closed(&[], sets);
        assert_eq!(loop_charts(&folder).len(), 4, "{sets:?}");
        assert!(!page.contains("NaN") && !page.contains("undefined of") && !page.contains("inf of"), "{sets:?}");
    }
}
