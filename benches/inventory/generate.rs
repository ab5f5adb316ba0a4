//! Makes a book and a scan of any size, the same each time: one file of observations, one of policies.
//!
//! The scan is in passes, as real scanners run: mail exchangers of every domain, then TXT records of every domain, and so
//! on, each pass in an order of its own. When every pass is done the scan begins anew, until there are enough rows.

use std::fmt::{Arguments, Write};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, sync_channel};
use std::time::Instant;

use arrow::array::{StringBuilder, TimestampMillisecondBuilder};
use arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};
use arrow::record_batch::RecordBatch;
use blastradius::money::Cents;
use blastradius::portfolio::POLICIES;
use blastradius::scan::observation::{Kind, OBSERVATIONS, Status};
use blastradius::table::{self, Cell, Format, Record, Table, TableWriter};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;

use super::names::{Dice, Shuffle, company, domain};
use super::zone::{self, Zone};

/// Changes when what is made changes, so that older files are not taken for it.
const VERSION: &str = "1";
/// Rows on each scanned domain.
const ROWS_A_DOMAIN: u64 = 32;
const ROWS_A_POLICY: u64 = 50;
/// Of each 25 policies one is an excess layer over the one before it and lists the same domains.
const LAYERED: u64 = 25;
const BATCH: usize = 1 << 16;
const ROW_GROUP: usize = 1 << 20;
/// 2026-03-01T00:00:00Z.
const START: i64 = 1_772_323_200;
const DAYS: i64 = 60;
/// Passes that the days are divided among: what the rows are enough for.
const SCHEDULED: u64 = 9;

/// A scanner and what it asks of each domain.
type Pass = (&'static str, fn(&Zone, &mut Block));

const PASSES: [Pass; 7] = [
    ("zdns-mx", zone::mx),
    ("zdns-txt", zone::txt),
    ("dnsx-autodiscover", zone::autodiscover),
    ("dnsx-dkim", zone::dkim),
    ("zdns-ns", zone::ns),
    ("httpx", zone::web),
    ("tenants", zone::tenant),
];

/// A made folder.
pub struct Made {
    pub folder: PathBuf,
    pub rows: u64,
    /// Nothing when it was there already.
    pub seconds: Option<f64>,
}

impl Made {
    pub fn observations(&self) -> PathBuf {
        self.folder.join("observations.parquet")
    }

    pub fn policies(&self) -> PathBuf {
        self.folder.join("policies.parquet")
    }
}

/// The folder of a scan of `rows` rows beside the other build products, made when it is not there or not whole.
pub fn make(rows: u64) -> Made {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name(format!("bench-inventory-{rows}"));
    let mark = folder.join("complete");
    let mut made = Made { folder, rows, seconds: None };
    if std::fs::read_to_string(&mark).is_ok_and(|version| version == VERSION) {
        return made;
    }
    let start = Instant::now();
    std::fs::create_dir_all(&made.folder).expect("a folder for the files");
    let _ = std::fs::remove_file(&mark);
    let policies = rows.div_ceil(ROWS_A_POLICY);
    let listed = write_policies(&made.policies(), policies);
    // A tenth of the scanned domains is nobody's; one in fifty of the listed ones was never scanned.
    let domains = rows.div_ceil(ROWS_A_DOMAIN).max(listed);
    write_observations(&made.observations(), rows, domains);
    std::fs::write(&mark, VERSION).expect("the mark of a whole folder");
    made.seconds = Some(start.elapsed().as_secs_f64());
    made
}

/// A block of rows of one pass in the making.
pub struct Block {
    domain: StringBuilder,
    host: StringBuilder,
    kind: StringBuilder,
    key: StringBuilder,
    value: StringBuilder,
    observed_at: TimestampMillisecondBuilder,
    source: StringBuilder,
    status: StringBuilder,
    subject: (String, String, i64),
    scanner: &'static str,
    rows: usize,
}

impl Block {
    fn new() -> Block {
        let text = |width: usize| StringBuilder::with_capacity(BATCH + 64, (BATCH + 64) * width);
        Block {
            domain: text(24),
            host: text(32),
            kind: text(8),
            key: text(8),
            value: text(40),
            observed_at: TimestampMillisecondBuilder::with_capacity(BATCH + 64).with_timezone("UTC"),
            source: text(12),
            status: text(8),
            subject: Default::default(),
            scanner: "",
            rows: 0,
        }
    }

    /// What follows is seen at `domain` at this time, by this scanner.
    fn start(&mut self, domain: &str, second: i64, scanner: &'static str) {
        let (own, host, at) = &mut self.subject;
        own.clear();
        own.push_str(domain);
        host.clear();
        host.push_str(domain);
        *at = second * 1000;
        self.scanner = scanner;
    }

    /// What follows is seen at this host of the domain.
    pub fn host(&mut self, host: Arguments) {
        self.subject.1.clear();
        let _ = self.subject.1.write_fmt(host);
    }

    pub fn found(&mut self, kind: Kind, key: &str, value: Arguments) {
        let _ = self.value.write_fmt(value);
        self.value.append_value("");
        self.row(kind, key, Status::Found);
    }

    pub fn absent(&mut self, kind: Kind, key: &str, status: Status) {
        self.value.append_null();
        self.row(kind, key, status);
    }

    fn row(&mut self, kind: Kind, key: &str, status: Status) {
        let (domain, host, at) = &self.subject;
        self.domain.append_value(domain);
        self.host.append_value(host);
        self.kind.append_value(kind.as_str());
        self.key.append_option(Some(key).filter(|key| !key.is_empty()));
        self.observed_at.append_value(*at);
        self.source.append_value(self.scanner);
        self.status.append_value(status.as_str());
        self.rows += 1;
    }

    fn finish(mut self, schema: SchemaRef) -> RecordBatch {
        let columns = vec![
            Arc::new(self.domain.finish()) as _,
            Arc::new(self.host.finish()) as _,
            Arc::new(self.kind.finish()) as _,
            Arc::new(self.key.finish()) as _,
            Arc::new(self.value.finish()) as _,
            Arc::new(self.observed_at.finish()) as _,
            Arc::new(self.source.finish()) as _,
            Arc::new(self.status.finish()) as _,
        ];
        RecordBatch::try_new(schema, columns).expect("columns of the observation table")
    }
}

/// The types that the engine writes these columns in.
fn schema() -> SchemaRef {
    let data_type = |kind| match kind {
        table::Kind::Timestamp => DataType::Timestamp(TimeUnit::Millisecond, Some("UTC".into())),
        _ => DataType::Utf8,
    };
    let fields = OBSERVATIONS.columns.iter().map(|column| Field::new(column.name, data_type(column.kind), true));
    Arc::new(Schema::new(fields.collect::<Vec<_>>()))
}

/// One thread makes rows, one packs them; at most three blocks are held.
fn write_observations(path: &Path, rows: u64, domains: u64) {
    let (send, take) = sync_channel::<RecordBatch>(1);
    std::thread::scope(|scope| {
        scope.spawn(move || pack(path, take));
        let (mut left, mut turn) = (rows as usize, 0);
        while left > 0 {
            let mut give = |batch: RecordBatch| {
                let batch = batch.slice(0, batch.num_rows().min(left));
                left -= batch.num_rows();
                send.send(batch).expect("the packing thread");
                left > 0
            };
            pass(turn, domains, &mut give);
            turn += 1;
        }
        drop(send);
    });
}

/// One pass over every domain, as long as `give` wants more.
fn pass(turn: u64, domains: u64, give: &mut dyn FnMut(RecordBatch) -> bool) {
    let (scanner, look) = PASSES[(turn % PASSES.len() as u64) as usize];
    let (order, span) = (Shuffle::new(domains, turn + 1), DAYS * 86_400 / SCHEDULED as i64);
    let begin = START + (turn % SCHEDULED) as i64 * span;
    let schema = schema();
    let mut block = Block::new();
    for place in 0..domains {
        let zone = Zone::new(order.at(place), turn / PASSES.len() as u64);
        let second = begin + (u128::from(place) * span as u128 / u128::from(domains)) as i64;
        block.start(zone.domain(), second, scanner);
        look(&zone, &mut block);
        if block.rows >= BATCH && !give(std::mem::replace(&mut block, Block::new()).finish(schema.clone())) {
            return;
        }
    }
    if block.rows > 0 {
        give(block.finish(schema));
    }
}

fn pack(path: &Path, batches: Receiver<RecordBatch>) {
    let level = ZstdLevel::try_new(3).expect("a level of zstd");
    let properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(level))
        .set_max_row_group_row_count(Some(ROW_GROUP))
        .build();
    let file = File::create(path).expect("the observations' file");
    let mut writer = ArrowWriter::try_new(file, schema(), Some(properties)).expect("a Parquet writer");
    batches.iter().for_each(|batch| writer.write(&batch).expect("space on the disk"));
    writer.close().expect("space on the disk");
}

/// A row of the book: an organisation and the numbers of its domains.
struct Listing {
    policy: u64,
    insured: u64,
    domains: Vec<u64>,
}

impl Listing {
    fn cell(&self, column: &str) -> Cell {
        let mut dice = Dice::of(90, self.insured);
        let revenue = 1_000_000 * (1 + dice.zipf(5_000) as i64);
        let excess = self.policy != self.insured;
        let inception = jiff::civil::date(2026, 1, 2).saturating_add(jiff::Span::new().days(dice.below(360) as i64));
        let money = |units: i64| Cell::Money(Cents(units * 100));
        match column {
            "policy_id" => Cell::text(format!("P-{:08}", self.policy)),
            "insured_id" => Cell::text(format!("I-{:08}", self.insured)),
            "insured_name" => Cell::text(company(self.domains[0])),
            "domains" => Cell::text(self.domains.iter().map(|n| domain(*n)).collect::<Vec<_>>().join(";")),
            "industry" => {
                Cell::text(dice.pick(&["541611", "621210", "444140", "236220", "522130", "513210", "484121"]))
            }
            "country" => Cell::text(dice.weighted(&[("US", 70), ("GB", 12), ("DE", 8), ("AU", 6), ("CA", 4)])),
            "annual_revenue" => money(revenue),
            "employees" => Cell::Integer(revenue / 200_000),
            "records" => Cell::Integer(revenue / 1_000),
            "currency" => Cell::text("USD"),
            "inception" => Cell::Date(inception),
            "expiry" => Cell::Date(inception.saturating_add(jiff::Span::new().years(1))),
            "premium" => money(revenue / 1_000),
            "limit" => money(1_000_000 * dice.pick(&[1, 1, 2, 3, 5])),
            "retention" => money(10_000),
            "attachment" if excess => money(5_000_000),
            "waiting_hours" => Cell::Number(dice.pick(&[8.0, 10.0, 12.0])),
            _ => Cell::Null,
        }
    }
}

impl Record for Listing {
    const TABLE: Table = POLICIES;

    fn cells(&self) -> Vec<Cell> {
        POLICIES.columns.iter().map(|column| self.cell(column.name)).collect()
    }
}

/// Writes the book and says how many domains it lists: 1.5 a policy, numbered from 0, each one insured's.
fn write_policies(path: &Path, policies: u64) -> u64 {
    let mut writer = TableWriter::create(path, Format::Parquet, POLICIES).expect("the policies' file");
    let mut listed = 0;
    let mut last: Option<Listing> = None;
    for policy in 0..policies {
        let layer = last.take().filter(|_| policy % LAYERED == LAYERED - 1);
        let listing = layer.map_or_else(
            || {
                let mut dice = Dice::of(91, policy);
                let count = dice.weighted(&[(1, 68), (2, 20), (3, 8), (4, 3), (6, 1)]);
                let domains = (listed..listed + count).map(|n| in_book(n, &mut dice)).collect();
                listed += count;
                Listing { policy, insured: policy, domains }
            },
            |base| Listing { policy, ..base },
        );
        writer.write(&listing).expect("space on the disk");
        last = Some(listing);
    }
    writer.finish().expect("space on the disk");
    listed
}

/// Domain `n` of the book: one in fifty was never scanned, its number lies beyond every scan's.
fn in_book(n: u64, dice: &mut Dice) -> u64 {
    if dice.percent(2) { (2_024 << 22) + n } else { n }
}
