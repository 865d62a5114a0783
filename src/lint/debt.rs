//! Debt that is as large as one case can carry.

use super::Lens;
use crate::instruments::RoomSpec;
use crate::instruments::ddtl::RepaymentProfile;
use crate::issues::Place;

/// Least cover of service that leaves room for a case worse than the base case.
const LEAST_COVER: f64 = 1.05;

/// Debts that are sized on a case, at no more than hardly above what it earns.
pub(super) fn one_case(lens: &mut Lens<'_>) {
    let mut found: Vec<(Place, String, &str)> = Vec::new();
    for room in &lens.of.scenario.instruments.0 {
        match room {
            RoomSpec::Campus(campus) if campus.debt.amount.is_none() => {
                let debt = &campus.debt;
                let covers = [&debt.target_dscr, &debt.target_llcr];
                let covers: Vec<_> = covers.into_iter().flatten().collect();
                if covers.is_empty() {
                    let title = format!("the debt of `{}` is sized without any cover of its service", campus.name);
                    found.push((debt.rate.margin.place(), title, "neither `target_dscr` nor `target_llcr`"));
                } else if covers.iter().all(|cover| lens.middle(cover) < LEAST_COVER) {
                    let title = format!("the debt of `{}` takes all that its base case earns", campus.name);
                    found.push((covers[0].place(), title, "nothing is left for a case that is worse"));
                }
            }
            RoomSpec::Ddtl(loan)
                if loan.repayment.profile == RepaymentProfile::Sculpted
                    && lens.middle(&loan.repayment.dscr) < LEAST_COVER =>
            {
                let title = format!("draws of `{}` are as large as the contract can serve", loan.name);
                found.push((loan.repayment.dscr.place(), title, "nothing is left for a case that is worse"));
            }
            _ => {}
        }
    }
    for (place, title, label) in found {
        if let Some(issue) = lens.lint("lint-debt-on-median", place, title, label) {
            issue.help("lenders ask for 1.15x to 1.50x");
        }
    }
}
