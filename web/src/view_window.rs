//! Which rows of a long table are asked for: what is in view, and some around it.

/// Up to here the whole table is in the page.
pub const ALL: usize = 300;
/// Rows are asked for in steps of this size.
const STEP: usize = 50;

/// A part of the rows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Part {
    /// The first.
    pub offset: usize,
    /// How many.
    pub limit: usize,
}

impl Part {
    /// What is asked for first, when nobody knows how many there are.
    pub const FIRST: Part = Part { offset: 0, limit: ALL };
}

/// The part to show when `above` pixels of a table of `total` rows are scrolled out of a view of
/// `height` pixels. The answer changes only every [`STEP`] rows.
pub fn part(total: usize, above: f64, height: f64, row: f64) -> Part {
    window(total, above, height, row, Part::FIRST, STEP)
}

/// The same, with another first part and other steps: of rows that have much in them.
pub fn window(total: usize, above: f64, height: f64, row: f64, first: Part, step: usize) -> Part {
    if total <= first.limit || row < 1.0 {
        return first;
    }
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "pixels of a page, made positive"
    )]
    let rows = |pixels: f64| (pixels.max(0.0) / row) as usize;
    let last_start = total.saturating_sub(1) / step * step;
    let offset = (rows(above) / step * step).saturating_sub(step).min(last_start);
    let limit = (rows(height) / step + 4) * step;
    Part { offset, limit: limit.min(ALL) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_table_is_whole() {
        assert_eq!(part(300, 9_000.0, 800.0, 45.0), Part::FIRST);
    }

    #[test]
    fn a_long_table_shows_what_is_in_view() {
        for above in [0.0, 10_000.0, 50_000.0, 85_000.0] {
            let shown = part(2_000, above, 800.0, 45.0);
            let first = (above / 45.0) as usize;
            let last = (first + 18).min(1_999);
            assert!(shown.offset <= first, "{above}");
            assert!(shown.offset + shown.limit > last, "{above}");
            assert!(shown.limit <= ALL);
        }
    }

    #[test]
    fn the_end_is_not_overrun() {
        assert!(part(310, 1e9, 800.0, 45.0).offset < 310);
    }
}
