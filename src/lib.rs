//! Which insureds does a vendor compromise reach, how sure are we, and what will it cost?
//!
//! # One direction of flow
//!
//! ```text
//! policies ──► portfolio ──────────────────────────────┐
//! scans ─────► scan ─► inventory ─► exposure ─► loss ──┴► metrics ─► report
//! data/ ─────► catalogue ─┴────────────┴──────────┤───────────────────┘
//!                  ▲                              │
//!                  └─ calibration ◄─ inventory    │
//! incidents ─► incidents ─► fit ─► severities ────┤
//!                            └───► frequencies ───┤
//! programme of treaties ─► treaty ────────────────┘
//!
//! losses of one's own ─► loss::terms ─► treaty ─► net losses, ceded by treaty
//! ```
//!
//! Every arrow is a table with declared columns ([`table::Table`]), written as Parquet or CSV when asked, so that one can
//! stop anywhere, look, put another table in its place and go on. A later stage never reads an earlier stage's raw input,
//! and no module uses a later one: `tests/it/architecture.rs` fails when one does.
//!
//! | module | from | to |
//! |---|---|---|
//! | [`fault`], [`money`], [`moment`], [`name`] | | what is wrong, amounts in whole cents, times in UTC, host names and registrable domains |
//! | [`random`] | a seed and what a draw is for | draws without history, and the distributions made of them |
//! | [`input`] | a file of any packing | numbered lines in blocks; hashes; the account of a file's rows |
//! | [`table`] | a declaration of columns | readers and writers of CSV and Parquet, in bounded memory |
//! | [`portfolio`] | the engine's columns or OED cyber accounts | policies with resolved terms; which host stands for which domain |
//! | [`scan`] | eight scanners' output, or a table | observations in one normal form, *looked and found nothing* among them |
//! | [`catalogue`] | `data/`, compiled in, and `--data DIR` | products with signals and their error rates, events with conditions, severity models |
//! | [`fit`] | counts with exposure; losses with retentions and limits | frequency and severity models with covariance, or why there is none |
//! | [`incidents`] | incident or claim records, policy-years, published figures | root causes, growth and the vendor's share with intervals; frequency and severity models by segment |
//! | [`inventory`] | observations × products | for each domain and product a probability with its evidence |
//! | [`calibration`] | patterns of signals over many domains | error rates, prevalence and dependence with errors; reliability |
//! | [`exposure`] | inventory × event × policies | for each policy in force a tier, a probability, the limit at stake |
//! | [`treaty`] | a programme of treaties, gross losses | net losses, ceded by treaty, reinstatement premium |
//! | [`loss`] | exposures × events × severities × terms × treaties | losses by year (or trial), occurrence, claim and policy, gross and net; the exact distribution of one occurrence |
//! | [`metrics`] | losses by year | average, exceedance curves, tails and contributions, each with its sampling error; tables of Open Results Data |
//! | [`report`] | all of the above | one summary of numbers; the HTML page made from it |
//! | [`run`] | settings | the stages in order; outputs whole or not at all; the manifest |
//! | [`demo`] | nothing | a made book and made scans |
//! | [`cli`] | flags and files | settings; what is printed |
//!
//! # What always holds
//!
//! * Rows in = rows used + rows set aside, checked for every input ([`input::Intake::balanced`]). A row that can't be used
//!   is in the rejects table with file, line, column, value and rule; it never stops a book.
//! * A run's files are written aside and renamed, the manifest last: a folder with a manifest is whole.
//! * The same inputs and seed give the same bytes, on any number of threads and in any order of rows. Money is in 64-bit
//!   cents, so sums do not depend on order. A draw is a function of the seed, of what it is for, of the event, the year (or its
//!   block), the occurrence and the insured; exponentials and logarithms come from one portable implementation.
//! * Another insured in the book moves no other insured's draws. (Where it lists a host under a registrable domain that was
//!   one insured's alone until then, the two are told apart by host from there on: see [`portfolio::domains`].)
//! * Figures that results rest on carry a source, or say "assumption", and are listed in the report.
//! * Memory follows the domains of the book and the block of lines in hand, not the size of the scan. Of scanned domains
//!   outside the book a sample of bounded size is kept. What is remembered of a domain does not depend on the order of its
//!   records, nor on the thread that read them.
//!
//! # Where a rule lives
//!
//! One file a rule, with its formula and source in the doc comment: likelihood ratios, dependence and ageing in
//! `inventory/likelihood.rs`, the posterior in `inventory/posterior.rs`, what all insureds share in
//! `exposure/in_scope.rs`, tiers in `exposure/tier.rs`, policy terms in [`loss::terms`], treaties in [`treaty`]
//! (inuring order in [`treaty::cession`]), families of severities in [`fit::severity`], credibility in
//! [`fit::credibility`], waiting periods in [`loss::outage`], severities in [`loss::severity`], who is hit in
//! `loss/hazard.rs` and `loss/walk.rs`, years in `loss/calendar.rs`, slices of them in `loss/headway.rs`, a hit through its
//! policies in `loss/hit.rs`, many hits side by side in `loss/batch.rs` and `loss/terms/first_claim.rs` (`loss/desk.rs` says
//! which way each goes), treaties in `loss/net.rs`, losses without sampling in [`loss::exact`], exceedance curves and contributions in [`metrics`]. Kernels take
//! numbers, slices and one policy's terms; they know no tables, files or clock.
//! Polars does the group-bys of the report; arrow and parquet read and write tables in blocks.
//!
//! # Deliberately absent
//!
//! Incidents that come through no vendor, and dependence between products and between events. Nothing is resolved or fetched
//! over a network: scans are inputs.

pub mod calibration;
pub mod catalogue;
pub mod cli;
pub mod demo;
pub mod exposure;
pub mod fault;
pub mod fit;
pub mod incidents;
pub mod input;
pub mod inventory;
pub mod loss;
pub mod metrics;
pub mod moment;
pub mod money;
pub mod name;
pub mod portfolio;
pub mod random;
pub mod report;
pub mod run;
pub mod scan;
pub mod table;
pub mod treaty;
