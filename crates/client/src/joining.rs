//! From an invite's link to a seat in the team: what the invitee does (docs/format.md, 'Invitation').

use subrosa_core::account::{AccountContents, AccountKeys, TeamSeat};
use subrosa_core::invite::Link;
use subrosa_core::keyset::Keyset;
use subrosa_core::kit::Kit;
use subrosa_wire::api::{NewAccount, PostJoin, Principal};
use subrosa_wire::id::{InviteId, MemberId, TeamId};
use subrosa_wire::people::Join;
use subrosa_wire::team::{OpenInvite, Team};
use zeroize::Zeroizing;

use crate::api;
use crate::device::Device;
use crate::error::{Error, Result};
use crate::fresh_account::FreshAccount;
use crate::platform::Platform;
use crate::session::MemberSession;
use crate::team::TeamClient;
use crate::team::sync::load_log;
use crate::unlock::{self, Unlocked, open_account};

/// An open invite, as its link shows it. Nothing was asked for, or stored on the device, so far.
pub struct Invitation<P> {
    platform: P,
    link: Link,
    team: Team,
    open: OpenInvite,
}

/// An account that is made to join with, until [`Joining::finish`] posts it.
pub struct Joining<P> {
    platform: P,
    link: Link,
    fresh: FreshAccount,
    account: NewAccount,
    join: Join,
}

impl<P: Platform + Clone> Invitation<P> {
    /// Reads the team's log by a link, and finds the invite in it.
    ///
    /// # Errors
    /// [`Error::InviteGone`] if it is not open any more, [`Error::Rollback`] if the log lacks the
    /// link's checkpoint or what this device has seen, and whatever reading meets.
    pub async fn open(platform: P, link: Link) -> Result<Self> {
        let session = MemberSession::new(Principal::Link(link.team, link.invite()));
        let seen = Device::load_sound(&platform).await?;
        let mut wanted = vec![link.checkpoint];
        wanted.extend(seen.and_then(|device| device.pin(link.team)));
        let sign = |message: &[u8]| link.sign(message);
        let team = load_log(&platform, &session, &sign, link.team, &wanted, |_, _| {}).await;
        let team = team.map_err(gone)?;
        let open = team.invite(link.invite()).cloned();
        let sound = open.filter(|open| open.invite.link == link.public());
        let open = sound.filter(|open| platform.now() < open.invite.expires);
        let open = open.ok_or(Error::InviteGone)?;
        Ok(Invitation { platform, link, team, open })
    }

    /// The team's state. Its names are for members alone.
    #[must_use]
    pub fn team(&self) -> &Team {
        &self.team
    }

    /// The invite.
    #[must_use]
    pub fn invite(&self) -> &OpenInvite {
        &self.open
    }

    /// Makes an account to join with. Takes as long as the key derivation.
    ///
    /// # Errors
    /// [`Error::Memory`].
    pub fn prepare(&self, password: &str) -> Result<Joining<P>> {
        let mut rng = self.platform.rng();
        let account = FreshAccount::generate(password, &mut rng)?;
        let keyset = Keyset::generate(&mut rng).map_err(|_| Error::Memory)?;
        let (seat, join) = self.seat(&keyset);
        let server = self.platform.origin();
        let (fresh, account) = FreshAccount::new(account, seat, server, &mut rng)?;
        let (platform, link) = (self.platform.clone(), self.link.clone());
        Ok(Joining { platform, link, fresh, account, join })
    }

    /// Whether a seat is one by the log as the link's holder reads it, or may become one yet.
    fn is_seated(&self, seat: &TeamSeat) -> Result<bool> {
        let keyset = Keyset::from_seed(Zeroizing::new(seat.seed)).map_err(|_| Error::Memory)?;
        let member = self.team.member(seat.member);
        let link =
            seat.link.map(|seed| Link::new(Zeroizing::new(seed), seat.team, seat.checkpoint));
        let now = self.platform.now();
        let open = link.and_then(|link| self.team.invite(link.invite()));
        let open = open.is_some_and(|open| now < open.invite.expires);
        Ok(open || member.is_some_and(|member| member.keyset == *keyset.public()))
    }

    fn seat(&self, keyset: &Keyset) -> (TeamSeat, Join) {
        let member = self.open.invite.member;
        let seat = TeamSeat {
            team: self.link.team,
            member,
            seed: *keyset.seed(),
            checkpoint: self.team.head(),
            link: Some(*self.link.seed()),
            next: None,
            name: None,
        };
        (seat, self.link.join(member, keyset))
    }
}

impl<P: Platform + Clone> Joining<P> {
    /// The account's emergency kit.
    #[must_use]
    pub fn kit(&self) -> Kit {
        self.fresh.kit()
    }

    /// Stores the Secret Key and the pin on this device, then posts the account and asks to be let in.
    /// May be called again if the answer was lost.
    ///
    /// # Errors
    /// [`Error`]; on a refusal this device is left as it was.
    pub async fn finish(&self) -> Result<Unlocked<P>> {
        let Joining { platform, link, fresh, account, join } = self;
        let posted = PostJoin { account: Some(account.clone()), join: join.clone() };
        fresh.post(platform.clone(), async || post(platform, link, &posted).await).await
    }
}

impl<P: Platform + Clone> TeamClient<P> {
    /// The account's seats.
    ///
    /// # Errors
    /// Whatever reading the account meets.
    pub async fn seats(&self) -> Result<Vec<Seat>> {
        seats(self.platform(), &self.account_keys()?).await
    }

    /// Opens another team of the account.
    ///
    /// # Errors
    /// As [`unlock`](crate::unlock()).
    pub async fn switch(&self, team: TeamId) -> Result<Unlocked<P>> {
        unlock::switch(self.platform().clone(), self.account_keys()?, team).await
    }

    /// Joins another team with this account: it gets another seat, and then asks to be let in.
    ///
    /// # Errors
    /// [`Error::MemberAlready`] if the account has a seat in that team, or waits for one, and whatever
    /// posting meets.
    pub async fn join(&self, invitation: &Invitation<P>) -> Result<Waiting> {
        let id = invitation.link.team;
        let keyset = Keyset::generate(&mut self.platform().rng()).map_err(|_| Error::Memory)?;
        let (mut seat, _) = invitation.seat(&keyset);
        // Its seed is in the acknowledged blob before anybody can let it in.
        self.change_account(|contents: &mut AccountContents| {
            let teams = &mut contents.teams;
            let Some(there) = teams.iter_mut().find(|it| it.team == id) else {
                let at = teams.partition_point(|it| it.team < id);
                teams.insert(at, seat.clone());
                return Ok(true);
            };
            if there.link == Some(*invitation.link.seed()) {
                // It was cut off in between: the same keys are posted again.
                seat = there.clone();
                return Ok(false);
            }
            if invitation.is_seated(there)? {
                return Err(Error::MemberAlready);
            }
            *there = seat.clone();
            Ok(true)
        })
        .await?;
        Waiting::check(self.platform(), &seat).await
    }
}

/// A seat of an account.
pub struct Seat {
    /// The team.
    pub team: TeamId,
    /// What it was called when it was last opened; none where it never was.
    pub name: Option<String>,
    /// Whether one still waits to be let in.
    pub waiting: bool,
}

pub(crate) async fn seats<P: Platform>(platform: &P, keys: &AccountKeys) -> Result<Vec<Seat>> {
    let account = open_account(platform, keys).await?;
    let seat =
        |it: &TeamSeat| Seat { team: it.team, name: it.name.clone(), waiting: it.link.is_some() };
    Ok(account.contents.teams.iter().map(seat).collect())
}

/// Who has asked to be let in, and is not yet.
pub struct Waiting {
    /// The team.
    pub team: TeamId,
    /// Who one will be.
    pub member: MemberId,
    /// The invite.
    pub invite: InviteId,
    /// Eight words of the keys that one will have, for whoever lets one in to compare.
    pub fingerprint: String,
}

impl Waiting {
    /// Asks to be let in to a seat, once more if it was asked before.
    ///
    /// # Errors
    /// [`Error::InviteGone`].
    pub(crate) async fn check<P: Platform>(platform: &P, seat: &TeamSeat) -> Result<Waiting> {
        let seed = Zeroizing::new(seat.link.ok_or(Error::KeysReplaced)?);
        let link = Link::new(seed, seat.team, seat.checkpoint);
        let keyset = Keyset::from_seed(Zeroizing::new(seat.seed)).map_err(|_| Error::Memory)?;
        let join = link.join(seat.member, &keyset);
        let invite = link.invite();
        post(platform, &link, &PostJoin { account: None, join }).await?;
        let (team, member) = (seat.team, seat.member);
        Ok(Waiting { team, member, invite, fingerprint: keyset.fingerprint() })
    }
}

async fn post<P: Platform>(platform: &P, link: &Link, post: &PostJoin) -> Result<()> {
    let session = MemberSession::new(Principal::Link(link.team, link.invite()));
    let ask = api::post_join(link.team, post);
    let sent = session.send(platform, &|message| link.sign(message), &ask).await;
    api::done(&sent.map_err(gone)?)
}

/// A link that opens no session: its invite was used, cancelled or voided, or is expired.
fn gone(error: Error) -> Error {
    match error {
        Error::KeysReplaced => Error::InviteGone,
        other => other,
    }
}
