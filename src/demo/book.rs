//! The insureds of the demo, their domains, and the cases that an engine must get right.

use std::collections::BTreeSet;

use jiff::civil::{Date, date};
use jiff::{Span, ToSpan};

use super::dice::Dice;
use super::mail::{Depth, Gateway, Mail, hand_out};
use super::names::{Company, company};
use crate::random::normal;

/// Insureds in the book.
const INSUREDS: usize = 2_400;
/// Insureds with a main domain of their own: all but the one without a domain and the one that shares another's.
const OWN: usize = INSUREDS - 2;
/// Insureds with a second domain.
const SECOND: usize = 90;

/// Which policies an insured has, beside excess layers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Term {
    /// One in force on the day of the event.
    Current,
    /// The one in force and the one before it.
    Renewed,
    /// The one in force and, agreed early, the one after it.
    RenewedEarly,
    /// One that ended before the event.
    Lapsed,
    /// One that begins after the event.
    Future,
}

/// An insured.
pub struct Insured {
    /// Number from 1, part of its id.
    pub number: usize,
    /// Name, trade and country.
    pub company: Company,
    /// Domains.
    pub domains: Vec<String>,
    /// Revenue a year in US dollars.
    pub revenue: u64,
    /// Whether the policy table gives the revenue.
    pub revenue_known: bool,
    /// First day of the policy in force.
    pub start: Date,
    /// Which policies it has.
    pub term: Term,
    /// Whether there is an excess layer above the policy in force.
    pub layered: bool,
}

/// A domain of the book.
pub struct Domain {
    /// Registrable domain.
    pub name: String,
    /// Position of the insured whose it is; of a shared domain, the first.
    pub owner: usize,
    /// Its mail.
    pub mail: Mail,
}

/// Everybody, and every domain once.
pub struct Book {
    /// Insureds by number.
    pub insureds: Vec<Insured>,
    /// Domains: main ones in the order of their owners, then second ones.
    pub domains: Vec<Domain>,
}

/// The book of the demo.
pub fn book(dice: Dice) -> Book {
    let mut insureds = insureds(dice);
    let domains = domains(&mut insureds, dice);
    let mut book = Book { insureds, domains };
    let both: Vec<usize> = book.owners(|d| d.mail.is_both() && d.mail.depth == Depth::Full);
    let plain = book.owners_in(&dice.shuffled("choice", OWN), |d| d.mail.gateway == Gateway::None);
    book.give_terms(&plain);
    book.give_layers(&plain);
    book.make_awkward(&both);
    book
}

fn insureds(dice: Dice) -> Vec<Insured> {
    let mut taken = BTreeSet::new();
    let insured = |at: usize| {
        let company = company(at, dice, |label| taken.contains(label));
        taken.insert(company.label.clone());
        Insured {
            number: at + 1,
            company,
            domains: Vec::new(),
            revenue: revenue(dice.unit("revenue", at)),
            revenue_known: true,
            start: plus(date(2020, 1, 13), (dice.below("first day", at, 365) as i64).days()),
            term: Term::Current,
            layered: false,
        }
    };
    (0..INSUREDS).map(insured).collect()
}

/// Lognormal with a median of 8 million: 85 % stay below 50 million, one in 350 exceeds a billion. Rounded to 10,000,
/// so that the last bit of the exponential function does not matter. Assumption.
fn revenue(u: f64) -> u64 {
    let dollars = 8e6 * (1.75 * normal::quantile(u)).exp();
    (dollars / 1e4).round() as u64 * 10_000 + 200_000
}

/// The day after a span, which stays far inside the calendar.
pub fn plus(day: Date, span: Span) -> Date {
    day.saturating_add(span)
}

/// Names every domain, and gives it to its owner.
fn domains(insureds: &mut [Insured], dice: Dice) -> Vec<Domain> {
    let mails = hand_out(OWN + SECOND, OWN, dice);
    let is_both = |at: &usize| mails[*at].is_both() && mails[*at].depth == Depth::Full;
    // The first that uses both products has a second domain that doesn't; the second shares its domain.
    let (several, shared) = ((0..OWN).find(is_both), (0..OWN).filter(is_both).nth(1));
    let others = dice.shuffled("choice", OWN).into_iter().filter(|at| mails[*at].gateway == Gateway::None);
    let owners: Vec<usize> = (0..OWN).chain(several).chain(others).take(OWN + SECOND).collect();
    let named = owners.into_iter().zip(mails).enumerate().map(|(at, (owner, mail))| {
        let ending = if at < OWN { "" } else { ["-group", "-online", "-mail"][at % 3] };
        Domain { name: format!("{}{ending}.example", insureds[owner].company.label), owner, mail }
    });
    let domains: Vec<Domain> = named.collect();
    domains.iter().for_each(|domain| insureds[domain.owner].domains.push(domain.name.clone()));
    if let Some(owner) = shared {
        let name = format!("{} Holdings", insureds[owner].company.name.split(' ').next().unwrap_or_default());
        insureds[INSUREDS - 1].domains = insureds[owner].domains.clone();
        insureds[INSUREDS - 1].company.name = name;
    }
    domains
}

impl Book {
    /// Owners, in their order, of a main domain of which `holds` is true.
    pub fn owners(&self, holds: impl Fn(&Domain) -> bool) -> Vec<usize> {
        self.owners_in(&(0..OWN).collect::<Vec<_>>(), holds)
    }

    fn owners_in(&self, order: &[usize], holds: impl Fn(&Domain) -> bool) -> Vec<usize> {
        order.iter().copied().filter(|at| holds(&self.domains[*at])).collect()
    }

    /// About 60 policies that ended before the event and 40 that begin after it.
    fn give_terms(&mut self, plain: &[usize]) {
        let counts = [(45, Term::Renewed), (25, Term::RenewedEarly), (14, Term::Lapsed), (14, Term::Future)];
        // From the end: the first of the shuffled have second domains.
        let terms = counts.into_iter().flat_map(|(n, term)| std::iter::repeat_n(term, n));
        plain.iter().rev().zip(terms).for_each(|(at, term)| self.insureds[*at].term = term);
    }

    /// Excess layers above the ten largest.
    fn give_layers(&mut self, plain: &[usize]) {
        let mut current: Vec<usize> =
            plain.iter().copied().filter(|at| self.insureds[*at].term == Term::Current).collect();
        current.sort_by_key(|at| (std::cmp::Reverse(self.insureds[*at].revenue), *at));
        current.iter().take(10).for_each(|at| self.insureds[*at].layered = true);
    }

    /// Insureds who use both products, each a case that is easily got wrong. The first two have their domains already.
    fn make_awkward(&mut self, both: &[usize]) {
        let [_, _, lapsed, future, formula, script, unknown, rest @ ..] = both else { return };
        // The last day of one and the first of the other are the closest to the event that are not in force on its day.
        self.insureds[*lapsed].start = date(2021, 1, 12);
        self.insureds[*lapsed].term = Term::Lapsed;
        self.insureds[*future].start = date(2020, 1, 13);
        self.insureds[*future].term = Term::Future;
        self.insureds[*formula].company.name = "=Acme&Sons".into();
        self.insureds[*script].company.name = "<script>alert(1)</script> Ltd".into();
        self.insureds[*unknown].revenue_known = false;
        if let Some(largest) = rest.iter().max_by_key(|at| self.insureds[**at].revenue) {
            self.insureds[*largest].layered = true;
        }
    }
}
