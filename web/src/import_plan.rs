//! What shall become of each line of an import: decided here, carried out by the keyholder.

use subrosa_bridge::Hidden;
use subrosa_bridge::view::{Import, ImportChoice, ImportLine, ImportState};

/// What to do where both sides have a value.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Side {
    /// What is here now stays.
    Mine,
    /// What the file has becomes a new version.
    Theirs,
    /// What is typed becomes a new version.
    Edit,
}

/// The decisions. What is new is taken, what is the same needs nothing, what differs must be
/// decided; of lines with the same key the last one wins, as a shell would have it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Plan(Vec<(usize, Decision)>);

#[derive(Clone, PartialEq, Eq, Debug, Default)]
struct Decision {
    side: Option<Side>,
    loses: bool,
    skipped: bool,
    renamed: Option<String>,
    typed: Hidden,
}

impl Plan {
    /// What is done if nobody says anything.
    pub fn new(import: &Import) -> Self {
        let mut plan = Plan::default();
        for line in &import.lines {
            if line.duplicates.iter().any(|other| *other > line.line) {
                plan.at(line.line).loses = true;
            }
        }
        plan
    }

    fn at(&mut self, line: usize) -> &mut Decision {
        let place = self.place(line).unwrap_or_else(|place| {
            self.0.insert(place, (line, Decision::default()));
            place
        });
        &mut self.0[place].1
    }

    /// Ascending by line.
    fn place(&self, line: usize) -> Result<usize, usize> {
        self.0.binary_search_by_key(&line, |(line, _)| *line)
    }

    fn get(&self, line: usize) -> Option<&Decision> {
        self.place(line).ok().map(|place| &self.0[place].1)
    }

    /// Decides a line that differs.
    pub fn decide(&mut self, line: usize, side: Side) {
        self.at(line).side = Some(side);
    }

    /// Decides all that differ.
    pub fn decide_all(&mut self, import: &Import, side: Side) {
        for line in import.lines.iter().filter(|line| needs_side(line)) {
            self.decide(line.line, side);
        }
    }

    /// Notes what is typed for a line.
    pub fn type_value(&mut self, line: usize, value: String) {
        self.at(line).typed = Hidden::new(value);
    }

    /// The side that was chosen.
    pub fn side(&self, line: usize) -> Option<Side> {
        self.get(line)?.side
    }

    /// Of lines with the same key, `line` wins.
    pub fn win(&mut self, line: &ImportLine) {
        self.at(line.line).loses = false;
        for other in &line.duplicates {
            self.at(*other).loses = true;
        }
    }

    /// Whether another line with the same key wins.
    pub fn loses(&self, line: usize) -> bool {
        self.get(line).is_some_and(|it| it.loses)
    }

    /// Leaves a new line out, or takes it in again.
    pub fn skip(&mut self, line: usize, skip: bool) {
        self.at(line).skipped = skip;
    }

    /// Whether a new line is left out.
    pub fn skips(&self, line: usize) -> bool {
        self.get(line).is_some_and(|it| it.skipped)
    }

    /// Takes a bad line under another key that was found good, or (with `None`) leaves it out.
    pub fn rename(&mut self, line: usize, key: Option<String>) {
        self.at(line).renamed = key;
    }

    /// How many lines still need a decision.
    pub fn undecided(&self, import: &Import) -> usize {
        import
            .lines
            .iter()
            .filter(|line| needs_side(line) && !self.loses(line.line))
            .filter(|line| self.side(line.line).is_none())
            .count()
    }

    /// What is to be written.
    pub fn choices(&self, import: &Import) -> Vec<ImportChoice> {
        let good = import.lines.iter().filter(|line| self.takes(line)).map(|line| {
            let edit = self.get(line.line).filter(|it| it.side == Some(Side::Edit));
            let value = edit.map(|it| it.typed.clone());
            ImportChoice { line: line.line, key: line.key.clone(), value }
        });
        let mended = import.bad.iter().filter_map(|bad| {
            let key = self.get(bad.line)?.renamed.clone()?;
            Some(ImportChoice { line: bad.line, key, value: None })
        });
        good.chain(mended).collect()
    }

    fn takes(&self, line: &ImportLine) -> bool {
        if self.loses(line.line) {
            return false;
        }
        match line.state {
            ImportState::New => !self.skips(line.line),
            ImportState::Differs | ImportState::Unknown | ImportState::Override => {
                matches!(self.side(line.line), Some(Side::Theirs | Side::Edit))
            }
            ImportState::Same | ImportState::Alias => false,
        }
    }
}

/// Whether both sides have a value and they may not be the same.
pub fn needs_side(line: &ImportLine) -> bool {
    matches!(line.state, ImportState::Differs | ImportState::Unknown)
}

#[cfg(test)]
mod tests {
    use subrosa_bridge::view::ImportBad;

    use super::*;

    fn line(line: usize, key: &str, state: ImportState, duplicates: &[usize]) -> ImportLine {
        ImportLine { line, key: key.into(), state, duplicates: duplicates.to_vec() }
    }

    fn import() -> Import {
        Import {
            lines: vec![
                line(1, "NEW", ImportState::New, &[]),
                line(2, "SAME", ImportState::Same, &[]),
                line(3, "OTHER", ImportState::Differs, &[]),
                line(4, "TWICE", ImportState::New, &[6]),
                line(5, "HIGHER", ImportState::Override, &[]),
                line(6, "TWICE", ImportState::New, &[4]),
            ],
            bad: vec![ImportBad { line: 9, reason: String::new(), suggestion: None }],
        }
    }

    fn taken(plan: &Plan) -> Vec<usize> {
        plan.choices(&import()).iter().map(|choice| choice.line).collect()
    }

    #[test]
    fn new_lines_are_taken_and_of_two_the_last() {
        let plan = Plan::new(&import());
        assert_eq!(taken(&plan), [1, 6]);
        assert_eq!(plan.undecided(&import()), 1);
    }

    #[test]
    fn a_difference_waits_for_a_decision() {
        let mut plan = Plan::new(&import());
        plan.decide(3, Side::Theirs);
        assert_eq!(taken(&plan), [1, 3, 6]);
        plan.decide(5, Side::Theirs);
        assert_eq!(taken(&plan), [1, 3, 5, 6]);
        plan.decide(5, Side::Mine);
        plan.decide_all(&import(), Side::Mine);
        assert_eq!(taken(&plan), [1, 6]);
        assert_eq!(plan.undecided(&import()), 0);
        plan.type_value(3, "typed".into());
        assert_eq!(taken(&plan), [1, 6]);
        plan.decide(3, Side::Edit);
        assert_eq!(taken(&plan), [1, 3, 6]);
        let values: Vec<_> = plan.choices(&import()).into_iter().map(|it| it.value).collect();
        assert_eq!(values, [None, Some(Hidden::new("typed".into())), None]);
    }

    #[test]
    fn another_line_may_win() {
        let import = import();
        let mut plan = Plan::new(&import);
        plan.win(&import.lines[3]);
        assert_eq!(taken(&plan), [1, 4]);
        plan.skip(1, true);
        assert_eq!(taken(&plan), [4]);
    }

    #[test]
    fn a_bad_line_needs_another_key() {
        let mut plan = Plan::new(&import());
        plan.rename(9, Some("_2GOOD".into()));
        assert_eq!(taken(&plan), [1, 6, 9]);
        plan.rename(9, None);
        assert_eq!(taken(&plan), [1, 6]);
    }
}
