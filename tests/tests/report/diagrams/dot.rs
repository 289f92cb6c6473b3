//! Reads a diagram in DOT with a parser of another crate.

use std::collections::{BTreeMap, BTreeSet};

use layout::gv::DotParser;
use layout::gv::parser::ast::{EdgeStmt, Graph, NodeStmt, Stmt};

/// A parsed diagram.
#[derive(Debug, Default)]
pub(crate) struct Dot {
    /// The attributes of each node.
    pub(crate) nodes: BTreeMap<String, BTreeMap<String, String>>,
    /// Each visible edge, in order.
    pub(crate) edges: Vec<Edge>,
    /// The title of each cluster, and its content, including that of inner clusters.
    pub(crate) clusters: BTreeMap<String, (String, BTreeSet<String>)>,
    /// The nodes that are drawn side by side.
    pub(crate) beside: Vec<Vec<String>>,
}

/// An edge as it is drawn, from its tail to its head.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Edge {
    pub(crate) from: String,
    pub(crate) to: String,
    /// `-->`, `==>` if it is thick, `-.->` if it is dashed, `-.-` without a head.
    pub(crate) arrow: &'static str,
    pub(crate) label: String,
}

impl Dot {
    /// Parses a diagram.
    #[track_caller]
    pub(crate) fn read(text: &str) -> Self {
        let graph = DotParser::new(text).process();
        let graph = graph.unwrap_or_else(|error| panic!("{error}\n{text}"));
        let mut dot = Self::default();
        dot.add(&graph);
        for edge in &dot.edges {
            for end in [&edge.from, &edge.to] {
                assert!(dot.nodes.contains_key(end), "no node `{end}`\n{text}");
            }
        }
        dot
    }

    pub(crate) fn label(&self, node: &str) -> &str {
        &self.nodes[node]["label"]
    }

    /// The edges with this arrow.
    pub(crate) fn edges(&self, arrow: &str) -> Vec<(&str, &str)> {
        let edges = self.edges.iter().filter(|edge| edge.arrow == arrow);
        edges
            .map(|edge| (edge.from.as_str(), edge.to.as_str()))
            .collect()
    }

    /// Returns the nodes that it added.
    fn add(&mut self, graph: &Graph) -> BTreeSet<String> {
        let mut added = BTreeSet::new();
        let mut title = String::new();
        let mut named = Vec::new();
        for statement in &graph.list.list {
            match statement {
                Stmt::Node(NodeStmt { id, list }) if list.list.is_empty() => {
                    named.push(id.name.clone());
                }
                Stmt::Node(NodeStmt { id, list }) => {
                    added.insert(id.name.clone());
                    let attributes = list.iter().cloned().collect();
                    let other = self.nodes.insert(id.name.clone(), attributes);
                    assert!(other.is_none(), "two nodes `{}`", id.name);
                }
                Stmt::Edge(EdgeStmt { from, to, list }) => {
                    let [(to, _)] = &to[..] else {
                        panic!("an edge has two ends: {to:?}");
                    };
                    let attributes: BTreeMap<_, _> = list.iter().cloned().collect();
                    self.edges.extend(edge(&from.name, &to.name, &attributes));
                }
                Stmt::Attribute(attribute) => {
                    let mut attributes = attribute.list.iter();
                    if let Some((_, text)) = attributes.find(|(key, _)| key == "label") {
                        title.clone_from(text);
                    }
                }
                Stmt::SubGraph(inner) => added.extend(self.add(inner)),
            }
        }
        if graph.name.starts_with("cluster_") {
            let cluster = (title, added.clone());
            let other = self.clusters.insert(graph.name.clone(), cluster);
            assert!(other.is_none(), "two clusters `{}`", graph.name);
        }
        if !named.is_empty() {
            self.beside.push(named);
        }
        added
    }
}

fn edge(from: &str, to: &str, attributes: &BTreeMap<String, String>) -> Option<Edge> {
    let is = |key, value| attributes.get(key).is_some_and(|found| found == value);
    if is("style", "invis") {
        return None;
    }
    let (from, to) = if is("dir", "back") {
        (to, from)
    } else {
        (from, to)
    };
    let label = attributes.get("label").map_or("", |label| label.trim());
    Some(Edge {
        from: from.to_owned(),
        to: to.to_owned(),
        arrow: match (is("style", "dashed"), is("dir", "none")) {
            (true, true) => "-.-",
            (true, false) => "-.->",
            _ if is("penwidth", "3") && !attributes.contains_key("color") => "==>",
            _ => "-->",
        },
        label: label.to_owned(),
    })
}
