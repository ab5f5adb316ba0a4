//! The exposure table: one row a policy in force, with all that the loss stage needs.

use crate::fault::Fault;
use crate::moment::Moment;
use crate::money::Cents;
use crate::portfolio::{Coverage, CoverageTerms, Terms, WaitingKind};
use crate::table::{Cell, Fields, Kind, Record, Row, Table, column};

use super::tier::Tier;

/// A policy in force and how far it is in scope. Money is in the reporting currency.
#[derive(Clone, Debug, PartialEq)]
pub struct Exposure {
    /// Policy.
    pub policy_id: String,
    /// Insured.
    pub insured_id: String,
    /// Name for reading.
    pub insured_name: String,
    /// Registrable domains.
    pub domains: Vec<String>,
    /// Tier.
    pub tier: Tier,
    /// Probability that the insured meets the event's condition.
    pub probability: f64,
    /// The most that one claim of the event can cost the insurer.
    pub limit_at_stake: Cents,
    /// Premium.
    pub premium: Cents,
    /// Records that gave signals of the event's products.
    pub evidence: String,
    /// What was looked for and not found, and what was not looked for.
    pub not_found: String,
    /// First time that a signal was seen.
    pub first_seen: Option<Moment>,
    /// Last time that a signal was seen.
    pub last_seen: Option<Moment>,
    /// Domains of the policy that another insured also has.
    pub shared_domains: Vec<String>,
    /// NAICS code.
    pub industry: String,
    /// Two-letter country code.
    pub country: String,
    /// Revenue a year.
    pub revenue: Option<Cents>,
    /// Revenue band in US dollars.
    pub revenue_band: String,
    /// Reporting currency.
    pub currency: String,
    /// Terms.
    pub terms: Terms,
    /// Event that the probability is of; blank when not told.
    pub event: String,
    /// Probability that a second provider stands in for the product, where the event says what one is.
    pub second_provider: f64,
}

const MONEY: &str = "reporting currency";

/// The exposure table.
pub const EXPOSURES: Table = Table {
    name: "exposure",
    meaning: "Who is in scope of the event: one row a policy in force, the most exposed first.",
    columns: &[
        column("policy_id", Kind::Text, "", true, "Policy"),
        column("insured_id", Kind::Text, "", true, "Insured"),
        column("insured_name", Kind::Text, "", false, "Name for reading"),
        column("domains", Kind::Text, "", false, "Registrable domains, separated by ;"),
        column("tier", Kind::Text, "", true, "exposed, possible, unknown, unlikely"),
        column("probability", Kind::Share, "", true, "Probability that the insured meets the event's condition"),
        column("limit", Kind::Money, MONEY, true, "Most that is paid for one claim (100 % of the layer)"),
        column("premium", Kind::Money, MONEY, false, "Premium for the period"),
        column(
            "limit_at_stake",
            Kind::Money,
            MONEY,
            false,
            "Most that one claim of the event can cost the insurer: its share of what the sublimits of the coverages that respond leave above retention and attachment, up to the limits",
        ),
        column("evidence", Kind::Text, "", false, "Records that gave signals of the event's products"),
        column("not_found", Kind::Text, "", false, "What was looked for and not found, and what was not looked for"),
        column("first_seen", Kind::Timestamp, "UTC", false, "First time that a signal was seen"),
        column("last_seen", Kind::Timestamp, "UTC", false, "Last time that a signal was seen"),
        column("shared_domains", Kind::Text, "", false, "Domains that another insured also has"),
        column("industry", Kind::Text, "NAICS", false, "2 to 6 digits"),
        column("country", Kind::Text, "ISO 3166", false, "Two letters"),
        column("annual_revenue", Kind::Money, MONEY, false, "Revenue a year"),
        column("revenue_band", Kind::Text, "USD", false, "Band of annual revenue"),
        column("currency", Kind::Text, "ISO 4217", true, "Reporting currency"),
        column("aggregate_limit", Kind::Money, MONEY, false, "Most that is paid in the year"),
        column("retention", Kind::Money, MONEY, false, "Borne by the insured, each claim"),
        column("attachment", Kind::Money, MONEY, false, "Excess layers: pays above this much"),
        column("share", Kind::Share, "", false, "Insurer's share of the layer"),
        column("coinsurance", Kind::Share, "", false, "Share of each loss that the insured bears"),
        column("waiting_hours", Kind::Number, "hours", false, "Waiting period"),
        column("waiting_kind", Kind::Text, "", false, "retention or qualifying"),
        column("indemnity_hours", Kind::Number, "hours", false, "Indemnity period"),
        column(
            "coverage_terms",
            Kind::Text,
            MONEY,
            false,
            "Coverages with terms of their own: CODE sublimit A deductible B; or CODE excluded",
        ),
        column("event", Kind::Text, "", false, "Event that tier and probability are of"),
        column(
            "second_provider",
            Kind::Share,
            "",
            false,
            "Probability that a second provider stands in, where the event is an outage and says what one is",
        ),
    ],
};

impl Record for Exposure {
    const TABLE: Table = EXPOSURES;

    fn cells(&self) -> Vec<Cell> {
        let time = |moment: Option<Moment>| moment.map_or(Cell::Null, Cell::Time);
        let money = |amount: Cents| if amount == Cents::UNLIMITED { Cell::Null } else { Cell::Money(amount) };
        let terms = &self.terms;
        vec![
            Cell::text(&self.policy_id),
            Cell::text(&self.insured_id),
            Cell::text(&self.insured_name),
            Cell::text(self.domains.join(";")),
            Cell::text(self.tier.as_str()),
            Cell::Number(self.probability),
            money(terms.limit),
            Cell::Money(self.premium),
            money(self.limit_at_stake),
            Cell::text(&self.evidence),
            Cell::text(&self.not_found),
            time(self.first_seen),
            time(self.last_seen),
            Cell::text(self.shared_domains.join(";")),
            Cell::text(&self.industry),
            Cell::text(&self.country),
            self.revenue.map_or(Cell::Null, Cell::Money),
            Cell::text(&self.revenue_band),
            Cell::text(&self.currency),
            money(terms.aggregate),
            Cell::Money(terms.retention),
            Cell::Money(terms.attachment),
            Cell::Number(terms.share),
            Cell::Number(terms.coinsurance),
            Cell::Number(terms.waiting_hours),
            Cell::text(terms.waiting_kind.as_str()),
            Cell::Number(terms.indemnity_hours),
            Cell::text(write_own_terms(terms)),
            Cell::text(&self.event),
            Cell::Number(self.second_provider),
        ]
    }
}

impl Exposure {
    /// The most exposed first: by tier, then by probability × limit at stake, then by policy.
    pub fn order(a: &Exposure, b: &Exposure) -> std::cmp::Ordering {
        let at_stake = |e: &Exposure| e.probability * e.limit_at_stake.units();
        a.tier.cmp(&b.tier).then(at_stake(b).total_cmp(&at_stake(a))).then(a.policy_id.cmp(&b.policy_id))
    }

    /// Reads one row of an exposure table, the engine's own or the user's: the exposure when no fault sets the row aside.
    pub fn read(row: &Row) -> (Option<Exposure>, Vec<Fault>) {
        let mut fields = Fields::new(row, &EXPOSURES);
        let tier = Tier::parse(fields.text("tier"));
        if tier.is_none() {
            fields.refuse("tier", "must be exposed, possible, unknown or unlikely", "");
        }
        let terms = read_terms(&mut fields);
        let list = |text: &str| text.split(';').filter(|d| !d.is_empty()).map(str::to_string).collect::<Vec<_>>();
        let exposure = Exposure {
            policy_id: fields.required("policy_id"),
            insured_id: fields.required("insured_id"),
            insured_name: fields.text("insured_name").to_string(),
            domains: list(fields.text("domains")),
            tier: tier.unwrap_or(Tier::Unknown),
            probability: fields.required_probability("probability"),
            limit_at_stake: fields.money("limit_at_stake").unwrap_or_else(|| terms.limit_at_stake(&Coverage::ALL)),
            premium: fields.money("premium").unwrap_or_default(),
            evidence: fields.text("evidence").to_string(),
            not_found: fields.text("not_found").to_string(),
            first_seen: fields.moment("first_seen"),
            last_seen: fields.moment("last_seen"),
            shared_domains: list(fields.text("shared_domains")),
            industry: fields.text("industry").to_string(),
            country: fields.text("country").to_string(),
            revenue: fields.money("annual_revenue"),
            revenue_band: fields.text("revenue_band").to_string(),
            currency: fields.required("currency"),
            terms,
            event: fields.text("event").to_string(),
            second_provider: fields.probability("second_provider").unwrap_or(0.0),
        };
        fields.finish(exposure)
    }
}

fn read_terms(fields: &mut Fields) -> Terms {
    let limit = fields.money("limit").unwrap_or(Cents::UNLIMITED);
    let own = read_own_terms(fields.text("coverage_terms"));
    if own.is_none() {
        fields.refuse(
            "coverage_terms",
            "not readable",
            "write CODE sublimit A [annual] deductible B [franchise]; CODE excluded; or ALL retention-a-year A limit B [franchise]; parts separated by ;",
        );
    }
    let own = own.unwrap_or_default();
    let terms = Terms {
        limit,
        aggregate: fields.money("aggregate_limit").unwrap_or(limit),
        retention: fields.money("retention").unwrap_or_default(),
        attachment: fields.money("attachment").unwrap_or_default(),
        share: fields.share("share", 1.0),
        coinsurance: fields.coinsurance("coinsurance"),
        waiting_hours: fields.number("waiting_hours").unwrap_or(0.0),
        waiting_kind: WaitingKind::read(fields, "waiting_kind"),
        indemnity_hours: fields.number("indemnity_hours").unwrap_or(8_760.0),
        ..own
    };
    if terms.limit_at_stake(&Coverage::ALL) == Cents::UNLIMITED {
        fields.refuse(
            "limit",
            "no limit: neither of the layer nor of its aggregate, nor of each coverage",
            "give limit",
        );
    }
    terms
}

/// `INRE sublimit 250000 deductible 1000; FIN excluded`: only terms that are not the default.
fn write_own_terms(terms: &Terms) -> String {
    let part = |(coverage, terms): (Coverage, &CoverageTerms)| {
        let mut text = coverage.code().to_string();
        if !terms.covered {
            return text + " excluded";
        }
        if terms.sublimit != Cents::UNLIMITED {
            text += &format!(" sublimit {}", terms.sublimit);
        }
        if terms.annual_sublimit {
            text += " annual";
        }
        if terms.deductible != Cents::ZERO {
            text += &format!(" deductible {}", terms.deductible);
        }
        if terms.franchise {
            text += " franchise";
        }
        text
    };
    let own = Coverage::ALL.into_iter().zip(&terms.coverages).filter(|(_, own)| **own != CoverageTerms::default());
    own.map(part).chain(write_whole(terms)).collect::<Vec<_>>().join("; ")
}

/// Terms of the whole policy that have no column.
fn write_whole(terms: &Terms) -> Option<String> {
    let mut text = "ALL".to_string();
    if terms.retention_aggregate != Cents::UNLIMITED {
        text += &format!(" retention-a-year {}", terms.retention_aggregate);
    }
    if terms.policy_limit != Cents::UNLIMITED {
        text += &format!(" limit {}", terms.policy_limit);
    }
    if terms.retention_franchise {
        text += " franchise";
    }
    (text != "ALL").then_some(text)
}

fn read_own_terms(text: &str) -> Option<Terms> {
    let mut own = Terms::default();
    for part in text.split(';').map(str::trim).filter(|p| !p.is_empty()) {
        let mut words = part.split_whitespace();
        let code = words.next()?;
        if code == "ALL" {
            read_whole(&mut own, &mut words)?;
            continue;
        }
        let terms = &mut own.coverages[Coverage::ALL.into_iter().position(|c| c.code() == code)?];
        while let Some(word) = words.next() {
            match word {
                "excluded" => terms.covered = false,
                "annual" => terms.annual_sublimit = true,
                "franchise" => terms.franchise = true,
                "sublimit" => terms.sublimit = amount(words.next()?)?,
                "deductible" => terms.deductible = amount(words.next()?)?,
                _ => return None,
            }
        }
    }
    Some(own)
}

fn read_whole<'a>(own: &mut Terms, words: &mut impl Iterator<Item = &'a str>) -> Option<()> {
    while let Some(word) = words.next() {
        match word {
            "retention-a-year" => own.retention_aggregate = amount(words.next()?)?,
            "limit" => own.policy_limit = amount(words.next()?)?,
            "franchise" => own.retention_franchise = true,
            _ => return None,
        }
    }
    Some(())
}

fn amount(text: &str) -> Option<Cents> {
    Cents::parse(text).filter(|amount| *amount >= Cents::ZERO)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_without_a_column_survive_their_text() {
        let mut own = Terms { retention_aggregate: Cents(9_000), policy_limit: Cents(500), ..Terms::default() };
        own.coverages[0].sublimit = Cents(25_000_050);
        own.coverages[0].annual_sublimit = true;
        own.coverages[0].deductible = Cents(100_000);
        own.coverages[4].covered = false;
        own.coverages[8].franchise = true;
        let text = write_own_terms(&own);
        assert_eq!(
            text,
            "NPBI sublimit 250000.50 annual deductible 1000; FIN excluded; ENO franchise; ALL retention-a-year 90 limit 5"
        );
        assert_eq!(read_own_terms(&text), Some(own));
        assert_eq!(read_own_terms("NPBI sublimit"), None);
        assert_eq!(read_own_terms("ALL sublimit 3"), None);
    }
}
