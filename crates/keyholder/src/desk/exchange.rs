//! Texts in and out: dotenv files are read, and what a scope resolves to is written.

use std::fmt::Display;
use std::rc::Rc;

use subrosa_bridge::view::{Format, ImportChoice, Scope as ViewScope};
use subrosa_bridge::{Event, Hidden, Kind, Reply};
use subrosa_client::{Change, Platform};
use subrosa_core::scope::{State, View};
use subrosa_core::{dotenv, export};

use crate::import::Import;
use crate::problem::{self, Problem};

use super::resolved::is_built_in;
use super::{Answer, Desk, named};

/// The longest text that is read, in bytes.
const MAX_IMPORT: usize = 4 << 20;

impl<P: Platform + Clone + 'static> Desk<P> {
    pub(super) async fn read_import(&self, scope: &ViewScope, text: &Hidden) -> Answer {
        if text.expose().len() > MAX_IMPORT {
            let message = "An import has at most 4 MiB.";
            return Err(Problem::new(Kind::TooLarge, message, "Import it in several parts."));
        }
        let client = self.client()?;
        let import = Import::read(named(scope)?, text.expose());
        let shown = import.compare(&client).await?;
        self.import.replace(Some(Rc::new(import)));
        Ok(Reply::Import(shown))
    }

    pub(super) async fn apply_import(&self, choices: &[ImportChoice]) -> Answer {
        let client = self.client()?;
        let import = self.import.borrow().clone().ok_or_else(problem::not_found)?;
        let mut change = Change::default();
        let chosen = import.chosen(choices)?;
        import.check_unchanged(&client, &chosen)?;
        self.promoted(&client, import.scope(), chosen, &mut change)?;
        let total = choices.len();
        let progress = |done| Event::Progress { what: "Writing secrets".into(), done, total };
        (self.told)(progress(0));
        if total > 0 {
            self.push(&client, change).await?;
        }
        (self.told)(progress(total));
        self.import.replace(None);
        Ok(Reply::Written(total))
    }

    pub(super) async fn export(
        &self,
        scope: &ViewScope,
        format: Format,
        inherited: bool,
        built_in: bool,
    ) -> Answer {
        let client = self.client()?;
        let wanted = |view: &View<'_>| {
            let keys = view.keys().into_iter().filter(|key| {
                (inherited || view.resolve(key).state != State::Inherited)
                    && (built_in || !is_built_in(view, key))
            });
            keys.map(str::to_owned).collect()
        };
        let rendered = self.render(&client, named(scope)?, wanted).await?;
        let mut pairs = Vec::new();
        for (key, value) in &rendered.0 {
            let value = value.as_ref().map_err(problem::unrendered)?;
            pairs.push((key.as_str(), value.expose()));
        }
        let format = match format {
            Format::Dotenv => export::Format::Dotenv,
            Format::DotenvUnexpanded => return unexpanded(&pairs),
            Format::Json => export::Format::Json,
            Format::Yaml => export::Format::Yaml,
            Format::Shell => export::Format::Shell,
        };
        let written = export::write(format, pairs).map_err(|cannot| refused(&cannot))?;
        Ok(Reply::Text(Hidden::new(written.to_string())))
    }
}

fn unexpanded(pairs: &[(&str, &[u8])]) -> Answer {
    let mut texts = Vec::new();
    for (key, value) in pairs {
        let text = core::str::from_utf8(value).map_err(|_| {
            refused(&format_args!("the value of {key} is not text. Use it as a file"))
        })?;
        texts.push((*key, text));
    }
    let written = dotenv::write(texts).map_err(|cannot| refused(&cannot))?;
    Ok(Reply::Text(Hidden::new(written.to_string())))
}

fn refused(cannot: &dyn Display) -> Problem {
    let next = "Or leave this secret out of the export.";
    Problem::new(Kind::Refused, problem::sentence(&cannot.to_string()), next)
}
