//! What can be looked up: events, schemas, completions.

use std::path::Path;

use clap::{CommandFactory, ValueEnum};
use schemars::schema_for;
use serde_json::json;

use super::{Cli, Done, Format, RunConfig, show};
use crate::catalogue::{Catalogue, Event, ProductFile, SeverityModel};
use crate::exposure::EXPOSURES;
use crate::fault::Failure;
use crate::inventory::{COVERAGE, INVENTORY};
use crate::loss::{LOSSES, LOSSES_BY_POLICY};
use crate::portfolio::POLICIES;
use crate::scan::observation::OBSERVATIONS;

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
    /// The tables and their columns.
    Tables,
}

/// Prints a JSON schema, or the columns of every table.
pub fn schema(what: Option<Described>) -> Result<Done, Failure> {
    let Some(what) = what else {
        let all = json!({ "run": schema_for!(RunConfig), "product": schema_for!(ProductFile), "event": schema_for!(Event), "severity": schema_for!(SeverityModel) });
        show::json(&all)?;
        return Ok(Done::Whole);
    };
    match what {
        Described::Run => show::json(&schema_for!(RunConfig))?,
        Described::Product => show::json(&schema_for!(ProductFile))?,
        Described::Event => show::json(&schema_for!(Event))?,
        Described::Severity => show::json(&schema_for!(SeverityModel))?,
        Described::Tables => {
            let tables = [POLICIES, OBSERVATIONS, INVENTORY, COVERAGE, EXPOSURES, LOSSES, LOSSES_BY_POLICY].map(|table| {
                let columns = table.columns.iter().map(|c| {
                    json!({ "name": c.name, "type": format!("{:?}", c.kind).to_lowercase(), "unit": c.unit, "required": c.required, "meaning": c.meaning })
                });
                json!({ "table": table.name, "meaning": table.meaning, "columns": columns.collect::<Vec<_>>() })
            });
            show::json(&tables)?;
        }
    }
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
