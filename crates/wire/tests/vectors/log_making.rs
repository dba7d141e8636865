//! Makes `log.json`: a log of two owners, and what is wrong in as many ways as there are.

use ed25519_dalek::{Signer, SigningKey};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use serde_json::{Value, json};
use subrosa_wire::SUITE;
use subrosa_wire::api::Wraps;
use subrosa_wire::encoding::{decode_strict, encode};
use subrosa_wire::id::{Hash, MemberId, TeamId, VaultId};
use subrosa_wire::keyset::{KEM_PUBLIC_BYTES, KemPublic, PublicKeyset, SigningPublic};
use subrosa_wire::label::Label;
use subrosa_wire::log::{
    Commit, CreateVault, Entry, Genesis, Head, KeyVersion, MAX_SUMMARY, Op, Rekey, Retire,
    RootClaim, SignedEntry, WRAP_BYTES, Wrap, wraps_hash,
};
use subrosa_wire::object::ObjectId;
use subrosa_wire::people::{KeysClaim, RotateKeys};
use subrosa_wire::team::Team;

use super::{keys, vaults};
use crate::file::hex;
use crate::signing_keys::{IDENTITY, for_the_identity, with_other_scalar};

const TIME: u64 = 1_700_000_000_000;

struct Signatory {
    id: MemberId,
    key: SigningKey,
    keyset: PublicKeyset,
}

impl Signatory {
    fn draw(rng: &mut ChaCha20Rng) -> Self {
        let id = MemberId::from_random(draw(rng));
        let key = SigningKey::from_bytes(&draw(rng));
        let signing = SigningPublic(key.verifying_key().to_bytes());
        // The reducer compares these keys and never uses them.
        let kem = KemPublic(draw::<KEM_PUBLIC_BYTES>(rng));
        Signatory { id, key, keyset: PublicKeyset { signing, kem } }
    }

    fn sign(&self, entry: &Entry) -> SignedEntry {
        SignedEntry::new(entry, |bytes| self.key.sign(bytes).to_bytes())
    }
}

fn draw<const N: usize>(rng: &mut ChaCha20Rng) -> [u8; N] {
    let mut bytes = [0; N];
    rng.fill_bytes(&mut bytes);
    bytes
}

fn genesis(founder: &Signatory, root: &Signatory, directory: VaultId) -> Entry {
    let claim = RootClaim {
        founder: founder.id,
        founder_keyset: founder.keyset.clone(),
        root: root.id,
        root_keyset: root.keyset.clone(),
        directory,
    };
    Entry {
        suite: SUITE,
        team: None,
        seq: 0,
        prev: None,
        author: founder.id,
        time: TIME,
        ops: vec![Op::Genesis(Box::new(Genesis {
            founder: founder.keyset.clone(),
            root: root.id,
            root_keyset: root.keyset.clone(),
            root_proof: root.key.sign(&claim.to_sign()).to_bytes(),
            directory,
        }))],
    }
}

/// Body and signature as they are, whatever they are.
fn raw(body: &[u8], signature: &[u8; 64]) -> SignedEntry {
    let mut bytes = Vec::new();
    let mut encoder = minicbor::Encoder::new(&mut bytes);
    encoder.array(2).unwrap().bytes(body).unwrap().bytes(signature).unwrap();
    decode_strict(&bytes).unwrap()
}

fn commit(vault: VaultId, base: Option<u8>, tree: u8) -> Commit {
    let object = |byte: u8| ObjectId(Hash([byte; 32]));
    let (base, tree, summary) = (base.map(object), object(tree), vec![0x5e; 4].into());
    Commit { vault, base, tree, key_version: 1, oldest_live: 1, summary }
}

/// The op and the wraps that make a vault.
fn create(
    team: &Team,
    vault: VaultId,
    parent: Option<VaultId>,
    author: MemberId,
    rng: &mut ChaCha20Rng,
) -> (CreateVault, Vec<Wrap>) {
    let wraps = wraps_to(team.holders_of_new(author), vault, 1, rng);
    let key_commitment = Hash(draw(rng));
    (CreateVault { vault, parent, key_commitment, wraps: wraps_hash(&wraps) }, wraps)
}

/// The op and the wraps that give a vault its next key, with a backlink of this byte.
fn rekey(
    team: &Team,
    vault: VaultId,
    version: KeyVersion,
    backlink: Option<u8>,
    rng: &mut ChaCha20Rng,
) -> (Rekey, Vec<Wrap>) {
    let wraps = wraps_to(team.holders(vault), vault, version, rng);
    let (key_commitment, backlink) =
        (Hash(draw(rng)), backlink.map(|byte| ObjectId(Hash([byte; 32]))));
    (Rekey { vault, version, key_commitment, wraps: wraps_hash(&wraps), backlink }, wraps)
}

fn wraps_to(
    recipients: Vec<MemberId>,
    vault: VaultId,
    version: KeyVersion,
    rng: &mut ChaCha20Rng,
) -> Vec<Wrap> {
    let mut wrap = |recipient| {
        let sealed = draw::<WRAP_BYTES>(rng).to_vec().into();
        Wrap { vault, version, recipient, sealed }
    };
    recipients.into_iter().map(&mut wrap).collect()
}

struct Log {
    team: Team,
    accepted: Vec<Value>,
}

impl Log {
    fn accept(&mut self, name: &str, author: &Signatory, ops: Vec<Op>, wraps: &[Wrap]) {
        let entry = Entry::after(self.team.id(), self.team.head(), author.id, TIME, ops);
        let signed = author.sign(&entry);
        self.team.extend(&signed).unwrap();
        self.team.check_wraps(&entry, wraps).unwrap();
        self.note(name, &signed, wraps);
    }

    fn note(&mut self, name: &str, entry: &SignedEntry, wraps: &[Wrap]) {
        let head = self.team.head();
        self.accepted.push(json!({
            "name": name, "seq": head.seq, "hash": head.hash.to_string(),
            "entry": hex(&encode(entry)),
            "wraps": hex(&encode(&Wraps { wraps: wraps.to_vec() })),
            "vaults": vaults(&self.team), "keys": keys(&self.team),
        }));
    }
}

pub fn write() {
    let mut rng = ChaCha20Rng::seed_from_u64(0x10c);
    let [founder, root, stranger] = [(); 3].map(|()| Signatory::draw(&mut rng));
    let [directory, project, first, second, unknown] =
        [(); 5].map(|()| VaultId::from_random(draw(&mut rng)));

    let entry = genesis(&founder, &root, directory);
    let signed = founder.sign(&entry);
    let mut log = Log { team: Team::found(&signed).unwrap(), accepted: Vec::new() };
    log.note("the genesis", &signed, &[]);
    let genesis_refused = refused_genesis(&entry, &founder, &root, directory);
    let founded = log.team.clone();

    let (op, wraps_1) = create(&log.team, directory, None, founder.id, &mut rng);
    let ops = vec![Op::CreateVault(op.clone()), Op::Commit(commit(directory, None, 1))];
    log.accept("the directory vault", &founder, ops.clone(), &wraps_1);

    let mut refused = Vec::new();
    let mut refuse = |team: &Team, name: &str, entry: SignedEntry| {
        let mut after = team.clone();
        let error = after.extend(&entry).expect_err(name);
        refused.push(json!({
            "name": name, "after": team.head().seq + 1, "entry": hex(&encode(&entry)),
            "error": format!("{error:?}"),
        }));
    };
    let next = |team: &Team, author: &Signatory, ops: Vec<Op>| {
        author.sign(&Entry::after(team.id(), team.head(), author.id, TIME, ops))
    };

    // Entry 1 is the founder's, and makes the directory vault first of all.
    let by_root = next(&founded, &root, ops.clone());
    refuse(&founded, "entry 1 by the root", by_root);
    let (other, _) = create(&founded, project, None, founder.id, &mut rng);
    let elsewhere = vec![Op::CreateVault(other), ops[0].clone()];
    refuse(&founded, "entry 1 makes another vault first", next(&founded, &founder, elsewhere));
    let committing = vec![ops[1].clone()];
    refuse(&founded, "entry 1 commits to no vault", next(&founded, &founder, committing));
    let under = CreateVault { parent: Some(project), ..op };
    let under = next(&founded, &founder, vec![Op::CreateVault(under)]);
    refuse(&founded, "the directory vault under a parent", under);
    let again = next(&founded, &founder, entry.ops.clone());
    refuse(&founded, "a second genesis in entry 1", again);

    let (op, wraps_2) = create(&log.team, project, None, founder.id, &mut rng);
    let ops = vec![Op::CreateVault(op), Op::Commit(commit(project, None, 2))];
    log.accept("a project's vault", &founder, ops, &wraps_2);

    // The links of the chain, and who signs them.
    let team = log.team.clone();
    let right = Entry::after(team.id(), team.head(), founder.id, TIME, {
        vec![Op::Commit(commit(project, Some(2), 3))]
    });
    let changed = |change: &dyn Fn(&mut Entry)| {
        let mut entry = right.clone();
        change(&mut entry);
        founder.sign(&entry)
    };
    refuse(&team, "suite 0", changed(&|entry| entry.suite = 0));
    refuse(&team, "suite 2", changed(&|entry| entry.suite = 2));
    let other_team = TeamId(Hash::of(b"another team"));
    refuse(&team, "another team", changed(&|entry| entry.team = Some(other_team)));
    refuse(&team, "no team", changed(&|entry| entry.team = None));
    refuse(&team, "a number too low", changed(&|entry| entry.seq -= 1));
    refuse(&team, "a number too high", changed(&|entry| entry.seq += 1));
    refuse(&team, "the highest number", changed(&|entry| entry.seq = u64::MAX));
    refuse(&team, "another predecessor", changed(&|entry| entry.prev = Some(Hash([0; 32]))));
    refuse(&team, "no predecessor", changed(&|entry| entry.prev = None));
    refuse(&team, "no op", changed(&|entry| entry.ops.clear()));
    refuse(&team, "the author is no member", {
        let mut entry = right.clone();
        entry.author = stranger.id;
        stranger.sign(&entry)
    });
    refuse(&team, "signed by another member", root.sign(&right));
    refuse(&team, "signed by a stranger", stranger.sign(&right));
    let body = encode(&right);
    let good = founder.key.sign(&Label::Entry.tag(&body)).to_bytes();
    let mut flipped = good;
    flipped[7] ^= 0x10;
    refuse(&team, "a bit of the signature flipped", raw(&body, &flipped));
    let mut other_body = body.clone();
    *other_body.last_mut().unwrap() ^= 1;
    refuse(&team, "a bit of the body flipped", raw(&other_body, &good));
    refuse(&team, "S not below the group's order", raw(&body, &with_other_scalar(good)));
    refuse(&team, "a signature of zeros", raw(&body, &[0; 64]));
    let by = |message: &[u8]| founder.key.sign(message).to_bytes();
    refuse(
        &team,
        "signed under the label of sessions",
        raw(&body, &by(&Label::Session.tag(&body))),
    );
    refuse(&team, "signed without a label", raw(&body, &by(&body)));
    let bodies = spoilt_bodies(&body);
    for (name, body) in &bodies {
        refuse(&team, name, raw(body, &by(&Label::Entry.tag(body))));
    }

    // What ops may do.
    let try_ops = |ops: Vec<Op>| next(&team, &founder, ops);
    let on_project = commit(project, Some(2), 3);
    let commits = |change: &dyn Fn(&mut Commit)| {
        let mut op = on_project.clone();
        change(&mut op);
        try_ops(vec![Op::Commit(op)])
    };
    refuse(&team, "a second genesis", try_ops(entry.ops.clone()));
    refuse(&team, "a commit to an unknown vault", commits(&|op| op.vault = unknown));
    refuse(&team, "an older base", commits(&|op| op.base = Some(ObjectId(Hash([1; 32])))));
    refuse(&team, "no base where there is a tree", commits(&|op| op.base = None));
    refuse(&team, "the tree is its own base", commits(&|op| op.tree = ObjectId(Hash([2; 32]))));
    refuse(&team, "key version 0", commits(&|op| op.key_version = 0));
    refuse(&team, "a key version to come", commits(&|op| op.key_version = 2));
    refuse(&team, "oldest_live 0", commits(&|op| op.oldest_live = 0));
    refuse(&team, "oldest_live over the key version", commits(&|op| op.oldest_live = 2));
    refuse(&team, "a summary over the limit", {
        commits(&|op| op.summary = vec![0; MAX_SUMMARY + 1].into())
    });
    let twice = vec![Op::Commit(on_project.clone()), Op::Commit(commit(project, Some(3), 4))];
    refuse(&team, "two commits to one vault", try_ops(twice));
    let bad_last = vec![Op::Commit(on_project), Op::Commit(commit(directory, None, 4))];
    refuse(&team, "a good op, then a bad one", try_ops(bad_last));
    let mut make = |vault, parent| create(&team, vault, parent, founder.id, &mut rng).0;
    let exists = make(project, None);
    refuse(&team, "a vault that exists", try_ops(vec![Op::CreateVault(exists)]));
    let orphan = make(first, Some(unknown));
    refuse(&team, "a parent that does not exist", try_ops(vec![Op::CreateVault(orphan)]));
    let own = make(first, Some(first));
    refuse(&team, "a vault that is its own parent", try_ops(vec![Op::CreateVault(own)]));
    let op = make(first, None);
    let twins = vec![Op::CreateVault(op.clone()), Op::CreateVault(op.clone())];
    refuse(&team, "one vault made twice", try_ops(twins));
    let late = vec![Op::Commit(commit(first, None, 3)), Op::CreateVault(op.clone())];
    refuse(&team, "a commit before its vault is made", try_ops(late));
    let child = make(second, Some(first));
    let early = vec![Op::CreateVault(child), Op::CreateVault(op)];
    refuse(&team, "a parent that is made after its child", try_ops(early));

    // Two vaults in one entry, the second under the first; then commits, one by the root.
    let (first_op, first_wraps) = create(&team, first, Some(project), founder.id, &mut rng);
    let (second_op, second_wraps) = create(&team, second, Some(first), founder.id, &mut rng);
    let wraps_3 = [first_wraps, second_wraps].concat();
    let ops = vec![
        Op::CreateVault(first_op),
        Op::Commit(commit(first, None, 3)),
        Op::CreateVault(second_op),
    ];
    log.accept("two vaults, of which one is not committed to", &founder, ops, &wraps_3);
    let ops = vec![Op::Commit(commit(project, Some(2), 4)), Op::Commit(commit(second, None, 5))];
    log.accept("commits to two vaults, by the root", &root, ops, &[]);
    let ops = vec![Op::Commit(commit(project, Some(4), 2))];
    log.accept("back to an earlier tree", &founder, ops, &[]);

    // Two keys more, one of them without a way back; then what needs the first is gone, and it is
    // refused.
    let (op, wraps_6) = rekey(&log.team, project, 2, Some(0x2b), &mut rng);
    log.accept("a vault's second key", &founder, vec![Op::Rekey(op)], &wraps_6);
    let (op, wraps_7) = rekey(&log.team, project, 3, None, &mut rng);
    log.accept("a third, without a backlink, by the root", &root, vec![Op::Rekey(op)], &wraps_7);
    let newer = |base, tree, key_version, oldest_live| {
        Op::Commit(Commit { key_version, oldest_live, ..commit(project, Some(base), tree) })
    };
    log.accept("a commit under it", &founder, vec![newer(2, 6, 3, 2)], &[]);
    let retire = |vault, version| Op::Retire(Retire { vault, version });
    let rekeyed = log.team.clone();
    let mut refuse = |name: &str, ops: Vec<Op>| {
        let mut after = rekeyed.clone();
        let entry = next(&rekeyed, &founder, ops);
        let error = after.extend(&entry).expect_err(name);
        refused.push(json!({
            "name": name, "after": rekeyed.head().seq + 1, "entry": hex(&encode(&entry)),
            "error": format!("{error:?}"),
        }));
    };
    let mut key =
        |vault, version| Op::Rekey(rekey(&rekeyed, vault, version, Some(0x2c), &mut rng).0);
    refuse("a commit under a key before", vec![newer(6, 7, 2, 2)]);
    refuse("the current key again", vec![key(project, 3)]);
    refuse("a key too far on", vec![key(project, 5)]);
    refuse("a key of an unknown vault", vec![key(unknown, 2)]);
    refuse("two keys of one vault", vec![key(project, 4), key(project, 5)]);
    let third = VaultId::from_random([0x3d; 16]);
    let op = create(&rekeyed, third, None, founder.id, &mut rng).0;
    let made = vec![Op::CreateVault(op), Op::Rekey(rekey(&rekeyed, third, 2, None, &mut rng).0)];
    refuse("a key of a vault that the entry makes", made);
    refuse("no key to retire", vec![retire(project, 0)]);
    refuse("the current key to retire", vec![retire(project, 3)]);
    refuse("a key to retire that is needed", vec![retire(project, 2)]);
    refuse("two retirements in one vault", vec![retire(project, 1), retire(project, 1)]);
    refuse("a key to retire of an unknown vault", vec![retire(unknown, 1)]);
    log.accept("the first key is retired", &founder, vec![retire(project, 1)], &[]);
    let both = vec![newer(6, 7, 3, 3), retire(project, 2)];
    log.accept("a commit that needs the newest alone, and the second is retired", &root, both, &[]);
    let retired = log.team.clone();
    let (name, ops) = ("a commit that needs a retired key", vec![newer(7, 8, 3, 2)]);
    let entry = next(&retired, &founder, ops);
    let error = retired.clone().extend(&entry).expect_err(name);
    refused.push(json!({
        "name": name, "after": retired.head().seq + 1, "entry": hex(&encode(&entry)),
        "error": format!("{error:?}"),
    }));

    rotations(&mut log, &mut refused, &founder, &root, &mut rng);

    let wraps_refused = refused_wraps(&wraps_1, &wraps_3, stranger.id, second);
    let hash = |name: &str, wraps: &[Wrap]| {
        json!({
            "name": name, "wraps": hex(&encode(&Wraps { wraps: wraps.to_vec() })),
            "hash": wraps_hash(wraps).to_string(),
        })
    };
    let wraps_hashes = vec![hash("none", &[]), hash("one", &wraps_1[..1]), hash("two", &wraps_1)];
    let about = "A team's log. `accepted`: entries from the genesis on, with their wraps (a Wraps \
                 message) and the state of all vaults after each. The others are refused, with the \
                 error that they name, after so many accepted entries; the state then stays.";
    let sections = vec![
        ("accepted", log.accepted),
        ("genesis_refused", genesis_refused),
        ("refused", refused),
        ("wraps_refused", wraps_refused),
        ("wraps_hashes", wraps_hashes),
    ];
    crate::file::write("log", about, sections);
}

/// Other keys for the root, then for the founder, each with a next key of every vault.
fn rotations(
    log: &mut Log,
    refused: &mut Vec<Value>,
    founder: &Signatory,
    root: &Signatory,
    rng: &mut ChaCha20Rng,
) {
    let mut fresh = |id| Signatory { id, ..Signatory::draw(rng) };
    let [next_root, other_root, next_founder] = [root.id, root.id, founder.id].map(&mut fresh);
    let signs = |to: &Signatory, by: &Signatory, claim: KeysClaim| {
        let proof = by.key.sign(&claim.to_sign()).to_bytes();
        let keyset = to.keyset.clone();
        Op::RotateKeys(Box::new(RotateKeys { member: to.id, keyset, proof, invited: None }))
    };
    let claim = |team: &Team, to: &Signatory| KeysClaim {
        team: team.id(),
        invite: None,
        member: to.id,
        keyset: to.keyset.clone(),
    };
    let with = |team: &Team, op: Op, rng: &mut ChaCha20Rng| {
        let (mut ops, mut wraps) = (vec![op], Vec::new());
        for (vault, public) in team.vaults() {
            let (op, wrapped) = rekey(team, vault, public.key_version() + 1, Some(0x2d), rng);
            ops.push(Op::Rekey(op));
            wraps.extend(wrapped);
        }
        (ops, wraps)
    };
    let mut refuse = |team: &Team, name: &str, author: &Signatory, ops: Vec<Op>| {
        let entry = author.sign(&Entry::after(team.id(), team.head(), author.id, TIME, ops));
        let error = team.clone().extend(&entry).expect_err(name);
        refused.push(json!({
            "name": name, "after": team.head().seq + 1, "entry": hex(&encode(&entry)),
            "error": format!("{error:?}"),
        }));
    };

    let team = log.team.clone();
    let good = || signs(&next_root, &next_root, claim(&team, &next_root));
    let mut bad = |name: &str, author: &Signatory, op: Op| {
        let (ops, _) = with(&team, op, rng);
        refuse(&team, name, author, ops);
    };
    let other = KeysClaim { team: TeamId(Hash([1; 32])), ..claim(&team, &next_root) };
    bad("other keys, proved for another team", founder, signs(&next_root, &next_root, other));
    let other = KeysClaim { member: founder.id, ..claim(&team, &next_root) };
    bad("other keys, proved for another member", founder, signs(&next_root, &next_root, other));
    let by_the_old = signs(&next_root, root, claim(&team, &next_root));
    bad("other keys, proved by those before", founder, by_the_old);
    let same = Signatory { id: root.id, key: root.key.clone(), keyset: root.keyset.clone() };
    bad("the same keys", founder, signs(&same, &same, claim(&team, &same)));
    let keyset = PublicKeyset { kem: founder.keyset.kem.clone(), ..next_root.keyset.clone() };
    let shared = Signatory { id: root.id, key: next_root.key.clone(), keyset };
    bad("the KEM key of another", founder, signs(&shared, &shared, claim(&team, &shared)));
    let nobody = Signatory {
        id: MemberId::from_random([0x0e; 16]),
        ..Signatory::draw(&mut ChaCha20Rng::seed_from_u64(9))
    };
    bad("keys of a stranger", founder, signs(&nobody, &nobody, claim(&team, &nobody)));
    let (mut ops, _) = with(&team, good(), rng);
    ops.pop();
    refuse(&team, "a vault without a next key", founder, ops);
    let (ops, _) = with(&team, good(), rng);
    let second = signs(&other_root, &other_root, claim(&team, &other_root));
    refuse(&team, "a member's keys twice", founder, [vec![second], ops].concat());

    let (ops, wraps) = with(&team, good(), rng);
    log.accept("other keys for the root, by an owner", founder, ops, &wraps);
    let team = log.team.clone();
    let vault = team.directory();
    let (op, _) = rekey(&team, vault, 3, None, rng);
    refuse(&team, "signed by the root's former key", root, vec![Op::Rekey(op)]);
    let (ops, _) = with(&team, signs(&same, &same, claim(&team, &same)), rng);
    refuse(&team, "former keys again", founder, ops);
    let op = signs(&next_founder, &next_founder, claim(&team, &next_founder));
    let (ops, wraps) = with(&team, op, rng);
    log.accept("other keys for an owner, by the root", &next_root, ops, &wraps);
    let team = log.team.clone();
    let (op, _) = rekey(&team, vault, 4, None, rng);
    refuse(&team, "signed by the owner's former key", founder, vec![Op::Rekey(op)]);
    let (op, wraps) = rekey(&team, vault, 4, None, rng);
    log.accept("by the owner's new key", &next_founder, vec![Op::Rekey(op)], &wraps);
}

/// Bodies that decode with a lax decoder, or name an op that does not exist.
fn spoilt_bodies(body: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let hex_body = hex(body);
    let replaced = |what: &str, by: &str| {
        assert!(hex_body.contains(what), "{what} in {hex_body}");
        crate::file::unhex(&hex_body.replacen(what, by, 1))
    };
    vec![
        ("signed, with a byte too many", [body, &[0]].concat()),
        ("signed, with an overlong number", replaced("8701", "871801")),
        ("signed, with an indefinite array", [&[0x9f], &body[1..], &[0xff]].concat()),
        ("signed, with an unknown op", replaced("818202", "818206")),
        ("signed, and empty", Vec::new()),
    ]
}

fn refused_genesis(
    right: &Entry,
    founder: &Signatory,
    root: &Signatory,
    directory: VaultId,
) -> Vec<Value> {
    let with = |entry: Entry| founder.sign(&entry);
    let op = |change: &dyn Fn(&mut Genesis)| {
        let mut entry = right.clone();
        let [Op::Genesis(genesis)] = entry.ops.as_mut_slice() else { panic!("a genesis") };
        change(genesis);
        founder.sign(&entry)
    };
    // A keyset for the root that it proves to hold, but for what is wrong with it.
    let proven = |key: &SigningKey, keyset: PublicKeyset, id: MemberId| {
        let root = Signatory { id, key: key.clone(), keyset };
        founder.sign(&genesis(founder, &root, directory))
    };
    let body = encode(right);
    let weak = |founder_key: [u8; 32]| {
        let mut entry = right.clone();
        let [Op::Genesis(genesis)] = entry.ops.as_mut_slice() else { panic!("a genesis") };
        genesis.founder.signing = SigningPublic(founder_key);
        raw(&encode(&entry), &for_the_identity())
    };
    let good = founder.key.sign(&Label::Entry.tag(&body)).to_bytes();
    let other_vault = VaultId::from_random([0x0d; 16]);
    let founder_as_root = founder.keyset.clone();
    let same_kem = PublicKeyset { signing: root.keyset.signing, kem: founder.keyset.kem.clone() };
    let head = Head { seq: 1, hash: Hash([1; 32]) };
    let cases = [
        ("suite 2", with(Entry { suite: 2, ..right.clone() })),
        ("with a team", with(Entry { team: Some(TeamId(head.hash)), ..right.clone() })),
        ("number 1", with(Entry { seq: 1, ..right.clone() })),
        ("with a predecessor", with(Entry { prev: Some(head.hash), ..right.clone() })),
        ("no op", with(Entry { ops: vec![], ..right.clone() })),
        (
            "two geneses",
            with(Entry { ops: [&right.ops[..], &right.ops].concat(), ..right.clone() }),
        ),
        (
            "another op",
            with(Entry { ops: vec![Op::Commit(commit(directory, None, 1))], ..right.clone() }),
        ),
        ("signed by the root", root.sign(right)),
        ("S not below the group's order", raw(&body, &with_other_scalar(good))),
        ("a founder of small order, for whom anyone signs", weak(IDENTITY)),
        (
            "a root of small order",
            op(&|genesis| {
                genesis.root_keyset.signing = SigningPublic(IDENTITY);
                genesis.root_proof = for_the_identity();
            }),
        ),
        ("the founder is the root", proven(&root.key, root.keyset.clone(), founder.id)),
        ("the founder's signing key is the root's", proven(&founder.key, founder_as_root, root.id)),
        ("the founder's KEM key is the root's", proven(&root.key, same_kem, root.id)),
        ("no proof by the root", op(&|genesis| genesis.root_proof = [0; 64])),
        ("the root's proof for another directory", op(&|genesis| genesis.directory = other_vault)),
        (
            "the root's proof for another root id",
            op(&|genesis| {
                genesis.root = MemberId::from_random([0x0e; 16]);
            }),
        ),
        (
            "the root's proof for another founder id",
            with(Entry { author: MemberId::from_random([0x0f; 16]), ..right.clone() }),
        ),
        ("the root's proof for another KEM key", op(&|genesis| genesis.root_keyset.kem.0[0] ^= 1)),
        (
            "the root's proof for another founder's KEM key",
            op(&|genesis| {
                genesis.founder.kem.0[0] ^= 1;
            }),
        ),
    ];
    cases
        .into_iter()
        .map(|(name, entry)| {
            let error = Team::found(&entry).expect_err(name);
            let entry = hex(&encode(&entry));
            json!({"name": name, "entry": entry, "error": format!("{error:?}")})
        })
        .collect()
}

fn refused_wraps(one: &[Wrap], two: &[Wrap], stranger: MemberId, vault: VaultId) -> Vec<Value> {
    let changed = |change: &dyn Fn(&mut Wrap)| {
        let mut wraps = one.to_vec();
        change(&mut wraps[0]);
        wraps
    };
    let mut swapped = two.to_vec();
    swapped.rotate_left(2);
    let cases = [
        (1, "none", vec![]),
        (1, "the last is missing", one[..1].to_vec()),
        (1, "the first is missing", one[1..].to_vec()),
        (1, "one too many", [one, &one[1..]].concat()),
        (1, "in another order", vec![one[1].clone(), one[0].clone()]),
        (1, "one twice, one missing", vec![one[0].clone(), one[0].clone()]),
        (1, "to a stranger", changed(&|wrap| wrap.recipient = stranger)),
        (1, "of another vault", changed(&|wrap| wrap.vault = vault)),
        (1, "of another version", changed(&|wrap| wrap.version = 2)),
        (1, "a byte short", changed(&|wrap| wrap.sealed.truncate(WRAP_BYTES - 1))),
        (1, "a byte long", changed(&|wrap| wrap.sealed.push(0))),
        (1, "a bit flipped: not those that were signed", changed(&|wrap| wrap.sealed[0] ^= 1)),
        (3, "of the second vault first", swapped),
        (3, "of the first vault alone", two[..2].to_vec()),
        (4, "where there is no new key", one[..1].to_vec()),
    ];
    cases
        .into_iter()
        .map(|(after, name, wraps)| {
            let wraps = hex(&encode(&Wraps { wraps }));
            json!({"name": name, "after": after, "wraps": wraps, "error": "Wraps"})
        })
        .collect()
}
