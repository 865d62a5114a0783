//! Scenarios by number: the same number gives the same text.

mod capacity;
mod debt;
mod equity;
mod vehicles;
mod ventures;

use std::fmt::Write as _;

use gapcast::engine::streams::{Stream, StreamRng};

/// A source of choices.
pub struct Dice {
    rng: StreamRng,
    /// How often a quantity is drawn for each path.
    uncertain: f64,
}

impl Dice {
    pub fn new(number: u64) -> Dice {
        let mut dice = Dice { rng: Stream::new(20_261_124, "scenarios").rng(number), uncertain: 0.0 };
        dice.uncertain = [0.0, 0.0, 0.2, 1.0][dice.whole(0, 3) as usize];
        dice
    }
    /// Uniform on (0, 1).
    pub fn unit(&mut self) -> f64 {
        self.rng.uniform()
    }
    pub fn yes(&mut self, chance: f64) -> bool {
        self.unit() < chance
    }
    pub fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }
    /// A whole number from `low` to `high`.
    pub fn whole(&mut self, low: u32, high: u32) -> u32 {
        (self.between(f64::from(low), f64::from(high) + 1.0) as u32).min(high)
    }
    pub fn one_of<'a>(&mut self, words: &[&'a str]) -> &'a str {
        words[self.whole(0, words.len() as u32 - 1) as usize]
    }
    /// One of two words: for keys that are true or false.
    pub fn flag(&mut self) -> &'static str {
        if self.yes(0.5) { "true" } else { "false" }
    }
    /// A quantity between these, or a range that is drawn from for each path; `unit` follows each number.
    pub fn quantity(&mut self, low: f64, high: f64, unit: &str) -> String {
        let x = self.between(low, high);
        if self.yes(self.uncertain) {
            let y = x + (high - low).max(1e-6) * self.between(0.1, 1.0);
            format!("{{dist: uniform, min: {x:.6}{unit}, max: {y:.6}{unit}}}")
        } else {
            format!("{x:.6}{unit}")
        }
    }
    /// Money around a scale: usually a part of it, sometimes nothing, sometimes a thousand times it.
    pub fn money(&mut self, scale: f64) -> String {
        match self.whole(0, 19) {
            0 => "0 USD".to_owned(),
            // What is meant ends at 1e15 USD.
            1 => format!("{:.0} USD", (scale * 1000.0).min(9e14)),
            _ => self.quantity(scale * 0.05, scale * 2.0, " USD"),
        }
    }
    /// The same, and never nothing.
    pub fn some_money(&mut self, scale: f64) -> String {
        let money = self.money(scale);
        if money == "0 USD" { "1 USD".to_owned() } else { money }
    }
    /// Interest that may float.
    pub fn rate(&mut self) -> String {
        match self.whole(0, 9) {
            0 => "0%/yr".to_owned(),
            1 => self.quantity(20.0, 60.0, "%/yr"),
            2..=5 => format!("sofr + {} bp", self.whole(0, 1300)),
            _ => self.quantity(2.0, 15.0, "%/yr"),
        }
    }
    /// Interest that does not.
    pub fn fixed_rate(&mut self) -> String {
        if self.yes(0.1) { "0%/yr".to_owned() } else { self.quantity(2.0, 30.0, "%/yr") }
    }
    /// A share of one.
    pub fn share(&mut self) -> String {
        match self.whole(0, 9) {
            0 => "0%".to_owned(),
            1 => "100%".to_owned(),
            _ => {
                let x = self.between(0.0, 99.0);
                if self.yes(self.uncertain) {
                    let y = x + (100.0 - x) * self.between(0.05, 1.0);
                    format!("{{dist: uniform, min: {x:.3}%, max: {y:.3}%}}")
                } else {
                    format!("{x:.1}%")
                }
            }
        }
    }
    /// A probability a month: often nothing, sometimes certain.
    pub fn hazard(&mut self) -> String {
        match self.whole(0, 9) {
            0..=2 => "0%/mo".to_owned(),
            3 => "100%/mo".to_owned(),
            _ => self.quantity(0.1, 20.0, "%/mo"),
        }
    }
    /// Months, one of them rather often.
    pub fn months(&mut self, high: u32) -> u32 {
        if self.yes(0.15) { 1 } else { self.whole(1, high) }
    }
    /// A share, perhaps uncertain, so that terms are drawn for each path.
    pub fn drawn_share(&mut self) -> String {
        if self.yes(0.3) {
            let low = self.between(1.0, 50.0);
            format!("{low:.1}% to {:.1}%", low + self.between(1.0, 40.0))
        } else {
            self.share()
        }
    }
    /// A month of the calendar, `n` months after January 2026.
    pub fn month(&mut self, low: u32, high: u32) -> String {
        let n = self.whole(low, high);
        format!("{}-{:02}", 2026 + n / 12, n % 12 + 1)
    }
}

/// How large the lab is, how long it is watched, and what instruments can refer to.
pub struct Frame {
    /// Revenue a year.
    pub scale: f64,
    /// Months that are simulated.
    pub months: u32,
    /// Suppliers that the lab buys from.
    pub suppliers: Vec<&'static str>,
    /// Instruments before this one whose default others can see.
    pub defaulters: Vec<String>,
}

impl Frame {
    /// Power that the whole revenue would pay for at 10B USD/GW-yr.
    pub fn gw(&self) -> f64 {
        self.scale / 1e10
    }
}

type Instrument = fn(&mut Dice, &Frame, &str) -> String;

/// Every kind of instrument, several times where its forms differ.
const INSTRUMENTS: &[Instrument] = &[
    debt::revolver,
    debt::covenant_revolver,
    debt::term_loan,
    debt::term_loan,
    debt::rack_loan,
    debt::venture_debt,
    debt::vendor_loan,
    debt::vendor_warrants,
    equity::programme,
    equity::opportunistic,
    equity::dated_round,
    equity::listing,
    equity::note,
    equity::safe,
    equity::public,
    equity::strategic,
    vehicles::spv,
    vehicles::campus,
    vehicles::campus,
    vehicles::ddtl,
    vehicles::sale_leaseback,
    vehicles::abs,
    ventures::services_venture,
    ventures::asset_venture,
];

/// The text of scenario `number`.
pub fn scenario(number: u64) -> String {
    let d = &mut Dice::new(number);
    let scale = 10.0_f64.powf(d.between(6.0, 12.5));
    let mut frame = Frame { scale, months: d.whole(6, 48), suppliers: Vec::new(), defaulters: Vec::new() };
    let mut out = format!(
        "schema: 1\nname: generated\ntime: {{start: 2026-01, months: {}}}\nrun: {{paths: 256, seed: {}}}\n",
        frame.months,
        d.whole(0, 1_000_000)
    );
    world(d, &frame, &mut out);
    lab(d, &frame, &mut out);
    // These choices came later and have dice of their own, so that all else of a scenario stayed what it was.
    let more = &mut Dice::new(number ^ 0x9e37_79b9_7f4a_7c15);
    if more.yes(0.4) {
        capability(more, &mut out);
    }
    frame.suppliers = ["alpha", "beta"].into_iter().filter(|name| out.contains(&format!("supplier: {name}"))).collect();
    out += "instruments:\n";
    // Mostly a few; sometimes so many that they meet.
    let count = if d.yes(0.15) { d.whole(8, 20) } else { d.whole(0, 7) };
    for k in 0..count {
        let which = d.whole(0, INSTRUMENTS.len() as u32 - 1) as usize;
        let name = format!("room_{k}");
        let text = INSTRUMENTS[which](d, &frame, &name);
        let _ = writeln!(out, "  - {text}");
        // Vehicles, and debts with covenants, can default.
        if ["campus:", "ddtl:", "abs:", "breach:", "cross_default:"].iter().any(|word| text.contains(word)) {
            frame.defaulters.push(name);
        }
    }
    if count == 0 {
        out += "  []\n";
    }
    scarcity(&mut Dice::new(number + (1 << 40)), scale, &mut out);
    supply(&mut Dice::new(number + (1 << 41)), scale, &mut out);
    credit(&mut Dice::new(number + (1 << 42)), scale, &mut out);
    out
}

/// Limits the supply of equity in some scenarios, states what equity is priced at in some, and gives rounds further terms.
fn supply(d: &mut Dice, scale: f64, out: &mut String) {
    if d.yes(0.5) {
        return;
    }
    let mut terms = format!(
        "world:\n  capital:\n    equity: {{supply: {:.0} USD/yr, supply_growth: {:.0}%/yr, in_winter: {}, impact: {:.2}, raised_before: {:.0} USD}}\n",
        scale * d.between(0.0, 3.0) * f64::from(d.whole(0, 4)),
        d.between(-50.0, 60.0),
        d.share(),
        d.between(0.0, 2.0),
        scale * d.between(0.0, 2.0),
    );
    if d.yes(0.5) {
        let _ = writeln!(
            terms,
            "    price: {{weight: {}, margin: {}, floor: 15%, discount: 10%/yr, sd: 35%/yr}}",
            d.share(),
            d.share()
        );
        let cover = format!("when: {{firm_cover_below: {} mo, runway_below", d.whole(0, 30));
        let round = |line: &str| {
            let launched = line.contains("equity_round: {") && line.contains("when: {runway_below");
            let line = if launched { line.replacen("when: {runway_below", &cover, 1) } else { line.to_owned() };
            line + "\n"
        };
        *out = out.lines().map(round).collect();
    }
    *out = out.replacen("world:\n", &terms, 1);
}

/// Limits the supply of credit in some scenarios.
fn credit(d: &mut Dice, scale: f64, out: &mut String) {
    if d.yes(0.5) {
        return;
    }
    let impact = if out.contains("\n  sofr:") { d.between(0.0, 2.0) } else { 0.0 };
    let terms = format!(
        "    credit: {{supply: {:.0} USD/yr, supply_growth: {:.0}%/yr, in_winter: {}, impact: {impact:.2}}}\n",
        scale * d.between(0.0, 3.0) * f64::from(d.whole(0, 4)),
        d.between(-50.0, 60.0),
        d.share(),
    );
    *out = if out.contains("\n  capital:\n") {
        out.replacen("\n  capital:\n", &format!("\n  capital:\n{terms}"), 1)
    } else {
        out.replacen("world:\n", &format!("world:\n  capital:\n{terms}"), 1)
    };
}

/// Makes power scarce, and its resale uncertain, in some scenarios; by dice of its own, so that the others stay what they are.
fn scarcity(d: &mut Dice, scale: f64, out: &mut String) {
    if d.yes(0.6) {
        return;
    }
    let mut terms = format!(
        "  compute_price: {{premium: {:.2}, squeeze: {:.2}, follows_lab: {}, lead: {} mo, ",
        d.between(0.0, 10.0),
        d.between(0.0, 5.0),
        d.share(),
        d.whole(1, 40)
    );
    if !out.contains("capacity: none") && d.yes(0.6) {
        let _ = write!(
            terms,
            "available: {:.6} GW, available_growth: {:.0}%/yr, available_elasticity: {:.2}, ",
            scale / 1e10 * d.between(0.0, 1.0),
            d.between(-50.0, 100.0),
            d.between(0.0, 10.0)
        );
    }
    *out = out.replacen("  compute_price: {", &terms, 1);
    let resale = format!("    resale: {{follows_spot: {}, after: {} mo, share:", d.flag(), d.whole(0, 12));
    *out = out.replacen("    resale: {share:", &resale, 1);
}

fn world(d: &mut Dice, frame: &Frame, out: &mut String) {
    *out += "world:\n";
    if d.yes(0.8) {
        let _ = writeln!(
            out,
            "  regime: {{start: {}, winter: {{enters: {:.1}%/mo, leaves: {:.1}%/mo, growth: -{:.1}%/mo, multiple: {:.2}x, window_open: {}, spread: {} bp, resale: -{:.0}%, compute_price: {:.2}x}}}}",
            d.one_of(&["boom", "winter"]),
            d.between(0.0, 20.0),
            d.between(1.0, 40.0),
            d.between(0.0, 20.0),
            d.between(0.05, 1.0),
            d.share(),
            d.whole(0, 900),
            d.between(0.0, 80.0),
            d.between(0.2, 1.2),
        );
    }
    let (start, later) = (d.one_of(&["3.7%", "3.7%", "-1%", "0%", "18%"]), d.one_of(&["3.5%", "3.5%", "-2%", "0%"]));
    let _ = writeln!(
        out,
        "  sofr: {{start: {start}/yr, long_run: {later}/yr, volatility: {:.1}%/yr}}",
        d.between(0.0, 3.0)
    );
    let _ = writeln!(out, "  credit_spread: {{level: 225 bp, volatility: {:.0}%/yr}}", d.between(0.0, 80.0));
    let _ = writeln!(
        out,
        "  equity_multiple: {{now: {:.1}x, later: 2x to 14x, volatility: {:.0}%/yr}}\n  equity_window: {{open: {}}}",
        d.between(0.1, 40.0),
        d.between(0.0, 120.0),
        d.share()
    );
    let _ = writeln!(
        out,
        "  compute_price: {{contract: {:.2}B USD/GW-yr, spot: {:.2}x, volatility: {:.0}%/yr}}",
        d.between(1.0, 20.0),
        d.between(0.5, 2.0),
        d.between(0.0, 80.0)
    );
    if d.yes(0.5) {
        let _ = writeln!(out, "  resale: {{volatility: {:.0}%/yr}}", d.between(0.0, 80.0));
    }
    if d.yes(0.5) {
        let _ = writeln!(out, "  listed_window: {{open: {}, in_winter: {}}}", d.share(), d.share());
    }
    // Always there, since warrants need it.
    let _ = writeln!(
        out,
        "  vendor_share: {{drift: {:.0}%/yr, volatility: {:.0}%/yr, winter: {:.0}%}}",
        d.between(-50.0, 80.0),
        d.between(0.0, 120.0),
        d.between(-90.0, 30.0)
    );
    if d.yes(0.4) {
        *out +=
            "  competitors: {every: 9 mo, loss: 15%, returns: 40%}\n  frontier: {every: 6 mo, competitor_step: 0.4}\n";
    }
    let _ = frame;
}

/// Research that buys revenue, where there is research; it replaces what describes the same effect in other ways.
fn capability(d: &mut Dice, out: &mut String) {
    if !out.contains("    research: {spend: ") || out.contains("slows_releases") {
        return;
    }
    *out = out
        .replace("  frontier: {every: 6 mo, competitor_step: 0.4}\n", "")
        .replace(", behind: 0.4", "")
        .replace("behind: 0.7", "behind: 0");
    let capability = format!(
        "    capability: {{elasticity: {:.2}, spillover: {:.0}%, half_life: {} mo, customers_half_life: {} mo, position: {:.2}x}}\n    segments:\n",
        d.between(0.0, 0.9),
        d.between(0.0, 95.0),
        d.whole(1, 40),
        d.whole(1, 40),
        d.between(0.1, 10.0),
    );
    *out = out.replacen("    segments:\n", &capability, 1);
    let rivals = format!(
        "world:\n  rivals: {{research_growth: {:.1}x/yr to 4x/yr, research_growth_later: {:.1}x/yr, half_life: {} mo, follows: {}, winter_growth: {:.0}%/mo}}\n",
        d.between(0.3, 3.0),
        d.between(0.3, 3.0),
        d.whole(1, 40),
        d.share(),
        d.between(-10.0, 5.0),
    );
    *out = out.replacen("world:\n", &rivals, 1);
}

/// Classes of shares from before the start, and who controls the votes.
fn preferences(d: &mut Dice, s: f64) -> String {
    let mut opening = String::new();
    if d.yes(0.4) {
        let capped = if d.yes(0.5) { ", participates: true, cap: 2x" } else { "" };
        let _ = write!(
            opening,
            ", preferences: [early: {{share: 15%, amount: {}{capped}}}, late: {{share: {:.0}%, amount: {}, rank: {}, participates: {}}}]",
            d.money(s),
            d.between(0.0, 85.0),
            d.money(s),
            d.whole(0, 2),
            d.flag()
        );
    }
    if d.yes(0.4) {
        let _ = write!(
            opening,
            ", control: {{holders: [{}], votes: {:.1}x, threshold: {:.0}%}}",
            d.one_of(&["founders", "investors", "founders, investors"]),
            d.between(0.0, 20.0),
            d.between(0.0, 100.0)
        );
    }
    opening
}

fn lab(d: &mut Dice, frame: &Frame, out: &mut String) {
    let s = frame.scale;
    let form = d.one_of(&["none", "logistic", "gompertz", "bass"]);
    let opening = preferences(d, s);
    let _ = writeln!(
        out,
        "lab:\n  opening: {{cash: {}, losses_carried_forward: {}, shares: {{founders: 30%, employees: 20%, investors: 50%}}, pool: {:.1}%{opening}}}",
        d.money(s),
        d.money(s),
        d.between(0.0, 20.0)
    );
    let _ = writeln!(
        out,
        "  demand:\n    growth: {{now: {:.1}%/mo to {:.1}%/mo, later: {:.1}%/mo, half_life: {} mo}}\n    growth_is: {}\n    growth_shock: {:.1}%/mo\n    volatility: {:.1}%/mo\n    saturation: {}\n    unserved_lost: {}",
        d.between(-10.0, 2.0),
        d.between(3.0, 25.0),
        d.between(-3.0, 3.0),
        d.whole(2, 30),
        d.one_of(&["total", "underlying"]),
        d.between(0.0, 4.0),
        d.between(0.0, 20.0),
        form,
        d.share(),
    );
    if form == "bass" {
        let _ = writeln!(
            out,
            "    bass: {{innovation: {:.2}%/mo, imitation: {:.2}%/mo}}",
            d.between(0.01, 20.0),
            d.between(0.0, 100.0)
        );
    }
    if form == "bass" || d.yes(0.6) {
        let _ = writeln!(
            out,
            "    ceiling: {:.0} USD/yr to {:.0} USD/yr",
            s * d.between(0.5, 2.0),
            s * d.between(3.0, 50.0)
        );
    }
    let releases = d.yes(0.5);
    if releases {
        *out += "    releases: {every: 5 mo, uplift: 15%, behind: 0.4, late: 30%}\n";
    }
    if d.yes(0.3) {
        *out +=
            "    churn: {base: 2%/mo, most: 12%/mo, behind: 0.7}\n    price: {volatility: 4%/mo, elasticity: 1.6}\n";
    }
    let _ = writeln!(
        out,
        "    segments:\n      - first: {{run_rate: {:.0} USD/yr, contracted: {}, unserved_lost: {}}}",
        s * 0.7,
        d.one_of(&["true", "false"]),
        d.share()
    );
    if d.yes(0.5) {
        let _ =
            writeln!(out, "      - second: {{run_rate: {:.0} USD/yr, growth: {:.1}x}}", s * 0.3, d.between(0.0, 3.0));
    }
    capacity::compute(d, frame, releases, out);
    let _ = writeln!(
        out,
        "  people: {{cost: {:.0} USD/yr, growth: {:.0}%/yr, stock_compensation: {:.0}%}}\n  other: {{cost: {:.0} USD/yr, share_of_revenue: {:.0}%{}}}",
        s * d.between(0.0, 1.5),
        d.between(-20.0, 80.0),
        d.between(0.0, 300.0),
        s * d.between(0.0, 0.5),
        d.between(0.0, 60.0),
        if d.yes(0.4) { format!(", lumps: {{chance: 10%/mo, median: {}}}", d.money(s)) } else { String::new() },
    );
    let _ = writeln!(
        out,
        "  working_capital: {{receivable: {} d, payable: {} d}}\n  tax: {{rate: {:.0}%, payment: {}, year: {}}}\n  interest_on_cash: sofr - 10 bp",
        d.whole(0, 120),
        d.whole(0, 120),
        d.between(0.0, 60.0),
        d.one_of(&["annual", "estimated"]),
        d.one_of(&["calendar", "simulated"]),
    );
    let _ = writeln!(
        out,
        "  policy: {{minimum_cash: {:.1} mo, maximum_cash: {:.1} mo, distress_below: {} mo, negative_cash: {}, grace: {} mo, surplus_to_research: {}{}}}",
        d.between(0.0, 2.0),
        d.between(2.0, 6.0),
        d.whole(0, 12),
        if d.yes(0.15) { "carry" } else { "arrears" },
        d.whole(1, 6),
        d.one_of(&["0%", "0%", "50%"]),
        capacity::ladder(d),
    );
    failure(d, out);
}

/// What happens when the lab fails.
fn failure(d: &mut Dice, out: &mut String) {
    let odds = d.one_of(&[
        "{liquidation: 100%}",
        "{rescue: 40%, restructuring: 30%, acquisition: 20%, liquidation: 10%}",
        "{rescue: 100%, liquidation: 0%}",
        "{restructuring: 100%, liquidation: 0%}",
        "{acquisition: 100%, liquidation: 0%}",
        "{rescue: 20%, acquisition: 20%}",
        "{restructuring: 0%}",
    ]);
    let _ = writeln!(
        out,
        "  default: {{acquisition: {:.1}x, liquidation: {:.1}x, cost: {}%, delay: {} mo, damages: {} mo, rescue: {{price: {}%, covers: {} mo, max_dilution: {:.0}%}}, restructuring: {{haircut: {}, creditors: {:.0}%}}, outcomes: {odds}}}",
        d.between(0.1, 10.0),
        d.between(0.0, 2.0),
        d.one_of(&["0", "5", "40", "100"]),
        d.whole(0, 24),
        d.whole(0, 60),
        d.one_of(&["1", "30", "100"]),
        d.whole(0, 36),
        d.between(0.0, 99.0),
        d.share(),
        d.between(0.0, 99.0),
    );
}
