//! A QR code, drawn as one path.

use std::fmt::Write as _;

use leptos::prelude::*;
use qrcode::{Color, EcLevel, QrCode};

use crate::element::el;
use crate::parts::{p, text as view_text};

/// A text as a QR code; where it is too long for one it says so.
#[component]
pub fn Qr(
    /// The text.
    text: String,
    /// What it is, for those who can't see it.
    label: &'static str,
) -> AnyView {
    let Ok(code) = QrCode::with_error_correction_level(text, EcLevel::M) else {
        return p(
            "hint",
            vec![view_text("It is too long for a QR code: print it, or save the file.")],
        );
    };
    let width = code.width();
    let path = outline(&code.to_colors(), width);
    // Four modules of quiet zone around, as the standard asks.
    let frame = format!("-4 -4 {0} {0}", width + 8);
    let code = el("svg").class("qr").is("viewBox", frame).is("role", "img").is("aria-label", label);
    code.put(el("path").is("d", path)).any()
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
