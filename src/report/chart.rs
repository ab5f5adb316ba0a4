//! One picture: how likely a loss of at least so much is.

use plotters::prelude::*;

use super::picture::{Area, Axes, Unable, axes, svg};
use crate::fault::Failure;

const WIDTH: u32 = 860;
const HEIGHT: u32 = 340;
const ACCENT: RGBColor = RGBColor(178, 58, 36);

/// The exceedance curve of a sample of losses, as SVG; nothing when no trial has a loss.
///
/// Horizontal: loss, logarithmic. Vertical: share of trials with at least that loss.
///
/// # Errors
/// When the picture can't be drawn.
pub fn exceedance(losses: &[f64], currency: &str) -> Result<Option<String>, Failure> {
    let mut sorted: Vec<f64> = losses.iter().copied().filter(|x| *x > 0.0).collect();
    sorted.sort_by(f64::total_cmp);
    let (Some(smallest), Some(largest)) = (sorted.first(), sorted.last()) else { return Ok(None) };
    let (low, high) = (
        libm::log10(smallest.max(largest / 1e6)).floor(),
        libm::log10(largest * 1.05).max(libm::log10(*smallest) + 0.5),
    );
    let points = curve(&sorted, losses.len(), low, high);
    let top = points.first().map_or(1.0, |p| p.1);
    let draw = |root: &Area| draw(root, &points, low, high, top, currency);
    svg("the chart", "Chance that the loss is at least so much", (WIDTH, HEIGHT), draw).map(Some)
}

/// Points (log10 of the loss, share of trials at or above it), at most one for each pixel.
fn curve(sorted: &[f64], trials: usize, low: f64, high: f64) -> Vec<(f64, f64)> {
    let steps = WIDTH / 2;
    let at = |step: u32| low + (high - low) * f64::from(step) / f64::from(steps);
    let share =
        |x: f64| (sorted.len() - sorted.partition_point(|loss| *loss < libm::pow(10.0, x))) as f64 / trials as f64;
    (0..=steps).map(|step| (at(step), share(at(step)))).collect()
}

fn draw(root: &Area, points: &[(f64, f64)], low: f64, high: f64, top: f64, currency: &str) -> Result<(), Unable> {
    let mut chart = ChartBuilder::on(root)
        .margin(10)
        .margin_right(30)
        .x_label_area_size(48)
        .y_label_area_size(64)
        .build_cartesian_2d(low..high, 0.0..top * 1.08)?;
    let percent = if top < 0.02 {
        2
    } else if top < 0.1 {
        1
    } else {
        0
    };
    let own = Axes {
        letters: 14,
        names: [&format!("gross loss of the event, {currency}"), "chance of at least this loss"],
        numbers: [((high - low).ceil() as usize + 1).clamp(3, 8), 5],
        x: &|x| compact(libm::pow(10.0, *x)),
        y: &|y| format!("{:.percent$} %", y * 100.0),
    };
    axes(&mut chart, &own)?;
    chart.draw_series(
        AreaSeries::new(points.iter().copied(), 0.0, ACCENT.mix(0.14)).border_style(ACCENT.stroke_width(2)),
    )?;
    Ok(())
}

/// `500`, `20k`, `3M`, `1B`.
pub(super) fn compact(units: f64) -> String {
    let (value, word) = match units {
        u if u >= 999_500_000.0 => (u / 1e9, "B"),
        u if u >= 999_500.0 => (u / 1e6, "M"),
        u if u >= 999.5 => (u / 1e3, "k"),
        u => (u, ""),
    };
    let digits = usize::from((value - value.round()).abs() >= 0.05);
    format!("{value:.digits$}{word}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_without_losses_has_no_picture() {
        assert_eq!(exceedance(&[0.0; 100], "USD"), Ok(None));
    }

    #[test]
    fn the_curve_falls_from_the_share_of_trials_with_a_loss() {
        let losses: Vec<f64> = (0..1000).map(|i| if i < 900 { 0.0 } else { f64::from(i) * 100.0 }).collect();
        let sorted: Vec<f64> = losses.iter().copied().filter(|x| *x > 0.0).collect();
        let points = curve(&sorted, losses.len(), 4.0, 5.1);
        assert_eq!(points[0].1, 0.1);
        assert!(points.windows(2).all(|w| w[0].1 >= w[1].1));
        let svg = exceedance(&losses, "USD").unwrap().unwrap();
        assert!(
            svg.contains("gross loss of the event, USD") && compact(2_500_000.0) == "2.5M" && svg.contains("</svg>")
        );
    }

    #[test]
    fn a_single_size_of_loss_can_be_drawn() {
        assert!(exceedance(&[0.0, 500.0, 500.0], "USD").unwrap().is_some());
    }
}
