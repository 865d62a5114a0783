//! The codes of errors and warnings, each with what it means: what `explain` prints, and what a page on them is made from.
//!
//! A code is a stable word. One word stands for one kind of mistake, wherever it is made; where it was made, and what was
//! expected there, is said by the message. Codes that begin with `lint-` are warnings of `check` about method: the scenario
//! runs as it is.

/// A code and what it means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Code {
    /// The word, `unknown-key`.
    pub code: &'static str,
    /// What is wrong, in a line.
    pub title: &'static str,
    /// A paragraph: when it is told, why, and what to do.
    pub about: &'static str,
    /// How it may look, and how to write it instead.
    pub example: &'static str,
}

/// Codes of the lints, in their order.
pub fn lints() -> impl Iterator<Item = &'static str> {
    CODES.iter().map(|entry| entry.code).filter(|code| code.starts_with("lint-"))
}

/// Makes the table: code, title, about, example.
macro_rules! codes {
    ($($code:literal: $title:literal, $about:literal, $example:literal;)*) => {
        /// All codes, by alphabet.
        pub const CODES: &[Code] = &[$(Code { code: $code, title: $title, about: $about, example: $example }),*];
    };
}

codes! {
    "capacity-none": "contracts, orders or limits beside `capacity: none`",
        "With `lab.compute.capacity: none` the lab's needs are paid in money as they arise: nothing is contracted, ordered, owned or short. Contracts, own hardware, orders, availability and a limit of utilisation have no meaning then.",
        "capacity: none          # and contracts: [...] beside it\nRemove the contracts, or write `capacity: contracted`.";
    "check": "a line of `checks:` is not understood",
        "A check is one line: a function of a metric, a comparison and a bound. Functions are `p`, `mean` and `p01` to `p99`; inside them stands a metric or an event, and after it `at DATE`, `by DATE`, `min` or `max`. Only `p(...)` takes a comparison inside, and is compared with a percentage.",
        "- p(cash_out by 2029-12) < 10%\n- p(cash min < 0 USD) < 5%\n- p50(stake.founders at 2031-05) > 9%";
    "check-not-applicable": "a line of `checks:` asks for what a variant has removed",
        "A variant that removes an instrument leaves nothing for a line of `checks:` to look at. The line is left out of that variant's run and of its resolved scenario; it neither holds nor fails.",
        "variants:\n  no_lease: {remove: [tpu_lease]}      # and `p50(tpu_lease.equity.irr) > 10%/yr` among the checks";
    "control-character": "the file holds a character that is not text",
        "Scenario files are plain UTF-8 text. A NUL byte or another control character means that this is some other kind of file, or that it was damaged.",
        "Save the file as UTF-8 text.";
    "correlation": "correlations that no variables can have together",
        "The matrix of all stated correlations must be positive semidefinite: if A goes with B and B with C, A cannot go strongly against C. A pair may be stated once. `repair: true` under `dependence` replaces the matrix by the nearest possible one and tells how far it was moved.",
        "spearman: [[a, b, 0.9], [b, c, 0.9], [a, c, -0.9]]   # impossible\nWeaken one of the three, or write `repair: true`.";
    "cross-default": "a cross-default that names nothing that can default",
        "`cross_default` lists instruments whose default is also a default of this one. Each must be in the scenario, after the variant was laid over it, must be able to default, and must not be the debt itself. Loans and lines can default when they have `breach:` or `cross_default:`.",
        "cross_default: [term_loan]      # and no instrument `term_loan`, or one that cannot default";
    "cut-draws": "a key cuts what is drawn for it",
        "A warning: a law, or an expression of uncertain values, goes beyond what its key accepts, and what lies beyond counts as the limit itself, so that a heap of draws lies there. An interval `a to b` has tails beyond both ends; for a share or a rate it is normal and may reach below zero. The values that are used are recorded in `outcomes.csv`. A law that ends at the limit leaves no heap.",
        "share_of_revenue: 5% to 60%                                # 2.6% of draws lie below 0%\nshare_of_revenue: {dist: beta, p5: 5%, p95: 60%}            # none do";
    "date-outside": "a date outside the months in which it could matter",
        "Dates of events must lie in the simulated months, from `time.start` on for `time.months` months, unless the field says that it may be earlier. What happened before the first month belongs into `lab.opening`.",
        "time: {start: 2026-06, months: 60}\nchecks: [p(cash_out by 2032-01) < 10%]   # 2031-05 is the last month";
    "dates-order": "dates in the wrong order",
        "Something ends before it begins, is ordered after its delivery, is repaid before it is drawn, or is sold before it is built. The message names the two dates.",
        "start: 2027-01\nend: 2026-12        # write a later month";
    "draws-sum": "draws that exceed the commitment",
        "The dated draws of a loan add up to more than its `commitment`.",
        "commitment: 10M USD\ndraws: [{amount: 8M USD, date: 2026-09}, {amount: 4M USD, date: 2027-01}]   # 12M";
    "duplicate-key": "a key is given twice in one map",
        "Many readers of YAML keep the last one without a word. Here each key may stand once, so that what is read is what is seen.",
        "cash: 5B USD\ncash: 6B USD        # remove one";
    "duplicate-name": "two things have one name",
        "Names of instruments, contracts, segments, tranches and inputs are how checks, variants and the streams of random numbers know them. Each name stands for one thing.",
        "- revolver: {name: line, ...}\n- revolver: {name: line, ...}   # write another name";
    "empty-variant": "a variant that changes nothing",
        "A variant is a named patch of the file: `set` paths to values, `remove` instruments, `add` instruments. One that does none of it is the file itself under another name.",
        "variants:\n  winter_now: {set: {world.regime.start: winter}}";
    "extends": "`extends` cannot be followed",
        "`extends` names one other file, relative to this one, over which this one is laid: maps merge, lists replace. Files may not extend each other in a circle, nor in a chain of more than eight.",
        "extends: base.yaml";
    "file": "a file cannot be read",
        "It is not there, is not a file, may not be read, is larger than 4 MiB, or is not UTF-8 text.",
        "gapcast check scenarios/small-lab.yaml";
    "input-of-inputs": "an input that is made of other inputs",
        "What stands under `inputs:` is a value, an interval or a law by itself. Sums and products of inputs are written where the value is needed; so no input can depend on itself, by way of others or not.",
        "inputs: {a: 5%/mo to 15%/mo, b: 0.5 * a}     # not here\nlab: {demand: {growth: {later: 0.5 * a}}}     # but there";
    "interval": "an interval is upside down or has no width",
        "`a to b` is a 90% interval: one path in twenty lies below `a` and one above `b`. The smaller end comes first. Of two negative numbers the smaller is the one farther from zero.",
        "5%/mo to 15%/mo\n-4%/mo to -2%/mo";
    "known-input": "a known input among correlated ones",
        "`dependence` says how uncertain inputs move together. An input with a single value does not move, so a correlation with it would show nowhere.",
        "inputs: {growth: 5%/mo}\ndependence: {spearman: [[growth, margin, 0.3]]}   # give `growth` an interval, or remove the pair";
    "law": "a law that is incomplete or impossible",
        "Each law takes its own parameters, exactly one set of them, all known and in one unit, in their order; always of the variable itself and never of its logarithm. A lognormal variable is positive, a beta variable lies between 0% and 100%.",
        "{dist: beta, p5: 42%, p95: 72%}\n{dist: lognormal, median: 2.4x/yr, p95: 3.5x/yr}\n{dist: triangular, min: 1x, mode: 2x, max: 4x}";
    "lint-check-cannot-fail": "a check that holds whatever happens",
        "A line of `checks:` is there to fail when the plan does. One that compares a probability with 100%, a share with something outside 0% to 100%, an amount that is never negative with something below zero, or an amount with a number a million times the lab's revenue, says nothing.",
        "- p(default) <= 100%       # write the most that you would accept\n- p05(cash) > -1000T USD";
    "lint-check-cannot-hold": "a check that fails whatever happens",
        "The opposite of a check that cannot fail: no outcome could make this line hold, so the exit code is 3 for every scenario.",
        "- p(cash_out) < 0%";
    "lint-debt-on-median": "debt that is sized on one case",
        "Lenders size a debt so that a case worse than the expected one can still serve it: a cover above one, or a limit to gearing below what the expected case would carry. A debt of a stated amount with no covenant, no cover and no cap on gearing, or sized at a cover of hardly more than one, is as large as the middle of the outcomes can carry, and half of them lie below.",
        "debt: {target_dscr: 1.30x, ...}\nfunding: {gearing: 80%}";
    "lint-debt-unserved": "debt that its own rent does not serve",
        "A vehicle pays its lenders from the rent that it gets. Here that rent, as stated, is less than the interest and principal that are scheduled, on the middle of the inputs and so on half of the paths at least: the vehicle fails although its tenant pays. Leave the rent out and it is worked out from the debt and the return of the equity; or lend less.",
        "lease: {term: 60 mo}                 # the rent is worked out\nlease: {term: 60 mo, rent: 8B USD/yr}";
    "lint-growth-twice": "growth is counted twice",
        "Growth measured on revenue already contains what releases brought. With `growth_is: underlying` releases come on top of it. So a growth that is sourced from measured revenue goes with `growth_is: total`, which takes the mean of releases and competitors' moves off.",
        "growth_is: total";
    "lint-independent": "growth and the price of money move apart",
        "Labs fail when growth disappoints and investors leave in the same months. If nothing ties growth to the price of equity (no pair under `dependence.spearman` or `shocks`, no winter that pulls on both), that month never comes, and funding looks safer than it is. The same is so of a winter that shuts the window and leaves demand alone.",
        "dependence: {shocks: [[demand, equity_multiple, 0.25]]}\nworld: {regime: {winter: {growth: -3%/mo, multiple: 0.5x, ...}}}";
    "lint-log-sd": "revenue five years on is uncertain beyond belief",
        "The standard deviation of the logarithm of revenue at 60 months (or at the horizon, if that is sooner), before any ceiling, follows from the growth state's shocks, the noise of the level and the uncertain inputs of growth. Above 1.5 its 95% quantile is more than 140 times its 5% quantile: means are then made by a few paths. Mostly it is a shock of the growth state that is meant as noise of the level: the former persists.",
        "growth_shock: 0.6%/mo to 2%/mo    # moves growth itself, and stays\nvolatility: 4%/mo to 10%/mo       # moves a month's level";
    "lint-no-source": "a driver of the answer without a source",
        "A few numbers decide the answer: growth now and later, margin, growth of training, the price of equity, the price of power. A reader wants to know where each comes from. Write `source:` beside it, or a `note:` that says that it is judgement, at the value, at the input it uses, or at a map around it.",
        "growth_now: {value: 5%/mo to 15%/mo, source: \"run-rates of March and May 2026\", url: \"https://...\"}";
    "lint-point-estimate": "a single number where nobody knows one",
        "Growth, later margin, the ceiling of the market, growth of training, the later price of equity and the price of power are not known to anybody. A single number there makes the spread of all results too narrow. Write a 90% interval.",
        "later: 0.2%/mo to 2.2%/mo";
    "lint-range": "a number outside what public reports span",
        "The middle of the value lies outside the range that public reports to mid-2026 span for this kind of number. It may be right: then say why, in a `note`, and allow the lint. More often it is a slip of the unit or of a zero.",
        "contract: 90B USD/GW-yr       # 8B to 15B USD/GW-yr is what is paid";
    "lint-unused-allow": "an allowance that allows nothing",
        "`allow` names a lint that does not arise in this scenario, or no longer. Remove it, so that the lint can warn again.",
        "allow: {lint-range: \"...\"}     # and nothing is out of range";
    "lint-unused-input": "an input that nothing uses",
        "An input is declared under `inputs:` and no field uses it, so that its uncertainty shows nowhere; naming it under `dependence` alone does not use it. Use its name where the value belongs, or remove it.",
        "inputs: {margin_later: 60% to 80%}\nlab: {compute: {inference: {gross_margin: {later: margin_later, ...}}}}";
    "missing": "something that is needed is missing",
        "A key without which the map has no meaning is absent or empty, or one that another choice in the scenario asks for. The message names it and shows how it may look.",
        "the key `half_life` is missing\ngrowth: {now: 8%/mo, later: 1%/mo, half_life: 12 mo}";
    "name": "not a name",
        "Names are of small letters, digits, `_` and (but for inputs) `-`, begin with a letter and have at most 64 characters, so that they can be names of files and columns anywhere. Names of inputs may not be words of the language, such as `to`, `sofr`, `max` or `x`.",
        "name: tpu_lease";
    "not-a-map": "the file is not a map of keys",
        "A scenario is a map: `schema: 1`, `name: ...`, and so on. This file is empty, a list or a single value.",
        "schema: 1\nname: my-lab";
    "one-of": "two things that exclude each other, or neither",
        "The scenario says one thing in two ways, or in none: a contract with `end` and `term`, a round with `when` and `date`. Say it once.",
        "- equity_round: {name: rounds, date: 2027-03, when: {runway_below: 12 mo}, ...}   # keep one";
    "payables": "opening payables that would never be paid",
        "The lab opens with bills to pay, and `working_capital.payable` says that bills are paid at once. Give the days in which they are paid.",
        "working_capital: {payable: 35 d}";
    "quantity": "not a quantity",
        "A quantity is a number with its unit, an interval of two, or sums and products of quantities and names of inputs. Numbers have a point and no thousands separators; money has the letters k, M, B or T.",
        "1.5B USD, 12B USD/yr, 9B USD/GW-yr, 35%, 5.75%/yr, sofr + 225 bp, 10%/mo, 2.4x/yr, 206 MW, 18 mo, 0.8 * growth_now";
    "range": "a value outside what the field accepts",
        "Each field accepts what can have a meaning: shares from 0% to 100%, money from zero, terms of at least a month; what may be negative is few. Keys that belong together have rules too, such as a cap that is not below the preference. The message says what is accepted. A rule holds on every path: between uncertain values it is tried on 1024 draws, and one that breaks it is enough. What a law carries beyond the range of its key is cut at it (`cut-draws`).",
        "undrawn_fee: -40 bp      # at least 0%/yr";
    "renamed": "a key has a new name",
        "A warning: the key is read under its old name in this version, and under the new one alone in the next.",
        "lock_up: 6 mo          # of a listing: write `ipo_lock_up: 6 mo`";
    "repaired": "correlations were moved",
        "A warning: the stated correlations cannot hold together, `repair: true` allows to take the nearest ones, and this is by how much they moved.",
        "dependence: {repair: true, spearman: [...]}";
    "set": "`--set` without a value",
        "An override is a path, `=` and a value.",
        "--set lab.opening.cash=\"60M USD\"";
    "shape": "a map, a list or a value where another is needed",
        "The value has the wrong shape: a list where a map belongs, a map where a single value belongs. Often the indentation is off by a level.",
        "instruments:\n  - revolver: {name: line, limit: 5B USD, rate: sofr + 200 bp}";
    "shares-sum": "shares that do not add up",
        "Shares of a whole add up to 100%: opening ownership, the odds of the outcomes of a failure, the deals of a venture, parts of a construction cost; classes with a preference to at most that.",
        "shares: {founders: 40%, employees: 15%, investors: 45%}";
    "tiers-order": "hurdles that do not rise",
        "The tiers of a waterfall are listed from the lowest hurdle to the highest.",
        "look_back: [{hurdle: 8%/yr, share: 90%}, {hurdle: 15%/yr, share: 70%}]";
    "too-deep": "nested too deeply",
        "More than 64 levels of maps and lists. No scenario needs that many.",
        "";
    "too-large": "too large a file",
        "More than 4 MiB of text, or more than 200 000 values with those repeated by aliases.",
        "";
    "too-many": "more of something than the engine holds",
        "The engine holds a stated number of tranches, tiers, milestones, draws and instruments, so that it can run fast. The message gives the number.",
        "Merge tranches of the same rank, or split the instrument into two.";
    "total-differs": "a total that power, price and term do not give",
        "A contract's `total` is checked against power times price times months, less half of the ramp. It must agree within 5%, so that a published amount and its parts cannot part ways.",
        "power: 2 GW, price: 9B USD/GW-yr, ramp: 24 mo, total: 111.1B USD";
    "tranches-sum": "tranches that exceed what they finance",
        "The tranches of a vehicle add up to more than its cost, or the advances of notes to more than the appraised value.",
        "capex: 35B USD\ntranches: [a: {amount: 30B USD, ...}, b: {amount: 4.5B USD, ...}]";
    "uncertain": "an uncertain value where a known one is needed",
        "Dates, terms in months, counts and opening ownership are the same on every path. An interval, a law or an uncertain input cannot stand there. A date can be made uncertain where the field beside it allows, such as `delay`.",
        "start: 2026-09\ndelay: 0 mo to 9 mo";
    "unit": "a unit that does not fit",
        "The value has no unit, or one of another kind than the field or metric. Bare numbers are for counts alone.",
        "price: 9B USD/GW-yr";
    "unknown-input": "no input has this name",
        "An expression uses a name that is not declared under `inputs:`.",
        "inputs: {growth_now: 5%/mo to 15%/mo}";
    "unknown-key": "a key that this map does not have",
        "A misspelt key would leave its value without effect, so it is an error. The message lists the keys of the map.",
        "growth_shok: 1%/mo     # growth_shock";
    "unknown-kind": "no such instrument",
        "The key of an item of `instruments:` is the kind of instrument. `gapcast explain instruments` lists them.",
        "- revolvr: {...}       # revolver";
    "unknown-law": "no such law",
        "`dist` is one of beta, lognormal, normal, triangular, pert, uniform, discrete and empirical.",
        "{dist: beta, p5: 42%, p95: 72%}";
    "unknown-metric": "no such metric or event",
        "A check names a metric that this scenario does not record, or inside `p(...)` without a comparison an event that is neither `cash_out` nor `default`. A metric of an instrument is its name, a point and the line: `revolver.balance`.",
        "- p50(stake.founders) > 9%\n- p(default by 2029-12) < 5%";
    "unknown-name": "a name that nothing has",
        "A name refers to an input, shock, metric, holder, supplier or lint that is not there. The message lists those that are.",
        "dependence: {spearman: [[growth_nwo, margin_later, 0.3]]}     # growth_now";
    "unknown-path": "no such path",
        "A path of `--set`, or of `set:` and `remove:` of a variant, leads to nothing. Steps are keys of maps and names of items of lists.",
        "lab.compute.contracts.google.price";
    "unknown-variant": "no such variant",
        "The file has no variant of this name; the message lists those it has.",
        "gapcast run my-lab.yaml --variant half_growth";
    "unknown-word": "a word that is not allowed here",
        "The field takes one of a few words; the message lists them.",
        "policy: forecast_share";
    "unsupported": "a combination that the model does not have",
        "Each of the things is known, but together they ask for something that is not modelled. The message says which, and what to do instead.",
        "attribution: least_cost       # with a contract whose price is uncertain";
    "unused": "something that has no effect",
        "A key is given that does nothing beside the others: a cap on shares that do not participate, the maturity of a SAFE. It is an error, since it was meant to do something.",
        "kind: safe\nterm: 24 mo         # remove it, or write `kind: note`";
    "waterfall-never-ends": "a tier of a waterfall that is never over",
        "A catch-up ends when the promote has been caught up, which it never is when it gives no more than the promote itself; a tier ends when the partners have earned its hurdle, which they never do without a share of it.",
        "waterfall: {hurdle: 8%/yr, catch_up: 50%, promote: 20%}";
    "wrong-kind": "keys of another kind",
        "The instrument has several kinds, and keys of one kind stand in another.",
        "kind: distribution\npower: 0.5 GW       # belongs to `kind: asset`";
    "yaml": "not valid YAML",
        "The text cannot be read as YAML at all: a missing space after a colon, an unclosed bracket or quote, a wrong indentation; here or on the line before.",
        "key: value\nlist: [one, two]";
    "yaml-alias": "an alias within its own anchor",
        "An alias (`*name`) repeats a value that was given a name (`&name`) before. It cannot stand inside that value.",
        "";
    "yaml-ambiguous": "a value that readers of YAML read differently",
        "`no`, `on`, `0123`, `1_000` and `1:30` are text to some versions of YAML and truth values or other numbers to others. Here it is an error, so that the file says the same to everybody.",
        "\"no\"                  # in quotes, if it is text";
    "yaml-documents": "more than one document",
        "A scenario file is one YAML document; `---` begins another.",
        "";
    "yaml-key": "not a key",
        "Keys are single words, and none that YAML 1.1 reads as true or false: on, off, yes, no, y, n.",
        "";
    "yaml-merge": "`<<` of something that is no map",
        "`<<: *name` brings the keys of a map into this one. It takes a map, or a list of maps.",
        "<<: *defaults";
    "yaml-tab": "a tab in the indentation",
        "YAML is indented with spaces.",
        "";
    "yaml-tag": "a YAML tag",
        "Tags (`!int`, `!!str`) are not used here: units say what a value is.",
        "";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_stable_words_in_order_and_explained() {
        assert!(CODES.windows(2).all(|pair| pair[0].code < pair[1].code), "by alphabet, each once");
        for entry in CODES {
            assert!(entry.code.bytes().all(|b| b.is_ascii_lowercase() || b == b'-'), "{}", entry.code);
            assert!(entry.about.ends_with('.') && !entry.title.ends_with('.'), "{}", entry.code);
        }
        assert!(lints().count() >= 10 && lints().all(|code| code.starts_with("lint-")));
    }
}
