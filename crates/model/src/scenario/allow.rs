//! Lints that a scenario allows, each with a reason.

use crate::issues::{Place, nearest};
use crate::language::codes;
use crate::language::quantity::Kind;
use crate::language::reader::{Read, Reader};
use crate::language::spec::{Field, Shape};
use crate::language::tree::Node;

/// Codes and reasons: `allow: {lint-range: "why"}`.
#[derive(Clone, Debug, Default)]
pub struct Allow(pub Vec<Allowance>);

/// A lint that is allowed.
#[derive(Clone, Debug)]
pub struct Allowance {
    /// Code of the lint.
    pub code: &'static str,
    /// Why it is allowed.
    pub reason: String,
    /// Where it was written.
    pub place: Place,
}

impl Allow {
    /// Codes of the allowed lints.
    pub fn codes(&self) -> impl Iterator<Item = &'static str> {
        self.0.iter().map(|allowance| allowance.code)
    }
}

impl Read for Allow {
    const SHAPE: Shape = Shape::Map(&LINTS);
    fn read(node: &mut Node, _: Option<Kind>, r: &mut Reader) -> Option<Self> {
        let Some(entries) = node.map() else {
            let place = r.place_of(node);
            r.error(
                "shape",
                place,
                format!("`allow` is a map of lints and reasons, and this is {}", node.shape()),
                LIKE,
            );
            return None;
        };
        let mut out = Vec::new();
        for (key, value) in entries {
            let Some(code) = codes::lints().find(|code| *code == key.text) else {
                let label = nearest(&key.text, codes::lints())
                    .map_or("not the code of a lint".to_owned(), |n| format!("did you mean `{n}`?"));
                r.issues
                    .error("unknown-name", key.place, format!("there is no lint `{}`", key.text), label)
                    .help(format!("lints: {}", codes::lints().collect::<Vec<_>>().join(", ")));
                continue;
            };
            match value.text().filter(|text| !text.trim().is_empty()) {
                Some(reason) => out.push(Allowance { code, reason: reason.to_owned(), place: key.place }),
                None => r.error("missing", key.place, format!("`{code}` is allowed without a reason"), LIKE),
            }
        }
        Some(Allow(out))
    }
}

/// Whether a code is that of a lint; usable in constants.
const fn is_lint(code: &str) -> bool {
    let (code, head) = (code.as_bytes(), b"lint-");
    code.len() > 5
        && code[0] == head[0]
        && code[1] == head[1]
        && code[2] == head[2]
        && code[3] == head[3]
        && code[4] == head[4]
}

const COUNT: usize = {
    let (mut count, mut at) = (0, 0);
    while at < codes::CODES.len() {
        count += is_lint(codes::CODES[at].code) as usize;
        at += 1;
    }
    count
};

/// The lints as keys.
const LINTS: [Field; COUNT] = {
    let blank =
        Field { name: "", doc: "", kind: None, range: None, default: None, required: false, shape: Shape::Text };
    let (mut out, mut filled, mut at) = ([blank; COUNT], 0, 0);
    while at < codes::CODES.len() {
        let code = codes::CODES[at];
        if is_lint(code.code) {
            out[filled] = Field { name: code.code, doc: code.title, ..blank };
            filled += 1;
        }
        at += 1;
    }
    out
};

const LIKE: &str = "write `allow: {lint-range: \"why it is right here\"}`";
