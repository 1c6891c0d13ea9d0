//! Writes simulations to measure with: `cargo bench --bench corpus -- COUNT FOLDER`.

mod made;

fn main() {
    let mut arguments = std::env::args()
        .skip(1)
        .filter(|argument| !argument.starts_with("--"));
    let (Some(count), Some(folder)) = (arguments.next(), arguments.next()) else {
        // `cargo test --benches` only wants to know that it builds.
        return;
    };
    let count = count.parse().expect("a number");
    made::write(std::path::Path::new(&folder), count);
}
