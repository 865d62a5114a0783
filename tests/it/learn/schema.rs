//! The JSON Schema. What a validator makes of it is tried by `tests/python/schema.py`.

use gapcast::cli::schema::Of;
use gapcast::language::describe::{self, one_line};
use gapcast::language::spec::Shape;
use gapcast::scenario::Scenario;
use serde_json::Value;

use crate::learn::{compare, gapcast, root, text};

#[test]
fn the_file_is_what_the_program_prints() {
    let out = gapcast(&root(), &["schema"]);
    assert_eq!(out.status.code(), Some(0));
    compare("schema/scenario.v1.json", &text(&out.stdout));
}

/// What may stand at a node: itself, what it refers to, and its alternatives.
fn all<'a>(schema: &'a Value, node: &'a Value, out: &mut Vec<&'a Value>) {
    out.push(node);
    if let Some(name) = node["$ref"].as_str() {
        let name = name.strip_prefix("#/$defs/").unwrap();
        all(schema, schema["$defs"].get(name).unwrap_or_else(|| panic!("no definition `{name}`")), out);
    }
    for other in node["anyOf"].as_array().into_iter().flatten() {
        all(schema, other, out);
    }
}

/// The nodes below a step of a path.
fn below<'a>(schema: &'a Value, nodes: &[&'a Value], step: &str) -> Vec<&'a Value> {
    let mut out = Vec::new();
    for node in nodes {
        let mut here = Vec::new();
        all(schema, node, &mut here);
        for node in here {
            for key in ["items", "additionalProperties"] {
                if node[key].is_object() && (step == "<name>" || node["items"]["properties"].get(step).is_some()) {
                    out.push(&node[key]);
                }
            }
            out.extend(node["properties"].get(step));
            out.extend(node["items"]["properties"].get(step));
        }
    }
    out
}

#[test]
fn every_field_is_in_it_with_its_doc_and_no_map_takes_other_keys() {
    let schema: Value = serde_json::from_str(&Of::Scenario.text()).unwrap();
    let fields = describe::walk(Scenario::FIELDS);
    assert!(fields.len() > 700, "{}", fields.len());
    for at in &fields {
        let mut nodes = vec![&schema];
        for step in at.path.split('.') {
            let step = step.trim_end_matches("[]");
            nodes = below(&schema, &nodes, step);
            if step == "<name>" {
                // One step down for the map of a one-key entry.
                let entries = nodes.clone();
                nodes.extend(
                    entries
                        .iter()
                        .filter(|n| n["additionalProperties"].is_object())
                        .map(|n| &n["additionalProperties"]),
                );
            }
        }
        let doc = one_line(at.field.doc);
        let found: Vec<&&Value> =
            nodes.iter().filter(|n| n["description"].as_str().is_some_and(|d| d.starts_with(&doc))).collect();
        assert!(!found.is_empty(), "`{}` is not in the schema", at.path);
        if let Some(default) = at.field.default {
            assert!(found.iter().all(|n| !n["default"].is_null()), "`{}` has no default {default}", at.path);
        }
        if let Shape::Map(inner) = at.field.shape {
            let mut here = Vec::new();
            for node in &found {
                all(&schema, node, &mut here);
            }
            let maps: Vec<&&Value> = here.iter().filter(|n| n["properties"].get(inner[0].name).is_some()).collect();
            assert!(
                !maps.is_empty() && maps.iter().all(|m| m["additionalProperties"] == false),
                "`{}` is open",
                at.path
            );
        }
    }
    // Nothing refers to nothing, and every pattern is anchored.
    let printed = schema.to_string();
    for part in printed.split("\"$ref\":\"#/$defs/").skip(1) {
        let name = part.split('"').next().unwrap();
        assert!(schema["$defs"].get(name).is_some(), "no definition `{name}`");
    }
    for part in printed.split("\"pattern\":\"").skip(1) {
        assert!(part.starts_with('^'), "{}", &part[..40]);
    }
}
