//! The decision itself. The benchmarks make it natively too, from this same file: that is the floor.

/// Priority and score by how often it was reported before and by what was collected.
pub fn of(repeats: i64, fraction: &str) -> (&'static str, i64) {
    let mut score = repeats * 10;
    if fraction == "hazardous" {
        score += 40;
    }
    let priority = if score >= 30 { "high" } else { "normal" };
    (priority, score)
}
