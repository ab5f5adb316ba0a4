//! What can be looked up: events, schemas, completions.

use std::path::Path;

use clap::{CommandFactory, ValueEnum};
use schemars::schema_for;
use serde_json::{Value, json};

use super::{Cli, Done, Format, RunConfig, show};
use crate::calibration::{AGREEMENT, LABELS, RELIABILITY};
use crate::catalogue::{Catalogue, Event, LeftOut, Product, ProductFile, SIGNAL_RATES, SeverityModel};
use crate::exposure::{EXPOSURES, IN_SCOPE};
use crate::fault::{Failure, did_you_mean_or};
use crate::incidents::published::{PUBLISHED_FREQUENCIES, PUBLISHED_SEVERITIES};
use crate::incidents::{
    CauseShare, CoverageShare, FrequencyModel, INCIDENTS, POLICY_YEARS, SEVERITY_MODELS, VendorShare, YearLine,
};
use crate::inventory::{COVERAGE, DECLARED, INVENTORY};
use crate::loss::exact::EXACT;
use crate::loss::terms::GROUND_UP;
use crate::loss::{CLAIMS, LOSSES, LOSSES_BY_POLICY, OCCURRENCES, YEAR_EVENTS};
use crate::metrics::claims::{CLAIMS_TO_GROUP, CONTRIBUTIONS};
use crate::metrics::occurrences::OCCURRENCE_LOSSES;
use crate::metrics::ord::{ALT, EPT, EPT_2, MELT, MPLT, ORD_EVENTS, PSEPT, PSEPT_2, QELT, QPLT, SELT, SPLT};
use crate::metrics::{METRICS, POLICY_METRICS};
use crate::portfolio::POLICIES;
use crate::scan::observation::OBSERVATIONS;
use crate::table::{Record, Table};
use crate::treaty::{CEDED, GROSS, NET, ProgrammeFile, REINS_INFO, REINS_SCOPE};

/// What `schema` describes.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Described {
    /// RUN.toml, as JSON schema.
    Run,
    /// Product files, as JSON schema.
    Product,
    /// Event files, as JSON schema.
    Event,
    /// Severity files, as JSON schema.
    Severity,
    /// Programmes of treaties, as JSON schema.
    Programme,
    /// The tables and their columns.
    Tables,
}

/// Prints a JSON schema, or the columns of every table or of the one called `name`.
pub fn schema(what: Option<Described>, name: Option<&str>) -> Result<Done, Failure> {
    let Some(what) = what else {
        let all = json!({ "run": schema_for!(RunConfig), "product": schema_for!(ProductFile), "event": schema_for!(Event), "severity": schema_for!(SeverityModel), "programme": schema_for!(ProgrammeFile) });
        show::json(&all)?;
        return Ok(Done::Whole);
    };
    if let (Some(name), false) = (name, matches!(what, Described::Tables)) {
        return Err(Failure::new(format!("\"{name}\": only tables are told one by one"))
            .hint(format!("blastradius schema tables {name}")));
    }
    match what {
        Described::Run => show::json(&schema_for!(RunConfig))?,
        Described::Product => show::json(&schema_for!(ProductFile))?,
        Described::Event => show::json(&schema_for!(Event))?,
        Described::Severity => show::json(&schema_for!(SeverityModel))?,
        Described::Programme => show::json(&schema_for!(ProgrammeFile))?,
        Described::Tables => match name {
            Some(name) => show::json(&described(&table(name)?))?,
            None => show::json(&TABLES.iter().map(described).collect::<Vec<_>>())?,
        },
    }
    Ok(Done::Whole)
}

fn described(table: &Table) -> Value {
    let columns = table.columns.iter().map(|c| {
        json!({ "name": c.name, "type": format!("{:?}", c.kind).to_lowercase(), "unit": c.unit, "required": c.required, "meaning": c.meaning })
    });
    json!({ "table": table.name, "meaning": table.meaning, "columns": columns.collect::<Vec<_>>() })
}

/// The table of this name, with spaces, dashes or underscores between its words.
fn table(name: &str) -> Result<Table, Failure> {
    let plain = |name: &str| name.to_lowercase().replace([' ', '-', '_'], " ");
    TABLES.into_iter().find(|table| plain(table.name) == plain(name)).ok_or_else(|| {
        let names = TABLES.map(|table| table.name);
        let hint = did_you_mean_or(name, names, || format!("tables are: {}", names.join(", ")));
        Failure::new(format!("table \"{name}\" is not known")).hint(hint)
    })
}

/// Every table that is read or written.
const TABLES: [Table; 50] = [
    POLICIES,
    DECLARED,
    OBSERVATIONS,
    INVENTORY,
    COVERAGE,
    SIGNAL_RATES,
    LABELS,
    AGREEMENT,
    RELIABILITY,
    EXPOSURES,
    IN_SCOPE,
    LOSSES,
    OCCURRENCES,
    CLAIMS,
    LOSSES_BY_POLICY,
    YEAR_EVENTS,
    EXACT,
    GROUND_UP,
    GROSS,
    NET,
    CEDED,
    OCCURRENCE_LOSSES,
    CLAIMS_TO_GROUP,
    METRICS,
    POLICY_METRICS,
    CONTRIBUTIONS,
    EPT,
    EPT_2,
    PSEPT,
    PSEPT_2,
    ALT,
    SELT,
    MELT,
    QELT,
    SPLT,
    MPLT,
    QPLT,
    ORD_EVENTS,
    REINS_INFO,
    REINS_SCOPE,
    INCIDENTS,
    POLICY_YEARS,
    CauseShare::TABLE,
    YearLine::TABLE,
    VendorShare::TABLE,
    FrequencyModel::TABLE,
    SEVERITY_MODELS,
    CoverageShare::TABLE,
    PUBLISHED_FREQUENCIES,
    PUBLISHED_SEVERITIES,
];

/// Prints the products of the catalogue.
pub fn products(data: Option<&Path>, format: Format) -> Result<Done, Failure> {
    let catalogue = Catalogue::load(data)?;
    if format == Format::Json {
        show::json(&json!({ "products": catalogue.products, "left_out": catalogue.left_out }))?;
        return Ok(Done::Whole);
    }
    let line = |p: &Product| {
        let mut kinds: Vec<&str> = p.signal.iter().map(|s| s.kind.as_str()).collect();
        kinds.sort_unstable();
        kinds.dedup();
        let seen = if p.is_visible() { kinds.join(", ") } else { "only by questionnaire".to_string() };
        format!("{:<44} {:<24} {seen}", p.id, p.category)
    };
    let left_out = |l: &LeftOut| format!("left out: {} {} ({}): {}", l.vendor, l.product, l.pattern, l.reason);
    let lines = catalogue.products.iter().map(line).chain(catalogue.left_out.iter().map(left_out));
    show::print(&lines.collect::<Vec<_>>().join("\n"))?;
    Ok(Done::Whole)
}

/// Prints the known events.
pub fn events(data: Option<&Path>, format: Format) -> Result<Done, Failure> {
    let catalogue = Catalogue::load(data)?;
    if format == Format::Json {
        show::json(&catalogue.events.values().collect::<Vec<_>>())?;
        return Ok(Done::Whole);
    }
    let line = |event: &Event| {
        let mark = if event.evidence == "unverified" { " (unverified)" } else { "" };
        format!(
            "{:<20} {}  {}{mark}\n{:32}{}",
            event.id,
            event.announced,
            event.title,
            "",
            event.requires.words(&|id| catalogue.product_name(id))
        )
    };
    show::print(&catalogue.events.values().map(line).collect::<Vec<_>>().join("\n"))?;
    Ok(Done::Whole)
}

/// Prints a completion script.
pub fn completions(shell: clap_complete::Shell) -> Result<Done, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "blastradius", &mut script);
    show::print(&String::from_utf8_lossy(&script))?;
    Ok(Done::Whole)
}
