//! The probability that a domain uses a product, from what was seen and what was looked for and not seen.
//!
//! Bayes' rule in odds: prior odds × the likelihood ratio of each group of signals. Seen: P(seen | used) ÷ P(seen | not
//! used). Looked for and not seen: (1 − sensitivity) ÷ (1 − false-positive rate). Signals of one group depend on each
//! other (the MX and SPF records of one vendor are set up together), so a group counts once, with its strongest signal.
//!
//! Two things are no evidence against a product. A signal that a gateway hides: then the prior is that of organisations
//! behind one. And a signal of a kind that has no complete answer, such as a web page or a CNAME: it may stand at a host
//! that nobody asked. A record that its own host no longer holds when it answers later counts as not seen.

use super::evidence::{DomainEvidence, Hit, Span, is_complete, question};
use crate::catalogue::{Catalogue, Prior, Product, Signal, SignalId};
use crate::moment::Moment;
use crate::scan::observation::Kind;

/// What one signal said.
#[derive(Clone, Debug)]
pub enum Finding<'a> {
    /// Seen.
    Seen(&'a Hit),
    /// Seen once; when its host last answered, it was not there any more.
    Gone(&'a Hit, Moment),
    /// Looked for, and not seen.
    NotSeen(Span),
    /// Not seen, and hidden by a product in front: it says nothing.
    Hidden,
    /// Not looked for where it would have been.
    NotAsked,
}

/// A signal with what it said and what that is worth.
#[derive(Clone, Debug)]
pub struct Weighed<'a> {
    /// The signal.
    pub signal: &'a Signal,
    /// What it said.
    pub finding: Finding<'a>,
    /// Likelihood ratio on its own; 1 when it says nothing.
    pub ratio: f64,
    /// Whether it is the one that counts for its group.
    pub counts: bool,
}

/// The reasoning for one domain and product.
#[derive(Clone, Debug)]
pub struct Assessment<'a> {
    /// The prior in use.
    pub prior: &'a Prior,
    /// Posterior probability.
    pub probability: f64,
    /// Each signal, in the catalogue's order.
    pub signals: Vec<Weighed<'a>>,
}

impl Assessment<'_> {
    /// Whether any signal is seen.
    pub fn seen(&self) -> bool {
        self.signals.iter().any(|s| matches!(s.finding, Finding::Seen(_)))
    }

    /// Whether any signal was looked for, be it behind a product that hides it.
    pub fn touched(&self) -> bool {
        self.signals.iter().any(|s| !matches!(s.finding, Finding::NotAsked))
    }

    /// Whether any signal was looked for, with a result that says something.
    pub fn looked_for(&self) -> bool {
        self.signals.iter().any(|s| matches!(s.finding, Finding::Seen(_) | Finding::Gone(..) | Finding::NotSeen(_)))
    }
}

/// Weighs everything known of a domain for the product with this index in the catalogue.
pub fn assess<'a>(catalogue: &'a Catalogue, product: u32, evidence: &'a DomainEvidence) -> Assessment<'a> {
    let p: &Product = &catalogue.products[product as usize];
    let weigh = |(at, signal): (u32, &'a Signal)| {
        let finding = finding(catalogue, SignalId { product, signal: at }, signal, evidence);
        let ratio = match finding {
            Finding::Seen(_) => signal.sensitivity / signal.false_positive,
            Finding::Gone(..) | Finding::NotSeen(_) => (1.0 - signal.sensitivity) / (1.0 - signal.false_positive),
            Finding::Hidden | Finding::NotAsked => 1.0,
        };
        Weighed { signal, finding, ratio, counts: false }
    };
    let mut signals: Vec<Weighed> = (0u32..).zip(&p.signal).map(weigh).collect();
    let is_hidden = signals.iter().any(|s| matches!(s.finding, Finding::Hidden));
    let prior = p.prior_behind.as_ref().filter(|_| is_hidden).unwrap_or(&p.prior);
    let mut odds = prior.share / (1.0 - prior.share);
    let mut groups: Vec<&str> = p.signal.iter().map(|s| s.group.as_str()).collect();
    groups.sort_unstable();
    groups.dedup();
    for group in groups {
        if let Some(strongest) = strongest(&signals, group) {
            signals[strongest].counts = true;
            odds *= signals[strongest].ratio;
        }
    }
    Assessment { prior, probability: odds / (1.0 + odds), signals }
}

/// Of a group's signals: the strongest of those seen; when none was, the strongest of those looked for.
fn strongest(signals: &[Weighed], group: &str) -> Option<usize> {
    let of = |seen: bool| {
        let member = move |s: &Weighed| match s.finding {
            Finding::Seen(_) => seen,
            Finding::Gone(..) | Finding::NotSeen(_) => !seen,
            Finding::Hidden | Finding::NotAsked => false,
        };
        let group = signals.iter().enumerate().filter(move |(_, s)| s.signal.group == group && member(s));
        group
            .max_by(|(i, a), (j, b)| a.ratio.ln().abs().total_cmp(&b.ratio.ln().abs()).then(j.cmp(i)))
            .map(|(at, _)| at)
    };
    of(true).or_else(|| of(false))
}

/// Days by which answers of one round of scans may lie apart. Assumption.
pub const ROUND_DAYS: i64 = 3;

/// When the hit's own host answered later, more than one round after, without the record.
fn gone(kind: Kind, hit: &Hit, evidence: &DomainEvidence) -> Option<Moment> {
    let answer = evidence.last_answer(kind, hit)?;
    (answer.0 > hit.span.last.0 + ROUND_DAYS * 86_400).then_some(answer)
}

fn finding<'a>(catalogue: &Catalogue, id: SignalId, signal: &Signal, evidence: &'a DomainEvidence) -> Finding<'a> {
    if let Some(hit) = evidence.hits.get(&id) {
        return gone(signal.kind, hit, evidence).map_or(Finding::Seen(hit), |answer| Finding::Gone(hit, answer));
    }
    match asked(signal, evidence) {
        None => Finding::NotAsked,
        Some(_) if hidden(catalogue, signal, evidence) => Finding::Hidden,
        Some(span) => Finding::NotSeen(span),
    }
}

/// When the question was asked whose answer would have shown the signal, for kinds whose answer is complete.
fn asked(signal: &Signal, evidence: &DomainEvidence) -> Option<Span> {
    let of = |key: &str| evidence.asked.get(&question(signal.kind, key)).copied();
    match signal.kind {
        kind if !is_complete(kind) => None,
        Kind::Dkim | Kind::Declared => signal.keys.iter().find_map(|key| of(key)),
        _ => of(""),
    }
}

/// A product of one of the hiding categories stands in front: it is seen in MX, or in a record of the signal's own kind.
fn hidden(catalogue: &Catalogue, signal: &Signal, evidence: &DomainEvidence) -> bool {
    !signal.hidden_by.is_empty()
        && evidence.hits.iter().any(|(id, hit)| {
            let front = &catalogue.products[id.product as usize];
            let kind = front.signal[id.signal as usize].kind;
            (kind == Kind::Mx || kind == signal.kind)
                && signal.hidden_by.contains(&front.category)
                && gone(kind, hit, evidence).is_none()
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scan::observation::{Observation, Status};

    const DAY: i64 = 86_400;

    /// Records of one domain (day, kind, key, value; a blank value is an empty answer), weighed for one product.
    fn weighed(product: &str, records: &[(i64, Kind, &str, &str)]) -> (f64, String) {
        let catalogue = Catalogue::load(None).unwrap().as_of(jiff::civil::date(2026, 5, 31));
        let mut builder = super::super::InventoryBuilder::new(&catalogue, None, Moment(i64::MAX));
        for (day, kind, key, value) in records {
            let status = if value.is_empty() { Status::Empty } else { Status::Found };
            builder.add(&Observation {
                domain: "firma.example".into(),
                host: "firma.example".into(),
                kind: *kind,
                key: key.to_string(),
                value: value.to_string(),
                observed_at: Moment(day * DAY),
                source: "test".into(),
                status,
            });
        }
        let inventory = builder.finish();
        let at = catalogue.products.iter().position(|p| p.id == product).unwrap() as u32;
        let assessment = assess(&catalogue, at, &inventory.domains[0].1);
        let word = |f: &Finding| match f {
            Finding::Seen(_) => 's',
            Finding::Gone(..) => 'g',
            Finding::NotSeen(_) => 'n',
            Finding::Hidden => 'h',
            Finding::NotAsked => '-',
        };
        let words: std::collections::BTreeSet<char> = assessment.signals.iter().map(|s| word(&s.finding)).collect();
        (assessment.probability, words.into_iter().collect())
    }

    /// By hand, Mimecast: prior 0.031; its MX (0.9 ÷ its false-positive rate) counts once, although SPF agrees.
    #[test]
    fn mx_and_spf_of_one_vendor_count_once() {
        let mx = (0, Kind::Mx, "10", "eu-smtp-inbound-1.mimecast.com");
        let spf = (0, Kind::Spf, "include", "eu._netblocks.mimecast.com");
        let (alone, _) = weighed("mimecast/email-security", &[mx]);
        let (both, _) = weighed("mimecast/email-security", &[mx, spf]);
        // SPF adds nothing of its own; but now that it was asked for, the hosted SPF (a group of its own) was not found:
        // (1 − 0.2) ÷ (1 − 0.002).
        let odds = |p: f64| p / (1.0 - p);
        assert!(alone > 0.95 && (odds(both) / odds(alone) - 0.8 / 0.998).abs() < 1e-9, "{alone} {both}");
    }

    #[test]
    fn a_gateway_hides_the_mailbox_host_and_lowers_nothing() {
        let behind = [(0, Kind::Mx, "10", "eu-smtp-inbound-1.mimecast.com"), (0, Kind::Spf, "", "")];
        let (p, words) = weighed("microsoft/365", &behind);
        assert!((p - 0.55).abs() < 1e-9 && words.contains('h'), "{p} {words}");
        let (p, _) = weighed("microsoft/365", &[(0, Kind::Mx, "10", "mx.firma.example"), (0, Kind::Spf, "", "")]);
        assert!(p < 0.05, "{p}");
    }

    #[test]
    fn a_record_that_a_later_answer_no_longer_holds_is_gone() {
        let old = (0, Kind::Mx, "10", "eu-smtp-inbound-1.mimecast.com");
        let (p, words) = weighed("mimecast/email-security", &[old, (400, Kind::Mx, "10", "aspmx.l.google.com")]);
        assert!(p < 0.031 && words.contains('g'), "{p} {words}");
        let (p, words) = weighed("mimecast/email-security", &[old, (1, Kind::Mx, "10", "other.firma.example")]);
        assert!(p > 0.9 && words.contains('s'), "answers of one round stand side by side: {p} {words}");
    }

    #[test]
    fn a_gateway_that_is_gone_hides_nothing() {
        let gateway = (0, Kind::Mx, "10", "eu-smtp-inbound-1.mimecast.com");
        let (_, words) = weighed("microsoft/365", &[gateway, (0, Kind::Spf, "", "")]);
        assert!(words.contains('h'), "{words}");
        let later = [gateway, (400, Kind::Mx, "10", "mx.firma.example"), (400, Kind::Spf, "", "")];
        let (p, words) = weighed("microsoft/365", &later);
        assert!(p < 0.05 && !words.contains('h'), "{p} {words}");
    }

    #[test]
    fn hosted_spf_hides_the_senders_behind_it() {
        let (_, words) = weighed("google/workspace", &[(0, Kind::Spf, "include", "firma.example._nspf.vali.email")]);
        assert!(words.contains('h'), "{words}");
    }

    #[test]
    fn another_question_is_not_this_one() {
        let (_, words) = weighed("microsoft/365", &[(0, Kind::Dkim, "google", "")]);
        assert_eq!(words, "-", "the selector of somebody else");
        let (_, words) = weighed(
            "progress/moveit-transfer",
            &[(0, Kind::Http, "title", "Welcome"), (0, Kind::Cve, "x", "CVE-2020-1")],
        );
        assert_eq!(words, "-", "a web page of another host");
    }
}
