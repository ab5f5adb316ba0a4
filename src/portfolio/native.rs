//! Policies in the engine's own columns.

use super::coverage::Coverage;
use super::currency;
use super::policy::{AccountTerms, CoverageTerms, Policy, Terms, Waiting, WaitingKind};
use crate::money::Cents;
use crate::table::{Fields, Kind, Table, column};

const MONEY: &str = "policy currency";

/// The policy table.
pub const POLICIES: Table = Table {
    name: "policies",
    meaning: "The book: one row a policy.",
    columns: &[
        column("policy_id", Kind::Text, "", true, "Unique in the book"),
        column("insured_id", Kind::Text, "", true, "Who is insured; several policies may share it"),
        column("insured_name", Kind::Text, "", false, "Name for reading"),
        column("domains", Kind::Text, "", true, "Domains or URLs, separated by ; , | or a space; may be blank"),
        column("industry", Kind::Text, "NAICS", false, "2 to 6 digits"),
        column("country", Kind::Text, "ISO 3166", false, "Two letters"),
        column("annual_revenue", Kind::Money, MONEY, false, "Revenue a year"),
        column("employees", Kind::Integer, "", false, "Employees"),
        column("records", Kind::Integer, "", false, "Personal records held"),
        column("currency", Kind::Text, "ISO 4217", true, "Currency of every amount in the row"),
        column("inception", Kind::Date, "", true, "First day in force"),
        column("expiry", Kind::Date, "", true, "First day no longer in force"),
        column("premium", Kind::Money, MONEY, false, "Premium for the period"),
        column("limit", Kind::Money, MONEY, true, "Most that is paid for one claim (100 % of the layer)"),
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
            "Waiting period of business interruption, own and contingent",
        ),
        column(
            "waiting_kind",
            Kind::Text,
            "",
            false,
            "retention (the wait is borne by the insured; default) or qualifying",
        ),
        column(
            "indemnity_days",
            Kind::Number,
            "days",
            false,
            "Indemnity period of business interruption; 365 when blank",
        ),
        column("sublimit_npbi", Kind::Money, MONEY, false, "Sublimit, business interruption"),
        column("sublimit_cbi", Kind::Money, MONEY, false, "Sublimit, contingent business interruption"),
        column("sublimit_dias", Kind::Money, MONEY, false, "Sublimit, digital assets"),
        column("sublimit_ext", Kind::Money, MONEY, false, "Sublimit, extortion"),
        column("sublimit_fin", Kind::Money, MONEY, false, "Sublimit, financial fraud"),
        column("sublimit_inre", Kind::Money, MONEY, false, "Sublimit, incident response"),
        column("sublimit_lia", Kind::Money, MONEY, false, "Sublimit, liability"),
        column("sublimit_reg", Kind::Money, MONEY, false, "Sublimit, regulatory"),
        column("sublimit_eno", Kind::Money, MONEY, false, "Sublimit, errors and omissions"),
        column("deductible_npbi", Kind::Money, MONEY, false, "Deductible, business interruption"),
        column("deductible_cbi", Kind::Money, MONEY, false, "Deductible, contingent business interruption"),
        column("deductible_dias", Kind::Money, MONEY, false, "Deductible, digital assets"),
        column("deductible_ext", Kind::Money, MONEY, false, "Deductible, extortion"),
        column("deductible_fin", Kind::Money, MONEY, false, "Deductible, financial fraud"),
        column("deductible_inre", Kind::Money, MONEY, false, "Deductible, incident response"),
        column("deductible_lia", Kind::Money, MONEY, false, "Deductible, liability"),
        column("deductible_reg", Kind::Money, MONEY, false, "Deductible, regulatory"),
        column("deductible_eno", Kind::Money, MONEY, false, "Deductible, errors and omissions"),
        column(
            "franchise",
            Kind::Text,
            "",
            false,
            "Codes of coverages whose deductible is a franchise: a loss above it counts whole",
        ),
        column(
            "annual_sublimits",
            Kind::Text,
            "",
            false,
            "Codes of coverages whose sublimit is for the whole year, not for each claim",
        ),
        column(
            "retention_aggregate",
            Kind::Money,
            MONEY,
            false,
            "Most retention that the insured bears in a year; none when blank",
        ),
        column("coinsurance_npbi", Kind::Share, "", false, "Instead of coinsurance: business interruption"),
        column("coinsurance_cbi", Kind::Share, "", false, "Instead of coinsurance: contingent business interruption"),
        column("coinsurance_dias", Kind::Share, "", false, "Instead of coinsurance: digital assets"),
        column("coinsurance_ext", Kind::Share, "", false, "Instead of coinsurance: extortion"),
        column("coinsurance_fin", Kind::Share, "", false, "Instead of coinsurance: financial fraud"),
        column("coinsurance_inre", Kind::Share, "", false, "Instead of coinsurance: incident response"),
        column("coinsurance_lia", Kind::Share, "", false, "Instead of coinsurance: liability"),
        column("coinsurance_reg", Kind::Share, "", false, "Instead of coinsurance: regulatory"),
        column("coinsurance_eno", Kind::Share, "", false, "Instead of coinsurance: errors and omissions"),
        column(
            "waiting_hours_cbi",
            Kind::Number,
            "hours",
            false,
            "Waiting period of contingent business interruption; waiting_hours when blank",
        ),
        column(
            "waiting_kind_cbi",
            Kind::Text,
            "",
            false,
            "retention or qualifying, of contingent business interruption; waiting_kind when blank",
        ),
        column(
            "indemnity_days_cbi",
            Kind::Number,
            "days",
            false,
            "Indemnity period of contingent business interruption; indemnity_days when blank",
        ),
        column("line", Kind::Text, "", false, "Line of business, for the scope of treaties"),
    ],
};

impl Waiting {
    /// Reads the columns with this ending; what is blank is as in `other`.
    fn read(fields: &mut Fields, ending: &str, other: Waiting) -> Waiting {
        let column = |name: &str| format!("{name}{ending}");
        Waiting {
            hours: fields.number(&column("waiting_hours")).unwrap_or(other.hours),
            kind: WaitingKind::read(fields, &column("waiting_kind"), other.kind),
            indemnity_hours: fields.number(&column("indemnity_days")).map_or(other.indemnity_hours, |days| days * 24.0),
        }
    }
}

/// The policy of one row. The row stands when no fault sets it aside.
pub fn policy(fields: &mut Fields) -> Policy {
    let (inception, expiry) = fields.period("inception", "expiry");
    let limit = fields.required_money("limit");
    if limit == Cents::ZERO && fields.text("limit").parse::<f64>().is_ok_and(|x| x >= 0.0) {
        fields.refuse("limit", "a policy without a limit pays nothing", "leave such rows out of the book");
    }
    let aggregate = fields.money("aggregate_limit");
    if aggregate == Some(Cents::ZERO) {
        fields.refuse(
            "aggregate_limit",
            "a policy without an aggregate limit pays nothing",
            "leave it blank where it is the limit",
        );
    }
    let waiting = Waiting::read(fields, "", Waiting::default());
    let terms = Terms {
        limit,
        aggregate: aggregate.unwrap_or(limit),
        retention: fields.money("retention").unwrap_or_default(),
        attachment: fields.money("attachment").unwrap_or_default(),
        share: fields.share("share", 1.0),
        waiting,
        contingent_waiting: Waiting::read(fields, "_cbi", waiting),
        coverages: coverages(fields),
        retention_aggregate: fields.money("retention_aggregate").unwrap_or(Cents::UNLIMITED),
        ..Terms::default()
    };
    Policy {
        id: fields.required("policy_id"),
        insured_id: fields.required("insured_id"),
        insured_name: fields.text("insured_name").to_string(),
        hosts: fields.hosts("domains"),
        domains: Vec::new(),
        industry: fields.naics("industry"),
        country: fields.country("country"),
        revenue: fields.money("annual_revenue"),
        employees: fields.optional_count("employees"),
        records: fields.optional_count("records"),
        currency: currency::read(fields, "currency"),
        inception,
        expiry,
        premium: fields.money("premium").unwrap_or_default(),
        terms,
        account: AccountTerms::default(),
        line: fields.text("line").to_string(),
    }
}

fn coverages(fields: &mut Fields) -> [CoverageTerms; Coverage::COUNT] {
    let coinsurance = fields.coinsurance("coinsurance", 0.0);
    let mut coverages = Coverage::ALL.map(|coverage| coverage_terms(fields, coverage, coinsurance));
    listed(fields, "franchise").into_iter().for_each(|c| coverages[c as usize].franchise = true);
    listed(fields, "annual_sublimits").into_iter().for_each(|c| coverages[c as usize].annual_sublimit = true);
    coverages
}

/// The coverages that a column lists.
fn listed(fields: &mut Fields, column: &str) -> Vec<Coverage> {
    let codes = fields.text(column).split([';', ',', '|', ' ']).filter(|code| !code.is_empty());
    let coverages: Option<Vec<Coverage>> = codes.map(Coverage::parse).collect();
    coverages.unwrap_or_else(|| {
        let hint = format!("codes are {}, separated by ;", Coverage::ALL.map(Coverage::code).join(" "));
        fields.refuse(column, "not a list of coverages", &hint);
        Vec::new()
    })
}

/// A blank sublimit is none; a sublimit of zero takes the coverage out.
fn coverage_terms(fields: &mut Fields, coverage: Coverage, coinsurance: f64) -> CoverageTerms {
    let code = coverage.code().to_ascii_lowercase();
    let sublimit = fields.money(&format!("sublimit_{code}"));
    CoverageTerms {
        covered: sublimit != Some(Cents::ZERO),
        sublimit: sublimit.unwrap_or(Cents::UNLIMITED),
        deductible: fields.money(&format!("deductible_{code}")).unwrap_or_default(),
        coinsurance: fields.coinsurance(&format!("coinsurance_{code}"), coinsurance),
        ..CoverageTerms::default()
    }
}
