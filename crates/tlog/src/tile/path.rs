//! Names of tiles and bundles.

use std::fmt;
use std::str::FromStr;

use super::{FULL_WIDTH, MAX_LEVEL};
use crate::lines::decimal;
use crate::merkle::MAX_SIZE;

/// A hash tile: which, and how many hashes of it there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tile {
    level: u8,
    index: u64,
    width: u16,
}

/// A file of a log besides its checkpoint, by its path below the log's prefix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Path {
    /// `tile/<L>/<N>[.p/<W>]`.
    Hashes(Tile),
    /// `tile/entries/<N>[.p/<W>]`.
    Entries {
        /// Which bundle: its first entry is the one with 256 times this index.
        index: u64,
        /// How many entries of it there are, 1 to 256.
        width: usize,
    },
}

/// No tile. Whoever named or wrote it is to blame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TileError {
    /// A level above [`MAX_LEVEL`], a width outside 1 to 256, or an index beyond every tree.
    #[error("there is no such tile")]
    OutOfRange,
    /// The bytes are not 1 to 256 hashes.
    #[error("{0} bytes are not 1 to {FULL_WIDTH} hashes")]
    Bytes(usize),
}

impl TileError {
    /// Stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::OutOfRange => "tile-out-of-range",
            Self::Bytes(_) => "tile-truncated",
        }
    }
}

/// A path that is no tile's or bundle's, in its one spelling. Whoever wrote it is to blame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is not the path of a tile")]
pub struct PathError;

impl PathError {
    /// Stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        "tile-path"
    }
}

impl Tile {
    /// The tile with this level, index and width.
    ///
    /// # Errors
    /// [`TileError::OutOfRange`].
    pub fn new(level: u8, index: u64, width: usize) -> Result<Self, TileError> {
        let fits = level <= MAX_LEVEL && index <= MAX_SIZE && (1..=FULL_WIDTH).contains(&width);
        let width = u16::try_from(width).ok().filter(|_| fits);
        let width = width.ok_or(TileError::OutOfRange)?;
        Ok(Self {
            level,
            index,
            width,
        })
    }

    /// The tile at this place in a tree of `size` leaves, with its width there; `None` where it is empty.
    #[must_use]
    pub fn of_tree(level: u32, index: u64, size: u64) -> Option<Self> {
        let hashes = size.checked_shr(8 * level).unwrap_or(0);
        let left = hashes.checked_sub(index.checked_mul(256)?)?;
        let width = usize::try_from(left).unwrap_or(FULL_WIDTH).min(FULL_WIDTH);
        Self::new(u8::try_from(level).ok()?, index, width).ok()
    }

    /// How far from the leaves, which are at level 0, in steps of 8.
    #[must_use]
    pub const fn level(self) -> u8 {
        self.level
    }

    /// Which tile of the level.
    #[must_use]
    pub const fn index(self) -> u64 {
        self.index
    }

    /// How many hashes it has, 1 to 256.
    #[must_use]
    pub fn width(self) -> usize {
        usize::from(self.width)
    }

    /// Whether it will never grow.
    #[must_use]
    pub fn is_full(self) -> bool {
        self.width() == FULL_WIDTH
    }

    /// The full tile in the same place.
    #[must_use]
    pub fn to_full(self) -> Self {
        Self { width: 256, ..self }
    }

    /// Its path below the log's prefix: `tile/0/x001/234.p/17`.
    #[must_use]
    pub fn path(self) -> String {
        Path::Hashes(self).to_string()
    }
}

impl fmt::Display for Tile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Path::Hashes(*self).fmt(f)
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (index, width) = match self {
            Self::Hashes(tile) => {
                write!(f, "tile/{}/", tile.level)?;
                (tile.index, tile.width())
            }
            Self::Entries { index, width } => {
                f.write_str("tile/entries/")?;
                (*index, *width)
            }
        };
        write_index(f, index)?;
        match width {
            FULL_WIDTH => Ok(()),
            _ => write!(f, ".p/{width}"),
        }
    }
}

/// Three digits for each element, `x` before all but the last.
fn write_index(f: &mut fmt::Formatter<'_>, index: u64) -> fmt::Result {
    let digits = index.to_string();
    let digits = format!(
        "{digits:0>width$}",
        width = digits.len().next_multiple_of(3)
    );
    let elements = digits.len() / 3;
    for element in 0..elements - 1 {
        write!(f, "x{}/", &digits[3 * element..3 * element + 3])?;
    }
    f.write_str(&digits[digits.len() - 3..])
}

impl FromStr for Path {
    type Err = PathError;

    fn from_str(text: &str) -> Result<Self, PathError> {
        let path = parse(text).ok_or(PathError)?;
        // One tile, one path: leading zeros, `.p/256` and the like do not come back out.
        match path.to_string() == text {
            true => Ok(path),
            false => Err(PathError),
        }
    }
}

fn parse(text: &str) -> Option<Path> {
    let (kind, place) = text.strip_prefix("tile/")?.split_once('/')?;
    let (index, width) = match place.split_once(".p/") {
        Some((index, width)) => (index, decimal(width, 255)?),
        None => (place, 256),
    };
    let (index, width) = (parse_index(index)?, usize::try_from(width).ok()?);
    // The limits of hash tiles hold for bundles too.
    let tile = |level| Tile::new(level, index, width).ok();
    match kind {
        "entries" => tile(0).map(|_| Path::Entries { index, width }),
        level => tile(u8::try_from(decimal(level, 63)?).ok()?).map(Path::Hashes),
    }
}

fn parse_index(text: &str) -> Option<u64> {
    let (upper, last) = text.rsplit_once('/').unwrap_or(("", text));
    let upper = upper.split('/').filter(|element| !element.is_empty());
    let mut index = 0_u64;
    for element in upper
        .map(|element| element.strip_prefix('x'))
        .chain([Some(last)])
    {
        let digits = element.filter(|digits| digits.len() == 3)?;
        let digits = digits
            .bytes()
            .all(|byte| byte.is_ascii_digit())
            .then_some(digits)?;
        index = index.checked_mul(1000)?.checked_add(digits.parse().ok()?)?;
    }
    Some(index)
}
