//! Treaties as they are written: a TOML file, checked and brought to the reporting currency.

use std::path::Path;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::meant::meant;
use super::places::Places;
use super::programme::ScopePart;
use super::source::{Broken, Source};
use super::{Ceded, Layer, Programme, Reinstatements, RiskLevel, Scope, Treaty};
use crate::catalogue::parse_toml;
use crate::fault::{Failure, did_you_mean_or};
use crate::money::{Cents, Share};
use crate::portfolio::{Rates, currency};

/// A programme of treaties.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ProgrammeFile {
    /// Currency of amounts of treaties that name none [default: the reporting currency].
    #[serde(default)]
    pub currency: Option<String>,
    /// Treaties. Those of one inuring number apply in this order.
    pub treaty: Vec<TreatyWording>,
}

/// What sort of treaty it is. All kinds follow one formula; the kind says which terms must be there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TreatyKind {
    /// A share of every loss (OED `QS`).
    #[default]
    QuotaShare,
    /// A share of each risk that is larger than a retained line (OED `SS`).
    Surplus,
    /// Excess of loss for each risk (OED `PR`).
    RiskExcess,
    /// For named policies, insureds or locations alone (OED `FAC`).
    Facultative,
    /// Excess of loss for each occurrence (OED `CXL`).
    EventExcess,
    /// Excess of the losses of a year (OED `AXL`).
    AggregateExcess,
}

/// One treaty. Amounts are of 100 % of it, in units of its currency. A limit that is not given is none.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct TreatyWording {
    /// For reading; unique in the file.
    pub name: String,
    /// Kind.
    pub kind: TreatyKind,
    /// Treaties with a lower number come first and inure to the benefit of those after them.
    pub inuring: u32,
    /// Ceded share: of each loss, before any other term [default: all of it]. A quota share needs it, or `placed`.
    pub ceded: Option<f64>,
    /// Placed share: of the recovery, after all other terms [default: all of it].
    pub placed: Option<f64>,
    /// The reinsurer's share of what is placed.
    pub treaty_share: f64,
    /// What counts as one risk.
    pub risk: RiskLevel,
    /// Each risk in an occurrence: attachment.
    pub risk_attachment: f64,
    /// Each risk in an occurrence: limit.
    pub risk_limit: Option<f64>,
    /// Each occurrence: attachment.
    pub occurrence_attachment: f64,
    /// Each occurrence: limit.
    pub occurrence_limit: Option<f64>,
    /// Annual aggregate deductible, or the attachment of an aggregate excess.
    pub annual_deductible: f64,
    /// Annual aggregate limit.
    pub annual_limit: Option<f64>,
    /// Reinstatements of the limit that the treaty covers: of an excess by risk and a facultative one the risk limit, of others
    /// the occurrence limit (the other of the two where it has only that). The charge for each is a share of the premium, pro
    /// rata as to amount and 100 % as to time; 0 is free. An empty list: the limit once a year. Not given: reinstated without end
    /// and free. Beside n reinstatements an `annual_limit` must be n + 1 times the limit.
    pub reinstatements: Option<Vec<f64>>,
    /// Premium that reinstatements are charged on.
    pub premium: f64,
    /// Surplus: the line that is kept of each risk's sum insured, which is that of all its policies and layers.
    pub retained_line: Option<f64>,
    /// Surplus: how many lines the treaty takes above the retained one.
    pub lines: Option<f64>,
    /// ISO 4217 [default: the file's].
    pub currency: Option<String>,
    /// What it covers [default: everything].
    pub scope: Scope,
    /// Shares that differ by risk, in the place of `scope` and `ceded`.
    pub cession: Vec<CessionWording>,
}

/// A part of the scope with a ceded share of its own.
#[derive(Clone, Debug, Default, PartialEq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct CessionWording {
    /// Ceded share of its risks; must be given.
    pub ceded: Option<f64>,
    /// What it covers.
    pub scope: Scope,
}

impl Default for TreatyWording {
    fn default() -> TreatyWording {
        TreatyWording {
            name: String::new(),
            kind: TreatyKind::QuotaShare,
            inuring: 1,
            ceded: None,
            placed: None,
            treaty_share: 1.0,
            risk: RiskLevel::Policy,
            risk_attachment: 0.0,
            risk_limit: None,
            occurrence_attachment: 0.0,
            occurrence_limit: None,
            annual_deductible: 0.0,
            annual_limit: None,
            reinstatements: None,
            premium: 0.0,
            retained_line: None,
            lines: None,
            currency: None,
            scope: Scope::default(),
            cession: Vec::new(),
        }
    }
}

/// Reads a programme file.
///
/// # Errors
/// When it can't be read, has an unknown key, or a treaty breaks a rule: a treaty is never left out.
pub fn read_toml(path: &Path, rates: &Rates) -> Result<Programme, Failure> {
    let text = std::fs::read_to_string(path).map_err(|e| Failure::io("read", path, &e))?;
    let name = path.display().to_string();
    let written = parse_toml(&name, &text).map_err(|failure| meant(failure, &name, &text))?;
    Ok(resolve(&Source::of_toml(&name, &text), written, rates)?.written(Places::of_toml(&name, &text)))
}

/// The programme of a file's treaties.
///
/// # Errors
/// When one breaks a rule, with its name and the rule.
pub fn resolve(source: &Source, written: ProgrammeFile, rates: &Rates) -> Result<Programme, Failure> {
    let mut treaties: Vec<Treaty> = Vec::with_capacity(written.treaty.len());
    for (at, mut wording) in written.treaty.into_iter().enumerate() {
        wording.currency = wording.currency.or_else(|| written.currency.clone());
        let told = |broken: &Broken| source.told(at, &wording.name, broken);
        let treaty = wording.resolve(rates).map_err(|broken| told(&broken))?;
        if treaties.iter().any(|other| other.name == treaty.name) {
            let hint = "give each a name of its own: results are by name";
            return Err(told(&Broken::new("name", "two treaties have this `name`", hint)));
        }
        treaties.push(treaty);
    }
    if treaties.is_empty() {
        return Err(Failure::new(format!("{}: there is no treaty in it", source.file))
            .hint("each begins with [[treaty]] in TOML, and is a row of an OED reinsurance info file"));
    }
    Ok(Programme::new(treaties))
}

impl TreatyWording {
    /// The treaty in the reporting currency.
    ///
    /// # Errors
    /// When an amount or share is out of range, or a term that the kind needs is missing.
    fn resolve(&self, rates: &Rates) -> Result<Treaty, Broken> {
        self.check()?;
        let code = self.currency.as_deref().unwrap_or(&rates.reporting).to_ascii_uppercase();
        if !currency::is_known(&code) {
            let meant =
                did_you_mean_or(&code, currency::CODES.split_whitespace(), || "use ISO 4217, such as USD".into());
            return Err(Broken::new("currency", format!("`currency` = \"{code}\": unknown currency"), meant));
        }
        if rates.rate(&code).is_none() {
            let rule = format!("`currency` = \"{code}\": no rate into {}", rates.reporting);
            return Err(Broken::new("currency", rule, format!("give one, such as --rate {code}=1.0842")));
        }
        let amount = |key: &'static str, units: f64| money(key, units).map(|cents| rates.convert(cents, &code));
        let limit =
            |key: &'static str, units: Option<f64>| units.map_or(Ok(Cents::UNLIMITED), |units| amount(key, units));
        let risk = Layer {
            attachment: amount("risk_attachment", self.risk_attachment)?,
            limit: limit("risk_limit", self.risk_limit)?,
        };
        let occurrence = Layer {
            attachment: amount("occurrence_attachment", self.occurrence_attachment)?,
            limit: limit("occurrence_limit", self.occurrence_limit)?,
        };
        let premium = amount("premium", self.premium)?;
        let annual_limit = limit("annual_limit", self.annual_limit)?;
        let reinstatements = self.reinstatements(risk, occurrence, premium)?;
        let annual = Layer {
            attachment: amount("annual_deductible", self.annual_deductible)?,
            limit: reinstatements.as_ref().map_or(annual_limit, Reinstatements::annual_limit),
        };
        let placed = share("placed", self.placed.unwrap_or(1.0))?.times(share("treaty_share", self.treaty_share)?);
        let ceded = self.ceded(&amount)?;
        let scope = self.scope_parts()?;
        Ok(Treaty {
            name: self.name.clone(),
            inuring: self.inuring,
            ceded,
            level: self.risk,
            risk,
            occurrence,
            annual,
            reinstatements,
            placed,
            scope,
        })
    }

    fn ceded(&self, amount: &dyn Fn(&'static str, f64) -> Result<Cents, Broken>) -> Result<Ceded, Broken> {
        if let Some(first) = self.cession.first().map(CessionWording::share) {
            let same = self.cession.iter().all(|c| c.share() == first);
            return Ok(if same { Ceded::Share(share("ceded", first)?) } else { Ceded::ByScope });
        }
        let Some(line) = self.retained_line else {
            return Ok(Ceded::Share(share("ceded", self.ceded.unwrap_or(1.0))?));
        };
        let retained = amount("retained_line", line)?;
        let capacity = amount("lines", line * self.lines.unwrap_or_default())?;
        Ok(Ceded::Surplus { retained, capacity })
    }

    fn scope_parts(&self) -> Result<Vec<ScopePart>, Broken> {
        if self.cession.is_empty() {
            return Ok(vec![ScopePart { scope: self.scope.normal(), ceded: None }]);
        }
        let part = |c: &CessionWording| {
            share("ceded", c.share()).map(|ceded| ScopePart { scope: c.scope.normal(), ceded: Some(ceded) })
        };
        self.cession.iter().map(part).collect()
    }

    /// The limit that is reinstated. An excess by risk covers each risk up to its limit, and "a reinstatement clause 'reinstates'
    /// the existing cover" (Chartered Insurance Institute, study text M97 *Reinsurance*, 2018–19, section 5E, p. 5/21): what an
    /// event may cost at most is a bound on that cover, not another cover. Of other kinds the cover is of the occurrence.
    fn reinstated(&self) -> Option<(&'static str, f64)> {
        let by_risk = self.risk_limit.map(|limit| ("risk_limit", limit));
        let by_occurrence = self.occurrence_limit.map(|limit| ("occurrence_limit", limit));
        match self.kind {
            TreatyKind::RiskExcess | TreatyKind::Facultative => by_risk.or(by_occurrence),
            _ => by_occurrence.or(by_risk),
        }
    }

    fn reinstatements(&self, risk: Layer, occurrence: Layer, premium: Cents) -> Result<Option<Reinstatements>, Broken> {
        let Some(charges) = &self.reinstatements else { return Ok(None) };
        let broken = |rule: String, hint: &str| Err(Broken::new("reinstatements", rule, hint));
        let Some((key, units)) = self.reinstated() else {
            return broken(
                "`reinstatements` of a limit that is not given".into(),
                "give `occurrence_limit` or, of an excess by risk, `risk_limit`",
            );
        };
        let limit = if key == "risk_limit" { risk.limit } else { occurrence.limit };
        let billionths = |charge: &f64| {
            (charge.is_finite() && (0.0..=10.0).contains(charge)).then(|| (charge * 1e9).round() as u64).ok_or_else(
                || {
                    let rule = format!("`reinstatements`: a charge of {charge} lies outside [0, 10]");
                    Broken::new("reinstatements", rule, "a charge is a share of the premium: 1 is 100 %, 0 is free")
                },
            )
        };
        let charges = charges.iter().map(billionths).collect::<Result<Vec<u64>, Broken>>()?;
        let (many, paid) = (charges.len(), charges.iter().any(|charge| *charge > 0));
        let most = units * (many as f64 + 1.0);
        match self.annual_limit {
            Some(annual) if (annual - most).abs() >= 0.005 => broken(
                format!("{many} `reinstatements` of `{key}` = {units} and `annual_limit` = {annual} do not agree"),
                &format!(
                    "they are {} times the limit, {most}, in a year: leave `annual_limit` out or give that",
                    many + 1
                ),
            ),
            _ if paid && premium == Cents::ZERO => broken(
                "paid `reinstatements` without a `premium`".into(),
                "give `premium`, or charges of 0 for free reinstatements",
            ),
            _ => Ok(Some(Reinstatements { limit, premium, charges })),
        }
    }
}

impl CessionWording {
    /// The share that is given.
    fn share(&self) -> f64 {
        self.ceded.unwrap_or_default()
    }
}

fn money(key: &'static str, units: f64) -> Result<Cents, Broken> {
    Cents::from_units(units).filter(|cents| *cents >= Cents::ZERO).ok_or_else(|| {
        let rule = format!("`{key}` = {units}: not an amount of at least zero that fits 64 bits");
        Broken::new(key, rule, "amounts are of 100 %, in units of the treaty's currency, such as 1_000_000")
    })
}

fn share(key: &'static str, share: f64) -> Result<Share, Broken> {
    Share::of_decimal(share)
        .ok_or_else(|| Broken::new(key, format!("`{key}` = {share}: a share lies in [0, 1]"), "write 12 % as 0.12"))
}
