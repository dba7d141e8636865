//! Inviting somebody: who, to what, for how long; then the link, once.

use leptos::prelude::*;
use subrosa_bridge::people::{Access, Grant};
use subrosa_bridge::{Hidden, Request};

use super::{Work, role_name, role_of, roles, vault_name};
use crate::clipboard;
use crate::components::dialog::dialog as modal;
use crate::components::field::Field;
use crate::components::select::select;
use crate::components::state::form_problem;
use crate::components::submit::submit;
use crate::element::el;
use crate::erased::{lazy, spawn, when};
use crate::icons;
use crate::parts::{
    all, always, button, div, fieldset, form, h2, labelled, p, press, radio, text, ul,
};

/// For how many days an invite may be open.
const DAYS: [u32; 4] = [1, 3, 7, 30];

pub fn dialog(work: Work, replaces: Option<(String, String)>) -> AnyView {
    let link = RwSignal::new(None::<Hidden>);
    let close = Callback::new(move |()| work.close());
    let title = match &replaces {
        Some((_, name)) => format!("Other keys for {name}"),
        None => "Invite somebody".to_owned(),
    };
    let body = lazy(move || match link.get() {
        Some(link) => shown(work, link),
        None => asked(work, replaces.clone(), link),
    });
    modal(title, "", close, vec![body])
}

fn asked(
    work: Work,
    replaces: Option<(String, String)>,
    link: RwSignal<Option<Hidden>>,
) -> AnyView {
    let people = untrack(|| work.with(|people| Some(people.clone()))).unwrap_or_else(|| {
        subrosa_bridge::people::People {
            owner: false,
            members: Vec::new(),
            invites: Vec::new(),
            vaults: Vec::new(),
        }
    });
    let name = RwSignal::new(replaces.as_ref().map(|it| it.1.clone()).unwrap_or_default());
    let owner = RwSignal::new(false);
    let days = RwSignal::new(DAYS[2].to_string());
    let grants = RwSignal::new(Vec::<Grant>::new());
    let replacing = replaces.is_some();
    let send = move || {
        if work.busy.get_untracked() {
            return;
        }
        let access = match (&replaces, owner.get_untracked()) {
            (Some((member, _)), _) => Access::Replace(member.clone()),
            (None, true) => Access::Owner,
            (None, false) => Access::Member(grants.get_untracked()),
        };
        work.busy.set(true);
        work.problem.set(None);
        let name = name.get_untracked().trim().to_owned();
        let days = days.get_untracked().parse().unwrap_or(DAYS[2]);
        spawn(async move {
            let request = Request::Invite { name, access, days };
            let answer = work.session.keyholder.invite(request).await;
            let _ = work.busy.try_set(false);
            match answer {
                Ok(made) => {
                    let _ = link.try_set(Some(made));
                }
                Err(found) => {
                    let _ = work.problem.try_set(Some(found));
                }
            }
        });
    };
    let mut parts = Vec::new();
    if replacing {
        let told = "For a member who has lost device and kit, or whose keys were stolen. The link \
                    leads to another account with other keys; when you let it in, the keys before \
                    stop working, and every vault that they held gets its next key.";
        parts.push(p("", vec![text(told)]));
    } else {
        let field = view! {
            <Field
                label="Name"
                value=name
                hint="What the team calls this person. Encrypted, like all names."
                autofocus=true
                longest=64
            />
        };
        parts.push(field.into_any());
        if people.owner {
            let choice = |is: bool, words| {
                let chosen = Signal::derive(move || owner.get() == is);
                radio("seat", words, chosen, Callback::new(move |()| owner.set(is)))
            };
            parts.push(fieldset("Seat", vec![choice(false, "Member"), choice(true, "Owner")]));
        }
        let told = "An owner holds every vault's key and may do everything, inviting and removing \
                    owners included.";
        parts.push(when(move || owner.get(), move || p("notice warn", vec![text(told)])));
        let vaults = StoredValue::new(people);
        parts.push(when(
            move || !owner.get(),
            move || vaults.with_value(|people| vault_choices(people, grants)),
        ));
    }
    let words = |days: u32| match days {
        1 => "1 day".to_owned(),
        more => format!("{more} days"),
    };
    let options = DAYS.into_iter().map(|it| (it.to_string(), words(it))).collect();
    let choose = Callback::new(move |chosen| days.set(chosen));
    let until = select(Some("invite-days"), None, options, days.into(), choose);
    parts.push(labelled("invite-days", "The link can be used for", until));
    parts.push(form_problem(work.problem));
    let back = press("button", move || work.close()).put("Back");
    let make = submit("Make the link", "Making…", work.busy.into());
    parts.push(div("actions end", vec![back.any(), make]));
    form(send, parts)
}

/// The vaults that one may give, each with the role that is given.
fn vault_choices(people: &subrosa_bridge::people::People, grants: RwSignal<Vec<Grant>>) -> AnyView {
    let given: Vec<_> = people.vaults.iter().filter(|it| it.manages).collect();
    if given.is_empty() {
        return p("quiet", vec![text("There is no project yet: roles can be given later.")]);
    }
    let choice = |vault: &subrosa_bridge::people::GrantableVault| {
        let name = vault_name(people, &vault.vault);
        let id = StoredValue::new(vault.vault.clone());
        let now = Signal::derive(move || {
            let of = |grants: &Vec<Grant>| {
                let found = grants.iter().find(|it| id.with_value(|id| it.vault == *id));
                found.map(|it| role_name(it.role).to_owned()).unwrap_or_default()
            };
            grants.with(of)
        });
        let choose = Callback::new(move |chosen: String| {
            grants.update(|grants| {
                grants.retain(|it| id.with_value(|id| it.vault != *id));
                if let Some(role) = role_of(&chosen) {
                    grants.push(Grant { vault: id.get_value(), role });
                }
            });
        });
        let shown = el("span").is("aria-hidden", "true").put(name.clone());
        let select = select(None, Some(name), roles(people.owner), now, choose);
        el("li").class("row between").put(shown).put(select).any()
    };
    let choices = given.into_iter().map(choice).collect();
    all(vec![h2("Vaults"), ul("choices", choices)])
}

fn shown(work: Work, link: Hidden) -> AnyView {
    let session = work.session;
    let copied = link.clone();
    let copy = move || clipboard::copy_secret(session, copied.clone(), "the invite link".into());
    let told = "Give this link to that person alone. It opens no vault by itself; whoever follows it \
                asks to be let in, and you compare eight words before you do. It is shown only now.";
    let text_of = link.expose().to_owned();
    let shown = el("textarea")
        .is("id", "invite-link")
        .class("mono")
        .is("readonly", "")
        .is("rows", "5")
        .is("spellcheck", "false")
        .is("autocomplete", "off")
        .is("translate", "no")
        .property("value", move || text_of.as_str().into())
        .any();
    let copy = press("button primary", copy).put(icons::Copy()).put("Copy the link");
    let done = button("button", text("Done"), always, move || work.close());
    all(vec![
        p("", vec![text(told)]),
        labelled("invite-link", "Invite link", shown),
        div("actions end", vec![done, copy.any()]),
    ])
}
