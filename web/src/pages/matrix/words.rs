//! The states of a cell in words and signs: never by colour alone.

use leptos::prelude::*;
use subrosa_bridge::view::{Cell, CellState};

use crate::icons;

/// How a scope comes by a key, in a word.
pub fn word(state: CellState) -> &'static str {
    match state {
        CellState::Own => "own",
        CellState::Inherited => "inherited",
        CellState::Override => "override",
        CellState::Alias => "alias",
        CellState::Missing => "missing",
        CellState::NoAccess => "no access",
    }
}

/// The sign beside the word.
pub fn sign(state: CellState) -> AnyView {
    match state {
        CellState::Own => view! { <icons::Own /> }.into_any(),
        CellState::Inherited => view! { <icons::Inherited /> }.into_any(),
        CellState::Override => view! { <icons::Override /> }.into_any(),
        CellState::Alias => view! { <icons::Alias /> }.into_any(),
        CellState::Missing => view! { <icons::Missing /> }.into_any(),
        CellState::NoAccess => view! { <icons::NoAccess /> }.into_any(),
    }
}

/// What stands beside the word: where from, which version, what is wrong.
pub fn aside(cell: &Cell) -> String {
    let mut parts = Vec::new();
    if !cell.from.is_empty() {
        parts.push(format!("from {}", cell.from));
    } else if cell.secret.is_some() {
        parts.push(format!("v{}", cell.version));
    }
    if cell.file {
        parts.push("file".to_owned());
    }
    if cell.nothing.is_some() {
        parts.push("broken".to_owned());
    }
    parts.join(", ")
}

/// A cell's whole name, with all that is seen in it: `DB_URL in production: override v2`.
pub fn name(key: &str, scope: &str, cell: &Cell, drafted: bool) -> String {
    let draft = if drafted { "draft" } else { "" };
    let seen = [word(cell.state), &aside(cell), draft].join(" ");
    format!("{key} in {scope}: {}", seen.split_whitespace().collect::<Vec<_>>().join(" "))
}

#[cfg(test)]
mod tests {
    use subrosa_bridge::view::Scope;

    use super::*;

    fn cell(state: CellState) -> Cell {
        Cell {
            scope: Scope::Environment("e".into()),
            state,
            secret: None,
            version: 0,
            overridable: None,
            from: String::new(),
            file: false,
            nothing: None,
        }
    }

    #[test]
    fn a_cell_is_told_in_words() {
        let missing = cell(CellState::Missing);
        assert_eq!(name("A", "production", &missing, false), "A in production: missing");
        let above = Cell { from: "Shared".into(), version: 3, ..cell(CellState::Inherited) };
        assert_eq!(
            name("A", "production", &above, false),
            "A in production: inherited from Shared"
        );
        let here = Cell { secret: Some("s".into()), version: 2, ..cell(CellState::Override) };
        assert_eq!(name("A", "production", &here, true), "A in production: override v2 draft");
        let broken = Cell { nothing: Some("Gone.".into()), ..here };
        assert_eq!(name("A", "production", &broken, false), "A in production: override v2, broken");
    }
}
