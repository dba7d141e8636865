//! The setup token: founds a team, once; another one founds another team. Its hash is in the database; the
//! token itself is in a file that only the server's user can read, until it is used.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use subrosa_wire::id::Hash;

use crate::sessions::random;
use crate::store::{Setup, Store, StoreError};

/// The token's file, and the token while it is unused.
pub struct SetupToken {
    file: PathBuf,
    token: Option<String>,
}

impl SetupToken {
    /// Makes a token on the first start, and where another team is wanted; finds it again on later
    /// starts, while it is unused.
    ///
    /// # Errors
    /// [`NoToken`].
    pub fn prepare(store: &dyn Store, folder: &Path, new_team: bool) -> Result<Self, NoToken> {
        let file = folder.join("setup-token");
        let mut stored = Ok(None);
        store.read(&mut |rows| stored = rows.setup())?;
        let stored = stored?;
        if stored.is_some_and(|setup| setup.used) && !new_team {
            let this = SetupToken { file, token: None };
            this.used();
            return Ok(this);
        }
        let kept = std::fs::read_to_string(&file).ok().filter(|token| {
            let hash = Hash::of(token.as_bytes());
            stored.is_some_and(|setup| setup.hash == hash && !setup.used)
        });
        let token = match kept {
            Some(token) => token,
            None => fresh(store, &file)?,
        };
        Ok(SetupToken { file, token: Some(token) })
    }

    /// The token, if it was unused at the start.
    #[must_use]
    pub fn token(&self) -> Option<&str> {
        self.token.as_deref()
    }

    /// The token is used up: its file goes. If that fails, it goes at the next start.
    pub fn used(&self) {
        match std::fs::remove_file(&self.file) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                tracing::warn!(%error, "the used setup token's file stays for now");
            }
            _ => {}
        }
    }
}

/// Writes the file before the hash: a token whose file was lost is replaced at the next start.
fn fresh(store: &dyn Store, file: &Path) -> Result<String, NoToken> {
    let token = Hash(random()?).to_string();
    write_private(file, &token)?;
    let mut written = Ok(());
    let setup = Setup { hash: Hash::of(token.as_bytes()), used: false };
    store.write(&mut |tx| written = tx.set_setup(setup))?;
    written?;
    Ok(token)
}

fn write_private(path: &Path, text: &str) -> std::io::Result<()> {
    if path.exists() {
        std::fs::remove_file(path)?;
    }
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

/// Why there is no setup token.
#[derive(Debug, thiserror::Error)]
pub enum NoToken {
    /// The store fails.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Its file cannot be written.
    #[error("cannot write the setup token: {0}")]
    File(#[from] std::io::Error),
    /// The system has no randomness.
    #[error("no randomness: {0}")]
    Random(#[from] getrandom::Error),
}
