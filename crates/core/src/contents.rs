//! All that a member can open of a team: projects, environments, applications and their secrets.

use litemap::LiteMap;
use subrosa_wire::id::{ApplicationId, EnvironmentId, MemberId, ProjectId, SecretId, VaultId};

use crate::manifest::{Application, Card, Level, Record, Subject};
use crate::vault::OpenVault;

/// A scope that holds secrets.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Scope {
    /// A project's.
    Project(ProjectId),
    /// An environment's.
    Environment(EnvironmentId),
    /// An application's.
    Application(ApplicationId),
}

impl Scope {
    /// The scope that a level of a vault is; the directory has none, and named keys are at none.
    #[must_use]
    pub fn of(vault: &OpenVault, level: Level) -> Option<Scope> {
        match (vault.subject(), level) {
            (Subject::Project { id, .. }, Level::Own) => Some(Scope::Project(*id)),
            (Subject::Environment { id, .. }, Level::Own) => Some(Scope::Environment(*id)),
            (_, Level::Application(id)) => Some(Scope::Application(id)),
            (Subject::Directory { .. }, Level::Own) | (_, Level::NamedKey) => None,
        }
    }
}

/// The opened vaults of a team.
#[derive(Clone, Default)]
pub struct Contents {
    vaults: LiteMap<VaultId, OpenVault>,
    /// By the log's cards.
    names: Vec<Card>,
}

/// A project.
pub struct Project<'a> {
    /// The project.
    pub id: ProjectId,
    /// Its name.
    pub name: &'a str,
    /// Its vault.
    pub vault: &'a OpenVault,
}

/// An environment.
pub struct Environment<'a> {
    /// The environment.
    pub id: EnvironmentId,
    /// Its name.
    pub name: &'a str,
    /// Its project.
    pub project: ProjectId,
    /// Its applications.
    pub applications: &'a [Application],
    /// Its vault.
    pub vault: &'a OpenVault,
}

impl Contents {
    /// Puts a vault in, or its newer state in the old one's place.
    pub fn insert(&mut self, vault: OpenVault) {
        self.vaults.insert(vault.id(), vault);
    }

    /// Keeps those vaults alone of which this holds.
    pub fn keep(&mut self, holds: impl Fn(VaultId) -> bool) {
        let gone: Vec<VaultId> = self.vaults.keys().copied().filter(|id| !holds(*id)).collect();
        for id in gone {
            self.vaults.remove(&id);
        }
    }

    /// An opened vault.
    #[must_use]
    pub fn vault(&self, id: VaultId) -> Option<&OpenVault> {
        self.vaults.get(&id)
    }

    /// All opened vaults.
    pub fn vaults(&self) -> impl Iterator<Item = &OpenVault> {
        self.vaults.values()
    }

    /// Sets what members are called by the cards that the log has of them.
    pub fn set_names(&mut self, names: Vec<Card>) {
        self.names = names;
    }

    /// What a member is called: by the directory vault, or else by the log's card.
    #[must_use]
    pub fn name_of(&self, member: MemberId) -> Option<&str> {
        let directory = self.vaults().find_map(|vault| match vault.subject() {
            Subject::Directory { cards, .. } => Some(cards.as_slice()),
            Subject::Project { .. } | Subject::Environment { .. } => None,
        });
        let mut cards = directory.unwrap_or_default().iter().chain(&self.names);
        cards.find(|card| card.member == member).map(|card| card.name.as_str())
    }

    /// All projects, by id.
    pub fn projects(&self) -> impl Iterator<Item = Project<'_>> {
        self.vaults().filter_map(|vault| match vault.subject() {
            Subject::Project { id, name } => Some(Project { id: *id, name, vault }),
            Subject::Directory { .. } | Subject::Environment { .. } => None,
        })
    }

    /// All environments, by id.
    pub fn environments(&self) -> impl Iterator<Item = Environment<'_>> {
        self.vaults().filter_map(|vault| match vault.subject() {
            Subject::Environment { id, name, project, applications } => {
                Some(Environment { id: *id, name, project: *project, applications, vault })
            }
            Subject::Directory { .. } | Subject::Project { .. } => None,
        })
    }

    /// The vault that holds a scope's secrets, and where in it.
    #[must_use]
    pub fn locate(&self, scope: Scope) -> Option<(&OpenVault, Level)> {
        match scope {
            Scope::Project(id) => {
                self.projects().find(|p| p.id == id).map(|p| (p.vault, Level::Own))
            }
            Scope::Environment(id) => {
                self.environments().find(|e| e.id == id).map(|e| (e.vault, Level::Own))
            }
            Scope::Application(id) => self
                .environments()
                .find(|e| e.applications.iter().any(|a| a.id == id))
                .map(|e| (e.vault, Level::Application(id))),
        }
    }

    /// The scope and those above it, from low to high.
    #[must_use]
    pub fn path(&self, scope: Scope) -> Vec<Scope> {
        let environment = |found: Option<Environment<'_>>| {
            found.map(|e| vec![Scope::Environment(e.id), Scope::Project(e.project)])
        };
        match scope {
            Scope::Project(_) => vec![scope],
            Scope::Environment(id) => {
                environment(self.environments().find(|e| e.id == id)).unwrap_or_default()
            }
            Scope::Application(id) => {
                let of = |e: &Environment<'_>| e.applications.iter().any(|a| a.id == id);
                let above = environment(self.environments().find(of)).unwrap_or_default();
                [vec![scope], above].concat()
            }
        }
    }

    /// The secrets set at a scope, deleted ones too, by id.
    pub fn at(&self, scope: Scope) -> impl Iterator<Item = &Record> {
        self.locate(scope)
            .into_iter()
            .flat_map(|(vault, level)| vault.records().filter(move |record| record.level == level))
    }

    /// The vault and the scope that a secret is in.
    #[must_use]
    pub fn find(&self, id: SecretId) -> Option<(&OpenVault, Scope, &Record)> {
        self.vaults().find_map(|vault| {
            let record = vault.record(id)?;
            Some((vault, Scope::of(vault, record.level)?, record))
        })
    }
}
