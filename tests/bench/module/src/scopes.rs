//! What every application of a large project comes to, and what bounds it: a map for each
//! application, filled from its scopes and nothing else.

use std::collections::BTreeMap;
use std::hint::black_box;

use rand_chacha::ChaCha20Rng;
use rand_core::{Rng, SeedableRng};
use subrosa_core::contents::{Contents, Scope};
use subrosa_core::manifest::{Application, Level, Record, Subject};
use subrosa_core::scope::Resolver;
use subrosa_core::secret_value::SecretValue;
use subrosa_core::vault::{Edit, Keyring, NewContent, Objects, OpenVault, Stamp};
use subrosa_core::vault_key::VaultKey;
use subrosa_wire::id::{
    ApplicationId, EnvironmentId, Hash, MemberId, ProjectId, SecretId, TeamId, VaultId,
};
use wasm_bindgen::prelude::wasm_bindgen;

const ENVIRONMENTS: usize = 20;
const APPLICATIONS: usize = 50;
/// At the project, at each environment, at each application: 10,000 in all.
const SECRETS: [usize; 3] = [2_000, 300, 40];

/// A project of 10,000 secrets, 20 environments and 50 applications.
#[wasm_bindgen]
pub struct Scopes {
    contents: Contents,
    applications: Vec<Scope>,
}

#[wasm_bindgen]
impl Scopes {
    /// Sealed and opened as any other.
    #[wasm_bindgen(constructor)]
    #[must_use]
    pub fn new() -> Scopes {
        let mut make = Make { rng: ChaCha20Rng::seed_from_u64(2), contents: Contents::default() };
        let project = ProjectId::from_random(make.random());
        let subject = Subject::Project { id: project, name: "project".to_owned() };
        make.vault(subject, &[(Level::Own, SECRETS[0])]);
        let mut all = Vec::new();
        for environment in 0..ENVIRONMENTS {
            let count = APPLICATIONS / ENVIRONMENTS
                + usize::from(environment < APPLICATIONS % ENVIRONMENTS);
            let applications: Vec<Application> = (0..count)
                .map(|at| Application {
                    id: ApplicationId::from_random(make.random()),
                    name: format!("application {at}"),
                })
                .collect();
            let mut levels = vec![(Level::Own, SECRETS[1])];
            levels.extend(applications.iter().map(|it| (Level::Application(it.id), SECRETS[2])));
            all.extend(applications.iter().map(|it| Scope::Application(it.id)));
            let id = EnvironmentId::from_random(make.random());
            let name = format!("environment {environment}");
            make.vault(Subject::Environment { id, name, project, applications }, &levels);
        }
        Scopes { contents: make.contents, applications: all }
    }

    /// Ours: every key of every application, with its trace. How many came to something.
    #[must_use]
    pub fn resolve(&self) -> usize {
        let resolver = Resolver::new(&self.contents);
        let views = self.applications.iter().filter_map(|scope| resolver.view(*scope));
        let counts = views.map(|view| {
            let keys = view.keys();
            keys.into_iter().filter(|key| black_box(view.resolve(key)).trace.len() == 4).count()
        });
        counts.sum()
    }

    /// The bound. How many keys.
    #[must_use]
    pub fn merge(&self) -> usize {
        let counts = self.applications.iter().map(|scope| {
            let mut merged: BTreeMap<&str, &Record> = BTreeMap::new();
            for scope in self.contents.path(*scope).into_iter().rev() {
                merged.extend(self.contents.at(scope).map(|record| (record.key.as_str(), record)));
            }
            black_box(merged).len()
        });
        counts.sum()
    }
}

struct Make {
    rng: ChaCha20Rng,
    contents: Contents,
}

impl Make {
    fn random(&mut self) -> [u8; 16] {
        let mut bytes = [0; 16];
        self.rng.fill_bytes(&mut bytes);
        bytes
    }

    /// A vault with so many secrets at each level, under keys that levels share.
    fn vault(&mut self, subject: Subject, levels: &[(Level, usize)]) {
        let id = VaultId::from_random(self.random());
        let mut edits = Vec::new();
        for (level, count) in levels {
            for at in 0..*count {
                edits.push(Edit::Create {
                    id: SecretId::from_random(self.random()),
                    level: *level,
                    key: format!("SERVICE_KEY_NUMBER_{}", at * 7 % 2_000),
                    content: NewContent::Value(SecretValue::new(vec![1; 16])),
                    note: String::new(),
                });
            }
        }
        let mut keys = Keyring::default();
        keys.insert(id, 1, VaultKey::generate(&mut self.rng));
        let stamp = Stamp { author: MemberId::from_random([1; 16]), seq: 1, time: 0 };
        let vault = OpenVault::new(TeamId(Hash([1; 32])), id, subject);
        let staged = vault.stage(&edits, "", 1, stamp, &keys, &Objects::default(), &mut self.rng);
        self.contents.insert(staged.expect("stages").vault);
    }
}
