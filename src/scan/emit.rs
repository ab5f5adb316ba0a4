//! What readers write to: it knows how each kind of record is brought to its normal form.

use super::observation::{Kind, Observation, Status};
use super::spf;
use crate::fault::Fault;
use crate::moment::Moment;
use crate::name::{Name, normalise_host};

/// Collects the observations of one record.
#[derive(Debug)]
pub struct Emit {
    source: String,
    subject: Option<(Name, Moment)>,
    /// Observations so far.
    pub rows: Vec<Observation>,
    /// Values that could not be used, the record itself being kept.
    pub faults: Vec<Fault>,
}

impl Emit {
    /// An empty collection for records of `source`.
    pub fn new(source: &str) -> Emit {
        Emit { source: source.to_string(), subject: None, rows: Vec::new(), faults: Vec::new() }
    }

    /// Names another source for what follows; a blank one changes nothing.
    pub fn set_source(&mut self, source: &str) {
        if !source.is_empty() {
            self.source = source.to_string();
        }
    }

    /// Sets the host that what follows was seen at, and when. `column` names the key in messages.
    ///
    /// # Errors
    /// A fault when the host has no registrable domain.
    pub fn subject(&mut self, column: &str, host: &str, at: Moment) -> Result<(), Fault> {
        self.subject = Some((Name::parse(column, host)?, at));
        Ok(())
    }

    /// The host that observations are written for; empty before [`Emit::subject`].
    pub fn host(&self) -> &str {
        self.subject.as_ref().map_or("", |(name, _)| &name.host)
    }

    /// Notes a value that could not be used.
    pub fn note(&mut self, fault: Fault) {
        self.faults.push(fault.kept());
    }

    /// A value as it is.
    pub fn found(&mut self, kind: Kind, key: &str, value: &str) {
        self.push(kind, key, value.trim().to_string(), Status::Found);
    }

    /// Asked, and nothing there.
    pub fn absent(&mut self, kind: Kind, status: Status) {
        let key = if kind == Kind::Dkim { self.selector() } else { String::new() };
        self.push(kind, &key, String::new(), status);
    }

    /// The DKIM selector that the host's name begins with.
    fn selector(&self) -> String {
        self.host().split('.').next().unwrap_or("").to_string()
    }

    /// Every DNS kind that a missing name answers at once.
    pub fn name_does_not_exist(&mut self) {
        match self.kind_of_host() {
            Some(kind) => self.absent(kind, Status::NxDomain),
            None => {
                [Kind::Mx, Kind::Spf, Kind::Txt, Kind::Ns].into_iter().for_each(|k| self.absent(k, Status::NxDomain))
            }
        }
    }

    /// A mail exchanger. An empty name or `.` is a null MX (RFC 7505): asked, and no mail is taken here.
    pub fn mx(&mut self, preference: &str, exchanger: &str) {
        match normalise_host(exchanger) {
            host if host.is_empty() => self.push(Kind::Mx, "null", String::new(), Status::Empty),
            host => self.push(Kind::Mx, preference, host, Status::Found),
        }
    }

    /// A record whose value is a host: NS, A, SOA.
    pub fn host_value(&mut self, kind: Kind, key: &str, host: &str) {
        match normalise_host(host) {
            host if host.is_empty() => self.absent(kind, Status::Empty),
            host => self.push(kind, key, host, Status::Found),
        }
    }

    /// A CNAME: of an autodiscover host, of a DKIM selector, or of any other host.
    pub fn cname(&mut self, target: &str) {
        let kind = self.kind_of_host().unwrap_or(Kind::Cname);
        let key = if kind == Kind::Dkim { self.selector() } else { String::new() };
        self.host_value(kind, &key, target);
    }

    /// A TXT record: SPF, DMARC, DKIM key or any other. Several strings of one record are joined (RFC 7208 section 3.3).
    pub fn txt(&mut self, text: &str) {
        let text = join_strings(text);
        let text = text.trim();
        if spf::is_spf(text) {
            self.found(Kind::Spf, "record", text);
            for term in spf::terms(text) {
                self.found(Kind::Spf, &term.mechanism, &term.target);
            }
        } else if self.host().starts_with("_dmarc.") || text.to_ascii_lowercase().starts_with("v=dmarc1") {
            self.dmarc(text);
        } else if self.kind_of_host() == Some(Kind::Dkim) {
            self.found(Kind::Dkim, &self.selector(), text);
        } else if !text.is_empty() {
            self.found(Kind::Txt, "", text);
        }
    }

    /// A list of TXT records that was asked for: no SPF among them is an answer too.
    pub fn txt_answers<'a>(&mut self, records: impl IntoIterator<Item = &'a str>) {
        let before = self.rows.len();
        records.into_iter().for_each(|record| self.txt(record));
        let asked: &[Kind] = match self.kind_of_host() {
            None => &[Kind::Spf, Kind::Txt],
            Some(Kind::Dmarc) => &[Kind::Dmarc],
            Some(_) => &[],
        };
        for &kind in asked {
            if !self.rows[before..].iter().any(|row| row.kind == kind) {
                self.absent(kind, Status::Empty);
            }
        }
    }

    /// A DMARC record: its text, its tags, and each report address's host (RFC 7489 section 6.3).
    pub fn dmarc(&mut self, text: &str) {
        self.found(Kind::Dmarc, "record", text);
        for (tag, value) in text.split(';').filter_map(|part| part.split_once('=')) {
            let tag = tag.trim().to_ascii_lowercase();
            match tag.as_str() {
                "v" => {}
                "rua" | "ruf" => value
                    .split(',')
                    .map(|uri| normalise_host(uri.split('!').next().unwrap_or("")))
                    .filter(|host| !host.is_empty())
                    .for_each(|host| self.push(Kind::Dmarc, &tag, host, Status::Found)),
                _ => self.found(Kind::Dmarc, &tag, value),
            }
        }
    }

    /// The kind that this host's name alone decides: autodiscover hosts, DKIM selectors, DMARC policies.
    pub fn kind_of_host(&self) -> Option<Kind> {
        if self.host().starts_with("autodiscover.") {
            Some(Kind::Autodiscover)
        } else if self.host().contains("._domainkey.") {
            Some(Kind::Dkim)
        } else if self.host().starts_with("_dmarc.") {
            Some(Kind::Dmarc)
        } else {
            None
        }
    }

    fn push(&mut self, kind: Kind, key: &str, value: String, status: Status) {
        let Some((name, at)) = &self.subject else { return };
        // The scanned party writes these values: none may break a line of a table or of a terminal.
        let value = if value.contains(char::is_control) { value.replace(char::is_control, " ") } else { value };
        self.rows.push(Observation {
            domain: name.domain.clone(),
            host: name.host.clone(),
            kind,
            key: key.to_string(),
            value,
            observed_at: *at,
            source: self.source.clone(),
            status,
        });
    }
}

/// Joins `"one" "two"` to `onetwo`; anything else stays as it is.
fn join_strings(text: &str) -> String {
    let trimmed = text.trim();
    if trimmed.len() >= 2 && trimmed.starts_with('"') && trimmed.ends_with('"') {
        trimmed[1..trimmed.len() - 1].replace("\" \"", "").replace("\\\"", "\"")
    } else {
        text.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(host: &str) -> Emit {
        let mut emit = Emit::new("test");
        emit.subject("host", host, Moment(0)).unwrap();
        emit
    }

    fn rows(emit: &Emit) -> Vec<(&str, &str, &str, &str)> {
        emit.rows.iter().map(|r| (r.kind.as_str(), r.key.as_str(), r.value.as_str(), r.status.as_str())).collect()
    }

    #[test]
    fn a_null_mx_is_an_answer_and_not_a_host() {
        let mut emit = at("stadt.example");
        emit.mx("0", "");
        emit.mx("10", "MX1.Stadt.Example.");
        emit.mx("10", "localhost");
        let want = [
            ("mx", "null", "", "empty"),
            ("mx", "10", "mx1.stadt.example", "found"),
            ("mx", "10", "localhost", "found"),
        ];
        assert_eq!(rows(&emit), want);
    }

    #[test]
    fn strings_of_one_txt_record_are_joined_before_they_are_read() {
        let mut emit = at("stadt.example");
        emit.txt("\"v=spf1 include:spf.protec\" \"tion.outlook.com -all\"");
        assert_eq!(emit.rows[1].value, "spf.protection.outlook.com");
    }

    #[test]
    fn txt_without_spf_says_that_spf_was_asked_for() {
        let mut emit = at("stadt.example");
        emit.txt_answers(["MS=ms12345678"]);
        assert_eq!(rows(&emit), [("txt", "", "MS=ms12345678", "found"), ("spf", "", "", "empty")]);
    }

    #[test]
    fn a_selector_and_an_autodiscover_host_keep_their_host() {
        let mut emit = at("selector1._domainkey.stadt.example");
        emit.cname("Selector1-Stadt-Example._domainkey.Stadt.onmicrosoft.com.");
        emit.subject("host", "autodiscover.stadt.example", Moment(0)).unwrap();
        emit.cname("autodiscover.outlook.com");
        emit.name_does_not_exist();
        assert_eq!(
            rows(&emit),
            [
                ("dkim", "selector1", "selector1-stadt-example._domainkey.stadt.onmicrosoft.com", "found"),
                ("autodiscover", "", "autodiscover.outlook.com", "found"),
                ("autodiscover", "", "", "nxdomain"),
            ]
        );
        assert_eq!(
            (emit.rows[1].host.as_str(), emit.rows[1].domain.as_str()),
            ("autodiscover.stadt.example", "stadt.example")
        );
    }

    #[test]
    fn dmarc_report_addresses_become_hosts() {
        let mut emit = at("_dmarc.stadt.example");
        emit.txt("v=DMARC1; p=none; rua=mailto:a@rua.agari.com!10m,mailto:b@stadt.example");
        let want = [
            ("dmarc", "p", "none", "found"),
            ("dmarc", "rua", "rua.agari.com", "found"),
            ("dmarc", "rua", "stadt.example", "found"),
        ];
        assert_eq!(rows(&emit)[1..], want);
    }
}
