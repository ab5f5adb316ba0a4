//! Terms that a kind of treaty can't do without: without them it would cede everything, or nothing, and not say so.

use super::source::Broken;
use super::{RiskLevel, Scope, TreatyKind, TreatyWording};

impl TreatyWording {
    /// Terms that the kind needs, or has no use for.
    pub(super) fn check(&self) -> Result<(), Broken> {
        let found = [self.of_every_kind(), self.share(), self.of_a_surplus(), self.reinstating(), self.of_its_kind()];
        found.into_iter().flatten().next().map_or(Ok(()), Err)
    }

    fn of_every_kind(&self) -> Option<Broken> {
        let limits = [
            ("risk_limit", self.risk_limit),
            ("occurrence_limit", self.occurrence_limit),
            ("annual_limit", self.annual_limit),
        ];
        let nothing = limits.into_iter().find(|(_, limit)| *limit == Some(0.0));
        match nothing {
            _ if self.name.trim().is_empty() => {
                Some(Broken::new("name", "it has no name", "name = \"…\": results are by name"))
            }
            _ if self.inuring == 0 => {
                Some(Broken::new("inuring", "inuring numbers begin at 1", "the first to apply has 1"))
            }
            Some((key, _)) => {
                let rule = format!("`{key}` = 0: a limit of nothing pays nothing");
                Some(Broken::new(key, rule, format!("leave `{key}` out where there is no limit")))
            }
            None => None,
        }
    }

    /// A share by risk stands in the place of the treaty's own.
    fn share(&self) -> Option<Broken> {
        let own = !self.cession.is_empty();
        let instead = || {
            let rule = "[[treaty.cession]] stands in the place of `scope` and `ceded`: give one of the two";
            Broken::new("cession", rule, "each [[treaty.cession]] has a `ceded` and a `scope` of its own")
        };
        let without = || {
            let rule = "a [[treaty.cession]] has no `ceded`: nothing would be ceded of its risks";
            Broken::new("cession", rule, "give each its share, such as ceded = 0.3")
        };
        let both = || {
            let rule = "`retained_line` and [[treaty.cession]]: give one of the two";
            Broken::new("retained_line", rule, "a surplus works its shares out of `retained_line`, or is given them")
        };
        match () {
            () if own && (self.scope != Scope::default() || self.ceded.is_some()) => Some(instead()),
            () if self.cession.iter().any(|cession| cession.ceded.is_none()) => Some(without()),
            () if own && self.retained_line.is_some() => Some(both()),
            () => None,
        }
    }

    fn of_a_surplus(&self) -> Option<Broken> {
        let (line, lines) = (self.retained_line.is_some(), self.lines.is_some());
        let hint = "`retained_line` = 500_000 and `lines` = 3 take up to 1,500,000 of a risk above 500,000";
        let broken = |key, rule: &str| Some(Broken::new(key, rule, hint));
        match self.kind {
            TreatyKind::Surplus if line != lines => broken("lines", "a surplus needs both `retained_line` and `lines`"),
            TreatyKind::Surplus if !line && self.cession.is_empty() => {
                broken("kind", "a surplus needs `retained_line` and `lines`, or [[treaty.cession]]")
            }
            TreatyKind::Surplus if line && self.ceded.is_some() => Some(Broken::new(
                "ceded",
                "`ceded` beside `retained_line`: a surplus cedes of each risk what its sum insured says",
                "leave `ceded` out; a share of what the treaty pays is `placed`",
            )),
            TreatyKind::Surplus if self.retained_line == Some(0.0) || self.lines == Some(0.0) => {
                broken("lines", "a surplus of no line")
            }
            TreatyKind::Surplus if line && self.risk == RiskLevel::All => Some(Broken::new(
                "risk",
                "`risk` = \"all\": a surplus keeps a line of each risk",
                "`risk` is policy, insured or location",
            )),
            TreatyKind::Surplus => None,
            _ if line || lines => Some(Broken::new(
                "retained_line",
                "`retained_line` and `lines` belong to a surplus",
                "kind = \"surplus\"; what is kept below an excess of loss is its attachment",
            )),
            _ => None,
        }
    }

    fn reinstating(&self) -> Option<Broken> {
        let unused = self.premium > 0.0 && self.reinstatements.is_none();
        unused.then(|| {
            Broken::new(
                "premium",
                "`premium` without `reinstatements`: nothing would be charged on it",
                "`reinstatements` = [1.0] is one at 100 % of the premium, [] is the limit once a year; for free reinstatement without end leave `premium` out",
            )
        })
    }

    fn of_its_kind(&self) -> Option<Broken> {
        let shared = self.ceded.is_some() || self.placed.is_some() || !self.cession.is_empty();
        let by_risk = self.risk_attachment > 0.0 || self.risk_limit.is_some();
        let by_occurrence = self.occurrence_attachment > 0.0 || self.occurrence_limit.is_some();
        let by_year = self.annual_deductible > 0.0 || self.annual_limit.is_some();
        let named =
            self.scope.names_risks() || !self.cession.is_empty() && self.cession.iter().all(|c| c.scope.names_risks());
        let broken = |rule: &str, hint: &str| Some(Broken::new("kind", rule, hint));
        match self.kind {
            TreatyKind::QuotaShare if !shared => broken(
                "a quota share needs `ceded` or `placed`: without them it would take everything",
                "`ceded` = 0.3 before limits or `placed` = 0.3 after them; an excess of loss is `kind` `event_excess` or `risk_excess`",
            ),
            TreatyKind::RiskExcess if !by_risk => broken(
                "an excess of loss by risk needs `risk_attachment` or `risk_limit`",
                "`risk_attachment` = 1_000_000 and `risk_limit` = 4_000_000 are 4 M excess of 1 M each risk; by occurrence it is `event_excess`",
            ),
            TreatyKind::EventExcess if !by_occurrence => broken(
                "an excess of loss by event needs `occurrence_attachment` or `occurrence_limit`",
                "`occurrence_attachment` = 1_000_000 and `occurrence_limit` = 4_000_000 are 4 M excess of 1 M each occurrence; by risk it is `risk_excess`, a share of every loss is a `quota_share`",
            ),
            TreatyKind::AggregateExcess if !by_year => broken(
                "an aggregate excess needs `annual_deductible` or `annual_limit`",
                "`annual_deductible` = 2_000_000 and `annual_limit` = 5_000_000 are 5 M excess of 2 M of a year's losses",
            ),
            TreatyKind::Facultative if !named => broken(
                "a facultative treaty needs policies, insureds or locations in its scope",
                "name what is reinsured; of all risks it is a `quota_share` or a `risk_excess`",
            ),
            TreatyKind::Facultative if !(shared || by_risk || by_occurrence) => broken(
                "a facultative treaty needs `ceded` or `placed`, or terms: without them it would take everything",
                "`ceded` = 0.5 is half of it; `risk_attachment` and `risk_limit` are a layer",
            ),
            _ => None,
        }
    }
}
