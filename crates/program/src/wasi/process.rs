//! Arguments, environment, clocks, chance, waiting, the end.

use wasmi::errors::LinkerError;
use wasmi::{Caller, Error, Linker};

use super::WASI;
use super::errno::{INVAL, SUCCESS};
use super::guest::{Buffer, Call};
use crate::run::State;

type Program<'a> = Caller<'a, State>;

/// Bytes of a subscription, and of an event, as preview 1 lays them out.
const SUBSCRIPTION_BYTES: u32 = 48;
const EVENT_BYTES: u32 = 32;
/// Most subscriptions of one call.
const MAX_SUBSCRIPTIONS: u32 = 1_024;
/// Most bytes of chance of one call.
const MAX_RANDOM_BYTES: u32 = 1 << 20;

pub(super) fn add(linker: &mut Linker<State>) -> Result<(), LinkerError> {
    linker
        .func_wrap(WASI, "args_sizes_get", args_sizes)?
        .func_wrap(WASI, "args_get", args)?
        .func_wrap(WASI, "environ_sizes_get", environ_sizes)?
        .func_wrap(WASI, "environ_get", environ)?
        .func_wrap(WASI, "clock_res_get", clock_resolution)?
        .func_wrap(WASI, "clock_time_get", clock_time)?
        .func_wrap(WASI, "random_get", random)?
        .func_wrap(WASI, "poll_oneoff", poll)?
        .func_wrap(WASI, "sched_yield", sched_yield)?
        .func_wrap(WASI, "proc_exit", |mut caller: Program<'_>, status: i32| {
            Call::begin(&mut caller)?;
            Err::<(), _>(Error::i32_exit(status))
        })?;
    Ok(())
}

fn args_sizes(mut caller: Program<'_>, count: u32, bytes: u32) -> Result<i32, Error> {
    let mut call = Call::begin(&mut caller)?;
    let (found, total) = (call.host().args.len(), call.host().args_bytes);
    call.write_u32(count, u32::try_from(found).unwrap_or(u32::MAX))?;
    call.write_u32(bytes, u32::try_from(total).unwrap_or(u32::MAX))?;
    Ok(SUCCESS)
}

fn args(mut caller: Program<'_>, mut pointers: u32, mut texts: u32) -> Result<i32, Error> {
    let mut call = Call::begin(&mut caller)?;
    for index in 0..call.host().args.len() {
        let len = call.host().args[index].len();
        call.write_u32(pointers, texts)?;
        call.write_from(texts, len, |host| host.args[index].as_bytes())?;
        // An address beyond the last one was refused above.
        texts = texts.wrapping_add(u32::try_from(len).unwrap_or_default());
        call.write(texts, &[0])?;
        texts = texts.wrapping_add(1);
        pointers = pointers.wrapping_add(4);
    }
    Ok(SUCCESS)
}

fn environ_sizes(mut caller: Program<'_>, count: u32, bytes: u32) -> Result<i32, Error> {
    let mut call = Call::begin(&mut caller)?;
    call.write_u32(count, 0)?;
    call.write_u32(bytes, 0)?;
    Ok(SUCCESS)
}

fn environ(mut caller: Program<'_>, _: u32, _: u32) -> Result<i32, Error> {
    Call::begin(&mut caller)?;
    Ok(SUCCESS)
}

fn clock_resolution(mut caller: Program<'_>, _: i32, at: u32) -> Result<i32, Error> {
    Call::begin(&mut caller)?.write_u64(at, 1)?;
    Ok(SUCCESS)
}

/// It is the beginning of 1970, and later by what the program has waited.
fn clock_time(mut caller: Program<'_>, _: i32, _: i64, at: u32) -> Result<i32, Error> {
    let mut call = Call::begin(&mut caller)?;
    let now = call.host().now;
    call.write_u64(at, now)?;
    Ok(SUCCESS)
}

fn random(mut caller: Program<'_>, at: u32, len: u32) -> Result<i32, Error> {
    let mut call = Call::begin(&mut caller)?;
    if len > MAX_RANDOM_BYTES {
        return Ok(INVAL);
    }
    let bytes = call.host().random(len as usize);
    call.write(at, &bytes)?;
    Ok(SUCCESS)
}

fn sched_yield(mut caller: Program<'_>) -> Result<i32, Error> {
    Call::begin(&mut caller)?;
    Ok(SUCCESS)
}

/// Something that a program waits for.
struct Subscription {
    /// The caller's own word for it.
    word: [u8; 8],
    kind: u8,
    /// Of a clock: when; nothing for a stream, which is always ready.
    until: Option<u64>,
}

impl Subscription {
    fn read(bytes: &[u8], now: u64) -> Self {
        let number = |at: usize| {
            let word = bytes[at..at + 8].try_into().unwrap_or_default();
            u64::from_le_bytes(word)
        };
        let (kind, timeout, absolute) = (bytes[8], number(24), bytes[40] & 1 == 1);
        let until = match absolute {
            true => timeout,
            false => now.saturating_add(timeout),
        };
        Self {
            word: bytes[..8].try_into().unwrap_or_default(),
            kind,
            until: (kind == 0).then_some(until),
        }
    }

    /// What is told of it: no error, and what kind it was.
    fn event(&self) -> [u8; EVENT_BYTES as usize] {
        let mut event = [0; EVENT_BYTES as usize];
        event[..8].copy_from_slice(&self.word);
        event[10] = self.kind;
        event
    }
}

/// Nobody waits: streams are ready, and where only clocks are waited for, it is at once as late as the earliest of them wants.
fn poll(
    mut caller: Program<'_>,
    subscriptions: u32,
    events: u32,
    count: u32,
    ready: u32,
) -> Result<i32, Error> {
    let mut call = Call::begin(&mut caller)?;
    if count == 0 || count > MAX_SUBSCRIPTIONS {
        return Ok(INVAL);
    }
    let asked = call.read(Buffer {
        at: subscriptions,
        len: count * SUBSCRIPTION_BYTES,
    })?;
    let now = call.host().now;
    let asked = asked.chunks_exact(SUBSCRIPTION_BYTES as usize);
    let asked: Vec<_> = asked.map(|bytes| Subscription::read(bytes, now)).collect();
    let earliest = asked.iter().map(|it| it.until.unwrap_or(0)).min();
    let now = now.max(earliest.unwrap_or(0));
    call.host().now = now;
    let due = asked
        .iter()
        .filter(|it| it.until.is_none_or(|until| until <= now));
    let told: Vec<_> = due.map(Subscription::event).collect();
    call.write(events, &told.concat())?;
    call.write_u32(ready, u32::try_from(told.len()).unwrap_or(count))?;
    Ok(SUCCESS)
}
