//! `report.html`: one file that can be forwarded, drawn from a run folder alone.
//!
//! The page is plain HTML with its style, script, fonts and charts embedded; nothing is loaded, and a content security
//! policy in the page forbids it. The contents of a section are built in `answer`, `funding`, `capital` and `proof` as
//! data (`model`); `page` and `figure` write it through one escaping writer (`html`). There is no template language: a
//! section is made of seven kinds of block, which rules out template errors at run time.

mod answer;
mod capital;
mod closed;
mod credit;
mod export;
mod figure;
mod funding;
mod html;
mod model;
mod page;
mod proof;
mod redraw;
pub(crate) mod study;
mod theme;
mod why;
pub(in crate::output) mod words;

use rayon::prelude::*;

use crate::output::charts::{self, Drawing};
use crate::output::reading::Folder;
pub(crate) use export::export_drawn;
pub use export::{ExportError, Look, Size, export};
use model::{Block, Section};
pub(crate) use redraw::redraw_with;
pub use redraw::{RedrawError, Redrawn, redraw};

/// A file of a run folder: its name and its bytes.
pub type Content = (String, Vec<u8>);

/// All that is drawn from a folder: every chart as SVG, and as PNG where this build supports it, and the report.
///
/// # Errors
/// A chart could not be rasterised.
pub fn files(folder: &Folder) -> Result<Vec<Content>, String> {
    let drawings = charts::draw(folder);
    let (page, pictures) = rayon::join(|| html(folder, &drawings), || pictures(&drawings));
    let mut out = pictures?;
    out.push(("report.html".to_owned(), page.into_bytes()));
    Ok(out)
}

/// Each drawing as SVG, and as PNG where this build supports it.
///
/// # Errors
/// A chart could not be rasterised.
pub(crate) fn pictures(drawings: &[Drawing]) -> Result<Vec<Content>, String> {
    let picture = |drawing: &Drawing| -> Result<Vec<Content>, String> {
        #[cfg(feature = "png")]
        {
            let png = charts::png(&drawing.svg, 2.0).map_err(|e| e.to_string())?;
            Ok(vec![(format!("charts/{}.png", drawing.stem), png)])
        }
        #[cfg(not(feature = "png"))]
        {
            let _ = drawing;
            Ok(Vec::new())
        }
    };
    let pictures = drawings.par_iter().map(picture).collect::<Result<Vec<_>, String>>()?;
    let vectors = drawings.iter().map(|d| (format!("charts/{}.svg", d.stem), d.svg.clone().into_bytes()));
    Ok(pictures.into_iter().flatten().chain(vectors).collect())
}

/// The page. The same folder and drawings give the same bytes.
pub fn html(folder: &Folder, drawings: &[Drawing]) -> String {
    let held = answer::held(folder);
    let mut sections = vec![
        answer::section(folder, &held, drawings),
        funding::cash(folder, drawings),
        funding::gap(folder, drawings),
        funding::sources(folder, drawings),
        capital::owners(folder, drawings),
        capital::vehicles(folder, drawings),
        credit::section(folder, drawings),
        capital::commitments(folder, drawings),
        proof::drivers(folder, drawings),
        funding::ruin(folder, drawings),
        why::section(folder),
        proof::assumptions(folder),
        proof::checks(drawings, &held),
        proof::record(folder),
    ];
    // For a lender the section on credit is the answer.
    if credit::is_first(folder) {
        sections.sort_by_key(|section| section.id != "credit");
    }
    sections.retain(|s| !s.lead.is_empty() || !s.blocks.is_empty());
    let shown = sections.iter().flat_map(|s: &Section<'_>| &s.blocks).filter_map(|b| match b {
        Block::Figure(drawing) => Some(drawing.svg.as_str()),
        _ => None,
    });
    let colours = theme::rules(shown);
    let name = folder
        .variant()
        .map_or(folder.name().to_owned(), |v| format!("{}, variant {}", folder.name(), words::plain(v)));
    let name = match folder.set().len() {
        0 => name,
        1 => format!("{name}, one setting changed"),
        n => format!("{name}, {n} settings changed"),
    };
    let head = page::Head {
        name,
        run: format!(
            "{}, {} from {}, seed {}",
            words::many(folder.paths(), "path"),
            words::many(folder.months() as u64, "month"),
            words::month(folder, 0),
            folder.seed()
        ),
        changed: folder.set().to_vec(),
        title: answer::sentence(folder),
        about: about(folder),
    };
    page::write(&head, &colours, &sections)
}

/// The description of the scenario, and of the variant.
fn about(folder: &Folder) -> String {
    let tree = folder.tree();
    let said = tree.as_ref().and_then(|t| t.get("about")).and_then(|n| n.text());
    said.unwrap_or_default().trim().to_owned()
}

#[cfg(test)]
mod tests;
