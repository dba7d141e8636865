//! Who belongs to the team, and what whom of them may open.
//!
//! In one entry a member is either given and taken roles in vaults, each once, or is added, removed,
//! promoted or given other keys, once.

use super::step::Step;
use super::{
    FormerKeys, Loss, Lost, MAX_BY_MEMBERS, Member, MemberKind, OpenInvite, Reject, Role,
    SealedCard, VaultRole,
};
use crate::encoding::strictly_ascending;
use crate::id::{Hash, InviteId, MemberId, VaultId};
use crate::keyset::PublicKeyset;
use crate::people::{
    Access, Add, Admission, Grant, Grants, Invite, Invited, KeysClaim, MAX_CARD, Revoke,
    RotateKeys, SetRole,
};
use crate::signed::BadSigned;

const FORGED: Reject = Reject::Signed(BadSigned::Signature);

impl Step<'_> {
    pub(super) fn invite(&mut self, op: &Invite) -> Result<(), Reject> {
        self.may_grant(&op.access)?;
        match op.access {
            Access::Replace if op.member == self.before.root => return Err(Reject::Authority),
            Access::Replace if self.member(op.member).is_none() => return Err(Reject::Member),
            Access::Replace => {}
            Access::Owner | Access::Member(_) if self.is_new(op.member) => {}
            Access::Owner | Access::Member(_) => return Err(Reject::Member),
        }
        let known = self.open_invite(op.id).is_some() || self.changes.invites.contains_key(&op.id);
        if known || !op.link.is_sound() || op.card.len() > MAX_CARD {
            return Err(Reject::Invite);
        }
        let own = self.open_invites().filter(|open| open.by == self.author()).count();
        if !self.author_is_owner() && own >= MAX_BY_MEMBERS {
            return Err(Reject::Full);
        }
        let open = OpenInvite {
            invite: op.clone(),
            by: self.author(),
            key_version: self.directory_key(),
            seq: self.entry.seq,
            time: self.entry.time,
        };
        self.changes.invites.insert(op.id, Some(open));
        Ok(())
    }

    pub(super) fn cancel_invite(&mut self, id: InviteId) -> Result<(), Reject> {
        let open = self.open_invite(id).ok_or(Reject::Invite)?;
        if !self.before.may_cancel(self.author(), open) {
            return Err(Reject::Authority);
        }
        self.changes.invites.insert(id, None);
        Ok(())
    }

    pub(super) fn add(&mut self, op: &Add) -> Result<(), Reject> {
        let (role, grants, kind, card) = match &op.admission {
            Admission::Invited(invited) => {
                let OpenInvite { invite, key_version, .. } = self.use_up(invited)?;
                let (role, grants) = match invite.access {
                    Access::Owner => (Role::Owner, Grants::default()),
                    Access::Member(grants) => (Role::Member, grants),
                    Access::Replace => return Err(Reject::Invite),
                };
                if invite.member != op.member {
                    return Err(Reject::Invite);
                }
                let card = SealedCard { key_version, sealed: invite.card };
                (role, grants, MemberKind::Person, card)
            }
            Admission::Service(service) => {
                self.may_grant(&Access::Member(service.grants.clone()))?;
                if !self.is_new(op.member) {
                    return Err(Reject::Member);
                }
                if service.card.len() > MAX_CARD {
                    return Err(Reject::Invite);
                }
                let kind = MemberKind::Service { expires: service.expires, by: self.author() };
                let key_version = self.directory_key();
                let card = SealedCard { key_version, sealed: service.card.clone() };
                (Role::Member, service.grants.clone(), kind, card)
            }
        };
        let invited = match &op.admission {
            Admission::Invited(invited) => Some(invited),
            Admission::Service(_) => None,
        };
        self.check_keys(op.member, &op.keyset, &op.proof, invited)?;
        self.settle(op.member)?;
        let member = Member {
            role,
            keyset: op.keyset.clone(),
            seq: self.entry.seq,
            time: self.entry.time,
            kind,
        };
        self.grows = true;
        self.changes.members.insert(op.member, Some(member));
        self.changes.cards.push((op.member, card));
        if role == Role::Member {
            let directory = Grant { vault: self.before.directory, role: VaultRole::Reader };
            for grant in grants.0.into_iter().chain([directory]) {
                self.change(grant.vault, |vault| {
                    vault.grants.insert(op.member, grant.role);
                });
            }
        }
        Ok(())
    }

    pub(super) fn set_role(&mut self, op: SetRole) -> Result<(), Reject> {
        let SetRole { member, grant: Grant { vault, role } } = op;
        self.granted(vault)?;
        if self.member(member).ok_or(Reject::Member)?.role == Role::Owner {
            return Err(Reject::Authority);
        }
        let current = self.vault(vault).and_then(|vault| vault.grants.get(&member)).copied();
        let managing = role == VaultRole::Manager || current == Some(VaultRole::Manager);
        if managing && !self.author_is_owner() {
            return Err(Reject::Authority);
        }
        self.settle_in(vault, member)?;
        self.grows = true;
        self.change(vault, |vault| {
            vault.grants.insert(member, role);
        });
        if role < VaultRole::Manager {
            self.void_invites(member, Some(vault));
        }
        Ok(())
    }

    pub(super) fn revoke(&mut self, op: Revoke) -> Result<(), Reject> {
        let Revoke { member, vault } = op;
        self.granted(vault)?;
        let current = self.vault(vault).and_then(|vault| vault.grants.get(&member));
        let current = *current.ok_or(Reject::Member)?;
        let managing = current == VaultRole::Manager;
        if member == self.author() || managing && !self.author_is_owner() {
            return Err(Reject::Authority);
        }
        self.settle_in(vault, member)?;
        self.change(vault, |vault| {
            vault.grants.remove(&member);
        });
        self.note_losses(member, &[vault], Lost::Revoked);
        self.lost.push(vault);
        self.void_invites(member, Some(vault));
        Ok(())
    }

    pub(super) fn remove(&mut self, id: MemberId) -> Result<(), Reject> {
        if !self.author_is_owner() || id == self.author() || id == self.before.root {
            return Err(Reject::Authority);
        }
        let former = self.former(id, self.member(id).ok_or(Reject::Member)?);
        self.settle(id)?;
        let held = self.held(id);
        for vault in &held {
            self.change(*vault, |vault| {
                vault.grants.remove(&id);
            });
        }
        self.note_losses(id, &held, Lost::Removed);
        self.lost.extend(held);
        self.changes.members.insert(id, None);
        self.changes.former.push(former);
        self.void_invites(id, None);
        Ok(())
    }

    pub(super) fn promote(&mut self, id: MemberId) -> Result<(), Reject> {
        if !self.author_is_owner() {
            return Err(Reject::Authority);
        }
        let mut member = self.member(id).ok_or(Reject::Member)?.clone();
        if member.role == Role::Owner || member.kind != MemberKind::Person {
            return Err(Reject::Member);
        }
        self.settle(id)?;
        for vault in self.held(id) {
            self.change(vault, |vault| {
                vault.grants.remove(&id);
            });
        }
        self.grows = true;
        member.role = Role::Owner;
        self.changes.members.insert(id, Some(member));
        Ok(())
    }

    pub(super) fn rotate_keys(&mut self, op: &RotateKeys) -> Result<(), Reject> {
        let (id, author, root) = (op.member, self.author(), self.before.root);
        let mut member = self.member(id).ok_or(Reject::Member)?.clone();
        let by_the_root = author == root || id == root;
        let itself = author == id && id != root && op.invited.is_none();
        if let Some(invited) = &op.invited {
            let OpenInvite { invite, .. } = self.use_up(invited)?;
            if invite.access != Access::Replace || invite.member != id {
                return Err(Reject::Invite);
            }
        } else if !(itself || by_the_root && self.author_is_owner() && member.role == Role::Owner) {
            return Err(Reject::Authority);
        }
        self.check_keys(id, &op.keyset, &op.proof, op.invited.as_ref())?;
        let former = self.former(id, &member);
        self.settle(id)?;
        let held = self.held(id);
        if itself {
            self.due.extend(held)
        } else {
            self.note_losses(id, &held, Lost::Replaced);
            self.lost.extend(held);
            // Whoever had the keys before may have made them.
            self.void_invites(id, None);
        }
        member.keyset = op.keyset.clone();
        (member.seq, member.time) = (self.entry.seq, self.entry.time);
        self.changes.members.insert(id, Some(member));
        self.changes.former.push(former);
        Ok(())
    }

    /// Whether the team has an owner but the root.
    pub(super) fn has_owner(&self) -> bool {
        self.owners().any(|id| *id != self.before.root)
    }

    /// How many keys all members hold together.
    pub(super) fn held_keys(&self) -> usize {
        let owners = self.owners().count();
        self.vaults().map(|(_, vault)| owners + vault.grants.len()).sum()
    }

    /// The owners as they are now.
    fn owners(&self) -> impl Iterator<Item = &MemberId> {
        let before = self.before.members.keys().filter(|id| !self.changes.members.contains_key(id));
        let all = before.chain(self.changes.members.keys());
        all.filter(|id| self.member(**id).is_some_and(|member| member.role == Role::Owner))
    }

    pub(super) fn author_is_owner(&self) -> bool {
        self.before.is_owner(self.author())
    }

    /// A member as it is now.
    fn member(&self, id: MemberId) -> Option<&Member> {
        match self.changes.members.get(&id) {
            Some(changed) => changed.as_ref(),
            None => self.before.members.get(&id),
        }
    }

    /// Whether nobody has this id or ever had it, and no open invite names it.
    fn is_new(&self, id: MemberId) -> bool {
        let mut former = self.before.former.iter().chain(&self.changes.former);
        self.member(id).is_none()
            && !former.any(|keys| keys.member == id)
            && !self.open_invites().any(|open| open.invite.member == id)
    }

    /// All invites that are open now.
    fn open_invites(&self) -> impl Iterator<Item = &OpenInvite> {
        let changed = &self.changes.invites;
        let before = self.before.invites.iter().filter(|(id, _)| !changed.contains_key(id));
        before.map(|(_, open)| open).chain(changed.values().flatten())
    }

    fn open_invite(&self, id: InviteId) -> Option<&OpenInvite> {
        match self.changes.invites.get(&id) {
            Some(changed) => changed.as_ref(),
            None => self.before.invites.get(&id),
        }
    }

    /// Uses an invite of an earlier entry up, if the author may let its link's holder in.
    fn use_up(&mut self, invited: &Invited) -> Result<OpenInvite, Reject> {
        let id = invited.invite;
        let open = self.open_invite(id).filter(|open| open.seq < self.entry.seq);
        let open = open.ok_or(Reject::Invite)?.clone();
        if !self.before.may_add(self.author(), &open) {
            return Err(Reject::Authority);
        }
        self.changes.invites.insert(id, None);
        Ok(open)
    }

    /// Drops the invites by a member, to this vault alone if one is named; with the member itself
    /// those to replace its keys.
    fn void_invites(&mut self, member: MemberId, vault: Option<VaultId>) {
        let names = |grants: &Grants, vault| grants.0.iter().any(|grant| grant.vault == vault);
        let void = |open: &OpenInvite| match (&open.invite.access, vault) {
            (Access::Member(grants), Some(vault)) => open.by == member && names(grants, vault),
            (Access::Owner | Access::Replace, Some(_)) => false,
            (_, None) => open.by == member || open.invite.member == member,
        };
        let invites = self.before.invites.keys().chain(self.changes.invites.keys());
        let voided = invites.filter(|id| self.open_invite(**id).is_some_and(void));
        for id in voided.copied().collect::<Vec<_>>() {
            self.changes.invites.insert(id, None);
        }
    }

    fn may_grant(&self, access: &Access) -> Result<(), Reject> {
        if let Access::Member(Grants(grants)) = access {
            if !strictly_ascending(grants.iter().map(|grant| grant.vault)) {
                return Err(Reject::Repeated);
            }
            for grant in grants {
                self.grantable(grant.vault)?;
            }
        }
        if self.before.may_grant(self.author(), access) { Ok(()) } else { Err(Reject::Authority) }
    }

    /// A vault that was there before this entry, and that is not every member's.
    fn grantable(&self, vault: VaultId) -> Result<(), Reject> {
        match self.before.vaults.get(&vault) {
            None => Err(Reject::Vault),
            Some(_) if vault == self.before.directory => Err(Reject::Directory),
            Some(_) => Ok(()),
        }
    }

    /// A vault whose roles the author decides on.
    fn granted(&self, vault: VaultId) -> Result<(), Reject> {
        self.grantable(vault)?;
        match self.before.role_in(vault, self.author()) {
            Some(VaultRole::Manager) => Ok(()),
            _ => Err(Reject::Authority),
        }
    }

    /// The vaults of before this entry that a member held then.
    fn held(&self, id: MemberId) -> Vec<VaultId> {
        let vaults = self.before.vaults.keys().copied();
        vaults.filter(|vault| self.before.role_in(*vault, id).is_some()).collect()
    }

    /// What people have read of these is for a list of what to replace. Machines' tokens are swapped as a
    /// matter of course, and the root's key is nobody's who reads.
    fn note_losses(&mut self, member: MemberId, vaults: &[VaultId], how: Lost) {
        let person =
            self.before.members.get(&member).is_some_and(|it| it.kind == MemberKind::Person);
        if !person || member == self.before.root {
            return;
        }
        let (seq, time) = (self.entry.seq, self.entry.time);
        let vaults = vaults.iter().filter(|vault| **vault != self.before.directory);
        let losses = vaults.map(|vault| Loss { member, vault: *vault, how, seq, time });
        self.changes.losses.extend(losses);
    }

    fn settle(&mut self, id: MemberId) -> Result<(), Reject> {
        let settled = self.settled.iter().any(|(_, member)| *member == id);
        if settled || self.changes.members.contains_key(&id) {
            return Err(Reject::Repeated);
        }
        Ok(())
    }

    fn settle_in(&mut self, vault: VaultId, id: MemberId) -> Result<(), Reject> {
        if self.changes.members.contains_key(&id) || self.settled.contains(&(vault, id)) {
            return Err(Reject::Repeated);
        }
        self.settled.push((vault, id));
        Ok(())
    }

    fn directory_key(&self) -> u32 {
        self.before.vaults.get(&self.before.directory).map_or(0, super::Vault::key_version)
    }

    fn former(&self, id: MemberId, member: &Member) -> FormerKeys {
        let Member { keyset, kind, .. } = member;
        let (signing, kem) = (keyset.signing, Hash::of(&keyset.kem.0));
        let (seq, time) = (self.entry.seq, self.entry.time);
        FormerKeys { member: id, signing, kem, kind: *kind, seq, time }
    }

    /// Whether these keys are nobody's and never were, and both they and the link say whose they shall
    /// be.
    fn check_keys(
        &self,
        member: MemberId,
        keyset: &PublicKeyset,
        proof: &[u8; 64],
        invited: Option<&Invited>,
    ) -> Result<(), Reject> {
        let kem = Hash::of(&keyset.kem.0);
        let added = self.changes.members.values().flatten();
        let mut current = self.before.members.values().chain(added).map(|member| &member.keyset);
        let mut former = self.before.former.iter();
        if !keyset.signing.is_sound()
            || current.any(|it| it.signing == keyset.signing || it.kem == keyset.kem)
            || former.any(|it| it.signing == keyset.signing || it.kem == kem)
        {
            return Err(Reject::Key);
        }
        let invite = invited.map(|invited| invited.invite);
        let claim = KeysClaim { team: self.before.id, invite, member, keyset: keyset.clone() };
        if !keyset.signing.verifies(&claim.to_sign(), proof) {
            return Err(FORGED);
        }
        match invited.and_then(|it| Some((self.before.invites.get(&it.invite)?, it.link))) {
            Some((open, link)) if !open.invite.link.verifies(&claim.for_link(), &link) => {
                Err(FORGED)
            }
            _ => Ok(()),
        }
    }
}
