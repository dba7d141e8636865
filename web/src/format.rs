//! Numbers and times as people read them.

/// `1 secret`, `2 secrets`.
pub fn count(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

/// How long ago: both in milliseconds since 1970.
pub fn ago(now: u64, then: u64) -> String {
    let seconds = now.saturating_sub(then) / 1000;
    match seconds {
        0..=44 => "just now".into(),
        45..=3_599 => format!("{} min ago", (seconds / 60).max(1)),
        3_600..=86_399 => format!("{} h ago", seconds / 3_600),
        86_400..=2_591_999 => format!("{} ago", count_days(seconds / 86_400)),
        _ => date(then),
    }
}

fn count_days(days: u64) -> String {
    if days == 1 { "1 day".into() } else { format!("{days} days") }
}

/// The day in UTC, such as `2026-03-04`.
pub fn date(time: u64) -> String {
    let (year, month, day) = civil(time / 86_400_000);
    format!("{year:04}-{month:02}-{day:02}")
}

/// Day and minute in UTC, such as `2026-03-04 15:06 UTC`.
pub fn moment(time: u64) -> String {
    let minutes = time / 60_000;
    format!("{} {:02}:{:02} UTC", date(time), minutes / 60 % 24, minutes % 60)
}

/// Days since 1970 to a date: Howard Hinnant, "chrono-compatible low-level date algorithms".
fn civil(days: u64) -> (u64, u64, u64) {
    let days = days + 719_468;
    let era = days / 146_097;
    let of_era = days % 146_097;
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    (year, month, day)
}

/// The time now, in milliseconds since 1970.
pub fn now() -> u64 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "positive and whole until the year 285,616"
    )]
    let now = js_sys::Date::now() as u64;
    now
}

/// A length for a style, in whole pixels: the standard library's code for fractions is 5 KB.
#[expect(clippy::cast_possible_truncation, reason = "lengths on a screen")]
pub fn pixels(length: f64) -> String {
    format!("{}px", length.round() as i32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_have_their_plural() {
        assert_eq!(count(0, "secret", "secrets"), "0 secrets");
        assert_eq!(count(1, "secret", "secrets"), "1 secret");
        assert_eq!(count(2, "secret", "secrets"), "2 secrets");
    }

    #[test]
    fn dates_are_right() {
        assert_eq!(date(0), "1970-01-01");
        assert_eq!(date(951_782_400_000), "2000-02-29");
        assert_eq!(date(1_795_219_200_000), "2026-11-21");
        assert_eq!(moment(1_795_219_200_000 + 3_660_000), "2026-11-21 01:01 UTC");
    }

    #[test]
    fn the_past_is_told_in_the_largest_unit() {
        let now = 1_795_219_200_000;
        assert_eq!(ago(now, now), "just now");
        assert_eq!(ago(now, now + 5_000), "just now");
        assert_eq!(ago(now, now - 50_000), "1 min ago");
        assert_eq!(ago(now, now - 7_200_000), "2 h ago");
        assert_eq!(ago(now, now - 86_400_000), "1 day ago");
        assert_eq!(ago(now, now - 90 * 86_400_000), "2026-08-23");
    }
}
