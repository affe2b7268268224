//! Chance with a seed.

use rand::rngs::SmallRng;
use rand::{Rng, RngCore, SeedableRng};
use sagsgang_domain::{Chance, Timestamp};
use uuid::{Builder, Uuid};

/// Dice, and the moment at which they are thrown: ids rise with it.
pub(super) struct Dice {
    random: SmallRng,
    /// The moment on the invented clock.
    pub(super) now: Timestamp,
}

impl Dice {
    pub(super) fn new(seed: u64, now: Timestamp) -> Self {
        Self {
            random: SmallRng::seed_from_u64(seed),
            now,
        }
    }

    /// One of a list that is not empty.
    pub(super) fn pick<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[self.random.random_range(0..list.len())]
    }

    /// A number from the first up to, but without, the second.
    pub(super) fn between(&mut self, from: i64, to: i64) -> i64 {
        self.random.random_range(from..to)
    }

    /// Whether it comes true, in so many of a hundred cases.
    pub(super) fn percent(&mut self, percent: u32) -> bool {
        self.random.random_range(0..100) < percent
    }

    /// A place in a list of weights.
    pub(super) fn weighted(&mut self, weights: &[u32]) -> usize {
        let mut left = self
            .random
            .random_range(0..weights.iter().sum::<u32>().max(1));
        for (place, weight) in weights.iter().enumerate() {
            if left < *weight {
                return place;
            }
            left -= weight;
        }
        0
    }
}

impl Chance for Dice {
    fn id(&mut self) -> Uuid {
        let mut bytes = [0; 10];
        self.random.fill_bytes(&mut bytes);
        let millis = self.now.as_micros().unsigned_abs() / 1_000;
        Builder::from_unix_timestamp_millis(millis, &bytes).into_uuid()
    }

    fn salt(&mut self) -> [u8; 16] {
        let mut salt = [0; 16];
        self.random.fill_bytes(&mut salt);
        salt
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_throws_the_same() {
        let now = Timestamp::from_micros(1_795_000_000_000_000);
        let (mut one, mut other) = (Dice::new(7, now), Dice::new(7, now));
        assert_eq!(one.id(), other.id());
        assert_eq!(one.between(0, 1_000_000), other.between(0, 1_000_000));
        assert_ne!(one.salt(), Dice::new(8, now).salt());
    }

    #[test]
    fn weights_decide_how_often() {
        let mut dice = Dice::new(1, Timestamp::from_micros(0));
        let mut thrown = [0; 3];
        for _ in 0..1_000 {
            thrown[dice.weighted(&[80, 0, 20])] += 1;
        }
        assert!(
            thrown[0] > 700 && thrown[1] == 0 && thrown[2] > 100,
            "{thrown:?}"
        );
    }
}
