//! The DNS records of a domain, as they follow from its mail.

use super::mail::{Gateway, Host, Mail};

/// What a question about a host below the domain was answered with.
pub enum Answer {
    /// A CNAME to this host.
    Alias(String),
    /// This address.
    Address(String),
    /// There is no such host.
    NoName,
}

impl Mail {
    /// Mail exchangers of `domain` in the order of their preference; `region` is the insured's (`us`, `eu` …).
    pub fn mx(self, domain: &str, region: &str) -> Vec<String> {
        let (customer, dashed) = (self.customer(), domain.replace('.', "-"));
        let hosts: [&str; 2] = match (self.gateway, self.host) {
            (Gateway::Mimecast, _) => ["REGION-smtp-inbound-1.mimecast.com", "REGION-smtp-inbound-2.mimecast.com"],
            (Gateway::MimecastAfrica, _) => ["za-smtp-inbound-1.mimecast.co.za", "za-smtp-inbound-2.mimecast.co.za"],
            (Gateway::Proofpoint, _) => ["mxa-00CUSTOMER.gslb.pphosted.com", "mxb-00CUSTOMER.gslb.pphosted.com"],
            (Gateway::Barracuda, _) => ["dCUSTOMERa.ess.barracudanetworks.com", "dCUSTOMERb.ess.barracudanetworks.com"],
            (_, Host::Google) => ["aspmx.l.google.com", "alt1.aspmx.l.google.com"],
            (_, Host::Microsoft) => ["DASHED.mail.protection.outlook.com", ""],
            (_, Host::GoDaddy) => ["smtp.secureserver.net", "mailstore1.secureserver.net"],
            (_, Host::Rackspace) => ["mx1.emailsrvr.com", "mx2.emailsrvr.com"],
            (_, Host::Own | Host::Exchange) => ["mail.DOMAIN", ""],
            (_, Host::LookAlike) => ["mx.notmimecast.com", ""],
            (_, Host::Localhost) => ["localhost", ""],
            (_, Host::Nowhere) => return vec![String::new()],
            (_, Host::Missing) => return vec![],
        };
        let filled = [("REGION", region), ("CUSTOMER", &customer), ("DASHED", &dashed), ("DOMAIN", domain)];
        let fill = |host: &str| filled.iter().fold(host.to_string(), |host, (hole, text)| host.replace(hole, text));
        hosts.into_iter().filter(|host| !host.is_empty()).map(fill).collect()
    }

    /// A customer number at the filter's vendor, made up.
    fn customer(self) -> String {
        format!("{:06x}", 0x2a_1b00 + self.turn * 37)
    }

    /// TXT records of the domain: SPF in its varieties, and proofs of ownership.
    pub fn txt(self, region: &str) -> Vec<String> {
        let (turn, spf) = (self.turn, self.spf(region));
        match (self.gateway, self.host) {
            (_, Host::Nowhere) => vec!["v=spf1 -all".into()],
            (_, Host::LookAlike | Host::Localhost | Host::Missing) => vec![],
            (Gateway::None, Host::Own) if turn % 25 == 11 => vec![],
            (Gateway::None, Host::Own) if turn % 60 == 5 => {
                vec!["v=spf1 exists:%{i}._spf.mta.salesforce.com -all".into()]
            }
            (Gateway::None, Host::Microsoft) if turn % 20 == 3 => {
                vec!["v=spf1 redirect=spf.protection.outlook.com".into()]
            }
            (Gateway::None, Host::Microsoft) if turn % 2 == 0 => {
                vec![format!("MS=ms{:08}", 10_203_040 + turn), spf]
            }
            (Gateway::None, Host::Google) if turn % 50 == 7 => {
                vec![spf, "v=spf1 ip4:203.0.113.9 -all".into()]
            }
            (Gateway::None, Host::Google) => {
                vec![format!("google-site-verification=made-up-{turn:08}"), spf]
            }
            _ => vec![spf],
        }
    }

    fn spf(self, region: &str) -> String {
        let front = match self.gateway {
            Gateway::None => String::new(),
            Gateway::Mimecast => format!("include:{region}._netblocks.mimecast.com "),
            Gateway::MimecastAfrica => "include:za._netblocks.mimecast.com ".into(),
            Gateway::Proofpoint => format!("include:spf-00{}.pphosted.com ", self.customer()),
            Gateway::Barracuda => "include:spf.ess.barracudanetworks.com ".into(),
        };
        let behind = match self.host {
            Host::Google => "include:_spf.google.com ~all".into(),
            Host::Microsoft if self.is_both() && self.turn % 3 == 1 => "-all".into(),
            Host::Microsoft => "include:spf.protection.outlook.com -all".into(),
            Host::GoDaddy => "include:secureserver.net -all".into(),
            Host::Rackspace => "include:emailsrvr.com ~all".into(),
            _ => format!("mx ip4:198.51.100.{} -all", self.turn % 254 + 1),
        };
        format!("v=spf1 {front}{behind}")
    }

    /// The answer for `autodiscover.` before the domain.
    pub fn autodiscover(self) -> Answer {
        match self.host {
            Host::Microsoft if self.is_both() && self.turn % 3 == 2 => Answer::NoName,
            Host::Microsoft if !self.is_both() && self.turn % 7 == 6 => Answer::NoName,
            Host::Microsoft => Answer::Alias("autodiscover.outlook.com".into()),
            Host::Rackspace => Answer::Alias("autodiscover.emailsrvr.com".into()),
            Host::Exchange => Answer::Address(format!("198.51.100.{}", self.turn % 254 + 1)),
            _ => Answer::NoName,
        }
    }

    /// The answer for the DKIM selector that Microsoft 365 uses; nothing where the scan did not ask.
    pub fn dkim(self, domain: &str) -> Option<Answer> {
        let signs =
            self.host == Host::Microsoft && (self.turn.is_multiple_of(2) || self.is_both() && self.turn % 3 == 1);
        let tenant = domain.trim_end_matches(".example").replace('-', "");
        let target = || format!("selector1-{}._domainkey.{tenant}.onmicrosoft.com", domain.replace('.', "-"));
        (signs || self.turn.is_multiple_of(10)).then(|| if signs { Answer::Alias(target()) } else { Answer::NoName })
    }
}
