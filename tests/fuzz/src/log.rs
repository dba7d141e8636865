//! The reducer: any sequence of entries, signed by a few fixed keys, against a second reducer that
//! is written from docs/format.md's table alone.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use ed25519_dalek::{Signer, SigningKey};
use subrosa_wire::SUITE;
use subrosa_wire::encoding::decode_strict;
use subrosa_wire::id::{Hash, MemberId, TeamId, VaultId};
use subrosa_wire::keyset::{KEM_PUBLIC_BYTES, KemPublic, PublicKeyset, SigningPublic};
use subrosa_wire::log::{
    Commit, CreateVault, Entry, Genesis, Head, MAX_SUMMARY, Op, Rekey, Retire, RootClaim,
    SignedEntry,
};
use subrosa_wire::object::ObjectId;
use subrosa_wire::people::{KeysClaim, RotateKeys};
use subrosa_wire::team::{Role, Team, Vault, VaultRole};

use crate::input::Input;

/// The founder, the root, and one who is no member.
const PEOPLE: [MemberId; 3] = [
    MemberId::from_random([1; 16]),
    MemberId::from_random([2; 16]),
    MemberId::from_random([3; 16]),
];
const MEMBERS: usize = 2;
/// The directory comes first.
const VAULTS: [VaultId; 4] = [
    VaultId::from_random([4; 16]),
    VaultId::from_random([5; 16]),
    VaultId::from_random([6; 16]),
    VaultId::from_random([7; 16]),
];

/// A key for each, and some more that they may come to have.
const KEYSETS: usize = 6;
static KEYS: LazyLock<[SigningKey; KEYSETS]> =
    LazyLock::new(|| [1, 2, 3, 4, 5, 6].map(|byte| SigningKey::from_bytes(&[byte; 32])));
static FOUNDED: LazyLock<Team> = LazyLock::new(|| {
    let signed = sign(&genesis(), 0);
    Team::found(&signed).expect("a good genesis")
});

/// One input.
pub fn run(data: &[u8]) {
    let mut input = Input::new(data);
    if input.choice(4) == 0 {
        return any_bytes(input.rest());
    }
    let (mut team, mut model) = (FOUNDED.clone(), Model::default());
    // Each costs a signature and its verification.
    for _ in 0..40 {
        if input.is_spent() {
            break;
        }
        let (entry, signer) = entry(&team, &model, &mut input);
        let before = team.clone();
        let accepted = team.extend(&sign(&entry, signer));
        assert_eq!(accepted.is_ok(), model.extend(&before, &entry, signer), "{entry:?}");
        match accepted {
            Ok(verified) => {
                assert_eq!(team.head(), Head { seq: entry.seq, hash: verified.hash() });
                invariants(&before, &team, &entry);
            }
            Err(_) => assert!(team == before, "refused, and yet it changed the state"),
        }
        model.is_of(&team);
    }
}

/// Nobody signed these: they found no team and extend none.
fn any_bytes(bytes: &[u8]) {
    let Ok(signed) = decode_strict::<SignedEntry>(bytes) else { return };
    let mut team = FOUNDED.clone();
    assert!(team.extend(&signed).is_err() && team == *FOUNDED);
    if let Ok(other) = Team::found(&signed) {
        // A genesis may be anybody's; then it names its own founder and root, and nothing else.
        assert_eq!((other.members().count(), other.vaults().count()), (2, 0));
        assert!(other.members().all(|(_, member)| member.role == Role::Owner));
    }
}

fn keyset(who: usize) -> PublicKeyset {
    let signing = SigningPublic(KEYS[who].verifying_key().to_bytes());
    PublicKeyset { signing, kem: KemPublic([who as u8; KEM_PUBLIC_BYTES]) }
}

fn sign(entry: &Entry, who: usize) -> SignedEntry {
    SignedEntry::new(entry, |bytes| KEYS[who].sign(bytes).to_bytes())
}

fn genesis() -> Entry {
    let claim = RootClaim {
        founder: PEOPLE[0],
        founder_keyset: keyset(0),
        root: PEOPLE[1],
        root_keyset: keyset(1),
        directory: VAULTS[0],
    };
    let genesis = Genesis {
        founder: keyset(0),
        root: PEOPLE[1],
        root_keyset: keyset(1),
        root_proof: KEYS[1].sign(&claim.to_sign()).to_bytes(),
        directory: VAULTS[0],
    };
    let ops = vec![Op::Genesis(Box::new(genesis))];
    Entry { suite: SUITE, team: None, seq: 0, prev: None, author: PEOPLE[0], time: 0, ops }
}

/// An entry that mostly follows the head, and who signs it.
fn entry(team: &Team, model: &Model, input: &mut Input<'_>) -> (Entry, usize) {
    let author = usize::from(input.choice(8)).saturating_sub(5);
    let wrong = input.byte();
    let mut ops: Vec<Op> = (0..input.choice(5)).map(|_| op(team, input)).collect();
    // Alone they are refused.
    if ops.iter().any(|op| matches!(op, Op::RotateKeys(_))) && input.choice(4) != 0 {
        ops.extend(team.vaults().map(|(id, vault)| rekey(id, vault.key_version() + 1)));
    }
    let mut entry = Entry::after(team.id(), team.head(), PEOPLE[author], 0, ops);
    // One mistake at most: two would hide each other.
    match wrong {
        1 => entry.suite = 2,
        2 => entry.team = None,
        3 => entry.team = Some(TeamId(Hash([0; 32]))),
        4 => entry.seq = input.byte().into(),
        5 => entry.seq = u64::MAX,
        6 => entry.prev = None,
        7 => entry.prev = Some(Hash([0; 32])),
        _ => {}
    }
    let signer = match (wrong, model.keys.get(author)) {
        (9.., Some(own)) => *own,
        _ => usize::from(input.choice(KEYSETS as u8)),
    };
    (entry, signer)
}

/// Mostly one more than this, else something near it, or far away.
fn near(number: u32, input: &mut Input<'_>) -> u32 {
    match input.byte() {
        0 => 0,
        1 => number,
        2 => number + 2,
        3 => u32::MAX,
        4 => number.saturating_sub(1),
        _ => number + 1,
    }
}

fn op(team: &Team, input: &mut Input<'_>) -> Op {
    let vault = input.one_of(&VAULTS);
    let tree = |byte: u8| ObjectId(Hash([byte % 8; 32]));
    let newest = team.vault(vault).map_or(1, Vault::key_version);
    match input.choice(19) {
        16.. => rotate(team, input),
        0 => genesis().ops.remove(0),
        1..=5 => {
            let parent = (input.choice(2) == 1).then(|| input.one_of(&VAULTS));
            let [key_commitment, wraps] = [0, 1].map(|byte| Hash([byte; 32]));
            Op::CreateVault(CreateVault { vault, parent, key_commitment, wraps })
        }
        6 | 7 => rekey(vault, near(newest, input)),
        8 => Op::Retire(Retire { vault, version: near(newest.saturating_sub(2), input) }),
        _ => {
            let base = match input.choice(8) {
                0 => None,
                1 => Some(tree(input.byte())),
                _ => team.vault(vault).and_then(|vault| vault.tree),
            };
            let len = match input.byte() {
                0 => MAX_SUMMARY + 1,
                1 => MAX_SUMMARY,
                len => usize::from(len),
            };
            Op::Commit(Commit {
                vault,
                base,
                tree: tree(input.byte()),
                key_version: near(newest.saturating_sub(1), input),
                oldest_live: near(newest.saturating_sub(1), input),
                summary: vec![0; len].into(),
            })
        }
    }
}

fn rekey(vault: VaultId, version: u32) -> Op {
    let [key_commitment, wraps] = [0, 1].map(|byte| Hash([byte; 32]));
    Op::Rekey(Rekey { vault, version, key_commitment, wraps, backlink: None })
}

/// Other keys for somebody; now and then with a mistake in their proof.
fn rotate(team: &Team, input: &mut Input<'_>) -> Op {
    let (member, which) = (input.one_of(&PEOPLE), usize::from(input.choice(KEYSETS as u8)));
    let mut keyset = keyset(which);
    let wrong = input.byte();
    if wrong == 1 {
        keyset.kem.0[0] ^= 0x80;
    }
    let mut claim = KeysClaim { team: team.id(), invite: None, member, keyset: keyset.clone() };
    if wrong == 2 {
        claim.member = PEOPLE[2];
    }
    let key = if wrong == 3 { 0 } else { which };
    let proof = KEYS[key].sign(&claim.to_sign()).to_bytes();
    Op::RotateKeys(Box::new(RotateKeys { member, keyset, proof, invited: None }))
}

/// What docs/format.md says of vaults, and of who has which keys.
#[derive(Clone)]
struct Model {
    vaults: BTreeMap<VaultId, VaultModel>,
    /// The founder's keys and the root's.
    keys: [usize; MEMBERS],
    /// All that anybody ever had: signing keys, and KEM keys.
    used: [Vec<Vec<u8>>; 2],
}

impl Default for Model {
    fn default() -> Self {
        let signing = |who| keyset(who).signing.0.to_vec();
        let kem = |who| keyset(who).kem.0.to_vec();
        let used = [[0, 1].map(signing).to_vec(), [0, 1].map(kem).to_vec()];
        Model { vaults: BTreeMap::new(), keys: [0, 1], used }
    }
}

/// Its tree and number of commits; its newest key, the oldest that is needed, the newest that is
/// refused.
#[derive(Clone, Copy, PartialEq, Debug)]
struct VaultModel {
    tree: Option<ObjectId>,
    commits: u64,
    newest: u32,
    oldest: u32,
    retired: u32,
}

impl Model {
    /// Whether the entry is to be accepted. Today all members are owners.
    fn extend(&mut self, team: &Team, entry: &Entry, signer: usize) -> bool {
        let head = team.head();
        let follows = (entry.suite, entry.team) == (SUITE, Some(team.id()))
            && (Some(entry.seq), entry.prev) == (head.seq.checked_add(1), Some(head.hash));
        let author = PEOPLE[..MEMBERS].iter().position(|id| *id == entry.author);
        let signed = author.is_some_and(|author| self.keys[author] == signer);
        let first = match entry.ops.first() {
            None => false,
            Some(Op::CreateVault(CreateVault { vault, parent: None, .. })) => {
                entry.seq != 1 || (*vault == VAULTS[0] && author == Some(0))
            }
            Some(_) => entry.seq != 1,
        };
        if !follows || !signed || !first {
            return false;
        }
        let (mut next, mut done) = (self.clone(), Vec::new());
        let (mut rotated, mut lost) = (Vec::new(), false);
        for op in &entry.ops {
            match op {
                Op::Genesis(_) => return false,
                Op::CreateVault(op) => {
                    let orphan = op.parent.is_some_and(|parent| !next.vaults.contains_key(&parent));
                    let new =
                        VaultModel { tree: None, commits: 0, newest: 1, oldest: 1, retired: 0 };
                    if orphan || next.vaults.insert(op.vault, new).is_some() {
                        return false;
                    }
                }
                Op::Commit(op) => {
                    let Some(vault) = next.vaults.get_mut(&op.vault) else { return false };
                    let good = vault.tree == op.base
                        && op.base != Some(op.tree)
                        && op.key_version == vault.newest
                        && (vault.retired + 1..=vault.newest).contains(&op.oldest_live)
                        && op.summary.len() <= MAX_SUMMARY
                        && !done.contains(&(op.vault, 2));
                    if !good {
                        return false;
                    }
                    (vault.tree, vault.oldest) = (Some(op.tree), op.oldest_live);
                    vault.commits += 1;
                    done.push((op.vault, 2));
                }
                Op::Rekey(op) => {
                    let before = self.vaults.get(&op.vault);
                    let vault = next.vaults.get_mut(&op.vault);
                    let (Some(_), Some(vault)) = (before, vault) else { return false };
                    if op.version != vault.newest + 1 || done.contains(&(op.vault, 3)) {
                        return false;
                    }
                    vault.newest += 1;
                    done.push((op.vault, 3));
                }
                Op::Retire(op) => {
                    let before = self.vaults.get(&op.vault);
                    let vault = next.vaults.get_mut(&op.vault);
                    let (Some(_), Some(vault)) = (before, vault) else { return false };
                    let good = vault.retired < op.version
                        && op.version < vault.newest
                        && op.version < vault.oldest
                        && !done.contains(&(op.vault, 4));
                    if !good {
                        return false;
                    }
                    vault.retired = op.version;
                    done.push((op.vault, 4));
                }
                Op::RotateKeys(op) => {
                    let Some(whose) = PEOPLE[..MEMBERS].iter().position(|it| *it == op.member)
                    else {
                        return false;
                    };
                    let (signing, kem) = (op.keyset.signing.0.to_vec(), op.keyset.kem.0.to_vec());
                    let claim = KeysClaim {
                        team: team.id(),
                        invite: None,
                        member: op.member,
                        keyset: op.keyset.clone(),
                    };
                    let itself = (author, whose) == (Some(0), 0);
                    lost |= !itself;
                    let good = (whose == 1 || author == Some(1) || itself)
                        && !rotated.contains(&whose)
                        && !next.used[0].contains(&signing)
                        && !next.used[1].contains(&kem)
                        && op.keyset.signing.verifies(&claim.to_sign(), &op.proof);
                    if !good {
                        return false;
                    }
                    let which = (0..KEYSETS).find(|which| keyset(*which).signing.0[..] == signing);
                    next.keys[whose] = which.expect("one of ours");
                    next.used[0].push(signing);
                    next.used[1].push(kem);
                    rotated.push(whose);
                }
                _ => unreachable!("nobody makes one of these"),
            }
        }
        if lost && !self.vaults.keys().all(|vault| done.contains(&(*vault, 3))) {
            return false;
        }
        *self = next;
        true
    }

    fn is_of(&self, team: &Team) {
        let state = team.vaults().map(|(id, vault)| {
            let (tree, commits, newest) = (vault.tree, vault.commits, vault.key_version());
            let (oldest, retired) = (vault.oldest_live, vault.retired());
            (id, VaultModel { tree, commits, newest, oldest, retired })
        });
        assert!(state.eq(self.vaults.iter().map(|(id, state)| (*id, *state))), "another state");
        let keys = PEOPLE[..MEMBERS].iter().map(|id| team.member(*id).map(|it| it.keyset.signing));
        assert!(keys.eq(self.keys.iter().map(|which| Some(keyset(*which).signing))), "other keys");
        assert_eq!(team.former().len() + MEMBERS, self.used[0].len());
    }
}

/// What holds of every accepted entry, whatever it did.
fn invariants(before: &Team, after: &Team, entry: &Entry) {
    assert_eq!((before.id(), before.root()), (after.id(), after.root()));
    assert_eq!(before.directory(), after.directory());
    let roles = |team: &Team| -> Vec<_> { team.members().map(|(id, it)| (id, it.role)).collect() };
    assert_eq!(roles(before), roles(after), "no op today changes who is a member");
    assert!(after.former().starts_with(before.former()));
    // Whoever has other keys than before was given them with a next key of all that it held, or gave
    // them to itself, and then a next key is advised.
    if !before.members().eq(after.members()) {
        let due = |(id, _): (VaultId, &Vault)| after.vault(id).is_some_and(|it| it.rekey_due);
        let rekeyed = |(id, vault): (VaultId, &Vault)| {
            after.vault(id).is_some_and(|it| it.key_version() == vault.key_version() + 1)
        };
        assert!(before.vaults().all(|it| rekeyed(it) || entry.author == PEOPLE[0] && due(it)));
    }
    assert_eq!(after.vault(after.directory()).map(|vault| vault.created), Some(1));
    for (id, vault) in after.vaults() {
        assert_eq!(vault.tree.is_none(), vault.commits == 0);
        assert!(1 <= vault.oldest_live && vault.oldest_live <= vault.tree_key_version);
        assert!(vault.tree_key_version <= vault.key_version());
        assert!(vault.retired() < vault.oldest_live, "what is live needs a key that is refused");
        assert!(vault.unlost_since <= vault.key_version());
        assert!(vault.keys.is_sorted_by_key(|key| key.seq) && vault.keys[0].backlink.is_none());
        assert!(vault.retirements.is_sorted_by(|a, b| a.version < b.version && a.seq < b.seq));
        let parent = vault.parent.map(|parent| after.vault(parent).expect("a parent").created);
        assert!(parent.is_none_or(|created| created <= vault.created));
        for owner in &PEOPLE[..MEMBERS] {
            assert!(after.holders(id).contains(owner), "an owner without a key");
            assert_eq!(after.role_in(id, *owner), Some(VaultRole::Manager));
        }
        assert_eq!(after.role_in(id, PEOPLE[2]), None);
        match before.vault(id) {
            None => assert_eq!((vault.created, vault.key_version()), (entry.seq, 1)),
            Some(old) => {
                assert_eq!((old.created, old.parent), (vault.created, vault.parent));
                assert!(vault.keys.starts_with(&old.keys));
                assert!(vault.commits - old.commits <= 1);
                let committed = vault.commits > old.commits;
                assert_eq!(vault.tree_seq, if committed { entry.seq } else { old.tree_seq });
                assert!(vault.key_version() - old.key_version() <= 1);
                assert!(vault.retirements.starts_with(&old.retirements));
            }
        }
    }
    assert!(before.vaults().all(|(id, _)| after.vault(id).is_some()), "a vault is gone");
}
