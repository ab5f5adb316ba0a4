//! Host names: one spelling for each, and the registrable domain it belongs to.

use std::net::IpAddr;

use crate::fault::Fault;

/// A host in A-labels and lower case, with its registrable domain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    /// The host without scheme, port, path or trailing dot.
    pub host: String,
    /// Registrable domain by the public suffix list (ICANN and private sections). A name that is itself a public suffix
    /// (towns own some: `torun.pl`) stands for itself.
    pub domain: String,
}

impl Name {
    /// Reads a host, URL or e-mail domain.
    ///
    /// # Errors
    /// A fault in `column` when there is no domain in it: an address, a single label, or not a name.
    pub fn parse(column: &str, text: &str) -> Result<Name, Fault> {
        let host = normalise_host(text);
        if host.is_empty() {
            return Err(Fault::new(column, text, "no host name in it"));
        }
        if host.parse::<IpAddr>().is_ok() {
            return Err(Fault::new(column, text, "an address, not a domain name")
                .hint("give the domain that the address serves"));
        }
        let host = to_ascii(&host).ok_or_else(|| Fault::new(column, text, "not a valid domain name"))?;
        if !host.contains('.') {
            return Err(Fault::new(column, text, "a single label, not a domain name")
                .hint("give the organisation's own domain, such as example.com"));
        }
        let domain = registrable(&host).unwrap_or(&host).to_string();
        Ok(Name { host, domain })
    }
}

impl Name {
    /// The host without a leading `www.`, which names a web server and not an organisation.
    pub fn without_www(self) -> String {
        match self.host.strip_prefix("www.") {
            Some(rest) if rest.contains('.') && self.domain != self.host => rest.to_string(),
            _ => self.host,
        }
    }
}

/// The registrable domain of a normalised host: the public suffix and one label before it.
pub fn registrable(host: &str) -> Option<&str> {
    if host.ends_with('.') {
        return psl::domain_str(host);
    }
    // It is the end of the host: there is no need to look at its characters once more.
    host.get(host.len() - psl::domain(host.as_bytes())?.as_bytes().len()..)
}

/// A host and each of its parents, the host first: `a.b.example`, `b.example`, `example`.
pub fn with_parents(host: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(host), |name| name.split_once('.').map(|(_, parent)| parent))
}

/// Lower case, without scheme, user, port, path, spaces or trailing dot. Names only: the result may still be empty.
pub fn normalise_host(text: &str) -> String {
    let text = text.trim().trim_matches(|c| c == '"' || c == '\u{200b}');
    let text = text.split_once("://").map_or(text, |(_, rest)| rest);
    let text = text.split(['/', '?', '#']).next().unwrap_or("");
    let text = text.rsplit_once('@').map_or(text, |(_, host)| host);
    let text = match text.strip_prefix('[') {
        Some(v6) => v6.split(']').next().unwrap_or(""),
        None if text.matches(':').count() == 1 => text.split(':').next().unwrap_or(""),
        None => text,
    };
    text.trim_end_matches('.').to_lowercase()
}

/// A-labels of a host. Underscore labels (`_dmarc`, `_domainkey`) and wildcards pass.
fn to_ascii(host: &str) -> Option<String> {
    let plain = |label: &str| label.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'*'));
    let label =
        |label: &str| if plain(label) { Some(label.to_string()) } else { idna::domain_to_ascii_strict(label).ok() };
    let ascii = host.split('.').map(label).collect::<Option<Vec<_>>>()?.join(".");
    let numeric = ascii.rsplit('.').next().is_some_and(|label| label.bytes().all(|b| b.is_ascii_digit()));
    let fits = !numeric && ascii.len() <= 253 && ascii.split('.').all(|label| (1..=63).contains(&label.len()));
    fits.then_some(ascii)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_brought_to_one_spelling() {
        let cases = [
            ("https://www.Example.CO.UK:8443/login?x=1", "www.example.co.uk", "example.co.uk"),
            ("EXAMPLE.com.", "example.com", "example.com"),
            ("bücher.example.de", "xn--bcher-kva.example.de", "example.de"),
            ("selector1._domainkey.e-e.ad", "selector1._domainkey.e-e.ad", "e-e.ad"),
            ("info@stadt.example.at", "stadt.example.at", "example.at"),
            ("shop.github.io", "shop.github.io", "shop.github.io"),
            ("firma.example", "firma.example", "firma.example"),
            ("selector1._domainkey.bücher.de", "selector1._domainkey.xn--bcher-kva.de", "xn--bcher-kva.de"),
            ("torun.pl", "torun.pl", "torun.pl"),
            ("www.torun.pl", "www.torun.pl", "www.torun.pl"),
        ];
        for (text, host, domain) in cases {
            assert_eq!(Name::parse("domain", text), Ok(Name { host: host.into(), domain: domain.into() }), "{text}");
        }
    }

    #[test]
    fn what_is_no_domain_is_refused() {
        for text in [
            "",
            " ",
            "192.0.2.7",
            "https://[2001:db8::1]/",
            "localhost",
            "a..example.com",
            "1.2",
            "<script>.example",
            "acme.example:25:25",
            "[\"a.example\"",
        ] {
            assert!(Name::parse("domain", text).is_err(), "{text}");
        }
    }
}
