//! A run over all that a model reaches, up to a depth.

use std::fmt;
use std::hash::Hash;
use std::time::{Duration, Instant};

use stateright::{Checker, Expectation, HasDiscoveries, Model};

use crate::forks::{ClientRule, Forks};
use crate::log::Logs;
use crate::menu::Theme;

/// What is explored, and how deep.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Run {
    /// What is tried.
    pub theme: Theme,
    /// How many entries after the first few.
    pub depth: usize,
}

const fn run(theme: Theme, depth: usize) -> Run {
    Run { theme, depth }
}

/// How many signed entries the server has at most, on all forks together.
pub const FORKS: usize = 4;
/// The same, where there is time.
pub const FORKS_FULL: usize = 5;

/// Explores what a hostile server makes of so many entries.
#[must_use]
pub fn forks(entries: usize, without: Option<ClientRule>) -> Found {
    explore("forks", Forks::new(entries, without), LIMIT)
}

/// Less than a minute.
pub const QUICK: [Run; 4] =
    [run(Theme::All, 2), run(Theme::Invites, 3), run(Theme::Roles, 3), run(Theme::Keys, 3)];

/// Some ten minutes.
pub const FULL: [Run; 4] =
    [run(Theme::All, 3), run(Theme::Invites, 6), run(Theme::Roles, 4), run(Theme::Keys, 4)];

/// No run takes longer than that.
const LIMIT: Duration = Duration::from_secs(600);

impl Run {
    /// As it is called on the command line.
    #[must_use]
    pub fn named(name: &str) -> Option<Run> {
        let (name, depth) = name.split_once(':').unwrap_or((name, "2"));
        let theme = match name {
            "all" => Theme::All,
            "invites" => Theme::Invites,
            "roles" => Theme::Roles,
            "keys" => Theme::Keys,
            _ => return None,
        };
        Some(Run { theme, depth: depth.parse().ok()? })
    }

    /// Explores.
    #[must_use]
    pub fn explore(self) -> Found {
        let name = format!("{:?}", self.theme).to_lowercase();
        explore(&name, Logs::new(self.theme, self.depth), LIMIT)
    }
}

/// What a run found.
#[derive(Debug)]
pub struct Found {
    /// What was explored.
    pub name: String,
    /// How many different states it met.
    pub states: usize,
    /// How many entries deep.
    pub depth: usize,
    /// How long it took.
    pub took: Duration,
    /// Whether nothing was left to explore up to that depth.
    pub whole: bool,
    /// What was broken, and how.
    pub broken: Vec<(&'static str, String)>,
    /// What was to happen somewhere, and did not.
    pub missing: Vec<&'static str>,
}

/// Explores `model` breadth first to its end, or until `limit` is over.
pub fn explore<M>(name: &str, model: M, limit: Duration) -> Found
where
    M: Model + Send + Sync + 'static,
    M::State: Hash + Send + Sync + Clone + PartialEq + std::fmt::Debug + 'static,
    M::Action: Clone + PartialEq + std::fmt::Debug,
{
    let began = Instant::now();
    let wanted = model.properties();
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let checker = model
        .checker()
        .threads(threads)
        .finish_when(HasDiscoveries::AnyFailures)
        .timeout(limit)
        .spawn_bfs()
        .join();
    let discoveries = checker.discoveries();
    let mut found = Found {
        name: name.to_owned(),
        states: checker.unique_state_count(),
        // The first state counts as one deep.
        depth: checker.max_depth() - 1,
        took: began.elapsed(),
        whole: began.elapsed() < limit,
        broken: Vec::new(),
        missing: Vec::new(),
    };
    for property in wanted {
        match (property.expectation, discoveries.get(property.name)) {
            (Expectation::Always, Some(path)) => {
                let actions = path.clone().into_actions();
                let lines = actions.iter().map(|action| format!("    {action:?}\n"));
                found.broken.push((property.name, lines.collect()));
            }
            (Expectation::Sometimes, None) => found.missing.push(property.name),
            _ => {}
        }
    }
    found
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Found { name, states, depth, took, .. } = self;
        write!(f, "{name}: {states} states, {depth} steps deep, {:.1} s", took.as_secs_f64())?;
        if !self.whole {
            write!(f, ", not all of that depth")?;
        }
        for (promise, path) in &self.broken {
            write!(f, "\n  broken: {promise}\n{path}")?;
        }
        for what in &self.missing {
            write!(f, "\n  it never happened that {what}")?;
        }
        Ok(())
    }
}
