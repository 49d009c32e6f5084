//! Texts and lists of a guest, copied into the host under a budget.
//!
//! wasmtime runs a guest's clean-up as soon as a call returns, so results have to be copied while they
//! are lifted; and its own types copy whatever the guest points to, up to a bound that depends on how
//! the compiler lays out our structs. These two types count first, in units of the contract, so that
//! the same report meets the same limit on every build.
//!
//! They implement wasmtime's lifting traits by delegation to its own `String` and `Vec`, which is why
//! there is `unsafe` here: the traits promise a memory layout, and this one is theirs.

use std::cell::Cell;

use proofmark_criteria::fault::FaultCode;
use proofmark_criteria::report::STRUCTURE_BYTES;
use wasmtime::component::__internal::{CanonicalAbiInfo, InstanceType, InterfaceType, LiftContext};
use wasmtime::component::{ComponentType, Lift};
use wasmtime::{Result, ValRaw};

use super::state::ended;

thread_local! {
    /// What the call that runs on this thread may still copy out of its guest.
    static LEFT: Cell<u64> = const { Cell::new(0) };
}

/// Allow `bytes` for the call that follows on this thread.
pub(super) fn allow(bytes: u64) {
    LEFT.set(bytes);
}

/// What is left of it.
pub(super) fn left() -> u64 {
    LEFT.get()
}

fn take(bytes: u64) -> Result<()> {
    let left = LEFT
        .get()
        .checked_sub(bytes)
        .ok_or_else(|| ended(FaultCode::ReportLimit))?;
    LEFT.set(left);
    Ok(())
}

/// A string.
#[derive(Debug)]
pub(super) struct Text(pub(super) String);

/// A list; each item weighs [`STRUCTURE_BYTES`] besides its texts.
#[derive(Debug)]
pub(super) struct Items<T>(pub(super) Vec<T>);

/// The length word of a (pointer, length) pair in memory.
fn length(bytes: &[u8]) -> u64 {
    bytes
        .get(4..8)
        .and_then(|word| word.try_into().ok())
        .map_or(u64::MAX, |word| u64::from(u32::from_le_bytes(word)))
}

fn weigh_text(length: u64) -> Result<()> {
    take(length)
}

fn weigh_items(length: u64) -> Result<()> {
    take(length.saturating_mul(STRUCTURE_BYTES))
}

/// A text that cannot be decoded makes the report invalid, wherever in it.
fn text(lifted: Result<String>) -> Result<Text> {
    lifted
        .map(Text)
        .map_err(|_| ended(FaultCode::InvalidReport))
}

// SAFETY: layout, type check and lowered form are those of `String`.
unsafe impl ComponentType for Text {
    type Lower = <String as ComponentType>::Lower;
    const ABI: CanonicalAbiInfo = String::ABI;

    fn typecheck(ty: &InterfaceType, types: &InstanceType<'_>) -> Result<()> {
        String::typecheck(ty, types)
    }
}

// SAFETY: lifts exactly what `String` lifts, after a look at the length.
unsafe impl Lift for Text {
    fn linear_lift_from_flat(
        cx: &mut LiftContext<'_>,
        ty: InterfaceType,
        source: &Self::Lower,
    ) -> Result<Self> {
        weigh_text(u64::from(flat_length(source)))?;
        text(String::linear_lift_from_flat(cx, ty, source))
    }

    fn linear_lift_from_memory(
        cx: &mut LiftContext<'_>,
        ty: InterfaceType,
        bytes: &[u8],
    ) -> Result<Self> {
        weigh_text(length(bytes))?;
        text(String::linear_lift_from_memory(cx, ty, bytes))
    }
}

// SAFETY: layout, type check and lowered form are those of `Vec<T>`.
unsafe impl<T: Lift> ComponentType for Items<T> {
    type Lower = <Vec<T> as ComponentType>::Lower;
    const ABI: CanonicalAbiInfo = Vec::<T>::ABI;

    fn typecheck(ty: &InterfaceType, types: &InstanceType<'_>) -> Result<()> {
        Vec::<T>::typecheck(ty, types)
    }
}

// SAFETY: lifts exactly what `Vec<T>` lifts, after a look at the length.
unsafe impl<T: Lift> Lift for Items<T> {
    fn linear_lift_from_flat(
        cx: &mut LiftContext<'_>,
        ty: InterfaceType,
        source: &Self::Lower,
    ) -> Result<Self> {
        weigh_items(u64::from(flat_length(source)))?;
        Vec::<T>::linear_lift_from_flat(cx, ty, source).map(Items)
    }

    fn linear_lift_from_memory(
        cx: &mut LiftContext<'_>,
        ty: InterfaceType,
        bytes: &[u8],
    ) -> Result<Self> {
        weigh_items(length(bytes))?;
        Vec::<T>::linear_lift_from_memory(cx, ty, bytes).map(Items)
    }
}

fn flat_length(pair: &[ValRaw; 2]) -> u32 {
    pair[1].get_u32()
}
