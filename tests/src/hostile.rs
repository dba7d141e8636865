//! A hostile server: a real one behind a transport that records every byte, answers in its place,
//! changes what it says, and stops the client at any call.

use std::cell::{Cell, RefCell};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::rc::Rc;

use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;
use subrosa_bridge::alarm::Alarm;
use subrosa_bridge::view::{Kit, Overview, Plain, Row, Scope, Secrets, Write};
use subrosa_bridge::{Event, Problem, Reply, Request};
use subrosa_client::native::{Memory, Native};
use subrosa_client::{
    CannotStore, Host, HttpRequest, HttpResponse, Storage, Streamed, Transport, Unreachable, Update,
};
use subrosa_keyholder::Desk;
use subrosa_server::config::Rate;
use subrosa_server::{Config, Running, Server};
use tempfile::TempDir;
use tokio::sync::Notify;

use crate::{PASSWORD, hidden, retyped};

/// The origin that all clients dial, whatever server really answers.
pub const ORIGIN: &str = "https://secrets.example";

/// A server's reply instead of the real one; `None` lets the request through.
pub type Answer = Box<dyn FnMut(&HttpRequest) -> Option<HttpResponse>>;
/// Changes the real server's reply.
pub type Meddle = Box<dyn FnMut(&HttpRequest, &mut HttpResponse)>;

/// A server on a folder of its own.
pub struct Ground {
    data: TempDir,
    server: Option<Running>,
}

impl Ground {
    /// A server on an empty folder.
    pub async fn new() -> Self {
        let data = tempfile::tempdir().expect("a temporary folder");
        let server = Some(serve(data.path()).await);
        Ground { data, server }
    }

    /// Another server with a copy of all that this one has.
    pub async fn fork(&mut self) -> Ground {
        self.stop().await;
        let data = tempfile::tempdir().expect("a temporary folder");
        for file in std::fs::read_dir(self.data.path()).expect("a folder") {
            let file = file.expect("a file");
            std::fs::copy(file.path(), data.path().join(file.file_name())).expect("copied");
        }
        self.server = Some(serve(self.data.path()).await);
        let server = Some(serve(data.path()).await);
        Ground { data, server }
    }

    /// Stops the server; its folder stays.
    pub async fn stop(&mut self) {
        if let Some(server) = self.server.take() {
            server.shutdown().await;
        }
    }

    /// The folder.
    pub fn data(&self) -> &Path {
        self.data.path()
    }

    /// Where it listens.
    pub fn url(&self) -> String {
        format!("http://{}", self.server.as_ref().expect("it runs").address())
    }

    /// The setup token.
    pub fn token(&self) -> String {
        self.server.as_ref().and_then(Running::setup_token).expect("the setup link is unused")
    }

    /// Somebody at a new device.
    pub fn victim(&self, seed: u64) -> Victim {
        Victim::at(&self.url(), Memory::default(), seed)
    }

    /// Somebody who has just founded a team, and the kit that was shown.
    pub async fn founder(&self) -> (Victim, Kit) {
        let victim = self.victim(1);
        let kit = victim.found(&self.token()).await.expect("a team is founded");
        (victim, kit)
    }
}

async fn serve(data: &Path) -> Running {
    let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let much = Rate { per_second: 1_000_000, burst: 1_000_000 };
    let config = Config {
        public_url: Some(ORIGIN.parse().expect("an origin")),
        principal_rate: much,
        address_rate: much,
        ..Config::new(listen, data.to_owned())
    };
    Server::start(config).await.expect("the server starts")
}

/// What is between a client and its server.
pub struct Wire {
    native: RefCell<Native>,
    sent: RefCell<Vec<HttpRequest>>,
    answer: RefCell<Answer>,
    meddle: RefCell<Meddle>,
    seed: Cell<u64>,
    calls: Cell<usize>,
    crash_at: Cell<Option<usize>>,
    crashed: Notify,
}

impl Wire {
    /// All requests so far.
    pub fn sent(&self) -> Vec<HttpRequest> {
        self.sent.borrow().clone()
    }

    /// Every byte that was sent so far.
    pub fn bytes(&self) -> Vec<u8> {
        let text = |request: &HttpRequest| {
            let head = format!("{} {}\n", request.method.name(), request.path);
            let token = request.token.clone().unwrap_or_default();
            [head.as_bytes(), token.as_bytes(), b"\n", &request.body].concat()
        };
        self.sent.borrow().iter().flat_map(text).collect()
    }

    /// Forgets what was sent.
    pub fn forget(&self) {
        self.sent.borrow_mut().clear();
    }

    /// Answers in the server's place from here on.
    pub fn answer(&self, answer: impl FnMut(&HttpRequest) -> Option<HttpResponse> + 'static) {
        *self.answer.borrow_mut() = Box::new(answer);
    }

    /// Changes the server's replies from here on.
    pub fn meddle(&self, meddle: impl FnMut(&HttpRequest, &mut HttpResponse) + 'static) {
        *self.meddle.borrow_mut() = Box::new(meddle);
    }

    /// Lets everything through unchanged from here on.
    pub fn honest(&self) {
        self.answer(|_| None);
        self.meddle(|_, _| {});
        self.crash_at.set(None);
    }

    /// Talks to another server from here on.
    pub fn dial(&self, ground: &Ground) {
        *self.native.borrow_mut() = Native::new(&ground.url(), Memory::default());
    }

    /// Begins to count calls anew, and stops the client for good at call number `at`.
    pub fn crash_at(&self, at: Option<usize>) {
        self.calls.set(0);
        self.crash_at.set(at);
    }

    /// Calls since [`Wire::crash_at`], each counted before it and after it.
    pub fn calls(&self) -> usize {
        self.calls.get()
    }

    /// Whether `work` comes to its end: `None` where the client was stopped.
    pub async fn run<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        tokio::select! {
            biased;
            done = work => Some(done),
            () = self.crashed.notified() => None,
        }
    }

    async fn step(&self) {
        let call = self.calls.get();
        self.calls.set(call + 1);
        if self.crash_at.get() == Some(call) {
            self.crashed.notify_one();
            std::future::pending::<()>().await;
        }
    }
}

/// A platform whose server is hostile. Its randomness is seeded, its clock stands still.
#[derive(Clone)]
pub struct Hostile {
    device: Native,
    wire: Rc<Wire>,
}

impl Transport for Hostile {
    type Chunks = <Native as Transport>::Chunks;

    fn origin(&self) -> String {
        ORIGIN.to_owned()
    }

    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, Unreachable> {
        self.wire.step().await;
        self.wire.sent.borrow_mut().push(request.clone());
        let answered = (self.wire.answer.borrow_mut())(&request);
        let reply = match answered {
            Some(reply) => reply,
            None => {
                let native = self.wire.native.borrow().clone();
                let mut reply = native.send(request.clone()).await?;
                (self.wire.meddle.borrow_mut())(&request, &mut reply);
                reply
            }
        };
        self.wire.step().await;
        Ok(reply)
    }

    async fn stream(&self, request: HttpRequest) -> Result<Streamed<Self::Chunks>, Unreachable> {
        self.wire.sent.borrow_mut().push(request.clone());
        let native = self.wire.native.borrow().clone();
        native.stream(request).await
    }
}

impl Storage for Hostile {
    async fn read(&self, name: &str) -> Result<Option<Vec<u8>>, CannotStore> {
        self.wire.step().await;
        self.device.read(name).await
    }

    async fn update(
        &self,
        name: &str,
        change: impl FnOnce(Option<Vec<u8>>) -> Update,
    ) -> Result<(), CannotStore> {
        self.wire.step().await;
        self.device.update(name, change).await?;
        self.wire.step().await;
        Ok(())
    }
}

impl Host for Hostile {
    type Rng = ChaCha20Rng;

    fn now(&self) -> u64 {
        // Late enough for a server, whose clock is real, to take what expires after it.
        4_000_000_000_000
    }

    fn rng(&self) -> ChaCha20Rng {
        // Never the same twice, over all of this device's lives.
        let seed = self.wire.seed.get();
        self.wire.seed.set(seed + 1);
        ChaCha20Rng::seed_from_u64(seed)
    }

    async fn pause(&self, milliseconds: u32) {
        // Between two tries no time passes; whoever waits for an answer waits in earnest.
        match milliseconds {
            ..30_000 => tokio::task::yield_now().await,
            _ => self.device.pause(milliseconds).await,
        }
    }
}

/// Somebody at a desk whose server is hostile.
pub struct Victim {
    /// What is between this device and the server.
    pub wire: Rc<Wire>,
    memory: Memory,
    desk: Rc<Desk<Hostile>>,
    events: Rc<RefCell<Vec<Event>>>,
}

impl Victim {
    fn at(url: &str, memory: Memory, seed: u64) -> Self {
        let wire = Wire {
            native: RefCell::new(Native::new(url, Memory::default())),
            sent: RefCell::default(),
            answer: RefCell::new(Box::new(|_| None)),
            meddle: RefCell::new(Box::new(|_, _| {})),
            seed: Cell::new(seed << 32),
            calls: Cell::new(0),
            crash_at: Cell::new(None),
            crashed: Notify::new(),
        };
        Victim::on(Rc::new(wire), memory)
    }

    fn on(wire: Rc<Wire>, memory: Memory) -> Self {
        let events = Rc::new(RefCell::new(Vec::new()));
        let told = events.clone();
        let device = Native::new(ORIGIN, memory.clone());
        let platform = Hostile { device, wire: wire.clone() };
        let desk = Rc::new(Desk::new(platform, move |event| told.borrow_mut().push(event)));
        Victim { wire, memory, desk, events }
    }

    /// The same device after a lock or a crash.
    #[must_use]
    pub fn locked(&self) -> Self {
        Victim::on(self.wire.clone(), self.memory.clone())
    }

    /// Another tab on the same device, with a wire of its own to `ground`.
    #[must_use]
    pub fn tab(&self, ground: &Ground, seed: u64) -> Self {
        Victim::at(&ground.url(), self.memory.clone(), seed)
    }

    /// Spoils what the device keeps under this name.
    pub async fn spoil(&self, name: &str) {
        let device = Native::new(ORIGIN, self.memory.clone());
        device.update(name, |_| Update::Put(vec![0xff])).await.expect("it is written");
    }

    /// What the keyholder told by itself so far.
    pub fn events(&self) -> Vec<Event> {
        self.events.borrow().clone()
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
            team_name: "canary-of-the-team".into(),
            me: "canary-of-the-person".into(),
            password: hidden(PASSWORD),
        };
        let Reply::Kit(kit) = self.ask(begin).await? else { panic!("a kit") };
        self.ask(retyped(&kit)).await?;
        Ok(*kit)
    }

    /// Unlocks with the password.
    ///
    /// # Errors
    /// The keyholder's problem.
    pub async fn unlock(&self) -> Result<Overview, Problem> {
        self.overview(Request::Unlock { password: hidden(PASSWORD), team: None }).await
    }

    /// Recovers with the kit and the password.
    ///
    /// # Errors
    /// The keyholder's problem.
    pub async fn recover(&self, kit: &Kit) -> Result<Overview, Problem> {
        let (kit, password) = (kit.text.clone(), hidden(PASSWORD));
        self.overview(Request::Recover { kit, password }).await
    }

    /// Syncs.
    ///
    /// # Errors
    /// The keyholder's problem.
    pub async fn sync(&self) -> Result<Overview, Problem> {
        self.overview(Request::Sync).await
    }

    async fn overview(&self, request: Request) -> Result<Overview, Problem> {
        match self.ask(request).await? {
            Reply::Overview(overview) => Ok(overview),
            other => panic!("an overview: {other:?}"),
        }
    }

    /// A project and an environment in it; the environment's scope.
    pub async fn environment(&self) -> Scope {
        let name = "canary-of-the-project".into();
        let project = self.create(Request::CreateProject { name }).await;
        let name = "canary-of-the-environment".into();
        Scope::Environment(self.create(Request::CreateEnvironment { project, name }).await)
    }

    async fn create(&self, request: Request) -> String {
        match self.ask(request).await {
            Ok(Reply::Created(id)) => id,
            other => panic!("created: {other:?}"),
        }
    }

    /// Sets a key, with a note.
    ///
    /// # Errors
    /// The keyholder's problem.
    pub async fn set(&self, scope: &Scope, key: &str, value: &str) -> Result<Row, Problem> {
        let (scope, key, value) = (scope.clone(), key.to_owned(), hidden(value));
        let note = "canary-of-the-note".into();
        let create = Write::Create { scope, key, value: Plain::Text(value), note, mount: None };
        let note = "canary-of-the-change".into();
        match self.ask(Request::Write { writes: vec![create], note }).await? {
            Reply::Rows(mut rows) => Ok(rows.remove(0)),
            other => panic!("rows: {other:?}"),
        }
    }

    /// A secret's value.
    ///
    /// # Errors
    /// The keyholder's problem.
    pub async fn reveal(&self, row: &Row) -> Result<String, Problem> {
        let request = Request::Reveal { secret: row.id.clone(), version: None };
        self.ask(request).await.map(crate::text)
    }

    /// The alarms that stand.
    pub async fn alarms(&self) -> Vec<Alarm> {
        match self.ask(Request::Alarms).await {
            Ok(Reply::Alarms(alarms)) => alarms,
            other => panic!("alarms: {other:?}"),
        }
    }

    /// Clears the alarms that stand.
    pub async fn clear_alarms(&self) {
        for Alarm { team, id, .. } in self.alarms().await {
            let clear = Request::ClearAlarm { team, alarm: id };
            self.ask(clear).await.expect("it is cleared");
        }
    }

    /// The secrets of a scope.
    pub async fn rows(&self, scope: &Scope) -> Vec<Row> {
        let (scope, filter) = (scope.clone(), String::new());
        let request = Request::Secrets { scope, filter, inherited: true, offset: 0, limit: 1000 };
        match self.ask(request).await {
            Ok(Reply::Secrets(Secrets { rows, .. })) => rows,
            other => panic!("secrets: {other:?}"),
        }
    }
}

/// A reply of a server's.
#[must_use]
pub fn reply(status: u16, body: Vec<u8>) -> HttpResponse {
    HttpResponse { status, body, retry_after: None }
}

/// Where any of `secrets`, each with its name, can be read in `bytes`: plain, in base64 at each of
/// three alignments, in hex of both cases, in UTF-16 of both orders.
#[must_use]
pub fn leaks(bytes: &[u8], secrets: &[(&str, Vec<u8>)]) -> Vec<String> {
    let mut found = Vec::new();
    for (name, secret) in secrets {
        assert!(secret.len() >= 8, "{name} is too short to be looked for");
        for (form, needle) in forms(secret) {
            if contains(bytes, &needle) {
                found.push(format!("{name} in {form}"));
            }
        }
    }
    found
}

/// Every form in which [`leaks`] looks for a secret.
#[must_use]
pub fn forms(secret: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let hex: String = secret.iter().map(|byte| format!("{byte:02x}")).collect();
    let wide = |order: fn(u16) -> [u8; 2]| secret.iter().flat_map(move |it| order(u16::from(*it)));
    let mut forms = vec![
        ("plain", secret.to_vec()),
        ("upper-case hex", hex.to_uppercase().into_bytes()),
        ("lower-case hex", hex.into_bytes()),
        ("UTF-16LE", wide(u16::to_le_bytes).collect()),
        ("UTF-16BE", wide(u16::to_be_bytes).collect()),
    ];
    for (form, cut) in [("base64", 0), ("base64, one before", 1), ("base64, two before", 2)] {
        let shifted = [&[0; 2][..cut], secret].concat();
        // Only what the secret alone decides: neither what is before it nor what comes after.
        let whole = shifted.len() * 8 / 6;
        let mine = (cut * 8).div_ceil(6)..whole;
        let encoded = &base64(&shifted)[mine];
        let for_urls = |digit: &u8| match digit {
            b'+' => b'-',
            b'/' => b'_',
            other => *other,
        };
        forms.push((form, encoded.to_vec()));
        forms.push((form, encoded.iter().map(for_urls).collect()));
    }
    forms
}

fn base64(bytes: &[u8]) -> Vec<u8> {
    const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let bits = bytes.iter().flat_map(|byte| (0..8).rev().map(move |at| byte >> at & 1));
    let bits: Vec<u8> = bits.collect();
    let digit = |six: &[u8]| six.iter().fold(0, |digit, bit| digit << 1 | bit);
    bits.chunks_exact(6).map(|six| DIGITS[usize::from(digit(six))]).collect()
}

fn contains(bytes: &[u8], needle: &[u8]) -> bool {
    let mut rest = bytes;
    while let Some(at) = rest.iter().position(|byte| Some(byte) == needle.first()) {
        if rest[at..].starts_with(needle) {
            return true;
        }
        rest = &rest[at + 1..];
    }
    false
}
