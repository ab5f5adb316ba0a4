//! Segments: cause × revenue band × industry, each thin one with a parent to fall back on.

use std::fmt;

use super::cause::Cause;
use super::exposure::{band_of, sector_of};
use super::incident::Incident;
use crate::portfolio::RevenueBand;
use crate::table::{Cell, Fields};

/// A segment; nothing stands for all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Segment {
    /// Root cause.
    pub cause: Option<Cause>,
    /// Revenue band.
    pub band: Option<RevenueBand>,
    /// Sector.
    pub industry: Option<&'static str>,
}

impl Segment {
    /// Everything.
    pub const ALL: Segment = Segment { cause: None, band: None, industry: None };

    /// The segment one step wider: the industry is given up first, then the band, then the cause. Nothing is wider than all.
    pub fn parent(self) -> Option<Segment> {
        match self {
            Segment { industry: Some(_), .. } => Some(Segment { industry: None, ..self }),
            Segment { band: Some(_), .. } => Some(Segment { band: None, ..self }),
            Segment { cause: Some(_), .. } => Some(Segment::ALL),
            _ => None,
        }
    }

    /// The segments of an incident, from all to the finest: with its cause and without.
    pub fn of(incident: &Incident) -> [Segment; 6] {
        let (band, industry) = (Some(incident.band()), Some(incident.industry));
        let of_cause = |cause| {
            [
                Segment { cause, band: None, industry: None },
                Segment { cause, band, industry: None },
                Segment { cause, band, industry },
            ]
        };
        let ([a, b, c], [d, e, f]) = (of_cause(None), of_cause(Some(incident.cause)));
        [a, b, c, d, e, f]
    }

    /// Where to look for the model of an insured hit by a cause, the finest first. An event that names no cause is looked
    /// up among all causes.
    pub fn lookup(cause: Option<Cause>, band: RevenueBand, industry: &'static str) -> Vec<Segment> {
        let (band, industry) = (Some(band), Some(industry));
        let steps = |cause| {
            [(band, industry), (band, None), (None, industry), (None, None)].map(|(band, industry)| Segment {
                cause,
                band,
                industry,
            })
        };
        let mut places = Vec::new();
        places.extend(cause.map(|cause| steps(Some(cause))).into_iter().flatten());
        places.extend(steps(None));
        places
    }

    /// The three columns of a segment.
    pub fn cells(self) -> [Cell; 3] {
        [
            Cell::text(self.cause.map_or(EVERY, Cause::as_str)),
            Cell::text(self.band.map_or(EVERY, RevenueBand::words)),
            Cell::text(self.industry.unwrap_or(EVERY)),
        ]
    }

    /// Reads the three columns; blank means all, too.
    pub fn read(fields: &mut Fields) -> Segment {
        let every = |text: &str| text.is_empty() || text.eq_ignore_ascii_case(EVERY);
        let (cause, band, industry) = (fields.text("cause"), fields.text("revenue_band"), fields.text("industry"));
        let mut segment = Segment::ALL;
        if !every(cause) {
            segment.cause = Cause::parse(cause).map_err(|hint| fields.refuse("cause", "not a cause", &hint)).ok();
        }
        if !every(band) {
            segment.band = band_of(band);
            if segment.band.is_none() {
                let words = RevenueBand::ALL.map(RevenueBand::words).join(", ");
                fields.refuse("revenue_band", "no band of revenue", &format!("all, {words}"));
            }
        }
        if !every(industry) {
            segment.industry = sector_of(industry);
            if segment.industry.is_none() {
                fields.refuse("industry", "neither a NAICS code nor a sector's name", "use 2 to 6 digits, such as 62");
            }
        }
        segment
    }
}

/// The word for everything.
const EVERY: &str = "all";

impl fmt::Display for Segment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = [
            self.cause.map(|c| c.as_str().to_string()),
            self.band.map(|b| format!("revenue {}", b.words())),
            self.industry.map(str::to_string),
        ];
        let told: Vec<String> = parts.into_iter().flatten().collect();
        if told.is_empty() { f.write_str(EVERY) } else { f.write_str(&told.join(", ")) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_segment_has_a_wider_one_until_all() {
        let finest = Segment { cause: Some(Cause::Email), band: Some(RevenueBand::From10M), industry: Some("retail") };
        let mut chain = vec![finest];
        while let Some(parent) = chain[chain.len() - 1].parent() {
            chain.push(parent);
        }
        let words: Vec<String> = chain.iter().map(Segment::to_string).collect();
        assert_eq!(words, ["email, revenue 10M-50M, retail", "email, revenue 10M-50M", "email", "all"]);
    }

    #[test]
    fn the_finest_model_is_looked_for_first_and_all_last() {
        let places = Segment::lookup(Some(Cause::Email), RevenueBand::From10M, "retail");
        assert_eq!(places.len(), 8);
        assert_eq!(places[0].to_string(), "email, revenue 10M-50M, retail");
        assert_eq!((places[3].to_string(), places[7]), ("email".to_string(), Segment::ALL));
        assert!(Segment::lookup(None, RevenueBand::From10M, "retail").iter().all(|s| s.cause.is_none()));
    }
}
