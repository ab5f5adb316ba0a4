//! The same rows by one thread and by two, forwards and backwards.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use arrow::array::{ArrayRef, StringArray, TimestampMillisecondArray};
use arrow::record_batch::RecordBatch;
use parquet::arrow::ArrowWriter;
use parquet::file::properties::WriterProperties;

use super::*;
use crate::inventory::Entry;
use crate::scan::observation::OBSERVATIONS;
use crate::scan::{ScanOptions, read_scan};
use crate::table::RejectLog;

/// domain, host, kind, key, value, source.
type Line = [&'static str; 6];

/// 2021-01-10T06:50:40Z, in milliseconds.
const AT: i64 = 1_610_261_440_000;

/// The lines as Parquet, 50 to a row group, all found at one second.
fn write_parquet(path: &Path, lines: &[Line]) {
    let texts = |of: &dyn Fn(&Line) -> &'static str| -> ArrayRef {
        Arc::new(StringArray::from_iter_values(lines.iter().map(of)))
    };
    let times = TimestampMillisecondArray::from_iter_values(lines.iter().map(|_| AT)).with_timezone("UTC");
    let mut columns: Vec<ArrayRef> = (0..5).map(|at| texts(&|line| line[at])).collect();
    columns.extend([Arc::new(times) as ArrayRef, texts(&|line| line[5]), texts(&|_| "found")]);
    let batch = RecordBatch::try_from_iter(OBSERVATIONS.header().zip(columns)).unwrap();
    let properties = WriterProperties::builder().set_max_row_group_row_count(Some(50)).build();
    let file = std::fs::File::create(path).unwrap();
    let mut writer = ArrowWriter::try_new(file, batch.schema(), Some(properties)).unwrap();
    writer.write(&batch).unwrap();
    assert_eq!(writer.close().unwrap().num_row_groups(), lines.len().div_ceil(50));
}

/// 40 row groups of 50 rows: 100 domains, each with several records of one signal at one second, which differ in value,
/// host and source.
fn many() -> Vec<Line> {
    let mut lines = Vec::new();
    let domain = |at: usize| -> &'static str { Box::leak(format!("d{at}.example").into_boxed_str()) };
    let domains: Vec<(&str, &str)> = (0..100).map(|at| (domain(at), &*format!("www.d{at}.example").leak())).collect();
    for round in 0..20 {
        for (at, (domain, www)) in domains.iter().enumerate() {
            let value: &'static str = format!("eu-smtp-inbound-{}.mimecast.com", (round * 7 + at) % 20).leak();
            let source = ["dnsx", "zdns", "table"][(round + at) % 3];
            lines.push(match round % 4 {
                0 | 1 => [*domain, *domain, "mx", "10", value, source],
                2 => [*domain, *www, "mx", "20", value, source],
                _ => [*domain, *domain, "spf", "include", "eu._netblocks.mimecast.com", source],
            });
        }
    }
    lines
}

#[test]
fn threads_and_the_order_of_rows_change_no_row_of_the_inventory() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("rows.parquet");
    let catalogue = Catalogue::load(None).unwrap().as_of(jiff::civil::date(2021, 1, 12));
    let ids: BTreeSet<&str> = catalogue.products.iter().map(|p| p.id.as_str()).collect();
    let entries = |threads: usize, lines: &[Line]| -> Vec<Entry> {
        write_parquet(&path, lines);
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            let builder = InventoryBuilder::new(&catalogue, None, Moment::end_of(jiff::civil::date(2021, 1, 12)));
            read_scan(&path, &ScanOptions::default(), &mut RejectLog::default(), &builder).unwrap();
            builder.finish().entries(&ids)
        })
    };
    let lines = many();
    let want = entries(1, &lines);
    let mimecast = want.iter().filter(|e| e.product == "mimecast/email-security" && e.probability > 0.9);
    assert_eq!(mimecast.count(), 100);
    let reversed: Vec<Line> = lines.iter().rev().copied().collect();
    for (threads, lines) in [(2, &lines), (1, &reversed), (2, &reversed), (2, &lines)] {
        let got = entries(threads, lines);
        assert_eq!(got.len(), want.len());
        for (got, want) in got.iter().zip(&want) {
            assert_eq!(got, want, "{threads} threads");
        }
    }
}
