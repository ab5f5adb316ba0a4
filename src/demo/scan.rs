//! What scanners saw of the demo's domains: DNS (dnsx), MX alone (zdns), web servers (httpx), and what insureds answered.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Value, json};

use super::book::{Book, Domain};
use super::dice::Dice;
use super::mail::{Depth, Gateway, Host, Mail};
use super::records::Answer;
use crate::moment::Moment;

/// 2021-01-08T00:00:00Z: the scans take three and a half days from here, and end before the event of 2021-01-12.
const START: i64 = 1_610_064_000;
/// 2021-01-20T00:00:00Z: what was seen from here on was not known on the day of the event.
const AFTERWARDS: i64 = START + 12 * 86_400;

/// One line of dnsx; like dnsx, it leaves empty answers out.
#[derive(Default, Serialize)]
struct Dnsx {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    a: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    cname: Vec<String>,
    host: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    mx: Vec<String>,
    status_code: &'static str,
    timestamp: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    txt: Vec<String>,
}

/// Lines of dnsx: each domain, its autodiscover host and, for some, a DKIM selector; then domains that were seen again
/// after the event, having moved to Mimecast and Microsoft 365 meanwhile.
pub fn dns(book: &Book) -> Vec<String> {
    let full = || book.domains.iter().filter(|d| d.mail.depth == Depth::Full);
    let mut lines: Vec<Dnsx> = full().flat_map(|domain| hosts(domain, region(book, domain))).collect();
    (0..).zip(&mut lines).for_each(|(n, line)| line.timestamp = Moment(START + 60 * n).iso());
    let moved = full().filter(|d| d.mail.gateway == Gateway::None && d.mail.host == Host::Own).take(20);
    lines.extend((0..).zip(moved).map(|(n, domain)| {
        let mail = Mail { gateway: Gateway::Mimecast, host: Host::Microsoft, turn: 0, ..domain.mail };
        let line = apex(&Domain { name: domain.name.clone(), mail, ..*domain }, region(book, domain));
        Dnsx { timestamp: Moment(AFTERWARDS + 60 * n).iso(), ..line }
    }));
    lines.iter().map(|line| json!(line).to_string()).collect()
}

fn hosts(domain: &Domain, region: &str) -> Vec<Dnsx> {
    let name = &domain.name;
    let mut lines = vec![apex(domain, region)];
    if domain.mail.host != Host::Missing {
        lines.push(below("autodiscover", name, domain.mail.autodiscover()));
        lines.extend(domain.mail.dkim(name).map(|answer| below("selector1._domainkey", name, answer)));
    }
    lines
}

fn apex(domain: &Domain, region: &str) -> Dnsx {
    let mail = domain.mail;
    let status_code = if mail.host == Host::Missing { "NXDOMAIN" } else { "NOERROR" };
    let mut line = Dnsx { host: domain.name.clone(), txt: mail.txt(region), status_code, ..Dnsx::default() };
    line.mx = mail.mx(&domain.name, region);
    // Some resolvers keep the spelling of the zone, and the dot of its root.
    if mail.turn % 9 == 4 && mail.host != Host::Nowhere {
        line.host = format!("{}.", line.host.to_uppercase());
        line.mx.iter_mut().for_each(|host| *host = format!("{}.", host.to_uppercase()));
    }
    line
}

fn below(label: &str, domain: &str, answer: Answer) -> Dnsx {
    let line = Dnsx { host: format!("{label}.{domain}"), status_code: "NOERROR", ..Dnsx::default() };
    match answer {
        Answer::Alias(target) => Dnsx { cname: vec![target], ..line },
        Answer::Address(address) => Dnsx { a: vec![address], ..line },
        Answer::NoName => Dnsx { status_code: "NXDOMAIN", ..line },
    }
}

/// The mail region that serves the owner's country.
fn region(book: &Book, domain: &Domain) -> &'static str {
    match book.insureds[domain.owner].company.country {
        "GB" => "eu",
        "DE" => "de",
        "AU" => "au",
        "CA" => "ca",
        _ => "us",
    }
}

/// Lines of zdns with the module MXLOOKUP, for domains that dnsx did not cover.
pub fn mx_only(book: &Book) -> Vec<String> {
    let covered = book.domains.iter().filter(|d| d.mail.depth == Depth::MxOnly);
    let line = |(n, domain): (i64, &Domain)| {
        let hosts = domain.mail.mx(&domain.name, region(book, domain)).into_iter();
        let exchange = |(n, host): (i64, String)| {
            let name = if host.is_empty() { "." } else { &host };
            json!({"class": "IN", "name": name, "preference": n * 10, "ttl": 3600, "type": "MX"})
        };
        let exchanges: Vec<Value> = (1..).zip(hosts).map(exchange).collect();
        let at = Moment(START + 86_400 + 20 * n).iso();
        let answer = json!({"data": {"exchanges": exchanges}, "status": "NOERROR", "timestamp": at});
        json!({"name": domain.name, "results": {"MXLOOKUP": answer}}).to_string()
    };
    (0..).zip(covered).map(line).collect()
}

/// Web servers: name, technologies.
const SERVERS: [(&str, &[&str]); 6] = [
    ("nginx", &["Nginx", "PHP", "WordPress:5.6"]),
    ("nginx/1.18.0", &["Nginx:1.18.0"]),
    ("Apache/2.4.46", &["Apache HTTP Server:2.4.46", "PHP:7.4.13"]),
    ("Microsoft-IIS/10.0", &["IIS:10.0", "Microsoft ASP.NET"]),
    ("cloudflare", &["Cloudflare", "WordPress:5.6"]),
    ("LiteSpeed", &["LiteSpeed", "PHP"]),
];

/// Lines of httpx: every third domain that dnsx covered, and two file transfer servers.
pub fn web(book: &Book, dice: Dice) -> Vec<String> {
    let full =
        book.domains.iter().enumerate().filter(|(_, d)| d.mail.depth == Depth::Full && d.mail.host != Host::Missing);
    let third = full.enumerate().filter(|(n, _)| n % 3 == 0).map(|(_, domain)| domain);
    let mut lines = Vec::new();
    for (n, (at, domain)) in (0i64..).zip(third) {
        let time = Moment(START + 40_000 + 240 * n).iso();
        let (server, tech) = *dice.pick("web server", at, &SERVERS);
        let ray = (server == "cloudflare").then(|| ("cf_ray", format!("60f{:013x}-EWR", 0x5eed_0000 + at)));
        lines.push(page(&domain.name, &book.insureds[domain.owner].company.name, server, tech, ray, &time));
        if [100, 400].contains(&n) {
            let (host, version) =
                (format!("files.{}", domain.name), ("x_moveitisapi_version", "12.1.1.33".to_string()));
            lines.push(page(
                &host,
                "MOVEit Transfer Sign On",
                "Microsoft-IIS/10.0",
                &["Progress MOVEit"],
                Some(version),
                &time,
            ));
        }
    }
    lines
}

fn page(host: &str, title: &str, server: &str, tech: &[&str], header: Option<(&str, String)>, time: &str) -> String {
    let mut headers = BTreeMap::from([("content_type", "text/html".to_string())]);
    headers.extend(header);
    json!({
        "failed": false,
        "header": headers,
        "input": host,
        "status_code": 200,
        "tech": tech,
        "timestamp": time,
        "title": title,
        "url": format!("https://{host}"),
        "webserver": server,
    })
    .to_string()
}

/// Products that the questionnaire asks about.
const ASKED: [&str; 3] = ["crowdstrike/falcon", "mimecast/email-security", "microsoft/365"];

/// Answers of twenty insureds to three questions: some of those whom no scan reached or of whom
/// a gateway hides the rest, and others.
pub fn declared(book: &Book, dice: Dice) -> Vec<Vec<String>> {
    let first = |n: usize, holds: &dyn Fn(&Domain) -> bool| book.owners(holds).into_iter().take(n).collect::<Vec<_>>();
    let hidden = first(2, &|d| d.mail.is_both() && d.mail.depth == Depth::MxOnly);
    let never = first(3, &|d| d.mail.depth == Depth::Never);
    let others = book.owners(|d| d.mail.gateway == Gateway::None && d.mail.depth == Depth::Full);
    let asked = hidden.into_iter().chain(never).chain(others.into_iter().step_by(120).take(15));
    let mut rows = vec![["insured_id", "product", "answer", "date"].map(str::to_string).to_vec()];
    for at in asked {
        let (domain, insured) = (&book.domains[at], &book.insureds[at]);
        let (id, day) = (format!("INS-{:05}", insured.number), insured.start.to_string());
        let uses = [
            dice.unit("answer", at) < 0.25,
            domain.mail.gateway == Gateway::Mimecast,
            domain.mail.host == Host::Microsoft,
        ];
        rows.extend(ASKED.iter().zip(uses).map(|(product, uses)| {
            let value = if uses { "yes" } else { "no" };
            [id.as_str(), product, value, &day].map(str::to_string).to_vec()
        }));
    }
    rows
}
