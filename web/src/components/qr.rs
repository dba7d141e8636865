//! A QR code, drawn as one path.

use std::fmt::Write as _;

use leptos::prelude::*;
use qrcode::{Color, EcLevel, QrCode};

use crate::element::el;

/// A text as a QR code; nothing where it is too long for one.
#[component]
pub fn Qr(
    /// The text.
    text: String,
    /// What it is, for those who can't see it.
    label: &'static str,
) -> impl IntoView {
    let code = QrCode::with_error_correction_level(text, EcLevel::M).ok()?;
    let width = code.width();
    let path = outline(&code.to_colors(), width);
    // Four modules of quiet zone around, as the standard asks.
    let frame = format!("-4 -4 {0} {0}", width + 8);
    let code = el("svg").class("qr").is("viewBox", frame).is("role", "img").is("aria-label", label);
    Some(code.put(el("path").is("d", path)))
}

/// Each run of dark modules in a row as a rectangle.
fn outline(colors: &[Color], width: usize) -> String {
    let mut path = String::new();
    for (y, row) in colors.chunks(width).enumerate() {
        let mut x = 0;
        for run in row.chunk_by(|left, right| left == right) {
            if run[0] == Color::Dark {
                let _ = write!(path, "M{x} {y}h{0}v1h-{0}z", run.len());
            }
            x += run.len();
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;
    use Color::{Dark as D, Light as L};

    #[test]
    fn runs_become_rectangles() {
        assert_eq!(
            outline(&[D, D, L, L, L, D, D, L, D], 3),
            "M0 0h2v1h-2zM2 1h1v1h-1zM0 2h1v1h-1zM2 2h1v1h-1z"
        );
    }

    #[test]
    fn a_kit_fits() {
        assert!(QrCode::with_error_correction_level("x".repeat(900), EcLevel::M).is_ok());
    }
}
