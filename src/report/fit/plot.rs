//! One kind of picture for everything that `fit` shows: points with bars for their intervals, and lines.

use plotters::prelude::*;

use super::super::picture::{Area, Axes, INK, Unable, axes, shade, svg};
use crate::fault::Failure;

/// A point with the ends of its interval, where it has one.
pub type Point = (f64, f64, Option<(f64, f64)>);

/// Points of one kind.
#[derive(Clone, Debug, Default)]
pub struct Series {
    /// Points.
    pub points: Vec<Point>,
    /// Whether they are joined by a line.
    pub joined: bool,
}

/// What is drawn.
#[derive(Clone, Debug)]
pub struct Plot {
    /// What it shows, for those who do not see it.
    pub label: String,
    /// Across.
    pub x: String,
    /// Up.
    pub y: String,
    /// Size in pixels.
    pub size: (u32, u32),
    /// How numbers across are written.
    pub x_number: fn(f64) -> String,
    /// How numbers up are written.
    pub y_number: fn(f64) -> String,
    /// Whether the diagonal is drawn.
    pub diagonal: bool,
    /// Whether up starts at zero.
    pub from_zero: bool,
    /// Kinds of points, each in a colour of its own.
    pub series: Vec<Series>,
}

/// The picture as SVG; nothing when there is no point to draw.
///
/// # Errors
/// When the picture can't be drawn.
pub fn plot(plot: &Plot) -> Result<Option<String>, Failure> {
    let points = || plot.series.iter().flat_map(|s| &s.points);
    let finite = |x: f64| x.is_finite().then_some(x);
    let across: Vec<f64> = points().filter_map(|p| finite(p.0)).collect();
    let up: Vec<f64> =
        points().flat_map(|p| [Some(p.1), p.2.map(|e| e.0), p.2.map(|e| e.1)]).flatten().filter_map(finite).collect();
    let (Some(x), Some(y)) = (range(&across, false), range(&up, plot.from_zero)) else { return Ok(None) };
    let (x, y) = if plot.diagonal {
        let both = (x.0.min(y.0), x.1.max(y.1));
        (both, both)
    } else {
        (x, y)
    };
    svg("a picture", &plot.label, plot.size, |root| draw(root, plot, x, y)).map(Some)
}

/// Ends with some room; nothing for no numbers.
fn range(numbers: &[f64], from_zero: bool) -> Option<(f64, f64)> {
    let low = numbers.iter().copied().reduce(f64::min)?;
    let high = numbers.iter().copied().reduce(f64::max)?;
    let low = if from_zero { low.min(0.0) } else { low };
    let room = if high > low { (high - low) * 0.04 } else { low.abs().max(1.0) * 0.1 };
    Some((if from_zero && low == 0.0 { 0.0 } else { low - room }, high + room))
}

fn draw(root: &Area, plot: &Plot, x: (f64, f64), y: (f64, f64)) -> Result<(), Unable> {
    let mut chart = ChartBuilder::on(root)
        .margin(10)
        .margin_left(16)
        .margin_right(24)
        .x_label_area_size(42)
        .y_label_area_size(62)
        .build_cartesian_2d(x.0..x.1, y.0..y.1)?;
    let own = Axes {
        letters: 13,
        names: [&plot.x, &plot.y],
        numbers: [if plot.size.0 > 500 { 12 } else { 5 }, 5],
        x: &|v| (plot.x_number)(*v),
        y: &|v| (plot.y_number)(*v),
    };
    axes(&mut chart, &own)?;
    if plot.diagonal {
        chart.draw_series(LineSeries::new([(x.0, x.0), (x.1, x.1)], INK.mix(0.45)))?;
    }
    for (n, series) in plot.series.iter().enumerate() {
        let colour = shade(n);
        let inside = |p: &&Point| p.0.is_finite() && p.1.is_finite();
        let points: Vec<&Point> = series.points.iter().filter(inside).collect();
        for (px, _, ends) in &points {
            if let Some((low, high)) = ends {
                let ends = [low.clamp(y.0, y.1), high.clamp(y.0, y.1)].map(|e| (*px, e));
                chart.draw_series(LineSeries::new(ends, colour.mix(0.5)))?;
            }
        }
        if series.joined {
            chart.draw_series(LineSeries::new(points.iter().map(|p| (p.0, p.1)), colour.stroke_width(2)))?;
        }
        chart.draw_series(points.iter().map(|p| Circle::new((p.0, p.1), 3, colour.mix(0.8).filled())))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(points: Vec<Point>) -> Plot {
        Plot {
            label: "a \"label\" <b>".into(),
            x: "x".into(),
            y: "y".into(),
            size: (340, 340),
            x_number: |x| format!("{x:.0}"),
            y_number: |y| format!("{y:.0}"),
            diagonal: false,
            from_zero: true,
            series: vec![Series { points, joined: true }],
        }
    }

    #[test]
    fn nothing_has_no_picture_and_one_point_has_one() {
        assert_eq!(plot(&of(Vec::new())), Ok(None));
        assert_eq!(plot(&of(vec![(f64::NAN, 1.0, None)])), Ok(None));
        let svg = plot(&of(vec![(1.0, 2.0, Some((1.0, f64::INFINITY)))])).unwrap().unwrap();
        assert!(svg.contains("</svg>") && !svg.contains("NaN") && !svg.contains("inf") && !svg.contains("<b>"));
    }
}
