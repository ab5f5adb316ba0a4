//! Shodan: one record a banner (an address and port), with the host names that Shodan knows for the address. A host
//! look-up wraps the banners of one address in `data`. Times are UTC without saying so.

use serde_json::Value;

use super::json::{first, hosts, list, scalar, text, texts, time, words};
use super::{Context, ScanFormat, httpx, tlsx};
use crate::fault::Fault;
use crate::scan::emit::Emit;
use crate::scan::observation::Kind;

/// Shodan banners, as downloaded or from the API.
pub struct Shodan;

impl ScanFormat for Shodan {
    fn name(&self) -> &'static str {
        "shodan"
    }

    fn recognises(&self, record: &Value) -> bool {
        let names = record.get("hostnames").is_some_and(Value::is_array);
        text(record, "ip_str").is_some() || (names && (record.get("port").is_some() || record.get("_shodan").is_some()))
    }

    fn read(&self, record: &Value, context: &Context, emit: &mut Emit) -> Result<(), Fault> {
        let names = names(record, emit)?;
        let wrapped = record.get("data").filter(|data| data.is_array());
        for host in &names {
            let banners = wrapped.map_or(vec![record], |_| list(record, "data").collect());
            for one in banners {
                let when = if text(one, "timestamp").is_some() { one } else { record };
                emit.subject("hostnames", host, time(when, "timestamp", context)?)?;
                banner(one, emit);
            }
        }
        Ok(())
    }
}

/// The hosts that a banner speaks for: `hostnames`, else `domains`.
fn names(record: &Value, emit: &mut Emit) -> Result<Vec<String>, Fault> {
    let (mut names, mut refused) = hosts("hostnames", texts(record, "hostnames"));
    if names.is_empty() {
        let (domains, others) = hosts("domains", texts(record, "domains"));
        names = domains;
        refused.extend(others);
    }
    if names.is_empty() {
        return Err(nameless("ip_str", text(record, "ip_str").unwrap_or("")));
    }
    refused.into_iter().for_each(|fault| emit.note(fault));
    Ok(names)
}

/// The fault of a record about an address that no name is known for.
pub(super) fn nameless(column: &str, address: &str) -> Fault {
    Fault::new(column, address, "no host name: an address can't be joined with a book")
        .hint("look up which insured uses the address, or scan by host name")
}

fn banner(record: &Value, emit: &mut Emit) {
    let product = ["product", "version"].iter().filter_map(|key| scalar(record, key)).collect::<Vec<_>>().join(" ");
    if let Some(port) = first(record, &["port"]) {
        emit.found(Kind::Port, &port, if product.trim().is_empty() { "open" } else { &product });
    }
    let cpe = if record.get("cpe23").is_some() { "cpe23" } else { "cpe" };
    words(record, cpe).for_each(|cpe| emit.found(Kind::Cpe, "", cpe));
    vulnerabilities(record, emit);
    if let Some(http) = record.get("http") {
        web(http, emit);
        raw_headers(text(record, "data").unwrap_or("")).for_each(|(name, value)| httpx::header(name, value, emit));
    }
    if let Some(cert) = record.pointer("/ssl/cert") {
        certificate(cert, emit);
    }
}

/// CVE ids, as the keys of an object or as a list, in which `!` says that the service was tested and is safe.
fn vulnerabilities(record: &Value, emit: &mut Emit) {
    let service = first(record, &["product", "port"]).unwrap_or_default();
    let keys = record.get("vulns").and_then(Value::as_object).into_iter().flatten().map(|(id, _)| id.as_str());
    for id in keys.chain(words(record, "vulns")).filter(|id| !id.starts_with('!')) {
        emit.found(Kind::Cve, &service, &id.to_ascii_uppercase());
    }
}

fn web(http: &Value, emit: &mut Emit) {
    for key in ["status", "title", "server"] {
        first(http, &[key]).iter().for_each(|value| emit.found(Kind::Http, key, value));
    }
    if let Some(hash) = http.get("favicon").and_then(|favicon| first(favicon, &["hash"])) {
        emit.found(Kind::Http, "favicon", &hash);
    }
    let components = http.get("components").and_then(Value::as_object).into_iter().flatten();
    components.for_each(|(name, _)| emit.found(Kind::Http, "tech", name));
    httpx::headers(http.get("headers"), emit);
}

/// The header lines of an HTTP banner, which `http` itself leaves out.
fn raw_headers(data: &str) -> impl Iterator<Item = (&str, &str)> {
    let lines = if data.starts_with("HTTP/") { data.lines() } else { "".lines() };
    lines.skip(1).take_while(|line| !line.trim().is_empty()).filter_map(|line| line.split_once(':'))
}

fn certificate(cert: &Value, emit: &mut Emit) {
    for (key, pointer) in [("subject_cn", "/subject/CN"), ("issuer_cn", "/issuer/CN")] {
        cert.pointer(pointer).and_then(Value::as_str).iter().for_each(|name| tlsx::field(key, name, emit));
    }
    for extension in list(cert, "extensions").filter(|e| text(e, "name") == Some("subjectAltName")) {
        let names = alternative_names(text(extension, "data").unwrap_or(""));
        names.iter().for_each(|name| tlsx::field("subject_an", name, emit));
    }
    text(cert, "expires").iter().for_each(|expires| tlsx::field("not_after", &iso(expires), emit));
}

/// `20260824120000Z` as `2026-08-24T12:00:00Z`; anything else as it is.
fn iso(written: &str) -> String {
    let part = |from: usize, to: usize| written.get(from..to).filter(|part| part.bytes().all(|b| b.is_ascii_digit()));
    let iso = || {
        let (day, hour) = ((part(0, 4)?, part(4, 6)?, part(6, 8)?), (part(8, 10)?, part(10, 12)?, part(12, 14)?));
        Some(format!("{}-{}-{}T{}:{}:{}Z", day.0, day.1, day.2, hour.0, hour.1, hour.2))
    };
    iso().unwrap_or_else(|| written.to_string())
}

/// DNS names of a subjectAltName extension: DER (RFC 5280 section 4.2.1.6) in a text with Python's escapes.
fn alternative_names(escaped: &str) -> Vec<String> {
    let bytes = unescape(escaped);
    let mut rest = match element(&bytes) {
        Some((0x30, sequence, _)) => sequence,
        _ => return Vec::new(),
    };
    let mut names = Vec::new();
    while let Some((tag, content, after)) = element(rest) {
        if tag == 0x82 {
            names.push(String::from_utf8_lossy(content).into_owned());
        }
        rest = after;
    }
    names
}

/// The first DER element: tag, content, and what follows it.
fn element(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (tag, rest) = bytes.split_first()?;
    let (first, rest) = rest.split_first()?;
    let digits = if *first < 0x80 { 0 } else { usize::from(first & 0x7f) };
    let (long, rest) = rest.split_at_checked(digits)?;
    let length = match long {
        [] => usize::from(*first),
        [low] => usize::from(*low),
        [high, low] => usize::from(*high) << 8 | usize::from(*low),
        _ => return None,
    };
    let (content, after) = rest.split_at_checked(length)?;
    Some((*tag, content, after))
}

/// `\x82`, `\n` and the like as the bytes that they stand for.
fn unescape(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(char) = chars.next() {
        let escaped = if char == '\\' { chars.next() } else { None };
        match escaped {
            Some('x') => {
                let mut digit = || chars.next().and_then(|c| c.to_digit(16)).unwrap_or(0) as u8;
                bytes.push(digit() << 4 | digit());
            }
            Some('n') => bytes.push(b'\n'),
            Some('r') => bytes.push(b'\r'),
            Some('t') => bytes.push(b'\t'),
            other => bytes.extend(other.unwrap_or(char).encode_utf8(&mut [0; 4]).bytes()),
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::super::testing::observe;
    use super::*;

    #[test]
    fn a_banner_speaks_for_each_of_its_hosts() {
        let rows = observe(
            &Shodan,
            r#"{"ip_str":"192.0.2.7","hostnames":["mail.stadt.example","MAIL.stadt.example","mail.other.example"],"domains":["stadt.example"],"timestamp":"2026-04-28T06:50:40.123456","port":25,"product":"Exim smtpd","version":"4.96","data":"220 mail ESMTP\r\n","cpe":["cpe:/a:exim:exim:4.96"],"cpe23":["cpe:2.3:a:exim:exim:4.96"],"vulns":{"CVE-2023-42115":{"verified":false,"cvss":9.8}},"_shodan":{"module":"smtp"}}"#,
        );
        let of = |host: &str| {
            format!(
                "{host} port 25 Exim smtpd 4.96 found\n{host} cpe  cpe:2.3:a:exim:exim:4.96 found\n{host} cve Exim smtpd CVE-2023-42115 found"
            )
        };
        assert_eq!(rows, format!("{}\n{}", of("mail.stadt.example"), of("mail.other.example")));
    }

    #[test]
    fn a_web_banner_tells_of_headers_and_certificate() {
        let line = r#"{"ip_str":"192.0.2.7","hostnames":[],"domains":["stadt.example"],"timestamp":"2026-04-28T06:50:40","port":443,"data":"HTTP/1.1 200 OK\r\nX-MOVEitISAPI-Version: 15.0\r\n\r\n","vulns":["!CVE-2014-0160"],"http":{"status":200,"title":"Sign On","server":null,"favicon":{"hash":989289239},"components":{"MOVEit":{"categories":[]}}},"ssl":{"cert":{"subject":{"CN":"Stadt.example"},"issuer":{"CN":"Example Root R3"},"expires":"20260824120000Z","extensions":[{"name":"subjectAltName","data":"0\\x1e\\x82\\rstadt.example\\x82\\rbuero.example"}]}}}"#;
        let want = [
            "port 443 open",
            "http status 200",
            "http title Sign On",
            "http favicon 989289239",
            "http tech MOVEit",
            "http header:x-moveitisapi-version 15.0",
            "tls subject_cn stadt.example",
            "tls issuer_cn Example Root R3",
            "tls subject_an stadt.example",
            "tls subject_an buero.example",
            "tls not_after 2026-08-24T12:00:00Z",
        ];
        assert_eq!(observe(&Shodan, line), want.map(|row| format!("stadt.example {row} found")).join("\n"));
    }

    #[test]
    fn a_host_look_up_wraps_its_banners() {
        let line = r#"{"ip_str":"192.0.2.7","hostnames":["stadt.example"],"ports":[22,80],"last_update":"2026-04-28T06:50:40","data":[{"port":22,"product":"OpenSSH","timestamp":"2026-04-28T06:50:40"},{"port":80}]}"#;
        assert_eq!(observe(&Shodan, line), "stadt.example port 22 OpenSSH found\nstadt.example port 80 open found");
    }

    #[test]
    #[should_panic(expected = "no host name: an address can't be joined with a book")]
    fn an_address_without_a_name_can_t_be_used() {
        observe(
            &Shodan,
            r#"{"ip_str":"192.0.2.7","hostnames":["localhost"],"domains":[],"timestamp":"2026-04-28T06:50:40","port":22}"#,
        );
    }

    #[test]
    fn a_damaged_extension_or_time_is_not_read_past_its_end() {
        for text in ["", "0", "0\\x82", "0\\x7f\\x82\\x05ab", "0\\xff\\xff", "\\", "\\x", "0\\x03\\x82\\x01\\xfc"] {
            alternative_names(text);
        }
        assert_eq!(alternative_names("0\\x05\\x82\\x03a.b"), ["a.b"]);
        assert_eq!((iso("20260824120000Z").as_str(), iso("soon").as_str()), ("2026-08-24T12:00:00Z", "soon"));
    }
}
