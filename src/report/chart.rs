//! One picture: how likely a loss of at least so much is.

use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::picture::{Area, Axes, Unable, axes, svg};
use crate::fault::Failure;

const WIDTH: u32 = 860;
const HEIGHT: u32 = 340;
const ACCENT: RGBColor = RGBColor(178, 58, 36);
const NET: RGBColor = RGBColor(0, 90, 140);

/// The exceedance curve of a sample of losses, as SVG, with a second one of what treaties leave of them, where there are
/// any; nothing when no trial has a loss.
///
/// Horizontal: loss, logarithmic. Vertical: share of trials with at least that loss.
///
/// # Errors
/// When the picture can't be drawn.
pub fn exceedance(losses: &[f64], net: Option<&[f64]>, currency: &str) -> Result<Option<String>, Failure> {
    let sorted = above_zero(losses);
    let (Some(smallest), Some(largest)) = (sorted.first(), sorted.last()) else { return Ok(None) };
    let (low, high) = (
        libm::log10(smallest.max(largest / 1e6)).floor(),
        libm::log10(largest * 1.05).max(libm::log10(*smallest) + 0.5),
    );
    let points = curve(&sorted, losses.len(), low, high);
    let top = points.first().map_or(1.0, |p| p.1);
    let net = net.map(|net| curve(&above_zero(net), losses.len(), low, high));
    let curves = Curves { gross: &points, net: net.as_deref() };
    let draw = |root: &Area| draw(root, &curves, low, high, top, currency);
    let label = match net {
        Some(_) => "Chance that the loss is at least so much, before and after reinsurance",
        None => "Chance that the loss is at least so much",
    };
    svg("the chart", label, (WIDTH, HEIGHT), draw).map(Some)
}

/// What is drawn.
struct Curves<'a> {
    gross: &'a [(f64, f64)],
    net: Option<&'a [(f64, f64)]>,
}

fn above_zero(losses: &[f64]) -> Vec<f64> {
    let mut sorted: Vec<f64> = losses.iter().copied().filter(|x| *x > 0.0).collect();
    sorted.sort_by(f64::total_cmp);
    sorted
}

/// Points (log10 of the loss, share of trials at or above it), at most one for each pixel.
fn curve(sorted: &[f64], trials: usize, low: f64, high: f64) -> Vec<(f64, f64)> {
    let steps = WIDTH / 2;
    let at = |step: u32| low + (high - low) * f64::from(step) / f64::from(steps);
    let share =
        |x: f64| (sorted.len() - sorted.partition_point(|loss| *loss < libm::pow(10.0, x))) as f64 / trials as f64;
    (0..=steps).map(|step| (at(step), share(at(step)))).collect()
}

fn draw(root: &Area, curves: &Curves, low: f64, high: f64, top: f64, currency: &str) -> Result<(), Unable> {
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
        names: [
            &format!("{} of the event, {currency}", if curves.net.is_some() { "loss" } else { "gross loss" }),
            "chance of at least this loss",
        ],
        numbers: [((high - low).ceil() as usize + 1).clamp(3, 8), 5],
        x: &|x| compact(libm::pow(10.0, *x)),
        y: &|y| format!("{:.percent$} %", y * 100.0),
    };
    axes(&mut chart, &own)?;
    chart.draw_series(
        AreaSeries::new(curves.gross.iter().copied(), 0.0, ACCENT.mix(0.14)).border_style(ACCENT.stroke_width(2)),
    )?;
    let Some(net) = curves.net else { return Ok(()) };
    chart.draw_series(LineSeries::new(net.iter().copied(), NET.stroke_width(2)))?;
    // Each name beside its curve: gross above it to the right, net below it to the left; net is never above gross.
    let mut name =
        |text: &'static str, curve: &[(f64, f64)], height: f64, colour: RGBColor, places: (HPos, VPos, f64)| {
            let at = curve.iter().rfind(|p| p.1 >= height * curve[0].1 && p.1 > 0.0);
            let Some((x, y)) = at.copied() else { return Ok(()) };
            let style = ("sans-serif", 14).into_font().color(&colour).pos(Pos::new(places.0, places.1));
            chart.draw_series([Text::new(text, (x + places.2 * (high - low), y), style)]).map(|_| ())
        };
    name("gross", curves.gross, 0.55, ACCENT, (HPos::Left, VPos::Bottom, 0.01))?;
    name("net, after reinsurance", net, 0.45, NET, (HPos::Right, VPos::Top, -0.01))?;
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
        assert_eq!(exceedance(&[0.0; 100], None, "USD"), Ok(None));
    }

    #[test]
    fn the_curve_falls_from_the_share_of_trials_with_a_loss() {
        let losses: Vec<f64> = (0..1000).map(|i| if i < 900 { 0.0 } else { f64::from(i) * 100.0 }).collect();
        let sorted: Vec<f64> = losses.iter().copied().filter(|x| *x > 0.0).collect();
        let points = curve(&sorted, losses.len(), 4.0, 5.1);
        assert_eq!(points[0].1, 0.1);
        assert!(points.windows(2).all(|w| w[0].1 >= w[1].1));
        let svg = exceedance(&losses, None, "USD").unwrap().unwrap();
        assert!(!svg.contains("net"));
        assert!(
            svg.contains("gross loss of the event, USD") && compact(2_500_000.0) == "2.5M" && svg.contains("</svg>")
        );
    }

    #[test]
    fn a_second_curve_is_of_what_treaties_leave() {
        let losses: Vec<f64> = (0..1000).map(|i| f64::from(i) * 100.0).collect();
        let net: Vec<f64> = losses.iter().map(|x| x / 2.0).collect();
        let svg = exceedance(&losses, Some(&net), "USD").unwrap().unwrap();
        assert!(svg.contains("net, after reinsurance") && svg.contains("\nloss of the event, USD"), "{svg}");
        let nothing = exceedance(&losses, Some(&[0.0; 1000]), "USD").unwrap().unwrap();
        assert!(!nothing.contains("net, after reinsurance"), "a curve that is nowhere has no name");
    }

    #[test]
    fn a_single_size_of_loss_can_be_drawn() {
        assert!(exceedance(&[0.0, 500.0, 500.0], None, "USD").unwrap().is_some());
    }
}
