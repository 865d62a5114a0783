//! Groups of three bars of money, one group for each of some periods, with amounts above and a legend on the right.

use plotters::style::RGBColor;
use plotters::style::text_anchor::HPos;

use super::Shown;
use super::axis::Axis;
use super::canvas::{Canvas, Space, Type};
use super::house::{GREY, INK, SMALL, money, money_ticks, text_colour};
use super::labels::{self, EndLabel};
use super::plot::Plot;

/// Name of a period, and its amounts in US dollars.
pub(super) type Group = (String, [f64; 3]);
/// Key, name and colour of each of the bars of a group.
pub(super) type Looks = [(&'static str, &'static str, RGBColor); 3];

/// Largest number of groups.
pub(super) const GROUPS: usize = 12;

/// The plot of these groups in `space`, with room above the highest bar for its amount.
pub(super) fn plot(groups: &[Group], space: Space) -> Plot {
    let x = Axis { lo: 0.0, hi: groups.len().max(1) as f64, ticks: Vec::new() };
    Plot::new(space, x, scale(groups))
}

/// The axis of the amounts.
pub(super) fn scale(groups: &[Group]) -> Axis {
    let top = groups.iter().flat_map(|group| group.1).fold(0.0, f64::max);
    let mut axis = Axis::of(0.0, if top > 0.0 { 1.08 * top } else { 1.0 }, money_ticks);
    if top <= 0.0 {
        axis.ticks.truncate(1);
    }
    axis
}

/// Draws the groups. `legend` are the bars that it names, each with its text, and the distance of the first from the top.
pub(super) fn draw(
    canvas: &mut Canvas,
    plot: &Plot,
    groups: &[Group],
    looks: &Looks,
    (legend, top): (&[(usize, String)], f64),
) {
    plot.grid(canvas);
    let s = plot.space;
    let slot = (s.right - s.left) / groups.len().max(1) as f64;
    let width = (0.31 * slot).min(44.0);
    let look = Type::bold(11.0, INK);
    let widest = groups.iter().flat_map(|group| group.1).map(|v| look.width(&money(v))).fold(0.0, f64::max);
    for (i, (name, values)) in groups.iter().enumerate() {
        let middle = plot.at((i as f64 + 0.5, 0.0)).0;
        for (k, (v, (key, _, colour))) in values.iter().zip(looks).enumerate() {
            let x = middle + (k as f64 - 1.5) * (width + 1.5);
            canvas.series(key, |canvas| {
                let y = plot.at((0.0, *v)).1;
                canvas.rectangle((x, y), (x + width, s.bottom), *colour, 1.0);
                if *v > 0.0 && widest <= width + 4.0 {
                    canvas.text(&money(*v), x + width / 2.0, y - 8.0, look, HPos::Center);
                }
            });
        }
        let look = Type::plain(SMALL, GREY);
        let text = if look.width(name) > slot - 4.0 { name.rsplit(' ').next().unwrap_or(name) } else { name };
        canvas.text(text, middle, s.bottom + 15.0, look, HPos::Center);
    }
    plot.zero(canvas);
    let tags = legend.iter().map(|(k, text)| {
        let (key, _, colour) = looks[*k];
        EndLabel {
            y: s.top + top + 22.0 * *k as f64,
            rows: vec![(text.clone(), Type::plain(SMALL + 0.5, text_colour(colour)))],
            swatch: Some(colour),
            leader: false,
            key: key.to_owned(),
        }
    });
    labels::draw(canvas, &tags.collect::<Vec<_>>(), s.right, s.top, s.bottom);
    let places = groups.iter().enumerate().map(|(i, group)| (i as f64 + 0.5, group.0.clone()));
    let shown = looks.iter().enumerate().map(|(k, (key, name, colour))| {
        Shown::new(key, name, *colour, groups.iter().map(|group| money(group.1[k])).collect())
    });
    plot.hover(canvas, places, shown.collect());
}
