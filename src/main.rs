//! The command line of blastradius.

use std::io::Write;
use std::process::ExitCode;

use blastradius::cli::{Cli, Done, run};
use clap::Parser;

fn main() -> ExitCode {
    match run(Cli::parse()) {
        Ok(Done::Whole) => ExitCode::SUCCESS,
        Ok(Done::WithRejects) => ExitCode::from(1),
        Err(failure) => {
            // That nobody reads it changes nothing about the exit code.
            let _ = writeln!(std::io::stderr(), "error: {failure}");
            ExitCode::from(2)
        }
    }
}
