//! The figures themselves: `data/statistics/figures.csv`, compiled in.

use serde::Serialize;

use crate::table::{Kind, Table, column, each_row};

/// The table of published figures.
pub const FIGURES: Table = Table {
    name: "published figures",
    meaning: "Figures of published studies, one a row.",
    columns: &[
        column("topic", Kind::Text, "", true, "What it is about"),
        column("segment_kind", Kind::Text, "", true, "What segments are of"),
        column("segment", Kind::Text, "", true, "Which segment"),
        column("statistic", Kind::Text, "", true, "What is counted or measured"),
        column("value", Kind::Number, "unit's", true, "The figure"),
        column("unit", Kind::Text, "", true, "Its unit"),
        column("year", Kind::Text, "", true, "Year or years that it is of"),
        column("grade", Kind::Text, "", true, "primary, press (a page quoting the publisher) or second-hand"),
        column("source", Kind::Text, "", true, "Publisher and title"),
        column("edition", Kind::Text, "", false, "Which of several editions that disagree"),
        column("chosen", Kind::Text, "", false, "yes or no: whether the engine's defaults rest on it"),
        column("reason", Kind::Text, "", false, "What for, or why not"),
    ],
};

/// One published figure.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Figure {
    /// What it is about.
    pub topic: String,
    /// What segments are of.
    pub segment_kind: String,
    /// Which segment.
    pub segment: String,
    /// What is counted or measured.
    pub statistic: String,
    /// The figure.
    pub value: f64,
    /// Its unit.
    pub unit: String,
    /// Year or years.
    pub year: String,
    /// `primary`, `press` or `second-hand`.
    pub grade: String,
    /// Publisher and title.
    pub source: String,
    /// Which of several editions that disagree.
    pub edition: String,
    /// `yes`, `no` or blank.
    pub chosen: String,
    /// What for, or why not.
    pub reason: String,
}

/// All figures, in the order of the file. A test holds that each row has a number, a source and a known grade.
pub fn figures() -> Vec<Figure> {
    let mut figures = Vec::new();
    each_row(include_str!("../../../data/statistics/figures.csv"), &FIGURES, |_, row| {
        let text = |name: &str| FIGURES.position(name).map_or("", |at| row.cell(at)).to_string();
        figures.push(Figure {
            topic: text("topic"),
            segment_kind: text("segment_kind"),
            segment: text("segment"),
            statistic: text("statistic"),
            value: text("value").parse().unwrap_or(f64::NAN),
            unit: text("unit"),
            year: text("year"),
            grade: text("grade"),
            source: text("source"),
            edition: text("edition"),
            chosen: text("chosen"),
            reason: text("reason"),
        });
    });
    figures
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_figure_has_a_number_a_source_a_year_a_unit_and_a_grade() {
        let all = figures();
        assert!(all.len() > 100, "{}", all.len());
        for f in &all {
            assert!(f.value.is_finite() && f.value >= 0.0, "{f:?}");
            let told = [&f.topic, &f.segment, &f.statistic, &f.unit, &f.year, &f.source];
            assert!(told.iter().all(|text| !text.is_empty()), "{f:?}");
            assert!(["primary", "press", "second-hand"].contains(&f.grade.as_str()), "{f:?}");
            assert_eq!(f.chosen.is_empty(), f.reason.is_empty(), "a choice has its reason: {f:?}");
        }
    }

    #[test]
    fn no_figure_is_there_twice_and_of_two_editions_one_is_chosen() {
        let all = figures();
        for (at, a) in all.iter().enumerate() {
            for b in &all[at + 1..] {
                let same = (&a.topic, &a.segment_kind, &a.segment, &a.statistic, &a.year, &a.source)
                    == (&b.topic, &b.segment_kind, &b.segment, &b.statistic, &b.year, &b.source);
                if same {
                    assert!(a.edition != b.edition && a.chosen != b.chosen, "{a:?} {b:?}");
                }
            }
        }
    }
}
