//! Machines: what each may read, whether its token is in use, and another one in its place.

use leptos::prelude::*;
use subrosa_bridge::people::{Grant, LastUse, Machine, Member, MemberKind, People, Role};
use subrosa_bridge::{Hidden, Request};

use super::invite::{known, make, shown, vault_choices};
use super::invites::{held, tag};
use super::{Asking, Work};
use crate::components::dialog::dialog as modal;
use crate::components::field::Field;
use crate::components::select::select;
use crate::components::state::{empty, form_problem};
use crate::components::submit::submit;
use crate::components::time::time;
use crate::erased::lazy;
use crate::format::moment;
use crate::parts::{div, form, labelled, li, p, press, span, text, ul};

/// For how many days a token may work; none for good.
const DAYS: [Option<u32>; 4] = [Some(30), Some(90), Some(365), None];

pub fn list(work: Work, people: &People) -> AnyView {
    let machine = |member: &Member| match &member.kind {
        MemberKind::Machine(machine) => Some(item(work, people, member, machine)),
        MemberKind::Owner | MemberKind::Member | MemberKind::Root => None,
    };
    let items: Vec<AnyView> = people.members.iter().filter_map(machine).collect();
    if items.is_empty() {
        let told = match work.may_grant() {
            true => {
                "A server, a job or a pipeline gets its secrets as a machine: add one, and give \
                     its token to the program."
            }
            false => "Who owns the team, or manages a vault, may add one.",
        };
        return empty("No machine yet", told, Vec::new());
    }
    ul("results", items)
}

fn item(work: Work, people: &People, member: &Member, machine: &Machine) -> AnyView {
    let mut name = vec![span("", vec![text(member.name.clone())])];
    if machine.expired {
        name.push(tag("expired"));
    }
    let until = match machine.expires {
        None => "Its token works until it is revoked.".to_owned(),
        Some(at) if machine.expired => format!(
            "Its token expired on {}. No key that comes after is wrapped to it.",
            moment(at)
        ),
        Some(at) => format!("Its token works until {}.", moment(at)),
    };
    let used = match machine.last_used {
        LastUse::Unknown => {
            vec![text("Whether it is in use could not be asked: the server can’t be reached.")]
        }
        LastUse::Never => vec![text("It has never signed in.")],
        LastUse::At(at) => {
            vec![text("It last signed in "), time(at).any(), text(", by the server's clock.")]
        }
    };
    let made = vec![
        text(format!("Added by {} ", machine.by_name)),
        time(member.since).any(),
        text(". "),
        text(until),
    ];
    let mut parts = vec![
        p("strong", name),
        p("", vec![text(held(people, &member.grants))]),
        p("", used),
        p("quiet", made),
        p("words", vec![text(member.fingerprint.clone())]),
    ];
    let mut buttons = Vec::new();
    if may_give(people, &member.grants) {
        let like = Like {
            name: member.name.clone(),
            grants: member.grants.clone(),
            days: days_of(member.since, machine.expires),
        };
        let swap = move || work.asking.set(Asking::Machine(Some(like.clone())));
        let label = format!("Swap the token: {}", member.name);
        let swap = press("button small", swap).is("aria-label", label);
        buttons.push(swap.put("Swap the token…").any());
    }
    if member.removable {
        let id = member.id.clone();
        let revoke = move || work.asking.set(Asking::Remove(id.clone()));
        let label = format!("Revoke {}", member.name);
        let revoke = press("button small danger", revoke).is("aria-label", label);
        buttons.push(revoke.put("Revoke…").any());
    }
    if !buttons.is_empty() {
        parts.push(div("actions", buttons));
    }
    li("person", parts)
}

/// A machine that another one is to be like.
#[derive(Clone, PartialEq)]
pub struct Like {
    /// Its name.
    name: String,
    /// What it may do.
    grants: Vec<Grant>,
    /// For how long its token works: which of [`DAYS`].
    days: usize,
}

/// Whether one may give a machine all of this: an owner may; whoever else gives something, of what they
/// manage, and makes no managers.
fn may_give(people: &People, grants: &[Grant]) -> bool {
    let mine = |grant: &Grant| {
        let of = people.vaults.iter().find(|it| it.vault == grant.vault);
        grant.role < Role::Manager && of.is_some_and(|it| it.manages)
    };
    people.owner || !grants.is_empty() && grants.iter().all(mine)
}

/// The shortest choice that lasts as long as a token did; for a longer one, the longest that ends.
fn days_of(since: u64, expires: Option<u64>) -> usize {
    const DAY: u64 = 24 * 60 * 60 * 1000;
    let last = DAYS.len() - 1;
    let Some(expires) = expires else { return last };
    let days = expires.saturating_sub(since).div_ceil(DAY);
    let fits = |it: &Option<u32>| it.is_none_or(|it| u64::from(it) >= days);
    DAYS.iter().position(fits).unwrap_or(last).min(last - 1)
}

/// A machine to be; one that it is like may be replaced by it.
pub fn dialog(work: Work, replaces: Option<Like>) -> AnyView {
    let token = RwSignal::new(None::<Hidden>);
    let close = Callback::new(move |()| work.close());
    let (title, told) = match &replaces {
        Some(like) => (
            format!("Another token for {}", like.name),
            "Give this token to the program in the place of the one before. Once the new one has \
             signed in, revoke the one before. It is shown only now.",
        ),
        None => (
            "Add a machine".to_owned(),
            "Give this token to the program alone: whoever has it reads what the machine may read. It \
             is shown only now; if it is lost, revoke it and add another.",
        ),
    };
    let body = lazy(move || match token.get() {
        Some(token) => shown(work, token, told, ("Token", "the token")),
        None => asked(work, replaces.clone(), token),
    });
    modal(title, "", close, vec![body])
}

fn asked(work: Work, replaces: Option<Like>, token: RwSignal<Option<Hidden>>) -> AnyView {
    let people = known(work);
    let first = Like { name: String::new(), grants: Vec::new(), days: 1 };
    let like = replaces.clone().unwrap_or(first);
    let name = RwSignal::new(like.name);
    let grants = RwSignal::new(like.grants);
    let days = RwSignal::new(like.days.to_string());
    let send = move || {
        if work.busy.get_untracked() {
            return;
        }
        let place: usize = days.get_untracked().parse().unwrap_or(1);
        let days = DAYS.get(place).copied().unwrap_or(DAYS[1]);
        let name = name.get_untracked().trim().to_owned();
        make(work, Request::AddMachine { name, grants: grants.get_untracked(), days }, token);
    };
    let mut parts = Vec::new();
    if replaces.is_some() {
        let told = "A second machine with the same access. The one before works on until you revoke it: \
                    nothing stands still meanwhile.";
        parts.push(p("", vec![text(told)]));
    }
    let field = view! {
        <Field
            label="Name"
            value=name
            hint="What the team calls this machine. Encrypted, like all names."
            autofocus=true
            longest=64
        />
    };
    parts.push(field.into_any());
    parts.push(vault_choices(&people, grants));
    let words = |days: Option<u32>| match days {
        Some(days) => format!("{days} days"),
        None => "Until it is revoked".to_owned(),
    };
    let options = DAYS.into_iter().enumerate().map(|(at, it)| (at.to_string(), words(it)));
    let choose = Callback::new(move |chosen| days.set(chosen));
    let until = select(Some("token-days"), None, options.collect(), days.into(), choose);
    parts.push(labelled("token-days", "The token works for", until));
    if !people.owner {
        let told = "Choose at least one vault: a machine without any is added by an owner.";
        parts.push(p("hint", vec![text(told)]));
    }
    parts.push(form_problem(work.problem));
    let back = press("button", move || work.close()).put("Back");
    let go = submit("Make the token", "Making…", work.busy.into());
    parts.push(div("actions end", vec![back.any(), go]));
    form(send, parts)
}
