//! Four devices of one account that keep writing, and what each was told was saved.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{Rng as _, SeedableRng as _};
use subrosa_bridge::view::{Kit, Row, Scope};
use subrosa_bridge::{Event, Kind, Problem, Reply, Request};
use tokio::sync::Notify;
use tokio::task::{JoinHandle, spawn_local, yield_now};

use crate::{PASSWORD, Person, text};

/// How many devices write.
pub const DEVICES: usize = 4;
/// How many secrets each has for itself.
const OWN: usize = 24;
/// How many they share.
const SHARED: usize = 4;

/// A version of a secret that a device was told was saved.
#[derive(Clone, Debug)]
pub struct Saved {
    /// The secret.
    pub secret: String,
    /// Which version that write had to become: one more than what it was written on.
    pub version: u32,
    /// What was written.
    pub value: String,
}

/// A founder's account on four devices, and an environment to write to.
pub struct Devices {
    origin: String,
    pace: u32,
    kit: Kit,
    scope: Scope,
    all: Vec<Person>,
}

impl Devices {
    /// Founds a team and recovers the other devices. Each follows the log, as a console does.
    pub async fn new(origin: &str, setup_token: &str, pace: u32) -> Self {
        let founder = Person::dialling(origin, pace);
        let kit = founder.found(setup_token).await.expect("a team is founded");
        let [_, scope, _] = founder.scopes().await;
        let mut devices =
            Devices { origin: origin.to_owned(), pace, kit, scope, all: vec![founder] };
        for _ in 1..DEVICES {
            let device = devices.newcomer().await;
            devices.all.push(device);
        }
        devices
    }

    /// One more device, that has verified the log from its genesis.
    pub async fn newcomer(&self) -> Person {
        let device = Person::dialling(&self.origin, self.pace);
        device.recover(self.kit.text.expose(), PASSWORD).await.expect("the kit is good");
        device
    }

    /// Has all of them write until told to stop.
    pub fn write(&self, seed: u64) -> Writing {
        let writing = Rc::new(Shared::default());
        let watching = self.all.iter().map(Person::watch).collect();
        let tasks = self.all.iter().enumerate().map(|(who, device)| {
            let rng = ChaCha20Rng::seed_from_u64(seed.wrapping_add(who as u64));
            let writer = Writer {
                device: device.clone(),
                scope: self.scope.clone(),
                who,
                rng,
                shared: writing.clone(),
            };
            spawn_local(writer.run())
        });
        Writing { tasks: tasks.collect(), watching, shared: writing }
    }

    /// How often a device noticed that the server was away.
    pub fn times_away(&self) -> usize {
        let away = |device: &Person| {
            let events = device.events.borrow();
            events.iter().filter(|event| **event == Event::Online(false)).count()
        };
        self.all.iter().map(away).sum()
    }

    /// Shows that all devices, and one that comes new, see the same, and that everything that was
    /// told to be saved is there.
    pub async fn agree_on(&self, saved: &[Saved]) {
        let newcomer = self.newcomer().await;
        let there = contents(&newcomer, &self.scope).await;
        for device in &self.all {
            asked(device, Request::Sync).await;
            assert_eq!(contents(device, &self.scope).await, there);
        }
        for Saved { secret, version, value } in saved {
            let reveal = Request::Reveal { secret: secret.clone(), version: Some(*version) };
            let found = text(asked(&newcomer, reveal).await);
            assert_eq!(found, *value, "{secret} at version {version}");
        }
    }
}

/// A connection that died while nobody used it shows when it is used: like a person, ask again.
async fn asked(device: &Person, request: Request) -> Reply {
    loop {
        match device.ask(request.clone()).await {
            Ok(reply) => return reply,
            Err(problem) => assert_eq!(problem.kind, Kind::Offline, "{problem:?}"),
        }
    }
}

/// Keys with their secrets, versions and values.
async fn contents(device: &Person, scope: &Scope) -> BTreeMap<String, (String, u32, String)> {
    let mut contents = BTreeMap::new();
    for row in device.secrets(scope, false).await {
        let reveal = Request::Reveal { secret: row.id.clone(), version: Some(row.version) };
        let value = text(asked(device, reveal).await);
        contents.insert(row.key, (row.id, row.version, value));
    }
    contents
}

/// Four devices at work.
pub struct Writing {
    tasks: Vec<JoinHandle<()>>,
    watching: Vec<JoinHandle<()>>,
    shared: Rc<Shared>,
}

#[derive(Default)]
struct Shared {
    stop: Cell<bool>,
    saved: RefCell<Vec<Saved>>,
    conflicts: Cell<usize>,
    busy: Cell<usize>,
    broken: Notify,
    told: RefCell<[Vec<Problem>; DEVICES]>,
}

impl Writing {
    /// How many writes were acknowledged so far.
    pub fn saved(&self) -> usize {
        self.shared.saved.borrow().len()
    }

    /// How many writes met another device's, were told so, and wrote nothing.
    pub fn conflicts(&self) -> usize {
        self.shared.conflicts.get()
    }

    /// How many writes were given up, and told to be, because others always came first.
    pub fn given_up(&self) -> usize {
        self.shared.busy.get()
    }

    /// Waits for `event`, unless a device breaks down: then nothing might come any more.
    pub async fn meanwhile(&self, event: impl Future<Output = ()>) {
        tokio::select! {
            () = event => {}
            () = self.shared.broken.notified() => panic!("a device broke down"),
        }
    }

    /// Waits until each device was told of something else that kept it from writing, and yields
    /// all that was told.
    pub async fn all_told(&self) -> Vec<Problem> {
        self.meanwhile(async {
            while self.shared.told.borrow().iter().any(Vec::is_empty) {
                yield_now().await;
            }
        })
        .await;
        std::mem::take(&mut *self.shared.told.borrow_mut()).concat()
    }

    /// What else the devices were told.
    pub fn told(&self) -> Vec<Problem> {
        self.shared.told.borrow().concat()
    }

    /// Waits until so many more writes were acknowledged.
    pub async fn more(&self, writes: usize) {
        let wanted = self.saved() + writes;
        self.meanwhile(async {
            while self.saved() < wanted {
                yield_now().await;
            }
        })
        .await;
    }

    /// Has every device finish what it is writing. Yields what was saved.
    pub async fn stop(self) -> Vec<Saved> {
        self.shared.stop.set(true);
        for task in self.tasks {
            task.await.expect("a device goes on by itself");
        }
        self.watching.iter().for_each(JoinHandle::abort);
        self.shared.saved.take()
    }
}

struct Writer {
    device: Person,
    scope: Scope,
    who: usize,
    rng: ChaCha20Rng,
    shared: Rc<Shared>,
}

impl Drop for Writer {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.shared.broken.notify_one();
        }
    }
}

impl Writer {
    async fn run(mut self) {
        let mut count = 0;
        while !self.shared.stop.get() {
            count += 1;
            let value = format!("{count} of device {}", self.who);
            let number = self.rng.next_u32() as usize;
            // One in four is a secret that the others write too.
            let shared = self.rng.next_u32().is_multiple_of(4);
            let key = match shared {
                true => format!("SHARED_{}", number % SHARED),
                false => format!("OF_{}_{}", self.who, number % OWN),
            };
            self.write(&key, value).await;
        }
    }

    async fn write(&self, key: &str, value: String) {
        // Between this look and the write nothing can come: neither awaits anything before that.
        let rows = self.device.secrets(&self.scope, false).await;
        let before: Option<Row> = rows.into_iter().find(|row| row.key == key);
        let version = before.as_ref().map_or(0, |row| row.version) + 1;
        let written = match &before {
            Some(row) => self.device.edit(row, &value).await,
            None => self.device.set(&self.scope, key, &value).await,
        };
        match written {
            Ok(row) => {
                assert!(row.version >= version, "{row:?} was shown, {version} was written");
                // Who was told that it is saved finds it, if anybody answers.
                let reveal = Request::Reveal { secret: row.id.clone(), version: Some(version) };
                match self.device.ask(reveal).await {
                    Ok(reply) => assert_eq!(text(reply), value),
                    Err(problem) => assert_eq!(problem.kind, Kind::Offline, "{problem:?}"),
                }
                self.shared.saved.borrow_mut().push(Saved { secret: row.id, version, value });
            }
            Err(Problem { kind: Kind::Conflict(_), .. }) => {
                self.shared.conflicts.set(self.shared.conflicts.get() + 1);
            }
            Err(Problem { kind: Kind::Offline, .. }) => {
                self.shared.busy.set(self.shared.busy.get() + 1);
            }
            Err(problem) => {
                // A device that has caught its server writes no more: that is the end of a story.
                assert_ne!(problem.kind, Kind::Rollback, "{problem:?}");
                self.shared.told.borrow_mut()[self.who].push(problem);
            }
        }
    }
}
