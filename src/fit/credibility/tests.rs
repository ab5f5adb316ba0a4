use super::*;
use crate::random::{Draws, Purpose, normal};

fn observations(values: &[f64], weights: &[f64]) -> Vec<Observation> {
    values.iter().zip(weights).map(|(value, weight)| Observation { value: *value, weight: *weight }).collect()
}

/// Two group policyholders (*Loss Models*, the worked example of the nonparametric estimators): claims of 10,000 and 13,000
/// by 50 and 60 members; of 18,000, 21,000 and 17,000 by 100, 110 and 105. By hand: X̄ = 209.0909, 177.7778, together
/// 185.8824; v = (7,575.76 + 45,915.34) ÷ 3 = 17,830.37; a = (110·23.2086² + 315·8.1046² − v) ÷ (425 − 111,325 ÷ 425) = 380.9.
#[test]
fn two_group_policyholders_have_the_credibility_worked_out_by_hand() {
    let groups = [
        observations(&[200.0, 13_000.0 / 60.0], &[50.0, 60.0]),
        observations(&[180.0, 21_000.0 / 110.0, 17_000.0 / 105.0], &[100.0, 110.0, 105.0]),
    ];
    let found = buhlmann_straub(&groups, Within::Spread, Centre::Exposure).unwrap();
    assert!((found.members[0].mean - 209.0909).abs() < 1e-4 && (found.centre - 185.8824).abs() < 1e-4);
    assert!((found.within - 17_830.4).abs() < 0.5, "{found:?}");
    assert!((found.between - 380.9).abs() < 0.1, "{found:?}");
    let z = |w: f64| w / (w + 17_830.4 / 380.9);
    assert!((found.members[0].credibility - z(110.0)).abs() < 1e-4 && (z(110.0) - 0.70).abs() < 0.005);
    assert!((found.members[1].credibility - z(315.0)).abs() < 1e-4 && (z(315.0) - 0.87).abs() < 0.005);
    let estimate = z(110.0) * 209.0909 + (1.0 - z(110.0)) * 185.8824;
    assert!((found.members[0].estimate - estimate).abs() < 0.01);
}

/// Private passenger bodily injury claims of five states of the US in the twelve quarters from July 1970 to June 1973: mean claim and
/// number of claims (C. A. Hachemeister, *Credibility for regression models with application to trend*, in *Credibility: Theory and
/// Applications*, Proceedings of the Berkeley Actuarial Research Conference, Academic Press, 1975).
const HACHEMEISTER: [([f64; 12], [f64; 12]); 5] = [
    (
        [1738.0, 1642.0, 1794.0, 2051.0, 2079.0, 2234.0, 2032.0, 2035.0, 2115.0, 2262.0, 2267.0, 2517.0],
        [7861.0, 9251.0, 8706.0, 8575.0, 7917.0, 8263.0, 9456.0, 8003.0, 7365.0, 7832.0, 7849.0, 9077.0],
    ),
    (
        [1364.0, 1408.0, 1597.0, 1444.0, 1342.0, 1675.0, 1470.0, 1448.0, 1464.0, 1831.0, 1612.0, 1471.0],
        [1622.0, 1742.0, 1523.0, 1515.0, 1622.0, 1602.0, 1964.0, 1515.0, 1527.0, 1748.0, 1654.0, 1861.0],
    ),
    (
        [1759.0, 1685.0, 1479.0, 1763.0, 1674.0, 2103.0, 1502.0, 1622.0, 1828.0, 2155.0, 2233.0, 2059.0],
        [1147.0, 1357.0, 1329.0, 1204.0, 998.0, 1077.0, 1277.0, 1218.0, 896.0, 1003.0, 1108.0, 1121.0],
    ),
    (
        [1223.0, 1146.0, 1010.0, 1257.0, 1426.0, 1532.0, 1953.0, 1123.0, 1343.0, 1243.0, 1762.0, 1306.0],
        [407.0, 396.0, 348.0, 341.0, 315.0, 328.0, 352.0, 331.0, 287.0, 384.0, 321.0, 342.0],
    ),
    (
        [1456.0, 1499.0, 1609.0, 1741.0, 1482.0, 1572.0, 1606.0, 1735.0, 1607.0, 1573.0, 1613.0, 1690.0],
        [2902.0, 3172.0, 3046.0, 3068.0, 2693.0, 2910.0, 3275.0, 2697.0, 2663.0, 3017.0, 3242.0, 3425.0],
    ),
];

/// The figures that the R package actuar prints for these data (version 3.3-7, whose table is the one above; vignette *Credibility
/// theory features of actuar*, section 4): collective premium 1,684; variance between states 89,639, within 139,120,026. The
/// credibilities w ÷ (w + within ÷ between) follow from them, with 100,155, 19,895, 13,735, 4,152 and 36,110 claims, and so do the
/// premiums, with the states' means of 2,061, 1,511, 1,806, 1,353 and 1,600 that the vignette prints in section 3.
#[test]
fn hachemeisters_states_have_the_published_credibility() {
    let states: Vec<Vec<Observation>> = HACHEMEISTER.iter().map(|(x, w)| observations(x, w)).collect();
    let found = buhlmann_straub(&states, Within::Spread, Centre::Balanced).unwrap();
    assert!((found.within - 139_120_026.0).abs() < 1.0, "{found:?}");
    assert!((found.between - 89_639.0).abs() < 1.0, "{found:?}");
    assert!((found.centre - 1_684.0).abs() < 0.5, "{found:?}");
    let published = [(0.9847, 2055.0), (0.9276, 1524.0), (0.8985, 1793.0), (0.7279, 1443.0), (0.9588, 1603.0)];
    for (member, (z, premium)) in found.members.iter().zip(published) {
        assert!((member.credibility - z).abs() < 5e-5 && (member.estimate - premium).abs() < 0.5, "{member:?}");
    }
}

#[test]
fn balanced_estimates_sum_to_what_was_observed() {
    let states: Vec<Vec<Observation>> = HACHEMEISTER.iter().map(|(x, w)| observations(x, w)).collect();
    let found = buhlmann_straub(&states, Within::Spread, Centre::Balanced).unwrap();
    let total = |value: fn(&Member) -> f64| found.members.iter().map(|m| m.weight * value(m)).sum::<f64>();
    assert!((total(|m| m.estimate) / total(|m| m.mean) - 1.0).abs() < 1e-12);
}

#[test]
fn segments_that_differ_less_than_chance_all_get_the_mean() {
    let same = [observations(&[1.0, 3.0], &[10.0, 10.0]), observations(&[3.0, 1.1], &[10.0, 10.0]), Vec::new()];
    let found = buhlmann_straub(&same, Within::Spread, Centre::Balanced).unwrap();
    assert!(found.between == 0.0 && found.between_unbounded < 0.0);
    assert!(found.members.iter().all(|m| m.credibility == 0.0 && (m.estimate - found.centre).abs() < 1e-12));
    assert!((found.centre - 2.025).abs() < 1e-12);
    assert_eq!(buhlmann_straub(&[Vec::new()], Within::Poisson, Centre::Balanced), Err(Refusal::NoData));
    let single = [observations(&[1.0], &[1.0])];
    assert_eq!(buhlmann_straub(&single, Within::Spread, Centre::Balanced).unwrap_err().key(), "too few");
}

/// Without bias: over 400 simulated trees of known structure (v = 4, a = 0.5, b = 0.8) the mean of each estimator is its
/// parameter, within four of its standard errors.
#[test]
fn structure_parameters_of_a_tree_are_estimated_without_bias() {
    let draws = Draws::new(17);
    let mut found = [Vec::new(), Vec::new(), Vec::new()];
    for trial in 0..400 {
        let mut stream = draws.stream(Purpose::Bootstrap, trial, 0);
        let mut z = |sd: f64| sd * normal::quantile(stream.uniform());
        let tree: Vec<Vec<Vec<Observation>>> = (0..6)
            .map(|p| {
                let parent = 10.0 + z(0.8f64.sqrt());
                let segment = |s: usize, z: &mut dyn FnMut(f64) -> f64| {
                    let own = parent + z(0.5f64.sqrt());
                    let weight = |t: usize| 1.0 + ((3 * p + 5 * s + t) % 7) as f64;
                    (0..4)
                        .map(|t| Observation { value: own + z((4.0 / weight(t)).sqrt()), weight: weight(t) })
                        .collect()
                };
                (0..5).map(|s| segment(s, &mut z)).collect()
            })
            .collect();
        let tree = hierarchical(&tree, Within::Spread).unwrap();
        found[0].push(tree.segments[0].within - 4.0);
        found[1].push(tree.segments[0].between_unbounded - 0.5);
        found[2].push(tree.between_parents - 0.8);
        let ends = tree.segments.iter().zip(&tree.parents);
        assert!(ends.flat_map(|(s, p)| s.members.iter().map(|m| (m, p.estimate))).all(|(m, centre)| {
            (m.estimate - (m.credibility * m.mean + (1.0 - m.credibility) * centre)).abs() < 1e-12
        }));
    }
    for (name, off) in ["v", "a", "b"].iter().zip(found) {
        let n = off.len() as f64;
        let mean = off.iter().sum::<f64>() / n;
        let error = (off.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / n / n).sqrt();
        assert!(mean.abs() < 4.0 * error, "{name}: {mean} ± {error}");
    }
}
