//! The services venture: a distribution venture with companies, costs, retained earnings, purchases, a minimum return and a price
//! at the horizon.

use std::path::Path as File;

use crate::common::ledger::Ledger;
use crate::common::vectors::{ends, pick, run_of};
use crate::common::{SMALL, model};
use gapcast::cli::diagnostics::render;
use gapcast::engine::books::event;
use gapcast::engine::columns::LANES;
use gapcast::engine::level::Level;
use gapcast::engine::month::Worker;
use gapcast::engine::reference::Path;
use gapcast::language::overlay::Reach;
use gapcast::{Model, Settings};

#[track_caller]
fn near(what: &str, found: f64, right: f64, by: f64) {
    assert!((found - right).abs() <= by, "{what}: {found} instead of {right}");
}

/// A lab without randomness that earns 100M a month, with the world `world` and one venture of these further terms.
fn lab(months: u32, world: &str, terms: &str) -> String {
    format!(
        "schema: 1
name: services
time: {{start: 2026-01, months: {months}}}
run: {{paths: 2, seed: 1}}
{world}lab:
  opening: {{cash: 10B USD, shares: {{holders: 100%}}}}
  demand: {{growth: {{now: 0%/mo, later: 0%/mo, half_life: 12 mo}}, growth_is: underlying, saturation: none, segments: [{{all: {{run_rate: 1.2B USD/yr}}}}]}}
  compute: {{capacity: none, inference: {{gross_margin: {{now: 100%, later: 100%, over: 12 mo}}}}}}
  policy: {{distress_below: 0 mo}}
instruments:
  - joint_venture: {{name: jv, kind: distribution, {terms}}}
"
    )
}

/// Ten of a hundred companies come each month and none leave; each pays 0.2M a month for services, of which 75% goes to staff, and
/// buys 0.1M; deployment costs 1M each, overhead 1M a month. No hurdle and no promote: partners have four fifths.
const TERMS: &str = "commitment: {lab: 40M USD, partners: 160M USD}, calls: {by: need}, waterfall: {hurdle: 0%/yr}";
fn portfolio(more: &str) -> String {
    format!(
        "portfolio: {{companies: 100, adopts: 10%/mo, sales: 1.2M USD/yr, services: 2.4M USD/yr, people: 75%, deployment: 1M USD, overhead: 12M USD/yr{more}}}"
    )
}

fn venture(months: u32, more: &str) -> Model {
    model(&lab(months, "", &format!("{TERMS}, {}, {more}", portfolio(""))))
}

#[test]
fn staff_may_cost_a_share_of_services_which_grow() {
    // 10; 19; 27.1 users. Services of 2M, 3.8M, 5.42M, of which 75% is staff, overhead of 1M, deployment at 10, 9 and 8.1 companies.
    let model = venture(3, "commission: 10%");
    let l = Ledger::of(&model, 0);
    l.cents("jv.cost", &[1.5e6 + 1e6 + 10e6, 2.85e6 + 1e6 + 9e6, 4.065e6 + 1e6 + 8.1e6]);
    // With a commission of a tenth of the 1M, 1.9M, 2.71M that they buy: calls of what is left, 10.4M, 8.86M, 7.474M, a fifth the lab's.
    l.cents("jv.called", &[0.8 * 10.4e6, 0.8 * 8.86e6, 0.8 * 7.474e6]);
    l.cents("jv.paid_in", &[0.2 * 10.4e6, 0.2 * 8.86e6, 0.2 * 7.474e6]);
    // Deployment is an investment: earnings of 2 + 0.1 − 2.5; 3.8 + 0.19 − 3.85; 5.42 + 0.271 − 5.065.
    l.cents("jv.earnings", &[-0.4e6, 0.14e6, 0.626e6]);
    // Growth of 26.8% a year is ln 1.268/12 a month, e^that = 1.0199842: the third month pays 1.0403678 as much for services.
    let grows = venture_with("services_growth: 26.8%/yr");
    let g = Ledger::of(&grows, 0);
    near("services", g.at("jv.serviced", 3), 5.42e6 * 1.268_f64.powf(2.0 / 12.0), 0.01);
    near("cost", g.at("jv.cost", 3), 4.065e6 * 1.268_f64.powf(2.0 / 12.0) + 9.1e6, 0.01);
}

fn venture_with(key: &str) -> Model {
    model(&lab(3, "", &format!("{TERMS}, {}", portfolio(&format!(", {key}")))))
}

#[test]
fn in_winter_a_share_of_them_adopts() {
    // Winter from month 2 on, for ever: a tenth in month 1, then 4% of the 90 that are left.
    let world = "world: {regime: {start: boom, winter: {enters: 100%/mo, leaves: 0%/mo}}}\n";
    let text = |key: &str| lab(2, world, &format!("{TERMS}, {}", portfolio(key)));
    let share = model(&text(", in_winter: 40%"));
    let stated = model(&text(", adopts_in_winter: 4%/mo"));
    let (share, stated) = (Ledger::of(&share, 0), Ledger::of(&stated, 0));
    let in_winter = |t: usize| share.lane(t).market.winter > 0.0;
    let mut users = 0.0;
    for t in 1..=2 {
        users += (100.0 - users) * if in_winter(t) { 0.04 } else { 0.10 };
        near("share", share.at("jv.adopters", t), users, 1e-12);
        near("stated", stated.at("jv.adopters", t), users, 1e-12);
    }
    assert!(in_winter(2));
}

/// Capital for deployment alone: in month 1 it pays for 10M, services of 2M pay the rest first, 0.5M of staff is paid from nothing.
#[test]
fn capital_pays_only_for_what_it_is_for() {
    let all = venture(6, "commission: 0%");
    let some = venture(6, "commission: 0%, capital_for: [deployment]");
    let (a, s) = (Ledger::of(&all, 0), Ledger::of(&some, 0));
    near("all", a.at("jv.called", 1), 0.8 * 10.5e6, 0.01);
    near("deployment", s.at("jv.called", 1), 0.8 * 10e6, 0.01);
    near("funded", s.at("jv.funded", 1), 1.0 - 0.5 / 12.5, 1e-12);
    // So 9.6% of the others come in month 2.
    near("users", s.at("jv.adopters", 2), 10.0 + 90.0 * 0.1 * (1.0 - 0.5 / 12.5), 1e-9);
    // For staff alone: income pays for deployment first, and capital only for staff and overhead, 2.5M of 12.5M.
    let staff = venture(1, "commission: 0%, capital_for: [people]");
    near("staff", Ledger::of(&staff, 0).at("jv.called", 1), 0.8 * 2.5e6, 0.01);
    // What all may be paid from is what is written out.
    let named = venture(6, "commission: 0%, capital_for: [acquisitions, people, deployment]");
    for t in 1..=6 {
        near("called", Ledger::of(&named, 0).at("jv.called", t), a.at("jv.called", t), 0.0);
    }
}

#[test]
fn a_firm_is_bought_with_its_customers() {
    let plain = venture(5, "commission: 0%");
    let buys = venture(5, "commission: 0%, acquisitions: {amount: 30M USD, date: 2026-02, brings: 40}");
    let (p, b) = (Ledger::of(&plain, 0), Ledger::of(&buys, 0));
    near("price", b.at("jv.acquired", 2), 30e6, 0.01);
    near("called", b.at("jv.called", 2) - p.at("jv.called", 2), 24e6, 0.01);
    // 19 users in month 2; then 40 more, beside a tenth of the 81 that remain.
    l_near(&b, &[10.0, 19.0, 67.1]);
    // The price is no cost of the year.
    near("earnings", b.at("jv.earnings", 2), p.at("jv.earnings", 2), 0.01);
    // Of the 200M committed, 150M are left for a price of 600M after 10.5M and 9.05M: what can be paid brings as large a part.
    let dear = venture(3, "commission: 0%, acquisitions: {amount: 600M USD, date: 2026-02, brings: 40}");
    let d = Ledger::of(&dear, 0);
    let paid = d.at("jv.acquired", 2);
    near("what is left", paid, 200e6 - 10.5e6 - 9.05e6, 0.01);
    near("joined", d.at("jv.joined", 3), 40.0 * paid / 600e6, 1e-9);
    // Capital that may not pay for it: there are no earnings either.
    let none = venture(
        3,
        "commission: 0%, capital_for: [people, deployment], acquisitions: {amount: 30M USD, date: 2026-02, brings: 40}",
    );
    near("none", Ledger::of(&none, 0).at("jv.joined", 3), 0.0, 0.0);
}

fn l_near(l: &Ledger<'_>, users: &[f64]) {
    for (t, &right) in users.iter().enumerate() {
        near("users", l.at("jv.adopters", t + 1), right, 1e-9);
    }
}

/// No deployment cost and little overhead: the venture earns from the first month on. What it has earned it has distributed or
/// retained, whatever it keeps.
#[test]
fn earnings_are_retained_and_then_distributed() {
    let terms = |more: &str| {
        let portfolio = portfolio("").replace("deployment: 1M USD, overhead: 12M USD/yr", "overhead: 1.2M USD/yr");
        model(&lab(24, "", &format!("{TERMS}, commission: 10%, {portfolio}, {more}")))
    };
    let (at_once, keeps) = (terms("fee: 0%/yr"), terms("keeps: 6 mo, distributes_from: 12 mo"));
    let (a, k) = (Ledger::of(&at_once, 0), Ledger::of(&keeps, 0));
    let out = |l: &Ledger<'_>, t: usize| (1..=t).map(|t| l.at("jv.distributed", t) + l.at("jv.to_lab", t)).sum::<f64>();
    let earned = |t: usize| (1..=t).map(|t| k.at("jv.earnings", t)).sum::<f64>();
    for t in 1..=24 {
        near("earned", earned(t), (1..=t).map(|t| a.at("jv.earned", t)).sum(), 0.01);
        near("at once", out(&a, t), earned(t), 0.01);
        near("retained and distributed", out(&k, t) + k.at("jv.retained", t), earned(t), 0.01);
        // Twelve months without, then all but six months of an overhead of 0.1M.
        near("retained", k.at("jv.retained", t), if t <= 12 { earned(t) } else { 0.6e6 }, 0.01);
    }
    assert!(k.at("jv.distributed", 13) > 5.0 * k.at("jv.distributed", 14));
}

/// A venture without companies that has spent its capital on overhead: its partners have nothing, and the lab owes them their calls
/// with 8% a year, in the mark at the horizon or on a date.
#[test]
fn a_minimum_return_is_owed_at_the_horizon_or_on_its_date() {
    let none = portfolio("").replace("companies: 100", "companies: 0");
    let text = |months: u32, more: &str| lab(months, "", &format!("{TERMS}, {none}, exit_multiple: 10x, {more}"));
    let bare = model(&text(30, "commission: 0%"));
    assert_eq!((ends(&bare, 1, "jv.moic")[0], ends(&bare, 1, "jv.irr")[0].is_nan()), (0.0, true));
    near("called", Ledger::of(&bare, 0).at("jv.called_total", 30), 30.0 * 0.8e6, 0.01);
    let owed = model(&text(30, "minimum_return: {rate: 8%/yr}"));
    near("at the horizon", ends(&owed, 1, "jv.irr")[0], 0.08, 1e-9);
    near("a mark", ends(&owed, 1, "jv.marked_share")[0], 1.0, 0.0);
    // 0.8M a month for 30 months at 1.08^(1/12): the lab carries what it owes among its guarantees.
    let (q, l) = (1.08_f64.powf(1.0 / 12.0), Ledger::of(&owed, 0));
    let value = 0.8e6 * (q.powi(30) - 1.0) / (q - 1.0);
    near("guarantee", l.at("jv.guarantee_now", 30), value, 0.01);
    near("guarantees of the lab", l.lane(30).lines.guarantee.0, value, 0.01);
    // At most 5M.
    let most = model(&text(30, "minimum_return: {rate: 8%/yr, most: 5M USD}"));
    near("at most", ends(&most, 1, "jv.rvpi")[0], 5.0 / 24.0, 1e-9);
    // Tested in month 20 and paid in month 21, while capital is called on: calls until then have 8%.
    let dated = model(&text(21, "minimum_return: {rate: 8%/yr, at: 2027-08}"));
    let l = Ledger::of(&dated, 0);
    let value = 0.8e6 * (q.powi(20) - 1.0) / (q - 1.0);
    assert!(l.happened("jv", event::GUARANTEE_CALLED, 20) && !l.happened("jv", event::GUARANTEE_CALLED, 21));
    near("due", l.at("jv.falls", 20), value * q, 0.01);
    near("paid", l.flow("jv", 0, 21), value * q - 0.8e6, 0.01);
    near("return", npv(&l, 21, q) + 0.8e6 / q.powi(21), 0.0, 0.01);
    near("no more owed", l.at("jv.guarantee_now", 21), 0.0, 0.0);
}

/// Present value of the partners' flows of `months` months.
fn npv(l: &Ledger<'_>, months: usize, q: f64) -> f64 {
    (1..=months).map(|t| l.flow("jv", 0, t) / q.powi(t as i32)).sum()
}

/// The mark: earnings of twelve months at the multiple, and cash, four fifths of it the partners'; in winter times the factor of the
/// price of equity, or a stated one.
#[test]
fn the_mark_is_a_multiple_of_twelve_months() {
    let terms = |more: &str| format!("{TERMS}, commission: 10%, {}, exit_multiple: 9x, {more}", portfolio(""));
    let model = crate::common::model(&lab(40, "", &terms("fee: 0%/yr")));
    let l = Ledger::of(&model, 0);
    let earned: f64 = (29..=40).map(|t| l.at("jv.earnings", t)).sum();
    let income: f64 = (29..=40).map(|t| l.at("jv.turnover", t)).sum();
    assert!(earned > 1e6);
    near("twelve months", l.at("jv.earnings_12m", 40), earned, 0.01);
    near("margin", ends(&model, 1, "jv.margin")[0], earned / income, 1e-12);
    let paid_in: f64 = (1..=40).map(|t| l.flow("jv", 0, t).min(0.0)).sum();
    near("mark", ends(&model, 1, "jv.rvpi")[0], 0.8 * 9.0 * earned / -paid_in, 1e-9);
    // What is retained is sold with it.
    let keeps = crate::common::model(&lab(40, "", &terms("keeps: 3 mo, distributes_from: 38 mo")));
    let k = Ledger::of(&keeps, 0);
    let mark = ends(&keeps, 1, "jv.rvpi")[0] * -(1..=40).map(|t| k.flow("jv", 0, t).min(0.0)).sum::<f64>();
    near("with cash", mark, 0.8 * (9.0 * k.at("jv.earnings_12m", 40) + k.at("jv.retained", 40)), 0.01);
    assert!(k.at("jv.retained", 40) > 1e6);
    // A winter at the horizon.
    let winter = |winter: &str, more: &str| {
        let world = format!("world: {{regime: {{start: winter, winter: {{enters: 0%/mo, leaves: 0%/mo{winter}}}}}}}\n");
        let model = crate::common::model(&lab(40, &world, &terms(more)));
        ends(&model, 1, "jv.rvpi")[0]
    };
    let full = winter("", "fee: 0%/yr");
    near("half", winter(", multiple: 0.5x", "fee: 0%/yr"), 0.5 * full, 1e-9);
    near("stated", winter(", multiple: 0.5x", "exit_in_winter: 0.8x"), 0.8 * full, 1e-9);
    // Without a multiple: capital not returned.
    let cost = crate::common::model(&lab(20, "", &format!("{TERMS}, commission: 10%, {}", portfolio(""))));
    let c = Ledger::of(&cost, 0);
    let out = c.at("jv.called_total", 20) - c.at("jv.distributed_total", 20);
    assert!(out > 1e6);
    near("cost", ends(&cost, 1, "jv.rvpi")[0], out / -(1..=20).map(|t| c.flow("jv", 0, t).min(0.0)).sum::<f64>(), 1e-9);
}

/// A higher multiple is a higher return; a commission is the lab's cost and the partners' gain, dollar for dollar; a promote is
/// taken from the partners.
#[test]
fn what_moves_the_return_of_the_partners() {
    let run = |more: &str| {
        let text = lab(48, "", &format!("{TERMS}, {}, {more}", portfolio("")));
        model(&text)
    };
    let rate = |model: &Model| ends(model, 1, "jv.irr")[0];
    let rates: Vec<f64> =
        ["6x", "9x", "12x"].iter().map(|x| rate(&run(&format!("commission: 5%, exit_multiple: {x}")))).collect();
    assert!(rates[0] < rates[1] && rates[1] < rates[2], "{rates:?}");
    let (low, high) = (run("commission: 5%, exit_multiple: 9x"), run("commission: 10%, exit_multiple: 9x"));
    assert!(rate(&high) > rate(&low));
    // Nobody pays tax and cash earns nothing: what the lab has less, partners have more, beside what the venture was not called for.
    let (l, h) = (Ledger::of(&low, 0), Ledger::of(&high, 0));
    let cash = |m: &Ledger<'_>| m.lane(48).lab.cash.0;
    let partners = |m: &Ledger<'_>| (1..=48).map(|t| m.flow("jv", 0, t)).sum::<f64>();
    let paid = |m: &Ledger<'_>| (1..=48).map(|t| m.at("jv.paid", t)).sum::<f64>();
    let own = |m: &Ledger<'_>| (1..=48).map(|t| m.at("jv.to_lab", t) - m.at("jv.paid_in", t)).sum::<f64>();
    assert!(paid(&h) - paid(&l) > 1e6);
    near("dollar for dollar", cash(&h) - cash(&l), partners(&l) - partners(&h), 0.01);
    near("commission", cash(&h) - cash(&l), paid(&l) - paid(&h) + own(&h) - own(&l), 0.01);
    let promoted = |share: &str| {
        let text = lab(48, "", &format!("{TERMS}, {}, exit_multiple: 14x, commission: 10%", portfolio("")));
        rate(&model(&text.replace("hurdle: 0%/yr", &format!("hurdle: 4%/yr, promote: {share}"))))
    };
    let rates = [promoted("0%"), promoted("20%"), promoted("60%")];
    assert!(rates[0] > rates[1] && rates[1] > rates[2] && rates[2] > 0.04, "{rates:?}");
}

/// Every feature at once, in a world that moves: the block engine equals the plain one in every field of the venture, bit for bit,
/// and the plain one finds every identity to hold. The minimum return is more than such a venture earns, so that it is owed.
#[test]
fn both_engines_agree() {
    let from = "      commission: 10% to 30%\n      exit_multiple: 6x\n";
    let to = "      commission: 10% to 30%
      exit_multiple: 0.5x to 2x
      keeps: 3 mo
      distributes_from: 12 mo
      capital_for: [people, acquisitions]
      acquisitions: {amount: 20M USD to 60M USD, date: 2027-03, brings: 40}
      minimum_return: {rate: 150%/yr, at: 2030-01, most: 300M USD}
";
    let text = SMALL
        .replace(from, to)
        .replace("people: 20k USD/mo, overhead", "services_growth: 8%/yr, people: 50% to 90%, overhead");
    assert!(text.contains("distributes_from") && text.contains("people: 50%"));
    let undated = text.replace(", at: 2030-01", "").replace("adopts_in_winter: 1%/mo", "in_winter: 40%");
    for text in [text, undated] {
        let model = model(&text);
        let plan = &model.plan;
        let k = plan.instruments.iter().position(|i| i.name == "deployment").unwrap();
        let mut worker = Worker::new(plan, Level::best());
        let mut months = Vec::new();
        worker.block(0, |w, _| months.push(w.instruments[k].own().to_vec()));
        let (mut retained, mut bought, mut owed) = (0, 0, 0);
        let field = |name: &str| plan.instruments[k].spec.column(name).unwrap();
        for lane in 0..LANES {
            let mut path = Path::new(plan, lane as u64);
            for (t, own) in months.iter().enumerate() {
                path.month(t + 1).unwrap_or_else(|broken| panic!("{broken}"));
                for (j, value) in path.instruments[k].values().iter().enumerate() {
                    assert_eq!(value.to_bits(), own[j].0[lane].to_bits(), "lane {lane}, month {}, field {j}", t + 1);
                }
            }
            let values = path.instruments[k].values();
            retained += u32::from(values[field("retained")] > 0.0);
            bought += u32::from(values[field("joined")] > 0.0);
            owed += u32::from(values[field("guarantee_now")] > 0.0 || values[field("guaranteed_total")] > 0.0);
        }
        assert!(retained > 20 && bought > 100 && owed > 5, "{retained} {bought} {owed}");
    }
}

/// The messages for a venture with these keys.
fn messages(keys: &str) -> String {
    match Model::parse("t.yaml", &lab(24, "", keys), &Settings::default()) {
        Ok(_) => String::new(),
        Err(invalid) => render(&invalid.issues, &invalid.sources, false),
    }
}

#[test]
fn invalid_terms_are_reported() {
    let base = format!("{TERMS}, {}", portfolio(""));
    assert_eq!(
        messages(&format!("{base}, exit_multiple: 8x to 14x, keeps: 3 mo, minimum_return: {{rate: 8%/yr}}")),
        ""
    );
    let schedule = "commitment: {partners: 160M USD}, demand_uplift: 5%";
    let winter = portfolio(", in_winter: 40%, adopts_in_winter: 2%/mo");
    let cases = [
        (format!("{base}, demand_uplift: 5%"), "one-of", "has `demand_uplift` and `portfolio`"),
        (format!("{TERMS}, {winter}"), "one-of", "`portfolio` has `in_winter` and `adopts_in_winter`"),
        (format!("{base}, capital_for: []"), "range", "`capital_for` is empty"),
        (format!("{base}, capital_for: [people, people]"), "duplicate-name", "names `people` twice"),
        (format!("{base}, capital_for: [people, acquisitions]"), "missing", "`acquisitions` is missing"),
        (format!("{base}, capital_for: [peple]"), "unknown-word", "did you mean `people`?"),
        (
            format!("{base}, acquisitions: {{amount: 1M USD, date: 2025-06, brings: 1}}"),
            "dates-order",
            "before the first capital call",
        ),
        (
            format!("{schedule}, acquisitions: {{amount: 1M USD, date: 2026-06, brings: 1}}"),
            "missing",
            "`portfolio` is missing",
        ),
        (format!("{schedule}, keeps: 3 mo"), "unused", "`keeps` has no effect without `portfolio`"),
        (format!("{schedule}, capital_for: [people]"), "unused", "`capital_for` has no effect without `portfolio`"),
        (
            format!("{schedule}, exit_in_winter: 50x"),
            "unused",
            "`exit_in_winter` has no effect without `exit_multiple`",
        ),
        (
            format!("{schedule}, minimum_return: {{rate: 8%/yr, at: 2026-06}}"),
            "dates-order",
            "tested before capital has been paid in",
        ),
        (format!("{TERMS}, {}", portfolio(", services_growth: 8%")), "unit", "services_growth"),
        (base.replace("people: 75%", "people: 175%"), "range", "175%"),
        (base.replace("people: 75%", "people: 3 GW"), "unit", "people"),
    ];
    for (keys, code, says) in cases {
        let text = messages(&keys);
        assert!(text.contains(&format!("error[{code}]")) && text.contains(says), "{keys}:\n{text}");
    }
    let asset = "kind: asset, commitment: {partners: 160M USD}, power: 0.01 GW, rent: 60M USD/yr";
    for key in [
        "keeps: 3 mo",
        "distributes_from: 12 mo",
        "exit_in_winter: 1x",
        "acquisitions: {amount: 1M USD, date: 2026-06}",
    ] {
        let text = lab(24, "", &format!("{asset}, {key}")).replace("kind: distribution, ", "");
        let invalid = Model::parse("t.yaml", &text, &Settings::default()).expect_err(key);
        let text = render(&invalid.issues, &invalid.sources, false);
        assert!(text.contains("error[wrong-kind]"), "{key}:\n{text}");
    }
}

/// A variant of the services venture beside the lab of June 2026.
fn partners(variant: &str) -> Model {
    let path = File::new(env!("CARGO_MANIFEST_DIR")).join("tests/ventures/services.yaml");
    let sets = vec!["run.metrics=all".to_owned()];
    let settings = Settings { variant: Some(variant.to_owned()), sets, reach: Reach::Outside, ..Settings::default() };
    Model::load(&path, &settings).unwrap_or_else(|r| panic!("{}", render(&r.issues, &r.sources, false)))
}

/// Type-7 quantiles of what is defined.
fn quantiles(values: &[f64], levels: &[f64]) -> Vec<f64> {
    let mut sorted: Vec<f64> = values.iter().copied().filter(|x| x.is_finite()).collect();
    sorted.sort_by(f64::total_cmp);
    let at = |q: f64| {
        let rank = q * (sorted.len() - 1) as f64;
        let (low, part) = (rank.floor() as usize, rank.fract());
        sorted[low] + part * (sorted[(low + 1).min(sorted.len() - 1)] - sorted[low])
    };
    levels.iter().map(|&q| at(q)).collect()
}

/// Three kinds of partner for one venture, on the same 2,000 worlds: a floor lifts the lower end to what it promises and its price
/// takes the upper end; companies that adopt in winter as in boom lift the lower end of a sovereign partner. `GAPCAST_PATHS` sets
/// another number of paths, and the figures are printed.
#[test]
fn partners_differ_in_what_they_may_lose_and_gain() {
    let paths = std::env::var("GAPCAST_PATHS").ok().and_then(|n| n.parse().ok()).unwrap_or(2_000);
    let levels = [0.05, 0.25, 0.5, 0.75, 0.95];
    let of = |variant: &str| {
        let model = partners(variant);
        let (_, rows) = run_of(&model.plan, paths, 2, Level::best());
        let column = |name: &str| pick(&model.plan, &rows, name);
        let rates = column("services_jv.irr");
        let lost = rates.iter().filter(|r| **r < 0.0).count() as f64 / paths as f64;
        let undefined = rates.iter().filter(|r| r.is_nan()).count() as f64 / paths as f64;
        let q = quantiles(&rates, &levels);
        let show = |name: &str| quantiles(&column(name), &levels);
        assert!(
            (0.10..0.35).contains(&(lost + undefined)) || variant == "infrastructure",
            "{variant}: {lost} {undefined}"
        );
        let (called, margin) = (show("services_jv.called_total")[2], show("services_jv.margin")[2]);
        assert!((0.7e9..1.3e9).contains(&called) && (0.12..0.22).contains(&margin), "{variant}: {called} {margin}");
        println!(
            "{variant}: irr {q:.4?}, below 0 {lost:.3}, undefined {undefined:.3}, called {:.3?}, margin {:.3?}, marked {:.3?}, moic {:.3?}, ended {:.4}",
            show("services_jv.called_total").iter().map(|x| x / 1e9).collect::<Vec<_>>(),
            show("services_jv.margin"),
            show("services_jv.marked_share"),
            show("services_jv.moic"),
            column("cash_out").iter().sum::<f64>() / paths as f64,
        );
        q
    };
    let (general, infra, state) = (of("generalist"), of("infrastructure"), of("sovereign"));
    // At 20,000 paths: 23% at the median, 7% and −34% at 25 and 5%; 17% and 8% with a floor; −24% at 5% for the sovereign partner.
    let within = |what: &str, x: f64, low: f64, high: f64| assert!((low..high).contains(&x), "{what}: {x}");
    within("median", general[2], 0.12, 0.30);
    within("lower quarter", general[1], -0.03, 0.12);
    within("one in twenty", general[0], -1.0, -0.15);
    within("median with a floor", infra[2], 0.11, 0.20);
    assert!((infra[0] - 0.08).abs() < 1e-6, "{infra:?}");
    assert!(infra[4] < general[4] && infra[0] > general[0], "{infra:?} {general:?}");
    assert!(state[0] > general[0], "{state:?} {general:?}");
    let none = partners("no_venture");
    let (_, rows) = run_of(&none.plan, paths, 2, Level::best());
    println!("no venture: ended {:.4}", pick(&none.plan, &rows, "cash_out").iter().sum::<f64>() / paths as f64);
}
