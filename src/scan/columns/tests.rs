//! The same rows as Parquet, column by column, and as CSV, row by row.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use arrow::array::{StringArray, TimestampMillisecondArray};
use parquet::arrow::ArrowWriter;
use parquet::file::properties::WriterProperties;

use super::*;
use crate::fault::Reject;
use crate::scan::observation::Observation;
use crate::scan::{InOrder, ScanIntake, ScanOptions, read_scan};
use crate::table::RejectLog;

/// domain, host, kind, key, value, seconds, source, status. In Parquet every other blank is an empty text, the rest null.
type Line =
    (&'static str, &'static str, &'static str, &'static str, &'static str, Option<i64>, &'static str, &'static str);

/// 2021-01-10T06:50:40Z.
const AT: Option<i64> = Some(1_610_261_440);

/// Rows in normal form, and rows that are not.
const LINES: [Line; 51] = [
    ("good.example", "good.example", "mx", "10", "eu-smtp-inbound-1.mimecast.com", AT, "dnsx", "found"),
    ("good.example", "good.example", "spf", "include", "eu._netblocks.mimecast.com", AT, "dnsx", ""),
    ("good.example", "good.example", "txt", "", "MS=ms12345678", AT, "dnsx", "found"),
    ("good.example", "autodiscover.good.example", "autodiscover", "", "autodiscover.outlook.com", AT, "dnsx", "found"),
    ("good.example", "good.example", "ns", "", "", AT, "dnsx", "empty"),
    ("good.example", "good.example", "http", "header:server", "nginx", AT, "httpx", "found"),
    // Hosts.
    ("upper.example", "WWW.Upper.Example", "mx", "10", "mx.upper.example", AT, "dnsx", "found"),
    ("dot.example", "dot.example.", "mx", "10", "mx.dot.example.", AT, "dnsx", "found"),
    ("url.example", "https://www.url.example:8443/login?x=1", "http", "title", "Home", AT, "httpx", "found"),
    ("good.example", "other.example", "mx", "10", "mx.other.example", AT, "dnsx", "found"),
    ("www.sub.example", "a.www.sub.example", "txt", "", "token=1", AT, "dnsx", "found"),
    ("example", "example", "txt", "", "token=1", AT, "dnsx", "found"),
    ("co.uk", "co.uk", "txt", "", "token=1", AT, "dnsx", "found"),
    ("s3.amazonaws.com", "s3.amazonaws.com", "txt", "", "token=1", AT, "dnsx", "found"),
    ("bucket.s3.amazonaws.com", "bucket.s3.amazonaws.com", "txt", "", "token=1", AT, "dnsx", "found"),
    ("amazonaws.com", "bucket.s3.amazonaws.com", "txt", "", "token=1", AT, "dnsx", "found"),
    ("blank.example", "", "mx", "10", "mx.blank.example", AT, "dnsx", "found"),
    ("", "no-domain.example", "mx", "10", "mx.no-domain.example", AT, "dnsx", "found"),
    ("", "", "mx", "10", "mx.nobody.example", AT, "dnsx", "found"),
    (" spaced.example ", " spaced.example ", "mx", "10", " mx.spaced.example ", AT, "dnsx", "found"),
    ("xn--bcher-kva.example", "bücher.example", "mx", "10", "mx.bücher.example", AT, "dnsx", "found"),
    ("good.example", "a..good.example", "mx", "10", "mx.good.example", AT, "dnsx", "found"),
    ("192.0.2.7", "192.0.2.7", "mx", "10", "mx.good.example", AT, "dnsx", "found"),
    ("<b>.example", "<b>.example", "mx", "10", "mx.good.example", AT, "dnsx", "found"),
    // Kinds, states and times.
    ("good.example", "good.example", "mxx", "10", "mx.good.example", AT, "dnsx", "found"),
    ("good.example", "good.example", "MX", "10", "mx.good.example", AT, "dnsx", "FOUND"),
    ("good.example", "good.example", "", "10", "mx.good.example", AT, "dnsx", "found"),
    ("good.example", "good.example", "mx", "10", "mx.good.example", AT, "dnsx", "maybe"),
    ("good.example", "good.example", "mx", "10", "mx.good.example", None, "dnsx", "found"),
    ("good.example", "good.example", "mx", "10", "mx.early.example", Some(-1), "dnsx", "noerror"),
    ("good.example", "good.example", "nope", "", "", None, "dnsx", "perhaps"),
    // Values.
    ("good.example", "good.example", "spf", "", "v=spf1 include:SPF.protection.outlook.com -all", AT, "dnsx", "found"),
    (
        "good.example",
        "good.example",
        "txt",
        "",
        "\"v=spf1 include:spf.protec\" \"tion.outlook.com -all\"",
        AT,
        "dnsx",
        "",
    ),
    ("good.example", "_dmarc.good.example", "txt", "", "v=DMARC1; p=none; rua=mailto:a@rua.agari.com", AT, "dnsx", ""),
    ("good.example", "_dmarc.good.example", "dmarc", "", "V=DMARC1; p=reject", AT, "dnsx", "found"),
    ("good.example", "good.example", "txt", "", "tab\there, bell\u{7} and escape \u{1b}[31m", AT, "dnsx", "found"),
    ("good.example", "good.example", "txt", "", "Grüße, \"quoted\"; and, separators", AT, "dnsx", "found"),
    ("good.example", "good.example", "txt", "", "=SUM(A1)", AT, "dnsx", "found"),
    ("good.example", "good.example", "txt", "", "  spaces at both ends  ", AT, "dnsx", "found"),
    ("good.example", "good.example", "txt", "", "", AT, "dnsx", "found"),
    ("good.example", "s1._domainkey.good.example", "dkim", "", "", AT, "dnsx", "nxdomain"),
    ("good.example", "s1._domainkey.good.example", "dkim", "s2", "left.over", AT, "dnsx", "empty"),
    ("good.example", "selector1._domainkey.good.example", "dkim", "selector1", "k.onmicrosoft.com", AT, "dnsx", ""),
    ("good.example", "selector1._domainkey.good.example", "txt", "", "k=rsa; p=MIGf", AT, "dnsx", "found"),
    ("null.example", "null.example", "mx", "0", ".", AT, "dnsx", "found"),
    ("null.example", "null.example", "mx", "null", "", AT, "dnsx", "empty"),
    ("null.example", "null.example", "mx", "0", "", AT, "dnsx", "found"),
    ("good.example", "good.example", "cname", "", "Shop.Vendor.example.", AT, "dnsx", "found"),
    ("good.example", "good.example", "spf", " include ", "spf.protection.outlook.com", AT, "dnsx", "found"),
    ("good.example", "good.example", "mx", "10", "mx.good.example", AT, "", "found"),
    ("good.example", "good.example", "mx", "10", "mx.good.example", AT, " dnsx ", " found "),
];

/// The lines as Parquet, so many to a row group.
fn write_parquet(path: &Path, lines: &[Line], rows: usize) {
    let texts = |of: fn(&Line) -> &'static str| -> ArrayRef {
        let cells = lines.iter().enumerate().map(|(at, line)| Some(of(line)).filter(|t| !t.is_empty() || at % 2 == 0));
        Arc::new(StringArray::from_iter(cells))
    };
    // Half a second more: times are cut to whole seconds, before 1970 too.
    let times =
        TimestampMillisecondArray::from_iter(lines.iter().map(|line| line.5.map(|second| second * 1_000 + 500)));
    let times = times.with_timezone("UTC");
    let columns: [ArrayRef; 8] = [
        texts(|l| l.0),
        texts(|l| l.1),
        texts(|l| l.2),
        texts(|l| l.3),
        texts(|l| l.4),
        Arc::new(times),
        texts(|l| l.6),
        texts(|l| l.7),
    ];
    let named = OBSERVATIONS.header().zip(columns).map(|(name, column)| (name, column, true));
    let batch = RecordBatch::try_from_iter_with_nullable(named).unwrap();
    let properties = WriterProperties::builder().set_max_row_group_row_count(Some(rows)).build();
    let file = std::fs::File::create(path).unwrap();
    let mut writer = ArrowWriter::try_new(file, batch.schema(), Some(properties)).unwrap();
    writer.write(&batch).unwrap();
    assert_eq!(writer.close().unwrap().num_row_groups(), lines.len().div_ceil(rows));
}

fn write_csv(path: &Path, lines: &[Line]) {
    let mut writer = csv::Writer::from_path(path).unwrap();
    writer.write_record(OBSERVATIONS.header()).unwrap();
    for (domain, host, kind, key, value, at, source, status) in lines {
        let at = at.map_or(String::new(), |second| Moment(second).iso());
        writer.write_record([domain, host, kind, key, value, at.as_str(), source, status]).unwrap();
    }
    writer.flush().unwrap();
}

/// Observations, rejects and account of a file, which is called FILE.
fn read_all(path: &Path) -> (Vec<Observation>, Vec<Reject>, ScanIntake) {
    let (mut observations, mut rejects) = (Vec::new(), RejectLog::default());
    let name = path.display().to_string();
    let take = |record: &ObservationRef| {
        observations.push(Observation {
            domain: record.domain.into(),
            host: record.host.into(),
            kind: record.kind,
            key: record.key.into(),
            value: record.value.into(),
            observed_at: record.observed_at,
            source: record.source.replace(&name, "FILE"),
            status: record.status,
        });
    };
    let intake = read_scan(path, &ScanOptions::default(), &mut rejects, &InOrder::new(take)).unwrap();
    let rejects = rejects.shown().map(|reject| Reject { file: "FILE".into(), ..reject.clone() }).collect();
    (observations, rejects, intake)
}

#[test]
fn parquet_and_csv_of_the_same_rows_give_the_same_observations_and_rejects() {
    let dir = tempfile::tempdir().unwrap();
    let (csv, parquet) = (dir.path().join("rows.csv"), dir.path().join("rows.parquet"));
    write_csv(&csv, &LINES);
    let (want, mut rejects, counts) = read_all(&csv);
    // The CSV's first row is its header.
    rejects.iter_mut().for_each(|reject| reject.line -= 1);
    let account = |own: &ScanIntake| (own.intake.rows, own.intake.used, own.intake.set_aside, own.observations);
    for rows in [1, 7, LINES.len()] {
        write_parquet(&parquet, &LINES, rows);
        let (got, own_rejects, own_counts) = read_all(&parquet);
        for (got, want) in got.iter().zip(&want) {
            assert_eq!(got, want, "{rows} rows a group");
        }
        assert_eq!(own_rejects, rejects, "{rows} rows a group");
        assert_eq!((got.len(), account(&own_counts)), (want.len(), account(&counts)));
    }
    let aside: BTreeSet<u64> = rejects.iter().map(|reject| reject.line).collect();
    // By hand: no name (19, 22, 23, 24), a single label (12), kind (25, 27), status (28), time (29), all of them (31).
    assert_eq!(aside.into_iter().collect::<Vec<u64>>(), [12, 19, 22, 23, 24, 25, 27, 28, 29, 31]);
    assert_eq!(account(&counts).1, LINES.len() as u64 - 10);
    let of = |line: &str| want.iter().filter(|o| o.value == line).map(|o| o.key.as_str()).collect::<Vec<_>>();
    assert_eq!(of("spf.protection.outlook.com"), ["include", "include", "include"], "whole records and single terms");
    assert!(want.iter().all(|o| !o.value.contains(char::is_control)));
}
