//! Lets the engine program stand between Csound and the C library where files are opened: its own functions
//! of these names are found first, by libraries that are loaded later too.

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    if std::env::var("CARGO_CFG_TARGET_OS").is_ok_and(|os| os == "linux") {
        for name in ["open", "open64", "fopen", "fopen64"] {
            println!("cargo:rustc-link-arg-bins=-Wl,--export-dynamic-symbol={name}");
        }
    }
}
