//! The program: parse the arguments, call the library, choose the exit code.

fn main() {}
