//! How each family fits the losses of a segment, in figures and pictures.

use serde::Serialize;

use super::plot::{Plot, Series, plot};
use crate::fault::Failure;
use crate::fit::diagnostics::{MeanExcess, Stability};
use crate::fit::estimate::Z_90;
use crate::fit::severity::Family;
use crate::incidents::{SeverityStudy, TRIED};
use crate::money::thousands;

/// One family of a study.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CandidateLine {
    /// Family.
    pub family: &'static str,
    /// Whether it was taken.
    pub chosen: bool,
    /// Parameters with standard errors.
    pub parameters: String,
    /// Log-likelihood.
    pub log_likelihood: Option<String>,
    /// Akaike.
    pub aic: Option<String>,
    /// Bayesian.
    pub bic: Option<String>,
    /// Why there is no fit, and what to do.
    pub refusal: Option<String>,
}

/// A segment with a family of its own.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct StudyLine {
    /// Segment.
    pub segment: String,
    /// Losses.
    pub n: usize,
    /// Known exactly.
    pub uncensored: usize,
    /// Above a retention.
    pub truncated: usize,
    /// On how many losses known exactly families were compared, where not on all.
    pub tried: Option<usize>,
    /// Families.
    pub candidates: Vec<CandidateLine>,
    /// Kolmogorov–Smirnov distance.
    pub kolmogorov_smirnov: Option<String>,
    /// Its p-value.
    pub kolmogorov_smirnov_p: Option<String>,
    /// Anderson–Darling.
    pub anderson_darling: Option<String>,
    /// Its p-value.
    pub anderson_darling_p: Option<String>,
    /// Samples that the p-values come from.
    pub replications: u32,
}

impl StudyLine {
    /// Of a study.
    pub fn of(study: &SeverityStudy) -> StudyLine {
        let goodness = study.goodness.as_ref();
        StudyLine {
            segment: study.segment.to_string(),
            n: study.counts[0],
            uncensored: study.counts[1],
            truncated: study.counts[2],
            tried: (study.counts[1] > 2 * TRIED).then_some(TRIED),
            candidates: (0..study.candidates.len()).map(|at| candidate(study, at)).collect(),
            kolmogorov_smirnov: goodness.map(|g| format!("{:.4}", g.kolmogorov_smirnov)),
            kolmogorov_smirnov_p: goodness.and_then(|g| g.kolmogorov_smirnov_p).map(|p| format!("{p:.3}")),
            anderson_darling: goodness.map(|g| format!("{:.3}", g.anderson_darling)),
            anderson_darling_p: goodness.and_then(|g| g.anderson_darling_p).map(|p| format!("{p:.3}")),
            replications: goodness.map_or(0, |g| g.replications),
        }
    }
}

fn candidate(study: &SeverityStudy, at: usize) -> CandidateLine {
    let own = &study.candidates[at];
    let line = CandidateLine {
        family: own.family.as_str(),
        chosen: at == study.chosen && own.result.is_ok(),
        parameters: String::new(),
        log_likelihood: None,
        aic: None,
        bic: None,
        refusal: None,
    };
    match &own.result {
        Err(refusal) => CandidateLine { refusal: Some(format!("{refusal}: {}", refusal.hint())), ..line },
        Ok(fit) => {
            let number = |x: f64| if x.abs() >= 1_000.0 { thousands(x) } else { format!("{x:.3}") };
            let parameter = |p: &crate::fit::Parameter| {
                format!("{} {} ±{}", p.name.replace('_', " "), number(p.value), number(p.standard_error))
            };
            let mut parameters: Vec<String> = fit.parameters.iter().map(parameter).collect();
            if own.family == Family::Spliced {
                parameters.push(format!("threshold {}", number(fit.estimate.threshold)));
            }
            CandidateLine {
                parameters: parameters.join(", "),
                log_likelihood: Some(format!("{:.2}", fit.criteria.log_likelihood)),
                aic: Some(format!("{:.2}", fit.criteria.aic)),
                bic: own.bic().map(|bic| format!("{bic:.2}")),
                ..line
            }
        }
    }
}

/// The pictures of a study: QQ, mean excess, threshold stability; those without a point are left out.
pub fn pictures(study: &SeverityStudy) -> Result<Vec<(&'static str, String)>, Failure> {
    let ends = |x: f64, error: f64| Some((x - Z_90 * error, x + Z_90 * error));
    let log = |x: f64| libm::log10(x.max(1e-300));
    let qq = study.quantiles.iter().map(|q| (log(q.model), log(q.observed), None)).collect();
    let excess =
        |p: &MeanExcess| (log(p.threshold), p.mean, ends(p.mean, p.standard_error).map(|(a, b)| (a.max(0.0), b)));
    let shape = |p: &Stability| (log(p.threshold), p.shape, ends(p.shape, p.shape_error));
    let scale = |p: &Stability| (log(p.threshold), p.modified_scale, ends(p.modified_scale, p.modified_scale_error));
    let base = |label: &str, x: &str, y: &str, points: Vec<super::plot::Point>| Plot {
        label: label.to_string(),
        x: x.to_string(),
        y: y.to_string(),
        size: (340, 340),
        x_number: dollars,
        y_number: compact,
        diagonal: false,
        from_zero: true,
        series: vec![Series { points, joined: false }],
    };
    let qq = Plot {
        y_number: dollars,
        diagonal: true,
        from_zero: false,
        ..base("Quantiles of model and losses", "model, USD", "losses, USD", qq)
    };
    let mean_excess =
        base("Mean excess", "threshold, USD", "mean excess, USD", study.mean_excess.iter().map(excess).collect());
    let shapes = Plot {
        y_number: |x| format!("{x:.2}"),
        ..base("Tail shape by threshold", "threshold, USD", "shape ξ", study.stability.iter().map(shape).collect())
    };
    let scales = base(
        "Modified scale by threshold",
        "threshold, USD",
        "modified scale, USD",
        study.stability.iter().map(scale).collect(),
    );
    let all = [
        ("Quantiles (QQ)", qq),
        ("Mean excess", mean_excess),
        ("Threshold stability: shape", shapes),
        ("Threshold stability: modified scale", scales),
    ];
    let mut pictures = Vec::new();
    for (title, picture) in all {
        pictures.extend(plot(&picture)?.map(|svg| (title, svg)));
    }
    Ok(pictures)
}

fn dollars(log10: f64) -> String {
    compact(libm::pow(10.0, log10))
}

/// `500`, `20k`, `3M`, `1B`, with a sign.
pub fn compact(units: f64) -> String {
    let sign = if units < 0.0 { "-" } else { "" };
    sign.to_string() + &super::super::chart::compact(units.abs())
}
