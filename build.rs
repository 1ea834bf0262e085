//! Marks the plugin as never to be unloaded: threads that have run Rust code carry destructors into
//! it, and a host that unloads it before they end would jump into nothing.

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    if std::env::var("CARGO_CFG_TARGET_OS").is_ok_and(|os| os == "linux") {
        println!("cargo:rustc-cdylib-link-arg=-Wl,-z,nodelete");
    }
}
