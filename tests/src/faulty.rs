//! A worker that is well enough to answer, and answers that the machine is not.

use std::io::{Read, Write, stdin};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;

use proofmark_criteria::HostFaultCode;
use proofmark_engine::HostFault;
use proofmark_engine::worker::IsolationReport;
use proofmark_engine::worker::protocol::{CallFailure, Request, Response};

/// Answer until the parent hangs up.
pub fn serve() {
    let socket = stdin().as_fd().try_clone_to_owned().map(UnixStream::from);
    let mut socket = socket.expect("standard input is the socket");
    send(&mut socket, &Response::Ready(IsolationReport::default()));
    while let Some(request) = receive(&mut socket) {
        let fault = || HostFault::new(HostFaultCode::OutOfMemory, "there is none");
        let answer = match request {
            Request::Load { .. } | Request::Unload { .. } => Response::Loaded(Ok(())),
            Request::Describe { .. } => Response::Described(Err(CallFailure::Host(fault()))),
            Request::CheckParams { .. } => Response::ParamsChecked(Err(CallFailure::Host(fault()))),
            _ => Response::Evaluated(Box::new(Err(fault()))),
        };
        send(&mut socket, &answer);
    }
}

/// A frame is its length, and a message in postcard.
fn send(socket: &mut UnixStream, response: &Response) {
    let message = postcard::to_stdvec(response).expect("it is a message");
    let len = u32::try_from(message.len()).expect("it is short");
    let frame = [&len.to_le_bytes()[..], &message].concat();
    // Who hung up is not answered.
    let _ = socket.write_all(&frame);
}

fn receive(socket: &mut UnixStream) -> Option<Request> {
    let mut len = [0; 4];
    socket.read_exact(&mut len).ok()?;
    let mut message = vec![0; u32::from_le_bytes(len) as usize];
    socket.read_exact(&mut message).ok()?;
    postcard::from_bytes(&message).ok()
}
