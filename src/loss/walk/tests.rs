use super::*;
use crate::loss::calendar::Occurrence;
use crate::loss::hazard::class_of;

fn occurrence(at: u32) -> Occurrence {
    let rate = f64::from(at % 11) / 10.0;
    Occurrence { year: at, peril: 0, number: 0, time: 0.0, rate, hours: 0.0, level: 1.0 }
}

/// 4,000 occurrences of rates from 0 to 1, insureds of seven probabilities, 400 walks each, through points and from one to
/// the next: every occurrence's hits, in tenths of the rate, lie within five standard deviations of the binomial p·r.
#[test]
fn every_occurrence_hits_with_its_own_probability() {
    let occurrences: Vec<Occurrence> = (0..4_000).map(occurrence).collect();
    let moments: Vec<Moment> = occurrences.iter().map(Moment::of).collect();
    let draws = Draws::new(3);
    for (p, mean) in [1.0, 0.9, 0.51, 0.5, 0.26, 0.03, 0.0017].into_iter().flat_map(|p| [(p, 0.0), (p, 1e9)]) {
        let mut guide = Guide::default();
        let hazard = guide.add((0, &occurrences), mean, class_of(p), 0.0);
        let path = Path { draws: &draws, hazard: &hazard, wanted: 0 };
        let mut walks = Walks::new(0, &guide, &moments);
        (0..400).for_each(|key| walks.add(path, key, p, Stand::default()));
        walks.go();
        let mut hits = [0u32; 11];
        for met in (0..400).map(|walk| walks.met(walk)) {
            for (at, keep) in met.at.iter().zip(met.keep) {
                let rate = occurrences[*at as usize].rate;
                hits[*at as usize % 11] += u32::from(hazard.keeps(p, rate, *keep));
            }
        }
        for (tenth, hits) in hits.into_iter().enumerate() {
            let n = 400.0 * (0..4_000).filter(|at| at % 11 == tenth).count() as f64;
            let q = p * tenth as f64 / 10.0;
            let (mean, sd) = (n * q, (n * q * (1.0 - q)).sqrt());
            assert!((f64::from(hits) - mean).abs() <= 5.0 * sd + 1e-9, "p {p}, rate {tenth}/10: {hits}, {mean}");
        }
    }
}

/// A walk of its own and one among others meet the same, also where more steps are needed than were drawn at first.
#[test]
fn a_walk_depends_on_no_other() {
    let occurrences: Vec<Occurrence> = (0..300).map(occurrence).collect();
    let moments: Vec<Moment> = occurrences.iter().map(Moment::of).collect();
    let draws = Draws::new(4);
    let mut guide = Guide::default();
    let hazard = guide.add((0, &occurrences), 0.05, class_of(0.06), 0.0);
    let path = Path { draws: &draws, hazard: &hazard, wanted: 0 };
    let mut all = Walks::new(2, &guide, &moments);
    (0..2_000).for_each(|key| all.add(path, key, 0.06, Stand::default()));
    all.go();
    for walk in 0..2_000 {
        let mut alone = Walks::new(2, &guide, &moments);
        alone.add(path, walk as u64, 0.06, Stand::default());
        alone.go();
        assert_eq!(alone.met(0), all.met(walk));
        assert!(all.met(walk).at.is_sorted_by(|a, b| a < b), "{walk}");
    }
    assert!((0..2_000).any(|walk| all.met(walk).at.len() > all.walks[walk].drawn.len()));
}

/// A block gone through in slices, of which one holds a single occurrence and one none, is met as it is at once.
#[test]
fn a_walk_goes_on_from_slice_to_slice() {
    let occurrences: Vec<Occurrence> = (0..300).map(occurrence).collect();
    let moments: Vec<Moment> = occurrences.iter().map(Moment::of).collect();
    let (draws, cuts) = (Draws::new(4), [0, 70, 71, 71, 150, 300]);
    for (p, mean) in [0.9, 0.06, 0.002].into_iter().flat_map(|p| [(p, 0.0), (p, 1e9)]) {
        // Another hazard comes first in the guide, which has been put together.
        let walks = |slice: Range<usize>, begin: f64, stands: &[Stand]| {
            let (mut guide, mut own) = (Guide::default(), Guide::default());
            guide.add((0, &occurrences[..33]), mean, class_of(p), 0.0);
            let mut hazard = [own.add((slice.start, &occurrences[slice]), mean, class_of(p), begin)];
            guide.append(own, &mut hazard);
            let path = Path { draws: &draws, hazard: &hazard[0], wanted: 0 };
            let mut walks = Walks::new(2, &guide, &moments);
            stands.iter().zip(0..).for_each(|(stand, key)| walks.add(path, key, p, *stand));
            walks.go();
            let met = |walk: usize| {
                let Met { at, level, keep, severity } = walks.met(walk);
                let numbers = level.iter().chain(keep).chain(severity).sum::<f64>();
                (at.to_vec(), numbers)
            };
            let met: Vec<(Vec<u32>, f64)> = (0..stands.len()).map(met).collect();
            (hazard[0].end, met, walks.stands().collect::<Vec<Stand>>())
        };
        let fresh = vec![Stand::default(); 500];
        let (_, whole, _) = walks(0..300, 0.0, &fresh);
        let (mut begin, mut stands, mut met) = (0.0, fresh, vec![(Vec::new(), 0.0); 500]);
        for cut in cuts.windows(2) {
            let more;
            (begin, more, stands) = walks(cut[0]..cut[1], begin, &stands);
            met.iter_mut().zip(more).for_each(|((at, sum), more)| {
                at.extend(more.0);
                *sum += more.1;
            });
        }
        for ((own, sum), (wanted, of_whole)) in met.iter().zip(&whole) {
            assert_eq!(own, wanted, "p {p}, mean {mean}");
            assert!((sum - of_whole).abs() < 1e-9);
        }
        assert!(whole.iter().any(|(at, _)| at.iter().any(|at| *at >= 150)));
    }
}

/// Two occurrences of one year, and what keeps a hit and how large it is, have draws of their own.
#[test]
fn each_occurrence_has_its_own_draws() {
    let occurrences = [0, 1].map(|number| Occurrence { number, rate: 1.0, ..occurrence(7) });
    let moments = occurrences.map(|own| Moment::of(&own));
    let mut guide = Guide::default();
    let hazard = guide.add((0, &occurrences), 1.0, class_of(1.0), 0.0);
    let draws = Draws::new(3);
    let mut walks = Walks::new(0, &guide, &moments);
    walks.add(Path { draws: &draws, hazard: &hazard, wanted: 0 }, 5, 1.0, Stand::default());
    walks.go();
    let met = walks.met(0);
    assert_eq!((met.at, moments.map(|own| own.year())), (&[0, 1][..], [7, 7]));
    let mut all = [met.keep, met.severity].concat();
    all.sort_by(f64::total_cmp);
    assert!(all.windows(2).all(|pair| pair[0] < pair[1]), "{all:?}");
}
