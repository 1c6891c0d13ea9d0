//! The binary.
fn main() {
    anstream::println!("{}", bluejayctl::spec::schema::PROJECT.text());
}
