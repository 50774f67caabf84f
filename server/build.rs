//! Tells cargo about what the code embeds (rust-embed) and cargo cannot see: a file more or less in a folder
//! changes no source file.

fn main() {
    println!("cargo::rerun-if-changed=../vendors");
    // The names of the UI's files, given by `cargo xtask build`; debug builds read them while they run.
    println!("cargo::rerun-if-env-changed=GATEWAY_UI_VERSION");
}
