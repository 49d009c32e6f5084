//! Names and contents of tiles and bundles.

use proofmark_tlog::Hash;
use proofmark_tlog::merkle::MAX_SIZE;
use proofmark_tlog::tile::{
    BundleError, EntryBundle, MAX_ENTRY_BYTES, Path, PathError, Tile, TileError, decode_hashes,
    encode_hashes, paths_for,
};
use proptest::prelude::*;

fn path(kind: &str, index: &str, width: &str) -> Path {
    let (index, width) = (
        index.parse().expect("an index"),
        width.parse().expect("a width"),
    );
    match kind {
        "entries" => Path::Entries { index, width },
        level => {
            Path::Hashes(Tile::new(level.parse().expect("a level"), index, width).expect("a tile"))
        }
    }
}

#[test]
fn paths_have_one_spelling() {
    let vectors = include_str!("../vectors/tiles/paths.txt");
    let (mut valid, mut invalid) = (0, 0);
    for line in vectors.lines().filter(|line| !line.starts_with('#')) {
        match line.split(' ').collect::<Vec<_>>()[..] {
            ["valid", text, kind, index, width] => {
                let expected = path(kind, index, width);
                assert_eq!(expected.to_string(), text);
                assert_eq!(text.parse(), Ok(expected), "{text}");
                valid += 1;
            }
            ["invalid", text] => {
                assert_eq!(text.parse::<Path>(), Err(PathError), "{text}");
                invalid += 1;
            }
            _ => panic!("{line}"),
        }
    }
    assert_eq!((valid, invalid), (10, 31));
    assert_eq!("".parse::<Path>(), Err(PathError));
    assert_eq!("tile/0/000\n".parse::<Path>(), Err(PathError));
}

/// The example of the specification: 273 full tiles at level 0 and a partial one of 112, one full tile at
/// level 1 and a partial one of 17, and a partial one of 1 at level 2.
#[test]
fn a_log_of_70000_leaves_has_the_tiles_of_the_specification() {
    let paths: Vec<_> = paths_for(0, 70_000).collect();
    let tiles: Vec<_> = paths
        .iter()
        .filter_map(|path| match path {
            Path::Hashes(tile) => Some(*tile),
            Path::Entries { .. } => None,
        })
        .collect();
    let at = |level| tiles.iter().filter(move |tile| tile.level() == level);
    assert_eq!(at(0).filter(|tile| tile.is_full()).count(), 273);
    assert_eq!(
        at(0).next_back().map(|tile| tile.path()).as_deref(),
        Some("tile/0/273.p/112")
    );
    assert_eq!(at(1).count(), 2);
    assert_eq!(
        at(1).next_back().map(|tile| tile.path()).as_deref(),
        Some("tile/1/001.p/17")
    );
    assert_eq!(
        at(2).map(|tile| tile.path()).collect::<Vec<_>>(),
        ["tile/2/000.p/1"]
    );
    assert_eq!(at(3).count(), 0);
    assert_eq!(paths.len() - tiles.len(), 274);
}

#[test]
fn a_log_writes_what_is_new_or_wider() {
    let written = |old, new| {
        paths_for(old, new)
            .map(|path| path.to_string())
            .collect::<Vec<_>>()
    };
    assert_eq!(written(0, 1), ["tile/0/000.p/1", "tile/entries/000.p/1"]);
    assert_eq!(
        written(255, 256),
        ["tile/0/000", "tile/1/000.p/1", "tile/entries/000"]
    );
    assert_eq!(
        written(256, 257),
        ["tile/0/001.p/1", "tile/entries/001.p/1"]
    );
    assert_eq!(
        written(250, 520),
        [
            "tile/0/000",
            "tile/0/001",
            "tile/0/002.p/8",
            "tile/1/000.p/2",
            "tile/entries/000",
            "tile/entries/001",
            "tile/entries/002.p/8",
        ]
    );
    assert!(written(7, 7).is_empty());
    assert!(written(7, 6).is_empty());
    // The largest trees have no level above 7.
    let size = 127 << 56;
    let last = written(size - 1, size);
    assert_eq!(last.len(), 9);
    assert!(last[7].starts_with("tile/7/000.p/127"), "{}", last[7]);
}

#[test]
fn there_are_no_other_tiles() {
    let refused = Err(TileError::OutOfRange);
    assert_eq!(Tile::new(64, 0, 1), refused);
    assert_eq!(Tile::new(0, 0, 0), refused);
    assert_eq!(Tile::new(0, 0, 257), refused);
    assert_eq!(Tile::new(0, MAX_SIZE + 1, 1), refused);
    assert_eq!(Tile::of_tree(0, 1, 256), None);
    assert_eq!(Tile::of_tree(9, 0, MAX_SIZE), None);
    assert_eq!(Tile::of_tree(0, u64::MAX, MAX_SIZE), None);
}

#[test]
fn tiles_are_whole_hashes() {
    for length in [0, 1, 31, 33, 32 * 257, 32 * 256 + 1] {
        assert_eq!(
            decode_hashes(&vec![7; length]),
            Err(TileError::Bytes(length))
        );
    }
    let hashes = decode_hashes(&vec![7; 32 * 256]).expect("a full tile");
    assert_eq!(hashes, vec![Hash::from_bytes([7; 32]); 256]);
    assert_eq!(encode_hashes(&hashes), vec![7; 32 * 256]);
}

#[test]
fn bundles_have_the_specified_bytes() {
    let bundle = EntryBundle::new(vec![b"ab".to_vec(), Vec::new()]).expect("two entries");
    assert_eq!(bundle.encode(), b"\0\x02ab\0\0");
    assert_eq!(EntryBundle::decode(b"\0\x02ab\0\0"), Ok(bundle));
    assert_eq!(EntryBundle::decode(b""), Err(BundleError::Count));
    for cut in [
        &b"\0"[..],
        b"\0\x02",
        b"\0\x02a",
        b"\0\x02ab\0",
        b"\xff\xffab",
    ] {
        assert_eq!(
            EntryBundle::decode(cut),
            Err(BundleError::Truncated),
            "{cut:?}"
        );
    }
    assert_eq!(EntryBundle::decode(&[0; 2 * 257]), Err(BundleError::Count));
    assert_eq!(
        EntryBundle::new(vec![Vec::new(); 257]),
        Err(BundleError::Count)
    );
    let long = |length| EntryBundle::new(vec![vec![0; length]]);
    assert_eq!(
        long(MAX_ENTRY_BYTES + 1),
        Err(BundleError::EntryTooLong(65_536))
    );
    let longest = long(MAX_ENTRY_BYTES).expect("the longest entry");
    assert_eq!(EntryBundle::decode(&longest.encode()), Ok(longest));
}

proptest! {
    #[test]
    fn any_path_is_read_as_it_was_written(
        level in 0_u8..=63,
        index in 0..=MAX_SIZE,
        shift in 0_u32..63,
        width in 1_usize..=256,
    ) {
        let index = index >> shift;
        let tile = Path::Hashes(Tile::new(level, index, width).expect("a tile"));
        for path in [tile, Path::Entries { index, width }] {
            prop_assert_eq!(path.to_string().parse(), Ok(path));
        }
    }

    #[test]
    fn any_text_is_a_path_or_none(text in "[tilenrsp/x.0-9]{0,30}") {
        if let Ok(path) = text.parse::<Path>() {
            prop_assert_eq!(path.to_string(), text.as_str());
        }
        let text = format!("tile/{text}");
        if let Ok(path) = text.parse::<Path>() {
            prop_assert_eq!(path.to_string(), text);
        }
    }

    #[test]
    fn any_bytes_are_a_bundle_or_none(bytes in proptest::collection::vec(0_u8..4, 0..200)) {
        if let Ok(bundle) = EntryBundle::decode(&bytes) {
            prop_assert_eq!(bundle.leaf_hashes().len(), bundle.entries().len());
            prop_assert_eq!(bundle.encode(), bytes);
        }
    }
}
