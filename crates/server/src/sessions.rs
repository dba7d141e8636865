//! Challenges and sessions: in memory only, bounded, gone with the process.

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use subrosa_wire::api::{Code, MAX_FETCH, Principal, SessionNote};
use subrosa_wire::id::Hash;
use subrosa_wire::keyset::SigningPublic;
use tokio::sync::watch;

use crate::caller;

/// How long a challenge is good for.
const CHALLENGE: Duration = Duration::from_secs(60);
/// The most open challenges, and the most sessions. Beyond, the oldest goes.
const MOST: usize = 100_000;

/// All open challenges and sessions.
pub struct Sessions {
    lifetime: Duration,
    open: Mutex<Open>,
}

#[derive(Default)]
struct Open {
    challenges: Expiring<[u8; 32], ()>,
    /// By the hash of the token: the map alone signs nobody in.
    sessions: Expiring<Hash, Session>,
}

/// A session. What it may do is decided at each request from the current state.
pub struct Session {
    /// Whose.
    pub principal: Principal,
    /// The key that it was opened with: it ends when this is the principal's key no more.
    pub key: SigningPublic,
    /// When it was opened, and when it was last used, in milliseconds since 1970.
    opened: u64,
    used: AtomicU64,
    /// What the client calls itself.
    agent: String,
    /// Dropped with the session, which ends its event streams.
    alive: Option<watch::Sender<()>>,
}

/// A session as a request sees it.
#[derive(Clone)]
pub struct Present {
    /// The hash of its token.
    pub token: Hash,
    /// Whose.
    pub principal: Principal,
    /// The key that it was opened with.
    pub key: SigningPublic,
    /// When it ends at the latest.
    pub expires: Instant,
    /// Fails once the session is over.
    pub alive: watch::Receiver<()>,
}

impl Sessions {
    /// No sessions yet; each will last `lifetime`.
    #[must_use]
    pub fn new(lifetime: Duration) -> Self {
        Sessions { lifetime, open: Mutex::default() }
    }

    /// How long a session lasts.
    #[must_use]
    pub fn lifetime(&self) -> Duration {
        self.lifetime
    }

    /// A fresh challenge.
    ///
    /// # Errors
    /// The system's, without randomness.
    pub fn challenge(&self, now: Instant) -> Result<[u8; 32], getrandom::Error> {
        let nonce = random()?;
        self.lock().challenges.insert(now, now + CHALLENGE, nonce, ());
        Ok(nonce)
    }

    /// Uses a challenge up. Whether it was good.
    pub fn redeem(&self, now: Instant, nonce: &[u8; 32]) -> bool {
        self.lock().challenges.remove(now, nonce).is_some()
    }

    /// Opens a session for whoever has proved to hold `key`. Yields the token.
    ///
    /// # Errors
    /// The system's, without randomness.
    pub fn open(
        &self,
        now: Instant,
        principal: Principal,
        key: SigningPublic,
        agent: String,
    ) -> Result<String, getrandom::Error> {
        let token = Hash(random()?).to_string();
        let opened = caller::now();
        let alive = Some(watch::Sender::new(()));
        let used = AtomicU64::new(opened);
        let session = Session { principal, key, opened, used, agent, alive };
        self.lock().sessions.insert(now, now + self.lifetime, hash_of(&token), session);
        Ok(token)
    }

    /// The session of a token.
    ///
    /// # Errors
    /// [`Code::SessionEnded`] if it was ended before its time, [`Code::Unauthorized`] without one.
    pub fn find(&self, now: Instant, token: &str) -> Result<Present, Code> {
        let (open, token) = (self.lock(), hash_of(token));
        let (expires, session) = open.sessions.get(now, &token).ok_or(Code::Unauthorized)?;
        let Session { principal, key, used, alive, .. } = session;
        let alive = alive.as_ref().ok_or(Code::SessionEnded)?.subscribe();
        used.store(caller::now(), Ordering::Relaxed);
        Ok(Present { token, principal: *principal, key: *key, expires, alive })
    }

    /// The sessions of whoever has this one, the last opened first.
    #[must_use]
    pub fn of(&self, now: Instant, own: &Present) -> Vec<SessionNote> {
        let open = self.lock();
        let newest = open.sessions.order.iter().rev().filter(|(expires, _)| *expires > now);
        let note = |(_, token): &(Instant, Hash)| {
            let (_, session) = open.sessions.get(now, token)?;
            let its = session.principal == own.principal && session.alive.is_some();
            its.then(|| SessionNote {
                id: name_of(token),
                opened: session.opened,
                used: session.used.load(Ordering::Relaxed),
                agent: session.agent.clone(),
                own: *token == own.token,
            })
        };
        newest.filter_map(note).take(MAX_FETCH).collect()
    }

    /// Ends sessions of whoever has this one, by name, and their event streams: who still holds the
    /// token of one is told so until it would have ended by itself.
    pub fn end(&self, own: &Present, names: &[Hash]) {
        for (token, (_, session)) in &mut self.lock().sessions.live {
            if session.principal == own.principal && names.contains(&name_of(token)) {
                session.alive = None;
            }
        }
    }

    /// How many requests and streams hold on to a session now.
    #[must_use]
    pub fn listeners(&self, token: &Hash) -> usize {
        let open = self.lock();
        let session = open.sessions.live.get(token).and_then(|(_, session)| session.alive.as_ref());
        session.map_or(0, watch::Sender::receiver_count)
    }

    /// Ends a session, and its event streams.
    pub fn close(&self, now: Instant, token: &Hash) {
        self.lock().sessions.remove(now, token);
    }

    /// The session that changed its account's key goes on with the new one; the others end.
    pub fn rekey(&self, token: &Hash, key: SigningPublic) {
        if let Some((_, session)) = self.lock().sessions.live.get_mut(token) {
            session.key = key;
        }
    }

    fn lock(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn hash_of(token: &str) -> Hash {
    Hash::of(token.as_bytes())
}

/// What a session is called where it is listed.
fn name_of(token: &Hash) -> Hash {
    Hash::of(&token.0)
}

/// 32 random bytes of the system's.
///
/// # Errors
/// The system's.
pub fn random() -> Result<[u8; 32], getrandom::Error> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes)?;
    Ok(bytes)
}

/// A bounded map whose entries expire in the order that they came in.
struct Expiring<K, V> {
    live: HashMap<K, (Instant, V)>,
    order: VecDeque<(Instant, K)>,
}

impl<K, V> Default for Expiring<K, V> {
    fn default() -> Self {
        Expiring { live: HashMap::new(), order: VecDeque::new() }
    }
}

impl<K: Eq + core::hash::Hash + Copy, V> Expiring<K, V> {
    fn insert(&mut self, now: Instant, expires: Instant, key: K, value: V) {
        while let Some((at, oldest)) = self.order.front().copied() {
            if at > now && self.order.len() < MOST {
                break;
            }
            self.order.pop_front();
            self.live.remove(&oldest);
        }
        self.order.push_back((expires, key));
        self.live.insert(key, (expires, value));
    }

    fn get(&self, now: Instant, key: &K) -> Option<(Instant, &V)> {
        let (expires, value) = self.live.get(key)?;
        (*expires > now).then_some((*expires, value))
    }

    fn remove(&mut self, now: Instant, key: &K) -> Option<V> {
        let (expires, value) = self.live.remove(key)?;
        (expires > now).then_some(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: SigningPublic = SigningPublic([7; 32]);
    const WHO: Principal = Principal::Account(Hash([1; 32]));

    #[test]
    fn a_challenge_is_good_once_and_for_a_minute() {
        let (sessions, now) = (Sessions::new(Duration::from_secs(900)), Instant::now());
        let nonce = sessions.challenge(now).unwrap();
        assert!(sessions.redeem(now, &nonce));
        assert!(!sessions.redeem(now, &nonce));
        let nonce = sessions.challenge(now).unwrap();
        assert!(!sessions.redeem(now + CHALLENGE, &nonce));
        assert!(!sessions.redeem(now, &[0; 32]));
    }

    #[test]
    fn a_session_ends_in_time_or_when_closed() {
        let (sessions, now) = (Sessions::new(Duration::from_secs(900)), Instant::now());
        let token = sessions.open(now, WHO, KEY, String::new()).unwrap();
        let mut present = sessions.find(now, &token).unwrap();
        assert!(sessions.find(now + Duration::from_secs(899), &token).is_ok());
        let late = sessions.find(now + Duration::from_secs(900), &token);
        assert_eq!(late.err(), Some(Code::Unauthorized));
        assert!(sessions.find(now, "another").is_err());
        sessions.close(now, &present.token);
        assert_eq!(sessions.find(now, &token).err(), Some(Code::Unauthorized));
        assert!(present.alive.has_changed().is_err(), "its streams end");
        present.alive.mark_unchanged();
    }

    #[test]
    fn whoever_has_several_sessions_ends_others_and_nobody_elses() {
        let (sessions, now) = (Sessions::new(Duration::from_secs(900)), Instant::now());
        let open = |who, agent: &str| sessions.open(now, who, KEY, agent.into()).unwrap();
        let other = Principal::Account(Hash([2; 32]));
        let [first, second] = ["one", "two"].map(|agent| open(WHO, agent));
        let theirs = open(other, "three");
        let mine = sessions.find(now, &second).unwrap();
        let listed = sessions.of(now, &mine);
        let seen: Vec<_> = listed.iter().map(|it| (it.agent.as_str(), it.own)).collect();
        assert_eq!(seen, [("two", true), ("one", false)]);
        let stream = sessions.find(now, &first).unwrap().alive;
        let foreign = sessions.of(now, &sessions.find(now, &theirs).unwrap())[0].id;
        sessions.end(&mine, &[listed[1].id, foreign]);
        assert!(stream.has_changed().is_err(), "its streams end");
        assert_eq!(sessions.find(now, &first).err(), Some(Code::SessionEnded));
        assert!(sessions.find(now, &theirs).is_ok() && sessions.find(now, &second).is_ok());
        assert_eq!(sessions.of(now, &mine).len(), 1);
        let later = now + Duration::from_secs(900);
        assert_eq!(sessions.find(later, &first).err(), Some(Code::Unauthorized), "it is over");
    }

    #[test]
    fn the_oldest_gives_way() {
        let now = Instant::now();
        let mut map = Expiring::default();
        for key in 0..=MOST {
            map.insert(now, now + CHALLENGE, key, ());
        }
        assert_eq!((map.live.len(), map.order.len()), (MOST, MOST));
        assert!(map.get(now, &0).is_none());
        map.insert(now + CHALLENGE, now + 2 * CHALLENGE, 0, ());
        assert_eq!(map.live.len(), 1, "expired ones are swept");
    }
}
