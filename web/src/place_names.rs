//! Finds projects and scopes in the team's overview.

use subrosa_bridge::people::Role;
use subrosa_bridge::view::{Application, Environment, Overview, Project, Scope};

use crate::page::Place;
use crate::text::{find, lower_case};

/// The project.
pub fn project<'a>(overview: &'a Overview, id: &str) -> Option<&'a Project> {
    overview.projects.iter().find(|project| project.id == id)
}

/// The environment.
pub fn environment<'a>(project: &'a Project, id: &str) -> Option<&'a Environment> {
    project.environments.iter().find(|environment| environment.id == id)
}

/// The application.
pub fn application<'a>(environment: &'a Environment, id: &str) -> Option<&'a Application> {
    environment.applications.iter().find(|application| application.id == id)
}

/// The names of a place from above, such as `billing`, `production`, `api`; `None` if a part of it
/// is not there.
pub fn names(overview: &Overview, place: &Place) -> Option<Vec<String>> {
    let project = project(overview, &place.project)?;
    let mut names = vec![project.name.clone()];
    if let Some(id) = &place.environment {
        let environment = environment(project, id)?;
        names.push(environment.name.clone());
        if let Some(id) = &place.application {
            names.push(application(environment, id)?.name.clone());
        }
    }
    Some(names)
}

/// Every scope of the team, from above.
pub fn all(overview: &Overview) -> Vec<Place> {
    overview.projects.iter().flat_map(of_project).collect()
}

/// Every scope of a project, from above.
pub fn of_project(project: &Project) -> Vec<Place> {
    let top = Place::project(&project.id);
    let mut places = vec![top.clone()];
    for environment in &project.environments {
        let place = top.environment(&environment.id);
        places.push(place.clone());
        places.extend(environment.applications.iter().map(|a| place.application(&a.id)));
    }
    places
}

/// Where a scope is.
pub fn locate(overview: &Overview, scope: &Scope) -> Option<Place> {
    all(overview).into_iter().find(|place| place.scope() == *scope)
}

/// Whether a change at this scope is one of production, which is what an environment is with `prod`
/// in its name: there, or of a shared secret that is there already. One that `adds` a shared secret
/// takes nothing from production.
pub fn is_production(overview: &Overview, scope: &Scope, adds: bool) -> bool {
    let Some(place) = locate(overview, scope) else { return false };
    let environments = project(overview, &place.project).map(|it| it.environments.as_slice());
    let mut named = environments
        .unwrap_or_default()
        .iter()
        .filter(|it| find(&lower_case(&it.name), "prod").is_some());
    named.any(|it| place.environment.as_ref().map_or(!adds, |id| *id == it.id))
}

/// One's role where a scope's secrets are; none where one may not look.
pub fn role(overview: &Overview, scope: &Scope) -> Option<Role> {
    let place = locate(overview, scope)?;
    let project = project(overview, &place.project)?;
    match &place.environment {
        Some(id) => environment(project, id).map(|it| it.role),
        None => project.role,
    }
}

/// How many secrets a project holds in all its scopes.
pub fn secrets(project: &Project) -> usize {
    let applications = |environment: &Environment| -> usize {
        environment.applications.iter().map(|application| application.secrets).sum()
    };
    let environments: usize = project
        .environments
        .iter()
        .map(|environment| environment.secrets + applications(environment))
        .sum();
    project.secrets + environments
}

#[cfg(test)]
mod tests {
    use super::*;

    fn overview() -> Overview {
        let api = Application { id: "a1".into(), name: "api".into(), secrets: 3 };
        let production = Environment {
            id: "e1".into(),
            name: "production".into(),
            role: Role::Writer,
            secrets: 2,
            applications: vec![api],
        };
        let billing = Project {
            id: "p1".into(),
            name: "billing".into(),
            role: Some(Role::Manager),
            secrets: 1,
            environments: vec![production],
        };
        Overview {
            team_name: "Rose".into(),
            team: "00".into(),
            checkpoint: "1:00".into(),
            checkpoint_words: String::new(),
            me: "Ada".into(),
            owner: true,
            projects: vec![billing],
            synced_at: 0,
            damage: vec![],
            unfinished: Vec::new(),
            due: Vec::new(),
            waiting: Vec::new(),
            keyless: 0,
            worklist: 0,
        }
    }

    #[test]
    fn a_scope_is_found_with_its_names() {
        let overview = overview();
        let place = locate(&overview, &Scope::Application("a1".into())).unwrap();
        assert_eq!(place, Place::project("p1").environment("e1").application("a1"));
        assert_eq!(names(&overview, &place).unwrap(), ["billing", "production", "api"]);
    }

    #[test]
    fn what_is_gone_has_no_names() {
        let overview = overview();
        assert_eq!(names(&overview, &Place::project("p1").environment("gone")), None);
        assert_eq!(locate(&overview, &Scope::Project("gone".into())), None);
    }

    #[test]
    fn what_changes_production_is_known() {
        let mut overview = overview();
        let staging = Environment {
            id: "e2".into(),
            name: "staging".into(),
            role: Role::Reader,
            secrets: 0,
            applications: vec![],
        };
        overview.projects[0].environments.push(staging);
        for (scope, changes, adds) in [
            (Scope::Project("p1".into()), true, false),
            (Scope::Environment("e1".into()), true, true),
            (Scope::Application("a1".into()), true, true),
            (Scope::Environment("e2".into()), false, false),
            (Scope::Environment("gone".into()), false, false),
        ] {
            assert_eq!(is_production(&overview, &scope, false), changes, "{scope:?}");
            assert_eq!(is_production(&overview, &scope, true), adds, "{scope:?}");
        }
        overview.projects[0].environments.remove(0);
        assert!(!is_production(&overview, &Scope::Project("p1".into()), false));
    }

    #[test]
    fn secrets_are_summed() {
        assert_eq!(secrets(&overview().projects[0]), 6);
    }
}
