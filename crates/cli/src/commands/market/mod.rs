//! `proofmark market …`

mod audit;
pub(super) mod client;
mod copy;
pub(super) mod criteria;
mod desk;
mod download;
mod examine;
pub(super) mod fetch;
mod init;
mod judge;
mod logbook;
mod place;
pub(super) mod send;
mod serve;
pub(super) mod show;
mod tell;
pub(super) mod ticket;
pub(super) mod upload;

use super::Outcome;
use crate::args::{Global, Market};
use crate::printer::Printer;

pub(crate) fn run(command: &Market, global: &Global, printer: &Printer) -> Outcome {
    match command {
        Market::Init {
            directory,
            audience,
            asset,
            window_min,
        } => init::run(directory, audience, (*asset, *window_min), printer),
        Market::Serve(options) => serve::run(options, global, printer),
        Market::Examine(options) => examine::run(options, global, printer),
        Market::Copy(options) => copy::run(options, printer),
        Market::Audit { record, head } => audit::run(record, *head, printer),
        Market::Send(send) => send::run(send, printer),
        Market::Upload(upload) => upload::run(upload, printer),
        Market::Show { name, binding, at } => match (name, binding) {
            (Some(contract), true) => show::binding(contract, at, printer),
            _ => show::run(name.as_deref(), at, printer),
        },
    }
}
