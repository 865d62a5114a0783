//! The gallery in `docs/gallery.md`: every chart of one scenario, and some of others, as a run draws them.
//! `UPDATE_DOCS=1 cargo test --release --test it gallery` makes the page and its pictures again.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use gapcast::output::charts::{self, Drawing};
use gapcast::output::reading::Folder;

/// Names, scenarios with their arguments, and the numbers of the charts that are shown; none for all.
const SHOWN: [(&str, &[&str], &[u8]); 4] = [
    ("anthropic-2026-06", &["scenarios/anthropic-2026-06.yaml"], &[]),
    ("coreweave-ddtl", &["scenarios/coreweave-ddtl.yaml"], &[8]),
    ("xai-colossus-spv", &["scenarios/xai-colossus-spv.yaml"], &[5, 11, 14]),
    ("stargate-commitments", &["scenarios/stargate-commitments.yaml"], &[13]),
];
/// Bytes that a picture of the repository can have.
const LARGEST: usize = 60_000;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Runs a scenario into `out` under a name and reads its folder.
fn run(name: &str, scenario: &[&str], paths: &str, out: &Path) -> (PathBuf, Folder) {
    let status = Command::new(env!("CARGO_BIN_EXE_gapcast"))
        .current_dir(root())
        .args(["run", "-q", "--name", name, "-n", paths, "-o"])
        .arg(out)
        .args(scenario)
        .status()
        .unwrap();
    // A line of `checks:` may fail with few paths.
    assert!(matches!(status.code(), Some(0 | 3)), "{name}: {status}");
    let dir = out.join(name);
    let folder = Folder::open(&dir).unwrap();
    (dir, folder)
}

#[test]
fn a_folder_is_drawn_again_to_the_same_bytes() {
    let out = tempfile::tempdir().unwrap();
    let (name, scenario, _) = SHOWN[0];
    let (dir, folder) = run(name, scenario, "600", out.path());
    let drawings = charts::draw(&folder);
    assert!(drawings.len() >= 14, "{}", drawings.len());
    assert!((17..=20).all(|number| drawings.iter().any(|d| d.number == number)));
    let numbers: Vec<u8> = drawings.iter().map(|d| d.number).collect();
    assert!(numbers.is_sorted());
    for drawing in &drawings {
        let written = fs::read_to_string(dir.join("charts").join(format!("{}.svg", drawing.stem))).unwrap();
        assert_eq!(written, drawing.svg, "{}", drawing.stem);
    }
    // What was drawn is what was recorded, and nothing more.
    let files = fs::read_dir(dir.join("charts")).unwrap().filter_map(Result::ok);
    let svgs = files.filter(|f| f.path().extension().is_some_and(|e| e == "svg")).count();
    assert_eq!(svgs, drawings.len());
    // A run without charts can be drawn afterwards.
    let charted = &folder.run.files_sha256;
    assert!(charted.get("survival.csv").is_some() && charted.get("drivers.csv").is_some());
}

fn shown(drawing: &Drawing, numbers: &[u8]) -> bool {
    numbers.is_empty() || numbers.contains(&drawing.number)
}

fn file(name: &str, drawing: &Drawing) -> String {
    format!("{name}-{}.svg", drawing.stem)
}

/// The page and its pictures, from runs of so many paths.
fn gallery(paths: &str) -> (String, Vec<(String, String)>) {
    let out = tempfile::tempdir().unwrap();
    let mut page = String::from(
        "# Gallery\n\nCharts as `gapcast run` draws them, with 10 000 paths; the same as PNG lie beside them in a run \
         folder. This page is made by `UPDATE_DOCS=1 cargo test --release --test it gallery`. Charts of the optimum over research \
         and orders are with the [guide to charts](guide/charts.md).\n",
    );
    let mut pictures = Vec::new();
    for (name, scenario, numbers) in SHOWN {
        let (_, folder) = run(name, scenario, paths, out.path());
        let _ = writeln!(page, "\n## {name}");
        for drawing in charts::draw(&folder).into_iter().filter(|d| shown(d, numbers)) {
            let name = file(name, &drawing);
            let _ = writeln!(page, "\n![Chart {}](images/gallery/{name})\n\n{}", drawing.number, drawing.alt);
            pictures.push((name, drawing.svg));
        }
    }
    (page, pictures)
}

#[test]
fn every_chart_has_its_picture_in_the_gallery() {
    let (page, folder) = (root().join("docs/gallery.md"), root().join("docs/images/gallery"));
    if std::env::var_os("UPDATE_DOCS").is_some() {
        let (text, pictures) = gallery("10000");
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        for (name, svg) in &pictures {
            fs::write(folder.join(name), svg).unwrap();
        }
        fs::write(&page, text).unwrap();
    }
    // With few paths the same charts are drawn, if with other numbers: the page must have each, and no other.
    let (_, pictures) = gallery("600");
    let mut wanted: Vec<String> = pictures.into_iter().map(|p| p.0).collect();
    let mut found: Vec<String> =
        fs::read_dir(&folder).unwrap().map(|f| f.unwrap().file_name().into_string().unwrap()).collect();
    wanted.sort();
    found.sort();
    assert_eq!(found, wanted, "UPDATE_DOCS=1 cargo test --release --test it gallery");
    let text = fs::read_to_string(page).unwrap();
    for name in &found {
        let svg = fs::read(folder.join(name)).unwrap();
        assert!(text.contains(&format!("(images/gallery/{name})")), "{name}");
        assert!(svg.len() <= LARGEST, "{name} has {} bytes", svg.len());
    }
}
