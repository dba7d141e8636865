//! The life of a team: who comes, what whom of them may open, and who goes.

use subrosa_bridge::keys::{Outcome, RotationStep};
use subrosa_bridge::named_keys::NamedKeyAt;
use subrosa_bridge::people::{Access, MemberKind, Role};
use subrosa_bridge::view::{CellState, Column, MatrixRow, Plain, Scope};
use subrosa_bridge::{Event, Kind, Problem, Reply, Request};
use subrosa_tests::device::Device;
use subrosa_tests::people::waiting;
use subrosa_tests::{PASSWORD, Person, Stage, hidden, retyped, story};

/// Ada's team with a project, an environment and an application in it.
async fn team() -> (Stage, Person, [Scope; 3]) {
    let stage = Stage::new().await;
    let (ada, _) = stage.founder().await;
    let scopes = ada.scopes().await;
    ada.set(&scopes[0], "SHARED", "for all").await.unwrap();
    ada.set(&scopes[1], "DATABASE_URL", "postgres://one").await.unwrap();
    (stage, ada, scopes)
}

#[test]
fn somebody_is_invited_waits_and_is_let_in_to_what_the_invite_says() {
    story(async {
        let (stage, ada, [_, environment, _]) = team().await;
        let access = ada.access(&[("billing / production", Role::Writer)]).await;
        let link = ada.invite("Bob", access.clone()).await.unwrap();
        assert!(link.starts_with(&format!("{}/join#sri1_", stage.origin())));
        let open = ada.open_invite("Bob").await;
        assert_eq!((&open.access, open.waiting.len(), open.compare), (&access, 0, false));
        assert_eq!((open.by.as_str(), open.expired), ("Ada canary-person", false));

        // Bob follows it in a browser of his own. What he sees of the team is no name.
        let bob = stage.desk();
        let Ok(Reply::Invitation(shown)) =
            bob.ask(Request::OpenInvite { link: hidden(&link) }).await
        else {
            panic!("an invitation")
        };
        assert_eq!((shown.access, shown.expires), (access, open.expires));
        let kit = bob.follow(&link).await.unwrap();
        let door = waiting(bob.ask(retyped(&kit)).await.unwrap());
        assert_eq!(door.team, shown.team);
        let still = waiting(bob.ask(Request::Knock).await.unwrap());
        assert_eq!(still, door);
        // He locks and unlocks, and waits on; so on another device, by his kit.
        let bob = bob.locked();
        let unlock = Request::Unlock { password: hidden(PASSWORD), team: None };
        assert_eq!(waiting(bob.ask(unlock).await.unwrap()), door);
        let laptop = stage.desk();
        let (text, password) = (hidden(kit.text.expose()), hidden(PASSWORD));
        let recover = Request::Recover { kit: text, password };
        assert_eq!(waiting(laptop.ask(recover).await.unwrap()), door);

        // Both see the same eight words, and Ada lets him in.
        assert_eq!(ada.open_invite("Bob").await.waiting, std::slice::from_ref(&door.fingerprint));
        let other = "zoo zoo zoo zoo zoo zoo zoo zoo";
        let refused = ada.admit("Bob", other).await.unwrap_err();
        assert_eq!(refused.kind, Kind::InviteGone, "nobody waits with other words");
        let people = ada.admit("Bob", &door.fingerprint).await.unwrap();
        assert!(people.invites.is_empty());
        let overview = bob.knock().await.unwrap();
        assert_eq!(
            (overview.me.as_str(), overview.team_name.as_str()),
            ("Bob", "Rosenkreuz canary-team")
        );
        assert_eq!(ada.member("Bob").await.fingerprint, door.fingerprint);
        assert_eq!(bob.member("Ada canary-person").await.kind, MemberKind::Owner);

        // He reads and writes in the environment; of the project he sees that there is one.
        let row = bob.row(&environment, "DATABASE_URL").await;
        assert_eq!(bob.reveal(&row).await.unwrap(), "postgres://one");
        bob.edit(&row, "postgres://two").await.unwrap();
        let [project] = overview.projects.as_slice() else { panic!("one project") };
        assert!(project.role.is_none() && project.environments[0].name == "production");
        ada.ask(Request::Sync).await.unwrap();
        let row = ada.row(&environment, "DATABASE_URL").await;
        assert_eq!(
            (ada.reveal(&row).await.unwrap().as_str(), row.author.as_str()),
            ("postgres://two", "Bob")
        );
        // It stays his: both devices, with his password alone.
        for device in [bob.locked(), laptop.locked()] {
            assert_eq!(device.unlock(PASSWORD).await.unwrap().me, "Bob");
        }
        // The link is used up.
        let eve = stage.desk();
        assert_eq!(eve.follow(&link).await.unwrap_err().kind, Kind::InviteGone);
    });
}

#[test]
fn an_invite_is_cancelled_or_its_words_differ_and_nobody_comes_in() {
    story(async {
        let (stage, ada, _) = team().await;
        let link = ada.invite("Bob", Access::Owner).await.unwrap();
        assert!(ada.open_invite("Bob").await.compare);
        // Two have the link: each waits with words of its own.
        let [bob, eve] = [stage.desk(), stage.desk()];
        let [bobs, eves] = [bob.join(&link).await.unwrap(), eve.join(&link).await.unwrap()];
        let mut both = [bobs.fingerprint.clone(), eves.fingerprint.clone()];
        let mut seen = ada.open_invite("Bob").await.waiting;
        both.sort();
        seen.sort();
        assert_eq!(seen, both);
        ada.admit("Bob", &bobs.fingerprint).await.unwrap();
        assert_eq!(bob.knock().await.unwrap().me, "Bob");
        assert_eq!(eve.ask(Request::Knock).await.unwrap_err().kind, Kind::InviteGone);
        // Whoever was not let in starts anew with another link.
        let access = Access::Member(Vec::new());
        let link = ada.invite("Eve", access.clone()).await.unwrap();
        let cancelled = ada.invite("Nobody", access).await.unwrap();
        let invite = ada.open_invite("Nobody").await.id;
        ada.ask(Request::CancelInvite { invite }).await.unwrap();
        let nobody = stage.desk();
        assert_eq!(nobody.follow(&cancelled).await.unwrap_err().kind, Kind::InviteGone);
        let eve = stage.desk();
        let waits = eve.join(&link).await.unwrap();
        let invite = bob.open_invite("Eve").await;
        assert_eq!((invite.by.as_str(), invite.cancellable), ("Ada canary-person", true));
        // Another owner may let her in as well: her keys are signed for by the link.
        bob.admit("Eve", &waits.fingerprint).await.unwrap();
        assert_eq!(eve.knock().await.unwrap().projects.len(), 0);
        let late = ada.ask(Request::CancelInvite { invite: invite.id }).await.unwrap_err();
        assert_eq!(late.kind, Kind::Refused, "somebody has joined by it: {}", late.message);
    });
}

#[test]
fn an_invite_that_is_expired_is_shown_so_and_opens_nothing() {
    story(async {
        let stage = Stage::new().await;
        let (device, kit, _) = Device::founder(&stage).await;
        let access = subrosa_wire::people::Access::Member(subrosa_wire::people::Grants::default());
        let link = device.client().invite("Late", access, None, 1).await.unwrap();
        let ada = stage.desk();
        ada.recover(&kit.line(), PASSWORD).await.unwrap();
        let open = ada.open_invite("Late").await;
        assert_eq!((open.expired, open.cancellable), (true, true));
        let link = format!("{}/join#{}", stage.origin(), *link.print());
        let refused = stage.desk().ask(Request::OpenInvite { link: hidden(&link) }).await;
        assert_eq!(refused.unwrap_err().kind, Kind::InviteGone);
    });
}

#[test]
fn roles_are_given_and_taken_and_what_one_may_not_do_is_said() {
    story(async {
        let (stage, ada, [project, environment, _]) = team().await;
        let Scope::Project(id) = project else { unreachable!("it is one") };
        let (bob, carol) = (stage.desk(), stage.desk());
        let access = ada.access(&[("billing / production", Role::Reader)]).await;
        ada.lets_in(&bob, "Bob", access.clone()).await;
        ada.lets_in(&carol, "Carol", access).await;
        let row = bob.row(&environment, "DATABASE_URL").await;
        let refused = bob.edit(&row, "mine").await.unwrap_err();
        assert_eq!(refused.kind, Kind::Rule(403), "{}", refused.message);
        let refused = bob.invite("Dave", Access::Owner).await.unwrap_err();
        assert_eq!(refused.kind, Kind::NotAllowed);
        let refused = bob.set_role("Carol", "billing / production", None).await.unwrap_err();
        assert_eq!(refused.kind, Kind::NotAllowed);

        // Written by nobody but those who may: a manager gives roles, and only below his own.
        ada.set_role("Bob", "billing / production", Some(Role::Manager)).await.unwrap();
        bob.ask(Request::Sync).await.unwrap();
        bob.edit(&row, "mine").await.unwrap();
        bob.set_role("Carol", "billing / production", Some(Role::Writer)).await.unwrap();
        let refused = bob.set_role("Carol", "billing / production", Some(Role::Manager)).await;
        assert_eq!(refused.unwrap_err().kind, Kind::NotAllowed);
        carol.ask(Request::Sync).await.unwrap();
        let row = carol.row(&environment, "DATABASE_URL").await;
        carol.edit(&row, "hers").await.unwrap();

        // The project's own vault opens for Bob once he may, and what is above shows.
        let columns = async |who: &Person| {
            let request = Request::Matrix {
                project: id.clone(),
                filter: String::new(),
                only: None,
                environment: None,
                application: None,
                expanded: Vec::new(),
                offset: 0,
                limit: 10,
            };
            let Ok(Reply::Matrix(matrix)) = who.ask(request).await else { panic!("a matrix") };
            let state = |row: &MatrixRow| row.cells.last().unwrap().state == CellState::NoAccess;
            let column = |it: Column| (it.name, it.open);
            let shut = matrix.rows.iter().filter(|row| state(row)).count();
            (matrix.columns.into_iter().map(column).collect::<Vec<_>>(), shut)
        };
        let shut = [("production".to_owned(), true), ("Shared".to_owned(), false)];
        assert_eq!(columns(&bob).await, (shut.to_vec(), 1), "'no access', and not 'missing'");
        ada.set_role("Bob", "billing", Some(Role::Reader)).await.unwrap();
        bob.ask(Request::Sync).await.unwrap();
        let shared = bob.row(&environment, "SHARED").await;
        assert_eq!(bob.reveal(&shared).await.unwrap(), "for all");
        let open = [("Shared".to_owned(), true), ("production".to_owned(), true)];
        assert_eq!(columns(&bob).await, (open.to_vec(), 0));

        // Taken from Carol with the vault's next key: what is written then she does not open.
        bob.set_role("Carol", "billing / production", None).await.unwrap();
        let row = bob.row(&environment, "DATABASE_URL").await;
        bob.edit(&row, "after Carol").await.unwrap();
        let Ok(Reply::Overview(overview)) = carol.ask(Request::Sync).await else { panic!("one") };
        assert!(overview.projects.is_empty(), "what was taken is shown no more");
        assert!(carol.people().await.members.iter().any(|it| it.name == "Carol"));
        let overview = carol.locked().unlock(PASSWORD).await.unwrap();
        assert!(overview.projects.is_empty(), "{:?}", overview.projects);
    });
}

#[test]
fn who_is_removed_opens_nothing_new_and_is_refused() {
    story(async {
        let (stage, ada, [_, environment, _]) = team().await;
        let (bob, carol) = (stage.desk(), stage.desk());
        let access = ada.access(&[("billing / production", Role::Writer)]).await;
        ada.lets_in(&bob, "Bob", access.clone()).await;
        ada.lets_in(&carol, "Carol", access).await;
        let row = bob.row(&environment, "DATABASE_URL").await;
        assert_eq!(bob.reveal(&row).await.unwrap(), "postgres://one");
        let refused = bob.remove("Carol").await.unwrap_err();
        assert_eq!(refused.kind, Kind::NotAllowed);

        let watch = bob.watch();
        let people = ada.remove("Bob").await.unwrap();
        assert!(people.members.iter().all(|it| it.name != "Bob"));
        let kept = ada.row(&environment, "DATABASE_URL").await;
        ada.edit(&kept, "after Bob").await.unwrap();
        // He is told, and what he saw stays on his screen: it was his to see.
        watch.await.unwrap();
        let told = bob.events().into_iter().filter_map(|event| match event {
            Event::Alarm(problem) => Some(problem.kind),
            _ => None,
        });
        assert_eq!(told.collect::<Vec<_>>(), [Kind::KeysReplaced]);
        assert_eq!(bob.ask(Request::Sync).await.unwrap_err().kind, Kind::KeysReplaced);
        assert_eq!(bob.edit(&row, "still mine").await.unwrap_err().kind, Kind::KeysReplaced);
        assert_eq!(bob.locked().unlock(PASSWORD).await.unwrap_err().kind, Kind::KeysReplaced);
        // Those who stay go on; his name stays with what he did.
        carol.ask(Request::Sync).await.unwrap();
        let row = carol.row(&environment, "DATABASE_URL").await;
        assert_eq!(carol.reveal(&row).await.unwrap(), "after Bob");
        let mine = carol.edit(&row, "by Carol").await.unwrap();
        assert_eq!(mine.author, "Carol");
    });
}

#[test]
fn one_account_is_in_two_teams_that_share_nothing() {
    story(async {
        let (mut stage, ada, _) = team().await;
        let bob = stage.desk();
        let access = ada.access(&[("billing / production", Role::Reader)]).await;
        ada.lets_in(&bob, "Bob", access).await;
        stage.another_team().await;
        let eve = stage.desk();
        eve.found(&stage.running().setup_token().unwrap()).await.unwrap();
        let [_, theirs, _] = eve.scopes().await;
        eve.set(&theirs, "OF_EVE", "another team's").await.unwrap();
        let access = eve.access(&[("billing / production", Role::Writer)]).await;
        let link = eve.invite("Robert", access).await.unwrap();

        // He joins with the account that he has; until he is let in, his team is what he sees.
        bob.ask(Request::OpenInvite { link: hidden(&link) }).await.unwrap();
        let door = waiting(bob.ask(Request::Join).await.unwrap());
        // Once more, as after a lost answer: the same keys are posted.
        bob.ask(Request::OpenInvite { link: hidden(&link) }).await.unwrap();
        assert_eq!(waiting(bob.ask(Request::Join).await.unwrap()), door);
        let Ok(Reply::Seats(seats)) = bob.ask(Request::Seats).await else { panic!("seats") };
        let waits = |team: &str| seats.iter().find(|seat| seat.team == team).unwrap().waiting;
        assert!(seats.len() == 2 && waits(&door.team));
        assert_eq!(bob.locked().unlock(PASSWORD).await.unwrap().me, "Bob");
        let to = Request::SwitchTeam { team: door.team.clone() };
        assert_eq!(waiting(bob.ask(to).await.unwrap()), door);
        // From the door there is a way back to where he is.
        let Ok(Reply::Seats(at_the_door)) = bob.ask(Request::Seats).await else { panic!("seats") };
        assert_eq!(at_the_door, seats);
        let mine = seats.iter().find(|seat| seat.team != door.team).unwrap().team.clone();
        let to = Request::SwitchTeam { team: mine };
        let Ok(Reply::Overview(shown)) = bob.ask(to).await else { panic!("a team") };
        assert_eq!(shown.me, "Bob");
        let to = Request::SwitchTeam { team: door.team.clone() };
        assert_eq!(waiting(bob.ask(to).await.unwrap()), door);
        eve.admit("Robert", &door.fingerprint).await.unwrap();
        let there = bob.knock().await.unwrap();
        assert_eq!((there.me.as_str(), &there.team), ("Robert", &door.team));
        let row = bob.row(&theirs, "OF_EVE").await;
        assert_eq!(bob.reveal(&row).await.unwrap(), "another team's");
        // Back, and with the password to either.
        let other = seats.iter().find(|seat| seat.team != door.team).unwrap().team.clone();
        for (team, me) in [(other.clone(), "Bob"), (door.team.clone(), "Robert")] {
            let to = Request::SwitchTeam { team: team.clone() };
            let Ok(Reply::Overview(shown)) = bob.ask(to).await else { panic!("a team") };
            assert_eq!((shown.me.as_str(), &shown.team), (me, &team));
            let bob = bob.locked();
            let unlock = Request::Unlock { password: hidden(PASSWORD), team: Some(team) };
            let Ok(Reply::Overview(shown)) = bob.ask(unlock).await else { panic!("a team") };
            assert_eq!(shown.me, me);
        }
        // Each says what it was called there.
        let Ok(Reply::Seats(named)) = bob.ask(Request::Seats).await else { panic!("seats") };
        for (of, shown) in [(&ada, &other), (&eve, &door.team)] {
            let Ok(Reply::Overview(team)) = of.ask(Request::Overview).await else {
                panic!("a team")
            };
            assert_eq!(&team.team, shown);
            let seat = named.iter().find(|seat| seat.team == *shown).unwrap();
            assert_eq!((seat.name.as_ref(), seat.waiting), (Some(&team.team_name), false));
        }
        // Removed from one, he is in the other.
        ada.remove("Bob").await.unwrap();
        let bob = bob.locked();
        let unlock =
            |team: &str| Request::Unlock { password: hidden(PASSWORD), team: Some(team.into()) };
        for asked in [&other, &door.team] {
            let Ok(Reply::Overview(shown)) = bob.ask(unlock(asked)).await else { panic!("a team") };
            assert_eq!((shown.me.as_str(), &shown.team), ("Robert", &door.team));
        }
        let to = || Request::SwitchTeam { team: other.clone() };
        assert_eq!(bob.ask(to()).await.unwrap_err().kind, Kind::KeysReplaced, "asked for by name");
        // Invited again he joins with the same account; so he does when an invite has lapsed meanwhile.
        for last in [false, true] {
            let link = ada.invite("Bob", ada.access(&[]).await).await.unwrap();
            bob.ask(Request::OpenInvite { link: hidden(&link) }).await.unwrap();
            let door = waiting(bob.ask(Request::Join).await.unwrap());
            if last {
                ada.admit("Bob", &door.fingerprint).await.unwrap();
            } else {
                let invite = ada.open_invite("Bob").await.id;
                ada.ask(Request::CancelInvite { invite }).await.unwrap();
                assert_eq!(bob.ask(to()).await.unwrap_err().kind, Kind::InviteGone);
            }
        }
        let Ok(Reply::Overview(shown)) = bob.ask(to()).await else { panic!("a team") };
        assert_eq!((shown.me.as_str(), &shown.team), ("Bob", &other));
        // Who has a seat, or waits for one, does not give it up for another.
        let link = ada.invite("Bob once more", ada.access(&[]).await).await.unwrap();
        bob.ask(Request::OpenInvite { link: hidden(&link) }).await.unwrap();
        assert_eq!(bob.ask(Request::Join).await.unwrap_err().kind, Kind::Refused);
    });
}

#[test]
fn lost_keys_are_replaced_by_an_owners_invite() {
    story(async {
        let (stage, ada, [_, environment, _]) = team().await;
        let lost = stage.desk();
        let access = ada.access(&[("billing / production", Role::Writer)]).await;
        ada.lets_in(&lost, "Bob", access).await;
        let before = ada.member("Bob").await;
        let link = ada.invite("Bob", Access::Replace(before.id.clone())).await.unwrap();
        assert!(ada.open_invite("Bob").await.compare);
        let new = stage.desk();
        let door = new.join(&link).await.unwrap();
        ada.admit("Bob", &door.fingerprint).await.unwrap();
        assert_eq!(new.knock().await.unwrap().me, "Bob");
        let row = new.row(&environment, "DATABASE_URL").await;
        assert_eq!(new.reveal(&row).await.unwrap(), "postgres://one");
        new.edit(&row, "by the new keys").await.unwrap();
        let after = ada.member("Bob").await;
        assert_eq!((&after.id, &after.grants), (&before.id, &before.grants));
        assert_eq!(after.fingerprint, door.fingerprint);
        // The keys before are out, whoever has them.
        assert_eq!(lost.ask(Request::Sync).await.unwrap_err().kind, Kind::KeysReplaced);
        assert_eq!(lost.locked().unlock(PASSWORD).await.unwrap_err().kind, Kind::KeysReplaced);
    });
}

#[test]
fn what_a_removal_begins_others_finish_and_named_keys_get_another_version() {
    story(async {
        let (stage, ada, [_, environment, _]) = team().await;
        let [bob, carol, dave, erin] = [stage.desk(), stage.desk(), stage.desk(), stage.desk()];
        let roles = [Role::Writer, Role::Writer, Role::Reader, Role::Manager];
        let names = ["Bob", "Carol", "Dave", "Erin"];
        for ((device, name), role) in [&bob, &carol, &dave, &erin].into_iter().zip(names).zip(roles)
        {
            let access = ada.access(&[("billing / production", role)]).await;
            ada.lets_in(device, name, access).await;
        }
        let vault = ada.vault("billing / production").await;
        let key = |name: &str| NamedKeyAt { vault: vault.clone(), name: name.into() };
        let encrypt = async |who: &Person, name: &str| {
            let at = key(name);
            let (plaintext, context) = (Plain::Text(hidden("row")), Plain::Text(hidden("7")));
            match who.ask(Request::Encrypt { at, plaintext, context, version: None }).await? {
                Reply::Ciphertext(text) => Ok::<_, Problem>(text),
                other => panic!("a ciphertext: {other:?}"),
            }
        };
        for name in ["orders", "files"] {
            encrypt(&bob, name).await.unwrap();
        }
        ada.remove("Bob").await.unwrap();

        // Who may only read is told to wait for whoever makes the next version; who writes makes it.
        dave.ask(Request::Sync).await.unwrap();
        assert_eq!(encrypt(&dave, "orders").await.unwrap_err().kind, Kind::Rule(409));
        carol.ask(Request::Sync).await.unwrap();
        assert!(encrypt(&carol, "orders").await.unwrap().starts_with("subrosa:v2:"));

        // Ada's device is gone: a writer seals again what is there, and makes the other key's version; a
        // manager has the old key refused for good. Neither may do the other's part.
        let rotate = async |who: &Person, step| {
            // Named twice it is one.
            let (vaults, drop_earlier) = (vec![vault.clone(), vault.clone()], false);
            who.ask(Request::Rotate { vaults, step, drop_earlier }).await
        };
        let state = async |who: &Person| {
            who.ask(Request::Sync).await.unwrap();
            let Ok(Reply::Keys(keys)) = who.ask(Request::Keys).await else { panic!("keys") };
            let of = keys.into_iter().find(|it| it.vault == vault).unwrap();
            (of.left, of.versions.iter().map(|it| it.retired).collect::<Vec<_>>())
        };
        let (left, versions) = state(&carol).await;
        assert!(left > 0 && versions == [false, false], "{left} {versions:?}");
        rotate(&dave, RotationStep::Reencrypt).await.unwrap_err();
        rotate(&carol, RotationStep::Reencrypt).await.unwrap();
        assert_eq!(state(&carol).await, (0, vec![false, false]));
        let refused = rotate(&carol, RotationStep::Retire).await.unwrap_err();
        assert_eq!(refused.kind, Kind::Refused);
        erin.ask(Request::Sync).await.unwrap();
        // Once more changes nothing: it is finished, and gets no further key.
        for _ in 0..2 {
            let Ok(Reply::Rotated(done)) = rotate(&erin, RotationStep::Finish).await else {
                panic!("a rotation")
            };
            assert_eq!(done.iter().map(|it| &it.outcome).collect::<Vec<_>>(), [&Outcome::Done]);
            assert_eq!(state(&erin).await, (0, vec![false, true]), "no third key");
        }
        let Ok(Reply::NamedKeys(keys)) = erin.ask(Request::NamedKeys).await else { panic!("keys") };
        assert_eq!(keys.iter().map(|it| it.newest).collect::<Vec<_>>(), [2, 2]);
        dave.ask(Request::Sync).await.unwrap();
        for name in ["orders", "files"] {
            assert!(encrypt(&dave, name).await.unwrap().starts_with("subrosa:v2:"));
        }
        let row = dave.row(&environment, "DATABASE_URL").await;
        assert_eq!(dave.reveal(&row).await.unwrap(), "postgres://one");
    });
}

#[test]
fn the_root_key_is_for_owners_to_replace() {
    story(async {
        let (stage, ada, _) = team().await;
        let bob = stage.desk();
        let access = ada.access(&[("billing / production", Role::Manager)]).await;
        ada.lets_in(&bob, "Bob", access).await;
        let refused = bob.ask(Request::StageRootKey).await.unwrap_err();
        assert_eq!(refused.kind, Kind::NotAllowed);
        let Ok(Reply::RootKey(key)) = bob.ask(Request::RootKey).await else { panic!("a root key") };
        assert!(key.staged.is_none());
        assert!(ada.ask(Request::StageRootKey).await.is_ok());
    });
}
