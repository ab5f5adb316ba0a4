//! What every picture has in common: ink, axes, colours, and how it becomes SVG in a page.

use plotters::coord::Shift;
use plotters::coord::types::RangedCoordf64;
use plotters::prelude::*;

use crate::fault::Failure;

/// Text and axes.
pub const INK: RGBColor = RGBColor(28, 35, 51);
const GRID: RGBColor = RGBColor(224, 228, 236);
/// Colours told apart by people who see colours otherwise (M. Okabe, K. Ito, 2008).
const COLOURS: [RGBColor; 6] = [
    RGBColor(0, 114, 178),
    RGBColor(213, 94, 0),
    RGBColor(0, 158, 115),
    RGBColor(204, 121, 167),
    RGBColor(230, 159, 0),
    RGBColor(86, 180, 233),
];

/// Why a picture could not be drawn.
pub type Unable = Box<dyn std::error::Error>;
/// Where a picture is drawn.
pub type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;
/// A picture with axes.
pub type Chart<'a> = ChartContext<'a, SVGBackend<'a>, Cartesian2d<RangedCoordf64, RangedCoordf64>>;

/// The nth colour to draw with.
pub fn shade(n: usize) -> RGBColor {
    COLOURS[n % COLOURS.len()]
}

/// The same as CSS has it.
pub fn colour(n: usize) -> String {
    let RGBColor(r, g, b) = shade(n);
    format!("#{r:02x}{g:02x}{b:02x}")
}

/// The SVG of a picture of `size` pixels. `label` says what it shows, for those who do not see it; `what` is its name in
/// errors.
///
/// # Errors
/// When it can't be drawn.
pub fn svg(
    what: &str,
    label: &str,
    size: (u32, u32),
    draw: impl FnOnce(&Area) -> Result<(), Unable>,
) -> Result<String, Failure> {
    let mut text = String::new();
    let root = SVGBackend::with_string(&mut text, size).into_drawing_area();
    draw(&root).and_then(|()| Ok(root.present()?)).map_err(|e| {
        Failure::new(format!("{what} could not be drawn: {e}"))
            .hint("this is a defect of blastradius: please report it")
    })?;
    drop(root);
    let label = label.replace(['"', '<', '>', '&'], " ");
    Ok(text.replacen("<svg ", &format!("<svg role=\"img\" aria-label=\"{label}\" "), 1))
}

/// The axes of a picture.
pub struct Axes<'a> {
    /// Height of letters in pixels.
    pub letters: u32,
    /// What is across, and up.
    pub names: [&'a str; 2],
    /// How many numbers there are across, and up.
    pub numbers: [usize; 2],
    /// How numbers across are written.
    pub x: &'a dyn Fn(&f64) -> String,
    /// How numbers up are written.
    pub y: &'a dyn Fn(&f64) -> String,
}

/// Draws axes with a grid of their bold lines only.
///
/// # Errors
/// When they can't be drawn.
pub fn axes(chart: &mut Chart, axes: &Axes) -> Result<(), Unable> {
    let label = ("sans-serif", axes.letters).into_font().color(&INK);
    chart
        .configure_mesh()
        .light_line_style(TRANSPARENT)
        .bold_line_style(GRID)
        .axis_style(INK)
        .label_style(label.clone())
        .x_labels(axes.numbers[0])
        .y_labels(axes.numbers[1])
        .x_label_formatter(axes.x)
        .y_label_formatter(axes.y)
        .x_desc(axes.names[0])
        .y_desc(axes.names[1])
        .axis_desc_style(label)
        .draw()?;
    Ok(())
}
