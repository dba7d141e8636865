//! A naive world as vaults, sealed and opened, and what the real rules say of it in the words of
//! the naive ones.

mod answers;

use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use subrosa_core::contents::{self, Contents};
use subrosa_core::manifest::{Application, Content, Level, Record, Subject};
use subrosa_core::scope::{
    Broken, Creation, Resolver, built_in, create, hanging_on, judge, overrides_of, replace_value,
};
use subrosa_core::secret_value::SecretValue;
use subrosa_core::vault::{CannotStage, Edit, Keyring, NewContent, Objects, OpenVault, Stamp};
use subrosa_core::vault_key::VaultKey;
use subrosa_wire::id::{MemberId, SecretId, VaultId};

use crate::naive::{Action, Kind, Scope, Secret, Target, World};

const STAMP: Stamp = Stamp { author: MemberId::from_random([9; 16]), seq: 1, time: 0 };

/// All vaults of a world. Which of them are open, the world says.
pub struct Staged {
    vaults: Vec<OpenVault>,
    keys: Keyring,
    objects: Objects,
    rng: ChaCha20Rng,
}

/// Why a change was not made.
#[derive(Debug)]
pub enum Refused {
    Broken(Broken),
    Stage(CannotStage),
}

impl Staged {
    /// Puts everything into vaults as it is, however it came about.
    pub fn new(world: &World) -> Self {
        let mut staged = Staged {
            vaults: Vec::new(),
            keys: Keyring::default(),
            objects: Objects::default(),
            rng: ChaCha20Rng::seed_from_u64(1),
        };
        for project in &world.projects {
            let subject = Subject::Project { id: project.id, name: project.name.clone() };
            staged.add(world, *project.id.bytes(), subject);
        }
        for environment in &world.environments {
            let here = world.applications.iter().filter(|it| it.environment == environment.id);
            let applications = here.map(|it| Application { id: it.id, name: it.name.clone() });
            let subject = Subject::Environment {
                id: environment.id,
                name: environment.name.clone(),
                project: environment.project,
                applications: applications.collect(),
            };
            staged.add(world, *environment.id.bytes(), subject);
        }
        // What is deleted first: another secret may have its key now.
        let all = staged.all();
        let mut edits: Vec<(VaultId, Edit)> = Vec::new();
        for deleted in [true, false] {
            for secret in world.secrets.iter().filter(|it| it.deleted == deleted) {
                let (vault, _) = all.locate(real(secret.scope)).unwrap();
                edits.push((vault.id(), as_found(&all, secret)));
                if deleted {
                    edits.push((vault.id(), Edit::Delete { id: secret.id, base: 1 }));
                }
            }
        }
        staged.stage(&edits).unwrap();
        staged
    }

    fn add(&mut self, world: &World, id: [u8; 16], subject: Subject) {
        let id = VaultId::from_random(id);
        self.keys.insert(id, 1, VaultKey::generate(&mut self.rng));
        self.vaults.push(OpenVault::new(world.team, id, subject));
    }

    /// All or nothing, as it is when it is pushed.
    fn stage(&mut self, edits: &[(VaultId, Edit)]) -> Result<(), CannotStage> {
        let mut after = self.vaults.clone();
        for vault in &mut after {
            let here = edits.iter().filter(|(id, _)| *id == vault.id());
            let here: Vec<Edit> = here.map(|(_, edit)| edit.clone()).collect();
            if here.is_empty() {
                continue;
            }
            let (keys, objects) = (&self.keys, &self.objects);
            let staged = vault.stage(&here, "", 1, STAMP, keys, objects, &mut self.rng)?;
            *vault = staged.vault;
            staged.objects.into_iter().for_each(|sealed| self.objects.insert(sealed));
        }
        self.vaults = after;
        Ok(())
    }

    fn all(&self) -> Contents {
        let mut contents = Contents::default();
        self.vaults.iter().for_each(|vault| contents.insert(vault.clone()));
        contents
    }

    /// What the reader can open.
    pub fn open(&self, world: &World) -> Contents {
        let mut contents = Contents::default();
        for vault in &self.vaults {
            let scope = contents::Scope::of(vault, Level::Own).unwrap();
            if world.is_open(naive(scope)) {
                contents.insert(vault.clone());
            }
        }
        contents
    }

    /// Everything that is in the vaults, by id. What is deleted is shown as a value without bytes.
    pub fn secrets(&self) -> Vec<Secret> {
        let all = self.all();
        let mut secrets = Vec::new();
        for (vault, record) in self.vaults.iter().flat_map(|it| it.records().map(move |r| (it, r)))
        {
            let scope = contents::Scope::of(vault, record.level).unwrap();
            let value = || self.value(&all, record);
            let kind = match &record.content {
                None => Kind::Value(Vec::new()),
                Some(Content::NamedKey(_)) => unreachable!("at no scope"),
                Some(Content::Value(_)) => Kind::Value(value()),
                Some(Content::File { mount, .. }) => Kind::File(value(), mount.clone()),
                Some(Content::Alias(of)) => Kind::Alias(target_of(&all, scope, *of)),
                Some(Content::Override { of, mount, .. }) => {
                    Kind::Override(target_of(&all, scope, *of), value(), mount.clone())
                }
            };
            let (scope, key, deleted) = (naive(scope), record.key.clone(), !record.is_live());
            secrets.push(Secret { id: record.id, scope, key, kind, deleted });
        }
        secrets.sort_by_key(|secret| secret.id);
        secrets
    }

    fn value(&self, contents: &Contents, record: &Record) -> Vec<u8> {
        let (vault, ..) = contents.find(record.id).unwrap();
        let value = record.value().unwrap();
        let value = vault.open_value(record.id, value, &self.keys, &self.objects).unwrap();
        value.expose().to_vec()
    }

    /// Does what an action asks for, with all that goes along with it.
    pub fn act(&mut self, world: &World, action: &Action) -> Result<(), Refused> {
        let contents = self.open(world);
        let edits = edits(&contents, action).map_err(Refused::Broken)?;
        self.change(world, &edits)
    }

    /// Makes a change if it may be made.
    pub fn change(&mut self, world: &World, edits: &[(VaultId, Edit)]) -> Result<(), Refused> {
        let contents = self.open(world);
        let judged: Vec<_> = edits.iter().map(|(vault, edit)| (*vault, edit)).collect();
        judge(&contents, &judged, &|_| true).map_err(Refused::Broken)?;
        self.stage(edits).map_err(Refused::Stage)
    }
}

/// The edit that makes a secret what it is, without asking anybody.
fn as_found(contents: &Contents, secret: &Secret) -> Edit {
    let (_, level) = contents.locate(real(secret.scope)).unwrap();
    let target = |of: &Target| id_of(contents, real(secret.scope), of);
    let content = match &secret.kind {
        Kind::Value(value) => NewContent::Value(bytes(value)),
        Kind::File(value, mount) => NewContent::File(bytes(value), mount.clone()),
        Kind::Alias(of) => NewContent::Alias(target(of)),
        Kind::Override(of, value, mount) => {
            let (of, value) = (target(of), bytes(value));
            NewContent::Override { of, value, mount: mount.clone() }
        }
    };
    Edit::Create { id: secret.id, level, key: secret.key.clone(), content, note: String::new() }
}

/// An action as the edits that it takes.
fn edits(contents: &Contents, action: &Action) -> Result<Vec<(VaultId, Edit)>, Broken> {
    let resolver = Resolver::new(contents);
    let note = String::new;
    let set = |id, scope: Scope, key: String, content| {
        let (vault, level) = contents.locate(real(scope)).ok_or(Broken::NotFound)?;
        Ok(vec![(vault.id(), Edit::Create { id, level, key, content, note: note() })])
    };
    match action.clone() {
        Action::Create { id, scope, key, value, mount } => {
            let (scope, value) = (real(scope), bytes(&value));
            let new = Creation { id, scope, key, value, mount, note: note() };
            Ok(vec![create(&resolver, new)?])
        }
        Action::Alias { id, scope, key, of } => {
            let of = id_of(contents, real(scope), &of);
            set(id, scope, key, NewContent::Alias(of))
        }
        Action::Override { id, scope, of, value, mount } => {
            let of = id_of(contents, real(scope), &of);
            let built_in = built_in(contents, real(scope));
            let built_in = built_in.iter().find(|it| it.id == of).map(|it| it.key.to_owned());
            let live = contents.find(of).map(|(.., record)| record).filter(|it| it.is_live());
            let key = live.map(|record| record.key.clone()).or(built_in);
            let key = key.ok_or(Broken::NoTarget)?;
            set(id, scope, key, NewContent::Override { of, value: bytes(&value), mount })
        }
        Action::Edit { of, value } => {
            let (vault, id, record) = changed(contents, &of)?;
            let content = match record {
                Some(record) => replace_value(record, bytes(&value))?,
                None => NewContent::Value(bytes(&value)),
            };
            let base = record.map_or(1, |record| record.version);
            let content = Some(content);
            Ok(vec![(vault, Edit::Change { id, base, key: None, content, note: None })])
        }
        Action::Rename { of, key } => {
            let (vault, id, record) = changed(contents, &of)?;
            let base = record.map_or(1, |record| record.version);
            let rename = |id, base| {
                let key = Some(key.clone());
                Edit::Change { id, base, key, content: None, note: None }
            };
            let mut edits = vec![(vault, rename(id, base))];
            for id in overrides_of(contents, id) {
                let (vault, _, record) = contents.find(id).ok_or(Broken::NotFound)?;
                edits.push((vault.id(), rename(id, record.version)));
            }
            Ok(edits)
        }
        Action::Delete { of } => {
            let (vault, id, record) = changed(contents, &of)?;
            let base = record.map_or(1, |record| record.version);
            let mut edits = vec![(vault, Edit::Delete { id, base })];
            for id in hanging_on(contents, &[id]) {
                let (vault, _, record) = contents.find(id).ok_or(Broken::NotFound)?;
                edits.push((vault.id(), Edit::Delete { id, base: record.version }));
            }
            Ok(edits)
        }
    }
}

/// What is to be changed. Something built in is nowhere, and looked for anywhere.
fn changed<'a>(
    contents: &'a Contents,
    of: &Target,
) -> Result<(VaultId, SecretId, Option<&'a Record>), Broken> {
    match of {
        Target::Secret(id) => {
            let (vault, _, record) = contents.find(*id).ok_or(Broken::NotFound)?;
            Ok((vault.id(), *id, Some(record)))
        }
        Target::BuiltIn(_) => {
            let vault = contents.vaults().next().ok_or(Broken::BuiltIn)?;
            let scope = contents::Scope::of(vault, Level::Own).ok_or(Broken::NotFound)?;
            let target = Target::BuiltIn("SUBROSA_TEAM_ID".to_owned());
            Ok((vault.id(), id_of(contents, scope, &target), None))
        }
    }
}

/// The id of what a secret of `scope` shall hang on. What the scope does not see has one too.
fn id_of(contents: &Contents, scope: contents::Scope, of: &Target) -> SecretId {
    match of {
        Target::Secret(id) => *id,
        Target::BuiltIn(name) => {
            let all = built_in(contents, scope);
            let nobody = || SecretId::from_random([0xff; 16]);
            all.iter().find(|it| it.key == name).map_or_else(nobody, |it| it.id)
        }
    }
}

/// What has this id, as a secret of `scope` sees it.
fn target_of(contents: &Contents, scope: contents::Scope, id: SecretId) -> Target {
    let all = built_in(contents, scope);
    let found = all.iter().find(|it| it.id == id);
    found.map_or(Target::Secret(id), |it| Target::BuiltIn(it.key.to_owned()))
}

pub fn bytes(bytes: &[u8]) -> SecretValue {
    SecretValue::new(bytes.to_vec())
}

pub fn real(scope: Scope) -> contents::Scope {
    match scope {
        Scope::Project(id) => contents::Scope::Project(id),
        Scope::Environment(id) => contents::Scope::Environment(id),
        Scope::Application(id) => contents::Scope::Application(id),
    }
}

fn naive(scope: contents::Scope) -> Scope {
    match scope {
        contents::Scope::Project(id) => Scope::Project(id),
        contents::Scope::Environment(id) => Scope::Environment(id),
        contents::Scope::Application(id) => Scope::Application(id),
    }
}
