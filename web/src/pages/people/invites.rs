//! Invites that are open, and who waits by them.

use leptos::prelude::*;
use subrosa_bridge::Request;
use subrosa_bridge::people::{Access, Grant, Invite, People};

use super::{Asking, Work, held_by, role_name, vault_name};
use crate::components::dialog::dialog;
use crate::components::state::form_problem;
use crate::components::submit::submit;
use crate::components::time::time;
use crate::element::el;
use crate::format::moment;
use crate::parts::{check, div, form, h2, li, nothing, p, press, section, span, text, ul};

pub fn invites(work: Work, people: &People) -> AnyView {
    if people.invites.is_empty() {
        return nothing();
    }
    let items = people.invites.iter().map(|invite| item(work, people, invite)).collect();
    section("people", "Invites", vec![h2("Invites"), ul("results", items)])
}

/// What an invite is to, in a line.
pub fn words(people: &People, access: &Access) -> String {
    match access {
        Access::Owner => "Owner".to_owned(),
        Access::Replace(_) => "Other keys".to_owned(),
        Access::Member(grants) => held(people, grants),
    }
}

/// What somebody may open, in a line.
pub fn held(people: &People, grants: &[Grant]) -> String {
    if grants.is_empty() {
        return "No vault yet".to_owned();
    }
    let one = |grant: &Grant| {
        format!("{} of {}", role_name(grant.role), vault_name(people, &grant.vault))
    };
    grants.iter().map(one).collect::<Vec<_>>().join(", ")
}

fn item(work: Work, people: &People, invite: &Invite) -> AnyView {
    let until = match invite.expired {
        true => format!("It expired on {}.", moment(invite.expires)),
        false => format!("It can be used until {}.", moment(invite.expires)),
    };
    let by = vec![
        text(format!("Invited by {} ", invite.by)),
        time(invite.time).any(),
        text(". "),
        text(until),
    ];
    let mut parts = vec![
        p("strong", vec![text(invite.name.clone())]),
        p("", vec![text(words(people, &invite.access))]),
        p("quiet", by),
    ];
    for fingerprint in &invite.waiting {
        let (id, name) = (invite.id.clone(), invite.name.clone());
        let compare = fingerprint.clone();
        let ask = move || {
            work.asking.set(Asking::Admit(id.clone(), name.clone(), compare.clone()));
        };
        parts.push(div(
            "notice",
            vec![
                div(
                    "grow",
                    vec![
                        p(
                            "",
                            vec![text(
                                "Somebody has followed the link, and waits with these keys:",
                            )],
                        ),
                        p("words", vec![text(fingerprint.clone())]),
                    ],
                ),
                press("button primary", ask).put("Let in…").any(),
            ],
        ));
    }
    if invite.waiting.is_empty() && !invite.expired {
        let told = match invite.admits {
            true => "Nobody has followed the link yet.",
            false => "Who follows the link is let in by an owner, or by who invited them.",
        };
        parts.push(p("quiet", vec![text(told)]));
    }
    if invite.cancellable {
        let id = invite.id.clone();
        let cancel = move || {
            let request = Request::CancelInvite { invite: id.clone() };
            work.change(request, "The invite is cancelled: its link opens nothing.", |_| {});
        };
        let name = format!("Cancel the invite for {}", invite.name);
        let cancel = press("button small", cancel).is("aria-label", name).put("Cancel the invite");
        parts.push(div("actions", vec![cancel.any()]));
    }
    li("person", parts)
}

/// Whether the words were compared. For whoever gets much, they must have been.
pub fn admit(work: Work, invite: String, name: &str, fingerprint: String) -> AnyView {
    let (compare, to, held) = untrack(|| {
        work.with(|people| {
            let found = people.invites.iter().find(|it| it.id == invite);
            let asked = |it: &Invite| {
                let held = match &it.access {
                    Access::Replace(member) => held_by(people, member)
                        .into_iter()
                        .chain([people.directory.clone()])
                        .collect(),
                    Access::Owner | Access::Member(_) => Vec::new(),
                };
                (it.compare, words(people, &it.access), held)
            };
            found.map(asked).unwrap_or_default()
        })
    });
    let compared = RwSignal::new(false);
    let close = Callback::new(move |()| work.close());
    let shown = p("words", vec![text(fingerprint.clone())]);
    let send = move || {
        if compare && !compared.get_untracked() {
            return;
        }
        let (invite, fingerprint) = (invite.clone(), fingerprint.clone());
        let request = Request::Admit { invite, fingerprint };
        let vaults = held.clone();
        work.change(request, "Let in.", move |work| work.seal_again(vaults));
    };
    let told = format!(
        "{name} gets: {to}. Ask {name}, by phone or in person, for the eight words on their screen. \
         Who has stolen the link has other words."
    );
    let mut parts = vec![p("", vec![text(told)]), shown];
    if compare {
        let tick = el("input").is("id", "compared").is("required", "").ticked(compared);
        parts.push(check(tick, "I have compared the words: they are the same.").any());
    }
    let enter = submit("Let in", "Letting in…", work.busy.into());
    let back = press("button", move || close.run(())).put("Not yet");
    parts.push(form_problem(work.problem));
    parts.push(div("actions end", vec![back.any(), enter]));
    dialog(format!("Let {name} in?"), "narrow", close, vec![form(send, parts)])
}

/// A short label beside a name.
pub fn tag(words: &'static str) -> AnyView {
    span("tag", vec![text(words)])
}
