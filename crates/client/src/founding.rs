//! First run: an account and its team, made here, shown, and then posted in one request.

use subrosa_core::Randomness;
use subrosa_core::account::TeamSeat;
use subrosa_core::keyset::Keyset;
use subrosa_core::kit::{Kit, RootKey};
use subrosa_core::manifest::{Card, Subject};
use subrosa_core::vault::{Objects, OpenVault, Stamp};
use subrosa_core::vault_key::KeyName;
use subrosa_wire::SUITE;
use subrosa_wire::api::{CheckSetup, FoundTeam, Push, Pushed};
use subrosa_wire::id::{MemberId, VaultId};
use subrosa_wire::log::{CreateVault, Entry, Genesis, Head, Op, RootClaim, SignedEntry};
use subrosa_wire::team::Team;
use zeroize::Zeroizing;

use crate::api;
use crate::error::{Error, Result};
use crate::fresh_account::FreshAccount;
use crate::platform::{Host, Platform, Transport};
use crate::team::making::Making;
use crate::unlock::Unlocked;

/// A team that exists on this device alone, until [`Founding::finish`] posts it.
///
/// Nothing was sent so far; dropping it leaves no trace.
pub struct Founding {
    fresh: FreshAccount,
    root_key: RootKey,
    request: FoundTeam,
}

/// Asks the server whether a setup link may still found a team.
///
/// # Errors
/// [`Error::Refused`] with [`Code::SetupToken`] if not, or why it could not be asked.
pub async fn check_setup<P: Transport + Host>(platform: &P, setup_token: &str) -> Result<()> {
    let check = api::check_setup(&CheckSetup { setup_token: setup_token.to_owned() });
    api::done(&api::send(platform, None, &check).await?)
}

impl Founding {
    /// Makes account, keysets, genesis and directory vault. Takes as long as the key derivation.
    ///
    /// # Errors
    /// [`Error::Memory`].
    pub fn prepare<P: Transport + Host>(
        platform: &P,
        setup_token: &str,
        team_name: &str,
        me: &str,
        password: &str,
    ) -> Result<Self> {
        let mut rng = platform.rng();
        let rng: Randomness<'_> = &mut rng;
        let account = FreshAccount::generate(password, rng)?;
        let founder = Keyset::generate(rng).map_err(|_| Error::Memory)?;
        let root_seed = Zeroizing::new(random(rng));
        let root = Keyset::from_seed(root_seed.clone()).map_err(|_| Error::Memory)?;
        let [founder_id, root_id] = [(); 2].map(|()| MemberId::from_random(random(rng)));
        let directory = VaultId::from_random(random(rng));
        let time = platform.now();

        let claim = RootClaim {
            founder: founder_id,
            founder_keyset: founder.public().clone(),
            root: root_id,
            root_keyset: root.public().clone(),
            directory,
        };
        let genesis = Entry {
            suite: SUITE,
            team: None,
            seq: 0,
            prev: None,
            author: founder_id,
            time,
            ops: vec![Op::Genesis(Box::new(Genesis {
                founder: founder.public().clone(),
                root: root_id,
                root_keyset: root.public().clone(),
                root_proof: root.sign(&claim.to_sign()),
                directory,
            }))],
        };
        let genesis = SignedEntry::new(&genesis, |bytes| founder.sign(bytes));
        let state = Team::found(&genesis)?;
        let subject = Subject::Directory {
            team_name: team_name.to_owned(),
            cards: vec![Card { member: founder_id, name: me.to_owned() }],
        };
        let stamp = Stamp { author: founder_id, seq: 1, time };
        let mut made = Making::at(time);
        new_vault(&mut made, &state, directory, None, subject, stamp, rng)?;
        let entry = Entry::after(state.id(), state.head(), founder_id, time, made.ops);
        let entry = SignedEntry::new(&entry, |bytes| founder.sign(bytes));
        let head = Head { seq: 1, hash: entry.hash() };
        let first = Push { entry, wraps: made.wraps, objects: made.uploads };

        let seat = TeamSeat::new(state.id(), founder_id, *founder.seed(), head);
        let (fresh, account) = FreshAccount::new(account, seat, platform.origin(), rng)?;
        let request = FoundTeam { setup_token: setup_token.to_owned(), account, genesis, first };
        Ok(Founding { fresh, root_key: RootKey::new(root_seed, state.id(), head), request })
    }

    /// The emergency kit.
    #[must_use]
    pub fn kit(&self) -> Kit {
        self.fresh.kit()
    }

    /// The root key, to be printed.
    #[must_use]
    pub fn root_key(&self) -> &RootKey {
        &self.root_key
    }

    /// Stores the Secret Key and the pin on this device, then posts account and team. May be
    /// called again if the answer was lost.
    ///
    /// # Errors
    /// [`Error`]; on a refusal this device is left as it was.
    pub async fn finish<P: Platform + Clone>(&self, platform: P) -> Result<Unlocked<P>> {
        let post = async || {
            let founded = api::send(&platform, None, &api::found(&self.request)).await?;
            api::reply::<Pushed>(&founded).map(drop)
        };
        self.fresh.post(platform.clone(), post).await
    }
}

/// Makes a vault with a fresh key, wrapped to all who will hold it by the verified log, and its
/// first commit.
pub(crate) fn new_vault(
    making: &mut Making,
    team: &Team,
    vault: VaultId,
    parent: Option<VaultId>,
    subject: Subject,
    stamp: Stamp,
    rng: Randomness<'_>,
) -> Result<()> {
    making.judged = true;
    let name = KeyName { team: team.id(), vault, version: 1 };
    let holders = team.holders_of_new(stamp.author);
    let (key_commitment, wraps) = making.key(team, name, &holders, rng)?;
    making.ops.push(Op::CreateVault(CreateVault { vault, parent, key_commitment, wraps }));
    let staged = OpenVault::new(team.id(), vault, subject).stage(
        &[],
        "",
        1,
        stamp,
        &making.keys,
        &Objects::default(),
        rng,
    )?;
    making.commit(vault, staged);
    Ok(())
}

fn random<const N: usize>(rng: Randomness<'_>) -> [u8; N] {
    let mut bytes = [0; N];
    rng.fill_bytes(&mut bytes);
    bytes
}
