//! Errors as the page shows them: what happened, and what to do now.

use std::ops::Deref;

use subrosa_bridge::Kind;
use subrosa_client::Error;
use subrosa_core::contents::{Contents, Scope};
use subrosa_core::key_name::suggest_key;
use subrosa_core::named_key::NamedKeyError;
use subrosa_core::scope::{Broken, Nothing, Unrendered};
use subrosa_core::vault::CannotStage;
use subrosa_wire::api::Code;

use crate::view::{self, Names};

/// A problem, in a box until the page gets it: every `?` hands on all of what it is given.
pub(crate) struct Problem(Box<subrosa_bridge::Problem>);

impl Problem {
    /// A problem of `kind`.
    pub(crate) fn new(kind: Kind, message: impl Into<String>, next: impl Into<String>) -> Self {
        Problem(Box::new(subrosa_bridge::Problem::new(kind, message, next)))
    }
}

impl Deref for Problem {
    type Target = subrosa_bridge::Problem;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl From<Problem> for subrosa_bridge::Problem {
    fn from(problem: Problem) -> Self {
        *problem.0
    }
}

/// Nothing is unlocked.
pub(crate) fn locked() -> Problem {
    Problem::new(Kind::Locked, "The console is locked.", "Unlock it with your password.")
}

/// The thing that was asked for does not exist any more.
pub(crate) fn not_found() -> Problem {
    let message = "This does not exist any more.";
    Problem::new(Kind::NotFound, message, "Somebody may have deleted it. Go back and look again.")
}

/// A key that breaks the rule.
pub(crate) fn bad_key(key: &str, why: &impl ToString) -> Problem {
    let suggestion = suggest_key(key);
    let next = match &suggestion {
        Some(suggestion) => format!("Use {suggestion}, for example."),
        None => "Choose a key such as DATABASE_URL.".to_owned(),
    };
    Problem::new(Kind::BadKey(suggestion), sentence(&why.to_string()), next)
}

/// The key exists at the same scope.
pub(crate) fn exists(key: &str, at: &str) -> Problem {
    Problem::new(
        Kind::Exists,
        format!("{key} is set at {at} already."),
        "Change it there, or use another key.",
    )
}

/// An alias has no value to be shown as it is set.
pub(crate) fn alias_value(key: &str) -> Problem {
    let message = format!("{key} is an alias: it has no value of its own.");
    Problem::new(Kind::Rule(400), message, "Look at what it comes to in a scope.")
}

/// A rule of scopes that a change would break, with what to do instead.
pub(crate) fn broken(contents: &Contents, broken: Broken) -> Problem {
    let status = broken.status();
    let message = sentence(&broken.to_string());
    let (kind, next) = match broken {
        Broken::Key(key, why) => return bad_key(&key, &why),
        Broken::Taken(_) => (Kind::Exists, "Change it there, or use another key."),
        Broken::NotFound => return not_found(),
        Broken::Higher(key, scope) => return higher(contents, &key, scope.as_deref()),
        Broken::Hanging(ids) => {
            let names = Names::of(contents);
            let rows = ids.iter().filter_map(|id| contents.find(*id));
            let rows = rows.map(|(_, at, record)| view::row(contents, &names, at, at, record));
            (Kind::Hanging(rows.collect()), "Look at what goes with it, then decide.")
        }
        Broken::NotWriter(vault) => {
            let name = contents.vault(vault).map(view::vault_name).unwrap_or_default();
            let message = format!("You may not write in {name}, which this would change too.");
            return Problem::new(Kind::Rule(status), message, "Ask an owner, or who manages it.");
        }
        Broken::AliasThere(_)
        | Broken::AliasScope
        | Broken::AliasOfAlias
        | Broken::AliasValue(_)
        | Broken::OverrideScope
        | Broken::OverrideKey(_)
        | Broken::BuiltIn
        | Broken::NoTarget
        | Broken::Mount(_) => (Kind::Rule(status), "Nothing was changed."),
    };
    Problem::new(kind, message, next)
}

fn higher(contents: &Contents, key: &str, scope: Option<&Scope>) -> Problem {
    let found = scope.and_then(|&scope| {
        let (vault, level) = contents.locate(scope)?;
        Some((vault.live(level, key)?.id, view::scope_name(contents, scope)))
    });
    let Some((id, at)) = found else { return exists(key, "a higher scope") };
    Problem::new(
        Kind::Higher(id.to_string()),
        format!("{key} is set at {at} already."),
        "Override it here, change it there, or use another key.",
    )
}

/// A key that has no bytes in the scope that is read.
pub(crate) fn unrendered(why: &Unrendered) -> Problem {
    let (kind, path, message) = match why {
        // Whoever renders fetches until nothing is needed.
        Unrendered::Need(_) => return of(Error::Damaged),
        Unrendered::Damaged(path) => {
            return crate::desk::damaged(path.last().map_or("", String::as_str));
        }
        Unrendered::Unresolved(path, why) => {
            let absent = path.len() == 1 && *why == Nothing::Missing;
            let kind = if absent { Kind::NotFound } else { Kind::Rule(400) };
            (kind, path, nothing(*why))
        }
        Unrendered::Cycle(path) => {
            (Kind::Rule(400), path, "the last of these mentions one before it")
        }
        Unrendered::TooDeep(path) => {
            (Kind::Rule(400), path, "over 32 references lead from one to the next")
        }
        Unrendered::TooLong(path) => {
            (Kind::TooLarge, path, "with everything filled in its value is over 1 MiB")
        }
    };
    let key = path.last().map_or("", String::as_str);
    let message = match path.as_slice() {
        [_] => format!("{key} comes to nothing here: {message}."),
        _ => format!("{}: {message}.", path.join(" → ")),
    };
    Problem::new(kind, message, "Set it, or take the reference out.")
}

/// Why a key comes to nothing, as a part of a sentence.
pub(crate) fn nothing(why: Nothing) -> &'static str {
    match why {
        Nothing::Missing => "no scope on the way has it",
        Nothing::NoAccess => "it is in a vault that you have no key for",
        Nothing::Dangling => "what it hangs on was deleted",
        Nothing::Cycle => "its aliases lead in a circle",
        Nothing::TooDeep => "over 32 aliases lead from one to the next",
    }
}

/// An error of the client. A conflict is told by the caller, who knows the rows.
pub(crate) fn of(error: Error) -> Problem {
    let (kind, message, next): (Kind, String, &str) = match error {
        Error::Unreachable(_) => (
            Kind::Offline,
            "The server cannot be reached.".into(),
            "Check the connection and try again. Nothing that you typed is lost.",
        ),
        Error::WrongPassword => (
            Kind::WrongPassword,
            "No account opens with this password on this device.".into(),
            "Type the password again. If it is right, the Secret Key belongs to another account: \
             use the emergency kit.",
        ),
        Error::PasswordChanged => (
            Kind::Refused,
            "Your password was changed on another device.".into(),
            "Lock this device, and unlock it with the new password. If you did not change it, make new \
             keys, and talk to an owner.",
        ),
        Error::SessionEnded => (
            Kind::Locked,
            "This session was ended from another device of yours.".into(),
            "Unlock to go on. If you did not end it, change your password and make new keys.",
        ),
        Error::NoSecretKey => (
            Kind::NeedsKit,
            "This browser does not have your Secret Key.".into(),
            "Use the emergency kit and your password.",
        ),
        Error::Rollback => (
            Kind::Rollback,
            "The server shows another history than this device has seen.".into(),
            "Do not go on. Compare the checkpoint words with an owner, and ask who runs the server \
             whether it was restored from a backup. This device never takes the other history.",
        ),
        Error::Alarmed => (
            Kind::Rollback,
            "Nothing was changed: this device has raised an alarm about this team’s history."
                .into(),
            "Open the alarm, compare with an owner, and clear it.",
        ),
        Error::OldAccount => (
            Kind::Rollback,
            "The server shows an older account than this device has seen.".into(),
            "Do not go on. Ask who runs the server whether it was restored from a backup.",
        ),
        Error::BadLog(reject) => (
            Kind::Rollback,
            format!("The team's log on the server breaks a rule: {reject}."),
            "Do not go on. Tell the other owners, and keep this device as it is.",
        ),
        Error::NotMyKeys => (
            Kind::Rollback,
            "The team's log does not have your keys.".into(),
            "Do not go on. Compare with another owner.",
        ),
        Error::KeysReplaced => (
            Kind::KeysReplaced,
            "The server does not take your keys for this team any more.".into(),
            "If you have made new keys on another device, lock and unlock this one. Otherwise you were \
             removed from the team, or your keys were replaced: talk to an owner if you did not expect \
             that. If this is an old device or kit, use the new kit.",
        ),
        Error::KeysChanged => (
            Kind::Refused,
            "Somebody else has replaced these keys meanwhile.".into(),
            "Nothing was changed. Look at what is in force now.",
        ),
        Error::InviteGone => (
            Kind::InviteGone,
            "This invite is not open any more.".into(),
            "It was used, cancelled, or is expired. Ask whoever invited you for another one.",
        ),
        Error::JoinedAlready => (
            Kind::Refused,
            "Somebody has joined by this invite already.".into(),
            "Remove that member if it is not who you meant.",
        ),
        Error::MemberAlready => (
            Kind::Refused,
            "Your account is in that team already.".into(),
            "Open that team. To replace lost keys, lock this device, and make another account with \
             the link.",
        ),
        Error::RoleChanged => (
            Kind::Refused,
            "Somebody else has changed this role meanwhile.".into(),
            "Nothing was changed. Look at what it is now, and decide again.",
        ),
        Error::MachinesLeft(why) => (
            of(*why).kind.clone(),
            "Who was to go is out. Machines that they have added are left.".into(),
            "Do it again: the others go then.",
        ),
        Error::NotAllowed(reject) => (
            Kind::NotAllowed,
            format!("Your team does not allow this: {reject}."),
            "Nothing was changed. Ask an owner.",
        ),
        Error::TooOld => (
            Kind::Refused,
            "Your team asks for a newer version of this console.".into(),
            "Reload the page. If that does not help, ask who runs the server to update it.",
        ),
        Error::NoTeam => (
            Kind::NotFound,
            "This account is in no team.".into(),
            "Ask an owner for an invitation.",
        ),
        Error::Storage(_) => (
            Kind::Storage,
            "This browser does not keep what must be kept.".into(),
            "Leave private browsing, or make room on the disk, and try again.",
        ),
        Error::Damaged => (
            Kind::Corrupted,
            "This cannot be opened: what the server has of it is damaged or missing.".into(),
            "Everything else still opens. Set the value again, or restore the server's backup.",
        ),
        Error::NoKey => (
            Kind::Corrupted,
            "The key for this has not come.".into(),
            "Ask an owner to unlock their console, which sends it again.",
        ),
        Error::NotFound => return not_found(),
        Error::Conflict(_) => (
            Kind::Internal,
            "Somebody else changed this meanwhile.".into(),
            "Look at their version, then decide.",
        ),
        // A rotation tells more of these itself.
        Error::Needed(_) | Error::Stuck(_) | Error::NothingToDo => {
            (Kind::Refused, "Nothing was changed.".into(), "Look at the rotation page.")
        }
        Error::Rule(broken) => return self::broken(&Contents::default(), *broken),
        Error::Stage(cannot) => return stage(*cannot),
        Error::TooLarge => (
            Kind::TooLarge,
            "This is too much for one change.".into(),
            "Write it in several parts of at most 8 MB.",
        ),
        Error::Memory => (
            Kind::Internal,
            "There is not enough memory for the key derivation (64 MB).".into(),
            "Close other tabs and try again.",
        ),
        Error::BadReply => (
            Kind::Refused,
            "The server's answer makes no sense.".into(),
            "Check that the address is a Subrosa server of this version, then try again.",
        ),
        Error::Refused(code) => return refused(code),
    };
    Problem::new(kind, message, next)
}

fn refused(code: Code) -> Problem {
    let (kind, next) = match code {
        Code::SetupToken => (
            Kind::SetupToken,
            "Use the newest link that the server printed. If the team exists already, unlock it, \
             or use the emergency kit.",
        ),
        Code::RateLimited => (Kind::Offline, "Wait a minute, then try again."),
        Code::Unavailable | Code::Internal => {
            (Kind::Offline, "Wait a little, then try again. Nothing that you typed is lost.")
        }
        Code::Storage | Code::Quota => (
            Kind::Refused,
            "Nothing was changed. Ask who runs the server to make room, then try again.",
        ),
        Code::TooLarge => (Kind::TooLarge, "Make it smaller, or write it in several parts."),
        Code::Origin => (
            Kind::Refused,
            "Open it at the address that the emergency kit names, or ask who runs it.",
        ),
        Code::Unauthorized | Code::Challenge => (Kind::Locked, "Lock and unlock, then try again."),
        _ => (Kind::Refused, "Reload the page. If it happens again, look into the server's log."),
    };
    Problem::new(kind, code.title(), next)
}

fn stage(cannot: CannotStage) -> Problem {
    match cannot {
        CannotStage::Key(key, why) => bad_key(&key, &why),
        CannotStage::Exists(key) => exists(&key, "this scope"),
        CannotStage::Note => {
            let message = "A note has at most 1,024 bytes.";
            Problem::new(Kind::TooLarge, message, "Shorten the note.")
        }
        CannotStage::Value(key) => {
            let message = format!("The value of {key} is over 1 MiB.");
            Problem::new(
                Kind::TooLarge,
                message,
                "Keep large files elsewhere, and a key to them here.",
            )
        }
        CannotStage::Mount(path) => broken(&Contents::default(), Broken::Mount(path)),
        CannotStage::Full => {
            let message = "This environment has as many secrets as it can hold.";
            Problem::new(Kind::TooLarge, message, "Make another environment or project.")
        }
        CannotStage::Application => {
            let message = "The application does not exist, or its name is taken.";
            Problem::new(Kind::BadName, message, "Choose another name.")
        }
        CannotStage::KeyName(_, why) => {
            let next = "Choose a name such as orders-2026.";
            Problem::new(Kind::BadName, sentence(&why.to_string()), next)
        }
        CannotStage::KeyFull => {
            let message = "This key has 1,024 versions, and there are no more.";
            let next = "Rewrap what is of old ones, trim those, then rotate it.";
            Problem::new(Kind::TooLarge, message, next)
        }
        CannotStage::DecryptFrom { oldest, newest } => {
            let message = format!("This key has the versions {oldest} to {newest}.");
            Problem::new(Kind::Rule(400), message, "Decrypt from one of these on.")
        }
        CannotStage::Trim { decrypt_from } => {
            let message = format!(
                "Only what is below the minimum decryption version, {decrypt_from}, can be trimmed."
            );
            let next = "Rewrap what is of older versions and raise the minimum: that can be undone, \
                        trimming cannot.";
            Problem::new(Kind::Rule(400), message, next)
        }
        CannotStage::NotDeletable => {
            let message = "This key is guarded: what it encrypted would be lost with it.";
            let next =
                "Make sure that nothing of it is needed, allow its deletion, then delete it.";
            Problem::new(Kind::Rule(403), message, next)
        }
        CannotStage::NotFound | CannotStage::Conflict(_) => not_found(),
        CannotStage::Damaged => of(Error::Damaged),
    }
}

/// A named key's refusal.
pub(crate) fn named_key(why: NamedKeyError) -> Problem {
    let (kind, next) = match why {
        NamedKeyError::Text(_) => (Kind::Rule(400), "Copy the whole of it, as it was given."),
        NamedKeyError::NoVersion | NamedKeyError::OlderTarget { .. } => {
            (Kind::Rule(400), "Without a version, the newest is taken.")
        }
        NamedKeyError::Newer { .. } => {
            (Kind::Rule(404), "If it is the same then, this is of another key.")
        }
        NamedKeyError::Trimmed { .. } => (Kind::Rule(404), "Get the data from its source again."),
        NamedKeyError::BelowMinimum { .. } => {
            (Kind::Rule(403), "Lower it, rewrap what is of older versions, then raise it again.")
        }
        NamedKeyError::Stale { .. } => (Kind::Rule(409), "Then rewrap what it encrypted."),
        NamedKeyError::CannotOpen => (
            Kind::Rule(400),
            "Check the context: it opens with the very one that it was encrypted with.",
        ),
        NamedKeyError::TooLong => (Kind::TooLarge, "A data key encrypts any amount of data."),
        NamedKeyError::ContextTooLong => (Kind::TooLarge, "Whoever decrypts gives the same hash."),
    };
    Problem::new(kind, sentence(&why.to_string()), next)
}

/// A text as a sentence.
pub(crate) fn sentence(text: &str) -> String {
    let mut sentence = format!("{text}.");
    if let Some(first) = sentence.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    sentence
}
