//! Speed of the engine in path-months: noise alone, the months of a block, whole runs with statistics, and the plain
//! engine, each at every instruction level of this processor.
//!
//! `cargo bench --bench engine` runs criterion, in wall time. `cargo bench --bench engine -- quick` prints CPU
//! nanoseconds per path-month, the smallest of several interleaved rounds: the figures of docs/performance.md (`quick
//! avx512 eight all` is limited to one level and two of the plans). `-- million` prints the time and memory of a
//! million paths; `-- profile` and `-- profile all` run the benchmark for a sampling profiler.

use std::hint::black_box;
use std::sync::Arc;

use criterion::{BenchmarkId, Criterion, Throughput};
use gapcast::engine::columns::LANES;
use gapcast::engine::level::{Kernel, Level};
use gapcast::engine::month::Worker;
use gapcast::engine::reference::Path;
use gapcast::engine::run::{RunSettings, Silent, run};
use gapcast::engine::streams::{Paths, Stream, normals4, uniforms4};
use gapcast::model::{Model, Settings};
use gapcast::plan::Plan;

/// Restricts the benchmark scenario to the eight metrics that other programs record too.
const EIGHT: &str = "run.metrics=[revenue, compute_spend, gap, cash, debt, stake.founders, valuation, off_balance]";
/// Number of paths of a whole run.
const PATHS: u64 = 65_536;

fn plan(text: &str, sets: &[&str]) -> Arc<Plan> {
    let settings = Settings { sets: sets.iter().map(|&s| s.to_owned()).collect(), ..Settings::default() };
    Model::parse("bench.yaml", text, &settings)
        .unwrap_or_else(|r| panic!("{}", gapcast::cli::diagnostics::render(&r.issues, &r.sources, false)))
        .plan
}

/// Levels of this processor, or the one that the command line names.
fn levels() -> impl Iterator<Item = Level> {
    let named = std::env::args().find_map(|a| Level::named(&a));
    Level::ALL.into_iter().filter(move |l| l.available() && named.is_none_or(|n| n == *l))
}

/// Four months of one driver's noise for a block.
struct Noise<'a> {
    stream: &'a Stream,
    group: u64,
    normal: bool,
    out: &'a mut [[f64; LANES]; 4],
}

impl Kernel for Noise<'_> {
    #[inline(always)]
    fn run(self) {
        if self.normal {
            normals4(self.stream, Paths::From(0), self.group, self.out.each_mut());
        } else {
            uniforms4(self.stream, Paths::From(0), self.group, self.out.each_mut());
        }
    }
}

fn noise(level: Level, normal: bool, out: &mut [[f64; LANES]; 4]) {
    let stream = Stream::new(black_box(1), "bench");
    level.run(Noise { stream: &stream, group: 0, normal, out });
    black_box(out);
}

fn whole(plan: &Plan, level: Level, threads: usize, paths: u64) {
    black_box(run(plan, &RunSettings { paths, threads, level }, &Silent).is_some());
}

fn plain(plan: &Plan, path: u64) {
    let mut one = Path::new(plan, path);
    for t in 1..=plan.months {
        one.month(t).unwrap_or_else(|broken| panic!("{broken}"));
    }
    black_box(one.lane);
}

fn criterion(c: &mut Criterion, plan: &Plan) {
    let months = plan.months as u64;
    let mut group = c.benchmark_group("engine");
    for level in levels() {
        let mut raw = Box::new([[0.0; LANES]; 4]);
        group.throughput(Throughput::Elements(4 * LANES as u64));
        for (name, normal) in [("normals", true), ("uniforms", false)] {
            group.bench_function(BenchmarkId::new(name, level.name()), |b| b.iter(|| noise(level, normal, &mut raw)));
        }
        let mut worker = Worker::new(plan, level);
        group.throughput(Throughput::Elements(LANES as u64 * months));
        group.bench_function(BenchmarkId::new("block", level.name()), |b| {
            b.iter(|| worker.block(black_box(0), |_, _| {}));
        });
        group.throughput(Throughput::Elements(4096 * months)).sample_size(10);
        group.bench_function(BenchmarkId::new("scenario", level.name()), |b| b.iter(|| whole(plan, level, 1, 4096)));
    }
    group.throughput(Throughput::Elements(months));
    group.bench_function("plain", |b| b.iter(|| plain(plan, black_box(0))));
    group.finish();
}

/// CPU nanoseconds used by this thread; always 0 if the system does not report them.
fn cpu_ns() -> f64 {
    let line = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    line.split_whitespace().next().and_then(|word| word.parse().ok()).unwrap_or(0.0)
}

/// A name, the path-months of one call, and the call.
type Case<'a> = (String, f64, Box<dyn FnMut() + 'a>);

/// Prints CPU nanoseconds per path-month of each case, the smallest of `rounds` interleaved rounds.
fn quick(cases: &mut [Case<'_>], rounds: usize) {
    let mut best = vec![f64::INFINITY; cases.len()];
    for _ in 0..rounds {
        for (best, (_, elements, case)) in best.iter_mut().zip(cases.iter_mut()) {
            let before = cpu_ns();
            case();
            *best = best.min((cpu_ns() - before) / *elements);
        }
    }
    for (best, (name, ..)) in best.iter().zip(cases) {
        println!("{name:28} {best:8.1} ns");
    }
}

fn quick_all<'a>(all: impl Iterator<Item = &'a (&'a str, Arc<Plan>)>) {
    for (name, plan) in all {
        let pm = |paths: u64| (paths * plan.months as u64) as f64;
        let mut cases: Vec<Case<'_>> = Vec::new();
        for level in levels() {
            let at = |what: &str| format!("{name} {what} {}", level.name());
            let (mut worker, mut starter) = (Worker::new(plan, level), Worker::new(plan, level));
            cases.push((
                at("start"),
                pm(262_144),
                Box::new(move || {
                    (0..1024).for_each(|k| starter.begin(k * LANES as u64));
                }),
            ));
            cases.push((
                at("block"),
                pm(32_768),
                Box::new(move || {
                    (0..128).for_each(|k| worker.block(k * LANES as u64, |_, _| {}));
                }),
            ));
            cases.push((at("scenario"), pm(PATHS), Box::new(move || whole(plan, level, 1, PATHS))));
        }
        cases.push((format!("{name} plain"), pm(512), Box::new(|| (0..512).for_each(|p| plain(plan, p)))));
        quick(&mut cases, 5);
    }
    for level in levels() {
        let mut cases: Vec<Case<'static>> = Vec::new();
        for (what, normal) in [("normal", true), ("uniform", false)] {
            let mut raw = Box::new([[0.0; LANES]; 4]);
            let case = move || (0..200_000).for_each(|_| noise(level, normal, &mut raw));
            cases.push((format!("one {what} {}", level.name()), (200_000 * 4 * LANES) as f64, Box::new(case)));
        }
        quick(&mut cases, 5);
    }
}

/// Peak resident memory of the process, as reported by the system.
fn high_water() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    status.lines().find_map(|l| l.strip_prefix("VmHWM:")).unwrap_or(" unknown").to_owned()
}

fn main() {
    let text = include_str!("../scenarios/benchmark.yaml");
    if std::env::args().any(|a| a == "quick") {
        let small = include_str!("../tests/common/small.yaml");
        let all = [("eight", plan(text, &[EIGHT])), ("all", plan(text, &[])), ("small", plan(small, &[]))];
        let named = all.iter().any(|(name, _)| std::env::args().any(|a| a == *name));
        quick_all(all.iter().filter(|(name, _)| !named || std::env::args().any(|a| a == *name)));
    } else if std::env::args().any(|a| a == "million") {
        let benchmark = plan(text, &[EIGHT]);
        let start = std::time::Instant::now();
        whole(&benchmark, Level::best(), 2, 1_000_000);
        println!("a million paths, 2 threads: {:.2} s,{} of memory", start.elapsed().as_secs_f64(), high_water());
        let small = plan(include_str!("../tests/common/small.yaml"), &[]);
        for threads in [1, 2] {
            let start = std::time::Instant::now();
            whole(&small, Level::best(), threads, 10_000);
            println!("10 000 paths of the rich scenario, {threads} threads: {:.2} s", start.elapsed().as_secs_f64());
        }
    } else if std::env::args().any(|a| a == "profile") {
        // For a sampling profiler: the whole benchmark on one thread, with eight metrics or with those of a run.
        let sets = if std::env::args().any(|a| a == "all") { &[][..] } else { &[EIGHT][..] };
        let plan = plan(text, sets);
        (0..4).for_each(|_| whole(&plan, Level::best(), 1, PATHS));
    } else {
        let mut c = Criterion::default().configure_from_args();
        criterion(&mut c, &plan(text, &[EIGHT]));
        c.final_summary();
    }
}
