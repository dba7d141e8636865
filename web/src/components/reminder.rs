//! After how many days a key shall be rotated.

use leptos::prelude::*;

use super::select::select;
use crate::parts::{div, text};

/// What may be chosen.
const PERIODS: [u16; 5] = [30, 60, 90, 180, 365];

/// A choice of days; `now` is what holds.
pub fn reminder(now: Option<u16>, choose: Callback<Option<u16>>) -> AnyView {
    let own = now.filter(|days| !PERIODS.contains(days));
    let days = PERIODS.into_iter().chain(own);
    let days = days.map(|days| (days.to_string(), format!("After {days} days")));
    let options = [(String::new(), "No reminder".to_owned())].into_iter().chain(days).collect();
    let now = Signal::stored(now.map(|days| days.to_string()).unwrap_or_default());
    let choose = Callback::new(move |days: String| choose.run(days.parse().ok()));
    let label = "Remind to rotate";
    div("field", vec![text(label), select(None, Some(label.to_owned()), options, now, choose)])
}
