//! Charts of the closed loop: capability, the market for power, the supply of equity and its price. Each is drawn if the
//! scenario has its block.

use super::fan;
use crate::output::charts::{Band, Capability, EquitySupply, Fan, PowerMarket, Valuation};
use crate::output::reading::Folder;

/// The mean of a metric by month; empty where the run has none.
fn mean(folder: &Folder, metric: &str) -> Vec<f64> {
    folder.monthly(metric).map(|series| series.get("mean")).unwrap_or_default()
}

pub(in crate::output) fn capability(folder: &Folder) -> Option<Capability> {
    Some(Capability {
        spend: fan(folder, "Spending", "spend")?,
        revenue: fan(folder, "Revenue", "revenue")?,
        lead: fan(folder, "Lead over rivals", "capability")?,
        effect: fan(folder, "Effect on demand", "capability_effect")?,
        served: mean(folder, "research_served"),
    })
}

/// A price per gigawatt and month as one per gigawatt and year.
fn a_year(mut fan: Fan) -> Fan {
    let Band { p05, p25, p50, p75, p95 } = &mut fan.band;
    for value in [p05, p25, p50, p75, p95].into_iter().flatten() {
        *value *= 12.0;
    }
    fan
}

pub(in crate::output) fn power_market(folder: &Folder) -> Option<PowerMarket> {
    Some(PowerMarket {
        spot: a_year(fan(folder, "Spot", "spot_price")?),
        contract: a_year(fan(folder, "Contract", "contract_price")?),
        tightness: fan(folder, "Tightness", "tightness")?,
        customers: mean(folder, "unserved_revenue"),
        research: mean(folder, "unserved_research"),
        revenue: mean(folder, "revenue"),
    })
}

pub(super) fn equity_supply(folder: &Folder) -> Option<EquitySupply> {
    Some(EquitySupply {
        asked: folder.monthly("equity_asked")?.get("mean"),
        raised: folder.monthly("equity_filled")?.get("mean"),
        factor: fan(folder, "Price factor", "price_impact")?,
    })
}

pub(super) fn valuation(folder: &Folder) -> Option<Valuation> {
    let [equity, enterprise, burden] = ["valuation", "enterprise_value", "burden"].map(|metric| mean(folder, metric));
    let over = |(a, b): (&f64, &f64)| if *b > 0.0 { a / b } else { f64::NAN };
    Some(Valuation {
        equity: fan(folder, "Valuation", "valuation")?,
        enterprise: fan(folder, "Enterprise value", "enterprise_value")?,
        burden: fan(folder, "Burden", "burden")?,
        ratio: equity.iter().zip(&enterprise).map(over).collect(),
        weight: burden.last().zip(enterprise.last()).map_or(f64::NAN, over),
    })
}
