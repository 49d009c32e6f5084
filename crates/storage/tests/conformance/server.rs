//! A PostgreSQL server of the operating system's, in a temporary directory, on a Unix socket, for one test.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use tempfile::TempDir;

pub(crate) struct Server {
    programs: PathBuf,
    directory: TempDir,
    databases: AtomicU32,
}

/// The server refuses to run as root; Debian's package makes this user.
const USER: &str = "postgres";

/// Durable as in production: a store refuses anything else.
const RUN: [&str; 8] = [
    "-D",
    "data",
    "-l",
    "log",
    "-o",
    "-c listen_addresses= -c unix_socket_directories=. -c shared_buffers=32MB",
    "-w",
    "start",
];

impl Server {
    /// Nothing where the machine has no server.
    pub(crate) fn start() -> Option<Self> {
        let programs = programs()?;
        let directory = tempfile::tempdir().expect("a temporary directory");
        let server = Self {
            programs,
            directory,
            databases: AtomicU32::new(0),
        };
        server.hand_over();
        server.must(
            "initdb",
            &["--auth=trust", "--username=postgres", "-D", "data"],
        );
        server.run();
        Some(server)
    }

    fn run(&self) {
        self.must("pg_ctl", &RUN);
    }

    /// SIGKILL for all of its processes: it can do nothing any more.
    #[allow(dead_code, reason = "only some who use this kill it")]
    pub(crate) fn kill(&self) {
        let pid = fs::read_to_string(self.directory.path().join("data/postmaster.pid"));
        let pid = pid.expect("it runs");
        let pid = pid.lines().next().expect("its number");
        // Its children are of the same group, which pg_ctl made for it.
        let killed = Command::new("kill")
            .args(["-9", "--", &format!("-{pid}")])
            .status();
        assert!(killed.expect("kill is there").success());
    }

    /// Runs again, from what is on the disk. On a busy machine what was killed is not gone at once, and keeps its memory
    /// from the next.
    #[allow(dead_code, reason = "only some who use this kill it")]
    pub(crate) fn again(&self) {
        for _ in 0..20 {
            let mut start = self.command("pg_ctl", &RUN);
            if start
                .stderr(Stdio::null())
                .status()
                .is_ok_and(|it| it.success())
            {
                return;
            }
            std::thread::sleep(std::time::Duration::from_millis(500));
        }
        self.run();
    }

    /// The address of a new database.
    pub(crate) fn database(&self) -> String {
        let number = self.databases.fetch_add(1, Ordering::Relaxed);
        let name = format!("record_{number}");
        let socket = self.directory.path().join("data").display().to_string();
        self.must("createdb", &["-h", &socket, "-U", "postgres", &name]);
        let socket = socket.replace('/', "%2F");
        format!("postgres://postgres@{socket}/{name}")
    }

    /// What a program of PostgreSQL's says of the last database: `pgbench` of Debian's server package.
    #[allow(dead_code, reason = "only benchmarks use this")]
    pub(crate) fn says(&self, program: &str, arguments: &[&str]) -> String {
        let number = self.databases.load(Ordering::Relaxed);
        let name = format!("record_{}", number.saturating_sub(1));
        let socket = self.directory.path().join("data").display().to_string();
        let whom = ["-h", &socket, "-U", "postgres"];
        let arguments = [&whom[..], arguments, &[&name]].concat();
        let mut command = self.command(program, &arguments);
        let output = command.stdout(Stdio::piped()).output();
        let output = output.expect("the program is there");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{program}: {said}");
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// The directory belongs to the user who will run the server.
    fn hand_over(&self) {
        let path = self.directory.path();
        if let Some((user, group)) = other_user() {
            chown(path, Some(user), Some(group)).expect("root may");
        }
        fs::set_permissions(path, fs::Permissions::from_mode(0o700)).expect("its owner may");
    }

    fn must(&self, program: &str, arguments: &[&str]) {
        let output = self.command(program, arguments).output();
        let output = output.expect("the program is there");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{program}: {said}");
    }

    fn command(&self, program: &str, arguments: &[&str]) -> Command {
        let program = self.programs.join(program);
        let mut command = match other_user() {
            None => Command::new(program),
            Some(_) => {
                let mut command = Command::new("setpriv");
                command.args(["--reuid", USER, "--regid", USER, "--clear-groups"]);
                command.arg(program);
                command
            }
        };
        command.args(arguments).current_dir(self.directory.path());
        // A server that inherits a pipe would keep whoever reads it waiting.
        command.stdin(Stdio::null()).stdout(Stdio::null());
        command.env("LC_ALL", "C.UTF-8");
        command
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let stop = ["-D", "data", "-m", "immediate", "-w", "stop"];
        let _ = self.command("pg_ctl", &stop).stderr(Stdio::null()).status();
    }
}

/// Where Debian keeps the programs of its newest server.
fn programs() -> Option<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").ok()?;
    let versions = versions.filter_map(|entry| Some(entry.ok()?.path().join("bin")));
    versions.filter(|path| path.join("initdb").exists()).max()
}

/// The user and group to become, if we are root.
fn other_user() -> Option<(u32, u32)> {
    let root = fs::metadata("/proc/self").map(|me| std::os::unix::fs::MetadataExt::uid(&me));
    if root.ok()? != 0 {
        return None;
    }
    let users = fs::read_to_string(Path::new("/etc/passwd")).ok()?;
    let line = users.lines().find(|line| line.starts_with("postgres:"))?;
    let mut fields = line.split(':').skip(2);
    let mut next = || fields.next()?.parse().ok();
    Some((next()?, next()?))
}
