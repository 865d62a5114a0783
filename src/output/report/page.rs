//! The page: its frame, and every kind of block.

use super::figure;
use super::html::Html;
use super::model::{Bar, Block, Cell, Gauge, Section, Table};

/// What is shown above the sections.
#[derive(Debug)]
pub(super) struct Head {
    /// Name of the scenario, with its variant.
    pub name: String,
    /// Number of paths and months, and the seed.
    pub run: String,
    /// Settings that were changed for the run, as typed.
    pub changed: Vec<String>,
    /// The answer.
    pub title: String,
    /// The scenario's own description.
    pub about: String,
}

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("page.js");
/// Run before anything is drawn, so that the page does not flash.
const EARLY: &str = "document.documentElement.classList.add('js');\
    try{const t=localStorage.getItem('gapcast-theme');if(t==='dark'||t==='light')document.documentElement.dataset.theme=t}catch{}";
const REGULAR: &[u8] = include_bytes!("../../../assets/fonts/Inter-Regular.woff2");
const SEMI_BOLD: &[u8] = include_bytes!("../../../assets/fonts/Inter-SemiBold.woff2");

/// The whole page. `colours` are the rules of the style sheet that set the themes.
pub(super) fn write(head: &Head, colours: &str, sections: &[Section<'_>]) -> String {
    let mut html = Html::default();
    let h = &mut html;
    h.raw("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
    h.raw("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
    h.raw("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; ");
    h.raw("script-src 'unsafe-inline'; img-src data:; font-src data:; base-uri 'none'; form-action 'none'\">\n");
    h.raw("<meta name=\"color-scheme\" content=\"light dark\">\n<meta name=\"referrer\" content=\"no-referrer\">\n");
    h.raw("<link rel=\"icon\" href=\"data:,\">\n");
    h.leaf("title", &[], &format!("{}: {}", head.name, head.title.trim_end_matches('.'))).raw("\n");
    h.open("meta", &[("name", "description"), ("content", &head.title)]).raw("\n<style>\n");
    fonts(h);
    h.trusted(colours).raw(STYLE).raw("</style>\n<script>").raw(EARLY).raw("</script>\n</head>\n<body>\n");
    h.raw("<a class=\"skip\" href=\"#answer\">Skip to the answer</a>\n<header class=\"wrap\">\n");
    h.raw("<button type=\"button\" class=\"theme scripted\">Theme</button>\n");
    h.leaf("p", &[("class", "kicker")], &format!("{} · {}", head.name, head.run)).raw("\n");
    h.leaf("h1", &[], &head.title).raw("\n");
    if !head.changed.is_empty() {
        h.raw("<p class=\"changed\"><strong>Changed for this run:</strong> ");
        for (k, setting) in head.changed.iter().enumerate() {
            h.raw(if k > 0 { ", " } else { "" }).leaf("span", &[("class", "mono")], setting);
        }
        h.raw("</p>\n");
    }
    if !head.about.is_empty() {
        h.leaf("p", &[("class", "about")], &head.about).raw("\n");
    }
    h.raw("</header>\n<nav aria-label=\"Contents\"><ul>\n");
    for section in sections {
        h.raw("<li>").leaf("a", &[("href", &format!("#{}", section.id))], section.short).raw("</li>\n");
    }
    h.raw("</ul></nav>\n<main class=\"wrap\">\n");
    for section in sections {
        let heading = format!("{}-heading", section.id);
        h.open("section", &[("id", section.id), ("aria-labelledby", &heading)]).raw("\n");
        h.leaf("h2", &[("id", &heading)], section.title).raw("\n");
        if !section.lead.is_empty() {
            // A line must not break between a minus sign and its amount.
            let lead = section.lead.replace("\u{2212}$", "\u{2212}\u{2060}$");
            h.leaf("p", &[("class", "lead")], &lead).raw("\n");
        }
        for (k, block) in section.blocks.iter().enumerate() {
            write_block(h, block, &format!("{}-{}", section.id, k + 1));
        }
        h.raw("</section>\n");
    }
    h.raw("</main>\n<footer class=\"wrap\">");
    h.raw("Money is in nominal US dollars. P05, P50 and P95 are the values below which 5%, 50% and 95% of paths lie. ");
    h.raw(
        "A simulation shows what follows from its assumptions; it is neither a forecast nor advice.</footer>\n<script>\n",
    );
    h.raw(SCRIPT).raw("</script>\n</body>\n</html>\n");
    html.finish()
}

fn fonts(h: &mut Html) {
    for (weight, bytes) in [("400", REGULAR), ("600", SEMI_BOLD)] {
        h.raw("@font-face{font-family:Inter;font-weight:").raw(weight).raw(";src:url(data:font/woff2;base64,");
        h.trusted(&base64(bytes)).raw(") format(\"woff2\");font-display:block}\n");
    }
    // Charts ask for bold although they were measured with the semi-bold face; the browser uses the nearest weight.
}

/// Base64 with padding (RFC 4648, section 4).
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for three in bytes.chunks(3) {
        let number = (0..3).fold(0, |n, k| n << 8 | usize::from(three.get(k).copied().unwrap_or(0)));
        for k in 0..4 {
            let digit = DIGITS[number >> (18 - 6 * k) & 63];
            out.push(if k <= three.len() { char::from(digit) } else { '=' });
        }
    }
    out
}

fn write_block(h: &mut Html, block: &Block<'_>, id: &str) {
    match block {
        Block::Figure(drawing) => figure::write(h, drawing),
        Block::Gauges(gauges) => {
            h.raw("<ul class=\"gauges\">\n");
            for gauge in gauges {
                write_gauge(h, gauge);
            }
            h.raw("</ul>\n");
        }
        Block::Table(table) => write_table(h, table, id),
        Block::Facts(facts) => {
            h.raw("<dl>\n");
            for (name, value) in facts {
                h.leaf("dt", &[], name).raw("<dd>");
                write_cell(h, value);
                h.raw("</dd>\n");
            }
            h.raw("</dl>\n");
        }
        Block::Code(text) => {
            h.leaf("pre", &[("id", id), ("tabindex", "0")], text).raw("\n");
            copy(h, id, "Copy the command");
        }
        Block::Words(text) => {
            h.leaf("p", &[("class", "lead")], &text.replace("\u{2212}$", "\u{2212}\u{2060}$")).raw("\n");
        }
        Block::Aside(text) => {
            h.leaf("p", &[("class", "aside")], text).raw("\n");
        }
    }
}

/// A button that copies the element with the id `from`.
pub(super) fn copy(h: &mut Html, from: &str, text: &str) {
    h.leaf("button", &[("type", "button"), ("class", "copy scripted"), ("data-from", from)], text).raw("\n");
}

fn write_gauge(h: &mut Html, gauge: &Gauge) {
    h.raw("<li class=\"gauge\">").leaf("h3", &[], &gauge.label).raw("\n");
    h.leaf("p", &[("class", "big")], &gauge.big).raw("\n");
    if let Some(bar) = &gauge.bar {
        write_bar(h, bar);
    }
    h.leaf("p", &[], &gauge.small).raw("\n");
    for (text, holds) in &gauge.held {
        let (class, mark) = if *holds { ("holds", "✓ holds") } else { ("fails", "✗ fails") };
        h.raw("<p class=\"held\">").leaf("span", &[("class", class)], mark).raw(" ").text(text).raw("</p>\n");
    }
    h.raw("</li>\n");
}

/// The bar of a gauge: a scale, the range of 90% of paths, that of half of them, the answer as a stroke, the limit as a
/// triangle. Everything it shows is also given in words.
fn write_bar(h: &mut Html, bar: &Bar) {
    let (low, high) = bar.scale;
    let place = |x: f64| if high > low { (200.0 * (x - low) / (high - low)).clamp(0.0, 200.0) } else { 0.0 };
    let rectangle = |h: &mut Html, ends: (f64, f64), y: &str, height: &str, fill: &str| {
        let (a, b) = (place(ends.0), place(ends.1));
        let (x, width) = (format!("{a:.1}"), format!("{:.1}", (b - a).max(0.8)));
        h.open("rect", &[("x", &x), ("y", y), ("width", &width), ("height", height), ("fill", fill)]).raw("</rect>");
    };
    h.raw("<svg viewBox=\"0 0 200 24\" preserveAspectRatio=\"none\" aria-hidden=\"true\">");
    rectangle(h, (low, high), "11", "6", "var(--rule)");
    rectangle(h, bar.wide, "11", "6", "var(--bar)");
    if let Some(narrow) = bar.narrow {
        rectangle(h, narrow, "9", "10", "var(--bar)");
    }
    let at = place(bar.at).clamp(1.2, 198.8);
    h.open(
        "rect",
        &[("x", &format!("{:.1}", at - 1.2)), ("y", "6"), ("width", "2.4"), ("height", "16"), ("fill", "var(--mark)")],
    );
    h.raw("</rect>");
    if let Some(limit) = bar.limit {
        let x = place(limit);
        let points = format!("{:.1},0 {:.1},0 {x:.1},6", x - 3.5, x + 3.5);
        h.open("polygon", &[("points", &points), ("fill", "var(--ink)")]).raw("</polygon>");
        let x = format!("{x:.1}");
        h.open(
            "line",
            &[("x1", &x), ("x2", &x), ("y1", "5"), ("y2", "24"), ("stroke", "var(--ink)"), ("stroke-dasharray", "2 2")],
        );
        h.raw("</line>");
    }
    h.raw("</svg>\n");
}

fn write_table(h: &mut Html, table: &Table, id: &str) {
    if table.folded {
        h.raw("<details>").leaf("summary", &[], &format!("{} ({} rows)", table.caption, table.rows.len())).raw("\n");
    } else {
        h.raw("<div class=\"table\">").leaf("h3", &[], &table.caption).raw("\n");
    }
    let scroll = if table.folded { "scroll" } else { "scroll whole" };
    h.open("div", &[("class", scroll), ("tabindex", "0"), ("role", "region"), ("aria-label", &table.caption)]);
    let class = if table.cards { "words cards" } else { "words" };
    h.open("table", &[("id", id), ("class", class)]).raw("<thead><tr>");
    for (name, number) in &table.head {
        let attributes: &[(&str, &str)] =
            if *number { &[("scope", "col"), ("class", "n")] } else { &[("scope", "col")] };
        h.leaf("th", attributes, name);
    }
    h.raw("</tr></thead>\n<tbody>\n");
    for row in &table.rows {
        h.raw("<tr>");
        for (k, (cell, (name, number))) in row.iter().zip(&table.head).enumerate() {
            let mut attributes: Vec<(&str, &str)> = Vec::new();
            let tag = if k == 0 { "th" } else { "td" };
            if k == 0 {
                attributes.push(("scope", "row"));
            } else if table.cards {
                attributes.push(("data-head", name));
            }
            if *number {
                attributes.push(("class", "n"));
            }
            h.open(tag, &attributes);
            write_cell(h, cell);
            h.close(tag);
        }
        h.raw("</tr>\n");
    }
    h.raw("</tbody></table></div>\n");
    copy(h, id, "Copy the table");
    h.raw(if table.folded { "</details>\n" } else { "</div>\n" });
}

fn write_cell(h: &mut Html, cell: &Cell) {
    match cell {
        Cell::Text(text) => h.text(text),
        Cell::Code(text) => {
            h.raw("<span class=\"mono\">");
            // A long name may break at its word boundaries.
            for (k, piece) in text.split_inclusive(['.', '_', '/']).enumerate() {
                h.raw(if k > 0 { "<wbr>" } else { "" }).text(piece);
            }
            h.raw("</span>")
        }
        Cell::Source(text, address) => h.link(address, text),
        Cell::Holds(true) => h.leaf("span", &[("class", "holds")], "✓ holds"),
        Cell::Holds(false) => h.leaf("span", &[("class", "fails")], "✗ fails"),
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_that_of_the_standard() {
        for (bytes, text) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(base64(bytes.as_bytes()), text);
        }
        assert_eq!(base64(&[0xfb, 0xff, 0xfe]), "+//+");
    }
}
