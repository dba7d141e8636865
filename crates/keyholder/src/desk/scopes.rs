//! Projects, environments and applications.

use subrosa_bridge::{Kind, Reply};
use subrosa_client::{Change, Part, Platform, TeamClient};
use subrosa_core::contents::Scope;
use subrosa_core::manifest::{Application, Subject};
use subrosa_core::vault::Edit;
use subrosa_wire::id::{ApplicationId, EnvironmentId, ProjectId, VaultId};

use crate::problem::{self, Problem};

use super::{Answer, Desk, check_name};

impl<P: Platform + Clone + 'static> Desk<P> {
    pub(super) async fn create_project(&self, name: String) -> Answer {
        check_name(&name)?;
        let client = self.client()?;
        if client.contents().projects().any(|project| project.name == name) {
            return Err(taken(&name));
        }
        let id = ProjectId::from_random(self.random());
        let vault = VaultId::from_random(self.random());
        let subject = Subject::Project { id, name };
        self.create_vault(&client, vault, None, subject).await?;
        Ok(Reply::Created(id.to_string()))
    }

    pub(super) async fn create_environment(&self, project: &str, name: String) -> Answer {
        check_name(&name)?;
        let client = self.client()?;
        let project: ProjectId = project.parse().map_err(|_| problem::not_found())?;
        let parent = {
            let contents = client.contents();
            let taken_name =
                |e: subrosa_core::contents::Environment<'_>| e.project == project && e.name == name;
            if contents.environments().any(taken_name) {
                return Err(taken(&name));
            }
            let found = contents.projects().find(|p| p.id == project).map(|p| p.vault.id());
            found.ok_or_else(problem::not_found)?
        };
        let id = EnvironmentId::from_random(self.random());
        let vault = VaultId::from_random(self.random());
        let subject = Subject::Environment { id, name, project, applications: Vec::new() };
        self.create_vault(&client, vault, Some(parent), subject).await?;
        Ok(Reply::Created(id.to_string()))
    }

    pub(super) async fn create_vault(
        &self,
        client: &TeamClient<P>,
        vault: VaultId,
        parent: Option<VaultId>,
        subject: Subject,
    ) -> Result<(), Problem> {
        let part = Part::CreateVault { vault, parent, subject };
        let change = Change { note: String::new(), parts: vec![part] };
        client.change(&change).await.map_err(problem::of)?;
        self.changed(client);
        Ok(())
    }

    pub(super) async fn create_application(&self, environment: &str, name: String) -> Answer {
        check_name(&name)?;
        let client = self.client()?;
        let environment: EnvironmentId = environment.parse().map_err(|_| problem::not_found())?;
        let vault = {
            let contents = client.contents();
            let (vault, _) =
                contents.locate(Scope::Environment(environment)).ok_or_else(problem::not_found)?;
            if let Subject::Environment { applications, .. } = vault.subject()
                && applications.iter().any(|application| application.name == name)
            {
                return Err(taken(&name));
            }
            vault.id()
        };
        let id = ApplicationId::from_random(self.random());
        let edit = Edit::AddApplication(Application { id, name });
        client.change(&Change::edits(vault, vec![edit])).await.map_err(problem::of)?;
        self.changed(&client);
        Ok(Reply::Created(id.to_string()))
    }
}

pub(super) fn taken(name: &str) -> Problem {
    Problem::new(Kind::BadName, format!("{name} exists already."), "Choose another name.")
}
