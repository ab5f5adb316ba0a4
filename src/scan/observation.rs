//! One thing that a scanner saw, or looked for and did not find.

use xxhash_rust::xxh3::{xxh3_64, xxh3_64_with_seed};

use crate::moment::Moment;
use crate::table::{Cell, Kind as Type, Record, Table, column};

/// What kind of record was looked at. The word is what tables and catalogue files use.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Mail exchanger host; key: preference.
    Mx,
    /// One term of an SPF record; key: `include`, `redirect`, `exists`, `a`, `mx`, `ip4`, `ip6`, or `record` for the whole text.
    Spf,
    /// A TXT record of the domain itself that is neither SPF nor DMARC.
    Txt,
    /// Name server host.
    Ns,
    /// Target of a CNAME; host: the alias.
    Cname,
    /// IPv4 or IPv6 address.
    A,
    /// Start of authority; key: `mname` or `rname`.
    Soa,
    /// Certification authority authorisation; key: tag.
    Caa,
    /// One tag of a DMARC record; key: `rua`, `ruf`, `p` …, or `record`.
    Dmarc,
    /// Target of a DKIM selector's CNAME, or its TXT key; key: selector.
    Dkim,
    /// Target of the autodiscover host's CNAME (or its address).
    Autodiscover,
    /// Certificate field; key: `subject_cn`, `subject_an`, `issuer_cn`, `not_after`.
    Tls,
    /// HTTP response: key: `header:<name in lower case>`, `title`, `server`, `tech`, `favicon`, `status`, `cdn`, `cookie`, `body`.
    Http,
    /// Open port; key: number, value: product and version when known.
    Port,
    /// Product identifier (CPE 2.2 or 2.3) seen on a service.
    Cpe,
    /// Known vulnerability; value: CVE id; key: template or service.
    Cve,
    /// Microsoft tenant realm; value: `Managed`, `Federated`.
    MicrosoftTenant,
    /// Answer to a questionnaire; key: product id, value: `yes` or `no`.
    Declared,
}

impl Kind {
    /// Every kind, in the order in which tables list them.
    pub const ALL: [Kind; 18] = [
        Kind::Mx,
        Kind::Spf,
        Kind::Txt,
        Kind::Ns,
        Kind::Cname,
        Kind::A,
        Kind::Soa,
        Kind::Caa,
        Kind::Dmarc,
        Kind::Dkim,
        Kind::Autodiscover,
        Kind::Tls,
        Kind::Http,
        Kind::Port,
        Kind::Cpe,
        Kind::Cve,
        Kind::MicrosoftTenant,
        Kind::Declared,
    ];

    /// The word used in tables.
    pub fn as_str(self) -> &'static str {
        match self {
            Kind::Mx => "mx",
            Kind::Spf => "spf",
            Kind::Txt => "txt",
            Kind::Ns => "ns",
            Kind::Cname => "cname",
            Kind::A => "a",
            Kind::Soa => "soa",
            Kind::Caa => "caa",
            Kind::Dmarc => "dmarc",
            Kind::Dkim => "dkim",
            Kind::Autodiscover => "autodiscover",
            Kind::Tls => "tls",
            Kind::Http => "http",
            Kind::Port => "port",
            Kind::Cpe => "cpe",
            Kind::Cve => "cve",
            Kind::MicrosoftTenant => "microsoft_tenant",
            Kind::Declared => "declared",
        }
    }

    /// The kind of this word.
    pub fn parse(word: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|k| k.as_str() == word)
    }
}

/// What the question was answered with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Status {
    /// A record was found; `value` holds it.
    Found,
    /// The name exists and holds no such record.
    Empty,
    /// The name does not exist.
    NxDomain,
}

impl Status {
    /// The word used in tables.
    pub fn as_str(self) -> &'static str {
        match self {
            Status::Found => "found",
            Status::Empty => "empty",
            Status::NxDomain => "nxdomain",
        }
    }

    /// The status of this word; an empty word is `found`.
    pub fn parse(word: &str) -> Option<Status> {
        match word.to_ascii_lowercase().as_str() {
            "" | "found" | "noerror" => Some(Status::Found),
            "empty" | "nodata" => Some(Status::Empty),
            "nxdomain" => Some(Status::NxDomain),
            _ => None,
        }
    }
}

/// One observation: the normal form of every scanner's output.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Observation {
    /// Registrable domain by the public suffix list, in A-labels and lower case.
    pub domain: String,
    /// Host asked about, in A-labels and lower case; equals `domain` for the apex.
    pub host: String,
    /// Kind of record.
    pub kind: Kind,
    /// Which of its kind; see [`Kind`].
    pub key: String,
    /// The value; host names in lower case without the trailing dot. Empty unless found.
    pub value: String,
    /// When it was seen.
    pub observed_at: Moment,
    /// Scanner or table it came from.
    pub source: String,
    /// Found, or asked and not found.
    pub status: Status,
}

/// An observation whose texts stand elsewhere.
#[derive(Clone, Copy, Debug)]
pub struct ObservationRef<'a> {
    /// See [`Observation::domain`].
    pub domain: &'a str,
    /// See [`Observation::host`].
    pub host: &'a str,
    /// See [`Observation::kind`].
    pub kind: Kind,
    /// See [`Observation::key`].
    pub key: &'a str,
    /// See [`Observation::value`].
    pub value: &'a str,
    /// See [`Observation::observed_at`].
    pub observed_at: Moment,
    /// See [`Observation::source`].
    pub source: &'a str,
    /// See [`Observation::status`].
    pub status: Status,
    /// [`hash_of`] the value, which is worked out once.
    pub value_hash: u64,
}

/// The hash of a value.
#[inline]
pub fn hash_of(value: &str) -> u64 {
    xxh3_64(value.as_bytes())
}

impl ObservationRef<'_> {
    /// The same for the same key, value and source.
    #[inline]
    pub fn fingerprint(&self) -> u64 {
        let source = xxh3_64_with_seed(self.source.as_bytes(), self.value_hash);
        if self.key.is_empty() { source } else { xxh3_64_with_seed(self.key.as_bytes(), source) }
    }

    /// With texts of its own.
    pub fn to_owned(&self) -> Observation {
        Observation {
            domain: self.domain.to_string(),
            host: self.host.to_string(),
            kind: self.kind,
            key: self.key.to_string(),
            value: self.value.to_string(),
            observed_at: self.observed_at,
            source: self.source.to_string(),
            status: self.status,
        }
    }
}

impl<'a> From<&'a Observation> for ObservationRef<'a> {
    fn from(o: &'a Observation) -> ObservationRef<'a> {
        ObservationRef {
            domain: &o.domain,
            host: &o.host,
            kind: o.kind,
            key: &o.key,
            value: &o.value,
            observed_at: o.observed_at,
            source: &o.source,
            status: o.status,
            value_hash: hash_of(&o.value),
        }
    }
}

/// The observation table.
pub const OBSERVATIONS: Table = Table {
    name: "observations",
    meaning: "What was seen, and what was looked for and not found; one row a value.",
    columns: &[
        column("domain", Type::Text, "", true, "Registrable domain (public suffix list, private section on), A-labels"),
        column("host", Type::Text, "", false, "Host that was asked about; the domain itself when blank"),
        column(
            "kind",
            Type::Text,
            "",
            true,
            "Kind of record: mx, spf, txt, ns, cname, a, soa, caa, dmarc, dkim, autodiscover, tls, http, port, cpe, cve, microsoft_tenant, declared",
        ),
        column(
            "key",
            Type::Text,
            "",
            false,
            "Which of its kind: MX preference, SPF mechanism, header name, port number …",
        ),
        column("value", Type::Text, "", true, "The value; blank when nothing was found"),
        column("observed_at", Type::Timestamp, "UTC", true, "When it was seen"),
        column("source", Type::Text, "", false, "Scanner or table it came from"),
        column("status", Type::Text, "", false, "found, empty (asked, no such record), nxdomain (asked, no such name)"),
    ],
};

impl Record for ObservationRef<'_> {
    const TABLE: Table = OBSERVATIONS;

    fn cells(&self) -> Vec<Cell> {
        vec![
            Cell::text(self.domain),
            Cell::text(self.host),
            Cell::text(self.kind.as_str()),
            Cell::text(self.key),
            Cell::text(self.value),
            Cell::Time(self.observed_at),
            Cell::text(self.source),
            Cell::text(self.status.as_str()),
        ]
    }
}
