//! Who asks, as types: the founder, and the other owner that every team has, its root.

use ed25519_dalek::{Signer as _, SigningKey};
use subrosa_wire::SUITE;
use subrosa_wire::api::{
    Challenge, FoundTeam, LogPage, NewAccount, OpenSession, Principal, Push, RecoverTeam,
    SessionClaim, SessionOpened,
};
use subrosa_wire::id::{Hash, MemberId, TeamId, VaultId};
use subrosa_wire::keyset::{KEM_PUBLIC_BYTES, KemPublic, PublicKeyset, SigningPublic};
use subrosa_wire::log::{
    Commit, CreateVault, Entry, Genesis, Head, KeyVersion, Op, Rekey, RootClaim, SignedEntry,
    WRAP_BYTES, Wrap, wraps_hash,
};
use subrosa_wire::object::{ObjectId, Upload};
use subrosa_wire::people::{KeysClaim, RotateKeys};

use crate::world::{Reply, World};

/// A signing key, told from others by its seed.
#[derive(Clone)]
pub struct Keys(SigningKey);

impl Keys {
    pub fn of(seed: u8) -> Keys {
        Keys(SigningKey::from_bytes(&[seed; 32]))
    }

    pub fn public(&self) -> SigningPublic {
        SigningPublic(self.0.verifying_key().to_bytes())
    }

    pub fn keyset(&self) -> PublicKeyset {
        let signing = self.public();
        PublicKeyset { signing, kem: KemPublic([signing.0[0]; KEM_PUBLIC_BYTES]) }
    }

    pub fn sign(&self, bytes: &[u8]) -> [u8; 64] {
        self.0.sign(bytes).to_bytes()
    }
}

/// Somebody who wants a session.
pub struct Claimant {
    pub principal: Principal,
    pub keys: Keys,
}

impl Claimant {
    pub async fn claim(&self, world: &World) -> SessionClaim {
        let challenge = world.send(reqwest::Method::POST, "/v1/challenges", None, vec![]).await;
        SessionClaim {
            principal: self.principal,
            server_nonce: challenge.value::<Challenge>().nonce,
            client_nonce: [5; 32],
            origin: world.running.origin().to_owned(),
        }
    }

    pub fn sign(&self, claim: SessionClaim) -> OpenSession {
        let signature = self.keys.sign(&claim.to_sign());
        OpenSession { claim, signature }
    }

    pub async fn token(&self, world: &World) -> String {
        let open = self.sign(self.claim(world).await);
        world.post("/v1/sessions", None, &open).await.value::<SessionOpened>().token
    }
}

/// The founding owner with its account.
pub struct Founder {
    pub id: MemberId,
    pub keys: Keys,
    pub login: Keys,
    pub locator: Hash,
    pub root: MemberId,
    pub root_keys: Keys,
    pub directory: VaultId,
    pub genesis: SignedEntry,
    pub team: TeamId,
    /// A member's session, once signed in.
    pub token: String,
}

impl Founder {
    pub fn new() -> Founder {
        let (keys, root_keys) = (Keys::of(1), Keys::of(2));
        let id = MemberId::from_random([1; 16]);
        let root = MemberId::from_random([2; 16]);
        let directory = VaultId::from_random([3; 16]);
        let claim = RootClaim {
            founder: id,
            founder_keyset: keys.keyset(),
            root,
            root_keyset: root_keys.keyset(),
            directory,
        };
        let genesis = Op::Genesis(Box::new(Genesis {
            founder: keys.keyset(),
            root,
            root_keyset: root_keys.keyset(),
            root_proof: root_keys.sign(&claim.to_sign()),
            directory,
        }));
        let (team, prev, ops) = (None, None, vec![genesis]);
        let entry = Entry { suite: SUITE, team, seq: 0, prev, author: id, time: 0, ops };
        let genesis = SignedEntry::new(&entry, |bytes| keys.sign(bytes));
        let team = TeamId(genesis.hash());
        let (login, locator) = (Keys::of(9), Hash([9; 32]));
        let token = String::new();
        Founder { id, keys, login, locator, root, root_keys, directory, genesis, team, token }
    }

    pub async fn signed_in(self, world: &World) -> Founder {
        Founder { token: self.member().token(world).await, ..self }
    }

    pub fn member(&self) -> Claimant {
        let principal = Principal::Member(self.team, self.id);
        Claimant { principal, keys: self.keys.clone() }
    }

    pub fn root(&self) -> Claimant {
        let principal = Principal::Member(self.team, self.root);
        Claimant { principal, keys: self.root_keys.clone() }
    }

    /// The root, as a printed key knows it.
    pub fn printed_root(&self) -> Claimant {
        Claimant { principal: Principal::Root(self.team), keys: self.root_keys.clone() }
    }

    pub fn account(&self) -> Claimant {
        Claimant { principal: Principal::Account(self.locator), keys: self.login.clone() }
    }

    pub fn genesis_head(&self) -> Head {
        Head { seq: 0, hash: self.team.0 }
    }

    /// The team's URL, with something behind it.
    pub fn path(&self, rest: &str) -> String {
        format!("/v1/teams/{}/{rest}", self.team)
    }

    pub fn foundation(&self, setup_token: &str) -> FoundTeam {
        let sealed = b"sealed".to_vec().into();
        let account = NewAccount { locator: self.locator, login_key: self.login.public(), sealed };
        let first = self.creates(self.genesis_head(), self.directory);
        let (setup_token, genesis) = (setup_token.to_owned(), self.genesis.clone());
        FoundTeam { setup_token, account, genesis, first }
    }

    pub fn signs(&self, prev: Head, ops: Vec<Op>) -> SignedEntry {
        let entry = Entry::after(self.team, prev, self.id, 0, ops);
        SignedEntry::new(&entry, |bytes| self.keys.sign(bytes))
    }

    /// Creates a vault, with the wraps to both owners.
    pub fn creates(&self, prev: Head, vault: VaultId) -> Push {
        let wraps = self.wraps(vault, 1);
        let create = CreateVault {
            vault,
            parent: None,
            key_commitment: Hash([1; 32]),
            wraps: wraps_hash(&wraps),
        };
        let entry = self.signs(prev, vec![Op::CreateVault(create)]);
        Push { entry, wraps, objects: vec![] }
    }

    /// Commits `tree` to the directory.
    pub fn commits(&self, prev: Head, base: Option<&[u8]>, tree: &[u8]) -> Push {
        let vault = self.directory;
        let (base, tree_id) = (base.map(ObjectId::of), ObjectId::of(tree));
        let summary = b"summary".to_vec().into();
        let commit = Commit { vault, base, tree: tree_id, key_version: 1, oldest_live: 1, summary };
        let entry = self.signs(prev, vec![Op::Commit(commit)]);
        Push { entry, wraps: vec![], objects: vec![Upload { vault, sealed: tree.to_vec().into() }] }
    }

    /// Gives the directory its next key, with wraps and a backlink of these bytes.
    pub fn rekeys(&self, prev: Head, version: KeyVersion, backlink: &[u8]) -> Push {
        let vault = self.directory;
        let wraps = self.wraps(vault, version);
        let rekey = Rekey {
            vault,
            version,
            key_commitment: Hash([2; 32]),
            wraps: wraps_hash(&wraps),
            backlink: Some(ObjectId::of(backlink)),
        };
        let entry = self.signs(prev, vec![Op::Rekey(rekey)]);
        Push { entry, wraps, objects: vec![Upload { vault, sealed: backlink.to_vec().into() }] }
    }

    /// The root gives the founder other keys, and an account with them.
    pub fn recovers(&self, prev: Head, keys: &Keys, locator: Hash) -> RecoverTeam {
        self.rotates(prev, self.root, &self.root_keys, self.id, keys, locator)
    }

    /// An owner gives another member other keys, and the directory, which is the only vault, its
    /// second one.
    pub fn rotates(
        &self,
        prev: Head,
        author: MemberId,
        signs: &Keys,
        member: MemberId,
        keys: &Keys,
        locator: Hash,
    ) -> RecoverTeam {
        let claim = KeysClaim { team: self.team, invite: None, member, keyset: keys.keyset() };
        let proof = keys.sign(&claim.to_sign());
        let rotate = RotateKeys { member, keyset: keys.keyset(), proof, invited: None };
        let wraps = self.wraps(self.directory, 2);
        let rekey = Rekey {
            vault: self.directory,
            version: 2,
            key_commitment: Hash([2; 32]),
            wraps: wraps_hash(&wraps),
            backlink: None,
        };
        let ops = vec![Op::RotateKeys(Box::new(rotate)), Op::Rekey(rekey)];
        let entry = Entry::after(self.team, prev, author, 0, ops);
        let entry = SignedEntry::new(&entry, |bytes| signs.sign(bytes));
        let (login_key, sealed) = (Keys::of(10).public(), b"next".to_vec().into());
        let account = NewAccount { locator, login_key, sealed };
        RecoverTeam { account, push: Push { entry, wraps, objects: vec![] } }
    }

    fn wraps(&self, vault: VaultId, version: KeyVersion) -> Vec<Wrap> {
        let sealed = vec![7; WRAP_BYTES];
        let wrap = |recipient| Wrap { vault, version, recipient, sealed: sealed.clone().into() };
        let mut wraps: Vec<Wrap> = [self.id, self.root].map(wrap).into();
        wraps.sort_by_key(|wrap| wrap.recipient);
        wraps
    }

    pub async fn pushes(&self, world: &World, push: &Push) -> Reply {
        world.post(&self.path("log"), Some(&self.token), push).await
    }

    /// The log behind `after`, all pages.
    pub async fn log(&self, world: &World) -> Vec<SignedEntry> {
        let mut log: Vec<SignedEntry> = Vec::new();
        loop {
            let query = match log.len() {
                0 => String::new(),
                known => format!("?after={}", known - 1),
            };
            let path = self.path(&format!("log{query}"));
            let page: LogPage = world.get(&path, Some(&self.token)).await.value();
            log.extend(page.entries);
            if log.len() as u64 == page.last + 1 {
                return log;
            }
        }
    }

    pub async fn head(&self, world: &World) -> Head {
        let log = self.log(world).await;
        Head { seq: log.len() as u64 - 1, hash: log[log.len() - 1].hash() }
    }
}
