//! Chart 5: where money comes from and goes to, by calendar year, mirrored about zero.

use plotters::style::text_anchor::HPos;

use super::axis::Axis;
use super::canvas::{Canvas, Sheet, Space, Type, Words, sheet};
use super::house::{GREY, INK, Role, SMALL, WHITE, money, percent, short_month};
use super::labels::{self, EndLabel};
use super::plot::Plot;
use super::spend_revenue::nothing;
use super::stack::{Part, gather};
use super::{Frame, Grid, Picture, Shown};

/// Means across paths, which add up, unlike medians. A negative amount is drawn on the other side.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SourcesUses {
    /// Calendar years, consecutive.
    pub years: Vec<i32>,
    /// Number of simulated months from the frame's start: the first and the last year may be partial.
    pub months: usize,
    /// Sources of money.
    pub sources: Vec<Line>,
    /// Uses of money.
    pub uses: Vec<Line>,
}

/// One source or use.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// Label on the chart.
    pub label: String,
    /// Who pays or is paid.
    pub role: Role,
    /// US dollars in each year.
    pub values: Vec<f64>,
}

/// Largest number of lines named on one side, and the smallest share for which a line is named.
const NAMED: (usize, f64) = (9, 0.02);

fn total(values: &[f64]) -> f64 {
    values.iter().filter(|v| v.is_finite()).sum()
}

/// Sum of the positive totals of the lines of some claimants.
fn sum(lines: &[Line], of: impl Fn(Role) -> bool) -> f64 {
    lines.iter().filter(|l| of(l.role)).map(|l| total(&l.values).max(0.0)).sum()
}

fn parts(side: &str, lines: &[Line]) -> Vec<Part> {
    let lines = lines.iter().map(|l| (l.label.clone(), l.role, l.values.clone()));
    let mut parts = gather(lines, |v| total(v).abs(), NAMED);
    for part in &mut parts {
        part.key = format!("{side}-{}", part.key);
    }
    // The largest is next to zero, the grouped rest outermost.
    let gathered = parts.pop_if(|p| p.label.starts_with("Other ("));
    parts.sort_by(|a, b| total(&b.values).total_cmp(&total(&a.values)));
    parts.extend(gathered);
    parts
}

impl Picture for SourcesUses {
    fn title(&self, _: &Frame) -> String {
        // Payments by customers are not news; who pays for the rest is.
        let equity = sum(&self.sources, |r| matches!(r, Role::Investor(_)));
        let debt = sum(&self.sources, |r| matches!(r, Role::Lender(_)));
        let spent = sum(&self.uses, |r| r != Role::Cash);
        let span = self.span();
        if spent <= 0.0 {
            return format!("Nothing is spent in {span}");
        }
        let share = percent((equity + debt) / spent);
        match (equity > 0.0, debt > 0.0) {
            (false, false) => format!("Customers and cash pay for everything in {span}: no equity or debt is raised"),
            (true, false) => format!("Equity brings in {} in {span}, {share} of what is spent", money(equity)),
            (false, true) => format!("Debt brings in {} in {span}, {share} of what is spent", money(debt)),
            (true, true) => format!(
                "Equity brings in {} and debt {} in {span}, {share} of what is spent",
                money(equity),
                money(debt)
            ),
        }
    }

    fn draw(&self, frame: &Frame) -> Sheet {
        let sides = [parts("source", &self.sources), parts("use", &self.uses)];
        let title = self.title(frame);
        let metric = "Sources above, uses below, US$ in each calendar year · means across paths".to_owned();
        let list = |parts: &[Part]| {
            parts.iter().map(|p| format!("{} {}", p.label, money(total(&p.values)))).collect::<Vec<_>>().join(", ")
        };
        let desc = format!("{title}. Sources: {}. Uses: {}.", list(&sides[0]), list(&sides[1]));
        sheet(frame, Words { title, metric, desc }, |canvas, mut space| {
            let stacks: Vec<_> = (0..self.years.len()).map(|i| stack(&sides, i)).collect();
            let end = |sign: f64| stacks.iter().flatten().map(|b| b.to * sign).fold(0.0, f64::max) * sign;
            let all = |plot: Option<&Plot>| self.labels(&sides, stacks.last().map(Vec::as_slice), plot);
            space.right -= labels::room(&all(None));
            // Space for the totals at both ends.
            let air = 0.03 * (end(1.0) - end(-1.0));
            let n = self.years.len().max(1) as f64;
            let x = Axis { lo: 0.0, hi: n, ticks: Vec::new() };
            let plot = Plot::new(space, x, Axis::mirrored(end(-1.0) - air, end(1.0) + air));
            plot.grid(canvas);
            if stacks.iter().all(Vec::is_empty) {
                nothing(canvas, plot.space);
            }
            self.bars(canvas, &plot, &sides, &stacks, frame);
            plot.zero(canvas);
            let s = plot.space;
            labels::draw(canvas, &all(Some(&plot)), s.right, s.top, s.bottom);
            let places = self.years.iter().enumerate().map(|(i, year)| (i as f64 + 0.5, year.to_string()));
            let shown = sides
                .iter()
                .flatten()
                .map(|p| Shown::new(&p.key, &p.label, p.colour, p.values.iter().map(|v| money(*v)).collect()));
            plot.hover(canvas, places, shown.collect());
        })
    }

    fn table(&self, _: &Frame) -> Grid {
        let mut head = vec!["Side".to_owned(), "Line".to_owned()];
        head.extend(self.years.iter().map(i32::to_string));
        let rows = |side: &'static str, lines: &[Line]| -> Vec<Vec<String>> {
            let row = |l: &Line| {
                [side.to_owned(), l.label.clone()].into_iter().chain(l.values.iter().map(|v| money(*v))).collect()
            };
            lines.iter().map(row).collect()
        };
        Grid { head, rows: [rows("source", &self.sources), rows("use", &self.uses)].concat() }
    }
}

impl SourcesUses {
    fn span(&self) -> String {
        match (self.years.first(), self.years.last()) {
            (Some(a), Some(b)) if a != b => format!("{a}–{b}"),
            (Some(a), _) => a.to_string(),
            _ => "no year".into(),
        }
    }

    fn bars(&self, canvas: &mut Canvas, plot: &Plot, sides: &[Vec<Part>; 2], stacks: &[Vec<Block>], frame: &Frame) {
        let s: Space = plot.space;
        let slot = (s.right - s.left) / stacks.len().max(1) as f64;
        let half = (0.36 * slot).min(34.0);
        let every = stacks.len().div_ceil(((s.right - s.left) / 60.0) as usize).max(1);
        for (i, blocks) in stacks.iter().enumerate() {
            let x = plot.at((i as f64 + 0.5, 0.0)).0;
            for block in blocks {
                let inside = |v: f64| plot.at((0.0, v)).1.clamp(s.top, s.bottom);
                let (a, b) = (inside(block.from), inside(block.to));
                canvas.series(&sides[block.side][block.part].key, |canvas| {
                    canvas.rectangle((x - half, a), (x + half, b), block.colour, 1.0);
                    canvas.line(&[(x - half, b), (x + half, b)], WHITE, 1.0, 1.0);
                });
            }
            for sign in [1.0, -1.0] {
                let end = blocks.iter().map(|b| b.to * sign).fold(0.0, f64::max);
                if slot >= 46.0 && end > 0.0 {
                    let y = plot.at((0.0, end * sign)).1.clamp(s.top, s.bottom) - 9.0 * sign;
                    canvas.text(&money(end), x, y, Type::bold(SMALL, INK), HPos::Center);
                }
            }
            if i % every == 0 {
                canvas.text(&self.year(i, slot, frame), x, s.bottom + 15.0, Type::plain(SMALL, GREY), HPos::Center);
            }
        }
    }

    /// `2027`, or `Jun–Dec 2026` for a partial year where there is room.
    fn year(&self, index: usize, slot: f64, frame: &Frame) -> String {
        let year = self.years[index];
        let end = frame.month(self.months.max(1) - 1);
        let from = if frame.start.year() == year { frame.start.month() } else { 1 };
        let to = if end.year() == year { end.month() } else { 12 };
        if (from, to) == (1, 12) || from > to || slot < 92.0 {
            return year.to_string();
        }
        let name = |m: i32| short_month(crate::units::Month::new(year, m))[..3].to_owned();
        if from == to { format!("{} {year}", name(from)) } else { format!("{}–{} {year}", name(from), name(to)) }
    }

    /// Names and totals, each near its block in the last year.
    fn labels(&self, sides: &[Vec<Part>; 2], last: Option<&[Block]>, plot: Option<&Plot>) -> Vec<EndLabel> {
        let mut out = Vec::new();
        for (side, name) in ["Sources", "Uses"].into_iter().enumerate() {
            let sum: f64 = sides[side].iter().map(|p| total(&p.values)).sum();
            let zero = plot.map_or(0.0, |p| p.at((0.0, 0.0)).1);
            let y = if side == 0 { plot.map_or(0.0, |p| p.space.top) } else { zero + 0.02 };
            let text = format!("{name}, {}: {}", self.span(), money(sum));
            out.push(EndLabel {
                y,
                rows: vec![(text, Type::bold(SMALL + 0.5, INK))],
                swatch: None,
                leader: false,
                key: String::new(),
            });
            for (i, part) in sides[side].iter().enumerate() {
                let block = last.and_then(|l| l.iter().find(|b| (b.side, b.part) == (side, i)));
                let at = |v: f64| plot.map_or(0.0, |p| p.at((0.0, v)).1.clamp(p.space.top, p.space.bottom));
                let seen = block.is_some_and(|b| (at(b.from) - at(b.to)).abs() >= 2.0);
                // Without a block in the last year, the label goes to the outer end of its side.
                let outer = last.into_iter().flatten().filter(|b| b.side == side);
                let outer = outer.map(|b| b.to).fold(0.0, |a: f64, b| if b.abs() > a.abs() { b } else { a });
                let y = block.map_or(at(outer), |b| f64::midpoint(at(b.from), at(b.to)));
                let y = if side == 0 {
                    y.min(zero - 0.01).max(plot.map_or(0.0, |p| p.space.top) + 0.01)
                } else {
                    y.max(zero + 0.03)
                };
                out.push(part.tag(&money(total(&part.values)), y, seen));
            }
        }
        out
    }
}

/// A segment of one year's bar, from the zero side outwards.
struct Block {
    side: usize,
    part: usize,
    from: f64,
    to: f64,
    colour: plotters::style::RGBColor,
}

/// The bar of a year: sources up, uses down, negative amounts on the other side.
fn stack(sides: &[Vec<Part>; 2], year: usize) -> Vec<Block> {
    let (mut up, mut down, mut out) = (0.0, 0.0, Vec::new());
    for (side, parts) in sides.iter().enumerate() {
        for (part, p) in parts.iter().enumerate() {
            let v = p.values.get(year).copied().unwrap_or(0.0) * if side == 0 { 1.0 } else { -1.0 };
            let end = if v > 0.0 { &mut up } else { &mut down };
            if v != 0.0 {
                out.push(Block { side, part, from: *end, to: *end + v, colour: p.colour });
                *end += v;
            }
        }
    }
    out
}
