//! Length-prefixed frames over a Unix socket, with at most one file descriptor each.

use std::io::{self, IoSlice, IoSliceMut, Read, Write};
use std::mem::MaybeUninit;
use std::os::fd::{BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer,
    SendAncillaryMessage, SendFlags, recvmsg, sendmsg,
};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Called whenever the socket was silent for a time slice and after every part of a frame, so that a peer
/// that drips bytes is watched like one that sends none; an error gives up.
pub(super) type Watching<'a> = &'a mut dyn FnMut() -> io::Result<()>;

/// One end of the connection.
pub(super) struct Channel {
    socket: UnixStream,
    buffer: Vec<u8>,
    /// What arrives; always the same length, so that it is cleared once.
    inbox: Vec<u8>,
    /// Longest frame this end accepts.
    max_bytes: usize,
}

const HEADER_BYTES: usize = 4;

impl Channel {
    pub(super) fn new(socket: UnixStream, max_bytes: usize) -> Self {
        Self {
            socket,
            buffer: Vec::new(),
            inbox: Vec::new(),
            max_bytes,
        }
    }

    /// Send one message, and a descriptor along with its first byte.
    pub(super) fn send<T: Serialize>(
        &mut self,
        message: &T,
        fd: Option<BorrowedFd<'_>>,
        watching: Watching<'_>,
    ) -> io::Result<()> {
        let mut frame = std::mem::take(&mut self.buffer);
        frame.clear();
        frame.extend_from_slice(&[0; HEADER_BYTES]);
        let mut frame = postcard::to_extend(message, frame).map_err(io::Error::other)?;
        let len = u32::try_from(frame.len() - HEADER_BYTES).map_err(io::Error::other)?;
        frame[..HEADER_BYTES].copy_from_slice(&len.to_le_bytes());
        let mut sent = match fd {
            Some(fd) => self.send_with_fd(&frame, fd, watching)?,
            None => 0,
        };
        while sent < frame.len() {
            sent += retry(watching, || (&self.socket).write(&frame[sent..]))?;
            watching()?;
        }
        frame.shrink_to(INBOX_BYTES);
        self.buffer = frame;
        Ok(())
    }

    fn send_with_fd(
        &self,
        frame: &[u8],
        fd: BorrowedFd<'_>,
        watching: Watching<'_>,
    ) -> io::Result<usize> {
        let fds = [fd];
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
        let mut control = SendAncillaryBuffer::new(&mut space);
        control.push(SendAncillaryMessage::ScmRights(&fds));
        retry(watching, || {
            Ok(sendmsg(
                &self.socket,
                &[IoSlice::new(frame)],
                &mut control,
                SendFlags::NOSIGNAL,
            )?)
        })
    }

    /// Receive one message, and the descriptor that came with it. The two sides take turns, so that nothing
    /// of a next message can be there yet: one call mostly gets all of it.
    pub(super) fn receive<T: DeserializeOwned>(
        &mut self,
        watching: Watching<'_>,
    ) -> io::Result<(T, Option<OwnedFd>)> {
        let mut inbox = std::mem::take(&mut self.inbox);
        inbox.resize(INBOX_BYTES, 0);
        let (mut got, fd) = self.receive_with_fd(&mut inbox, watching)?;
        if got < HEADER_BYTES {
            self.fill(&mut inbox[got..HEADER_BYTES], watching)?;
            got = HEADER_BYTES;
        }
        let len = inbox
            .first_chunk()
            .map_or(0, |header| u32::from_le_bytes(*header) as usize);
        if len > self.max_bytes || got > HEADER_BYTES + len {
            return Err(invalid("a frame is longer than the protocol allows"));
        }
        let message = match inbox.get_mut(got..HEADER_BYTES + len) {
            Some(missing) => {
                self.fill(missing, watching)?;
                decode(&inbox[HEADER_BYTES..HEADER_BYTES + len])?
            }
            None => {
                let mut frame = inbox[HEADER_BYTES..got].to_vec();
                self.read_frame(&mut frame, len, watching)?;
                decode(&frame)?
            }
        };
        self.inbox = inbox;
        Ok((message, fd))
    }

    /// Grow with what arrives: a length alone must not make us allocate.
    fn read_frame(
        &self,
        frame: &mut Vec<u8>,
        len: usize,
        watching: Watching<'_>,
    ) -> io::Result<()> {
        while frame.len() < len {
            let start = frame.len();
            frame.resize(len.min(start + CHUNK_BYTES), 0);
            self.fill(&mut frame[start..], watching)?;
        }
        Ok(())
    }

    fn receive_with_fd(
        &self,
        header: &mut [u8],
        watching: Watching<'_>,
    ) -> io::Result<(usize, Option<OwnedFd>)> {
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
        let mut control = RecvAncillaryBuffer::new(&mut space);
        let mut once = |flags| {
            let mut iov = [IoSliceMut::new(header)];
            let flags = RecvFlags::CMSG_CLOEXEC | flags;
            let got = recvmsg(&self.socket, &mut iov, &mut control, flags)?;
            io::Result::Ok(got.bytes)
        };
        let got = match expect(|| once(RecvFlags::DONTWAIT)) {
            Some(got) => got?,
            None => retry(watching, || once(RecvFlags::empty()))?,
        };
        if got == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let mut received = None;
        for message in control.drain() {
            if let RecvAncillaryMessage::ScmRights(fds) = message {
                received = fds.last();
            }
        }
        Ok((got, received))
    }

    fn fill(&self, mut buffer: &mut [u8], watching: Watching<'_>) -> io::Result<()> {
        while !buffer.is_empty() {
            match retry(watching, || (&self.socket).read(buffer))? {
                0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                got => buffer = &mut buffer[got..],
            }
            if !buffer.is_empty() {
                watching()?;
            }
        }
        Ok(())
    }
}

/// Buffers kept between messages.
const INBOX_BYTES: usize = 64 << 10;
const CHUNK_BYTES: usize = 1 << 20;

/// How long an answer is looked for before it is slept for. A core that sleeps takes some 20 µs to wake, on
/// either side; a small run is shorter than that.
const LOOK_FOR: Duration = Duration::from_micros(50);

/// Look for what is about to come, letting whoever makes it run; `None` if it takes longer.
fn expect<T>(mut look: impl FnMut() -> io::Result<T>) -> Option<io::Result<T>> {
    let started = Instant::now();
    loop {
        match look() {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            found => return Some(found),
        }
        if started.elapsed() > LOOK_FOR {
            return None;
        }
        std::thread::yield_now();
    }
}

/// Repeat what was interrupted, and what timed out as long as `watching` agrees.
fn retry<T>(watching: Watching<'_>, mut call: impl FnMut() -> io::Result<T>) -> io::Result<T> {
    loop {
        match call() {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => watching()?,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            other => return other,
        }
    }
}

fn decode<T: DeserializeOwned>(frame: &[u8]) -> io::Result<T> {
    let (message, rest) =
        postcard::take_from_bytes(frame).map_err(|_| invalid("a frame makes no sense"))?;
    match rest.is_empty() {
        true => Ok(message),
        false => Err(invalid("a frame has more bytes than its message")),
    }
}

fn invalid(what: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}
