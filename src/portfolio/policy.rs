//! A policy as the engine uses it: resolved, checked, in one form.

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::coverage::Coverage;
use crate::money::Cents;
use crate::table::Fields;

/// What a waiting period means once it has passed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum WaitingKind {
    /// Loss counts from the first minute.
    Qualifying,
    /// The wait itself is borne by the insured.
    #[default]
    Retention,
}

impl WaitingKind {
    /// The word used in tables.
    pub fn as_str(self) -> &'static str {
        match self {
            WaitingKind::Qualifying => "qualifying",
            WaitingKind::Retention => "retention",
        }
    }

    /// Reads `column`, which may be blank.
    pub fn read(fields: &mut Fields, column: &str, blank: WaitingKind) -> WaitingKind {
        match fields.text(column).to_ascii_lowercase().as_str() {
            "" => blank,
            "retention" => WaitingKind::Retention,
            "qualifying" => WaitingKind::Qualifying,
            _ => {
                let hint =
                    "write retention where the insured bears the wait, qualifying where a longer outage counts whole";
                fields.refuse(column, "must be retention or qualifying", hint);
                blank
            }
        }
    }
}

/// Which hours of an outage are paid for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Waiting {
    /// Hours before the coverage responds.
    pub hours: f64,
    /// What the wait means.
    pub kind: WaitingKind,
    /// Hours after which it is no longer paid: from the end of the wait where the insured bears that, else from the beginning of
    /// the outage.
    pub indemnity_hours: f64,
}

impl Default for Waiting {
    /// No wait, and a year.
    fn default() -> Waiting {
        Waiting { hours: 0.0, kind: WaitingKind::Retention, indemnity_hours: 8_760.0 }
    }
}

/// Terms of one coverage.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CoverageTerms {
    /// Whether the policy gives this coverage.
    pub covered: bool,
    /// Most that is paid under it.
    pub sublimit: Cents,
    /// Deductible of this coverage, each claim.
    pub deductible: Cents,
    /// The deductible is a franchise: a loss above it counts whole.
    pub franchise: bool,
    /// The sublimit is for the whole year, not for each claim.
    pub annual_sublimit: bool,
    /// Share of the loss above the deductible that the insured bears, in [0, 1).
    pub coinsurance: f64,
}

impl Default for CoverageTerms {
    fn default() -> CoverageTerms {
        CoverageTerms {
            covered: true,
            sublimit: Cents::UNLIMITED,
            deductible: Cents::ZERO,
            franchise: false,
            annual_sublimit: false,
            coinsurance: 0.0,
        }
    }
}

/// Terms over all policies of one account, after each policy's own (OED's account level).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AccountTerms {
    /// Deductible from what its policies pay together, each claim.
    pub deductible: Cents,
    /// Most that they pay together, each claim.
    pub limit: Cents,
    /// The insurer's share of what is left, in (0, 1].
    pub share: f64,
}

impl Default for AccountTerms {
    fn default() -> AccountTerms {
        AccountTerms { deductible: Cents::ZERO, limit: Cents::UNLIMITED, share: 1.0 }
    }
}

/// Financial terms, in the policy's currency.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Terms {
    /// Most that is paid for one claim.
    pub limit: Cents,
    /// Most that is paid in the policy's year.
    pub aggregate: Cents,
    /// Borne by the insured, each claim.
    pub retention: Cents,
    /// An excess layer pays above this much of the loss after retention.
    pub attachment: Cents,
    /// The insurer's share of the layer, in (0, 1].
    pub share: f64,
    /// Of business interruption.
    pub waiting: Waiting,
    /// Of contingent business interruption.
    pub contingent_waiting: Waiting,
    /// By coverage, in the order of [`Coverage::ALL`].
    pub coverages: [CoverageTerms; Coverage::COUNT],
    /// Most retention that the insured bears in a year.
    pub retention_aggregate: Cents,
    /// The retention is a franchise: a claim above it counts whole.
    pub retention_franchise: bool,
    /// Most of one claim, after the retention, that reaches any layer (OED's policy limit).
    pub policy_limit: Cents,
}

impl Default for Terms {
    /// Terms that change nothing.
    fn default() -> Terms {
        Terms {
            limit: Cents::UNLIMITED,
            aggregate: Cents::UNLIMITED,
            retention: Cents::ZERO,
            attachment: Cents::ZERO,
            share: 1.0,
            waiting: Waiting::default(),
            contingent_waiting: Waiting::default(),
            coverages: [CoverageTerms::default(); Coverage::COUNT],
            retention_aggregate: Cents::UNLIMITED,
            retention_franchise: false,
            policy_limit: Cents::UNLIMITED,
        }
    }
}

impl Terms {
    /// The same with this share borne by the insured under every coverage.
    pub fn coinsurance(mut self, share: f64) -> Terms {
        self.coverages.iter_mut().for_each(|own| own.coinsurance = share);
        self
    }

    /// The same with this wait of both kinds of business interruption.
    pub fn waiting(self, waiting: Waiting) -> Terms {
        Terms { waiting, contingent_waiting: waiting, ..self }
    }

    /// The wait of a coverage: only business interruption, own and contingent, waits.
    pub fn waiting_of(&self, coverage: Coverage) -> Option<&Waiting> {
        match coverage {
            Coverage::BusinessInterruption => Some(&self.waiting),
            Coverage::ContingentBusinessInterruption => Some(&self.contingent_waiting),
            _ => None,
        }
    }

    /// The insurer's share of the limit of a claim, where there is one: what a surplus treaty takes for the sum insured.
    pub fn sum_insured(&self) -> Option<Cents> {
        (self.limit != Cents::UNLIMITED).then(|| self.limit.scale(self.share))
    }

    /// The most that one claim under the `responding` coverages can cost: the insurer's share of what the sum of their
    /// sublimits leaves above retention and attachment, up to the limit and the aggregate limit.
    pub fn limit_at_stake(&self, responding: &[Coverage]) -> Cents {
        let covered = responding.iter().map(|c| self.coverages[*c as usize]).filter(|own| own.covered);
        let sublimits: Cents = covered.map(|own| own.sublimit).sum();
        let retained = match sublimits {
            Cents::UNLIMITED => sublimits,
            // A franchise is borne only by claims up to it; a maximum of a year may be used up before the claim.
            bounded if self.retention_franchise || self.retention_aggregate != Cents::UNLIMITED => bounded,
            bounded => bounded.above(self.retention),
        };
        let above = match retained.min(self.policy_limit) {
            Cents::UNLIMITED => Cents::UNLIMITED,
            bounded => bounded.above(self.attachment),
        };
        above.min(self.limit).min(self.aggregate).scale(self.share)
    }
}

/// One policy of the book.
#[derive(Clone, Debug, PartialEq)]
pub struct Policy {
    /// Unique in the book.
    pub id: String,
    /// Who is insured; several policies may share it.
    pub insured_id: String,
    /// Name for reading; may be blank.
    pub insured_name: String,
    /// Hosts as the book lists them, without `www.`, sorted, each once; may be none.
    pub hosts: Vec<String>,
    /// The domains that they stand for: what the inventory is made by. See [`super::domains`].
    pub domains: Vec<String>,
    /// NAICS code, 2 to 6 digits; may be blank.
    pub industry: String,
    /// ISO 3166 two-letter code; may be blank.
    pub country: String,
    /// Revenue a year, in the policy's currency.
    pub revenue: Option<Cents>,
    /// Employees.
    pub employees: Option<u64>,
    /// Personal records held.
    pub records: Option<u64>,
    /// ISO 4217.
    pub currency: String,
    /// First day in force.
    pub inception: Date,
    /// First day no longer in force.
    pub expiry: Date,
    /// Premium for the period.
    pub premium: Cents,
    /// Financial terms.
    pub terms: Terms,
    /// Terms of its account.
    pub account: AccountTerms,
    /// Line of business, for the scope of treaties; may be blank.
    pub line: String,
}

impl Policy {
    /// In force on `day`: from inception, up to but without the day of expiry.
    pub fn in_force(&self, day: Date) -> bool {
        self.inception <= day && day < self.expiry
    }
}

/// Bands of annual revenue in US dollars.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum RevenueBand {
    /// Below 10 million.
    Under10M,
    /// 10 to 50 million.
    From10M,
    /// 50 to 300 million.
    From50M,
    /// 300 million to 2 billion.
    From300M,
    /// 2 to 10 billion.
    From2B,
    /// 10 billion and more.
    From10B,
    /// No revenue given.
    Unknown,
}

impl RevenueBand {
    /// All, from small to large.
    pub const ALL: [RevenueBand; 7] = [
        RevenueBand::Under10M,
        RevenueBand::From10M,
        RevenueBand::From50M,
        RevenueBand::From300M,
        RevenueBand::From2B,
        RevenueBand::From10B,
        RevenueBand::Unknown,
    ];

    /// The band of a revenue in US dollars.
    pub fn of(dollars: Option<f64>) -> RevenueBand {
        match dollars {
            None => RevenueBand::Unknown,
            Some(r) if r < 10e6 => RevenueBand::Under10M,
            Some(r) if r < 50e6 => RevenueBand::From10M,
            Some(r) if r < 300e6 => RevenueBand::From50M,
            Some(r) if r < 2e9 => RevenueBand::From300M,
            Some(r) if r < 10e9 => RevenueBand::From2B,
            Some(_) => RevenueBand::From10B,
        }
    }

    /// For tables and reports.
    pub fn words(self) -> &'static str {
        match self {
            RevenueBand::Under10M => "<10M",
            RevenueBand::From10M => "10M-50M",
            RevenueBand::From50M => "50M-300M",
            RevenueBand::From300M => "300M-2B",
            RevenueBand::From2B => "2B-10B",
            RevenueBand::From10B => ">10B",
            RevenueBand::Unknown => "unknown",
        }
    }
}

/// The sector of a NAICS code, by its first two digits (US Census Bureau, NAICS 2022).
pub fn sector(naics: &str) -> &'static str {
    match naics.get(..2).unwrap_or("") {
        "11" => "agriculture",
        "21" => "mining",
        "22" => "utilities",
        "23" => "construction",
        "31" | "32" | "33" => "manufacturing",
        "42" => "wholesale",
        "44" | "45" => "retail",
        "48" | "49" => "transport",
        "51" => "information",
        "52" => "finance and insurance",
        "53" => "real estate",
        "54" => "professional services",
        "55" => "management",
        "56" => "administrative services",
        "61" => "education",
        "62" => "healthcare",
        "71" => "entertainment",
        "72" => "hospitality",
        "81" => "other services",
        "92" => "public administration",
        _ => "unknown",
    }
}

#[cfg(test)]
pub mod testing {
    //! Policies for tests.
    use super::*;

    /// A plain policy of `insured` that lists `hosts`: 1 M limit, 10,000 retention, in force in 2021.
    pub fn policy(insured: &str, hosts: &[&str]) -> Policy {
        let limit = Cents(100_000_000);
        Policy {
            id: format!("P-{insured}"),
            insured_id: insured.to_string(),
            insured_name: String::new(),
            hosts: hosts.iter().map(|h| h.to_string()).collect(),
            domains: hosts.iter().map(|h| h.to_string()).collect(),
            industry: "44".into(),
            country: "US".into(),
            revenue: Some(Cents(1_000_000_000)),
            employees: None,
            records: None,
            currency: "USD".into(),
            inception: jiff::civil::date(2020, 7, 1),
            expiry: jiff::civil::date(2021, 7, 1),
            premium: Cents(500_000),
            terms: Terms {
                limit,
                aggregate: limit,
                retention: Cents(1_000_000),
                attachment: Cents::ZERO,
                share: 1.0,
                ..Terms::default()
            }
            .waiting(Waiting { hours: 8.0, ..Waiting::default() }),
            account: AccountTerms::default(),
            line: String::new(),
        }
    }
}
