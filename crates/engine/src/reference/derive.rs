//! Metrics of one path, by the simplest formula: the counterpart of `engine::record::derive`, which computes them from
//! columns. Every run compares the two (`output::audit`), and `trace` shows these.

use crate::column;
use crate::component::{NO_BURN, OPENING_SHARES};
use crate::metrics::{Peak, Place, Return, Source};
use crate::stats::irr::{Irr, invested, irr};

/// A metric of a path at the end of a month, from its board and the states of its instruments, each in the order of
/// their columns. `None` for metrics that need more than the month: returns of providers, and extremes over months.
pub fn value(source: &Source, board: &[f64], instruments: &[Vec<f64>]) -> Option<f64> {
    let (shares, new) = (board[column!(lab.shares)], board[column!(accounts.new_shares)]);
    let rate = board[column!(lab.run_rate)];
    let where_positive = |by: f64, value: f64| if by > 0.0 { value } else { f64::NAN };
    let votes = |share: f64, votes: f64| {
        let held = share * OPENING_SHARES;
        held * votes / (held * votes + shares - board[column!(lab.pool)] - held)
    };
    Some(match source {
        Source::Board(at) => board[*at],
        Source::Instrument(instrument, at) => instruments[*instrument][*at],
        Source::Month(at) => where_positive(board[*at], board[*at]),
        Source::Runway(at) => where_positive(NO_BURN - board[*at], board[*at]),
        Source::Defined(instrument, at, by) => {
            where_positive(instruments[*instrument][*by], instruments[*instrument][*at])
        }
        Source::Happened(at) => f64::from(u8::from(board[*at] > 0.0)),
        Source::Over(of, over) => where_positive(board[*over], board[*of] / board[*over]),
        Source::LostMargin => {
            let (unserved, revenue) = (board[column!(ops.unserved)], board[column!(lab.revenue)]);
            let costs = board[column!(ops.partner)] + board[column!(ops.inference_spend)];
            if unserved > 0.0 { where_positive(revenue, unserved * (1.0 - costs / revenue)) } else { 0.0 }
        }
        Source::Scarcity => board[column!(ops.scarcity_cost)] + value(&Source::LostMargin, board, instruments)?,
        Source::Valuation => rate * board[column!(market.multiple)],
        Source::EnterpriseValue => rate * board[column!(market.enterprise_multiple)],
        Source::HoldersValue => {
            let ended = board[column!(accounts.ended)] > 0.0;
            let all = if ended { board[column!(accounts.to_common)] } else { rate * board[column!(market.multiple)] };
            all * (OPENING_SHARES / shares)
        }
        Source::Holder(share) => share * OPENING_SHARES / shares,
        Source::Employees(share) => (share * OPENING_SHARES + (shares - OPENING_SHARES - new)) / shares,
        Source::NewInvestors => new / shares,
        Source::Dilution(stake, opening) => where_positive(*opening, 1.0 - value(stake, board, instruments)? / opening),
        Source::Control { share, votes: each } => votes(*share, *each),
        Source::ControlLost { share, votes: each, below } => f64::from(u8::from(votes(*share, *each) < *below)),
        Source::Leverage { most } => {
            let guarantee = board[if *most { column!(lines.guarantee) } else { column!(lines.guarantee_now) }];
            let owed = board[column!(lines.debt)] + board[column!(lines.off_balance)] + board[column!(lines.firm)];
            where_positive(rate, (owed + guarantee) / rate)
        }
        Source::Alive(of) => {
            let of = value(of, board, instruments)?;
            if board[column!(accounts.ended)] > 0.0 { f64::NAN } else { of }
        }
        Source::Peak { of, month } => {
            let (now, before, when) = match of {
                Peak::Debt => {
                    (board[column!(lines.debt)], column!(accounts.peak_debt), column!(accounts.peak_debt_month))
                }
                Peak::Leverage => (
                    value(&Source::Leverage { most: false }, board, instruments)?,
                    column!(accounts.peak_leverage),
                    column!(accounts.peak_leverage_month),
                ),
            };
            let more = now > board[before];
            match month {
                None if more => now,
                None => board[before],
                Some(t) if more => *t as f64,
                Some(_) => where_positive(board[when], board[when]),
            }
        }
        Source::PeakFunding => (board[column!(accounts.peak_gap)] - board[column!(accounts.opening_cash)]).max(0.0),
        Source::Concentration(groups) => {
            let (mut all, mut squares) = (0.0, 0.0);
            for group in groups {
                let part = group.iter().fold(0.0, |sum, place| match *place {
                    Place::Board(at) => sum + board[at],
                    Place::Instrument(instrument, at) => sum + instruments[instrument][at],
                });
                all += part;
                squares += part * part;
            }
            where_positive(all, squares / (all * all))
        }
        Source::Return(..) | Source::Watched(_) => return None,
    })
}

/// The rate of return a month of an investment, and whether its flows have several; NaN without exactly one.
fn rate(flows: &[f64], gain: f64, paid_in: f64) -> (f64, bool) {
    match irr(&invested(flows)) {
        Irr::None => (f64::NAN, false),
        Irr::Several(_) => (f64::NAN, true),
        Irr::One(rate) if (rate > 0.0) == (gain > 0.0) => (rate, false),
        // Rounding; or a present value that touches zero without crossing it, which is no rate of return.
        Irr::One(_) => (if gain.abs() <= 1e-9 * paid_in { 0.0 } else { f64::NAN }, false),
    }
}

/// The return measures of a provider, in the order of [`Return`]: from its flows by month, positive for cash to it, and
/// the mark of its position at the horizon.
pub fn returns(flows: &[f64], worth: f64) -> [f64; Return::COUNT] {
    let paid_in: f64 = flows.iter().map(|c| (-c).max(0.0)).sum();
    let received: f64 = flows.iter().map(|c| c.max(0.0)).sum();
    let mut all = flows.to_vec();
    if let Some(last) = all.last_mut() {
        *last += worth;
    }
    let (with_mark, several) = rate(&all, received + worth - paid_in, paid_in);
    let (to_date, _) = rate(flows, received - paid_in, paid_in);
    let over = |x: f64| if paid_in > 0.0 { x / paid_in } else { f64::NAN };
    let mut out = [0.0; Return::COUNT];
    out[Return::Irr as usize] = (1.0 + with_mark).powi(12) - 1.0;
    out[Return::IrrToDate as usize] = (1.0 + to_date).powi(12) - 1.0;
    out[Return::Several as usize] = f64::from(u8::from(several));
    out[Return::Moic as usize] = over(received + worth);
    out[Return::Dpi as usize] = over(received);
    out[Return::Rvpi as usize] = over(worth);
    out[Return::Marked as usize] = if received + worth > 0.0 { worth / (received + worth) } else { f64::NAN };
    out
}
