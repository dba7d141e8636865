//! Named keys as a user tells them: what is kept elsewhere is encrypted here, stays readable through
//! every rotation, and is out of reach only when somebody says so.

use subrosa_bridge::keys::{Outcome, RotationStep};
use subrosa_bridge::named_keys::{
    DataKey, NamedKey, NamedKeyAt, NamedKeyChange, NamedKeyVersion, Rewrapped, ToRewrap,
};
use subrosa_bridge::view::{Overview, Plain, Scope, Secrets};
use subrosa_bridge::{HiddenBytes, Kind, Problem, Reply, Request};
use subrosa_tests::{PASSWORD, Person, Stage, hidden, story, tail, text};

fn plain(text: &str) -> Plain {
    Plain::Text(hidden(text))
}

/// A named key, in the hands of a person.
struct Hand {
    person: Person,
    at: NamedKeyAt,
}

impl Hand {
    /// The key `orders` of a new project, which does not exist yet.
    async fn new(person: &Person) -> Self {
        person.create(Request::CreateProject { name: "billing".into() }).await;
        Hand::of(person, "orders").await
    }

    /// A key of the team's only project.
    async fn of(person: &Person, name: &str) -> Self {
        let Reply::Keys(vaults) = person.ask(Request::Keys).await.unwrap() else { panic!("keys") };
        let vault = vaults.into_iter().find(|it| it.name == "billing").unwrap().vault;
        Hand { person: person.clone(), at: NamedKeyAt { vault, name: name.into() } }
    }

    async fn listed(&self) -> NamedKey {
        let listed = keys(self.person.ask(Request::NamedKeys).await.unwrap());
        listed.into_iter().find(|key| key.at == self.at).expect("the key is listed")
    }

    /// One change by who has seen version `base` of the key's record.
    async fn change_from(&self, base: u32, change: NamedKeyChange) -> Result<NamedKey, Problem> {
        let request = Request::ChangeNamedKey { at: self.at.clone(), base, change };
        let all = keys(self.person.ask(request).await?);
        Ok(all.into_iter().find(|key| key.at == self.at).expect("the key is listed"))
    }

    async fn change(&self, change: NamedKeyChange) -> Result<NamedKey, Problem> {
        self.change_from(self.listed().await.base, change).await
    }

    async fn encrypt(&self, plaintext: &str, context: &str) -> Result<String, Problem> {
        self.encrypt_with(plain(plaintext), context, None).await
    }

    async fn encrypt_with(
        &self,
        plaintext: Plain,
        context: &str,
        version: Option<u32>,
    ) -> Result<String, Problem> {
        let (at, context) = (self.at.clone(), plain(context));
        match self.person.ask(Request::Encrypt { at, plaintext, context, version }).await? {
            Reply::Ciphertext(text) => Ok(text),
            other => panic!("a ciphertext: {other:?}"),
        }
    }

    async fn decrypt(&self, ciphertext: &str, context: &str) -> Result<Reply, Problem> {
        let (at, ciphertext, context) = (self.at.clone(), ciphertext.into(), plain(context));
        self.person.ask(Request::Decrypt { at, ciphertext, context }).await
    }

    async fn reads(&self, ciphertext: &str, context: &str) -> String {
        text(self.decrypt(ciphertext, context).await.unwrap())
    }

    async fn rewrap(
        &self,
        items: &[(&str, &str)],
        to: Option<u32>,
    ) -> Vec<Result<Rewrapped, Problem>> {
        let item = |(ciphertext, context): &(&str, &str)| ToRewrap {
            ciphertext: (*ciphertext).into(),
            context: plain(context),
        };
        let items = items.iter().map(item).collect();
        match self.person.ask(Request::Rewrap { at: self.at.clone(), items, to }).await.unwrap() {
            Reply::Rewrapped(rewrapped) => rewrapped,
            other => panic!("rewrapped: {other:?}"),
        }
    }

    async fn data_key(&self, bytes: usize, plaintext: bool) -> Result<DataKey, Problem> {
        let (at, context) = (self.at.clone(), plain("file 7"));
        match self.person.ask(Request::DataKey { at, context, bytes, plaintext }).await? {
            Reply::DataKey(key) => Ok(key),
            other => panic!("a data key: {other:?}"),
        }
    }

    async fn versions(&self) -> Vec<u32> {
        let request = Request::NamedKeyVersions { at: self.at.clone() };
        match self.person.ask(request).await.unwrap() {
            Reply::NamedKeyVersions(versions) => {
                assert!(versions.iter().all(|it: &NamedKeyVersion| it.time > 1_700_000_000_000));
                versions.into_iter().map(|it| it.version).collect()
            }
            other => panic!("versions: {other:?}"),
        }
    }
}

fn keys(reply: Reply) -> Vec<NamedKey> {
    match reply {
        Reply::NamedKeys(keys) => keys,
        other => panic!("named keys: {other:?}"),
    }
}

async fn due(person: &Person) -> Vec<String> {
    match person.ask(Request::Overview).await.unwrap() {
        Reply::Overview(Overview { due, .. }) => due,
        other => panic!("an overview: {other:?}"),
    }
}

/// The same person at a second device.
async fn second(stage: &Stage, kit: &subrosa_bridge::view::Kit) -> Person {
    let second = stage.desk();
    second.recover(kit.text.expose(), PASSWORD).await.unwrap();
    second
}

#[test]
fn what_one_device_encrypts_another_decrypts_in_the_same_context_alone() {
    story(async {
        let stage = Stage::new().await;
        let (ada, kit) = stage.founder().await;
        let here = Hand::new(&ada).await;
        assert!(keys(ada.ask(Request::NamedKeys).await.unwrap()).is_empty());

        // Nobody made the key: who may write has it made by encrypting.
        let sealed = here.encrypt("4111 1111", "order 7").await.unwrap();
        assert!(sealed.starts_with("subrosa:v1:"), "{sealed}");
        let key = here.listed().await;
        assert_eq!(
            (key.vault_name.as_str(), key.author.as_str()),
            ("billing", "Ada canary-person")
        );
        assert_eq!((key.base, key.newest, key.oldest, key.decrypt_from), (1, 1, 1, 1));
        assert!(key.writes && !key.deletable && !key.due && key.rotate_after.is_none());

        let phone = second(&stage, &kit).await;
        let there = Hand::of(&phone, "orders").await;
        assert_eq!(there.reads(&sealed, "order 7").await, "4111 1111");
        let problem = there.decrypt(&sealed, "order 8").await.unwrap_err();
        assert_eq!(problem.kind, Kind::Rule(400));
        assert!(problem.next.contains("context"), "{}", problem.next);
        let problem = there.decrypt("subrosa:v1:???", "order 7").await.unwrap_err();
        assert_eq!(problem.kind, Kind::Rule(400));

        let bytes = Plain::Bytes(HiddenBytes::new(vec![0, 255]));
        let sealed = there.encrypt_with(bytes, "", Some(1)).await.unwrap();
        let reply = here.decrypt(&sealed, "").await.unwrap();
        assert_eq!(reply, Reply::Bytes(HiddenBytes::new(vec![0, 255])));
    });
}

#[test]
fn a_key_is_made_once_under_a_name_that_keeps_the_rule() {
    story(async {
        let stage = Stage::new().await;
        let (ada, kit) = stage.founder().await;
        let orders = Hand::new(&ada).await;
        let phone = second(&stage, &kit).await;
        let key = orders.change_from(0, NamedKeyChange::Create).await.unwrap();
        assert_eq!((key.base, key.newest), (1, 1));
        let problem = orders.change_from(0, NamedKeyChange::Create).await.unwrap_err();
        assert_eq!(problem.kind, Kind::Exists);
        assert!(problem.message.contains("orders"), "{}", problem.message);

        // The phone has not heard of it: it makes no second one, and encrypts with the one there is.
        let there = Hand::of(&phone, "orders").await;
        let sealed = there.encrypt("one", "").await.unwrap();
        assert_eq!(orders.reads(&sealed, "").await, "one");
        assert_eq!(there.listed().await.base, 1);

        for name in ["", "a b", ".hidden", &"n".repeat(65)] {
            let bad = Hand::of(&ada, name).await;
            let problem = bad.change_from(0, NamedKeyChange::Create).await.unwrap_err();
            assert_eq!(problem.kind, Kind::BadName, "{name}");
            assert_eq!(bad.encrypt("one", "").await.unwrap_err().kind, Kind::BadName, "{name}");
        }
        let absent = Hand::of(&ada, "absent").await;
        let problem = absent.decrypt(&sealed, "").await.unwrap_err();
        assert_eq!(problem.kind, Kind::NotFound);
        assert!(problem.message.contains("absent"), "{}", problem.message);
        let problem = absent.encrypt_with(plain("one"), "", Some(2)).await.unwrap_err();
        assert_eq!(problem.kind, Kind::NotFound, "a new key has no version 2");
        let problem = absent.change_from(1, NamedKeyChange::Rotate).await.unwrap_err();
        assert_eq!(problem.kind, Kind::NotFound);
    });
}

#[test]
fn a_batch_is_rewrapped_in_its_order_with_an_error_for_the_bad_one() {
    story(async {
        let stage = Stage::new().await;
        let (ada, _) = stage.founder().await;
        let orders = Hand::new(&ada).await;
        let old = orders.encrypt("old", "row 1").await.unwrap();
        let older = orders.encrypt("older", "row 2").await.unwrap();
        assert_eq!(orders.change(NamedKeyChange::Rotate).await.unwrap().newest, 2);
        let new = orders.encrypt("new", "row 3").await.unwrap();
        assert!(new.starts_with("subrosa:v2:"));

        let batch = [(&*old, "row 1"), (&*old, "row 2"), (&*older, "row 2"), (&*new, "row 3")];
        let done = orders.rewrap(&batch, None).await;
        let [Ok(Rewrapped::New(first)), Err(bad), Ok(Rewrapped::New(third)), Ok(Rewrapped::Same)] =
            done.as_slice()
        else {
            panic!("four of them: {done:?}")
        };
        assert_eq!(bad.kind, Kind::Rule(400));
        assert_eq!(orders.reads(first, "row 1").await, "old");
        assert_eq!(orders.reads(third, "row 2").await, "older");
        assert!(first.starts_with("subrosa:v2:") && third.starts_with("subrosa:v2:"));

        let back = orders.rewrap(&[(first, "row 1"), (&old, "row 1")], Some(1)).await;
        assert_eq!(back[0].as_ref().unwrap_err().kind, Kind::Rule(400), "not to an older one");
        assert_eq!(back[1], Ok(Rewrapped::Same));
    });
}

#[test]
fn a_minimum_can_be_lowered_again_and_a_trim_cannot() {
    story(async {
        let stage = Stage::new().await;
        let (ada, _) = stage.founder().await;
        let orders = Hand::new(&ada).await;
        let old = orders.encrypt("old", "").await.unwrap();
        orders.change(NamedKeyChange::Rotate).await.unwrap();
        orders.change(NamedKeyChange::Rotate).await.unwrap();
        assert_eq!(orders.versions().await, [3, 2, 1]);

        let problem = orders.change(NamedKeyChange::Trim { below: 2 }).await.unwrap_err();
        assert_eq!(problem.kind, Kind::Rule(400));
        assert!(problem.message.contains("minimum decryption version, 1"), "{}", problem.message);
        let key = orders.change(NamedKeyChange::DecryptFrom(2)).await.unwrap();
        assert_eq!((key.decrypt_from, key.oldest), (2, 1));
        assert_eq!(orders.decrypt(&old, "").await.unwrap_err().kind, Kind::Rule(403));
        orders.change(NamedKeyChange::DecryptFrom(1)).await.unwrap();
        assert_eq!(orders.reads(&old, "").await, "old");

        orders.change(NamedKeyChange::DecryptFrom(2)).await.unwrap();
        let key = orders.change(NamedKeyChange::Trim { below: 2 }).await.unwrap();
        assert_eq!((key.oldest, key.newest, key.decrypt_from), (2, 3, 2));
        assert_eq!(orders.versions().await, [3, 2]);
        let problem = orders.change(NamedKeyChange::DecryptFrom(1)).await.unwrap_err();
        assert_eq!(problem.kind, Kind::Rule(400));
        let problem = orders.decrypt(&old, "").await.unwrap_err();
        assert!(problem.message.contains("trimmed"), "{}", problem.message);
    });
}

#[test]
fn data_keys_come_wrapped_and_open_when_they_are_asked_for_so() {
    story(async {
        let stage = Stage::new().await;
        let (ada, _) = stage.founder().await;
        let orders = Hand::new(&ada).await;
        assert_eq!(orders.data_key(32, true).await.unwrap_err().kind, Kind::NotFound);
        orders.change_from(0, NamedKeyChange::Create).await.unwrap();
        for bytes in [16, 32, 64] {
            assert_eq!(orders.data_key(bytes, false).await.unwrap().plaintext, None);
            let key = orders.data_key(bytes, true).await.unwrap();
            let plaintext = key.plaintext.unwrap();
            assert_eq!(plaintext.expose().len(), bytes);
            let opened = match orders.decrypt(&key.wrapped, "file 7").await.unwrap() {
                Reply::Bytes(bytes) => bytes,
                Reply::Text(text) => HiddenBytes::new(text.expose().as_bytes().to_vec()),
                other => panic!("a plaintext: {other:?}"),
            };
            assert_eq!(opened, plaintext);
        }
        assert_eq!(orders.data_key(24, true).await.unwrap_err().kind, Kind::Rule(400));
    });
}

#[test]
fn of_two_rotations_at_once_one_is_told_of_the_other() {
    story(async {
        let stage = Stage::new().await;
        let (ada, kit) = stage.founder().await;
        let here = Hand::new(&ada).await;
        here.change_from(0, NamedKeyChange::Create).await.unwrap();
        let phone = second(&stage, &kit).await;
        let there = Hand::of(&phone, "orders").await;
        here.change_from(1, NamedKeyChange::Rotate).await.unwrap();
        let problem = there.change_from(1, NamedKeyChange::Rotate).await.unwrap_err();
        assert!(matches!(problem.kind, Kind::Conflict(_)), "{problem:?}");
        assert!(problem.message.starts_with("orders was changed"), "{}", problem.message);
        assert_eq!(there.listed().await.newest, 2, "once, and the phone has heard of it");
        assert_eq!(there.change(NamedKeyChange::Rotate).await.unwrap().newest, 3);

        // What is encrypted with a version that this device has not heard of is told so.
        let sealed = there.encrypt("new", "").await.unwrap();
        let problem = here.decrypt(&sealed, "").await.unwrap_err();
        assert!(problem.message.contains("Sync"), "{}", problem.message);
        ada.ask(Request::Sync).await.unwrap();
        assert_eq!(here.reads(&sealed, "").await, "new");
    });
}

#[test]
fn a_guarded_key_is_not_deleted_and_nothing_brings_a_deleted_one_back() {
    story(async {
        let stage = Stage::new().await;
        let (ada, _) = stage.founder().await;
        let orders = Hand::new(&ada).await;
        let old = orders.encrypt("old", "").await.unwrap();
        let problem = orders.change(NamedKeyChange::Delete).await.unwrap_err();
        assert_eq!(problem.kind, Kind::Rule(403));
        let key = orders.change(NamedKeyChange::Deletable(true)).await.unwrap();
        assert!(key.deletable);
        let delete = Request::ChangeNamedKey {
            at: orders.at.clone(),
            base: key.base,
            change: NamedKeyChange::Delete,
        };
        assert!(keys(ada.ask(delete).await.unwrap()).is_empty());
        assert_eq!(orders.decrypt(&old, "").await.unwrap_err().kind, Kind::NotFound);
        // Another of that name is another key.
        orders.encrypt("new", "").await.unwrap();
        assert_eq!(orders.decrypt(&old, "").await.unwrap_err().kind, Kind::Rule(400));
    });
}

#[test]
fn no_page_of_secrets_meets_a_named_key() {
    story(async {
        let stage = Stage::new().await;
        let (ada, _) = stage.founder().await;
        let orders = Hand::new(&ada).await;
        let Reply::Overview(overview) = ada.ask(Request::Overview).await.unwrap() else {
            panic!("an overview")
        };
        let project = Scope::Project(overview.projects[0].id.clone());
        orders.change_from(0, NamedKeyChange::Create).await.unwrap();
        let gone = Hand::of(&ada, "gone").await;
        gone.change_from(0, NamedKeyChange::Create).await.unwrap();
        gone.change(NamedKeyChange::Deletable(true)).await.unwrap();
        let (at, base) = (gone.at.clone(), gone.listed().await.base);
        let delete = Request::ChangeNamedKey { at, base, change: NamedKeyChange::Delete };
        ada.ask(delete).await.unwrap();
        // A secret may have the same key, and its value be the same as another's.
        ada.set(&project, "orders", "same").await.unwrap();
        ada.set(&project, "ORDERS", "same").await.unwrap();

        assert_eq!(ada.secrets(&project, true).await.len(), 2);
        let Reply::Overview(overview) = ada.ask(Request::Overview).await.unwrap() else {
            panic!("an overview")
        };
        assert_eq!(overview.projects[0].secrets, 2);
        let rows = |reply| match reply {
            Ok(Reply::Secrets(Secrets { total, rows, .. })) => (total, rows.len()),
            other => panic!("secrets: {other:?}"),
        };
        let search = Request::Search { text: "orders".into(), limit: 10 };
        assert_eq!(rows(ada.ask(search).await), (2, 2));
        let deleted = Request::Deleted { scope: project.clone() };
        assert_eq!(rows(ada.ask(deleted).await), (0, 0));
        let Reply::Groups(groups) = ada.ask(Request::Duplicates).await.unwrap() else {
            panic!("groups")
        };
        assert_eq!(groups.iter().map(Vec::len).collect::<Vec<_>>(), [2]);
    });
}

#[test]
fn after_a_rotation_of_the_vault_old_ciphertexts_still_open() {
    story(async {
        let stage = Stage::new().await;
        let (ada, kit) = stage.founder().await;
        let orders = Hand::new(&ada).await;
        let old = orders.encrypt("old", "row").await.unwrap();
        let key = orders.change(NamedKeyChange::Rotate).await.unwrap();
        let newer = orders.encrypt("newer", "row").await.unwrap();
        let vault = orders.at.vault.clone();
        let uses = Request::UsesOfKey { vault: vault.clone(), version: 1, limit: 10 };
        assert!(matches!(ada.ask(uses).await, Ok(Reply::Secrets(_))));

        // Held back first: the key is what needs the old one.
        let step = |step| Request::Rotate { vaults: vec![vault.clone()], step, drop_earlier: true };
        ada.ask(step(RotationStep::Rekey)).await.unwrap();
        let Reply::Rotated(held) = ada.ask(step(RotationStep::Retire)).await.unwrap() else {
            panic!("a rotation")
        };
        assert!(matches!(held[0].outcome, Outcome::Held { .. }), "{held:?}");
        let Reply::Rotated(done) = ada.ask(step(RotationStep::All)).await.unwrap() else {
            panic!("a rotation")
        };
        assert_eq!(done[0].outcome, Outcome::Done);
        let Reply::Keys(vaults) = ada.ask(Request::Keys).await.unwrap() else { panic!("keys") };
        let rotated = vaults.iter().find(|it| it.vault == vault).unwrap();
        assert_eq!(
            (rotated.left, rotated.versions[0].version, rotated.versions[0].secrets),
            (0, 2, 1)
        );
        assert!(rotated.versions[1].retired);

        // For a device that never had the old vault key too.
        let phone = second(&stage, &kit).await;
        let there = Hand::of(&phone, "orders").await;
        for hand in [&orders, &there] {
            assert_eq!(hand.listed().await, key, "nobody changed it");
            assert_eq!(hand.reads(&old, "row").await, "old");
            assert_eq!(hand.reads(&newer, "row").await, "newer");
            assert_eq!(hand.rewrap(&[(&newer, "row")], None).await, [Ok(Rewrapped::Same)]);
        }
        assert_eq!(there.change(NamedKeyChange::Rotate).await.unwrap().newest, 3);
    });
}

#[test]
fn a_reminder_is_kept_and_nothing_is_due_before_its_time() {
    story(async {
        let stage = Stage::new().await;
        let (ada, _) = stage.founder().await;
        let orders = Hand::new(&ada).await;
        orders.change_from(0, NamedKeyChange::Create).await.unwrap();
        let key = orders.change(NamedKeyChange::RotateAfter(Some(30))).await.unwrap();
        assert_eq!((key.rotate_after, key.due), (Some(30), false));
        assert!(due(&ada).await.is_empty());
        let key = orders.change(NamedKeyChange::RotateAfter(None)).await.unwrap();
        assert_eq!(key.rotate_after, None);
    });
}

#[test]
fn a_key_that_somebody_has_lost_the_vault_with_encrypts_no_more() {
    story(async {
        let stage = Stage::new().await;
        let (ada, _) = stage.founder().await;
        let orders = Hand::new(&ada).await;
        let old = orders.encrypt("kept elsewhere", "row 7").await.unwrap();
        assert!(old.starts_with("subrosa:v1:"));
        // Whoever had the old root key had this key too.
        let Ok(Reply::RootKeySheet(sheet)) = ada.ask(Request::StageRootKey).await else {
            panic!("a sheet")
        };
        let (fingerprint, tail) = (sheet.fingerprint.clone(), tail(&sheet));
        ada.ask(Request::RotateRootKey { fingerprint, tail }).await.unwrap();
        // What is encrypted from now on is under another version, made on the way.
        let new = orders.encrypt("kept elsewhere", "row 7").await.unwrap();
        assert!(new.starts_with("subrosa:v2:"), "{new}");
        assert_eq!(orders.listed().await.newest, 2);
        let asked = orders.encrypt_with(plain("x"), "row 7", Some(1)).await.unwrap_err();
        assert_eq!(asked.kind, Kind::Rule(409));
        for kept in [&old, &new] {
            let opened = text(orders.decrypt(kept, "row 7").await.unwrap());
            assert_eq!(opened, "kept elsewhere");
        }
        // Once is enough.
        let again = orders.encrypt("kept elsewhere", "row 8").await.unwrap();
        assert!(again.starts_with("subrosa:v2:"), "{again}");
    });
}
