//! Random numbers without state: any stream, path and month is addressed directly.
//!
//! A stream is named; its numbers are Threefry2x64-20 of counter (path, position) under key (seed, hash of the name).
//! So adding, removing or reordering streams moves no other; the first `n` paths of a longer run are the shorter run;
//! two scenarios with the same seed face the same world; and no thread or block size can matter.
//!
//! Consumption is fixed. One call of the cipher serves one path: four months of normals ([`normals4`]), four months of
//! uniforms ([`uniforms4`]) or two months of pairs of uniforms ([`pairs2`]); [`StreamRng`] reads raw words. The four
//! uses have separate ranges of the counter, so one stream may serve several without overlap. Block kernels and the
//! scalar [`Stream::normal`], [`Stream::uniform`], [`Stream::pair`] give the same bits.
//!
//! Uniforms have 32 bits and are the centres of 2^32 equal cells: never 0 or 1. Normals are Box–Muller on two of them
//! in `f64`: at most 6.77 sd, with accurate tails well beyond 5 sd.
//!
//! Out of scope: correlation (`inputs`, `drivers`) and every law except these two.
//!
//! Sources: Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC11 (2011), and Random123's
//! known answers; Box and Muller, Annals of Mathematical Statistics 29 (1958).

#![expect(clippy::inline_always, reason = "a helper that is not inlined makes the whole lane loop scalar")]

use super::math;
use std::convert::Infallible;

/// Paths in a block.
pub const LANES: usize = 256;

/// Uses of a call of the cipher: the top bits of the second counter word.
const NORMALS: u64 = 0;
const UNIFORMS: u64 = 1 << 62;
const PAIRS: u64 = 2 << 62;
const WORDS: u64 = 3 << 62;

/// Threefry2x64 with 20 rounds: a keyed bijection of 128 bits.
#[inline(always)]
pub fn threefry(key: [u64; 2], counter: [u64; 2]) -> [u64; 2] {
    const PARITY: u64 = 0x1bd1_1bda_a9fc_1a22;
    let keys = [key[0], key[1], PARITY ^ key[0] ^ key[1]];
    let mut x = counter[0].wrapping_add(keys[0]);
    let mut y = counter[1].wrapping_add(keys[1]);
    // Four rounds with their rotations, then subkey $s: written out, so that nothing depends on the loop unroller.
    macro_rules! rounds {
        ($($s:literal: $a:literal $b:literal $c:literal $d:literal;)*) => { $(
            rounds!(@ $a); rounds!(@ $b); rounds!(@ $c); rounds!(@ $d);
            x = x.wrapping_add(keys[$s % 3]);
            y = y.wrapping_add(keys[($s + 1) % 3].wrapping_add($s));
        )* };
        (@ $r:literal) => {
            x = x.wrapping_add(y);
            y = y.rotate_left($r) ^ x;
        };
    }
    rounds! {
        1: 16 42 12 31;
        2: 16 32 24 21;
        3: 16 42 12 31;
        4: 16 32 24 21;
        5: 16 42 12 31;
    }
    [x, y]
}

/// The centre of cell `a` of 2^32 equal cells of (0, 1), exactly `(a + ½)/2^32`; `a < 2^32`.
#[inline(always)]
fn centred(a: u64) -> f64 {
    let a_and_half = f64::from_bits(0x4320_0000_0000_0001 | (a << 1)) - 2_251_799_813_685_248.0;
    a_and_half * (1.0 / 4_294_967_296.0)
}

#[inline(always)]
fn high(word: u64) -> u64 {
    word >> 32
}

#[inline(always)]
fn low(word: u64) -> u64 {
    word & 0xffff_ffff
}

/// Two independent standard normals from one word: radius from its high half, angle from its low half.
#[inline(always)]
fn box_muller(word: u64) -> [f64; 2] {
    let radius = (-2.0 * math::ln(centred(high(word)))).sqrt();
    let (cos, sin) = math::cos_sin_turn(low(word));
    [radius * cos, radius * sin]
}

/// A named sequence of numbers for each path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stream {
    seed: u64,
    id: u64,
}

impl Stream {
    /// The stream of this name under this seed. The name's bytes are hashed by FNV-1a (64 bits), finished by the mixer
    /// of `SplitMix64` (Steele, Lea and Flood, 2014).
    pub const fn new(seed: u64, name: &str) -> Stream {
        let bytes = name.as_bytes();
        let mut h: u64 = 0xcbf2_9ce4_8422_2325;
        let mut i = 0;
        while i < bytes.len() {
            h = (h ^ bytes[i] as u64).wrapping_mul(0x0000_0100_0000_01b3);
            i += 1;
        }
        h = (h ^ (h >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        h = (h ^ (h >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        Stream { seed, id: h ^ (h >> 31) }
    }

    /// The stream of the same name under another seed.
    #[must_use]
    pub const fn with_seed(self, seed: u64) -> Stream {
        Stream { seed, id: self.id }
    }

    #[inline(always)]
    fn words(&self, path: u64, position: u64) -> [u64; 2] {
        threefry([self.seed, self.id], [path, position])
    }

    /// The standard normal of this path and month.
    #[inline(always)]
    pub fn normal(&self, path: u64, month: u64) -> f64 {
        let words = self.words(path, NORMALS | (month / 4));
        box_muller(words[(month as usize / 2) % 2])[month as usize % 2]
    }

    /// The uniform on (0, 1) of this path and month.
    #[inline(always)]
    pub fn uniform(&self, path: u64, month: u64) -> f64 {
        let word = self.words(path, UNIFORMS | (month / 4))[(month as usize / 2) % 2];
        centred(math::select(month.is_multiple_of(2), high(word), low(word)))
    }

    /// The two uniforms on (0, 1) of this path and month: an instrument's uniforms.
    #[inline(always)]
    pub fn pair(&self, path: u64, month: u64) -> [f64; 2] {
        let word = self.words(path, PAIRS | (month / 2))[month as usize % 2];
        [centred(high(word)), centred(low(word))]
    }

    /// The words of this path as a generator, for laws that need a varying number of them.
    pub fn rng(&self, path: u64) -> StreamRng {
        StreamRng { stream: *self, path, taken: 0, spare: 0 }
    }

    /// The cipher's words for a block of paths.
    #[inline(always)]
    fn block(&self, paths: Paths<'_>, position: u64, a: &mut [u64; LANES], b: &mut [u64; LANES]) {
        match paths {
            Paths::From(first) => {
                for lane in 0..LANES {
                    [a[lane], b[lane]] = self.words(first.wrapping_add(lane as u64), position);
                }
            }
            Paths::Each(paths) => {
                for lane in 0..LANES {
                    [a[lane], b[lane]] = self.words(paths[lane], position);
                }
            }
        }
    }
}

/// The paths for which the numbers of a block are drawn.
#[derive(Clone, Copy, Debug)]
pub enum Paths<'a> {
    /// This path and those after it, one for each lane.
    From(u64),
    /// One path for each lane.
    Each(&'a [u64; LANES]),
}

impl Paths<'_> {
    /// The path of a lane.
    pub fn of(self, lane: usize) -> u64 {
        match self {
            Paths::From(first) => first.wrapping_add(lane as u64),
            Paths::Each(paths) => paths[lane],
        }
    }
}

/// Standard normals of a block of paths for months `4 group..+4`: `out[month % 4][lane]`.
#[inline(always)]
pub fn normals4(stream: &Stream, paths: Paths<'_>, group: u64, out: [&mut [f64; LANES]; 4]) {
    let (mut a, mut b) = ([0; LANES], [0; LANES]);
    stream.block(paths, NORMALS | group, &mut a, &mut b);
    let [o0, o1, o2, o3] = out;
    for lane in 0..LANES {
        [o0[lane], o1[lane]] = box_muller(a[lane]);
    }
    for lane in 0..LANES {
        [o2[lane], o3[lane]] = box_muller(b[lane]);
    }
}

/// Uniforms on (0, 1) of a block of paths for months `4 group..+4`: `out[month % 4][lane]`.
#[inline(always)]
pub fn uniforms4(stream: &Stream, paths: Paths<'_>, group: u64, out: [&mut [f64; LANES]; 4]) {
    let (mut a, mut b) = ([0; LANES], [0; LANES]);
    stream.block(paths, UNIFORMS | group, &mut a, &mut b);
    let [o0, o1, o2, o3] = out;
    for lane in 0..LANES {
        o0[lane] = centred(high(a[lane]));
        o1[lane] = centred(low(a[lane]));
        o2[lane] = centred(high(b[lane]));
        o3[lane] = centred(low(b[lane]));
    }
}

/// Pairs of uniforms of a block of paths for months `2 group..+2`: `out[month % 2][which][lane]`.
#[inline(always)]
pub fn pairs2(stream: &Stream, paths: Paths<'_>, group: u64, out: &mut [[[f64; LANES]; 2]; 2]) {
    let (mut a, mut b) = ([0; LANES], [0; LANES]);
    stream.block(paths, PAIRS | group, &mut a, &mut b);
    let [[p0, p1], [q0, q1]] = out;
    for lane in 0..LANES {
        p0[lane] = centred(high(a[lane]));
        p1[lane] = centred(low(a[lane]));
        q0[lane] = centred(high(b[lane]));
        q1[lane] = centred(low(b[lane]));
    }
}

/// The words of one path of a stream, one after the other; a `rand` generator.
#[derive(Debug)]
pub struct StreamRng {
    stream: Stream,
    path: u64,
    taken: u64,
    spare: u64,
}

impl StreamRng {
    /// Two independent standard normals; consumes one word.
    pub fn normals(&mut self) -> [f64; 2] {
        box_muller(self.word())
    }

    /// A uniform on (0, 1), 32 bits; consumes one word.
    pub fn uniform(&mut self) -> f64 {
        centred(high(self.word()))
    }

    fn word(&mut self) -> u64 {
        let first = self.taken.is_multiple_of(2);
        if first {
            let [word, spare] = self.stream.words(self.path, WORDS | (self.taken / 2));
            (self.taken, self.spare) = (self.taken + 1, spare);
            return word;
        }
        self.taken += 1;
        self.spare
    }
}

impl rand::TryRng for StreamRng {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(high(self.word()) as u32)
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(self.word())
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        for chunk in bytes.chunks_mut(8) {
            chunk.copy_from_slice(&self.word().to_le_bytes()[..chunk.len()]);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
