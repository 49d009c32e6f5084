//! Opening and asking for files.

use wasmi::errors::LinkerError;
use wasmi::{Caller, Error, Linker};

use super::WASI;
use super::descriptors::{DIRECTORY, REGULAR, file_status_bytes};
use super::errno::{BADF, ISDIR, NFILE, NOENT, NOTDIR, ROFS, SUCCESS};
use super::guest::Call;
use super::host::{Descriptor, OpenFile};
use crate::files::Found;
use crate::run::State;

type Program<'a> = Caller<'a, State>;

/// `oflags`: make it, it is a directory, empty it.
const CREATE: i32 = 1;
const IS_DIRECTORY: i32 = 1 << 1;
const TRUNCATE: i32 = 1 << 3;
/// The right `fd_write`.
const WRITE: i64 = 1 << 6;

pub(super) fn add(linker: &mut Linker<State>) -> Result<(), LinkerError> {
    linker
        .func_wrap(WASI, "path_open", open)?
        .func_wrap(WASI, "path_filestat_get", status)?;
    Ok(())
}

#[expect(clippy::too_many_arguments, reason = "as preview 1 has them")]
fn open(
    mut caller: Program<'_>,
    directory: i32,
    _: i32,
    path: u32,
    len: u32,
    flags: i32,
    rights: i64,
    _: i64,
    _: i32,
    at: u32,
) -> Result<i32, Error> {
    let mut call = Call::begin(&mut caller)?;
    let found = match find(&mut call, directory, path, len)? {
        Ok(found) => found,
        // What is not there could only be made.
        Err(NOENT) if flags & CREATE != 0 => return Ok(ROFS),
        Err(errno) => return Ok(errno),
    };
    if flags & (CREATE | TRUNCATE) != 0 || rights & WRITE != 0 {
        return Ok(ROFS);
    }
    let (number, bytes) = match found {
        Found::File(..) if flags & IS_DIRECTORY != 0 => return Ok(NOTDIR),
        // There is no listing, so nothing could be done with one.
        Found::Directory => return Ok(ISDIR),
        Found::File(number, bytes) => (number, bytes),
    };
    let file = OpenFile {
        bytes,
        number,
        at: 0,
    };
    let Some(fd) = call.host().open(file) else {
        return Ok(NFILE);
    };
    call.write_u32(at, fd.cast_unsigned())?;
    Ok(SUCCESS)
}

fn status(
    mut caller: Program<'_>,
    directory: i32,
    _: i32,
    path: u32,
    len: u32,
    at: u32,
) -> Result<i32, Error> {
    let mut call = Call::begin(&mut caller)?;
    let status = match find(&mut call, directory, path, len)? {
        Ok(Found::File(number, bytes)) => file_status_bytes(REGULAR, number, bytes.len()),
        Ok(Found::Directory) => file_status_bytes(DIRECTORY, 0, 0),
        Err(errno) => return Ok(errno),
    };
    call.write(at, &status)?;
    Ok(SUCCESS)
}

fn find(
    call: &mut Call<'_, '_>,
    directory: i32,
    path: u32,
    len: u32,
) -> Result<Result<Found, i32>, Error> {
    match call.host().descriptor(directory) {
        Some(Descriptor::Root) => {}
        Some(_) => return Ok(Err(NOTDIR)),
        None => return Ok(Err(BADF)),
    }
    let path = call.text(path, len)?;
    let found = path.and_then(|path| call.host().files.find(&path));
    Ok(found.ok_or(NOENT))
}
