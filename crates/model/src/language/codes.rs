//! The codes of errors and warnings and their meaning, which `explain` prints and from which a page of the
//! documentation is generated.
//!
//! A code is a stable word. One word stands for one kind of mistake, wherever it occurs; the message shows where it
//! occurred and what was expected there. Codes that begin with `lint-` are warnings of `check` about method: the
//! scenario runs as it is.

/// A code and its meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Code {
    /// The word, such as `unknown-key`.
    pub code: &'static str,
    /// What is wrong, in a line.
    pub title: &'static str,
    /// A paragraph: when it is reported, why, and what to do.
    pub about: &'static str,
    /// How it may look, and how to write it instead.
    pub example: &'static str,
}

/// Codes of the lints, in order.
pub fn lints() -> impl Iterator<Item = &'static str> {
    CODES.iter().map(|entry| entry.code).filter(|code| code.starts_with("lint-"))
}

/// Makes the table: code, title, about, example.
macro_rules! codes {
    ($($code:literal: $title:literal, $about:literal, $example:literal;)*) => {
        /// All codes, in alphabetical order.
        pub const CODES: &[Code] = &[$(Code { code: $code, title: $title, about: $about, example: $example }),*];
    };
}

codes! {
    "capability-needs-research": "`capability` without research as spending",
        "`lab.demand.capability` compares the lab's research spending with its rivals'. It needs `lab.compute.research` with a `spend` above 0; training in months of power has no opening level to compare with.",
        "research: {spend: 9B USD/yr, growth: 2.4x/yr, growth_later: 1.2x/yr, half_life: 18 mo}";
    "capacity-none": "contracts, orders or limits together with `capacity: none`",
        "With `lab.compute.capacity: none` the lab simply pays for its compute needs as they arise: nothing is contracted, ordered, owned or short. Contracts, own hardware, orders, availability and a utilisation limit then have no meaning.",
        "capacity: none          # together with contracts: [...]\nRemove the contracts, or write `capacity: contracted`.";
    "check": "a line of `checks:` cannot be parsed",
        "A check is one line: a function of a metric, a comparison and a bound. Functions are `p`, `mean` and `p01` to `p99`; their argument is a metric or an event, followed by `at DATE`, `by DATE`, `min` or `max`. Only `p(...)` takes a comparison as its argument, and its result is compared with a percentage.",
        "- p(cash_out by 2029-12) < 10%\n- p(cash min < 0 USD) < 5%\n- p50(stake.founders at 2031-05) > 9%";
    "check-not-applicable": "a line of `checks:` refers to an instrument that a variant removed",
        "A check of an instrument that the variant removes does not apply. It is left out of that variant's run and of its resolved scenario; it neither passes nor fails.",
        "variants:\n  no_lease: {remove: [tpu_lease]}      # and `p50(tpu_lease.equity.irr) > 10%/yr` among the checks";
    "control-character": "the file contains a character that is not text",
        "Scenario files are plain UTF-8 text. A NUL byte or another control character means that this is a different kind of file, or that it is damaged.",
        "Save the file as UTF-8 text.";
    "correlation": "correlations that are inconsistent with each other",
        "The matrix of all stated correlations must be positive semidefinite: if A is positively correlated with B and B with C, A cannot be strongly negatively correlated with C. Each pair may be stated once. `repair: true` under `dependence` replaces the matrix by the nearest correlation matrix and reports the change.",
        "spearman: [[a, b, 0.9], [b, c, 0.9], [a, c, -0.9]]   # impossible\nWeaken one of the three, or write `repair: true`.";
    "cross-default": "a cross-default on something that cannot default",
        "`cross_default` lists instruments whose default is also a default of this one. Each must be in the scenario (with the variant applied), must be able to default, and must not be the debt itself. Loans and credit lines can default if they have `breach:` or `cross_default:`.",
        "cross_default: [term_loan]      # and no instrument `term_loan`, or one that cannot default";
    "cut-draws": "draws are cut off at the range of a key",
        "Warning: a law, or an expression of uncertain values, extends beyond the range of its key. Draws beyond the limit are set to the limit, so that draws accumulate there. An interval `a to b` has tails beyond both ends; for a share or a rate it is normal and may extend below zero. The values used are recorded in `outcomes.csv`. A law bounded at the limit avoids this.",
        "share_of_revenue: 5% to 60%                                # 2.6% of draws lie below 0%\nshare_of_revenue: {dist: beta, p5: 5%, p95: 60%}            # none do";
    "date-outside": "a date outside the months in which it has an effect",
        "Dates of events must be within the simulated period, `time.months` months from `time.start`, unless the field allows earlier dates. Events before the first month belong in `lab.opening`.",
        "time: {start: 2026-06, months: 60}\nchecks: [p(cash_out by 2032-01) < 10%]   # 2031-05 is the last month";
    "dates-order": "dates in the wrong order",
        "For example, an end before the start, an order after the delivery, a repayment before the draw, or a sale before completion. The message names the two dates.",
        "start: 2027-01\nend: 2026-12        # write a later month";
    "draws-sum": "draws that exceed the commitment",
        "The dated draws of a loan add up to more than its `commitment`.",
        "commitment: 10M USD\ndraws: [{amount: 8M USD, date: 2026-09}, {amount: 4M USD, date: 2027-01}]   # 12M";
    "duplicate-key": "a key appears twice in one map",
        "Many YAML parsers silently keep the last one. Here each key may appear only once, so that the file means what it shows.",
        "cash: 5B USD\ncash: 6B USD        # remove one";
    "duplicate-name": "duplicate name",
        "Checks, variants and random-number streams identify instruments, contracts, segments, tranches and inputs by name. Each name must be unique.",
        "- revolver: {name: line, ...}\n- revolver: {name: line, ...}   # write another name";
    "empty-variant": "a variant that changes nothing",
        "A variant is a named set of changes to the file: `set` paths to values, `remove` instruments, `add` instruments. A variant with none of these is the file itself under another name.",
        "variants:\n  winter_now: {set: {world.regime.start: winter}}";
    "extends": "`extends` cannot be followed",
        "`extends` names one base file, relative to this file, which this file overrides: maps are merged, lists are replaced. Files must not extend each other in a cycle, nor in a chain of more than eight.",
        "extends: base.yaml";
    "file": "a file cannot be read",
        "It does not exist, is not a file, is not readable, is larger than 4 MiB, or is not UTF-8 text.",
        "gapcast check scenarios/small-lab.yaml";
    "input-of-inputs": "an input defined by other inputs",
        "Each entry under `inputs:` is a value, an interval or a law. Sums and products of inputs are written where the value is used, so that no input can depend on itself, directly or indirectly.",
        "inputs: {a: 5%/mo to 15%/mo, b: 0.5 * a}     # not allowed here\nlab: {demand: {growth: {later: 0.5 * a}}}     # allowed here";
    "interval": "an interval is reversed or has zero width",
        "`a to b` is a 90% interval: one path in twenty lies below `a` and one above `b`. The smaller end comes first. Of two negative numbers, the smaller is farther from zero.",
        "5%/mo to 15%/mo\n-4%/mo to -2%/mo";
    "known-input": "a known input in a correlation",
        "`dependence` describes how uncertain inputs move together. An input with a single value does not vary, so a correlation with it has no effect.",
        "inputs: {growth: 5%/mo}\ndependence: {spearman: [[growth, margin, 0.3]]}   # give `growth` an interval, or remove the pair";
    "law": "a law that is incomplete or impossible",
        "Each law requires exactly one complete set of its parameters, all known, in the same unit and in order; they refer to the variable itself, never to its logarithm. A lognormal variable is positive; a beta variable is between 0% and 100%.",
        "{dist: beta, p5: 42%, p95: 72%}\n{dist: lognormal, median: 2.4x/yr, p95: 3.5x/yr}\n{dist: triangular, min: 1x, mode: 2x, max: 4x}";
    "lint-blind-price": "investors who do not see what the lab owes",
        "A lab with a run-rate above 1B USD a year raises equity, and its price is a multiple of run-rate alone: doubling its firm commitments would not lower it. `world.capital.price` deducts what obligations are expected to cost beyond their use.",
        "world: {capital: {price: {floor: 15%, discount: 10%/yr, sd: 35%/yr}}}";
    "lint-check-cannot-fail": "a check that always passes",
        "A check should fail when the plan fails. A check that compares a probability with 100%, a share with a value outside 0% to 100%, a non-negative amount with a negative one, or an amount with a million times the lab's revenue is uninformative.",
        "- p(default) <= 100%       # write the highest probability you would accept\n- p05(cash) > -1000T USD";
    "lint-check-cannot-hold": "a check that always fails",
        "No outcome could make this check pass, so the exit code is always 3.",
        "- p(cash_out) < 0%";
    "lint-debt-on-median": "debt sized on the expected case",
        "Lenders size debt so that it can be serviced in a case worse than expected: a DSCR above one, or a gearing limit below the debt capacity of the expected case. Debt of a stated amount without a covenant, target DSCR or gearing limit, or sized at a DSCR barely above one, equals the debt capacity of the median outcome, and half of all outcomes are below it.",
        "debt: {target_dscr: 1.30x, ...}\nfunding: {gearing: 80%}";
    "lint-debt-unserved": "debt that is not serviced by its own rent",
        "A vehicle services its debt from the rent it receives. Here the stated rent is less than scheduled interest and principal at the median of the inputs, and therefore on at least half of the paths, so that the vehicle fails although its tenant pays. Omit the rent, so that it is derived from the debt and the equity return, or reduce the debt.",
        "lease: {term: 60 mo}                 # the rent is derived\nlease: {term: 60 mo, rent: 8B USD/yr}";
    "lint-endless-equity": "an unlimited supply of equity",
        "A lab with a run-rate above 1B USD a year raises equity, and nothing limits how much: on paths with high growth it raises more than all investors have. `world.capital.equity` states what they supply in a year, and what their flow does to the price.",
        "capital: {equity: {supply: 60B USD/yr to 375B USD/yr, impact: 0.2, ...}}";
    "lint-endless-power": "an unlimited supply of power",
        "A lab with a run-rate above 1B USD a year buys the power that its contracts lack on the market, and there is always enough: ordering ahead then has no value. `available` limits it; `premium` and `squeeze` make it expensive when demand runs ahead of what was built for.",
        "compute_price: {spot: 1.15x, available: 0.9 GW, premium: 1.0, squeeze: 0.4, ...}";
    "lint-growth-twice": "growth is counted twice",
        "Growth measured on revenue already includes the effect of releases. With `growth_is: underlying`, releases add to it. Growth sourced from measured revenue therefore requires `growth_is: total`, which deducts the mean effect of releases and competitor moves.",
        "growth_is: total";
    "lint-independent": "growth and the cost of capital are independent",
        "Labs fail when growth disappoints and investors withdraw in the same months. If growth is not linked to the price of equity (no pair under `dependence.spearman` or `shocks`, no winter that affects both), the two rarely coincide, and funding looks safer than it is. The same applies to a winter that shuts the window but does not affect demand.",
        "dependence: {shocks: [[demand, equity_multiple, 0.25]]}\nworld: {regime: {winter: {growth: -3%/mo, multiple: 0.5x, ...}}}";
    "lint-log-sd": "five-year revenue is implausibly uncertain",
        "The standard deviation of the logarithm of revenue at 60 months (or at the horizon, if that is sooner), before any ceiling, follows from the growth state's shocks, the noise of the level and the uncertain inputs of growth. Above 1.5 its 95% quantile is more than 140 times its 5% quantile: a few paths then determine the means. The usual cause is a shock to the growth state, which persists, where noise in the level was intended.",
        "growth_shock: 0.6%/mo to 2%/mo    # moves growth itself; persistent\nvolatility: 4%/mo to 10%/mo       # moves a month's level";
    "lint-loop-gain": "a loop of research and revenue that amplifies every difference",
        "Where research follows revenue, `capability.elasticity` is the gain of the loop: 1% more revenue buys research that brings this many percent more. Above 0.7 at the median a difference in growth is multiplied by more than three.",
        "elasticity: {dist: lognormal, p5: 0.15, p95: 0.8}     # median 0.35";
    "lint-no-outcome": "a failure without an outcome",
        "Without `lab.default` a lab that fails is liquidated. A lab with a run-rate above 1B USD a year is more likely to be rescued, restructured or bought.",
        "default: {outcomes: {rescue: 25%, restructuring: 45%, acquisition: 30%}}";
    "lint-no-source": "a key driver without a source",
        "A few numbers determine the result: current and long-run growth, margin, growth of training, the price of equity, the price of power. A reader needs to know where each comes from. Add a `source:`, or a `note:` that says it is judgement, to the value, to the input it uses, or to an enclosing map.",
        "growth_now: {value: 5%/mo to 15%/mo, source: \"run-rates of March and May 2026\", url: \"https://...\"}";
    "lint-open-research": "research that buys no revenue",
        "A lab with a run-rate above 1B USD a year spends on research, and its revenue does not depend on it: the best budget is then nil. `lab.demand.capability` with `world.rivals` ties growth to research relative to others.",
        "capability: {elasticity: 0.35, spillover: 37%, half_life: 15 mo, ...}";
    "lint-point-estimate": "a point estimate of an uncertain quantity",
        "Growth, long-run margin, the market ceiling, growth of training, the long-run price of equity and the price of power are uncertain. A single number makes the spread of all results too narrow. Write a 90% interval.",
        "later: 0.2%/mo to 2.2%/mo";
    "lint-range": "a number outside the range of public reports",
        "The median of the value is outside the range of public reports to mid-2026 for this kind of number. If it is right, say why in a `note` and allow the lint. More often it is a wrong unit or a misplaced zero.",
        "contract: 90B USD/GW-yr       # market prices are 8B to 15B USD/GW-yr";
    "lint-unused-allow": "an unused entry of `allow`",
        "`allow` names a lint that does not arise, or no longer arises, in this scenario. Remove it, so that the lint can warn again.",
        "allow: {lint-range: \"...\"}     # and nothing is out of range";
    "lint-unused-capital": "a capital market of which nothing takes",
        "`world.capital.equity` limits what equity rounds raise, and `world.capital.credit` what loans, vehicles and convertibles draw from the first month on. Without such an instrument, or without anything stated under `world.capital`, the block has no effect on the result.",
        "world: {capital: {credit: {supply: 30B USD/yr}}}     # with a loan or a vehicle under `instruments:`";
    "lint-unused-input": "an unused input",
        "An input is declared under `inputs:` but no field uses it, so its uncertainty has no effect; a mention under `dependence` is not a use. Use its name where the value belongs, or remove it.",
        "inputs: {margin_later: 60% to 80%}\nlab: {compute: {inference: {gross_margin: {later: margin_later, ...}}}}";
    "loop-gain": "research that would feed on itself without end",
        "Research that follows revenue brings revenue, of which research takes its share again: `capability.elasticity` is the gain of this loop. At 1 growth would have no limit, so its median must be below 0.95; draws are cut at 0.95.",
        "elasticity: {dist: lognormal, p5: 0.15, p95: 0.8}     # median 0.35";
    "missing": "a required key is missing",
        "A key that the map requires, or that another choice in the scenario requires, is absent or empty. The message names it and gives an example.",
        "the key `half_life` is missing\ngrowth: {now: 8%/mo, later: 1%/mo, half_life: 12 mo}";
    "name": "invalid name",
        "Names consist of lower-case letters, digits, `_` and (except for inputs) `-`, begin with a letter and have at most 64 characters, so that they are valid as file and column names. Names of inputs must not be words of the language, such as `to`, `sofr`, `max` or `x`.",
        "name: tpu_lease";
    "not-a-map": "the file is not a map of keys",
        "A scenario is a map: `schema: 1`, `name: ...`, and so on. This file is empty, a list or a single value.",
        "schema: 1\nname: my-lab";
    "one-of": "mutually exclusive keys, or none of them",
        "The scenario specifies something in two ways, or not at all: a contract with `end` and `term`, a round with `when` and `date`. Specify it once.",
        "- equity_round: {name: rounds, date: 2027-03, when: {runway_below: 12 mo}, ...}   # keep one";
    "payables": "opening payables that would never be paid",
        "The lab opens with payables, but `working_capital.payable` says that bills are paid at once. State the payment period.",
        "working_capital: {payable: 35 d}";
    "quantity": "invalid quantity",
        "A quantity is a number with its unit, an interval of two, or sums and products of quantities and names of inputs. Numbers use a decimal point and no thousands separators; money uses the suffixes k, M, B or T.",
        "1.5B USD, 12B USD/yr, 9B USD/GW-yr, 35%, 5.75%/yr, sofr + 225 bp, 10%/mo, 2.4x/yr, 206 MW, 18 mo, 0.8 * growth_now";
    "range": "a value outside the accepted range",
        "Each field accepts only meaningful values: shares from 0% to 100%, money from zero, terms of at least a month; few may be negative. Related keys have rules too, such as a cap that is not below the preference. The message states the accepted range. A rule must hold on every path: between uncertain values it is tested on 1024 draws, and a single violation is an error. Draws of a law beyond the range of its key are set to the limit (`cut-draws`).",
        "commitment_fee: -40 bp      # at least 0%/yr";
    "renamed": "a key has been renamed",
        "Warning: this version accepts the old name of the key; the next version accepts only the new one. Giving both names is an error, like a duplicate key. `gapcast explain` gives the new name of an old one.",
        "undrawn_fee: 40 bp         # write `commitment_fee: 40 bp`\nvalue_first_year: -35%     # write `value: {first_year: -35%}`";
    "repaired": "correlations were adjusted",
        "Warning: the stated correlations are inconsistent; `repair: true` replaces them by the nearest correlation matrix, and the message gives the change.",
        "dependence: {repair: true, spearman: [...]}";
    "set": "`--set` without a value",
        "An override consists of a path, `=` and a value.",
        "--set lab.opening.cash=\"60M USD\"";
    "shape": "a map, a list or a value where another is expected",
        "The value has the wrong shape: a list where a map belongs, a map where a single value belongs. Often the indentation is wrong by one level.",
        "instruments:\n  - revolver: {name: line, limit: 5B USD, rate: sofr + 200 bp}";
    "shares-sum": "shares that do not add up",
        "Shares of a whole must add up to 100%: opening ownership, probabilities of the outcomes of a failure (without `liquidation` they may add up to less), deals of a venture, parts of a construction cost; preferred classes to at most 100%.",
        "shares: {founders: 40%, employees: 15%, investors: 45%}";
    "target": "a target of `--until` cannot be parsed",
        "A target bounds the standard error of what a line of `checks:` could measure: `se(...)` around `p`, `mean` or `p01` to `p99` of a metric or an event, then `<` or `<=` and a bound. The bound has the unit of the metric, or is a percentage: in percentage points for a probability or a metric that is itself a percentage, else of the estimate.",
        "gapcast run lab.yaml --until 'se(p(cash_out)) < 0.2%'\ngapcast run lab.yaml --until 'se(mean(peak_funding)) < 1%'   # 1% of the mean\ngapcast run lab.yaml --until 'se(p95(peak_funding)) < 2B USD'";
    "tiers-order": "hurdles not in ascending order",
        "The tiers of a waterfall must be listed from the lowest hurdle to the highest.",
        "look_back: [{hurdle: 8%/yr, share: 90%}, {hurdle: 15%/yr, share: 70%}]";
    "too-deep": "nested too deeply",
        "The file has more than 64 levels of maps and lists. No scenario needs that many.",
        "";
    "too-large": "the file is too large",
        "The file has more than 4 MiB of text, or more than 200,000 values including those repeated by aliases.",
        "";
    "too-many": "more items than the engine supports",
        "For speed, the engine supports a limited number of tranches, tiers, milestones, draws and instruments. The message gives the limit.",
        "Merge tranches of the same rank, or split the instrument into two.";
    "total-differs": "a total that differs from power × price × term",
        "A contract's `total` is checked against power times price times months, less half of the ramp. It must agree within 5%, so that a published amount and its components stay consistent.",
        "power: 2 GW, price: 9B USD/GW-yr, ramp: 24 mo, total: 111.1B USD";
    "tranches-sum": "tranches exceed the cost they finance",
        "The tranches of a vehicle add up to more than its cost, or the advance rates of notes to more than 100% of the appraised value.",
        "capex: 35B USD\ntranches: [a: {amount: 30B USD, ...}, b: {amount: 4.5B USD, ...}]";
    "uncertain": "an uncertain value where a known one is required",
        "Dates, terms in months, counts and opening ownership are the same on every path. An interval, a law or an uncertain input is not allowed there. A date can be made uncertain through a related field such as `delay`.",
        "start: 2026-09\ndelay: 0 mo to 9 mo";
    "unit": "a missing or wrong unit",
        "The value has no unit, or a unit of a different kind than the field or metric. Only counts are written without a unit.",
        "price: 9B USD/GW-yr";
    "unknown-input": "unknown input",
        "An expression uses a name that is not declared under `inputs:`.",
        "inputs: {growth_now: 5%/mo to 15%/mo}";
    "unknown-key": "unknown key",
        "A misspelt key would have no effect, so it is an error. The message lists the keys of the map.",
        "growth_shok: 1%/mo     # growth_shock";
    "unknown-kind": "unknown kind of instrument",
        "The key of an item of `instruments:` is the kind of instrument. `gapcast explain instruments` lists them.",
        "- revolvr: {...}       # revolver";
    "unknown-law": "unknown law",
        "`dist` is one of beta, lognormal, normal, triangular, pert, uniform, discrete and empirical.",
        "{dist: beta, p5: 42%, p95: 72%}";
    "unknown-metric": "unknown metric or event",
        "A check names a metric that this scenario does not record, or, in `p(...)` without a comparison, an event other than `cash_out` and `default`. A metric of an instrument is written as its name, a dot and the line: `revolver.balance`.",
        "- p50(stake.founders) > 9%\n- p(default by 2029-12) < 5%";
    "unknown-name": "unknown name",
        "The name of an input, shock, metric, holder, supplier or lint is not known. The message lists the known ones.",
        "dependence: {spearman: [[growth_nwo, margin_later, 0.3]]}     # growth_now";
    "unknown-path": "unknown path",
        "A path of `--set`, or of `set:` or `remove:` in a variant, does not exist. Steps are keys of maps and names of list items.",
        "lab.compute.contracts.google.price";
    "unknown-variant": "unknown variant",
        "The file has no variant of this name; the message lists its variants.",
        "gapcast run my-lab.yaml --variant half_growth";
    "unknown-word": "a word that is not allowed here",
        "The field accepts only certain words; the message lists them.",
        "policy: forecast_share";
    "unsupported": "a combination that is not modelled",
        "Each element is supported, but the combination is not modelled. The message says which, and what to do instead.",
        "attribution: least_cost       # with a contract whose price is uncertain";
    "unused": "a key that has no effect",
        "A key has no effect in combination with the others: a cap on non-participating shares, the maturity of a SAFE. It is an error, since it was meant to have an effect.",
        "kind: safe\nterm: 24 mo         # remove it, or write `kind: note`";
    "waits-needs-final-runs": "releases that wait for final runs, without final runs",
        "`lab.demand.releases.waits` delays a release until its final training run has been served. It needs final runs (`research.final_run_share`) whose power has a rank of its own: `allocation: training_first`, customers under contract, or power that is not all available.",
        "releases: {every: 6 mo, uplift: 10%, waits: true}\nresearch: {..., final_run_share: 20%}\nallocation: training_first";
    "waterfall-never-ends": "a tier of a waterfall that never ends",
        "A catch-up ends when the promote has been caught up, which never happens if its share is not above the promote; a tier ends when the partners have earned its hurdle, which never happens if they have no share of it.",
        "waterfall: {hurdle: 8%/yr, catch_up: 50%, promote: 20%}";
    "wrong-kind": "keys of another kind",
        "The instrument has several kinds, and a key of one kind is used with another.",
        "kind: distribution\npower: 0.5 GW       # belongs to `kind: asset`";
    "yaml": "not valid YAML",
        "The text cannot be parsed as YAML: a missing space after a colon, an unclosed bracket or quote, or wrong indentation, here or on the previous line.",
        "key: value\nlist: [one, two]";
    "yaml-alias": "an alias within its own anchor",
        "An alias (`*name`) repeats a value anchored earlier (`&name`). It must not appear inside that value.",
        "";
    "yaml-ambiguous": "a value that YAML parsers interpret differently",
        "`no`, `on`, `0123`, `1_000` and `1:30` are text in some versions of YAML and booleans or other numbers in others. This is an error, so that the file is unambiguous.",
        "\"no\"                  # in quotes, if it is text";
    "yaml-documents": "more than one document",
        "A scenario file is a single YAML document; `---` begins another.",
        "";
    "yaml-key": "invalid key",
        "Keys are single words, excluding those that YAML 1.1 reads as booleans: on, off, yes, no, y, n.",
        "";
    "yaml-merge": "`<<` of something that is not a map",
        "`<<: *name` merges the keys of a map into this one. It requires a map or a list of maps.",
        "<<: *defaults";
    "yaml-tab": "a tab in the indentation",
        "YAML must be indented with spaces.",
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
