//! Problems found in the user's input, each with its place, collected so that all are reported at once.
//!
//! An [`Issue`] states what is wrong (`title`), where (`place`), details of that place (`label`) and what to do
//! (`help`). They are rendered in `cli::diagnostics`.

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
    /// The span `start..end` of `file`; offsets beyond 4 GiB are clamped.
    pub fn new(file: u32, start: usize, end: usize) -> Place {
        let short = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Place { file, start: short(start), end: short(end.max(start)) }
    }
    /// Bytes it covers.
    pub fn len(self) -> usize {
        (self.end.saturating_sub(self.start)) as usize
    }
    /// Whether `other` lies within it.
    pub fn holds(self, other: Place) -> bool {
        self.file == other.file && self.start <= other.start && other.end <= self.end
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
    /// A stable identifier for `gapcast explain`, such as `unknown-key`.
    pub code: &'static str,
    /// Whether it stops the program.
    pub severity: Severity,
    /// What is wrong, in one line.
    pub title: String,
    /// Text next to the caret; may be empty.
    pub label: String,
    /// Where it is; `None` if it has no place in a file.
    pub place: Option<Place>,
    /// What to do about it, one line per entry.
    pub help: Vec<String>,
}

/// Maximum number of problems kept; a file with more is not a scenario, and reporting them all would not help.
const MAX_ISSUES: usize = 500;

/// Maximum length of a title or label in characters: a quote from a file can be megabytes long.
const MAX_LINE: usize = 500;

/// A text truncated to `most` characters.
fn short(text: String, most: usize) -> String {
    match text.char_indices().nth(most) {
        None => text,
        Some((end, _)) => format!("{} …", &text[..end]),
    }
}

/// All problems found so far.
#[derive(Clone, Debug, Default)]
pub struct Issues {
    list: Vec<Issue>,
    /// Numbers of errors and of warnings beyond the maximum; `last` holds the last problem that was not kept.
    dropped: (usize, usize),
    last: Option<Issue>,
}

impl Issues {
    /// Adds a problem, once: the same problem at the same place is reported only the first time.
    pub fn push(&mut self, issue: Issue) -> &mut Issue {
        if self.is_full() {
            match issue.severity {
                Severity::Error => self.dropped.0 += 1,
                Severity::Warning => self.dropped.1 += 1,
            }
            return self.last.insert(issue);
        }
        // A place that is not valid YAML has no further errors.
        let spoilt = |old: &Issue| {
            old.code.starts_with("yaml-") && old.place.zip(issue.place).is_some_and(|(old, new)| old.holds(new))
        };
        if issue.severity == Severity::Error && self.list.iter().any(spoilt) && !self.list.contains(&issue) {
            return self.last.insert(issue);
        }
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
        let [title, label] = [title, label].map(|text| short(text, MAX_LINE));
        self.push(Issue { code, severity, title, label, place, help: Vec::new() })
    }
    /// Whether there is at least one error.
    pub fn has_errors(&self) -> bool {
        self.count(Severity::Error) > 0
    }
    /// Number of problems of one severity.
    pub fn count(&self, severity: Severity) -> usize {
        let dropped = if severity == Severity::Error { self.dropped.0 } else { self.dropped.1 };
        dropped + self.list.iter().filter(|issue| issue.severity == severity).count()
    }
    /// Whether further problems are only counted, not kept.
    pub fn is_full(&self) -> bool {
        self.list.len() >= MAX_ISSUES
    }
    /// Whether nothing was found.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }
    /// Adds the problems of `other`.
    pub fn extend(&mut self, other: Issues) {
        for issue in other.list {
            self.push(issue);
        }
        self.dropped = (self.dropped.0 + other.dropped.0, self.dropped.1 + other.dropped.1);
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
        let line = short(line.into(), 8 * MAX_LINE);
        if !self.help.contains(&line) {
            self.help.push(line);
        }
        self
    }
}

/// The candidate nearest to `word`, if near enough to be what was meant: by missing, changed, added or swapped letters,
/// ignoring case, or by comparison with one or some of the words of a name.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let plain = |text: &str| text.chars().take(200).collect::<String>().to_lowercase().replace(['-', ' '], "_");
    let word = plain(word);
    let letters = word.chars().count();
    let all: Vec<(&str, String)> = candidates.into_iter().map(|c| (c, plain(c))).collect();
    let whole = all
        .iter()
        .map(|(c, name)| (strsim::damerau_levenshtein(&word, name), *c))
        .min_by_key(|(distance, _)| *distance)
        .filter(|(distance, c)| *distance <= 1 + c.len() / 4 && *distance < letters.max(2));
    if whole.is_some() || letters < 4 {
        return whole.map(|(_, c)| c);
    }
    // `forcast` for `forecast_share`, `founders` for `stake.founders`.
    all.iter()
        .filter_map(|(c, name)| Some((parts(name).map(|part| strsim::damerau_levenshtein(&word, part)).min()?, *c)))
        .min_by_key(|(distance, _)| *distance)
        .filter(|(distance, _)| *distance <= letters / 4)
        .map(|(_, c)| c)
}

/// The first words of a name together, and each of its words, if at least 4 bytes long.
fn parts(name: &str) -> impl Iterator<Item = &str> {
    let ends = name.match_indices(['_', '.']).map(|(at, _)| &name[..at]);
    ends.chain(name.split(['_', '.'])).filter(|part| part.len() >= 4)
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
    fn too_many_are_counted_only() {
        let mut issues = Issues::default();
        for n in 0..2 * MAX_ISSUES {
            issues.error("x", Place::new(0, n, n), "t", "").help("h");
        }
        assert_eq!((issues.iter().count(), issues.count(Severity::Error)), (MAX_ISSUES, 2 * MAX_ISSUES));
    }

    #[test]
    fn nearest_is_near() {
        for (word, want) in
            [("limt", Some("limit")), ("limit", Some("limit")), ("zebra", None), ("", None), ("x", None)]
        {
            assert_eq!(nearest(word, ["limit", "rate", "commitment_fee"]), want, "{word}");
        }
        let words = ["none", "forecast_share", "newsvendor", "stake.founders", "cash_out"];
        for (word, want) in [
            ("forcast", Some("forecast_share")),
            ("Forecast-Share", Some("forecast_share")),
            ("founders", Some("stake.founders")),
            ("fuonders", Some("stake.founders")),
            ("cahs_out", Some("cash_out")),
            ("noen", Some("none")),
            ("share", Some("forecast_share")),
            ("weather", None),
        ] {
            assert_eq!(nearest(word, words), want, "{word}");
        }
    }
}
