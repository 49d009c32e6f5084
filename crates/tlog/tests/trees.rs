//! Trees and proofs against two independent implementations: the recursive definitions of RFC 6962 written
//! out here, and the crate `ct-merkle`.

use std::collections::BTreeMap;
use std::convert::Infallible;

use ct_merkle::mem_backed_tree::MemoryBackedTree;
use proofmark_core::Digest;
use proofmark_tlog::merkle::{
    Frontier, FrontierError, MAX_SIZE, ProofError, empty_root, leaf_hash, node_hash,
    prove_consistency, prove_inclusion, root_of_tiles, verify_consistency, verify_inclusion,
};
use proofmark_tlog::tile::{Path, RightEdge, Tile, TileReader, paths_for, tile_root};
use proofmark_tlog::{Hash, ProveError};
use proptest::prelude::*;
use sha2::Sha256;

/// RFC 6962 §2.1, written as it stands there.
mod naive {
    use super::*;

    fn hash(left: Hash, right: Hash) -> Hash {
        let bytes = [&[1][..], left.as_bytes(), right.as_bytes()].concat();
        Hash::from_bytes(*Digest::of(&bytes).as_bytes())
    }

    fn split(count: usize) -> usize {
        count.next_power_of_two() / 2
    }

    pub(super) fn root(leaves: &[Hash]) -> Hash {
        match leaves {
            [] => Hash::from_bytes(*Digest::of(b"").as_bytes()),
            [leaf] => *leaf,
            _ => {
                let (left, right) = leaves.split_at(split(leaves.len()));
                hash(root(left), root(right))
            }
        }
    }

    pub(super) fn path(index: usize, leaves: &[Hash]) -> Vec<Hash> {
        if leaves.len() == 1 {
            return Vec::new();
        }
        let (left, right) = leaves.split_at(split(leaves.len()));
        let (mut path, sibling) = match index < left.len() {
            true => (path(index, left), root(right)),
            false => (path(index - left.len(), right), root(left)),
        };
        path.push(sibling);
        path
    }

    pub(super) fn consistency(old: usize, leaves: &[Hash], whole: bool) -> Vec<Hash> {
        if old == leaves.len() {
            return if whole {
                Vec::new()
            } else {
                vec![root(leaves)]
            };
        }
        let (left, right) = leaves.split_at(split(leaves.len()));
        let (mut proof, sibling) = match old <= left.len() {
            true => (consistency(old, left, whole), root(right)),
            false => (consistency(old - left.len(), right, false), root(left)),
        };
        proof.push(sibling);
        proof
    }
}

/// The tiles of a log in memory.
#[derive(Default)]
struct Tiles(BTreeMap<Tile, Vec<Hash>>);

impl TileReader for Tiles {
    type Error = Infallible;

    fn hashes(&self, tile: Tile) -> Result<Vec<Hash>, Infallible> {
        let full = || self.0.get(&tile.to_full());
        Ok(self.0.get(&tile).or_else(full).cloned().unwrap_or_default())
    }
}

fn entry(number: usize) -> Vec<u8> {
    format!("entry {number}").into_bytes()
}

fn leaves(count: usize) -> Vec<Hash> {
    (0..count).map(|number| leaf_hash(&entry(number))).collect()
}

/// A log that grew in these steps.
fn log(leaves: &[Hash], cuts: &[usize]) -> (RightEdge, Tiles) {
    let mut edge = RightEdge::new();
    let mut tiles = Tiles::default();
    let mut at = 0;
    for end in cuts
        .iter()
        .copied()
        .chain([leaves.len()])
        .filter(|end| *end <= leaves.len())
    {
        if end < at {
            continue;
        }
        let written = edge.append(&leaves[at..end]).expect("a small log");
        let mut names: Vec<_> = written.iter().map(|one| Path::Hashes(one.tile)).collect();
        let (old, new) = (at as u64, end as u64);
        let named = paths_for(old, new).filter(|path| matches!(path, Path::Hashes(_)));
        let mut named: Vec<_> = named.collect();
        names.sort();
        named.sort();
        assert_eq!(names, named, "{at} to {end}");
        tiles
            .0
            .extend(written.into_iter().map(|one| (one.tile, one.hashes)));
        // What is read back is what grew.
        assert_eq!(
            RightEdge::read(new, &tiles).expect("all tiles are there"),
            edge
        );
        at = end;
    }
    (edge, tiles)
}

#[test]
fn every_proof_of_every_small_tree_is_the_one_of_the_definition() {
    let all = leaves(70);
    let (mut inclusions, mut consistencies) = (0, 0);
    for size in 1..=all.len() {
        let leaves = &all[..size];
        let (edge, tiles) = log(leaves, &[]);
        let root = naive::root(leaves);
        assert_eq!(edge.root(), root);
        for index in 0..size {
            let proof = prove_inclusion(index as u64, size as u64, &tiles).expect("in the tree");
            assert_eq!(proof, naive::path(index, leaves), "{index} of {size}");
            let verified =
                verify_inclusion(&leaves[index], index as u64, size as u64, &proof, &root);
            assert_eq!(verified, Ok(()));
            inclusions += 1;
        }
        for old in 1..=size {
            let proof = prove_consistency(old as u64, size as u64, &tiles).expect("in the tree");
            assert_eq!(
                proof,
                naive::consistency(old, leaves, true),
                "{old} of {size}"
            );
            let old_root = naive::root(&leaves[..old]);
            let verified = verify_consistency(old as u64, size as u64, &proof, &old_root, &root);
            assert_eq!(verified, Ok(()));
            consistencies += 1;
        }
    }
    assert_eq!((inclusions, consistencies), (2485, 2485));
}

#[test]
fn every_proof_is_the_one_of_another_implementation() {
    let mut other = MemoryBackedTree::<Sha256, Vec<u8>>::new();
    let all = leaves(300);
    let mut count = 0;
    for size in 1..=300 {
        other.push(entry(size - 1));
        if size % 7 != 0 && size < 250 {
            continue;
        }
        let (_, tiles) = log(&all[..size], &[]);
        let root = root_of_tiles(size as u64, &tiles).expect("all tiles are there");
        assert_eq!(root.as_bytes()[..], other.root().as_bytes()[..]);
        for place in [0, size / 3, size / 2, size - 1] {
            let ours = prove_inclusion(place as u64, size as u64, &tiles).expect("in the tree");
            let theirs = other.prove_inclusion(place);
            assert_eq!(
                proofmark_tlog::tile::encode_hashes(&ours),
                theirs.as_bytes()
            );
            let ours =
                prove_consistency(place as u64 + 1, size as u64, &tiles).expect("in the tree");
            let theirs = other.prove_consistency(size - place - 1);
            assert_eq!(
                proofmark_tlog::tile::encode_hashes(&ours),
                theirs.as_bytes()
            );
            count += 2;
        }
    }
    assert_eq!(count, 688);
}

#[test]
fn trees_of_one_leaf_and_of_none_have_empty_proofs() {
    let tiles = Tiles::default();
    assert_eq!(root_of_tiles(0, &tiles), Ok(empty_root()));
    assert_eq!(naive::root(&[]), empty_root());
    assert_eq!(Frontier::new().root(), empty_root());
    let leaf = leaf_hash(b"x");
    assert_eq!(verify_inclusion(&leaf, 0, 1, &[], &leaf), Ok(()));
    assert_eq!(verify_consistency(0, 1, &[], &empty_root(), &leaf), Ok(()));
    assert_eq!(
        verify_consistency(0, 0, &[], &empty_root(), &empty_root()),
        Ok(())
    );
    let wrong = verify_consistency(0, 1, &[], &leaf, &leaf);
    assert_eq!(wrong, Err(ProofError::OldRoot));
    let wrong = verify_consistency(0, 1, &[leaf], &empty_root(), &leaf);
    assert_eq!(wrong, Err(ProofError::Length));
    let wrong = verify_consistency(1, 1, &[], &leaf, &empty_root());
    assert_eq!(wrong, Err(ProofError::Root));
    let none = verify_inclusion(&leaf, 0, 0, &[], &empty_root());
    assert_eq!(none, Err(ProofError::OutOfTree { index: 0, size: 0 }));
}

#[test]
fn sizes_that_no_log_has_are_refused_without_arithmetic_faults() {
    let leaf = leaf_hash(b"x");
    for size in [MAX_SIZE + 1, u64::MAX] {
        assert_eq!(
            verify_inclusion(&leaf, 0, size, &[], &leaf),
            Err(ProofError::TooLarge)
        );
        let refused = verify_consistency(1, size, &[], &leaf, &leaf);
        assert_eq!(refused, Err(ProofError::TooLarge));
        assert_eq!(
            prove_inclusion(0, size, &Tiles::default()),
            Err(ProveError::TooLarge)
        );
        assert_eq!(
            Frontier::from_hashes(size, vec![leaf]),
            Err(FrontierError::TooLarge)
        );
    }
    for index in [0, 1, MAX_SIZE / 2, MAX_SIZE - 1] {
        for length in [0, 1, 62, 63, 64, 1000] {
            let path = vec![leaf; length];
            let verified = verify_inclusion(&leaf, index, MAX_SIZE, &path, &leaf);
            assert!(matches!(
                verified,
                Err(ProofError::Length | ProofError::Root)
            ));
            let verified = verify_consistency(index.max(1), MAX_SIZE, &path, &leaf, &leaf);
            assert!(verified.is_err());
        }
    }
    let mut full = Frontier::from_hashes(MAX_SIZE, vec![leaf; 63]).expect("63 bits");
    assert_eq!(full.push(leaf), Err(FrontierError::TooLarge));
}

#[test]
fn a_truncated_or_missing_tile_is_named() {
    let all = leaves(600);
    let (_, mut tiles) = log(&all, &[]);
    let tile = Tile::new(0, 1, 256).expect("a tile");
    tiles.0.get_mut(&tile).expect("it is there").pop();
    let found = prove_inclusion(300, 600, &tiles);
    assert_eq!(found, Err(ProveError::Tile { tile, found: 255 }));
    tiles.0.remove(&tile);
    let found = prove_inclusion(300, 600, &tiles);
    assert_eq!(found, Err(ProveError::Tile { tile, found: 0 }));
    assert_eq!(found.expect_err("missing").code(), "tile-truncated");
}

#[test]
fn partial_tiles_may_go_when_the_full_one_is_there() {
    let all = leaves(700);
    let (_, mut tiles) = log(&all, &[100, 300, 500]);
    tiles
        .0
        .retain(|tile, _| tile.is_full() || tile.level() == 1 || tile.index() == 2);
    for old in [1, 100, 300, 500, 700] {
        let proof = prove_consistency(old, 700, &tiles).expect("the full tiles stand in");
        let (old_root, root) = (naive::root(&all[..old as usize]), naive::root(&all));
        assert_eq!(
            verify_consistency(old, 700, &proof, &old_root, &root),
            Ok(())
        );
    }
    // Of the tree of 300 only the full tiles of a larger one are left.
    let proof = prove_inclusion(120, 300, &tiles).expect("the full tiles stand in");
    let edge = RightEdge::read(300, &tiles).map(|edge| (edge.size(), edge.root()));
    assert_eq!(edge, Ok((300, naive::root(&all[..300]))));
    let mut edge = RightEdge::read(300, &tiles).expect("the full tiles stand in");
    edge.append(&all[300..]).expect("a small log");
    assert_eq!(edge, log(&all, &[]).0);
    assert_eq!(proof, naive::path(120, &all[..300]));
}

/// One bit of one hash.
fn flip(hash: Hash, bit: usize) -> Hash {
    let mut bytes = *hash.as_bytes();
    bytes[bit / 8] ^= 1 << (bit % 8);
    Hash::from_bytes(bytes)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_log_that_grows_in_any_steps_proves_what_the_definition_says(
        size in 1_usize..3000,
        cuts in proptest::collection::vec(0_usize..3000, 0..5),
        places in proptest::collection::vec(any::<prop::sample::Index>(), 6),
    ) {
        let all = leaves(size);
        let mut cuts = cuts;
        cuts.sort_unstable();
        let (edge, tiles) = log(&all, &cuts);
        let root = naive::root(&all);
        prop_assert_eq!(edge.root(), root);
        prop_assert_eq!(root_of_tiles(size as u64, &tiles), Ok(root));
        for place in places {
            let index = place.index(size);
            let path = prove_inclusion(index as u64, size as u64, &tiles).expect("in the tree");
            prop_assert_eq!(&path, &naive::path(index, &all));
            let old = index + 1;
            let proof = prove_consistency(old as u64, size as u64, &tiles).expect("in the tree");
            prop_assert_eq!(&proof, &naive::consistency(old, &all, true));
            let old_root = naive::root(&all[..old]);
            let verified = verify_consistency(old as u64, size as u64, &proof, &old_root, &root);
            prop_assert_eq!(verified, Ok(()));
            let frontier = Frontier::from_tiles(old as u64, &tiles);
            // Not every old partial tile is there, but every full one is.
            if let Ok(frontier) = frontier {
                prop_assert_eq!(frontier.root(), old_root);
            }
        }
    }

    #[test]
    fn whatever_is_changed_in_an_inclusion_proof_is_noticed(
        size in 1_usize..600,
        place in any::<prop::sample::Index>(),
        at in any::<prop::sample::Index>(),
        bit in 0_usize..256,
        other in 0_u64..700,
    ) {
        let all = leaves(size);
        let index = place.index(size);
        let (path, root) = (naive::path(index, &all), naive::root(&all));
        let (leaf, index, size) = (all[index], index as u64, size as u64);
        prop_assert_eq!(verify_inclusion(&leaf, index, size, &path, &root), Ok(()));
        prop_assert!(verify_inclusion(&flip(leaf, bit), index, size, &path, &root).is_err());
        prop_assert!(verify_inclusion(&leaf, index, size, &path, &flip(root, bit)).is_err());
        let mut longer = path.clone();
        longer.insert(at.index(path.len() + 1), leaf);
        prop_assert_eq!(
            verify_inclusion(&leaf, index, size, &longer, &root),
            Err(ProofError::Length)
        );
        if other != index {
            prop_assert!(verify_inclusion(&leaf, other, size, &path, &root).is_err());
        }
        if !path.is_empty() {
            let mut changed = path.clone();
            let at = at.index(path.len());
            changed[at] = flip(changed[at], bit);
            prop_assert!(verify_inclusion(&leaf, index, size, &changed, &root).is_err());
            let mut shorter = path.clone();
            shorter.remove(at);
            prop_assert_eq!(
                verify_inclusion(&leaf, index, size, &shorter, &root),
                Err(ProofError::Length)
            );
        }
    }

    #[test]
    fn whatever_is_changed_in_a_consistency_proof_is_noticed(
        size in 2_usize..600,
        place in any::<prop::sample::Index>(),
        at in any::<prop::sample::Index>(),
        bit in 0_usize..256,
    ) {
        let all = leaves(size);
        let old = 1 + place.index(size - 1);
        let proof = naive::consistency(old, &all, true);
        let (old_root, root) = (naive::root(&all[..old]), naive::root(&all));
        let (old, size) = (old as u64, size as u64);
        let verify = |proof: &[Hash], old_root: &Hash, root: &Hash| verify_consistency(old, size, proof, old_root, root);
        prop_assert_eq!(verify(&proof, &old_root, &root), Ok(()));
        prop_assert!(verify(&proof, &flip(old_root, bit), &root).is_err());
        prop_assert!(verify(&proof, &old_root, &flip(root, bit)).is_err());
        let at = at.index(proof.len());
        let mut changed = proof.clone();
        changed[at] = flip(changed[at], bit);
        prop_assert!(verify(&changed, &old_root, &root).is_err());
        changed.remove(at);
        prop_assert!(verify(&changed, &old_root, &root).is_err());
        let longer = [&proof[..], &[root]].concat();
        prop_assert_eq!(verify(&longer, &old_root, &root), Err(ProofError::Length));
        // The roots of other trees.
        for wrong in [old - 1, old + 1] {
            let refused = verify_consistency(wrong, size, &proof, &old_root, &root);
            prop_assert!(refused.is_err());
        }
    }

    #[test]
    fn a_frontier_is_all_that_is_needed_to_go_on(first in 0_usize..500, more in 0_usize..500) {
        let all = leaves(first + more);
        let mut frontier = Frontier::new();
        for leaf in &all[..first] {
            frontier.push(*leaf).expect("a small tree");
        }
        let kept = Frontier::from_hashes(first as u64, frontier.hashes().to_vec());
        let mut kept = kept.expect("its own parts");
        prop_assert_eq!(&kept, &frontier);
        for leaf in &all[first..] {
            kept.push(*leaf).expect("a small tree");
        }
        prop_assert_eq!(kept.root(), naive::root(&all));
        prop_assert_eq!(kept.root(), tile_root(&all));
        let mut missing = kept.hashes().to_vec();
        missing.push(empty_root());
        prop_assert!(Frontier::from_hashes(kept.size(), missing).is_err());
    }
}

/// The eight entries and nine roots of the Certificate Transparency reference tests.
#[test]
fn the_reference_tree_has_its_published_roots() {
    let vectors = include_str!("../vectors/rfc6962/roots.txt");
    let mut frontier = Frontier::new();
    let mut count = 0;
    for line in vectors.lines().filter(|line| !line.starts_with('#')) {
        let (entry, root) = line.split_once(' ').expect("an entry and a root");
        if entry != "empty" {
            let entry = hex::decode(entry.trim_matches('-')).expect("hexadecimal");
            frontier.push(leaf_hash(&entry)).expect("a small tree");
        }
        assert_eq!(
            hex::encode(frontier.root().as_bytes()),
            root,
            "{} leaves",
            frontier.size()
        );
        count += 1;
    }
    assert_eq!(count, 9);
}

/// A line of a vector file: numbers, then hashes in base64.
fn hashes(words: &[&str]) -> Vec<Hash> {
    let hashes = words.iter().map(|word| Hash::from_base64(word));
    hashes.collect::<Result<_, _>>().expect("hashes")
}

#[test]
fn published_inclusion_proofs_verify_and_altered_ones_do_not() {
    let vectors = include_str!("../vectors/rfc6962/inclusion.txt");
    let mut counts = (0, 0);
    for line in vectors.lines().filter(|line| !line.starts_with('#')) {
        let words: Vec<_> = line.split(' ').collect();
        let [valid, index, size, leaf, root, path @ ..] = &words[..] else {
            panic!("{line}");
        };
        let (index, size) = (
            index.parse().expect("an index"),
            size.parse().expect("a size"),
        );
        let (leaf, root) = (hashes(&[leaf])[0], hashes(&[root])[0]);
        let verified = verify_inclusion(&leaf, index, size, &hashes(path), &root);
        assert_eq!(verified.is_ok(), *valid == "valid", "{line}");
        match verified {
            Ok(()) => counts.0 += 1,
            Err(_) => counts.1 += 1,
        }
    }
    assert_eq!(counts, (10, 4));
}

#[test]
fn published_consistency_proofs_verify() {
    let vectors = include_str!("../vectors/rfc6962/consistency.txt");
    let mut count = 0;
    for line in vectors.lines().filter(|line| !line.starts_with('#')) {
        let words: Vec<_> = line.split(' ').collect();
        let [old, new, old_root, root, proof @ ..] = &words[..] else {
            panic!("{line}");
        };
        let (old, new) = (old.parse().expect("a size"), new.parse().expect("a size"));
        let (old_root, root) = (hashes(&[old_root])[0], hashes(&[root])[0]);
        let proof = hashes(proof);
        assert_eq!(
            verify_consistency(old, new, &proof, &old_root, &root),
            Ok(()),
            "{line}"
        );
        assert!(
            verify_consistency(old, new + 1, &proof, &old_root, &node_hash(&root, &root)).is_err()
        );
        count += 1;
    }
    assert_eq!(count, 5);
}
