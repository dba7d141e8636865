//! Deleting with its consequences: what hangs on a secret goes with it, is shown before, and comes
//! back with it.

use std::sync::Arc;

use leptos::prelude::*;
use subrosa_bridge::view::{Row, Scope, SecretKind, Write};
use subrosa_bridge::{Kind, Problem};

use crate::components::dialog::dialog;
use crate::erased::{lazy, spawn};
use crate::format;
use crate::parts::{actions, li, nothing, p, press, results, span, text};
use crate::session::Session;

/// A secret that is to be deleted.
#[derive(Clone)]
pub struct Doomed {
    /// Where it is set.
    pub scope: Scope,
    /// Its id.
    pub id: String,
    /// Its key, for what is said.
    pub key: String,
    /// The version that was seen.
    pub version: u32,
}

/// Deletions of a page.
#[derive(Clone, Copy)]
pub struct Deleting {
    session: Session,
    /// What is asked about, with what hangs on it.
    asked: RwSignal<Option<(Doomed, Vec<Row>)>>,
    /// Told when something was deleted or is back.
    after: Callback<()>,
}

impl Deleting {
    /// None yet. `after` is called when something was deleted, or is back.
    pub fn new(session: Session, after: Callback<()>) -> Self {
        Deleting { session, asked: RwSignal::new(None), after }
    }

    /// Deletes, with a way back; if anything hangs on it, shows that before.
    pub fn start(self, doomed: Doomed) {
        spawn(async move {
            match self.session.keyholder.hanging(vec![doomed.id.clone()]).await {
                Ok(hanging) if hanging.is_empty() => {
                    let scope = doomed.scope.clone();
                    self.session.ask_once_more(&scope, false, move || {
                        let doomed = doomed.clone();
                        spawn(async move { self.delete(doomed, Vec::new()).await });
                    });
                }
                Ok(hanging) => {
                    let _ = self.asked.try_set(Some((doomed, hanging)));
                }
                Err(problem) => self.session.report(&problem),
            }
        });
    }

    /// All in one write; the undo too.
    async fn delete(self, doomed: Doomed, hanging: Vec<Row>) {
        let session = self.session;
        let one = |id: &str, base| Write::Delete { secret: id.to_owned(), base };
        let mut writes = vec![one(&doomed.id, doomed.version)];
        writes.extend(hanging.iter().map(|row| one(&row.id, row.version)));
        match session.keyholder.write(writes, String::new()).await {
            Ok(rows) => {
                let undo: Vec<Write> = rows
                    .into_iter()
                    .map(|row| Write::Restore { secret: row.id, version: None })
                    .collect();
                let said = match hanging.len() {
                    0 => format!("Deleted {}.", doomed.key),
                    more => {
                        let more = format::count(more, "more secret", "more secrets");
                        format!("Deleted {} and {more}.", doomed.key)
                    }
                };
                session.toasts.offer(said, "Undo", Arc::new(move || self.undo(undo.clone())));
            }
            // Somebody has hung something on it since.
            Err(Problem { kind: Kind::Hanging(_), .. }) => return self.start(doomed),
            Err(problem) => session.report(&problem),
        }
        self.after.try_run(());
    }

    fn undo(self, writes: Vec<Write>) {
        spawn(async move {
            if let Err(problem) = self.session.keyholder.write(writes, String::new()).await {
                self.session.report(&problem);
            }
            self.after.try_run(());
        });
    }
}

/// What goes with a secret, while that is asked.
pub fn delete_dialog(deleting: Deleting) -> AnyView {
    let close = Callback::new(move |()| deleting.asked.set(None));
    lazy(move || {
        let Some((doomed, hanging)) = deleting.asked.get() else { return nothing() };
        let title = format!("Delete {}?", doomed.key);
        let count = format::count(hanging.len() + 1, "secret", "secrets");
        let row = |row: &Row| {
            let what = match row.kind {
                SecretKind::Alias(_) => "alias in",
                _ => "override in",
            };
            let what = format!("{what} {}", row.scope_name);
            let key = span("mono strong", vec![text(row.key.clone())]);
            li("line", vec![key, span("quiet", vec![text(what)])])
        };
        let rows: Vec<AnyView> = hanging.iter().map(row).collect();
        let session = deleting.session;
        let production = session.changes_production(&doomed.scope, false)
            || hanging.iter().any(|row| session.changes_production(&row.scope, false));
        let delete = move || {
            close.run(());
            let (doomed, hanging) = (doomed.clone(), hanging.clone());
            spawn(async move { deleting.delete(doomed, hanging).await });
        };
        let mut parts = vec![
            p("", vec![text("It is used by others. They go with it:")]),
            results("Goes with it", rows).any(),
        ];
        if production {
            parts.push(p("strong", vec![text("This changes production.")]));
        }
        parts.push(p("hint", vec![text("All of it can be undone, and is kept in the history.")]));
        parts.push(actions(vec![
            press("button", move || close.run(())).put("Keep").any(),
            press("button danger", delete).put(format!("Delete {count}")).any(),
        ]));
        dialog(title, "narrow", close, parts)
    })
}
