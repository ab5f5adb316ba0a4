//! Frequency models by segment: incidents a policy-year, with credibility against the wider segment.

use std::collections::{BTreeMap, BTreeSet};

use foldhash::{HashMap, HashMapExt};

use super::estimation::{Between, between};
use super::exposure::PolicyYears;
use super::incident::Incident;
use super::interval::{Interval, LEVEL};
use super::segment::Segment;
use crate::fit::credibility::{Centre, Credibility, Member, Observation, Within, buhlmann_straub};
use crate::fit::frequency::{Cell as Count, CountFamily, FrequencyFit, Options, fit};
use crate::random::normal;
use crate::table::{Cell, Kind, Record, Table, column};

/// How often a segment has an incident.
#[derive(Clone, Debug, PartialEq)]
pub struct FrequencyModel {
    /// The segment.
    pub segment: Segment,
    /// Incidents in years with exposure.
    pub incidents: u64,
    /// Policy-years.
    pub policy_years: f64,
    /// Years with exposure.
    pub years: u64,
    /// All families, and the one that was chosen.
    pub fit: FrequencyFit,
    /// Trend a year of the logarithm of the rate, with its standard error.
    pub trend: Option<(f64, f64)>,
    /// Credibility of the own rate against the parent's.
    pub weight: f64,
    /// The wider segment; nothing of all.
    pub parent: Option<Segment>,
    /// Rate after credibility.
    pub rate: f64,
    /// Its standard error.
    pub rate_error: f64,
    /// Where the incidents come from.
    pub source: String,
}

impl FrequencyModel {
    /// Interval of the segment's own rate.
    pub fn own(&self) -> Interval {
        Interval { low: self.fit.rate.low, high: self.fit.rate.high }
    }

    /// Log-likelihood of a family; nothing with no incidents.
    fn log_likelihood(&self, family: CountFamily) -> Option<f64> {
        self.fit.candidates.iter().find(|c| c.family == family).map(|c| c.criteria.log_likelihood)
    }

    /// The p-value of Poisson against the better negative binomial.
    fn p_poisson(&self) -> Option<f64> {
        self.fit.candidates.iter().filter(|c| c.family != CountFamily::Poisson).map(|c| c.p_value).reduce(f64::min)
    }

    /// Interval of the rate after credibility: normal on the logarithm, or from nought where the error is as large as the rate.
    pub fn interval(&self) -> Interval {
        if self.parent.is_none() || self.weight >= 1.0 {
            return self.own();
        }
        if self.rate <= 0.0 {
            let z = normal::quantile(LEVEL);
            return Interval { low: 0.0, high: z * self.rate_error };
        }
        let half = normal::quantile(0.5 + LEVEL / 2.0) * self.rate_error / self.rate;
        Interval { low: self.rate * libm::exp(-half), high: self.rate * libm::exp(half) }
    }
}

impl Record for FrequencyModel {
    const TABLE: Table = Table {
        name: "frequency models",
        meaning: "One row a segment: incidents a policy-year once all are reported, Poisson or negative binomial, with 90 % intervals.",
        columns: &[
            column("cause", Kind::Text, "", true, "Root cause, or all"),
            column("revenue_band", Kind::Text, "", true, "Revenue band, or all"),
            column("industry", Kind::Text, "", true, "Sector, or all"),
            column("incidents", Kind::Integer, "", true, "Incidents in years with exposure"),
            column("policy_years", Kind::Number, "years", true, "Exposure"),
            column("years", Kind::Integer, "", true, "Years with exposure"),
            column(
                "family",
                Kind::Text,
                "",
                true,
                "poisson; negative_binomial: policy-years vary by themselves, variance = mean × (1 + dispersion); shared_negative_binomial: a year varies as a whole, variance = mean + dispersion × mean²; chosen by likelihood at 5 %",
            ),
            column("own_rate", Kind::Number, "a policy-year", true, "Rate of the segment alone, maximum likelihood"),
            column("own_rate_low", Kind::Number, "a policy-year", true, "Lower end"),
            column("own_rate_high", Kind::Number, "a policy-year", true, "Upper end"),
            column("dispersion", Kind::Number, "", true, "Of the family; 0 for Poisson"),
            column("log_likelihood_poisson", Kind::Number, "", false, "Maximum; blank without incidents"),
            column("log_likelihood_negative_binomial", Kind::Number, "", false, "Maximum"),
            column("log_likelihood_shared_negative_binomial", Kind::Number, "", false, "Maximum"),
            column(
                "p_poisson",
                Kind::Share,
                "",
                false,
                "p-value of Poisson against the better negative binomial (half of χ²₁)",
            ),
            column("trend", Kind::Number, "a year", false, "Change of the logarithm of the rate"),
            column("trend_error", Kind::Number, "a year", false, "Its standard error"),
            column("weight", Kind::Share, "", true, "Credibility (Bühlmann–Straub) of the own rate"),
            column("parent", Kind::Text, "", false, "The wider segment that it is pulled to"),
            column("rate", Kind::Number, "a policy-year", true, "Rate after credibility"),
            column("rate_error", Kind::Number, "a policy-year", true, "Its standard error"),
            column("rate_low", Kind::Number, "a policy-year", true, "Lower end"),
            column("rate_high", Kind::Number, "a policy-year", true, "Upper end"),
            column("source", Kind::Text, "", true, "Where the incidents come from"),
        ],
    };

    fn cells(&self) -> Vec<Cell> {
        let number = |x: f64| if x.is_finite() { Cell::Number(x) } else { Cell::Null };
        let maybe = |x: Option<f64>| x.map_or(Cell::Null, number);
        let model = self.fit.estimate.model();
        let ends = self.interval();
        let mut cells = self.segment.cells().to_vec();
        cells.extend([
            Cell::Integer(self.incidents as i64),
            number(self.policy_years),
            Cell::Integer(self.years as i64),
            Cell::text(model.family.as_str()),
            number(self.fit.rate.value),
            number(self.fit.rate.low),
            number(self.fit.rate.high),
            number(model.dispersion),
            maybe(self.log_likelihood(CountFamily::Poisson)),
            maybe(self.log_likelihood(CountFamily::NegativeBinomial)),
            maybe(self.log_likelihood(CountFamily::SharedNegativeBinomial)),
            maybe(self.p_poisson()),
            self.trend.map_or(Cell::Null, |(slope, _)| number(slope)),
            self.trend.map_or(Cell::Null, |(_, error)| number(error)),
            number(self.weight),
            Cell::text(self.parent.map_or(String::new(), |p| p.to_string())),
            number(self.rate),
            number(self.rate_error),
            number(ends.low),
            number(ends.high),
            Cell::text(&self.source),
        ]);
        cells
    }
}

/// Frequency models of every segment that has exposure of its own, where exposure is given; `developed` says of each year
/// how many incidents are expected ever ÷ reported so far.
pub fn frequencies(
    incidents: &[Incident],
    exposure: &[PolicyYears],
    developed: &BTreeMap<i16, f64>,
    source: &str,
) -> Vec<FrequencyModel> {
    let counts = counts(incidents);
    let covered = covered(exposure);
    let mut segments: BTreeSet<Segment> = counts.keys().map(|(segment, _)| *segment).collect();
    segments.extend(covered.keys().map(|(segment, _)| *segment));
    let mut own: BTreeMap<Segment, Own> = BTreeMap::new();
    for segment in segments {
        let place = Segment { cause: None, ..segment };
        let years = covered.range((place, i16::MIN)..=(place, i16::MAX)).filter(|(_, e)| **e > 0.0);
        let cells: Vec<Count> = years
            .map(|((_, year), exposure)| Count {
                claims: counts.get(&(segment, *year)).copied().unwrap_or(0),
                exposure: exposure / developed.get(year).copied().unwrap_or(1.0),
                time: f64::from(*year),
            })
            .collect();
        if let Ok(fit) = fit(&cells, &Options::default()) {
            own.insert(segment, Own { fit, policy_years: covered_years(&covered, place), cells });
        }
    }
    with_credibility(&own, source)
}

/// Incidents by segment and year.
fn counts(incidents: &[Incident]) -> BTreeMap<(Segment, i16), u64> {
    let mut finest: HashMap<_, (u64, [Segment; 6])> = HashMap::new();
    for incident in incidents {
        let key = (incident.cause, incident.band(), incident.industry, incident.year);
        finest.entry(key).or_insert_with(|| (0, Segment::of(incident))).0 += 1;
    }
    let mut counts = BTreeMap::new();
    for ((.., year), (n, segments)) in finest {
        segments.into_iter().for_each(|s| *counts.entry((s, year)).or_default() += n);
    }
    counts
}

/// What a segment's own data say.
struct Own {
    fit: FrequencyFit,
    policy_years: f64,
    cells: Vec<Count>,
}

impl Own {
    fn observations(&self) -> Vec<Observation> {
        let value = |c: &Count| Observation { value: c.claims as f64 / c.exposure, weight: c.exposure };
        self.cells.iter().map(value).collect()
    }

    /// Trend a year of the logarithm of the rate, from three years on; its error takes the dispersion of the family.
    fn trend(&self) -> Option<(f64, f64)> {
        if self.cells.len() < 3 || self.fit.claims < 3 {
            return None;
        }
        let middle = self.cells.iter().map(|c| c.time).sum::<f64>() / self.cells.len() as f64;
        let trend = fit(&self.cells, &Options { trend_at: Some(middle), family: None }).ok()?.trend?;
        Some((trend.slope.value, trend.slope.standard_error))
    }
}

fn covered_years(covered: &BTreeMap<(Segment, i16), f64>, place: Segment) -> f64 {
    covered.range((place, i16::MIN)..=(place, i16::MAX)).map(|(_, e)| e).sum()
}

/// Policy-years by segment (of all causes) and year. Segments finer than the table tells have none.
fn covered(exposure: &[PolicyYears]) -> BTreeMap<(Segment, i16), f64> {
    let bands = exposure.iter().all(|e| e.band.is_some());
    let industries = exposure.iter().all(|e| e.industry.is_some());
    let mut covered: BTreeMap<(Segment, i16), f64> = BTreeMap::new();
    for row in exposure {
        let mut places = vec![Segment::ALL];
        places.extend(bands.then_some(Segment { band: row.band, ..Segment::ALL }));
        places.extend((bands && industries).then_some(Segment { cause: None, band: row.band, industry: row.industry }));
        for place in places {
            *covered.entry((place, row.year)).or_default() += row.policy_years;
        }
    }
    covered
}

/// Pulls each segment to its parent, from the widest down. A cause is a part of all incidents and not an instance of
/// them: it has no parent to be pulled to.
fn with_credibility(own: &BTreeMap<Segment, Own>, source: &str) -> Vec<FrequencyModel> {
    let mut siblings: BTreeMap<Segment, Option<(Vec<Segment>, Credibility)>> = BTreeMap::new();
    let mut rates: BTreeMap<Segment, (f64, f64)> = BTreeMap::new();
    let mut order: Vec<Segment> = own.keys().copied().collect();
    order.sort_by_key(|s| (u8::from(s.band.is_some()) + u8::from(s.industry.is_some()), *s));
    let mut models = Vec::new();
    for segment in order {
        let data = &own[&segment];
        let parent = segment.parent().filter(|p| p.cause == segment.cause && own.contains_key(p));
        let pulled = parent.and_then(|parent| {
            let (names, credibility) = siblings.entry(parent).or_insert_with(|| children(own, parent)).as_ref()?;
            let member = credibility.members.get(names.iter().position(|name| *name == segment)?)?;
            let (above, above_error) = rates.get(&parent).copied()?;
            let information = information(member, credibility);
            let variance = between_of(credibility).width(information, member.credibility, above_error * above_error);
            let rate = member.credibility * member.mean + (1.0 - member.credibility) * above;
            Some((member.credibility, rate, variance.sqrt()))
        });
        let (weight, rate, error) = pulled.unwrap_or((1.0, data.fit.rate.value, data.fit.rate.standard_error));
        rates.insert(segment, (rate, error));
        models.push(FrequencyModel {
            segment,
            incidents: data.fit.claims,
            policy_years: data.policy_years,
            years: data.cells.len() as u64,
            fit: data.fit.clone(),
            trend: data.trend(),
            weight,
            parent: parent.filter(|_| pulled.is_some()),
            rate,
            rate_error: error,
            source: source.to_string(),
        });
    }
    models.sort_by_key(|m| m.segment);
    models
}

/// The variance between segments with its error: Bühlmann and Straub's estimate is the moment estimate with information
/// exposure ÷ variance within.
fn between_of(credibility: &Credibility) -> Between {
    let own = credibility.members.iter().map(|m| [m.mean, information(m, credibility)]).collect();
    between([own].into_iter())
}

/// What a segment's own years tell of its rate; nothing where nobody has had an incident.
fn information(member: &Member, credibility: &Credibility) -> f64 {
    if credibility.within > 0.0 { member.weight / credibility.within } else { 0.0 }
}

/// A parent's segments with their credibility. The variance within is that of the spread between years, and at least the mean:
/// counts vary no less than a Poisson's.
fn children(own: &BTreeMap<Segment, Own>, parent: Segment) -> Option<(Vec<Segment>, Credibility)> {
    let children = || own.iter().filter(|(s, _)| s.parent() == Some(parent) && s.cause == parent.cause);
    let observations: Vec<Vec<Observation>> = children().map(|(_, data)| data.observations()).collect();
    let with = |within| buhlmann_straub(&observations, within, Centre::Exposure);
    let poisson = with(Within::Poisson).ok()?;
    let spread = with(Within::Spread).ok().filter(|spread| spread.within > poisson.within);
    Some((children().map(|(segment, _)| *segment).collect(), spread.unwrap_or(poisson)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::incidents::Cause;
    use crate::portfolio::RevenueBand;

    fn some(n: u64, year: i16, revenue: f64) -> Vec<Incident> {
        (0..n)
            .map(|_| Incident { revenue: Some(revenue), industry: "retail", ..Incident::new(year, Cause::Email) })
            .collect()
    }

    fn years(band: RevenueBand, policy_years: f64) -> Vec<PolicyYears> {
        (2018..2022)
            .map(|year| PolicyYears { year, industry: Some("retail"), band: Some(band), policy_years })
            .collect()
    }

    /// A large band with its own experience and a thin one with a single incident: the thin one is pulled to all.
    #[test]
    fn a_thin_segment_is_pulled_to_its_parent_with_the_weight_shown() {
        let mut all = Vec::new();
        for year in 2018..2022 {
            all.extend(some(20 + (year as u64 % 3), year, 5e6));
            all.extend(some(60 + (year as u64 % 2) * 4, year, 20e6));
        }
        all.extend(some(1, 2019, 100e6));
        let exposure = [
            years(RevenueBand::Under10M, 2_000.0),
            years(RevenueBand::From10M, 1_000.0),
            years(RevenueBand::From50M, 2.0),
        ]
        .concat();
        let models = frequencies(&all, &exposure, &BTreeMap::new(), "made");
        let of = |band| models.iter().find(|m| m.segment == Segment { band: Some(band), ..Segment::ALL }).unwrap();
        let (small, thin) = (of(RevenueBand::Under10M), of(RevenueBand::From50M));
        let whole = models.iter().find(|m| m.segment == Segment::ALL).unwrap();
        assert!(small.weight > 0.9 && (small.rate - 0.0105).abs() < 0.002, "{small:?}");
        assert!(thin.weight < 0.5 && thin.rate < thin.fit.rate.value && thin.rate > whole.rate, "{thin:?}");
        assert!((whole.policy_years - 12_008.0).abs() < 1e-9 && whole.weight == 1.0);
        for m in &models {
            let ends = m.interval();
            assert!(m.rate.is_finite() && ends.low <= m.rate && m.rate <= ends.high, "{m:?}");
        }
    }

    /// Bands whose rates are alike have no variance between them as estimated, and no weight; they may still differ, and a thin
    /// one's rate is less sure than that of all.
    #[test]
    fn a_thin_segment_beside_others_like_it_is_less_sure_than_all() {
        let mut all = Vec::new();
        for year in 2018..2022 {
            all.extend(some(20 + u64::from(year % 2 == 0) * 9, year, 5e6));
            all.extend(some(21 + u64::from(year % 2 == 1) * 7, year, 20e6));
        }
        let exposure = [
            years(RevenueBand::Under10M, 1_000.0),
            years(RevenueBand::From10M, 1_000.0),
            years(RevenueBand::From50M, 3.0),
        ]
        .concat();
        let models = frequencies(&all, &exposure, &BTreeMap::new(), "made");
        let of = |segment| models.iter().find(|m| m.segment == segment).unwrap();
        let whole = of(Segment::ALL);
        let [thin, large] =
            [RevenueBand::From50M, RevenueBand::From10M].map(|band| of(Segment { band: Some(band), ..Segment::ALL }));
        assert!(thin.weight == 0.0 && thin.rate == whole.rate, "{thin:?}");
        assert!(thin.rate_error > 1.1 * whole.rate_error && thin.rate_error > large.rate_error, "{thin:?} {whole:?}");
        assert!(thin.rate_error < whole.rate, "{thin:?}");
    }

    #[test]
    fn no_incident_has_an_upper_end_and_no_exposure_no_model() {
        let models = frequencies(&[], &years(RevenueBand::Under10M, 100.0), &BTreeMap::new(), "made");
        let whole = models.iter().find(|m| m.segment == Segment::ALL).unwrap();
        // Half an incident over the exposure, at most 3.0 over it.
        assert!((whole.rate - 0.5 / 400.0).abs() < 1e-12, "{whole:?}");
        assert!((whole.interval().high - 2.9957 / 400.0).abs() < 1e-5, "{whole:?}");
        assert!(frequencies(&some(3, 2019, 5e6), &[], &BTreeMap::new(), "made").is_empty());
    }

    #[test]
    fn late_reporting_raises_the_rate() {
        let all = some(10, 2021, 5e6);
        let exposure = years(RevenueBand::Under10M, 100.0);
        let of = |factor| {
            let models = frequencies(&all, &exposure, &BTreeMap::from([(2021, factor)]), "made");
            models.iter().find(|m| m.segment == Segment::ALL).unwrap().fit.rate.value
        };
        assert!(of(2.0) > of(1.0));
    }
}
