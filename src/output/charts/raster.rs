//! PNG from an SVG text, by resvg with our own fonts: the same picture on every machine.

use std::io::Write;
use std::sync::LazyLock;

use png::{BitDepth, ColorType, DeflateCompression, Encoder, EncodingError, Filter};
use resvg::tiny_skia::{Color, Pixmap, Transform};
use resvg::usvg::{Options, Tree};

use super::canvas::{REGULAR, SEMI_BOLD};

/// Why an SVG could not be rasterised.
#[derive(Debug, thiserror::Error)]
pub enum PngError {
    /// The text is not SVG that resvg can read.
    #[error("cannot read the SVG: {0}")]
    Svg(String),
    /// The scale is not positive, or the picture does not fit in memory.
    #[error("cannot render an image at scale {0}")]
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

/// Rasterises an SVG text; a `scale` of 2 gives 1920 × 1080 for our charts.
///
/// # Errors
/// The text is not valid SVG, or the scale gives no picture.
pub fn png(svg: &str, scale: f32) -> Result<Vec<u8>, PngError> {
    let tree = Tree::from_str(&without_layers(svg), &OPTIONS).map_err(|e| PngError::Svg(e.to_string()))?;
    let size = tree.size().to_int_size().scale_by(scale).filter(|s| s.width().max(s.height()) <= 20_000);
    let mut pixels = size.and_then(|s| Pixmap::new(s.width(), s.height())).ok_or(PngError::Scale(scale))?;
    pixels.fill(Color::WHITE);
    resvg::render(&tree, Transform::from_scale(scale, scale), &mut pixels.as_mut());
    encode(&pixels).map_err(|e| PngError::Encode(e.to_string()))
}

/// Moves the opacity of a shape to its only paint. For an element's opacity resvg draws it on a separate layer and
/// composites that onto the picture, which takes a third of the time; plotters' shapes have either a fill or a stroke,
/// never both.
fn without_layers(svg: &str) -> String {
    let mut out = String::with_capacity(svg.len() + 1_024);
    for line in svg.split_inclusive('\n') {
        let is_shape = SHAPES.iter().any(|shape| line.starts_with(shape));
        match line.split_once(" opacity=").filter(|_| is_shape) {
            Some((before, after)) => {
                let paint = if line.contains("fill=\"none\"") { "stroke" } else { "fill" };
                out.extend([before, " ", paint, "-opacity=", after]);
            }
            None => out.push_str(line),
        }
    }
    out
}
const SHAPES: [&str; 5] = ["<polyline ", "<polygon ", "<line ", "<rect ", "<circle "];

/// The picture has a white background and no transparency left. The lightest compression takes a sixth of the time of
/// the default and a quarter more bytes, and rows of charts compress better unfiltered than as differences.
fn encode(pixels: &Pixmap) -> Result<Vec<u8>, EncodingError> {
    let mut out = Vec::new();
    let mut encoder = Encoder::new(&mut out, pixels.width(), pixels.height());
    encoder.set_color(ColorType::Rgb);
    encoder.set_depth(BitDepth::Eight);
    encoder.set_filter(Filter::NoFilter);
    encoder.set_deflate_compression(DeflateCompression::Level(1));
    let mut header = encoder.write_header()?;
    let mut writer = header.stream_writer()?;
    let mut row = vec![0; 3 * pixels.width() as usize];
    for line in pixels.data().chunks_exact(4 * pixels.width() as usize) {
        for (colour, pixel) in row.chunks_exact_mut(3).zip(line.chunks_exact(4)) {
            colour.copy_from_slice(&pixel[..3]);
        }
        writer.write_all(&row)?;
    }
    writer.finish()?;
    header.finish()?;
    Ok(out)
}
