//! Charts about the providers of capital: what they are owed, how it is covered, what they lose and earn.

use super::terms::Terms;
use crate::output::charts::{
    Band, Claimant, Commitments, Cover, Covered, Fan, Liabilities, Losses, Provider, Returns, Role, spoken,
};
use crate::output::names::plain;
use crate::output::reading::Folder;

fn any(values: &[f64]) -> bool {
    values.iter().any(|v| v.is_finite() && *v != 0.0)
}

pub(super) fn liabilities(folder: &Folder) -> Option<Liabilities> {
    let kinds = [
        ("Firm take-or-pay", "firm_commitments", Role::Compute(0)),
        ("Firm rent to vehicles", "off_balance", Role::Vehicle(0)),
        ("Debt", "debt", Role::Lender(0)),
        ("Guarantees", "guarantees", Role::Gap),
    ];
    let part = |(label, metric, role): (&str, &str, Role)| {
        let mean = folder.monthly(metric)?.get("mean");
        any(&mean).then(|| (label.to_owned(), role, mean))
    };
    let parts: Vec<_> = kinds.into_iter().filter_map(part).collect();
    let leverage = super::fan(folder, "Look-through leverage", "look_through_leverage").unwrap_or_default();
    // The leverage of traced paths is not read, so the fan has no paths.
    (!parts.is_empty()).then_some(Liabilities { parts, leverage })
}

/// Accounts of an instrument that do not belong to a lender.
const OWNERS: [&str; 4] = ["equity", "lab", "sponsor", "partners"];

/// Share of paths on which lenders of an instrument have a claim; the largest over its tranches.
pub(in crate::output) fn claimed(folder: &Folder, name: &str) -> f64 {
    let table = folder.table("claims.csv");
    let lender = |row: &usize| match table.text("claimant", *row).split_once('.') {
        None => table.text("claimant", *row) == name,
        Some((of, account)) => of == name && !OWNERS.contains(&account),
    };
    let claims = (0..table.rows()).filter(lender).map(|row| table.number("n_claims", row));
    claims.fold(0.0, f64::max) / folder.paths().max(1) as f64
}

/// Cover of an instrument's debt service, with the share of paths on which it is due and the share on which lenders
/// have a claim; `None` where there is never any cover.
pub(in crate::output) fn covered(folder: &Folder, terms: &Terms, name: &str) -> Option<Covered> {
    let series = folder.line(name, "dscr")?;
    let band = Band { p05: series.get("p05"), p50: series.get("p50"), p95: series.get("p95"), ..Band::default() };
    let cover = Fan { label: "DSCR".into(), band, paths: Vec::new() };
    let due = series.get("n_defined").iter().map(|n| n / folder.paths().max(1) as f64).collect();
    any(&cover.band.p95).then(|| Covered {
        name: terms.called(name),
        measure: "DSCR".into(),
        cover,
        levels: terms.levels(name),
        due,
        claims: claimed(folder, name),
    })
}

pub(super) fn cover(folder: &Folder, terms: &Terms) -> Option<Cover> {
    let vehicles: Vec<Covered> = folder.instruments().iter().filter_map(|n| covered(folder, terms, n)).collect();
    (!vehicles.is_empty()).then_some(Cover { vehicles })
}

/// `tpu_lease.a2` reads "TPU lease · a2".
pub(super) fn account(terms: &Terms, name: &str, account: &str) -> String {
    match (name, account) {
        ("lab", account) => spoken(account),
        (name, "") => terms.called(name),
        (name, account) => format!("{} · {}", terms.called(name), plain(account)),
    }
}

pub(super) fn losses(folder: &Folder, terms: &Terms) -> Option<Losses> {
    let table = folder.table("claims.csv");
    let n = folder.paths().max(1) as f64;
    let claimant = |row: usize| {
        let claimant = table.text("claimant", row);
        // Instrument names contain no dot.
        let (name, of) = claimant.split_once('.').unwrap_or((claimant, ""));
        Claimant {
            label: account(terms, name, of),
            role: terms.role(name, of),
            claims: table.number("n_claims", row) / n,
            expected: table.number("expected_loss", row),
            se: table.number("se", row),
            p95: table.number("loss_p95", row),
            lgd: table.number("lgd", row),
        }
    };
    let claimants: Vec<Claimant> = (0..table.rows()).map(claimant).collect();
    claimants.iter().any(|c| c.expected > 0.0).then_some(Losses { claimants })
}

pub(super) fn commitments(folder: &Folder) -> Option<Commitments> {
    let mean = |metric: &str| folder.monthly(metric).map(|s| s.get("mean")).unwrap_or_default();
    let chart = Commitments {
        headline: mean("headline_commitments"),
        firm: mean("firm_commitments"),
        spent: mean("compute_spend"),
        place: mean("capacity_gw"),
        used: mean("used_gw"),
    };
    (any(&chart.headline) || any(&chart.firm)).then_some(chart)
}

pub(super) fn returns(folder: &Folder, terms: &Terms) -> Option<Returns> {
    let table = folder.table("returns.csv");
    let mut providers: Vec<(String, String, Provider)> = Vec::new();
    for row in 0..table.rows() {
        let (name, of) = (table.text("instrument", row), table.text("account", row));
        let at = providers.iter().position(|p| p.0 == name && p.1 == of).unwrap_or_else(|| {
            let venture = of.is_empty() || of == "partners";
            let provider = Provider {
                label: account(terms, name, of),
                role: terms.role(name, of),
                irr: [f64::NAN; 5],
                undefined: f64::NAN,
                moic: f64::NAN,
                hurdle: terms.hurdle(name).filter(|_| venture),
            };
            providers.push((name.to_owned(), of.to_owned(), provider));
            providers.len() - 1
        });
        let (provider, value, level) =
            (&mut providers[at].2, table.number("value", row), table.number("quantile", row));
        match table.text("measure", row) {
            "irr" => {
                provider.undefined = table.number("share_undefined", row);
                if let Some(k) = [0.05, 0.25, 0.5, 0.75, 0.95].iter().position(|l| *l == level) {
                    provider.irr[k] = value;
                }
            }
            "moic" if level == 0.5 => provider.moic = value,
            _ => {}
        }
    }
    // The row of all providers of an instrument adds little where each provider is shown separately.
    let told: Vec<String> = providers.iter().filter(|p| !p.1.is_empty()).map(|p| p.0.clone()).collect();
    providers.retain(|p| (!p.1.is_empty() || !told.contains(&p.0)) && p.2.irr[2].is_finite());
    let providers: Vec<Provider> = providers.into_iter().map(|p| p.2).collect();
    // A nearly empty chart says less than a sentence, which the report has.
    providers.iter().any(Provider::varies).then_some(Returns { providers })
}
