//! What is remembered of one domain: which questions were asked, and which signals the answers gave.

use std::collections::BTreeMap;

use crate::catalogue::SignalId;
use crate::moment::Moment;
use crate::scan::observation::{Kind, Observation, Status};

/// First and last time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// First.
    pub first: Moment,
    /// Last.
    pub last: Moment,
}

impl Span {
    fn at(moment: Moment) -> Span {
        Span { first: moment, last: moment }
    }

    fn include(&mut self, moment: Moment) {
        self.first = self.first.min(moment);
        self.last = self.last.max(moment);
    }
}

/// A signal that was seen, with the latest record that gave it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hit {
    /// When.
    pub span: Span,
    /// Whether the domain's own record gave it: a later answer to the same question replaces it.
    pub apex: bool,
    /// Host of the latest record (of equals, the last by value, host and source).
    pub host: String,
    /// Its key.
    pub key: String,
    /// Its value.
    pub value: String,
    /// Its scanner.
    pub source: String,
}

/// A question that a scanner can ask of a domain: a kind of record, and for some kinds which part of it.
///
/// `http` answers with several things that are switched on one by one (headers, title, favicon, body), each DKIM selector
/// is asked for by name, and each questionnaire asks about one product.
pub type Question = (Kind, String);

/// The question that a record answers.
pub fn question(kind: Kind, key: &str) -> Question {
    let part = match kind {
        Kind::Declared | Kind::Dkim => key,
        Kind::Http => match key.split(':').next().unwrap_or("") {
            "header" | "cookie" | "server" => "header",
            other => other,
        },
        _ => "",
    };
    (kind, part.to_string())
}

/// Everything remembered of one domain.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DomainEvidence {
    /// Questions asked, answered or not.
    pub asked: BTreeMap<Question, Span>,
    /// Signals seen.
    pub hits: BTreeMap<SignalId, Hit>,
}

impl DomainEvidence {
    /// Notes that a record's question was asked. Whether a subdomain has MX, SPF, TXT or NS records says nothing of the
    /// domain, so of these only an answer of the domain itself (`apex`) counts as asked.
    pub fn ask(&mut self, observation: &Observation, apex: bool) {
        if !apex && matches!(observation.kind, Kind::Mx | Kind::Spf | Kind::Txt | Kind::Ns | Kind::Soa) {
            return;
        }
        let at = observation.observed_at;
        let question = question(observation.kind, &observation.key);
        self.asked.entry(question).and_modify(|span| span.include(at)).or_insert(Span::at(at));
    }

    /// Notes that a record gave a signal.
    pub fn hit(&mut self, signal: SignalId, observation: &Observation, apex: bool) {
        debug_assert_eq!(observation.status, Status::Found);
        let at = observation.observed_at;
        let latest = |span| Hit {
            span,
            apex,
            host: observation.host.clone(),
            key: observation.key.clone(),
            value: observation.value.clone(),
            source: observation.source.clone(),
        };
        let Some(hit) = self.hits.get_mut(&signal) else {
            self.hits.insert(signal, latest(Span::at(at)));
            return;
        };
        let newer = (at, &observation.value, &observation.host, &observation.source, &observation.key)
            > (hit.span.last, &hit.value, &hit.host, &hit.source, &hit.key);
        hit.span.include(at);
        if newer {
            *hit = latest(hit.span);
        }
    }
}
