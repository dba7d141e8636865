//! Two texts, line by line: what both have at their beginning and end, and what differs between.

/// Who has a line.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Side {
    /// Both.
    Both,
    /// The old text.
    Old,
    /// The new text.
    New,
}

/// All lines of both, in the order in which they are read.
pub fn diff<'a>(old: &'a str, new: &'a str) -> Vec<(Side, &'a str)> {
    let (old, new): (Vec<&str>, Vec<&str>) = (lines(old), lines(new));
    let same = |pairs: &mut dyn Iterator<Item = (&&str, &&str)>| {
        pairs.take_while(|(old, new)| old == new).count()
    };
    let before = same(&mut old.iter().zip(&new));
    let after = same(&mut old[before..].iter().rev().zip(new[before..].iter().rev()));
    let (old_end, new_end) = (old.len() - after, new.len() - after);
    let mut all = Vec::with_capacity(old.len() + new.len());
    all.extend(old[..before].iter().map(|line| (Side::Both, *line)));
    all.extend(old[before..old_end].iter().map(|line| (Side::Old, *line)));
    all.extend(new[before..new_end].iter().map(|line| (Side::New, *line)));
    all.extend(old[old_end..].iter().map(|line| (Side::Both, *line)));
    all
}

/// An end of the text without a line break is another one than with it.
fn lines(text: &str) -> Vec<&str> {
    if text.is_empty() { Vec::new() } else { text.split('\n').collect() }
}

#[cfg(test)]
mod tests {
    use super::Side::{Both, New, Old};
    use super::*;

    #[test]
    fn what_differs_stands_between_what_is_the_same() {
        assert_eq!(
            diff("a\nb\nc", "a\nx\ny\nc"),
            [(Both, "a"), (Old, "b"), (New, "x"), (New, "y"), (Both, "c")]
        );
        assert_eq!(diff("a", "b"), [(Old, "a"), (New, "b")]);
        assert_eq!(diff("", "b"), [(New, "b")]);
        assert_eq!(diff("a\na", "a"), [(Both, "a"), (Old, "a")]);
        assert_eq!(diff("a", "a\n"), [(Both, "a"), (New, "")]);
        assert_eq!(diff("", ""), []);
    }
}
