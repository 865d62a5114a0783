//! The moves of a tornado: every uncertain input, and every known number of a scenario with what its defaults are.

use crate::engine::inputs::{Law, Treatment};
use crate::language::assumption;
use crate::language::unit::Unit;
use crate::model::{Model, Settings};
use crate::study::number::Number;
use crate::study::point::{Point, Treated};

/// Standard normal score of the 90% quantile.
pub(super) const P90: f64 = 1.281_551_565_544_600_5;

/// A move to two ends.
pub(super) struct Move {
    /// Name of the input, or path of the number.
    pub name: String,
    /// `input` or `number`.
    pub kind: &'static str,
    /// Where the scenario stands.
    pub own: String,
    /// The settings at both ends, and the points; the reason where a scenario is invalid there.
    pub ends: [(String, Result<Point, String>); 2],
}

/// Sections whose numbers say how the run is made, not what the world is like.
const NOT_OF_THE_WORLD: [&str; 4] = ["run", "time", "schema", "name"];

/// All moves. Known numbers are moved to the ends of their range, or by the share `by` where they have none.
///
/// # Errors
/// The scenario cannot be read again with its defaults, which would be a bug.
pub(super) fn all(base: &Point, by: f64) -> Result<Vec<Move>, String> {
    // Read again with every default written out, so that those are numbers of the scenario, too.
    let whole = base.model.of_tree(base.model.runs_alone()).map_err(|invalid| invalid.to_string())?;
    let laws = base.model.plan.draws.laws().enumerate();
    let mut moves: Vec<Move> = laws.map(|(k, (name, law))| of_input(base, k, name, law)).collect();
    let rows = assumption::table(&whole.reader);
    let world = |path: &str| !NOT_OF_THE_WORLD.contains(&path.split('.').next().unwrap_or(path));
    for row in rows.iter().filter(|row| world(&row.path)) {
        if let Some(number) = Number::read(&row.text) {
            let range = row.range.split_once(" to ").and_then(|(a, b)| Some([Number::read(a)?, Number::read(b)?]));
            moves.extend(of_number(&whole, &row.path, number, range, by));
        }
    }
    Ok(moves)
}

fn of_input(base: &Point, k: usize, name: &str, law: &Law) -> Move {
    let unit = unit_of(&base.model, name);
    let at = |z: f64| Number { value: three_digits(law.at_score(z)), unit }.text();
    let end = |z: f64| {
        let treated = Treated { inputs: vec![(k, Treatment::Pinned(z))], ..Treated::default() };
        (at(z), Ok(base.treated(treated)))
    };
    Move { name: name.to_owned(), kind: "input", own: at(0.0), ends: [end(-P90), end(P90)] }
}

/// The unit in which an input is written: that of the last number of its text.
fn unit_of(model: &Model, name: &str) -> Unit {
    let rows = assumption::table(&model.reader);
    let path = |row: &&assumption::Basis| row.path == name || row.path == format!("inputs.{name}");
    let last = |text: &str| {
        let tail = text.rsplit_once(" to ").map_or_else(|| text.rsplit_once(", ").map_or(text, |x| x.1), |x| x.1);
        let begin = tail.find(|c: char| c.is_ascii_digit() || c == '-').unwrap_or(0);
        Number::read(tail[begin..].trim()).map(|number| number.unit)
    };
    rows.iter().find(path).and_then(|row| last(&row.text)).unwrap_or(Unit::Number)
}

fn three_digits(x: f64) -> f64 {
    format!("{x:.2e}").parse().unwrap_or(x)
}

fn of_number(model: &Model, path: &str, number: Number, range: Option<[Number; 2]>, by: f64) -> Option<Move> {
    // A number that is zero has no scale to be moved by.
    let counts = number.unit == Unit::Number && number.value.fract() == 0.0;
    let ends = match range {
        Some(ends) => ends,
        None if number.value == 0.0 => return None,
        None => {
            let moved = |factor: f64| {
                let x = number.value * factor;
                // Whole numbers stay whole, and move by at least one.
                let whole =
                    if factor < 1.0 { x.round().min(number.value - 1.0) } else { x.round().max(number.value + 1.0) };
                number.with(if counts { whole } else { x })
            };
            let [a, b] = [moved(1.0 - by), moved(1.0 + by)];
            if a.value <= b.value { [a, b] } else { [b, a] }
        }
    };
    let end = |to: Number| {
        // A share that would exceed the whole is moved to the whole.
        let to = if to.unit == Unit::Share && number.value <= 1.0 { to.with(to.value.min(1.0)) } else { to };
        let settings = model.settings_of_tree();
        let sets = vec![format!("{path}={}", to.text())];
        let point = model.with(&Settings { sets, ..settings }).map(Point::of);
        (to.text(), point.map_err(|invalid| invalid.to_string()))
    };
    Some(Move { name: path.to_owned(), kind: "number", own: number.text(), ends: ends.map(end) })
}
