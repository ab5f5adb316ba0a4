//! Sender Policy Framework records, read for whom they name rather than for whom they pass.
//!
//! Grammar: RFC 7208 section 4.6 and 12. Nothing is resolved; macros are kept as written, so that a suffix rule can
//! still see the provider behind `exists:%{i}._spf.mta.example`.

/// One term: mechanism or modifier, and the name or network it gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Term {
    /// `include`, `redirect`, `exists`, `a`, `mx`, `ptr`, `ip4`, `ip6`, `exp`, in lower case.
    pub mechanism: String,
    /// Domain or network in lower case, without prefix length or trailing dot; may hold macros.
    pub target: String,
}

/// Whether a TXT record is an SPF record: the version must stand alone (RFC 7208 section 4.5).
pub fn is_spf(text: &str) -> bool {
    let text = text.trim_start();
    let version = text.get(..6).is_some_and(|v| v.eq_ignore_ascii_case("v=spf1"));
    version && text[6..].chars().next().is_none_or(char::is_whitespace)
}

/// The terms that name somebody. `all` and bare `a` or `mx` name nobody.
///
/// A space after the colon (`include: spf.example`), a syntax error seen in real zones, still names its target.
pub fn terms(text: &str) -> Vec<Term> {
    let mut out = Vec::new();
    let mut words = text.split_whitespace().skip(1).peekable();
    while let Some(word) = words.next() {
        let word = word.trim_start_matches(['+', '-', '~', '?']);
        let Some(at) = word.find([':', '=']) else { continue };
        let mechanism = word[..at].to_ascii_lowercase();
        let mut target = &word[at + 1..];
        if target.is_empty()
            && let Some(next) = words.peek().filter(|next| next.contains('.') && !next.contains([':', '=']))
        {
            target = next;
            words.next();
        }
        let known = ["include", "redirect", "exists", "a", "mx", "ptr", "ip4", "ip6", "exp"];
        if target.is_empty() || !known.contains(&mechanism.as_str()) {
            continue;
        }
        let target = match mechanism.as_str() {
            "ip4" | "ip6" => target,
            _ => target.split('/').next().unwrap_or("").trim_end_matches('.'),
        };
        out.push(Term { mechanism, target: target.to_lowercase() });
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(text: &str) -> Vec<(String, String)> {
        terms(text).into_iter().map(|t| (t.mechanism, t.target)).collect()
    }

    #[test]
    fn terms_that_name_somebody_are_kept_in_order() {
        let got = pairs("v=spf1 a mx ip4:192.0.2.0/24 a:mail.Example.com/24 include:SPF.protection.outlook.com. ~all");
        let want = [("ip4", "192.0.2.0/24"), ("a", "mail.example.com"), ("include", "spf.protection.outlook.com")];
        assert_eq!(got, want.map(|(m, t)| (m.to_string(), t.to_string())));
    }

    #[test]
    fn redirects_macros_and_a_stray_space_still_name_their_target() {
        let got =
            pairs("v=spf1 exists:%{i}._spf.%{d}.mim.ec include: _spf.google.com redirect=stadt.example._d.mim.ec");
        let want = [
            ("exists", "%{i}._spf.%{d}.mim.ec"),
            ("include", "_spf.google.com"),
            ("redirect", "stadt.example._d.mim.ec"),
        ];
        assert_eq!(got, want.map(|(m, t)| (m.to_string(), t.to_string())));
    }

    #[test]
    fn the_version_must_stand_alone() {
        assert!(is_spf("v=spf1 -all") && is_spf("V=SPF1") && !is_spf("v=spf10 -all") && !is_spf("spf1"));
    }
}
