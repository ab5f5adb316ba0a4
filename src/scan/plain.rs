//! What is in normal form as it stands: reading would leave it as it is.

use crate::name::registrable;

/// Text that reading leaves as it is: printable ASCII without space at its ends.
pub fn is_plain_text(text: &str) -> bool {
    let bytes = text.as_bytes();
    // All bytes are looked at, without a way out: that goes many at a time.
    bytes.iter().fold(true, |plain, b| plain & (0x20..0x7f).contains(b))
        && bytes.first() != Some(&b' ')
        && bytes.last() != Some(&b' ')
}

/// For each byte whether host names have it.
const IN_HOSTS: [bool; 256] = {
    let mut plain = [false; 256];
    let mut at = 0;
    while at < 128 {
        let b = at as u8;
        plain[at] = b.is_ascii_lowercase() | b.is_ascii_digit() | (b == b'-') | (b == b'.') | (b == b'_');
        at += 1;
    }
    plain
};

/// A host name that reading leaves as it is.
pub fn is_plain_host(host: &str) -> bool {
    !host.is_empty() && host.bytes().fold(true, |all, b| all & IN_HOSTS[usize::from(b)]) && !host.ends_with('.')
}

/// Whether two texts are the same: most are short, and compared right here.
#[inline]
pub fn is_same(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    if a.len() != b.len() {
        return false;
    }
    let ((eights, rest), (others, left)) = (a.as_chunks::<8>(), b.as_chunks::<8>());
    eights.iter().zip(others).all(|(one, other)| u64::from_ne_bytes(*one) == u64::from_ne_bytes(*other))
        && rest.iter().zip(left).all(|(one, other)| one == other)
}

/// A host name in normal form whose registrable domain is `domain`.
pub fn is_plain_name(host: &str, domain: &str) -> bool {
    let bytes = host.as_bytes();
    let dots = bytes.windows(2).fold(false, |twice, pair| twice | (pair[0] == b'.') & (pair[1] == b'.'));
    is_plain_host(host)
        && bytes.first() != Some(&b'.')
        && !dots
        && (bytes.len() <= 63 || bytes.len() <= 253 && host.split('.').all(|label| label.len() <= 63))
        && registrable(host) == Some(domain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_plain_when_reading_would_leave_it_as_it_is() {
        let long = "a".repeat(64);
        let cases = [
            ("firma.example", "firma.example", true),
            ("selector1._domainkey.firma.example", "firma.example", true),
            ("www.firma.example", "www.firma.example", false),
            ("Firma.example", "firma.example", false),
            (".firma.example", "firma.example", false),
            ("firma.example.", "firma.example", false),
            ("a..firma.example", "firma.example", false),
            ("bücher.example", "bücher.example", false),
            ("example", "example", false),
            ("", "", false),
            (&format!("{}.firma.example", &long[..63]), "firma.example", true),
            (&format!("{long}.firma.example"), "firma.example", false),
            (&format!("{}firma.example", format!("{}.", &long[..40]).repeat(6)), "firma.example", false),
        ];
        for (host, domain, plain) in cases {
            assert_eq!(is_plain_name(host, domain), plain, "{host}");
        }
    }

    #[test]
    fn texts_are_the_same_byte_for_byte() {
        let text = "autodiscover.firma.example";
        for length in 0..=text.len() {
            assert!(is_same(&text[..length], &text.to_string()[..length]));
            for at in 0..length {
                let mut other = text[..length].to_string();
                other.replace_range(at..=at, "!");
                assert!(!is_same(&text[..length], &other), "{other}");
            }
        }
        assert!(!is_same("", "a") && !is_same("firma.example", "firma.exampl"));
    }
}
