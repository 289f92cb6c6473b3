//! Parses a diagram in Mermaid line by line, and refuses unknown lines.

use std::collections::{BTreeMap, BTreeSet};

/// A parsed diagram.
#[derive(Debug, Default)]
pub(crate) struct Mermaid {
    /// The text and the class of each node.
    pub(crate) nodes: BTreeMap<String, (String, String)>,
    /// From, arrow, label and to of each visible edge.
    pub(crate) edges: Vec<[String; 4]>,
    /// The titles of the clusters.
    pub(crate) clusters: BTreeMap<String, String>,
}

/// The delimiters of a label.
const OUTLINES: [(&str, &str); 9] = [
    ("([\"", "\"])"),
    ("[[\"", "\"]]"),
    ("{{\"", "\"}}"),
    ("[/\"", "\"\\]"),
    ("[\\\"", "\"/]"),
    ("[\"", "\"]"),
    ("{\"", "\"}"),
    ("(\"", "\")"),
    (">\"", "\"]"),
];

impl Mermaid {
    /// Parses a diagram. Every end of an edge must be a node, every class must be defined, and `subgraph` and `end`
    /// must balance.
    #[track_caller]
    pub(crate) fn read(text: &str) -> Self {
        let mut mermaid = Self::default();
        let (mut depth, mut classes, mut styled) = (0_usize, BTreeSet::new(), BTreeSet::new());
        let (mut all_edges, mut links) = (0, Vec::new());
        let mut lines = text.lines();
        assert_eq!(lines.next(), Some("flowchart TD"), "{text}");
        for line in lines.map(str::trim) {
            let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
            match word {
                "end" => {
                    depth = depth.checked_sub(1).unwrap_or_else(|| panic!("{text}"));
                }
                "subgraph" => {
                    depth += 1;
                    let (id, title) = rest.split_once('[').unwrap_or_else(|| panic!("{line}"));
                    let title = title
                        .strip_prefix('"')
                        .and_then(|it| it.strip_suffix("\"]"));
                    let title = unescaped(title.unwrap_or_else(|| panic!("{line}")));
                    mermaid.clusters.insert(id.to_owned(), title);
                }
                "classDef" => {
                    classes.insert(rest.split(' ').next().unwrap_or_default().to_owned());
                }
                "style" => {
                    styled.insert(rest.split(' ').next().unwrap_or_default().to_owned());
                }
                "linkStyle" => links.extend(rest.split(' ').next().map(ToOwned::to_owned)),
                _ if rest.starts_with("--") || rest.starts_with(['=', '-', '~']) => {
                    all_edges += 1;
                    mermaid.edges.extend(edge(word, rest));
                }
                _ => mermaid.node(line),
            }
        }
        assert_eq!(depth, 0, "{text}");
        for [from, _, _, to] in &mermaid.edges {
            for end in [from, to] {
                assert!(mermaid.nodes.contains_key(end), "no node `{end}`\n{text}");
            }
        }
        for (_, class) in mermaid.nodes.values() {
            assert!(classes.contains(class), "no class `{class}`\n{text}");
        }
        assert!(styled.iter().eq(mermaid.clusters.keys()), "{text}");
        for link in links {
            assert!(link.parse::<usize>().unwrap() < all_edges, "{text}");
        }
        mermaid
    }

    /// The edges with this arrow.
    pub(crate) fn edges(&self, arrow: &str) -> Vec<(&str, &str)> {
        let edges = self.edges.iter().filter(|[_, it, _, _]| it == arrow);
        edges
            .map(|[from, _, _, to]| (from.as_str(), to.as_str()))
            .collect()
    }

    pub(crate) fn label(&self, node: &str) -> &str {
        &self.nodes[node].0
    }

    #[track_caller]
    fn node(&mut self, line: &str) {
        let id_end = line.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        let (id, rest) = line.split_at(id_end.unwrap_or_else(|| panic!("{line}")));
        let (rest, class) = rest.rsplit_once(":::").unwrap_or_else(|| panic!("{line}"));
        let label = OUTLINES.iter().find_map(|(open, close)| {
            let label = rest.strip_prefix(open)?;
            label.strip_suffix(close)
        });
        let label = unescaped(label.unwrap_or_else(|| panic!("{line}")));
        let node = (label, class.to_owned());
        assert!(self.nodes.insert(id.to_owned(), node).is_none(), "{line}");
    }
}

/// `None` for an invisible edge.
#[track_caller]
fn edge(from: &str, rest: &str) -> Option<[String; 4]> {
    let (arrow, to) = rest.rsplit_once(' ').unwrap_or_else(|| panic!("{rest}"));
    let (arrow, label) = arrow.split_once("|\"").unwrap_or((arrow, "\"|"));
    let label = label
        .strip_suffix("\"|")
        .unwrap_or_else(|| panic!("{rest}"));
    let label = unescaped(label);
    match arrow {
        "~~~" => None,
        "-->" | "==>" | "-.-" | "-.->" => Some([from, arrow, &label, to].map(ToOwned::to_owned)),
        _ => panic!("no arrow: {rest}"),
    }
}

/// The text of a label. It must contain nothing that Mermaid, Markdown or HTML would interpret.
#[track_caller]
pub(crate) fn unescaped(label: &str) -> String {
    let lines = label.split("<br/>").map(|line| {
        let mut text = String::new();
        let mut rest = line;
        while let Some((before, after)) = rest.split_once('#') {
            let (number, after) = after.split_once(';').unwrap_or_else(|| panic!("{label}"));
            let c = number.parse().ok().and_then(char::from_u32);
            text.push_str(plain(before));
            text.push(c.unwrap_or_else(|| panic!("{label}")));
            rest = after;
        }
        text + plain(rest)
    });
    let text = lines.collect::<Vec<_>>().join("\n");
    // Words that Mermaid always interprets are split.
    for read in ["\\n", "fa:fa-", "$$"] {
        assert!(!text.contains(read), "{text}");
    }
    text.replace('\u{200b}', "")
}

#[track_caller]
fn plain(text: &str) -> &str {
    let means_something = |c: char| "\"<>&;`\\|[]{}()*~^$%@!=+'/".contains(c) || c.is_control();
    assert!(!text.contains(means_something), "{text:?}");
    text
}
