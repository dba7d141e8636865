//! Every address of the console: [`Page::path`] alone writes one, [`Page::read`] alone reads one.

use std::fmt::Write as _;

use subrosa_bridge::view::Scope;

/// A screen.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Page {
    /// First run: found a team with the setup link.
    Setup,
    /// The password, on a device that has the Secret Key.
    Unlock,
    /// Emergency kit and password, on a device that has none.
    Recover,
    /// The root key, where nothing else is left.
    RecoverTeam,
    /// An invite's link, and the door where one waits to be let in.
    Join,
    /// All projects, and what needs attention.
    Projects,
    /// A project's keys against its environments.
    Matrix(String),
    /// Two of a project's scopes side by side.
    Compare(String),
    /// A scope's secrets.
    Scope(Place),
    /// Bring a dotenv file into a scope.
    Import(Place),
    /// Search every project.
    Search(String),
    /// Named keys.
    Keys,
    /// Who belongs to the team.
    People,
    /// The team's machines.
    Machines,
    /// Keys of vaults, and their rotation.
    Rotation,
    /// The root key.
    RootKey,
    /// Who did what, from the team's log.
    History,
    /// This browser and this device.
    Settings,
    /// One's own account.
    Account,
    /// What leavers could read.
    Worklist,
    /// The component gallery.
    Gallery,
    /// What raised an alarm, also while the console is locked.
    Alarm,
}

/// A scope with the ids of those above it.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Place {
    /// The project's id.
    pub project: String,
    /// The environment's, for one and for an application.
    pub environment: Option<String>,
    /// The application's.
    pub application: Option<String>,
}

impl Place {
    /// A project's own scope.
    pub fn project(id: impl Into<String>) -> Self {
        Place { project: id.into(), environment: None, application: None }
    }

    /// An environment of the project.
    pub fn environment(&self, id: impl Into<String>) -> Self {
        Place { project: self.project.clone(), environment: Some(id.into()), application: None }
    }

    /// An application of the environment.
    pub fn application(&self, id: impl Into<String>) -> Self {
        Place { application: Some(id.into()), ..self.clone() }
    }

    /// The scope as the keyholder knows it.
    pub fn scope(&self) -> Scope {
        match (&self.environment, &self.application) {
            (Some(_), Some(application)) => Scope::Application(application.clone()),
            (Some(environment), None) => Scope::Environment(environment.clone()),
            (None, _) => Scope::Project(self.project.clone()),
        }
    }

    /// The address of this scope, with its filter set to `text`.
    pub fn path_filtered(&self, text: &str) -> String {
        asking(Page::Scope(self.clone()).path(), &[("q", text)])
    }
}

/// The address of a project's matrix with what is chosen there; what is empty is left out.
pub fn matrix_path(project: &str, chosen: &[(&str, &str)]) -> String {
    asking(Page::Matrix(project.to_owned()).path(), chosen)
}

/// The address of a project's comparison, from the scope with this id, for one key.
pub fn promote_path(project: &str, from: &str, key: &str) -> String {
    asking(Page::Compare(project.to_owned()).path(), &[("l", from), ("key", key)])
}

/// The address of the history with what is asked of it; what is empty is left out.
pub fn history_path(asked: &[(&str, &str)]) -> String {
    asking(Page::History.path(), asked)
}

/// Adds what is asked of the page at a path, in the fragment.
fn asking(mut path: String, chosen: &[(&str, &str)]) -> String {
    let mut mark = '#';
    for (name, text) in chosen.iter().filter(|(_, text)| !text.is_empty()) {
        let _ = write!(path, "{mark}{name}={}", escape(text));
        mark = '&';
    }
    path
}

impl Page {
    /// One of each, of the scopes all three kinds.
    pub fn every() -> [Page; 26] {
        let project = Place::project("project");
        let environment = project.environment("environment");
        let application = environment.application("application");
        [
            Page::Setup,
            Page::Unlock,
            Page::Recover,
            Page::RecoverTeam,
            Page::Join,
            Page::Projects,
            Page::Matrix(project.project.clone()),
            Page::Compare(project.project.clone()),
            Page::Scope(project.clone()),
            Page::Scope(environment.clone()),
            Page::Scope(application.clone()),
            Page::Import(project),
            Page::Import(environment),
            Page::Import(application),
            Page::Search(String::new()),
            Page::Keys,
            Page::People,
            Page::Machines,
            Page::Rotation,
            Page::RootKey,
            Page::History,
            Page::Settings,
            Page::Account,
            Page::Worklist,
            Page::Alarm,
            Page::Gallery,
        ]
    }

    /// The page at a path; `asked` tells what the fragment says of a name.
    pub fn read(path: &str, asked: impl Fn(&str) -> Option<String>) -> Option<Page> {
        let mut parts = path.split('/').filter(|part| !part.is_empty());
        let page = match parts.next() {
            None => Page::Projects,
            Some("setup") => Page::Setup,
            Some("unlock") => Page::Unlock,
            Some("recover") => Page::Recover,
            Some("recover-team") => Page::RecoverTeam,
            Some("join") => Page::Join,
            Some("search") => Page::Search(asked("q").unwrap_or_default()),
            Some("keys") => Page::Keys,
            Some("members") => Page::People,
            Some("machines") => Page::Machines,
            Some("rotation") => Page::Rotation,
            Some("root-key") => Page::RootKey,
            Some("audit") => Page::History,
            Some("settings") => Page::Settings,
            Some("me") => Page::Account,
            Some("worklist") => Page::Worklist,
            Some("_kit") => Page::Gallery,
            Some("alarm") => Page::Alarm,
            Some("p") => {
                let project = parts.next()?.to_owned();
                let place = Place::project(&project);
                match parts.next() {
                    None => Page::Matrix(project),
                    Some("compare") => Page::Compare(project),
                    Some("shared") => Page::Scope(place),
                    Some("import") => Page::Import(Place {
                        environment: asked("e"),
                        application: asked("a"),
                        ..place
                    }),
                    Some("e") => {
                        let environment = place.environment(parts.next()?);
                        Page::Scope(match parts.next() {
                            None => environment,
                            Some("a") => environment.application(parts.next()?),
                            Some(_) => return None,
                        })
                    }
                    Some(_) => return None,
                }
            }
            Some(_) => return None,
        };
        parts.next().is_none().then_some(page)
    }

    /// Whether it is a page of the open console, with the sidebar beside it.
    pub fn is_inside(&self) -> bool {
        !matches!(
            self,
            Page::Setup
                | Page::Unlock
                | Page::Recover
                | Page::RecoverTeam
                | Page::Join
                | Page::Gallery
                | Page::Alarm
        )
    }

    /// The scope that it is about.
    pub fn place(self) -> Option<Place> {
        match self {
            Page::Matrix(project) | Page::Compare(project) => Some(Place::project(project)),
            Page::Scope(place) | Page::Import(place) => Some(place),
            _ => None,
        }
    }

    /// The address.
    pub fn path(&self) -> String {
        match self {
            Page::Setup => "/setup".into(),
            Page::Unlock => "/unlock".into(),
            Page::Recover => "/recover".into(),
            Page::RecoverTeam => "/recover-team".into(),
            Page::Join => "/join".into(),
            Page::Projects => "/".into(),
            Page::Matrix(project) => format!("/p/{}", escape(project)),
            Page::Compare(project) => format!("/p/{}/compare", escape(project)),
            Page::Scope(place) => scope_path(place),
            Page::Import(place) => import_path(place),
            Page::Search(text) => asking("/search".into(), &[("q", text)]),
            Page::Keys => "/keys".into(),
            Page::People => "/members".into(),
            Page::Machines => "/machines".into(),
            Page::Rotation => "/rotation".into(),
            Page::RootKey => "/root-key".into(),
            Page::History => "/audit".into(),
            Page::Settings => "/settings".into(),
            Page::Account => "/me".into(),
            Page::Worklist => "/worklist".into(),
            Page::Gallery => "/_kit".into(),
            Page::Alarm => "/alarm".into(),
        }
    }
}

fn scope_path(place: &Place) -> String {
    let mut path = format!("/p/{}", escape(&place.project));
    let Some(environment) = &place.environment else { return path + "/shared" };
    let _ = write!(path, "/e/{}", escape(environment));
    if let Some(application) = &place.application {
        let _ = write!(path, "/a/{}", escape(application));
    }
    path
}

fn import_path(place: &Place) -> String {
    let environment = place.environment.as_deref().unwrap_or_default();
    let application = place.application.as_deref().unwrap_or_default();
    let path = format!("/p/{}/import", escape(&place.project));
    asking(path, &[("e", environment), ("a", application)])
}

/// Percent-encodes all but RFC 3986's unreserved characters.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            escaped.push(char::from(byte));
        } else {
            let _ = write!(escaped, "%{byte:02X}");
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_scope_has_its_address() {
        let project = Place::project("p1");
        let environment = project.environment("e1");
        let application = environment.application("a1");
        assert_eq!(Page::Matrix("p1".into()).path(), "/p/p1");
        assert_eq!(Page::Scope(project.clone()).path(), "/p/p1/shared");
        assert_eq!(Page::Scope(environment.clone()).path(), "/p/p1/e/e1");
        assert_eq!(Page::Scope(application.clone()).path(), "/p/p1/e/e1/a/a1");
        assert_eq!(Page::Import(project).path(), "/p/p1/import");
        assert_eq!(Page::Import(environment).path(), "/p/p1/import#e=e1");
        assert_eq!(Page::Import(application).path(), "/p/p1/import#e=e1&a=a1");
    }

    #[test]
    fn what_is_written_is_read() {
        for page in Page::every() {
            let address = page.path();
            let (path, fragment) = address.split_once('#').unwrap_or((&address, ""));
            let asked = |name: &str| {
                let pairs = fragment.split('&').filter_map(|pair| pair.split_once('='));
                pairs.into_iter().find(|(it, _)| *it == name).map(|(_, text)| text.to_owned())
            };
            assert_eq!(Page::read(path, asked), Some(page));
        }
        for nowhere in ["/q", "/p", "/p/x/y", "/p/x/e", "/p/x/e/y/b", "/p/x/e/y/a", "/setup/x"] {
            assert_eq!(Page::read(nowhere, |_| None), None, "{nowhere}");
        }
    }

    #[test]
    fn every_page_is_listed() {
        // A new page does not compile here until it has a number; then it must be listed.
        let number = |page: &Page| match page {
            Page::Setup => 0,
            Page::Unlock => 1,
            Page::Recover => 2,
            Page::RecoverTeam => 3,
            Page::Join => 4,
            Page::Projects => 5,
            Page::Matrix(_) => 6,
            Page::Compare(_) => 7,
            Page::Scope(_) => 8,
            Page::Import(_) => 9,
            Page::Search(_) => 10,
            Page::Keys => 11,
            Page::People => 12,
            Page::Machines => 13,
            Page::Rotation => 14,
            Page::RootKey => 15,
            Page::History => 16,
            Page::Settings => 17,
            Page::Account => 18,
            Page::Worklist => 19,
            Page::Alarm => 20,
            Page::Gallery => 21,
        };
        let mut numbers: Vec<_> = Page::every().iter().map(number).collect();
        numbers.dedup();
        assert_eq!(numbers, (0..22).collect::<Vec<_>>());
    }

    #[test]
    fn a_place_knows_its_scope() {
        let project = Place::project("p1");
        assert_eq!(project.scope(), Scope::Project("p1".into()));
        let environment = project.environment("e1");
        assert_eq!(environment.scope(), Scope::Environment("e1".into()));
        assert_eq!(environment.application("a1").scope(), Scope::Application("a1".into()));
    }

    #[test]
    fn what_is_searched_is_escaped() {
        assert_eq!(Page::Search("a b&c=ü".into()).path(), "/search#q=a%20b%26c%3D%C3%BC");
        assert_eq!(Page::Search(String::new()).path(), "/search");
        assert_eq!(Place::project("p").path_filtered("DB_URL"), "/p/p/shared#q=DB_URL");
        let chosen = [("q", "a b"), ("only", ""), ("env", "e1")];
        assert_eq!(matrix_path("p", &chosen), "/p/p#q=a%20b&env=e1");
        assert_eq!(matrix_path("p", &[]), "/p/p");
        assert_eq!(promote_path("p", "e1", "KEY"), "/p/p/compare#l=e1&key=KEY");
    }
}
