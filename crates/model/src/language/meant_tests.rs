use super::super::quantity::Kind;
use super::*;

fn said(guess: Option<Guess>) -> String {
    guess.map_or("-".to_owned(), |g| g.label.trim_start_matches("did you mean `").trim_end_matches("`?").to_owned())
}

#[test]
fn notations_of_others_are_rewritten() {
    use Kind::{Growth, Money, MoneyRate, Power, PowerCost, PowerPrice, Rate, Share, Time};
    for (text, kind, want) in [
        ("$150M", Money, "150M USD"),
        ("$150m", Money, "150M USD"),
        ("US$1.5bn", Money, "1.5B USD"),
        ("0.15bn", Money, "150M USD"),
        ("0.15bn USD", Money, "150M USD"),
        ("150 million", Money, "150M USD"),
        ("150 million USD", Money, "150M USD"),
        ("USD 150 million", Money, "150M USD"),
        ("$40,000,000", Money, "40M USD"),
        ("40,000,000 USD", Money, "40M USD"),
        ("40 000 000 USD", Money, "40M USD"),
        ("150MM", Money, "150M USD"),
        ("150M usd", Money, "150M USD"),
        ("~$2.5tn", Money, "2.5T USD"),
        ("20k", Money, "20k USD"),
        ("1,5bn", Money, "1.5B USD"),
        ("-$3M", Money, "-3M USD"),
        ("$1-2bn", Money, "1B USD to 2B USD"),
        ("$900M - $1.2bn", Money, "900M USD to 1.2B USD"),
        ("14M USD/year", MoneyRate, "14M USD/yr"),
        ("$14M p.a.", MoneyRate, "14M USD/yr"),
        ("$1.2M a month", MoneyRate, "1.2M USD/mo"),
        ("$3M/quarter", MoneyRate, "12M USD/yr"),
        ("14 million", MoneyRate, "14M USD/yr"),
        ("14M USD/MW-yr", PowerPrice, "14B USD/GW-yr"),
        ("$150/kW-month", PowerPrice, "150M USD/GW-mo"),
        ("$2.10/gpu-hour", PowerPrice, "2.1 USD/gpu-hour / 1.4 kW"),
        ("$38M/MW", PowerCost, "38B USD/GW"),
        ("11% p.a.", Rate, "11%/yr"),
        ("11% per annum", Rate, "11%/yr"),
        ("11 percent", Rate, "11%/yr"),
        ("750bps", Rate, "750 bp"),
        ("225 basis points", Rate, "225 bp"),
        ("3-11%/mo", Growth, "3%/mo to 11%/mo"),
        ("3%-11%/mo", Growth, "-"),
        ("3%/mo - 11%/mo", Growth, "3%/mo to 11%/mo"),
        ("3–11%/mo", Growth, "3%/mo to 11%/mo"),
        ("between 3% and 11%", Share, "3% to 11%"),
        ("10% ± 2%", Share, "8% to 12%"),
        ("20% YoY", Growth, "20%/yr"),
        ("2.4x per year", Growth, "2.4x/yr"),
        ("25 percent", Share, "25%"),
        ("25 %\u{a0}", Share, "25%"),
        ("２５%", Share, "25%"),
        ("6 months", Time, "6 mo"),
        ("18m", Time, "18 mo"),
        ("5 years", Time, "5 yr"),
        ("2 weeks", Time, "14 d"),
        ("0.4 mw", Power, "0.4 MW"),
        ("40 EUR", Share, "all amounts are in US dollars"),
        ("libor + 750 bp", Rate, "-"),
        ("growth_now", Growth, "-"),
        ("", Money, "-"),
        ("-", Money, "-"),
        ("5%", Money, "-"),
    ] {
        assert_eq!(said(quantity(text, Some(kind))), want, "{text}");
    }
    for (text, want) in [("€150M", "150M USD"), ("150M EUR", "150M USD"), ("£0.2bn", "200M USD")] {
        let found = quantity(text, Some(Kind::Money)).unwrap();
        assert_eq!(found.label, "all amounts are in US dollars", "{text}");
        assert!(found.help.unwrap().contains(want), "{text}");
    }
}

#[test]
fn rates_that_float() {
    for (text, want) in [
        ("SOFR+750bps", "sofr + 750 bp"),
        ("SOFR + 7.5%", "sofr + 7.5%/yr"),
        ("SOFR", "sofr"),
        ("Sofr plus 225 bp", "sofr + 225 bp"),
        ("S+750", "sofr + 750 bp"),
        ("750 bp over SOFR", "sofr + 750 bp"),
        ("750 bp + sofr", "sofr + 750 bp"),
        ("sofr + 7.5", "sofr + 7.5%/yr"),
        ("sofr - 50 bps", "sofr - 50 bp"),
        ("sofr + 225 bp", "-"),
        ("sofr * 2", "-"),
        ("6%", "-"),
    ] {
        assert_eq!(said(floating(text)), want, "{text}");
    }
}

#[test]
fn dates() {
    for (text, want) in [
        ("Q4 2026", "2026-10"),
        ("2026Q4", "2026-10"),
        ("2026-Q1", "2026-01"),
        ("4Q26", "2026-10"),
        ("H2 2027", "2027-07"),
        ("06/2027", "2027-06"),
        ("6/2027", "2027-06"),
        ("2027/06", "2027-06"),
        ("2027-6", "2027-06"),
        ("202706", "2027-06"),
        ("20270615", "2027-06-15"),
        ("June 2027", "2027-06"),
        ("Jun-27", "2027-06"),
        ("September 2026", "2026-09"),
        ("15 June 2027", "2027-06-15"),
        ("June 15th, 2027", "2027-06-15"),
        ("15/06/2027", "2027-06-15"),
        ("06/15/2027", "2027-06-15"),
        ("2026-13", "there is no such month: the months of a year are 01 to 12"),
        ("2026-02-30", "there is no such day: 2026-02 has 28 days"),
        ("2027", "write its month, `2027-01` to `2027-12`"),
        ("FY27", "write its month, `2027-01` to `2027-12`"),
        ("soon", "-"),
        ("18 mo", "-"),
        ("", "-"),
    ] {
        assert_eq!(said(date(text)), want, "{text}");
    }
    assert_eq!(date("03/04/2027").unwrap().label, "`2027-03-04` or `2027-04-03`?");
}

#[test]
fn counts_and_truth() {
    for (text, months, want) in [
        ("20k", false, "20000"),
        ("20,000", false, "20000"),
        ("2e4", false, "20000"),
        ("1M", false, "1000000"),
        ("20000.0", false, "20000"),
        ("5 years", true, "60"),
        ("60 mo", true, "60"),
        ("60 mo", false, "-"),
        ("many", false, "-"),
        ("-1", false, "-"),
        ("2.5", false, "-"),
    ] {
        assert_eq!(said(count(text, months)), want, "{text}");
    }
    for (text, want) in [("yes", "true"), ("NO", "false"), ("ture", "true"), ("maybe", "-"), ("True", "true")] {
        assert_eq!(said(truth(text)), want, "{text}");
    }
}
