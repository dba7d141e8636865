//! Members against vaults: what whom of them may open.

use std::collections::BTreeSet;

use leptos::prelude::*;
use subrosa_bridge::Request;
use subrosa_bridge::people::{GrantableVault, Member, MemberKind, People, Role, RoleChange};

use super::{Asking, Work, role_name, role_of, roles, vault_name};
use crate::components::dialog::dialog;
use crate::components::select::select;
use crate::components::state::form_problem;
use crate::components::submit::submit;
use crate::element::{El, el};
use crate::erased::lazy;
use crate::format::count;
use crate::parts::{always, button, cell, div, form, h2, li, nothing, p, press, section, text, ul};

/// So many vaults have room beside each other.
const WIDE: usize = 5;

pub fn access(work: Work, people: &People) -> AnyView {
    let roled = |it: &&Member| matches!(it.kind, MemberKind::Member | MemberKind::Machine(_));
    let members: Vec<&Member> = people.members.iter().filter(roled).collect();
    if members.is_empty() || people.vaults.is_empty() {
        return nothing();
    }
    let row = |member: &&Member| {
        let name = cell("th", "rowheader").is("scope", "row").put(member.name.clone());
        let cells: Vec<El> =
            people.vaults.iter().map(|vault| one(work, people, member, vault)).collect();
        el("tr").is("role", "row").put(name).put(cells)
    };
    let rows: Vec<El> = members.iter().map(row).collect();
    let names = people.vaults.iter().map(|vault| vault_name(people, &vault.vault));
    let heads: Vec<El> =
        names.map(|name| cell("th", "columnheader").is("scope", "col").put(name)).collect();
    let first = cell("th", "columnheader").is("scope", "col").put("Member");
    let head = el("tr").is("role", "row").put(first).put(heads);
    let head = el("thead").is("role", "rowgroup").put(head);
    let table = el("table")
        .class(if people.vaults.len() > WIDE { "access many" } else { "access" })
        .is("role", "table")
        .is("aria-label", "Access")
        .put(head)
        .put(el("tbody").is("role", "rowgroup").put(rows));
    let told = match work.may_grant() {
        true => {
            "Owners hold every vault and are not listed. Choose roles, then look at what they \
             change before they do."
        }
        false => "Owners hold every vault and are not listed. Who manages a vault gives its roles.",
    };
    let chosen = lazy(move || match work.changes.with(Vec::len) {
        0 => nothing(),
        changes => {
            let words = format!("Review {}…", count(changes, "change", "changes"));
            let undo = move || work.changes.set(Vec::new());
            div(
                "actions",
                vec![
                    button("button primary", text(words), always, move || {
                        work.asking.set(Asking::Roles);
                    }),
                    button("button ghost", text("Undo"), always, undo),
                ],
            )
        }
    });
    section(
        "people",
        "Access",
        vec![h2("Access"), p("quiet", vec![text(told)]), table.any(), chosen],
    )
}

fn current(member: &Member, vault: &str) -> Option<Role> {
    member.grants.iter().find(|it| it.vault == vault).map(|it| it.role)
}

fn one(work: Work, people: &People, member: &Member, vault: &GrantableVault) -> El {
    let now = current(member, &vault.vault);
    let name = vault_name(people, &vault.vault);
    let at = cell("td", "cell").is("data-label", name.clone());
    // Managers are made and unmade by owners; nobody changes what is their own.
    let mine = member.me || (now == Some(Role::Manager) && !people.owner);
    if !vault.manages || mine {
        return at.put(now.map_or("No access", role_name).to_owned());
    }
    let of = StoredValue::new((member.id.clone(), vault.vault.clone()));
    let is = move |change: &RoleChange| {
        of.with_value(|(member, vault)| change.member == *member && change.vault == *vault)
    };
    let shown = Signal::derive(move || {
        let chosen = work
            .changes
            .with(|changes| changes.iter().find(|change| is(change)).map(|change| change.to));
        chosen.unwrap_or(now).map_or("", role_name).to_owned()
    });
    let choose = Callback::new(move |chosen: String| {
        work.changes.update(|changes| {
            changes.retain(|change| !is(change));
            let to = role_of(&chosen);
            if to != now {
                let (member, vault) = of.get_value();
                changes.push(RoleChange { member, vault, from: now, to });
            }
        });
    });
    let label = format!("{}: {name}", member.name);
    at.put(select(None, Some(label), roles(people.owner), shown, choose))
}

/// What the chosen roles would do.
pub fn review(work: Work) -> AnyView {
    let close = Callback::new(move |()| work.close());
    let changes = work.changes.get_untracked();
    let people = untrack(|| work.with(|people| Some(people.clone())));
    let Some(people) = people else { return nothing() };
    let effect = |change: &RoleChange| {
        let member = people.members.iter().find(|it| it.id == change.member)?;
        let vault = vault_name(&people, &change.vault);
        let was = change.from.map_or("no access", role_name);
        Some(match change.to {
            None => format!(
                "{} loses {vault}. It gets its next key; what they have seen, they know.",
                member.name
            ),
            Some(role) => {
                format!("{} becomes {} of {vault} (was: {was}).", member.name, role_name(role))
            }
        })
    };
    let lines = changes.iter().filter_map(effect).map(|line| li("", vec![text(line)])).collect();
    let lost = changes.iter().filter(|change| change.to.is_none()).count();
    let send = move || {
        let request = Request::SetRoles { changes: changes.clone() };
        let lost = changes.iter().filter(|it| it.to.is_none());
        let lost = lost.map(|it| it.vault.clone()).collect::<BTreeSet<_>>();
        work.change(request, "The roles are changed.", move |work| {
            let _ = work.changes.try_set(Vec::new());
            work.seal_again(lost.into_iter().collect());
        });
    };
    let mut parts = vec![ul("", lines)];
    if lost > 0 {
        let told = "What is there already is sealed again next. What they could read is on the worklist, to \
                    be replaced where it comes from.";
        parts.push(p("hint", vec![text(told)]));
    }
    let back = press("button", move || close.run(())).put("Back");
    let go = submit("Change the roles", "Changing…", work.busy.into());
    parts.push(form_problem(work.problem));
    parts.push(div("actions end", vec![back.any(), go]));
    dialog("Change these roles?".to_owned(), "narrow", close, vec![form(send, parts)])
}
