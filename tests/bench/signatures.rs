//! Verifying a log, against checking its signatures alone.

use std::hint::black_box;

use subrosa_core::keyset::Keyset;
use subrosa_wire::SUITE;
use subrosa_wire::id::{Hash, MemberId, VaultId};
use subrosa_wire::log::{Commit, CreateVault, Entry, Genesis, Op, RootClaim, SignedEntry};
use subrosa_wire::object::ObjectId;
use subrosa_wire::team::Team;
use zeroize::Zeroizing;

use crate::{ratio, report};

const ENTRIES: u64 = 2_000;

pub fn measure() {
    let keyset = |byte| Keyset::from_seed(Zeroizing::new([byte; 32])).expect("a keyset");
    let (keyset, root_keyset) = (keyset(1), keyset(2));
    let (author, root) = (MemberId::from_random([1; 16]), MemberId::from_random([2; 16]));
    let directory = VaultId::from_random([3; 16]);
    let start = team(author, &keyset, root, &root_keyset, directory);
    let mut base = start.vault(directory).expect("the directory").tree;
    let mut head = start.head();
    let entries: Vec<SignedEntry> = (0..ENTRIES)
        .map(|round| {
            let tree = ObjectId::of(&round.to_be_bytes());
            let commit = Commit {
                vault: directory,
                base: base.replace(tree),
                tree,
                key_version: 1,
                oldest_live: 1,
                summary: vec![0; 300].into(),
            };
            let entry = Entry::after(start.id(), head, author, round, vec![Op::Commit(commit)]);
            let signed = SignedEntry::new(&entry, |bytes| keyset.sign(bytes));
            head.seq += 1;
            head.hash = signed.hash();
            signed
        })
        .collect();
    let ours = || {
        let mut team = start.clone();
        for entry in &entries {
            team.extend(entry).expect("extends");
        }
        black_box(team);
    };
    let key = keyset.public().signing;
    let bound = || {
        for entry in &entries {
            black_box(entry.verify(key).is_ok());
        }
    };
    report("verify a log of 2,000 entries / its signatures", ratio(ours, bound), Some(1.5));
}

/// A team at entry 1.
fn team(
    founder: MemberId,
    keyset: &Keyset,
    root: MemberId,
    root_keyset: &Keyset,
    directory: VaultId,
) -> Team {
    let claim = RootClaim {
        founder,
        founder_keyset: keyset.public().clone(),
        root,
        root_keyset: root_keyset.public().clone(),
        directory,
    };
    let genesis = Genesis {
        founder: keyset.public().clone(),
        root,
        root_keyset: root_keyset.public().clone(),
        root_proof: root_keyset.sign(&claim.to_sign()),
        directory,
    };
    let (team, prev, ops) = (None, None, vec![Op::Genesis(Box::new(genesis))]);
    let entry = Entry { suite: SUITE, team, seq: 0, prev, author: founder, time: 0, ops };
    let sign = |entry: &Entry| SignedEntry::new(entry, |bytes| keyset.sign(bytes));
    let mut team = Team::found(&sign(&entry)).expect("a genesis");
    let create = CreateVault {
        vault: directory,
        parent: None,
        key_commitment: Hash::of(b"key"),
        wraps: Hash::of(b"wraps"),
    };
    let ops = vec![Op::CreateVault(create)];
    let entry = Entry::after(team.id(), team.head(), founder, 0, ops);
    team.extend(&sign(&entry)).expect("entry 1");
    team
}
