//! What is tried at each state: what honest people would do, and the same by whom it is not for, with
//! something left out, or twice.

use subrosa_wire::team::{Role, Team, VaultRole};

use crate::cast::{Key, Link, Pair, Place, Who};
use crate::deed::{Act, Deed, Seat, Shown};

use Act::{
    Add, Cancel, Commit, Create, Invite, MinimumClient, Promote, Rekey, Remove, Retire, Revoke,
    Rotate, Service, SetRole,
};
use Place::{Directory, Later, Project};
use VaultRole::{Manager, Reader};

/// What a run tries: everything, or what belongs together, which goes deeper in the same time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Theme {
    /// All that there is.
    All,
    /// Who is let in, by which invite, and who is out again.
    Invites,
    /// Roles given and taken, by whom.
    Roles,
    /// Keys replaced and vaults rekeyed, and removal.
    Keys,
}

/// All that is tried at `team`.
#[must_use]
pub fn menu(theme: Theme, team: &Team) -> Vec<Deed> {
    let mut deeds = Vec::new();
    let acts = acts(theme, team);
    for (id, member) in team.members() {
        let Some(author) = Who::of(id) else { continue };
        let signer = Pair::read(&member.keyset).signing;
        // The root and machines are what they are by their role: one of each kind is tried by them.
        let by = |acts: &Vec<Act>| Deed { author, signer, acts: acts.clone(), stale: false };
        let apt = |acts: &&Vec<Act>| match author {
            Who::Root => matches!(acts[0], Remove(_) | Rotate(..) | Promote(_)),
            Who::Robot => matches!(acts[0], SetRole(..) | Rekey(..) | Commit(_)),
            _ => true,
        };
        deeds.extend(acts.iter().filter(apt).map(by));
    }
    deeds.extend(forged(team));
    deeds
}

/// By those who have no right to sign: of old keys, of none, in another's name.
fn forged(team: &Team) -> Vec<Deed> {
    let mut deeds = Vec::new();
    let acts = vec![Promote(Who::Member)];
    for author in [Who::Founder, Who::Leaver, Who::Guest, Who::Member] {
        let current = team.member(author.id()).map(|member| Pair::read(&member.keyset).signing);
        for signer in [author.keys().signing, Key::Thief, Key::Leaver, Key::Member] {
            if Some(signer) != current {
                deeds.push(Deed { author, signer, acts: acts.clone(), stale: false });
                let acts = vec![Rekey(Project, true)];
                deeds.push(Deed { author, signer, acts, stale: false });
            }
        }
    }
    for author in [Who::Founder, Who::Manager] {
        let Some(member) = team.member(author.id()) else { continue };
        let signer = Pair::read(&member.keyset).signing;
        deeds.push(Deed { author, signer, acts: vec![Rekey(Project, true)], stale: true });
    }
    deeds
}

/// What of all acts, and of which together, an entry is made.
fn acts(theme: Theme, team: &Team) -> Vec<Vec<Act>> {
    let mut all: Vec<Vec<Act>> = Vec::new();
    let is = |themes: &[Theme]| theme == Theme::All || themes.contains(&theme);
    let there = |who: Who| team.member(who.id()).is_some();
    let fresh = [Key::Spare, Key::Other].into_iter().find(|key| {
        let now = team.members().any(|(_, it)| it.keyset.signing == key.signing());
        !now && !team.former().iter().any(|it| it.signing == key.signing())
    });
    let spare = Pair::of(fresh.unwrap_or(Key::Other));
    let people = [Who::Founder, Who::Manager, Who::Member, Who::Guest, Who::Robot];

    // Removal: with all next keys, with one left out, two at once, and with something else.
    for who in people.into_iter().filter(|who| there(*who)) {
        let keys = next_keys(team, who);
        all.push([vec![Remove(who)], keys.clone()].concat());
        for left_out in keys.iter().filter(|_| is(&[Theme::Keys])) {
            let others = keys.iter().copied().filter(|it| it != left_out);
            all.push([Remove(who)].into_iter().chain(others).collect());
        }
        if is(&[Theme::Roles]) {
            let twice = [SetRole(who, Project, Reader), Remove(who)];
            all.push([twice.to_vec(), keys.clone()].concat());
            all.push([vec![Promote(who), Remove(who)], keys].concat());
        }
    }
    if is(&[Theme::Keys]) {
        all.push([vec![Remove(Who::Root)], next_keys(team, Who::Root)].concat());
        all.push([vec![Remove(Who::Leaver)], next_keys(team, Who::Founder)].concat());
    }

    if is(&[Theme::Roles]) {
        for who in people.into_iter().filter(|who| there(*who)) {
            all.push(vec![SetRole(who, Project, Reader)]);
            all.push(vec![SetRole(who, Project, Manager)]);
            all.push(vec![Revoke(who, Project)]);
            all.push(vec![Revoke(who, Project), Rekey(Project, true)]);
            all.push(vec![Promote(who)]);
        }
        all.push(vec![
            SetRole(Who::Member, Project, Reader),
            SetRole(Who::Member, Project, Manager),
        ]);
        all.push(vec![SetRole(Who::Member, Directory, VaultRole::Writer)]);
        all.push(vec![Revoke(Who::Member, Directory), Rekey(Directory, true)]);
        all.push(vec![SetRole(Who::Leaver, Project, Reader)]);
        all.push(vec![Promote(Who::Leaver)]);
        all.push(vec![Promote(Who::Member), Revoke(Who::Member, Project), Rekey(Project, true)]);
        all.push(vec![Create(Later, None)]);
        all.push(vec![Create(Later, Some(Project))]);
        all.push(vec![Commit(Project)]);
        all.push(vec![MinimumClient(1)]);
        all.push(vec![MinimumClient(0)]);
    } else if theme == Theme::Invites {
        for who in [Who::Manager, Who::Member, Who::Guest].into_iter().filter(|who| there(*who)) {
            all.push(vec![SetRole(who, Project, Reader)]);
            all.push(vec![SetRole(who, Project, Manager)]);
            all.push(vec![Revoke(who, Project), Rekey(Project, true)]);
        }
    }

    if is(&[Theme::Invites]) {
        for (link, who) in [(Link::First, Who::Guest), (Link::Second, Who::Robot)] {
            let seats = [Seat::Owner, Seat::In(Reader), Seat::In(Manager)];
            all.extend(seats.map(|seat| vec![Invite(link, who, seat)]));
            all.push(vec![Cancel(link)]);
            all.push(vec![Add(link, who, who.keys(), Shown::Both)]);
        }
        all.push(vec![Invite(Link::Second, Who::Leaver, Seat::In(Reader))]);
        all.push(vec![Invite(Link::Second, Who::Guest, Seat::In(Reader))]);
        all.push(vec![Invite(Link::Second, Who::Member, Seat::In(Reader))]);
        all.push(vec![Invite(Link::First, Who::Robot, Seat::In(Reader))]);
        for who in [Who::Leaver, Who::Guest, Who::Member] {
            all.push(vec![Add(Link::Second, who, spare, Shown::Both)]);
        }
        let guest = |pair, shown| Add(Link::First, Who::Guest, pair, shown);
        let [own, stolen] = [Key::Guest, Key::Thief].map(Pair::of);
        all.push(vec![guest(stolen, Shown::Both)]);
        all.push(vec![guest(stolen, Shown::KeysAlone)]);
        all.push(vec![guest(own, Shown::LinkAlone)]);
        all.push(vec![guest(Pair::of(Key::Leaver), Shown::Both)]);
        all.push(vec![guest(Pair { signing: Key::Thief, kem: Key::Leaver }, Shown::Both)]);
        all.push(vec![guest(Pair { signing: Key::Thief, kem: Key::Member }, Shown::Both)]);
        all.push(vec![guest(Pair { signing: Key::Leaver, kem: Key::Thief }, Shown::Both)]);
        all.push(vec![guest(Pair { signing: Key::Member, kem: Key::Thief }, Shown::Both)]);
        all.push(vec![Add(Link::First, Who::Robot, stolen, Shown::Both)]);
        all.push(vec![guest(own, Shown::Both), guest(stolen, Shown::Both)]);
        let robot = Add(Link::Second, Who::Robot, Who::Robot.keys(), Shown::Both);
        let shared = Add(Link::Second, Who::Robot, own, Shown::Both);
        all.push(vec![guest(own, Shown::Both), shared]);
        all.push(vec![Invite(Link::Second, Who::Robot, Seat::In(Reader)), robot]);
        if there(Who::Manager) {
            let keys = next_keys(team, Who::Manager);
            all.push([vec![Remove(Who::Manager), guest(own, Shown::Both)], keys].concat());
        }
    }
    if is(&[Theme::Roles]) {
        let robot = |seat, key| Service(Who::Robot, seat, Pair::of(key));
        all.push(vec![robot(Seat::In(Reader), Key::Robot)]);
        all.push(vec![robot(Seat::In(Manager), Key::Robot)]);
        all.push(vec![robot(Seat::Bare, Key::Robot)]);
        all.push(vec![robot(Seat::In(Reader), Key::Leaver)]);
        all.push(vec![Service(Who::Leaver, Seat::In(Reader), Pair::of(Key::Robot))]);
    }

    if is(&[Theme::Keys]) {
        for who in [Who::Founder, Who::Root, Who::Manager, Who::Member] {
            let keys = next_keys(team, who);
            all.push(vec![Rotate(who, spare, None)]);
            all.push([vec![Rotate(who, spare, None)], keys].concat());
        }
        let member = next_keys(team, Who::Member);
        for pair in [
            who_keys(team, Who::Founder),
            Pair::of(Key::Leaver),
            Pair { signing: spare.signing, kem: Key::Leaver },
            who_keys(team, Who::Member),
        ] {
            all.push([vec![Rotate(Who::Member, pair, None)], member.clone()].concat());
        }
        all.push(vec![Rotate(Who::Member, Who::Member.keys(), None)]);
        all.push(vec![Invite(Link::Second, Who::Member, Seat::Replace)]);
        all.push(vec![Invite(Link::Second, Who::Root, Seat::Replace)]);
        let replaced = Rotate(Who::Member, spare, Some(Link::Second));
        all.push(vec![replaced]);
        all.push([vec![replaced], member].concat());
        all.push(vec![Rekey(Project, true)]);
        all.push(vec![Rekey(Project, false)]);
        all.push(vec![Rekey(Project, true), Rekey(Project, true)]);
        all.push(vec![Rekey(Directory, true)]);
        all.push(vec![Commit(Project)]);
        all.push(vec![Retire(Project)]);
    }
    all.dedup();
    all
}

fn who_keys(team: &Team, who: Who) -> Pair {
    team.member(who.id()).map_or(who.keys(), |member| Pair::read(&member.keyset))
}

/// A next key for each vault that a member holds.
pub(crate) fn next_keys(team: &Team, who: Who) -> Vec<Act> {
    let holds = |place: &Place| match team.member(who.id()).map(|it| it.role) {
        Some(Role::Owner) => team.vault(place.id()).is_some(),
        _ => team.role_in(place.id(), who.id()).is_some(),
    };
    Place::ALL.into_iter().filter(holds).map(|place| Rekey(place, true)).collect()
}
