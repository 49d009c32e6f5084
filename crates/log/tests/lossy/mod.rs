//! A disk in memory that forgets: what was not synced is gone, there, or torn, as a seed decides.

#![allow(dead_code, reason = "each test program uses its own part of it")]

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard};

use proofmark_log::{Disk, Lock};

/// The unit in which a disk writes, in bytes.
const SECTOR_BYTES: usize = 512;

/// What happens at a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The machine stops before it.
    StopBefore,
    /// The machine stops after it: it was done, and nobody was told.
    StopAfter,
    /// It is not done, and the program is told so.
    RefuseBefore,
    /// It is done, but the program is told that it failed.
    RefuseAfter,
}

impl Fault {
    pub(crate) const ALL: [Self; 4] = [
        Self::StopBefore,
        Self::StopAfter,
        Self::RefuseBefore,
        Self::RefuseAfter,
    ];
}

/// See the module.
#[derive(Default)]
pub(crate) struct LossyDisk {
    state: Mutex<State>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Node {
    Directory,
    File(usize),
}

/// A change of names that is not durable yet, and the directories of which one must be synced for it.
struct Change {
    directories: Vec<PathBuf>,
    removed: Option<PathBuf>,
    added: Option<(PathBuf, Node)>,
}

#[derive(Default)]
struct Content {
    durable: Vec<u8>,
    current: Vec<u8>,
}

#[derive(Default)]
struct State {
    names: BTreeMap<PathBuf, Node>,
    durable_names: BTreeMap<PathBuf, Node>,
    pending: Vec<Change>,
    files: Vec<Content>,
    steps: usize,
    fault: Option<(usize, Fault)>,
    stopped: bool,
}

impl LossyDisk {
    /// An empty disk, on which this happens at this step (counted from 0).
    pub(crate) fn with_fault(fault: Option<(usize, Fault)>) -> Self {
        let disk = Self::default();
        disk.state().fault = fault;
        disk
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state
            .lock()
            .expect("no test panics while it holds the disk")
    }

    /// How many steps were asked for.
    pub(crate) fn steps(&self) -> usize {
        self.state().steps
    }

    /// The program was killed, and nothing else: all that was written is there.
    pub(crate) fn restart(&self) {
        let mut state = self.state();
        state.stopped = false;
        state.fault = None;
    }

    /// The power failed: of what was not synced, the seed decides what is there.
    pub(crate) fn lose_power(&self, seed: u64) {
        let mut chance = Chance(seed);
        let mut state = self.state();
        let pending = std::mem::take(&mut state.pending);
        for change in pending {
            if chance.below(2) == 0 {
                state.make_durable(&change);
            }
        }
        let names = state.durable_names.clone();
        let reachable = |path: &Path| {
            let mut above = path
                .ancestors()
                .skip(1)
                .filter(|path| path.parent().is_some());
            above.all(|directory| names.get(directory) == Some(&Node::Directory))
        };
        state.durable_names.retain(|path, _| reachable(path));
        state.names = state.durable_names.clone();
        for content in &mut state.files {
            content.lose(&mut chance);
        }
        state.stopped = false;
        state.fault = None;
    }

    /// This happens so many steps from now.
    pub(crate) fn fail_in(&self, steps: usize, fault: Fault) {
        let mut state = self.state();
        state.fault = Some((state.steps + steps, fault));
    }

    /// What others see of a file, whatever the program is told.
    pub(crate) fn peek(&self, path: &Path) -> Option<Vec<u8>> {
        let mut state = self.state();
        state.file(path).ok().map(|content| content.current.clone())
    }

    /// A step that changes something: done or not, told or not, as the fault says.
    fn step<T>(&self, work: impl FnOnce(&mut State) -> io::Result<T>) -> io::Result<T> {
        let mut state = self.state();
        if state.stopped {
            return Err(io::Error::other("the machine has stopped"));
        }
        let step = state.steps;
        state.steps += 1;
        let Some((_, fault)) = state.fault.filter(|(at, _)| *at == step) else {
            return work(&mut state);
        };
        state.stopped = matches!(fault, Fault::StopBefore | Fault::StopAfter);
        if matches!(fault, Fault::StopAfter | Fault::RefuseAfter) {
            work(&mut state)?;
        }
        Err(io::Error::other("injected"))
    }
}

impl Content {
    fn lose(&mut self, chance: &mut Chance) {
        if self.durable == self.current {
            return;
        }
        self.current = match chance.below(4) {
            0 => self.durable.clone(),
            1 => self.current.clone(),
            2 => self.cut(chance),
            _ => self.torn(chance),
        };
        self.durable = self.current.clone();
    }

    /// The beginning of the new content; what was synced and only added to is whole.
    fn cut(&self, chance: &mut Chance) -> Vec<u8> {
        let least = match self.current.starts_with(&self.durable) {
            true => self.durable.len(),
            false => 0,
        };
        let length = least + chance.below(self.current.len() - least + 1);
        self.current[..length].to_vec()
    }

    /// Sector by sector the old content (or nothing) or the new.
    fn torn(&self, chance: &mut Chance) -> Vec<u8> {
        let mut torn = self.durable.clone();
        torn.resize(self.current.len(), 0);
        for (old, new) in torn
            .chunks_mut(SECTOR_BYTES)
            .zip(self.current.chunks(SECTOR_BYTES))
        {
            if chance.below(2) == 0 {
                old.copy_from_slice(new);
            }
        }
        torn
    }
}

impl State {
    fn file(&mut self, path: &Path) -> io::Result<&mut Content> {
        match self.names.get(path) {
            Some(&Node::File(index)) => Ok(&mut self.files[index]),
            _ => Err(io::ErrorKind::NotFound.into()),
        }
    }

    fn make_durable(&mut self, change: &Change) {
        if let Some(path) = &change.removed {
            self.durable_names.remove(path);
        }
        if let Some((path, node)) = &change.added {
            self.durable_names.insert(path.clone(), *node);
        }
    }

    fn change(&mut self, removed: Option<&Path>, added: Option<(&Path, Node)>) {
        let paths = removed.iter().chain(added.iter().map(|(path, _)| path));
        let directories = paths
            .filter_map(|path| path.parent().map(Path::to_owned))
            .collect();
        if let Some(path) = removed {
            self.names.remove(path);
        }
        if let Some((path, node)) = added {
            self.names.insert(path.to_owned(), node);
        }
        self.pending.push(Change {
            directories,
            removed: removed.map(Path::to_owned),
            added: added.map(|(path, node)| (path.to_owned(), node)),
        });
    }

    fn parent_exists(&self, path: &Path) -> io::Result<()> {
        let parent = path.parent().expect("no file is the root");
        let exists = parent.parent().is_none() || self.names.get(parent) == Some(&Node::Directory);
        exists.then_some(()).ok_or(io::ErrorKind::NotFound.into())
    }
}

impl Disk for LossyDisk {
    fn create_dir(&self, directory: &Path) -> io::Result<()> {
        self.step(|state| {
            let above: Vec<_> = directory
                .ancestors()
                .filter(|path| path.parent().is_some())
                .collect();
            for path in above.into_iter().rev() {
                match state.names.get(path) {
                    None => state.change(None, Some((path, Node::Directory))),
                    Some(Node::Directory) => {}
                    Some(Node::File(_)) => return Err(io::ErrorKind::NotADirectory.into()),
                }
            }
            Ok(())
        })
    }

    fn create(&self, file: &Path, content: &[u8]) -> io::Result<()> {
        self.step(|state| {
            state.parent_exists(file)?;
            if !state.names.contains_key(file) {
                state.files.push(Content::default());
                let index = state.files.len() - 1;
                state.change(None, Some((file, Node::File(index))));
            }
            state.file(file)?.current = content.to_vec();
            Ok(())
        })
    }

    fn append(&self, file: &Path, content: &[u8]) -> io::Result<()> {
        self.step(|state| {
            state.file(file)?.current.extend(content);
            Ok(())
        })
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.step(|state| {
            state.parent_exists(to)?;
            let node = *state.names.get(from).ok_or(io::ErrorKind::NotFound)?;
            state.change(Some(from), Some((to, node)));
            Ok(())
        })
    }

    fn remove(&self, file: &Path) -> io::Result<()> {
        self.step(|state| {
            state.file(file)?;
            state.change(Some(file), None);
            Ok(())
        })
    }

    fn remove_dir(&self, directory: &Path) -> io::Result<()> {
        self.step(|state| {
            if state.names.get(directory) != Some(&Node::Directory) {
                return Err(io::ErrorKind::NotFound.into());
            }
            if state
                .names
                .keys()
                .any(|path| path.parent() == Some(directory))
            {
                return Err(io::ErrorKind::DirectoryNotEmpty.into());
            }
            state.change(Some(directory), None);
            Ok(())
        })
    }

    fn sync(&self, file: &Path) -> io::Result<()> {
        self.step(|state| {
            let content = state.file(file)?;
            content.durable = content.current.clone();
            Ok(())
        })
    }

    fn sync_dir(&self, directory: &Path) -> io::Result<()> {
        self.step(|state| {
            let pending = std::mem::take(&mut state.pending);
            let (synced, pending): (Vec<_>, Vec<_>) = pending.into_iter().partition(|change| {
                change
                    .directories
                    .iter()
                    .any(|touched| touched == directory)
            });
            state.pending = pending;
            synced.iter().for_each(|change| state.make_durable(change));
            Ok(())
        })
    }

    fn sync_all(&self, root: &Path, files: &[PathBuf]) -> io::Result<()> {
        self.step(|state| {
            // Only what was named: the log must not rely on more.
            for file in files {
                if let Ok(content) = state.file(file) {
                    content.durable = content.current.clone();
                }
            }
            let pending = std::mem::take(&mut state.pending);
            let (synced, pending): (Vec<_>, Vec<_>) = pending.into_iter().partition(|change| {
                change.directories.iter().any(|touched| {
                    touched == root
                        || files
                            .iter()
                            .any(|file| file.starts_with(touched) && touched.starts_with(root))
                })
            });
            state.pending = pending;
            synced.iter().for_each(|change| state.make_durable(change));
            Ok(())
        })
    }

    fn read(&self, file: &Path) -> io::Result<Vec<u8>> {
        let mut state = self.state();
        match state.stopped {
            true => Err(io::Error::other("the machine has stopped")),
            false => Ok(state.file(file)?.current.clone()),
        }
    }

    fn list(&self, directory: &Path) -> io::Result<Vec<String>> {
        let state = self.state();
        if state.stopped {
            return Err(io::Error::other("the machine has stopped"));
        }
        if state.names.get(directory) != Some(&Node::Directory) {
            return Err(io::ErrorKind::NotFound.into());
        }
        let inside = state
            .names
            .keys()
            .filter(|path| path.parent() == Some(directory));
        let names = inside.filter_map(|path| path.file_name());
        Ok(names.map(|name| name.display().to_string()).collect())
    }

    fn lock(&self, _: &Path) -> io::Result<Lock> {
        Ok(Lock::none())
    }
}

/// Chance that can be repeated (splitmix64).
pub(crate) struct Chance(pub(crate) u64);

impl Chance {
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^= z >> 31;
        usize::try_from(z % bound as u64).expect("it is below a usize")
    }
}
