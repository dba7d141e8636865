//! What people could read who have lost it since, and is to be replaced at its source.

use std::collections::BTreeMap;

use subrosa_bridge::worklist::{Item, Loss, Lost, Seen};
use subrosa_client::{Platform, TeamClient};
use subrosa_core::contents::{Contents, Scope};
use subrosa_core::manifest::{Content, Record};
use subrosa_core::order;
use subrosa_core::scope::{Resolver, View};
use subrosa_core::unicode::lower_case;
use subrosa_core::vault::OpenVault;
use subrosa_wire::id::SecretId;
use subrosa_wire::team::{self, Team, VaultRole};

use super::{Names, name, scope_name, scope_of, time, winner};

/// How many aliases of a secret, and applications that get it, are named.
const NAMED: usize = 5;

/// Whether something that is in a vault now was there to be read when somebody lost the vault, and is the
/// same still.
pub(crate) fn is_known(team: &Team, record: &Record, loss: &team::Loss) -> bool {
    match &record.content {
        None | Some(Content::Alias(_)) => false,
        // A version that was made under the key of the loss, or a later one, nobody has who lost it.
        Some(Content::NamedKey(state)) => {
            let keys = team.vault(loss.vault).map_or(&[][..], |vault| &vault.keys);
            let before = keys.iter().take_while(|key| key.seq < loss.seq).count();
            (state.made_under as usize) <= before
        }
        Some(_) => record.fresh_since() < loss.seq,
    }
}

/// How much of what is open here is to be replaced.
pub(super) fn open_items<P: Platform>(client: &TeamClient<P>, contents: &Contents) -> usize {
    let team = client.team();
    let last = |vault: &OpenVault| team.losses().iter().rfind(|loss| loss.vault == vault.id());
    let of_vault = |vault: &OpenVault| {
        // What whoever lost it last does not know, nobody knows who lost it before.
        let loss = last(vault)?;
        Some(vault.records().filter(|record| is_known(&team, record, loss)).count())
    };
    contents.vaults().filter_map(of_vault).sum()
}

/// The losses of which something is still known, the last first.
pub(crate) fn worklist<P: Platform>(client: &TeamClient<P>, limit: usize) -> Vec<Loss> {
    let (contents, team) = (client.contents(), client.team());
    let names = Names::of(&contents);
    let resolver = Resolver::new(&contents);
    let applications = contents.environments().flat_map(|it| it.applications);
    let views = applications.filter_map(|it| resolver.view(Scope::Application(it.id)));
    let views: Vec<View<'_>> = views.collect();
    let mut used = BTreeMap::new();
    let mut losses: Vec<Loss> = Vec::new();
    for loss in team.losses().iter().rev() {
        let member = loss.member.to_string();
        let same = |it: &Loss| it.seq == loss.seq && it.member == member;
        let at = losses.iter().position(same).unwrap_or_else(|| {
            losses.push(Loss {
                seq: loss.seq,
                member: member.clone(),
                name: names.member(loss.member),
                how: match loss.how {
                    team::Lost::Removed => Lost::Removed,
                    team::Lost::Revoked => Lost::Revoked,
                    team::Lost::Replaced => Lost::Replaced,
                },
                time: time(loss.time),
                vaults: Vec::new(),
                closed: 0,
                total: 0,
                open: 0,
                items: Vec::new(),
            });
            losses.len() - 1
        });
        let shown = &mut losses[at];
        let Some(vault) = contents.vault(loss.vault) else {
            shown.closed += 1;
            continue;
        };
        shown.vaults.push(name(&contents, vault));
        let writable = team.role_in(loss.vault, client.me()) >= Some(VaultRole::Writer);
        for record in vault.records() {
            if matches!(record.content, None | Some(Content::Alias(_))) {
                continue;
            }
            shown.total += 1;
            if is_known(&team, record, loss) {
                shown.open += 1;
                if shown.items.len() < limit {
                    // Somebody else may have known it too.
                    let users = used.entry(record.id).or_insert_with(|| users(&views, record));
                    shown.items.push(item(&contents, users, vault, record, writable));
                }
            }
        }
    }
    losses.retain(|loss| loss.open > 0);
    for loss in &mut losses {
        order::sort_by_key(&mut loss.items, |it| (lower_case(&it.key), it.place.clone()));
    }
    losses
}

/// The applications that come to it by its key.
fn users(views: &[View<'_>], record: &Record) -> Vec<Scope> {
    let gets = |view: &&View<'_>| winner(&view.resolve(&record.key)) == Some(record.id);
    views.iter().filter(gets).map(View::scope).collect()
}

fn item(
    contents: &Contents,
    users: &[Scope],
    vault: &OpenVault,
    record: &Record,
    writable: bool,
) -> Item {
    let scope = Scope::of(vault, record.level);
    let seen = Seen { secret: record.id.to_string(), version: record.version };
    Item {
        key: record.key.clone(),
        place: scope.map_or_else(|| name(contents, vault), |scope| scope_name(contents, scope)),
        scope: scope.map(scope_of),
        secret: record.is_secret().then_some(seen),
        aliases: aliases(contents, record.id),
        used_by: users.iter().take(NAMED).map(|scope| scope_name(contents, *scope)).collect(),
        users: users.len(),
        writable,
    }
}

fn aliases(contents: &Contents, id: SecretId) -> Vec<String> {
    let of_vault = |vault: &'_ OpenVault| -> Vec<String> {
        let is_alias = |record: &&Record| record.content == Some(Content::Alias(id));
        let shown = |record: &Record| {
            let scope = Scope::of(vault, record.level)?;
            Some(format!("{} ({})", record.key, scope_name(contents, scope)))
        };
        vault.records().filter(is_alias).filter_map(shown).collect()
    };
    contents.vaults().flat_map(of_vault).take(NAMED).collect()
}
