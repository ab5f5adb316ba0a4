//! Which insureds does a vendor compromise reach, how sure are we, and what will it cost?

pub mod catalogue;
pub mod cli;
pub mod demo;
pub mod exposure;
pub mod fault;
pub mod input;
pub mod inventory;
pub mod loss;
pub mod metrics;
pub mod moment;
pub mod money;
pub mod name;
pub mod portfolio;
pub mod report;
pub mod run;
pub mod scan;
pub mod table;
