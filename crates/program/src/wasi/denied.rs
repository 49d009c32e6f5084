//! Functions of preview 1 that nothing is done for. A library that links them may be imported; a call of them ends the run, and
//! the run says which it was.

use wasmi::errors::LinkerError;
use wasmi::{Caller, Error, Linker, Val};

use super::WASI;
use super::host::Ended;
use super::signatures::DENIED;
use crate::run::State;

pub(super) fn add(linker: &mut Linker<State>) -> Result<(), LinkerError> {
    DENIED.iter().try_for_each(|function| {
        let name = function.name;
        let denied = move |_: Caller<'_, State>, _: &[Val], _: &mut [Val]| {
            Err(Error::host(Ended::Denied(name)))
        };
        linker.func_new(WASI, name, function.ty(), denied)?;
        Ok(())
    })
}
