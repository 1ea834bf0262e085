//! The sizes of a host's blocks.

use std::str::FromStr;

use anyhow::{Context, Result};

/// The block size where nothing says otherwise, in frames.
const DEFAULT_BLOCK: u32 = 512;

/// The largest block, in frames.
const LARGEST_BLOCK: u32 = 65_536;

/// The largest of blocks of random sizes, in frames.
const LARGEST_RANDOM_BLOCK: u32 = 4096;

/// The sizes of the blocks in which a host processes, in frames.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BlockSize {
    /// All alike; only the last may be shorter.
    Fixed(u32),
    /// Another at every call, 1 to 4096, the same ones for the same seed.
    Random {
        /// The seed.
        seed: u64,
    },
}

impl Default for BlockSize {
    fn default() -> Self {
        Self::Fixed(DEFAULT_BLOCK)
    }
}

impl BlockSize {
    /// The largest size that comes up, in frames.
    pub fn largest(self) -> u32 {
        match self {
            Self::Fixed(frames) => frames,
            Self::Random { .. } => LARGEST_RANDOM_BLOCK,
        }
    }

    /// The sizes, without end.
    pub fn sizes(self) -> impl Iterator<Item = u32> {
        // Splitmix64: any seed will do, 0 as well.
        let mut state = match self {
            Self::Fixed(_) => 0,
            Self::Random { seed } => seed,
        };
        std::iter::from_fn(move || {
            let Self::Random { .. } = self else {
                return Some(self.largest());
            };
            state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
            let mut bits = state;
            bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            bits ^= bits >> 31;
            // Every power of two is as likely as any other, so that small blocks are no rarity.
            let octave = 1 << (bits % 12);
            Some(octave + ((bits >> 32) % u64::from(octave + 1)) as u32)
        })
    }
}

impl FromStr for BlockSize {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Self> {
        let Some(seed) = text.strip_prefix("random:") else {
            let frames = text.parse().ok().filter(|frames| (1..=LARGEST_BLOCK).contains(frames));
            let wanted = || format!("a block is 1 to {LARGEST_BLOCK} frames, or random:SEED; not {text:?}");
            return frames.map(Self::Fixed).with_context(wanted);
        };
        let seed = seed.parse().ok().with_context(|| format!("the seed {seed:?} is no whole number"))?;
        Ok(Self::Random { seed })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn block_takes_a_size_or_a_seed() {
        assert_eq!("17".parse::<BlockSize>().unwrap(), BlockSize::Fixed(17));
        assert_eq!("random:9".parse::<BlockSize>().unwrap(), BlockSize::Random { seed: 9 });
        for wrong in ["", "0", "65537", "-1", "x", "random", "random:", "random:x"] {
            assert!(wrong.parse::<BlockSize>().is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn random_blocks_are_small_and_large_and_the_same_for_a_seed() {
        let sizes = |seed| BlockSize::Random { seed }.sizes().take(1000).collect::<Vec<_>>();
        assert_eq!(sizes(1), sizes(1));
        assert_ne!(sizes(1), sizes(2));
        let largest = BlockSize::Random { seed: 0 }.largest();
        assert!(sizes(0).iter().all(|size| (1..=largest).contains(size)));
        assert!(sizes(0).contains(&1) && sizes(0).iter().any(|size| *size > 2048));
        assert_eq!(BlockSize::Fixed(64).sizes().take(3).collect::<Vec<_>>(), [64, 64, 64]);
    }
}
