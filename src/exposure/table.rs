//! The exposure table: one row a policy in force, with all that the loss stage needs.

use crate::fault::Fault;
use crate::moment::Moment;
use crate::money::Cents;
use crate::portfolio::{Coverage, RevenueBand, Terms, Waiting, WaitingKind};
use crate::table::{Cell, Fields, Kind, Record, Row, Table, column};

use super::own_terms::{read_own_terms, write_own_terms};
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
    /// Line of business; may be blank.
    pub line: String,
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
        column(
            "probability",
            Kind::Share,
            "",
            true,
            "Probability that the insured meets the event's condition; of several policies of an insured the largest counts, as of revenue",
        ),
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
        column("revenue_band", Kind::Text, "USD", false, "Band of annual revenue; that of annual_revenue when blank"),
        column("currency", Kind::Text, "ISO 4217", true, "Reporting currency"),
        column("aggregate_limit", Kind::Money, MONEY, false, "Most that is paid in the year; the limit when blank"),
        column("retention", Kind::Money, MONEY, false, "Borne by the insured, each claim"),
        column("attachment", Kind::Money, MONEY, false, "Excess layers: pays above this much"),
        column("share", Kind::Share, "", false, "Insurer's share of the layer; 1 when blank"),
        column("coinsurance", Kind::Share, "", false, "Share of each loss that the insured bears"),
        column(
            "waiting_hours",
            Kind::Number,
            "hours",
            false,
            "Waiting period of business interruption, own and contingent; no other coverage waits",
        ),
        column("waiting_kind", Kind::Text, "", false, "retention (when blank) or qualifying"),
        column(
            "indemnity_hours",
            Kind::Number,
            "hours",
            false,
            "Indemnity period: from the end of the wait (retention) or the beginning of the outage (qualifying); 8,760 when blank",
        ),
        column(
            "coverage_terms",
            Kind::Text,
            MONEY,
            false,
            "Coverages with terms of their own, separated by ;: CODE [sublimit A [annual]] [deductible B [franchise]] [coinsurance C] [waiting H [qualifying] indemnity H], or CODE excluded; ALL [retention-a-year A] [limit B] [franchise] for the policy",
        ),
        column("event", Kind::Text, "", false, "Event that tier and probability are of"),
        column(
            "second_provider",
            Kind::Share,
            "",
            false,
            "Probability that a second provider stands in, where the event is an outage and says what one is",
        ),
        column("line", Kind::Text, "", false, "Line of business, for the scope of treaties"),
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
            Cell::Number(terms.coverages[0].coinsurance),
            Cell::Number(terms.waiting.hours),
            Cell::text(terms.waiting.kind.as_str()),
            Cell::Number(terms.waiting.indemnity_hours),
            Cell::text(write_own_terms(terms)),
            Cell::text(&self.event),
            Cell::Number(self.second_provider),
            Cell::text(&self.line),
        ]
    }
}

impl Exposure {
    /// Fills a blank revenue band, `dollars` being what one unit of the reporting currency is worth in US dollars.
    pub fn band_by_revenue(&mut self, dollars: f64) {
        if self.revenue_band.is_empty() {
            self.revenue_band = RevenueBand::of(self.revenue.map(|r| r.units() * dollars)).words().to_string();
        }
    }

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
            industry: fields.naics("industry"),
            country: fields.country("country"),
            revenue: fields.money("annual_revenue"),
            revenue_band: fields.text("revenue_band").to_string(),
            currency: fields.required("currency"),
            terms,
            event: fields.text("event").to_string(),
            second_provider: fields.probability("second_provider").unwrap_or(0.0),
            line: fields.text("line").to_string(),
        };
        fields.finish(exposure)
    }
}

fn read_terms(fields: &mut Fields) -> Terms {
    let limit = some_money(fields, "limit");
    let aggregate = some_money(fields, "aggregate_limit");
    let waiting = Waiting {
        hours: fields.number("waiting_hours").unwrap_or(0.0),
        kind: WaitingKind::read(fields, "waiting_kind", WaitingKind::Retention),
        indemnity_hours: fields.number("indemnity_hours").unwrap_or(Waiting::default().indemnity_hours),
    };
    let of_all = Terms::default().coinsurance(fields.coinsurance("coinsurance", 0.0)).waiting(waiting);
    let own = read_own_terms(fields.text("coverage_terms"), of_all);
    if let Err(part) = &own {
        let hint = "write CODE sublimit A [annual] deductible B [franchise] coinsurance C; CBI waiting H [qualifying] indemnity H; CODE excluded; or ALL retention-a-year A limit B [franchise]; parts separated by ;";
        fields.refuse("coverage_terms", &format!("{part:?} is not readable"), hint);
    }
    let terms = Terms {
        limit: limit.unwrap_or(Cents::UNLIMITED),
        aggregate: aggregate.or(limit).unwrap_or(Cents::UNLIMITED),
        retention: fields.money("retention").unwrap_or_default(),
        attachment: fields.money("attachment").unwrap_or_default(),
        share: fields.share("share", 1.0),
        ..own.unwrap_or_default()
    };
    if limit.is_none() && fields.text("limit").is_empty() && terms.limit_at_stake(&Coverage::ALL) == Cents::UNLIMITED {
        fields.refuse(
            "limit",
            "no limit: neither of the layer nor of its aggregate, nor of each coverage",
            "give limit",
        );
    }
    terms
}

/// An amount that may be blank, but is not nothing.
fn some_money(fields: &mut Fields, column: &str) -> Option<Cents> {
    let amount = fields.money(column);
    if amount == Some(Cents::ZERO) && fields.text(column).parse::<f64>().is_ok() {
        fields.refuse(
            column,
            "a policy without a limit pays nothing",
            "leave the row out, or the cell blank where there is no limit",
        );
    }
    amount
}
