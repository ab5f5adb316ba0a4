//! What a scanner sees at one organisation: its mail, its TXT records, its name servers, its web site.
//!
//! Shares of mail hosts follow published ones (Microsoft 365 23 %, Google 28 %, Proofpoint 5.5 %, Mimecast 3.1 %, then a
//! long tail). Each pass decides by draws of its own topic, so that a second scan sees what the first saw.

use blastradius::scan::observation::{Kind, Status};

use super::generate::Block;
use super::names::{Address, BASE64, DIGITS, Dice, HEX, HOSTERS, LOWER, Token, domain, hoster};

/// Who takes a domain's mail.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mail {
    Microsoft,
    Google,
    Proofpoint,
    Mimecast,
    Barracuda,
    GoDaddy,
    Zoho,
    Hoster,
    Own,
    Nobody,
    Missing,
}

#[rustfmt::skip]
const SHARES: [(Mail, u64); 11] = [
    (Mail::Microsoft, 230), (Mail::Google, 280), (Mail::Proofpoint, 55), (Mail::Mimecast, 31), (Mail::Barracuda, 18),
    (Mail::GoDaddy, 60), (Mail::Zoho, 22), (Mail::Hoster, 164), (Mail::Own, 90), (Mail::Nobody, 40), (Mail::Missing, 10),
];
const BEHIND_A_GATEWAY: [(Mail, u64); 3] = [(Mail::Microsoft, 75), (Mail::Google, 12), (Mail::Own, 13)];
const REGIONS: [(&str, u64); 5] = [("us", 50), ("eu", 25), ("uk", 12), ("au", 8), ("de", 5)];

#[rustfmt::skip]
const SENDERS: [&str; 24] = [
    "servers.mcsv.net", "sendgrid.net", "amazonses.com", "mail.zendesk.com", "_spf.salesforce.com", "spf.mandrillapp.com",
    "mailgun.org", "spf.constantcontact.com", "_spf.hubspotemail.net", "spf.mailjet.com", "sendinblue.com", "_spf.intacct.com",
    "et._spf.pardot.com", "spf.smtp2go.com", "spf.mtasv.net", "email.freshdesk.com", "_spf.createsend.com", "spf.exclaimer.net",
    "_spf.psm.knowbe4.com", "spf.sage.com", "cmail1.com", "_spf.qualtrics.com", "spf.workday.com", "stspg-customer.com",
];
#[rustfmt::skip]
const TOKENS: [(&str, usize, &[u8], u64); 14] = [
    ("google-site-verification=", 43, BASE64, 62), ("facebook-domain-verification=", 30, LOWER, 22), ("", 32, HEX, 20),
    ("apple-domain-verification=", 16, BASE64, 12), ("", 26, LOWER, 12), ("atlassian-domain-verification=", 64, BASE64, 6),
    ("docusign=", 32, HEX, 6), ("adobe-idp-site-verification=", 64, HEX, 6), ("openai-domain-verification=dv-", 24, BASE64, 6),
    ("globalsign-domain-verification=", 30, BASE64, 4), ("v=verifydomain MS=", 7, DIGITS, 4), ("stripe-verification=", 64, HEX, 4),
    ("zoho-verification=zb", 8, DIGITS, 3), ("have-i-been-pwned-verification=", 32, HEX, 2),
];
#[rustfmt::skip]
const SERVERS: [&str; 10] =
    ["cloudflare", "nginx", "Apache", "LiteSpeed", "Pepyaka", "Microsoft-IIS/10.0", "nginx/1.24.0", "Squarespace", "AmazonS3", "Apache/2.4.58 (Ubuntu)"];
#[rustfmt::skip]
const TECHNOLOGIES: [&str; 20] = [
    "jQuery", "WordPress", "PHP", "MySQL", "Google Tag Manager", "Google Analytics", "Bootstrap", "Cloudflare", "HSTS", "Elementor",
    "Yoast SEO", "reCAPTCHA", "Shopify", "React", "Wix", "Next.js", "HubSpot", "Microsoft ASP.NET", "Drupal", "Magento",
];

/// One organisation, as a scan of a given round finds it.
pub struct Zone {
    number: u64,
    domain: String,
    dashed: String,
    front: Mail,
    boxes: Mail,
}

impl Zone {
    /// Two in a hundred have changed their mail between one round of scans and the next.
    pub fn new(number: u64, round: u64) -> Zone {
        let moved = round > 0 && Dice::of(1_000 + round, number).percent(2);
        let mut dice = Dice::of(if moved { 2_000 + round } else { 10 }, number);
        let front = dice.weighted(&SHARES);
        let boxes = match front {
            Mail::Proofpoint | Mail::Mimecast | Mail::Barracuda => dice.weighted(&BEHIND_A_GATEWAY),
            other => other,
        };
        let domain = domain(number);
        Zone { number, dashed: domain.replace('.', "-"), domain, front, boxes }
    }

    pub fn domain(&self) -> &str {
        &self.domain
    }

    fn dice(&self, topic: u64) -> Dice {
        Dice::of(topic, self.number)
    }
}

pub fn mx(zone: &Zone, out: &mut Block) {
    let mut dice = zone.dice(20);
    let mut found = |preference: &str, value: std::fmt::Arguments| out.found(Kind::Mx, preference, value);
    match zone.front {
        Mail::Microsoft => found("0", format_args!("{}.mail.protection.outlook.com", zone.dashed)),
        Mail::Google if dice.percent(40) => found("1", format_args!("smtp.google.com")),
        Mail::Google => {
            found("1", format_args!("aspmx.l.google.com"));
            for (preference, n) in [("5", 1), ("5", 2), ("10", 3), ("10", 4)] {
                found(preference, format_args!("alt{n}.aspmx.l.google.com"));
            }
        }
        Mail::Proofpoint => {
            let customer = Token(dice, 6, HEX);
            found("10", format_args!("mxa-00{customer}.gslb.pphosted.com"));
            found("10", format_args!("mxb-00{customer}.gslb.pphosted.com"));
        }
        Mail::Mimecast => {
            let region = dice.weighted(&REGIONS);
            (1..=2).for_each(|n| found("10", format_args!("{region}-smtp-inbound-{n}.mimecast.com")));
        }
        Mail::Barracuda => {
            let customer = Token(dice, 6, DIGITS);
            found("10", format_args!("d{customer}a.ess.barracudanetworks.com"));
            found("20", format_args!("d{customer}b.ess.barracudanetworks.com"));
        }
        Mail::GoDaddy => {
            found("0", format_args!("smtp.secureserver.net"));
            found("10", format_args!("mailstore1.secureserver.net"));
        }
        Mail::Zoho => [("10", "mx"), ("20", "mx2"), ("50", "mx3")]
            .into_iter()
            .for_each(|(preference, host)| found(preference, format_args!("{host}.zoho.com"))),
        Mail::Hoster => {
            let host = hoster(dice.zipf(HOSTERS));
            (1..=1 + dice.below(2)).for_each(|n| found("10", format_args!("mx{n}.{host}")));
        }
        Mail::Own => found("10", format_args!("{}.{}", dice.pick(&["mail", "mx", "smtp"]), zone.domain)),
        Mail::Nobody if dice.percent(20) => out.absent(Kind::Mx, "null", Status::Empty),
        Mail::Nobody => out.absent(Kind::Mx, "", Status::Empty),
        Mail::Missing => out.absent(Kind::Mx, "", Status::NxDomain),
    }
}

/// TXT answers with the SPF record among them, as [`blastradius::scan::Emit`] takes one apart.
pub fn txt(zone: &Zone, out: &mut Block) {
    let mut dice = zone.dice(30);
    if zone.front == Mail::Missing {
        [Kind::Spf, Kind::Txt].into_iter().for_each(|kind| out.absent(kind, "", Status::NxDomain));
        return;
    }
    let mut tokens = 0;
    if dice.percent(if zone.boxes == Mail::Microsoft { 78 } else { 9 }) {
        out.found(Kind::Txt, "", format_args!("MS=ms{}", Token(dice, 8, DIGITS)));
        tokens += 1;
    }
    for (prefix, length, alphabet, share) in TOKENS {
        while dice.percent(share) && tokens < 14 {
            out.found(Kind::Txt, "", format_args!("{prefix}{}", Token(dice, length, alphabet)));
            tokens += 1;
        }
    }
    if tokens == 0 {
        out.absent(Kind::Txt, "", Status::Empty);
    }
    if dice.percent(if zone.front == Mail::Nobody { 30 } else { 92 }) {
        spf(zone, dice, out);
    } else {
        out.absent(Kind::Spf, "", Status::Empty);
    }
}

fn spf(zone: &Zone, mut dice: Dice, out: &mut Block) {
    let mut terms: Vec<(&str, String)> = Vec::new();
    let mut include = |target: String| terms.push(("include", target));
    match zone.front {
        Mail::Mimecast => include(format!("{}._netblocks.mimecast.com", zone.dice(20).weighted(&REGIONS))),
        Mail::Proofpoint => include(format!("spf-00{}.pphosted.com", Token(zone.dice(20), 6, HEX))),
        Mail::Barracuda => include("spf.ess.barracudanetworks.com".into()),
        _ => {}
    }
    match zone.boxes {
        Mail::Microsoft => include("spf.protection.outlook.com".into()),
        Mail::Google => include("_spf.google.com".into()),
        Mail::GoDaddy => include("secureserver.net".into()),
        Mail::Zoho => include("zoho.com".into()),
        Mail::Hoster => include(format!("spf.{}", hoster(zone.dice(20).zipf(HOSTERS)))),
        _ => {}
    }
    while terms.len() < 9 && dice.percent(52) {
        let sender = SENDERS[dice.zipf(SENDERS.len() as u64) as usize];
        if terms.iter().all(|(_, target)| target != sender) {
            terms.push(("include", sender.into()));
        }
    }
    while terms.len() < 12 && dice.percent(38) {
        terms.push(("ip4", Address(dice.draw()).to_string()));
    }
    if zone.boxes == Mail::Own {
        terms.push((dice.pick(&["a", "mx"]), format!("mail.{}", zone.domain)));
    }
    let text: String = terms.iter().map(|(mechanism, target)| format!("{mechanism}:{target} ")).collect();
    let bare = dice.weighted(&[("", 60), ("mx ", 20), ("a mx ", 20)]);
    let all = dice.weighted(&[("~all", 55), ("-all", 40), ("?all", 5)]);
    out.found(Kind::Spf, "record", format_args!("v=spf1 {bare}{text}{all}"));
    terms.iter().for_each(|(mechanism, target)| out.found(Kind::Spf, mechanism, format_args!("{target}")));
}

pub fn autodiscover(zone: &Zone, out: &mut Block) {
    let mut dice = zone.dice(40);
    out.host(format_args!("autodiscover.{}", zone.domain));
    let mut found = |value: std::fmt::Arguments| out.found(Kind::Autodiscover, "", value);
    match zone.boxes {
        Mail::Microsoft if dice.percent(88) => found(format_args!("autodiscover.outlook.com")),
        Mail::Hoster if dice.percent(60) => found(format_args!("autodiscover.{}", hoster(zone.dice(20).zipf(HOSTERS)))),
        Mail::GoDaddy if dice.percent(50) => found(format_args!("autodiscover.secureserver.net")),
        Mail::Own if dice.percent(50) => found(format_args!("mail.{}", zone.domain)),
        _ if dice.percent(85) => out.absent(Kind::Autodiscover, "", Status::NxDomain),
        _ => out.absent(Kind::Autodiscover, "", Status::Empty),
    }
}

/// Every domain is asked for the same four selectors; few have more than two.
pub fn dkim(zone: &Zone, out: &mut Block) {
    let mut dice = zone.dice(50);
    let signs = dice.percent(70);
    for selector in ["selector1", "selector2", "google", "k1"] {
        out.host(format_args!("{selector}._domainkey.{}", zone.domain));
        match (selector, zone.boxes) {
            ("selector1" | "selector2", Mail::Microsoft) if signs => {
                let (dashed, tenant) = (&zone.dashed, zone.domain.split('.').next().unwrap_or_default());
                let value = format_args!("{selector}-{dashed}._domainkey.{tenant}.onmicrosoft.com");
                out.found(Kind::Dkim, selector, value);
            }
            ("google", Mail::Google) if signs => {
                let value = format_args!("v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GN{}", Token(dice, 192, BASE64));
                out.found(Kind::Dkim, selector, value);
            }
            ("k1", _) if dice.percent(15) => out.found(Kind::Dkim, selector, format_args!("dkim.mcsv.net")),
            _ => {
                let status = if dice.percent(80) { Status::NxDomain } else { Status::Empty };
                out.absent(Kind::Dkim, selector, status);
            }
        }
    }
}

pub fn ns(zone: &Zone, out: &mut Block) {
    const FIRST: [&str; 16] = [
        "ada", "amir", "bella", "cody", "dana", "elsa", "finn", "gina", "hugo", "iris", "jake", "kate", "lola", "mark",
        "nina", "owen",
    ];
    let mut dice = zone.dice(60);
    if zone.front == Mail::Missing {
        return out.absent(Kind::Ns, "", Status::NxDomain);
    }
    let mut found = |value: std::fmt::Arguments| out.found(Kind::Ns, "", value);
    match dice.below(100) {
        0..22 => (0..2).for_each(|_| found(format_args!("{}.ns.cloudflare.com", dice.pick(&FIRST)))),
        22..40 => {
            let n = dice.below(39) * 2 + 1;
            (n..n + 2).for_each(|n| found(format_args!("ns{n:02}.domaincontrol.com")));
        }
        40..49 => ["com", "net", "org", "co.uk"].into_iter().enumerate().for_each(|(at, suffix)| {
            let n = at as u64 * 512 + dice.below(512);
            found(format_args!("ns-{n}.awsdns-{:02}.{suffix}", n % 64));
        }),
        49..54 => {
            let set = dice.pick(&["a", "b", "c", "d", "e"]);
            (1..=4).for_each(|n| found(format_args!("ns-cloud-{set}{n}.googledomains.com")));
        }
        54..58 => (1..=2).for_each(|n| found(format_args!("ns{n}-0{}.azure-dns.com", n % 9))),
        58..92 => {
            let host = hoster(dice.zipf(HOSTERS));
            (1..=2 + dice.below(2)).for_each(|n| found(format_args!("ns{n}.{host}")));
        }
        _ => (1..=2).for_each(|n| found(format_args!("ns{n}.{}", zone.domain))),
    }
}

/// Address or alias of the `www` host, and what its web server says.
pub fn web(zone: &Zone, out: &mut Block) {
    let mut dice = zone.dice(70);
    if zone.front == Mail::Missing {
        return;
    }
    out.host(format_args!("www.{}", zone.domain));
    let mut alias = |value: std::fmt::Arguments| out.found(Kind::Cname, "", value);
    match dice.below(100) {
        0..20 => alias(format_args!("{}", zone.domain)),
        20..24 => alias(format_args!("shops.myshopify.com")),
        24..28 => alias(format_args!("ext-sq.squarespace.com")),
        28..31 => alias(format_args!("{}.cdn.cloudflare.net", zone.domain)),
        31..34 => alias(format_args!("d{}.cloudfront.net", Token(dice, 13, LOWER))),
        34..36 => alias(format_args!("{}.azurewebsites.net", zone.dashed)),
        36..42 => alias(format_args!("www.{}", hoster(dice.zipf(HOSTERS)))),
        _ => {}
    }
    (0..1 + dice.below(2)).for_each(|_| out.found(Kind::A, "", format_args!("{}", Address(dice.draw()))));
    if dice.percent(12) {
        return;
    }
    let status = dice.weighted(&[("200", 80), ("301", 8), ("403", 6), ("404", 3), ("503", 3)]);
    out.found(Kind::Http, "status", format_args!("{status}"));
    out.found(Kind::Http, "server", format_args!("{}", SERVERS[dice.zipf(SERVERS.len() as u64) as usize]));
    out.found(Kind::Http, "title", format_args!("{} | Home", super::names::company(zone.number)));
    if dice.percent(45) {
        out.found(Kind::Http, "header:strict-transport-security", format_args!("max-age=31536000"));
    }
    if dice.percent(25) {
        out.found(
            Kind::Http,
            "header:x-powered-by",
            format_args!("{}", dice.pick(&["PHP/8.2.20", "ASP.NET", "Express"])),
        );
    }
    for (technology, rank) in TECHNOLOGIES.into_iter().zip(2..) {
        if dice.percent(100 / rank) {
            out.found(Kind::Http, "tech", format_args!("{technology}"));
        }
    }
}

pub fn tenant(zone: &Zone, out: &mut Block) {
    let mut dice = zone.dice(80);
    if dice.percent(if zone.boxes == Mail::Microsoft { 98 } else { 25 }) {
        let realm = dice.weighted(&[("Managed", 88), ("Federated", 12)]);
        out.found(Kind::MicrosoftTenant, "", format_args!("{realm}"));
    } else {
        out.absent(Kind::MicrosoftTenant, "", Status::Empty);
    }
}
