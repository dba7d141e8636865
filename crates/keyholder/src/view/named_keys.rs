//! Named keys.

use subrosa_bridge::named_keys::{NamedKey, NamedKeyAt};
use subrosa_client::{Platform, TeamClient};
use subrosa_core::contents::Contents;
use subrosa_core::manifest::{KeyState, Record};
use subrosa_core::order;
use subrosa_core::unicode::lower_case;
use subrosa_core::vault::OpenVault;
use subrosa_wire::team::VaultRole;

use super::keys::is_past;
use super::{Names, name, time};

/// The named keys of all vaults that can be opened, by the name of their vault and their own.
pub(crate) fn named_keys<P: Platform>(client: &TeamClient<P>) -> Vec<NamedKey> {
    let (team, me) = (client.team(), client.me());
    let writes = |vault: &OpenVault| team.role_in(vault.id(), me) >= Some(VaultRole::Writer);
    shown(&client.contents(), &writes, client.platform().now())
}

fn shown(contents: &Contents, writes: &dyn Fn(&OpenVault) -> bool, now: u64) -> Vec<NamedKey> {
    let names = Names::of(contents);
    let mut all = Vec::new();
    for vault in contents.vaults() {
        for (record, state) in of(vault) {
            all.push(NamedKey {
                at: NamedKeyAt { vault: vault.id().to_string(), name: record.key.clone() },
                vault_name: name(contents, vault),
                base: record.version,
                newest: state.newest,
                oldest: state.oldest,
                decrypt_from: state.decrypt_from,
                time: time(state.time),
                author: names.member(record.author),
                writes: writes(vault),
                deletable: state.deletable,
                rotate_after: state.rotate_after,
                due: is_due(state, now),
            });
        }
    }
    order::sort_by_key(&mut all, |key| {
        (lower_case(&key.vault_name), key.at.vault.clone(), key.at.name.clone())
    });
    all
}

/// The live named keys of a vault.
fn of(vault: &OpenVault) -> impl Iterator<Item = (&Record, &KeyState)> {
    vault.records().filter_map(|record| Some((record, record.key_state()?)))
}

fn is_due(state: &KeyState, now: u64) -> bool {
    is_past(state.time, state.rotate_after, now)
}

/// The named keys of a vault that are due for a rotation.
pub(super) fn due(vault: &OpenVault, now: u64) -> impl Iterator<Item = &str> {
    of(vault).filter(move |(_, state)| is_due(state, now)).map(|(record, _)| record.key.as_str())
}
