//! When to try again after a failure.

use sagsgang_domain::Timestamp;

/// The pause before the try that follows `attempts` tries: doubling from the first pause, an hour at the most.
pub(crate) fn next_try(now: Timestamp, attempts: u32, first_seconds: i64) -> Timestamp {
    let doubled = first_seconds.saturating_mul(1_i64 << attempts.saturating_sub(1).min(20));
    now.plus_seconds(doubled.min(3_600))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_and_stay_below_an_hour() {
        let now = Timestamp::from_micros(0);
        let seconds = |attempts| next_try(now, attempts, 5).as_micros() / 1_000_000;
        assert_eq!(
            [seconds(1), seconds(2), seconds(3), seconds(40)],
            [5, 10, 20, 3_600]
        );
    }
}
