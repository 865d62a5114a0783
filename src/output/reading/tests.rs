//! A hand-written folder, both intact and damaged.

use super::*;

fn write(dir: &Path, file: &str, text: &str) {
    let path = dir.join(file);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

const RUN: &str = r#"{"scenario": "a", "variant": "b", "version": "1", "seed": 7, "paths": 10, "months": 3, "start": "2026-11",
    "files_sha256": {"monthly.csv": "", "instruments.csv": "", "summary.csv": ""}}"#;
const MONTHLY: &str = "month,entity,metric,unit,mean,se,sd,p05,p25,p50,p75,p95
2026-11-30,lab,cash,USD,5,1,1,1,2,3,4,9
2026-11-30,world,sofr,per year,,,,,,,,
2026-12-31,lab,cash,USD,6,1,1,1,2,-3.5,4,9
2026-12-31,world,sofr,per year,0.04,0,0,0,0,0.04,0,0
2027-01-31,world,sofr,per year,0.05,0,0,0,0,0.05,0,0
";

fn folder() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), "run.json", RUN);
    write(dir.path(), "summary.json", "{}");
    write(dir.path(), "scenario.resolved.yaml", "schema: 1\nname: a\n");
    write(dir.path(), "monthly.csv", MONTHLY);
    write(
        dir.path(),
        "instruments.csv",
        "month,instrument,line,unit,mean,p05,p50,p95\n2026-12-31,\"loan, the first\",balance,USD,1,2,3,4\n",
    );
    let summary = "metric,unit,n_defined,mean,se,sd,p05,p25,p50,p75,p95\npeak_funding,USD,10,5,1,1,1,2,3,4,9\n";
    write(dir.path(), "summary.csv", summary);
    dir
}

#[test]
fn a_folder_is_read_by_names() {
    let dir = folder();
    let folder = Folder::open(dir.path()).unwrap();
    assert_eq!((folder.name(), folder.variant(), folder.seed(), folder.months()), ("a", Some("b"), 7, 3));
    let cash = folder.monthly("cash").unwrap();
    let median = cash.get("p50");
    assert_eq!(median[..2], [3.0, -3.5]);
    // The last month has no row; the first of the other has empty cells.
    assert!(median[2].is_nan() && median.len() == 3);
    let sofr = folder.monthly("sofr").unwrap().get("mean");
    assert!(sofr[0].is_nan() && sofr[1..] == [0.04, 0.05]);
    assert_eq!(folder.line("loan, the first", "balance").unwrap().get("p95")[1], 4.0);
    assert_eq!(folder.instruments(), ["loan, the first"]);
    assert_eq!(folder.metrics(), ["cash", "sofr"]);
    assert_eq!(folder.end("peak_funding").unwrap().get("p75"), 4.0);
    assert!(folder.monthly("revenue").is_none() && folder.end("cash").is_none());
    assert_eq!(folder.table("ruin.csv").rows(), 0);
    assert!(folder.table("claims.csv").numbers("lgd").is_empty() && folder.table("x").text("y", 9).is_empty());
    assert!(folder.tree().unwrap().get("name").is_some());
    assert!(folder.path("p05", "gap").is_none());
}

#[test]
fn a_traced_path_is_read_by_line() {
    let dir = folder();
    let text = "path,month,entity,statement,line,unit,value
8,2026-11-30,lab,balance,cash,USD,4
8,2026-11-30,loan,instrument,cash,USD,9
8,2027-01-31,lab,market,gap,USD,-1
8,2027-01-31,lab,event,default,,
";
    write(dir.path(), "trace/p05.csv", text);
    let folder = Folder::open(dir.path()).unwrap();
    let (gap, cash) = (folder.path("p05", "gap").unwrap(), folder.path("p05", "cash").unwrap());
    assert!(gap[0].is_nan() && gap[2] == -1.0 && cash[0] == 4.0 && cash[1].is_nan());
    assert!(folder.path("p95", "gap").is_none());
}

#[test]
fn damage_is_clear_with_file_and_row() {
    let cut = MONTHLY.replace("4,9\n2026-12", "4\n2026-12");
    for (file, text, told) in [
        ("run.json", "{", "run.json`: not valid JSON at line 1, column 1"),
        (
            "run.json",
            &RUN.replace("\"seed\": 7", "\"seed\": -7"),
            "run.json`: invalid value: integer `-7`, expected u64",
        ),
        ("run.json", &RUN.replace("2026-11", "soon"), "`start` is not a month such as 2026-06"),
        ("run.json", &RUN.replace("\"months\": 3", "\"months\": 99999999999"), "`months` is 99999999999"),
        ("run.json", &RUN.replace("\"summary.csv\"", "\"claims.csv\""), "claims.csv"),
        ("monthly.csv", &MONTHLY.replace("p95", "p99"), "monthly.csv`, row 1: there is no column `p95`"),
        ("monthly.csv", &MONTHLY.replace("-3.5", "x"), "monthly.csv`, row 4: `p50` is `x`, not a number"),
        ("monthly.csv", &MONTHLY.replace("-3.5", "NaN"), "row 4: `p50` is `NaN`, not a number"),
        ("monthly.csv", &cut, "row 4: 11 cells where 12 are expected"),
        (
            "monthly.csv",
            &MONTHLY.replace("2027-01", "2027-02"),
            "row 6: `month` is `2027-02-31`, not a month of the run",
        ),
        (
            "monthly.csv",
            &MONTHLY.replace("2027-01", "2031-01"),
            "row 6: `month` is `2031-01-31`, not a month of the run",
        ),
        ("monthly.csv", "", "row 1: there is no column `month`"),
        ("instruments.csv", "month,instrument\n\"", "row 1: there is no column `line`"),
    ] {
        let dir = folder();
        write(dir.path(), file, text);
        let error = Folder::open(dir.path()).map(|_| ()).expect_err(told).to_string();
        assert!(error.contains(told), "{error}\n{told}");
    }
    let dir = folder();
    fs::write(dir.path().join("monthly.csv"), [MONTHLY.as_bytes(), b"2026-11-30,\xff,c,,,,,,,,,\n"].concat()).unwrap();
    let error = Folder::open(dir.path()).map(|_| ()).unwrap_err().to_string();
    assert!(error.contains("row 7: `entity` is not UTF-8"), "{error}");
    fs::remove_file(dir.path().join("run.json")).unwrap();
    assert!(matches!(Folder::open(dir.path()), Err(Reading::NoRun { .. })));
}
