//! Classes and functions that no checkpoint needs.

/// Modules that act on the system, whatever their function.
const MODULES: [&str; 27] = [
    "asyncio",
    "bdb",
    "cProfile",
    "code",
    "codeop",
    "commands",
    "ctypes",
    "importlib",
    "marshal",
    "multiprocessing",
    "nt",
    "os",
    "pdb",
    "pickle",
    "_pickle",
    "pip",
    "popen2",
    "posix",
    "profile",
    "pty",
    "runpy",
    "shutil",
    "socket",
    "subprocess",
    "sys",
    "timeit",
    "webbrowser",
];

/// Functions of Python itself that run text or open files.
const BUILTINS: [&str; 8] = [
    "__import__",
    "breakpoint",
    "compile",
    "eval",
    "exec",
    "execfile",
    "input",
    "open",
];

/// Whether a global is a function that a harmful pickle would call. Since nothing is called here, the
/// list protects those who would load the same file elsewhere: it need not be complete.
pub(super) fn acts(module: &str, name: &str) -> bool {
    let package = module.split('.').next().unwrap_or_default();
    match package {
        "builtins" | "__builtin__" => {
            BUILTINS.contains(&name.split('.').next().unwrap_or_default())
        }
        _ => MODULES.contains(&package),
    }
}
