//! What an entry is made of, part by part.

use subrosa_core::Randomness;
use subrosa_core::vault::{Keyring, OpenVault, StagedVault};
use subrosa_core::vault_key::{KeyName, VaultKey};
use subrosa_wire::id::{Hash, MemberId, SecretId, VaultId};
use subrosa_wire::keyset::PublicKeyset;
use subrosa_wire::log::{Op, WRAP_BYTES, Wrap, wraps_hash};
use subrosa_wire::object::Upload;
use subrosa_wire::team::Team;

use crate::error::{Error, Result};

/// An entry in the making, with all that it brings.
#[derive(Default)]
pub(crate) struct Making {
    /// When, in milliseconds since 1970.
    now: u64,
    pub(crate) ops: Vec<Op>,
    pub(crate) wraps: Vec<Wrap>,
    pub(crate) uploads: Vec<Upload>,
    /// The new keys.
    pub(crate) keys: Keyring,
    /// The vaults that change, as they will be.
    pub(crate) vaults: Vec<OpenVault>,
    pub(crate) reencrypted: usize,
    pub(crate) stuck: Vec<SecretId>,
    /// The keys that the entry gives members: what it wraps, it wraps to these.
    pub(crate) keysets: Vec<(MemberId, PublicKeyset)>,
    /// Whether it is held against the rules of the log before it is posted, so that whoever may not do
    /// this is told which one: where the rules of scopes do not say it.
    pub(crate) judged: bool,
    /// Who loses a vault; who goes.
    pub(crate) gone: Vec<(MemberId, Option<VaultId>)>,
    /// Who gets a vault; who gets all.
    pub(crate) come: Vec<(MemberId, Option<VaultId>)>,
    /// The vaults that get their next key, for somebody loses them.
    pub(crate) lost: Vec<VaultId>,
}

impl Making {
    pub(crate) fn at(now: u64) -> Self {
        Making { now, ..Making::default() }
    }

    /// A vault's next state.
    pub(crate) fn commit(&mut self, vault: VaultId, staged: StagedVault) {
        self.ops.push(Op::Commit(staged.commit));
        staged.objects.into_iter().for_each(|sealed| self.upload(vault, sealed));
        self.vaults.push(staged.vault);
    }

    pub(crate) fn upload(&mut self, vault: VaultId, sealed: Vec<u8>) {
        self.uploads.push(Upload { vault, sealed: sealed.into() });
    }

    /// A fresh key, wrapped to its holders: the commitment to it, and the hash of its wraps.
    pub(crate) fn key(
        &mut self,
        team: &Team,
        name: KeyName,
        holders: &[MemberId],
        rng: Randomness<'_>,
    ) -> Result<(Hash, Hash)> {
        let key = VaultKey::generate(rng);
        let first = self.wraps.len();
        for recipient in holders {
            let given = self.keysets.iter().find(|(member, _)| member == recipient);
            let known = team.member(*recipient);
            let keyset = given.map(|(_, keyset)| keyset);
            let keyset = keyset.or_else(|| known.map(|member| &member.keyset));
            let keyset = keyset.ok_or(Error::NotMyKeys)?;
            let wrap = match known.is_none_or(|member| member.kind.is_in_time(self.now)) {
                true => key.wrap(name, *recipient, keyset, rng).ok(),
                // A machine that is expired, and not revoked yet, learns no more, whatever the server lets
                // it read. If it is this clock that is wrong, others bring it the key, or it gets the one
                // after.
                false => None,
            };
            // Keys that nothing can be wrapped to keep nobody else from theirs.
            self.wraps.push(wrap.unwrap_or_else(|| of_nothing(name, *recipient, rng)));
        }
        let commitment = key.commitment(name);
        self.keys.insert(name.vault, name.version, key);
        Ok((commitment, wraps_hash(self.wraps.iter().skip(first))))
    }
}

/// A wrap that opens for nobody, in the place of one that is not to be, or cannot be.
fn of_nothing(name: KeyName, recipient: MemberId, rng: Randomness<'_>) -> Wrap {
    let mut sealed = vec![0; WRAP_BYTES];
    rng.fill_bytes(&mut sealed);
    Wrap { vault: name.vault, version: name.version, recipient, sealed: sealed.into() }
}
