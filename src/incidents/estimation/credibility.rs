//! Credibility of Bühlmann and Straub: how far a group's own experience counts against what all groups share.
//!
//! H. Bühlmann, E. Straub, *Glaubwürdigkeit für Schadensätze*, Mitteilungen der Vereinigung Schweizerischer
//! Versicherungsmathematiker 70 (1970); unbiased estimators of the structure parameters as in S. A. Klugman, H. H. Panjer,
//! G. E. Willmot: *Loss Models*, chapter on empirical Bayes parameter estimation.

/// One group: a value and a weight (exposure) for each of its periods.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Group {
    /// Values, each a mean over its exposure.
    pub values: Vec<f64>,
    /// Exposures, above nought.
    pub exposures: Vec<f64>,
}

impl Group {
    /// Sum of exposures.
    pub fn exposure(&self) -> f64 {
        self.exposures.iter().sum()
    }

    /// Mean weighted by exposure.
    pub fn mean(&self) -> f64 {
        self.values.iter().zip(&self.exposures).map(|(x, e)| x * e).sum::<f64>() / self.exposure()
    }
}

/// Structure parameters of a collective.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Structure {
    /// v: expected variance of a value over one unit of exposure, within a group.
    pub within: f64,
    /// a: variance of the groups' own means; nought where the data show none.
    pub between: f64,
}

impl Structure {
    /// Unbiased estimators, `between` cut off at nought:
    ///
    /// v = Σⱼ Σₜ eⱼₜ·(Xⱼₜ − X̄ⱼ)² ÷ Σⱼ (nⱼ − 1),
    /// a = (Σⱼ eⱼ·(X̄ⱼ − X̄)² − v·(J − 1)) ÷ (e − Σⱼ eⱼ² ÷ e).
    ///
    /// Where no group has two periods v is `otherwise`: of counts over exposure, their mean (Poisson).
    pub fn of(groups: &[Group], otherwise: f64) -> Structure {
        let freedom: f64 = groups.iter().map(|g| g.values.len() as f64 - 1.0).sum();
        let squares = |g: &Group| {
            let mean = g.mean();
            g.values.iter().zip(&g.exposures).map(|(x, e)| e * (x - mean) * (x - mean)).sum::<f64>()
        };
        let own = groups.iter().map(squares).sum::<f64>() / freedom.max(1.0);
        let within = if freedom > 0.0 { own } else { otherwise };
        let total: f64 = groups.iter().map(Group::exposure).sum();
        let mean = groups.iter().map(|g| g.exposure() * g.mean()).sum::<f64>() / total;
        let spread: f64 = groups.iter().map(|g| g.exposure() * (g.mean() - mean) * (g.mean() - mean)).sum();
        let squared: f64 = groups.iter().map(|g| g.exposure() * g.exposure()).sum();
        let between = (spread - within * (groups.len() as f64 - 1.0)) / (total - squared / total);
        Structure { within, between: if between.is_finite() { between.max(0.0) } else { 0.0 } }
    }

    /// Z = e ÷ (e + v ÷ a): the weight of a group's own mean against the collective's; nought where groups do not differ.
    pub fn weight(&self, exposure: f64) -> f64 {
        if self.between <= 0.0 || exposure <= 0.0 {
            return 0.0;
        }
        exposure / (exposure + self.within / self.between)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two group policyholders as in *Loss Models*' example of the non-parametric Bühlmann–Straub estimators: claims of
    /// 10,000 and 13,000 over 50 and 60 lives; 18,000, 21,000 and 17,000 over 100, 110 and 105. By hand v = 17,830.69,
    /// a = 380.90 and Z = 0.70 and 0.87.
    #[test]
    fn two_group_policyholders_of_loss_models() {
        let group = |claims: &[f64], lives: &[f64]| Group {
            values: claims.iter().zip(lives).map(|(c, l)| c / l).collect(),
            exposures: lives.to_vec(),
        };
        let groups = [
            group(&[10_000.0, 13_000.0], &[50.0, 60.0]),
            group(&[18_000.0, 21_000.0, 17_000.0], &[100.0, 110.0, 105.0]),
        ];
        let structure = Structure::of(&groups, 0.0);
        assert!((structure.within - 17_830.69).abs() < 0.01, "{structure:?}");
        assert!((structure.between - 380.90).abs() < 0.01, "{structure:?}");
        let weights = [110.0, 315.0].map(|e| structure.weight(e));
        assert!((weights[0] - 0.70).abs() < 0.005 && (weights[1] - 0.87).abs() < 0.005, "{weights:?}");
    }

    #[test]
    fn groups_that_do_not_differ_have_no_weight_of_their_own() {
        let same = Group { values: vec![1.0, 2.0, 3.0], exposures: vec![1.0; 3] };
        let structure = Structure::of(&[same.clone(), same.clone()], 0.0);
        assert_eq!((structure.between, structure.weight(100.0)), (0.0, 0.0));
        let alone = Structure::of(&[Group { values: vec![0.5], exposures: vec![4.0] }], 0.5);
        assert_eq!(alone, Structure { within: 0.5, between: 0.0 });
    }
}
