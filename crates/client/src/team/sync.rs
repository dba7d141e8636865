//! Fetch, verify, pin, open: how the displayed state advances.

use subrosa_core::manifest::VaultPlaces;
use subrosa_core::vault::{Objects, OpenVault, TreeState};
use subrosa_core::vault_key::{KeyName, VaultKey};
use subrosa_wire::CLIENT;
use subrosa_wire::api::{Code, FetchObjects, LogPage, MAX_FETCH, Wraps};
use subrosa_wire::encoding::encode;
use subrosa_wire::id::{Hash, TeamId, VaultId};
use subrosa_wire::log::{Head, KeyVersion, SignedEntry};
use subrosa_wire::object::ObjectId;
use subrosa_wire::team::{Team, Vault};

use crate::alarm::{Evidence, push_hex};
use crate::api::{self, Ask};
use crate::device::{Device, Pin};
use crate::error::{Error, Result};
use crate::events::Heads;
use crate::following::{Followed, follow};
use crate::platform::{HttpResponse, Platform, Transport};
use crate::session::{MemberSession, Sign};

use super::TeamClient;
use super::push::Built;
use super::sharing::lacking;

impl<P: Platform> TeamClient<P> {
    /// Fetches, verifies and opens what is new; `true` if there was anything.
    ///
    /// # Errors
    /// [`Error`]; what is displayed stays as it was.
    pub async fn sync(&self) -> Result<bool> {
        let _advancing = self.advancing.lock().await;
        let people = self.team().people_seq();
        let advanced = self.advance().await?;
        if self.team().people_seq() != people {
            self.share_keys().await?;
        }
        Ok(advanced)
    }

    /// The team's log as a trail, for whoever verifies it without keys (docs/format.md, 'The trail'). It
    /// contains what is known here.
    ///
    /// # Errors
    /// Whatever reading and verifying the log meet.
    pub async fn trail(&self) -> Result<String> {
        let (id, head) = self.place();
        let mut trail = format!("subrosa-trail:1:{id}\n");
        let seen = |entry: &SignedEntry, _| {
            push_hex(&mut trail, &encode(entry));
            trail.push('\n');
        };
        let sign = |it: &[u8]| self.keyset.sign(it);
        load_log(&self.platform, &self.session, &sign, id, &[head], seen).await.map_err(out)?;
        Ok(trail)
    }

    /// News of the log, from what is known on.
    ///
    /// # Errors
    /// [`Error::Unreachable`] and refusals.
    pub async fn heads(&self) -> Result<Heads<<P as Transport>::Chunks>> {
        let (team, head) = self.place();
        let chunks = self
            .session
            .call(&self.platform, &|it| self.keyset.sign(it), async |token| {
                api::events(&self.platform, token, team, head.seq).await
            })
            .await
            .map_err(out)?;
        Ok(Heads::new(chunks))
    }

    /// Whether `told` is news.
    ///
    /// # Errors
    /// [`Error::Rollback`] if it contradicts what was verified.
    pub async fn is_news(&self, told: Head) -> Result<bool> {
        let (_, head) = self.place();
        if told.seq <= head.seq && !self.state.borrow().has(told) {
            return Err(self.caught(Evidence::other(head, told, None, self.platform.now())).await);
        }
        Ok(told.seq > head.seq)
    }

    /// Sends a request in the session, for a reply of any status.
    pub(super) async fn send(&self, ask: &Ask) -> Result<HttpResponse> {
        self.session.send(&self.platform, &|it| self.keyset.sign(it), ask).await
    }

    pub(super) async fn advance(&self) -> Result<bool> {
        self.advance_with(None).await
    }

    /// Advances; where one's own entry got in, with the keys that it was made with.
    pub(super) async fn advance_with(&self, made: Option<&Built>) -> Result<bool> {
        let advanced = self.try_to_advance(made).await;
        if matches!(advanced, Err(Error::BadLog(_))) {
            self.caught.set(true);
        }
        advanced
    }

    async fn try_to_advance(&self, made: Option<&Built>) -> Result<bool> {
        let mut advanced = false;
        let waited = self.waiting_for().len();
        loop {
            let before = self.place().1;
            let mut team = self.state.borrow().team.clone();
            let new = self.read_log(&mut team).await?;
            self.state.borrow_mut().synced_at = self.platform.now();
            (self.on_reach.borrow())(true);
            if team.head() == before && !self.has_stale_vaults(&team) {
                return Ok(advanced);
            }
            self.pin(&team, &new).await?;
            if let Some(made) = made.filter(|made| new.contains(&made.hash())) {
                self.state.borrow_mut().keyring.add(&made.keys);
            }
            advanced |= !new.is_empty();
            self.adopt(team, new).await?;
            advanced |= self.waiting_for().len() != waited;
            // What does not open may have been replaced since the log was read, and its key retired:
            // then there is more to read.
            if self.damaged().is_empty() {
                return Ok(advanced);
            }
        }
    }

    /// Verifies what is in the log beyond `team`, and yields the hashes of that.
    async fn read_log(&self, team: &mut Team) -> Result<Vec<Hash>> {
        let mut new = Vec::new();
        loop {
            let (id, after) = (team.id(), Some(team.head().seq));
            let page = api::reply(&self.send(&api::log(id, after)).await?);
            let page: LogPage = page.map_err(out)?;
            match follow(team, &page, &mut new) {
                Followed::More => {}
                Followed::Whole => return is_new_enough(team).map(|()| new),
                Followed::Short => return Err(self.ends_at(page.last, &new).await),
                Followed::Strays(at) => {
                    let rest = page.entries.get(at..).unwrap_or_default();
                    return Err(self.strays(rest, team, &new).await);
                }
                Followed::Breaks(reject) => return Err(reject.into()),
                Followed::Empty => return Err(Error::BadReply),
            }
        }
    }

    /// Pins `team`, which is `new` further than what is displayed. Another tab may have pinned
    /// meanwhile, or somebody else have seen more: that must be on this log too.
    pub(super) async fn pin(&self, team: &Team, new: &[Hash]) -> Result<()> {
        // Who has opened it by the root key alone has no record of its own.
        let Ok(keys) = self.account_keys() else { return Ok(()) };
        self.judge_ahead(team.head(), new).await?;
        let pin = Pin { team: team.id(), head: team.head() };
        let log = [&self.state.borrow().log[..], new].concat();
        let generation = self.generation.get();
        let raised = Device::raise(&self.platform, keys.locator(), generation, pin, &log).await?;
        match raised {
            None => Ok(()),
            Some(known) => {
                let now = self.platform.now();
                Err(self.caught(Evidence::other(pin.head, known, None, now)).await)
            }
        }
    }

    /// Whether a vault is not open at its current tree, because fetching it failed before.
    pub(super) fn has_stale_vaults(&self, team: &Team) -> bool {
        let state = self.state.borrow();
        team.vaults().any(|(id, vault)| {
            team.role_in(id, self.me).is_some()
                && !state.damaged.contains(&id)
                && vault.tree.is_some()
                && state.contents.vault(id).and_then(OpenVault::tree) != vault.tree
        })
    }

    /// Opens what changed between the displayed state and `team`, which is `new` further, then
    /// displays `team`.
    pub(super) async fn adopt(&self, team: Team, new: Vec<Hash>) -> Result<()> {
        let mine: Vec<(VaultId, Vault)> = team
            .vaults()
            .filter(|(id, _)| team.role_in(*id, self.me).is_some())
            .map(|(id, vault)| (id, vault.clone()))
            .collect();
        self.fetch_keys(&team, &mine).await?;
        let mut opened = Vec::new();
        let mut damaged = Vec::new();
        for (id, vault) in &mine {
            let Some(state) = TreeState::newest(vault) else { continue };
            // Its key may come yet: until then nothing is wrong with it.
            if self.state.borrow().keyring.get(*id, vault.key_version()).is_none() {
                continue;
            }
            let shown = self.state.borrow().contents.vault(*id).and_then(OpenVault::tree);
            if shown == Some(state.tree) {
                continue;
            }
            match self.open_vault(team.id(), *id, state).await {
                Ok(vault) => opened.push(vault),
                Err(Error::Damaged | Error::NoKey) => {
                    // What needs a key that may come yet is not damaged.
                    let lacking = lacking(&team, &self.state.borrow().keyring, self.me);
                    if lacking.iter().all(|key| key.vault != *id) {
                        damaged.push(*id);
                    }
                }
                Err(other) => return Err(other),
            }
        }
        let mut state = self.state.borrow_mut();
        opened.into_iter().for_each(|vault| state.contents.insert(vault));
        state.damaged = damaged;
        state.team = team;
        state.log.extend(new);
        state.settle(self.me);
        Ok(())
    }

    pub(super) async fn open_vault(
        &self,
        team: TeamId,
        id: VaultId,
        tree: TreeState<'_>,
    ) -> Result<OpenVault> {
        let places = VaultPlaces { team, vault: id };
        let mut objects = Objects::default();
        self.fetch(id, &[tree.tree], &mut objects).await?;
        let missing = {
            let state = self.state.borrow();
            let before = state.contents.vault(id);
            OpenVault::missing_pages(places, tree, &state.keyring, &objects, before)
                .map_err(|_| Error::Damaged)?
        };
        self.fetch(id, &missing, &mut objects).await?;
        let state = self.state.borrow();
        let before = state.contents.vault(id);
        OpenVault::open(places, tree, &state.keyring, &objects, before).map_err(|_| Error::Damaged)
    }

    /// Gets the keys that are in use: by wraps, and what nobody wrapped by the next key's backlink.
    pub(super) async fn fetch_keys(&self, team: &Team, mine: &[(VaultId, Vault)]) -> Result<()> {
        let lacking = {
            let state = self.state.borrow();
            mine.iter().any(|(id, vault)| {
                vault.in_use().any(|version| state.keyring.get(*id, version).is_none())
            })
        };
        if !lacking {
            return Ok(());
        }
        let wraps: Wraps = api::reply(&self.send(&api::wraps(team.id())).await?)?;
        for wrap in wraps.wraps.iter().filter(|wrap| wrap.recipient == self.me) {
            let Some(vault) = team.vault(wrap.vault) else { continue };
            let Some(key) = vault.key(wrap.version) else { continue };
            let mut state = self.state.borrow_mut();
            let known = state.keyring.get(wrap.vault, wrap.version).is_some();
            if known || wrap.version <= vault.retired() {
                continue;
            }
            // A garbage wrap is passed over: another holder may have left a good one. One to the keys
            // before is good too.
            let unwrap = |keys| VaultKey::unwrap(wrap, team.id(), keys, key.commitment).ok();
            let opened = unwrap(&self.keyset).or_else(|| unwrap(self.former.as_ref()?));
            if let Some(key) = opened {
                state.keyring.insert(wrap.vault, wrap.version, key);
            }
        }
        for (id, vault) in mine {
            for version in (vault.retired() + 1..vault.key_version()).rev() {
                self.follow_backlink(team.id(), *id, vault, version).await?;
            }
        }
        Ok(())
    }

    /// Gets key `version` by the backlink of the one after it, if that is how it can be had.
    async fn follow_backlink(
        &self,
        team: TeamId,
        id: VaultId,
        vault: &Vault,
        version: KeyVersion,
    ) -> Result<()> {
        let name = KeyName { team, vault: id, version: version + 1 };
        let after = {
            let state = self.state.borrow();
            let known = state.keyring.get(id, version).is_some();
            state.keyring.get(id, name.version).filter(|_| !known).cloned()
        };
        let link = vault.key(name.version).and_then(|key| key.backlink);
        let (Some(after), Some(link), Some(key)) = (after, link, vault.key(version)) else {
            return Ok(());
        };
        let mut objects = Objects::default();
        self.fetch(id, &[link], &mut objects).await?;
        let sealed = objects.get(link).map(<[u8]>::to_vec).unwrap_or_default();
        // One that does not open is damage: what needs this key says so.
        if let Ok(key) = after.before(name, sealed, key.commitment) {
            self.state.borrow_mut().keyring.insert(id, version, key);
        }
        Ok(())
    }

    /// Fetches objects of a vault. What the server does not have is known to be missing afterwards.
    pub(super) async fn fetch(
        &self,
        vault: VaultId,
        ids: &[ObjectId],
        objects: &mut Objects,
    ) -> Result<()> {
        for asked in ids.chunks(MAX_FETCH) {
            let mut left = asked.to_vec();
            while !left.is_empty() {
                self.fetch_once(vault, &left, objects).await?;
                left.retain(|id| !objects.is_known(*id));
            }
        }
        Ok(())
    }

    /// Fetches of some objects what fits into one reply: at least one more is known afterwards.
    pub(super) async fn fetch_once(
        &self,
        vault: VaultId,
        ids: &[ObjectId],
        objects: &mut Objects,
    ) -> Result<()> {
        let (team, _) = self.place();
        let fetch = FetchObjects { vault, ids: ids.to_vec() };
        let reply = self.send(&api::objects(team, &fetch)).await?;
        let reply: subrosa_wire::api::Objects = api::reply(&reply)?;
        let before = objects.bytes();
        // Nothing is kept that was not asked for.
        objects.take(reply.objects.into_iter().map(Vec::from), ids);
        if !reply.more || objects.bytes() == before {
            ids.iter().for_each(|id| objects.missing(*id));
        }
        Ok(())
    }
}

/// What members alone may ask is refused in the session of one who is none any more.
pub(super) fn out(error: Error) -> Error {
    match error {
        Error::Refused(Code::Forbidden) => Error::KeysReplaced,
        other => other,
    }
}

/// Whether the team takes this client.
fn is_new_enough(team: &Team) -> Result<()> {
    if team.minimum_client() <= CLIENT { Ok(()) } else { Err(Error::TooOld) }
}

/// Verifies a log from its genesis; it must contain all of `wanted`.
pub(crate) async fn load_log<P: Platform>(
    platform: &P,
    session: &MemberSession,
    sign: Sign<'_>,
    id: TeamId,
    wanted: &[Head],
    mut seen: impl FnMut(&SignedEntry, Hash),
) -> Result<Team> {
    let mut team: Option<Team> = None;
    let mut contained = 0;
    loop {
        let after = team.as_ref().map(|team| team.head().seq);
        let page = session.send(platform, sign, &api::log(id, after)).await?;
        let page: LogPage = api::reply(&page)?;
        for entry in &page.entries {
            match &mut team {
                None => {
                    let founded = Team::found(entry)?;
                    if founded.id() != id {
                        return Err(Error::Rollback);
                    }
                    team = Some(founded);
                }
                Some(team) => {
                    team.extend(entry)?;
                }
            }
            let head = team.as_ref().map(Team::head);
            contained += wanted.iter().filter(|wanted| Some(**wanted) == head).count();
            head.into_iter().for_each(|head| seen(entry, head.hash));
        }
        match team {
            Some(team) if team.head().seq >= page.last => {
                is_new_enough(&team)?;
                let whole = contained == wanted.len();
                return if whole { Ok(team) } else { Err(Error::Rollback) };
            }
            _ if page.entries.is_empty() => return Err(Error::BadReply),
            _ => {}
        }
    }
}
