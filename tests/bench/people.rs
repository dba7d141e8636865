//! A machine that joins a team of 50 members and 40 vaults, and one that leaves it: by a real client
//! through a real server, against wrapping the same keys alone.
//!
//! Whoever leaves all of it costs the most: a next key of each vault, to each who stays.

use std::hint::black_box;

use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use subrosa_client::native::{Memory, Native};
use subrosa_client::{Change, Founding, NewService, Part, TeamClient, Unlocked, Wish};
use subrosa_core::keyset::Keyset;
use subrosa_core::manifest::Subject;
use subrosa_core::vault_key::{KeyName, VaultKey};
use subrosa_tests::platform::Staged;
use subrosa_tests::{PASSWORD, story};
use subrosa_wire::id::{Hash, MemberId, ProjectId, TeamId, VaultId};
use subrosa_wire::people::{Grant, VaultRole};

use crate::http::server;
use crate::rotation::{cpu, median, seconds};
use crate::{Bound, report};

const MEMBERS: u8 = 50;
const VAULTS: u8 = 40;
const ROUNDS: u8 = 5;

/// Seconds of CPU and bytes sent; and the seconds that bare wraps take, to one and to all.
struct Cost {
    join: (f64, f64),
    leave: (f64, f64),
    wraps: (f64, f64),
}

pub fn measure() {
    let data = tempfile::tempdir().expect("a folder");
    let servers = tokio::runtime::Runtime::new().expect("a runtime");
    let running = servers.block_on(server(data.path()));
    let token = running.setup_token().expect("a setup token");
    story(async {
        let sent = std::rc::Rc::new(std::cell::Cell::new(0));
        let heard = sent.clone();
        let note = move |request: &subrosa_client::HttpRequest| {
            heard.set(heard.get() + request.body.len());
        };
        let platform = Staged::new(Native::new(running.origin(), Memory::default()), 1, note);
        let founding = Founding::prepare(&platform, &token, "Team", "Ada", PASSWORD);
        let founding = founding.expect("it can be founded");
        let client = founding.finish(platform).await.and_then(Unlocked::team).expect("a team");
        let vault = |number: u8| VaultId::from_random([number; 16]);
        // The directory is one of them.
        for number in 1..VAULTS {
            let id = ProjectId::from_random([number; 16]);
            let subject = Subject::Project { id, name: "p".into() };
            let parts = vec![Part::CreateVault { vault: vault(number), parent: None, subject }];
            client.change(&Change { note: String::new(), parts }).await.expect("a vault");
        }
        // The founder and the root are two of them.
        for number in 2..MEMBERS {
            joins(&client, number).await;
        }
        let mut costs = Vec::new();
        for round in 0..ROUNDS {
            let number = MEMBERS + round;
            sent.set(0);
            let before = cpu();
            let member = joins(&client, number).await;
            let (join, joined) = (cpu() - before, sent.take());
            let before = cpu();
            client.remove(&[member], &[]).await.expect("it leaves");
            let (leave, left) = (cpu() - before, sent.take());
            let bare = |recipients| {
                let before = cpu();
                wraps(usize::from(VAULTS) * recipients);
                cpu() - before
            };
            let (one, all) = (bare(1), bare(usize::from(MEMBERS)));
            costs.push(Cost {
                join: (seconds(join), joined as f64),
                leave: (seconds(leave), left as f64),
                wraps: (seconds(one), seconds(all)),
            });
        }
        let of = |cost: fn(&Cost) -> f64| median(costs.iter().map(cost));
        println!(
            "join: {:.3} s of CPU, {:.0} bytes sent; leave: {:.3} s of CPU, {:.0} bytes sent",
            of(|it| it.join.0),
            of(|it| it.join.1),
            of(|it| it.leave.0),
            of(|it| it.leave.1),
        );
        let joining = of(|it| it.join.0 / it.wraps.0);
        report("join a team of 50 with 40 vaults: CPU / 40 wraps", joining, Bound::None);
        let leaving = of(|it| it.leave.0 / it.wraps.1);
        report("leave it: CPU / 2,000 wraps", leaving, Bound::None);
        let wrapped = |count: usize| (count * subrosa_wire::log::WRAP_BYTES) as f64;
        report("join it: bytes sent / 40 wraps", of(|it| it.join.1) / wrapped(40), Bound::None);
        report(
            "leave it: bytes sent / 2,000 wraps",
            of(|it| it.leave.1) / wrapped(2_000),
            Bound::None,
        );
    });
}

/// A machine that reads every vault.
async fn joins(client: &TeamClient<Staged>, number: u8) -> MemberId {
    let member = MemberId::from_random([number; 16]);
    let mut rng = ChaCha20Rng::seed_from_u64(u64::from(number));
    let keys = Keyset::generate(&mut rng).expect("keys").rotation(client.team().id(), member);
    let grant =
        |number| Grant { vault: VaultId::from_random([number; 16]), role: VaultRole::Reader };
    let grants = (1..VAULTS).map(grant).collect();
    let new = NewService { member, grants, expires: None, name: "CI".into(), keys };
    client.fulfil(vec![Wish::AddService(Box::new(new))]).await.expect("it joins");
    member
}

fn wraps(count: usize) {
    let mut rng = ChaCha20Rng::seed_from_u64(4);
    let keyset = Keyset::generate(&mut rng).expect("keys");
    let name =
        KeyName { team: TeamId(Hash([1; 32])), vault: VaultId::from_random([2; 16]), version: 1 };
    let key = VaultKey::generate(&mut rng);
    for _ in 0..count {
        let wrap = key.wrap(name, MemberId::from_random([3; 16]), keyset.public(), &mut rng);
        black_box(wrap.expect("wraps"));
    }
}
