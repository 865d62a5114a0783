//! One move at a time, on the same worlds.

use rayon::prelude::*;

use super::moves::{self, Move};
use super::{Bar, End, Sens};
use crate::study::StudyError;
use crate::study::point::{Difference, Estimate, Keep, Measured, Point};
use crate::study::runner::Runner;

/// Measures all moves.
pub(super) fn measure(base: &Point, by: f64, runner: &Runner<'_>, sens: &mut Sens) -> Result<(), StudyError> {
    let moves = moves::all(base, by).map_err(StudyError::Internal)?;
    let (mut heads, mut points) = (Vec::new(), Vec::new());
    for Move { name, kind, own, ends } in moves {
        let mut at = Vec::new();
        let mut why = String::new();
        for (setting, point) in ends {
            match point {
                Ok(point) => {
                    points.push(point);
                    at.push((setting, Some(points.len() - 1)));
                }
                Err(error) => {
                    why = error;
                    at.push((setting, None));
                }
            }
        }
        if at.iter().all(|(_, point)| point.is_none()) {
            sens.not_moved.push((name, why));
        } else {
            heads.push((name, kind, own, at));
        }
    }
    let measured = runner.against(base, &points, Keep::Named(&[]))?;
    let bars: Vec<Bar> = heads
        .into_par_iter()
        .map(|(name, kind, own, at)| {
            let mut ends = at.into_iter().map(|(setting, point)| end(&setting, point.map(|k| &measured[k])));
            let [low, high] = [ends.next().unwrap_or_default(), ends.next().unwrap_or_default()];
            Bar { name, kind: kind.into(), own, low, high }
        })
        .collect();
    let exactly_zero =
        |bar: &Bar| bar.effect() == 0.0 && [&bar.low, &bar.high].iter().all(|end| !end.difference.se.0.is_normal());
    let (none, mut bars): (Vec<Bar>, Vec<Bar>) = bars.into_iter().partition(exactly_zero);
    // Effects that are clear first: the largest of many that are not would be noise.
    bars.sort_by(|a, b| b.is_clear().cmp(&a.is_clear()).then(b.effect().total_cmp(&a.effect())));
    sens.bars = bars;
    sens.without_effect = none.into_iter().map(|bar| bar.name).collect();
    Ok(())
}

fn end(setting: &str, measured: Option<&Measured>) -> End {
    let asked = measured.and_then(|measured| measured.asked.first());
    asked.map_or_else(
        || End { setting: setting.to_owned(), ..End::default() },
        |asked| End {
            setting: setting.to_owned(),
            value: Estimate { value: asked.line.measured, se: asked.line.se },
            difference: asked.against.unwrap_or_else(Difference::default),
            events: asked.events,
        },
    )
}
