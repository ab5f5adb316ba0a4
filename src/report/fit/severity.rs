//! How each family fits the losses of a segment, in figures and pictures.

use serde::Serialize;

use super::plot::{Plot, Series, plot};
use crate::fault::Failure;
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
    /// Its 5 % bound for a model given beforehand.
    pub kolmogorov_smirnov_5_percent: Option<String>,
    /// Whether the distance is within that bound.
    pub close: Option<bool>,
    /// Anderson–Darling.
    pub anderson_darling: Option<String>,
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
            kolmogorov_smirnov_5_percent: goodness.map(|g| format!("{:.4}", g.kolmogorov_smirnov_5_percent)),
            close: goodness.map(|g| g.kolmogorov_smirnov <= g.kolmogorov_smirnov_5_percent),
            anderson_darling: goodness.map(|g| format!("{:.3}", g.anderson_darling)),
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
    let goodness = study.goodness.as_ref();
    let qq = goodness.map(|g| g.qq.iter().map(|(model, seen)| (*model, *seen, None)).collect()).unwrap_or_default();
    let excess =
        |p: &(f64, f64, f64, usize)| (libm::log10(p.0), p.1, Some(((p.1 - 1.645 * p.2).max(0.0), p.1 + 1.645 * p.2)));
    let shape = |p: &[f64; 5]| (libm::log10(p[0]), p[1], Some((p[1] - 1.645 * p[2], p[1] + 1.645 * p[2])));
    let scale = |p: &[f64; 5]| (libm::log10(p[0]), p[3], Some((p[3] - 1.645 * p[4], p[3] + 1.645 * p[4])));
    let plain = |x: f64| format!("{x:.1}");
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
        x_number: plain,
        y_number: plain,
        diagonal: true,
        ..base("Quantiles of model and losses", "expected, exponential scale", "seen", qq)
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
