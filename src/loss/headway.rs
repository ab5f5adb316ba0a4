//! How far a block's walks have come, where it is gone through in slices.

use super::hazard::CLASSES;
use super::plan::{Insured, Plan};
use super::scene::Scene;
use super::walk::Stand;

/// How far a block's walks have come.
pub struct Headway {
    /// Hazard of the occurrences so far, by peril and class.
    begins: Vec<[f64; CLASSES + 1]>,
    /// Where walks stand: those of each task, risk by risk, or none.
    stands: Vec<Vec<Stand>>,
}

impl Headway {
    /// At the beginning of a block, with tasks of so many insureds. Where no walk goes on after a slice, their stands are not kept.
    pub fn new(plan: &Plan, insureds: usize, goes_on: bool) -> Headway {
        let kept = |insured: &Insured| if goes_on { insured.risks.len() } else { 0 };
        let risks = |task: &[Insured]| vec![Stand::default(); task.iter().map(kept).sum()];
        Headway {
            begins: vec![[0.0; CLASSES + 1]; plan.perils.len()],
            stands: plan.insureds.chunks(insureds).map(risks).collect(),
        }
    }

    /// Goes back to the beginning of a block.
    pub fn begin(&mut self) {
        self.begins.iter_mut().for_each(|begins| begins.fill(0.0));
        self.stands.iter_mut().for_each(|stands| stands.fill(Stand::default()));
    }

    /// Hazard of the occurrences so far, of a peril for the insureds of a class.
    pub fn hazard(&self, peril: usize, class: usize) -> f64 {
        self.begins[peril][class]
    }

    /// Where the walks of each task stand.
    pub fn stands(&mut self) -> &mut [Vec<Stand>] {
        &mut self.stands
    }

    /// Goes on from the end of a slice.
    pub fn pass(&mut self, scene: &Scene) {
        for (begins, part) in self.begins.iter_mut().zip(&scene.perils) {
            begins.iter_mut().zip(&part.hazards).for_each(|(begin, hazard)| *begin = hazard.end);
        }
    }
}
