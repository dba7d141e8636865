//! The rules of scopes by example. In all of them there is the project `shop` with the
//! environments `prod` and `staging`; `prod` has the applications `api` and `web`, `staging` has
//! `job`. Each case is played to the rules and to the naive implementation of them.

use crate::script::play;

/// An example of a rule.
pub struct Case {
    /// Its number.
    pub rule: u8,
    /// What it says.
    pub says: &'static str,
    /// What was done before; all of that is allowed.
    pub given: &'static [&'static str],
    /// What is done or read then, and what comes of it.
    pub then: &'static [(&'static str, &'static str)],
}

const CASES: &[Case] = &[
    Case {
        rule: 1,
        says: "for one key the lowest scope that has it wins",
        given: &[
            "shop A = high",
            "prod A = middle, overrides shop A",
            "api A = low, overrides shop A",
        ],
        then: &[
            ("shop reads A", "own: high"),
            ("prod reads A", "override: middle"),
            ("api reads A", "override: low"),
            ("web reads A", "inherited: middle"),
            ("staging reads A", "inherited: high"),
            ("job reads A", "inherited: high"),
        ],
    },
    Case {
        rule: 1,
        says: "a lower scope is not seen from a higher one, nor from beside it",
        given: &["api A = low"],
        then: &[
            ("api reads A", "own: low"),
            ("web reads A", "missing"),
            ("prod reads A", "missing"),
            ("shop reads A", "missing"),
        ],
    },
    Case {
        rule: 1,
        says: "what comes later at a higher scope does not win over what is lower",
        given: &["prod A = lower", "shop A = later"],
        then: &[("prod reads A", "own: lower"), ("staging reads A", "inherited: later")],
    },
    Case {
        rule: 2,
        says: "a key is letters, digits and underscores, and no digit first",
        given: &[],
        then: &[
            ("shop DATABASE_URL = x", "allowed"),
            ("shop _1 = x", "allowed"),
            ("shop 1A = x", "rule 2"),
            ("shop A-B = x", "rule 2"),
            ("shop Ä = x", "rule 2"),
        ],
    },
    Case {
        rule: 2,
        says: "upper and lower case are not the same",
        given: &["shop A = upper", "shop a = lower"],
        then: &[("prod reads A", "inherited: upper"), ("prod reads a", "inherited: lower")],
    },
    Case {
        rule: 2,
        says: "SUBROSA_ is reserved, for values, aliases and new names",
        given: &["shop A = x"],
        then: &[
            ("shop SUBROSA_X = x", "rule 2"),
            ("shop SUBROSA_TEAM_ID = x", "rule 2"),
            ("shop SUBROSA_X, alias of shop A", "rule 2"),
            ("shop A renamed to SUBROSA_X", "rule 2"),
            ("shop subrosa_X = x", "allowed"),
        ],
    },
    Case {
        rule: 3,
        says: "a key that exists at the same scope gets a new version",
        given: &["shop A = old"],
        then: &[("shop A = new", "allowed"), ("shop reads A", "own: new")],
    },
    Case {
        rule: 3,
        says: "an override gets a new version too, and stays one",
        given: &["shop A = high", "prod A = low, overrides shop A"],
        then: &[
            ("prod A = lower", "allowed"),
            ("prod reads A", "override: lower"),
            ("on shop A hangs", "prod A"),
        ],
    },
    Case {
        rule: 3,
        says: "an alias is not overwritten",
        given: &["shop A = x", "shop B, alias of shop A"],
        then: &[("shop B = y", "rule 3"), ("shop reads B", "alias: x")],
    },
    Case {
        rule: 3,
        says: "a new version of a file is a file, of an override an override, whatever its value",
        given: &[
            "shop A = x",
            "shop F = old, mounted at /f",
            "prod A = y, overrides shop A",
            "shop F = {{A}}",
            "prod A = {{F}}",
        ],
        then: &[
            ("shop renders F", "{{A}}"),
            ("prod reads A", "override: {{F}}"),
            ("prod renders A", "{{A}}"),
            ("prod A = z, mounted at /a", "allowed"),
            ("on shop A hangs", "prod A"),
        ],
    },
    Case {
        rule: 3,
        says: "a key that exists at a higher scope is overridden, not created",
        given: &["shop A = x"],
        then: &[
            ("prod A = y", "rule 3"),
            ("api A = y", "rule 3"),
            ("api A = y, overrides shop A", "allowed"),
            ("api reads A", "override: y"),
        ],
    },
    Case {
        rule: 3,
        says: "neither an alias nor a new name takes a key of the same or a higher scope",
        given: &["shop A = x", "shop B = y", "prod C = z"],
        then: &[
            ("shop B, alias of shop A", "rule 3"),
            ("prod B, alias of shop A", "rule 3"),
            ("shop A renamed to B", "rule 3"),
            ("prod C renamed to A", "rule 3"),
        ],
    },
    Case {
        rule: 3,
        says: "a deleted secret's key is free",
        given: &["shop A = x", "shop A deleted"],
        then: &[("prod A = y", "allowed"), ("prod reads A", "own: y")],
    },
    Case {
        rule: 4,
        says: "a value that is a reference and nothing else makes an alias",
        given: &["shop A = x", "shop B = {{A}}"],
        then: &[
            ("shop reads B", "alias: x"),
            ("shop B edited to y", "rule 5"),
            ("on shop A hangs", "shop B"),
        ],
    },
    Case {
        rule: 4,
        says: "what it refers to must be visible, or it is text",
        given: &["api A = x", "prod B = {{A}}", "prod C = {{A}}!"],
        then: &[("prod reads B", "own: {{A}}"), ("prod reads C", "own: {{A}}!")],
    },
    Case {
        rule: 4,
        says: "so does a new version of a value, as far as it may be one",
        given: &["shop A = x", "shop B = y", "shop C, alias of shop B", "shop D = z"],
        then: &[
            ("shop D = {{C}}", "rule 5"),
            ("shop D = {{D}}", "rule 5"),
            ("shop B = {{A}}", "rule 5"),
            ("shop D = {{A}}", "allowed"),
            ("shop reads D", "alias: x"),
        ],
    },
    Case {
        rule: 5,
        says: "an alias's target is at the same or a higher scope, on the same path",
        given: &["shop A = high", "prod B = same", "api C = low", "staging D = beside"],
        then: &[
            ("prod X, alias of shop A", "allowed"),
            ("prod Y, alias of prod B", "allowed"),
            ("prod Z, alias of api C", "rule 5"),
            ("prod Z, alias of staging D", "rule 5"),
            ("api reads X", "inherited: high"),
        ],
    },
    Case {
        rule: 5,
        says: "there is no alias of an alias",
        given: &["shop A = x", "shop B, alias of shop A"],
        then: &[("shop C, alias of shop B", "rule 5"), ("shop C = {{B}}", "rule 5")],
    },
    Case {
        rule: 5,
        says: "an alias's value can't be edited, its key can",
        given: &["shop A = x", "shop B, alias of shop A"],
        then: &[
            ("shop B edited to y", "rule 5"),
            ("shop B renamed to C", "allowed"),
            ("shop reads C", "alias: x"),
        ],
    },
    Case {
        rule: 5,
        says: "an alias keeps to its target when that gets another key",
        given: &["shop A = x", "prod B, alias of shop A", "shop A renamed to C"],
        then: &[("prod reads B", "alias: x")],
    },
    Case {
        rule: 6,
        says: "an override is strictly below its target, on the same path",
        given: &["shop A = x", "prod B = y", "staging C = z"],
        then: &[
            ("shop A = o, overrides shop A", "rule 6"),
            ("shop B = o, overrides prod B", "rule 6"),
            ("prod C = o, overrides staging C", "rule 6"),
            ("api B = o, overrides prod B", "allowed"),
        ],
    },
    Case {
        rule: 6,
        says: "an override's key can't be edited, its value can",
        given: &["shop A = x", "prod A = y, overrides shop A"],
        then: &[
            ("prod A renamed to B", "rule 6"),
            ("prod A edited to z", "allowed"),
            ("prod reads A", "override: z"),
        ],
    },
    Case {
        rule: 6,
        says: "an override's key is its target's, whatever that becomes",
        given: &[
            "shop A = x",
            "prod A = y, overrides shop A",
            "api A = z, overrides prod A",
            "shop A renamed to B",
        ],
        then: &[
            ("prod reads B", "override: y"),
            ("api reads B", "override: z"),
            ("prod reads A", "missing"),
        ],
    },
    Case {
        rule: 6,
        says: "so a new name must be free wherever it is overridden",
        given: &["shop A = x", "prod A = y, overrides shop A", "prod B = z"],
        then: &[("shop A renamed to B", "rule 3")],
    },
    Case {
        rule: 6,
        says: "and what is an alias's stays an alias's",
        given: &[
            "shop A = x",
            "shop B, alias of shop A",
            "prod B = y, overrides shop B",
            "shop A renamed to C",
        ],
        then: &[("prod reads B", "override: y"), ("shop reads B", "alias: x")],
    },
    Case {
        rule: 6,
        says: "who could not open an override's vault leaves it behind, to follow later",
        given: &[
            "shop A = x",
            "prod A = y, overrides shop A",
            "prod closed",
            "shop A renamed to B",
            "prod opened",
        ],
        then: &[
            ("prod reads A", "override: y"),
            ("prod reads B", "inherited: x"),
            ("prod A edited to z", "allowed"),
            ("prod A renamed to C", "rule 6"),
            ("prod A renamed to B", "allowed"),
            ("prod reads B", "override: z"),
        ],
    },
    Case {
        rule: 6,
        says: "an alias can be overridden, and an override overridden again",
        given: &[
            "shop A = x",
            "shop B, alias of shop A",
            "prod B = y, overrides shop B",
            "api B = z, overrides prod B",
        ],
        then: &[
            ("shop reads B", "alias: x"),
            ("web reads B", "inherited: y"),
            ("api reads B", "override: z"),
        ],
    },
    Case {
        rule: 7,
        says: "built-ins are read where there is something that they name",
        given: &[],
        then: &[
            ("shop reads SUBROSA_PROJECT_NAME", "inherited: shop"),
            ("api reads SUBROSA_PROJECT_NAME", "inherited: shop"),
            ("api reads SUBROSA_ENVIRONMENT_NAME", "inherited: prod"),
            ("api reads SUBROSA_APPLICATION_NAME", "inherited: api"),
            ("prod reads SUBROSA_APPLICATION_NAME", "missing"),
            ("shop reads SUBROSA_ENVIRONMENT_NAME", "missing"),
        ],
    },
    Case {
        rule: 7,
        says: "built-ins can't be edited, renamed or deleted",
        given: &[],
        then: &[
            ("BUILT_IN SUBROSA_TEAM_ID edited to x", "rule 7"),
            ("BUILT_IN SUBROSA_TEAM_ID renamed to X", "rule 7"),
            ("BUILT_IN SUBROSA_TEAM_ID deleted", "rule 7"),
        ],
    },
    Case {
        rule: 7,
        says: "built-ins can be aliased and overridden, where they are seen",
        given: &[
            "prod PLACE, alias of BUILT_IN SUBROSA_ENVIRONMENT_NAME",
            "api SUBROSA_ENVIRONMENT_NAME = other, overrides BUILT_IN SUBROSA_ENVIRONMENT_NAME",
        ],
        then: &[
            ("prod reads PLACE", "alias: prod"),
            ("api reads PLACE", "inherited: other"),
            ("shop X, alias of BUILT_IN SUBROSA_ENVIRONMENT_NAME", "absent"),
        ],
    },
    Case {
        rule: 8,
        says: "with a secret goes all that hangs on it, and on that",
        given: &[
            "shop A = x",
            "shop B, alias of shop A",
            "prod A = y, overrides shop A",
            "prod B = z, overrides shop B",
            "api C, alias of prod B",
            "api D = stays",
        ],
        then: &[
            ("on shop A hangs", "api C, prod A, prod B, shop B"),
            ("on prod B hangs", "api C"),
            ("shop A deleted", "allowed"),
            ("prod reads A", "missing"),
            ("shop reads B", "missing"),
            ("prod reads B", "missing"),
            ("api reads C", "missing"),
            ("api reads D", "own: stays"),
        ],
    },
    Case {
        rule: 8,
        says: "what hangs in a vault that could not be opened comes to nothing, and hides nothing",
        given: &[
            "shop A = x",
            "prod A = y, overrides shop A",
            "api B, alias of shop A",
            "prod closed",
            "shop A deleted",
            "prod opened",
        ],
        then: &[
            ("prod reads A", "override: dangling"),
            ("api reads A", "inherited: dangling"),
            ("api reads B", "alias: dangling"),
            ("api renders B", "dangling (B)"),
        ],
    },
    Case {
        rule: 9,
        says: "an alias follows what its target's key is in the scope that is read",
        given: &["shop A = high", "shop B, alias of shop A", "api A = low, overrides shop A"],
        then: &[
            ("shop reads B", "alias: high"),
            ("web reads B", "inherited: high"),
            ("api reads B", "inherited: low"),
        ],
    },
    Case {
        rule: 9,
        says: "so do references inside a longer value",
        given: &[
            "shop HOST = localhost",
            "shop URL = http://{{HOST}}/{{SUBROSA_PROJECT_NAME}}?{{HOST}}",
            "prod HOST = example.org, overrides shop HOST",
        ],
        then: &[
            ("shop renders URL", "http://localhost/shop?localhost"),
            ("api renders URL", "http://example.org/shop?example.org"),
            ("prod reads URL", "inherited: http://{{HOST}}/{{SUBROSA_PROJECT_NAME}}?{{HOST}}"),
        ],
    },
    Case {
        rule: 9,
        says: "only a well-formed key in braces is a reference, and what comes of it is not looked \
               through again",
        given: &[
            "shop A = {",
            "shop TEXT = {{ A }} {{}} {{1}} {{A-B}} {{{A}}} {{A} }}",
            "shop MADE = {{A}}{B}}",
        ],
        then: &[
            ("shop renders TEXT", "{{ A }} {{}} {{1}} {{A-B}} {{} {{A} }}"),
            ("shop renders MADE", "{{B}}"),
        ],
    },
    Case {
        rule: 9,
        says: "what refers to nothing gives an error, never a placeholder",
        given: &["shop A = a {{B}}", "shop C = c {{A}}"],
        then: &[("shop renders A", "missing (A > B)"), ("shop renders C", "missing (C > A > B)")],
    },
    Case {
        rule: 9,
        says: "what refers to itself gives an error, through whatever",
        given: &[
            "shop A = a {{A}}",
            "shop B = b {{C}}",
            "shop C = c {{B}}",
            "shop D = x",
            "shop E, alias of shop D",
            "shop D edited to d {{E}}",
        ],
        then: &[
            ("shop renders A", "cycle (A > A)"),
            ("shop renders B", "cycle (B > C > B)"),
            ("shop renders D", "cycle (D > E > D)"),
            ("shop renders E", "cycle (E > D > E)"),
        ],
    },
    Case {
        rule: 9,
        says: "an alias that leads back to itself gives an error too",
        given: &[
            "shop A = x",
            "api P, alias of shop A",
            "prod P = y",
            "prod K, alias of prod P",
            "shop A renamed to K",
        ],
        then: &[("api reads P", "alias: cycle"), ("web reads K", "inherited: y")],
    },
    Case {
        rule: 10,
        says: "from each scope one sees what it shadows",
        given: &["shop A = high", "prod A = middle, overrides shop A", "api B, alias of prod A"],
        then: &[
            ("api traces A", "BUILT_IN nothing, shop value, prod override, api nothing"),
            ("api traces B", "BUILT_IN nothing, shop nothing, prod nothing, api alias"),
            ("shop traces A", "BUILT_IN nothing, shop value"),
            ("prod traces SUBROSA_TEAM_ID", "BUILT_IN built-in, shop nothing, prod nothing"),
        ],
    },
    Case {
        rule: 11,
        says: "what may be in a vault that can't be opened is not missing",
        given: &["shop A = x", "prod B = y", "shop closed"],
        then: &[
            ("prod reads A", "no access"),
            ("prod reads NOBODY", "no access"),
            ("prod reads B", "own: y"),
            ("prod renders A", "no access (A)"),
        ],
    },
    Case {
        rule: 11,
        says: "nor is it what it would be if that vault were empty",
        given: &["shop A = high", "prod A = low, overrides shop A", "prod closed"],
        then: &[("shop reads A", "own: high"), ("prod reads A", "no access")],
    },
    Case {
        rule: 11,
        says: "where an environment's vault can't be opened nothing of its applications can be read",
        given: &["shop A = x", "prod closed"],
        then: &[
            ("prod reads A", "no access"),
            ("api reads A", "no access"),
            ("api reads SUBROSA_APPLICATION_ID", "no access"),
        ],
    },
    Case {
        rule: 11,
        says: "what is built in is read through a vault that can't be opened, but for a name in it",
        given: &["shop closed"],
        then: &[
            ("prod reads SUBROSA_ENVIRONMENT_NAME", "inherited: prod"),
            ("prod reads SUBROSA_PROJECT_ID", "inherited: 10101010-1010-4010-9010-101010101010"),
            ("prod reads SUBROSA_PROJECT_NAME", "inherited: no access"),
        ],
    },
    Case {
        rule: 11,
        says: "an alias of what can't be opened is not broken, and an override keeps its value",
        given: &[
            "shop A = x",
            "prod B, alias of shop A",
            "prod A = y, overrides shop A",
            "shop closed",
        ],
        then: &[("prod reads B", "alias: no access"), ("prod reads A", "override: y")],
    },
    Case {
        rule: 12,
        says: "a mount path is absolute and normalised",
        given: &[],
        then: &[
            ("shop A = x, mounted at /etc/a.pem", "allowed"),
            ("shop B = x, mounted at etc/a.pem", "rule 12"),
            ("shop B = x, mounted at /etc/../a.pem", "rule 12"),
            ("shop B = x, mounted at /etc/./a.pem", "rule 12"),
            ("shop B = x, mounted at /etc//a.pem", "rule 12"),
            ("shop B = x, mounted at /etc/", "rule 12"),
            ("shop B = x, mounted at /", "rule 12"),
        ],
    },
    Case {
        rule: 12,
        says: "a file's bytes are what they are",
        given: &["shop A = a", "shop F = {{A}}, mounted at /f", "shop G = g {{F}}"],
        then: &[
            ("shop reads F", "own: {{A}}"),
            ("shop renders F", "{{A}}"),
            ("shop renders G", "g {{A}}"),
        ],
    },
];

#[cfg_attr(not(target_arch = "wasm32"), test)]
#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test::wasm_bindgen_test)]
fn each_rule_by_example() {
    CASES.iter().for_each(play);
    let without = (1..=12).find(|rule| CASES.iter().all(|case| case.rule != *rule));
    assert_eq!(without, None, "a rule without an example");
}
