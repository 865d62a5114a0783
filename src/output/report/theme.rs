//! Colours of the page in its two themes, and the mapping of a chart's colours to a dark background.
//!
//! Charts are drawn for a white background. On a dark one, greys are inverted, and hues are lightened until they are
//! visible: lines and areas to a contrast of 3, text to 4.5 (WCAG 2.2, 1.4.3 and 1.4.11). The SVG keeps its own colours
//! as attributes, which rules of the style sheet override.

use std::collections::BTreeSet;
use std::fmt::Write as _;

type Colour = [u8; 3];

/// Style-sheet variables: name, light value, dark value.
const PAGE: [(&str, &str, &str); 11] = [
    ("paper", "#FFFFFF", "#15181B"),
    ("card", "#F6F8F9", "#1D2125"),
    ("ink", "#212529", "#E8EAED"),
    ("grey", "#5C636A", "#A9B1B9"),
    ("rule", "#DEE2E6", "#363C42"),
    ("link", "#00619A", "#7CC0EA"),
    ("good", "#00664B", "#4FC9A2"),
    ("bad", "#A84300", "#FF9E57"),
    ("bar", "#9FB6C6", "#4A6274"),
    ("mark", "#0072B2", "#6CB8E6"),
    ("focus", "#0072B2", "#FFD166"),
];

/// Rules of both themes, and of the colours that `charts` use on a dark background. Print is always light.
pub fn rules<'a>(charts: impl Iterator<Item = &'a str>) -> String {
    let mut css = String::new();
    let variables = |pick: fn(&(&str, &'static str, &'static str)) -> &'static str| {
        PAGE.iter().fold(String::new(), |mut text, row| {
            let _ = write!(text, "--{}:{};", row.0, pick(row));
            text
        })
    };
    let _ = writeln!(css, ":root{{color-scheme:light;{}}}", variables(|r| r.1));
    let colours: BTreeSet<String> = charts.flat_map(colours).collect();
    for (media, root) in [
        ("@media screen and (prefers-color-scheme:dark)", ":root:not([data-theme=light])"),
        ("@media screen", ":root[data-theme=dark]"),
    ] {
        let _ = writeln!(css, "{media}{{{root}{{color-scheme:dark;{}}}", variables(|r| r.2));
        for text in &colours {
            let Some(colour) = parse(text) else { continue };
            let (shape, word) = (hex(on_dark(colour, 3.0)), hex(on_dark(colour, 4.5)));
            let _ = writeln!(
                css,
                "{root} .chart [fill=\"{text}\"]{{fill:{shape}}}{root} .chart [stroke=\"{text}\"]{{stroke:{shape}}}\
                 {root} .chart text[fill=\"{text}\"]{{fill:{word}}}"
            );
        }
        css.push_str("}\n");
    }
    css
}

/// A chart drawn for a white background, with its colours replaced for a dark one.
pub fn dark(svg: &str) -> String {
    let mut out = String::with_capacity(svg.len());
    for line in svg.split_inclusive('\n') {
        let least = if line.starts_with("<text") { 4.5 } else { 3.0 };
        let mut line = line.to_owned();
        for text in colours(&line) {
            let Some(colour) = parse(&text) else { continue };
            let seen = hex(on_dark(colour, least));
            for attribute in ["fill", "stroke"] {
                line = line.replace(&format!("{attribute}=\"{text}\""), &format!("{attribute}=\"{seen}\""));
            }
        }
        out.push_str(&line);
    }
    out
}

/// The colours in attributes of an SVG text.
fn colours(svg: &str) -> BTreeSet<String> {
    let at = |mark: &'static str| svg.split(mark).skip(1).filter_map(|rest| rest.get(..7));
    at("fill=\"").chain(at("stroke=\"")).filter(|c| parse(c).is_some()).map(str::to_owned).collect()
}

/// `#RRGGBB` as three numbers.
fn parse(text: &str) -> Option<Colour> {
    let digits = text.strip_prefix('#').filter(|d| d.len() == 6 && d.bytes().all(|b| b.is_ascii_hexdigit()))?;
    let part = |at: usize| u8::from_str_radix(&digits[at..at + 2], 16).ok();
    Some([part(0)?, part(2)?, part(4)?])
}

fn hex([r, g, b]: Colour) -> String {
    format!("#{r:02X}{g:02X}{b:02X}")
}

/// Mixes the share `t` of `b` into `a`.
fn blend(a: Colour, b: Colour, t: f64) -> Colour {
    let mix = |k: usize| (f64::from(a[k]) + (f64::from(b[k]) - f64::from(a[k])) * t).round() as u8;
    [mix(0), mix(1), mix(2)]
}

fn named(name: &str, dark: bool) -> Colour {
    let row = PAGE.iter().find(|row| row.0 == name);
    row.and_then(|row| parse(if dark { row.2 } else { row.1 })).unwrap_or_default()
}

/// The colour on a dark background, with a contrast of at least `least`. Greys are only inverted: white becomes the
/// background there, and pale greys are rules.
fn on_dark(colour: Colour, least: f64) -> Colour {
    let (paper, ink) = (named("paper", true), named("ink", true));
    let (low, high) = (colour.iter().min().unwrap_or(&0), colour.iter().max().unwrap_or(&0));
    if high - low < 40 {
        let light = colour.iter().map(|c| f64::from(*c)).sum::<f64>() / 765.0;
        return blend(paper, ink, (1.0 - light) / (1.0 - 33.0 / 255.0));
    }
    let mut step = 0;
    while contrast(blend(colour, ink, f64::from(step) / 20.0), paper) < least && step < 20 {
        step += 1;
    }
    blend(colour, ink, f64::from(step) / 20.0)
}

/// Contrast of two colours, 1 to 21 (WCAG 2.2).
fn contrast(a: Colour, b: Colour) -> f64 {
    let luminance = |c: Colour| {
        let linear = |x: u8| {
            let x = f64::from(x) / 255.0;
            if x <= 0.04045 { x / 12.92 } else { ((x + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * linear(c[0]) + 0.7152 * linear(c[1]) + 0.0722 * linear(c[2])
    };
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_can_be_read_in_both_themes() {
        for dark in [false, true] {
            for (text, behind) in [
                ("ink", "paper"),
                ("ink", "card"),
                ("grey", "paper"),
                ("grey", "card"),
                ("link", "paper"),
                ("link", "card"),
                ("good", "card"),
                ("good", "paper"),
                ("bad", "card"),
                ("bad", "paper"),
            ] {
                let seen = contrast(named(text, dark), named(behind, dark));
                assert!(seen >= 4.5, "{text} on {behind}, dark {dark}: {seen:.2}");
            }
            for (mark, behind) in [("mark", "card"), ("focus", "paper"), ("focus", "card")] {
                let seen = contrast(named(mark, dark), named(behind, dark));
                assert!(seen >= 3.0, "{mark} on {behind}, dark {dark}: {seen:.2}");
            }
        }
        assert!((contrast([0; 3], [255; 3]) - 21.0).abs() < 1e-9);
    }

    #[test]
    fn colours_of_charts_are_seen_on_dark_paper() {
        let paper = named("paper", true);
        for text in ["#0072B2", "#D55E00", "#009E73", "#E69F00", "#CC79A7", "#56B4E9", "#F0E442", "#8A4714", "#212529"]
        {
            let colour = parse(text).unwrap();
            assert!(contrast(on_dark(colour, 3.0), paper) >= 3.0, "{text}");
            assert!(contrast(on_dark(colour, 4.5), paper) >= 4.5, "{text}");
        }
        assert_eq!(on_dark([255; 3], 3.0), paper);
        assert!(contrast(on_dark(parse("#5C636A").unwrap(), 4.5), paper) >= 4.5);
        let rule = contrast(on_dark(parse("#DEE2E6").unwrap(), 3.0), paper);
        assert!((1.2..2.0).contains(&rule), "a rule stays faint: {rule:.2}");
    }

    #[test]
    fn only_colours_reach_the_style_sheet() {
        let css = rules(
            ["<text fill=\"#212529\"/><path stroke=\"#0072B2\" fill=\"none\"/><g fill=\"</style>\"/>"].into_iter(),
        );
        assert!(css.contains("[fill=\"#212529\"]") && css.contains("[stroke=\"#0072B2\"]"));
        assert!(!css.contains("style") && !css.contains("none"));
    }
}
