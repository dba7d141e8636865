//! Inviting somebody: who, to what, for how long; then the link, once.

use leptos::prelude::*;
use subrosa_bridge::people::{Access, Grant, GrantableVault, People};
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
    let told = "Give this link to that person alone. It opens no vault by itself; whoever follows it \
                asks to be let in, and you compare eight words before you do. It is shown only now.";
    let body = lazy(move || match link.get() {
        Some(link) => shown(work, link, told, ("Invite link", "the invite link")),
        None => asked(work, replaces.clone(), link),
    });
    modal(title, "", close, vec![body])
}

/// The people as they are known; nobody, while they are not.
pub fn known(work: Work) -> People {
    let none = || People {
        owner: false,
        directory: String::new(),
        members: vec![],
        invites: vec![],
        vaults: vec![],
    };
    untrack(|| work.with(|people| Some(people.clone()))).unwrap_or_else(none)
}

fn asked(
    work: Work,
    replaces: Option<(String, String)>,
    link: RwSignal<Option<Hidden>>,
) -> AnyView {
    let people = known(work);
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
        let name = name.get_untracked().trim().to_owned();
        let days = days.get_untracked().parse().unwrap_or(DAYS[2]);
        make(work, Request::Invite { name, access, days }, link);
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

/// Asks for what is shown once.
pub fn make(work: Work, request: Request, made: RwSignal<Option<Hidden>>) {
    work.busy.set(true);
    work.problem.set(None);
    spawn(async move {
        let answer = work.session.keyholder.invite(request).await;
        let _ = work.busy.try_set(false);
        match answer {
            Ok(secret) => {
                let _ = made.try_set(Some(secret));
            }
            Err(found) => {
                let _ = work.problem.try_set(Some(found));
            }
        }
    });
}

/// The vaults that one may give, each with the role that is given.
pub fn vault_choices(people: &People, grants: RwSignal<Vec<Grant>>) -> AnyView {
    let given: Vec<_> = people.vaults.iter().filter(|it| it.manages).collect();
    if given.is_empty() {
        return p("quiet", vec![text("There is no project yet: roles can be given later.")]);
    }
    let choice = |vault: &GrantableVault| {
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

/// What is shown once, to be taken from here.
pub fn shown(
    work: Work,
    secret: Hidden,
    told: &'static str,
    (label, called): (&'static str, &'static str),
) -> AnyView {
    let session = work.session;
    let copied = secret.clone();
    let copy = move || clipboard::copy_secret(session, copied.clone(), called.into());
    let text_of = secret.expose().to_owned();
    let shown = el("textarea")
        .is("id", "made-once")
        .class("mono")
        .is("readonly", "")
        .is("rows", "5")
        .is("spellcheck", "false")
        .is("autocomplete", "off")
        .is("translate", "no")
        .property("value", move || text_of.as_str().into())
        .any();
    let copy = press("button primary", copy).put(icons::Copy()).put(format!("Copy {called}"));
    let done = button("button", text("Done"), always, move || {
        work.close();
        work.again.update(|count| *count += 1);
    });
    all(vec![
        p("", vec![text(told)]),
        labelled("made-once", label, shown),
        div("actions end", vec![done, copy.any()]),
    ])
}
