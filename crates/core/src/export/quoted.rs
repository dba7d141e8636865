//! A string in double quotes that JSON and YAML 1.2 read alike.

use crate::unicode::split;
use crate::wiped_text::Push;

const HEX_DIGITS: &str = "0123456789abcdef";

/// Pushes `text` in double quotes.
///
/// Its escapes are JSON's (RFC 8259, section 7), which YAML has too (YAML 1.2.2, section 5.7).
pub(super) fn push(text: &str, push: &mut Push<'_>) {
    push("\"");
    // Each piece but the last ends in the one character that is escaped.
    for piece in text.split_inclusive(is_escaped) {
        let plain = piece.trim_end_matches(is_escaped);
        push(plain);
        match split(piece, plain.len()).1.chars().next() {
            None => {}
            Some('"') => push("\\\""),
            Some('\\') => push("\\\\"),
            Some('\n') => push("\\n"),
            Some('\r') => push("\\r"),
            Some('\t') => push("\\t"),
            Some(other) => push_code(other, push),
        }
    }
    push("\"");
}

/// Control characters (DEL, NEL and the rest of C1 among them), U+2028 and U+2029 end a line or are
/// forbidden to one reader or another; a byte order mark and the two that are no characters also.
/// `<` may open a tag where the text stands inside a page.
fn is_escaped(c: char) -> bool {
    let named = ['"', '\\', '<', '\u{2028}', '\u{2029}', '\u{feff}', '\u{fffe}', '\u{ffff}'];
    c.is_control() || named.contains(&c)
}

/// Pushes `\uXXXX`: what is escaped never needs more digits.
fn push_code(c: char, push: &mut Push<'_>) {
    push("\\u");
    for shift in [12, 8, 4, 0] {
        let digit = (u32::from(c) >> shift & 0xf) as usize;
        push(HEX_DIGITS.get(digit..=digit).unwrap_or_default());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wiped_text;

    fn quoted(text: &str) -> String {
        wiped_text::write(|to| push(text, to)).to_string()
    }

    #[test]
    fn escapes() {
        for (text, expected) in [
            ("", r#""""#),
            ("a 'b' `c` $d #e", r#""a 'b' `c` $d #e""#),
            ("\"\\", r#""\"\\""#),
            ("\\n", r#""\\n""#),
            ("\r\n\t", r#""\r\n\t""#),
            ("\0\u{1}\u{1f}", r#""\u0000\u0001\u001f""#),
            ("\u{7f}\u{85}\u{9f}", r#""\u007f\u0085\u009f""#),
            ("\u{2028}\u{2029}\u{feff}", r#""\u2028\u2029\ufeff""#),
            ("\u{fffe}\u{ffff}", r#""\ufffe\uffff""#),
            ("</script><!--", r#""\u003c/script>\u003c!--""#),
            ("ä\u{a0}€𝄞🌹", "\"ä\u{a0}€𝄞🌹\""),
        ] {
            assert_eq!(quoted(text), expected);
        }
    }
}
