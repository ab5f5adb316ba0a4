//! Reliability diagrams: what was predicted, and what was there.

use plotters::prelude::*;

use super::picture::{Area, Axes, INK, Unable, axes, shade, svg};
use super::reliability::ReliabilityLine;
use crate::fault::Failure;

const SIDE: u32 = 340;

/// A square diagram of one product's signals: across, the mean predicted probability of a bin; up, the share of its domains
/// that have the signal, with two standard errors; a point's area grows with the logarithm of its domains.
///
/// # Errors
/// When the picture can't be drawn.
pub fn diagram(lines: &[&ReliabilityLine]) -> Result<String, Failure> {
    svg("the reliability diagram", "Predicted and observed shares", (SIDE, SIDE), |root| draw(root, lines))
}

fn draw(root: &Area, lines: &[&ReliabilityLine]) -> Result<(), Unable> {
    let mut chart = ChartBuilder::on(root)
        .margin(8)
        .margin_right(24)
        .x_label_area_size(42)
        .y_label_area_size(52)
        .build_cartesian_2d(0.0..1.0, 0.0..1.0)?;
    let percent = |share: &f64| format!("{:.0} %", share * 100.0);
    let own = Axes {
        letters: 13,
        names: ["predicted from the other signals", "seen"],
        numbers: [5, 5],
        x: &percent,
        y: &percent,
    };
    axes(&mut chart, &own)?;
    chart.draw_series(LineSeries::new([(0.0, 0.0), (1.0, 1.0)], INK.mix(0.45)))?;
    for (n, line) in lines.iter().enumerate() {
        let colour = shade(n);
        for bin in &line.bins {
            let size = (2.0 + 1.6 * libm::log10(bin.domains as f64)) as i32;
            let reach = 2.0 * bin.standard_error;
            let ends = [(bin.observed - reach).max(0.0), (bin.observed + reach).min(1.0)].map(|y| (bin.predicted, y));
            chart.draw_series(LineSeries::new(ends, colour.mix(0.6)))?;
            chart.draw_series([Circle::new((bin.predicted, bin.observed), size, colour.mix(0.75).filled())])?;
        }
    }
    Ok(())
}
