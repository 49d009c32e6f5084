//! A program that signs.

use std::io::{self, Read, Write as _};
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use proofmark_keys::{PublicKey, SignError, Signature, Signer};

/// Most bytes that a program may answer: base64 of a signature is 88, and there may be white space.
pub const MAX_OUTPUT_BYTES: usize = 256;
/// Most bytes of its complaints that are passed on.
pub const MAX_STDERR_BYTES: usize = 2048;
/// How often a program that has closed its output is asked whether it has ended.
const POLL: Duration = Duration::from_millis(5);

/// Asks a program to sign: it gets the message on its standard input, and answers on its standard output with
/// the 64 bytes of the signature, or with the same in standard base64 and white space around it. It ends with
/// status 0 within a certain time; else it is killed, with the processes that it started, and there is no
/// signature. What it complains about on its standard error is part of the error.
///
/// A key service fits, for instance that of AWS (a key of type `ECC_NIST_EDWARDS25519`), as a script `kms-sign`:
///
/// ```sh
/// #!/bin/sh
/// exec aws kms sign --key-id alias/engine --message fileb:///dev/stdin --message-type RAW \
///     --signing-algorithm ED25519_SHA_512 --query Signature --output text
/// ```
///
/// Its public key is `aws kms get-public-key --key-id alias/engine --query PublicKey --output text | base64 -d |
/// openssl pkey -pubin -inform DER`, kept as `engine.pub.pem`; the signer is then named
/// `exec:engine.pub.pem ./kms-sign`.
#[derive(Debug)]
pub struct CommandSigner {
    key: PublicKey,
    program: String,
    arguments: Vec<String>,
    timeout: Duration,
}

/// Why a program gave no signature. Whoever operates it must act.
#[derive(Debug, thiserror::Error)]
enum CommandError {
    #[error("the program `{program}` cannot be run")]
    Run {
        program: String,
        #[source]
        source: io::Error,
    },
    #[error("the program `{program}` did not answer within {seconds} s")]
    Timeout { program: String, seconds: u64 },
    #[error("the program `{program}` failed ({status}): {stderr}")]
    Failed {
        program: String,
        status: ExitStatus,
        stderr: String,
    },
    #[error("the program `{program}` answered {bytes} bytes that are no signature")]
    Answer { program: String, bytes: usize },
}

impl CommandSigner {
    /// The signer with this key. The program is looked for as a shell would, and no shell is between.
    #[must_use]
    pub const fn new(
        key: PublicKey,
        program: String,
        arguments: Vec<String>,
        timeout: Duration,
    ) -> Self {
        Self {
            key,
            program,
            arguments,
            timeout,
        }
    }

    fn start(&self) -> Result<Child, CommandError> {
        let mut command = Command::new(&self.program);
        command.args(&self.arguments);
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        // A group of its own, so that what it starts can be ended with it.
        command.process_group(0);
        command.spawn().map_err(|source| self.cannot_run(source))
    }

    fn cannot_run(&self, source: io::Error) -> CommandError {
        CommandError::Run {
            program: self.program.clone(),
            source,
        }
    }

    fn ask(&self, message: &[u8]) -> Result<Signature, CommandError> {
        let mut child = self.start()?;
        let deadline = Instant::now() + self.timeout;
        let answer = self.answer(&mut child, message, deadline);
        if answer.is_err() {
            end(&mut child);
        }
        let (status, output, stderr) = answer?;
        if !status.success() {
            return Err(CommandError::Failed {
                program: self.program.clone(),
                status,
                stderr: String::from_utf8_lossy(&stderr).trim().to_owned(),
            });
        }
        signature(&output).ok_or_else(|| CommandError::Answer {
            program: self.program.clone(),
            bytes: output.len(),
        })
    }

    fn answer(
        &self,
        child: &mut Child,
        message: &[u8],
        deadline: Instant,
    ) -> Result<(ExitStatus, Vec<u8>, Vec<u8>), CommandError> {
        if let Some(mut stdin) = child.stdin.take() {
            let message = message.to_vec();
            // A program may answer without reading all of it; then its status tells.
            thread::spawn(move || drop(stdin.write_all(&message)));
        }
        let output = collect(child.stdout.take(), MAX_OUTPUT_BYTES);
        let stderr = collect(child.stderr.take(), MAX_STDERR_BYTES);
        let output = self.wait_for(&output, deadline)?;
        let status = self.wait(child, deadline)?;
        Ok((status, output, self.wait_for(&stderr, deadline)?))
    }

    fn wait_for(
        &self,
        pipe: &Receiver<Vec<u8>>,
        deadline: Instant,
    ) -> Result<Vec<u8>, CommandError> {
        let left = deadline.saturating_duration_since(Instant::now());
        match pipe.recv_timeout(left) {
            Ok(bytes) => Ok(bytes),
            Err(RecvTimeoutError::Disconnected) => Ok(Vec::new()),
            Err(RecvTimeoutError::Timeout) => Err(self.timed_out()),
        }
    }

    fn wait(&self, child: &mut Child, deadline: Instant) -> Result<ExitStatus, CommandError> {
        loop {
            let status = child.try_wait().map_err(|source| self.cannot_run(source))?;
            if let Some(status) = status {
                return Ok(status);
            }
            if Instant::now() >= deadline {
                return Err(self.timed_out());
            }
            thread::sleep(POLL);
        }
    }

    fn timed_out(&self) -> CommandError {
        CommandError::Timeout {
            program: self.program.clone(),
            seconds: self.timeout.as_secs(),
        }
    }
}

impl Signer for CommandSigner {
    fn public_key(&self) -> &PublicKey {
        &self.key
    }

    fn sign(&self, message: &[u8]) -> Result<Signature, SignError> {
        self.ask(message)
            .map_err(|error| SignError::Unavailable(Box::new(error)))
    }
}

/// Reads a pipe to its end, and keeps its first bytes: one more than allowed, which shows that there were more.
fn collect(pipe: Option<impl Read + Send + 'static>, most: usize) -> Receiver<Vec<u8>> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut kept = Vec::new();
        if let Some(mut pipe) = pipe {
            let _ = pipe.by_ref().take(most as u64 + 1).read_to_end(&mut kept);
            let _ = io::copy(&mut pipe, &mut io::sink());
        }
        // Nobody listens after the deadline.
        let _ = sender.send(kept);
    });
    receiver
}

fn signature(output: &[u8]) -> Option<Signature> {
    if output.len() > MAX_OUTPUT_BYTES {
        return None;
    }
    Signature::from_bytes(output).ok().or_else(|| {
        let bytes = STANDARD.decode(output.trim_ascii()).ok()?;
        Signature::from_bytes(&bytes).ok()
    })
}

/// Ends the program and what it started, and takes its status, so that nothing of it remains.
fn end(child: &mut Child) {
    if let Some(group) = i32::try_from(child.id())
        .ok()
        .and_then(rustix::process::Pid::from_raw)
    {
        let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
    }
    let _ = child.kill();
    let _ = child.wait();
}
