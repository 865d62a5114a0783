//! A writer of HTML that escapes everything it did not itself provide.
//!
//! Tags and attribute names are `&'static str`, so that nothing from a scenario can become markup: it passes through
//! [`Html::text`], an attribute's value, [`Html::data`] or [`Html::link`], each of which escapes.

use serde_json::Value;

use crate::text::steers;

/// A page being written.
#[derive(Debug, Default)]
pub struct Html(String);

/// Attributes of an element, in order.
pub type Attributes<'a> = &'a [(&'static str, &'a str)];

impl Html {
    /// An opening tag with its attributes.
    pub fn open(&mut self, tag: &'static str, attributes: Attributes<'_>) -> &mut Html {
        self.0.push('<');
        self.0.push_str(tag);
        for (name, value) in attributes {
            self.0.push(' ');
            self.0.push_str(name);
            // An empty value is written as a bare attribute, such as `hidden`.
            if !value.is_empty() {
                self.0.push_str("=\"");
                self.text(value);
                self.0.push('"');
            }
        }
        self.0.push('>');
        self
    }

    /// A closing tag.
    pub fn close(&mut self, tag: &'static str) -> &mut Html {
        self.0.push_str("</");
        self.0.push_str(tag);
        self.0.push('>');
        self
    }

    /// An element that contains only text.
    pub fn leaf(&mut self, tag: &'static str, attributes: Attributes<'_>, text: &str) -> &mut Html {
        self.open(tag, attributes).text(text).close(tag)
    }

    /// Text, escaped. Control characters, which HTML forbids, and characters that change the text direction become
    /// spaces.
    pub fn text(&mut self, text: &str) -> &mut Html {
        for c in text.chars() {
            match c {
                '&' => self.0.push_str("&amp;"),
                '<' => self.0.push_str("&lt;"),
                '>' => self.0.push_str("&gt;"),
                '"' => self.0.push_str("&quot;"),
                '\'' => self.0.push_str("&#39;"),
                '\n' => self.0.push('\n'),
                c if steers(c) || matches!(c, '\t' | '\u{fffe}' | '\u{ffff}') => self.0.push(' '),
                c => self.0.push(c),
            }
        }
        self
    }

    /// A link if the address is a web address; otherwise the text alone. Other addresses that a browser would follow,
    /// such as `javascript:`, are not valid addresses of a source.
    pub fn link(&mut self, address: &str, text: &str) -> &mut Html {
        if is_web(address) {
            let href = address.trim();
            self.leaf("a", &[("href", href), ("rel", "noopener noreferrer"), ("target", "_blank")], text)
        } else {
            self.text(text)
        }
    }

    /// Data for the page's script, as JSON. `<` is written as `\u003c`, so that no text can close the element.
    pub fn data(&mut self, attributes: Attributes<'_>, data: &Value) -> &mut Html {
        let text = data.to_string();
        self.open("script", &[&[("type", "application/json")], attributes].concat());
        for c in text.chars() {
            match c {
                '<' => self.0.push_str("\\u003c"),
                '>' => self.0.push_str("\\u003e"),
                '&' => self.0.push_str("\\u0026"),
                c if steers(c) => self.0.push_str("\\ufffd"),
                '\u{2028}' => self.0.push_str("\\u2028"),
                '\u{2029}' => self.0.push_str("\\u2029"),
                c => self.0.push(c),
            }
        }
        self.close("script")
    }

    /// Our own markup.
    pub fn raw(&mut self, markup: &'static str) -> &mut Html {
        self.0.push_str(markup);
        self
    }

    /// Markup that another of our writers has escaped: a drawing, or a style sheet made of colours.
    pub fn trusted(&mut self, markup: &str) -> &mut Html {
        self.0.push_str(markup);
        self
    }

    /// The finished page.
    pub fn finish(self) -> String {
        self.0
    }
}

/// Whether this is a web address: `http://` or `https://`, without spaces or control characters.
pub fn is_web(address: &str) -> bool {
    let address = address.trim();
    let scheme = address.split_once("://").map(|(scheme, _)| scheme.to_ascii_lowercase());
    matches!(scheme.as_deref(), Some("http" | "https"))
        && !address.contains(|c: char| c.is_control() || c.is_whitespace())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(write: impl FnOnce(&mut Html)) -> String {
        let mut html = Html::default();
        write(&mut html);
        html.finish()
    }

    #[test]
    fn what_comes_from_outside_is_text() {
        let nasty = "<script>alert(1)</script> & \"quoted\" 'too'\u{0}";
        let text = written(|h| {
            h.leaf("td", &[("title", nasty), ("hidden", "")], nasty);
        });
        assert_eq!(text.matches('<').count(), 2, "{text}");
        assert_eq!(text.matches('"').count(), 2, "{text}");
        assert!(text.contains("&lt;script&gt;alert(1)&lt;/script&gt; &amp; &quot;quoted&quot; &#39;too&#39; "));
        assert!(text.contains(" hidden>"));
    }

    #[test]
    fn nothing_turns_the_direction_of_text() {
        let nasty = "a\u{202e}b\u{9b}c\u{2066}d";
        let text = written(|h| {
            h.leaf("td", &[("title", nasty)], nasty).data(&[], &serde_json::json!({ nasty: nasty }));
        });
        assert!(!text.chars().any(steers), "{text:?}");
        assert!(text.contains("<td title=\"a b c d\">a b c d</td>"), "{text:?}");
    }

    #[test]
    fn data_cannot_close_its_element() {
        let nasty = serde_json::json!({"</script><script>": "<!-- ]]> & \u{2028}"});
        let text = written(|h| {
            h.data(&[], &nasty);
        });
        assert_eq!(text.matches('<').count(), 2, "{text}");
        let inside = text.trim_start_matches("<script type=\"application/json\">").trim_end_matches("</script>");
        assert_eq!(serde_json::from_str::<Value>(inside).unwrap(), nasty);
    }

    #[test]
    fn only_addresses_of_the_web_are_links() {
        for good in ["https://example.com/a?b=c&d=\"e\"", "HTTP://example.com"] {
            let text = written(|h| {
                h.link(good, "source");
            });
            assert!(text.starts_with("<a href=") && text.matches('"').count() == 6, "{text}");
        }
        for bad in [
            "javascript:alert(1)",
            " JavaScript:alert(1)//http://",
            "data:text/html,<script>",
            "//example.com",
            "https://exa mple.com",
            "java\nscript://http://",
            "",
        ] {
            let text = written(|h| {
                h.link(bad, "source");
            });
            assert_eq!(text, "source", "{bad}");
        }
    }
}
