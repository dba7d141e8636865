//! Four clients do all that can be done to secrets at once. Every action and its answer is recorded,
//! and judged in the end: see `subrosa_tests::history`. `SUBROSA_SOAK=1` runs the full count.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::Instant;

use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{Rng as _, SeedableRng as _};
use subrosa_bridge::keys::{Outcome, RotationStep, VaultKeys};
use subrosa_bridge::view::Write as Writing;
use subrosa_bridge::view::{ImportChoice, ImportState, Row, Scope};
use subrosa_bridge::{Kind, Problem, Reply, Request};
use subrosa_tests::history::{Answer, Content, History, Step, View, Write, check};
use subrosa_tests::{PASSWORD, Person, Stage, hidden, story, text};
use tokio::task::{JoinHandle, spawn_local};

const CLIENTS: usize = 4;
/// The keys that all of them write at each scope: few, so that they meet.
const KEYS: usize = 6;

/// What all clients share: a clock, and the record.
#[derive(Default)]
struct Record {
    now: Cell<usize>,
    steps: RefCell<Vec<Step>>,
}

impl Record {
    fn tick(&self) -> usize {
        self.now.set(self.now.get() + 1);
        self.now.get()
    }
}

/// What a client shows at one moment.
struct Screen {
    view: View,
    projects: Vec<String>,
    environments: Vec<String>,
    scopes: Vec<Scope>,
    live: Vec<Row>,
    deleted: Vec<Row>,
}

impl Screen {
    /// Looks at all that there is. Nothing of this asks the server, so nothing comes between.
    async fn of(person: &Person) -> Self {
        let Ok(Reply::Overview(overview)) = person.ask(Request::Overview).await else {
            panic!("an overview")
        };
        assert_eq!(overview.damage, [""; 0]);
        let seq = overview.checkpoint.split_once(':').unwrap().0.parse().unwrap();
        let (mut projects, mut environments, mut scopes) = (Vec::new(), Vec::new(), Vec::new());
        for project in overview.projects {
            scopes.push(Scope::Project(project.id.clone()));
            projects.push(project.id);
            for environment in project.environments {
                scopes.push(Scope::Environment(environment.id.clone()));
                environments.push(environment.id);
                let applications = environment.applications.into_iter();
                scopes.extend(applications.map(|application| Scope::Application(application.id)));
            }
        }
        let (mut live, mut deleted) = (Vec::new(), Vec::new());
        for scope in &scopes {
            live.extend(person.secrets(scope, false).await);
            let gone = person.ask(Request::Deleted { scope: scope.clone() }).await;
            let Ok(Reply::Secrets(gone)) = gone else { panic!("secrets") };
            deleted.extend(gone.rows);
        }
        let versions = live.iter().chain(&deleted).map(|row| (row.id.clone(), row.version));
        let view = View { seq, versions: versions.collect() };
        Screen { view, projects, environments, scopes, live, deleted }
    }

    fn at(&self, scope: &Scope, key: &str) -> Option<&Row> {
        self.live.iter().find(|row| row.scope == *scope && row.key == key)
    }
}

struct Client {
    number: usize,
    person: Person,
    watching: Option<JoinHandle<()>>,
    rng: ChaCha20Rng,
    values: usize,
    record: Rc<Record>,
}

impl Client {
    async fn run(mut self, actions: usize) -> Self {
        for _ in 0..actions {
            self.act().await;
        }
        if let Some(watching) = self.watching.take() {
            watching.abort();
        }
        self
    }

    async fn act(&mut self) {
        let screen = Screen::of(&self.person).await;
        let (began, action) = (self.record.tick(), self.below(100));
        let (before, answer) = match action {
            0..20 => self.set(screen).await,
            20..45 => self.edit(screen).await,
            45..53 => self.delete(screen).await,
            53..62 => self.restore(screen).await,
            62..69 => self.import(screen).await,
            69..71 => self.environment(screen).await,
            71..73 => self.application(screen).await,
            73..76 => self.lock_and_unlock(screen).await,
            76..84 => self.sync(screen).await,
            84..86 => self.rotate(screen).await,
            _ => self.read(screen).await,
        };
        let after = Screen::of(&self.person).await.view;
        let ended = self.record.tick();
        let step = Step { client: self.number, began, ended, before, answer, after };
        self.record.steps.borrow_mut().push(step);
    }

    fn below(&mut self, bound: usize) -> usize {
        self.rng.next_u32() as usize % bound
    }

    fn one_of<'a, T>(&mut self, all: &'a [T]) -> Option<&'a T> {
        let index = self.below(all.len().max(1));
        all.get(index)
    }

    /// A value that was never written before.
    fn value(&mut self) -> String {
        self.values += 1;
        format!("{} of client {}", self.values, self.number)
    }

    fn key(&mut self) -> String {
        format!("KEY_{}", self.below(KEYS))
    }

    async fn set(&mut self, screen: Screen) -> (View, Answer) {
        let (scope, key, value) =
            (self.one_of(&screen.scopes).unwrap().clone(), self.key(), self.value());
        let base = screen.at(&scope, &key).map_or(0, |row| row.version);
        let answer = match self.person.set(&scope, &key, &value).await {
            Ok(row) => saved(row.id, base, Content::Text(value)),
            Err(problem) => refused(problem, vec![value]),
        };
        (screen.view, answer)
    }

    async fn edit(&mut self, screen: Screen) -> (View, Answer) {
        let Some(row) = self.one_of(&screen.live) else { return (screen.view, Answer::Other) };
        let value = self.value();
        let answer = match self.person.edit(row, &value).await {
            Ok(_) => saved(row.id.clone(), row.version, Content::Text(value)),
            Err(problem) => refused(problem, vec![value]),
        };
        (screen.view, answer)
    }

    async fn delete(&mut self, screen: Screen) -> (View, Answer) {
        let Some(row) = self.one_of(&screen.live) else { return (screen.view, Answer::Other) };
        let delete = Writing::Delete { secret: row.id.clone(), base: row.version };
        let answer = match self.person.write(delete).await {
            Ok(_) => saved(row.id.clone(), row.version, Content::Deletion),
            Err(problem) => refused(problem, vec![]),
        };
        (screen.view, answer)
    }

    async fn restore(&mut self, screen: Screen) -> (View, Answer) {
        // A deleted secret comes back as it was last; another one gets its first value again.
        let (row, version, content) = match self.one_of(&screen.deleted) {
            Some(row) => (row, None, Content::CopyOfLast),
            None => match self.one_of(&screen.live) {
                Some(row) => (row, Some(1), Content::CopyOf(1)),
                None => return (screen.view, Answer::Other),
            },
        };
        let restore = Writing::Restore { secret: row.id.clone(), version };
        let answer = match self.person.write(restore).await {
            Ok(_) => saved(row.id.clone(), row.version, content),
            Err(problem) => refused(problem, vec![]),
        };
        (screen.view, answer)
    }

    async fn import(&mut self, screen: Screen) -> (View, Answer) {
        let scope = self.one_of(&screen.scopes).unwrap().clone();
        let first = self.below(KEYS);
        let keys = [first, (first + 1) % KEYS].map(|number| format!("KEY_{number}"));
        let values = [self.value(), self.value()];
        let lines = [0, 1].map(|line| format!("{}={:?}\n", keys[line], values[line]));
        let read = Request::ReadImport { scope: scope.clone(), text: hidden(&lines.concat()) };
        let Ok(Reply::Import(import)) = self.person.ask(read).await else { panic!("an import") };
        let wanted = import.lines.iter().filter(|line| line.state != ImportState::Override);
        let choices: Vec<_> = wanted
            .map(|line| ImportChoice { line: line.line, key: line.key.clone(), value: None })
            .collect();
        // Reading the import asked the server: what is written goes on top of what is shown now.
        let screen = Screen::of(&self.person).await;
        let chosen: Vec<usize> = choices.iter().map(|choice| choice.line - 1).collect();
        let mine = chosen.iter().map(|line| values[*line].clone()).collect();
        let answer = match self.person.ask(Request::ApplyImport { choices }).await {
            Ok(_) => {
                // An import does not tell the ids of what it made.
                let now = Screen::of(&self.person).await;
                let write = |line: &usize| {
                    let (key, content) = (&keys[*line], Content::Text(values[*line].clone()));
                    let (secret, base) = match screen.at(&scope, key) {
                        Some(row) => (row.id.clone(), row.version),
                        None => (now.at(&scope, key).expect("it is shown").id.clone(), 0),
                    };
                    Write { secret, base, content }
                };
                Answer::Saved(chosen.iter().map(write).collect())
            }
            Err(problem) => refused(problem, mine),
        };
        (screen.view, answer)
    }

    async fn environment(&mut self, screen: Screen) -> (View, Answer) {
        let project = self.one_of(&screen.projects).unwrap().clone();
        let name = self.value();
        let made = self.person.ask(Request::CreateEnvironment { project, name }).await;
        assert!(matches!(made, Ok(Reply::Created(_))), "{made:?}");
        (screen.view, Answer::Other)
    }

    async fn application(&mut self, screen: Screen) -> (View, Answer) {
        let environment = self.one_of(&screen.environments).unwrap().clone();
        let name = self.value();
        let made = self.person.ask(Request::CreateApplication { environment, name }).await;
        assert!(matches!(made, Ok(Reply::Created(_))), "{made:?}");
        (screen.view, Answer::Other)
    }

    async fn lock_and_unlock(&mut self, screen: Screen) -> (View, Answer) {
        if let Some(watching) = self.watching.take() {
            watching.abort();
        }
        self.person = self.person.locked();
        self.person.unlock(PASSWORD).await.expect("the password is right");
        self.watch();
        (screen.view, Answer::Synced)
    }

    async fn sync(&mut self, screen: Screen) -> (View, Answer) {
        self.person.ask(Request::Sync).await.expect("the server answers");
        (screen.view, Answer::Synced)
    }

    async fn read(&mut self, screen: Screen) -> (View, Answer) {
        let Some(row) = self.one_of(&screen.live) else { return (screen.view, Answer::Other) };
        let version = 1 + self.below(row.version as usize) as u32;
        let request = Request::Reveal { secret: row.id.clone(), version: Some(version) };
        let answer = match self.person.ask(request).await {
            Ok(reply) => Answer::Read(row.id.clone(), version, text(reply)),
            // That version was a deletion.
            Err(problem) if problem.kind == Kind::NotFound => Answer::Other,
            Err(problem) => panic!("{problem:?}"),
        };
        (screen.view, answer)
    }

    /// Gives all vaults new keys, seals everything again, and retires the old ones.
    async fn rotate(&mut self, screen: Screen) -> (View, Answer) {
        let (vaults, drop_earlier) = (vaults(&self.person).await, false);
        let step = RotationStep::All;
        match self.person.ask(Request::Rotate { vaults, step, drop_earlier }).await {
            Ok(Reply::Rotated(rotated)) => {
                assert!(rotated.iter().all(|it| it.outcome == Outcome::Done), "{rotated:?}");
            }
            // The others always came first: whoever is next goes on.
            Err(problem) => assert_eq!(problem.kind, Kind::Offline, "{problem:?}"),
            other => panic!("a rotation: {other:?}"),
        }
        (screen.view, Answer::Other)
    }

    /// Two of the clients follow the log, two see what they ask for.
    fn watch(&mut self) {
        if self.number.is_multiple_of(2) {
            self.watching = Some(self.person.watch());
        }
    }
}

async fn keys(person: &Person) -> Vec<VaultKeys> {
    match person.ask(Request::Keys).await {
        Ok(Reply::Keys(keys)) => keys,
        other => panic!("keys: {other:?}"),
    }
}

async fn vaults(person: &Person) -> Vec<String> {
    keys(person).await.into_iter().map(|keys| keys.vault).collect()
}

fn saved(secret: String, base: u32, content: Content) -> Answer {
    Answer::Saved(vec![Write { secret, base, content }])
}

fn refused(problem: Problem, mine: Vec<String>) -> Answer {
    match problem.kind {
        Kind::Conflict(conflicts) => {
            let theirs = conflicts.into_iter().map(|it| (it.theirs.id, it.theirs.version));
            Answer::Conflict { theirs: theirs.collect(), mine }
        }
        // What one of them made first, another cannot make again.
        Kind::Exists | Kind::Higher(_) => Answer::Conflict { theirs: vec![], mine },
        _ => panic!("{problem:?}"),
    }
}

/// Every version of every secret, as a device sees them that has verified the log from its genesis.
async fn histories(person: &Person) -> BTreeMap<String, Vec<Option<String>>> {
    let screen = Screen::of(person).await;
    let mut histories = BTreeMap::new();
    for row in screen.live.iter().chain(&screen.deleted) {
        let told = person.ask(Request::History { secret: row.id.clone() }).await;
        let Ok(Reply::History(mut versions)) = told else { panic!("a history") };
        versions.reverse();
        let mut held = Vec::new();
        for (before, version) in versions.iter().enumerate() {
            assert_eq!(version.version as usize, before + 1, "no version is missing");
            let request =
                Request::Reveal { secret: row.id.clone(), version: Some(version.version) };
            held.push(match version.kind {
                None => None,
                Some(_) => Some(text(person.ask(request).await.unwrap())),
            });
        }
        histories.insert(row.id.clone(), held);
    }
    histories
}

async fn end(person: &Person) -> (View, BTreeMap<String, String>) {
    person.ask(Request::Sync).await.unwrap();
    let screen = Screen::of(person).await;
    let mut values = BTreeMap::new();
    for row in &screen.live {
        values.insert(row.id.clone(), person.reveal(row).await.unwrap());
    }
    (screen.view, values)
}

async fn trial(seed: u64, actions: usize) {
    println!("concurrency: seed {seed}");
    let started = Instant::now();
    let stage = Stage::unbounded().await;
    let (founder, kit) = stage.founder().await;
    founder.scopes().await;
    let record = Rc::new(Record::default());
    let mut tasks = Vec::new();
    for number in 0..CLIENTS {
        let person = stage.desk();
        person.recover(kit.text.expose(), PASSWORD).await.unwrap();
        let rng = ChaCha20Rng::seed_from_u64(seed + number as u64);
        let mut client =
            Client { number, person, watching: None, rng, values: 0, record: record.clone() };
        client.watch();
        tasks.push(spawn_local(client.run(actions)));
    }
    let mut ends = Vec::new();
    for task in tasks {
        ends.push(task.await.expect("a client came to its end"));
    }
    let mut history = History { steps: record.steps.take(), ..History::default() };
    for client in ends {
        history.ends.push(end(&client.person).await);
    }
    let newcomer = stage.desk();
    newcomer.recover(kit.text.expose(), PASSWORD).await.unwrap();
    history.secrets = histories(&newcomer).await;
    let keys = keys(&newcomer).await;
    let rotations: usize = keys.iter().map(|keys| keys.rotations.len()).sum();
    assert!(rotations > 0, "keys were rotated meanwhile");

    assert_eq!(check(&history), [], "seed {seed}");
    let saved = |step: &Step| match &step.answer {
        Answer::Saved(writes) => writes.len(),
        _ => 0,
    };
    let acknowledged: usize = history.steps.iter().map(saved).sum();
    let conflict = |step: &&Step| matches!(step.answer, Answer::Conflict { .. });
    let conflicts = history.steps.iter().filter(conflict).count();
    assert!(acknowledged > actions, "they wrote: {acknowledged}");
    assert!(conflicts > 0, "they met");
    println!(
        "concurrency: {CLIENTS} clients, {} actions, {acknowledged} acknowledged writes, \
         {conflicts} conflicts shown, {rotations} rotations of a vault, {} secrets, lost 0; \
         {:.1} s",
        history.steps.len(),
        history.secrets.len(),
        started.elapsed().as_secs_f64(),
    );
}

#[test]
fn four_clients_at_once_lose_nothing_and_never_go_back() {
    let actions = if std::env::var_os("SUBROSA_SOAK").is_some() { 1000 } else { 100 };
    story(trial(1, actions));
}
