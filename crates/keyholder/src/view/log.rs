//! The team's log, told in sentences.

use subrosa_bridge::history::{About, Deed, LogAuthor, LogEntry, LogFilter, Restorable};
use subrosa_client::{self as client, Past, Platform, TeamClient};
use subrosa_core::contents::{Contents, Scope};
use subrosa_core::manifest::{Level, Summary};
use subrosa_core::order;
use subrosa_core::unicode::{contains, lower_case};
use subrosa_wire::id::{InviteId, MemberId, VaultId};
use subrosa_wire::log::Op;
use subrosa_wire::people::{Access, Admission, Grant, VaultRole};
use subrosa_wire::team::Team;

use super::{Names, name, scope_of, time};

/// Whoever tells of entries.
struct Teller<'a> {
    contents: &'a Contents,
    team: &'a Team,
    names: Names<'a>,
    me: MemberId,
}

/// A filter that was read.
pub(crate) struct Sought {
    about: Option<About>,
    author: Option<MemberId>,
    vaults: Option<Vec<VaultId>>,
    /// In lower case.
    text: String,
}

impl Sought {
    /// What a filter asks for; `None` if it names what is not there.
    pub(crate) fn of(contents: &Contents, filter: &LogFilter) -> Option<Self> {
        let mut sought = Sought {
            about: filter.about,
            author: None,
            vaults: None,
            text: lower_case(filter.text.trim()),
        };
        if let Some(author) = &filter.author {
            sought.author = Some(author.parse().ok()?);
        }
        if let Some(scope) = &filter.scope {
            let scope = super::scope(scope)?;
            let own = contents.locate(scope).map(|(vault, _)| vault.id());
            let inside = contents.environments().filter(|it| Scope::Project(it.project) == scope);
            let vaults: Vec<_> = own.into_iter().chain(inside.map(|it| it.vault.id())).collect();
            sought.vaults = Some(vaults).filter(|vaults| !vaults.is_empty());
            sought.vaults.as_ref()?;
        }
        Some(sought)
    }
}

/// An entry as it is shown, if it is sought.
pub(crate) fn entry<P: Platform>(
    client: &TeamClient<P>,
    past: &Past,
    sought: &Sought,
) -> Option<LogEntry> {
    if sought.author.is_some_and(|author| author != past.author) {
        return None;
    }
    let (contents, team) = (client.contents(), client.team());
    let names = Names::of(&contents);
    let teller = Teller { contents: &contents, team: &team, names, me: client.me() };
    let mut deeds = Vec::new();
    let mut about_it = sought.about.is_none() && sought.vaults.is_none();
    for deed in past.deeds.iter().filter(|deed| !is_bookkeeping(deed, &past.deeds)) {
        let told = teller.deed(deed);
        let mut of = vaults_of(&deed.op).into_iter();
        about_it |= sought.about.is_none_or(|about| about == told.about)
            && sought.vaults.as_ref().is_none_or(|vaults| of.any(|it| vaults.contains(&it)));
        deeds.push(told);
    }
    let author = teller.author(past.author);
    let has = |text: &String| contains(&lower_case(text), &sought.text);
    let found = sought.text.is_empty()
        || has(&author.name)
        || deeds.iter().any(|deed| has(&deed.text) || has(&deed.note));
    let (seq, hash) = (past.head.seq, past.head.hash.to_string());
    let entry = LogEntry { seq, hash, author, time: time(past.time), deeds };
    (about_it && found).then_some(entry)
}

/// All who may have signed an entry: members, and those who were.
pub(crate) fn authors<P: Platform>(client: &TeamClient<P>) -> Vec<LogAuthor> {
    let (contents, team) = (client.contents(), client.team());
    let names = Names::of(&contents);
    let teller = Teller { contents: &contents, team: &team, names, me: client.me() };
    let former = team.former().iter().map(|former| former.member);
    let mut ids: Vec<MemberId> = team.members().map(|(id, _)| id).chain(former).collect();
    order::sort(&mut ids);
    ids.dedup();
    let mut authors: Vec<_> = ids.into_iter().map(|id| teller.author(id)).collect();
    order::sort_by_key(&mut authors, |it| (lower_case(&it.name), it.id.clone()));
    authors
}

/// A commit that changes no secret, beside what it belongs to.
fn is_bookkeeping(deed: &client::Deed, deeds: &[client::Deed]) -> bool {
    let (Op::Commit(commit), Some(summary)) = (&deed.op, &deed.summary) else { return false };
    let beside = |deed: &client::Deed| {
        !matches!(deed.op, Op::Commit(_)) && vaults_of(&deed.op).contains(&commit.vault)
    };
    summary.note.is_empty() && counts(summary).is_empty() && deeds.iter().any(beside)
}

/// The vaults that an op is about.
fn vaults_of(op: &Op) -> Vec<VaultId> {
    let granted = |grants: &[Grant]| grants.iter().map(|grant| grant.vault).collect();
    match op {
        Op::CreateVault(op) => vec![op.vault],
        Op::Commit(op) => vec![op.vault],
        Op::Rekey(op) => vec![op.vault],
        Op::Retire(op) => vec![op.vault],
        Op::SetRole(op) => vec![op.grant.vault],
        Op::Revoke(op) => vec![op.vault],
        Op::Invite(invite) => match &invite.access {
            Access::Member(grants) => granted(&grants.0),
            Access::Owner | Access::Replace => Vec::new(),
        },
        Op::Add(add) => match &add.admission {
            Admission::Service(service) => granted(&service.grants.0),
            Admission::Invited(_) => Vec::new(),
        },
        Op::Genesis(_)
        | Op::RotateKeys(_)
        | Op::CancelInvite(_)
        | Op::Remove(_)
        | Op::Promote(_)
        | Op::MinimumClient(_) => Vec::new(),
    }
}

/// `2 added, 1 changed`; empty if there is nothing to count.
fn counts(summary: &Summary) -> String {
    let Summary { created, changed, deleted, reencrypted, .. } = summary;
    let mut said = Vec::new();
    for (count, what) in [
        (created, "added"),
        (changed, "changed"),
        (deleted, "deleted"),
        (reencrypted, "sealed again"),
    ] {
        if *count > 0 {
            said.push(format!("{count} {what}"));
        }
    }
    said.join(", ")
}

impl Teller<'_> {
    fn deed(&self, deed: &client::Deed) -> Deed {
        let client::Deed { op, summary, name } = deed;
        let called = |member| name.clone().unwrap_or_else(|| self.member(member));
        let (about, text) = match op {
            Op::Genesis(_) => (About::People, "Founded the team.".to_owned()),
            Op::CreateVault(op) => (About::Contents, format!("Made {}.", self.vault(op.vault))),
            Op::Commit(op) => (About::Contents, self.commit(op.vault, summary.as_ref())),
            Op::Rekey(op) => {
                let vault = self.vault(op.vault);
                (About::Keys, format!("Gave {vault} its key version {}.", op.version))
            }
            Op::Retire(op) => {
                let (vault, version) = (self.vault(op.vault), op.version);
                (About::Keys, format!("Retired the keys of {vault} up to version {version}."))
            }
            Op::RotateKeys(op) => {
                let by = op.invited.as_ref().map(|it| by_invite(it.invite)).unwrap_or_default();
                (About::Keys, format!("Gave {} other keys{by}.", self.member(op.member)))
            }
            Op::Invite(op) => {
                let to = match &op.access {
                    Access::Owner => "as an owner".to_owned(),
                    Access::Replace => "to other keys".to_owned(),
                    Access::Member(grants) => format!("as {}", self.roles(&grants.0)),
                };
                let by = by_invite(op.id);
                (About::People, format!("Invited {} {to}{by}.", called(op.member)))
            }
            Op::CancelInvite(id) => {
                (About::People, format!("Took an invite back: {:.8}.", id.to_string()))
            }
            Op::Add(op) => match &op.admission {
                Admission::Invited(it) => {
                    let (who, by) = (self.member(op.member), by_invite(it.invite));
                    (About::People, format!("Let {who} in{by}."))
                }
                Admission::Service(service) => {
                    let (who, roles) = (called(op.member), self.roles(&service.grants.0));
                    (About::People, format!("Made the machine {who}, {roles}."))
                }
            },
            Op::SetRole(op) => {
                let (who, role) = (self.member(op.member), self.role(op.grant));
                (About::People, format!("Made {who} {role}."))
            }
            Op::Revoke(op) => {
                let (vault, who) = (self.vault(op.vault), self.member(op.member));
                (About::People, format!("Took {vault} from {who}."))
            }
            Op::Remove(member) => (About::People, format!("Removed {}.", self.member(*member))),
            Op::Promote(member) => {
                (About::People, format!("Made {} an owner.", self.member(*member)))
            }
            Op::MinimumClient(version) => {
                (About::People, format!("Refused consoles older than version {version}."))
            }
        };
        let note = summary.as_ref().map(|summary| summary.note.clone()).unwrap_or_default();
        let restorable = match op {
            Op::Commit(op) => self.restorable(op.vault),
            _ => None,
        };
        Deed { about, text, note, restorable }
    }

    fn commit(&self, vault: VaultId, summary: Option<&Summary>) -> String {
        let name = self.vault(vault);
        match summary.map(|summary| (counts(summary), vault == self.team.directory())) {
            None if self.contents.vault(vault).is_none() => {
                format!("Something was changed in {name}.")
            }
            None => format!(
                "Something was changed in {name}: what, does not open here, for its key is retired."
            ),
            Some((counts, _)) if !counts.is_empty() => format!("{name}: {counts}."),
            Some((_, true)) => "The names of members were written.".to_owned(),
            Some((_, false)) => format!("{name}: its applications or reminders were changed."),
        }
    }

    fn restorable(&self, id: VaultId) -> Option<Restorable> {
        let vault = self.contents.vault(id)?;
        let scope = Scope::of(vault, Level::Own)?;
        let writes = self.team.role_in(id, self.me) >= Some(VaultRole::Writer);
        let (scope, name) = (scope_of(scope), name(self.contents, vault));
        writes.then(|| Restorable { vault: id.to_string(), scope, name })
    }

    fn author(&self, id: MemberId) -> LogAuthor {
        LogAuthor { id: id.to_string(), name: self.member(id) }
    }

    fn member(&self, id: MemberId) -> String {
        if id == self.team.root() { "Root key".to_owned() } else { self.names.member(id) }
    }

    /// A vault within a sentence.
    fn vault(&self, id: VaultId) -> String {
        match self.contents.vault(id) {
            _ if id == self.team.directory() => "the list of members".to_owned(),
            Some(vault) => name(self.contents, vault),
            None => format!("vault {:.8}, which you cannot open", id.to_string()),
        }
    }

    fn role(&self, grant: Grant) -> String {
        let vault = self.vault(grant.vault);
        let role = match grant.role {
            VaultRole::Reader => "reader",
            VaultRole::Writer => "writer",
            VaultRole::Manager => "manager",
        };
        format!("{role} of {vault}")
    }

    fn roles(&self, grants: &[Grant]) -> String {
        let roles: Vec<_> = grants.iter().map(|grant| self.role(*grant)).collect();
        if roles.is_empty() { "member without a vault yet".to_owned() } else { roles.join(", ") }
    }
}

/// So that what becomes of an invite can be looked for.
fn by_invite(id: InviteId) -> String {
    format!(" (invite {:.8})", id.to_string())
}
