//! `gapcast compare`: the same worlds under several files, variants or settings.

use std::path::{Path, PathBuf};

use clap::Args;

use super::{Shared, file_and_variant};
use crate::cli::fault::Fault;
use crate::cli::run::RunArgs;
use crate::cli::screen::Screen;
use crate::model::{Model, Settings};
use crate::study::Ask;
use crate::study::compare::Ask as Compare;
use crate::study::files::Case;

/// Arguments of `compare`.
#[derive(Clone, Debug, Args)]
pub struct CompareArgs {
    /// Scenario files, each with a variant if one follows a colon: `FILE` or `FILE:VARIANT`. Differences are from the
    /// first.
    #[arg(required = true, value_name = "CASE")]
    cases: Vec<String>,
    /// Add variants of the first file as cases: their names, or `all`.
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    variants: Vec<String>,
    /// Add a case: the first one with these settings, separated by semicolons. Repeatable.
    #[arg(long = "with", value_name = "PATH=VALUE[;PATH=VALUE]")]
    with: Vec<String>,
    /// A further question, such as `p(cash_out by 2029-12)` or `p05(stake.founders)`. Repeatable.
    #[arg(long = "ask", value_name = "QUESTION")]
    asks: Vec<String>,
    #[command(flatten)]
    pub(in crate::cli) shared: Shared,
}

/// Compares variants of a file with it, for `run FILE --variants`.
pub fn compare_variants(args: &RunArgs, screen: &Screen) -> u8 {
    let given = &args.scenario.given;
    let [file] = args.scenario.files.as_slice() else {
        return Fault::usage("`--variants` compares the variants of a single file").tell(screen, given.json);
    };
    let shared = Shared {
        set: given.sets.clone(),
        paths: given.paths,
        seed: given.seed,
        threads: args.threads,
        out: args.out.clone(),
        name: args.name.clone(),
        force: args.force,
        no_charts: args.no_charts,
        no_cache: false,
        allow_outside: given.allow_outside,
        json: given.json,
        quiet: given.quiet,
    };
    let cases = vec![file.display().to_string()];
    compare(&CompareArgs { cases, variants: args.variants.clone(), with: Vec::new(), asks: Vec::new(), shared }, screen)
}

/// Runs the command.
pub fn compare(args: &CompareArgs, screen: &Screen) -> u8 {
    match cases(args) {
        Ok((files, cases)) => {
            let points = cases.len() as u64 - 1;
            let ask = Ask::Compare(Compare { cases, asks: args.asks.clone() });
            args.shared.answer(ask, &files, Some(points), screen)
        }
        Err(fault) => fault.tell(screen, args.shared.json),
    }
}

fn cases(args: &CompareArgs) -> Result<(Vec<PathBuf>, Vec<Case>), Fault> {
    let mut files: Vec<PathBuf> = Vec::new();
    let mut cases = Vec::new();
    for text in &args.cases {
        let (path, variant) = file_and_variant(text);
        let file = files.iter().position(|known| *known == path).unwrap_or_else(|| {
            files.push(path);
            files.len() - 1
        });
        cases.push(Case { file, variant, set: Vec::new() });
    }
    let names = match args.variants.as_slice() {
        [all] if all == "all" => all_variants(&files[0], args)?,
        names => names.to_vec(),
    };
    cases.extend(names.into_iter().map(|name| Case { file: 0, variant: Some(name), set: Vec::new() }));
    for with in &args.with {
        let set: Vec<String> = with.split(';').map(|set| set.trim().to_owned()).filter(|set| !set.is_empty()).collect();
        cases.push(Case { set, ..cases[0].clone() });
    }
    Ok((files, cases))
}

/// The variants of the first file, its own before inherited ones.
fn all_variants(file: &Path, args: &CompareArgs) -> Result<Vec<String>, Fault> {
    if file.as_os_str() == "-" {
        return Err(Fault::usage("`--variants all` needs a file; name the variants of standard input"));
    }
    let reach = if args.shared.allow_outside {
        crate::language::overlay::Reach::Outside
    } else {
        crate::language::overlay::Reach::Below
    };
    let model = Model::load(file, &Settings { reach, ..Settings::default() });
    let model = model.map_err(|invalid| Fault::refused(file, &invalid))?;
    if model.variants.is_empty() {
        return Err(Fault::usage(format!("`{}` has no variants", file.display())));
    }
    Ok(model.variants)
}
