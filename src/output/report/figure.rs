//! A chart in the page: its text, switches for its series, the drawing, what the pointer shows, and its table.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::html::Html;
use super::page::copy;
use crate::output::charts::{Drawing, Panel, Shown};

/// Size of the charts' sheet in `viewBox` units.
const WIDTH: f64 = 9600.0;
const HEIGHT: f64 = 5400.0;
/// Set once in the style sheet instead.
const FAMILY: &str = " font-family=\"Inter, Helvetica, Arial, sans-serif\"";

/// Writes the figure.
pub(super) fn write(h: &mut Html, drawing: &Drawing) {
    let id = format!("chart-{}", drawing.stem);
    let (heading, described) = (format!("{id}-title"), format!("{id}-words"));
    h.open("figure", &[("class", "chart"), ("id", &id), ("aria-labelledby", &heading)]).raw("\n<figcaption>");
    h.leaf("h3", &[("id", &heading)], &drawing.title)
        .leaf("p", &[("class", "sub")], &drawing.subtitle)
        .raw("</figcaption>\n");
    ends(h, drawing);
    chips(h, drawing);
    let pointed = !drawing.hover.is_empty();
    h.raw("<div class=\"frame\">");
    if pointed {
        let label = format!("{}. Use the arrow keys to read values.", drawing.title);
        h.open("div", &[("class", "drawn"), ("tabindex", "0"), ("role", "group"), ("aria-label", &label)]);
    } else {
        h.open("div", &[("class", "drawn")]);
    }
    h.trusted(&inline(drawing, &heading, &described)).raw("</div>\n");
    if pointed {
        h.raw("<p class=\"seen spoken\" role=\"status\"></p>");
    }
    h.raw("</div>\n<p class=\"sub swipe\" aria-hidden=\"true\">The chart continues to the right: swipe it.</p>\n");
    h.leaf("p", &[("class", "seen"), ("id", &described)], &drawing.alt).raw("\n");
    table(h, drawing, &id);
    if pointed {
        h.data(&[("class", "hover")], &hover(drawing)).raw("\n");
    }
    h.raw("</figure>\n");
}

/// The end labels of the chart, as a list: on a phone the labels at the ends of its lines are off-screen. Screen
/// readers get them from the description of the chart.
fn ends(h: &mut Html, drawing: &Drawing) {
    if drawing.ends.is_empty() {
        return;
    }
    h.raw("<ul class=\"ends\" aria-hidden=\"true\">\n");
    for end in &drawing.ends {
        h.raw("<li>");
        if let Some(colour) = &end.colour {
            let colour = colour.to_ascii_uppercase();
            h.raw("<svg viewBox=\"0 0 10 10\" aria-hidden=\"true\">");
            h.open("circle", &[("cx", "5"), ("cy", "5"), ("r", "5"), ("fill", &colour)]).raw("</circle></svg>");
        }
        h.raw("<span>");
        for (k, row) in end.rows.iter().enumerate() {
            h.raw(if k > 0 { "<br>" } else { "" }).text(row);
        }
        h.raw("</span></li>\n");
    }
    h.raw("</ul>\n");
}

/// One switch for each distinct name among the series, so that series on both sides of an account are shown and hidden
/// together; a chart with a single one needs none.
fn chips(h: &mut Html, drawing: &Drawing) {
    let mut seen: Vec<&Shown> = Vec::new();
    for shown in drawing.hover.iter().flat_map(|panel| &panel.series) {
        let drawn = || drawing.svg.contains(&format!("data-series=\"{}\"", attribute(&shown.key)));
        if seen.iter().all(|s| s.label != shown.label) && drawn() {
            seen.push(shown);
        }
    }
    if seen.len() < 2 {
        return;
    }
    let label = format!("Series shown in: {}", drawing.title);
    h.open("div", &[("class", "chips scripted"), ("role", "group"), ("aria-label", &label)]);
    for shown in seen {
        h.raw("<label class=\"chip\">");
        h.open("input", &[("type", "checkbox"), ("checked", ""), ("autocomplete", "off"), ("value", &shown.label)]);
        h.raw("<svg viewBox=\"0 0 10 10\" aria-hidden=\"true\">");
        let colour = shown.colour.to_ascii_uppercase();
        h.open("circle", &[("cx", "5"), ("cy", "5"), ("r", "5"), ("fill", &colour)]).raw("</circle></svg>");
        h.text(&shown.label).raw("</label>");
    }
    h.raw("</div>\n");
}

/// What the pointer shows, as data for the script: panels with their rectangles, positions and series.
fn hover(drawing: &Drawing) -> Value {
    let panel = |p: &Panel| {
        let series = |s: &Shown| json!({"key": s.key, "label": s.label, "colour": s.colour.to_ascii_uppercase(), "values": s.values});
        let (at, labels): (Vec<f64>, Vec<&str>) = p.places.iter().map(|(at, label)| (*at, label.as_str())).unzip();
        json!({
            "rect": [p.left, p.top, p.width, p.height],
            "down": p.down,
            "at": at,
            "labels": labels,
            "series": p.series.iter().map(series).collect::<Value>(),
        })
    };
    drawing.hover.iter().map(panel).collect()
}

/// The drawing for this page: without its own title, subtitle and footnote, which the page gives as its own text in
/// letters legible on a phone; without attributes that the style sheet sets once; labelled by the elements beside it.
fn inline(drawing: &Drawing, heading: &str, described: &str) -> String {
    let svg = &drawing.svg;
    let start = svg.find('>').map_or(0, |k| k + 1);
    let end = svg.rfind("</svg>").unwrap_or(svg.len()).max(start);
    let mut body = svg[start..end].trim_start();
    for tag in ["title", "desc"] {
        let close = format!("</{tag}>");
        if let Some(rest) = body.strip_prefix(&format!("<{tag}"))
            && let Some(at) = rest.find(&close)
        {
            body = rest[at + close.len()..].trim_start();
        }
    }
    let (mut top, mut bottom) = (0.0, HEIGHT);
    // The white background sheet.
    if let Some(rest) = body.strip_prefix("<polygon").filter(|r| r.starts_with(" opacity=\"1\" fill=\"#FFFFFF\""))
        && let Some(at) = rest.find("/>")
    {
        body = rest[at + 2..].trim_start();
        while let Some((y, size, rest)) = heading_line(body) {
            if y > 0.9 * HEIGHT {
                bottom = y - 1.2 * size;
            } else {
                top = y + 0.5 * size;
            }
            body = rest;
        }
    }
    let mut out = String::with_capacity(body.len() + 200);
    let _ = write!(
        out,
        "<svg role=\"img\" aria-labelledby=\"{heading} {described}\" viewBox=\"0 {top:.0} {WIDTH:.0} {:.0}\" xmlns=\"http://www.w3.org/2000/svg\">",
        bottom - top
    );
    out.push_str(&body.replace(FAMILY, "").replace(" opacity=\"1\"", "").replace(" dy=\"0.5ex\"", ""));
    out.push_str("</svg>");
    out
}

/// A line of the sheet's own text at the left margin (title, subtitle or footnote): its position, its size, and the
/// rest of the drawing after it. A plot's own heading may come next at the same margin; it is smaller than the title
/// and has a different colour from the subtitle.
fn heading_line(body: &str) -> Option<(f64, f64, &str)> {
    let tag = body.strip_prefix("<text x=\"240\"")?;
    let (attributes, _) = tag.split_once('>')?;
    let number = |name: &str| attributes.split_once(name)?.1.split_once('"')?.0.parse::<f64>().ok();
    let (y, size) = (number(" y=\"")?, number(" font-size=\"")?);
    let rest = tag[tag.find("</text>")? + 7..].trim_start();
    let grey = attributes.contains("fill=\"#5C636A\"");
    let title = size > 200.0 && y < 0.25 * HEIGHT;
    let subtitle = grey && size > 130.0 && y < 0.25 * HEIGHT;
    let footnote = grey && y > 0.9 * HEIGHT;
    (title || subtitle || footnote).then_some((y, size, rest))
}

/// An attribute's value, escaped as in our SVG text.
fn attribute(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// The table behind the chart, collapsed.
fn table(h: &mut Html, drawing: &Drawing, id: &str) {
    let (head, rows) = (&drawing.table.head, &drawing.table.rows);
    if rows.is_empty() {
        return;
    }
    let id = format!("{id}-table");
    h.raw("<details class=\"data\">")
        .leaf("summary", &[], &format!("The numbers behind this chart ({} rows)", rows.len()))
        .raw("\n");
    h.open("div", &[("class", "scroll"), ("tabindex", "0"), ("role", "region"), ("aria-label", &drawing.title)]);
    h.open("table", &[("id", &id)]).raw("<thead><tr>");
    for (k, name) in head.iter().enumerate() {
        let attributes: &[(&str, &str)] =
            if k == 0 { &[("scope", "col")] } else { &[("scope", "col"), ("class", "n")] };
        h.leaf("th", attributes, name);
    }
    h.raw("</tr></thead>\n<tbody>\n");
    for row in rows {
        h.raw("<tr>");
        for (k, cell) in row.iter().enumerate() {
            if k == 0 {
                h.leaf("th", &[("scope", "row")], cell);
            } else {
                h.leaf("td", &[("class", "n")], cell);
            }
        }
        h.raw("</tr>\n");
    }
    h.raw("</tbody></table></div>\n");
    copy(h, &id, "Copy the table");
    h.raw("</details>\n");
}
