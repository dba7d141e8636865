//! A team as the server sees one: real signatures around bytes that nobody can open.

use subrosa_core::keyset::Keyset;
use subrosa_wire::SUITE;
use subrosa_wire::api::{FoundTeam, NewAccount, Push};
use subrosa_wire::id::{Hash, MemberId, TeamId, VaultId};
use subrosa_wire::log::{
    Commit, CreateVault, Entry, Genesis, Head, Op, RootClaim, SignedEntry, WRAP_BYTES, Wrap,
    wraps_hash,
};
use subrosa_wire::object::{ObjectId, Upload};
use subrosa_wire::people::{Add, Admission, Grant, Grants, Service, SetRole, VaultRole};
use subrosa_wire::team::Team;
use zeroize::Zeroizing;

const VAULT: VaultId = VaultId::from_random([4; 16]);

/// Bytes of each tree.
pub const TREE: usize = 4096;

/// A team with its founder's key, and the head of the last push that was made.
pub struct RawTeam {
    pub keyset: Keyset,
    pub author: MemberId,
    root: MemberId,
    directory: VaultId,
    genesis: SignedEntry,
    head: Head,
    tree: Option<ObjectId>,
    number: u8,
}

impl RawTeam {
    /// The team with this number.
    pub fn new(number: u8) -> Self {
        let keyset = |kind| {
            let mut seed = [kind; 32];
            seed[0] = number;
            Keyset::from_seed(Zeroizing::new(seed)).expect("a keyset")
        };
        let (keyset, root_keyset) = (keyset(1), keyset(2));
        let (author, root) = (MemberId::from_random([1; 16]), MemberId::from_random([2; 16]));
        let directory = VaultId::from_random([3; 16]);
        let claim = RootClaim {
            founder: author,
            founder_keyset: keyset.public().clone(),
            root,
            root_keyset: root_keyset.public().clone(),
            directory,
        };
        let genesis = Op::Genesis(Box::new(Genesis {
            founder: keyset.public().clone(),
            root,
            root_keyset: root_keyset.public().clone(),
            root_proof: root_keyset.sign(&claim.to_sign()),
            directory,
        }));
        let (team, prev, ops) = (None, None, vec![genesis]);
        let entry = Entry { suite: SUITE, team, seq: 0, prev, author, time: 0, ops };
        let genesis = SignedEntry::new(&entry, |bytes| keyset.sign(bytes));
        let head = Head { seq: 0, hash: genesis.hash() };
        RawTeam { keyset, author, root, directory, genesis, head, tree: None, number }
    }

    pub fn id(&self) -> TeamId {
        TeamId(self.genesis.hash())
    }

    /// The request that founds it, and its next push is entry 2.
    pub fn foundation(&mut self, setup_token: String) -> FoundTeam {
        let account = NewAccount {
            locator: Hash([self.number; 32]),
            login_key: self.keyset.public().signing,
            sealed: b"sealed".to_vec().into(),
        };
        FoundTeam { setup_token, account, genesis: self.genesis.clone(), first: self.first() }
    }

    /// Its state after entry 1.
    pub fn founded(&mut self) -> Team {
        let mut team = Team::found(&self.genesis).expect("a genesis");
        team.extend(&self.first().entry).expect("entry 1");
        team
    }

    fn first(&mut self) -> Push {
        let mut wraps: Vec<Wrap> = [self.author, self.root]
            .map(|recipient| Wrap {
                vault: self.directory,
                version: 1,
                recipient,
                sealed: vec![7; WRAP_BYTES].into(),
            })
            .into();
        wraps.sort_by_key(|wrap| wrap.recipient);
        let create = CreateVault {
            vault: self.directory,
            parent: None,
            key_commitment: Hash::of(b"key"),
            wraps: wraps_hash(&wraps),
        };
        Push { entry: self.sign(vec![Op::CreateVault(create)]), wraps, objects: vec![] }
    }

    /// The next commit to the directory, with a tree of [`TREE`] bytes that is unlike any other.
    pub fn commit(&mut self) -> Push {
        let mut sealed = vec![self.number; TREE];
        sealed[..8].copy_from_slice(&self.head.seq.to_be_bytes());
        let tree = ObjectId::of(&sealed);
        let commit = Commit {
            vault: self.directory,
            base: self.tree.replace(tree),
            tree,
            key_version: 1,
            oldest_live: 1,
            summary: vec![0; 300].into(),
        };
        let entry = self.sign(vec![Op::Commit(commit)]);
        let objects = vec![Upload { vault: self.directory, sealed: sealed.into() }];
        Push { entry, wraps: vec![], objects }
    }

    /// A vault beside the directory.
    pub fn vault(&mut self) -> SignedEntry {
        let [key_commitment, wraps] = [Hash::of(b"key"), Hash::of(b"wraps")];
        let vault = VAULT;
        self.sign(vec![Op::CreateVault(CreateVault { vault, parent: None, key_commitment, wraps })])
    }

    /// A machine, known by its number.
    pub fn machine(&mut self, number: u8) -> SignedEntry {
        let keyset = Keyset::from_seed(Zeroizing::new([number; 32])).expect("a keyset");
        let member = MemberId::from_random([number; 16]);
        let keys = keyset.rotation(self.id(), member);
        let (grants, card) = (Grants::default(), vec![0; 300].into());
        let admission = Admission::Service(Service { grants, expires: None, card });
        let add = Add { member, admission, keyset: keys.keyset, proof: keys.proof };
        self.sign(vec![Op::Add(Box::new(add))])
    }

    /// Another role for a machine.
    pub fn role(&mut self, number: u8, role: VaultRole) -> SignedEntry {
        let member = MemberId::from_random([number; 16]);
        self.sign(vec![Op::SetRole(SetRole { member, grant: Grant { vault: VAULT, role } })])
    }

    fn sign(&mut self, ops: Vec<Op>) -> SignedEntry {
        let entry = Entry::after(self.id(), self.head, self.author, 0, ops);
        let signed = SignedEntry::new(&entry, |bytes| self.keyset.sign(bytes));
        self.head = Head { seq: self.head.seq + 1, hash: signed.hash() };
        signed
    }
}
