//! Who comes, who goes, and whose keys are whose.

use ed25519_dalek::{Signer, SigningKey};
use subrosa_wire::id::{Hash, InviteId, MemberId, TeamId, VaultId};
use subrosa_wire::keyset::{KEM_PUBLIC_BYTES, KemPublic, PublicKeyset, SigningPublic};
use subrosa_wire::log::{Entry, Op, Rekey, SignedEntry};
use subrosa_wire::people::{
    Access, Add, Admission, Grant, Grants, Invite, Invited, Join, KeysClaim, MAX_CARD, Revoke,
    RotateKeys, Service, SetRole,
};
use subrosa_wire::signed::BadSigned;
use subrosa_wire::team::{
    MAX_HELD, MAX_VAULTS, MemberKind, Reject, Role, SealedCard, Team, VaultRole,
};

use crate::{ABSENT, DIRECTORY, FOUNDER, NEW, PROJECT, ROOT, STRANGER, create, fresh};

const HER: MemberId = MemberId::from_random([0x11; 16]);
const HIM: MemberId = MemberId::from_random([0x12; 16]);
const CAR: MemberId = MemberId::from_random([0x13; 16]);

const READER: VaultRole = VaultRole::Reader;
const WRITER: VaultRole = VaultRole::Writer;
const MANAGER: VaultRole = VaultRole::Manager;
const REFUSED: Result<(), Reject> = Err(Reject::Authority);
const FORGED: Reject = Reject::Signed(BadSigned::Signature);

/// A team, and who acts in it: a member's keys are known from its id, and may be replaced.
pub struct Tale {
    pub team: Team,
    keys: Vec<(MemberId, SigningKey)>,
}

impl Tale {
    pub fn new() -> Self {
        Tale { team: crate::team(), keys: Vec::new() }
    }

    fn key(&self, who: MemberId) -> SigningKey {
        let replaced = self.keys.iter().rev().find(|(id, _)| *id == who);
        replaced.map_or_else(|| crate::key(who), |(_, key)| key.clone())
    }

    pub fn act(&mut self, who: MemberId, ops: Vec<Op>) -> Result<(), Reject> {
        let entry = Entry::after(self.team.id(), self.team.head(), who, 9, ops);
        let signed = SignedEntry::new(&entry, |bytes| self.key(who).sign(bytes).to_bytes());
        let before = self.team.clone();
        let taken = self.team.extend(&signed).map(drop);
        assert!(taken.is_ok() || self.team == before, "what is refused leaves no trace");
        taken
    }

    /// Makes somebody a member with these roles.
    pub fn admit(&mut self, who: MemberId, roles: &[(VaultId, VaultRole)]) {
        self.act(FOUNDER, vec![invite(who, member(roles))]).unwrap();
        let add = self.add(who);
        self.act(FOUNDER, vec![add]).unwrap();
    }

    fn owner(&mut self, who: MemberId) {
        self.act(FOUNDER, vec![invite(who, Access::Owner)]).unwrap();
        let add = self.add(who);
        self.act(FOUNDER, vec![add]).unwrap();
    }

    fn add(&self, who: MemberId) -> Op {
        add_with(&self.team, who, |_| {}, |_| {})
    }
}

fn member(roles: &[(VaultId, VaultRole)]) -> Access {
    Access::Member(grants(roles))
}

fn grants(roles: &[(VaultId, VaultRole)]) -> Grants {
    Grants(roles.iter().map(|(vault, role)| Grant { vault: *vault, role: *role }).collect())
}

/// The invite to be a member is called after it.
fn invite_id(who: MemberId) -> InviteId {
    InviteId::from_random(*who.bytes())
}

fn link(id: InviteId) -> SigningKey {
    SigningKey::from_bytes(&Hash::of(&[id.bytes().as_slice(), b"link"].concat()).0)
}

fn invite_as(id: InviteId, member: MemberId, access: Access) -> Invite {
    let link = SigningPublic(link(id).verifying_key().to_bytes());
    Invite { id, member, access, expires: 100, link, card: vec![7; MAX_CARD].into() }
}

fn invite(who: MemberId, access: Access) -> Op {
    Op::Invite(Box::new(invite_as(invite_id(who), who, access)))
}

/// Who holds the link of this invite, with these keys: as it posts it.
fn join(team: &Team, id: InviteId, who: MemberId, keys: &(PublicKeyset, SigningKey)) -> Join {
    let claim =
        KeysClaim { team: team.id(), invite: Some(id), member: who, keyset: keys.0.clone() };
    let proof = keys.1.sign(&claim.to_sign()).to_bytes();
    let link = link(id).sign(&claim.for_link()).to_bytes();
    Join { keyset: keys.0.clone(), proof, invited: Invited { invite: id, link } }
}

fn keys_of(who: MemberId) -> (PublicKeyset, SigningKey) {
    (crate::keyset(who), crate::key(who))
}

fn add_with(
    team: &Team,
    who: MemberId,
    claim: impl FnOnce(&mut KeysClaim),
    op: impl FnOnce(&mut Add),
) -> Op {
    let (keyset, key) = keys_of(who);
    let mut it = KeysClaim {
        team: team.id(),
        invite: Some(invite_id(who)),
        member: who,
        keyset: keyset.clone(),
    };
    claim(&mut it);
    let proof = key.sign(&it.to_sign()).to_bytes();
    let link = link(invite_id(who)).sign(&it.for_link()).to_bytes();
    let admission = Admission::Invited(Invited { invite: invite_id(who), link });
    let mut add = Add { member: who, admission, keyset, proof };
    op(&mut add);
    Op::Add(Box::new(add))
}

fn service(team: &Team, who: MemberId, roles: &[(VaultId, VaultRole)]) -> Add {
    let (keyset, key) = keys_of(who);
    let claim = KeysClaim { team: team.id(), invite: None, member: who, keyset: keyset.clone() };
    let service = Service { grants: grants(roles), expires: Some(7), card: vec![8; 9].into() };
    let proof = key.sign(&claim.to_sign()).to_bytes();
    Add { member: who, admission: Admission::Service(service), keyset, proof }
}

/// The next key of a vault.
pub fn next_key(team: &Team, vault: VaultId) -> Op {
    let version = team.vault(vault).map_or(1, subrosa_wire::team::Vault::key_version) + 1;
    let [key_commitment, wraps] = [Hash([0; 32]); 2];
    Op::Rekey(Rekey { vault, version, key_commitment, wraps, backlink: None })
}

fn next_keys(team: &Team, vaults: &[VaultId]) -> Vec<Op> {
    vaults.iter().map(|vault| next_key(team, *vault)).collect()
}

fn removal(team: &Team, who: MemberId, vaults: &[VaultId]) -> Vec<Op> {
    [vec![Op::Remove(who)], next_keys(team, vaults)].concat()
}

#[test]
fn somebody_is_invited_and_becomes_what_the_invite_says() {
    let mut tale = Tale::new();
    let access = member(&[(PROJECT, WRITER)]);
    assert_eq!(tale.act(FOUNDER, vec![invite(HER, access)]), Ok(()));
    let open = tale.team.invite(invite_id(HER)).unwrap().clone();
    assert_eq!((open.by, open.key_version, open.seq), (FOUNDER, 1, tale.team.head().seq));
    assert!(
        join(&tale.team, invite_id(HER), HER, &keys_of(HER)).is_sound(tale.team.id(), &open.invite)
    );
    assert!(tale.team.member(HER).is_none());

    let add = tale.add(HER);
    assert_eq!(tale.act(FOUNDER, vec![add.clone()]), Ok(()));
    let card = SealedCard { key_version: 1, sealed: open.invite.card };
    let her = tale.team.member(HER).unwrap();
    assert_eq!(
        (her.role, her.kind, &her.keyset),
        (Role::Member, MemberKind::Person, &keys_of(HER).0)
    );
    assert_eq!((her.seq, her.time), (tale.team.head().seq, 9));
    assert_eq!(tale.team.cards().collect::<Vec<_>>(), [(HER, &card)]);
    assert_eq!(tale.team.role_in(PROJECT, HER), Some(WRITER));
    assert_eq!(tale.team.role_in(DIRECTORY, HER), Some(READER));
    assert_eq!(tale.team.invites().count(), 0, "it is used up");
    assert_eq!(tale.act(FOUNDER, vec![add]), Err(Reject::Invite));

    tale.owner(HIM);
    assert_eq!(tale.team.member(HIM).unwrap().role, Role::Owner);
    assert_eq!(tale.team.role_in(PROJECT, HIM), Some(MANAGER));
    assert_eq!(tale.team.holders(PROJECT), [FOUNDER, ROOT, HER, HIM]);
    assert!(!tale.team.vault(PROJECT).unwrap().grants.contains_key(&HIM));
}

#[test]
fn an_invite_is_to_what_its_author_may_give() {
    let mut tale = Tale::new();
    tale.admit(HER, &[(PROJECT, MANAGER)]);
    tale.act(FOUNDER, vec![Op::CreateVault(create(NEW, None))]).unwrap();
    for (case, who, access, expected) in [
        ("a writer by a manager", HER, member(&[(PROJECT, WRITER)]), Ok(())),
        ("a manager by a manager", HER, member(&[(PROJECT, MANAGER)]), REFUSED),
        ("to another vault", HER, member(&[(NEW, READER)]), REFUSED),
        ("to another vault too", HER, member(&[(PROJECT, READER), (NEW, READER)]), REFUSED),
        ("to nothing", HER, member(&[]), REFUSED),
        ("an owner by a manager", HER, Access::Owner, REFUSED),
        ("other keys by a manager", HER, Access::Replace, REFUSED),
        ("to nothing by an owner", FOUNDER, member(&[]), Ok(())),
        ("a manager by an owner", FOUNDER, member(&[(PROJECT, MANAGER), (NEW, READER)]), Ok(())),
        ("an owner by an owner", FOUNDER, Access::Owner, Ok(())),
        ("the directory", FOUNDER, member(&[(DIRECTORY, READER)]), Err(Reject::Directory)),
        ("no vault", FOUNDER, member(&[(ABSENT, READER)]), Err(Reject::Vault)),
        (
            "out of order",
            FOUNDER,
            member(&[(NEW, READER), (PROJECT, READER)]),
            Err(Reject::Repeated),
        ),
        ("twice", FOUNDER, member(&[(NEW, READER), (NEW, WRITER)]), Err(Reject::Repeated)),
    ] {
        let before = tale.team.clone();
        assert_eq!(tale.act(who, vec![invite(HIM, access.clone())]), expected, "{case}");
        tale.team = before;
        let mut add = service(&tale.team, HIM, &[]);
        if let (Access::Member(grants), Admission::Service(service)) = (&access, &mut add.admission)
        {
            service.grants = grants.clone();
            let before = tale.team.clone();
            assert_eq!(tale.act(who, vec![Op::Add(Box::new(add))]), expected, "{case}: a service");
            tale.team = before;
        }
    }
    let op = |invite: Invite| vec![Op::Invite(Box::new(invite))];
    let good = || invite_as(invite_id(HIM), HIM, Access::Owner);
    for (case, bad, reason) in [
        ("a member's id", Invite { member: HER, ..good() }, Reject::Member),
        ("a weak link", Invite { link: SigningPublic([0; 32]), ..good() }, Reject::Invite),
        (
            "a card too long",
            Invite { card: vec![0; MAX_CARD + 1].into(), ..good() },
            Reject::Invite,
        ),
        ("a stranger's other keys", Invite { access: Access::Replace, ..good() }, Reject::Member),
        (
            "the root's other keys",
            Invite { access: Access::Replace, member: ROOT, ..good() },
            Reject::Authority,
        ),
    ] {
        assert_eq!(tale.act(FOUNDER, op(bad)), Err(reason), "{case}");
    }
    assert_eq!(tale.act(FOUNDER, [op(good()), op(good())].concat()), Err(Reject::Member));
    assert_eq!(tale.act(FOUNDER, op(good())), Ok(()));
    let again = Invite { member: CAR, ..good() };
    assert_eq!(tale.act(FOUNDER, op(again)), Err(Reject::Invite), "its id again");
    let other = Invite { id: invite_id(CAR), ..good() };
    assert_eq!(tale.act(FOUNDER, op(other)), Err(Reject::Member), "its member again");
}

#[test]
fn only_who_holds_the_link_and_the_keys_is_let_in() {
    let mut tale = Tale::new();
    tale.admit(HER, &[(PROJECT, MANAGER)]);
    tale.act(HER, vec![invite(HIM, member(&[(PROJECT, READER)]))]).unwrap();
    let team = tale.team.clone();
    let other_link = link(invite_id(CAR));
    type Change = fn(&mut KeysClaim);
    let claims: [(&str, Change); 4] = [
        ("another team", |it| it.team = TeamId(Hash::of(b""))),
        ("no invite", |it| it.invite = None),
        ("another member", |it| it.member = CAR),
        ("another KEM key", |it| it.keyset.kem = crate::keyset(ROOT).kem),
    ];
    for (case, change) in claims {
        let op = add_with(&team, HIM, change, |_| {});
        assert_eq!(tale.act(HER, vec![op]), Err(FORGED), "{case}");
    }
    type Damage<'a> = Box<dyn Fn(&mut Add) + 'a>;
    let ops: Vec<(&str, Damage<'_>, Reject)> = vec![
        ("another's keys", Box::new(|it| it.keyset = fresh(0x61).0), FORGED),
        ("keys of a member", Box::new(|it| it.keyset = crate::keyset(HER)), Reject::Key),
        (
            "half of a member's keys",
            Box::new(|it| it.keyset.kem = crate::keyset(HER).kem),
            Reject::Key,
        ),
        ("a weak key", Box::new(|it| it.keyset.signing = SigningPublic([0; 32])), Reject::Key),
        ("another member", Box::new(|it| it.member = CAR), Reject::Invite),
        (
            "another invite",
            Box::new(|it| {
                let [invite, link] = [invite_id(CAR), invite_id(CAR)];
                let link = super::people::link(link).sign(b"").to_bytes();
                it.admission = Admission::Invited(Invited { invite, link });
            }),
            Reject::Invite,
        ),
        (
            "another link",
            Box::new(|it| {
                let claim = KeysClaim {
                    team: team.id(),
                    invite: Some(invite_id(HIM)),
                    member: HIM,
                    keyset: it.keyset.clone(),
                };
                let link = other_link.sign(&claim.for_link()).to_bytes();
                it.admission = Admission::Invited(Invited { invite: invite_id(HIM), link });
            }),
            FORGED,
        ),
        (
            "the proof as the link's",
            Box::new(|it| {
                it.admission =
                    Admission::Invited(Invited { invite: invite_id(HIM), link: it.proof });
            }),
            FORGED,
        ),
    ];
    for (case, change, reason) in ops {
        let op = add_with(&team, HIM, |_| {}, |add| change(add));
        assert_eq!(tale.act(HER, vec![op]), Err(reason), "{case}");
    }
    // By its author, or by an owner; the invite is of an earlier entry.
    tale.admit(CAR, &[(PROJECT, MANAGER)]);
    let add = tale.add(HIM);
    assert_eq!(tale.act(CAR, vec![add.clone()]), REFUSED, "another manager");
    let before = tale.team.clone();
    assert_eq!(tale.act(FOUNDER, vec![add.clone()]), Ok(()));
    tale.team = before;
    assert_eq!(tale.act(HER, vec![add.clone(), add.clone()]), Err(Reject::Invite));
    assert_eq!(tale.act(HER, vec![add]), Ok(()));
    let mut tale = Tale::new();
    let at_once = vec![invite(HIM, member(&[])), tale.add(HIM)];
    assert_eq!(tale.act(FOUNDER, at_once), Err(Reject::Invite));
}

#[test]
fn an_invite_ends_with_what_its_author_may_do() {
    let manager = || {
        let mut tale = Tale::new();
        tale.admit(HER, &[(PROJECT, MANAGER)]);
        tale.act(HER, vec![invite(HIM, member(&[(PROJECT, READER)]))]).unwrap();
        tale
    };
    let revoke = |team: &Team| {
        vec![Op::Revoke(Revoke { member: HER, vault: PROJECT }), next_key(team, PROJECT)]
    };
    let demote = SetRole { member: HER, grant: Grant { vault: PROJECT, role: WRITER } };
    type Ends<'a> = Box<dyn Fn(&Team) -> Vec<Op> + 'a>;
    let voided: [(&str, Ends<'_>); 4] = [
        ("revoked", Box::new(revoke)),
        ("demoted", Box::new(move |_| vec![Op::SetRole(demote)])),
        ("removed", Box::new(|team| removal(team, HER, &[DIRECTORY, PROJECT]))),
        ("cancelled", Box::new(|_| vec![Op::CancelInvite(invite_id(HIM))])),
    ];
    for (case, ops) in voided {
        let mut tale = manager();
        let ops = ops(&tale.team);
        tale.act(FOUNDER, ops).unwrap();
        assert_eq!(tale.team.invites().count(), 0, "{case}");
        let add = tale.add(HIM);
        assert_eq!(tale.act(FOUNDER, vec![add]), Err(Reject::Invite), "{case}");
        assert_eq!(tale.act(FOUNDER, vec![invite(HIM, member(&[]))]), Ok(()), "{case}: anew");
    }
    // Others' invites stay.
    let mut tale = manager();
    tale.act(FOUNDER, vec![invite(CAR, member(&[(PROJECT, READER)]))]).unwrap();
    let ops = revoke(&tale.team);
    tale.act(FOUNDER, ops).unwrap();
    assert_eq!(tale.team.invites().map(|(id, _)| id).collect::<Vec<_>>(), [invite_id(CAR)]);
    // Cancelled by its author, an owner, or another manager of all that it is to.
    let cancel = || vec![Op::CancelInvite(invite_id(HIM))];
    let mut tale = manager();
    tale.admit(CAR, &[(PROJECT, WRITER)]);
    assert_eq!(tale.act(CAR, cancel()), REFUSED);
    let make = Op::SetRole(SetRole { member: CAR, grant: Grant { vault: PROJECT, role: MANAGER } });
    tale.act(FOUNDER, vec![make]).unwrap();
    for who in [CAR, HER, FOUNDER] {
        let before = tale.team.clone();
        assert_eq!(tale.act(who, cancel()), Ok(()), "{who:?}");
        assert_eq!(tale.act(who, cancel()), Err(Reject::Invite), "{who:?} again");
        tale.team = before;
    }
}

#[test]
fn who_is_removed_is_out_for_good_with_a_next_key_of_all_that_it_held() {
    let mut tale = Tale::new();
    tale.act(FOUNDER, vec![Op::CreateVault(create(NEW, None))]).unwrap();
    tale.admit(HER, &[(PROJECT, MANAGER)]);
    tale.owner(HIM);
    let held = [DIRECTORY, PROJECT];
    let team = tale.team.clone();
    for (case, who, ops, reason) in [
        ("by a manager", HER, removal(&team, HIM, &held), Reject::Authority),
        (
            "an owner itself",
            HIM,
            removal(&team, HIM, &[DIRECTORY, NEW, PROJECT]),
            Reject::Authority,
        ),
        ("the root", HIM, removal(&team, ROOT, &[DIRECTORY, NEW, PROJECT]), Reject::Authority),
        ("a stranger", HIM, removal(&team, STRANGER, &held), Reject::Member),
        ("no next key", HIM, removal(&team, HER, &[]), Reject::NotRekeyed),
        ("the directory left out", HIM, removal(&team, HER, &[PROJECT]), Reject::NotRekeyed),
        ("a vault left out", HIM, removal(&team, HER, &[DIRECTORY]), Reject::NotRekeyed),
        ("an owner's vault left out", HIM, removal(&team, FOUNDER, &held), Reject::NotRekeyed),
        (
            "twice",
            HIM,
            [vec![Op::Remove(HER)], removal(&team, HER, &held)].concat(),
            Reject::Member,
        ),
        (
            "promoted too",
            HIM,
            [vec![Op::Promote(HER)], removal(&team, HER, &held)].concat(),
            Reject::Repeated,
        ),
        (
            "given a role too",
            HIM,
            [
                vec![Op::SetRole(SetRole {
                    member: HER,
                    grant: Grant { vault: NEW, role: READER },
                })],
                removal(&team, HER, &held),
            ]
            .concat(),
            Reject::Repeated,
        ),
    ] {
        assert_eq!(tale.act(who, ops), Err(reason), "{case}");
    }
    assert_eq!(tale.act(HIM, removal(&team, HER, &held)), Ok(()));
    assert!(tale.team.member(HER).is_none());
    assert!(tale.team.cards().any(|(id, _)| id == HER), "her name stays with what she did");
    for vault in held {
        let vault = tale.team.vault(vault).unwrap();
        assert_eq!((vault.key_version(), vault.unlost_since), (2, 2));
        assert!(!vault.grants.contains_key(&HER));
    }
    assert_eq!(tale.team.vault(NEW).unwrap().unlost_since, 1);
    assert_eq!(tale.team.former().last().unwrap().member, HER);
    assert_eq!(tale.act(HER, vec![invite(CAR, member(&[]))]), Err(Reject::Author));
    // Neither its id nor its keys come back.
    assert_eq!(tale.act(HIM, vec![invite(HER, member(&[]))]), Err(Reject::Member));
    tale.act(HIM, vec![invite(CAR, member(&[]))]).unwrap();
    let hers = join(&tale.team, invite_id(CAR), CAR, &keys_of(HER));
    let add = Add {
        member: CAR,
        admission: Admission::Invited(hers.invited),
        keyset: hers.keyset,
        proof: hers.proof,
    };
    assert_eq!(tale.act(HIM, vec![Op::Add(Box::new(add))]), Err(Reject::Key));

    let all = [DIRECTORY, PROJECT, NEW];
    let ops = removal(&tale.team, FOUNDER, &all);
    assert_eq!(tale.act(HIM, ops), Ok(()), "an owner, by another");
    let ops = removal(&tale.team, HIM, &all);
    assert_eq!(tale.act(ROOT, ops), Err(Reject::LastOwner));
    assert_eq!(tale.team.holders(NEW), [ROOT, HIM]);
}

#[test]
fn a_member_becomes_an_owner_once() {
    let mut tale = Tale::new();
    tale.admit(HER, &[(PROJECT, MANAGER)]);
    let car = service(&tale.team, CAR, &[(PROJECT, READER)]);
    tale.act(HER, vec![Op::Add(Box::new(car))]).unwrap();
    assert_eq!(
        tale.team.member(CAR).unwrap().kind,
        MemberKind::Service { expires: Some(7), by: HER }
    );
    for (case, who, whom, reason) in [
        ("by a manager", HER, HER, Reject::Authority),
        ("a stranger", FOUNDER, STRANGER, Reject::Member),
        ("an owner", FOUNDER, ROOT, Reject::Member),
        ("a machine", FOUNDER, CAR, Reject::Member),
    ] {
        assert_eq!(tale.act(who, vec![Op::Promote(whom)]), Err(reason), "{case}");
    }
    let twice = vec![Op::Promote(HER), Op::Promote(HER)];
    assert_eq!(tale.act(FOUNDER, twice), Err(Reject::Member));
    assert_eq!(tale.act(FOUNDER, vec![Op::Promote(HER)]), Ok(()));
    for vault in [PROJECT, DIRECTORY] {
        assert!(!tale.team.vault(vault).unwrap().grants.contains_key(&HER), "owners have none");
        assert_eq!(tale.team.role_in(vault, HER), Some(MANAGER));
    }
    let ops = removal(&tale.team, FOUNDER, &[DIRECTORY, PROJECT]);
    assert_eq!(tale.act(HER, ops), Ok(()));
}

/// Other keys for `who`, by an invite to that or not.
fn other_keys(team: &Team, who: MemberId, byte: u8, by: Option<InviteId>) -> Op {
    let (keyset, key) = fresh(byte);
    let claim = KeysClaim { team: team.id(), invite: by, member: who, keyset: keyset.clone() };
    let proof = key.sign(&claim.to_sign()).to_bytes();
    let invited =
        by.map(|invite| Invited { invite, link: link(invite).sign(&claim.for_link()).to_bytes() });
    Op::RotateKeys(Box::new(RotateKeys { member: who, keyset, proof, invited }))
}

#[test]
fn a_member_replaces_its_own_keys_and_a_next_key_is_advised() {
    let mut tale = Tale::new();
    tale.admit(HER, &[(PROJECT, READER)]);
    tale.act(FOUNDER, vec![Op::CreateVault(create(NEW, None))]).unwrap();
    let team = tale.team.clone();
    assert_eq!(tale.act(FOUNDER, vec![other_keys(&team, HER, 0x61, None)]), REFUSED);
    assert_eq!(tale.act(HER, vec![other_keys(&team, FOUNDER, 0x61, None)]), REFUSED);
    assert_eq!(tale.act(HER, vec![other_keys(&team, HER, 0x61, None)]), Ok(()));
    let due =
        |team: &Team| [DIRECTORY, PROJECT, NEW].map(|vault| team.vault(vault).unwrap().rekey_due);
    assert_eq!(due(&tale.team), [true, true, false]);
    assert_eq!(tale.team.vault(PROJECT).unwrap().unlost_since, 1, "it warns, and blocks nothing");
    assert_eq!(tale.act(HER, vec![invite(HIM, member(&[]))]), Err(FORGED), "by the key before");
    tale.keys.push((HER, fresh(0x61).1));
    assert_eq!(tale.act(HER, vec![invite(HIM, member(&[]))]), REFUSED, "by the new one");
    let ops = vec![next_key(&tale.team, PROJECT)];
    assert_eq!(tale.act(FOUNDER, ops), Ok(()));
    assert_eq!(due(&tale.team), [true, false, false]);
    // With the next keys in the same entry nothing is due; an owner's own, as anybody's.
    let mut ops = vec![other_keys(&tale.team, FOUNDER, 0x62, None)];
    ops.extend(next_keys(&tale.team, &[DIRECTORY, NEW]));
    assert_eq!(tale.act(FOUNDER, ops), Ok(()));
    assert_eq!(due(&tale.team), [false, true, false]);
}

#[test]
fn lost_keys_are_replaced_through_an_owners_invite() {
    let mut tale = Tale::new();
    tale.admit(HER, &[(PROJECT, READER)]);
    tale.act(FOUNDER, vec![Op::CreateVault(create(NEW, None))]).unwrap();
    let id = invite_id(CAR);
    let replace = || vec![Op::Invite(Box::new(invite_as(id, HER, Access::Replace)))];
    assert_eq!(tale.act(FOUNDER, replace()), Ok(()));
    let team = tale.team.clone();
    let held = [DIRECTORY, PROJECT];
    let with = |op: Op, vaults: &[VaultId]| [vec![op], next_keys(&team, vaults)].concat();
    let keys = || other_keys(&team, HER, 0x61, Some(id));
    for (case, who, ops, reason) in [
        ("by herself", HER, with(keys(), &held), Reject::Authority),
        ("a vault left out", FOUNDER, with(keys(), &[PROJECT]), Reject::NotRekeyed),
        (
            "another's",
            FOUNDER,
            with(other_keys(&team, FOUNDER, 0x61, Some(id)), &[DIRECTORY, PROJECT, NEW]),
            Reject::Invite,
        ),
        (
            "no such invite",
            FOUNDER,
            with(other_keys(&team, HER, 0x61, Some(invite_id(HIM))), &held),
            Reject::Invite,
        ),
        (
            "to make a member",
            FOUNDER,
            vec![add_with(
                &team,
                HER,
                |_| {},
                |add| {
                    let (keyset, key) = fresh(0x61);
                    let join = join(&team, id, HER, &(keyset, key));
                    (add.keyset, add.proof) = (join.keyset, join.proof);
                    add.admission = Admission::Invited(join.invited);
                },
            )],
            Reject::Invite,
        ),
    ] {
        assert_eq!(tale.act(who, ops), Err(reason), "{case}");
    }
    assert_eq!(tale.act(FOUNDER, with(keys(), &held)), Ok(()));
    assert_eq!(tale.team.invites().count(), 0);
    assert_eq!(tale.team.member(HER).unwrap().keyset, fresh(0x61).0);
    assert_eq!(tale.team.vault(PROJECT).unwrap().unlost_since, 2);
    assert_eq!(tale.team.role_in(PROJECT, HER), Some(READER), "what she may do is as it was");
    // An invite to be a member gives nobody other keys.
    tale.act(FOUNDER, vec![invite(HIM, member(&[]))]).unwrap();
    let other = other_keys(&tale.team, HER, 0x62, Some(invite_id(HIM)));
    let ops = [vec![other], next_keys(&tale.team, &held)].concat();
    assert_eq!(tale.act(FOUNDER, ops), Err(Reject::Invite));
    // It goes with her.
    tale.act(FOUNDER, replace()).unwrap();
    let ops = removal(&tale.team, HER, &held);
    tale.act(FOUNDER, ops).unwrap();
    assert_eq!(tale.team.invites().map(|(id, _)| id).collect::<Vec<_>>(), [invite_id(HIM)]);
}

#[test]
fn a_join_is_sound_if_keys_and_link_say_the_same() {
    let mut tale = Tale::new();
    tale.act(FOUNDER, vec![invite(HER, Access::Owner)]).unwrap();
    let id = invite_id(HER);
    let open = tale.team.invite(id).unwrap().invite.clone();
    let good = || join(&tale.team, id, HER, &keys_of(HER));
    let team = tale.team.id();
    assert!(good().is_sound(team, &open));
    assert!(!good().is_sound(TeamId(Hash::of(b"")), &open));
    assert!(!good().is_sound(team, &invite_as(invite_id(HIM), HER, Access::Owner)));
    assert!(!good().is_sound(team, &Invite { member: HIM, ..open.clone() }));
    assert!(!good().is_sound(team, &Invite { link: keys_of(HIM).0.signing, ..open.clone() }));
    for keyset in [
        PublicKeyset { signing: SigningPublic([0; 32]), ..good().keyset },
        PublicKeyset { kem: KemPublic([9; KEM_PUBLIC_BYTES]), ..good().keyset },
        keys_of(HIM).0,
    ] {
        assert!(!Join { keyset, ..good() }.is_sound(team, &open));
    }
    assert!(!Join { proof: [0; 64], ..good() }.is_sound(team, &open));
    let invited = Invited { invite: id, link: good().proof };
    assert!(!Join { invited, ..good() }.is_sound(team, &open));
}

#[test]
fn the_minimum_client_only_rises() {
    let mut tale = Tale::new();
    tale.admit(HER, &[(PROJECT, MANAGER)]);
    assert_eq!(tale.act(HER, vec![Op::MinimumClient(1)]), REFUSED);
    assert_eq!(tale.act(FOUNDER, vec![Op::MinimumClient(0)]), Err(Reject::MinimumClient));
    assert_eq!(tale.act(FOUNDER, vec![Op::MinimumClient(3)]), Ok(()));
    assert_eq!(tale.team.minimum_client(), 3);
    assert_eq!(tale.act(FOUNDER, vec![Op::MinimumClient(3)]), Err(Reject::MinimumClient));
    let twice = vec![Op::MinimumClient(4), Op::MinimumClient(4)];
    assert_eq!(tale.act(FOUNDER, twice), Err(Reject::MinimumClient));
}

#[test]
fn invites_that_stolen_keys_may_have_made_end_with_the_keys() {
    let mut tale = Tale::new();
    tale.owner(HER);
    tale.act(HER, vec![invite(HIM, member(&[]))]).unwrap();
    tale.act(FOUNDER, vec![invite(CAR, member(&[]))]).unwrap();
    let [before, after] = [invite_id(STRANGER), invite_id(MemberId::from_random([0x14; 16]))];
    for id in [before, after] {
        let replace = Op::Invite(Box::new(invite_as(id, HER, Access::Replace)));
        tale.act(FOUNDER, vec![replace]).unwrap();
    }
    // Who replaces his own keys has not lost them.
    let own = other_keys(&tale.team, HER, 0x63, None);
    let mut itself = Tale { team: tale.team.clone(), keys: Vec::new() };
    itself.act(HER, vec![own]).unwrap();
    assert_eq!(itself.team.invites().count(), 4);
    let other = other_keys(&tale.team, HER, 0x63, Some(before));
    let ops = [vec![other], next_keys(&tale.team, &[DIRECTORY, PROJECT])].concat();
    tale.act(FOUNDER, ops).unwrap();
    let open: Vec<_> = tale.team.invites().map(|(id, _)| id).collect();
    assert_eq!(open, [invite_id(CAR)], "hers, and those to her keys, are void");
}

#[test]
fn a_team_is_no_larger_than_what_one_entry_rekeys_and_members_leave_owners_room() {
    let vault = |number: usize| {
        let mut id = [0x77; 16];
        id[..8].copy_from_slice(&number.to_be_bytes());
        VaultId::from_random(id)
    };
    let make = |numbers: std::ops::Range<usize>, parent| -> Vec<Op> {
        numbers.map(|it| Op::CreateVault(create(vault(it), parent))).collect()
    };
    let mut tale = Tale::new();
    tale.admit(HER, &[(PROJECT, MANAGER)]);
    tale.admit(CAR, &[]);
    let there = tale.team.vaults().count();
    assert_eq!(tale.act(HER, make(there..129, Some(PROJECT))), Err(Reject::Full));
    assert_eq!(tale.act(HER, make(there..128, Some(PROJECT))), Ok(()));
    assert_eq!(tale.act(HER, make(128..129, Some(PROJECT))), Err(Reject::Full));
    assert_eq!(tale.act(FOUNDER, make(128..MAX_VAULTS + 1, None)), Err(Reject::Full));
    assert_eq!(tale.act(FOUNDER, make(128..MAX_VAULTS, None)), Ok(()));
    // All of it is still rekeyed in one entry: whoever holds most goes.
    let held: Vec<VaultId> = tale.team.vaults().map(|(id, _)| id).collect();
    let hers: Vec<VaultId> =
        held.iter().copied().filter(|id| tale.team.role_in(*id, HER).is_some()).collect();
    assert!(hers.len() > 120);
    let mut without = Tale { team: tale.team.clone(), keys: Vec::new() };
    let ops = removal(&without.team, HER, &hers);
    assert_eq!(without.act(FOUNDER, ops), Ok(()));
    // Owners, each of whom holds every vault, fill it up.
    let mut count = 0;
    let full = loop {
        let who = MemberId::from_random([0x80 + count; 16]);
        tale.act(FOUNDER, vec![invite(who, Access::Owner)]).unwrap();
        let add = tale.add(who);
        if let Err(reason) = tale.act(FOUNDER, vec![add]) {
            break reason;
        }
        count += 1;
    };
    assert_eq!(full, Reject::Full);
    assert!(count > 40, "{count} owners");
    let keys: usize = held.iter().map(|id| tale.team.holders(*id).len()).sum();
    assert!(keys <= MAX_HELD && keys + MAX_VAULTS > MAX_HELD, "{keys} keys");
    // Nobody else gets in by promotion, another role or as a machine; who is there can still go.
    let promote = Op::Promote(HER);
    let set = |vault| Op::SetRole(SetRole { member: HER, grant: Grant { vault, role: READER } });
    let others = held.iter().copied().filter(|id| !hers.contains(id));
    let grants: Vec<Op> = others.map(set).collect();
    assert_eq!(tale.act(FOUNDER, vec![promote]), Err(Reject::Full));
    assert_eq!(tale.act(FOUNDER, grants), Err(Reject::Full));
    let ops = removal(&tale.team, MemberId::from_random([0x80; 16]), &held);
    assert_eq!(tale.act(FOUNDER, ops), Ok(()));
}

#[test]
fn who_is_no_owner_has_only_so_many_invites_open() {
    let mut tale = Tale::new();
    tale.admit(HER, &[(PROJECT, MANAGER)]);
    let one =
        |number: u8| invite(MemberId::from_random([number; 16]), member(&[(PROJECT, READER)]));
    let many: Vec<Op> = (0x20..0xa0).map(one).collect();
    assert_eq!(many.len(), 128);
    assert_eq!(tale.act(HER, many), Ok(()));
    assert_eq!(tale.act(HER, vec![one(0xa0)]), Err(Reject::Full));
    assert_eq!(tale.act(FOUNDER, vec![one(0xa0)]), Ok(()));
    let cancel = Op::CancelInvite(invite_id(MemberId::from_random([0x20; 16])));
    assert_eq!(tale.act(HER, vec![cancel]), Ok(()));
    assert_eq!(tale.act(HER, vec![one(0xa1)]), Ok(()));
}
