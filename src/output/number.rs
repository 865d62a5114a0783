//! Numbers as text, so that every reader of a table infers the right type: a float always has a decimal point, a count
//! or flag never has one, and an undefined value is empty.

/// A float: the shortest text that reads back as the same number, with a decimal point; empty when undefined.
pub fn float(x: f64) -> String {
    if !x.is_finite() {
        return String::new();
    }
    // The sign of a zero has no meaning.
    let text = format!("{:?}", x + 0.0);
    match text.split_once('e') {
        Some((digits, exponent)) if !digits.contains('.') => format!("{digits}.0e{exponent}"),
        _ => text,
    }
}

/// Significant digits written by [`push_rounded`].
pub const DIGITS: i32 = 10;

/// Powers of ten that are exactly representable.
const POWERS: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20,
    1e21, 1e22,
];

/// Appends a float rounded to ten significant digits, with a decimal point; nothing when it is undefined. The text is
/// within a relative error of 5.1e−10: a few hundred million values are written, and the shortest exact text of each
/// would take twice as much time and a third more space.
pub fn push_rounded(out: &mut Vec<u8>, x: f64) {
    if !x.is_finite() {
        return;
    }
    if x == 0.0 {
        out.extend_from_slice(b"0.0");
        return;
    }
    if x < 0.0 {
        out.push(b'-');
    }
    let size = x.abs();
    if !(1e-5..1e16).contains(&size) {
        push_scientific(out, size);
        return;
    }
    // The decimal exponent estimated from the binary one: off by one at most.
    let binary = (size.to_bits() >> 52) as i32 - 1023;
    let mut exponent = (f64::from(binary) * std::f64::consts::LOG10_2).floor() as i32;
    if size >= power(exponent + 1) {
        exponent += 1;
    }
    let mut digits = (scaled(size, DIGITS - 1 - exponent) + 0.5) as u64;
    if digits == 10_000_000_000 {
        (digits, exponent) = (1_000_000_000, exponent + 1);
    }
    push_plain(out, digits, exponent);
}

fn power(exponent: i32) -> f64 {
    if exponent >= 0 { POWERS[exponent as usize] } else { 1.0 / POWERS[-exponent as usize] }
}

/// `x · 10^by`.
fn scaled(x: f64, by: i32) -> f64 {
    if by >= 0 { x * POWERS[by as usize] } else { x / POWERS[-by as usize] }
}

/// Ten digits, the first of which stands for `10^exponent`; trailing zeros are dropped, except one after the point.
fn push_plain(out: &mut Vec<u8>, digits: u64, exponent: i32) {
    let mut text = [b'0'; DIGITS as usize];
    let mut left = digits;
    for place in text.iter_mut().rev() {
        *place = b'0' + (left % 10) as u8;
        left /= 10;
    }
    let last = text.iter().rposition(|&d| d != b'0').unwrap_or(0);
    let whole = exponent + 1;
    if whole <= 0 {
        out.extend_from_slice(b"0.");
        out.extend(std::iter::repeat_n(b'0', -whole as usize));
        out.extend_from_slice(&text[..=last]);
    } else if whole as usize > last {
        out.extend_from_slice(&text[..(whole as usize).min(text.len())]);
        out.extend(std::iter::repeat_n(b'0', (whole as usize).saturating_sub(text.len())));
        out.extend_from_slice(b".0");
    } else {
        out.extend_from_slice(&text[..whole as usize]);
        out.push(b'.');
        out.extend_from_slice(&text[whole as usize..=last]);
    }
}

/// Magnitudes that are rare: `1.5e-7`.
fn push_scientific(out: &mut Vec<u8>, size: f64) {
    let text = format!("{size:.9e}");
    let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let short = digits.trim_end_matches('0');
    out.extend_from_slice(short.as_bytes());
    if short.ends_with('.') {
        out.push(b'0');
    }
    out.push(b'e');
    out.extend_from_slice(exponent.as_bytes());
}

/// Appends a whole number without a point; nothing when it is undefined.
pub fn push_whole(out: &mut Vec<u8>, x: f64) {
    if x.is_finite() {
        out.extend_from_slice((x as i64).to_string().as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn rounded(x: f64) -> String {
        let mut out = Vec::new();
        push_rounded(&mut out, x);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn floats_have_a_point() {
        for (x, text) in [
            (0.0, "0.0"),
            (-0.0, "0.0"),
            (100.0, "100.0"),
            (-2.5, "-2.5"),
            (7.450_580_596_923_828e-17, "7.450580596923828e-17"),
            (1e-9, "1.0e-9"),
            (3e16, "3.0e16"),
            (0.1, "0.1"),
            (f64::NAN, ""),
            (f64::INFINITY, ""),
        ] {
            assert_eq!(float(x), text);
        }
    }

    #[test]
    fn ten_digits() {
        for (x, text) in [
            (0.0, "0.0"),
            (-1.0, "-1.0"),
            (1_700_460_123.456_7, "1700460123.0"),
            (1.700_460_123_456_7, "1.700460123"),
            (12_345_678_901_234.0, "12345678900000.0"),
            (9_999_999_999.9, "10000000000.0"),
            (0.000_123_456_789_012, "0.000123456789"),
            (0.05, "0.05"),
            (999.999_999_999, "1000.0"),
            (1e-5, "0.00001"),
            (9.5e-6, "9.5e-6"),
            (1.5e16, "1.5e16"),
            (-2e-300, "-2.0e-300"),
            (f64::NAN, ""),
        ] {
            assert_eq!(rounded(x), text);
        }
        let mut out = Vec::new();
        for x in [23.0, f64::NAN, 0.0, -4.0] {
            push_whole(&mut out, x);
        }
        assert_eq!(out, b"230-4");
    }

    proptest! {
        #[test]
        fn what_is_written_is_near(mantissa in 1.0..10.0f64, exponent in -20i32..20, negative: bool) {
            let x = mantissa * libm::pow(10.0, f64::from(exponent)) * if negative { -1.0 } else { 1.0 };
            let text = rounded(x);
            let back: f64 = text.parse().unwrap();
            prop_assert!((back - x).abs() <= 5.1e-10 * x.abs(), "{text} for {x}");
            prop_assert!(text.contains('.'), "{text}");
            prop_assert_eq!(float(x).parse::<f64>().unwrap(), x);
        }
    }
}
