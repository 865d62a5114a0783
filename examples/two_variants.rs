//! Two variants on the same worlds: the difference of each metric from the file itself, path by path, next to the error
//! that two separate runs would have.
//!
//! `cargo run --release --example two_variants`

use gapcast::{Model, Settings};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let settings = Settings { paths: Some(4096), ..Settings::default() };
    let model = Model::load("scenarios/small-lab.yaml", &settings)?;
    let base = model.run(0);
    for name in model.variants.iter().take(2) {
        let variant = model.with(&Settings { variant: Some(name.clone()), ..settings.clone() })?.run(0);
        println!("{name}, less the file itself:");
        for metric in ["cash_out", "peak_funding", "cumulative_gap", "stake.founders"] {
            let Some(difference) = variant.minus(&base, metric) else { continue };
            let separate = [&variant, &base].map(|run| run.metric(metric).map_or(f64::NAN, |d| d.moments.se()));
            let separate = separate[0].hypot(separate[1]);
            println!(
                "  {metric:16} {:+.4e} ± {:.1e} (two separate runs: ± {separate:.1e})",
                difference.mean, difference.se
            );
        }
    }
    Ok(())
}
