//! `cargo xtask bench`: our figures as ratios to a bound that is measured in the same run.
//!
//! The machine is noisy, so absolute times mean little: each figure and its bound are measured in
//! turns, and the medians are divided.

mod edits;
mod sealing;
mod signatures;
mod unlocking;

use std::hint::black_box;
use std::time::{Duration, Instant};

const ROUNDS: usize = 9;

fn main() {
    println!("{:<52} {:>9} {:>9}", "what, by its bound", "ratio", "at most");
    sealing::measure();
    unlocking::measure();
    signatures::measure();
    edits::measure();
}

/// Prints a figure and the bound that it is held to, if there is one.
fn report(what: &str, ratio: f64, at_most: Option<f64>) {
    let at_most = at_most.map_or_else(String::new, |bound| format!("{bound:.1}"));
    println!("{what:<52} {ratio:>9.2} {at_most:>9}");
}

/// The medians of both, run in turns after one round to warm up.
fn medians(mut ours: impl FnMut(), mut bound: impl FnMut()) -> (Duration, Duration) {
    let time = |work: &mut dyn FnMut()| {
        let start = Instant::now();
        work();
        start.elapsed()
    };
    black_box((time(&mut ours), time(&mut bound)));
    let (mut all_ours, mut all_bound): (Vec<_>, Vec<_>) =
        (0..ROUNDS).map(|_| (time(&mut ours), time(&mut bound))).unzip();
    all_ours.sort();
    all_bound.sort();
    (all_ours[ROUNDS / 2], all_bound[ROUNDS / 2])
}

fn ratio(ours: impl FnMut(), bound: impl FnMut()) -> f64 {
    let (ours, bound) = medians(ours, bound);
    ours.as_secs_f64() / bound.as_secs_f64()
}
