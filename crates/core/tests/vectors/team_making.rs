//! Makes `team.json`: a founder's team with a project and an environment, and doctored trees.

use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use serde_json::{Value, json};
use subrosa_core::envelope::{Place, Sealable, Sealed, SealingKey};
use subrosa_core::keyset::Keyset;
use subrosa_core::manifest::{
    Application, Card, Content, KeyState, Level, Page, PageRef, Record, RootPage, Subject,
    ValueRef, VaultPlaces,
};
use subrosa_core::secret_value::SecretValue;
use subrosa_core::vault::{Edit, Keyring, NewContent, Objects, OpenVault, Stamp};
use subrosa_core::vault_key::{KeyName, VaultKey};
use subrosa_wire::SUITE;
use subrosa_wire::api::Push;
use subrosa_wire::encoding::encode;
use subrosa_wire::id::{
    ApplicationId, EnvironmentId, Hash, MemberId, PageId, ProjectId, SecretId, TeamId, VaultId,
};
use subrosa_wire::log::{CreateVault, Entry, Genesis, Op, RootClaim, SignedEntry, wraps_hash};
use subrosa_wire::object::{ObjectId, Upload};
use subrosa_wire::team::Team;

use crate::file::hex;

const TIME: u64 = 1_700_000_000_000;

fn draw<const N: usize>(rng: &mut ChaCha20Rng) -> [u8; N] {
    let mut bytes = [0; N];
    rng.fill_bytes(&mut bytes);
    bytes
}

struct Story {
    rng: ChaCha20Rng,
    team: Team,
    me: MemberId,
    keyset: Keyset,
    keys: Keyring,
    objects: Objects,
    pushes: Vec<Value>,
}

impl Story {
    fn stamp(&self) -> Stamp {
        Stamp { author: self.me, seq: self.team.head().seq + 1, time: TIME }
    }

    fn create(
        &mut self,
        name: &str,
        vault: VaultId,
        parent: Option<VaultId>,
        subject: Subject,
    ) -> OpenVault {
        let key = VaultKey::generate(&mut self.rng);
        let key_name = KeyName { team: self.team.id(), vault, version: 1 };
        let mut wraps = Vec::new();
        for recipient in self.team.holders_of_new(self.me) {
            let keyset = self.team.member(recipient).unwrap().keyset.clone();
            wraps.push(key.wrap(key_name, recipient, &keyset, &mut self.rng).unwrap());
        }
        let op = CreateVault {
            vault,
            parent,
            key_commitment: key.commitment(key_name),
            wraps: wraps_hash(&wraps),
        };
        self.keys.insert(vault, 1, key);
        let vault = OpenVault::new(self.team.id(), vault, subject);
        self.commit(name, vec![Op::CreateVault(op)], wraps, &vault, &[])
    }

    fn commit(
        &mut self,
        name: &str,
        mut ops: Vec<Op>,
        wraps: Vec<subrosa_wire::log::Wrap>,
        vault: &OpenVault,
        edits: &[Edit],
    ) -> OpenVault {
        let stamp = self.stamp();
        let staged =
            vault.stage(edits, name, 1, stamp, &self.keys, &self.objects, &mut self.rng).unwrap();
        ops.push(Op::Commit(staged.commit));
        let entry = Entry::after(self.team.id(), self.team.head(), self.me, TIME, ops);
        let entry = SignedEntry::new(&entry, |bytes| self.keyset.sign(bytes));
        self.team.extend(&entry).unwrap();
        staged.objects.iter().for_each(|object| self.objects.insert(object.clone()));
        let upload = |sealed: Vec<u8>| Upload { vault: vault.id(), sealed: sealed.into() };
        let objects = staged.objects.into_iter().map(upload).collect();
        let push = Push { entry, wraps, objects };
        self.pushes.push(json!({"name": name, "push": hex(&encode(&push))}));
        staged.vault
    }
}

pub fn write() {
    let mut rng = ChaCha20Rng::seed_from_u64(0x7ea3);
    let [seed, root_seed]: [[u8; 32]; 2] = [(); 2].map(|()| draw(&mut rng));
    let [keyset, root_keyset] =
        [seed, root_seed].map(|seed| Keyset::from_seed(seed.into()).unwrap());
    let [me, root] = [(); 2].map(|()| MemberId::from_random(draw(&mut rng)));
    let [directory, project_vault, environment_vault] =
        [(); 3].map(|()| VaultId::from_random(draw(&mut rng)));
    let claim = RootClaim {
        founder: me,
        founder_keyset: keyset.public().clone(),
        root,
        root_keyset: root_keyset.public().clone(),
        directory,
    };
    let genesis = Entry {
        suite: SUITE,
        team: None,
        seq: 0,
        prev: None,
        author: me,
        time: TIME,
        ops: vec![Op::Genesis(Box::new(Genesis {
            founder: keyset.public().clone(),
            root,
            root_keyset: root_keyset.public().clone(),
            root_proof: root_keyset.sign(&claim.to_sign()),
            directory,
        }))],
    };
    let genesis = SignedEntry::new(&genesis, |bytes| keyset.sign(bytes));
    let team = Team::found(&genesis).unwrap();
    let (keys, objects, pushes) = (Keyring::default(), Objects::default(), Vec::new());
    let mut story = Story { rng, team, me, keyset, keys, objects, pushes };

    let cards = vec![Card { member: me, name: "Ada".to_owned() }];
    let subject = Subject::Directory { team_name: "Subrosa".to_owned(), cards };
    story.create("the directory", directory, None, subject);
    let project = ProjectId::from_random(draw(&mut story.rng));
    let subject = Subject::Project { id: project, name: "shop".to_owned() };
    story.create("a project", project_vault, None, subject);
    let application = ApplicationId::from_random(draw(&mut story.rng));
    let subject = Subject::Environment {
        id: EnvironmentId::from_random(draw(&mut story.rng)),
        name: "production".to_owned(),
        project,
        applications: vec![Application { id: application, name: "web".to_owned() }],
    };
    let vault = story.create("an environment", environment_vault, Some(project_vault), subject);

    let mut ids: Vec<SecretId> =
        (0..3).map(|_| SecretId::from_random(draw(&mut story.rng))).collect();
    ids.sort();
    let value = |text: &str| SecretValue::new(text.as_bytes().to_vec());
    let create = |id, level, key: &str, text: &str| Edit::Create {
        id,
        level,
        key: key.to_owned(),
        content: NewContent::Value(value(text)),
        note: String::new(),
    };
    let edits = [
        create(ids[0], Level::Own, "DATABASE_URL", "postgres://one"),
        create(ids[1], Level::Application(application), "TOKEN", "hunter2"),
        create(ids[2], Level::Own, "OLD", "gone"),
    ];
    let vault = story.commit("three secrets", vec![], vec![], &vault, &edits);
    let edits = [
        Edit::Change {
            id: ids[0],
            base: 1,
            key: None,
            content: Some(NewContent::Value(value("postgres://two"))),
            note: Some("moved".to_owned()),
        },
        Edit::Delete { id: ids[2], base: 1 },
    ];
    story.commit("one changed, one deleted", vec![], vec![], &vault, &edits);

    let secret = |id: SecretId,
                  level: &str,
                  key: &str,
                  note: &str,
                  version: u32,
                  value: Option<&str>,
                  past: &[&str]| {
        let past: Vec<Value> =
            past.iter().map(|value| json!({"value": hex(value.as_bytes())})).collect();
        json!({
            "vault": environment_vault.to_string(), "id": id.to_string(), "level": level, "key": key, "note": note,
            "version": version, "value": value.map(|value| hex(value.as_bytes())), "past": past,
        })
    };
    let secrets = vec![
        secret(
            ids[0],
            "own",
            "DATABASE_URL",
            "moved",
            2,
            Some("postgres://two"),
            &["postgres://one"],
        ),
        secret(ids[1], &application.to_string(), "TOKEN", "", 1, Some("hunter2"), &[]),
        secret(ids[2], "own", "OLD", "", 2, None, &["gone"]),
    ];
    let vaults =
        [(directory, "Subrosa"), (project_vault, "shop"), (environment_vault, "production")]
            .map(|(vault, subject)| json!({"vault": vault.to_string(), "subject": subject}));
    let owners = [("the founder", me, seed), ("the root", root, root_seed)].map(
        |(name, member, seed)| json!({"name": name, "member": member.to_string(), "seed": hex(&seed)}),
    );
    let team = story.team.id();
    let genesis = json!({"entry": hex(&encode(&genesis)), "team": team.to_string()});
    let doctored = doctored(&mut story.rng, team, environment_vault);
    let about = "A team from its genesis: pushes (a Push message each), what every owner opens \
                 with its keyset's seed; and trees that a server or a writer has doctored.";
    let sections = vec![
        ("genesis", vec![genesis]),
        ("pushes", story.pushes),
        ("owners", owners.to_vec()),
        ("vaults", vaults.to_vec()),
        ("secrets", secrets),
        ("doctored", doctored),
    ];
    crate::file::write("team", about, sections);
}

/// Cases in which the vault has its second key since entry 2.
const NEXT_KEY: [&str; 2] = [
    "a record of an entry since which there is another key",
    "a value that is fresh as of one since which there is another key",
];

/// What is wrong, the root page, the pages at hand, and what comes of it.
type Doctored<'a> = (&'a str, Vec<u8>, &'a [&'a Vec<u8>], &'a str);

fn doctored(rng: &mut ChaCha20Rng, team: TeamId, vault: VaultId) -> Vec<Value> {
    let key_bytes: [u8; 32] = draw(rng);
    let key = SealingKey::new(&key_bytes);
    let places = VaultPlaces { team, vault };
    let secret = SecretId::from_random([3; 16]);
    let page_id = PageId::from_random([4; 16]);
    let record = Record {
        id: secret,
        level: Level::Own,
        key: "A".to_owned(),
        version: 1,
        content: None,
        note: String::new(),
        author: MemberId::from_random([5; 16]),
        seq: 1,
        time: TIME,
        oldest: 1,
        history: None,
        fresh: None,
    };
    fn seal<T: Sealable>(
        value: &T,
        key: &SealingKey,
        place: &Place,
        rng: &mut ChaCha20Rng,
    ) -> Vec<u8> {
        Sealed::seal(value, key, place, rng).unwrap().into_bytes()
    }
    // A page of two records, and one that begins between them.
    let record_of = |id: u8| Record { id: SecretId::from_random([id; 16]), ..record.clone() };
    let wide_page = PageId::from_random([10; 16]);
    let wide =
        seal(&Page(vec![record_of(2), record_of(9)]), &key, &places.page(wide_page, 1, 1), rng);
    let long_page = PageId::from_random([11; 16]);
    let long =
        seal(&Page((1..130).map(record_of).collect()), &key, &places.page(long_page, 1, 1), rng);
    let mut page_of =
        |record: Record| seal(&Page(vec![record]), &key, &places.page(page_id, 1, 1), rng);
    let beyond = page_of(Record { seq: 3, ..record.clone() });
    let fresh_beyond = page_of(Record { fresh: Some(3), ..record.clone() });
    let made_beyond = page_of(Record {
        level: Level::NamedKey,
        content: Some(Content::NamedKey(KeyState {
            value: ValueRef { object: ObjectId(Hash([1; 32])), version: 1, key_version: 1 },
            oldest: 1,
            newest: 1,
            decrypt_from: 1,
            deletable: false,
            time: TIME,
            made_under: 2,
            rotate_after: None,
        })),
        ..record.clone()
    });
    // The next key came with entry 2: what is under the first is older than that.
    let of_then = page_of(Record { seq: 2, ..record.clone() });
    let fresh_then = page_of(Record { fresh: Some(2), ..record.clone() });
    let page = page_of(record);
    let reference = PageRef {
        page: page_id,
        first: secret,
        object: ObjectId::of(&page),
        version: 1,
        key_version: 1,
        oldest: 1,
    };
    let subject = Subject::Project { id: ProjectId::from_random([6; 16]), name: "p".to_owned() };
    let mut root_of = |pages: Vec<PageRef>, place: &Place| {
        seal(
            &RootPage { subject: subject.clone(), pages, rotations: vec![], rotate_after: None },
            &key,
            place,
            rng,
        )
    };
    let here = places.commit(2, 1);
    let other_vault = VaultPlaces { vault: VaultId::from_random([7; 16]), ..places };
    let other_team = VaultPlaces { team: TeamId(Hash([8; 32])), ..places };
    let changed = |change: &dyn Fn(&mut PageRef)| {
        let mut reference = reference.clone();
        change(&mut reference);
        reference
    };
    let of_other_page = changed(&|reference| reference.page = PageId::from_random([9; 16]));
    let of_other_version = changed(&|reference| reference.version = 2);
    let of_other_key = changed(&|reference| reference.key_version = 2);
    let of_no_key = changed(&|reference| reference.oldest = 0);
    let of_newer_key = changed(&|reference| reference.oldest = 2);
    let of_other_first = changed(&|reference| reference.first = SecretId::from_random([1; 16]));
    let first = SecretId::from_random([2; 16]);
    let reaching = changed(&|reference| {
        (reference.page, reference.first, reference.object) =
            (wide_page, first, ObjectId::of(&wide));
    });
    let overlap = root_of(vec![reaching, reference.clone()], &here);
    let first = SecretId::from_random([1; 16]);
    let too_long = changed(&|reference| {
        (reference.page, reference.first, reference.object) =
            (long_page, first, ObjectId::of(&long));
    });
    let too_long = root_of(vec![too_long], &here);
    let mut root = |reference: PageRef, place: &Place| root_of(vec![reference], place);
    let whole = root(reference.clone(), &here);
    let of = |page: &Vec<u8>| changed(&|reference| reference.object = ObjectId::of(page));
    let of_to_come = root(of(&beyond), &here);
    let of_fresh = root(of(&fresh_beyond), &here);
    let of_made = root(of(&made_beyond), &here);
    let of_then_root = root(of(&of_then), &here);
    let fresh_then_root = root(of(&fresh_then), &here);
    let cases: [Doctored<'_>; 21] = [
        ("nothing", whole.clone(), &[&page], "damage 0"),
        ("a page withheld", whole, &[], "damage 1"),
        (
            "an older root page",
            root(reference.clone(), &places.commit(1, 1)),
            &[&page],
            "CannotOpen",
        ),
        (
            "a root page under another key version",
            root(reference.clone(), &places.commit(2, 2)),
            &[&page],
            "CannotOpen",
        ),
        (
            "another vault's root page",
            root(reference.clone(), &other_vault.commit(2, 1)),
            &[&page],
            "CannotOpen",
        ),
        (
            "another team's root page",
            root(reference, &other_team.commit(2, 1)),
            &[&page],
            "CannotOpen",
        ),
        ("a page in another's place", root(of_other_page, &here), &[&page], "damage 1"),
        ("a page of another version", root(of_other_version, &here), &[&page], "damage 1"),
        ("a page under a key that is not there", root(of_other_key, &here), &[&page], "damage 1"),
        ("a page that begins elsewhere", root(of_other_first, &here), &[&page], "damage 1"),
        ("a page that reaches into the next", overlap, &[&wide, &page], "damage 1"),
        ("a page of 129 records", too_long, &[&long], "damage 1"),
        ("a page that needs no key", root(of_no_key, &here), &[&page], "damage 1"),
        ("a page that needs a newer key", root(of_newer_key, &here), &[&page], "damage 1"),
        ("a record of an entry to come", of_to_come, &[&beyond], "damage 1"),
        ("a value that is fresh as of one", of_fresh, &[&fresh_beyond], "damage 1"),
        ("a named key made under a key to come", of_made, &[&made_beyond], "damage 1"),
        ("a record of this very entry", of_then_root.clone(), &[&of_then], "damage 0"),
        ("a value that is fresh as of it", fresh_then_root.clone(), &[&fresh_then], "damage 0"),
        (NEXT_KEY[0], of_then_root, &[&of_then], "damage 1"),
        (NEXT_KEY[1], fresh_then_root, &[&fresh_then], "damage 1"),
    ];
    cases
        .into_iter()
        .map(|(name, root, pages, result)| {
            let tree = ObjectId::of(&root).to_string();
            let objects: Vec<Value> =
                [&root].iter().chain(pages).map(|sealed| json!({"sealed": hex(sealed)})).collect();
            let keys: Vec<Value> = match NEXT_KEY.contains(&name) {
                true => vec![json!({"seq": 1}), json!({"seq": 2})],
                false => vec![json!({"seq": 1})],
            };
            json!({
                "keys": keys, "name": name, "team": team.to_string(), "vault": vault.to_string(), "key": hex(&key_bytes),
                "key_version": 1, "seq": 2, "commits": 2, "tree": tree, "objects": objects, "result": result,
            })
        })
        .collect()
}
