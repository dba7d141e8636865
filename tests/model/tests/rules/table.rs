//! The rules: where each stands, what takes it out, and which promise that breaks.

/// One place of one rule.
pub struct Rule {
    /// What it is called.
    pub rule: &'static str,
    /// The file, in the sources of wire.
    pub file: &'static str,
    /// What stands there.
    pub find: &'static str,
    /// What stands there in the copy.
    pub instead: &'static str,
    /// What is explored without it.
    pub run: &'static str,
    /// What is broken then.
    pub promise: &'static str,
}

/// All.
pub const RULES: &[Rule] = &[
    Rule {
        rule: "the signature verifies",
        file: "signed.rs",
        find: "if !key.verifies(&T::LABEL.tag(&self.body), &self.signature) {",
        instead: r#"if !crate::off("the signature verifies") && !key.verifies(&T::LABEL.tag(&self.body), &self.signature) {"#,
        run: "all:1",
        promise: "4: no entry by a removed member or replaced key is accepted",
    },
    Rule {
        rule: "replaced keys sign no more",
        file: "team/mod.rs",
        find: "let key = self.members.get(&author).ok_or(Reject::Author)?.keyset.signing;",
        instead: r#"let key = self.members.get(&author).ok_or(Reject::Author)?.keyset.signing;
        let former = self.former.iter().rev().find(|it| crate::off("replaced keys sign no more") && it.member == author);
        let key = former.map_or(key, |it| it.signing);"#,
        run: "keys:2",
        promise: "4: no entry by a removed member or replaced key is accepted",
    },
    Rule {
        rule: "replaced keys sign no more",
        file: "team/mod.rs",
        find: "if author.keyset.signing != verified.signer() {",
        instead: r#"if !crate::off("replaced keys sign no more") && author.keyset.signing != verified.signer() {"#,
        run: "keys:2",
        promise: "4: no entry by a removed member or replaced key is accepted",
    },
    Rule {
        rule: "it follows the head",
        file: "team/mod.rs",
        find: "if (entry.seq, entry.prev) != (self.head.seq + 1, Some(self.head.hash)) {",
        instead: r#"if !crate::off("it follows the head") && (entry.seq, entry.prev) != (self.head.seq + 1, Some(self.head.hash)) {"#,
        run: "all:1",
        promise: "5: the log only grows",
    },
    Rule {
        rule: "managers give less than they are",
        file: "team/mod.rs",
        find: "it.role < VaultRole::Manager && manages(it.vault)",
        instead: r#"(it.role < VaultRole::Manager || crate::off("managers give less than they are")) && manages(it.vault)"#,
        run: "invites:1",
        promise: "3: no role is above what its granter could give",
    },
    Rule {
        rule: "managers give what they manage",
        file: "team/mod.rs",
        find: "let manages = |vault| self.role_in(vault, id) == Some(VaultRole::Manager);",
        instead: r#"let manages = |vault| crate::off("managers give what they manage") || self.role_in(vault, id) == Some(VaultRole::Manager);"#,
        run: "invites:1",
        promise: "3: no role is above what its granter could give",
    },
    Rule {
        rule: "owners and other keys by owners",
        file: "team/mod.rs",
        find: "Access::Owner | Access::Replace => return false,",
        instead: r#"Access::Owner | Access::Replace => return crate::off("owners and other keys by owners"),"#,
        run: "all:1",
        promise: "3: no role is above what its granter could give",
    },
    Rule {
        rule: "to nothing by owners",
        file: "team/mod.rs",
        find: "!grants.is_empty()",
        instead: r#"(crate::off("to nothing by owners") || !grants.is_empty())"#,
        run: "roles:1",
        promise: "3: nobody enters without an authorised signature",
    },
    Rule {
        rule: "let in by its author or owners",
        file: "team/mod.rs",
        find: "(self.is_owner(id) || invite.by == id) && self",
        instead: r#"(crate::off("let in by its author or owners") || self.is_owner(id) || invite.by == id) && self"#,
        run: "invites:2",
        promise: "3: an invite is used once, and not after its author lost the right to",
    },
    Rule {
        rule: "taken back by who may",
        file: "team/people.rs",
        find: "if !self.before.may_cancel(self.author(), open) {",
        instead: r#"if !crate::off("taken back by who may") && !self.before.may_cancel(self.author(), open) {"#,
        run: "invites:1",
        promise: "3: an invite is used once, and not after its author lost the right to",
    },
    Rule {
        rule: "invited by who may",
        file: "team/people.rs",
        find: "if self.before.may_grant(self.author(), access) { Ok(()) }",
        instead: r#"if crate::off("invited by who may") || self.before.may_grant(self.author(), access) { Ok(()) }"#,
        run: "invites:1",
        promise: "3: no role is above what its granter could give",
    },
    Rule {
        rule: "let in by who may",
        file: "team/people.rs",
        find: "if !self.before.may_add(self.author(), &open) {",
        instead: r#"if !crate::off("let in by who may") && !self.before.may_add(self.author(), &open) {"#,
        run: "invites:1",
        promise: "3: an invite is used once, and not after its author lost the right to",
    },
    Rule {
        rule: "an invite of an earlier entry",
        file: "team/people.rs",
        find: ".filter(|open| open.seq < self.entry.seq)",
        instead: r#".filter(|open| crate::off("an invite of an earlier entry") || open.seq < self.entry.seq)"#,
        run: "invites:1",
        promise: "3: an invite is used once, and not after its author lost the right to",
    },
    Rule {
        rule: "an invite is used up",
        file: "team/people.rs",
        find: r#"        self.changes.invites.insert(id, None);
        Ok(open)"#,
        instead: r#"        if !crate::off("an invite is used up") {
            self.changes.invites.insert(id, None);
        }
        Ok(open)"#,
        run: "invites:2",
        promise: "3: an invite is used once, and not after its author lost the right to",
    },
    Rule {
        rule: "an invite's id is free",
        file: "team/people.rs",
        find: "if known || !op.link",
        instead: r#"if known && !crate::off("an invite's id is free") || !op.link"#,
        run: "invites:1",
        promise: "3: an invite is used once, and not after its author lost the right to",
    },
    Rule {
        rule: "an invite's member is new",
        file: "team/people.rs",
        find: r#"self.member(id).is_none()
"#,
        instead: r#"(crate::off("an invite's member is new") || self.member(id).is_none())
"#,
        run: "invites:2",
        promise: "3: nobody's keys are replaced without an authorised signature",
    },
    Rule {
        rule: "removed ids are not new",
        file: "team/people.rs",
        find: "&& !former.any(|keys| keys.member == id)",
        instead: r#"&& (crate::off("removed ids are not new") || !former.any(|keys| keys.member == id))"#,
        run: "all:1",
        promise: "4: a removed id does not come back",
    },
    Rule {
        rule: "one open invite for an id",
        file: "team/people.rs",
        find: "&& !self.open_invites().any(|open| open.invite.member == id)",
        instead: r#"&& (crate::off("one open invite for an id") || !self.open_invites().any(|open| open.invite.member == id))"#,
        run: "invites:3",
        promise: "3: nobody's keys are replaced without an authorised signature",
    },
    Rule {
        rule: "a member as its invite says",
        file: "team/people.rs",
        find: "if invite.member != op.member {",
        instead: r#"if !crate::off("a member as its invite says") && invite.member != op.member {"#,
        run: "invites:1",
        promise: "3: nobody enters without an authorised signature",
    },
    Rule {
        rule: "other keys are no seat",
        file: "team/people.rs",
        find: "                    Access::Replace => return Err(Reject::Invite),",
        instead: r#"                    Access::Replace if crate::off("other keys are no seat") => (Role::Member, Grants::default()),
                    Access::Replace => return Err(Reject::Invite),"#,
        run: "all:2",
        promise: "3: nobody enters without an authorised signature",
    },
    Rule {
        rule: "a seat is no other keys",
        file: "team/people.rs",
        find: "if invite.access != Access::Replace || invite.member != id {",
        instead: r#"if !crate::off("a seat is no other keys") && (invite.access != Access::Replace || invite.member != id) {"#,
        run: "all:2",
        promise: "3: nobody's keys are replaced without an authorised signature",
    },
    Rule {
        rule: "a machine's id is new",
        file: "team/people.rs",
        find: r#"                if !self.is_new(op.member) {
                    return Err(Reject::Member);
                }
                if service"#,
        instead: r#"                if !crate::off("a machine's id is new") && !self.is_new(op.member) {
                    return Err(Reject::Member);
                }
                if service"#,
        run: "roles:1",
        promise: "4: a removed id does not come back",
    },
    Rule {
        rule: "keys given before in the entry",
        file: "team/people.rs",
        find: "chain(added).map(|member|",
        instead: r#"chain(added.filter(|_| !crate::off("keys given before in the entry"))).map(|member|"#,
        run: "invites:2",
        promise: "4: used keys do not come back",
    },
    Rule {
        rule: "proofs of the keys",
        file: "team/people.rs",
        find: "if !keyset.signing.verifies(&claim.to_sign(), proof) {",
        instead: r#"if !crate::off("proofs of the keys") && !keyset.signing.verifies(&claim.to_sign(), proof) {"#,
        run: "invites:1",
        promise: "3: nobody enters without an authorised signature",
    },
    Rule {
        rule: "proofs of the link",
        file: "team/people.rs",
        find: "Some((open, link)) if !open",
        instead: r#"Some((open, link)) if !crate::off("proofs of the link") && !open"#,
        run: "invites:1",
        promise: "3: nobody enters without an authorised signature",
    },
    Rule {
        rule: "roles by who manages",
        file: "team/people.rs",
        find: "            Some(VaultRole::Manager) => Ok(()),",
        instead: r#"            Some(VaultRole::Manager) => Ok(()),
            _ if crate::off("roles by who manages") => Ok(()),"#,
        run: "roles:1",
        promise: "3: no role is above what its granter could give",
    },
    Rule {
        rule: "the directory is not granted",
        file: "team/people.rs",
        find: "Some(_) if vault == self.before.directory =>",
        instead: r#"Some(_) if !crate::off("the directory is not granted") && vault == self.before.directory =>"#,
        run: "roles:1",
        promise: "3: no role is above what its granter could give",
    },
    Rule {
        rule: "managers are made by owners",
        file: "team/people.rs",
        find: "if managing && !self.author_is_owner() {",
        instead: r#"if !crate::off("managers are made by owners") && managing && !self.author_is_owner() {"#,
        run: "roles:1",
        promise: "3: managers and owners are made and unmade by owners",
    },
    Rule {
        rule: "managers are unmade by owners",
        file: "team/people.rs",
        find: "|| managing && !self",
        instead: r#"|| !crate::off("managers are unmade by owners") && managing && !self"#,
        run: "roles:2",
        promise: "3: managers and owners are made and unmade by owners",
    },
    Rule {
        rule: "void where its author manages no more",
        file: "team/people.rs",
        find: "if role < VaultRole::Manager {",
        instead: r#"if !crate::off("void where its author manages no more") && role < VaultRole::Manager {"#,
        run: "invites:1",
        promise: "3: an invite is used once, and not after its author lost the right to",
    },
    Rule {
        rule: "void where its author lost the vault",
        file: "team/people.rs",
        find: r#"        self.lost.push(vault);
        self.void_invites(member, Some(vault));"#,
        instead: r#"        self.lost.push(vault);
        if !crate::off("void where its author lost the vault") {
            self.void_invites(member, Some(vault));
        }"#,
        run: "invites:1",
        promise: "3: an invite is used once, and not after its author lost the right to",
    },
    Rule {
        rule: "void where its author is removed",
        file: "team/people.rs",
        find: r#"        self.changes.former.push(former);
        self.void_invites(id, None);"#,
        instead: r#"        self.changes.former.push(former);
        if !crate::off("void where its author is removed") {
            self.void_invites(id, None);
        }"#,
        run: "invites:1",
        promise: "3: an invite is used once, and not after its author lost the right to",
    },
    Rule {
        rule: "void where keys are replaced",
        file: "team/people.rs",
        find: r#"may have made them.
            self.void_invites(id, None);"#,
        instead: r#"may have made them.
            if !crate::off("void where keys are replaced") {
                self.void_invites(id, None);
            }"#,
        run: "keys:2",
        promise: "3: an invite is used once, and not after its author lost the right to",
    },
    Rule {
        rule: "void where its member is removed",
        file: "team/people.rs",
        find: "open.by == member || open.invite.member == member",
        instead: r#"open.by == member || !crate::off("void where its member is removed") && open.invite.member == member"#,
        run: "keys:2",
        promise: "3: an invite is used once, and not after its author lost the right to",
    },
    Rule {
        rule: "nobody removes itself",
        file: "team/people.rs",
        find: "|| id == self.author() || id == self.before.root {",
        instead: r#"|| !crate::off("nobody removes itself") && id == self.author() || !crate::off("nobody removes the root") && id == self.before.root {"#,
        run: "roles:2",
        promise: "4: only owners remove, and neither themselves nor the root",
    },
    Rule {
        rule: "removed members lose their roles",
        file: "team/people.rs",
        find: "for vault in &held {",
        instead: r#"for vault in held.iter().filter(|_| !crate::off("removed members lose their roles")) {"#,
        run: "all:1",
        promise: "3: nobody receives a key without an authorised signature",
    },
    Rule {
        rule: "removed members' keys are kept",
        file: "team/people.rs",
        find: r#"        self.changes.members.insert(id, None);
        self.changes.former.push(former);"#,
        instead: r#"        self.changes.members.insert(id, None);
        if !crate::off("removed members' keys are kept") {
            self.changes.former.push(former);
        }"#,
        run: "all:1",
        promise: "4: a removed id does not come back",
    },
    Rule {
        rule: "what a removed member held is lost",
        file: "team/people.rs",
        find: r#"        self.lost.extend(held);
        self.changes.members.insert(id, None);"#,
        instead: r#"        if !crate::off("what a removed member held is lost") {
            self.lost.extend(held);
        }
        self.changes.members.insert(id, None);"#,
        run: "keys:1",
        promise: "4: what is lost has a next key in that entry",
    },
    Rule {
        rule: "owners are made by owners",
        file: "team/people.rs",
        find: r#"        if !self.author_is_owner() {
            return Err(Reject::Authority);
        }
        let mut member"#,
        instead: r#"        if !crate::off("owners are made by owners") && !self.author_is_owner() {
            return Err(Reject::Authority);
        }
        let mut member"#,
        run: "roles:1",
        promise: "3: managers and owners are made and unmade by owners",
    },
    Rule {
        rule: "machines are no owners",
        file: "team/people.rs",
        find: "|| member.kind != MemberKind::Person {",
        instead: r#"|| !crate::off("machines are no owners") && member.kind != MemberKind::Person {"#,
        run: "roles:2",
        promise: "3: managers and owners are made and unmade by owners",
    },
    Rule {
        rule: "keys are replaced by who may",
        file: "team/people.rs",
        find: "} else if !(itself ||",
        instead: r#"} else if !(crate::off("keys are replaced by who may") || itself ||"#,
        run: "keys:1",
        promise: "3: nobody's keys are replaced without an authorised signature",
    },
    Rule {
        rule: "the root loses its keys",
        file: "team/people.rs",
        find: "let itself = author == id && id != root &&",
        instead: r#"let itself = author == id && (crate::off("the root loses its keys") || id != root) &&"#,
        run: "keys:1",
        promise: "4: what is lost has a next key in that entry",
    },
    Rule {
        rule: "replaced keys lose what they held",
        file: "team/people.rs",
        find: "        if itself {",
        instead: r#"        if itself || crate::off("replaced keys lose what they held") {"#,
        run: "keys:1",
        promise: "4: what is lost has a next key in that entry",
    },
    Rule {
        rule: "replaced keys are kept",
        file: "team/people.rs",
        find: r#"        self.changes.former.push(former);
        Ok(())"#,
        instead: r#"        if !crate::off("replaced keys are kept") {
            self.changes.former.push(former);
        }
        Ok(())"#,
        run: "keys:2",
        promise: "4: used keys do not come back",
    },
    Rule {
        rule: "the root is not the last owner",
        file: "team/people.rs",
        find: "self.owners().any(|id| *id != self.before.root)",
        instead: r#"self.owners().any(|id| crate::off("the root is not the last owner") || *id != self.before.root)"#,
        run: "all:1",
        promise: "4: an owner and the root stay",
    },
    Rule {
        rule: "one change for a member: to a member",
        file: "team/people.rs",
        find: "if settled || self.changes.members.contains_key(&id) {",
        instead: r#"if !crate::off("one change for a member: to a member") && (settled || self.changes.members.contains_key(&id)) {"#,
        run: "roles:2",
        promise: "3: nobody receives a key without an authorised signature",
    },
    Rule {
        rule: "what is lost has a next key",
        file: "team/step.rs",
        find: "if !self.lost.iter().all(|vault| rekeyed(*vault)) {",
        instead: r#"if !crate::off("what is lost has a next key") && !crate::off("only owners remove, with next keys") && !self.lost.iter().all(|vault| rekeyed(*vault)) {"#,
        run: "all:1",
        promise: "4: what is lost has a next key in that entry",
    },
    Rule {
        rule: "a next key is due",
        file: "team/step.rs",
        find: "self.change(vault, |vault| vault.rekey_due = true);",
        instead: r#"self.change(vault, |vault| vault.rekey_due = !crate::off("a next key is due"));"#,
        run: "keys:1",
        promise: "4: nobody but holders derives the current key",
    },
    Rule {
        rule: "there is an owner",
        file: "team/step.rs",
        find: "&& !self.has_owner() {",
        instead: r#"&& !crate::off("there is an owner") && !self.has_owner() {"#,
        run: "all:1",
        promise: "4: an owner and the root stay",
    },
    Rule {
        rule: "a vault is made once",
        file: "team/step.rs",
        find: "if self.vault(op.vault).is_some() {",
        instead: r#"if !crate::off("a vault is made once") && self.vault(op.vault).is_some() {"#,
        run: "roles:2",
        promise: "4: what is lost has a next key in that entry",
    },
    Rule {
        rule: "vaults are made by who manages the parent",
        file: "team/step.rs",
        find: "(Some(Role::Member), Some(parent)) if manages(parent) =>",
        instead: r#"(Some(Role::Member), Some(parent)) if crate::off("vaults are made by who manages the parent") || manages(parent) =>"#,
        run: "roles:1",
        promise: "2: nobody makes a vault without the right to",
    },
    Rule {
        rule: "vaults without a parent by owners",
        file: "team/step.rs",
        find: r#"            _ => return Err(Reject::Authority),
        }
        let mut grants"#,
        instead: r#"            _ if crate::off("vaults without a parent by owners") => {}
            _ => return Err(Reject::Authority),
        }
        let mut grants"#,
        run: "roles:1",
        promise: "2: nobody makes a vault without the right to",
    },
    Rule {
        rule: "commits by writers",
        file: "team/step.rs",
        find: "if !made_here && role < Some(VaultRole::Writer) {",
        instead: r#"if !crate::off("commits by writers") && !made_here && role < Some(VaultRole::Writer) {"#,
        run: "all:3",
        promise: "2: nobody writes, rekeys or retires without the right to",
    },
    Rule {
        rule: "keys are given by managers",
        file: "team/step.rs",
        find: "if self.before.role_in(id, self.author()) < Some(VaultRole::Manager) {",
        instead: r#"if !crate::off("keys are given by managers") && self.before.role_in(id, self.author()) < Some(VaultRole::Manager) {"#,
        run: "all:1",
        promise: "2: nobody writes, rekeys or retires without the right to",
    },
    Rule {
        rule: "nothing live needs what is retired",
        file: "team/step.rs",
        find: "if vault.oldest_live <= op.version {",
        instead: r#"if !crate::off("nothing live needs what is retired") && vault.oldest_live <= op.version {"#,
        run: "keys:2",
        promise: "2: nobody writes, rekeys or retires without the right to",
    },
    Rule {
        rule: "the minimum client by owners",
        file: "team/step.rs",
        find: r#"        if !self.author_is_owner() {
            return Err(Reject::Authority);
        }
        if version"#,
        instead: r#"        if !crate::off("the minimum client by owners") && !self.author_is_owner() {
            return Err(Reject::Authority);
        }
        if version"#,
        run: "roles:1",
        promise: "5: the minimum client only rises, by owners",
    },
    Rule {
        rule: "the minimum client rises",
        file: "team/step.rs",
        find: "if version <= self",
        instead: r#"if !crate::off("the minimum client rises") && version <= self"#,
        run: "roles:2",
        promise: "5: the minimum client only rises, by owners",
    },
    Rule {
        rule: "nobody's signing key",
        file: "team/people.rs",
        find: "current.any(|it| it.signing == keyset.signing || it.kem == keyset.kem)",
        instead: r#"current.any(|it| !crate::off("nobody's signing key") && it.signing == keyset.signing || !crate::off("nobody's key to wrap to") && it.kem == keyset.kem)"#,
        run: "invites:1",
        promise: "4: used keys do not come back",
    },
    Rule {
        rule: "nobody's former signing key",
        file: "team/people.rs",
        find: "former.any(|it| it.signing == keyset.signing || it.kem == kem)",
        instead: r#"former.any(|it| !crate::off("nobody's former signing key") && it.signing == keyset.signing || !crate::off("nobody's former key to wrap to") && it.kem == kem)"#,
        run: "invites:1",
        promise: "4: used keys do not come back",
    },
];

/// Rules that stand in the same place as one of those above, or take out more than one.
pub const BESIDE: [(&str, &str, &str); 5] = [
    ("it follows the head", "forks:3", "5: a pin only moves along an extension of it"),
    ("nobody's key to wrap to", "invites:1", "4: used keys do not come back"),
    ("nobody's former key to wrap to", "invites:1", "4: used keys do not come back"),
    (
        "nobody removes the root",
        "keys:1",
        "4: only owners remove, and neither themselves nor the root",
    ),
    (
        "only owners remove, with next keys",
        "keys:1",
        "4: only owners remove, and neither themselves nor the root",
    ),
];

/// Rules that others imply, for these promises: without one of them alone nothing breaks.
pub const IMPLIED: &[Rule] = &[
    // Who manages a vault is an owner, who has no role to revoke, or a manager, whom owners unmake.
    Rule {
        rule: "nobody revokes itself",
        file: "team/people.rs",
        find: "if member == self.author()",
        instead: r#"if !crate::off("nobody revokes itself") && member == self.author()"#,
        run: "roles:2",
        promise: "",
    },
    // Everybody reads the directory, and owners alone give it the next key that a removal takes.
    Rule {
        rule: "only owners remove",
        file: "team/people.rs",
        find: "if !self.author_is_owner() ||",
        instead: r#"if !(crate::off("only owners remove") || crate::off("only owners remove, with next keys") || self.author_is_owner()) ||"#,
        run: "keys:2",
        promise: "",
    },
    // An invite whose author may not give it any more is void.
    Rule {
        rule: "who lets in may still give",
        file: "team/mod.rs",
        find: "invite.by == id) && self.may_grant(id, &invite.invite.access)",
        instead: r#"invite.by == id) && (crate::off("who lets in may still give") || self.may_grant(id, &invite.invite.access))"#,
        run: "invites:3",
        promise: "",
    },
    // The hash of the entry before is of this team's alone.
    Rule {
        rule: "of this team",
        file: "team/mod.rs",
        find: "if entry.team != Some(self.id) {",
        instead: r#"if !crate::off("of this team") && entry.team != Some(self.id) {"#,
        run: "all:1",
        promise: "",
    },
    // Two roles in one vault by one entry are what two entries could give.
    Rule {
        rule: "one change for a member: in a vault",
        file: "team/people.rs",
        find: "if self.changes.members.contains_key(&id) || self.settled",
        instead: r#"if !crate::off("one change for a member: in a vault") && self.changes.members.contains_key(&id) || !crate::off("one change for a member: in a vault") && self.settled"#,
        run: "roles:2",
        promise: "",
    },
];
