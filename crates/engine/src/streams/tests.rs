//! Known answers, block against scalar, and the law of the numbers.

use super::*;
use rand::Rng;

/// A number at (group of a block, month, lane).
type Value<'a> = &'a dyn Fn(usize, usize, usize) -> f64;
/// A number of a path and a month.
type Draw<'a> = &'a dyn Fn(u64, u64) -> f64;

#[test]
fn threefry_gives_the_published_known_answers() {
    // Random123, tests/kat_vectors, "threefry2x64 20".
    let pi = [0x243f_6a88_85a3_08d3, 0x1319_8a2e_0370_7344];
    let pi_key = [0xa409_3822_299f_31d0, 0x082e_fa98_ec4e_6c89];
    for (counter, key, answer) in [
        ([0; 2], [0; 2], [0xc2b6_e3a8_c2c6_9865, 0x6f81_ed42_f350_084d]),
        ([u64::MAX; 2], [u64::MAX; 2], [0xe02c_b7c4_d95d_277a, 0xd066_33d0_893b_8b68]),
        (pi, pi_key, [0x263c_7d30_bb0f_0af1, 0x56be_8361_d331_1526]),
    ] {
        assert_eq!(threefry(key, counter), answer);
    }
}

#[test]
fn names_are_hashed_the_same_for_ever() {
    assert_eq!(Stream::new(0, "").id, 0xf52a_15e9_a9b5_e89b);
    assert_eq!(Stream::new(0, "input:growth_now").id, 0xb7df_c1a9_b6fd_d3ee);
}

// Computed by an independent program: integers and uniforms exactly, normals with the platform's libm.
#[test]
fn first_draws_are_pinned() {
    let s = Stream::new(20_260_601, "demand");
    let independent =
        [-0.581_523_275_148_787_8, 0.935_446_294_821_871_7, -0.594_455_434_878_188_9, 0.400_308_074_210_951_9];
    let bits: [u64; 4] = [0xbfe2_9bd6_b314_0f2e, 0x3fed_ef2d_116d_93f9, 0xbfe3_05c7_6777_66a4, 0x3fd9_9ea5_c1c3_e3ce];
    for (m, (z, bits)) in (0..).zip(independent.into_iter().zip(bits)) {
        assert!((s.normal(0, m) - z).abs() < 1e-15);
        assert_eq!(s.normal(0, m).to_bits(), bits, "{:#x}", s.normal(0, m).to_bits());
    }
    let uniforms = [s.uniform(0, 0), s.uniform(0, 1), s.uniform(7, 119)];
    assert_eq!(uniforms, [0.436_440_636_287_443_34, 0.082_851_346_465_758_98, 0.287_717_056_111_432_6]);
    assert_eq!(s.pair(3, 5), [0.411_393_654_649_145_9, 0.732_094_304_985_366_8]);
    let mut rng = s.rng(1);
    assert_eq!(
        [rng.next_u64(), rng.next_u64(), rng.next_u64()],
        [0x9f9e_44bb_9c5e_2216, 0x9b36_0292_7c63_b315, 0x4020_1e3f_752b_9d46]
    );
}

#[test]
fn blocks_and_scalars_have_the_same_bits() {
    let s = Stream::new(5, "equity_multiple");
    let (mut normals, mut uniforms, mut pairs) = ([[0.0; LANES]; 4], [[0.0; LANES]; 4], [[[0.0; LANES]; 2]; 2]);
    for (first, group) in [(0, 0), (256, 3), (1 << 40, 29)] {
        normals4(&s, Paths::From(first), group, normals.each_mut());
        uniforms4(&s, Paths::From(first), group, uniforms.each_mut());
        pairs2(&s, Paths::From(first), group, &mut pairs);
        for lane in 0..LANES {
            let path = first + lane as u64;
            for m in 0..4 {
                assert_eq!(normals[m][lane].to_bits(), s.normal(path, 4 * group + m as u64).to_bits());
                assert_eq!(uniforms[m][lane].to_bits(), s.uniform(path, 4 * group + m as u64).to_bits());
            }
            for (m, [first, second]) in (0..).zip(&pairs) {
                assert_eq!([first[lane], second[lane]], s.pair(path, 2 * group + m));
            }
        }
    }
}

#[test]
fn extreme_words_stay_inside() {
    for word in [0, u64::MAX, 0xffff_ffff, 0xffff_ffff << 32, 1 << 63, 1 << 31] {
        let (u, v) = (centred(high(word)), centred(low(word)));
        assert!(u > 0.0 && u < 1.0 && v > 0.0 && v < 1.0);
        assert!(box_muller(word).iter().all(|z| z.abs() < 6.77));
    }
    assert_eq!(centred(0) + centred(0xffff_ffff), 1.0);
}

#[test]
fn bytes_are_words_little_end_first() {
    let s = Stream::new(1, "bytes");
    let (mut a, mut b, mut bytes) = (s.rng(0), s.rng(0), [0; 11]);
    a.fill_bytes(&mut bytes);
    assert_eq!(bytes[..8], b.next_u64().to_le_bytes());
    assert_eq!(bytes[8..], b.next_u64().to_le_bytes()[..3]);
}

/// All of the 2^24 normals of 4096 paths and 4096 months.
fn normals() -> Vec<[[f64; LANES]; 4]> {
    let s = Stream::new(2026, "tails");
    let mut all = vec![[[0.0; LANES]; 4]; 16 * 1024];
    for (i, out) in all.iter_mut().enumerate() {
        normals4(&s, Paths::From(256 * (i as u64 / 1024)), i as u64 % 1024, out.each_mut());
    }
    all
}

#[test]
fn normals_have_the_right_moments_tails_and_no_memory() {
    // n = 2^24; every |z| < 4.9: false alarm 1e-6 each, 25 looks. Fixed seed.
    let all = normals();
    let n = (all.len() * 4 * LANES) as f64;
    let check = |what: &str, sum: f64, mean: f64, sd: f64| {
        let z = (sum / n - mean) / sd * n.sqrt();
        assert!(z.abs() < 4.9, "{what}: {z} standard errors");
    };
    // Standard deviations of z, z², z³, z⁴, z⁶ from the moments 1, 3, 15, 105, 945, 10395, 135135.
    let moments = [(1, 0.0, 1.0), (2, 1.0, 2.0), (3, 0.0, 15.0), (4, 3.0, 96.0), (6, 15.0, 10_395.0 - 225.0)];
    for (power, mean, variance) in moments {
        let sum: f64 = all.iter().flatten().flatten().map(|z| (0..power).map(|_| *z).product::<f64>()).sum();
        check(&format!("moment {power}"), sum, mean, f64::sqrt(variance));
    }
    for at in [-5.0, -4.0, -3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0, 4.0, 5.0] {
        let p = math::normal_cdf(-f64::abs(at));
        let beyond = all.iter().flatten().flatten().filter(|z| if at < 0.0 { **z < at } else { **z > at }).count();
        check(&format!("beyond {at}"), beyond as f64, p, (p * (1.0 - p)).sqrt());
    }
    // Products of neighbours: lanes, months of a group (cosine and sine; first and second word), groups, blocks.
    let z: Value = &|i, m, l| all[i % all.len()][m % 4][l % LANES];
    let others: [(&str, Value); 5] = [
        ("next lane", &|i, m, l| z(i, m, l + 1)),
        ("next month", &|i, m, l| z(i, m + 1, l)),
        ("two months on", &|i, m, l| z(i, m + 2, l)),
        ("next group", &|i, m, l| z(i + 1, m, l)),
        ("next block", &|i, m, l| z(i + 1024, m, l)),
    ];
    for (what, other) in others {
        let (mut plain, mut squares) = (0.0, 0.0);
        for i in 0..all.len() {
            for m in 0..4 {
                for l in 0..LANES {
                    let (a, b) = (z(i, m, l), other(i, m, l));
                    plain += a * b;
                    squares += (a * a - 1.0) * (b * b - 1.0);
                }
            }
        }
        // "Two months on" counts each unordered pair twice, which doubles the variance.
        let doubled = if what == "two months on" { 2f64.sqrt() } else { 1.0 };
        check(what, plain, 0.0, doubled);
        check(what, squares, 0.0, 2.0 * doubled);
    }
}

#[test]
fn streams_seeds_and_uses_are_independent() {
    // n = 2^20 products of standardised numbers, |z| < 4.9: false alarm 1e-6 each.
    let a = Stream::new(1, "a");
    let n = 1 << 20;
    let scaled = |u: f64| (u - 0.5) * 12f64.sqrt();
    let (b, c, d) = (Stream::new(1, "b"), Stream::new(2, "a"), Stream::new(1, "a:"));
    let others: [(&str, Draw); 6] = [
        ("another name", &|p, m| b.normal(p, m)),
        ("another seed", &|p, m| c.normal(p, m)),
        ("a longer name", &|p, m| d.normal(p, m)),
        ("uniforms of the same stream", &|p, m| scaled(a.uniform(p, m))),
        ("first of the pairs", &|p, m| scaled(a.pair(p, m)[0])),
        ("second of the pairs", &|p, m| scaled(a.pair(p, m)[1])),
    ];
    for (what, other) in others {
        let sum: f64 = (0..n).map(|i| a.normal(i / 64, i % 64) * other(i / 64, i % 64)).sum();
        assert!((sum / (n as f64).sqrt()).abs() < 4.9, "{what}: {sum}");
    }
}

#[test]
fn uniforms_fill_their_cells_evenly() {
    // Chi-squared of 2^20 numbers in 256 cells, normal approximation |z| < 4.9; also for both halves of pairs.
    let s = Stream::new(9, "cells");
    let n: u64 = 1 << 20;
    let mut rng = s.rng(0);
    let words: Vec<f64> = (0..n).map(|_| rng.uniform()).collect();
    let draws: [Draw; 4] = [&|p, m| s.uniform(p, m), &|p, m| s.pair(p, m)[0], &|p, m| s.pair(p, m)[1], &|p, m| {
        words[(64 * p + m) as usize]
    }];
    for draw in draws {
        let mut cells = [0.0; 256];
        (0..n).for_each(|i| cells[(draw(i / 64, i % 64) * 256.0) as usize] += 1.0);
        let expected = n as f64 / 256.0;
        let chi2: f64 = cells.iter().map(|c| (c - expected) * (c - expected) / expected).sum();
        assert!(((chi2 - 255.0) / 510f64.sqrt()).abs() < 4.9, "{chi2}");
    }
}
