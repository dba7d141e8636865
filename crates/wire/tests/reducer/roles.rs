//! What each role in a vault may do, and who gives and takes roles.

use subrosa_wire::id::{MemberId, VaultId};
use subrosa_wire::log::{Op, Retire};
use subrosa_wire::people::{Grant, Revoke, SetRole};
use subrosa_wire::team::{Reject, Team, VaultRole};

use crate::people::{Tale, next_key};
use crate::{ABSENT, DIRECTORY, FOUNDER, NEW, PROJECT, ROOT, STRANGER, commit, create, tree};

const HER: MemberId = MemberId::from_random([0x11; 16]);
const HIM: MemberId = MemberId::from_random([0x12; 16]);

const ROLES: [Option<VaultRole>; 4] =
    [None, Some(VaultRole::Reader), Some(VaultRole::Writer), Some(VaultRole::Manager)];
const REFUSED: Result<(), Reject> = Err(Reject::Authority);

/// She has this role in the project's vault.
fn team(role: Option<VaultRole>) -> Tale {
    let mut tale = Tale::new();
    tale.admit(HER, role.map(|role| (PROJECT, role)).as_slice());
    tale
}

fn set(member: MemberId, vault: VaultId, role: VaultRole) -> Op {
    Op::SetRole(SetRole { member, grant: Grant { vault, role } })
}

fn revoke(team: &Team, member: MemberId, vault: VaultId) -> Vec<Op> {
    vec![Op::Revoke(Revoke { member, vault }), next_key(team, vault)]
}

fn edit() -> Op {
    Op::Commit(commit(PROJECT, Some(tree("first")), tree("second")))
}

#[test]
fn a_member_commits_as_a_writer_and_above() {
    for (role, expected) in ROLES.into_iter().zip([REFUSED, REFUSED, Ok(()), Ok(())]) {
        assert_eq!(team(role).act(HER, vec![edit()]), expected, "{role:?}");
        assert_eq!(team(role).act(FOUNDER, vec![edit()]), Ok(()), "{role:?}");
    }
    let directory = Op::Commit(commit(DIRECTORY, None, tree("names")));
    let mut tale = team(Some(VaultRole::Manager));
    assert_eq!(tale.act(HER, vec![directory.clone()]), REFUSED, "everybody reads it, owners write");
    assert_eq!(tale.act(FOUNDER, vec![directory]), Ok(()));
}

#[test]
fn a_member_gives_and_retires_keys_as_a_manager() {
    for (role, expected) in ROLES.into_iter().zip([REFUSED, REFUSED, REFUSED, Ok(())]) {
        let mut tale = team(role);
        let rekey = next_key(&tale.team, PROJECT);
        assert_eq!(tale.act(HER, vec![rekey]), expected, "{role:?}");
        let mut tale = team(role);
        let under_the_next = commit(PROJECT, Some(tree("first")), tree("second"));
        let under_the_next =
            subrosa_wire::log::Commit { key_version: 2, oldest_live: 2, ..under_the_next };
        let ops = vec![next_key(&tale.team, PROJECT), Op::Commit(under_the_next)];
        assert_eq!(tale.act(FOUNDER, ops), Ok(()));
        let retire = Op::Retire(Retire { vault: PROJECT, version: 1 });
        assert_eq!(tale.act(HER, vec![retire]), expected, "{role:?}");
    }
}

#[test]
fn a_member_makes_vaults_under_those_that_it_manages_and_manages_them() {
    let make = |parent| Op::CreateVault(create(NEW, parent));
    let fill = || Op::Commit(commit(NEW, None, tree("new")));
    for (role, expected) in ROLES.into_iter().zip([REFUSED, REFUSED, REFUSED, Ok(())]) {
        let mut tale = team(role);
        let made = tale.act(HER, vec![make(Some(PROJECT)), fill()]);
        assert_eq!(made, expected, "{role:?}");
        let manages = made.is_ok().then_some(VaultRole::Manager);
        assert_eq!(tale.team.role_in(NEW, HER), manages, "{role:?}");
        let holders = tale.team.vault(NEW).map(|_| tale.team.holders(NEW));
        assert_eq!(holders, manages.map(|_| vec![FOUNDER, ROOT, HER]), "{role:?}");
    }
    let mut tale = team(Some(VaultRole::Manager));
    assert_eq!(tale.team.holders_of_new(HER), [FOUNDER, ROOT, HER]);
    assert_eq!(tale.team.holders_of_new(FOUNDER), [FOUNDER, ROOT]);
    assert_eq!(tale.act(HER, vec![make(None)]), REFUSED);
    for who in [HER, FOUNDER] {
        assert_eq!(tale.act(who, vec![make(Some(ABSENT))]), Err(Reject::Vault));
    }
    // What one makes is managed from the next entry on.
    let at_once = vec![make(Some(PROJECT)), next_key(&tale.team, NEW)];
    assert_eq!(tale.act(HER, at_once), Err(Reject::Vault));
    assert_eq!(tale.act(FOUNDER, vec![make(Some(PROJECT))]), Ok(()));
    assert_eq!(tale.team.role_in(NEW, HER), None, "she manages its parent, and it is an owner's");
}

#[test]
fn roles_are_given_by_owners_and_managers_and_managers_are_made_by_owners() {
    let roles = VaultRole::ALL;
    for mine in ROLES {
        for his in ROLES {
            for role in roles {
                let mut tale = team(mine);
                tale.admit(HIM, his.map(|role| (PROJECT, role)).as_slice());
                let manager = Some(VaultRole::Manager);
                let managing = role == VaultRole::Manager || his == manager;
                let expected = if mine == manager && !managing { Ok(()) } else { REFUSED };
                let before = tale.team.clone();
                let given = tale.act(HER, vec![set(HIM, PROJECT, role)]);
                assert_eq!(given, expected, "{mine:?} gives {his:?} {role:?}");
                tale.team = before;
                assert_eq!(tale.act(FOUNDER, vec![set(HIM, PROJECT, role)]), Ok(()));
                assert_eq!(tale.team.role_in(PROJECT, HIM), Some(role));
                assert_eq!(tale.team.vault(PROJECT).unwrap().unlost_since, 1, "nobody lost it");
            }
        }
    }
    let mut tale = team(Some(VaultRole::Manager));
    let writer = VaultRole::Writer;
    for (case, op, reason) in [
        ("an owner", set(FOUNDER, PROJECT, writer), Reject::Authority),
        ("the root", set(ROOT, PROJECT, writer), Reject::Authority),
        ("a stranger", set(STRANGER, PROJECT, writer), Reject::Member),
        ("no vault", set(HER, ABSENT, writer), Reject::Vault),
        ("everybody's", set(HER, DIRECTORY, writer), Reject::Directory),
    ] {
        assert_eq!(tale.act(FOUNDER, vec![op]), Err(reason), "{case}");
    }
    assert_eq!(tale.act(HER, vec![set(HER, PROJECT, writer)]), REFUSED, "a manager of herself");
    let twice = vec![set(HER, PROJECT, writer), set(HER, PROJECT, VaultRole::Reader)];
    assert_eq!(tale.act(FOUNDER, twice), Err(Reject::Repeated));
    let both = [vec![set(HER, PROJECT, writer)], revoke(&tale.team, HER, PROJECT)].concat();
    assert_eq!(tale.act(FOUNDER, both), Err(Reject::Repeated));
}

#[test]
fn a_vault_is_taken_with_its_next_key() {
    for mine in ROLES {
        for his in ROLES.into_iter().flatten() {
            let mut tale = team(mine);
            tale.admit(HIM, &[(PROJECT, his)]);
            let expected = if mine == Some(VaultRole::Manager) && his < VaultRole::Manager {
                Ok(())
            } else {
                REFUSED
            };
            let before = tale.team.clone();
            let taken = tale.act(HER, revoke(&before, HIM, PROJECT));
            assert_eq!(taken, expected, "{mine:?} takes it from {his:?}");
            tale.team = before.clone();
            assert_eq!(tale.act(FOUNDER, revoke(&before, HIM, PROJECT)), Ok(()));
            assert_eq!(tale.team.role_in(PROJECT, HIM), None);
            let vault = tale.team.vault(PROJECT).unwrap();
            assert_eq!((vault.key_version(), vault.unlost_since), (2, 2));
            assert_eq!(tale.team.vault(DIRECTORY).unwrap().unlost_since, 1);
            assert!(tale.team.member(HIM).is_some());
        }
    }
    let mut tale = team(Some(VaultRole::Manager));
    let team = tale.team.clone();
    tale.admit(HIM, &[]);
    let alone = vec![Op::Revoke(Revoke { member: HER, vault: PROJECT })];
    assert_eq!(tale.act(FOUNDER, alone), Err(Reject::NotRekeyed));
    let other =
        vec![Op::Revoke(Revoke { member: HER, vault: PROJECT }), next_key(&team, DIRECTORY)];
    assert_eq!(tale.act(FOUNDER, other), Err(Reject::NotRekeyed), "another vault's next key");
    for (case, who, ops, reason) in [
        ("herself", HER, revoke(&team, HER, PROJECT), Reject::Authority),
        ("who has none", FOUNDER, revoke(&team, HIM, PROJECT), Reject::Member),
        ("an owner", FOUNDER, revoke(&team, ROOT, PROJECT), Reject::Member),
        ("everybody's", FOUNDER, revoke(&team, HER, DIRECTORY), Reject::Directory),
        ("no vault", FOUNDER, revoke(&team, HER, ABSENT), Reject::Vault),
    ] {
        assert_eq!(tale.act(who, ops), Err(reason), "{case}");
    }
    // The key may come first, and what is taken is taken from the next entry on.
    let last = vec![next_key(&team, PROJECT), Op::Revoke(Revoke { member: HER, vault: PROJECT })];
    assert_eq!(tale.act(FOUNDER, last), Ok(()));
    assert_eq!(tale.act(HER, vec![edit()]), REFUSED);
}
