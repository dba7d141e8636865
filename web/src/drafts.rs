//! What was typed and not saved: kept until it is saved or thrown away. The keyholder keeps a copy
//! of each, sealed on this device, so that a lock or a crash takes none.

use leptos::prelude::*;
use subrosa_bridge::view::{Change, KeptDraft, Plain, Scope, Write};
use subrosa_bridge::{Hidden, HiddenBytes, Request, message};

use crate::json::{from_json, to_json};

/// What a draft is for.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum DraftOf {
    /// A new secret at this scope.
    New(Scope),
    /// What a key has in a scope: an edit of what is there, or a value that is not there yet. The
    /// key is the one before the edit.
    Cell(Scope, String),
    /// Another key for what a key comes to in a scope.
    Alias(Scope, String),
}

impl DraftOf {
    /// Where it would be written.
    pub fn scope(&self) -> &Scope {
        let (DraftOf::New(scope) | DraftOf::Cell(scope, _) | DraftOf::Alias(scope, _)) = self;
        scope
    }
}

/// What saving a draft does.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub enum Saves {
    /// Makes a secret.
    #[default]
    Create,
    /// Sets another value for the secret with this id.
    Override(String),
    /// Gives the secret with this id another key.
    Alias(String),
    /// Changes the secret with this id.
    Edit(String, Changed),
}

impl Saves {
    /// Whether all that was there stays as it is. A key that is created may be there already: then
    /// it gets another version.
    pub fn adds(&self) -> bool {
        matches!(self, Saves::Alias(_))
    }

    /// The same as an edit of a secret that is there by now; another key for something else stays
    /// that.
    pub fn onto_secret(self, secret: String, draft: &Draft) -> Saves {
        match self {
            Saves::Edit(_, changed) => Saves::Edit(secret, changed),
            Saves::Create | Saves::Override(_) => {
                let (note, mount) = (!draft.note.is_empty(), !draft.mount.is_empty());
                Saves::Edit(secret, Changed { key: false, value: true, mount, note })
            }
            alias @ Saves::Alias(_) => alias,
        }
    }
}

/// What an edit changes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Changed {
    /// The key.
    pub key: bool,
    /// The value.
    pub value: bool,
    /// The mount path of a file.
    pub mount: bool,
    /// The note.
    pub note: bool,
}

/// The fields as they were typed.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Draft {
    /// Key.
    pub key: String,
    /// Value.
    pub value: Hidden,
    /// The bytes of a file, in the value's place. The keyholder is not given them: they are where
    /// they came from.
    pub file: Option<HiddenBytes>,
    /// Where programs expect the file; empty for what is none.
    pub mount: String,
    /// Note.
    pub note: String,
    /// The version that the editor saw; 0 for a new secret.
    pub base: u32,
    /// What saving does.
    pub saves: Saves,
}

impl Draft {
    /// Whether it can be kept. Without the bytes that it would write, it would write nothing in
    /// their place.
    fn lasts(&self) -> bool {
        self.file.is_none() || !self.writes_value()
    }

    /// Whether it has a value to write; else its value may not even have been there yet.
    pub fn writes_value(&self) -> bool {
        match &self.saves {
            Saves::Create | Saves::Override(_) => true,
            Saves::Alias(_) => false,
            Saves::Edit(_, changed) => changed.value,
        }
    }

    /// The value, typed or chosen.
    pub fn plain(&self) -> Plain {
        match &self.file {
            Some(bytes) => Plain::Bytes(bytes.clone()),
            None => Plain::Text(self.value.clone()),
        }
    }

    /// Takes a value that was opened.
    pub fn set(&mut self, value: Plain) {
        match value {
            Plain::Text(text) => self.value = text,
            Plain::Bytes(bytes) => self.file = Some(bytes),
        }
    }

    /// The draft in an editor that opened as `fresh`; `None` where it has nothing that could be
    /// written there. What it leaves as it is comes from `fresh`.
    pub fn onto(mut self, fresh: &Draft) -> Option<Draft> {
        match (&fresh.saves, &self.saves) {
            (Saves::Edit(..), Saves::Edit(..)) | (Saves::Alias(_), Saves::Alias(_)) => {}
            // The secret has been made meanwhile: saving this meets it.
            (Saves::Edit(secret, _), Saves::Create | Saves::Override(_)) => {
                self.saves = self.saves.clone().onto_secret(secret.clone(), &self);
                self.base = 0;
            }
            // It is not there any more, or somewhere else.
            (Saves::Create | Saves::Override(_), _) if self.writes_value() => {
                self.saves = fresh.saves.clone();
                self.base = fresh.base;
            }
            _ => return None,
        }
        let changed = match &self.saves {
            Saves::Edit(_, changed) => *changed,
            // A key that is typed stays; a row has its own.
            _ => Changed { key: fresh.key.is_empty(), value: true, mount: true, note: true },
        };
        for (is_changed, typed, fresh) in [
            (changed.key, &mut self.key, &fresh.key),
            (changed.mount, &mut self.mount, &fresh.mount),
            (changed.note, &mut self.note, &fresh.note),
        ] {
            if !is_changed {
                typed.clone_from(fresh);
            }
        }
        Some(self)
    }

    /// Whether the same is typed, whatever it was typed over.
    pub fn reads_as(&self, other: &Draft) -> bool {
        let typed = |it: &Draft| (it.key.clone(), it.mount.clone(), it.note.clone());
        typed(self) == typed(other) && self.plain() == other.plain()
    }

    /// What saving it asks of the keyholder.
    pub fn write(&self, of: &DraftOf) -> Write {
        let scope = of.scope().clone();
        let (key, note, base) = (self.key.clone(), self.note.clone(), self.base);
        let value = self.plain();
        let mount = (!self.mount.is_empty()).then(|| self.mount.clone());
        match &self.saves {
            Saves::Create => {
                let key = if let DraftOf::Cell(_, key) = of { key.clone() } else { key };
                Write::Create { scope, key, value, note, mount }
            }
            Saves::Override(target) => {
                Write::Override { scope, target: target.clone(), value, note }
            }
            Saves::Alias(target) => Write::Alias { scope, key, target: target.clone(), note },
            Saves::Edit(secret, changed) => {
                let change = Change {
                    key: changed.key.then_some(key),
                    value: changed.value.then_some(value),
                    note: changed.note.then_some(note),
                    mount: mount.filter(|_| changed.mount),
                };
                Write::Edit { secret: secret.clone(), base, change }
            }
        }
    }
}

message!(enum DraftOf: New(scope), Cell(scope, key), Alias(scope, key));
message!(enum Saves: Create, Override(target), Alias(target), Edit(secret, changed));
message!(Changed { key, value, mount, note });
message!(Draft { key, value, mount, note, base, saves } but file);

/// A draft with what it is for, as the keyholder keeps it.
struct Written {
    of: DraftOf,
    draft: Draft,
}

message!(Written { of, draft });

/// A draft that the keyholder keeps, as it has it.
#[derive(Clone)]
struct Kept {
    of: DraftOf,
    name: String,
    draft: Draft,
}

/// What makes the keyholder keep a draft, or drop it.
pub struct Keep {
    /// To be asked.
    pub request: Request,
    name: String,
}

impl Keep {
    fn new(name: &str, text: Option<Hidden>) -> Self {
        let name = name.to_owned();
        Keep { request: Request::KeepDraft { name: name.clone(), text }, name }
    }
}

/// All drafts.
#[derive(Clone, Copy)]
pub struct Drafts {
    open: RwSignal<Vec<(DraftOf, Draft)>>,
    kept: StoredValue<Vec<Kept>>,
    /// The one that is open in an editor.
    edited: StoredValue<Option<DraftOf>>,
    /// Those that have just come from another tab.
    come: RwSignal<Vec<DraftOf>>,
}

impl Drafts {
    /// None yet.
    pub fn new() -> Self {
        Drafts {
            open: RwSignal::new(Vec::new()),
            kept: StoredValue::new(Vec::new()),
            edited: StoredValue::new(None),
            come: RwSignal::new(Vec::new()),
        }
    }

    /// Which one is open in an editor. Another tab does not change or drop that one.
    pub fn edits(self, of: Option<DraftOf>) {
        let _ = self.edited.try_update_value(|edited| *edited = of);
    }

    /// Those that have just come from another tab, tracked.
    pub fn come(self) -> Vec<DraftOf> {
        self.come.get()
    }

    /// Notes a draft, in place of an earlier one.
    pub fn keep(self, of: DraftOf, draft: Draft) {
        let _ = self.open.try_update(|drafts| match drafts.iter_mut().find(|it| it.0 == of) {
            Some(known) => known.1 = draft,
            None => drafts.push((of, draft)),
        });
    }

    /// Saved, or thrown away.
    pub fn drop_one(self, of: &DraftOf) {
        if self.find(of).is_some() {
            let _ = self.open.try_update(|drafts| drafts.retain(|it| it.0 != *of));
        }
    }

    /// The draft, untracked.
    pub fn find(self, of: &DraftOf) -> Option<Draft> {
        let find = |drafts: &Vec<(DraftOf, Draft)>| {
            drafts.iter().find(|it| it.0 == *of).map(|it| it.1.clone())
        };
        self.open.try_with_untracked(find).flatten()
    }

    /// Whether there is one, tracked.
    pub fn has(self, of: &DraftOf) -> bool {
        self.open.try_with(|drafts| drafts.iter().any(|it| it.0 == *of)).unwrap_or(false)
    }

    /// What there are drafts for, tracked.
    pub fn all(self) -> Vec<DraftOf> {
        let all = |drafts: &Vec<(DraftOf, Draft)>| drafts.iter().map(|it| it.0.clone()).collect();
        self.open.try_with(all).unwrap_or_default()
    }

    /// How many, tracked.
    pub fn count(self) -> usize {
        self.open.try_with(Vec::len).unwrap_or(0)
    }

    /// Whether there are any, untracked.
    pub fn any(self) -> bool {
        self.open.try_with_untracked(|drafts| !drafts.is_empty()).unwrap_or(false)
    }

    /// Wipes all from this page's memory.
    pub fn clear(self) {
        let _ = self.open.try_update(Vec::clear);
        self.kept.update_value(Vec::clear);
    }

    /// Whether the keyholder keeps all as they are.
    pub fn are_kept(self) -> bool {
        self.open.with_untracked(|open| {
            self.kept.with_value(|kept| {
                let is_kept = |(of, draft): &(DraftOf, Draft)| {
                    kept.iter().any(|it| it.of == *of && it.draft == *draft)
                };
                kept.len() == open.len() && open.iter().all(is_kept)
            })
        })
    }

    /// How many the keyholder keeps.
    pub fn kept(self) -> usize {
        self.kept.with_value(Vec::len)
    }

    /// What makes the keyholder keep all that last, as they are now. They count as kept from here
    /// on, unless it is said that they are [not](Self::not_kept).
    pub fn unkept(self) -> Vec<Keep> {
        let mut open = self.open.get_untracked();
        open.retain(|(_, draft)| draft.lasts());
        let mut all = Vec::new();
        self.kept.update_value(|kept| {
            kept.retain(|it| {
                let there = open.iter().any(|(of, _)| *of == it.of);
                if !there {
                    all.push(Keep::new(&it.name, None));
                }
                there
            });
            for (of, draft) in open {
                let known = kept.iter().position(|it| it.of == of).map(|at| kept.swap_remove(at));
                let name = match known {
                    Some(same) if same.draft == draft => {
                        kept.push(same);
                        continue;
                    }
                    Some(other) => other.name,
                    None => random_name(),
                };
                let text = Written { of: of.clone(), draft: draft.clone() }.to_text();
                all.push(Keep::new(&name, text));
                kept.push(Kept { of, name, draft });
            }
        });
        all
    }

    /// The keyholder has refused it.
    pub fn not_kept(self, keep: &Keep) {
        self.kept.update_value(|kept| kept.retain(|it| it.name != keep.name));
    }

    /// Takes over what the keyholder keeps. What was typed here since goes before, and so does what
    /// is being edited. What another tab has saved or thrown away is dropped; of two for one secret
    /// the first stays. Yields what the keyholder is to drop.
    pub fn restore(self, drafts: Vec<KeptDraft>) -> Vec<Keep> {
        let before = self.kept.with_value(Clone::clone);
        let edited = self.edited.get_value();
        let unchanged = |it: &Kept| {
            edited.as_ref() != Some(&it.of) && self.find(&it.of).as_ref() == Some(&it.draft)
        };
        let (mut now, mut twice, mut come) = (Vec::<Kept>::new(), Vec::new(), Vec::new());
        for KeptDraft { name, text } in drafts {
            let Some(Written { of, draft }) = Written::read(&text) else { continue };
            if now.iter().any(|it| it.of == of) {
                twice.push(Keep::new(&name, None));
                continue;
            }
            let known = before.iter().find(|it| it.of == of);
            let mine = self.find(&of);
            let theirs = known.map_or(mine.is_none(), |it| unchanged(it) && it.draft != draft);
            if theirs {
                self.keep(of.clone(), draft.clone());
                come.push(of.clone());
            }
            // Two tabs that edit the same would else write it in turns for ever.
            let mine = mine.filter(|_| edited.as_ref() == Some(&of));
            let draft = mine.unwrap_or(draft);
            now.push(Kept { of, name, draft });
        }
        let gone = |it: &&Kept| now.iter().all(|kept| kept.of != it.of);
        for it in before.iter().filter(gone).filter(|it| unchanged(it)) {
            self.drop_one(&it.of);
        }
        self.kept.set_value(now);
        if !come.is_empty() {
            self.come.set(come);
        }
        twice
    }
}

impl Written {
    fn to_text(&self) -> Option<Hidden> {
        to_json(self).map(Hidden::new)
    }

    fn read(text: &Hidden) -> Option<Written> {
        from_json(text.expose())
    }
}

/// A random UUID (version 4).
fn random_name() -> String {
    let mut bytes = [0; 16];
    if let Ok(crypto) = window().crypto() {
        let _ = crypto.get_random_values_with_u8_array(&mut bytes);
    }
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let mut name: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    for place in [20, 16, 12, 8] {
        name.insert(place, '-');
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scope() -> Scope {
        Scope::Environment("e1".into())
    }

    fn draft(saves: Saves) -> Draft {
        let value = Hidden::new("typed".into());
        Draft { key: "KEY".into(), value, note: "why".into(), base: 3, saves, ..Draft::default() }
    }

    #[test]
    fn a_draft_saves_what_was_typed() {
        let (value, note) = (Plain::Text(Hidden::new("typed".into())), "why".to_owned());
        let create = Write::Create {
            scope: scope(),
            key: "KEY".into(),
            value: value.clone(),
            note: note.clone(),
            mount: None,
        };
        assert_eq!(draft(Saves::Create).write(&DraftOf::New(scope())), create);
        let bytes = HiddenBytes::new(vec![0, 255]);
        let file = Draft { file: Some(bytes.clone()), mount: "/f".into(), ..draft(Saves::Create) };
        let Write::Create { value: written, mount, .. } = file.write(&DraftOf::New(scope())) else {
            panic!("a creation")
        };
        assert_eq!((written, mount.as_deref()), (Plain::Bytes(bytes), Some("/f")));
        let cell = DraftOf::Cell(scope(), "OF_THE_ROW".into());
        let target = "t1".to_owned();
        assert_eq!(
            draft(Saves::Override(target.clone())).write(&cell),
            Write::Override { scope: scope(), target: target.clone(), value, note: note.clone() },
        );
        let Write::Create { key, .. } = draft(Saves::Create).write(&cell) else {
            panic!("a creation")
        };
        assert_eq!(key, "OF_THE_ROW");
        let alias = DraftOf::Alias(scope(), "OF_THE_ROW".into());
        assert_eq!(
            draft(Saves::Alias(target.clone())).write(&alias),
            Write::Alias { scope: scope(), key: "KEY".into(), target, note: note.clone() },
        );
        let changed = Changed { note: true, ..Changed::default() };
        let path = Draft { saves: Saves::Edit("s1".into(), changed), ..file.clone() };
        assert!(!file.lasts() && path.lasts() && draft(Saves::Create).lasts());
        let edit = draft(Saves::Edit("s1".into(), changed));
        assert_eq!(
            edit.write(&cell),
            Write::Edit {
                secret: "s1".into(),
                base: 3,
                change: Change { note: Some(note), ..Change::default() },
            },
        );
    }
}
