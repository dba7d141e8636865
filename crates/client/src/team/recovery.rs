//! A team opened by its root key, on a device that has nothing else: an owner gets another account
//! with other keys, in one entry (docs/format.md, 'The root key').

use std::cell::RefCell;

use subrosa_core::account::TeamSeat;
use subrosa_core::keyset::Keyset;
use subrosa_core::kit::{Kit, RootKey};
use subrosa_core::manifest::Subject;
use subrosa_wire::api::{NewAccount, Push, RecoverTeam};
use subrosa_wire::id::MemberId;
use subrosa_wire::log::Head;
use subrosa_wire::team::Role;

use crate::api::{self, PushReply};
use crate::change::{Change, NewKeys, Part};
use crate::device::Device;
use crate::error::{Error, Result};
use crate::fresh_account::FreshAccount;
use crate::platform::Platform;
use crate::unlock::Unlocked;

use super::TeamClient;
use super::gather::Gathered;

/// A team that its root key has opened. Nothing is stored on the device, or changed, by that.
pub struct Recovery<P> {
    root: TeamClient<P>,
}

/// An owner's next account, until [`Recovery::finish`] posts it.
pub struct NextAccount {
    fresh: FreshAccount,
    account: NewAccount,
    change: Change,
    /// What was posted and not answered.
    posted: RefCell<Option<Push>>,
}

impl NextAccount {
    /// Its emergency kit.
    #[must_use]
    pub fn kit(&self) -> Kit {
        self.fresh.kit()
    }
}

impl<P: Platform + Clone> Recovery<P> {
    /// Opens the team of a root key.
    ///
    /// # Errors
    /// [`Error::KeysReplaced`] if the key is not in force, [`Error::Rollback`] if the log lacks the
    /// key's checkpoint or what this device has seen, and whatever syncing meets.
    pub async fn open(platform: P, key: &RootKey) -> Result<Self> {
        let keyset = key.keyset().map_err(|_| Error::Memory)?;
        let seen = Device::load_sound(&platform).await?;
        let seen = seen.and_then(|device| device.pin(key.team));
        let (seen, typed) = (seen.as_slice(), Some(key.checkpoint));
        let root = TeamClient::load(platform, key.team, None, keyset, seen, typed).await?;
        root.open_all().await?;
        Ok(Recovery { root })
    }

    /// What the team is called.
    #[must_use]
    pub fn team_name(&self) -> Option<String> {
        self.root.team_name()
    }

    /// The owners, with their names where those can be read.
    #[must_use]
    pub fn owners(&self) -> Vec<(MemberId, Option<String>)> {
        let (contents, team) = (self.root.contents(), self.root.team());
        let cards = match contents.vault(team.directory()).map(|vault| vault.subject()) {
            Some(Subject::Directory { cards, .. }) => cards.as_slice(),
            _ => &[],
        };
        let name = |id| cards.iter().find(|card| card.member == id).map(|card| card.name.clone());
        let owners = team.members().filter(|(_, member)| member.role == Role::Owner);
        let owners = owners.map(|(id, _)| id).filter(|id| *id != team.root());
        owners.map(|id| (id, name(id))).collect()
    }

    /// Makes an owner's next account. Takes as long as the key derivation.
    ///
    /// # Errors
    /// [`Error::NotFound`] if it is no owner, [`Error::Memory`].
    pub fn prepare(&self, owner: MemberId, password: &str) -> Result<NextAccount> {
        let (team, head) = self.root.place();
        let mut rng = self.root.platform.rng();
        let account = FreshAccount::generate(password, &mut rng)?;
        let keyset = Keyset::generate(&mut rng).map_err(|_| Error::Memory)?;
        let seat = TeamSeat::new(team, owner, *keyset.seed(), head);
        let server = self.root.platform.origin();
        let (fresh, account) = FreshAccount::new(account, seat, server, &mut rng)?;
        let is_owner = self.owners().iter().any(|(id, _)| *id == owner);
        let member = self.root.team().member(owner).filter(|_| is_owner).cloned();
        let before = member.ok_or(Error::NotFound)?.keyset.signing;
        let new = NewKeys { keys: keyset.rotation(team, owner), before };
        let change = Change { note: String::new(), parts: vec![Part::RotateKeys(Box::new(new))] };
        Ok(NextAccount { fresh, account, change, posted: RefCell::default() })
    }

    /// Stores the Secret Key and the pin on this device, then posts the account with the entry that
    /// gives the owner its keys. May be called again if the answer was lost.
    ///
    /// # Errors
    /// [`Error`]; on a refusal this device is left as it was.
    pub async fn finish(&self, next: &NextAccount) -> Result<Unlocked<P>> {
        let platform = self.root.platform.clone();
        next.fresh.post(platform, async || self.post(next).await).await
    }

    async fn post(&self, next: &NextAccount) -> Result<()> {
        let (team, _) = self.root.place();
        loop {
            let kept = next.posted.borrow().clone();
            let push = match kept {
                Some(push) => push,
                None => match self.root.build(&next.change, &mut Gathered::default()).await {
                    Ok(built) => built.push,
                    // It got in, and was answered as if it had not.
                    Err(Error::NothingToDo) => return Ok(()),
                    Err(other) => return Err(other),
                },
            };
            next.posted.replace(Some(push.clone()));
            let hash = push.entry.hash();
            let ask = api::recover(team, &RecoverTeam { account: next.account.clone(), push });
            match api::pushed(&self.root.send(&ask).await?)? {
                PushReply::Pushed(pushed) if pushed.head.hash == hash => return Ok(()),
                PushReply::Pushed(_) => return Err(Error::BadReply),
                PushReply::Later(seconds) => {
                    self.root.platform.pause(seconds.clamp(1, 60) * 1000).await;
                }
                PushReply::Lost => {
                    let (_, before): (_, Head) = self.root.place();
                    self.root.sync().await?;
                    // Nobody signs twice for the same place.
                    if self.root.place().1 == before {
                        return Err(Error::BadReply);
                    }
                    next.posted.replace(None);
                }
            }
        }
    }
}
