//! Chart 1: spending against revenue. The medians of both, the bands of revenue only (two overlapping fans would be
//! illegible), and shading between the medians.

use plotters::style::text_anchor::HPos;

use super::axis::Axis;
use super::canvas::{Canvas, Sheet, Space, Type, Words, sheet};
use super::house::{GREY, INK, Role, SMALL, money, month, short_month};
use super::labels::{self, EndLabel};
use super::plot::{Plot, reach};
use super::words::{counted, fan_columns, fan_values};
use super::{Band, Fan, Frame, Grid, Picture, Shown, by_month, last_defined};

/// Spending and revenue by month.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SpendRevenue {
    /// All operating and compute spending.
    pub spend: Fan,
    /// Revenue.
    pub revenue: Fan,
    /// Number of paths whose revenue covers spending in the last month, if counted.
    pub covered: Option<u64>,
}

impl Picture for SpendRevenue {
    fn title(&self, frame: &Frame) -> String {
        let months: Vec<(usize, bool)> =
            self.lead().iter().enumerate().filter(|(_, d)| d.is_finite()).map(|(i, d)| (i, *d > 0.0)).collect();
        let (Some(first), Some(last)) = (months.first(), months.last()) else {
            return "Spending and revenue are undefined in every month".into();
        };
        let end = month(frame.month(last.0));
        let turns: Vec<usize> = months.windows(2).filter(|w| w[0].1 != w[1].1).map(|w| w[1].0).collect();
        match (first.1, &turns[..]) {
            (true, []) => format!("Median spending exceeds median revenue in every month to {end}"),
            (false, []) => format!("Median revenue covers median spending in every month to {end}"),
            (true, [t]) => format!("Median spending runs ahead of median revenue until {}", month(frame.month(*t))),
            (false, [t]) => format!("Median spending overtakes median revenue in {}", month(frame.month(*t))),
            _ => {
                let ahead = months.iter().filter(|m| m.1).count();
                format!("Median spending exceeds median revenue in {ahead} of {} months to {end}", months.len())
            }
        }
    }

    fn draw(&self, frame: &Frame) -> Sheet {
        // Only the median of spending is drawn, so only the median affects the scale.
        let median = Band { p50: self.spend.band.p50.clone(), ..Band::default() };
        let bands = [&median, &self.revenue.band];
        let (lo, hi, cut) = reach(&bands);
        let title = self.title(frame);
        let cut = if cut { ", cut at the edge" } else { "" };
        let metric = format!(
            "US$ a month, a lab that has ended counts as 0 · medians of both, bands of 50% and 90% of revenue{cut} · shaded: the gap between medians"
        );
        let desc = format!("{title}. {} {}", figures(&self.spend, frame), figures(&self.revenue, frame));
        sheet(frame, Words { title, metric, desc }, |canvas, mut space| {
            let months = bands.iter().map(|b| b.p50.len()).max().unwrap_or(0);
            let end = |key: &str, fan: &Fan, role: Role, plot: Option<&Plot>| {
                let last = last_defined(&fan.band.p50)?;
                let y = plot.map_or(0.0, |p| p.at((0.0, last.1)).1.clamp(p.space.top, p.space.bottom));
                let mut rows = vec![format!("median {} a month", money(last.1))];
                rows.extend(ninety(fan, last.0));
                Some(EndLabel::named(key, &fan.label, &rows, role.colour(), y))
            };
            let fans = [("spend", &self.spend, Role::Compute(0)), ("revenue", &self.revenue, Role::Customers)];
            let all =
                |plot: Option<&Plot>| -> Vec<_> { fans.iter().filter_map(|(k, f, r)| end(k, f, *r, plot)).collect() };
            if let (Some(hits), Some((i, _))) = (self.covered, last_defined(&self.revenue.band.p50)) {
                let share = counted(hits, frame.paths);
                let text = format!("Revenue covers spending in {share} of paths in {}", month(frame.month(i)));
                caption(canvas, &text, space);
                space.top += 26.0;
            }
            space.right -= labels::room(&all(None));
            let plot = Plot::new(space, Axis::months(frame.start, months), Axis::money(lo, hi));
            plot.grid(canvas);
            canvas.series("revenue", |canvas| plot.bands(canvas, &self.revenue, 0.5, Role::Customers.colour()));
            self.shade(canvas, &plot);
            for (key, fan, role) in fans {
                canvas.series(key, |canvas| plot.median(canvas, fan, 0.5, role.colour()));
            }
            plot.zero(canvas);
            self.widest(canvas, &plot, frame);
            if last_defined(&self.lead()).is_none() {
                nothing(canvas, plot.space);
            }
            let s = plot.space;
            labels::draw(canvas, &all(Some(&plot)), s.right, s.top, s.bottom);
            let shown = fans.map(|(key, f, role)| Shown::new(key, &f.label, role.colour(), fan_values(f, money)));
            plot.hover_months(canvas, frame, 0.5, shown.to_vec());
        })
    }

    fn table(&self, frame: &Frame) -> Grid {
        let columns = [fan_columns(&self.spend, money), fan_columns(&self.revenue, money)].concat();
        by_month(frame, &columns)
    }
}

impl SpendRevenue {
    /// Median spending less median revenue, by month.
    fn lead(&self) -> Vec<f64> {
        self.spend.band.p50.iter().zip(&self.revenue.band.p50).map(|(s, r)| s - r).collect()
    }

    /// Shades the excess of median spending over median revenue.
    fn shade(&self, canvas: &mut Canvas, plot: &Plot) {
        let (spend, revenue) = (&self.spend.band.p50, &self.revenue.band.p50);
        let upper: Vec<f64> = spend.iter().zip(revenue).map(|(s, r)| if s.is_nan() { *s } else { s.max(*r) }).collect();
        plot.between(canvas, revenue, &upper, 0.5, (Role::Gap.colour(), 0.3));
    }

    /// Marks the distance between the medians where spending is furthest ahead.
    fn widest(&self, canvas: &mut Canvas, plot: &Plot, frame: &Frame) {
        let (spend, revenue) = (&self.spend.band.p50, &self.revenue.band.p50);
        let lead = self.lead();
        let widest = lead.iter().enumerate().filter(|(_, d)| d.is_finite()).max_by(|a, b| a.1.total_cmp(b.1));
        let Some((i, wide)) = widest.filter(|w| *w.1 > 0.0) else { return };
        let x = i as f64 + 0.5;
        let (top, bottom) = (plot.at((x, spend[i])), plot.at((x, revenue[i])));
        let s: Space = plot.space;
        let (y0, y1) = (top.1.clamp(s.top, s.bottom), bottom.1.clamp(s.top, s.bottom));
        if y1 - y0 < 6.0 {
            return;
        }
        canvas.line(&[(top.0, y0), (top.0, y1)], INK, 1.0, 1.4);
        for y in [y0, y1] {
            canvas.line(&[(top.0 - 3.5, y), (top.0 + 3.5, y)], INK, 1.0, 1.4);
        }
        let look = Type::bold(SMALL, INK);
        let text = format!("{} a month between medians, {}", money(*wide), short_month(frame.month(i)));
        // Above both medians over the width of the text, connected to the bracket by a hairline; below when there is no
        // room.
        let half = look.width(&text) / 2.0 + 6.0;
        let middle = top.0.clamp(s.left + half, (s.right - half).max(s.left + half));
        let medians = spend.iter().enumerate().chain(revenue.iter().enumerate()).filter(|(_, v)| v.is_finite());
        let under = medians.map(|(i, v)| plot.at((i as f64 + 0.5, *v))).filter(|p| (p.0 - middle).abs() <= half);
        let highest = under.fold(y0, |a, p| a.min(p.1));
        let y = if highest - s.top > 30.0 { highest - 16.0 } else { (y1 + 16.0).min(s.bottom - 10.0) };
        canvas.line(&[(top.0, y0.min(y)), (top.0, y1.max(y))], INK, 0.6, 0.8);
        canvas.plate(&text, middle, y, look, s);
    }
}

/// The 90% range in a month: `90%: $310B to $1.9T`.
pub(super) fn ninety(fan: &Fan, index: usize) -> Option<String> {
    let (lo, hi) = (*fan.band.p05.get(index)?, *fan.band.p95.get(index)?);
    (lo.is_finite() && hi.is_finite()).then(|| format!("90%: {} to {}", money(lo), money(hi)))
}

/// A sentence on the end of a fan, for the alternative text.
pub(super) fn figures(fan: &Fan, frame: &Frame) -> String {
    last_defined(&fan.band.p50).map_or_else(
        || format!("{} is undefined.", fan.label),
        |(i, v)| {
            let range = ninety(fan, i).map(|r| format!("; {r}")).unwrap_or_default();
            format!("{}: median {} in {}{range}.", fan.label, money(v), month(frame.month(i)))
        },
    )
}

/// A caption above a panel.
pub(super) fn caption(canvas: &mut Canvas, text: &str, space: Space) {
    let look = Type::bold(SMALL + 0.5, INK);
    canvas.text(&look.fit(text, space.right - space.left), space.left, space.top + 7.0, look, HPos::Left);
}

/// Text in the middle of a plot that has nothing to show.
pub(super) fn nothing(canvas: &mut Canvas, space: Space) {
    let at = (f64::midpoint(space.left, space.right), f64::midpoint(space.top, space.bottom));
    canvas.text("No data", at.0, at.1, Type::plain(SMALL, GREY), HPos::Center);
}
