//! The rules of scopes: what a scope sees, and what may be done there.
//!
//! 1. From high to low: BUILT_IN, project, environment, application. For one key the lowest scope
//!    that has it wins.
//! 2. A key is `[A-Za-z_][A-Za-z0-9_]*`, at most 256 characters; `SUBROSA_` is BUILT_IN's.
//! 3. Creating a key that this very scope has makes a new version; where an alias has it, or a
//!    higher scope, it is refused.
//! 4. A value that is exactly `{{KEY}}` of a visible secret makes an alias.
//! 5. An alias is another key for a secret at the same or a higher scope, never for an alias. Its
//!    value can't be edited.
//! 6. An override is another value for a key of a strictly higher scope. Its key can't be edited.
//! 7. BUILT_IN can be aliased and overridden, and nothing else.
//! 8. With a secret goes, transitively, all that hangs on it.
//! 9. An alias, and a `{{KEY}}` in a longer value, follows what the key comes to in the scope that
//!    is read. The bytes of files are never looked into.
//! 10. Everything that a scope looked at for a key is told: [`Resolved::trace`].
//! 11. A vault without a key is 'no access', never 'missing'.
//! 12. A file has a mount path.

mod built_in;
mod intent;
mod render;
mod resolve;
mod rules;

pub use self::built_in::{BuiltIn, built_in};
pub use self::intent::{Creation, create, replace_value};
pub use self::render::{MAX_DEPTH, Need, Rendering, Unrendered, Values, references};
pub use self::resolve::{Found, Nothing, Outcome, Resolved, Resolver, State, Step, View};
pub use self::rules::{Broken, absent, hanging_on, judge, overrides_of, refused};
