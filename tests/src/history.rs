//! Judges what several clients saw and were told: whether there is one order of all writes in which
//! each of them was told the truth.
//!
//! A story records a [`Step`] for every action, with what the client showed before it and after it,
//! and at the end what is in each secret's history. [`check`] names what does not fit.

use std::collections::{BTreeMap, BTreeSet};

/// What a client shows: how far its log is, and the version of each secret, deleted ones too.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct View {
    /// The sequence number of the head.
    pub seq: u64,
    /// Secrets and their versions.
    pub versions: BTreeMap<String, u32>,
}

/// What one version of a secret holds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Content {
    /// A value. Stories write none twice.
    Text(String),
    /// The secret was deleted.
    Deletion,
    /// What an earlier version holds.
    CopyOf(u32),
    /// What the last version before it holds that has a value.
    CopyOfLast,
}

/// A version that was written on top of another.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Write {
    /// The secret.
    pub secret: String,
    /// The version that its author saw; 0 for a secret that is new.
    pub base: u32,
    /// What was written.
    pub content: Content,
}

/// What a client was told.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Answer {
    /// All of this is saved.
    Saved(Vec<Write>),
    /// Nothing was written, since others changed these secrets after what the client saw.
    Conflict {
        /// The secrets with the versions that they have now.
        theirs: Vec<(String, u32)>,
        /// Values that were to be written.
        mine: Vec<String>,
    },
    /// What a version holds.
    Read(String, u32, String),
    /// Whatever was there is shown now.
    Synced,
    /// Something that changes no secret.
    Other,
}

/// One action of one client.
#[derive(Clone, Debug)]
pub struct Step {
    /// Who.
    pub client: usize,
    /// When it began, by a clock that all share: no two moments are the same.
    pub began: usize,
    /// When it was answered.
    pub ended: usize,
    /// What the client showed before.
    pub before: View,
    /// What it was told.
    pub answer: Answer,
    /// What it showed then.
    pub after: View,
}

/// A whole trial.
#[derive(Clone, Default, Debug)]
pub struct History {
    /// All actions, by the order in which they were answered.
    pub steps: Vec<Step>,
    /// The versions of each secret, the first one first; a deletion has no value.
    pub secrets: BTreeMap<String, Vec<Option<String>>>,
    /// What each client shows after a last sync: the view, and the value of each live secret.
    pub ends: Vec<(View, BTreeMap<String, String>)>,
}

/// What does not fit.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Fault {
    /// A write was acknowledged, and this version of the secret is not what was written.
    Lost(Write),
    /// Two writes of the same secret were acknowledged on top of the same version.
    Twice(String, u32),
    /// A client was told of a conflict with a version that it had seen.
    NoConflict(String, u32),
    /// A value is in a history although its author was told that nothing was written.
    WrittenAllTheSame(String),
    /// A version was read as something else than what it holds.
    Misread(String, u32),
    /// A client showed an older log, or an older version of a secret, than before.
    WentBack(usize, String),
    /// A client was told that its write was saved and did not show it.
    NotShown(usize, String),
    /// A client synced after a write had been acknowledged and did not show it.
    Stale(usize, String),
    /// A client shows something else, in the end, than what is there.
    Diverged(usize),
}

/// All that does not fit.
#[must_use]
pub fn check(history: &History) -> Vec<Fault> {
    let mut faults = Vec::new();
    faults.extend(writes(history));
    faults.extend(conflicts(history));
    faults.extend(reads(history));
    faults.extend(views(history));
    faults.extend(ends(history));
    faults
}

impl History {
    /// What a version holds: `None` if there is no such version.
    fn holds(&self, secret: &str, version: u32) -> Option<&Option<String>> {
        let index = usize::try_from(version).ok()?.checked_sub(1)?;
        self.secrets.get(secret)?.get(index)
    }

    /// Whether a write became the successor of what it was written on.
    fn has(&self, write: &Write) -> bool {
        let Write { secret, base, content } = write;
        let Some(there) = self.holds(secret, base + 1) else { return false };
        match content {
            Content::Text(text) => there.as_ref() == Some(text),
            Content::Deletion => there.is_none(),
            Content::CopyOf(version) => {
                there.is_some() && self.holds(secret, *version) == Some(there)
            }
            Content::CopyOfLast => {
                let last =
                    (1..=*base).rev().find_map(|version| self.holds(secret, version)?.as_ref());
                there.is_some() && there.as_ref() == last
            }
        }
    }
}

fn saved(step: &Step) -> &[Write] {
    match &step.answer {
        Answer::Saved(writes) => writes,
        _ => &[],
    }
}

/// No lost update: each acknowledged write is the one successor of what its author saw.
fn writes(history: &History) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut taken = BTreeSet::new();
    for write in history.steps.iter().flat_map(saved) {
        if !history.has(write) {
            faults.push(Fault::Lost(write.clone()));
        }
        if !taken.insert((&write.secret, write.base)) {
            faults.push(Fault::Twice(write.secret.clone(), write.base));
        }
    }
    faults
}

/// A conflict that was shown is one, and what lost is not there.
fn conflicts(history: &History) -> Vec<Fault> {
    let mut faults = Vec::new();
    let values: BTreeSet<&String> = history.secrets.values().flatten().flatten().collect();
    for step in &history.steps {
        let Answer::Conflict { theirs, mine } = &step.answer else { continue };
        for (secret, version) in theirs {
            let seen = step.before.versions.get(secret).copied().unwrap_or(0);
            if *version <= seen || history.holds(secret, *version).is_none() {
                faults.push(Fault::NoConflict(secret.clone(), *version));
            }
        }
        let written = mine.iter().filter(|value| values.contains(value));
        faults.extend(written.cloned().map(Fault::WrittenAllTheSame));
    }
    faults
}

fn reads(history: &History) -> Vec<Fault> {
    let wrong = |step: &Step| match &step.answer {
        Answer::Read(secret, version, value) => {
            let holds = history.holds(secret, *version).and_then(Option::as_ref);
            (holds != Some(value)).then(|| Fault::Misread(secret.clone(), *version))
        }
        _ => None,
    };
    history.steps.iter().filter_map(wrong).collect()
}

/// No client's view goes back, its own writes are in it, and a sync brings what was acknowledged
/// before.
fn views(history: &History) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut shown: BTreeMap<usize, &View> = BTreeMap::new();
    for step in &history.steps {
        let before = shown.insert(step.client, &step.after);
        for (older, newer) in [(before, &step.before), (Some(&step.before), &step.after)] {
            faults.extend(older.and_then(|older| went_back(step.client, older, newer)));
        }
        let shows = |write: &&Write| {
            step.after.versions.get(&write.secret).is_some_and(|shown| *shown > write.base)
        };
        let unseen = saved(step).iter().filter(|write| !shows(write));
        faults.extend(unseen.map(|write| Fault::NotShown(step.client, write.secret.clone())));
        if step.answer == Answer::Synced {
            let before = history.steps.iter().filter(|earlier| earlier.ended < step.began);
            let stale = before.flat_map(saved).filter(|write| !shows(write));
            faults.extend(stale.map(|write| Fault::Stale(step.client, write.secret.clone())));
        }
    }
    faults
}

fn went_back(client: usize, older: &View, newer: &View) -> Option<Fault> {
    if newer.seq < older.seq {
        return Some(Fault::WentBack(client, "the log".to_owned()));
    }
    let back = older
        .versions
        .iter()
        .find(|(secret, version)| newer.versions.get(*secret).is_none_or(|newer| newer < *version));
    back.map(|(secret, _)| Fault::WentBack(client, secret.clone()))
}

/// In the end all clients show the last version of every secret, at the same place of the log.
fn ends(history: &History) -> Vec<Fault> {
    let seq = history.ends.iter().map(|(view, _)| view.seq).max().unwrap_or(0);
    let length = |versions: &Vec<Option<String>>| u32::try_from(versions.len()).unwrap_or(u32::MAX);
    let versions = history.secrets.iter().map(|(secret, held)| (secret.clone(), length(held)));
    let last = View { seq, versions: versions.collect() };
    let live = history.secrets.iter().filter_map(|(secret, held)| {
        let value = held.last()?.clone()?;
        Some((secret.clone(), value))
    });
    let live: BTreeMap<String, String> = live.collect();
    let diverged =
        |(view, values): &(View, BTreeMap<String, String>)| *view != last || *values != live;
    let ends = history.ends.iter().enumerate();
    ends.filter(|(_, end)| diverged(end)).map(|(client, _)| Fault::Diverged(client)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn view(seq: u64, versions: &[(&str, u32)]) -> View {
        let versions = versions.iter().map(|(secret, version)| ((*secret).to_owned(), *version));
        View { seq, versions: versions.collect() }
    }

    fn write(secret: &str, base: u32, content: Content) -> Answer {
        Answer::Saved(vec![Write { secret: secret.into(), base, content }])
    }

    fn text(value: &str) -> Content {
        Content::Text(value.into())
    }

    /// Two clients write `S` in turns: made, edited, deleted, brought back. The first one meets a
    /// conflict on the way.
    fn good() -> History {
        let conflict =
            Answer::Conflict { theirs: vec![("S".into(), 2)], mine: vec!["never".into()] };
        let steps = [
            (0, view(1, &[]), write("S", 0, text("a")), view(2, &[("S", 1)])),
            (1, view(1, &[]), Answer::Synced, view(2, &[("S", 1)])),
            (1, view(2, &[("S", 1)]), write("S", 1, text("b")), view(3, &[("S", 2)])),
            (0, view(2, &[("S", 1)]), conflict, view(3, &[("S", 2)])),
            (0, view(3, &[("S", 2)]), write("S", 2, Content::Deletion), view(4, &[("S", 3)])),
            (1, view(3, &[("S", 2)]), Answer::Synced, view(4, &[("S", 3)])),
            (1, view(4, &[("S", 3)]), write("S", 3, Content::CopyOfLast), view(5, &[("S", 4)])),
            (1, view(5, &[("S", 4)]), write("S", 4, Content::CopyOf(1)), view(6, &[("S", 5)])),
            (
                0,
                view(4, &[("S", 3)]),
                Answer::Read("S".into(), 2, "b".into()),
                view(4, &[("S", 3)]),
            ),
        ];
        let step = |(at, (client, before, answer, after)): (usize, (usize, View, Answer, View))| {
            Step { client, began: 2 * at, ended: 2 * at + 1, before, answer, after }
        };
        let held = ["a", "b", "", "b", "a"];
        let held = held.map(|value| (!value.is_empty()).then(|| value.to_owned()));
        let end = (view(6, &[("S", 5)]), BTreeMap::from([("S".to_owned(), "a".to_owned())]));
        History {
            steps: steps.into_iter().enumerate().map(step).collect(),
            secrets: BTreeMap::from([("S".to_owned(), held.to_vec())]),
            ends: vec![end.clone(), end],
        }
    }

    /// What is found in a good history in which something was changed.
    fn found(change: impl FnOnce(&mut History)) -> Vec<Fault> {
        let mut history = good();
        change(&mut history);
        check(&history)
    }

    #[test]
    fn a_good_history_is_good() {
        assert_eq!(found(|_| {}), []);
    }

    #[test]
    fn a_lost_update_is_found() {
        // Overwritten: the second write took the first one's place.
        let lost = Write { secret: "S".into(), base: 0, content: text("a") };
        let faults = found(|history| history.secrets.get_mut("S").unwrap()[0] = Some("z".into()));
        assert!(faults.contains(&Fault::Lost(lost)), "{faults:?}");
        // Gone: the history ends before it.
        let faults = found(|history| drop(history.secrets.get_mut("S").unwrap().pop()));
        let lost = Write { secret: "S".into(), base: 4, content: Content::CopyOf(1) };
        assert!(faults.contains(&Fault::Lost(lost)), "{faults:?}");
        // A deletion that did not delete, and a restored value that is another.
        let faults = found(|history| history.secrets.get_mut("S").unwrap()[2] = Some("z".into()));
        let lost = Write { secret: "S".into(), base: 2, content: Content::Deletion };
        assert!(faults.contains(&Fault::Lost(lost)), "{faults:?}");
        let faults = found(|history| history.secrets.get_mut("S").unwrap()[3] = Some("a".into()));
        let lost = Write { secret: "S".into(), base: 3, content: Content::CopyOfLast };
        assert_eq!(faults, [Fault::Lost(lost)]);
    }

    #[test]
    fn two_successors_of_one_version_are_found() {
        let faults = found(|history| {
            let mut again = history.steps[4].clone();
            let last = history.steps[7].after.clone();
            (again.client, again.before, again.after) = (1, last.clone(), last);
            history.steps.push(again);
        });
        assert_eq!(faults, [Fault::Twice("S".into(), 2)]);
    }

    #[test]
    fn a_conflict_that_is_none_is_found() {
        let faults = found(|history| history.steps[3].before = view(3, &[("S", 2)]));
        assert_eq!(faults, [Fault::NoConflict("S".into(), 2)]);
        let faults = found(|history| {
            let Answer::Conflict { mine, .. } = &mut history.steps[3].answer else { panic!() };
            mine.push("a".into());
        });
        assert_eq!(faults, [Fault::WrittenAllTheSame("a".into())]);
    }

    #[test]
    fn a_value_that_was_never_there_is_found() {
        let wrong = Answer::Read("S".into(), 2, "a".into());
        let faults = found(|history| history.steps[8].answer = wrong);
        assert_eq!(faults, [Fault::Misread("S".into(), 2)]);
    }

    #[test]
    fn a_view_that_goes_back_is_found() {
        // Within a step, between two steps, and by a secret that is not shown any more.
        let back = |what: &str| vec![Fault::WentBack(0, what.into())];
        assert_eq!(found(|it| it.steps[8].after = view(4, &[("S", 2)])), back("S"));
        assert_eq!(found(|it| it.steps[8].after = view(4, &[])), back("S"));
        assert_eq!(found(|it| it.steps[8].before = view(3, &[("S", 3)])), back("the log"));
        assert_eq!(found(|it| it.steps[8].after = view(3, &[("S", 3)])), back("the log"));
    }

    #[test]
    fn a_write_that_is_not_shown_is_found() {
        let faults = found(|it| it.steps[7].after = view(6, &[("S", 4)]));
        assert_eq!(faults, [Fault::NotShown(1, "S".into())]);
        let faults = found(|it| it.steps[5].after = view(3, &[("S", 2)]));
        assert_eq!(faults, [Fault::Stale(1, "S".into())]);
    }

    #[test]
    fn clients_that_diverge_are_found() {
        let other = || BTreeMap::from([("S".to_owned(), "b".to_owned())]);
        assert_eq!(found(|it| it.ends[1].1 = other()), [Fault::Diverged(1)]);
        assert_eq!(found(|it| it.ends[0].0.versions.clear()), [Fault::Diverged(0)]);
        assert_eq!(found(|it| it.ends[1].0.seq = 5), [Fault::Diverged(1)]);
    }
}
