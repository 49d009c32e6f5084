//! Standard streams and open files.

use wasmi::errors::LinkerError;
use wasmi::{Caller, Error, Linker};

use super::WASI;
use super::errno::{BADF, INVAL, ISDIR, NOTSUP, SPIPE, SUCCESS};
use super::guest::Call;
use super::host::{Descriptor, Host, ROOT};
use crate::run::State;

type Program<'a> = Caller<'a, State>;

/// Kinds of files as preview 1 numbers them.
pub(super) const UNKNOWN: u8 = 0;
pub(super) const DIRECTORY: u8 = 3;
pub(super) const REGULAR: u8 = 4;

/// All that a program may do with what it reads: `fd_read`, `fd_seek`, `fd_tell`, `path_open`, `path_filestat_get`,
/// `fd_filestat_get`.
const READING: u64 = 1 << 1 | 1 << 2 | 1 << 5 | 1 << 13 | 1 << 18 | 1 << 21;
/// `fd_write`.
const WRITING: u64 = 1 << 6;

pub(super) fn add(linker: &mut Linker<State>) -> Result<(), LinkerError> {
    linker
        .func_wrap(WASI, "fd_close", close)?
        .func_wrap(WASI, "fd_fdstat_get", status)?
        .func_wrap(WASI, "fd_fdstat_set_flags", set_flags)?
        .func_wrap(WASI, "fd_filestat_get", file_status)?
        .func_wrap(WASI, "fd_prestat_get", given)?
        .func_wrap(WASI, "fd_prestat_dir_name", given_name)?
        .func_wrap(WASI, "fd_read", read)?
        .func_wrap(WASI, "fd_pread", read_at)?
        .func_wrap(WASI, "fd_pwrite", write_at)?
        .func_wrap(WASI, "fd_seek", seek)?
        .func_wrap(WASI, "fd_tell", tell)?
        .func_wrap(WASI, "fd_write", write)?;
    Ok(())
}

fn close(mut caller: Program<'_>, fd: i32) -> Result<i32, Error> {
    let closed = Call::begin(&mut caller)?.host().close(fd);
    Ok(if closed { SUCCESS } else { BADF })
}

fn status(mut caller: Program<'_>, fd: i32, at: u32) -> Result<i32, Error> {
    let mut call = Call::begin(&mut caller)?;
    let (kind, rights) = match call.host().descriptor(fd) {
        None => return Ok(BADF),
        Some(Descriptor::Stdin { .. }) => (UNKNOWN, READING),
        Some(Descriptor::Stdout | Descriptor::Stderr) => (UNKNOWN, WRITING),
        Some(Descriptor::Root) => (DIRECTORY, READING),
        Some(Descriptor::File(_)) => (REGULAR, READING),
    };
    let mut status = [0; 24];
    status[0] = kind;
    status[8..16].copy_from_slice(&rights.to_le_bytes());
    // Whoever asks for more than reading is told at once that nothing can be written.
    status[16..].copy_from_slice(&(READING | WRITING).to_le_bytes());
    call.write(at, &status)?;
    Ok(SUCCESS)
}

/// Nothing can be changed about a descriptor.
fn set_flags(mut caller: Program<'_>, fd: i32, flags: i32) -> Result<i32, Error> {
    let mut call = Call::begin(&mut caller)?;
    Ok(match call.host().descriptor(fd) {
        None => BADF,
        Some(_) if flags == 0 => SUCCESS,
        Some(_) => NOTSUP,
    })
}

fn file_status(mut caller: Program<'_>, fd: i32, at: u32) -> Result<i32, Error> {
    let mut call = Call::begin(&mut caller)?;
    let status = match call.host().descriptor(fd) {
        None => return Ok(BADF),
        Some(Descriptor::Root) => file_status_bytes(DIRECTORY, 0, 0),
        Some(Descriptor::File(file)) => file_status_bytes(REGULAR, file.number, file.bytes.len()),
        Some(_) => file_status_bytes(UNKNOWN, 0, 0),
    };
    call.write(at, &status)?;
    Ok(SUCCESS)
}

/// Number, kind, one link, and size; no device, no time.
pub(super) fn file_status_bytes(kind: u8, number: u64, size: usize) -> [u8; 64] {
    let mut status = [0; 64];
    status[8..16].copy_from_slice(&number.to_le_bytes());
    status[16] = kind;
    status[24] = 1;
    status[32..40].copy_from_slice(&(size as u64).to_le_bytes());
    status
}

const ROOT_NAME: &[u8] = b"/";

/// The one directory that a program is given.
fn given(mut caller: Program<'_>, fd: i32, at: u32) -> Result<i32, Error> {
    let mut call = Call::begin(&mut caller)?;
    if fd != ROOT || call.host().descriptor(fd).is_none() {
        return Ok(BADF);
    }
    call.write_u64(at, (ROOT_NAME.len() as u64) << 32)?;
    Ok(SUCCESS)
}

fn given_name(mut caller: Program<'_>, fd: i32, at: u32, len: u32) -> Result<i32, Error> {
    let mut call = Call::begin(&mut caller)?;
    if fd != ROOT || call.host().descriptor(fd).is_none() {
        return Ok(BADF);
    }
    if (len as usize) < ROOT_NAME.len() {
        return Ok(INVAL);
    }
    call.write(at, ROOT_NAME)?;
    Ok(SUCCESS)
}

fn read(mut caller: Program<'_>, fd: i32, list: u32, count: u32, got: u32) -> Result<i32, Error> {
    let mut call = Call::begin(&mut caller)?;
    let from = match position(&mut call, fd) {
        Ok(from) => from,
        Err(errno) => return Ok(errno),
    };
    let moved = match fill(&mut call, fd, list, count, from)? {
        Ok(moved) => moved,
        Err(errno) => return Ok(errno),
    };
    match call.host().descriptor(fd) {
        Some(Descriptor::Stdin { at }) => *at += moved,
        Some(Descriptor::File(file)) => file.at += moved as u64,
        _ => {}
    }
    call.write_u32(got, u32::try_from(moved).unwrap_or(u32::MAX))?;
    Ok(SUCCESS)
}

fn read_at(
    mut caller: Program<'_>,
    fd: i32,
    list: u32,
    count: u32,
    from: u64,
    got: u32,
) -> Result<i32, Error> {
    let mut call = Call::begin(&mut caller)?;
    match call.host().descriptor(fd) {
        Some(Descriptor::File(_)) => {}
        Some(Descriptor::Root) => return Ok(ISDIR),
        Some(_) => return Ok(SPIPE),
        None => return Ok(BADF),
    }
    let moved = match fill(&mut call, fd, list, count, from)? {
        Ok(moved) => moved,
        Err(errno) => return Ok(errno),
    };
    call.write_u32(got, u32::try_from(moved).unwrap_or(u32::MAX))?;
    Ok(SUCCESS)
}

/// Where the next read begins.
fn position(call: &mut Call<'_, '_>, fd: i32) -> Result<u64, i32> {
    match call.host().descriptor(fd) {
        Some(Descriptor::Stdin { at }) => Ok(*at as u64),
        Some(Descriptor::File(file)) => Ok(file.at),
        Some(Descriptor::Root) => Err(ISDIR),
        Some(Descriptor::Stdout | Descriptor::Stderr) | None => Err(BADF),
    }
}

/// Fill the buffers of a list from a position on; how many bytes it was.
fn fill(
    call: &mut Call<'_, '_>,
    fd: i32,
    list: u32,
    count: u32,
    from: u64,
) -> Result<Result<usize, i32>, Error> {
    let Some(buffers) = call.buffers(list, count)? else {
        return Ok(Err(INVAL));
    };
    let (mut moved, from) = (0, usize::try_from(from).unwrap_or(usize::MAX));
    for buffer in buffers {
        let wanted = buffer.len as usize;
        let at = from.saturating_add(moved);
        let len = wanted.min(rest(call.host(), fd, at).len());
        call.write_from(buffer.at, len, |host| rest(host, fd, at))?;
        moved += len;
        if len < wanted {
            break;
        }
    }
    Ok(Ok(moved))
}

/// What a descriptor still has from a position on.
fn rest(host: &Host, fd: i32, from: usize) -> &[u8] {
    let all = match host.peek(fd) {
        Some(Descriptor::File(file)) => &*file.bytes,
        _ => &host.stdin,
    };
    all.get(from..).unwrap_or_default()
}

/// Streams have no positions, and files are not written.
fn write_at(
    mut caller: Program<'_>,
    fd: i32,
    _: u32,
    _: u32,
    _: u64,
    _: u32,
) -> Result<i32, Error> {
    let mut call = Call::begin(&mut caller)?;
    Ok(match call.host().descriptor(fd) {
        Some(Descriptor::Stdout | Descriptor::Stderr) => SPIPE,
        _ => BADF,
    })
}

fn seek(mut caller: Program<'_>, fd: i32, by: i64, whence: i32, at: u32) -> Result<i32, Error> {
    let mut call = Call::begin(&mut caller)?;
    let file = match call.host().descriptor(fd) {
        Some(Descriptor::File(file)) => file,
        Some(_) => return Ok(SPIPE),
        None => return Ok(BADF),
    };
    let from = match whence {
        0 => 0,
        1 => file.at,
        2 => file.bytes.len() as u64,
        _ => return Ok(INVAL),
    };
    let Some(to) = from.checked_add_signed(by) else {
        return Ok(INVAL);
    };
    file.at = to;
    call.write_u64(at, to)?;
    Ok(SUCCESS)
}

fn tell(caller: Program<'_>, fd: i32, at: u32) -> Result<i32, Error> {
    seek(caller, fd, 0, 1, at)
}

fn write(mut caller: Program<'_>, fd: i32, list: u32, count: u32, put: u32) -> Result<i32, Error> {
    let mut call = Call::begin(&mut caller)?;
    let to_stdout = match call.host().descriptor(fd) {
        Some(Descriptor::Stdout) => true,
        Some(Descriptor::Stderr) => false,
        _ => return Ok(BADF),
    };
    let Some(buffers) = call.buffers(list, count)? else {
        return Ok(INVAL);
    };
    let mut moved = 0_u32;
    for buffer in buffers {
        let bytes = call.read(buffer)?;
        call.host().write(to_stdout, &bytes).map_err(Error::host)?;
        moved = moved.saturating_add(buffer.len);
    }
    call.write_u32(put, moved)?;
    Ok(SUCCESS)
}
