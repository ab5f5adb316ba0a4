//! The loss engine beside others: `cargo bench --bench losses`.

mod made;

use std::time::Instant;

use blastradius::loss::{Mode, Parameters, Simulation};

fn main() {
    let years: u32 = std::env::args().filter_map(|a| a.parse().ok()).next().unwrap_or(100_000);
    let began = Instant::now();
    let plan = made::plan(1_000_000, 300_000, 0.0167);
    println!("made in {:.2} s", began.elapsed().as_secs_f64());
    for _ in 0..3 {
        let began = Instant::now();
        let simulation = Simulation {
            plan: &plan,
            mode: Mode::Catalogue,
            years: 0..years,
            seed: 1,
            parameters: Parameters::Estimates,
            reinsurance: None,
            claims: false,
        };
        let projection = simulation.run(|_| Ok(())).expect("a simulation");
        let hits: u64 = projection.years.iter().map(|y| u64::from(y.hits)).sum();
        let claims: u64 = projection.years.iter().map(|y| u64::from(y.claims)).sum();
        let seconds = began.elapsed().as_secs_f64();
        println!("{hits} hits, {claims} claims above terms, {seconds:.2} s: {:.1} M/s", hits as f64 / seconds / 1e6);
    }
}
