//! Errors as the page shows them: what happened, and what to do now.

use subrosa_bridge::{Kind, Problem};
use subrosa_client::Error;
use subrosa_core::key_name::suggest_key;
use subrosa_core::vault::CannotStage;
use subrosa_wire::api::Code;

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
        Error::NoSecretKey => (
            Kind::NeedsKit,
            "This browser does not have your Secret Key.".into(),
            "Use the emergency kit and your password.",
        ),
        Error::Rollback => (
            Kind::Rollback,
            "The server shows another history than this device has seen.".into(),
            "Do not go on. Compare the checkpoint words with another owner, and ask who runs the \
             server whether it was restored from a backup.",
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
        Error::Stage(cannot) => return stage(cannot),
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
        CannotStage::Full => {
            let message = "This environment has as many secrets as it can hold.";
            Problem::new(Kind::TooLarge, message, "Make another environment or project.")
        }
        CannotStage::Application => {
            let message = "The application does not exist, or its name is taken.";
            Problem::new(Kind::BadName, message, "Choose another name.")
        }
        CannotStage::NotFound | CannotStage::Conflict(_) => not_found(),
        CannotStage::Damaged => of(Error::Damaged),
    }
}

fn sentence(text: &str) -> String {
    let mut sentence = format!("{text}.");
    if let Some(first) = sentence.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    sentence
}
