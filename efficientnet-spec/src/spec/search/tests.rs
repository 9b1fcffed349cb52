use super::*;
use crate::bundled;

fn search() -> Search {
    let spec = Spec::parse(bundled("efficientnet").unwrap(), "efficientnet.yaml").unwrap();
    let name = Name::try_from("phi1".to_owned()).unwrap();
    Search::run(&spec, &name, |_, _| {}).unwrap()
}

fn paper(search: &Search) -> &Candidate {
    search.candidates.iter().find(|c| c.is_paper).unwrap()
}

#[test]
fn the_grid_keeps_the_paper_s_constraints() {
    let grid: Vec<[f64; 3]> = grid()
        .iter()
        .map(|triple| triple.map(Coefficient::get))
        .collect();
    assert!(grid.is_sorted());
    assert!(grid.contains(&PAPER));
    for triple in &grid {
        let [alpha, beta, gamma] = triple;
        let product = alpha * beta * beta * gamma * gamma;
        assert!((1.9..=2.1).contains(&product), "{triple:?}");
        assert!(triple.iter().all(|x| *x >= 1.0), "{triple:?}");
    }
    // Depth alone, width alone, resolution alone.
    for alone in [[2.0, 1.0, 1.0], [1.0, 1.4, 1.0], [1.0, 1.0, 1.4]] {
        assert!(grid.contains(&alone), "{alone:?}");
    }
}

/// (1.2, 1.1, 1.15) makes B2 at 258 pixels: B2's published width and depth are 1.1 and 1.2.
#[test]
fn the_paper_s_candidate_is_nearly_b2() {
    let search = search();
    let paper = paper(&search);
    assert_eq!(paper.parameters, 9_109_994);
    assert_eq!(paper.architecture.input.size(), (258, 258));
    assert!((paper.product() - 1.920_27).abs() < 1e-9);
    assert_eq!(search.candidates.iter().filter(|c| c.is_paper).count(), 1);
}

#[test]
fn the_frontier_is_within_the_budget_and_nothing_on_it_is_dominated() {
    let search = search();
    for budget in [750_000_000, 800_000_000, 1_000_000_000, u64::MAX] {
        let frontier = search.frontier(budget).unwrap().candidates;
        assert!(frontier.is_sorted_by(|a, b| a.macs >= b.macs));
        for candidate in search.within(budget) {
            let dominated = search.within(budget).any(|o| o.dominates(candidate));
            assert_eq!(dominated, !frontier.contains(&candidate), "{candidate:?}");
            // What dominates is never cheaper.
            let mut others = search.candidates.iter();
            assert!(!others.any(|o| o.dominates(candidate) && o.macs < candidate.macs));
        }
        assert!(frontier.iter().all(|candidate| candidate.macs <= budget));
    }
}

#[test]
fn domination_is_strict() {
    let search = search();
    let paper = paper(&search);
    assert!(!paper.dominates(paper));
    let larger = Candidate {
        architecture: Architecture {
            classes: 10,
            ..paper.architecture.clone()
        },
        ..paper.clone()
    };
    // Classes are no size that scales.
    assert!(!larger.dominates(paper));
    let mut deeper = paper.clone();
    deeper.architecture.blocks[3].repeats += 1;
    assert!(deeper.dominates(paper) && !paper.dominates(&deeper));
    deeper.architecture.head.channels -= 8;
    assert!(!deeper.dominates(paper) && !paper.dominates(&deeper));
}

/// An even split would be 2^(1/3) = 1.26 each; 1.25, 1.21 and 1.3225 are as near as the grid has, the
/// paper's 1.2, 1.21 and 1.3225 a little farther.
#[test]
fn the_most_balanced_has_the_largest_smallest_share() {
    let search = search();
    let numbers =
        |c: &Candidate| [c.scaling.alpha, c.scaling.beta, c.scaling.gamma].map(Coefficient::get);
    let frontier = search.frontier(950_000_000).unwrap();
    assert!(frontier.candidates.contains(&frontier.most_balanced));
    let find = |triple| search.candidates.iter().find(|c| numbers(c) == triple);
    let (even, depth) = (
        find([1.25, 1.1, 1.15]).unwrap(),
        find([2.0, 1.0, 1.0]).unwrap(),
    );
    let paper = paper(&search);
    assert_eq!(more_balanced(paper, even), even);
    assert_eq!(more_balanced(paper, depth), paper);
    // Equal in the smallest, 1: the next decides.
    let two = find([1.0, 1.2, 1.2]).unwrap();
    assert_eq!(more_balanced(depth, two), two);
    let mirrored = find([1.25, 1.15, 1.1]).unwrap();
    assert_eq!(more_balanced(even, mirrored), even);
    assert_eq!(more_balanced(mirrored, even), mirrored);
}

#[test]
fn a_budget_below_every_candidate_names_the_smallest() {
    let search = search();
    let smallest = search.candidates.iter().map(|c| c.macs).min().unwrap();
    assert!(search.frontier(smallest).is_ok());
    let error = search.frontier(smallest - 1).unwrap_err();
    assert_eq!(
        error.to_string(),
        format!(
            "no candidate has at most {} multiply-accumulates, the smallest has {smallest}",
            smallest - 1
        )
    );
}

#[test]
fn progress_counts_to_the_end() {
    let spec = Spec::parse(bundled("lite").unwrap(), "lite.yaml").unwrap();
    let mut calls = Vec::new();
    let name = Name::try_from("phi1".to_owned()).unwrap();
    let search = Search::run(&spec, &name, |done, of| calls.push((done, of))).unwrap();
    let count = search.candidates.len();
    let expected: Vec<_> = (1..=count).map(|done| (done, count)).collect();
    assert_eq!(calls, expected);
}
