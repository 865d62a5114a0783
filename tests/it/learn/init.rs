//! Templates and `gapcast init`.

use std::fs;

use gapcast::cli::init::{SCHEMA, TEMPLATES};
use gapcast::cli::schema::Of;

use crate::learn::{gapcast, text};

#[test]
fn every_template_is_written_checked_and_run_with_its_variants() {
    for template in TEMPLATES {
        let dir = tempfile::tempdir().unwrap();
        let file = format!("{}.yaml", template.name);
        let out = gapcast(dir.path(), &["init", template.name]);
        assert_eq!(out.status.code(), Some(0), "{}", text(&out.stderr));
        assert!(out.stdout.is_empty());
        let said = text(&out.stderr);
        for next in ["check", "run"] {
            assert!(said.contains(&format!("gapcast {next} {file}")), "{said}");
        }
        assert_eq!(fs::read_to_string(dir.path().join(&file)).unwrap(), template.text);
        assert_eq!(fs::read_to_string(dir.path().join(SCHEMA)).unwrap(), Of::Scenario.text());
        let lines = template.text.lines().count();
        assert!((60..=140).contains(&lines), "{}: {lines} lines", template.name);
        assert!(template.text.starts_with(&format!("# yaml-language-server: $schema={SCHEMA}\n")));
        assert!(template.text.contains("fictional") && template.about().len() > 60);
        let comments = template.text.lines().filter(|line| line.contains('#')).count();
        assert!(comments >= 8, "{}: {comments} lines with comments", template.name);

        let out = gapcast(dir.path(), &["check", &file]);
        assert_eq!((out.status.code(), text(&out.stderr)), (Some(0), String::new()), "{}", template.name);
        let variants: Vec<String> =
            gapcast::model::Model::parse("template", template.text, &gapcast::model::Settings::default())
                .unwrap()
                .variants;
        assert!(variants.len() >= 2);
        for variant in std::iter::once(None).chain(variants.iter().map(Some)) {
            let mut arguments = vec!["run", &file, "--no-charts", "--json"];
            arguments.extend(variant.iter().flat_map(|v| ["--variant", v.as_str()]));
            let out = gapcast(dir.path(), &arguments);
            let code = out.status.code();
            assert!(matches!(code, Some(0 | 3)), "{} {variant:?}: {code:?} {}", template.name, text(&out.stderr));
            let said: serde_json::Value = serde_json::from_slice(&out.stdout).unwrap();
            assert_eq!(said[0]["paths"], 2000);
        }
    }
}

#[test]
fn the_scenario_is_called_after_its_file_and_none_is_overwritten() {
    let dir = tempfile::tempdir().unwrap();
    let init = |arguments: &[&str]| {
        let mut all = vec!["init"];
        all.extend(arguments);
        gapcast(dir.path(), &all)
    };
    assert_eq!(init(&["startup", "my-lab.yaml"]).status.code(), Some(0));
    let written = fs::read_to_string(dir.path().join("my-lab.yaml")).unwrap();
    assert!(written.contains("\nname: my-lab\n") && !written.contains("name: startup"));
    // Where the file's name cannot be a scenario's, the template's stands.
    assert_eq!(init(&["startup", "My Lab.yaml"]).status.code(), Some(0));
    assert!(fs::read_to_string(dir.path().join("My Lab.yaml")).unwrap().contains("\nname: startup\n"));

    fs::write(dir.path().join("my-lab.yaml"), "years of work").unwrap();
    let out = init(&["startup", "my-lab.yaml"]);
    assert_eq!(out.status.code(), Some(5));
    assert!(text(&out.stderr).contains("--force"), "{}", text(&out.stderr));
    assert_eq!(fs::read_to_string(dir.path().join("my-lab.yaml")).unwrap(), "years of work");
    assert_eq!(init(&["startup", "my-lab.yaml", "--force"]).status.code(), Some(0));
    assert!(fs::read_to_string(dir.path().join("my-lab.yaml")).unwrap() == written);

    // A file of somebody else under the schema's name is left alone; an older schema is not.
    fs::write(dir.path().join(SCHEMA), "{}").unwrap();
    let out = init(&["neocloud"]);
    assert_eq!((out.status.code(), text(&out.stderr).contains("left unchanged")), (Some(0), true));
    assert_eq!(fs::read_to_string(dir.path().join(SCHEMA)).unwrap(), "{}");
    let old = Of::Scenario.text().replace("2020-12", "2019-09");
    fs::write(dir.path().join(SCHEMA), old).unwrap();
    assert_eq!(init(&["spv-only"]).status.code(), Some(0));
    assert_eq!(fs::read_to_string(dir.path().join(SCHEMA)).unwrap(), Of::Scenario.text());

    assert_eq!(init(&["startup", "no/such/folder/x.yaml"]).status.code(), Some(5));
    let out = init(&["strtup"]);
    assert_eq!(out.status.code(), Some(2));
    assert!(text(&out.stderr).contains("did you mean `startup`?"), "{}", text(&out.stderr));
}

#[test]
fn templates_are_listed_and_printed() {
    let dir = tempfile::tempdir().unwrap();
    let out = gapcast(dir.path(), &["init", "--list"]);
    let listed = text(&out.stdout);
    for template in TEMPLATES {
        assert!(listed.lines().any(|line| line.starts_with(template.name)), "{listed}");
    }
    assert!(listed.lines().all(|line| line.chars().count() <= 80), "{listed}");
    let out = gapcast(dir.path(), &["init", "--list", "--json"]);
    let listed: serde_json::Value = serde_json::from_slice(&out.stdout).unwrap();
    assert_eq!(listed.as_array().unwrap().len(), TEMPLATES.len());
    let out = gapcast(dir.path(), &["init", "neocloud", "-"]);
    assert!(text(&out.stdout).contains("name: neocloud"));
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0, "something was written");
}

#[test]
fn shells_and_man_know_every_command() {
    let dir = tempfile::tempdir().unwrap();
    let commands = ["run", "check", "init", "schema", "explain", "completions", "man"];
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let out = gapcast(dir.path(), &["completions", shell]);
        let script = text(&out.stdout);
        assert_eq!(out.status.code(), Some(0));
        assert!(commands.iter().all(|command| script.contains(command)), "{shell}");
    }
    assert_eq!(gapcast(dir.path(), &["completions", "tcsh"]).status.code(), Some(2));
    let out = gapcast(dir.path(), &["man", "pages/man1"]);
    assert_eq!(out.status.code(), Some(0), "{}", text(&out.stderr));
    for command in commands {
        let page = fs::read_to_string(dir.path().join(format!("pages/man1/gapcast-{command}.1"))).unwrap();
        assert!(page.contains(".SH SYNOPSIS"), "{command}");
    }
    assert!(dir.path().join("pages/man1/gapcast.1").is_file());
    fs::write(dir.path().join("file"), "").unwrap();
    assert_eq!(gapcast(dir.path(), &["man", "file"]).status.code(), Some(5));
}
