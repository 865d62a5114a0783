//! Elementary functions for lane loops: the same bits on every machine, and vector code at every level.
//!
//! Only `+ − × ÷ √` (which IEEE 754 rounds exactly), comparisons and bit moves; no fused multiply-add; selects instead
//! of branches. So a loop over lanes that calls them autovectorises, and AVX-512, AVX2, baseline and scalar code agree
//! to the last bit. The functions of std go through the platform's libm and must not be used in the model.
//!
//! Out of scope: domains that the model cannot reach (logarithms of subnormal, zero and negative numbers) and error
//! flags. NaN passes through [`exp`], [`min`] and [`max`] as described there. For code that is not hot the `libm` crate
//! (pure Rust) is as reproducible and covers the rest.

#![expect(clippy::inline_always, reason = "a helper that is not inlined makes the whole lane loop scalar")]
#![expect(clippy::excessive_precision, reason = "coefficients as printed in their sources")]

mod normal;
pub mod options;
pub use normal::{normal_cdf, normal_quantile};

const LN2_HI: f64 = 6.931_471_803_691_238_164_90e-1;
const LN2_LO: f64 = 1.908_214_929_270_587_700_02e-10;
/// `1.5 × 2^52`: adding it rounds to an integer and leaves that integer in the low bits.
const ROUND: f64 = 6_755_399_441_055_744.0;

/// `a` if `cond`, else `b`: a blend of two computed values, never a jump.
#[inline(always)]
pub fn select<T>(cond: bool, a: T, b: T) -> T {
    if cond { a } else { b }
}

/// The smaller of two; `b` if either is NaN. One instruction, where `f64::min` takes three.
#[inline(always)]
pub fn min<T: PartialOrd>(a: T, b: T) -> T {
    if a < b { a } else { b }
}

/// The larger of two; `b` if either is NaN. One instruction, where `f64::max` takes three.
#[inline(always)]
pub fn max<T: PartialOrd>(a: T, b: T) -> T {
    if a > b { a } else { b }
}

/// `x` held between `low` and `high` (`low <= high`); NaN stays NaN.
#[inline(always)]
pub fn clamp<T: PartialOrd>(x: T, low: T, high: T) -> T {
    min(high, max(low, x))
}

/// The largest integer not above `x`, for `|x| < 2^51` (exact). `f64::floor` is a library call at baseline level.
#[inline(always)]
pub fn floor(x: f64) -> f64 {
    let near = (x + ROUND) - ROUND;
    near - select(near > x, 1.0, 0.0)
}

/// A polynomial, constant term first: Horner's rule in `x²` for the even and for the odd powers. It takes about as many
/// operations as Horner's rule in `x`, but half of them do not wait for the other half, and a sweep is as slow as its
/// longest dependency chain.
#[inline(always)]
fn poly<const N: usize>(x: f64, c: [f64; N]) -> f64 {
    let square = x * x;
    let (mut a, mut b) = (c[N - 1], c[N - 2]);
    let mut i = N - 2;
    while i >= 2 {
        (a, b) = (a * square + c[i - 1], b * square + c[i - 2]);
        i -= 2;
    }
    if i == 1 { (a * square + c[0]) + b * x } else { b + a * x }
}

/// `e^x`, with `x` first clamped to ±700; NaN stays NaN. Error at most 1 ulp; `exp(0) = 1` exactly.
///
/// Cody–Waite: `x = k ln 2 + r`, `|r| <= ln 2 / 2`; `e^r = 1 + r + r² q(r)` with `q` of degree 9 interpolating at
/// Chebyshev points (relative error 1.6e-17, our own fit); `2^k` by adding to the exponent.
#[inline(always)]
pub fn exp(x: f64) -> f64 {
    let x = clamp(x, -700.0, 700.0);
    let shifted = x * std::f64::consts::LOG2_E + ROUND;
    let k = shifted - ROUND;
    let r = (x - k * LN2_HI) - k * LN2_LO;
    let q = poly(
        r,
        [
            0.5,
            0.166_666_666_666_666_69,
            0.041_666_666_666_624_136,
            0.008_333_333_333_330_063,
            0.001_388_888_891_720_967,
            1.984_126_986_305_050_6e-4,
            2.480_152_130_224_108_2e-5,
            2.755_726_846_483_162_7e-6,
            2.762_008_545_501_841_4e-7,
            2.510_038_319_586_702e-8,
        ],
    );
    let y = 1.0 + (r + r * r * q);
    f64::from_bits(y.to_bits().wrapping_add(shifted.to_bits() << 52))
}

/// The natural logarithm of a positive normal number. Error at most 1 ulp; `ln(1) = 0` exactly; `ln(0)` gives −709.09.
///
/// `x = 2^k m` with `m` in `[√½, √2)`, then the series in `s = (m − 1)/(m + 1)` of FreeBSD's `e_log.c` (Sun, 1993).
#[inline(always)]
pub fn ln(x: f64) -> f64 {
    const SQRT_HALF: u64 = 0x3fe6_a09e_667f_3bcd;
    let bits = x.to_bits();
    let above = bits.wrapping_sub(SQRT_HALF);
    let m = f64::from_bits(bits.wrapping_sub(above & 0xfff0_0000_0000_0000));
    // The signed 12-bit exponent through the low bits of 2^52: baseline and AVX2 convert no 64-bit integers.
    let k = f64::from_bits(0x4330_0000_0000_0000 | ((above >> 52) ^ 0x800)) - 4_503_599_627_372_544.0;
    let f = m - 1.0;
    let s = f / (2.0 + f);
    let z = s * s;
    let p = z * poly(
        z,
        [
            6.666_666_666_666_735_130e-1,
            3.999_999_999_940_941_908e-1,
            2.857_142_874_366_239_149e-1,
            2.222_219_843_214_978_396e-1,
            1.818_357_216_161_805_012e-1,
            1.531_383_769_920_937_332e-1,
            1.479_819_860_511_658_591e-1,
        ],
    );
    let half = 0.5 * f * f;
    k * LN2_HI - ((half - (s * (half + p) + k * LN2_LO)) - f)
}

/// `1/(1 + e^−x)`: 0 to 1, relative error at most 3 ulp for `|x| < 700`.
#[inline(always)]
pub fn logistic(x: f64) -> f64 {
    1.0 / (1.0 + exp(-x))
}

/// Cosine and sine of the angle `2π (a + ½)/2^32`, `a < 2^32`. Error below 1.2e-16 absolute.
///
/// The half keeps the 2^32 angles symmetric about both axes, so their sines and cosines sum to zero. Kernels of
/// FreeBSD's `k_sin.c` and `k_cos.c` on an angle within 45°, then the octant's swap and signs by bits.
#[inline(always)]
pub fn cos_sin_turn(a: u64) -> (f64, f64) {
    let shifted = a + (1 << 29);
    let quarter = shifted >> 30;
    let within = shifted & 0x3fff_ffff;
    // within + 1/2, exactly, from the bits of 2^51 (whose last place is 1/2).
    let steps = f64::from_bits(0x4320_0000_0000_0001 | (within << 1)) - (2_251_799_813_685_248.0 + 536_870_912.0);
    let r = steps * (std::f64::consts::TAU / 4_294_967_296.0);
    let z = r * r;
    let sin = r + r
        * z
        * poly(
            z,
            [
                -1.666_666_666_666_663_072_95e-1,
                8.333_333_333_322_118_588_78e-3,
                -1.984_126_982_958_953_859_96e-4,
                2.755_731_362_138_572_452_13e-6,
                -2.505_074_776_285_780_728_66e-8,
                1.589_623_015_765_465_680_60e-10,
            ],
        );
    let cos = 1.0
        - (0.5 * z
            - z * z
                * poly(
                    z,
                    [
                        4.166_666_666_666_659_292_18e-2,
                        -1.388_888_888_887_305_641_16e-3,
                        2.480_158_728_885_171_799_54e-5,
                        -2.755_731_417_929_673_881_12e-7,
                        2.087_570_084_197_473_167_78e-9,
                        -1.135_853_652_138_768_173_00e-11,
                    ],
                ));
    let swap = quarter & 1 == 1;
    let cos_sign = ((quarter + 1) & 2) << 62;
    let sin_sign = (quarter & 2) << 62;
    (
        f64::from_bits(select(swap, sin, cos).to_bits() ^ cos_sign),
        f64::from_bits(select(swap, cos, sin).to_bits() ^ sin_sign),
    )
}

#[cfg(test)]
mod tests;
