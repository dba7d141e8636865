//! Keys of vaults, and what uses them.

use subrosa_bridge::keys::{KeyVersion, Rotation, VaultKeys};
use subrosa_bridge::people::Role;
use subrosa_bridge::view::{Row, Secrets};
use subrosa_client::{Platform, TeamClient};
use subrosa_core::contents::{Contents, Scope};
use subrosa_core::manifest::{Record, Subject};
use subrosa_core::order;
use subrosa_core::unicode::lower_case;
use subrosa_core::vault::OpenVault;
use subrosa_wire::id::VaultId;
use subrosa_wire::team::Vault;

use super::{Names, named_keys, role_in, row, scope_name, time};

const DAY: u64 = 24 * 60 * 60 * 1000;

/// The keys of all vaults that can be opened, by name.
pub(crate) fn vault_keys<P: Platform>(client: &TeamClient<P>) -> Vec<VaultKeys> {
    let (contents, team) = (client.contents(), client.team());
    let now = client.platform().now();
    let keys = contents.vaults().filter_map(|vault| {
        let public = team.vault(vault.id())?;
        let role = role_in(&team, vault, client.me());
        Some(keys_of(&contents, vault, public, role, now))
    });
    let mut keys: Vec<VaultKeys> = keys.collect();
    order::sort_by_key(&mut keys, |keys| (lower_case(&keys.name), keys.vault.clone()));
    keys
}

fn keys_of(
    contents: &Contents,
    vault: &OpenVault,
    public: &Vault,
    role: Option<Role>,
    now: u64,
) -> VaultKeys {
    let newest = public.key_version();
    let pages = |version| vault.pages_under(version);
    let version = |version| {
        let retired = version <= public.retired();
        let using = |record: &&Record| !retired && record.uses(version);
        KeyVersion {
            version,
            time: time(public.key(version).map_or(0, |key| key.time)),
            retired,
            secrets: vault.records().filter(using).count(),
            pages: pages(version),
        }
    };
    let names = Names::of(contents);
    let rotations = vault.rotations().iter().rev().map(|rotation| Rotation {
        version: rotation.version,
        secrets: rotation.secrets,
        earlier: rotation.earlier,
        author: names.member(rotation.author),
        entry: rotation.seq,
        time: time(rotation.time),
    });
    let sealed = vault.records().filter(|record| record.needs().is_some()).count();
    VaultKeys {
        vault: vault.id().to_string(),
        name: name(contents, vault),
        // As of an environment: what was taken away and is shown still is for reading.
        role: role.unwrap_or(Role::Reader),
        versions: (1..=newest).rev().map(version).collect(),
        left: vault.needing_older(newest).len(),
        total: sealed + (1..=newest).map(pages).sum::<usize>(),
        histories: vault.records().filter(|record| record.history.is_some()).count(),
        damaged: vault.damage(),
        rotations: rotations.collect(),
        rotate_after: vault.rotate_after(),
        due: is_due(vault, public, now),
    }
}

/// Whether a vault's key shall be rotated by now.
fn is_due(vault: &OpenVault, public: &Vault, now: u64) -> bool {
    public.keys.last().is_some_and(|key| is_past(key.time, vault.rotate_after(), now))
}

/// Whether so many days have passed since a time.
pub(super) fn is_past(since: u64, days: Option<u16>, now: u64) -> bool {
    days.is_some_and(|days| now.saturating_sub(since) >= u64::from(days) * DAY)
}

/// Vaults whose rotation is not finished, and what is due for one, by name: keys of vaults, and named
/// keys in them.
pub(super) fn attention<P: Platform>(client: &TeamClient<P>) -> [Vec<String>; 2] {
    let (contents, team) = (client.contents(), client.team());
    let now = client.platform().now();
    let mut names = [Vec::new(), Vec::new()];
    for vault in contents.vaults() {
        let Some(public) = team.vault(vault.id()) else { continue };
        let unfinished = public.key_version() > public.retired() + 1;
        for (names, it) in names.iter_mut().zip([unfinished, is_due(vault, public, now)]) {
            names.extend(it.then(|| name(&contents, vault)));
        }
        let due = named_keys::due(vault, now);
        names[1].extend(due.map(|key| format!("{key} in {}", name(&contents, vault))));
    }
    names
}

/// A vault by its scope.
pub(crate) fn name(contents: &Contents, vault: &OpenVault) -> String {
    match vault.subject() {
        Subject::Directory { .. } => "The members' names".to_owned(),
        Subject::Project { id, .. } => scope_name(contents, Scope::Project(*id)),
        Subject::Environment { id, .. } => scope_name(contents, Scope::Environment(*id)),
    }
}

/// The secrets of a vault that have something under a key version.
pub(crate) fn key_uses(
    contents: &Contents,
    vault: VaultId,
    version: u32,
    limit: usize,
) -> Option<Secrets> {
    let vault = contents.vault(vault)?;
    let mut using: Vec<&Record> = vault.records().filter(|record| record.uses(version)).collect();
    order::sort_by(&mut using, |a, b| (&a.key, a.id).cmp(&(&b.key, b.id)));
    let rows = using.iter().take(limit).filter_map(|record| shown(contents, vault, record));
    Some(Secrets { total: using.len(), offset: 0, rows: rows.collect() })
}

/// A record of a vault as a row.
pub(crate) fn shown(contents: &Contents, vault: &OpenVault, record: &Record) -> Option<Row> {
    let scope = Scope::of(vault, record.level)?;
    Some(row(contents, &Names::of(contents), scope, scope, record))
}
