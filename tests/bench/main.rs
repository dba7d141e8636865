//! `cargo xtask bench`: our figures as ratios to a bound that is measured in the same run.
//!
//! The machine is noisy, so absolute times mean little: each figure and its bound are measured in
//! turns, and the medians are divided. With a name, such as `pushes`, only that is measured; with
//! `--full`, also what takes minutes.

mod argon2id;
mod edits;
mod http;
mod memory;
mod people;
mod pushes;
mod raw_team;
mod reads;
mod recorder;
mod rotation;
mod signatures;
mod team;

use std::hint::black_box;
use std::time::{Duration, Instant};

const ROUNDS: usize = 9;
const FULL: &str = "--full";

const ALL: [(&str, fn()); 7] = [
    ("signatures", signatures::measure),
    ("edits", edits::measure),
    ("pushes", pushes::measure),
    ("reads", reads::measure),
    ("memory", memory::measure),
    ("rotation", rotation::measure),
    ("people", people::measure),
];

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments == ["argon2id"] || arguments == ["argon2id", "--without-vectors"] {
        return argon2id::on_demand(arguments.len() > 1);
    }
    let names: Vec<&String> = arguments.iter().filter(|argument| *argument != FULL).collect();
    for (name, measure) in ALL {
        if names.is_empty() || names.iter().any(|asked| *asked == name) {
            measure();
        }
    }
}

fn is_full() -> bool {
    std::env::args().any(|argument| argument == FULL)
}

/// What a figure is held to.
enum Bound {
    None,
    AtMost(f64),
    AtLeast(f64),
}

/// Prints a figure and its bound.
fn report(what: &str, ratio: f64, bound: Bound) {
    let (bound, kept) = match bound {
        Bound::None => (String::new(), true),
        Bound::AtMost(most) => (format!("at most {most:.1}"), ratio <= most),
        Bound::AtLeast(least) => (format!("at least {least:.1}"), ratio >= least),
    };
    let missed = if kept { "" } else { "  MISSED" };
    println!("{what:<56} {ratio:>8.2}  {bound}{missed}");
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
