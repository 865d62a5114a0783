//! PNG of an SVG text, by resvg with our own fonts: the same picture on every machine.

use std::sync::LazyLock;

use png::{BitDepth, ColorType, DeflateCompression, Encoder, EncodingError, Filter};
use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::{Options, Tree};

use super::canvas::{REGULAR, SEMI_BOLD};

/// Why a picture could not be made.
#[derive(Debug, thiserror::Error)]
pub enum PngError {
    /// The text is no SVG that resvg can read.
    #[error("cannot read the SVG: {0}")]
    Svg(String),
    /// The scale is not positive, or the picture does not fit in memory.
    #[error("cannot make a picture at scale {0}")]
    Scale(f32),
    /// The pixels could not be written as PNG.
    #[error("cannot write the PNG: {0}")]
    Encode(String),
}

static OPTIONS: LazyLock<Options<'static>> = LazyLock::new(|| {
    let mut options = Options { font_family: "Inter".into(), ..Options::default() };
    let fonts = options.fontdb_mut();
    fonts.load_font_data(REGULAR.to_vec());
    fonts.load_font_data(SEMI_BOLD.to_vec());
    fonts.set_sans_serif_family("Inter");
    options
});

/// Rasterises an SVG text; `scale` 2 gives 1920 × 1080 for our charts.
///
/// # Errors
/// When the text is no SVG or the scale gives no picture.
pub fn png(svg: &str, scale: f32) -> Result<Vec<u8>, PngError> {
    let tree = Tree::from_str(svg, &OPTIONS).map_err(|e| PngError::Svg(e.to_string()))?;
    let size = tree.size().to_int_size().scale_by(scale).filter(|s| s.width().max(s.height()) <= 20_000);
    let mut pixels = size.and_then(|s| Pixmap::new(s.width(), s.height())).ok_or(PngError::Scale(scale))?;
    resvg::render(&tree, Transform::from_scale(scale, scale), &mut pixels.as_mut());
    encode(&pixels).map_err(|e| PngError::Encode(e.to_string()))
}

/// On white paper, without transparency. The lightest compression takes a sixth of the time of the usual one and a fourth
/// more bytes, and rows of charts are better left as they are than told as differences.
fn encode(pixels: &Pixmap) -> Result<Vec<u8>, EncodingError> {
    let mut colours = Vec::with_capacity(pixels.pixels().len() * 3);
    for p in pixels.pixels() {
        // Colours are held times their alpha.
        colours.extend([p.red(), p.green(), p.blue()].map(|c| c + (255 - p.alpha())));
    }
    let mut out = Vec::new();
    let mut encoder = Encoder::new(&mut out, pixels.width(), pixels.height());
    encoder.set_color(ColorType::Rgb);
    encoder.set_depth(BitDepth::Eight);
    encoder.set_filter(Filter::NoFilter);
    encoder.set_deflate_compression(DeflateCompression::Level(1));
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&colours)?;
    writer.finish()?;
    Ok(out)
}
