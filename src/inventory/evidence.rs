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

/// Whether an answer to this kind of question is complete: what it does not hold is not there. A web page, an open port or
/// a CNAME may stand at a host that nobody asked.
pub fn is_complete(kind: Kind) -> bool {
    match kind {
        Kind::Mx | Kind::Spf | Kind::Txt | Kind::Ns | Kind::Soa | Kind::Caa | Kind::Dmarc => true,
        Kind::Dkim | Kind::Autodiscover | Kind::MicrosoftTenant | Kind::Declared => true,
        Kind::Cname | Kind::A | Kind::Tls | Kind::Http | Kind::Port | Kind::Cpe | Kind::Cve => false,
    }
}

/// Everything remembered of one domain.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DomainEvidence {
    /// Questions asked of the domain itself, answered or not.
    pub asked: BTreeMap<Question, Span>,
    /// Signals seen.
    pub hits: BTreeMap<SignalId, Hit>,
    /// Last answer of each host to each question with complete answers.
    answered: BTreeMap<(Question, String), Moment>,
}

impl DomainEvidence {
    /// Notes that a record's question was asked. Whether a subdomain has MX, SPF, TXT or NS records says nothing of the
    /// domain, so of questions with complete answers only those of the domain's `own` hosts count as asked of it.
    pub fn ask(&mut self, observation: &Observation, own: bool) {
        let at = observation.observed_at;
        let question = question(observation.kind, &observation.key);
        if is_complete(observation.kind) {
            let last = self.answered.entry((question.clone(), observation.host.clone())).or_insert(at);
            *last = at.max(*last);
            if !own {
                return;
            }
        }
        self.asked.entry(question).and_modify(|span| span.include(at)).or_insert(Span::at(at));
    }

    /// When the host of a hit last answered the question that gave it.
    pub fn last_answer(&self, kind: Kind, hit: &Hit) -> Option<Moment> {
        self.answered.get(&(question(kind, &hit.key), hit.host.clone())).copied()
    }

    /// Notes that a record gave a signal.
    pub fn hit(&mut self, signal: SignalId, observation: &Observation) {
        debug_assert_eq!(observation.status, Status::Found);
        let at = observation.observed_at;
        let latest = |span| Hit {
            span,
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
