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
        CellState::Own => icons::Own(),
        CellState::Inherited => icons::Inherited(),
        CellState::Override => icons::Override(),
        CellState::Alias => icons::Alias(),
        CellState::Missing => icons::Missing(),
        CellState::NoAccess => icons::NoAccess(),
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
