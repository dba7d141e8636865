//! Devices whose I/O can go wrong, and the ways in which it does.

use std::cell::RefCell;
use std::rc::Rc;

use subrosa_client::native::{Memory, Native};
use subrosa_client::{Change, Error, Founding, Part, TeamClient, Unlocked};
use subrosa_core::kit::{Kit, RootKey};
use subrosa_core::manifest::{Level, Subject};
use subrosa_core::secret_value::SecretValue;
use subrosa_core::vault::{Edit, NewContent};
use subrosa_wire::id::{ProjectId, SecretId, VaultId};
use tokio::sync::Mutex;

use crate::cuts::{Cut, Cuts, Fault};
use crate::{PASSWORD, Stage};

/// A device, and how its I/O goes wrong.
pub struct Device {
    origin: String,
    memory: Memory,
    cuts: RefCell<Rc<Cuts>>,
    client: RefCell<Option<Rc<TeamClient<Cut>>>>,
}

impl Device {
    /// One that knows nothing yet.
    #[must_use]
    pub fn blank(stage: &Stage) -> Self {
        Device {
            origin: stage.origin(),
            memory: Memory::default(),
            cuts: RefCell::default(),
            client: RefCell::default(),
        }
    }

    /// Somebody's who has just founded a team, with what was shown for that.
    pub async fn founder(stage: &Stage) -> (Self, Kit, RootKey) {
        let device = Device::blank(stage);
        let token = stage.running().setup_token().expect("the setup link is unused");
        let founding = Founding::prepare(&device.process(), &token, "Team", "Ada", PASSWORD);
        let founding = founding.expect("keys are made");
        let founded = founding.finish(device.process()).await.and_then(Unlocked::team);
        device.holds(founded.expect("a team is founded"));
        (device, founding.kit(), founding.root_key().clone())
    }

    /// Two devices of somebody who has just founded a team.
    pub async fn two(stage: &Stage) -> [Self; 2] {
        let (first, kit, _) = Device::founder(stage).await;
        let second = Device::blank(stage);
        second.opens(&kit).await;
        [first, second]
    }

    /// Makes it a device of the kit's account.
    pub async fn opens(&self, kit: &Kit) {
        let kit = Kit::read(&kit.line()).expect("the kit is whole");
        let client = subrosa_client::recover(self.process(), &kit, PASSWORD).await;
        self.holds(client.and_then(Unlocked::team).expect("the kit opens its account"));
    }

    /// It has opened a team.
    pub fn holds(&self, client: TeamClient<Cut>) {
        self.client.replace(Some(Rc::new(client)));
    }

    /// Its client.
    pub fn client(&self) -> Rc<TeamClient<Cut>> {
        self.client.borrow().clone().expect("it has opened a team")
    }

    /// How its I/O goes wrong.
    pub fn cuts(&self) -> Rc<Cuts> {
        self.cuts.borrow().clone()
    }

    /// What the process that runs on it uses.
    pub fn process(&self) -> Cut {
        Cut::new(Native::new(&self.origin, self.memory.clone()), self.cuts())
    }

    /// Another tab of the same browser: what is kept is shared, the process is another.
    pub async fn tab(&self) -> TeamClient<Cut> {
        let native = Native::new(&self.origin, self.memory.clone());
        let client = subrosa_client::unlock(Cut::new(native, Rc::default()), PASSWORD, None).await;
        client.and_then(Unlocked::team).expect("it opens in another tab")
    }

    /// Does `work` while one I/O goes wrong: what came of it, if the process outlived that; and
    /// whether there was such an I/O.
    pub async fn cut<T>(
        &self,
        at: usize,
        fault: Fault,
        work: impl Future<Output = T>,
    ) -> (Option<T>, bool) {
        let cuts = self.cuts();
        cuts.plan(at, fault);
        let done = tokio::select! {
            // On the heap: unoptimised, what is nested in it does not fit a test's stack.
            done = Box::pin(work) => Some(done),
            () = cuts.killed() => None,
        };
        (done, cuts.end())
    }

    /// After its process was killed: another one, for which nothing is cut off yet.
    pub fn restarts(&self) {
        self.cuts.replace(Rc::default());
        self.client.replace(None);
    }

    /// The same, unlocked again.
    pub async fn again(&self) {
        self.restarts();
        let client = subrosa_client::unlock(self.process(), PASSWORD, None).await;
        self.holds(client.and_then(Unlocked::team).expect("it opens again"));
    }
}

/// The vaults of two projects, which [`fill`] makes.
pub const VAULTS: [VaultId; 2] = [VaultId::from_random([7; 16]), VaultId::from_random([8; 16])];

/// The secret of a vault.
#[must_use]
pub fn secret_of(vault: VaultId) -> SecretId {
    SecretId::from_random(*vault.bytes())
}

/// What a secret is.
#[must_use]
pub fn value(text: &str) -> NewContent {
    NewContent::Value(SecretValue::new(text.as_bytes().to_vec()))
}

/// Makes two projects with a secret in each.
pub async fn fill(client: &TeamClient<Cut>) {
    for vault in VAULTS {
        let id = ProjectId::from_random(*vault.bytes());
        let subject = Subject::Project { id, name: "p".into() };
        let parts = vec![Part::CreateVault { vault, parent: None, subject }];
        client.change(&Change { note: String::new(), parts }).await.expect("a vault");
        let create = Edit::Create {
            id: secret_of(vault),
            level: Level::Own,
            key: "KEY".into(),
            content: value("first"),
            note: String::new(),
        };
        client.change(&Change::edits(vault, vec![create])).await.expect("a secret");
    }
}

/// Fetches what is new. A connection that died while nobody used it shows when it is used.
pub async fn sync(client: &TeamClient<Cut>) {
    while let Err(error) = client.sync().await {
        assert!(matches!(error, Error::Unreachable(_)), "{error:?}");
    }
}

/// Tries until it goes well, as who sees a message does.
pub async fn try_again<T>(mut what: impl AsyncFnMut() -> Result<T, Error>) -> T {
    for _ in 0..4 {
        match Box::pin(what()).await {
            Ok(done) => return done,
            Err(error) => assert!(
                matches!(error, Error::Storage(_) | Error::Unreachable(_)),
                "a fault has another name: {error:?}"
            ),
        }
    }
    panic!("it does not come to an end");
}

/// Calls `run` for each way and each I/O of what it does, more than `least`, until it tells that there
/// was no such I/O any more.
pub async fn every_cut(ways: &[Way], least: usize, mut run: impl AsyncFnMut(Way, usize) -> bool) {
    let mut runs = 0;
    for way in ways {
        let mut at = 0;
        while Box::pin(run(*way, at)).await {
            at += 1;
        }
        runs += at + 1;
        assert!(at > least, "{way:?}: there are more I/Os than {at}");
    }
    println!("{runs} runs");
}

/// How a run goes wrong at one I/O.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Way {
    /// The process is killed before it.
    KilledBefore,
    /// The process is killed after it.
    KilledAfter,
    /// It does not happen.
    Refused,
    /// Its answer is lost.
    AnswerLost,
    /// The other device writes: the next push meets it.
    Conflict,
    /// The server forgets all sessions.
    Restart,
}

/// All of them.
pub const WAYS: [Way; 6] = [
    Way::KilledBefore,
    Way::KilledAfter,
    Way::Refused,
    Way::AnswerLost,
    Way::Conflict,
    Way::Restart,
];

impl Way {
    /// What happens; `written` is what the other device does where that is the way.
    pub fn fault(
        self,
        stage: &Rc<Mutex<Stage>>,
        written: impl Future<Output = ()> + 'static,
    ) -> Fault {
        match self {
            Way::KilledBefore => Fault::KilledBefore,
            Way::KilledAfter => Fault::KilledAfter,
            Way::Refused => Fault::Refused,
            Way::AnswerLost => Fault::AnswerLost,
            Way::Conflict => Fault::Meanwhile(Box::pin(written)),
            Way::Restart => {
                let stage = stage.clone();
                Fault::Meanwhile(Box::pin(async move {
                    let mut stage = stage.lock().await;
                    stage.stop().await;
                    stage.start().await;
                }))
            }
        }
    }
}
