use std::env;
use std::path::PathBuf;

/// Compiles the shim against the headers of the very libtorch that torch-sys links.
fn main() {
    let lib =
        PathBuf::from(env::var("DEP_TCH_LIBTORCH_LIB").expect("torch-sys tells its dependents where libtorch is"));
    let include = lib.parent().expect("libtorch's lib folder has a parent").join("include");
    println!("cargo:rerun-if-changed=src/shim.cpp");
    cc::Build::new()
        .cpp(true)
        .pic(true)
        .warnings(false)
        .include(&include)
        .include(include.join("torch/csrc/api/include"))
        .flag("-std=c++17")
        .flag("-D_GLIBCXX_USE_CXX11_ABI=1")
        .file("src/shim.cpp")
        .compile("npair_shim");
}
