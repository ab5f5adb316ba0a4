//! The loss engine beside others, as ratios of one run: `cargo bench --bench losses [-- rate numpy policies oasis] [YEARS]`.
//!
//! * `rate`: claims a second from the plan through policy terms to the year table, and memory.
//! * `numpy`: the same scenario in NumPy, and whether it comes to the same.
//! * `policies`: what ten times the policies with the same number of claims cost.
//! * `oasis`: OasisLMF's tools on a job of the same size, with an exceedance curve of the portfolio and of every policy. Runs where
//!   the folder `~/.cache/blastradius-oasis` (or `BLASTRADIUS_OASIS`) has the tools; asked for by name it installs them there.
//!
//! Without a name all of them run. A claim is an insured with a loss, whether or not its policy pays. Ours is the best of
//! three, in turns; seconds on the clock and of the processors.

mod engine;
mod made;
mod measure;
mod numpy;
mod oasis;

use measure::{Cost, measured, peak_memory};

/// The share of a vendor's exposed insureds that an event hits on average.
const SHARE: f64 = 0.0167;
const RUNS: usize = 3;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    let years = arguments.iter().find_map(|a| a.replace(['_', ','], "").parse().ok()).unwrap_or(100_000);
    let names: Vec<&str> = arguments.iter().map(String::as_str).filter(|a| a.parse::<f64>().is_err()).collect();
    let wanted = |name: &str| names.is_empty() || names.contains(&name);
    println!("{} threads", rayon::current_num_threads());
    if wanted("rate") || wanted("numpy") {
        rate(years, wanted("numpy"));
    }
    if wanted("policies") {
        policies(years);
    }
    if wanted("oasis") {
        oasis::compare(names.contains(&"oasis"));
    }
}

/// One line of a table.
fn line(name: &str, claims: f64, cost: Cost, ratio: &str) {
    let (clock, processor) = (claims / cost.seconds / 1e6, claims / cost.processor / 1e6);
    println!("  {name:<44} {cost}  {:>6.1} M claims {clock:>6.2} M/s {processor:>6.2} M/cpu-s  {ratio}", claims / 1e6);
}

/// What the peer takes for a claim over what ours takes, on the clock and of the processors.
fn ratio(ours: (f64, Cost), peer: (f64, Cost)) -> String {
    let of = |of: fn(Cost) -> f64| of(peer.1) / peer.0 / (of(ours.1) / ours.0);
    format!("ours is {:.1} x (clock), {:.1} x (cpu) faster", of(|c| c.seconds), of(|c| c.processor))
}

fn rate(years: u32, beside_numpy: bool) {
    let (plan, making) = measured(|| made::plan(1_000_000, 300_000, SHARE));
    println!(
        "\n1,000,000 policies, 300,000 exposed to some of 25 vendors, {years} years; made in {:.1} s",
        making.seconds
    );
    let [ours] = engine::best([&plan], years, RUNS);
    line("blastradius", ours.claims, ours.cost, &format!("peak memory {:.0} MiB", peak_memory()));
    if !beside_numpy {
        return;
    }
    let Some(python) = numpy::python() else {
        return println!("  NumPy skipped: no python3 with numpy (set BLASTRADIUS_PYTHON)");
    };
    let folder = tempfile::tempdir().expect("a folder");
    made::write(&plan, SHARE, folder.path()).expect("columns");
    let few = years.min(10_000);
    let flip = numpy::run(&python, folder.path(), few, "flip");
    let ratio_of = |peer: &numpy::Peer| ratio((ours.claims, ours.cost), (peer.hits, peer.cost));
    line(&format!("NumPy, a uniform an insured, {few} years"), flip.hits, flip.cost, &ratio_of(&flip));
    let walk = numpy::run(&python, folder.path(), years, "walk");
    line("NumPy, candidates of 1,000 years at once", walk.hits, walk.cost, &ratio_of(&walk));
    numpy::compare(&ours, &walk, years);
}

fn policies(years: u32) {
    println!("\nTen times the policies and the same number of claims, {years} years");
    let few = made::plan(100_000, 30_000, SHARE * 10.0);
    let many = made::plan(1_000_000, 300_000, SHARE);
    let book = made::plan(10_000_000, 300_000, SHARE);
    let [few, many, book] = engine::best([&few, &many, &book], years, RUNS);
    let grows = |a: &engine::Result, b: &engine::Result| {
        let of = |of: fn(Cost) -> f64| (of(b.cost) / b.claims) / (of(a.cost) / a.claims);
        format!("a claim takes {:.2} x (clock), {:.2} x (cpu)", of(|c| c.seconds), of(|c| c.processor))
    };
    line("100,000 policies, 30,000 exposed", few.claims, few.cost, "");
    line("1,000,000 policies, 300,000 exposed", many.claims, many.cost, &grows(&few, &many));
    line("10,000,000 policies, 300,000 exposed", book.claims, book.cost, &grows(&many, &book));
}
