//! The parts of the manual that the options do not contain.

/// A term and its meaning.
pub type Row = (&'static str, &'static str);

/// The width from which an example needs a line of its own.
pub(super) const WIDE: usize = 44;

/// The exit codes.
pub const EXIT_STATUS: &[Row] = &[
    ("0", "Done, and every line was written."),
    (
        "1",
        "An error; nothing was changed at the API. `doctor`: a problem. `drift`: nothing could be \
         compared.",
    ),
    (
        "2",
        "Found: changes (`plan --detailed-exitcode`), drift (`drift`), values to pull (`pull \
         --check`), files that are not formatted (`fmt --check`).",
    ),
    (
        "3",
        "An apply is incomplete, a run is below the score, or `pull` left values alone.",
    ),
    (
        "130, 143",
        "Interrupted by SIGINT or SIGTERM; the state is safe.",
    ),
];

/// The variables that the program reads.
pub const ENVIRONMENT: &[Row] = &[
    (
        "BLUEJAY_API_KEY",
        "The API key. Never printed, logged or stored.",
    ),
    (
        "BLUEJAY_API_URL",
        "The address of the API, if --api-url is not given.",
    ),
    ("BLUEJAY_ENV", "The environment, if --env is not given."),
    (
        "BLUEJAY_VAR_NAME",
        "The value of the variable NAME of the files. Weaker than --var, stronger than \
         bluejay.yaml.",
    ),
    (
        "NO_COLOR, CLICOLOR, CLICOLOR_FORCE, FORCE_COLOR, TERM",
        "Whether the output has colours, if --color is not given.",
    ),
    (
        "FORCE_HYPERLINK",
        "Whether a terminal with colours shows links to the dashboard: 1 or 0. Without it, only \
         terminals that are known to.",
    ),
    (
        "CI",
        "If it is set, the program asks no questions, also on a terminal.",
    ),
    (
        "HTTPS_PROXY, ALL_PROXY, NO_PROXY",
        "The proxy for requests to the API. Requests to this machine use no proxy.",
    ),
    (
        "SSL_CERT_FILE, SSL_CERT_DIR",
        "The certificate authorities, in place of those of the system.",
    ),
    (
        "GITHUB_ACTIONS, GITHUB_OUTPUT, GITHUB_STEP_SUMMARY",
        "In GitHub Actions, where plan, apply and run write their outputs and summary.",
    ),
    (
        "BLUEJAYCTL_COMPLETE",
        "Set by the scripts of `bluejayctl completions`: prints completions.",
    ),
];

/// The examples of each command, by its path. The path of the program is empty.
pub(super) const EXAMPLES: &[(&str, &[Row])] = &[
    (
        "",
        &[
            ("bluejayctl init", "a new project, with an example"),
            ("bluejayctl apply --sandbox", "try it: no key, no network"),
            ("bluejayctl plan", "what would change"),
            ("bluejayctl apply", "change it, with BLUEJAY_API_KEY set"),
        ],
    ),
    (
        "init",
        &[
            ("bluejayctl init", "files of a new project"),
            ("bluejayctl init --ci github", "and a workflow"),
        ],
    ),
    (
        "validate",
        &[
            ("bluejayctl validate", "every file"),
            (
                "bluejayctl validate simulations/clinic",
                "the files of one team",
            ),
            ("bluejayctl validate --format sarif", "for code scanning"),
        ],
    ),
    (
        "plan",
        &[
            ("bluejayctl plan", "offline, without a key"),
            ("bluejayctl plan --target 'clinic/**'", "one folder"),
            ("bluejayctl plan --refresh", "compare with the API"),
            ("bluejayctl plan --out next.plan", "for `apply next.plan`"),
        ],
    ),
    (
        "apply",
        &[
            ("bluejayctl apply", "show the plan, ask, apply"),
            ("bluejayctl apply next.plan", "exactly a saved plan"),
            ("bluejayctl apply --yes --prune", "delete orphans too"),
            ("bluejayctl apply --refresh", "end a drift"),
        ],
    ),
    (
        "drift",
        &[
            ("bluejayctl drift", "exits with 2 if something drifted"),
            ("bluejayctl drift --quick", "with a handful of requests"),
            ("bluejayctl drift --format markdown", "for an issue"),
        ],
    ),
    (
        "pull",
        &[
            ("bluejayctl pull", "bring edits of the dashboard back"),
            ("bluejayctl pull --check", "only show; exits with 2"),
            (
                "bluejayctl pull front-desk --force",
                "take the observed values",
            ),
        ],
    ),
    (
        "import",
        &[
            ("bluejayctl import front-desk 1284", "one simulation"),
            ("bluejayctl import digital_human:marta 101", "one caller"),
            ("bluejayctl import --agent 42", "all of an agent"),
            ("bluejayctl import --all", "everything"),
        ],
    ),
    (
        "list",
        &[
            ("bluejayctl list", "all keys and ids"),
            ("bluejayctl list 1284", "the key of an id"),
            ("bluejayctl list desk", "a part of a key or name"),
        ],
    ),
    (
        "state",
        &[
            ("bluejayctl state list", "all keys and ids"),
            ("bluejayctl state show front-desk", "one entry"),
        ],
    ),
    (
        "state list",
        &[
            ("bluejayctl state list", "all keys and ids"),
            ("bluejayctl state list 1284", "the key of an id"),
            ("bluejayctl state list 'clinic/*'", "one folder"),
        ],
    ),
    (
        "state show",
        &[
            ("bluejayctl state show front-desk", "by key"),
            (
                "bluejayctl state show digital_human:marta",
                "by kind and key",
            ),
            ("bluejayctl state show 1284", "by id"),
        ],
    ),
    (
        "state mv",
        &[(
            "bluejayctl state mv desk front-desk",
            "a new key, no request",
        )],
    ),
    (
        "state rm",
        &[(
            "bluejayctl state rm front-desk",
            "the resource stays at the API",
        )],
    ),
    (
        "state resolve",
        &[
            ("bluejayctl state resolve", "merge both sides of a conflict"),
            ("bluejayctl state resolve front-desk 1284", "it made 1284"),
            (
                "bluejayctl state resolve front-desk none",
                "it made nothing",
            ),
        ],
    ),
    (
        "state merge-driver",
        &[("bluejayctl state merge-driver %O %A %B %P", "called by git")],
    ),
    (
        "graph",
        &[
            ("bluejayctl graph | dot -Tsvg > graph.svg", "with Graphviz"),
            ("bluejayctl graph --format mermaid", "for Markdown"),
            ("bluejayctl graph --target front-desk", "around one"),
        ],
    ),
    (
        "doctor",
        &[
            ("bluejayctl doctor", "exits with 1 if something is wrong"),
            ("bluejayctl doctor --format json", "for programs"),
        ],
    ),
    (
        "destroy",
        &[
            ("bluejayctl destroy --target front-desk", "one"),
            ("bluejayctl destroy --yes", "all, without a question"),
        ],
    ),
    (
        "run",
        &[
            ("bluejayctl run", "all simulations"),
            (
                "bluejayctl run front-desk --min-score 90",
                "one, a higher gate",
            ),
            ("bluejayctl run 'clinic/**' --format junit", "for a CI"),
        ],
    ),
    (
        "run history",
        &[
            ("bluejayctl run history", "the scores of all simulations"),
            ("bluejayctl run history front-desk", "each run of one"),
        ],
    ),
    (
        "fmt",
        &[
            ("bluejayctl fmt", "every file"),
            ("bluejayctl fmt --check", "only list; exits with 2"),
            (
                "bluejayctl fmt --diff simulations/clinic",
                "show the changes",
            ),
        ],
    ),
    (
        "explain",
        &[
            ("bluejayctl explain", "the kinds"),
            ("bluejayctl explain digital_human", "the fields of a kind"),
            ("bluejayctl explain max_call_duration", "a field"),
        ],
    ),
    (
        "schema",
        &[
            ("bluejayctl schema", "the schema of a document"),
            ("bluejayctl schema --write schemas", "all schemas"),
        ],
    ),
    (
        "sandbox",
        &[
            ("bluejayctl sandbox", "at http://127.0.0.1:4010"),
            ("bluejayctl sandbox --data sandbox.json", "kept in a file"),
        ],
    ),
    (
        "completions",
        &[
            ("bluejayctl completions zsh > _bluejayctl", "for zsh"),
            ("bluejayctl completions fish | source", "for fish"),
        ],
    ),
    (
        "man",
        &[
            ("bluejayctl man | man -l -", "the page of the program"),
            ("bluejayctl man --dir man1", "the pages of all commands"),
        ],
    ),
];

/// Returns the examples of a command, each with its meaning.
#[must_use]
pub fn examples(path: &str) -> &'static [Row] {
    let found = EXAMPLES.iter().find(|(of, _)| *of == path);
    found.map_or(&[], |(_, examples)| examples)
}
