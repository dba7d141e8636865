//! Stage, sign, keep, post: how a change gets in, and what becomes of one that was cut off.

use subrosa_core::scope::judge;
use subrosa_core::vault::{Keyring, OpenVault, Stamp};
use subrosa_wire::api::{Code, MAX_BODY, Push};
use subrosa_wire::encoding::encode;
use subrosa_wire::id::{Hash, SecretId};
use subrosa_wire::log::{Entry, Head, MAX_OPS, SignedEntry};
use subrosa_wire::team::VaultRole;

use crate::api::{self, PushReply};
use crate::candidate;
use crate::change::{Change, Changed, Part};
use crate::error::{Error, Result};
use crate::founding::new_vault;
use crate::platform::Platform;

use super::gather::Gathered;
use super::making::Making;
use super::people::grant_in;
use super::root_key::rotate_keys_in;
use super::rotation::{rekey_in, retire_in};
use super::{Settled, State, TeamClient};

/// The longest pause between two tries, in milliseconds.
const MAX_PAUSE: u32 = 15_000;
/// How often a lost race is run again before the user is told that others keep writing. Each time
/// the log has grown by entries that members signed, so it is not the server's fault.
const MAX_RACES: u32 = 100;

/// A signed entry with all that it brings, and the state that it makes.
pub(super) struct Built {
    pub(super) push: Push,
    /// The push as it is sent and kept.
    body: Vec<u8>,
    pub(super) vaults: Vec<OpenVault>,
    pub(super) keys: Keyring,
    pub(super) reencrypted: usize,
    pub(super) stuck: Vec<SecretId>,
    /// Under which it is kept on the device.
    kept: Option<Hash>,
}

impl Built {
    pub(super) fn hash(&self) -> Hash {
        self.push.entry.hash()
    }

    fn changed(self, head: Head) -> Changed {
        Changed { head, reencrypted: self.reencrypted, stuck: self.stuck }
    }
}

impl<P: Platform> TeamClient<P> {
    /// Makes a change: one entry, whatever it touches. While the server cannot be reached this
    /// waits and tries again with the same entry; dropping the future leaves the entry on the
    /// device, to be settled at the next unlock.
    ///
    /// # Errors
    /// [`Error::Conflict`] and other things that the user must decide; nothing was changed then.
    pub async fn change(&self, change: &Change) -> Result<Changed> {
        let _advancing = self.advancing.lock().await;
        let mut built = None;
        let mut gathered = Gathered::default();
        let (mut races, mut pause) = (0, 250);
        loop {
            let posted = self.attempt(change, &mut gathered, &mut built).await;
            let unclear = match (posted, &built) {
                (Ok(PushReply::Pushed(pushed)), Some(made)) if pushed.head.hash == made.hash() => {
                    (self.on_reach.borrow())(true);
                    let Some(built) = built.take() else { return Err(Error::BadReply) };
                    return self.acknowledged(built).await;
                }
                (Ok(PushReply::Lost), Some(made)) => {
                    // An entry that got in is not signed a second time, whatever the server says;
                    // nor is another signed for the same place.
                    let (_, before) = self.place();
                    match self.look_for(made).await {
                        Ok(Some(head)) => return changed(built, head),
                        Ok(None) if self.place().1 == before => return Err(Error::BadReply),
                        Ok(None) => {
                            self.release(made).await?;
                            built = None;
                            races += 1;
                            gathered.lost();
                            if races > MAX_RACES {
                                return Err(Error::Refused(Code::Unavailable));
                            }
                        }
                        Err(Error::Unreachable(_)) => {}
                        Err(other) => return Err(other),
                    }
                    let spread = 10 * races.min(20);
                    self.platform.pause(self.jitter(spread)).await;
                    continue;
                }
                (Ok(PushReply::Later(seconds)), _) => {
                    self.platform.pause(seconds.clamp(1, 60) * 1000).await;
                    continue;
                }
                (Err(Error::Unreachable(_)), _) => {
                    (self.on_reach.borrow())(false);
                    self.platform.pause(pause / 2 + self.jitter(pause / 2)).await;
                    pause = (pause * 2).min(MAX_PAUSE);
                    continue;
                }
                (Err(error), _) => error,
                (Ok(_), _) => Error::BadReply,
            };
            // Refused, or without a sensible answer: it may have got in all the same.
            if let Some(made) = &built {
                match self.look_for(made).await {
                    Ok(Some(head)) => return changed(built, head),
                    Ok(None) => self.release(made).await?,
                    // It stays on the device, to be settled at the next unlock.
                    Err(Error::Unreachable(_) | Error::Refused(_)) => return Err(unclear),
                    Err(other) => return Err(other),
                }
            }
            return Err(unclear);
        }
    }

    /// Advances, and looks whether an entry of one's own is in the log: where the log then ends.
    pub(super) async fn look_for(&self, made: &Built) -> Result<Option<Head>> {
        let hash = made.hash();
        let seq = made.push.entry.claim(|entry| entry.seq).map_err(|_| Error::BadReply)?;
        self.advance_with(Some(made)).await?;
        let found = self.state.borrow().has(Head { seq, hash });
        if !found {
            return Ok(None);
        }
        self.release(made).await?;
        Ok(Some(Head { seq, hash }))
    }

    /// Keeps an entry on the device no longer: it is in the log, or will never be.
    async fn release(&self, made: &Built) -> Result<()> {
        match made.kept {
            Some(name) => candidate::drop(&self.platform, name).await,
            None => Ok(()),
        }
    }

    pub(super) async fn attempt(
        &self,
        change: &Change,
        gathered: &mut Gathered,
        built: &mut Option<Built>,
    ) -> Result<PushReply> {
        self.may_give()?;
        let (team, _) = self.place();
        if built.is_none() {
            let made = self.build(change, gathered).await?;
            let body = encode(&made.push);
            if body.len() > MAX_BODY {
                return Err(Error::TooLarge);
            }
            // A machine keeps nothing: whatever runs on it makes the change again.
            let kept = match self.account.as_ref().filter(|_| change.is_kept()) {
                Some(account) => {
                    let device = &account.device;
                    candidate::keep(&self.platform, device, team, &made.push, &body).await?
                }
                None => None,
            };
            *built = Some(Built { kept, body, ..made });
        }
        let Some(built) = built else { return Err(Error::BadReply) };
        api::pushed(&self.send(&api::push(team, built.body.clone())).await?)
    }

    /// Applies a change to the state as it is now, with fresh keys and salts, and signs it.
    pub(super) async fn build(&self, change: &Change, gathered: &mut Gathered) -> Result<Built> {
        let mut units = Vec::new();
        for part in &change.parts {
            units.push(self.gather(part, gathered).await?);
        }
        let state = self.state.borrow();
        self.check(&state, change)?;
        let head = state.team.head();
        let stamp = Stamp { author: self.me, seq: head.seq + 1, time: self.platform.now() };
        let mut rng = self.platform.rng();
        let mut making = Making::at(stamp.time);
        for (part, units) in change.parts.iter().zip(units) {
            match part {
                Part::CreateVault { vault, parent, subject } => {
                    let subject = subject.clone();
                    let team = &state.team;
                    new_vault(&mut making, team, *vault, *parent, subject, stamp, &mut rng)?;
                }
                Part::Edit { vault: id, edits } => {
                    let (vault, key_version) = state.newest(*id)?;
                    let staged = vault.stage(
                        edits,
                        &change.note,
                        key_version,
                        stamp,
                        &state.keyring,
                        &gathered.objects,
                        &mut rng,
                    )?;
                    making.commit(*id, staged);
                }
                Part::Rekey { vault, after } => {
                    rekey_in(&mut making, &state, *vault, *after, &mut rng)?;
                }
                Part::Reencrypt { vault: id, earlier, .. } => {
                    let (vault, key_version) = state.newest(*id)?;
                    let done = vault.reencrypt(
                        &units,
                        *earlier,
                        &change.note,
                        key_version,
                        stamp,
                        &state.keyring,
                        &gathered.objects,
                        &mut rng,
                    )?;
                    making.reencrypted += done.reencrypted;
                    making.stuck.extend(done.stuck);
                    if done.staged.objects.len() > 1 {
                        making.commit(*id, done.staged);
                    }
                }
                Part::RotateKeys(new) => rotate_keys_in(&mut making, &state, new)?,
                Part::People(wish) => {
                    grant_in(&mut making, &state, wish, stamp.time, &mut rng)?;
                }
                Part::Retire { vault } => {
                    retire_in(&mut making, &state, *vault, gathered, stamp, &mut rng)?;
                }
            }
        }
        making.rekey_lost(&state, &mut rng)?;
        let Making { ops, wraps, uploads, keys, vaults, reencrypted, stuck, judged, .. } = making;
        if ops.len() > MAX_OPS {
            return Err(Error::TooLarge);
        }
        if ops.is_empty() {
            return Err(if stuck.is_empty() { Error::NothingToDo } else { Error::Stuck(stuck) });
        }
        let entry = Entry::after(state.team.id(), head, self.me, stamp.time, ops);
        let entry = SignedEntry::new(&entry, |bytes| self.keyset.sign(bytes));
        if judged {
            state.team.clone().extend(&entry).map_err(Error::NotAllowed)?;
        }
        let push = Push { entry, wraps, objects: uploads };
        Ok(Built { push, body: Vec::new(), vaults, keys, reencrypted, stuck, kept: None })
    }

    /// Whether a change still makes sense: by what its author saw, and by the rules of scopes.
    fn check(&self, state: &State, change: &Change) -> Result<()> {
        let mut all = Vec::new();
        for part in &change.parts {
            let Part::Edit { vault: id, edits } = part else { continue };
            state.contents.vault(*id).ok_or(Error::NotFound)?.no_conflicts(edits)?;
            all.extend(edits.iter().map(|edit| (*id, edit)));
        }
        let writer = |vault| state.team.role_in(vault, self.me) >= Some(VaultRole::Writer);
        Ok(judge(&state.contents, &all, &writer)?)
    }

    async fn acknowledged(&self, mut built: Built) -> Result<Changed> {
        let mut team = self.state.borrow().team.clone();
        team.extend(&built.push.entry)?;
        let head = team.head();
        self.pin(&team, &[head.hash]).await?;
        self.release(&built).await?;
        let mut state = self.state.borrow_mut();
        state.log.push(head.hash);
        state.keyring.add(&built.keys);
        for mut vault in built.vaults.drain(..) {
            if let Some(public) = team.vault(vault.id()) {
                vault.has_keys(&public.keys);
            }
            state.contents.insert(vault);
        }
        state.team = team;
        state.settle(self.me);
        state.synced_at = self.platform.now();
        Ok(built.changed(head))
    }

    /// An entry of an earlier run that is not in the log: posted again as it is, or given up.
    pub(super) async fn settle(&self, push: Push) -> Result<Settled> {
        let (team, head) = self.place();
        let place = push.entry.claim(|entry| (entry.seq, entry.prev));
        let follows = place.is_ok_and(|place| place == (head.seq + 1, Some(head.hash)));
        // Without objects it was kept only to be found again.
        if !follows || push.objects.is_empty() {
            return Ok(Settled::Lost);
        }
        let response = self.send(&api::push(team, encode(&push))).await;
        match response.and_then(|response| api::pushed(&response)) {
            // What counts is the entry, not the server's word that it is there.
            Ok(PushReply::Pushed(pushed)) if pushed.head.hash == push.entry.hash() => {
                let mut team = self.team().clone();
                if team.extend(&push.entry).is_err() {
                    return Ok(Settled::Lost);
                }
                let new = vec![pushed.head.hash];
                self.pin(&team, &new).await?;
                self.adopt(team, new).await?;
                Ok(Settled::Saved)
            }
            Ok(PushReply::Pushed(_)) => Err(Error::BadReply),
            Err(Error::Refused(code)) if code.is_of_the_server() => Ok(Settled::Waiting),
            Ok(PushReply::Lost) | Err(Error::Refused(_)) => Ok(Settled::Lost),
            Ok(PushReply::Later(_)) => Err(Error::Unreachable(crate::platform::Unreachable)),
            Err(other) => Err(other),
        }
    }
}

fn changed(built: Option<Built>, head: Head) -> Result<Changed> {
    built.map(|built| built.changed(head)).ok_or(Error::BadReply)
}
