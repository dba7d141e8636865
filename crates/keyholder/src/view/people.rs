//! Who belongs to the team.

use subrosa_bridge::people::{
    Access, Grant, GrantableVault, Invite, LastUse as Used, Machine, Member, MemberKind, People,
    Role,
};
use subrosa_client::{Platform, TeamClient, machines_of};
use subrosa_core::keyset;
use subrosa_core::order;
use subrosa_core::unicode::lower_case;
use subrosa_wire::api::LastUse;
use subrosa_wire::id::{MemberId, VaultId};
use subrosa_wire::people::{self as wire, VaultRole};
use subrosa_wire::team::{self, OpenInvite};

use super::{Names, name, time};

/// The people, with who waits at the door; without `uses`, it is not known which machine is in use.
pub(crate) fn people<P: Platform>(client: &TeamClient<P>, uses: Option<&[LastUse]>) -> People {
    let door = client.at_the_door();
    let (contents, team, me) = (client.contents(), client.team(), client.me());
    let names = Names::of(&contents);
    let (owner, now) = (team.is_owner(me), client.platform().now());
    let last_used = |id| match uses.map(|uses| uses.iter().find(|used| used.member == id)) {
        None => Used::Unknown,
        Some(None) => Used::Never,
        Some(Some(used)) => Used::At(time(used.time)),
    };
    let machine = |id, expires: Option<u64>, by| Machine {
        by: MemberId::to_string(&by),
        by_name: names.member(by),
        expires: expires.map(time),
        expired: expires.is_some_and(|expires| expires <= now),
        last_used: last_used(id),
    };
    let mut members: Vec<Member> = team
        .members()
        .map(|(id, member)| Member {
            id: id.to_string(),
            name: names.member(id),
            kind: match (member.role, member.kind) {
                _ if id == team.root() => MemberKind::Root,
                (_, team::MemberKind::Service { expires, by }) => {
                    MemberKind::Machine(machine(id, expires, by))
                }
                (team::Role::Owner, _) => MemberKind::Owner,
                (team::Role::Member, _) => MemberKind::Member,
            },
            me: id == me,
            fingerprint: keyset::of_public(&member.keyset),
            since: time(member.time),
            grants: grants(&team, id),
            removable: owner && id != me && id != team.root(),
            machines: machines_of(&team, &[id]).iter().map(MemberId::to_string).collect(),
        })
        .collect();
    order::sort_by_key(&mut members, |it| (lower_case(&it.name), it.id.clone()));
    let invite = |open: &OpenInvite| {
        let asks = door.iter().filter(|it| it.invite == open.invite.id);
        Invite {
            id: open.invite.id.to_string(),
            name: names.member(open.invite.member),
            access: access(&open.invite),
            by: names.member(open.by),
            time: time(open.time),
            expires: time(open.invite.expires),
            expired: open.invite.expires <= now,
            cancellable: team.may_cancel(me, open),
            admits: team.may_add(me, open),
            waiting: asks.map(|it| keyset::of_public(&it.join.keyset)).collect(),
            compare: must_compare(&open.invite.access),
        }
    };
    let mut invites: Vec<&OpenInvite> = team.invites().map(|(_, open)| open).collect();
    order::sort_by_key(&mut invites, |open| core::cmp::Reverse(open.seq));
    let vaults = team.vaults().filter(|(id, _)| *id != team.directory());
    let mut vaults: Vec<GrantableVault> = vaults
        .map(|(id, _)| GrantableVault {
            vault: id.to_string(),
            name: contents.vault(id).map(|vault| name(&contents, vault)).unwrap_or_default(),
            manages: team.role_in(id, me) == Some(VaultRole::Manager),
        })
        .collect();
    order::sort_by_key(&mut vaults, |it| (lower_case(&it.name), it.vault.clone()));
    let invites = invites.into_iter().map(invite).collect();
    let directory = team.directory().to_string();
    People { owner, directory, members, invites, vaults }
}

/// What an invite is to.
pub(crate) fn access(invite: &wire::Invite) -> Access {
    match &invite.access {
        wire::Access::Owner => Access::Owner,
        wire::Access::Member(grants) => {
            Access::Member(grants.0.iter().map(|grant| shown(grant.vault, grant.role)).collect())
        }
        wire::Access::Replace => Access::Replace(invite.member.to_string()),
    }
}

/// Whether whoever is let in gets so much that the words must be compared.
fn must_compare(access: &wire::Access) -> bool {
    match access {
        wire::Access::Owner | wire::Access::Replace => true,
        wire::Access::Member(grants) => {
            grants.0.iter().any(|grant| grant.role == VaultRole::Manager)
        }
    }
}

fn grants(team: &team::Team, id: MemberId) -> Vec<Grant> {
    let vaults = team.vaults().filter(|(vault, _)| *vault != team.directory());
    let grant = |(vault, public): (VaultId, &team::Vault)| {
        public.grants.get(&id).map(|role| shown(vault, *role))
    };
    vaults.filter_map(grant).collect()
}

fn shown(vault: VaultId, role: VaultRole) -> Grant {
    Grant { vault: vault.to_string(), role: shown_role(role) }
}

/// A role as the page has it.
pub(super) fn shown_role(role: VaultRole) -> Role {
    match role {
        VaultRole::Reader => Role::Reader,
        VaultRole::Writer => Role::Writer,
        VaultRole::Manager => Role::Manager,
    }
}

/// A role as the log has it.
pub(crate) fn role(role: Role) -> VaultRole {
    match role {
        Role::Reader => VaultRole::Reader,
        Role::Writer => VaultRole::Writer,
        Role::Manager => VaultRole::Manager,
    }
}
