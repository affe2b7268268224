//! Memory and tables of the instances of one call.

/// What the instances hold, and what they may.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Room {
    most_memory: usize,
    most_elements: usize,
    memory: usize,
    elements: usize,
    peak: usize,
    exceeded: Option<&'static str>,
}

impl Room {
    pub(crate) fn new(most_memory: usize, most_elements: usize) -> Self {
        Self {
            most_memory,
            most_elements,
            memory: 0,
            elements: 0,
            peak: 0,
            exceeded: None,
        }
    }

    /// The same instances in a new call, which may have limits of its own.
    pub(crate) fn carried_into(self, next: Room) -> Self {
        Self {
            peak: self.memory,
            exceeded: None,
            most_memory: next.most_memory,
            most_elements: next.most_elements,
            ..self
        }
    }

    /// Linear memory held now, in bytes.
    pub(crate) fn memory(&self) -> usize {
        self.memory
    }

    /// The most linear memory held at once, in bytes.
    pub(crate) fn peak(&self) -> usize {
        self.peak
    }

    /// The limit that a refused growth met.
    pub(crate) fn exceeded(&self) -> Option<&'static str> {
        self.exceeded
    }
}

impl wasmtime::ResourceLimiter for Room {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let total = self.memory - current.min(self.memory) + desired;
        if total > self.most_memory {
            self.exceeded = Some("memory");
            // A trap rather than a refused growth: few guests survive the latter, and those that try waste their time.
            wasmtime::bail!("the limit of memory was met");
        }
        self.memory = total;
        self.peak = self.peak.max(total);
        Ok(true)
    }

    fn table_growing(
        &mut self,
        current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let total = self.elements - current.min(self.elements) + desired;
        if total > self.most_elements {
            self.exceeded = Some("tables");
            wasmtime::bail!("the limit of tables was met");
        }
        self.elements = total;
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasmtime::ResourceLimiter;

    #[test]
    fn memories_count_together() {
        let mut room = Room::new(100, 10);
        assert!(room.memory_growing(0, 40, None).unwrap());
        assert!(room.memory_growing(0, 40, None).unwrap());
        assert!(room.memory_growing(40, 60, None).unwrap());
        assert_eq!(room.memory(), 100);
        assert!(room.memory_growing(60, 61, None).is_err());
        assert_eq!(room.exceeded(), Some("memory"));
        assert!(room.table_growing(0, 11, None).is_err());
    }
}
