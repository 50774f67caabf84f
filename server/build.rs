//! Tells cargo about what the code embeds (rust-embed) and cargo cannot see: a file more or less in a folder
//! changes no source file.

fn main() {
    println!("cargo::rerun-if-changed=../vendors");
    // rust-embed resolves its folders while it compiles, and in a debug build serves nothing, ever, from one that was
    // not there yet. In a fresh clone the server is compiled before the UI.
    if let Err(error) = std::fs::create_dir_all("../target/ui") {
        println!("cargo::warning=target/ui cannot be made, so this server will have no UI: {error}");
    }
    // The names of the UI's files, given by `cargo xtask build`; debug builds read them while they run.
    println!("cargo::rerun-if-env-changed=GATEWAY_UI_VERSION");
}
