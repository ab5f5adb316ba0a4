use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;

use jiff::civil::{Date, date};

use super::mail::SHARES;
use super::*;
use crate::moment::Moment;
use crate::portfolio::{Book, Policy, read_book};
use crate::scan::observation::{Kind, Observation, Status};

const EVENT: Date = date(2021, 1, 12);

struct Demo {
    _dir: tempfile::TempDir,
    files: Written,
}

fn demo() -> Demo {
    let dir = tempfile::tempdir().unwrap();
    let files = write(&dir.path().join("new/folder")).unwrap();
    Demo { _dir: dir, files }
}

impl Demo {
    fn bytes(&self) -> Vec<Vec<u8>> {
        let Written { policies, scans, declared, run } = &self.files;
        [policies, declared, run].into_iter().chain(scans).map(|path| std::fs::read(path).unwrap()).collect()
    }

    fn book(&self) -> Book {
        read_book(&self.files.policies, None, &BTreeMap::new()).unwrap()
    }

    fn seen(&self, scan: usize) -> Vec<Observation> {
        let mut seen = Vec::new();
        let mut rejects = crate::table::RejectLog::default();
        let scan = &self.files.scans[scan];
        let keep = crate::scan::InOrder::new(|o: &crate::scan::observation::ObservationRef| seen.push(o.to_owned()));
        let intake = crate::scan::read_scan(scan, &Default::default(), &mut rejects, &keep).unwrap();
        assert_eq!((intake.intake.set_aside, rejects.len()), (0, 0), "{:?}", rejects.shown().next());
        seen
    }

    /// Observations of all scans up to the end of the day of the event.
    fn known(&self) -> Vec<Observation> {
        (0..3).flat_map(|scan| self.seen(scan)).filter(|o| o.observed_at <= Moment::end_of(EVENT)).collect()
    }
}

fn domains(seen: &[Observation], holds: impl Fn(&Observation) -> bool) -> BTreeSet<&str> {
    seen.iter().filter(|o| holds(o)).map(|o| o.domain.as_str()).collect()
}

fn mimecast(seen: &[Observation]) -> BTreeSet<&str> {
    let suffixes = [".mimecast.com", ".mimecast.co.za"];
    domains(seen, |o| o.kind == Kind::Mx && suffixes.iter().any(|s| o.value.ends_with(s)))
}

/// Domains at which something of Microsoft 365 is visible behind whatever their MX records name.
fn microsoft_behind(seen: &[Observation]) -> BTreeSet<&str> {
    domains(seen, |o| match o.kind {
        Kind::Spf => o.key != "record" && o.value == "spf.protection.outlook.com",
        Kind::Autodiscover => o.value == "autodiscover.outlook.com",
        Kind::Dkim => o.value.ends_with(".onmicrosoft.com"),
        _ => false,
    })
}

fn unpacked(path: &Path) -> String {
    let bytes = std::fs::read(path).unwrap();
    let mut text = String::new();
    flate2::read::MultiGzDecoder::new(bytes.as_slice())
        .read_to_string(&mut text)
        .or_else(|_| bytes.as_slice().read_to_string(&mut text))
        .unwrap();
    text
}

#[test]
fn the_same_bytes_are_written_twice() {
    let (first, second) = (demo().bytes(), demo().bytes());
    assert!(first == second);
}

#[test]
fn every_policy_is_read_and_most_are_in_force_on_the_day() {
    let book = demo().book();
    assert_eq!((book.intake.set_aside, book.rejects.as_slice()), (0, &[][..]));
    let insureds: BTreeSet<&str> = book.policies.iter().map(|p| p.insured_id.as_str()).collect();
    let count = |holds: &dyn Fn(&&Policy) -> bool| book.policies.iter().filter(holds).count();
    assert_eq!((insureds.len(), book.policies.len()), (2400, 2481));
    assert_eq!((count(&|p| p.expiry <= EVENT), count(&|p| p.inception > EVENT)), (60, 40));
    let revenue = |low: f64, high: f64| count(&|p| p.revenue.is_some_and(|r| (low..high).contains(&r.units())));
    let bands = [revenue(0.0, 50e6), revenue(50e6, 300e6), revenue(300e6, 1e9), revenue(1e9, 1e12)];
    assert!(bands[0] > 2000 && bands[1] > 250 && bands[2] > 20 && (2..20).contains(&bands[3]), "{bands:?}");
    let on_line = |p: &Policy| p.premium.units() / (p.terms.limit.units() * p.terms.share);
    assert!(book.policies.iter().all(|p| (0.002..0.04).contains(&on_line(p))));
}

#[test]
fn every_line_of_a_scan_is_recognised() {
    let demo = demo();
    for (scan, format) in ["dnsx", "httpx", "zdns"].into_iter().enumerate() {
        for line in unpacked(&demo.files.scans[scan]).lines() {
            let record = serde_json::from_str(line).unwrap();
            assert_eq!(crate::scan::format::recognise(&record).map(|f| f.name()), Some(format), "{line}");
        }
    }
    let answers = std::fs::read_to_string(&demo.files.declared).unwrap();
    assert_eq!(answers.lines().count(), 61, "a header, and three answers of each of twenty insureds");
}

#[test]
fn domains_are_reserved_and_registrable_and_each_is_somebodys() {
    let demo = demo();
    let book = demo.book();
    let owned: BTreeSet<&str> = book.policies.iter().flat_map(|p| &p.domains).map(String::as_str).collect();
    assert_eq!(owned.len(), 2488);
    for domain in &owned {
        let label = domain.strip_suffix(".example").unwrap();
        assert!(!label.contains('.') && crate::name::Name::parse("", domain).unwrap().domain == *domain, "{domain}");
    }
    assert!(demo.known().iter().all(|o| owned.contains(o.domain.as_str())));
}

#[test]
fn shares_of_mail_hosts_are_the_published_ones() {
    let seen = demo().known();
    let with_mx = domains(&seen, |o| o.kind == Kind::Mx && o.status == Status::Found).len() as f64;
    let suffixes = [".google.com", ".mail.protection.outlook.com", "", ".pphosted.com"];
    for (suffix, published) in suffixes.into_iter().zip(SHARES) {
        let of = domains(&seen, |o| o.kind == Kind::Mx && o.value.ends_with(suffix)).len();
        let share = if suffix.is_empty() { mimecast(&seen).len() } else { of } as f64 / with_mx;
        assert!((share - published).abs() < 0.001, "{suffix}: {share} and {published}");
    }
}

#[test]
fn mimecast_stands_before_microsoft_365_and_before_others() {
    let seen = demo().known();
    let (mimecast, behind) = (mimecast(&seen), microsoft_behind(&seen));
    let asked_more = domains(&seen, |o| !matches!(o.kind, Kind::Mx | Kind::Declared));
    let own = domains(&seen, |o| o.kind == Kind::Autodiscover && o.value.starts_with("198.51.100."));
    let africa = domains(&seen, |o| o.kind == Kind::Mx && o.value.ends_with(".mimecast.co.za"));
    let of_mimecast = |other: &BTreeSet<&str>| mimecast.intersection(other).count();
    assert_eq!((mimecast.len(), of_mimecast(&behind), of_mimecast(&own), africa.len()), (19, 12, 2, 1));
    assert_eq!(mimecast.difference(&asked_more).count(), 4, "hidden behind the gateway");
    let proofpoint = domains(&seen, |o| o.kind == Kind::Mx && o.value.ends_with(".pphosted.com"));
    assert_eq!((proofpoint.len(), proofpoint.intersection(&behind).count()), (18, 10));
}

#[test]
fn awkward_insureds_are_there() {
    let demo = demo();
    let (book, seen) = (demo.book(), demo.known());
    let both: BTreeSet<&str> = mimecast(&seen).intersection(&microsoft_behind(&seen)).copied().collect();
    let uses_both = |p: &Policy| p.domains.iter().any(|d| both.contains(d.as_str()));
    let count = |holds: &dyn Fn(&Policy) -> bool| book.policies.iter().filter(|p| holds(p)).count();
    assert_eq!(count(&|p| uses_both(p) && p.domains.len() > 1), 1, "several domains, one of which is exposed");
    let several: BTreeSet<_> = book.policies.iter().filter(|p| p.domains.len() > 1).map(|p| &p.insured_id).collect();
    assert_eq!(several.len(), 90);
    assert_eq!(count(&|p| p.domains.is_empty()), 1, "no domain");
    assert_eq!(
        (count(&|p| uses_both(p) && p.expiry <= EVENT), count(&|p| uses_both(p) && p.inception > EVENT)),
        (1, 1)
    );
    assert_eq!(count(&|p| p.terms.attachment.0 > 0), 11, "excess layers");
    let excess = book.policies.iter().find(|p| uses_both(p) && p.terms.attachment.0 > 0).unwrap();
    assert_eq!((excess.terms.share, count(&|p| p.insured_id == excess.insured_id && p.in_force(EVENT))), (0.5, 2));
    assert_eq!(count(&|p| p.revenue.is_none() && uses_both(p)), 1, "no revenue");
    assert_eq!(count(&|p| p.insured_name == "=Acme&Sons"), 1);
    assert_eq!(count(&|p| p.insured_name.contains("<script>")), 1);
    let mut owners: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (policy, domain) in book.policies.iter().flat_map(|p| p.domains.iter().map(move |d| (p, d))) {
        owners.entry(domain).or_default().insert(&policy.insured_id);
    }
    let shared: Vec<&str> = owners.iter().filter(|(_, of)| of.len() > 1).map(|(domain, _)| *domain).collect();
    assert_eq!((shared.len(), both.contains(shared[0]), owners[shared[0]].len()), (1, true, 2));
    let scanned = domains(&seen, |o| o.kind != Kind::Declared);
    assert_eq!(owners.keys().filter(|d| !scanned.contains(*d)).count(), 74, "3 % were never scanned");
}

#[test]
fn awkward_records_are_there() {
    let demo = demo();
    let lines = unpacked(&demo.files.scans[0]);
    let count = |text: &str| lines.lines().filter(|line| line.contains(text)).count();
    let wanted = [
        "\"mx\":[\"\"]",
        ".MIMECAST.COM.\"",
        "\"localhost\"",
        "redirect=",
        "exists:%{i}._spf.mta.",
        "\"mx.notmimecast.com\"",
        "NXDOMAIN",
    ];
    assert!(wanted.iter().all(|text| count(text) > 0), "{:?}", wanted.map(count));
    assert!(lines.lines().any(|line| line.matches("v=spf1").count() > 1), "several SPF records");
    let (known, all) = (demo.known(), (0..3).flat_map(|scan| demo.seen(scan)).collect::<Vec<_>>());
    assert_eq!(mimecast(&all).len() - mimecast(&known).len(), 20, "seen after the event only");
    let last = known.iter().filter(|o| o.source == "dnsx" || o.source == "httpx").map(|o| o.observed_at).max();
    assert!(last.unwrap().day().as_str() <= "2021-01-11");
    let moveit = domains(&known, |o| o.kind == Kind::Http && o.key == "header:x-moveitisapi-version");
    assert_eq!((moveit.len(), demo.seen(2).iter().map(|o| &o.domain).collect::<BTreeSet<_>>().len()), (2, 148));
}

#[test]
fn the_run_configuration_names_the_files_beside_it() {
    let demo = demo();
    let run: toml::Table = std::fs::read_to_string(&demo.files.run).unwrap().parse().unwrap();
    let name = |path: &PathBuf| path.file_name().unwrap().to_str().unwrap().to_string();
    assert_eq!(run["policies"].as_str(), Some(name(&demo.files.policies).as_str()));
    let scans: Vec<&str> = run["scan"].as_array().unwrap().iter().filter_map(|v| v.as_str()).collect();
    assert_eq!(scans, demo.files.scans.iter().map(name).collect::<Vec<_>>());
    assert!(crate::catalogue::Catalogue::load(None).unwrap().event(run["event"].as_str().unwrap()).is_ok());
}
