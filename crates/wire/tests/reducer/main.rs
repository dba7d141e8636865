//! The reducer's rules, one by one: what breaks a rule is rejected for that reason and leaves the
//! state as it was; what differs from it by that alone takes effect.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on ends")]

mod people;
mod roles;

use ed25519_dalek::{Signer, SigningKey};
use minicbor::bytes::ByteVec;
use subrosa_wire::SUITE;
use subrosa_wire::encoding::{Malformed, decode_strict, encode, read};
use subrosa_wire::id::{Hash, MemberId, TeamId, VaultId};
use subrosa_wire::keyset::{KEM_PUBLIC_BYTES, KemPublic, PublicKeyset, SigningPublic};
use subrosa_wire::label::Label;
use subrosa_wire::log::{
    Commit, CreateVault, Entry, Genesis, Head, KeyVersion, MAX_OPS, MAX_SUMMARY, Op, Rekey, Retire,
    RootClaim, SignedEntry, WRAP_BYTES, Wrap, wraps_hash,
};
use subrosa_wire::object::ObjectId;
use subrosa_wire::people::{KeysClaim, RotateKeys};
use subrosa_wire::signed::BadSigned;
use subrosa_wire::team::{
    FormerKeys, Member, MemberKind, PublicKey, Reject, Retirement, Role, Team, VaultRole,
};

const FOUNDER: MemberId = MemberId::from_random([1; 16]);
const ROOT: MemberId = MemberId::from_random([2; 16]);
const STRANGER: MemberId = MemberId::from_random([3; 16]);
const DIRECTORY: VaultId = VaultId::from_random([4; 16]);
const PROJECT: VaultId = VaultId::from_random([5; 16]);
const NEW: VaultId = VaultId::from_random([6; 16]);
const ABSENT: VaultId = VaultId::from_random([7; 16]);

fn key(who: MemberId) -> SigningKey {
    SigningKey::from_bytes(&Hash::of(who.bytes()).0)
}

fn keyset(who: MemberId) -> PublicKeyset {
    let signing = SigningPublic(key(who).verifying_key().to_bytes());
    PublicKeyset { signing, kem: KemPublic([who.bytes()[0]; KEM_PUBLIC_BYTES]) }
}

fn sign(entry: &Entry, who: MemberId) -> SignedEntry {
    SignedEntry::new(entry, |bytes| key(who).sign(bytes).to_bytes())
}

/// An entry whose body is these very bytes, well signed.
fn sign_bytes(body: Vec<u8>, who: MemberId) -> SignedEntry {
    let signature = key(who).sign(&Label::Entry.tag(&body)).to_bytes();
    let mut bytes = vec![0x82];
    bytes.extend(minicbor::to_vec(ByteVec::from(body)).unwrap());
    bytes.extend(minicbor::to_vec(ByteVec::from(signature.to_vec())).unwrap());
    read(&bytes).unwrap()
}

fn tree(name: &str) -> ObjectId {
    ObjectId::of(name.as_bytes())
}

/// Entry 0, with the root's proof over what it says.
fn genesis(change: impl FnOnce(&mut Genesis)) -> Entry {
    let mut genesis = Genesis {
        founder: keyset(FOUNDER),
        root: ROOT,
        root_keyset: keyset(ROOT),
        root_proof: [0; 64],
        directory: DIRECTORY,
    };
    change(&mut genesis);
    if genesis.root_proof == [0; 64] {
        let claim = RootClaim {
            founder: FOUNDER,
            founder_keyset: genesis.founder.clone(),
            root: genesis.root,
            root_keyset: genesis.root_keyset.clone(),
            directory: genesis.directory,
        };
        genesis.root_proof = key(ROOT).sign(&claim.to_sign()).to_bytes();
    }
    let ops = vec![Op::Genesis(Box::new(genesis))];
    Entry { suite: SUITE, team: None, seq: 0, prev: None, author: FOUNDER, time: 9, ops }
}

fn wraps(vault: VaultId) -> Vec<Wrap> {
    wraps_of(vault, 1)
}

fn wraps_of(vault: VaultId, version: KeyVersion) -> Vec<Wrap> {
    let wrap = |recipient: MemberId| {
        let sealed = vec![recipient.bytes()[0]; WRAP_BYTES].into();
        Wrap { vault, version, recipient, sealed }
    };
    [FOUNDER, ROOT].map(wrap).into()
}

fn create(vault: VaultId, parent: Option<VaultId>) -> CreateVault {
    let key_commitment = Hash::of(vault.bytes());
    CreateVault { vault, parent, key_commitment, wraps: wraps_hash(&wraps(vault)) }
}

fn commit(vault: VaultId, base: Option<ObjectId>, tree: ObjectId) -> Commit {
    let summary = ByteVec::from(vec![7; MAX_SUMMARY]);
    Commit { vault, base, tree, key_version: 1, oldest_live: 1, summary }
}

fn rekey(vault: VaultId, version: KeyVersion) -> Rekey {
    let key_commitment = Hash::of(&[version as u8]);
    let wraps = wraps_hash(&wraps_of(vault, version));
    Rekey { vault, version, key_commitment, wraps, backlink: Some(tree("backlink")) }
}

/// The project's key is at version 3; all that is live needs 2 or 3.
fn rekeyed() -> Team {
    let mut team = team();
    for version in [2, 3] {
        let entry = after(&team, vec![Op::Rekey(rekey(PROJECT, version))]);
        team.extend(&sign(&entry, FOUNDER)).unwrap();
    }
    let commit = Commit {
        key_version: 3,
        oldest_live: 2,
        ..commit(PROJECT, Some(tree("first")), tree("second"))
    };
    let entry = after(&team, vec![Op::Commit(commit)]);
    team.extend(&sign(&entry, FOUNDER)).unwrap();
    team
}

fn founded() -> Team {
    Team::found(&sign(&genesis(|_| {}), FOUNDER)).unwrap()
}

/// An owner who was there from the start, with keys of this entry.
fn owner(keyset: PublicKeyset, seq: u64) -> Member {
    let kind = MemberKind::Person;
    Member { role: Role::Owner, keyset, seq, time: 9, kind }
}

fn after(team: &Team, ops: Vec<Op>) -> Entry {
    Entry::after(team.id(), team.head(), FOUNDER, 9, ops)
}

/// A team with its directory and a project vault that was committed to once.
fn team() -> Team {
    let mut team = founded();
    let ops = vec![Op::CreateVault(create(DIRECTORY, None))];
    let entry = after(&team, ops);
    team.extend(&sign(&entry, FOUNDER)).unwrap();
    let ops = vec![
        Op::CreateVault(create(PROJECT, None)),
        Op::Commit(commit(PROJECT, None, tree("first"))),
    ];
    let entry = after(&team, ops);
    team.extend(&sign(&entry, FOUNDER)).unwrap();
    team
}

/// Asserts that `team` rejects `entry` for `reason` and is as before.
#[track_caller]
fn rejects(team: &Team, entry: &SignedEntry, reason: Reject, case: &str) {
    let mut after = team.clone();
    assert_eq!(after.extend(entry).err(), Some(reason), "{case}");
    assert_eq!(after, *team, "{case}: the state is as it was");
}

#[track_caller]
fn accepts(team: &Team, entry: &SignedEntry, case: &str) -> Team {
    let mut after = team.clone();
    let verified = after.extend(entry).unwrap_or_else(|reject| panic!("{case}: {reject}"));
    assert_eq!(after.head(), Head { seq: team.head().seq + 1, hash: verified.hash() }, "{case}");
    after
}

#[test]
fn a_genesis_founds_a_team_of_founder_and_root() {
    let team = founded();
    let entry = sign(&genesis(|_| {}), FOUNDER);
    assert_eq!(team.id(), TeamId(entry.hash()));
    assert_eq!(team.head(), Head { seq: 0, hash: entry.hash() });
    assert_eq!((team.root(), team.directory()), (ROOT, DIRECTORY));
    let members: Vec<MemberId> = team.members().map(|(id, _)| id).collect();
    assert_eq!(members, [FOUNDER, ROOT]);
    for owner in members {
        let member = self::owner(keyset(owner), 0);
        assert_eq!(team.member(owner), Some(&member));
    }
    assert_eq!(team.member(STRANGER), None);
    assert_eq!(team.vaults().count(), 0);
}

#[test]
fn every_other_genesis_is_rejected() {
    let forged = Reject::Signed(BadSigned::Signature);
    let of_the_root = |change: fn(&mut RootClaim)| {
        move |genesis: &mut Genesis| {
            let mut claim = RootClaim {
                founder: FOUNDER,
                founder_keyset: genesis.founder.clone(),
                root: genesis.root,
                root_keyset: genesis.root_keyset.clone(),
                directory: genesis.directory,
            };
            change(&mut claim);
            genesis.root_proof = key(ROOT).sign(&claim.to_sign()).to_bytes();
        }
    };
    let honest = || genesis(|_| {});
    let cases: Vec<(&str, Entry, Reject)> = vec![
        ("no op", Entry { ops: vec![], ..honest() }, Reject::Genesis),
        (
            "two ops",
            Entry { ops: [honest().ops, honest().ops].concat(), ..honest() },
            Reject::Genesis,
        ),
        (
            "another op",
            Entry { ops: vec![Op::CreateVault(create(NEW, None))], ..honest() },
            Reject::Genesis,
        ),
        ("a team", Entry { team: Some(TeamId(Hash::of(b""))), ..honest() }, Reject::Genesis),
        ("another place", Entry { seq: 1, ..honest() }, Reject::Genesis),
        ("a predecessor", Entry { prev: Some(Hash::of(b"")), ..honest() }, Reject::Genesis),
        ("another suite", Entry { suite: SUITE + 1, ..honest() }, Reject::Suite),
        ("no suite", Entry { suite: 0, ..honest() }, Reject::Suite),
        ("the root is its founder", genesis(|genesis| genesis.root = FOUNDER), Reject::Genesis),
        (
            "a key of the root that anyone signs for",
            genesis(|genesis| genesis.root_keyset.signing = SigningPublic([0; 32])),
            Reject::Key,
        ),
        (
            "one signing key for both",
            genesis(|genesis| genesis.root_keyset.signing = genesis.founder.signing),
            Reject::Key,
        ),
        (
            "one wrapping key for both",
            genesis(|genesis| genesis.root_keyset.kem = genesis.founder.kem.clone()),
            Reject::Key,
        ),
        ("no proof", genesis(|genesis| genesis.root_proof = [1; 64]), forged),
        ("a proof for another founder", genesis(of_the_root(|it| it.founder = STRANGER)), forged),
        (
            "a proof for another founder's keys",
            genesis(of_the_root(|it| it.founder_keyset = keyset(STRANGER))),
            forged,
        ),
        ("a proof for another root", genesis(of_the_root(|it| it.root = STRANGER)), forged),
        (
            "a proof for other keys of the root",
            genesis(of_the_root(|it| it.root_keyset.kem = keyset(STRANGER).kem)),
            forged,
        ),
        ("a proof for another directory", genesis(of_the_root(|it| it.directory = NEW)), forged),
        (
            "a founder's key that anyone signs for",
            genesis(|genesis| genesis.founder.signing = SigningPublic([0; 32])),
            forged,
        ),
    ];
    for (case, entry, reason) in cases {
        assert_eq!(Team::found(&sign(&entry, FOUNDER)).err(), Some(reason), "{case}");
    }
    // The control: the proof made anew over what is really there.
    assert!(Team::found(&sign(&genesis(of_the_root(|_| {})), FOUNDER)).is_ok());
    for other in [ROOT, STRANGER] {
        assert_eq!(Team::found(&sign(&honest(), other)).err(), Some(forged));
    }
    let trailing = sign_bytes([encode(&honest()), vec![0]].concat(), FOUNDER);
    let malformed = Reject::Signed(BadSigned::Malformed(Malformed::NotCanonical));
    assert_eq!(Team::found(&trailing).err(), Some(malformed));
}

#[test]
fn the_directory_comes_first() {
    let team = founded();
    let directory = || create(DIRECTORY, None);
    let entry = |author, ops: Vec<CreateVault>| {
        let ops = ops.into_iter().map(Op::CreateVault).collect();
        sign(&Entry { author, ..after(&team, ops) }, author)
    };
    rejects(&team, &entry(FOUNDER, vec![create(NEW, None)]), Reject::Directory, "another vault");
    let second = vec![create(NEW, None), directory()];
    rejects(&team, &entry(FOUNDER, second), Reject::Directory, "not first");
    let under = vec![create(DIRECTORY, Some(NEW))];
    rejects(&team, &entry(FOUNDER, under), Reject::Directory, "under a parent");
    rejects(&team, &entry(ROOT, vec![directory()]), Reject::Directory, "by the root");
    let nothing = entry(FOUNDER, vec![]);
    rejects(&team, &nothing, Reject::Ops, "nothing at all");

    let after = accepts(&team, &entry(FOUNDER, vec![directory(), create(NEW, None)]), "first");
    assert_eq!(after.vault(DIRECTORY).map(|vault| (vault.created, vault.tree)), Some((1, None)));
    assert_eq!(after.vault(NEW).map(|vault| vault.created), Some(1));
}

#[test]
fn an_entry_follows_the_head_in_its_team_and_is_its_authors() {
    let team = team();
    let Head { seq, hash } = team.head();
    let honest = || after(&team, vec![Op::CreateVault(create(NEW, None))]);
    let other = Some(TeamId(Hash::of(b"other")));
    let many: Vec<Op> = (1..=MAX_OPS as u32 + 1).map(Op::MinimumClient).collect();
    let cases: Vec<(&str, Entry, Reject)> = vec![
        ("another suite", Entry { suite: SUITE + 1, ..honest() }, Reject::Suite),
        ("no suite", Entry { suite: 0, ..honest() }, Reject::Suite),
        ("another team", Entry { team: other, ..honest() }, Reject::Team),
        ("no team", Entry { team: None, ..honest() }, Reject::Team),
        ("the head's own place", Entry { seq, ..honest() }, Reject::Head),
        ("a place left out", Entry { seq: seq + 2, ..honest() }, Reject::Head),
        ("the last place", Entry { seq: u64::MAX, ..honest() }, Reject::Head),
        ("another predecessor", Entry { prev: Some(team.id().0), ..honest() }, Reject::Head),
        ("no predecessor", Entry { prev: None, ..honest() }, Reject::Head),
        ("no op", Entry { ops: vec![], ..honest() }, Reject::Ops),
        (
            "an op too many",
            Entry { ops: many.clone(), ..honest() },
            Reject::Signed(BadSigned::Malformed(Malformed::Shape)),
        ),
        (
            "a genesis",
            Entry { ops: [honest().ops, genesis(|_| {}).ops].concat(), ..honest() },
            Reject::Genesis,
        ),
    ];
    for (case, entry, reason) in cases {
        rejects(&team, &sign(&entry, FOUNDER), reason, case);
    }
    let extended = accepts(&team, &sign(&honest(), FOUNDER), "the honest one");
    assert_eq!((honest().seq, honest().prev), (seq + 1, Some(hash)));
    rejects(&extended, &sign(&honest(), FOUNDER), Reject::Head, "the same again");
    let most = Entry { ops: many[1..].to_vec(), ..honest() };
    accepts(&team, &sign(&most, FOUNDER), "as many ops as there may be");
    accepts(&team, &sign(&Entry { author: ROOT, ..honest() }, ROOT), "the root's own");

    let forged = Reject::Signed(BadSigned::Signature);
    rejects(&team, &sign(&honest(), STRANGER), forged, "signed by a stranger");
    rejects(&team, &sign(&honest(), ROOT), forged, "signed by another member");
    let stranger = Entry { author: STRANGER, ..honest() };
    rejects(&team, &sign(&stranger, STRANGER), Reject::Author, "a stranger's");
    rejects(&team, &sign(&stranger, FOUNDER), Reject::Author, "in a stranger's name");

    // What verified under a member's key is not therefore another member's.
    let by_root = sign(&honest(), ROOT).verify(keyset(ROOT).signing).unwrap();
    let mut after = team.clone();
    assert_eq!(after.apply(&by_root), Err(Reject::Author));
    assert_eq!(after, team);
}

#[test]
fn an_entry_has_one_spelling_and_one_kind_of_signature() {
    let team = team();
    let body = encode(&after(&team, vec![Op::CreateVault(create(NEW, None))]));
    let malformed = |malformed| Reject::Signed(BadSigned::Malformed(malformed));
    accepts(&team, &sign_bytes(body.clone(), FOUNDER), "the control");
    let trailing = sign_bytes([&body[..], &[0]].concat(), FOUNDER);
    rejects(&team, &trailing, malformed(Malformed::NotCanonical), "something after it");
    // The suite, 1, written in two bytes.
    let overlong = sign_bytes([&body[..1], &[0x18], &body[1..]].concat(), FOUNDER);
    rejects(&team, &overlong, malformed(Malformed::NotCanonical), "an overlong number");
    let cut = sign_bytes(body[..body.len() - 1].to_vec(), FOUNDER);
    rejects(&team, &cut, malformed(Malformed::Shape), "cut off");
    let cap = 256 << 10;
    let long = sign_bytes(vec![0; cap + 1], FOUNDER);
    rejects(&team, &long, malformed(Malformed::TooLong { cap }), "over the cap");

    for label in Label::ALL {
        let signature = key(FOUNDER).sign(&label.tag(&body)).to_bytes();
        let entry = SignedEntry::new(&decode_strict::<Entry>(&body).unwrap(), |_| signature);
        if label == Label::Entry {
            accepts(&team, &entry, "its own label");
        } else {
            let forged = Reject::Signed(BadSigned::Signature);
            rejects(&team, &entry, forged, &format!("signed as {label:?}"));
        }
    }
}

#[test]
fn a_vault_is_made_once_under_a_vault_that_is_there() {
    let team = team();
    let entry = |ops: Vec<CreateVault>| {
        sign(&after(&team, ops.into_iter().map(Op::CreateVault).collect()), FOUNDER)
    };
    rejects(&team, &entry(vec![create(PROJECT, None)]), Reject::Vault, "it is there already");
    rejects(&team, &entry(vec![create(DIRECTORY, None)]), Reject::Vault, "the directory again");
    let twice = vec![create(NEW, None), create(NEW, Some(PROJECT))];
    rejects(&team, &entry(twice), Reject::Vault, "twice in one entry");
    rejects(&team, &entry(vec![create(NEW, Some(ABSENT))]), Reject::Vault, "no such parent");
    rejects(&team, &entry(vec![create(NEW, Some(NEW))]), Reject::Vault, "its own parent");
    let late = vec![create(ABSENT, Some(NEW)), create(NEW, None)];
    rejects(&team, &entry(late), Reject::Vault, "a parent that comes after it");

    let after = accepts(&team, &entry(vec![create(NEW, Some(PROJECT))]), "under a project");
    let vault = after.vault(NEW).unwrap();
    assert_eq!((vault.created, vault.parent), (team.head().seq + 1, Some(PROJECT)));
    assert_eq!((vault.tree, vault.commits, vault.key_version()), (None, 0, 1));
    assert_eq!(vault.key(1).unwrap().commitment, create(NEW, None).key_commitment);
    assert_eq!((vault.key(0), vault.key(2)), (None, None));
    assert!(vault.grants.is_empty(), "owners hold it without a grant");
    assert_eq!(after.holders(NEW), [FOUNDER, ROOT]);
    assert_eq!(after.role_in(NEW, FOUNDER), Some(VaultRole::Manager));
    assert_eq!(after.role_in(NEW, STRANGER), None);
    let chain = vec![create(NEW, None), create(ABSENT, Some(NEW))];
    accepts(&team, &entry(chain), "a parent that comes before it");
}

#[test]
fn a_commit_replaces_the_current_tree_under_the_current_key() {
    let team = team();
    let first = Some(tree("first"));
    let honest = || commit(PROJECT, first, tree("second"));
    let entry =
        |ops: Vec<Commit>| sign(&after(&team, ops.into_iter().map(Op::Commit).collect()), FOUNDER);
    let long = ByteVec::from(vec![7; MAX_SUMMARY + 1]);
    let cases: Vec<(&str, Commit, Reject)> = vec![
        ("no such vault", Commit { vault: ABSENT, ..honest() }, Reject::Vault),
        ("another base", Commit { base: Some(tree("other")), ..honest() }, Reject::Base),
        ("no base", Commit { base: None, ..honest() }, Reject::Base),
        ("a base where there is none", commit(DIRECTORY, first, tree("x")), Reject::Base),
        ("the same tree", Commit { tree: tree("first"), ..honest() }, Reject::Base),
        ("no key", Commit { key_version: 0, ..honest() }, Reject::KeyVersion),
        ("a key to come", Commit { key_version: 2, ..honest() }, Reject::KeyVersion),
        ("nothing that is so old", Commit { oldest_live: 0, ..honest() }, Reject::KeyVersion),
        ("nothing that is so new", Commit { oldest_live: 2, ..honest() }, Reject::KeyVersion),
        ("a long summary", Commit { summary: long, ..honest() }, Reject::Summary),
    ];
    for (case, commit, reason) in cases {
        rejects(&team, &entry(vec![commit]), reason, case);
    }
    let again = commit(PROJECT, Some(tree("second")), tree("third"));
    rejects(&team, &entry(vec![honest(), again]), Reject::Repeated, "twice in one entry");

    let after = accepts(&team, &entry(vec![honest()]), "the honest one");
    let vault = after.vault(PROJECT).unwrap();
    assert_eq!((vault.tree, vault.commits), (Some(tree("second")), 2));
    assert_eq!((vault.tree_key_version, vault.oldest_live), (1, 1));
    assert_eq!(vault.tree_seq, after.head().seq);
    assert_eq!(after.vault(DIRECTORY), team.vault(DIRECTORY), "no other vault is touched");
    let both = vec![honest(), commit(DIRECTORY, None, tree("directory"))];
    accepts(&team, &entry(both), "two vaults in one entry");
    let back = commit(PROJECT, Some(tree("second")), tree("first"));
    let back = sign(&crate::after(&after, vec![Op::Commit(back)]), FOUNDER);
    accepts(&after, &back, "an earlier tree on top");
}

#[test]
fn a_vault_gets_its_next_key_and_what_is_written_then_is_under_it() {
    let team = team();
    let entry = |ops: Vec<Op>| sign(&after(&team, ops), FOUNDER);
    let next = || rekey(PROJECT, 2);
    let cases: Vec<(&str, Rekey, Reject)> = vec![
        ("no such vault", Rekey { vault: ABSENT, ..next() }, Reject::Vault),
        ("the current version", rekey(PROJECT, 1), Reject::KeyVersion),
        ("a version too far", rekey(PROJECT, 3), Reject::KeyVersion),
        ("no version", rekey(PROJECT, 0), Reject::KeyVersion),
    ];
    for (case, op, reason) in cases {
        rejects(&team, &entry(vec![Op::Rekey(op)]), reason, case);
    }
    let twice = vec![Op::Rekey(next()), Op::Rekey(rekey(PROJECT, 3))];
    rejects(&team, &entry(twice), Reject::Repeated, "twice in one entry");
    let made = vec![Op::CreateVault(create(NEW, None)), Op::Rekey(rekey(NEW, 2))];
    rejects(&team, &entry(made), Reject::Vault, "of a vault that this entry makes");

    let after = accepts(&team, &entry(vec![Op::Rekey(next())]), "the next one");
    let vault = after.vault(PROJECT).unwrap();
    assert_eq!((vault.key_version(), vault.retired()), (2, 0));
    assert_eq!(vault.key(1), team.vault(PROJECT).unwrap().key(1));
    let (commitment, backlink) = (next().key_commitment, next().backlink);
    let (seq, time) = (team.head().seq + 1, 9);
    assert_eq!(vault.key(2), Some(&PublicKey { commitment, backlink, seq, time }));
    assert_eq!((vault.key(0), vault.key(3)), (None, None));
    let as_before = (vault.tree, vault.commits, vault.tree_key_version, vault.oldest_live);
    assert_eq!(as_before, (Some(tree("first")), 1, 1, 1));
    assert_eq!(vault.tree_seq, team.vault(PROJECT).unwrap().tree_seq, "a key is no tree");
    let none = Rekey { backlink: None, ..next() };
    let cut = accepts(&team, &entry(vec![Op::Rekey(none)]), "without a backlink");
    assert_eq!(cut.vault(PROJECT).unwrap().key(2).unwrap().backlink, None);

    // Writers use the new key alone; what is live may need the old one.
    let second = || commit(PROJECT, Some(tree("first")), tree("second"));
    let try_it = |commit: Commit| sign(&crate::after(&after, vec![Op::Commit(commit)]), FOUNDER);
    rejects(&after, &try_it(second()), Reject::KeyVersion, "under the key before");
    accepts(&after, &try_it(Commit { key_version: 2, ..second() }), "what is live needs the first");
    let new = Commit { key_version: 2, oldest_live: 2, ..second() };
    accepts(&after, &try_it(new.clone()), "what is live needs the second");
    accepts(&team, &entry(vec![Op::Rekey(next()), Op::Commit(new)]), "both in one entry");
}

#[test]
fn keys_that_nothing_live_needs_are_retired_for_good() {
    let team = rekeyed();
    let entry = |ops: Vec<Op>| sign(&after(&team, ops), FOUNDER);
    let retire = |vault, version| Op::Retire(Retire { vault, version });
    let cases = [
        ("no such vault", retire(ABSENT, 1), Reject::Vault),
        ("none", retire(PROJECT, 0), Reject::KeyVersion),
        ("the current one", retire(PROJECT, 3), Reject::KeyVersion),
        ("one to come", retire(PROJECT, 4), Reject::KeyVersion),
        ("one that something live needs", retire(PROJECT, 2), Reject::Live),
        ("the only one", retire(DIRECTORY, 1), Reject::KeyVersion),
    ];
    for (case, op, reason) in cases {
        rejects(&team, &entry(vec![op]), reason, case);
    }
    let twice = vec![retire(PROJECT, 1), retire(PROJECT, 1)];
    rejects(&team, &entry(twice), Reject::Repeated, "twice in one entry");

    let after = accepts(&team, &entry(vec![retire(PROJECT, 1)]), "the first");
    let retirement = Retirement { version: 1, seq: team.head().seq + 1 };
    assert_eq!(after.vault(PROJECT).unwrap().retirements, [retirement]);
    let again = sign(&crate::after(&after, vec![retire(PROJECT, 1)]), FOUNDER);
    rejects(&after, &again, Reject::KeyVersion, "the first again");
    // Nothing live needs a retired key ever again.
    let third = |oldest_live| {
        let third = commit(PROJECT, Some(tree("second")), tree("third"));
        let third = Commit { key_version: 3, oldest_live, ..third };
        sign(&crate::after(&after, vec![Op::Commit(third)]), FOUNDER)
    };
    rejects(&after, &third(1), Reject::KeyVersion, "a tree that needs it");
    accepts(&after, &third(2), "a tree that does not");
    let last = accepts(&after, &third(3), "a tree that needs the newest alone");
    let both = sign(&crate::after(&last, vec![retire(PROJECT, 2)]), FOUNDER);
    assert_eq!(accepts(&last, &both, "the second").vault(PROJECT).unwrap().retired(), 2);
    // Two at once, as soon as a commit of the same entry has let go of them.
    let third = commit(PROJECT, Some(tree("second")), tree("third"));
    let third = Op::Commit(Commit { key_version: 3, oldest_live: 3, ..third });
    accepts(&team, &entry(vec![third.clone(), retire(PROJECT, 2)]), "two at once");
    rejects(&team, &entry(vec![retire(PROJECT, 2), third]), Reject::Live, "too early");
}

/// A keyset that nobody has yet, and its signing key.
fn fresh(byte: u8) -> (PublicKeyset, SigningKey) {
    let key = SigningKey::from_bytes(&[byte; 32]);
    let signing = SigningPublic(key.verifying_key().to_bytes());
    (PublicKeyset { signing, kem: KemPublic([byte; KEM_PUBLIC_BYTES]) }, key)
}

/// Other keys for a member, with their proof over what `change` makes of the claim.
fn rotate(
    team: &Team,
    member: MemberId,
    (keyset, key): &(PublicKeyset, SigningKey),
    change: impl FnOnce(&mut KeysClaim),
) -> Op {
    let mut claim = KeysClaim { team: team.id(), invite: None, member, keyset: keyset.clone() };
    change(&mut claim);
    let proof = key.sign(&claim.to_sign()).to_bytes();
    Op::RotateKeys(Box::new(RotateKeys { member, keyset: keyset.clone(), proof, invited: None }))
}

#[test]
fn keys_are_replaced_with_a_next_key_of_every_vault() {
    let team = team();
    let by = |who: MemberId, ops: Vec<Op>| sign(&Entry { author: who, ..after(&team, ops) }, who);
    let rekeys = || [DIRECTORY, PROJECT].map(|vault| Op::Rekey(rekey(vault, 2)));
    let with = |op: Op| [vec![op], rekeys().to_vec()].concat();
    let new = fresh(0x51);
    let root = || rotate(&team, ROOT, &new, |_| {});
    let founder = || rotate(&team, FOUNDER, &new, |_| {});

    for (case, op) in [
        ("another team", rotate(&team, ROOT, &new, |it| it.team = TeamId(Hash::of(b"")))),
        ("another member", rotate(&team, ROOT, &new, |it| it.member = FOUNDER)),
        ("another KEM key", rotate(&team, ROOT, &new, |it| it.keyset.kem = keyset(ROOT).kem)),
        ("signed by the key before", rotate(&team, ROOT, &(new.0.clone(), key(ROOT)), |_| {})),
    ] {
        let forged = Reject::Signed(BadSigned::Signature);
        rejects(&team, &by(FOUNDER, with(op)), forged, case);
    }
    let unfit = |case: &str, keyset: PublicKeyset, key: SigningKey| {
        let op = rotate(&team, ROOT, &(keyset, key), |_| {});
        rejects(&team, &by(FOUNDER, with(op)), Reject::Key, case);
    };
    unfit("its own keys again", keyset(ROOT), key(ROOT));
    unfit(
        "another's signing key",
        PublicKeyset { signing: keyset(FOUNDER).signing, ..new.0.clone() },
        key(FOUNDER),
    );
    unfit(
        "another's KEM key",
        PublicKeyset { kem: keyset(FOUNDER).kem, ..new.0.clone() },
        new.1.clone(),
    );
    unfit(
        "a weak key",
        PublicKeyset { signing: SigningPublic([0; 32]), ..new.0.clone() },
        new.1.clone(),
    );
    let nobody = rotate(&team, STRANGER, &new, |_| {});
    rejects(&team, &by(FOUNDER, with(nobody)), Reject::Member, "of a stranger");
    for left in 0..2 {
        let mut ops = with(root());
        ops.remove(1 + left);
        rejects(&team, &by(FOUNDER, ops), Reject::NotRekeyed, "a vault is left out");
    }
    let other = rotate(&team, ROOT, &fresh(0x52), |_| {});
    let twice = [vec![other], with(root())].concat();
    rejects(&team, &by(FOUNDER, twice), Reject::Repeated, "twice");
    let both = [vec![rotate(&team, FOUNDER, &new, |_| {})], with(root())].concat();
    rejects(&team, &by(ROOT, both), Reject::Key, "the same keys for two");
    let (other, its_key) = fresh(0x54);
    for half in [
        PublicKeyset { kem: new.0.kem.clone(), ..other.clone() },
        PublicKeyset { signing: new.0.signing, ..other.clone() },
    ] {
        let key = if half.signing == new.0.signing { new.1.clone() } else { its_key.clone() };
        let both = [vec![rotate(&team, FOUNDER, &(half, key), |_| {})], with(root())].concat();
        rejects(&team, &by(ROOT, both), Reject::Key, "half of the same keys for two");
    }

    // The root's, by an owner and by itself; an owner's, by the root. Wherever in the entry it is.
    accepts(&team, &by(ROOT, with(root())), "by the root");
    let last = [rekeys().to_vec(), vec![root()]].concat();
    accepts(&team, &by(FOUNDER, last), "the vaults first");
    let rotated = accepts(&team, &by(ROOT, with(founder())), "an owner's, by the root");
    assert_eq!(rotated.member(FOUNDER).unwrap().keyset, new.0);
    let both = [vec![rotate(&team, FOUNDER, &fresh(0x52), |_| {})], with(root())].concat();
    accepts(&team, &by(ROOT, both), "both, by the root");
    let rotated = accepts(&team, &by(FOUNDER, with(root())), "by an owner");

    let seq = team.head().seq + 1;
    let member = owner(new.0.clone(), seq);
    assert_eq!(rotated.member(ROOT), Some(&member));
    assert_eq!(rotated.member(FOUNDER), team.member(FOUNDER));
    let before = keyset(ROOT);
    let kem = Hash::of(&before.kem.0);
    let kind = MemberKind::Person;
    let former = FormerKeys { member: ROOT, signing: before.signing, kem, kind, seq, time: 9 };
    assert_eq!(rotated.former(), [former]);
    let vault = rotated.vault(PROJECT).unwrap();
    assert_eq!(
        (vault.key_version(), vault.unlost_since),
        (2, 2),
        "whoever had the old keys lost it"
    );
    assert_eq!(team.vault(PROJECT).unwrap().unlost_since, 1);
    let plain = accepts(&team, &by(FOUNDER, rekeys().to_vec()), "keys alone");
    assert_eq!(plain.vault(PROJECT).unwrap().unlost_since, 1);

    // The key before is nobody's from here on, nor anybody's ever again.
    let edit = || {
        let edit = commit(PROJECT, Some(tree("first")), tree("second"));
        vec![Op::Commit(Commit { key_version: 2, ..edit })]
    };
    let entry = Entry { author: ROOT, ..after(&rotated, edit()) };
    let forged = Reject::Signed(BadSigned::Signature);
    rejects(&rotated, &sign(&entry, ROOT), forged, "by the key before");
    let signed = SignedEntry::new(&entry, |bytes| new.1.sign(bytes).to_bytes());
    accepts(&rotated, &signed, "by the new key");
    let again = |keyset: PublicKeyset, key: SigningKey| {
        let op = rotate(&rotated, ROOT, &(keyset, key), |_| {});
        let rekeys = [DIRECTORY, PROJECT].map(|vault| Op::Rekey(rekey(vault, 3)));
        sign(&after(&rotated, [vec![op], rekeys.to_vec()].concat()), FOUNDER)
    };
    let next = fresh(0x53);
    let (signing, kem) = (before.signing, before.kem);
    let old = PublicKeyset { signing, ..next.0.clone() };
    rejects(&rotated, &again(old, key(ROOT)), Reject::Key, "a former signing key");
    let old = PublicKeyset { kem, ..next.0.clone() };
    rejects(&rotated, &again(old, next.1.clone()), Reject::Key, "a former KEM key");
    let twice = accepts(&rotated, &again(next.0, next.1), "and once more");
    assert_eq!(twice.former().len(), 2);
}

#[test]
fn an_entry_takes_effect_whole_or_not_at_all() {
    let team = team();
    let good = [
        Op::CreateVault(create(NEW, None)),
        Op::Commit(commit(NEW, None, tree("new"))),
        Op::Commit(commit(PROJECT, Some(tree("first")), tree("second"))),
    ];
    let bad = Op::Commit(commit(ABSENT, None, tree("x")));
    for at in 0..=good.len() {
        let mut ops = good.to_vec();
        ops.insert(at, bad.clone());
        let entry = sign(&after(&team, ops), FOUNDER);
        rejects(&team, &entry, Reject::Vault, &format!("bad at {at}"));
    }
    accepts(&team, &sign(&after(&team, good.to_vec()), FOUNDER), "without it");
    // A vault is committed to only once it is there.
    let mut early = good.to_vec();
    early.swap(0, 1);
    rejects(&team, &sign(&after(&team, early), FOUNDER), Reject::Vault, "too early");
}

#[test]
fn wraps_are_those_to_all_holders_that_were_signed() {
    let before = team();
    let ops = vec![
        Op::CreateVault(create(NEW, None)),
        Op::Commit(commit(PROJECT, Some(tree("first")), tree("second"))),
        Op::CreateVault(create(ABSENT, None)),
    ];
    let entry = after(&before, ops);
    let team = accepts(&before, &sign(&entry, FOUNDER), "two new vaults");
    let whole = [wraps(NEW), wraps(ABSENT)].concat();
    assert_eq!(team.check_wraps(&entry, &whole), Ok(()));

    type Damage = fn(&mut Vec<Wrap>);
    let cases: [(&str, Damage); 13] = [
        ("none", Vec::clear),
        ("one missing", |wraps| drop(wraps.pop())),
        ("the first missing", |wraps| drop(wraps.remove(0))),
        ("one too many", |wraps| wraps.push(wraps[3].clone())),
        ("another order", |wraps| wraps.swap(0, 1)),
        ("the vaults swapped", |wraps| wraps.rotate_left(2)),
        ("another vault", |wraps| wraps[0].vault = ABSENT),
        ("another version", |wraps| wraps[0].version = 2),
        ("another recipient", |wraps| wraps[0].recipient = STRANGER),
        ("one recipient twice", |wraps| wraps[1] = wraps[0].clone()),
        ("another key in it", |wraps| wraps[0].sealed[0] ^= 1),
        ("too short", |wraps| wraps[0].sealed.truncate(WRAP_BYTES - 1)),
        ("too long", |wraps| wraps[0].sealed.push(0)),
    ];
    for (case, change) in cases {
        let mut changed = whole.clone();
        change(&mut changed);
        assert_eq!(team.check_wraps(&entry, &changed), Err(Reject::Wraps), "{case}");
    }

    // A vault's next key is wrapped like its first.
    let entry = after(&before, vec![Op::Rekey(rekey(PROJECT, 2))]);
    let team = accepts(&before, &sign(&entry, FOUNDER), "a next key");
    assert_eq!(team.check_wraps(&entry, &wraps_of(PROJECT, 2)), Ok(()));
    for (case, wraps) in [
        ("none", vec![]),
        ("of the version before", wraps(PROJECT)),
        ("of another vault", wraps_of(NEW, 2)),
    ] {
        assert_eq!(team.check_wraps(&entry, &wraps), Err(Reject::Wraps), "{case}");
    }

    // Signed over, but not of a wrap's length.
    let short: Vec<Wrap> = wraps(NEW)
        .into_iter()
        .map(|wrap| Wrap { sealed: vec![0; WRAP_BYTES - 1].into(), ..wrap })
        .collect();
    let op = CreateVault { wraps: wraps_hash(&short), ..create(NEW, None) };
    let entry = after(&before, vec![Op::CreateVault(op)]);
    let team = accepts(&before, &sign(&entry, FOUNDER), "a hash of short wraps");
    assert_eq!(team.check_wraps(&entry, &short), Err(Reject::Wraps));

    let edit = commit(PROJECT, Some(tree("first")), tree("second"));
    let entry = after(&before, vec![Op::Commit(edit)]);
    let team = accepts(&before, &sign(&entry, FOUNDER), "no new vault");
    assert_eq!(team.check_wraps(&entry, &[]), Ok(()));
    assert_eq!(team.check_wraps(&entry, &whole[..1]), Err(Reject::Wraps), "a wrap of nothing");
}
