//! What the page sees of the root key.

use subrosa_bridge::root_key::{FormerRootKey, RootKey, StagedRootKey};
use subrosa_client::StagedRootKey as Staged;
use subrosa_core::keyset::fingerprint;
use subrosa_core::kit;
use subrosa_wire::id::Hash;
use subrosa_wire::keyset::PublicKeyset;
use subrosa_wire::team::Team;

pub(crate) fn root_key(team: &Team, staged: Option<&Staged>) -> Option<RootKey> {
    let root = team.member(team.root())?;
    let former = team.former().iter().rev().filter(|keys| keys.member == team.root());
    let former = former.map(|keys| FormerRootKey {
        fingerprint: fingerprint(keys.signing, keys.kem),
        until: keys.time,
    });
    let staged = staged.map(|staged| {
        let fingerprint = root_key_fingerprint(&staged.key)?;
        Some(StagedRootKey { fingerprint, overtaken: !staged.is_current(team) })
    });
    Some(RootKey {
        fingerprint: of(&root.keyset),
        since: root.time,
        staged: staged.flatten(),
        former: former.collect(),
    })
}

/// The eight words of a root key.
pub(crate) fn root_key_fingerprint(key: &kit::RootKey) -> Option<String> {
    Some(of(key.keyset().ok()?.public()))
}

fn of(keyset: &PublicKeyset) -> String {
    fingerprint(keyset.signing, Hash::of(&keyset.kem.0))
}
