//! Scenario names in the usual spelling: `tpu_lease` reads "TPU lease", `aws` reads "AWS".

/// Words that are not written in lower case.
const WORDS: [(&str, &str); 40] = [
    ("abs", "ABS"),
    ("ai", "AI"),
    ("amazon", "Amazon"),
    ("amd", "AMD"),
    ("anthropic", "Anthropic"),
    ("api", "API"),
    ("aws", "AWS"),
    ("azure", "Azure"),
    ("blackstone", "Blackstone"),
    ("broadcom", "Broadcom"),
    ("capex", "capex"),
    ("coreweave", "CoreWeave"),
    ("ddtl", "DDTL"),
    ("dscr", "DSCR"),
    ("gcp", "GCP"),
    ("google", "Google"),
    ("gpu", "GPU"),
    ("gpus", "GPUs"),
    ("gw", "GW"),
    ("ipo", "IPO"),
    ("irr", "IRR"),
    ("jv", "JV"),
    ("magnetar", "Magnetar"),
    ("meta", "Meta"),
    ("mgx", "MGX"),
    ("microsoft", "Microsoft"),
    ("mw", "MW"),
    ("nvidia", "Nvidia"),
    ("openai", "OpenAI"),
    ("oracle", "Oracle"),
    ("safe", "SAFE"),
    ("sofr", "SOFR"),
    ("softbank", "SoftBank"),
    ("spacex", "SpaceX"),
    ("spv", "SPV"),
    ("stargate", "Stargate"),
    ("tpu", "TPU"),
    ("tpus", "TPUs"),
    ("vc", "VC"),
    ("xai", "xAI"),
];

/// The name within a sentence: `other_investors` reads "other investors".
pub(super) fn plain(name: &str) -> String {
    let word = |word: &str| WORDS.iter().find(|w| w.0 == word).map_or_else(|| word.to_owned(), |w| w.1.to_owned());
    name.split(['_', '-']).map(word).collect::<Vec<_>>().join(" ")
}

/// A metric's name within a sentence: `tpu_lease.a2.irr` reads "TPU lease, a2: IRR", `run_rate` "run rate".
pub(super) fn plain_metric(name: &str) -> String {
    match name.rsplit_once('.') {
        Some((of, line)) => format!("{}: {}", of.split('.').map(plain).collect::<Vec<_>>().join(", "), plain(line)),
        None => plain(name),
    }
}

/// The same at the start of a sentence.
pub(crate) fn capital_metric(name: &str) -> String {
    match name.split_once('.') {
        Some((of, _)) => format!("{}{}", capital(of), &plain_metric(name)[plain(of).len()..]),
        None => capital(name),
    }
}

/// The name at the start of a sentence: `other_investors` reads "Other investors".
pub(crate) fn capital(name: &str) -> String {
    let text = plain(name);
    // A name that begins with a lower-case letter keeps it.
    if text.starts_with("xAI") {
        return text;
    }
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_the_trade() {
        for (name, text) in [
            ("tpu_lease", "TPU lease"),
            ("aws", "AWS"),
            ("ddtl_5", "DDTL 5"),
            ("services_jv", "Services JV"),
            ("other_investors", "Other investors"),
            ("with-cloud", "With cloud"),
            ("xai", "xAI"),
            ("", ""),
        ] {
            assert_eq!(capital(name), text);
        }
        for (metric, text) in [("tpu_lease.a2.irr", "TPU lease, a2: IRR"), ("services_jv.irr", "Services JV: IRR")] {
            assert_eq!(capital_metric(metric), text);
        }
        assert_eq!((capital_metric("run_rate"), plain_metric("spv.irr")), ("Run rate".into(), "SPV: IRR".into()));
        assert_eq!(plain("safe_notes of_google"), "SAFE notes of Google");
    }
}
