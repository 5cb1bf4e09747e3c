//! Philox4x32-10 (Salmon et al., SC 2011), counter-based: the same generator, keys and counters as `src/random.ts`.
//! A draw is a function of (seed, purpose, a, b, lane, position): nothing to save, any step or row can be re-created alone.

/// What a stream is for; streams of different purposes are independent. The numbers are those of `src/random.ts`.
#[derive(Debug, Clone, Copy)]
pub enum Purpose {
    Init = 1,
    Dropout = 2,
    Augment = 3,
    Mining = 6,
    Cluster = 10,
    ClassAugment = 12,
}

/// One block: four words from a counter of four words and a key of two.
pub fn philox(mut counter: [u32; 4], mut key: [u32; 2]) -> [u32; 4] {
    for _ in 0..10 {
        let left = u64::from(counter[0]) * 0xD251_1F53;
        let right = u64::from(counter[2]) * 0xCD9E_8D57;
        counter = [
            (right >> 32) as u32 ^ counter[1] ^ key[0],
            right as u32,
            (left >> 32) as u32 ^ counter[3] ^ key[1],
            left as u32,
        ];
        key = [key[0].wrapping_add(0x9E37_79B9), key[1].wrapping_add(0xBB67_AE85)];
    }
    counter
}

/// A stream of random numbers, wholly determined by its arguments.
pub struct Random {
    key: [u32; 2],
    a: u32,
    b: u32,
    lane: u32,
    block: u32,
    words: [u32; 4],
    used: usize,
}

impl Random {
    /// `a` and `b` are coordinates, for example step and row.
    pub fn new(seed: u64, purpose: Purpose, a: u32, b: u32) -> Self {
        let key = [seed as u32, (seed >> 32) as u32 ^ ((purpose as u32) << 24)];
        Self { key, a, b, lane: 0, block: 0, words: [0; 4], used: 4 }
    }

    /// A stream beside this one, for a third coordinate (the layer that draws).
    pub fn lane(mut self, lane: u32) -> Self {
        self.lane = lane;
        self
    }

    pub fn word(&mut self) -> u32 {
        if self.used == 4 {
            self.words = philox([self.block, self.lane, self.b, self.a], self.key);
            self.block += 1;
            self.used = 0;
        }
        self.used += 1;
        self.words[self.used - 1]
    }

    /// Uniform in [0, 1), 53 bits.
    pub fn uniform(&mut self) -> f64 {
        let high = f64::from(self.word()) * f64::from(1 << 21);
        (high + f64::from(self.word() >> 11)) / (1u64 << 53) as f64
    }

    /// Uniform in [-limit, limit).
    pub fn symmetric(&mut self, limit: f64) -> f64 {
        (2.0 * self.uniform() - 1.0) * limit
    }

    /// Uniform integer in [0, n).
    pub fn below(&mut self, n: i64) -> i64 {
        (self.uniform() * n as f64) as i64
    }

    /// Standard normal (Box-Muller).
    pub fn normal(&mut self) -> f64 {
        let radius = (-2.0 * (1.0 - self.uniform()).ln()).sqrt();
        radius * (2.0 * std::f64::consts::PI * self.uniform()).cos()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Known answers of Random123, `kat_vectors`, philox4x32 10.
    #[test]
    fn known_answers() {
        assert_eq!(philox([0; 4], [0; 2]), [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8]);
        assert_eq!(philox([u32::MAX; 4], [u32::MAX; 2]), [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd]);
        assert_eq!(
            philox([0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344], [0xa4093822, 0x299f31d0]),
            [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1]
        );
    }

    #[test]
    fn streams_repeat_and_differ() {
        let draw = |seed, a, b| {
            let mut random = Random::new(seed, Purpose::Augment, a, b);
            (0..5).map(|_| random.uniform()).collect::<Vec<_>>()
        };
        assert_eq!(draw(7, 3, 9), draw(7, 3, 9));
        assert_ne!(draw(7, 3, 9), draw(7, 3, 10));
        assert_ne!(draw(7, 3, 9), draw(7, 4, 9));
        assert_ne!(draw(7, 3, 9), draw(7 + (1 << 40), 3, 9));
    }

    #[test]
    fn normal_has_mean_zero_and_variance_one() {
        let mut random = Random::new(1, Purpose::Init, 0, 0);
        let draws: Vec<f64> = (0..20_000).map(|_| random.normal()).collect();
        let mean = draws.iter().sum::<f64>() / 20_000.0;
        let variance = draws.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / 20_000.0;
        assert!(mean.abs() < 0.03 && (variance - 1.0).abs() < 0.04, "{mean} {variance}");
    }
}
