//! The stage for end-to-end stories: a real server on a port of its own, and people at desks.

pub mod cuts;
pub mod database;
pub mod device;
pub mod history;
pub mod hostile;
pub mod people;
pub mod platform;
pub mod process;
pub mod relay;
pub mod writers;

use std::cell::RefCell;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::rc::Rc;

use subrosa_bridge::root_key::RootKeySheet;
use subrosa_bridge::view::{Change, Kit, Overview, Plain, Row, Scope, Secrets, Write};
use subrosa_bridge::{Event, Hidden, Problem, Reply, Request};
use subrosa_client::native::{Memory, Native};
use subrosa_keyholder::Desk;
use subrosa_server::config::Rate;
use subrosa_server::{Config, Running, Server};
use tempfile::TempDir;

use crate::platform::Staged;

/// The password of everybody on stage.
pub const PASSWORD: &str = "correct-horse-battery-staple";

/// A server with a data folder that lasts as long as the stage.
pub struct Stage {
    data: TempDir,
    address: SocketAddr,
    server: Option<Running>,
    rate: Option<Rate>,
    new_team: bool,
}

impl Stage {
    /// Starts a server on an empty folder.
    pub async fn new() -> Self {
        Stage::with(None).await
    }

    /// The same, with a server that bounds no rate: for stories in which one member does what a
    /// thousand would.
    pub async fn unbounded() -> Self {
        Stage::with(Some(Rate { per_second: 1_000_000, burst: 1_000_000 })).await
    }

    async fn with(rate: Option<Rate>) -> Self {
        let data = tempfile::tempdir().expect("a temporary folder");
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let mut stage = Stage { data, address, server: None, rate, new_team: false };
        stage.start().await;
        // From here on the port stays, so that a restart is at the same address.
        stage.address = stage.running().address();
        stage
    }

    /// Starts the server on its folder.
    pub async fn start(&mut self) {
        let mut config = Config::new(self.address, self.data.path().to_owned());
        config.principal_rate = self.rate.unwrap_or(config.principal_rate);
        config.address_rate = self.rate.unwrap_or(config.address_rate);
        config.new_team = self.new_team;
        self.server = Some(Server::start(config).await.expect("the server starts"));
    }

    /// Stops the server.
    pub async fn stop(&mut self) {
        if let Some(server) = self.server.take() {
            server.shutdown().await;
        }
    }

    /// Starts the server again, with a setup link for another team.
    pub async fn another_team(&mut self) {
        self.stop().await;
        self.new_team = true;
        self.start().await;
        self.new_team = false;
    }

    /// A copy of the server's files, taken while it does not run.
    pub fn backup(&self) -> TempDir {
        assert!(self.server.is_none(), "a backup is of a server that was stopped");
        let backup = tempfile::tempdir().expect("a temporary folder");
        copy(self.data(), backup.path());
        backup
    }

    /// Puts a copy in the place of the server's files, while it does not run.
    pub fn restore(&self, backup: &TempDir) {
        assert!(self.server.is_none(), "a server is restored that was stopped");
        for file in std::fs::read_dir(self.data()).expect("the folder") {
            std::fs::remove_file(file.expect("a file").path()).expect("it can be removed");
        }
        copy(backup.path(), self.data());
    }

    /// The server.
    pub fn running(&self) -> &Running {
        self.server.as_ref().expect("the server runs")
    }

    /// The server's folder.
    pub fn data(&self) -> &Path {
        self.data.path()
    }

    /// Whether the setup link can still be used.
    pub fn setup_link_is_open(&self) -> bool {
        self.data().join("setup-token").exists()
    }

    /// What clients dial.
    pub fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Somebody with a device that knows nothing yet.
    pub fn desk(&self) -> Person {
        Person::dialling(&self.origin(), 1)
    }

    /// Somebody who has just founded a team, and the kit that was shown.
    pub async fn founder(&self) -> (Person, Kit) {
        let person = self.desk();
        let token = self.running().setup_token().expect("the setup link is unused");
        let kit = person.found(&token).await.expect("a team is founded");
        (person, kit)
    }
}

fn copy(from: &Path, to: &Path) {
    for file in std::fs::read_dir(from).expect("the folder") {
        let file = file.expect("a file");
        std::fs::copy(file.path(), to.join(file.file_name())).expect("it can be copied");
    }
}

/// Somebody at a desk.
#[derive(Clone)]
pub struct Person {
    origin: String,
    device: Memory,
    pace: u32,
    desk: Rc<Desk<Staged>>,
    events: Rc<RefCell<Vec<Event>>>,
}

impl Person {
    /// Somebody with a device that knows nothing yet, who dials `origin` and whose client's timers
    /// run `pace` times as fast as the clock.
    #[must_use]
    pub fn dialling(origin: &str, pace: u32) -> Self {
        Person::at(origin, Memory::default(), pace)
    }

    fn at(origin: &str, device: Memory, pace: u32) -> Self {
        let events = Rc::new(RefCell::new(Vec::new()));
        let told = events.clone();
        let platform = Staged::new(Native::new(origin, device.clone()), pace, |_| {});
        let desk = Desk::new(platform, move |event| told.borrow_mut().push(event));
        Person { origin: origin.to_owned(), device, pace, desk: Rc::new(desk), events }
    }

    /// The same device after a lock: memory is gone, the device record is not.
    #[must_use]
    pub fn locked(&self) -> Self {
        Person::at(&self.origin, self.device.clone(), self.pace)
    }

    /// What the keyholder told by itself so far.
    pub fn events(&self) -> Vec<Event> {
        self.events.borrow().clone()
    }

    /// Follows the team's log in the background of the current local set.
    pub fn watch(&self) -> tokio::task::JoinHandle<()> {
        let desk = self.desk.clone();
        tokio::task::spawn_local(async move { desk.watch().await })
    }

    /// Asks the keyholder.
    ///
    /// # Errors
    /// Its problem.
    pub async fn ask(&self, request: Request) -> Result<Reply, Problem> {
        self.desk.answer(request).await
    }

    /// First run with `token`.
    ///
    /// # Errors
    /// The keyholder's problem.
    pub async fn found(&self, token: &str) -> Result<Kit, Problem> {
        let begin = Request::BeginSetup {
            token: hidden(token),
            team_name: "Rosenkreuz canary-team".into(),
            me: "Ada canary-person".into(),
            password: hidden(PASSWORD),
        };
        let Reply::Kit(kit) = self.ask(begin).await? else { panic!("a kit") };
        self.finish(&kit).await?;
        Ok(*kit)
    }

    /// Retypes the kit's two fragments.
    ///
    /// # Errors
    /// The keyholder's problem.
    pub async fn finish(&self, kit: &Kit) -> Result<Overview, Problem> {
        self.ask(retyped(kit)).await.map(overview)
    }

    /// Unlocks with `password`.
    ///
    /// # Errors
    /// The keyholder's problem.
    pub async fn unlock(&self, password: &str) -> Result<Overview, Problem> {
        self.ask(Request::Unlock { password: hidden(password), team: None }).await.map(overview)
    }

    /// Recovers with a kit's text.
    ///
    /// # Errors
    /// The keyholder's problem.
    pub async fn recover(&self, kit: &str, password: &str) -> Result<Overview, Problem> {
        let (kit, password) = (hidden(kit), hidden(password));
        self.ask(Request::Recover { kit, password }).await.map(overview)
    }

    /// A project with the environment `production` and the application `api`, as scopes.
    pub async fn scopes(&self) -> [Scope; 3] {
        let project = self.create(Request::CreateProject { name: "billing".into() }).await;
        let name = "production".into();
        let environment =
            self.create(Request::CreateEnvironment { project: project.clone(), name }).await;
        let name = "api".into();
        let application =
            self.create(Request::CreateApplication { environment: environment.clone(), name });
        let application = application.await;
        [Scope::Project(project), Scope::Environment(environment), Scope::Application(application)]
    }

    /// Makes a project, an environment or an application, and gives its id.
    pub async fn create(&self, request: Request) -> String {
        match self.ask(request).await {
            Ok(Reply::Created(id)) => id,
            other => panic!("created: {other:?}"),
        }
    }

    /// Sets a key at a scope.
    ///
    /// # Errors
    /// The keyholder's problem.
    pub async fn set(&self, scope: &Scope, key: &str, value: &str) -> Result<Row, Problem> {
        let (scope, key, value) = (scope.clone(), key.to_owned(), hidden(value));
        let (value, note) = (Plain::Text(value), String::new());
        self.write(Write::Create { scope, key, value, note, mount: None }).await
    }

    /// Makes one write, and gives the secret as it is then.
    ///
    /// # Errors
    /// As the page would see it.
    pub async fn write(&self, write: Write) -> Result<Row, Problem> {
        self.write_all(vec![write]).await.map(|mut rows| rows.remove(0))
    }

    /// Makes writes, all or none.
    ///
    /// # Errors
    /// As the page would see it.
    pub async fn write_all(&self, writes: Vec<Write>) -> Result<Vec<Row>, Problem> {
        match self.ask(Request::Write { writes, note: String::new() }).await? {
            Reply::Rows(rows) => Ok(rows),
            other => panic!("rows: {other:?}"),
        }
    }

    /// Edits a secret that is at `row`'s version.
    ///
    /// # Errors
    /// The keyholder's problem.
    pub async fn edit(&self, row: &Row, value: &str) -> Result<Row, Problem> {
        let change = Change { value: Some(Plain::Text(hidden(value))), ..Change::default() };
        let (secret, base) = (row.id.clone(), row.version);
        self.write(Write::Edit { secret, base, change }).await
    }

    /// The value of a secret.
    ///
    /// # Errors
    /// The keyholder's problem.
    pub async fn reveal(&self, row: &Row) -> Result<String, Problem> {
        let request = Request::Reveal { secret: row.id.clone(), version: None };
        self.ask(request).await.map(text)
    }

    /// The secrets that a scope sees.
    pub async fn secrets(&self, scope: &Scope, inherited: bool) -> Vec<Row> {
        let (scope, filter) = (scope.clone(), String::new());
        let request = Request::Secrets { scope, filter, inherited, offset: 0, limit: 100_000 };
        match self.ask(request).await {
            Ok(Reply::Secrets(Secrets { rows, .. })) => rows,
            other => panic!("secrets: {other:?}"),
        }
    }

    /// The row of a key, which must be there.
    pub async fn row(&self, scope: &Scope, key: &str) -> Row {
        let rows = self.secrets(scope, true).await;
        rows.into_iter().find(|row| row.key == key).expect("the key is there")
    }
}

/// What proves that `kit` was kept.
#[must_use]
pub fn retyped(kit: &Kit) -> Request {
    let groups: Vec<&str> = kit.secret_key.expose().split('-').skip(1).collect();
    Request::FinishSetup {
        secret_key_fragment: hidden(groups[kit.secret_key_group]),
        root_key_fragment: kit.root_key.as_ref().map_or_else(|| hidden(""), tail),
    }
}

/// The end of a root key, as it is asked for.
#[must_use]
pub fn tail(sheet: &RootKeySheet) -> Hidden {
    let text = sheet.text.expose();
    hidden(&text[text.len() - sheet.tail..])
}

/// A text that does not print itself.
#[must_use]
pub fn hidden(text: &str) -> Hidden {
    Hidden::new(text.to_owned())
}

/// The text of a reply that is one.
#[must_use]
pub fn text(reply: Reply) -> String {
    match reply {
        Reply::Text(text) => text.expose().to_owned(),
        other => panic!("a text: {other:?}"),
    }
}

fn overview(reply: Reply) -> Overview {
    match reply {
        Reply::Overview(overview) => overview,
        other => panic!("an overview: {other:?}"),
    }
}

/// Runs a story on one thread, as keyholders are run.
pub fn story(story: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    tokio::task::LocalSet::new().block_on(&runtime.expect("a runtime"), story);
}
