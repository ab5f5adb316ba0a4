//! Reliability diagrams: what was predicted, and what was there.

use plotters::prelude::*;

use super::chart::{GRID, INK};
use super::reliability::ReliabilityLine;
use crate::fault::Failure;

const SIDE: u32 = 340;
/// Colours of signals, told apart by people who see colours otherwise (M. Okabe, K. Ito, 2008).
const COLOURS: [RGBColor; 6] = [
    RGBColor(0, 114, 178),
    RGBColor(213, 94, 0),
    RGBColor(0, 158, 115),
    RGBColor(204, 121, 167),
    RGBColor(230, 159, 0),
    RGBColor(86, 180, 233),
];

/// The colour of a product's nth signal, as CSS has it.
pub fn colour(n: usize) -> String {
    let RGBColor(r, g, b) = shade(n);
    format!("#{r:02x}{g:02x}{b:02x}")
}

/// The same to draw with.
pub(super) fn shade(n: usize) -> RGBColor {
    COLOURS[n % COLOURS.len()]
}

/// A square diagram of one product's signals: across, the mean predicted probability of a bin; up, the share of its domains
/// that have the signal, with two standard errors; a point's area grows with the logarithm of its domains.
///
/// # Errors
/// When the picture can't be drawn.
pub fn diagram(lines: &[&ReliabilityLine]) -> Result<String, Failure> {
    let mut svg = String::new();
    draw(&mut svg, lines).map_err(|e| {
        Failure::new(format!("the reliability diagram could not be drawn: {e}"))
            .hint("this is a defect of blastradius: please report it")
    })?;
    Ok(svg.replacen("<svg ", "<svg role=\"img\" aria-label=\"Predicted and observed shares\" ", 1))
}

fn draw(svg: &mut String, lines: &[&ReliabilityLine]) -> Result<(), Box<dyn std::error::Error>> {
    let root = SVGBackend::with_string(svg, (SIDE, SIDE)).into_drawing_area();
    let label = ("sans-serif", 13).into_font().color(&INK);
    let mut chart = ChartBuilder::on(&root)
        .margin(8)
        .margin_right(24)
        .x_label_area_size(42)
        .y_label_area_size(52)
        .build_cartesian_2d(0.0..1.0, 0.0..1.0)?;
    let percent = |share: &f64| format!("{:.0} %", share * 100.0);
    chart
        .configure_mesh()
        .light_line_style(TRANSPARENT)
        .bold_line_style(GRID)
        .axis_style(INK)
        .label_style(label.clone())
        .x_labels(5)
        .y_labels(5)
        .x_label_formatter(&percent)
        .y_label_formatter(&percent)
        .x_desc("predicted from the other signals")
        .y_desc("seen")
        .axis_desc_style(label)
        .draw()?;
    chart.draw_series(LineSeries::new([(0.0, 0.0), (1.0, 1.0)], INK.mix(0.45)))?;
    for (n, line) in lines.iter().enumerate() {
        let colour = COLOURS[n % COLOURS.len()];
        for bin in &line.bins {
            let size = (2.0 + 1.6 * libm::log10(bin.domains as f64)) as i32;
            let reach = 2.0 * bin.standard_error;
            let ends = [(bin.observed - reach).max(0.0), (bin.observed + reach).min(1.0)].map(|y| (bin.predicted, y));
            chart.draw_series(LineSeries::new(ends, colour.mix(0.6)))?;
            chart.draw_series([Circle::new((bin.predicted, bin.observed), size, colour.mix(0.75).filled())])?;
        }
    }
    root.present()?;
    drop(chart);
    drop(root);
    Ok(())
}
