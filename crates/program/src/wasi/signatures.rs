//! The functions of preview 1, by name and type: what a module may import.

use wasmi::{FuncType, ValType};

/// A function as a module imports it.
pub(super) struct Function {
    pub(super) name: &'static str,
    /// Parameters: `i` for 32 bits, `I` for 64.
    params: &'static str,
    /// It gives an `errno`; one function gives nothing.
    answers: bool,
}

const fn function(name: &'static str, params: &'static str) -> Function {
    Function {
        name,
        params,
        answers: true,
    }
}

impl Function {
    pub(super) fn ty(&self) -> FuncType {
        let params = self.params.bytes().map(|letter| match letter {
            b'I' => ValType::I64,
            _ => ValType::I32,
        });
        let results: &[ValType] = if self.answers { &[ValType::I32] } else { &[] };
        FuncType::new(params, results.iter().copied())
    }
}

/// Functions that answer.
pub(super) const OFFERED: &[Function] = &[
    function("args_get", "ii"),
    function("args_sizes_get", "ii"),
    function("clock_res_get", "ii"),
    function("clock_time_get", "iIi"),
    function("environ_get", "ii"),
    function("environ_sizes_get", "ii"),
    function("fd_close", "i"),
    function("fd_fdstat_get", "ii"),
    function("fd_fdstat_set_flags", "ii"),
    function("fd_filestat_get", "ii"),
    function("fd_pread", "iiiIi"),
    function("fd_prestat_dir_name", "iii"),
    function("fd_prestat_get", "ii"),
    function("fd_pwrite", "iiiIi"),
    function("fd_read", "iiii"),
    function("fd_seek", "iIii"),
    function("fd_tell", "ii"),
    function("fd_write", "iiii"),
    function("path_filestat_get", "iiiii"),
    function("path_open", "iiiiiIIii"),
    function("poll_oneoff", "iiii"),
    Function {
        name: "proc_exit",
        params: "i",
        answers: false,
    },
    function("random_get", "ii"),
    function("sched_yield", ""),
];

/// Functions that end the run.
pub(super) const DENIED: &[Function] = &[
    function("fd_advise", "iIIi"),
    function("fd_allocate", "iII"),
    function("fd_datasync", "i"),
    function("fd_fdstat_set_rights", "iII"),
    function("fd_filestat_set_size", "iI"),
    function("fd_filestat_set_times", "iIIi"),
    function("fd_readdir", "iiiIi"),
    function("fd_renumber", "ii"),
    function("fd_sync", "i"),
    function("path_create_directory", "iii"),
    function("path_filestat_set_times", "iiiiIIi"),
    function("path_link", "iiiiiii"),
    function("path_readlink", "iiiiii"),
    function("path_remove_directory", "iii"),
    function("path_rename", "iiiiii"),
    function("path_symlink", "iiiii"),
    function("path_unlink_file", "iii"),
    function("proc_raise", "i"),
    function("sock_accept", "iii"),
    function("sock_recv", "iiiiii"),
    function("sock_send", "iiiii"),
    function("sock_shutdown", "ii"),
];

/// Whether a module may import this function with this type.
pub(crate) fn importable(name: &str, ty: &FuncType) -> bool {
    let known = || OFFERED.iter().chain(DENIED);
    known().any(|function| function.name == name && function.ty() == *ty)
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::{DENIED, OFFERED};
    use crate::{Exit, Limits, Program, Request};

    /// The types above are those that the functions have: whatever is importable can be linked.
    #[test]
    fn everything_that_may_be_imported_is_there() {
        let mut imports = String::new();
        for function in OFFERED.iter().chain(DENIED) {
            let params = function.params.chars();
            let params: Vec<_> = params
                .map(|it| if it == 'I' { "i64" } else { "i32" })
                .collect();
            let result = if function.answers { "(result i32)" } else { "" };
            let (name, params) = (function.name, params.join(" "));
            write!(
                imports,
                r#"(import "wasi_snapshot_preview1" "{name}" (func (param {params}) {result}))"#
            )
            .expect("a text takes what is written");
        }
        let text =
            format!(r#"(module {imports} (memory (export "memory") 1) (func (export "_start")))"#);
        let bytes = wat::parse_str(text).expect("the text is WebAssembly");
        let limits = Limits {
            fuel: 1_000_000,
            memory_bytes: 1 << 16,
            output_bytes: 0,
        };
        let run = Program::load(&bytes)
            .expect("the module can be run")
            .run(Request {
                limits,
                ..Request::default()
            });
        assert_eq!(run.map(|run| run.exit), Ok(Exit::Exited(0)));
    }
}
