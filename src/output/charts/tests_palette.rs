//! Whether series in one chart can be told apart by readers who see fewer colours, or none, and whether text is
//! legible.

use plotters::style::RGBColor;

use super::house::{self, Role, WHITE, contrast, text_colour};

type Rgb = [f64; 3];

fn linear(colour: RGBColor) -> Rgb {
    [colour.0, colour.1, colour.2].map(|c| {
        let c = f64::from(c) / 255.0;
        if c <= 0.04045 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) }
    })
}

fn times(m: [Rgb; 3], v: Rgb) -> Rgb {
    m.map(|row| row.iter().zip(v).map(|(a, b)| a * b).sum::<f64>())
}

/// Colour vision, at full severity of each deficiency: Machado, Oliveira and Fernandes (2009), in linear light.
const EYES: [(&str, [Rgb; 3]); 5] = [
    ("all colours", [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]),
    (
        "protanopia",
        [[0.152_286, 1.052_583, -0.204_868], [0.114_503, 0.786_281, 0.099_216], [-0.003_882, -0.048_116, 1.051_998]],
    ),
    (
        "deuteranopia",
        [[0.367_322, 0.860_646, -0.227_968], [0.280_085, 0.672_501, 0.047_413], [-0.011_820, 0.042_940, 0.968_881]],
    ),
    (
        "tritanopia",
        [[1.255_528, -0.076_749, -0.178_779], [-0.078_411, 0.930_809, 0.147_602], [0.004_733, 0.691_367, 0.303_900]],
    ),
    ("grey", [[0.2126, 0.7152, 0.0722]; 3]),
];

/// CIE L*a*b* under D65 of linear sRGB.
fn lab(rgb: Rgb) -> Rgb {
    let xyz = times(
        [[0.412_456, 0.357_576, 0.180_438], [0.212_673, 0.715_152, 0.072_175], [0.019_334, 0.119_192, 0.950_304]],
        rgb.map(|c| c.clamp(0.0, 1.0)),
    );
    let f = |t: f64| if t > 216.0 / 24_389.0 { t.cbrt() } else { (24_389.0 / 27.0 * t + 16.0) / 116.0 };
    let [x, y, z] = [f(xyz[0] / 0.950_47), f(xyz[1]), f(xyz[2] / 1.088_83)];
    [116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)]
}

/// Perceived distance of two colours (CIE 1976): 2.3 is just noticeable.
fn distance(a: RGBColor, b: RGBColor, eye: [Rgb; 3]) -> f64 {
    let (a, b) = (lab(times(eye, linear(a))), lab(times(eye, linear(b))));
    a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum::<f64>().sqrt()
}

/// Series that appear in one chart and are distinguished by colour alone or by colour and position.
fn together() -> Vec<(&'static str, Vec<RGBColor>)> {
    let of = |roles: &[Role]| roles.iter().map(|r| r.colour()).collect::<Vec<_>>();
    let commitments = super::commitments::Commitments::looks().map(|l| l.2).to_vec();
    vec![
        ("spending and revenue", of(&[Role::Compute(0), Role::Customers])),
        ("obligations", of(&[Role::Compute(0), Role::Vehicle(0), Role::Lender(0), Role::Gap])),
        ("commitments", commitments),
        ("power", of(&[Role::Compute(0), Role::Customers])),
        ("capability", of(&[Role::Compute(2), Role::Customers])),
        ("prices of power", of(&[Role::Compute(0), Role::Compute(2)])),
        ("unserved", of(&[Role::Compute(1), Role::Customers])),
        ("equity supply", super::equity_supply::EquitySupply::looks().map(|l| l.2).to_vec()),
        ("valuation", of(&[Role::Investor(0), Role::Gap])),
        ("drivers up, down, noise", vec![house::VERMILLION, house::BLUE, house::blend(house::GREY, WHITE, 0.5)]),
        ("indices alone, with interactions", vec![house::BLUE, house::ORANGE]),
        ("first causes, the three most frequent", super::anatomy::COLOURS[..3].to_vec()),
    ]
}

/// Distance at which everyone sees two colours as different, in bars and areas that touch or lines that cross.
const APART: f64 = 10.0;
/// The same in greyscale, where only lightness is left.
const APART_IN_GREY: f64 = 5.0;

#[test]
fn series_of_one_chart_are_apart_for_every_reader() {
    for (chart, colours) in together() {
        for (i, a) in colours.iter().enumerate() {
            for b in &colours[..i] {
                for (eye, matrix) in EYES {
                    let least = if eye == "grey" { APART_IN_GREY } else { APART };
                    let d = distance(*a, *b, matrix);
                    assert!(d >= least, "{chart}: {a:?} and {b:?} are {d:.1} apart to {eye}");
                }
            }
        }
    }
}

#[test]
fn neighbours_of_a_stack_are_apart_or_parted_by_white_and_named() {
    // Claimants of different kinds may appear in one stack in any order, so every pair must be distinguishable to
    // readers with two kinds of cones. In greyscale a white line separates neighbours and the label beside identifies
    // each.
    let kinds = [
        Role::Customers,
        Role::Compute(0),
        Role::Cash,
        Role::Founders,
        Role::Employees,
        Role::Investor(0),
        Role::Partner(0),
        Role::Lender(0),
        Role::Vehicle(0),
        Role::State,
        Role::Other,
    ];
    for (i, a) in kinds.iter().enumerate() {
        for b in &kinds[..i] {
            for (eye, matrix) in &EYES[..4] {
                let d = distance(a.colour(), b.colour(), *matrix);
                assert!(d >= 5.0, "{a:?} and {b:?} are {d:.1} apart to {eye}");
            }
        }
        assert!(distance(a.colour(), WHITE, EYES[4].1) >= APART_IN_GREY, "{a:?} on white");
    }
}

#[test]
fn every_colour_of_text_can_be_read_on_white() {
    let mut roles =
        vec![Role::Customers, Role::Gap, Role::Cash, Role::Founders, Role::Employees, Role::State, Role::Other];
    for i in 0..4 {
        roles.extend([Role::Compute(i), Role::Investor(i), Role::Partner(i), Role::Lender(i), Role::Vehicle(i)]);
    }
    roles.push(Role::Foundation);
    let mut colours: Vec<RGBColor> = roles.into_iter().map(Role::colour).collect();
    colours.extend(super::anatomy::COLOURS);
    colours.extend(super::commitments::Commitments::looks().map(|l| l.2));
    for colour in colours {
        let text = text_colour(colour);
        assert!(contrast(text, WHITE) >= 4.5, "{text:?} has {:.2}", contrast(text, WHITE));
    }
    for text in [house::INK, house::GREY] {
        assert!(contrast(text, WHITE) >= 4.5);
    }
    // Black on white is 21, by definition; the grey #767676 just passes, #777777 just fails.
    assert!((contrast(RGBColor(0, 0, 0), WHITE) - 21.0).abs() < 1e-9);
    assert!(contrast(RGBColor(0x76, 0x76, 0x76), WHITE) > 4.5 && contrast(RGBColor(0x77, 0x77, 0x77), WHITE) < 4.5);
}

#[test]
fn text_of_every_drawing_can_be_read() {
    // The colours actually written, not those intended.
    for chart in super::tests::realistic(60, 1.0) {
        let svg = super::render(&chart, &super::tests::frame(20_000)).svg;
        for tag in svg.split("<text ").skip(1) {
            let fill = tag.split("fill=\"#").nth(1).and_then(|t| t.get(..6)).unwrap();
            let part = |at: usize| u8::from_str_radix(&fill[at..at + 2], 16).unwrap();
            let colour = RGBColor(part(0), part(2), part(4));
            assert!(contrast(colour, WHITE) >= 4.5, "#{fill}");
        }
    }
}
