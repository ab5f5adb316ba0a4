//! Tests of the program as its user runs it, in one binary so that the dependencies are linked once.

mod annual;
mod architecture;
mod calibrate;
mod command;
mod demo;
mod determinism;
mod exact;
mod exact_event;
mod exact_outage;
mod fit;
mod hostile;
mod interruption;
mod likelihoods;
mod metrics;
mod metrics_ord;
mod municipal;
mod net;
mod oasis;
mod own_losses;
mod projection;
mod reading;
mod readme;
mod report;
mod scopes;
mod stages;
mod wrong_inputs;
