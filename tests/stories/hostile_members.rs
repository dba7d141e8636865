//! What a member tries whose program is his own: to stay when he shall go, and to get what was taken.

use std::cell::RefCell;
use std::rc::Rc;

use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{Rng as _, SeedableRng as _};
use subrosa_client::native::{Memory, Native};
use subrosa_client::{
    Change, Error, Founding, HttpRequest, Method, NewService, Part, RoleChange, TeamClient,
    Transport, Unlocked, Wish,
};
use subrosa_core::invite::Link;
use subrosa_core::keyset::Keyset;
use subrosa_core::manifest::{Subject, VaultPlaces};
use subrosa_core::vault::{Earlier, Edit, Keyring, Objects, OpenVault, TreeState};
use subrosa_core::vault_key::VaultKey;
use subrosa_tests::cuts::{Cut, Fault};
use subrosa_tests::device::{Device, VAULTS, fill, secret_of, sync};
use subrosa_tests::people::leave;
use subrosa_tests::platform::Staged;
use subrosa_tests::{PASSWORD, Stage, database, story};
use subrosa_wire::api::{
    Challenge, OpenSession, Principal, Push, SessionClaim, SessionOpened, Wraps,
};
use subrosa_wire::encoding::{Canonical, decode_strict, encode};
use subrosa_wire::id::{Hash, MemberId, ProjectId, VaultId};
use subrosa_wire::keyset::{KEM_PUBLIC_BYTES, KemPublic, PublicKeyset};
use subrosa_wire::log::{CreateVault, Entry, Op, SignedEntry, WRAP_BYTES, Wrap, wraps_hash};
use subrosa_wire::people::{
    Access, Add, Admission, Grant, Grants, KeysClaim, RotateKeys, Service, VaultRole,
};
use subrosa_wire::team::{MAX_VAULTS, Reject, Team};

const VAULT: VaultId = VAULTS[0];
const OTHER: VaultId = VAULTS[1];

/// A machine's seat, whose keys are in the hands of whoever asked for it.
struct OwnProgram {
    member: MemberId,
    keyset: Keyset,
    platform: Native,
}

fn keyset(number: u8) -> Keyset {
    Keyset::generate(&mut ChaCha20Rng::seed_from_u64(u64::from(number))).unwrap()
}

fn grant(vault: VaultId, role: VaultRole) -> Grant {
    Grant { vault, role }
}

fn seat(member: MemberId, grants: Vec<Grant>, keys: RotateKeys) -> Wish {
    let name = "a program".into();
    Wish::AddService(Box::new(NewService { member, grants, expires: None, name, keys }))
}

/// Keys with a good signature, that nothing can be wrapped to: 4,095 is no coefficient modulo 3,329.
fn unusable(keyset: &Keyset) -> PublicKeyset {
    let mut kem = KemPublic([0xff; KEM_PUBLIC_BYTES]);
    // No two are the same.
    kem.0[KEM_PUBLIC_BYTES - 32..].copy_from_slice(&keyset.public().signing.0);
    PublicKeyset { kem, ..keyset.public().clone() }
}

impl OwnProgram {
    async fn seated(stage: &Stage, by: &TeamClient<Cut>, number: u8, grants: Vec<Grant>) -> Self {
        let (member, keyset) = (MemberId::from_random([number; 16]), keyset(number));
        let keys = keyset.rotation(by.team().id(), member);
        by.fulfil(vec![seat(member, grants, keys)]).await.unwrap();
        let platform = Native::new(&stage.origin(), Memory::default());
        OwnProgram { member, keyset, platform }
    }

    async fn send<T: Canonical>(&self, path: &str, token: Option<&str>, body: Vec<u8>) -> T {
        let token = token.map(str::to_owned);
        let request = HttpRequest { method: Method::Post, path: path.into(), token, body };
        let reply = self.platform.send(request).await.unwrap();
        assert!((200..300).contains(&reply.status), "{path}: {}", reply.status);
        decode_strict(&reply.body).unwrap()
    }

    /// Posts an entry after the team's head as `by` knows it.
    async fn posts(&self, by: &TeamClient<Cut>, ops: Vec<Op>, wraps: Vec<Wrap>) {
        let (team, head) = (by.team().id(), by.team().head());
        let challenge: Challenge = self.send("/v1/challenges", None, vec![]).await;
        let claim = SessionClaim {
            principal: Principal::Member(team, self.member),
            server_nonce: challenge.nonce,
            client_nonce: [7; 32],
            origin: self.platform.origin(),
        };
        let signature = self.keyset.sign(&claim.to_sign());
        let open = encode(&OpenSession { claim, signature });
        let opened: SessionOpened = self.send("/v1/sessions", None, open).await;
        let entry = Entry::after(team, head, self.member, 9, ops);
        let entry = SignedEntry::new(&entry, |bytes| self.keyset.sign(bytes));
        let push = encode(&Push { entry, wraps, objects: vec![] });
        let path = format!("/v1/teams/{team}/log");
        let _: subrosa_wire::api::Pushed = self.send(&path, Some(&opened.token), push).await;
    }
}

/// A founder's device, with two vaults.
async fn scene(stage: &Stage) -> Device {
    let (device, ..) = Device::founder(stage).await;
    fill(&device.client()).await;
    device
}

#[test]
fn whoever_gives_owners_rubbish_for_a_key_is_removed_all_the_same() {
    story(async {
        let stage = Stage::unbounded().await;
        let device = scene(&stage).await;
        let ada = device.client();
        let grants = vec![grant(VAULT, VaultRole::Manager)];
        let mallory = OwnProgram::seated(&stage, &ada, 0x66, grants).await;
        let vault = VaultId::from_random([0x99; 16]);
        let mut rng = ChaCha20Rng::seed_from_u64(3);
        let rubbish = |recipient| {
            let mut sealed = vec![0; WRAP_BYTES];
            rng.fill_bytes(&mut sealed);
            Wrap { vault, version: 1, recipient, sealed: sealed.into() }
        };
        let wraps: Vec<Wrap> =
            ada.team().holders_of_new(mallory.member).into_iter().map(rubbish).collect();
        let create = CreateVault {
            vault,
            parent: Some(VAULT),
            key_commitment: Hash([5; 32]),
            wraps: wraps_hash(&wraps),
        };
        mallory.posts(&ada, vec![Op::CreateVault(create)], wraps).await;
        sync(&ada).await;
        assert_eq!(ada.waiting_for(), [vault], "no owner has its key");
        ada.remove(&[mallory.member], &[]).await.unwrap();
        assert!(ada.team().member(mallory.member).is_none());
        assert!(ada.waiting_for().is_empty(), "the next key is the owners'");
        let again = device.tab().await;
        assert_eq!(again.team().vault(vault).unwrap().key_version(), 2);
        assert!(again.waiting_for().is_empty() && again.damaged().is_empty());
    });
}

#[test]
fn keys_that_nothing_can_be_wrapped_to_keep_nobody_from_anything() {
    story(async {
        let stage = Stage::unbounded().await;
        let device = scene(&stage).await;
        let ada = device.client();
        let team = ada.team().id();
        let mut seats = Vec::new();
        for number in [0x61, 0x62] {
            let (member, keyset) = (MemberId::from_random([number; 16]), keyset(number));
            let public = unusable(&keyset);
            let claim = KeysClaim { team, invite: None, member, keyset: public.clone() };
            let proof = keyset.sign(&claim.to_sign());
            let keys = RotateKeys { member, keyset: public, proof, invited: None };
            ada.fulfil(vec![seat(member, vec![grant(VAULT, VaultRole::Reader)], keys)])
                .await
                .unwrap();
            seats.push(member);
        }
        let honest =
            OwnProgram::seated(&stage, &ada, 0x63, vec![grant(VAULT, VaultRole::Reader)]).await;
        ada.rotate(&[VAULT], Earlier::Reencrypt, &|_| true).await.unwrap();
        for member in seats.into_iter().chain([honest.member]) {
            ada.remove(&[member], &[]).await.unwrap();
        }
        assert_eq!(ada.team().vault(VAULT).unwrap().key_version(), 5);

        // Who follows a link with such keys does not wait for anybody to let him in.
        let link =
            ada.invite("Bob", Access::Member(Grants::default()), None, u64::MAX).await.unwrap();
        let member = ada.team().invite(link.invite()).unwrap().invite.member;
        let keyset = keyset(0x64);
        let mut join = link.join(member, &keyset);
        assert!(ada.fulfil(vec![Wish::Admit(Box::new(join.clone()))]).await.is_ok(), "the control");
        let link =
            ada.invite("Eve", Access::Member(Grants::default()), None, u64::MAX).await.unwrap();
        let member = ada.team().invite(link.invite()).unwrap().invite.member;
        let public = unusable(&keyset);
        let invite = Some(link.invite());
        let claim = KeysClaim { team, invite, member, keyset: public.clone() };
        (join.keyset, join.proof) = (public, keyset.sign(&claim.to_sign()));
        join.invited.invite = link.invite();
        join.invited.link = Link::sign(&link, &claim.for_link());
        let admitted = ada.fulfil(vec![Wish::Admit(Box::new(join))]).await;
        assert_eq!(admitted, Err(Error::InviteGone));
    });
}

fn change(
    member: MemberId,
    vault: VaultId,
    from: Option<VaultRole>,
    to: Option<VaultRole>,
) -> Wish {
    Wish::Role(RoleChange { member, vault, from, to })
}

/// The server chooses who of two owners comes first.
#[test]
fn what_was_taken_away_is_not_given_back_by_whoever_lost_the_race() {
    story(async {
        let stage = Stage::unbounded().await;
        let device = scene(&stage).await;
        let (ada, other) = (device.client(), device.tab().await);
        let (reader, writer) = (Some(VaultRole::Reader), Some(VaultRole::Writer));
        let grants = vec![grant(VAULT, VaultRole::Reader)];
        let OwnProgram { member, .. } = OwnProgram::seated(&stage, &ada, 0x61, grants).await;
        sync(&other).await;
        ada.fulfil(vec![change(member, VAULT, reader, None)]).await.unwrap();
        let late = other.fulfil(vec![change(member, VAULT, reader, writer)]).await;
        assert_eq!(late, Err(Error::RoleChanged));
        assert_eq!(other.team().role_in(VAULT, member), None);
        assert_eq!(
            other.fulfil(vec![change(member, VAULT, reader, None)]).await,
            Err(Error::NothingToDo)
        );
        assert_eq!(other.fulfil(vec![change(member, VAULT, None, writer)]).await, Ok(()));
    });
}

#[test]
fn one_entry_gives_and_takes_the_same_vault() {
    story(async {
        let stage = Stage::unbounded().await;
        let device = scene(&stage).await;
        let ada = device.client();
        let (reader, writer) = (Some(VaultRole::Reader), Some(VaultRole::Writer));
        let read = || vec![grant(VAULT, VaultRole::Reader)];
        let gone = OwnProgram::seated(&stage, &ada, 0x61, read()).await.member;
        let came = OwnProgram::seated(&stage, &ada, 0x62, vec![]).await.member;
        let both = vec![change(came, VAULT, None, writer), change(gone, VAULT, reader, None)];
        ada.fulfil(both).await.unwrap();
        assert_eq!(ada.team().role_in(VAULT, came), writer);
        assert_eq!(ada.team().role_in(VAULT, gone), None);
        // Somebody new, with the one who goes.
        let (fresh, keys) = (MemberId::from_random([0x63; 16]), keyset(0x63));
        let keys = keys.rotation(ada.team().id(), fresh);
        let grants = vec![grant(VAULT, VaultRole::Reader), grant(OTHER, VaultRole::Reader)];
        ada.fulfil(vec![seat(fresh, grants, keys), leave(came)]).await.unwrap();
        // A person who becomes an owner, with the one who goes.
        let link =
            ada.invite("Bob", Access::Member(Grants::default()), None, u64::MAX).await.unwrap();
        let bob = ada.team().invite(link.invite()).unwrap().invite.member;
        let join = link.join(bob, &keyset(0x64));
        ada.fulfil(vec![Wish::Admit(Box::new(join)), leave(gone)]).await.unwrap();
        ada.fulfil(vec![Wish::Promote(bob), leave(fresh)]).await.unwrap();
        let holders = ada.team().holders(VAULT);
        assert!(holders.contains(&bob) && holders.len() == 3, "Ada, the root and Bob");
        // Each wrap was to the keys that it should be: another device of hers opens all of it.
        let again = device.tab().await;
        assert!(again.waiting_for().is_empty() && again.damaged().is_empty());
    });
}

/// Not an attack: whoever fills the team up is told what it is that does not fit.
#[test]
fn a_team_that_is_full_says_so() {
    story(async {
        let stage = Stage::unbounded().await;
        let device = scene(&stage).await;
        let ada = device.client();
        let make = |numbers: std::ops::Range<usize>| {
            let part = |number: usize| {
                let mut id = [9; 16];
                id[..8].copy_from_slice(&number.to_be_bytes());
                let subject =
                    Subject::Project { id: ProjectId::from_random(id), name: number.to_string() };
                Part::CreateVault { vault: VaultId::from_random(id), parent: None, subject }
            };
            Change { note: String::new(), parts: numbers.map(part).collect() }
        };
        let there = ada.team().vaults().count();
        let full = Err(Error::NotAllowed(Reject::Full));
        assert_eq!(ada.change(&make(there..MAX_VAULTS + 1)).await.map(drop), full);
        assert_eq!(ada.change(&make(there..MAX_VAULTS)).await.map(drop), Ok(()));
        assert_eq!(ada.change(&make(MAX_VAULTS..MAX_VAULTS + 1)).await.map(drop), full);
        // Somebody who holds all of it is still removed, with a next key of each.
        let link = ada.invite("Bob", Access::Owner, None, u64::MAX).await.unwrap();
        let bob = ada.team().invite(link.invite()).unwrap().invite.member;
        let join = link.join(bob, &keyset(0x65));
        ada.fulfil(vec![Wish::Admit(Box::new(join))]).await.unwrap();
        ada.remove(&[bob], &[]).await.unwrap();
        assert!(ada.team().vaults().all(|(_, vault)| vault.key_version() == 2));
    });
}

/// Adds that many machines that read the vault, in the name of a member whose program is his own.
async fn adds_machines(member: &OwnProgram, sees: &TeamClient<Cut>, first: u16, count: u16) {
    let team = sees.team().id();
    let add = |number: u16| {
        let [high, low] = number.to_be_bytes();
        let mut id = [7; 16];
        (id[0], id[1]) = (high, low);
        let member = MemberId::from_random(id);
        let mut rng = ChaCha20Rng::seed_from_u64(u64::from(number) + 1_000);
        let RotateKeys { keyset, proof, .. } =
            Keyset::generate(&mut rng).unwrap().rotation(team, member);
        let grants = Grants(vec![grant(VAULT, VaultRole::Reader)]);
        let service = Service { grants, expires: None, card: vec![].into() };
        Op::Add(Box::new(Add { member, admission: Admission::Service(service), keyset, proof }))
    };
    let all: Vec<u16> = (first..first + count).collect();
    for some in all.chunks(100) {
        sync(sees).await;
        member.posts(sees, some.iter().map(|number| add(*number)).collect(), vec![]).await;
    }
}

/// What he adds between the removal and its post goes too; what does not fit into one entry, in the next.
#[test]
fn whoever_adds_machines_without_a_pause_goes_with_all_of_them() {
    story(async {
        let stage = Stage::unbounded().await;
        let device = scene(&stage).await;
        let ada = device.client();
        let before = ada.team().members().count();
        let grants = vec![grant(VAULT, VaultRole::Manager)];
        let mallory = OwnProgram::seated(&stage, &ada, 0x66, grants).await;
        let (leaver, sees) = (mallory.member, device.tab().await);
        let adds = async move { adds_machines(&mallory, &sees, 0, 600).await };
        let removal = async { ada.remove(&[leaver], &[]).await };
        let (done, happened) = device.cut(0, Fault::Meanwhile(Box::pin(adds)), removal).await;
        assert_eq!((done, happened), (Some(Ok(())), true));
        assert_eq!(ada.team().members().count(), before, "601 are gone");
        assert!(ada.team().member(leaver).is_none());
        let keys = ada.team().vault(VAULT).unwrap().key_version();
        assert_eq!(keys, 3, "each of two entries gives what its leavers held the next key");
    });
}

/// Wherever the device fails, nobody is gone, or it is said that some are left; the same again goes on.
#[test]
fn a_removal_that_stops_between_two_entries_says_so_and_is_gone_on_with() {
    story(async {
        let stage = Stage::unbounded().await;
        let device = scene(&stage).await;
        let ada = device.client();
        let before = ada.team().members().count();
        let (mut leaver, mut round) = (None, 0);
        let left = loop {
            let member = match leaver {
                Some(member) => member,
                None => {
                    let grants = vec![grant(VAULT, VaultRole::Manager)];
                    let number = u8::try_from(round).unwrap() + 0x70;
                    let mallory = OwnProgram::seated(&stage, &ada, number, grants).await;
                    let sees = device.tab().await;
                    adds_machines(&mallory, &sees, round * 600, 520).await;
                    sync(&ada).await;
                    mallory.member
                }
            };
            let at = usize::from(round);
            round += 1;
            let removal = async { ada.remove(&[member], &[]).await };
            match device.cut(at, Fault::AnswerLost, removal).await.0.unwrap() {
                Err(Error::MachinesLeft(_)) => break member,
                // Nothing was changed.
                Err(_) => assert_eq!(ada.team().members().count(), before + 521),
                // The server's answer is waited for: all are gone.
                Ok(()) => assert_eq!(ada.team().members().count(), before),
            }
            leaver = ada.team().member(member).map(|_| member);
        };
        assert!(ada.team().member(left).is_none());
        assert!(ada.team().members().count() > before);
        ada.remove(&[left], &[]).await.unwrap();
        assert_eq!(ada.team().members().count(), before);
    });
}

/// The server lists whoever has no key yet, expired machines among them; an entry with a next key has a
/// wrap to each holder.
#[test]
fn an_expired_machine_is_brought_no_key() {
    story(async {
        let stage = Stage::unbounded().await;
        let brought = Rc::<RefCell<Vec<Wrap>>>::default();
        let heard = brought.clone();
        let note = move |request: &HttpRequest| {
            if request.method != Method::Post {
                return;
            }
            if request.path.ends_with("/wraps") {
                heard.borrow_mut().extend(decode_strict::<Wraps>(&request.body).unwrap().wraps);
            } else if request.path.ends_with("/log") {
                heard.borrow_mut().extend(decode_strict::<Push>(&request.body).unwrap().wraps);
            }
        };
        let platform = Staged::new(Native::new(&stage.origin(), Memory::default()), 1, note);
        let token = stage.running().setup_token().unwrap();
        let founding = Founding::prepare(&platform, &token, "Team", "Ada", PASSWORD).unwrap();
        let ada = founding.finish(platform).await.and_then(Unlocked::team).unwrap();
        for (number, expires) in [(0x61, Some(1)), (0x62, None), (0x63, Some(u64::MAX))] {
            let member = MemberId::from_random([number; 16]);
            let keys = keyset(number).rotation(ada.team().id(), member);
            let new = NewService { member, grants: vec![], expires, name: "CI".into(), keys };
            ada.fulfil(vec![Wish::AddService(Box::new(new))]).await.unwrap();
        }
        let machines = [0x61, 0x62, 0x63].map(|number| MemberId::from_random([number; 16]));
        let whom: Vec<MemberId> = brought.take().iter().map(|wrap| wrap.recipient).collect();
        assert_eq!(whom, machines[1..]);

        let (team, directory) = (ada.team().id(), ada.team().directory());
        ada.rotate(&[directory], Earlier::Reencrypt, &|_| true).await.unwrap();
        let commitment = ada.team().vault(directory).unwrap().keys[1].commitment;
        let next = brought.take();
        let opens = [0x61, 0x62, 0x63].map(|number: u8| {
            let id = MemberId::from_random([number; 16]);
            let wrap = next.iter().find(|wrap| wrap.recipient == id).expect("one to each holder");
            VaultKey::unwrap(wrap, team, &keyset(number), commitment).is_ok()
        });
        assert_eq!(opens, [false, true, true]);
    });
}

/// Whoever expects to lose a vault would say beforehand that its values are newer than that.
#[test]
fn nobody_keeps_values_off_a_leavers_list_beforehand() {
    story(async {
        let stage = Stage::unbounded().await;
        let [one, two] = Device::two(&stage).await;
        fill(&one.client()).await;
        let claim = async |since: u64| {
            let claim = Edit::Fresh { id: secret_of(VAULT), base: 1, since };
            one.client().change(&Change::edits(VAULT, vec![claim])).await.unwrap();
        };
        let shown = |two: &Device| {
            let client = two.client();
            let contents = client.contents();
            contents.vault(VAULT).map(|vault| (vault.records().count(), vault.damage()))
        };
        let next = one.client().team().head().seq + 1;
        claim(next).await;
        sync(&two.client()).await;
        assert_eq!(shown(&two), Some((1, 0)), "as of the very entry that says so");
        claim(next + 2).await;
        sync(&two.client()).await;
        assert_eq!(shown(&two), Some((0, 1)), "as of one to come");
        // Then somebody loses the vault, by that entry: as of before it is never said again.
        let again = vec![Part::Rekey { vault: VAULT, after: 1 }];
        two.client().change(&Change { note: String::new(), parts: again }).await.unwrap();
        assert_eq!(two.client().team().head().seq, next + 2);
        let later = Edit::RotateAfter(Some(90));
        two.client().change(&Change::edits(VAULT, vec![later])).await.unwrap();
        one.again().await;
        two.again().await;
        for device in [&one, &two] {
            assert_eq!(shown(device), Some((0, 1)), "whoever opens it, and whenever");
        }
    });
}

/// A server that lets somebody wait by an invite whose time is over: whoever would let them in knows it too.
#[test]
fn who_waits_by_an_invite_that_is_expired_is_not_let_in() {
    story(async {
        let stage = Stage::unbounded().await;
        let ada = scene(&stage).await.client();
        for (number, expires, comes_in) in [(0x61, u64::MAX, true), (0x62, 1, false)] {
            let access = Access::Member(Grants::default());
            let link = ada.invite("Bob", access, None, expires).await.unwrap();
            let member = ada.team().invite(link.invite()).unwrap().invite.member;
            let join = link.join(member, &keyset(number));
            let admitted = ada.fulfil(vec![Wish::Admit(Box::new(join))]).await;
            match comes_in {
                true => assert!(admitted.is_ok(), "the control: {admitted:?}"),
                false => assert_eq!(admitted, Err(Error::InviteGone)),
            }
            assert_eq!(ada.team().member(member).is_some(), comes_in);
        }
    });
}

/// Attack 38. Who has left kept all that she ever saw, and a server that colludes gives her all that it ever had.
#[test]
fn a_leaver_who_kept_everything_and_has_the_servers_database_opens_nothing_newer() {
    story(async {
        let stage = Stage::unbounded().await;
        let device = scene(&stage).await;
        let ada = device.client();
        let mallory =
            OwnProgram::seated(&stage, &ada, 0x66, vec![grant(VAULT, VaultRole::Manager)]).await;
        let stays =
            OwnProgram::seated(&stage, &ada, 0x67, vec![grant(VAULT, VaultRole::Reader)]).await;
        let [mut keys, mut theirs] = [Keyring::default(), Keyring::default()];
        let takes = |keys: &mut Keyring, keyset: &Keyset, team: &Team, wraps: &[Wrap]| {
            for wrap in wraps {
                let Some(public) = team.vault(wrap.vault).and_then(|it| it.key(wrap.version))
                else {
                    continue;
                };
                let id = team.id();
                if let Ok(key) = VaultKey::unwrap(wrap, id, keyset, public.commitment) {
                    keys.insert(wrap.vault, wrap.version, key);
                }
            }
        };
        let opens = |team: &Team, keys: &Keyring, objects: &Objects| {
            let places = VaultPlaces { team: team.id(), vault: VAULT };
            let tree = TreeState::newest(team.vault(VAULT).unwrap()).unwrap();
            let opened = OpenVault::open(places, tree, keys, objects, None).ok()?;
            let secret = secret_of(VAULT);
            let value = opened.record(secret)?.value().copied()?;
            let value = opened.open_value(secret, &value, keys, objects).ok()?;
            value.expose_text().map(str::to_owned)
        };
        let team = ada.team().clone();
        let (wraps, objects) = (database::wraps(&stage), database::objects(&stage));
        takes(&mut keys, &mallory.keyset, &team, &wraps);
        assert_eq!(opens(&team, &keys, &objects).as_deref(), Some("first"), "the control");

        ada.remove(&[mallory.member], &[]).await.unwrap();
        let base = ada.contents().vault(VAULT).unwrap().record(secret_of(VAULT)).unwrap().version;
        let content = Some(subrosa_tests::device::value("after her"));
        let (id, note) = (secret_of(VAULT), None);
        let edit = Edit::Change { id, base, key: None, content, note };
        ada.change(&Change::edits(VAULT, vec![edit])).await.unwrap();
        let team = ada.team().clone();
        let (wraps, objects) = (database::wraps(&stage), database::objects(&stage));
        takes(&mut keys, &mallory.keyset, &team, &wraps);
        assert_eq!(opens(&team, &keys, &objects), None);
        // Whoever stays reads it with the same hands.
        takes(&mut theirs, &stays.keyset, &team, &wraps);
        assert_eq!(opens(&team, &theirs, &objects).as_deref(), Some("after her"));
    });
}
