//! What an entry is made of, part by part.

use subrosa_core::Randomness;
use subrosa_core::vault::{Keyring, OpenVault, StagedVault};
use subrosa_core::vault_key::{KeyName, VaultKey};
use subrosa_wire::id::{Hash, MemberId, SecretId, VaultId};
use subrosa_wire::log::{Op, Wrap, wraps_hash};
use subrosa_wire::object::Upload;
use subrosa_wire::people::RotateKeys;
use subrosa_wire::team::Team;

use crate::error::{Error, Result};

/// An entry in the making, with all that it brings.
#[derive(Default)]
pub(crate) struct Making {
    pub(crate) ops: Vec<Op>,
    pub(crate) wraps: Vec<Wrap>,
    pub(crate) uploads: Vec<Upload>,
    /// The new keys.
    pub(crate) keys: Keyring,
    /// The vaults that change, as they will be.
    pub(crate) vaults: Vec<OpenVault>,
    pub(crate) reencrypted: usize,
    pub(crate) stuck: Vec<SecretId>,
    /// The keys that the entry gives a member: what it wraps, it wraps to these.
    pub(crate) rotated: Option<RotateKeys>,
    /// Whether the entry is about the team's people: the rules of roles are asked before it is posted.
    pub(crate) people: bool,
    /// Who loses a vault; who goes.
    pub(crate) gone: Vec<(MemberId, Option<VaultId>)>,
    /// The vaults that get their next key, for somebody loses them.
    pub(crate) lost: Vec<VaultId>,
}

impl Making {
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
            let member = team.member(*recipient).ok_or(Error::NotMyKeys)?;
            let rotated = self.rotated.as_ref().filter(|it| it.member == *recipient);
            let keyset = rotated.map_or(&member.keyset, |it| &it.keyset);
            let wrap = key.wrap(name, *recipient, keyset, rng);
            self.wraps.push(wrap.map_err(|_| Error::BadReply)?);
        }
        let commitment = key.commitment(name);
        self.keys.insert(name.vault, name.version, key);
        Ok((commitment, wraps_hash(self.wraps.iter().skip(first))))
    }
}
