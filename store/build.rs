//! Tells cargo about the migrations: the macro that embeds them cannot watch their folders.

fn main() {
    println!("cargo::rerun-if-changed=../migrations");
}
