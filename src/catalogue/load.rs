//! Reads and checks catalogue files: those compiled in, then those of `--data DIR`, which win.

use std::collections::BTreeMap;
use std::path::Path;

use include_dir::{Dir, include_dir};
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use super::{ASSUMED_SPREAD, Figure, Parameter, Place, SIGNAL_RATES, SignalRate, SignalRates};
use super::{
    Condition, Event, LeftOut, LeftOutFile, Match, Prior, Product, ProductFile, SeverityModel, Signal, matcher,
};
use crate::fault::{Failure, did_you_mean, did_you_mean_or};
use crate::incidents::Cause;
use crate::input::hexadecimal;
use crate::scan::observation::Kind;
use crate::table::each_row;

static DATA: Dir = include_dir!("$CARGO_MANIFEST_DIR/data");

/// Products, events and severity models by id.
#[derive(Clone, Debug, Default)]
pub struct Catalogue {
    /// Products, sorted by id.
    pub products: Vec<Product>,
    /// Events by id, their conditions resolved.
    pub events: BTreeMap<String, Event>,
    /// Severity models by id.
    pub severities: BTreeMap<String, SeverityModel>,
    /// Figures that go before those in the product files, and half-lives.
    pub rates: SignalRates,
    /// What is left out, and why.
    pub left_out: Vec<LeftOut>,
    /// SHA-256 over the files it was made of, in hexadecimal.
    pub digest: String,
}

impl Catalogue {
    /// The catalogue compiled in, with the files of `extra` added or put in place of those with the same id.
    ///
    /// # Errors
    /// When a file can't be read, or breaks a rule.
    pub fn load(extra: Option<&Path>) -> Result<Catalogue, Failure> {
        let mut products = BTreeMap::new();
        let mut catalogue = Catalogue::default();
        let mut events = Vec::new();
        let mut hash = Sha256::new();
        if let Some(text) = DATA.get_file(LEFT_OUT).and_then(|file| file.contents_utf8()) {
            catalogue.left_out = parse_toml::<LeftOutFile>(LEFT_OUT, text)?.left_out;
        }
        for (folder, file, text) in embedded().chain(on_disk(extra)?) {
            hash.update(text.as_bytes());
            match folder.as_str() {
                "products" => {
                    for mut product in parse_toml::<ProductFile>(&file, &text)?.product {
                        product.signal.extend(questionnaire(&product));
                        check_product(&product).map_err(|f| prefixed(&file, f))?;
                        products.insert(product.id.clone(), product);
                    }
                }
                "events" => events.push((file.clone(), parse_toml::<Event>(&file, &text)?)),
                "rates" => {
                    let ids: Vec<&str> = products.keys().map(String::as_str).collect();
                    catalogue.rates.extend(rates_of(&file, &text, &ids)?);
                }
                _ => {
                    let model = parse_toml::<SeverityModel>(&file, &text)?;
                    check_severity(&model).map_err(|f| prefixed(&file, f))?;
                    catalogue.severities.insert(model.id.clone(), model);
                }
            }
        }
        catalogue.digest = hexadecimal(hash);
        catalogue.products = products.into_values().collect();
        for (file, event) in events {
            let event = catalogue.check_event(event).map_err(|f| prefixed(&file, f))?;
            catalogue.events.insert(event.id.clone(), event);
        }
        Ok(catalogue)
    }

    /// The event with this id, or in this file.
    ///
    /// # Errors
    /// When there is neither, or the file breaks a rule.
    pub fn event(&self, id_or_file: &str) -> Result<Event, Failure> {
        if let Some(event) = self.events.get(id_or_file) {
            return Ok(event.clone());
        }
        let path = Path::new(id_or_file);
        if path.extension().is_some_and(|e| e == "toml") || path.is_file() {
            let text = std::fs::read_to_string(path).map_err(|e| Failure::io("read", path, &e))?;
            return self.check_event(parse_toml(id_or_file, &text)?).map_err(|f| prefixed(id_or_file, f));
        }
        let ids = self.events.keys().map(String::as_str);
        let hint = did_you_mean_or(id_or_file, ids.clone(), || {
            format!("events are: {}; or give a file", ids.collect::<Vec<_>>().join(", "))
        });
        Err(Failure::new(format!("event \"{id_or_file}\" is not known")).hint(hint))
    }

    /// Puts figures of a table in the place of the catalogue's own.
    pub fn with_rates(mut self, rates: Vec<SignalRate>) -> Catalogue {
        self.rates.extend(rates);
        self
    }

    /// Product ids, sorted.
    pub fn ids(&self) -> impl Iterator<Item = &str> + Clone {
        self.products.iter().map(|p| p.id.as_str())
    }

    /// The same catalogue as it would have been on `day`: a product's prior is its estimated prevalence, else its published
    /// market share nearest in time, where there is one.
    pub fn as_of(mut self, day: jiff::civil::Date) -> Catalogue {
        let month = i32::from(day.year()) * 12 + i32::from(day.month());
        for product in &mut self.products {
            let place = Place { product: product.id.clone(), ..Place::default() };
            let estimated = |parameter| {
                self.rates.get(parameter, &place).map(|rate| Prior {
                    share: rate.estimate,
                    source: rate.source.clone(),
                    spread: Some(Figure::of(Some(rate), Figure::assumed(rate.estimate, ASSUMED_SPREAD)).spread),
                })
            };
            if let Some(behind) = estimated(Parameter::PrevalenceBehind) {
                product.prior_behind = Some(behind);
            }
            if let Some(nearest) =
                product.market_share.iter().min_by_key(|m| (distance(&m.month, month), m.month.clone()))
            {
                let after = month_of(&nearest.month).is_some_and(|m| m > month);
                let after = if after { ", published after the as-of date" } else { "" };
                let source = format!("{}, {} ({}{after})", nearest.source, nearest.month, nearest.grade);
                product.prior = Prior { share: nearest.share, source, spread: None };
                product.nearest_share = Some(nearest.clone());
            }
            if let Some(prior) = estimated(Parameter::Prevalence) {
                product.prior = prior;
            }
        }
        self
    }

    /// The product with this id.
    pub fn product(&self, id: &str) -> Option<&Product> {
        self.products.binary_search_by(|p| p.id.as_str().cmp(id)).ok().map(|at| &self.products[at])
    }

    /// `Vendor Product` for reading; the id when it is not known.
    pub fn product_name(&self, id: &str) -> String {
        let full = |p: &Product| {
            if p.name.starts_with(&p.vendor) { p.name.clone() } else { format!("{} {}", p.vendor, p.name) }
        };
        self.product(id).map_or_else(|| id.to_string(), full)
    }

    /// The condition with its names resolved, every product of which the catalogue has.
    fn check_condition(&self, key: &str, condition: &Condition, event: &Event) -> Result<Condition, Failure> {
        let condition = condition.resolve(&event.define).map_err(|f| prefixed(key, f))?;
        for id in condition.products() {
            if self.product(id).is_none() {
                let hint = did_you_mean_or(id, self.products.iter().map(|p| p.id.as_str()), || {
                    "add it to DIR/products/*.toml and pass --data DIR".to_string()
                });
                return Err(Failure::new(format!("{key}: unknown product \"{id}\"")).hint(hint));
            }
        }
        condition.models().map_err(|f| prefixed(key, f))?;
        Ok(condition)
    }

    fn check_event(&self, mut event: Event) -> Result<Event, Failure> {
        event.requires = self.check_condition("requires", &event.requires, &event)?;
        if let Some(mut redundancy) = event.outage.as_ref().and_then(|o| o.redundancy.clone()) {
            redundancy.second_provider = self.check_condition("redundancy", &redundancy.second_provider, &event)?;
            event.outage.iter_mut().for_each(|o| o.redundancy = Some(redundancy.clone()));
        }
        event.define.clear();
        event.announced.parse::<jiff::civil::Date>().map_err(|_| {
            Failure::new(format!("announced = \"{}\": not a date", event.announced)).hint("write ISO 8601: 2021-01-12")
        })?;
        if let Some(cause) = &event.cause {
            Cause::parse(cause).map_err(|hint| Failure::new(format!("cause = \"{cause}\": not known")).hint(hint))?;
        }
        for (name, factor) in [("affected", &event.affected), ("hit", &event.hit)] {
            factor.checked().map_err(|rule| Failure::new(format!("{name}: {rule}")))?;
        }
        if let Some(frequency) = &event.frequency {
            frequency.checked().map_err(|rule| Failure::new(format!("frequency: {rule}")))?;
        }
        if event.level.as_ref().is_some_and(|l| !(l.sigma >= 0.0 && l.sigma <= 5.0)) {
            return Err(Failure::new("level: sigma must lie between 0 and 5"));
        }
        let weights: f64 = event.coverage.iter().map(|c| c.weight).sum();
        if let Some(own) = event.coverage.iter().find(|c| c.weight < 0.0) {
            return Err(Failure::new(format!("coverage: {}: weight {} is below 0", own.name.code(), own.weight))
                .hint("a weight is the share of the loss that falls on the coverage: leave out one that has none"));
        }
        if !weights.is_finite() || (weights - 1.0).abs() > 1e-9 {
            return Err(Failure::new(format!("coverage: the weights add up to {weights}; they must add up to 1"))
                .hint("a weight is the share of the loss that falls on the coverage"));
        }
        for (at, own) in event.coverage.iter().enumerate() {
            if event.coverage[..at].iter().any(|other| other.name == own.name) {
                return Err(Failure::new(format!("coverage: {} is there twice", own.name.code()))
                    .hint("give each coverage once, with the sum of the weights"));
            }
        }
        match (&event.severity, &event.outage) {
            (Some(id), None) if self.severities.contains_key(id) => {}
            (Some(id), None) => {
                let hint = did_you_mean(id, self.severities.keys().map(String::as_str));
                return Err(Failure::new(format!("severity: unknown model \"{id}\"")).hint(hint));
            }
            (None, Some(outage)) => outage.checked().map_err(|rule| Failure::new(format!("outage: {rule}")))?,
            _ => return Err(Failure::new("an event has either `severity` or `outage`")),
        }
        Ok(event)
    }
}

/// A questionnaire's answer is a signal of every product; a file may give it rates of its own.
fn questionnaire(product: &Product) -> Option<Signal> {
    let own = product.signal.iter().any(|s| s.kind == Kind::Declared);
    (!own).then(|| Signal {
        kind: Kind::Declared,
        keys: vec![product.id.clone()],
        how: Match::Exact,
        pattern: "yes".into(),
        group: "questionnaire".into(),
        sensitivity: 0.9,
        false_positive: 0.02,
        rates_source: "assumption".into(),
        source: "the insured's answer to a questionnaire".into(),
        hidden_by: Vec::new(),
        example: "yes".into(),
        counter_example: "no".into(),
    })
}

/// The figures of a table that comes as text. In the engine's own data every row must be right.
fn rates_of(file: &str, text: &str, products: &[&str]) -> Result<Vec<SignalRate>, Failure> {
    let (mut rates, mut wrong) = (Vec::new(), None);
    each_row(text, &SIGNAL_RATES, |line, row| {
        let (rate, faults) = SignalRate::read(row, products.iter().copied());
        rates.extend(rate);
        let fault = faults.into_iter().next().map(|fault| fault.at(file, line));
        wrong = wrong.take().or(fault);
    });
    wrong.map_or(Ok(rates), |fault| Err(Failure::new(fault.to_string())))
}

/// Months between `YYYY-MM` and a month counted from year 0.
fn distance(text: &str, month: i32) -> i32 {
    month_of(text).map_or(i32::MAX, |own| (own - month).abs())
}

fn month_of(text: &str) -> Option<i32> {
    let (year, month) = text.split_once('-')?;
    Some(year.parse::<i32>().ok()? * 12 + month.parse::<i32>().ok()?)
}

fn check_severity(model: &SeverityModel) -> Result<(), Failure> {
    for (n, band) in model.band.iter().enumerate() {
        let (one, spread) = (
            band.mean.xor(band.median),
            band.p95_over_median > 1.0 && band.p95_over_median < 1e9 && band.cap.is_finite(),
        );
        if !(one.is_some_and(|x| x > 0.0 && x < band.cap) && spread) {
            let rule = "needs either mean or median, below its cap, and p95_over_median above 1";
            return Err(Failure::new(format!("band {}: {rule}", n + 1)));
        }
    }
    let ordered =
        model.band.windows(2).all(|w| w[0].revenue_below.is_some_and(|a| w[1].revenue_below.is_none_or(|b| a < b)));
    if !ordered || model.band.last().is_none_or(|b| b.revenue_below.is_some()) {
        return Err(Failure::new("bands must go from small to large revenue, the last without revenue_below"));
    }
    Ok(())
}

fn check_product(product: &Product) -> Result<(), Failure> {
    let probability = |x: f64| x > 0.0 && x < 1.0;
    if !probability(product.prior.share) || product.prior_behind.as_ref().is_some_and(|p| !probability(p.share)) {
        return Err(Failure::new(format!("product {}: prior.share must lie between 0 and 1", product.id)));
    }
    if product.segment.iter().any(|s| !probability(s.share)) {
        return Err(Failure::new(format!("product {}: segment.share must lie between 0 and 1", product.id)));
    }
    for share in &product.market_share {
        if distance(&share.month, 0) == i32::MAX || !probability(share.share) {
            return Err(Failure::new(format!(
                "product {}: market_share needs month YYYY-MM and a share between 0 and 1",
                product.id
            )));
        }
    }
    for (n, signal) in product.signal.iter().enumerate() {
        let place = format!("product {}, signal {}", product.id, n + 1);
        if !(probability(signal.sensitivity) && probability(signal.false_positive)) {
            return Err(Failure::new(format!("{place}: sensitivity and false_positive must lie between 0 and 1")));
        }
        matcher::check(signal).map_err(|rule| Failure::new(format!("{place}: {rule}")))?;
    }
    Ok(())
}

fn prefixed(place: &str, failure: Failure) -> Failure {
    Failure { message: format!("{place}: {}", failure.message), hint: failure.hint }
}

/// Folder, file name and text of the catalogue files compiled in.
fn embedded() -> impl Iterator<Item = (String, String, String)> {
    FOLDERS.into_iter().flat_map(|folder| {
        let mut files: Vec<_> = DATA.get_dir(folder).into_iter().flat_map(Dir::files).collect();
        files.sort_by_key(|file| file.path());
        files.into_iter().filter_map(move |file| {
            let text = file.contents_utf8()?.to_string();
            Some((folder.to_string(), format!("data/{}", file.path().display()), text))
        })
    })
}

/// What the catalogue does without.
const LEFT_OUT: &str = "left_out.toml";

/// Kinds of catalogue files; products come first, since events name them.
const FOLDERS: [&str; 4] = ["products", "severity", "events", "rates"];

/// The same of a folder that the user named.
fn on_disk(dir: Option<&Path>) -> Result<Vec<(String, String, String)>, Failure> {
    let Some(dir) = dir else { return Ok(Vec::new()) };
    if !FOLDERS.iter().any(|folder| dir.join(folder).is_dir()) {
        return Err(Failure::new(format!(
            "--data {}: no folder products, events, severity or rates in it",
            dir.display()
        )));
    }
    let mut files = Vec::new();
    for folder in FOLDERS.into_iter().filter(|folder| dir.join(folder).is_dir()) {
        let path = dir.join(folder);
        let entries = std::fs::read_dir(&path).map_err(|e| Failure::io("read", &path, &e))?;
        let mut paths: Vec<_> = entries
            .filter_map(|e| e.ok().map(|e| e.path()))
            .filter(|p| p.extension().is_some_and(|e| e == if folder == "rates" { "csv" } else { "toml" }))
            .collect();
        paths.sort();
        for file in paths {
            let text = std::fs::read_to_string(&file).map_err(|e| Failure::io("read", &file, &e))?;
            files.push((folder.to_string(), file.display().to_string(), text));
        }
    }
    Ok(files)
}

/// Reads a TOML file into its type; an unknown key gets a "did you mean".
///
/// # Errors
/// When it is no TOML, or breaks the type's rules: the message has line and column.
pub fn parse_toml<T: DeserializeOwned>(file: &str, text: &str) -> Result<T, Failure> {
    toml::from_str(text).map_err(|error| {
        let place = error.span().map_or(String::new(), |span| {
            let before = &text[..span.start.min(text.len())];
            let line = before.matches('\n').count() + 1;
            let column = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
            format!(":{line}:{column}")
        });
        let message = error.message().trim().replace('\n', "; ");
        Failure::new(format!("{file}{place}: {message}")).hint(unknown_key_hint(&message))
    })
}

/// For "unknown field `x`, expected one of `a`, `b`": the nearest of those expected.
fn unknown_key_hint(message: &str) -> String {
    let Some((_, rest)) = message.split_once("unknown ") else { return String::new() };
    let words: Vec<&str> = rest.split('`').skip(1).step_by(2).collect();
    match words.split_first() {
        Some((unknown, expected)) => did_you_mean(unknown, expected.iter().copied()),
        None => String::new(),
    }
}
