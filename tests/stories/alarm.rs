//! Client rule 6: what raises an alarm and what does not, that it stays, and how it ends; and keys of
//! others that have changed. Each server here is one that lies, or that was set back.

use subrosa_bridge::alarm::{Alarm, ChangedKeys, Compared, Differs};
use subrosa_bridge::history::LogFilter;
use subrosa_bridge::people::{Access, Grant, Role};
use subrosa_bridge::root_key::RootKeySheet;
use subrosa_bridge::view::{Kit, Scope};
use subrosa_bridge::{Kind, Problem, Reply, Request};
use subrosa_client::{Compared as Place, Error, HttpRequest, HttpResponse, Method};
use subrosa_core::kit::read_checkpoint;
use subrosa_tests::device::{Device, fill};
use subrosa_tests::hostile::{Ground, Victim, reply};
use subrosa_tests::{PASSWORD, Person, Stage, hidden, retyped, story, text};
use subrosa_wire::api::LogPage;
use subrosa_wire::encoding::{decode_strict, encode};
use subrosa_wire::id::Hash;
use subrosa_wire::log::{Head, SignedEntry};

/// Two devices of a founder, who has one secret; nobody has forked yet.
async fn scene() -> (Ground, Victim, Victim, Kit, Scope) {
    let ground = Ground::new().await;
    let (victim, kit) = ground.founder().await;
    let scope = victim.environment().await;
    victim.set(&scope, "KEY", "value").await.unwrap();
    let laptop = ground.victim(7);
    laptop.recover(&kit).await.unwrap();
    (ground, victim, laptop, kit, scope)
}

/// The same, with another server on which the laptop has gone on, and the victim on the first.
async fn forked() -> (Ground, Ground, Victim, Victim, Kit, Scope) {
    let (mut ground, victim, laptop, kit, scope) = scene().await;
    let fork = ground.fork().await;
    victim.wire.dial(&ground);
    laptop.wire.dial(&fork);
    victim.set(&scope, "OURS", "1").await.unwrap();
    laptop.set(&scope, "THEIRS", "1").await.unwrap();
    laptop.set(&scope, "THEIRS_TOO", "2").await.unwrap();
    (ground, fork, victim, laptop, kit, scope)
}

fn listed(reply: Result<Reply, Problem>) -> Vec<Alarm> {
    match reply {
        Ok(Reply::Alarms(alarms)) => alarms,
        other => panic!("alarms: {other:?}"),
    }
}

/// The one alarm that stands.
async fn alarm(who: &Victim) -> Alarm {
    let mut alarms = who.alarms().await;
    assert_eq!(alarms.len(), 1);
    alarms.remove(0)
}

async fn compare(who: &Victim, checkpoint: &str) -> Result<Compared, Problem> {
    let checkpoint = checkpoint.to_owned();
    match who.ask(Request::CompareCheckpoint { checkpoint }).await? {
        Reply::Compared(compared) => Ok(compared),
        other => panic!("compared: {other:?}"),
    }
}

/// An entry of a trail.
fn entry(trail: &str, seq: u64) -> SignedEntry {
    let line = trail.lines().nth(usize::try_from(seq).unwrap() + 1).unwrap();
    let byte = |at: usize| u8::from_str_radix(&line[at..at + 2], 16).unwrap();
    let bytes: Vec<u8> = (0..line.len()).step_by(2).map(byte).collect();
    decode_strict(&bytes).unwrap()
}

fn act(alarm: &str) -> Request {
    Request::ActAllTheSame { alarm: alarm.into() }
}

/// A log of which this entry alone is shown.
fn shows(entry: SignedEntry) -> impl FnMut(&HttpRequest) -> Option<HttpResponse> {
    let page = encode(&LogPage { entries: vec![entry], last: 99 });
    move |request| asks_log(request).then(|| reply(200, page.clone()))
}

fn asks_log(request: &HttpRequest) -> bool {
    request.method == Method::Get && request.path.contains("/log")
}

/// Changes a page of the log.
fn alter(reply: &mut HttpResponse, change: impl FnOnce(&mut LogPage)) {
    if let Ok(mut page) = decode_strict::<LogPage>(&reply.body) {
        change(&mut page);
        reply.body = encode(&page);
    }
}

/// A log that ends with the entry `last`.
fn cut(last: u64) -> impl FnMut(&HttpRequest, &mut HttpResponse) {
    move |request, reply| {
        if asks_log(request) {
            alter(reply, |page| {
                page.last = page.last.min(last);
                page.entries.retain(|entry| entry.claim(|it| it.seq).unwrap() <= last);
            });
        }
    }
}

/// An evidence file, as docs/format.md has it.
struct File {
    team: String,
    differs: String,
    own: Head,
    shown: Head,
    entries: Vec<SignedEntry>,
}

fn read(file: &str) -> File {
    let mut lines = file.strip_suffix('\n').unwrap().split('\n');
    let mut line = |prefix: &str| lines.next().unwrap().strip_prefix(prefix).unwrap().to_owned();
    let team = line("subrosa-evidence:1:");
    let (differs, time) =
        line("").split_once(':').map(|(a, b)| (a.to_owned(), b.to_owned())).unwrap();
    assert!(time.parse::<u64>().is_ok());
    let own = read_checkpoint(&line("own:")).unwrap();
    let shown = read_checkpoint(&line("shown:")).unwrap();
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
    let entry = |line: &str| {
        let bytes: Vec<u8> = line.as_bytes().chunks(2).map(byte).collect();
        decode_strict(&bytes).unwrap()
    };
    File { team, differs, own, shown, entries: lines.map(entry).collect() }
}

/// What the verifier in Python says of evidence, held against a trail, if there is one here.
fn judged(trail: &str, evidence: &str) -> Option<String> {
    let python = std::env::var_os("SUBROSA_VERIFIER_PYTHON")?;
    let folder = tempfile::tempdir().unwrap();
    let files = ["trail", "evidence"].map(|name| folder.path().join(name));
    std::fs::write(&files[0], trail).unwrap();
    std::fs::write(&files[1], evidence).unwrap();
    let verifier = concat!(env!("CARGO_MANIFEST_DIR"), "/verifier/subrosa_evidence.py");
    let ran = std::process::Command::new(python).arg(verifier).args(files).output().unwrap();
    let said = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    assert!(ran.status.success(), "{}", said(ran.stderr));
    Some(said(ran.stdout))
}

#[test]
fn a_fork_while_it_runs_raises_an_alarm_that_stays_until_it_is_cleared() {
    story(async {
        let (ground, fork, victim, laptop, _, scope) = forked().await;
        let shown = victim.sync().await.unwrap();
        assert_eq!(victim.alarms().await, []);
        victim.wire.dial(&fork);
        assert_eq!(victim.sync().await.unwrap_err().kind, Kind::Rollback);
        let raised = alarm(&victim).await;
        assert_eq!((raised.differs, raised.here, raised.owner), (Differs::Forked, true, true));
        assert_eq!(raised.own, shown.checkpoint);
        assert_eq!(raised.own_words, shown.checkpoint_words);
        assert_eq!(raised.author.as_deref(), Some("canary-of-the-person"));
        assert!(raised.signed.is_some() && raised.shown != raised.own);
        // The file proves it by itself: a member has signed on top of what is not on one's own log.
        let file =
            text(victim.ask(Request::AlarmEvidence { team: raised.team.clone() }).await.unwrap());
        let file = read(&file);
        assert_eq!((&*file.differs, file.team), ("forked", raised.team.clone()));
        assert_eq!(file.own, read_checkpoint(&raised.own).unwrap());
        let signed = file.entries[0].claim(|it| (it.seq, it.prev)).unwrap();
        assert_eq!(signed, (file.shown.seq + 1, Some(file.shown.hash)));
        assert!(file.shown.seq <= file.own.seq);
        victim.wire.dial(&ground);
        let whole = text(victim.ask(Request::Trail).await.unwrap());
        let others = text(laptop.ask(Request::Trail).await.unwrap());
        let team = raised.team.clone();
        let evidence = text(victim.ask(Request::AlarmEvidence { team }).await.unwrap());
        if let Some(said) = judged(&whole, &evidence) {
            assert!(said.starts_with("proved: "), "{said}");
            let said = judged(&others, &evidence).unwrap();
            assert!(said.contains("its history is another one"), "{said}");
        }

        // Back on the right server: it is read, and not changed, through locks.
        victim.wire.dial(&ground);
        let before = victim.rows(&scope).await;
        for device in [victim.locked(), victim.locked()] {
            device.unlock().await.unwrap();
            assert_eq!(device.rows(&scope).await.len(), before.len());
            assert_eq!(device.reveal(&before[0]).await, Ok("value".into()));
            let refused = device.set(&scope, "REFUSED", "1").await.unwrap_err();
            assert_eq!(refused.kind, Kind::Rollback);
            assert!(refused.message.starts_with("Nothing was changed"), "{refused:?}");
            assert_eq!(alarm(&device).await, raised);
        }
        // An owner can act all the same, until the lock.
        let owner = victim.locked();
        owner.unlock().await.unwrap();
        let acts = listed(owner.ask(act(&raised.id)).await);
        assert_eq!((acts.len(), acts[0].acting), (1, true));
        owner.set(&scope, "ACTED", "1").await.unwrap();
        let again = owner.locked();
        again.unlock().await.unwrap();
        again.set(&scope, "REFUSED", "1").await.unwrap_err();
        // What is cleared is named: another alarm would not be.
        let (team, other) = (raised.team.clone(), Hash::of(b"another").to_string());
        let left = listed(again.ask(Request::ClearAlarm { team, alarm: other }).await);
        assert_eq!(left.len(), 1);
        again.clear_alarms().await;
        again.set(&scope, "CLEARED", "1").await.unwrap();
        assert!(again.rows(&scope).await.iter().all(|row| row.key != "REFUSED"));
    });
}

#[test]
fn the_same_evidence_never_alarms_twice_and_the_other_history_is_never_taken() {
    story(async {
        let (_ground, fork, victim, _laptop, _, scope) = forked().await;
        victim.wire.dial(&fork);
        victim.sync().await.unwrap_err();
        victim.clear_alarms().await;
        for device in [&victim, &victim.locked()] {
            let again = device.sync().await;
            assert!(again.is_err_and(|it| it.kind == Kind::Rollback || it.kind == Kind::Locked));
            assert_eq!(device.unlock().await.unwrap_err().kind, Kind::Rollback);
            assert_eq!(device.alarms().await, []);
        }
        // In memory it is caught still.
        let refused = victim.set(&scope, "REFUSED", "1").await.unwrap_err();
        assert_eq!(refused.kind, Kind::Rollback);
        assert!(victim.rows(&scope).await.iter().all(|row| !row.key.starts_with("THEIRS")));
    });
}

#[test]
fn a_fork_at_an_unlock_is_shown_while_it_is_locked_and_left_by_a_kit() {
    story(async {
        let (ground, fork, victim, laptop, kit, scope) = forked().await;
        let device = victim.locked();
        device.wire.dial(&fork);
        assert_eq!(device.unlock().await.unwrap_err().kind, Kind::Rollback);
        let raised = alarm(&device).await;
        assert_eq!((raised.differs, raised.here, raised.owner), (Differs::Forked, false, false));
        assert!(raised.author.as_deref().is_some_and(|it| it.starts_with("member ")));
        // The same place, found while it runs: the same evidence.
        victim.sync().await.unwrap_err();
        assert_eq!(alarm(&victim).await.id, raised.id);
        let file = text(device.ask(Request::AlarmEvidence { team: raised.team }).await.unwrap());
        assert_eq!(read(&file).entries[0].claim(|it| it.seq).unwrap(), read(&file).own.seq + 1);
        // The right server again: opened, and read-only; cleared while locked, it is not.
        let right = device.locked();
        right.wire.dial(&ground);
        right.unlock().await.unwrap();
        assert!(alarm(&right).await.here);
        right.set(&scope, "REFUSED", "1").await.unwrap_err();
        let locked = device.locked();
        locked.clear_alarms().await;
        locked.unlock().await.unwrap();
        locked.set(&scope, "CLEARED", "1").await.unwrap();

        // Who goes over to the other history forgets this device, and comes back with a kit.
        locked.wire.dial(&fork);
        assert_eq!(locked.locked().recover(&kit).await.unwrap_err().kind, Kind::Rollback);
        locked.ask(Request::ForgetDevice).await.unwrap();
        let moved = locked.locked();
        moved.recover(&kit).await.unwrap();
        assert_eq!(moved.alarms().await, [], "forgotten with the rest");
        assert!(moved.rows(&scope).await.iter().any(|row| row.key == "THEIRS"));
        moved.set(&scope, "MOVED", "1").await.unwrap();
        laptop.sync().await.unwrap();
    });
}

#[test]
fn an_older_history_is_an_alarm_without_a_signature() {
    story(async {
        let (_ground, victim, laptop, _, scope) = scene().await;
        let now = victim.sync().await.unwrap();
        let last = read_checkpoint(&now.checkpoint).unwrap().seq;
        victim.wire.meddle(cut(last - 2));
        victim.sync().await.unwrap_err();
        let raised = alarm(&victim).await;
        assert_eq!((raised.differs, raised.own), (Differs::Older, now.checkpoint.clone()));
        assert_eq!((raised.author, raised.signed), (None, None));
        assert_eq!(read_checkpoint(&raised.shown).unwrap().seq, last - 2);
        victim.set(&scope, "REFUSED", "1").await.unwrap_err();
        // Further back, at an unlock: one alarm.
        victim.wire.meddle(cut(last - 3));
        let device = victim.locked();
        assert_eq!(device.unlock().await.unwrap_err().kind, Kind::Rollback);
        assert_eq!(alarm(&device).await.id, raised.id);
        device.clear_alarms().await;
        device.unlock().await.unwrap_err();
        assert_eq!(device.alarms().await, [], "not twice");
        device.wire.honest();
        device.unlock().await.unwrap();
        device.set(&scope, "AGAIN", "1").await.unwrap();
        // What is newer than that is another matter.
        device.wire.meddle(cut(last));
        device.sync().await.unwrap_err();
        assert_eq!(alarm(&device).await.differs, Differs::Older);
        // A signature proves more, and takes its place.
        let evidence = alarm(&device).await;
        laptop.sync().await.unwrap();
        assert_eq!(alarm(&device).await, evidence);
    });
}

#[test]
fn a_signature_takes_the_place_of_what_proves_less() {
    story(async {
        let (ground, fork, victim, laptop, _, scope) = forked().await;
        victim.set(&scope, "OURS_TOO", "2").await.unwrap();
        let own = victim.sync().await.unwrap().checkpoint;
        // The same number, another hash: nothing more to go by while it runs.
        victim.wire.dial(&fork);
        victim.wire.meddle(cut(read_checkpoint(&own).unwrap().seq - 1));
        victim.sync().await.unwrap_err();
        let weaker = alarm(&victim).await;
        assert_eq!(weaker.differs, Differs::Older);
        laptop.set(&scope, "THEIRS_AND_MORE", "3").await.unwrap();
        victim.wire.honest();
        victim.sync().await.unwrap_err();
        let stronger = alarm(&victim).await;
        assert_eq!((stronger.differs, &stronger.own), (Differs::Forked, &own));
        // With the stronger, the weaker is cleared too.
        victim.clear_alarms().await;
        victim.wire.meddle(cut(read_checkpoint(&own).unwrap().seq - 1));
        victim.sync().await.unwrap_err();
        assert_eq!(victim.alarms().await, []);
        victim.wire.honest();
        victim.wire.dial(&ground);
        victim.locked().unlock().await.unwrap();
    });
}

#[test]
fn a_sibling_is_dropped_and_what_goes_on_further_up_is_judged_there() {
    story(async {
        let (_ground, _fork, victim, laptop, _, scope) = forked().await;
        let own = read_checkpoint(&victim.sync().await.unwrap().checkpoint).unwrap();
        let above = laptop.sync().await.unwrap().checkpoint;
        laptop.set(&scope, "AND_MORE", "3").await.unwrap();
        let trail = text(laptop.ask(Request::Trail).await.unwrap());
        let entry = |seq: u64| entry(&trail, seq);
        // A race's loser: its predecessor is on the log. An entry that is on it itself.
        for dropped in [entry(own.seq), entry(own.seq - 1)] {
            victim.wire.answer(shows(dropped));
            assert_eq!(victim.sync().await.unwrap_err().kind, Kind::Refused);
            assert_eq!(victim.alarms().await, []);
        }
        // What goes on from above the pin: kept over a lock, and judged once the log gets there.
        victim.wire.answer(shows(entry(own.seq + 2)));
        assert_eq!(victim.sync().await.unwrap_err().kind, Kind::Refused);
        assert_eq!(victim.alarms().await, []);
        victim.wire.honest();
        let victim = victim.locked();
        victim.unlock().await.unwrap();
        assert_eq!(victim.alarms().await, []);
        victim.set(&scope, "GOES_ON", "1").await.unwrap_err();
        let raised = alarm(&victim).await;
        assert_eq!((raised.differs, raised.shown), (Differs::Other, above));
        // It got in, and is found at the next unlock, which opens the team to be read.
        let again = victim.locked();
        again.unlock().await.unwrap();
        assert!(again.rows(&scope).await.iter().any(|row| row.key == "GOES_ON"));
        assert!(alarm(&again).await.here);
    });
}

#[test]
fn somebody_elses_checkpoint_is_held_against_ones_own_log() {
    story(async {
        let (_ground, victim, laptop, _, scope) = scene().await;
        let first = victim.sync().await.unwrap().checkpoint;
        laptop.set(&scope, "NEWER", "1").await.unwrap();
        let ahead = laptop.sync().await.unwrap().checkpoint;
        for typed in ["", "7", "x:y", &first[..9], "1:"] {
            assert_eq!(compare(&victim, typed).await.unwrap_err().kind, Kind::Mistyped, "{typed}");
        }
        assert_eq!(compare(&victim, &format!(" {first}\n")).await, Ok(Compared::Same));
        // Ahead, and here it does not get further: kept, and found to be right later.
        victim.wire.meddle(cut(read_checkpoint(&first).unwrap().seq));
        assert_eq!(compare(&victim, &ahead).await, Ok(Compared::Ahead));
        victim.wire.honest();
        victim.sync().await.unwrap();
        assert_eq!(victim.alarms().await, []);
        assert_eq!(compare(&victim, &ahead).await, Ok(Compared::Same));
        assert_eq!(compare(&victim, &first).await, Ok(Compared::Same));
        // Ahead, and wrong.
        let seq = read_checkpoint(&ahead).unwrap().seq;
        let wrong = format!("{}:{}", seq + 1, Hash::of(b"elsewhere"));
        assert_eq!(compare(&victim, &wrong).await, Ok(Compared::Ahead));
        let device = victim.locked();
        laptop.set(&scope, "NEWEST", "1").await.unwrap();
        let shown = device.unlock().await.unwrap();
        assert_eq!(read_checkpoint(&shown.checkpoint).unwrap().seq, seq + 1);
        assert_eq!(alarm(&device).await.differs, Differs::Other);
        device.clear_alarms().await;
        device.sync().await.unwrap();
        // Different at once; the same again does nothing.
        let wrong = format!("1:{}", Hash::of(b"somewhere"));
        assert_eq!(compare(&device, &wrong).await, Ok(Compared::Different));
        assert_eq!(alarm(&device).await.shown, wrong);
        device.set(&scope, "REFUSED", "1").await.unwrap_err();
        device.clear_alarms().await;
        assert_eq!(compare(&device, &wrong).await, Ok(Compared::Different));
        assert_eq!(device.alarms().await, []);
    });
}

#[test]
fn tabs_that_are_shown_different_logs_share_the_alarm() {
    story(async {
        let (mut ground, victim, _laptop, _, scope) = scene().await;
        let fork = ground.fork().await;
        victim.wire.dial(&ground);
        let tab = victim.tab(&fork, 8);
        tab.unlock().await.unwrap();
        let third = victim.tab(&ground, 9);
        third.unlock().await.unwrap();
        victim.set(&scope, "OURS", "1").await.unwrap();
        // It gets in there, and is pinned nowhere.
        tab.set(&scope, "THEIRS", "1").await.unwrap_err();
        let raised = alarm(&tab).await;
        assert_eq!(raised.differs, Differs::Other);
        // The others see it when they look, and from then on change nothing either.
        for other in [&victim, &third] {
            assert_eq!(alarm(other).await.id, raised.id);
            other.set(&scope, "REFUSED", "1").await.unwrap_err();
        }
        third.clear_alarms().await;
        assert_eq!(victim.alarms().await, []);
        victim.set(&scope, "MORE", "1").await.unwrap();
    });
}

#[test]
fn what_the_stream_of_events_says_is_held_against_the_log() {
    story(async {
        let stage = Stage::unbounded().await;
        let [one, two] = Device::two(&stage).await;
        fill(&one.client()).await;
        let client = one.client();
        let head = client.team().head();
        assert_eq!(client.is_news(head).await, Ok(false));
        let next = Head { seq: head.seq + 1, hash: Hash::of(b"next") };
        assert_eq!(client.is_news(next).await, Ok(true));
        let first = two.client().team().head();
        assert_eq!(client.is_news(first).await, Ok(false), "late, and on the log");
        assert!(!client.alarmed());
        let other = Head { seq: first.seq, hash: Hash::of(b"other") };
        assert_eq!(client.is_news(other).await, Err(Error::Rollback));
        assert!(client.alarmed());
        assert_eq!(client.compare(head).await, Ok(Place::Same));
    });
}

#[test]
fn a_record_that_is_damaged_is_no_record_without_alarms() {
    story(async {
        let (_ground, victim, _laptop, kit, scope) = scene().await;
        victim.spoil("alarms").await;
        let device = victim.locked();
        assert_eq!(device.unlock().await.unwrap_err().kind, Kind::Storage);
        assert_eq!(device.ask(Request::Alarms).await.unwrap_err().kind, Kind::Storage);
        // The kit is what a device is repaired with.
        device.recover(&kit).await.unwrap();
        assert_eq!(device.alarms().await, []);
        device.set(&scope, "REPAIRED", "1").await.unwrap();
    });
}

#[test]
fn a_mistyped_kit_raises_no_alarm() {
    story(async {
        let (ground, _victim, _laptop, kit, _) = scene().await;
        let fresh = ground.victim(11);
        let typed = format!("{}\n9:{}", kit.secret_key.expose(), Hash::of(b"mistyped"));
        let recover = Request::Recover { kit: hidden(&typed), password: hidden(PASSWORD) };
        assert_eq!(fresh.ask(recover).await.unwrap_err().kind, Kind::Rollback);
        assert_eq!(fresh.alarms().await, []);
        fresh.recover(&kit).await.unwrap();
    });
}

#[test]
fn what_the_account_has_seen_raises_one_with_a_kit_too() {
    story(async {
        let (ground, victim, _laptop, kit, scope) = scene().await;
        victim.set(&scope, "NEWER", "1").await.unwrap();
        let (seen, locked) = (victim.sync().await.unwrap().checkpoint, victim.locked());
        locked.unlock().await.unwrap();
        // The kit is older, and so is the log that is shown: the account has been further.
        let fresh = ground.victim(11);
        fresh.wire.meddle(cut(read_checkpoint(&seen).unwrap().seq - 1));
        assert_eq!(fresh.recover(&kit).await.unwrap_err().kind, Kind::Rollback);
        let raised = alarm(&fresh).await;
        assert_eq!((raised.differs, raised.own), (Differs::Older, seen));
        fresh.wire.honest();
        fresh.recover(&kit).await.unwrap();
        assert_eq!(alarm(&fresh).await.id, raised.id);
    });
}

#[test]
fn another_past_raises_the_alarm_that_another_present_does() {
    story(async {
        let (_ground, fork, victim, _laptop, _, scope) = forked().await;
        victim.set(&scope, "OURS_TOO", "2").await.unwrap();
        victim.set(&scope, "OURS_AS_WELL", "3").await.unwrap();
        let own = victim.sync().await.unwrap().checkpoint;
        victim.wire.dial(&fork);
        let past = || Request::Log { before: None, filter: LogFilter::default() };
        // It ends before what was verified here.
        assert_eq!(victim.ask(past()).await.unwrap_err().kind, Kind::Rollback);
        let weaker = alarm(&victim).await;
        assert_eq!((weaker.differs, &weaker.own), (Differs::Older, &own));
        // It says that it goes on, and shows what a member has signed on top of another entry.
        let victim = victim.locked();
        victim.wire.dial(&_ground);
        victim.unlock().await.unwrap();
        victim.wire.dial(&fork);
        victim.wire.meddle(|request: &HttpRequest, reply: &mut HttpResponse| {
            if asks_log(request) {
                alter(reply, |page| page.last = 99);
            }
        });
        assert_eq!(victim.ask(past()).await.unwrap_err().kind, Kind::Rollback);
        let stronger = alarm(&victim).await;
        assert_eq!((stronger.differs, &stronger.own), (Differs::Forked, &own));
        let tab = victim.locked();
        tab.wire.dial(&fork);
        tab.unlock().await.unwrap_err();
        assert_eq!(alarm(&tab).await.id, stronger.id, "the same evidence");
    });
}

#[test]
fn to_act_all_the_same_is_for_the_alarm_that_one_has_seen() {
    story(async {
        let (_ground, victim, _laptop, _, scope) = scene().await;
        let wrong = |name: &[u8]| format!("1:{}", Hash::of(name));
        assert_eq!(compare(&victim, &wrong(b"one")).await, Ok(Compared::Different));
        let first = alarm(&victim).await.id;
        listed(victim.ask(act(&first)).await);
        victim.set(&scope, "ACTED", "1").await.unwrap();
        // In another tab it is cleared, and the next one raised: this one has not looked in between.
        let tab = victim.tab(&_ground, 8);
        tab.unlock().await.unwrap();
        tab.clear_alarms().await;
        assert_eq!(compare(&tab, &wrong(b"two")).await, Ok(Compared::Different));
        assert!(!alarm(&victim).await.acting);
        victim.set(&scope, "REFUSED", "1").await.unwrap_err();
        // Nor does what was pressed on the page that shows the one before.
        let shown = listed(victim.ask(act(&first)).await);
        assert!(shown.iter().all(|it| it.id != first && !it.acting), "{shown:?}");
        victim.set(&scope, "REFUSED", "1").await.unwrap_err();
    });
}

/// What a member has signed names the place before it: whoever names many fills no list.
#[test]
fn places_that_others_name_displace_none_that_was_typed_and_no_nearer_one() {
    story(async {
        for typed in [true, false] {
            let (_ground, _fork, victim, laptop, _, scope) = forked().await;
            for number in 0..20 {
                laptop.set(&scope, &format!("THEIRS_{number}"), "1").await.unwrap();
            }
            let trail = text(laptop.ask(Request::Trail).await.unwrap());
            let own = read_checkpoint(&victim.sync().await.unwrap().checkpoint).unwrap();
            let mut signed: Vec<u64> = (own.seq + 3..own.seq + 21).collect();
            let mut first = format!("{}:{}", own.seq + 2, entry(&trail, own.seq + 2).hash());
            if typed {
                first = format!("{}:{}", own.seq + 2, Hash::of(b"typed"));
                victim.wire.meddle(cut(own.seq));
                assert_eq!(compare(&victim, &first).await, Ok(Compared::Ahead));
            } else {
                signed.reverse();
            }
            for seq in signed {
                victim.wire.answer(shows(entry(&trail, seq)));
                assert_eq!(victim.sync().await.unwrap_err().kind, Kind::Refused);
            }
            victim.wire.honest();
            victim.set(&scope, "GOES_ON", "1").await.unwrap();
            victim.set(&scope, "GETS_THERE", "1").await.unwrap_err();
            assert_eq!(alarm(&victim).await.shown, first, "typed: {typed}");
        }
    });
}

#[test]
fn a_crash_at_any_call_leaves_the_alarm_whole_or_to_be_raised_again() {
    story(async {
        let (ground, fork, victim, _laptop, kit, scope) = forked().await;
        let (mut raised, mut not_yet) = (0, 0);
        for at in 0.. {
            let device = victim.locked();
            device.wire.dial(&ground);
            device.unlock().await.unwrap();
            device.wire.dial(&fork);
            device.wire.crash_at(Some(at));
            let stopped = device.wire.run(device.sync()).await.is_none();
            device.wire.crash_at(None);
            let device = device.locked();
            match device.alarms().await.len() {
                0 => {
                    assert_eq!(raised, 0, "raised once, raised from there on");
                    not_yet += 1;
                    device.unlock().await.unwrap_err();
                    assert_eq!(alarm(&device).await.differs, Differs::Forked);
                    // As it was, for the next round.
                    device.ask(Request::ForgetDevice).await.unwrap();
                    device.wire.dial(&ground);
                    device.locked().recover(&kit).await.unwrap();
                }
                _ => raised += 1,
            }
            if !stopped {
                break;
            }
        }
        assert!(not_yet > 1 && raised > 0, "{not_yet} not yet, {raised} raised");
        let device = victim.locked();
        device.wire.dial(&ground);
        device.unlock().await.unwrap();
        device.set(&scope, "REFUSED", "1").await.unwrap_err();
    });
}

/// Somebody joins as a writer of the environment.
async fn joins(ada: &Victim, bob: &Victim) -> String {
    let Ok(Reply::People(people)) = ada.ask(Request::People).await else { panic!("the people") };
    let vault = people.vaults.iter().find(|it| it.name.contains(" / ")).unwrap().vault.clone();
    let access = Access::Member(vec![Grant { vault, role: Role::Writer }]);
    let invite = Request::Invite { name: "Bob".into(), access, days: 7 };
    let link = text(ada.ask(invite).await.unwrap());
    bob.ask(Request::OpenInvite { link: hidden(&link) }).await.unwrap();
    let begin = Request::BeginJoin { password: hidden(PASSWORD) };
    let Ok(Reply::Kit(kit)) = bob.ask(begin).await else { panic!("a kit") };
    let Ok(Reply::Waiting(waiting)) = bob.ask(retyped(&kit)).await else { panic!("at the door") };
    let Ok(Reply::People(people)) = ada.ask(Request::People).await else { panic!("the people") };
    let (invite, fingerprint) = (people.invites[0].id.clone(), waiting.fingerprint);
    ada.ask(Request::Admit { invite, fingerprint }).await.unwrap();
    bob.ask(Request::Knock).await.unwrap();
    let Ok(Reply::People(people)) = ada.ask(Request::People).await else { panic!("the people") };
    people.members.into_iter().find(|it| it.name == "Bob").unwrap().id
}

#[test]
fn what_a_removed_member_signs_is_no_alarm_and_who_is_no_owner_does_not_act() {
    story(async {
        let (mut ground, ada, laptop, _, scope) = scene().await;
        let bob = ground.victim(21);
        let member = joins(&ada, &bob).await;
        let fork = ground.fork().await;
        ada.wire.dial(&ground);
        laptop.wire.dial(&fork);
        bob.wire.dial(&fork);
        bob.sync().await.unwrap();
        bob.set(&scope, "BOBS", "1").await.unwrap();
        bob.set(&scope, "BOBS_TOO", "1").await.unwrap();
        ada.ask(Request::RemoveMembers { members: vec![member], staying: vec![] }).await.unwrap();
        // By Ada's log he is out: whoever has his keys can sign such a thing. It is told, and no more.
        ada.wire.dial(&fork);
        let told = ada.sync().await.unwrap_err();
        assert_eq!(told.kind, Kind::Rollback);
        assert!(told.message.contains("breaks a rule"), "{told:?}");
        assert_eq!(ada.alarms().await, []);
        ada.wire.dial(&ground);
        let ada = ada.locked();
        ada.unlock().await.unwrap();
        ada.set(&scope, "ON", "1").await.unwrap();
        ada.set(&scope, "AND_ON", "1").await.unwrap();
        ada.set(&scope, "AND_FURTHER", "1").await.unwrap();
        // By his own log Ada's entries are an owner's: his device raises the alarm, names her, and he
        // cannot act all the same.
        bob.wire.dial(&ground);
        let out = bob.sync().await.unwrap_err();
        assert!(matches!(out.kind, Kind::KeysReplaced | Kind::Rollback), "{out:?}");
        bob.wire.dial(&fork);
        let wrong = format!("1:{}", Hash::of(b"elsewhere"));
        assert_eq!(compare(&bob, &wrong).await, Ok(Compared::Different));
        assert!(!alarm(&bob).await.owner);
        let acts = bob.ask(act(&alarm(&bob).await.id)).await.unwrap_err();
        assert_eq!(acts.kind, Kind::NotAllowed);
        bob.set(&scope, "REFUSED", "1").await.unwrap_err();
    });
}

async fn changed(who: &Person) -> Vec<ChangedKeys> {
    match who.ask(Request::ChangedKeys).await {
        Ok(Reply::ChangedKeys(changed)) => changed,
        other => panic!("changed keys: {other:?}"),
    }
}

#[test]
fn keys_that_are_replaced_are_told_until_their_words_were_compared() {
    story(async {
        let stage = Stage::new().await;
        let (ada, _) = stage.founder().await;
        ada.scopes().await;
        let (bob, carol) = (stage.desk(), stage.desk());
        ada.lets_in(&carol, "Carol", Access::Owner).await;
        assert_eq!(changed(&carol).await, []);
        // Who is new has changed nothing.
        ada.lets_in(&bob, "Bob", Access::Owner).await;
        carol.ask(Request::Sync).await.unwrap();
        assert_eq!(changed(&carol).await, []);
        let before = ada.member("Bob").await;
        let link = ada.invite("Bob", Access::Replace(before.id.clone())).await.unwrap();
        let door = stage.desk().join(&link).await.unwrap();
        ada.admit("Bob", &door.fingerprint).await.unwrap();
        let made = ada.ask(Request::StageRootKey).await.unwrap();
        let Reply::RootKeySheet(RootKeySheet { fingerprint, text, .. }) = made else {
            panic!("a sheet")
        };
        let tail = hidden(&text.expose()[text.expose().len() - 6..]);
        let root = fingerprint.clone();
        ada.ask(Request::RotateRootKey { fingerprint, tail }).await.unwrap();

        carol.ask(Request::Sync).await.unwrap();
        let mut told = changed(&carol).await;
        told.sort_by_key(|it| it.root);
        assert_eq!(told.len(), 2);
        let (of_bob, of_root) = (told[0].clone(), told[1].clone());
        assert_eq!(
            (&*of_bob.name, of_bob.by.as_deref(), of_bob.root),
            ("Bob", Some("Ada canary-person"), false)
        );
        assert_eq!(of_bob.fingerprint, door.fingerprint);
        assert_eq!((of_root.by.as_deref(), of_root.root), (Some("Ada canary-person"), true));
        assert_eq!(of_root.fingerprint, root);
        // Words that are not theirs are not compared.
        let compared = |it: &ChangedKeys, fingerprint: String| Request::KeysCompared {
            member: it.member.clone(),
            fingerprint,
        };
        let wrong = carol.ask(compared(&of_bob, of_root.fingerprint.clone())).await;
        assert_eq!(wrong.unwrap_err().kind, Kind::Refused);
        carol.ask(compared(&of_bob, of_bob.fingerprint.clone())).await.unwrap();
        // That is remembered, and of the other it is not known yet.
        let carol = carol.locked();
        carol.unlock(PASSWORD).await.unwrap();
        assert_eq!(changed(&carol).await, std::slice::from_ref(&of_root));
        carol.ask(compared(&of_root, of_root.fingerprint.clone())).await.unwrap();
        assert_eq!(changed(&carol).await, []);
        // A device that sees the team for the first time has nothing to compare with.
        assert_eq!(changed(&ada).await, []);
    });
}
