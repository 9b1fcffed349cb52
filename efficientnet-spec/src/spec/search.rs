//! The grid search for alpha, beta and gamma: Tan and Le, "EfficientNet: Rethinking Model Scaling for
//! Convolutional Neural Networks", 2019, section 3.3, step 1.
//!
//! The paper fixes phi at 1, "assuming twice more resources available", searches alpha, beta and
//! gamma of at least 1 with `alpha * beta^2 * gamma^2` near 2, and takes the best of what it trains.
//! Training is out of reach here, so that this gives what there is to choose from: the networks, what
//! they cost, and which of them are the largest within a budget.

#[cfg(test)]
mod tests;

use std::cmp::Reverse;

use super::{ArchitectureError, Coefficient, CompoundError, Name, Scaling, Spec, Variant};
use crate::{Architecture, ArchitectureFaults, LayerGraph, Options, Top};

/// Step of the grid in hundredths; the paper does not give its own, but its result lies on this one.
const STEP: u32 = 5;
/// The constraint on `alpha * beta^2 * gamma^2`.
const PRODUCT: f64 = 2.0;
/// How far from it a product may be, so that the paper's own 1.92 counts as near.
const TOLERANCE: f64 = 0.1;
/// The paper's result for B0 (section 4): alpha, beta, gamma.
const PAPER: [f64; 3] = [1.2, 1.1, 1.15];

/// One triple of the grid, and the network that it makes of the baseline at phi = 1.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate {
    /// Alpha, beta, gamma, and the spec's roundings.
    pub scaling: Scaling,
    /// The baseline scaled by phi = 1.
    pub variant: Variant,
    /// The network.
    pub architecture: Architecture,
    /// Trainable parameters.
    pub parameters: u64,
    /// Multiply-accumulates for one image, counted in the layer graph, with all roundings.
    pub macs: u64,
    /// Whether these are the paper's alpha, beta and gamma.
    pub is_paper: bool,
}

/// Why there is nothing to choose from.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum SearchError {
    /// The baseline cannot be scaled by phi = 1.
    #[error(transparent)]
    Compound(#[from] CompoundError),
    /// A candidate is out of bounds.
    #[error(transparent)]
    Architecture(#[from] ArchitectureError),
    /// A candidate has no layers.
    #[error(transparent)]
    Layers(#[from] ArchitectureFaults),
    /// Every candidate costs too much.
    #[error("no candidate has at most {budget} multiply-accumulates, the smallest has {smallest}")]
    Budget {
        /// The budget.
        budget: u64,
        /// Multiply-accumulates of the cheapest candidate.
        smallest: u64,
    },
}

/// The candidates for a spec's alpha, beta and gamma.
#[derive(Clone, Debug, PartialEq)]
pub struct Search {
    /// All of the grid, alpha growing slowest, then beta, then gamma.
    pub candidates: Vec<Candidate>,
}

/// What there is to choose from within a budget.
#[derive(Clone, Debug, PartialEq)]
pub struct Frontier<'s> {
    /// Candidates that no other within the budget [dominates](Candidate::dominates), at least one, the
    /// nearest to the budget first.
    pub candidates: Vec<&'s Candidate>,
    /// The most balanced of them, the first where several are. Each dimension is measured by what it
    /// multiplies the cost by (`alpha`, `beta^2`, `gamma^2`); the larger the smallest of the three,
    /// the more balanced, and where these are equal, the larger the next. The paper's second
    /// observation (section 3.2) is that balance is what matters; which of the balanced ones is best,
    /// only training tells.
    pub most_balanced: &'s Candidate,
}

impl Search {
    /// Step of the grid along alpha, beta and gamma, which begin at 1.
    pub const STEP: f64 = STEP as f64 / 100.0;
    /// How far `alpha * beta^2 * gamma^2` is from 2 at most.
    pub const TOLERANCE: f64 = TOLERANCE;

    /// Builds every candidate's layer graph. `name` is what their variants are called; `progress` is
    /// told how many candidates are done, of how many.
    ///
    /// # Errors
    /// A spec without baseline; one whose baseline is so large that a candidate is out of bounds.
    pub fn run(
        spec: &Spec,
        name: &Name,
        mut progress: impl FnMut(usize, usize),
    ) -> Result<Self, SearchError> {
        let grid = grid();
        let mut candidates = Vec::with_capacity(grid.len());
        for triple in &grid {
            candidates.push(Candidate::build(spec, name, *triple)?);
            progress(candidates.len(), grid.len());
        }
        Ok(Self { candidates })
    }

    /// What there is to choose from with at most `budget` multiply-accumulates.
    ///
    /// # Errors
    /// If every candidate costs more.
    pub fn frontier(&self, budget: u64) -> Result<Frontier<'_>, SearchError> {
        let within: Vec<&Candidate> = self.within(budget).collect();
        let dominated = |candidate: &Candidate| within.iter().any(|o| o.dominates(candidate));
        let mut candidates = within.clone();
        candidates.retain(|candidate| !dominated(candidate));
        // Stable: equals stay in the order of the grid.
        candidates.sort_by_key(|candidate| Reverse(candidate.macs));
        match candidates.iter().copied().reduce(more_balanced) {
            Some(most_balanced) => Ok(Frontier {
                candidates,
                most_balanced,
            }),
            None => {
                let costs = self.candidates.iter().map(|candidate| candidate.macs);
                let smallest = costs.fold(u64::MAX, u64::min);
                Err(SearchError::Budget { budget, smallest })
            }
        }
    }

    /// The candidates with at most `budget` multiply-accumulates.
    pub fn within(&self, budget: u64) -> impl Iterator<Item = &Candidate> {
        let within = move |candidate: &&Candidate| candidate.macs <= budget;
        self.candidates.iter().filter(within)
    }
}

impl Candidate {
    fn build(
        spec: &Spec,
        name: &Name,
        [alpha, beta, gamma]: [Coefficient; 3],
    ) -> Result<Self, SearchError> {
        let scaling = Scaling {
            alpha,
            beta,
            gamma,
            ..spec.scaling
        };
        let spec = Spec {
            scaling,
            ..spec.clone()
        };
        let variant = spec.variant_at(1.0, name.clone())?;
        let architecture = spec.scale(&variant, &Options::default())?;
        let graph = LayerGraph::build(&architecture, Top::With)?;
        Ok(Self {
            scaling,
            variant,
            architecture,
            parameters: graph.total_trainable_parameters(),
            macs: graph.total_macs(),
            is_paper: [alpha, beta, gamma].map(Coefficient::get) == PAPER,
        })
    }

    /// `alpha * beta^2 * gamma^2`.
    pub fn product(&self) -> f64 {
        self.scaling.coefficients(1.0).cost()
    }

    /// Whether this network, as built, is at least as large as another in all repeats, all channels
    /// and the resolution, and larger in one of them. Where both fit a budget, the paper's first
    /// observation (section 3.2) lets expect no less accuracy of it: scaling any dimension up improves
    /// it.
    pub fn dominates(&self, other: &Self) -> bool {
        let (ours, theirs) = (self.sizes(), other.sizes());
        let pairs = || ours.iter().zip(&theirs);
        pairs().all(|(a, b)| a >= b) && pairs().any(|(a, b)| a > b)
    }

    /// Every number that scaling changes, in the same order for all candidates of a spec.
    fn sizes(&self) -> Vec<usize> {
        let Architecture {
            input,
            stem,
            blocks,
            head,
            ..
        } = &self.architecture;
        let outer = [input.size().0, stem.channels, head.channels];
        let inner = blocks.iter().flat_map(|b| [b.out_channels, b.repeats]);
        outer.into_iter().chain(inner).collect()
    }

    /// What depth, width and resolution multiply the cost by, the smallest first.
    fn shares(&self) -> [f64; 3] {
        let Scaling {
            alpha, beta, gamma, ..
        } = self.scaling;
        let square = |number: Coefficient| number.get() * number.get();
        let mut shares = [alpha.get(), square(beta), square(gamma)];
        shares.sort_by(f64::total_cmp);
        shares
    }
}

/// The first of two, unless the other is more balanced.
fn more_balanced<'s>(first: &'s Candidate, other: &'s Candidate) -> &'s Candidate {
    match first.shares() < other.shares() {
        true => other,
        false => first,
    }
}

/// Triples of alpha, beta and gamma.
fn grid() -> Vec<[Coefficient; 3]> {
    // Each alone may use up the whole product.
    let most = PRODUCT + TOLERANCE;
    let axis = |most: f64| {
        let hundredths = (100..=(most * 100.0) as u32).step_by(STEP as usize);
        hundredths.filter_map(|number| Coefficient::try_from(f64::from(number) / 100.0).ok())
    };
    let near = |triple: &[Coefficient; 3]| {
        let [alpha, beta, gamma] = triple.map(Coefficient::get);
        (alpha * beta * beta * gamma * gamma - PRODUCT).abs() <= TOLERANCE
    };
    let squares = move || axis(most.sqrt());
    let triples = axis(most).flat_map(|alpha| {
        squares().flat_map(move |beta| squares().map(move |gamma| [alpha, beta, gamma]))
    });
    triples.filter(near).collect()
}
