//! A JSON Schema (2020-12) of scenario files, generated from the field tables: for editors, and for validators that
//! know nothing about this program.
//!
//! It covers every key, word and unit, and which keys are required. It cannot express the program's other checks: names
//! of inputs that do not exist, sums, dates out of order. A file that `extends` another may leave anything out, except
//! in lists, which are not merged.

mod pattern;

use std::fmt::Write as _;

use serde_json::{Map, Value, json};

use super::assumption::{EVIDENCE, RANGE};
use super::describe::{self, COMMENTS, RANGE_OF_VALUE, one_line};
use super::law::LAWS;
use super::quantity::{Kind, Range, example};
use super::spec::{Entry, Field, Shape};
use super::{tree, yaml};
use crate::issues::Issues;
use pattern::May;

/// The `$id` of the schema: an address that identifies it and is not fetched.
pub const ID: &str = "https://gapcast.invalid/schema/scenario.v1.json";

/// The schema of a file whose keys are `fields`.
pub fn schema(fields: &'static [Field], about: &str) -> Value {
    let mut root = map(fields, false);
    let properties = root["properties"].as_object_mut().map(std::mem::take).unwrap_or_default();
    let mut all = Map::new();
    for (key, value) in properties {
        if key == "time" {
            let text = "Base file, which this file overrides: maps are merged, everything else is replaced.";
            all.insert("extends".into(), json!({"description": text, "type": "string", "minLength": 1}));
        }
        all.insert(key, value);
    }
    let mut out = Map::new();
    out.insert("$schema".into(), json!("https://json-schema.org/draft/2020-12/schema"));
    out.insert("$id".into(), json!(ID));
    out.insert("title".into(), json!("A scenario of gapcast"));
    out.insert("description".into(), json!(one_line(about)));
    out.insert("type".into(), json!("object"));
    out.insert("properties".into(), Value::Object(all));
    out.insert("additionalProperties".into(), json!(false));
    out.insert("if".into(), json!({"required": ["extends"]}));
    out.insert("else".into(), needs(&Shape::Map(fields)).unwrap_or(json!(true)));
    out.insert("$defs".into(), Value::Object(definitions(fields)));
    Value::Object(out)
}

/// The name of a kind in `$defs`.
fn key_of(kind: Kind) -> &'static str {
    match kind {
        Kind::Money => "money",
        Kind::MoneyRate => "money_rate",
        Kind::PowerPrice => "power_price",
        Kind::PowerCost => "power_cost",
        Kind::Share => "share",
        Kind::Rate => "rate",
        Kind::Growth => "growth",
        Kind::Hazard => "hazard",
        Kind::Volatility => "volatility",
        Kind::Multiple => "multiple",
        Kind::Power => "power",
        Kind::Time => "time",
        Kind::Number => "number",
    }
}

fn reference(name: &str) -> Value {
    json!({"$ref": format!("#/$defs/{name}")})
}

fn definitions(fields: &[Field]) -> Map<String, Value> {
    let mut out = Map::new();
    for kind in Kind::ALL {
        let (key, like) = (key_of(kind), example(kind));
        let about = format!("{}, e.g. `{like}`. Units: {}.", kind.name(), units(kind));
        let wrong = format!("{} is written like `{like}`", kind.name());
        let parameter = written(Some(kind), May::BeKnown, &wrong);
        out.insert(format!("{key}.known"), with_source(&parameter));
        out.insert(format!("{key}.parameter"), parameter);
        let text = written(Some(kind), May::All, &wrong);
        out.insert(key.to_owned(), uncertain(&about, &text, &format!("{key}.parameter")));
    }
    let wrong = "an interest rate is written like `5.75%/yr` or `sofr + 225 bp`";
    let text = json!({"type": "string", "pattern": pattern::interest(), "patternErrorMessage": wrong});
    out.insert("interest".into(), uncertain("An interest rate, optionally over SOFR.", &text, "rate.parameter"));
    let wrong = "a quantity with its unit, like `5%/mo to 15%/mo`";
    let (all, known) = (written(None, May::BeInput, wrong), written(None, May::BeKnown, wrong));
    out.insert("any.parameter".into(), known);
    let about = "An uncertain or a known quantity, with a name that expressions elsewhere may use.";
    out.insert("input".into(), uncertain(about, &all, "any.parameter"));
    let weights = "Weights of a discrete law; those of one law have one unit.";
    out.insert(
        "weights".into(),
        json!({"description": weights, "type": "array", "minItems": 1, "items": reference("any.parameter")}),
    );
    out.insert("law".into(), json!({"anyOf": LAWS.iter().flat_map(|(name, sets)| sets.iter().map(|set| law(name, set))).collect::<Vec<_>>()}));
    out.insert("text".into(), json!({"type": ["string", "number", "boolean"]}));
    out.insert(
        "name".into(),
        json!({"type": "string", "pattern": pattern::file_name(),
        "patternErrorMessage": "lower-case letters, digits, `_` and `-`, beginning with a letter"}),
    );
    out.insert("date".into(), json!({"type": "string", "pattern": pattern::date(), "patternErrorMessage": "a month is written like `2026-06`"}));
    for at in describe::walk(fields) {
        if let Shape::List(Shape::OneOf(entries)) = at.field.shape {
            for entry in entries.iter().filter(|entry| entry.written) {
                out.insert(instrument_key(entry), map(entry.fields, true));
            }
        }
    }
    out
}

fn instrument_key(entry: &Entry) -> String {
    format!("instrument.{}", entry.key)
}

fn units(kind: Kind) -> String {
    let units: Vec<String> = describe::units(kind).iter().map(|unit| format!("`{unit}`")).collect();
    if units.is_empty() { "none".to_owned() } else { units.join(", ") }
}

/// One law with one set of parameters; the kinds of the parameters are checked elsewhere.
fn law(name: &str, set: &[&str]) -> Value {
    let mut keys = vec!["dist"];
    keys.extend(set);
    let required = keys.clone();
    keys.extend(COMMENTS.iter().map(|(key, _)| *key));
    json!({"properties": {"dist": {"const": name}}, "required": required, "propertyNames": {"enum": keys}})
}

/// A quantity as a scalar.
fn written(kind: Option<Kind>, may: May, wrong: &str) -> Value {
    let plain = kind.is_none_or(|kind| kind == Kind::Number);
    let types = if plain { json!(["string", "number"]) } else { json!("string") };
    json!({"type": types, "pattern": pattern::quantity(kind, may), "patternErrorMessage": wrong})
}

/// A map of one value and its source.
fn value_map(text: &Value) -> Value {
    let mut properties = Map::new();
    properties.insert("value".into(), text.clone());
    comments(&mut properties);
    properties.insert(RANGE.into(), json!({"description": RANGE_OF_VALUE, "type": "string"}));
    json!({"type": "object", "properties": properties, "required": ["value"], "additionalProperties": false})
}

fn with_source(text: &Value) -> Value {
    json!({"anyOf": [text, value_map(text)]})
}

/// A quantity as a scalar, with its source, or as a law whose parameters are `parameter`.
fn uncertain(about: &str, text: &Value, parameter: &str) -> Value {
    let mut properties = Map::new();
    let names: Vec<&str> = LAWS.iter().map(|(name, _)| *name).collect();
    properties.insert("dist".into(), json!({"description": "The law.", "enum": names}));
    for key in LAWS.iter().flat_map(|(_, sets)| sets.iter().copied().flatten()) {
        let value = match *key {
            "alpha" | "beta" => reference("number.parameter"),
            "weights" => reference("weights"),
            "values" => json!({"type": "array", "minItems": 1, "items": reference(parameter)}),
            _ => reference(parameter),
        };
        properties.insert((*key).to_owned(), value);
    }
    comments(&mut properties);
    let law = json!({"type": "object", "properties": properties, "required": ["dist"], "additionalProperties": false, "allOf": [reference("law")]});
    json!({"description": about, "anyOf": [text, value_map(text), law]})
}

fn comments(properties: &mut Map<String, Value>) {
    let words: Vec<&str> = EVIDENCE.iter().map(|(word, _)| *word).collect();
    for (key, about) in COMMENTS {
        properties.entry(key).or_insert_with(|| {
            if key == "evidence" {
                json!({"description": about, "enum": words})
            } else {
                json!({"description": about, "type": ["string", "number", "boolean"]})
            }
        });
    }
}

/// A map of fields; `complete` where a key that is left out cannot come from another file.
fn map(fields: &[Field], complete: bool) -> Value {
    let mut properties: Map<String, Value> =
        fields.iter().map(|field| (field.name.to_owned(), property(field, complete))).collect();
    comments(&mut properties);
    let mut out = Map::new();
    out.insert("type".into(), json!("object"));
    out.insert("properties".into(), Value::Object(properties));
    let required: Vec<&str> = fields.iter().filter(|f| f.required).map(|f| f.name).collect();
    if complete && !required.is_empty() {
        out.insert("required".into(), json!(required));
    }
    out.insert("additionalProperties".into(), json!(false));
    Value::Object(out)
}

/// A field with everything that an editor can show about it.
fn property(field: &Field, complete: bool) -> Value {
    let mut about = one_line(field.doc);
    about = format!("{about}\n\n{}", sentence(&describe::value(field)));
    if let Some(range) = describe::range(field) {
        about = format!("{} ({range}).", about.trim_end_matches('.'));
    }
    if let Shape::Choice(words) = field.shape {
        for (word, meaning) in words {
            let _ = write!(about, "\n- `{word}`: {}", one_line(meaning));
        }
    }
    match field.default {
        Some("{}" | "[]") => {}
        Some(default) => {
            let _ = write!(about, "\n\nDefault: `{default}`.");
        }
        None if field.required => about += "\n\nRequired.",
        None => {}
    }
    let mut inner = value(&field.shape, field.kind, complete);
    if field.shape == Shape::Count
        && let (Some(range), Some(inner)) = (field.range, inner.as_object_mut())
    {
        limits(range, inner);
    }
    // An optional key without a value is the same as one that is left out.
    let optional = !field.required && field.default.is_none();
    let mut out = Map::new();
    out.insert("description".into(), json!(about));
    match (optional, inner) {
        (true, inner) => drop(out.insert("anyOf".into(), json!([inner, {"type": "null"}]))),
        (false, Value::Object(inner)) => inner.into_iter().for_each(|(key, value)| {
            // The field's own description takes precedence.
            out.entry(key).or_insert(value);
        }),
        (false, _) => {}
    }
    if let Some(default) = field.default {
        out.insert("default".into(), literal(default));
    }
    if let Some(example) = field.example().filter(|_| !matches!(field.shape, Shape::Choice(_) | Shape::Pair)) {
        out.insert("examples".into(), json!([literal(example)]));
    }
    Value::Object(out)
}

fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|c| c.to_uppercase().collect::<String>()).unwrap_or_default();
    format!("{first}{}.", letters.as_str())
}

/// A value as YAML would read it.
fn literal(text: &str) -> Value {
    let plain = || serde_json::from_str(text).unwrap_or_else(|_| json!(text));
    if !text.starts_with('{') {
        return plain();
    }
    match yaml::load(text, 0, &mut Issues::default()).map(|node| node.value) {
        Some(tree::Value::Map(entries)) => entries
            .iter()
            .map(|(key, node)| match &node.value {
                tree::Value::Scalar { text, .. } => (key.text.clone(), literal(text)),
                _ => (key.text.clone(), Value::Null),
            })
            .collect::<Map<String, Value>>()
            .into(),
        _ => plain(),
    }
}

fn limits(range: Range, out: &mut Map<String, Value>) {
    if range.min.is_finite() {
        out.insert("minimum".into(), json!(range.min));
    }
    if range.max.is_finite() {
        out.insert("maximum".into(), json!(range.max));
    }
}

fn value(shape: &Shape, kind: Option<Kind>, complete: bool) -> Value {
    match shape {
        Shape::Any => json!({}),
        Shape::Quantity => reference(key_of(kind.unwrap_or(Kind::Number))),
        Shape::Rate => reference("interest"),
        Shape::Date => reference("date"),
        Shape::Duration => reference("time.known"),
        Shape::Number => reference(&format!("{}.known", key_of(kind.unwrap_or(Kind::Number)))),
        Shape::Text => reference("text"),
        Shape::Name => reference("name"),
        Shape::Bool => json!({"type": ["boolean", "string"], "pattern": "^(?:true|false)$"}),
        Shape::Count => json!({"type": ["integer", "string"], "pattern": "^[0-9]+$"}),
        Shape::Choice(words) => {
            let (names, about): (Vec<&str>, Vec<String>) = words.iter().map(|(w, d)| (*w, one_line(d))).unzip();
            json!({"enum": names, "enumDescriptions": about})
        }
        Shape::Map(fields) => map(fields, complete),
        Shape::List(inner) => json!({"type": "array", "items": value(inner, kind, true)}),
        Shape::Named(inner) => {
            let names = json!({"pattern": pattern::file_name()});
            let entry = json!({"type": "object", "minProperties": 1, "maxProperties": 1, "propertyNames": names,
                "additionalProperties": value(inner, kind, true)});
            let all =
                json!({"type": "object", "propertyNames": names, "additionalProperties": value(inner, kind, complete)});
            json!({"anyOf": [{"type": "array", "items": entry}, all]})
        }
        Shape::QuantityOr(kind, fields) => json!({"anyOf": [reference(key_of(*kind)), map(fields, complete)]}),
        Shape::Words => json!({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}),
        Shape::MoneyOrTime => json!({"anyOf": [reference("money"), reference("time")]}),
        Shape::MoneyRateOrShare => json!({"anyOf": [reference("money_rate"), reference("share")]}),
        Shape::OneOf(entries) => {
            let written = entries.iter().filter(|entry| entry.written);
            let properties: Map<String, Value> = written
                .map(|entry| {
                    let mut value = reference(&instrument_key(entry));
                    value["description"] = json!(one_line(entry.doc));
                    (entry.key.to_owned(), value)
                })
                .collect();
            json!({"type": "object", "properties": properties, "minProperties": 1, "maxProperties": 1, "additionalProperties": false})
        }
        Shape::Inputs => {
            json!({"type": "object", "propertyNames": {"pattern": pattern::input_name()}, "additionalProperties": reference("input")})
        }
        Shape::Checks => json!({"type": "array", "items": {"type": "string", "pattern": pattern::check(),
            "patternErrorMessage": "a check is written like `p(cash_out by 2029-12) < 10%`",
            "examples": ["p(cash_out by 2029-12) < 10%", "p50(stake.founders at 2031-05) > 9%"]}}),
        Shape::Variants(add) => json!({"type": "object", "additionalProperties": variant(add)}),
        Shape::Copula => {
            let df = json!({"description": "Degrees of freedom.", "type": ["number", "string"], "minimum": 0.5, "maximum": 1000});
            let mut terms = Map::new();
            terms.insert("df".into(), df);
            comments(&mut terms);
            let t = json!({"type": "object", "properties": terms, "required": ["df"], "additionalProperties": false});
            json!({"anyOf": [{"const": "gaussian"}, {"type": "object", "properties": {"t": t}, "required": ["t"], "additionalProperties": false}]})
        }
        Shape::Pair => {
            let number = json!({"type": ["number", "string"], "minimum": -1, "maximum": 1});
            json!({"type": "array", "prefixItems": [{"type": "string"}, {"type": "string"}, number, {"type": "string"}], "minItems": 3, "maxItems": 4})
        }
    }
}

/// A patch.
fn variant(add: &Shape) -> Value {
    let mut properties = Map::new();
    let mut put = |key: &str, about: &str, mut value: Value| {
        value["description"] = json!(about);
        properties.insert(key.to_owned(), value);
    };
    put("about", "What the variant changes.", reference("text"));
    let path = json!({"pattern": r"^[^.\s]+(?:\.[^.\s]+)*$"});
    put(
        "set",
        "Paths and their new values, `lab.demand.volatility: 5%/mo`.",
        json!({"type": "object", "propertyNames": path}),
    );
    let names = json!({"type": "array", "items": {"type": "string"}});
    put("remove", "Names of instruments, or paths, to remove.", names);
    put("add", "Instruments added after the others.", value(add, None, true));
    comments(&mut properties);
    json!({"type": "object", "properties": properties, "additionalProperties": false})
}

/// The keys required in a file that extends no other; the items of lists state theirs in their own schema.
fn needs(shape: &Shape) -> Option<Value> {
    match shape {
        Shape::Map(fields) => {
            let required: Vec<&str> = fields.iter().filter(|f| f.required).map(|f| f.name).collect();
            let below: Map<String, Value> =
                fields.iter().filter_map(|f| Some((f.name.to_owned(), needs(&f.shape)?))).collect();
            let mut out = Map::new();
            if !required.is_empty() {
                out.insert("required".into(), json!(required));
            }
            if !below.is_empty() {
                out.insert("properties".into(), Value::Object(below));
            }
            (!out.is_empty()).then_some(Value::Object(out))
        }
        Shape::Named(inner) => needs(inner).map(|inner| json!({"additionalProperties": inner})),
        Shape::QuantityOr(_, fields) => {
            let terms = needs(&Shape::Map(fields))?;
            Some(json!({"anyOf": [{"required": ["value"]}, {"required": ["dist"]}, terms]}))
        }
        _ => None,
    }
}
