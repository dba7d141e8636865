//! Makes `people.json`.

use ed25519_dalek::{Signer, SigningKey};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use serde_json::{Value, json};
use subrosa_wire::SUITE;
use subrosa_wire::encoding::encode;
use subrosa_wire::id::{Hash, InviteId, MemberId, VaultId};
use subrosa_wire::keyset::{KEM_PUBLIC_BYTES, KemPublic, PublicKeyset, SigningPublic};
use subrosa_wire::log::{CreateVault, Entry, Genesis, Op, Rekey, RootClaim, SignedEntry};
use subrosa_wire::people::{
    Access, Add, Admission, Grant, Grants, Invite, Invited, KeysClaim, Revoke, RotateKeys, Service,
    SetRole, VaultRole,
};
use subrosa_wire::team::Team;

use super::people;
use crate::file::hex;

const TAKEN: usize = 100;
/// Few of each, so that what is asked for meets what is there.
const MEMBERS: u8 = 60;
const VAULTS: u8 = 4;
const INVITES: u8 = 40;
const KEYS: u8 = 120;

/// Draws what is asked for.
struct Asker {
    rng: ChaCha20Rng,
    team: Team,
    /// Which of the keys that there are signs for a member.
    keys: Vec<(MemberId, u8)>,
}

fn member(number: u8) -> MemberId {
    MemberId::from_random([number; 16])
}

fn vault(number: u8) -> VaultId {
    VaultId::from_random([number; 16])
}

fn invite(number: u8) -> InviteId {
    InviteId::from_random([number; 16])
}

fn key(number: u8) -> SigningKey {
    SigningKey::from_bytes(&[number; 32])
}

fn link(number: u8) -> SigningKey {
    SigningKey::from_bytes(&[0x80 | number; 32])
}

fn keyset(number: u8) -> PublicKeyset {
    let signing = SigningPublic(key(number).verifying_key().to_bytes());
    PublicKeyset { signing, kem: KemPublic([number; KEM_PUBLIC_BYTES]) }
}

fn sign(entry: &Entry, number: u8) -> SignedEntry {
    SignedEntry::new(entry, |bytes| key(number).sign(bytes).to_bytes())
}

fn genesis() -> SignedEntry {
    let (founder, root, directory) = (member(0), member(1), vault(0));
    let [founder_keyset, root_keyset] = [0, 1].map(keyset);
    let claim = RootClaim {
        founder,
        founder_keyset: founder_keyset.clone(),
        root,
        root_keyset: root_keyset.clone(),
        directory,
    };
    let root_proof = key(1).sign(&claim.to_sign()).to_bytes();
    let op = Genesis { founder: founder_keyset, root, root_keyset, root_proof, directory };
    let ops = vec![Op::Genesis(Box::new(op))];
    let entry =
        Entry { suite: SUITE, team: None, seq: 0, prev: None, author: founder, time: 0, ops };
    sign(&entry, 0)
}

fn create(vault: VaultId, parent: Option<VaultId>) -> Op {
    let [key_commitment, wraps] = [Hash([1; 32]), Hash([2; 32])];
    Op::CreateVault(CreateVault { vault, parent, key_commitment, wraps })
}

impl Asker {
    fn below(&mut self, count: u8) -> u8 {
        (self.rng.next_u32() % u32::from(count)) as u8
    }

    fn mostly(&mut self) -> bool {
        self.below(8) > 0
    }

    fn grants(&mut self) -> Vec<Grant> {
        let mut grants = Vec::new();
        for number in 1..VAULTS {
            if self.below(3) == 0 {
                grants.push(Grant { vault: vault(number), role: self.role() });
            }
        }
        if !self.mostly() {
            grants.push(Grant { vault: vault(0), role: self.role() });
        }
        grants
    }

    fn role(&mut self) -> VaultRole {
        VaultRole::ALL[usize::from(self.below(3))]
    }

    fn rekey(&self, vault: VaultId) -> Option<Op> {
        let version = self.team.vault(vault)?.key_version() + 1;
        let [key_commitment, wraps] = [Hash([1; 32]), Hash([2; 32])];
        Some(Op::Rekey(Rekey { vault, version, key_commitment, wraps, backlink: None }))
    }

    /// The next keys of all that a member holds; now and then one too few.
    fn rekeys(&mut self, id: MemberId) -> Vec<Op> {
        let held = self.team.vaults().filter(|(it, _)| self.team.role_in(*it, id).is_some());
        let mut ops: Vec<Op> = held.filter_map(|(it, _)| self.rekey(it)).collect();
        if !self.mostly() {
            ops.pop();
        }
        ops
    }

    /// New keys for a member, by an invite or without, with their proofs.
    fn keys(&mut self, id: MemberId, by: Option<u8>) -> (PublicKeyset, [u8; 64], Option<Invited>) {
        let number = self.below(KEYS);
        let number_of_link = if self.mostly() { by } else { by.map(|it| it / 2) };
        self.keys.push((id, number));
        let claim = KeysClaim {
            team: self.team.id(),
            invite: by.map(invite),
            member: id,
            keyset: keyset(number),
        };
        let invited = by.zip(number_of_link).map(|(by, number)| Invited {
            invite: invite(by),
            link: link(number).sign(&claim.for_link()).to_bytes(),
        });
        (keyset(number), key(number).sign(&claim.to_sign()).to_bytes(), invited)
    }

    /// An invite that is open, mostly, and whose it is.
    fn open(&mut self) -> (u8, MemberId) {
        let open: Vec<(u8, MemberId)> = (0..INVITES)
            .filter_map(|it| Some((it, self.team.invite(invite(it))?.invite.member)))
            .collect();
        if open.is_empty() || !self.mostly() {
            return (self.below(INVITES), member(self.below(MEMBERS)));
        }
        open[usize::from(self.below(open.len() as u8))]
    }

    fn ops(&mut self) -> Vec<Op> {
        let who = self.who();
        let fresh = member(self.below(MEMBERS));
        let of = vault(self.below(VAULTS));
        match self.below(14) {
            0..3 => {
                let id = self.below(INVITES);
                let access = match self.below(6) {
                    0 => Access::Owner,
                    1 => Access::Replace,
                    _ => Access::Member(Grants(self.grants())),
                };
                let link = SigningPublic(link(id).verifying_key().to_bytes());
                let (id, card) = (invite(id), vec![7; 9].into());
                let known = access == Access::Replace || !self.mostly();
                let whose = if known { who } else { fresh };
                let op = Invite { id, member: whose, access, expires: 9, link, card };
                vec![Op::Invite(Box::new(op))]
            }
            3 => vec![Op::CancelInvite(invite(self.open().0))],
            4..7 => {
                let (by, who) = self.open();
                let (keyset, proof, invited) = self.keys(who, Some(by));
                let Some(invited) = invited else { return vec![] };
                let replaces = self
                    .team
                    .invite(invite(by))
                    .is_some_and(|open| open.invite.access == Access::Replace);
                if replaces {
                    let op = RotateKeys { member: who, keyset, proof, invited: Some(invited) };
                    return [vec![Op::RotateKeys(Box::new(op))], self.rekeys(who)].concat();
                }
                let admission = Admission::Invited(invited);
                vec![Op::Add(Box::new(Add { member: who, admission, keyset, proof }))]
            }
            7 => {
                let who = if self.mostly() { fresh } else { who };
                let (keyset, proof, _) = self.keys(who, None);
                let grants = Grants(self.grants());
                let service = Service { grants, expires: Some(9), card: vec![8; 9].into() };
                let admission = Admission::Service(service);
                vec![Op::Add(Box::new(Add { member: who, admission, keyset, proof }))]
            }
            8 => {
                let grant = Grant { vault: of, role: self.role() };
                vec![Op::SetRole(SetRole { member: who, grant })]
            }
            9 => {
                let next = if self.mostly() { self.rekey(of) } else { None };
                let revoke = Op::Revoke(Revoke { member: who, vault: of });
                [revoke].into_iter().chain(next).collect()
            }
            10 => [vec![Op::Remove(who)], self.rekeys(who)].concat(),
            11 => vec![Op::Promote(who)],
            12 => {
                let (keyset, proof, invited) = self.keys(who, None);
                let op =
                    Op::RotateKeys(Box::new(RotateKeys { member: who, keyset, proof, invited }));
                let rekeys = if self.below(2) == 0 { self.rekeys(who) } else { vec![] };
                [vec![op], rekeys].concat()
            }
            _ if self.below(2) == 0 => self.rekey(of).into_iter().collect(),
            _ => vec![Op::MinimumClient(u32::from(self.below(3)))],
        }
    }

    /// A member, mostly.
    fn who(&mut self) -> MemberId {
        let all: Vec<MemberId> = self.team.members().map(|(id, _)| id).collect();
        let at = usize::from(self.below(all.len() as u8));
        if self.mostly() { all[at] } else { member(self.below(MEMBERS)) }
    }

    fn author(&mut self) -> MemberId {
        // Else hardly anything is taken.
        let all: Vec<MemberId> = self.team.members().map(|(id, _)| id).collect();
        let owners: Vec<MemberId> =
            all.iter().copied().filter(|id| self.team.is_owner(*id)).collect();
        let of = if self.below(2) == 0 { owners } else { all };
        of[usize::from(self.below(of.len() as u8))]
    }
}

pub fn write() {
    let first = genesis();
    let mut team = Team::found(&first).expect("a genesis");
    let case = |entry: &SignedEntry, error: Option<String>| -> Value {
        let entry = hex(&encode(entry));
        match error {
            None => json!({ "entry": entry }),
            Some(error) => json!({ "entry": entry, "error": error }),
        }
    };
    let mut asked = vec![case(&first, None)];
    for op in [
        create(vault(0), None),
        create(vault(1), None),
        create(vault(2), Some(vault(1))),
        create(vault(3), None),
    ] {
        let entry = Entry::after(team.id(), team.head(), member(0), 1, vec![op]);
        let entry = sign(&entry, 0);
        team.extend(&entry).expect("a vault");
        asked.push(case(&entry, None));
    }
    let rng = ChaCha20Rng::seed_from_u64(17);
    let mut asker = Asker { rng, team, keys: vec![(member(0), 0), (member(1), 1)] };
    let mut taken = 0;
    while taken < TAKEN {
        let (author, before) = (asker.author(), asker.keys.len());
        let mut ops = asker.ops();
        if asker.below(6) == 0 {
            ops.extend(asker.ops());
        }
        let signed_by = asker.keys[..before].iter().rfind(|(id, _)| *id == author);
        let Some((_, number)) = signed_by else { continue };
        let entry = Entry::after(asker.team.id(), asker.team.head(), author, 2, ops);
        let entry = sign(&entry, *number);
        let error = asker.team.extend(&entry).err();
        match error {
            None => taken += 1,
            // What was not taken gave nobody keys.
            Some(_) => asker.keys.truncate(before),
        }
        asked.push(case(&entry, error.map(|error| format!("{error:?}"))));
    }
    let about = "What a small team is asked for at random, entry after entry from the genesis, and the error \
                 of what is refused; who is in it at the end.";
    let end = vec![json!({ "people": people(&asker.team) })];
    crate::file::write("people", about, vec![("asked", asked), ("end", end)]);
}
