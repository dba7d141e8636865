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
    Commit, CreateVault, Entry, Genesis, Head, MAX_SUMMARY, Op, RootClaim, SignedEntry,
};
use subrosa_wire::object::ObjectId;
use subrosa_wire::team::{Role, Team, VaultRole};

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

static KEYS: LazyLock<[SigningKey; 3]> =
    LazyLock::new(|| [1, 2, 3].map(|byte| SigningKey::from_bytes(&[byte; 32])));
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
        let (entry, signer) = entry(&team, &mut input);
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
fn entry(team: &Team, input: &mut Input<'_>) -> (Entry, usize) {
    let author = usize::from(input.choice(8)).saturating_sub(5);
    let wrong = input.byte();
    let ops = (0..input.choice(5)).map(|_| op(team, input)).collect();
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
    let signer = if wrong == 8 { usize::from(input.choice(3)) } else { author };
    (entry, signer)
}

fn op(team: &Team, input: &mut Input<'_>) -> Op {
    let vault = input.one_of(&VAULTS);
    let tree = |byte: u8| ObjectId(Hash([byte % 8; 32]));
    match input.choice(16) {
        0 => genesis().ops.remove(0),
        1..=5 => {
            let parent = (input.choice(2) == 1).then(|| input.one_of(&VAULTS));
            let [key_commitment, wraps] = [0, 1].map(|byte| Hash([byte; 32]));
            Op::CreateVault(CreateVault { vault, parent, key_commitment, wraps })
        }
        _ => {
            let base = match input.choice(8) {
                0 => None,
                1 => Some(tree(input.byte())),
                _ => team.vault(vault).and_then(|vault| vault.tree),
            };
            let number = |byte: u8| match byte {
                0 => 0,
                1 => 2,
                2 => u32::MAX,
                _ => 1,
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
                key_version: number(input.byte()),
                oldest_live: number(input.byte()),
                summary: vec![0; len].into(),
            })
        }
    }
}

/// What docs/format.md says of vaults: each one's tree and number of commits.
#[derive(Clone, Default)]
struct Model(BTreeMap<VaultId, (Option<ObjectId>, u64)>);

impl Model {
    /// Whether the entry is to be accepted. Today all members are owners.
    fn extend(&mut self, team: &Team, entry: &Entry, signer: usize) -> bool {
        let head = team.head();
        let follows = (entry.suite, entry.team) == (SUITE, Some(team.id()))
            && (Some(entry.seq), entry.prev) == (head.seq.checked_add(1), Some(head.hash));
        let signed = signer < MEMBERS && PEOPLE[signer] == entry.author;
        let first = match entry.ops.first() {
            None => false,
            Some(Op::CreateVault(CreateVault { vault, parent: None, .. })) => {
                entry.seq != 1 || (*vault == VAULTS[0] && signer == 0)
            }
            Some(_) => entry.seq != 1,
        };
        if !follows || !signed || !first {
            return false;
        }
        let (mut next, mut committed) = (self.clone(), Vec::new());
        for op in &entry.ops {
            match op {
                Op::Genesis(_) => return false,
                Op::CreateVault(op) => {
                    let orphan = op.parent.is_some_and(|parent| !next.0.contains_key(&parent));
                    if orphan || next.0.insert(op.vault, (None, 0)).is_some() {
                        return false;
                    }
                }
                Op::Commit(op) => {
                    let Some((tree, commits)) = next.0.get_mut(&op.vault) else { return false };
                    let good = *tree == op.base
                        && op.base != Some(op.tree)
                        && (op.key_version, op.oldest_live) == (1, 1)
                        && op.summary.len() <= MAX_SUMMARY
                        && !committed.contains(&op.vault);
                    if !good {
                        return false;
                    }
                    (*tree, *commits) = (Some(op.tree), *commits + 1);
                    committed.push(op.vault);
                }
            }
        }
        *self = next;
        true
    }

    fn is_of(&self, team: &Team) {
        let state = team.vaults().map(|(id, vault)| (id, (vault.tree, vault.commits)));
        assert!(state.eq(self.0.iter().map(|(id, state)| (*id, *state))), "another state");
    }
}

/// What holds of every accepted entry, whatever it did.
fn invariants(before: &Team, after: &Team, entry: &Entry) {
    assert_eq!((before.id(), before.root()), (after.id(), after.root()));
    assert_eq!(before.directory(), after.directory());
    assert!(before.members().eq(after.members()), "no op today changes who is a member");
    assert_eq!(after.vault(after.directory()).map(|vault| vault.created), Some(1));
    for (id, vault) in after.vaults() {
        assert_eq!(vault.tree.is_none(), vault.commits == 0);
        assert!(1 <= vault.oldest_live && vault.oldest_live <= vault.tree_key_version);
        assert!(vault.tree_key_version <= vault.key_version());
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
                assert!(vault.key_commitments.starts_with(&old.key_commitments));
                assert!(vault.commits - old.commits <= 1);
            }
        }
    }
    assert!(before.vaults().all(|(id, _)| after.vault(id).is_some()), "a vault is gone");
}
