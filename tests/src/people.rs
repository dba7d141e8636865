//! What people do with each other: invite, join, let in, and take away.

use subrosa_bridge::people::{
    Access, Grant, GrantableVault, Invite, Member, People, Role, RoleChange, Waiting,
};
use subrosa_bridge::view::{Kit, Overview};
use subrosa_bridge::{Problem, Reply, Request};
use subrosa_client::Wish;
use subrosa_wire::id::MemberId;

use crate::{PASSWORD, Person, hidden, overview, retyped, text};

/// A member shall go, with all machines of theirs.
#[must_use]
pub fn leave(member: MemberId) -> Wish {
    Wish::Remove { members: vec![member], staying: vec![] }
}

impl Person {
    /// Who belongs to the team.
    pub async fn people(&self) -> People {
        people(self.ask(Request::People).await).expect("the people")
    }

    /// A member, by name.
    pub async fn member(&self, name: &str) -> Member {
        let people = self.people().await;
        people.members.into_iter().find(|it| it.name == name).expect("a member of that name")
    }

    /// An open invite, by name.
    pub async fn open_invite(&self, name: &str) -> Invite {
        let people = self.people().await;
        people.invites.into_iter().find(|it| it.name == name).expect("an invite of that name")
    }

    /// A vault, by the name of its scope: whoever cannot open a project sees the rest of it.
    pub async fn vault(&self, name: &str) -> String {
        let people = self.people().await;
        let last = |it: &str| name.ends_with(&format!(" / {it}"));
        let is_it = |it: &GrantableVault| it.name == name || last(&it.name);
        people.vaults.into_iter().find(is_it).expect("a vault of that name").vault
    }

    /// Roles in vaults, by their names.
    pub async fn access(&self, roles: &[(&str, Role)]) -> Access {
        let mut grants = Vec::new();
        for (name, role) in roles {
            grants.push(Grant { vault: self.vault(name).await, role: *role });
        }
        Access::Member(grants)
    }

    /// Invites somebody; yields the link.
    ///
    /// # Errors
    /// The keyholder's problem.
    pub async fn invite(&self, name: &str, access: Access) -> Result<String, Problem> {
        self.ask(Request::Invite { name: name.into(), access, days: 7 }).await.map(text)
    }

    /// Follows a link and makes an account to join with.
    ///
    /// # Errors
    /// The keyholder's problem.
    pub async fn follow(&self, link: &str) -> Result<Kit, Problem> {
        self.ask(Request::OpenInvite { link: hidden(link) }).await?;
        match self.ask(Request::BeginJoin { password: hidden(PASSWORD) }).await? {
            Reply::Kit(kit) => Ok(*kit),
            other => panic!("a kit: {other:?}"),
        }
    }

    /// Follows a link, with a new account, to the door.
    ///
    /// # Errors
    /// The keyholder's problem.
    pub async fn join(&self, link: &str) -> Result<Waiting, Problem> {
        let kit = self.follow(link).await?;
        self.ask(retyped(&kit)).await.map(waiting)
    }

    /// Lets in whoever waits by the invite for `name`, alone, with these words.
    ///
    /// # Errors
    /// The keyholder's problem.
    pub async fn admit(&self, name: &str, fingerprint: &str) -> Result<People, Problem> {
        let invite = self.open_invite(name).await.id;
        let admit = Request::Admit { invite, fingerprint: fingerprint.into() };
        people(self.ask(admit).await)
    }

    /// Looks whether one was let in, and is.
    ///
    /// # Errors
    /// The keyholder's problem.
    pub async fn knock(&self) -> Result<Overview, Problem> {
        self.ask(Request::Knock).await.map(overview)
    }

    /// Invites somebody, who joins on `device` and is let in.
    pub async fn lets_in(&self, device: &Person, name: &str, access: Access) -> Overview {
        let link = self.invite(name, access).await.expect("a link");
        let waiting = device.join(&link).await.expect("the link is good");
        self.admit(name, &waiting.fingerprint).await.expect("somebody waits");
        device.knock().await.expect("the door is open")
    }

    /// Gives a member a role in a vault, or takes the vault away.
    ///
    /// # Errors
    /// The keyholder's problem.
    pub async fn set_role(
        &self,
        member: &str,
        vault: &str,
        to: Option<Role>,
    ) -> Result<People, Problem> {
        let (member, vault) = (self.member(member).await, self.vault(vault).await);
        let from = member.grants.iter().find(|grant| grant.vault == vault).map(|grant| grant.role);
        let changes = vec![RoleChange { member: member.id, vault, from, to }];
        people(self.ask(Request::SetRoles { changes }).await)
    }

    /// Takes a member out of the team.
    ///
    /// # Errors
    /// The keyholder's problem.
    pub async fn remove(&self, name: &str) -> Result<People, Problem> {
        let member = self.member(name).await;
        let (members, staying) = (vec![member.id], member.machines);
        people(self.ask(Request::RemoveMembers { members, staying }).await)
    }
}

/// What somebody sees at the door.
#[must_use]
pub fn waiting(reply: Reply) -> Waiting {
    match reply {
        Reply::Waiting(waiting) => waiting,
        other => panic!("at the door: {other:?}"),
    }
}

fn people(reply: Result<Reply, Problem>) -> Result<People, Problem> {
    match reply? {
        Reply::People(people) => Ok(people),
        other => panic!("the people: {other:?}"),
    }
}
