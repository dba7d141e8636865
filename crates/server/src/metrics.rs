//! Counters, in Prometheus' text format. No ids: only routes, statuses and sums.

use core::fmt::Write as _;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

/// The server's counters.
#[derive(Default)]
pub struct Metrics {
    requests: Mutex<BTreeMap<(String, String, u16), u64>>,
    pushes: AtomicU64,
    conflicts: AtomicU64,
    groups: AtomicU64,
    writes: AtomicU64,
    sessions: AtomicU64,
}

impl Metrics {
    /// A request was answered.
    pub fn request(&self, method: &str, route: &str, status: u16) {
        let mut requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
        *requests.entry((route.to_owned(), method.to_owned(), status)).or_default() += 1;
    }

    /// A push was acknowledged.
    pub fn pushed(&self) {
        self.pushes.fetch_add(1, Ordering::Relaxed);
    }

    /// A push lost its race.
    pub fn conflict(&self) {
        self.conflicts.fetch_add(1, Ordering::Relaxed);
    }

    /// A group of writes was committed, or failed.
    pub fn group(&self, writes: usize) {
        self.groups.fetch_add(1, Ordering::Relaxed);
        self.writes.fetch_add(writes as u64, Ordering::Relaxed);
    }

    /// A session was opened.
    pub fn session(&self) {
        self.sessions.fetch_add(1, Ordering::Relaxed);
    }

    /// All counters as text.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = String::from("# TYPE subrosa_requests_total counter\n");
        let requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner).clone();
        // Writing into a String cannot fail.
        for ((route, method, status), count) in requests {
            let labels = format!("route=\"{route}\",method=\"{method}\",status=\"{status}\"");
            let _ = writeln!(text, "subrosa_requests_total{{{labels}}} {count}");
        }
        for (name, counter) in [
            ("pushes", &self.pushes),
            ("conflicts", &self.conflicts),
            ("commit_groups", &self.groups),
            ("writes", &self.writes),
            ("sessions", &self.sessions),
        ] {
            let count = counter.load(Ordering::Relaxed);
            let _ = writeln!(text, "# TYPE subrosa_{name}_total counter");
            let _ = writeln!(text, "subrosa_{name}_total {count}");
        }
        text
    }
}
