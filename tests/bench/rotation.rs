//! A vault of many secrets sealed again under its next key, by a real client through a real server,
//! and many ciphertexts of a named key brought to its next version: against AES-256-GCM alone.
//!
//! The bound is as the module's benchmark has it: AES-256-GCM over the same padded length with a fresh
//! key each, opened and sealed once, and nothing else. Names of objects, keys derived for each of them,
//! pages, CBOR and HTTP are ours.
//!
//! What is promised of these two ratios is promised of the client in a browser, and held there
//! (`rotation.mjs`). Natively they have no bound: by AES-NI and VAES a secret is opened and sealed in
//! about 1 µs, which is less than what derives its keys and names its objects; and where the client is
//! as fast as that, the whole waits for the server's disk. That the cost is linear is held here too.

use std::hint::black_box;
use std::time::{Duration, Instant};

use aes_gcm::aead::{Aead, Payload};
use aes_gcm::{Aes256Gcm, KeyInit};
use rand_chacha::ChaCha20Rng;
use rand_core::{Rng, SeedableRng};
use subrosa_client::native::{Memory, Native};
use subrosa_client::{Change, Founding, Part, TeamClient, Unlocked};
use subrosa_core::manifest::{Level, Subject};
use subrosa_core::named_key::{KeyVersions, NamedKey, NamedKeyId, Rewrapped, ToRewrap};
use subrosa_core::secret_value::SecretValue;
use subrosa_core::vault::{Earlier, Edit, NewContent};
use subrosa_tests::{PASSWORD, story};
use subrosa_wire::id::{Hash, ProjectId, SecretId, TeamId, VaultId};

use crate::http::server;
use crate::team::key;
use crate::{Bound, ratio, report};

const SIZES: [usize; 3] = [1_000, 10_000, 100_000];
/// How often a vault of each size is sealed again. The largest takes minutes to fill: with `--full`.
const ROUNDS: [usize; 3] = [9, 9, 1];
const VALUE: usize = 32;
/// What [`VALUE`] bytes are padded to.
const PADDED: usize = 256;
/// How many secrets are created in one change.
const AT_ONCE: usize = 4_000;
const CIPHERTEXTS: usize = 10_000;
const CIPHERTEXT: usize = 64;

pub fn measure() {
    rewrap();
    let data = tempfile::tempdir().expect("a folder");
    // On threads of its own: what the client's thread does is the client's.
    let servers = tokio::runtime::Runtime::new().expect("a runtime");
    let running = servers.block_on(server(data.path()));
    let token = running.setup_token().expect("a setup token");
    story(async {
        let platform = Native::new(running.origin(), Memory::default());
        let founding = Founding::prepare(&platform, &token, "Team", "Ada", PASSWORD);
        let founding = founding.expect("it can be founded");
        let client = founding.finish(platform).await.and_then(Unlocked::team).expect("a team");
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        let mut plain = Plain::of(SIZES[1], PADDED, &mut rng);
        let mut first = None;
        for (size, rounds) in SIZES.into_iter().zip(ROUNDS) {
            if size > SIZES[1] && !crate::is_full() {
                break;
            }
            let vault = filled(&client, size, &mut rng).await;
            let mut costs: Vec<Cost> = Vec::new();
            for _ in 0..rounds {
                let (cpu, wall) = sealed_again(&client, vault).await;
                let before = self::cpu();
                plain.reseal(&mut rng);
                costs.push(Cost { cpu, wall, bound: self::cpu() - before });
            }
            // The processor's pace changes between rounds more than within one.
            let median = |figure: fn(&Cost) -> f64| median(costs.iter().map(figure));
            if size == SIZES[1] {
                let what = "seal 10,000 secrets again: CPU / AES-256-GCM";
                report(what, median(|it| seconds(it.cpu) / seconds(it.bound)), Bound::None);
                let what = "the same: time, with the server's / the client's CPU";
                report(what, median(|it| seconds(it.wall) / seconds(it.cpu)), Bound::None);
            }
            let each = median(|it| seconds(it.cpu) / seconds(it.bound)) / size as f64;
            let first = *first.get_or_insert(each);
            if size != SIZES[0] {
                let what = format!("CPU for each of {size} secrets / of {}", SIZES[0]);
                report(&what, each / first, Bound::AtMost(1.5));
            }
        }
    });
}

/// What sealing a vault again cost, and AES-256-GCM over as much as the second largest has.
struct Cost {
    cpu: Duration,
    wall: Duration,
    bound: Duration,
}

/// A vault with so many secrets.
async fn filled(client: &TeamClient<Native>, secrets: usize, rng: &mut ChaCha20Rng) -> VaultId {
    let mut random = || {
        let mut bytes = [0; 16];
        rng.fill_bytes(&mut bytes);
        bytes
    };
    let vault = VaultId::from_random(random());
    let subject = Subject::Project { id: ProjectId::from_random(random()), name: "p".into() };
    let parts = vec![Part::CreateVault { vault, parent: None, subject }];
    client.change(&Change { note: String::new(), parts }).await.expect("a vault");
    // A change of many pages is long: each is of ids that are close to each other, in no order.
    let mut ids: Vec<[u8; 16]> = (0..secrets).map(|_| random()).collect();
    ids.sort();
    for some in ids.chunks_mut(AT_ONCE) {
        some.sort_by_key(|id| id[8..].to_vec());
    }
    let creates: Vec<Edit> = ids
        .into_iter()
        .enumerate()
        .map(|(number, id)| Edit::Create {
            id: SecretId::from_random(id),
            level: Level::Own,
            key: key(number),
            content: NewContent::Value(SecretValue::new(vec![1; VALUE])),
            note: String::new(),
        })
        .collect();
    for some in creates.chunks(AT_ONCE) {
        client.change(&Change::edits(vault, some.to_vec())).await.expect("secrets");
    }
    vault
}

/// All of a vault under its next key: the client's CPU for sealing it again, and how long it took.
async fn sealed_again(client: &TeamClient<Native>, vault: VaultId) -> (Duration, Duration) {
    client.rekey(&[vault]).await.expect("another key");
    let (start, before) = (Instant::now(), cpu());
    let whole = client.reencrypt(vault, Earlier::Reencrypt, &[], &|_| true).await;
    let cost = (cpu() - before, start.elapsed());
    assert!(whole.expect("it is sealed again"), "nobody paused it");
    // Which it is only if nothing needs the old key.
    client.retire(vault).await.expect("the old key is retired");
    cost
}

/// Processor time of this thread, by the scheduler's count: it is brought up to date where the thread
/// gives way.
pub fn cpu() -> Duration {
    std::thread::yield_now();
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat").expect("Linux");
    let nanoseconds = stat.split_whitespace().next().and_then(|it| it.parse().ok());
    Duration::from_nanos(nanoseconds.expect("a number"))
}

fn rewrap() {
    let mut rng = ChaCha20Rng::seed_from_u64(2);
    let versions = KeyVersions::first(1, 0, &mut rng).rotated(1, 0, &mut rng).expect("two");
    let id = NamedKeyId {
        team: TeamId(Hash([1; 32])),
        vault: VaultId::from_random([2; 16]),
        key: SecretId::from_random([3; 16]),
    };
    let key = NamedKey { id, versions: &versions, decrypt_from: 1, encrypt_if_made_under: 1 };
    let old: Vec<String> = (0..CIPHERTEXTS)
        .map(|_| key.encrypt(&[1; CIPHERTEXT], b"users/4711", Some(1), &mut rng).expect("encrypts"))
        .collect();
    let items: Vec<ToRewrap> =
        old.iter().map(|it| ToRewrap { ciphertext: it, context: b"users/4711" }).collect();
    let mut plain = Plain::of(CIPHERTEXTS, CIPHERTEXT, &mut rng);
    let mut more = ChaCha20Rng::seed_from_u64(3);
    let ours = || {
        let all = key.rewrap_all(&items, None, &mut rng);
        assert!(all.iter().all(|it| matches!(it, Ok(Rewrapped::New(_)))));
        black_box(all);
    };
    let what = "rewrap 10,000 ciphertexts of 64 bytes / AES-256-GCM";
    report(what, ratio(ours, || plain.reseal(&mut more)), Bound::None);
}

/// The bound.
struct Plain(Vec<([u8; 32], [u8; 12], Vec<u8>)>);

impl Plain {
    fn of(count: usize, bytes: usize, rng: &mut ChaCha20Rng) -> Self {
        Plain((0..count).map(|_| Plain::seal(&vec![1; bytes], rng)).collect())
    }

    fn seal(msg: &[u8], rng: &mut ChaCha20Rng) -> ([u8; 32], [u8; 12], Vec<u8>) {
        let (mut key, mut nonce) = ([0; 32], [0; 12]);
        rng.fill_bytes(&mut key);
        rng.fill_bytes(&mut nonce);
        let cipher = Aes256Gcm::new((&key).into());
        let sealed = cipher.encrypt((&nonce).into(), Payload { msg, aad: &[] }).expect("seals");
        (key, nonce, sealed)
    }

    fn reseal(&mut self, rng: &mut ChaCha20Rng) {
        for (key, nonce, sealed) in &self.0 {
            let payload = Payload { msg: sealed, aad: &[] };
            let opened = Aes256Gcm::new(key.into()).decrypt(nonce.into(), payload).expect("opens");
            black_box(Plain::seal(&opened, rng));
        }
    }
}

pub fn median(figures: impl Iterator<Item = f64>) -> f64 {
    let mut figures: Vec<f64> = figures.collect();
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}

pub fn seconds(time: Duration) -> f64 {
    time.as_secs_f64()
}
