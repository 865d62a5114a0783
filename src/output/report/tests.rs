//! A hand-written folder, with names and texts that try to be markup.

use std::fs;
use std::path::Path;

use super::*;
use crate::output::charts::{End, Grid, Panel, Shown};

const NASTY: &str = "</script><script>alert('x')</script> & \"quoted\" <b>";

fn write(dir: &Path, file: &str, text: &str) {
    fs::write(dir.join(file), text).unwrap();
}

/// A cell of a CSV file, quoted.
fn cell(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}

fn folder() -> (tempfile::TempDir, Folder) {
    let dir = tempfile::tempdir().unwrap();
    let checks = serde_json::json!([
        {"check": "p(cash_out by 2026-12) < 10%", "holds": false, "measured": 0.2, "se": 0.05},
        {"check": "p50(stake.founders) > 9%", "holds": true, "measured": 0.108, "se": 0.001},
        {"check": NASTY, "holds": true, "measured": 1.0, "se": null},
    ]);
    let run = serde_json::json!({
        "scenario": NASTY, "variant": NASTY, "version": NASTY, "seed": 7, "paths": 1000, "months": 3, "start": "2026-11",
        "sampler": "plain", "commit": null, "set": [format!("about={NASTY}")], "warnings": [NASTY], "checks": checks,
        "inputs_sha256": {format!("/home/somebody/{NASTY}.yaml"): "00ff"},
        "files_sha256": {"monthly.csv": "aa", "charts/01-x.svg": "bb", "outcomes.csv": "cc", "report.html": "dd"},
    });
    write(dir.path(), "run.json", &run.to_string());
    let summary = serde_json::json!({
        "p_cash_out": {"value": 0.2, "se": 0.0126, "wilson_95": [0.176, 0.226]},
        "metrics": {"runway_months": {"p10": 2.0}, "peak_funding": {"p90": 8e9}},
    });
    write(dir.path(), "summary.json", &summary.to_string());
    let about = serde_json::Value::from(NASTY).to_string();
    write(dir.path(), "scenario.resolved.yaml", &format!("schema: 1\nname: a\nabout: {about}\n"));
    let summary = "metric,unit,n_defined,mean,se,sd,p05,p25,p50,p75,p95
runway_months,months,400,2.5,1,1,2,2,2,3,3
peak_funding,USD,1000,5e9,1,1,1e9,2e9,3e9,4e9,9e9
stake.founders,share,1000,0.1,1,1,0.09,0.1,0.108,0.11,0.12
look_through_leverage,x,900,1,1,1,0.5,0.8,1,1.5,3
";
    write(dir.path(), "summary.csv", summary);
    let monthly = "month,entity,metric,unit,mean,se,sd,p05,p25,p50,p75,p95
2026-11-30,lab,gap,USD,5,1,1,1,2,3e9,4,9
2026-12-31,lab,gap,USD,6,1,1,1,2,-3.5,4,9
2027-01-31,lab,gap,USD,6,1,1,1,2,-3.5,4,9
2026-11-30,lab,stake.founders,share,0.11,0,0,0.11,0.11,0.11,0.11,0.11
";
    write(dir.path(), "monthly.csv", monthly);
    let rows = format!(
        "path,value,evidence,range,stated_at,source,url,note\n{n},{n},{n},{n},{n},{n},javascript:alert(1),{n}\na.b,5%,sourced,,a.b,a paper,\"https://example.com/?a=1&b=\"\"2\",\nc,1,sourced,,c,,https://example.com/c,\nd,2,judgement,1 to 3,e,,,as before\n",
        n = cell(NASTY)
    );
    write(dir.path(), "assumptions.csv", &rows);
    write(
        dir.path(),
        "claims.csv",
        &format!(
            "claimant,unit,n_claims,mean_claim,expected_loss,se,loss_p95,lgd\n{},USD,3,5,2e9,1,9,0.5\n",
            cell(NASTY)
        ),
    );
    write(dir.path(), "ruin.csv", &format!("month,cause,share\n2026-12-31,{},0.2\n", cell(NASTY)));
    write(
        dir.path(),
        "drivers.csv",
        &format!("target,input,spearman,se,n\ncash,{},-0.5,0.03,1000\ncash,quiet,0.01,0.03,1000\n", cell(NASTY)),
    );
    let folder = Folder::open(dir.path()).unwrap();
    (dir, folder)
}

fn drawing() -> Drawing {
    let series = |key: &str, label: &str| Shown {
        key: key.into(),
        label: label.into(),
        colour: "#0072b2".into(),
        values: vec!["$1B".into(), NASTY.into()],
    };
    Drawing {
        number: 1,
        stem: "01-spend",
        title: NASTY.into(),
        subtitle: NASTY.into(),
        svg: "<svg width=\"960\" height=\"540\" viewBox=\"0 0 9600 5400\" xmlns=\"http://www.w3.org/2000/svg\">\n\
              <title id=\"title\">t</title>\n<desc id=\"desc\">d</desc>\n\
              <polygon opacity=\"1\" fill=\"#FFFFFF\" points=\"0,0 9600,0 9600,5400 0,5400 \"/>\n\
              <text x=\"240\" y=\"338\" dy=\"0.5ex\" font-size=\"220\" fill=\"#212529\">\nHeading\n</text>\n\
              <text x=\"240\" y=\"591\" dy=\"0.5ex\" font-size=\"140\" fill=\"#5C636A\">\nBelow\n</text>\n\
              <text x=\"240\" y=\"5210\" dy=\"0.5ex\" font-size=\"120\" fill=\"#5C636A\">\nFootnote\n</text>\n\
              <text x=\"240\" y=\"930\" dy=\"0.5ex\" font-size=\"130\" fill=\"#212529\" font-weight=\"bold\">\nOf a plot\n</text>\n\
              <g class=\"series\" data-series=\"a\"><text x=\"240\" y=\"2000\" font-size=\"125\" fill=\"#0072B2\">\nInside\n</text></g>\n\
              <g class=\"series\" data-series=\"b\"></g></svg>"
            .into(),
        alt: NASTY.into(),
        table: Grid { head: vec!["Month".into(), NASTY.into()], rows: vec![vec![NASTY.into(), NASTY.into()]] },
        hover: vec![Panel {
            left: 700.0,
            top: 900.0,
            width: 7000.0,
            height: 3000.0,
            down: false,
            places: vec![(700.0, "Nov 2026".into()), (7700.0, NASTY.into())],
            series: vec![series("a", NASTY), series("b", "B")],
        }],
        ends: vec![End { colour: Some("#0072b2".into()), rows: vec![NASTY.into(), "$1B".into()] }],
    }
}

#[test]
fn nothing_of_a_scenario_becomes_markup() {
    let (_dir, folder) = folder();
    let page = html(&folder, &[drawing()]).replace("<wbr>", "");
    for tag in ["<script>alert", "</script><script>alert", "<b>", "href=\"javascript", "src=\"http", "/home/somebody"] {
        assert!(!page.contains(tag), "{tag}");
    }
    // The page's own scripts: the one that sets the theme, the pointer data, and the main script.
    assert_eq!((page.matches("<script").count(), page.matches("</script>").count()), (3, 3));
    assert!(page.matches("&lt;/script&gt;&lt;script&gt;alert(&#39;x&#39;)").count() >= 15);
    assert!(
        page.contains("href=\"https://example.com/?a=1&amp;b=&quot;2\"")
            && page.contains("href=\"https://example.com/c\"")
    );
    let data = page.split_once("class=\"hover\">").unwrap().1.split_once("</script>").unwrap().0;
    let data: serde_json::Value = serde_json::from_str(data).unwrap();
    assert_eq!(data[0]["series"][0]["label"], NASTY);
    assert_eq!(data[0]["rect"], serde_json::json!([700.0, 900.0, 7000.0, 3000.0]));
}

#[test]
fn sections_say_what_the_tables_say() {
    let (_dir, folder) = folder();
    let page = html(&folder, &[drawing()]).replace(['\u{a0}', '\u{2060}'], " ").replace("<wbr>", "");
    for words in [
        "Cash runs out by January 2027 in 20% of paths (95% interval 18% to 23%).",
        "Half of the paths need more than $3.0B of external funding at their peak, and one in ten more than $8.0B.",
        "Of 3 checks, 1 fails.",
        "20.0% by Dec 2026, limit &lt; 10.0%",
        "P50 10.8%, limit &gt; 9.0%",
        "The median gap is above zero in 1 of 3 months: widest in November 2026, at $3.0B in the month, and closed for good from December 2026.",
        "Cash is most strongly associated with",
        "The scenario states 4 numbers: 2 sourced; 1 judgement, 1 of which with a range; 1 with nothing stated.",
        "The closest to its limit is p(cash_out by 2026-12) &lt; 10%, 2.0 standard errors away.",
        "gapcast run ",
        " --paths 1000 --seed 7",
    ] {
        assert!(page.contains(words), "{words}");
    }
    // The page does not list hashes of files that it precedes or is part of.
    for hash in [">bb<", ">cc<", ">dd<"] {
        assert!(!page.contains(hash), "{hash}");
    }
    assert!(page.contains(">aa<") && page.contains(">00ff<"));
    assert_eq!(html(&folder, &[drawing()]), html(&folder, &[drawing()]));
}

#[test]
fn a_drawing_leaves_its_own_words_to_the_page() {
    let (_dir, folder) = folder();
    let page = html(&folder, &[drawing()]);
    for gone in ["Heading", "Below", "Footnote", "id=\"title\"", "id=\"desc\""] {
        assert!(!page.contains(gone), "{gone}");
    }
    assert!(
        page.contains("Inside") && page.contains("viewBox=\"0 661 9600 4405\""),
        "{}",
        page.split_once("viewBox=\"0 6").unwrap().1
    );
    // A drawing unlike our charts is taken as it is.
    let mut other = drawing();
    other.svg = "<svg><circle r=\"3\"/></svg>".into();
    assert!(
        html(&folder, &[other])
            .contains("viewBox=\"0 0 9600 5400\" xmlns=\"http://www.w3.org/2000/svg\"><circle r=\"3\"/></svg>")
    );
}

#[test]
fn an_empty_folder_has_a_page_too() {
    let dir = tempfile::tempdir().unwrap();
    let run = r#"{"scenario": "a", "version": "1", "seed": 7, "paths": 1, "months": 1, "start": "2026-11"}"#;
    write(dir.path(), "run.json", run);
    write(dir.path(), "summary.json", "{}");
    write(dir.path(), "scenario.resolved.yaml", "");
    let page = html(&Folder::open(dir.path()).unwrap(), &[]).replace('\u{a0}', " ");
    assert!(page.contains("1 path was simulated to November 2026."), "{page}");
}
