//! Who belongs to the team, and what whom of them may open: intents that are applied to whatever the
//! team is by then (client rule 5).

use rand_core::Rng;
use std::cell::Ref;

use subrosa_core::Randomness;
use subrosa_core::card::CardPlace;
use subrosa_core::invite::Link;
use subrosa_core::{order, vault_key};
use subrosa_wire::api::Joins;
use subrosa_wire::id::{InviteId, MemberId, VaultId};
use subrosa_wire::keyset::{PublicKeyset, SigningPublic};
use subrosa_wire::log::{MAX_OPS, Op};
use subrosa_wire::people::{
    Access, Add, Admission, Grant, Invite, Join, Revoke, RotateKeys, Service, SetRole, VaultRole,
};
use subrosa_wire::team::{MemberKind, OpenInvite, Reject, Role, Team};

use crate::api;
use crate::change::{Change, NewKeys, Part};
use crate::error::{Error, Result};
use crate::platform::Platform;

use super::making::Making;
use super::rotation::rekey_in;
use super::{State, TeamClient};

/// What a user wants of the team's people.
#[derive(Clone)]
pub enum Wish {
    /// Somebody shall be invited, by a link that was made for it.
    Invite(Box<NewInvite>),
    /// An invite shall be taken back, by which nobody has become this member, or has got other keys
    /// than these.
    Cancel(InviteId, MemberId, Option<SigningPublic>),
    /// Who holds an invite's link shall be let in with these keys.
    Admit(Box<Join>),
    /// A machine shall be let in.
    AddService(Box<NewService>),
    /// A member shall have another role in a vault.
    Role(RoleChange),
    /// Members shall go, and with them the machines that they have added, by then too, as far as they fit
    /// into one entry ([`TeamClient::remove`] goes on): whoever kept a token has not gone.
    Remove {
        /// Who.
        members: Vec<MemberId>,
        /// Machines of theirs that stay.
        staying: Vec<MemberId>,
    },
    /// A member shall be an owner.
    Promote(MemberId),
    /// One shall have other keys oneself.
    RenewKeys(Box<NewKeys>),
}

/// Another role in a vault.
#[derive(Clone, Copy)]
pub struct RoleChange {
    /// Whose.
    pub member: MemberId,
    /// In which vault.
    pub vault: VaultId,
    /// What it was when it was decided on.
    pub from: Option<VaultRole>,
    /// What it shall be; none to take the vault away.
    pub to: Option<VaultRole>,
}

/// An invite to be.
#[derive(Clone)]
pub struct NewInvite {
    /// Whom it makes, or whose keys it replaces.
    pub member: MemberId,
    /// What it is to.
    pub access: Access,
    /// Milliseconds since 1970.
    pub expires: u64,
    /// What its holder is called.
    pub name: String,
    /// Its link.
    pub link: Link,
}

/// A machine's seat to be.
#[derive(Clone)]
pub struct NewService {
    /// Its id.
    pub member: MemberId,
    /// What it gets, strictly ascending by vault.
    pub grants: Vec<Grant>,
    /// Milliseconds since 1970.
    pub expires: Option<u64>,
    /// What it is called.
    pub name: String,
    /// Its keys, with the proof that somebody holds them.
    pub keys: RotateKeys,
}

/// Somebody who asks to be let in.
pub struct AtTheDoor {
    /// By which invite.
    pub invite: InviteId,
    /// What was posted.
    pub join: Join,
}

impl<P: Platform> TeamClient<P> {
    /// Fulfils wishes in one entry, then brings keys to whoever has no more than the right to them.
    ///
    /// # Errors
    /// [`Error::NotAllowed`] and what else the user must decide; nothing was changed then.
    pub async fn fulfil(&self, wishes: Vec<Wish>) -> Result<()> {
        let parts = wishes.into_iter().map(Part::People).collect();
        self.change(&Change { note: String::new(), parts }).await?;
        // Whoever waits longer is told so, and brought them by any other holder: it is done already,
        // whatever comes of this.
        let _advancing = self.advancing.lock().await;
        let _ = self.bring_missing().await;
        Ok(())
    }

    /// Takes members out, and the machines that they have added with them: in one entry, unless those are
    /// so many that some follow in others.
    ///
    /// # Errors
    /// As [`TeamClient::fulfil`]; [`Error::MachinesLeft`] after the first entry: the same again goes on.
    pub async fn remove(&self, members: &[MemberId], staying: &[MemberId]) -> Result<()> {
        let wish = Wish::Remove { members: members.to_vec(), staying: staying.to_vec() };
        self.fulfil(vec![wish.clone()]).await?;
        while !leaving(&self.team(), members, staying).is_empty() {
            match self.fulfil(vec![wish.clone()]).await {
                Ok(()) | Err(Error::NothingToDo) => {}
                Err(why) => return Err(Error::MachinesLeft(Box::new(why))),
            }
        }
        Ok(())
    }

    /// Invites somebody; the link is for that person alone.
    ///
    /// # Errors
    /// As [`TeamClient::fulfil`].
    pub async fn invite(
        &self,
        name: &str,
        access: Access,
        replaced: Option<MemberId>,
        expires: u64,
    ) -> Result<Link> {
        let (team, head) = self.place();
        let (link, fresh) = {
            let mut rng = self.platform.rng();
            let mut id = [0; 16];
            rng.fill_bytes(&mut id);
            (Link::generate(team, head, &mut rng), MemberId::from_random(id))
        };
        let member = replaced.unwrap_or(fresh);
        let name = name.to_owned();
        let invite = NewInvite { member, access, expires, name, link: link.clone() };
        self.fulfil(vec![Wish::Invite(Box::new(invite))]).await?;
        Ok(link)
    }

    /// Who asks to be let in, by invites that are open and that one may let in by, as far as is known
    /// here. Not to be held across an await.
    pub fn at_the_door(&self) -> Ref<'_, Vec<AtTheDoor>> {
        self.door.borrow()
    }

    /// Asks who asks to be let in.
    pub(super) async fn look_at_the_door(&self) -> Result<()> {
        let (id, _) = self.place();
        let mine = self.team().invites().any(|(_, open)| self.team().may_add(self.me, open));
        let joins = match mine {
            true => api::reply::<Joins>(&self.send(&api::joins(id)).await?)?.joins,
            false => Vec::new(),
        };
        let (team, now) = (self.team(), self.platform.now());
        let sound = |join: Join| {
            let invite = join.invited.invite;
            let open = team.invite(invite).filter(|open| open.invite.expires > now)?;
            // The server may have made it up.
            let good = is_fit(&team, &join, &open.invite) && team.may_add(self.me, open);
            good.then_some(AtTheDoor { invite, join })
        };
        let sound = joins.into_iter().filter_map(sound).collect();
        self.door.replace(sound);
        Ok(())
    }
}

impl Making {
    /// Who will hold a vault after this entry.
    pub(super) fn holders(&self, team: &Team, vault: VaultId) -> Vec<MemberId> {
        let of_it = |(_, which): &&(MemberId, Option<VaultId>)| which.is_none_or(|it| it == vault);
        let mut holders = team.holders(vault);
        holders.extend(self.come.iter().filter(of_it).map(|(id, _)| *id));
        holders.retain(|id| !self.gone.iter().filter(of_it).any(|(gone, _)| gone == id));
        order::sort(&mut holders);
        holders.dedup();
        holders
    }

    /// Somebody becomes a member; an owner, if there are no grants.
    fn comes(
        &mut self,
        team: &Team,
        member: MemberId,
        keyset: &PublicKeyset,
        grants: Option<&[Grant]>,
    ) {
        self.keysets.push((member, keyset.clone()));
        match grants {
            None => self.come.push((member, None)),
            Some(grants) => {
                let vaults = grants.iter().map(|grant| grant.vault).chain([team.directory()]);
                self.come.extend(vaults.map(|vault| (member, Some(vault))));
            }
        }
    }

    /// Somebody loses a vault, or all that it held.
    fn takes(&mut self, team: &Team, member: MemberId, vault: Option<VaultId>) {
        self.gone.push((member, vault));
        match vault {
            Some(vault) => self.lose(vault),
            None => self.lose_all(team, member),
        }
    }

    /// All that a member holds gets its next key in this entry.
    pub(super) fn lose_all(&mut self, team: &Team, member: MemberId) {
        for (vault, _) in team.vaults() {
            if team.role_in(vault, member).is_some() {
                self.lose(vault);
            }
        }
    }

    fn lose(&mut self, vault: VaultId) {
        if !self.lost.contains(&vault) {
            self.lost.push(vault);
        }
    }

    /// The next keys of all that somebody loses.
    pub(super) fn rekey_lost(&mut self, state: &State, rng: Randomness<'_>) -> Result<()> {
        for vault in core::mem::take(&mut self.lost) {
            let public = state.team.vault(vault).ok_or(Error::NotFound)?;
            rekey_in(self, state, vault, public.key_version(), rng)?;
        }
        Ok(())
    }
}

/// What a wish comes to in the team as it is now; nothing if it is so already.
pub(super) fn grant_in(
    making: &mut Making,
    state: &State,
    wish: &Wish,
    now: u64,
    rng: Randomness<'_>,
) -> Result<()> {
    let team = &state.team;
    making.judged = true;
    match wish {
        Wish::Invite(new) => {
            let id = new.link.invite();
            if team.invite(id).is_some() {
                return Ok(());
            }
            let invite = Invite {
                id,
                member: new.member,
                access: new.access.clone(),
                expires: new.expires,
                link: new.link.public(),
                card: card(state, new.member, &new.name, rng)?.into(),
            };
            making.ops.push(Op::Invite(Box::new(invite)));
        }
        Wish::Cancel(id, member, keys) => match (team.invite(*id), team.member(*member)) {
            (Some(_), _) => making.ops.push(Op::CancelInvite(*id)),
            (None, Some(there)) if Some(there.keyset.signing) != *keys => {
                return Err(Error::JoinedAlready);
            }
            (None, _) => {}
        },
        Wish::Admit(join) => return admit_in(making, team, join, now),
        Wish::AddService(new) => {
            if team.member(new.member).is_some() {
                return Ok(());
            }
            let service = Service {
                grants: subrosa_wire::people::Grants(new.grants.clone()),
                expires: new.expires,
                card: card(state, new.member, &new.name, rng)?.into(),
            };
            let RotateKeys { keyset, proof, .. } = new.keys.clone();
            making.comes(team, new.member, &keyset, Some(&new.grants));
            let admission = Admission::Service(service);
            let add = Add { member: new.member, admission, keyset, proof };
            making.ops.push(Op::Add(Box::new(add)));
        }
        Wish::Role(RoleChange { member, vault, from, to }) => {
            let role = team.member(*member).ok_or(Error::NotFound)?.role;
            let current = team.vault(*vault).ok_or(Error::NotFound)?.grants.get(member).copied();
            match to {
                _ if role == Role::Owner => return Err(Error::NotAllowed(Reject::Authority)),
                _ if current == *to => {}
                // Somebody else has decided otherwise: what was taken away is not given back unasked.
                _ if current != *from => return Err(Error::RoleChanged),
                Some(role) => {
                    let grant = Grant { vault: *vault, role: *role };
                    making.ops.push(Op::SetRole(SetRole { member: *member, grant }));
                    making.come.push((*member, Some(*vault)));
                }
                None => {
                    making.ops.push(Op::Revoke(Revoke { member: *member, vault: *vault }));
                    making.takes(team, *member, Some(*vault));
                }
            }
        }
        Wish::Remove { members, staying } => {
            // Beside the next key of all that they may hold.
            let most = MAX_OPS.saturating_sub(team.vaults().count() + making.ops.len());
            for member in leaving(team, members, staying).into_iter().take(most) {
                making.ops.push(Op::Remove(member));
                making.takes(team, member, None);
            }
        }
        Wish::RenewKeys(new) => {
            let NewKeys { keys, before } = &**new;
            let current = &team.member(keys.member).ok_or(Error::NotFound)?.keyset;
            if *current == keys.keyset {
                return Ok(());
            }
            if current.signing != *before {
                return Err(Error::KeysChanged);
            }
            making.ops.push(Op::RotateKeys(Box::new(keys.clone())));
        }
        Wish::Promote(member) => {
            if team.member(*member).ok_or(Error::NotFound)?.role != Role::Owner {
                making.ops.push(Op::Promote(*member));
                making.come.push((*member, None));
            }
        }
    }
    Ok(())
}

/// Who goes with these members, as the team is now: first they, then machines that could add others.
fn leaving(team: &Team, members: &[MemberId], staying: &[MemberId]) -> Vec<MemberId> {
    let manages = |id: &MemberId| {
        team.vaults().any(|(vault, _)| team.role_in(vault, *id) == Some(VaultRole::Manager))
    };
    let machines = machines_of(team, members).into_iter().filter(|id| !staying.contains(id));
    let (first, then): (Vec<_>, Vec<_>) = machines.partition(manages);
    let there = members.iter().copied().filter(|id| team.member(*id).is_some());
    there.chain(first).chain(then).collect()
}

/// The other machines that these members have added, and those that such machines have, those too that
/// are gone.
#[must_use]
pub fn machines_of(team: &Team, members: &[MemberId]) -> Vec<MemberId> {
    let there = team.members().map(|(id, member)| (id, member.kind));
    let gone = team.former().iter().map(|keys| (keys.member, keys.kind));
    let made = there.chain(gone).filter_map(|(id, kind)| match kind {
        MemberKind::Service { by, .. } => Some((by, id)),
        MemberKind::Person => None,
    });
    let made: Vec<(MemberId, MemberId)> = made.collect();
    let mut found = members.to_vec();
    let mut at = 0;
    while let Some(maker) = found.get(at).copied() {
        for (_, machine) in made.iter().filter(|(by, _)| *by == maker) {
            if !found.contains(machine) {
                found.push(*machine);
            }
        }
        at += 1;
    }
    found.retain(|id| team.member(*id).is_some() && !members.contains(id));
    found
}

fn admit_in(making: &mut Making, team: &Team, join: &Join, now: u64) -> Result<()> {
    let is_theirs =
        |(_, member): (MemberId, &subrosa_wire::team::Member)| member.keyset == join.keyset;
    let Some(OpenInvite { invite, .. }) = team.invite(join.invited.invite) else {
        return if team.members().any(is_theirs) { Ok(()) } else { Err(Error::InviteGone) };
    };
    if !is_fit(team, join, invite) || invite.expires <= now {
        return Err(Error::InviteGone);
    }
    let Join { keyset, proof, invited } = join.clone();
    let member = invite.member;
    if invite.access == Access::Replace {
        let keys = RotateKeys { member, keyset, proof, invited: Some(invited) };
        making.keysets.push((member, keys.keyset.clone()));
        making.ops.push(Op::RotateKeys(Box::new(keys)));
        making.lose_all(team, member);
    } else {
        let grants = match &invite.access {
            Access::Member(grants) => Some(&*grants.0),
            Access::Owner | Access::Replace => None,
        };
        making.comes(team, member, &keyset, grants);
        let add = Add { member, admission: Admission::Invited(invited), keyset, proof };
        making.ops.push(Op::Add(Box::new(add)));
    }
    Ok(())
}

/// Whether a join is what it says, and keys can be wrapped to whoever it lets in.
fn is_fit(team: &Team, join: &Join, invite: &Invite) -> bool {
    join.is_sound(team.id(), invite) && vault_key::can_wrap_to(&join.keyset)
}

/// A member's name, sealed for all who hold the directory.
fn card(state: &State, member: MemberId, name: &str, rng: Randomness<'_>) -> Result<Vec<u8>> {
    let directory = state.team.directory();
    let key_version = state.team.vault(directory).ok_or(Error::NotFound)?.key_version();
    let key = state.keyring.get(directory, key_version).ok_or(Error::NoKey)?;
    let place = CardPlace { team: state.team.id(), directory, member, key_version };
    place.seal(name, key, rng).map_err(|_| Error::TooLarge)
}

impl State {
    /// After the team has changed: what was taken away is shown no more, and names are as they are now.
    pub(super) fn settle(&mut self, me: MemberId) {
        let team = &self.team;
        self.contents.keep(|vault| team.role_in(vault, me).is_some());
        self.read_names();
    }

    /// What members are called by the log's cards, as far as those open here; by invites too.
    fn read_names(&mut self) {
        let (team, directory) = (self.team.id(), self.team.directory());
        let invites = self
            .team
            .invites()
            .map(|(_, open)| (open.invite.member, open.key_version, &open.invite.card));
        let cards = self.team.cards().map(|(id, card)| (id, card.key_version, &card.sealed));
        let open = |(member, key_version, sealed): (MemberId, u32, &Vec<u8>)| {
            let key = self.keyring.get(directory, key_version)?;
            let name = CardPlace { team, directory, member, key_version }.open(sealed, key).ok()?;
            Some(subrosa_core::manifest::Card { member, name })
        };
        let all = cards.map(|(id, version, sealed)| (id, version, &**sealed));
        let all = all.chain(invites.map(|(id, version, sealed)| (id, version, &**sealed)));
        let names = all.filter_map(open).collect();
        self.contents.set_names(names);
    }
}
