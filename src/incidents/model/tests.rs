//! The table of severity models, read back and wrong.

use super::*;
use crate::table::{Format, write_table};

/// A lognormal of all incidents.
pub fn plain(segment: Segment) -> SegmentSeverity {
    SegmentSeverity {
        segment,
        family: Family::Lognormal,
        at: vec![11.0, 0.5],
        threshold: 0.0,
        elasticity: 0.25,
        reference_revenue: 20e6,
        cap: None,
        covariance: vec![0.04, 0.01, 0.02, 0.0, 0.001, 0.003],
        scale_log_error: 0.2,
        fitted_on: "all".into(),
        n: 40,
        uncensored: 30,
        weight: 0.7,
        parent: "all".into(),
        source: "claims.csv".into(),
        note: String::new(),
    }
}

#[test]
fn a_table_of_models_comes_back_as_it_was_written() {
    let dir = tempfile::tempdir().unwrap();
    let mut spliced = plain(Segment { cause: Some(Cause::Email), ..Segment::ALL });
    spliced.family = Family::Spliced;
    spliced.at = vec![11.0, 0.5, 2.0, 12.0, 0.75];
    spliced.threshold = 1e6;
    spliced.covariance = Vec::new();
    let models = [plain(Segment::ALL), spliced];
    for format in [Format::Csv, Format::Parquet] {
        let end = if format == Format::Csv { "csv" } else { "parquet" };
        let path = dir.path().join(format!("severity_models.{end}"));
        write_table(&path, format, &models).unwrap();
        let read = SeverityModels::read(&path).unwrap();
        for (a, b) in read.iter().zip(&models) {
            assert!(a.at.iter().zip(&b.at).all(|(x, y)| (x - y).abs() < 1e-12), "{a:?}");
            assert_eq!(SegmentSeverity { at: b.at.clone(), ..a.clone() }, *b);
        }
    }
    assert_eq!(SeverityModels::read(dir.path()).unwrap().iter().count(), 2);
}

#[test]
fn what_is_no_covariance_is_refused() {
    assert_eq!(cholesky(&[4.0, 2.0, 10.0], 2), Some(vec![2.0, 1.0, 3.0]));
    assert_eq!(cholesky(&[1.0, 2.0, 1.0], 2), None);
    assert_eq!(cholesky(&[0.0, 0.0, 1.0], 2), Some(vec![0.0, 0.0, 1.0]));
    assert_eq!((triangle(3), triangle(4), triangle(0)), (Some(2), None, Some(0)));
}

#[test]
fn the_finest_row_is_chosen() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("models.csv");
    let fine = Segment { cause: Some(Cause::Email), band: Some(RevenueBand::From10M), industry: Some("retail") };
    write_table(&path, Format::Csv, &[plain(fine), plain(Segment::ALL)]).unwrap();
    let models = SeverityModels::read(&path).unwrap();
    let chosen = |cause, industry| models.choose(cause, RevenueBand::From10M, industry).unwrap().segment;
    assert_eq!(chosen(Some(Cause::Email), "retail"), fine);
    assert_eq!(chosen(Some(Cause::Email), "finance and insurance"), Segment::ALL);
    assert_eq!(chosen(None, "retail"), Segment::ALL);
}
