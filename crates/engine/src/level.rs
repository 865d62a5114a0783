//! Instruction levels: every lane loop is compiled three times, and one copy is selected when the program starts.
//!
//! The kernels use no fused multiply-add and no library function, so the three copies give the same bits. This file
//! holds the only `unsafe` of the program.
//!
//! `RUSTFLAGS='--cfg gapcast_baseline'` compiles only the baseline copy: the numbers are the same, runs are slower, and
//! a third of the machine code has to be compiled during development.

use std::sync::OnceLock;

/// A lane loop.
pub trait Kernel {
    /// Runs it. Must be `#[inline(always)]`, as must all that it calls.
    fn run(self);
}

/// An instruction level of x86-64; other processors run `Baseline`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// The features that the compiler assumes of any processor of the target.
    Baseline,
    /// 256-bit vectors.
    Avx2,
    /// 512-bit vectors.
    Avx512,
}

#[cfg(all(target_arch = "x86_64", not(gapcast_baseline)))]
#[target_feature(enable = "avx512f,avx512dq,avx512bw,avx512vl,avx2,bmi2")]
fn avx512<K: Kernel>(kernel: K) {
    kernel.run();
}

#[cfg(all(target_arch = "x86_64", not(gapcast_baseline)))]
#[target_feature(enable = "avx2,bmi2")]
fn avx2<K: Kernel>(kernel: K) {
    kernel.run();
}

#[inline(never)]
fn baseline<K: Kernel>(kernel: K) {
    kernel.run();
}

impl Level {
    /// All levels, lowest first.
    pub const ALL: [Level; 3] = [Level::Baseline, Level::Avx2, Level::Avx512];

    /// The name used in `run.json` and in the environment variable that forces a level.
    pub fn name(self) -> &'static str {
        match self {
            Level::Baseline => "baseline",
            Level::Avx2 => "avx2",
            Level::Avx512 => "avx512",
        }
    }

    /// Whether this processor can run it.
    pub fn available(self) -> bool {
        self <= Level::best()
    }

    /// The highest level that this processor supports; detected once.
    pub fn best() -> Level {
        static BEST: OnceLock<Level> = OnceLock::new();
        *BEST.get_or_init(Level::detect)
    }

    #[cfg(all(target_arch = "x86_64", not(gapcast_baseline)))]
    fn detect() -> Level {
        let avx2 = is_x86_feature_detected!("avx2") && is_x86_feature_detected!("bmi2");
        let avx512 = is_x86_feature_detected!("avx512f")
            && is_x86_feature_detected!("avx512dq")
            && is_x86_feature_detected!("avx512bw")
            && is_x86_feature_detected!("avx512vl");
        match (avx2, avx512) {
            (true, true) => Level::Avx512,
            (true, false) => Level::Avx2,
            (false, _) => Level::Baseline,
        }
    }

    #[cfg(not(all(target_arch = "x86_64", not(gapcast_baseline))))]
    fn detect() -> Level {
        Level::Baseline
    }

    /// Runs a kernel at this level, or at the baseline when the processor lacks it.
    #[cfg(all(target_arch = "x86_64", not(gapcast_baseline)))]
    pub fn run<K: Kernel>(self, kernel: K) {
        match self {
            // SAFETY: `available` guarantees that the processor has every feature that the copy was compiled for.
            Level::Avx512 if self.available() => unsafe { avx512(kernel) },
            // SAFETY: as above.
            Level::Avx2 if self.available() => unsafe { avx2(kernel) },
            _ => baseline(kernel),
        }
    }

    /// Runs a kernel at this level.
    #[cfg(not(all(target_arch = "x86_64", not(gapcast_baseline))))]
    pub fn run<K: Kernel>(self, kernel: K) {
        baseline(kernel);
    }

    /// The level of this name, or `None` if there is none or this processor lacks it.
    pub fn named(name: &str) -> Option<Level> {
        Level::ALL.into_iter().find(|l| l.name() == name && l.available())
    }
}
