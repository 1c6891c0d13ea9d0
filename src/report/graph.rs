//! The graph of references as DOT, as Mermaid and as JSON.

use schemars::JsonSchema;
use serde::Serialize;

use super::json::{self, FORMAT_VERSION};
use crate::resource::Kind;
use crate::resource::graph::Graph;
use crate::resource::key::ResourceKey;
use crate::visible;

/// The output of `bluejayctl graph --format json`.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(title = "bluejayctl graph --format json")]
pub struct Document<'a> {
    /// The references, in the order of the keys.
    edges: Vec<Edge>,
    /// The version of this format.
    format_version: &'static str,
    /// The declared resources, in the order of the keys.
    nodes: Vec<Node<'a>>,
}

/// A reference.
#[derive(Debug, Serialize, JsonSchema)]
struct Edge {
    /// The resource that refers, as `KIND:KEY`.
    from: String,
    /// The resource that it refers to, as `KIND:KEY`.
    to: String,
}

/// A declared resource.
#[derive(Debug, Serialize, JsonSchema)]
struct Node<'a> {
    /// The file that declares the resource.
    file: &'a str,
    /// The resource, as `KIND:KEY`.
    id: String,
    /// The key without the kind.
    key: &'a str,
    /// The kind.
    kind: &'static str,
    /// The line of the declaration, from 1.
    line: usize,
    /// The display name.
    name: Option<&'a str>,
}

/// Returns the graph as JSON.
#[must_use]
pub fn json(graph: &Graph<'_>) -> String {
    let nodes = graph.nodes.iter().map(|(key, resource)| Node {
        file: &resource.source.file,
        id: key.qualified(),
        key: key.key(),
        kind: key.kind().name(),
        line: resource.source.line,
        name: resource.body.name(),
    });
    let edges = graph.edges.iter().map(|(from, to)| Edge {
        from: from.qualified(),
        to: to.qualified(),
    });
    json::text(&Document {
        edges: edges.collect(),
        format_version: FORMAT_VERSION,
        nodes: nodes.collect(),
    })
}

/// Returns the graph in the language of Graphviz.
#[must_use]
pub fn dot(graph: &Graph<'_>) -> String {
    let mut text = "digraph bluejay {\n  rankdir=LR;\n".to_owned();
    for key in graph.nodes.keys() {
        let shape = shape(key.kind()).dot;
        text += &format!("  {} [shape={shape}];\n", dot_text(key));
    }
    for (from, to) in &graph.edges {
        text += &format!("  {} -> {};\n", dot_text(from), dot_text(to));
    }
    text += "}\n";
    visible::terminal(&text, false)
}

/// Returns the graph in the language of Mermaid, which GitHub and GitLab draw.
#[must_use]
pub fn mermaid(graph: &Graph<'_>) -> String {
    let mut text = "flowchart LR\n".to_owned();
    let keys: Vec<_> = graph.nodes.keys().copied().collect();
    for (index, key) in keys.iter().enumerate() {
        let [open, close] = shape(key.kind()).mermaid;
        text += &format!("  n{index}{open}\"{}\"{close}\n", mermaid_text(key));
    }
    // A key can't name a node: a name has no spaces and no special characters.
    let index = |key: &ResourceKey| keys.partition_point(|other| *other < key);
    for (from, to) in &graph.edges {
        text += &format!("  n{} --> n{}\n", index(from), index(to));
    }
    visible::terminal(&text, false)
}

/// The shape of a node in both languages.
struct Shape {
    dot: &'static str,
    mermaid: [&'static str; 2],
}

/// Returns the shape of the nodes of a kind.
fn shape(kind: Kind) -> Shape {
    let (dot, mermaid) = match kind {
        Kind::Simulation => ("box", ["[", "]"]),
        Kind::DigitalHuman => ("ellipse", ["([", "])"]),
        Kind::CustomMetric => ("hexagon", ["{{", "}}"]),
        Kind::Schedule => ("cds", [">", "]"]),
    };
    Shape { dot, mermaid }
}

/// Returns a key as a quoted text of DOT, which has two special characters.
fn dot_text(key: &ResourceKey) -> String {
    let text = key.qualified();
    let text = visible::line(&text);
    let text = text.replace('\\', "\\\\").replace('"', "\\\"");
    format!("\"{text}\"")
}

/// Returns a key for a quoted text of Mermaid, where HTML and Markdown have a meaning. Every
/// other character than a letter, a digit and a few signs becomes an entity.
fn mermaid_text(key: &ResourceKey) -> String {
    let text = key.qualified();
    let text = visible::line(&text);
    let mut safe = String::new();
    for character in text.chars() {
        if character.is_alphanumeric() || " -./:_".contains(character) {
            safe.push(character);
        } else {
            safe += &format!("#{};", u32::from(character));
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_of_others_stays_inside_its_quotes() {
        let hostile = ResourceKey::from("a\"] --> b\\\u{1b}<img>`#");
        assert_eq!(
            dot_text(&hostile),
            r#""simulation:a\"] --> b\\\\u{1b}<img>`#""#
        );
        let text = mermaid_text(&hostile);
        assert_eq!(
            text,
            "simulation:a#34;#93; --#62; b#92;#92;u#123;1b#125;#60;img#62;#96;#35;"
        );
    }
}
