//! Malicious or mistaken files and folders: the program rejects them with a message or runs them, in little memory, and
//! writes nothing outside its output folder.
//!
//! Every child process runs under a limit of its address space, so that unbounded growth fails here and not on a user's
//! machine; its peak resident memory is read from the system if available.

#![cfg(unix)]

mod bench;
mod folders;

use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::process::Command;

use bench::{Bench, RESIDENT, SMALL, head, with};

#[test]
fn bombs_and_towers() {
    let b = Bench::new();
    let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
    for n in 1..12 {
        let _ = writeln!(bomb, "a{n}: &a{n} [{}]", vec![format!("*a{}", n - 1); 9].join(", "));
    }
    b.refused("bomb.yaml", &bomb, "too-large");
    let merges =
        (1..60).map(|n| format!("m{n}: &m{n} {{<<: [*m{0}, *m{0}], k{n}: 1}}\n", n - 1)).collect::<Vec<_>>().concat();
    b.refused("merges.yaml", format!("m0: &m0 {{k0: 1}}\n{merges}"), "error");
    b.refused("flow.yaml", format!("a: {}{}", "[".repeat(10_000), "]".repeat(10_000)), "too-deep");
    b.refused("maps.yaml", format!("a: {}1{}", "{a: ".repeat(10_000), "}".repeat(10_000)), "too-deep");
    let tower = (0..10_000).map(|n| format!("{}a:\n", " ".repeat(n))).collect::<Vec<_>>().concat();
    b.refused("block.yaml", &tower[..4_000_000], "too-deep");
    b.refused("dashes.yaml", "- ".repeat(10_000), "too-deep");
    b.refused("keys.yaml", format!("{}a", "? ".repeat(10_000)), "error");
    b.refused("signs.yaml", with("cash: 40M USD", &format!("cash: \"{}40M USD\"", "-".repeat(200))), "nested");
    b.refused("brackets.yaml", with("cash: 40M USD", &format!("cash: {}40M USD", "(".repeat(200))), "nested");
    b.refused("sum.yaml", with("cash: 40M USD", &format!("cash: 40M USD{}", " + 1 USD".repeat(20_000))), "longer");
    let chain = " * growth_now".repeat(35);
    b.refused("product.yaml", with("now: growth_now,", &format!("now: growth_now{chain},")), "units");
}

#[test]
fn large_files() {
    let b = Bench::new();
    b.refused("large.yaml", vec![b'#'; 50 << 20], "larger than 4 MiB");
    b.refused("line.yaml", format!("name: {}", "x".repeat(3 << 20)), "error");
    b.refused("key.yaml", format!("{}: 1", "x".repeat(3 << 20)), "error");
    b.refused("quoted.yaml", format!("\"{}\": 1", "x".repeat(3 << 20)), "error");
    b.refused("values.yaml", format!("a: [{}1]", "1,".repeat(300_000)), "too-large");
    b.refused("errors.yaml", (0..50_000).map(|n| format!("k{n}: 1\n")).collect::<Vec<_>>().concat(), "errors");
    b.refused("same.yaml", "a: 1\n".repeat(200_000), "duplicate-key");
    b.refused("tabs.yaml", "\t\n".repeat(1 << 20) + "\ta: 1", "error");
    b.refused("empty-lines.yaml", "\n".repeat(3 << 20), "empty");
    let inputs = (0..10_000).map(|n| format!("  input_{n}: 1x to 2x\n")).collect::<Vec<_>>().concat();
    let many = b.accepted("inputs.yaml", with("inputs:\n", &format!("inputs:\n{inputs}")), &["-n", "64"]);
    assert!(many.peak < 1024, "{} MiB for ten thousand inputs", many.peak);
    let loans = (0..10_000)
        .map(|n| {
            format!("  - term_loan: {{name: loan_{n}, amount: 1M USD, date: 2026-07, term: 12 mo, rate: 9%/yr}}\n")
        })
        .collect::<Vec<_>>()
        .concat();
    b.refused("loans.yaml", with("instruments:\n", &format!("instruments:\n{loans}")), "too-many");
    let contracts = (0..10_000)
        .map(|n| {
            format!(
                "      - c{n}: {{supplier: s{n}, power: 1 MW, price: 9B USD/GW-yr, start: 2026-07, end: 2027-07}}\n"
            )
        })
        .collect::<Vec<_>>()
        .concat();
    b.refused("contracts.yaml", with("    contracts:\n", &format!("    contracts:\n{contracts}")), "too-many");
    let pairs = "    - [growth_now, growth_later, 0.1]\n".repeat(20_000);
    b.refused("pairs.yaml", format!("{SMALL}dependence:\n  spearman:\n{pairs}"), "duplicate");
    let checks = "  - p(default) < 99%\n".repeat(5_000);
    b.accepted("checks.yaml", with("checks:\n", &format!("checks:\n{checks}")), &["-n", "64"]);
    let variants =
        (0..5_000).map(|n| format!("  v{n}: {{set: {{world.regime.start: winter}}}}\n")).collect::<Vec<_>>().concat();
    b.accepted("variants.yaml", with("variants:\n", &format!("variants:\n{variants}")), &["-n", "64"]);
    // With charts some are run beside it: the first few, however many there are.
    b.file("variants.yaml", with("variants:\n", &format!("variants:\n{variants}")));
    assert!(matches!(b.gapcast(&["run", "variants.yaml", "-n", "64"]).code, Some(0 | 3)));
}

#[test]
fn odd_bytes() {
    let b = Bench::new();
    b.refused("latin.yaml", [SMALL.as_bytes(), b"note: caf\xe9\n"].concat(), "UTF-8");
    b.refused("utf16.yaml", SMALL.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>(), "error");
    b.refused("nul.yaml", with("name: small-lab", "name: small\0lab"), "control");
    b.refused("escape.yaml", with("name: small-lab", "name: \u{1b}[2Jsmall-lab"), "control");
    b.refused("bidi.yaml", with("name: small-lab", "name: small\u{202e}bal-"), "name");
    b.refused("bytes.yaml", (0..=255).cycle().take(65536).collect::<Vec<u8>>(), "error");
    b.refused("separator.yaml", with("name: small-lab", "name: small\u{2028}lab"), "name");
    b.accepted("bom.yaml", format!("\u{feff}{SMALL}"), &["-n", "64"]);
    let unix = b.accepted("unix.yaml", SMALL, &["-n", "64"]);
    let windows = b.accepted("windows.yaml", SMALL.replace('\n', "\r\n"), &["-n", "64"]);
    assert_eq!(unix.out, windows.out);
    let mac = b.accepted("mac.yaml", SMALL.replace('\n', "\r"), &["-n", "64"]);
    assert_eq!(unix.out, mac.out);
    // The messages contain nothing that would control a terminal.
    b.file("steer.yaml", with("saturation: logistic", "saturation: \"\u{9b}31m\u{85}logistic\""));
    let said = b.gapcast(&["check", "steer.yaml"]);
    assert_eq!(said.code, Some(2));
    assert!(!said.err.chars().any(|c| c.is_control() && c != '\n'), "{:?}", said.err);
}

#[test]
fn names_that_lead_elsewhere() {
    let b = Bench::new();
    for name in concat!(
        "..¦.¦../above¦a/b¦/tmp/absolute¦~¦~root¦a\\\\b¦C:x¦con¦nul¦com1¦lpt9¦a b¦-rf¦'*'¦\"\"¦.hidden¦",
        "a.b¦Ä¦small-lab\u{200b}¦&anchor"
    )
    .split('¦')
    {
        b.refused("named.yaml", with("name: small-lab", &format!("name: {name}")), "error");
    }
    b.refused("long.yaml", with("name: small-lab", &format!("name: {}", "x".repeat(300))), "name");
    for name in ["../above", "a/b", "con", "A"] {
        let text = with("variants:\n", &format!("variants:\n  {name}: {{set: {{world.regime.start: winter}}}}\n"));
        b.refused("variant.yaml", &text, "name");
        b.file("variant.yaml", &text);
        assert_eq!(b.gapcast(&["run", "variant.yaml", "--variant", name]).code, Some(2));
    }
    // A file that is called like the folder of the run.
    fs::create_dir(b.path("output")).unwrap();
    b.file("output/small-lab", "mine");
    b.file("small.yaml", SMALL);
    assert_eq!(b.gapcast(&["run", "small.yaml", "--name", "small-lab", "-n", "64"]).code, Some(5));
    assert_eq!(fs::read_to_string(b.path("output/small-lab")).unwrap(), "mine");
}

#[test]
fn files_that_are_none() {
    let b = Bench::new();
    assert!(Command::new("mkfifo").arg(b.path("pipe.yaml")).status().unwrap().success());
    fs::create_dir(b.path("folder.yaml")).unwrap();
    symlink("loop.yaml", b.path("loop.yaml")).unwrap();
    symlink("/dev/zero", b.path("zero.yaml")).unwrap();
    symlink("/nowhere/at/all.yaml", b.path("broken.yaml")).unwrap();
    for file in concat!(
        "pipe.yaml¦folder.yaml¦loop.yaml¦zero.yaml¦broken.yaml¦/dev/null¦/dev/zero¦/dev/stdin¦none.yaml¦",
        "none/a¦¦."
    )
    .split('¦')
    {
        let ended = b.gapcast(&["run", file]);
        assert_eq!(ended.code, Some(2), "{file}: {}", ended.err);
        assert!(ended.err.contains("error"), "{file}: {}", ended.err);
        // The same at the end of an `extends`.
        let over = format!("extends: \"{file}\"\nname: over\n");
        b.file("over.yaml", over);
        assert_eq!(b.gapcast(&["check", "over.yaml"]).code, Some(2), "{file}");
    }
    b.refused("self.yaml", "extends: self.yaml\n", "cycle");
    b.file("two.yaml", "extends: one.yaml\n");
    b.refused("one.yaml", "extends: ./two.yaml\n", "cycle");
    for n in 0..20 {
        b.file(&format!("chain{n}.yaml"), format!("extends: chain{}.yaml\n", n + 1));
    }
    b.refused("chain.yaml", "extends: chain0.yaml\n", "too long");
    // A file above may be extended when that is asked for: it is read, as any other; nothing is written there.
    fs::write(b.dir.path().join("above.yaml"), SMALL).unwrap();
    b.accepted("below.yaml", "extends: ../above.yaml\nname: below\n", &["-n", "64", "--allow-outside"]);
    if !root() {
        b.file("locked.yaml", SMALL);
        fs::set_permissions(b.path("locked.yaml"), fs::Permissions::from_mode(0o000)).unwrap();
        assert_eq!(b.gapcast(&["run", "locked.yaml"]).code, Some(2));
    }
}

/// Whether file permissions have no effect for the user who runs the tests.
fn root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|out| out.stdout == b"0\n")
}

#[test]
fn folders_that_are_in_the_way() {
    let b = Bench::new();
    b.file("small.yaml", SMALL);
    let run = |arguments: &[&str]| {
        b.gapcast(&[&["run", "small.yaml", "--name", "small-lab", "-n", "64", "--no-charts"], arguments].concat())
    };
    // The run folder is a link to a folder elsewhere: it is left alone, and so is what it leads to.
    let elsewhere = b.dir.path().join("elsewhere");
    fs::create_dir(&elsewhere).unwrap();
    fs::write(elsewhere.join("run.json"), "{}").unwrap();
    fs::create_dir(b.path("output")).unwrap();
    symlink(&elsewhere, b.path("output/small-lab")).unwrap();
    let ended = run(&[]);
    assert_eq!(ended.code, Some(5), "{}", ended.err);
    assert_eq!(fs::read_dir(&elsewhere).unwrap().count(), 1);
    fs::remove_file(b.path("output/small-lab")).unwrap();
    // The folder of all runs is a link that the user made: it is theirs, and followed.
    fs::remove_dir(b.path("output")).unwrap();
    let theirs = b.dir.path().join("theirs");
    fs::create_dir(&theirs).unwrap();
    symlink(&theirs, b.path("output")).unwrap();
    assert!(matches!(run(&[]).code, Some(0 | 3)));
    assert!(theirs.join("small-lab/run.json").is_file());
    // A link to nothing, a file, a device, a folder without permission.
    symlink("/nowhere/at/all", b.path("gone")).unwrap();
    b.file("file", "mine");
    for out in ["gone/x", "file", "file/x", "/dev/null", "/dev/full", "/proc", "/proc/self/x"] {
        let ended = run(&["--out", out]);
        assert_eq!(ended.code, Some(5), "{out}: {}", ended.err);
        assert!(ended.err.contains("cannot"), "{out}: {}", ended.err);
    }
    assert_eq!(fs::read_to_string(b.path("file")).unwrap(), "mine");
    if !root() {
        fs::create_dir(b.path("locked")).unwrap();
        fs::set_permissions(b.path("locked"), fs::Permissions::from_mode(0o555)).unwrap();
        assert_eq!(run(&["--out", "locked"]).code, Some(5));
        assert_eq!(fs::read_dir(b.path("locked")).unwrap().count(), 0);
    }
}

#[test]
fn numbers_at_the_ends() {
    let b = Bench::new();
    let numbers = concat!(
        "0¦-0¦1e308¦1e400¦-1e308¦5e-324¦1e-400¦1e-300¦1e300¦1e18¦1e30¦NaN¦nan¦.nan¦.inf¦-.inf¦inf¦1e¦",
        "0x1p3¦1e+5¦9007199254740993¦123456789012345678901234567890¦0.1e-5¦--1¦١¦1,5"
    )
    .split('¦');
    let fields: [(&str, &str, &str); 13] = [
        ("cash: 40M USD", "cash: ", " USD"),
        ("run_rate: 14M USD/yr", "run_rate: ", " USD/yr"),
        ("price: 13B USD/GW-yr", "price: ", " USD/GW-yr"),
        ("power: 0.4 MW", "power: ", " MW"),
        ("max_dilution: 22%", "max_dilution: ", "%"),
        ("rate: sofr + 750 bp", "rate: ", "%/yr"),
        ("growth_later: {value: 0%/mo to 2.5%/mo, evidence: choice}", "growth_later: ", "%/mo"),
        ("enters: 1.5%/mo", "enters: ", "%/mo"),
        ("volatility: 50%/yr", "volatility: ", "%/yr"),
        ("cap: 40x", "cap: ", "x"),
        ("half_life: 4 mo", "half_life: ", " mo"),
        ("months: 60", "months: ", ""),
        ("paths: 20000, seed", "paths: ", ", seed"),
    ];
    for (from, key, unit) in fields {
        for number in numbers.clone() {
            let text = with(from, &format!("{key}{number}{unit}"));
            b.file("number.yaml", &text);
            let ended = b.gapcast(&["run", "number.yaml", "--name", "small-lab", "--force", "-n", "16", "--no-charts"]);
            if ended.code == Some(2) {
                assert!(ended.err.contains("number.yaml:"), "{key}{number}{unit}: {}", ended.err);
            } else {
                assert!(matches!(ended.code, Some(0 | 3)), "{key}{number}{unit}: {:?}: {}", ended.code, ended.err);
                let table = fs::read_to_string(b.path("output/small-lab/monthly.csv")).unwrap();
                let odd = table.lines().find(|line| line.split(',').any(|x| matches!(x, "NaN" | "inf" | "-inf")));
                assert!(odd.is_none(), "{key}{number}{unit}: {odd:?}");
            }
        }
    }
}

#[test]
fn counts_and_dates_at_the_ends() {
    let b = Bench::new();
    for (from, to, word) in [
        ("paths: 20000", "paths: 0", "at least"),
        ("paths: 20000", "paths: 1000000000", "between"),
        ("paths: 20000", "paths: 18446744073709551616", "whole number"),
        ("paths: 20000", "paths: -1", "whole number"),
        ("paths: 20000", "paths: 1.5", "whole number"),
        ("months: 60", "months: 0", "between"),
        ("months: 60", "months: 601", "between"),
        ("months: 60", "months: 4294967296", "whole number"),
        ("start: 2026-06, months", "start: 0000-01, months", "month"),
        ("start: 2026-06, months", "start: 9999-12, months", "month"),
        ("start: 2026-06, months", "start: -2026-06, months", "month"),
        ("start: 2026-06, months", "start: 20260-06, months", "month"),
    ] {
        let word = if word == "at least" { "between" } else { word };
        b.refused("count.yaml", with(from, to), word);
    }
    // The calendar's end lies within the simulated months.
    b.file("late.yaml", with("start: 2026-06, months: 60", "start: 2199-12, months: 600"));
    assert!(matches!(b.gapcast(&["run", "late.yaml", "-n", "64", "--no-charts"]).code, Some(0 | 2 | 3)));
    b.accepted("short.yaml", with("months: 60", "months: 13").replace("2027-06)", "2027-05)"), &["-n", "1"]);
    b.file("small.yaml", SMALL);
    for paths in ["0", "-1", "1e9", "1000000000", "99999999999999999999", "many", ""] {
        let ended = b.gapcast(&["run", "small.yaml", "--name", "small-lab", "-n", paths]);
        assert_eq!(ended.code, Some(2), "{paths}: {}", ended.err);
    }
    for seed in ["-1", "18446744073709551616", "now", ""] {
        assert_eq!(b.gapcast(&["run", "small.yaml", "--name", "small-lab", "--seed", seed]).code, Some(2), "{seed}");
    }
    let last =
        ["run", "small.yaml", "--name", "small-lab", "-n", "64", "--no-charts", "--seed", "18446744073709551615"];
    assert!(matches!(b.gapcast(&last).code, Some(0 | 3)));
    // Degrees of freedom without end, and next to none.
    for (df, fine) in
        [("1000", true), ("0.5", true), ("1e6", false), ("0", false), ("-4", false), ("NaN", false), ("inf", false)]
    {
        let text = format!(
            "{SMALL}dependence: {{copula: {{t: {{df: {df}}}}}, spearman: [[growth_now, growth_later, 0.5]]}}\n"
        );
        if fine {
            b.accepted("df.yaml", text, &["-n", "64"]);
        } else {
            b.refused("df.yaml", text, "copula");
        }
    }
}

#[test]
fn settings_that_mean_no_good() {
    let b = Bench::new();
    b.file("small.yaml", SMALL);
    let long = format!("lab.opening.cash={}", "9".repeat(100_000));
    let deep = format!("{}=1", "a.".repeat(50_000));
    for set in [
        "",
        "=",
        "==",
        "=1",
        ".=1",
        "..=1",
        "lab=1",
        "lab..cash=1",
        "lab.opening.cash=",
        "name=../x",
        "name=con",
        "run.paths=0",
        "run.paths=1e9",
        "schema=9",
        "lab.opening.cash=*a",
        "lab.opening.cash=&a 5 USD\n---\n",
        "lab.opening.cash=[[[[",
        "instruments=[]x",
        "variants=1",
        "extends=small.yaml",
        "checks=5",
        "inputs=null",
        "lab.opening=null",
        "instruments.rounds=null",
        "lab.opening.cash=!!int 5",
        "\u{0}x=1",
        "lab.opening.cash=\u{1b}[2J",
        &long,
        &deep,
    ] {
        if set.contains('\0') {
            continue;
        }
        // A number of paths on the command line would stand above the one that is set.
        let paths: &[&str] = if set.starts_with("run.paths") { &[] } else { &["-n", "64"] };
        let ended =
            b.gapcast(&[&["run", "small.yaml", "--name", "small-lab", "--no-charts", "--set", set], paths].concat());
        assert_eq!(ended.code, Some(2), "{set:.60}: {}", head(&ended.err));
        assert!(ended.err.contains("error"), "{set:.60}");
        assert!(!ended.err.chars().any(|c| c.is_control() && c != '\n'), "{set:.60}");
        assert!(ended.peak <= RESIDENT, "{set:.60}: {} MiB", ended.peak);
    }
    let many: Vec<String> = (0..500).flat_map(|n| ["--set".to_owned(), format!("lab.opening.cash={n}M USD")]).collect();
    let arguments: Vec<&str> = ["run", "small.yaml", "--name", "small-lab", "-n", "64", "--no-charts"]
        .into_iter()
        .chain(many.iter().map(String::as_str))
        .collect();
    assert!(matches!(b.gapcast(&arguments).code, Some(0 | 3)));
    // A setting may name the folder anew, within the names that are allowed.
    assert!(matches!(
        b.gapcast(&["run", "small.yaml", "--name", "other", "-n", "64", "--no-charts", "--set", "name=other"]).code,
        Some(0 | 3)
    ));
    assert!(b.path("output/other/run.json").is_file());
}
