//! The members, and what may be done with each.

use leptos::prelude::*;
use subrosa_bridge::Request;
use subrosa_bridge::people::{Member, MemberKind, People};

use super::invites::tag;
use super::{Asking, Work, held_by, vault_name};
use crate::components::dialog::dialog;
use crate::components::state::form_problem;
use crate::components::submit::submit;
use crate::components::time::time;
use crate::element::el;
use crate::format::count;
use crate::page::Page;
use crate::parts::{check, div, form, h2, li, live, p, press, section, span, text, ul};

pub fn members(work: Work, people: &People) -> AnyView {
    let persons = people.members.iter().filter(|it| !matches!(it.kind, MemberKind::Machine(_)));
    let items = persons.map(|member| item(work, people, member)).collect();
    section("people", "Members", vec![h2("Members"), ul("results", items)])
}

fn item(work: Work, people: &People, member: &Member) -> AnyView {
    let held = count(member.grants.len(), "vault", "vaults");
    let what = match member.kind {
        MemberKind::Owner => "Owner: holds every vault.".to_owned(),
        MemberKind::Root => "The root key, kept on paper: an owner for recovery.".to_owned(),
        MemberKind::Member | MemberKind::Machine(_) => format!("Member with access to {held}."),
    };
    let called = match member.kind {
        MemberKind::Root => "Root key".to_owned(),
        _ => member.name.clone(),
    };
    let mut name = vec![span("", vec![text(called)])];
    if member.me {
        name.push(tag("you"));
    }
    let since = vec![text("Keys since "), time(member.since).any(), text(":")];
    let mut parts = vec![
        p("strong", name),
        p("", vec![text(what)]),
        p("quiet", since),
        p("words", vec![text(member.fingerprint.clone())]),
    ];
    let mut buttons = Vec::new();
    if people.owner && member.kind == MemberKind::Member {
        let id = member.id.clone();
        let promote = move || work.asking.set(Asking::Promote(id.clone()));
        let label = format!("Make an owner: {}", member.name);
        let promote = press("button small", promote).is("aria-label", label);
        buttons.push(promote.put("Make an owner…").any());
    }
    if people.owner
        && member.removable
        && matches!(member.kind, MemberKind::Member | MemberKind::Owner)
    {
        let which = (member.id.clone(), member.name.clone());
        let label = format!("Replace lost keys: {}", member.name);
        let replace = move || work.asking.set(Asking::Invite(Some(which.clone())));
        let replace = press("button small", replace).is("aria-label", label);
        buttons.push(replace.put("Replace lost keys…").any());
    }
    if member.removable {
        let id = member.id.clone();
        let remove = move || work.asking.set(Asking::Remove(id.clone()));
        let label = format!("Remove {}", member.name);
        let remove = press("button small danger", remove).is("aria-label", label);
        buttons.push(remove.put("Remove…").any());
    }
    if !buttons.is_empty() {
        parts.push(div("actions", buttons));
    }
    li("person", parts)
}

fn find(work: Work, member: &str) -> Option<(People, Member)> {
    untrack(|| {
        work.with(|people| {
            let found = people.members.iter().find(|it| it.id == member).cloned();
            found.map(|member| (people.clone(), member))
        })
    })
}

/// What a removal does, before it is done.
pub fn remove(work: Work, member: String) -> AnyView {
    let close = Callback::new(move |()| work.close());
    let Some((people, who)) = find(work, &member) else { return text("") };
    let name = who.name.clone();
    let made: Vec<&Member> =
        people.members.iter().filter(|it| who.machines.contains(&it.id)).collect();
    // What is lost without the machines, and with them.
    let alone = held_by(&people, &member);
    let mut with = alone.clone();
    for vault in made.iter().flat_map(|it| held_by(&people, &it.id)) {
        if !with.contains(&vault) {
            with.push(vault);
        }
    }
    let lost = [alone, with];
    let named = lost.clone().map(|vaults| {
        vaults.iter().map(|id| vault_name(&people, id)).collect::<Vec<_>>().join(", ")
    });
    let directory = people.directory.clone();
    let machines = who.machines.clone();
    let with_machines = RwSignal::new(!made.is_empty());
    let send = move || {
        let with = with_machines.get_untracked();
        // Those that are added meanwhile go in any case.
        let staying = if with { Vec::new() } else { machines.clone() };
        let [alone, all] = lost.clone();
        let mut vaults = if with { all } else { alone };
        // Everybody holds the members' names.
        vaults.push(directory.clone());
        let request = Request::RemoveMembers { members: vec![member.clone()], staying };
        let done =
            "Removed. What is there already is sealed again now; then replace what they knew.";
        work.change(request, done, move |work| {
            // All that was held, under the keys of the removal.
            work.seal_again(vaults);
            work.session.go(&Page::Rotation.path());
        });
    };
    let machine = matches!(who.kind, MemberKind::Machine(_));
    let (told, seen, verb) = match machine {
        true => (
            format!(
                "The token of {name} stops working at once, for good, and every vault that it could \
                 open gets its next key in the same step. A machine that it adds until then goes too."
            ),
            "If somebody else may have had the token, replace what it could read where it comes from: \
             at the database, the provider, the partner.",
            "Revoke",
        ),
        false => (
            format!(
                "{name} is out at once, for good, and every vault that they held gets its next key in \
                 the same step. Nothing that is written afterwards opens for them. A machine that they \
                 add until then goes too."
            ),
            "What they have seen, they know. Replace such secrets where they come from: at the \
             database, the provider, the partner.",
            "Remove",
        ),
    };
    let mut parts = vec![p("", vec![text(told)])];
    if !made.is_empty() {
        let names = made.iter().map(|it| it.name.as_str()).collect::<Vec<_>>().join(", ");
        let words = format!(
            "Revoke the machines that {name} added, and may have kept the tokens of: {names}"
        );
        let tick = el("input").is("id", "with-machines").ticked(with_machines);
        parts.push(check(tick, words).any());
    }
    let sealed = live(move || {
        let [alone, all] = &named;
        match if with_machines.get() { all } else { alone }.as_str() {
            "" => "Nothing but the list of members is sealed again.".to_owned(),
            names => format!("Sealed again next: {names}."),
        }
    });
    parts.push(p("", vec![sealed]));
    parts.push(p("notice warn", vec![text(seen)]));
    let told = "Named keys get a new version with that. What was encrypted before still decrypts: rewrap it, \
                then raise the minimum decryption version under Keys.";
    parts.push(p("hint", vec![text(told)]));
    if !machine {
        let told = format!(
            "If {name} comes back it is as a new member: nothing shows that it is the same person."
        );
        parts.push(p("hint", vec![text(told)]));
    }
    parts.push(form_problem(work.problem));
    let keep = press("button", move || close.run(())).put("Keep");
    let go = submit(format!("{verb} {name}"), "Removing…", work.busy.into());
    parts.push(div("actions end", vec![keep.any(), go]));
    dialog(format!("{verb} {}?", who.name), "narrow", close, vec![form(send, parts)])
}

/// What being an owner means, before it is given.
pub fn promote(work: Work, member: String) -> AnyView {
    let close = Callback::new(move |()| work.close());
    let Some((_, who)) = find(work, &member) else { return text("") };
    let told = format!(
        "{} will hold every vault's key and may do everything, removing you included. It can be \
         taken back only by removing them.",
        who.name
    );
    let send = move || {
        let request = Request::PromoteMember { member: member.clone() };
        work.change(request, "There is another owner now.", |_| {});
    };
    let back = press("button", move || close.run(())).put("Back");
    let go = submit("Make an owner", "Changing…", work.busy.into());
    let parts = vec![
        p("", vec![text(told)]),
        p("quiet", vec![text("Compare the eight words of their keys first:")]),
        p("words", vec![text(who.fingerprint)]),
        form_problem(work.problem),
        div("actions end", vec![back.any(), go]),
    ];
    dialog(format!("Make {} an owner?", who.name), "narrow", close, vec![form(send, parts)])
}
