//! Problems found in what the user wrote, each with its place, collected so that all are told in one go.
//!
//! An [`Issue`] says what is wrong (`title`), where (`place`), what about that place (`label`) and what to do (`help`).
//! Rendering is not here: see `cli::diagnostics`.

/// A span of bytes in one source file. Places stay within one line, so that a caret can point at them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The file's number in `Sources`.
    pub file: u32,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Place {
    /// The span `start..end` of `file`; what exceeds 4 GiB is cut off.
    pub fn new(file: u32, start: usize, end: usize) -> Place {
        let short = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Place { file, start: short(start), end: short(end.max(start)) }
    }
    /// Bytes it covers.
    pub fn len(self) -> usize {
        (self.end.saturating_sub(self.start)) as usize
    }
    /// Whether it covers nothing.
    pub fn is_empty(self) -> bool {
        self.end <= self.start
    }
}

/// Whether a problem stops the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The scenario cannot be used.
    Error,
    /// It can be used, but is probably not what was meant.
    Warning,
}

/// One problem.
#[derive(Clone, Debug, PartialEq)]
pub struct Issue {
    /// A stable word for `gapcast explain`, `unknown-key`.
    pub code: &'static str,
    /// Whether it stops the program.
    pub severity: Severity,
    /// What is wrong, in one line.
    pub title: String,
    /// What is said beside the caret; may be empty.
    pub label: String,
    /// Where it is; `None` when it belongs to no place in a file.
    pub place: Option<Place>,
    /// What to do about it, a line each.
    pub help: Vec<String>,
}

/// All problems found so far.
#[derive(Clone, Debug, Default)]
pub struct Issues {
    list: Vec<Issue>,
}

impl Issues {
    /// Adds a problem, once: the same problem at the same place is told only the first time.
    pub fn push(&mut self, issue: Issue) -> &mut Issue {
        let at = self.list.iter().position(|old| *old == issue).unwrap_or_else(|| {
            self.list.push(issue);
            self.list.len() - 1
        });
        &mut self.list[at]
    }
    /// Adds an error; `.help(…)` may follow.
    pub fn error(
        &mut self,
        code: &'static str,
        place: impl Into<Option<Place>>,
        title: impl Into<String>,
        label: impl Into<String>,
    ) -> &mut Issue {
        self.add(Severity::Error, code, place.into(), title.into(), label.into())
    }
    /// Adds a warning; `.help(…)` may follow.
    pub fn warn(
        &mut self,
        code: &'static str,
        place: impl Into<Option<Place>>,
        title: impl Into<String>,
        label: impl Into<String>,
    ) -> &mut Issue {
        self.add(Severity::Warning, code, place.into(), title.into(), label.into())
    }
    fn add(
        &mut self,
        severity: Severity,
        code: &'static str,
        place: Option<Place>,
        title: String,
        label: String,
    ) -> &mut Issue {
        self.push(Issue { code, severity, title, label, place, help: Vec::new() })
    }
    /// Whether there is at least one error.
    pub fn has_errors(&self) -> bool {
        self.count(Severity::Error) > 0
    }
    /// How many there are of one severity.
    pub fn count(&self, severity: Severity) -> usize {
        self.list.iter().filter(|issue| issue.severity == severity).count()
    }
    /// Whether nothing was found.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }
    /// Takes over the problems of `other`.
    pub fn extend(&mut self, other: Issues) {
        for issue in other.list {
            self.push(issue);
        }
    }
    /// The problems in the order of their places; those without a place come first.
    pub fn iter(&self) -> impl Iterator<Item = &Issue> {
        let mut sorted: Vec<&Issue> = self.list.iter().collect();
        sorted.sort_by_key(|issue| (issue.place, issue.severity));
        sorted.into_iter()
    }
}

impl Issue {
    /// Adds a line of advice.
    pub fn help(&mut self, line: impl Into<String>) -> &mut Issue {
        let line = line.into();
        if !self.help.contains(&line) {
            self.help.push(line);
        }
        self
    }
}

/// The candidate nearest to `word`, when it is near enough to be what was meant.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word: String = word.chars().take(200).collect();
    candidates
        .into_iter()
        .map(|c| (strsim::damerau_levenshtein(&word, c), c))
        .min_by_key(|(distance, _)| *distance)
        .filter(|(distance, c)| *distance <= 1 + c.len() / 4 && *distance < word.chars().count().max(2))
        .map(|(_, c)| c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sorted_by_place_and_told_once() {
        let mut issues = Issues::default();
        issues.error("b", Place::new(0, 9, 10), "later", "").help("try this");
        issues.warn("a", Place::new(0, 2, 3), "earlier", "");
        issues.warn("a", Place::new(0, 2, 3), "earlier", "");
        issues.error("c", None, "nowhere", "");
        assert_eq!(issues.iter().map(|i| i.code).collect::<Vec<_>>(), ["c", "a", "b"]);
        assert_eq!((issues.count(Severity::Error), issues.count(Severity::Warning)), (2, 1));
        assert!(issues.has_errors());
    }

    #[test]
    fn nearest_is_near() {
        for (word, want) in
            [("limt", Some("limit")), ("limit", Some("limit")), ("zebra", None), ("", None), ("x", None)]
        {
            assert_eq!(nearest(word, ["limit", "rate", "undrawn_fee"]), want, "{word}");
        }
    }
}
