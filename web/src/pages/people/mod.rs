//! Who belongs to the team: members, machines, invites, and what whom of them may open.

mod access;
mod invite;
mod invites;
mod machines;
mod members;

use leptos::prelude::*;
use subrosa_bridge::people::{MemberKind, People, Role, RoleChange};
use subrosa_bridge::{Problem, Request};

use crate::components::state::{Loaded, failure, loading};
use crate::erased::{lazy, spawn, when};
use crate::icons;
use crate::keyholder::Keyholder;
use crate::pages::title;
use crate::parts::{all, head, p, press, text};
use crate::session::{Session, use_session};

/// What is asked once more.
#[derive(Clone, PartialEq)]
enum Asking {
    Nothing,
    /// Whom to invite; other keys for a member, by id and name.
    Invite(Option<(String, String)>),
    /// Whether these words were compared: the invite's id, the name, the words.
    Admit(String, String, String),
    /// Whether a member or a machine shall go, by id.
    Remove(String),
    /// A machine to be added; in the place of one.
    Machine(Option<machines::Like>),
    /// Whether a member shall be an owner, by id.
    Promote(String),
    /// Whether these roles shall be as they were chosen.
    Roles,
}

#[derive(Clone, Copy)]
struct Work {
    session: Session,
    people: RwSignal<Loaded<People>>,
    /// Roles that were chosen and are not in force.
    changes: RwSignal<Vec<RoleChange>>,
    asking: RwSignal<Asking>,
    busy: RwSignal<bool>,
    problem: RwSignal<Option<Problem>>,
    again: RwSignal<u32>,
}

/// `/members`.
pub fn people() -> AnyView {
    title("People");
    let work = Work::new();
    let lead = "Everybody holds keys of their own, which eight words tell from any other: read them \
                to each other to be sure. The server sees who may open which vault, and no name.";
    let invite = when(
        move || work.may_grant(),
        move || {
            press("button primary", move || work.asking.set(Asking::Invite(None)))
                .put(icons::Plus())
                .put("Invite…")
                .any()
        },
    );
    all(vec![
        head("People", vec![invite]),
        p("quiet lead", vec![text(lead)]),
        work.shown(move |people| {
            all(vec![
                invites::invites(work, people),
                members::members(work, people),
                access::access(work, people),
            ])
        }),
        lazy(move || ask(work)),
    ])
}

/// `/machines`.
pub fn machines() -> AnyView {
    title("Machines");
    let work = Work::new();
    let lead = "A machine holds keys of its own: with its token, programs do what its roles allow, and no \
                more. The token is shown once, to you; keep it where the program runs.";
    let add = when(
        move || work.may_grant(),
        move || {
            press("button primary", move || work.asking.set(Asking::Machine(None)))
                .put(icons::Plus())
                .put("Add a machine…")
                .any()
        },
    );
    all(vec![
        head("Machines", vec![add]),
        p("quiet lead", vec![text(lead)]),
        work.shown(move |people| machines::list(work, people)),
        lazy(move || ask(work)),
    ])
}

fn ask(work: Work) -> AnyView {
    match work.asking.get() {
        Asking::Nothing => all(Vec::new()),
        Asking::Invite(replaces) => invite::dialog(work, replaces),
        Asking::Admit(invite, name, fingerprint) => {
            invites::admit(work, invite, &name, fingerprint)
        }
        Asking::Remove(member) => members::remove(work, member),
        Asking::Machine(replaces) => machines::dialog(work, replaces),
        Asking::Promote(member) => members::promote(work, member),
        Asking::Roles => access::review(work),
    }
}

impl Work {
    fn new() -> Self {
        let work = Work {
            session: use_session(),
            people: RwSignal::new(Loaded::Waiting),
            changes: RwSignal::new(Vec::new()),
            asking: RwSignal::new(Asking::Nothing),
            busy: RwSignal::new(false),
            problem: RwSignal::new(None),
            again: RwSignal::new(0),
        };
        let ask = |keyholder: Keyholder| keyholder.people(Request::People);
        work.session.follow(work.again, ask, move |answer| work.show(answer));
        work
    }

    /// The people, once they are here.
    fn shown(self, view: impl Fn(&People) -> AnyView + Copy + Send + Sync + 'static) -> AnyView {
        let retry = Callback::new(move |()| self.again.update(|count| *count += 1));
        lazy(move || match self.people.get() {
            Loaded::Waiting => loading(6),
            Loaded::Failed(problem) => failure(problem, Some(retry)),
            Loaded::Here(people) => view(&people),
        })
    }

    /// Whether one may let anybody in.
    fn may_grant(self) -> bool {
        self.with(|people| people.owner || people.vaults.iter().any(|it| it.manages))
    }

    /// Only what is different is drawn anew: a list that was opened stays so.
    fn show(self, answer: Result<People, Problem>) {
        let loaded = Loaded::from(answer);
        if self.people.try_with_untracked(|now| *now == loaded) == Some(false) {
            let _ = self.people.try_set(loaded);
        }
    }

    fn with<T: Default>(self, of: impl Fn(&People) -> T) -> T {
        self.people.with(|people| match people {
            Loaded::Here(people) => of(people),
            _ => T::default(),
        })
    }

    /// What somebody has lost got its next key with that: what is there already is sealed again under it.
    fn seal_again(self, vaults: Vec<String>) {
        self.session.rotation.finish(self.session, vaults);
    }

    fn close(self) {
        self.problem.set(None);
        self.asking.set(Asking::Nothing);
    }

    /// Asks for a change; says `done` once it is made, and then does what comes after.
    fn change(self, request: Request, done: &'static str, then: impl FnOnce(Self) + 'static) {
        if self.busy.get_untracked() {
            return;
        }
        self.busy.set(true);
        self.problem.set(None);
        spawn(async move {
            let answer = self.session.keyholder.people(request).await;
            let _ = self.busy.try_set(false);
            match answer {
                Ok(people) => {
                    self.session.toasts.say(done);
                    self.show(Ok(people));
                    if self.asking.try_get_untracked().is_some() {
                        self.close();
                    }
                    then(self);
                }
                Err(found) if self.asking.try_get_untracked() == Some(Asking::Nothing) => {
                    self.session.report(&found);
                }
                Err(found) => {
                    let _ = self.problem.try_set(Some(found));
                }
            }
        });
    }
}

/// The vaults that a member holds.
fn held_by(people: &People, member: &str) -> Vec<String> {
    let Some(who) = people.members.iter().find(|it| it.id == member) else { return Vec::new() };
    match who.kind {
        MemberKind::Owner => people.vaults.iter().map(|it| it.vault.clone()).collect(),
        _ => who.grants.iter().map(|it| it.vault.clone()).collect(),
    }
}

fn role_name(role: Role) -> &'static str {
    match role {
        Role::Reader => "Reader",
        Role::Writer => "Writer",
        Role::Manager => "Manager",
    }
}

/// The roles that may be chosen, `none` first.
fn roles(with_manager: bool) -> Vec<(String, String)> {
    let some = Role::ALL.into_iter().filter(|role| with_manager || *role < Role::Manager);
    let named = some.map(|role| (role_name(role).to_owned(), role_name(role).to_owned()));
    [(String::new(), "No access".to_owned())].into_iter().chain(named).collect()
}

fn role_of(name: &str) -> Option<Role> {
    Role::ALL.into_iter().find(|role| role_name(*role) == name)
}

/// A vault as it is named to whoever may not open it.
fn vault_name(people: &People, vault: &str) -> String {
    let found = people.vaults.iter().find(|it| it.vault == vault);
    match found {
        Some(known) if !known.name.is_empty() => known.name.clone(),
        _ => format!("Vault {}", vault.get(..8).unwrap_or(vault)),
    }
}
