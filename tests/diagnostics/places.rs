//! Tests of the place of a mistake: the value for a wrong value, and the name for an
//! unknown field.

use bluejayctl::diagnostic::Diagnostic;

use crate::check::{check_bytes, check_project};

/// Documents with one mistake each, which begins after the `§`.
const MISTAKES: &[&str] = &[
    "§<<<<<<< HEAD\nagent_id: \"42\"\n=======\nagent_id: \"43\"\n>>>>>>> branch\n",
    "agent_id: \"1\"\n§<<<<<<< HEAD\nname: x\n=======\nname: y\n>>>>>>> branch\n",
    "agent_id: \"1\"\ntags:\n§<<<<<<< HEAD\n  - a\n=======\n  - b\n>>>>>>> main\n",
    "agent_id: \"1\"\nname: y\n§>>>>>>> 1a2b3c (reword: name)\n",
    "§agent_id \"42\"\nname: x\n",
    "agent_id: \"1\"\ndigital_humans_settings:\n  §num_runs 3\n  default_language: en\n",
    "agent_id: \"1\"\ndigital_humans_settings:\n  §num_runs 3\n  default_name x\n  default_language: en\n",
    "agent_id: \"1\"\n§digital_humans_settings\n  num_runs: 3\n",
    "--- §a/simulations/a.yaml\n+++ b/simulations/a.yaml\n@@ -1 +1 @@\nagent_id: \"1\"\n",
    "agent_id: \"1\"\ndescription: first\n  second\n  §third: x\n",
    "agent_id: \"1\"\ntags:\n- a\n  §name: x\n",
    "§// the desk\nagent_id: \"1\"\n",
    "agent_id: \"1\"\n§max_concurrent; 25\nname: x\n",
    "{\n  \"agent_id\": \"1\",\n  \"name\": \"x\"\n  §\"max_concurrent\": 5\n}\n",
    "{\n  \"agent_id\": \"1\",\n  \"max_concurrent\": 5\n  §\"name\": \"x\"\n}\n",
    "{\n  agent_id: \"1\",\n  max_concurrent: 5\n  §name: x\n}\n",
    "{\n  \"agent_id\" §\"1\",\n  \"name\": \"x\"\n}\n",
    "{\n  §\"agent_id: \"1\",\n  \"name\": \"x\"\n}\n",
    "{\n  \"agent_id\": \"1\",\n  \"name\": §\"x,\n  \"max_concurrent\": 5\n}\n",
    "{\n  \"agent_id\": \"1\", §// note\n  \"name\": \"x\"\n}\n",
    "{\n  \"agent_id\": \"1\" §// note\n  ,\"name\": \"x\"\n}\n",
    "{\n  \"agent_id\": \"1\",\n  \"tags\": §[\"a\", \"b\",\n  \"name\": \"x\"\n}\n",
    "agent_id: \"1\"\ntags: [\n  \"a\"\n  §\"b\"\n  ]\n",
    "agent_id: \"1\"\ntags: [a,§, b]\n",
    "agent_id: \"1\"\ntags: [§${var:X}]\n",
    "agent_id: \"1\"\ndigital_humans_settings: {default_name: §${var:N}}\n",
    "agent_id: \"1\"\ntags: §[a, b\nname: it's\ndescription: \"x\"\n",
    "agent_id: \"1\"\nname: a§\u{2028}b\nmax_concurrent: 5\n",
    "# a§\u{2028}b\nagent_id: \"1\"\n",
    "agent_id: \"1\"\nname: \"a\u{2028}b\"\ntags: §[a, b\n",
    "agent_id: \"1\"\nname: \"a\u{2028}b\"\ndescription: §\"open\n",
    "agent_id: \"1\"\nname: a§\u{84}b\n",
    "agent_id: \"ü\"\nname: a§\u{ffff}b\n",
    "agent_id: \"1\"\n§\u{feff}name x\nmax_concurrent: 5\n",
    "agent_id: \"1\"\nname: \"C:§\\Users\\me\"\n",
    "agent_id: \"1\"\nname: \"§\\u12\"\n",
    "agent_id: \"1\"\ndescription: | §text\n",
    "agent_id: \"1\"\nname: §, x\n",
    "agent_id: \"1\"\nname: §? x\n",
    "agent_id: \"1\"\nname: §!e!x y\n",
    "agent_id: \"1\"\nname: x\n§}\n",
    "agent_id: \"1\"\n§{% if x %}\nname: x\n",
    "§```yaml\nagent_id: \"1\"\n```\n",
    "agent_id: \"1\"\ntags: [§@a, b]\n",
    "agent_id: \"1\"\ntags:\n  - a\n  §-b\nname: x\n",
    "agent_id: \"1\"\nmax_concurrent§:\u{a0}5\nname: x\n",
    "# first\nkey: a\nagent_id: \"1\"\n---\nkey: b\nagent_id: \"2\"\n--- # third\n# comment\nkey: c\nagent_id: \"3\"\ndigital_humans_settings:\n  default_language: en\n\n  # runs\n  num_runs:    §-3 # below\n",
    "agent_id: \"1\"\n\"max_concurrent\": §\"12\"\n",
    "agent_id: \"1\"\n§'max_concurent': 12\n",
    "agent_id: \"1\"\n? max_concurrent\n: §x\n",
    "agent_id: \"1\"\n? §colour\n: x\n",
    "agent_id: \"1\"\nmax_concurrent: &n §0\n",
    "agent_id: \"1\"\nname: ok\nextra:\n  n: &n \"x\"\nringing_timeout: §*n\n",
    "{agent_id: \"1\", name: \"🙂🙂 ü\", max_concurrent: §900}\n",
    "{agent_id: \"1\", name: \"👩\u{200d}👩\u{200d}👧 x\", §nam: y}\n",
    "agent_id: \"1\"\ndigital_humans_settings: {default_name: \"日本\", num_runs: §0, first_message: hi}\n",
    "agent_id: \"1\"\ndigital_humans_settings: {default_name: \"日本\", §num_run: 2}\n",
    "agent_id: \"1\"\ndigital_humans_settings: {\n  default_name: a,\n  num_runs: §two,\n  }\n",
    "agent_id: \"1\"\r\nname: é\r\nalways_on: §\"yes\"\r\nmax_concurrent: 3\r\n",
    "agent_id: \"1\"\r\n# c\r\ndigital_humans_settings:\r\n  default_name: x\r\n  §numruns: 3\r\n",
    "\u{feff}§agentid: \"1\"\nagent_id: \"2\"\n",
    "\u{feff}agent_id: \"1\"\r\nmax_concurrent: §true\r\n",
    "\u{feff}name: ÄÖÜ\nagent_id: \"1\"\nprompt_id: §abc\n",
    "agent_id: \"1\"\nselected_custom_metrics:\n- 3c90c3cc-0d44-4b50-8888-8dd25736052a\n- §nope\n",
    "agent_id: \"1\"\nselected_custom_metrics: [3c90c3cc-0d44-4b50-8888-8dd25736052a, §\"3c90c3cc-0d44-4b50-8888-8dd25736052\"]\n",
    "agent_id: \"1\"\nselected_custom_metrics:\n  - 3c90c3cc-0d44-4b50-8888-8dd25736052a\n  -   §12 # twelve\n",
    "agent_id: \"1\"\nselected_custom_metrics:\n  - §id: 3c90c3cc-0d44-4b50-8888-8dd25736052a\n",
    "agent_id: \"1\"\nalways_on: §|\n  true\n",
    "agent_id: \"1\"\nname: x\nmax_concurrent: §>-\n  25\ndescription: y\n",
    "agent_id: \"1\"\nmax_concurrent:\n    §\"25\"\n",
    "agent_id: \"1\"\nmax_concurrent: # how many\n    §-25\n",
    "agent_id: \"1\"\nmax_concurrent:\t§\"25\"\n",
    "agent_id: \"1\"\ndigital_humans_settings:\n§\tnum_runs: 2\n",
    "agent_id: \"1\"\ndigital_humans_settings:\n  default_name: x\n§\tnum_runs: 2\n",
    "agent_id: \"1\"\nname: a\ndescription: b\n§name: c\n",
    "agent_id: \"1\"\nname: a\n§\"name\": c\n",
    "agent_id: \"1\"\ndigital_humans_settings: {num_runs: 1, §num_runs: 2}\n",
    "key: a\nagent_id: \"1\"\n---\nkey: b\nagent_id: \"1\"\nname: x\n§agent_id: \"3\"\n",
    "agent_id: \"1\"\n§num_runs: 3\n",
    "agent_id: \"1\"\ndigital_humans_settings:\n  §max_concurrent: 3\n  num_runs: 3\n",
    "agent_id: \"1\"\nextra:\n  base: &b {num_runs: §0}\ndigital_humans_settings:\n  <<: *b\n",
    "agent_id: \"1\"\nextra:\n  base: &b\n    §wat: 0\ndigital_humans_settings:\n  <<: *b\n  num_runs: 2\n",
    "agent_id: \"1\"\ncustom_metrics_passing_threshold: 40\ncustom_metrics_failing_threshold: §60\n",
    "agent_id: \"1\"\nname: \"🙂 in §${var:CITY} now\"\n",
    "agent_id: \"1\"\ndescription: |\n  first\n  second §${var:CITY}\n  third\n",
    "agent_id: \"1\"\ndigital_humans_settings:\n  first_message: >\n    Hello ü\n    and §${HOME}\n",
    "agent_id: \"1\"\nselected_custom_metrics:\n  - 3c90c3cc-0d44-4b50-8888-8dd25736052a\n  - §${var:M}\n",
    "# x\nname: y\n§agent_id:\n",
    "name: y\nagent_id: §~\n",
    "key: a\nagent_id: \"1\"\n---\n# nothing here\n\n§key: b\nname: c\n",
    "key: a\nagent_id: \"1\"\n---\n§agent_id: \"2\"\nname: c\n",
    "key: a\nagent_id: \"1\"\n---\nagent_id: \"2\"\nkey: §a\n",
    "§- agent_id: \"1\"\n- agent_id: \"2\"\n",
    "key: a\nagent_id: \"1\"\n---\n§hello\n",
    "agent_id: \"1\"\nname: §!secret x\n",
    "agent_id: \"1\"\nmax_concurrent: §!!str 5\n",
    "agent_id: \"1\"\nmax_concurrent: §.inf\n",
    "agent_id: \"1\"\ncustom_metrics_passing_threshold: §79.5   # eighty\n",
    "agent_id: \"1\"\nmax_call_duration: 3\nmax_call_duration_units:  §'minute'\n",
    "agent_id: \"1\"\ndigital_humans_settings: §default\n",
    "agent_id: \"1\"\ndigital_humans_settings:\n  §- num_runs: 1\n  - default_name: x\n",
    "agent_id: \"1\"\nname:\n  §- a\n  - b\n",
    "agent_id: \"1\"\nname:\n  §first: a\n  last: b\n",
    "agent_id: \"1\"\nextra: §[1, 2]\n",
    "agent_id: \"1\"\nextra:\n  a: 1\n  §name: x\n",
    "key: §\" front desk\"\nagent_id: \"1\"\n",
    "key: §12\nagent_id: \"1\"\n",
    "agent_id: \"1\"\nmax_call_duration: §2026-01-01\n",
    "agent_id: \"1\"\nmax_concurrent: §0o1000\n",
    "agent_id: \"1\"\nname: §\"ab\nmax_concurrent: 4\n",
    "agent_id: \"1\"\nselected_custom_metrics: §[a,\n  b\nname: x\n",
    "agent_id: \"1\"\nname: Front§: the desk\n",
    "agent_id: \"1\"\nname§:x\nmax_concurrent: 4\n",
    "agent_id: \"1\"\nname: x\n  §max_concurrent: 4\n",
    "agent_id: \"1\"\ndigital_humans_settings:\n    num_runs: 2\n  §default_name: x\n",
    "agent_id: \"1\"\nname: §@desk\n",
    "agent_id: \"1\"\nname: §`desk`\n",
    "agent_id: \"1\"\nname: §%desk\n",
    "agent_id: \"1\"\nname: {§*desk : 1}\n",
    "agent_id: \"1\"\nmax_concurrent: §\"4\"\n...\n",
    "--- {agent_id: \"1\", always_on: §1}\n",
    "%YAML 1.2\n---\nagent_id: \"1\"\nalways_on: §1\n",
    "---\n---\n# x\n---\nagent_id: \"1\"\nalways_on: §1\n",
    "agent_id: \"1\"\nname: \"a\u{2028}b\"\nalways_on: §1\n",
    "agent_id: \"1\"\nname: \"a\u{85}b\"\nalways_on: §1\n",
    "agent_id: \"1\"\nextra: {e\u{301}: 1, \"\\u00e9\": \"e\u{301}\"}\ndigital_humans_settings: {default_name: \"e\u{301}\", num_runs: §0}\n",
    "agent_id: \"1\"\r\nname: \"x\"\r\nalways_on: §\"off\"\r\n",
    "agent_id: \"1\"\nname: \"a # b\"\ndigital_humans_settings: {default_name: \"a # b\", first_message: 'it''s', num_runs: §0}\n",
    "agent_id: \"1\"\nmax_concurrent: §many\n  many more\nname: x\n",
    "agent_id: \"1\"\n§metrics:\n  - 3c90c3cc-0d44-4b50-8888-8dd25736052a\nname: x\n",
    "agent_id: \"1\"\n§1: x\n",
    "agent_id: \"1\"\n§~: x\n",
    "agent_id: \"1\"\n§true: x\n",
    "agent_id: \"1\"\n§\"\": x\n",
    "agent_id: \"1\"\n§\"max\\x5fconcurrent_\": 1\n",
    "agent_id: \"1\"\n\"max\\x5fconcurrent\": §x\n",
    "agent_id: \"1\"\nknowledge_base_id: §\"\"\n",
    "name: x\nagent_id: §true\n",
    "name: x\nagent_id: §\"\"\n",
    "agent_id: \"1\"\nalways_on: §\"x\"",
    "agent_id: \"1\"\r\nalways_on: §2 # c",
    "agent_id: \"1\"\n§zzz: ",
    "agent_id: \"1\"\nname: a§\u{0}b\n",
    "agent_id: \"1\"\nname: \"a§\u{1b}b\"\n",
    "key: a\nmoved_from: §a\nagent_id: \"1\"\n",
    "agent_id: \"1\"\nprotect:   §\"true\" # keep\n",
    "agent_id: \"1\"\nringing_timeout: §99999999999999999999999\n",
    "agent_id: \"1\"\ndigital_humans_settings: &s\n  default_name: x\n  num_runs: §zero\n",
    "agent_id: \"1\"\nname: &s\n  §a: x\n",
    "agent_id: \"1\"\nprompt_id: §!!str 12\n",
    "agent_id: \"1\"\nprompt_id: §\"abc\n  def\"\n",
    "agent_id: \"1\"\ndigital_humans_settings:\n  num_runs:\n  §- 1\n",
    "key: a\nagent_id: \"1\"\n---\n{key: b, agent_id: \"2\", digital_humans_settings: {default_name: \"ß\", §defalt_language: de}}\n",
    "agent_id: \"1\"\ndigital_humans_settings:\n§  num_runs: 2\n",
    "agent_id: \"1\"\nprompt_id: §“3c90c3cc-0d44-4b50-8888-8dd25736052a”\n",
    "agent_id: \"1\"\n§name：x\n",
    "agent_id: \"1\"\nmax_call_duration: §1:30\n",
    "agent_id: §1.0\n",
    "name: x\nagent_id: §1e3\n",
    "agent_id: \"1\"\nmax_concurrent: §1_0\n",
    "agent_id: \"1\"\nselected_custom_metrics:\n  §-3c90c3cc-0d44-4b50-8888-8dd25736052a\n",
    "agent_id: \"1\"\ndigital_humans_settings: §{num_runs: 1\nname: x\n",
    "agent_id: \"1\"\nname: §'it\nmax_concurrent: 5\n",
    "agent_id: \"1\"\nname: 'it'§s fine'\n",
    "agent_id: \"1\"\nname: \"a\" §b\n",
    "agent_id: \"1\"\nmax_concurrent: &a §!!str 5\n",
    "agent_id: \"1\"\nextra:\n  a: &a {default_name: x}\n  b: &b {num_runs: §many}\ndigital_humans_settings:\n  <<: [*a, *b]\n",
    "agent_id: \"1\"\nextra:\n  b: &b {num_runs: 5}\ndigital_humans_settings:\n  <<: *b\n  num_runs: §many\n",
    "agent_id: \"1\"\ndigital_humans_settings:\n  <<: §5\n",
    "key: §${var:A}\nagent_id: \"1\"\n",
    "agent_id: \"1\"\nmax_concurrent: \t\t§\"5\"\n",
    "agent_id: \"1\"\nselected_custom_metrics: [ # first\n  3c90c3cc-0d44-4b50-8888-8dd25736052a, # ok\n  # bad\n  §bad, # here\n]\n",
    "agent_id: \"1\"\n§max concurrent: 5\n",
    "agent_id: \"1\"\n§nme : x\n",
    "agent_id: \"1\"\n§NAME: x\n",
    "agent_id: \"1\"\n§🙂: x\n",
    "{agent_id: \"1\", §🙂: x}\n",
    "agent_id: \"1\"\nselected_custom_metrics:\n  - 3c90c3cc-0d44-4b50-8888-8dd25736052a\n  §-\n",
    "agent_id: \"1\"\nselected_custom_metrics:\n  - 3c90c3cc-0d44-4b50-8888-8dd25736052a\n  - §~\n",
    "agent_id: \"1\"\nselected_custom_metrics: [3c90c3cc-0d44-4b50-8888-8dd25736052a, §null]\n",
    "agent_id: \"1\"\nextra: {a: 1, §a: 2}\n",
    "name: a\nagent_id: \"1\"\n# x\n§agent_id: \"2\"\n",
    "key: a\nagent_id: \"1\"\n---\nkey: b\nagent_id: \"1\"\ndigital_humans_settings:\n  num_runs: 1\n  # again\n  §num_runs: 2\n",
    "key: a\r\nagent_id: \"1\"\r\n---\r\nkey: b\r\nagent_id: \"1\"\r\n§foo: 1\r\n",
    "key: a\nagent_id: \"1\"\n---\n---\nkey: b\nagent_id: \"1\"\nmax_concurrent: §0\n",
    "\u{feff}key: a\r\nagent_id: \"1\"\r\n---\r\nkey: b\r\nagent_id: \"ü\"\r\nmax_concurrent: §0\r\n",
    "§agent_id: \"1\"\n---\nkey: b\nagent_id: \"1\"\n",
    "# c\n\n§name: x\nmax_concurrent: 2\n",
    "{§name: x}\n",
    "agent_id: \"1\"\nextra: {x: {name: 1}}\nmax_concurrent: §no\n",
    "agent_id: \"1\"\n? digital_humans_settings\n: num_runs: §no\n",
    "agent_id: \"1\"\n\"digital_humans_settings\": {\"num_runs\": §\"1\"}\n",
    "{\n  \"agent_id\": \"1\",\n  \"max_concurrent\": §\"7\",\n  \"name\": \"x\"\n}\n",
    "{\n\t\"agent_id\": \"1\",\n\t\"max_concurrent\": §\"7\"\n}\n",
    "agent_id: \"1\"\ncustom_metrics_failing_threshold: # x\n  # y\n  §-1\n",
    "agent_id: \"1\"\nmax_call_duration: 5\nmax_call_duration_units: §MINUTES # c\n",
    "agent_id: \"1\"\nmax_call_duration_units: §\"\"\n",
    "agent_id: \"1\"\nmax_call_duration_units: §>\n  minutes\n",
    "agent_id: \"1\"\nprompt_id: §|\n  3c90c3cc-0d44-4b50-8888-8dd25736052a\n",
    "agent_id: \"1\"\nprompt_id: §abc\n  def\nname: x\n",
    "agent_id: \"1\"\nringing_timeout: §.nan\n",
    "agent_id: \"1\"\nselected_custom_metrics: §!set []\n",
    "agent_id: \"1\"\nname: ok §${var:A\n",
    "agent_id: \"1\"\nname: $${var:X} §${var:X}\n",
    "agent_id: \"1\"\nname: \"\\u00e9 §${var:X}\"\n",
    "agent_id: \"1\"\nselected_custom_metrics: [3c90c3cc-0d44-4b50-8888-8dd25736052a, \"🙂§${var:X}\"]\n",
    "agent_id: \"1\"\ndescription: >\n  a\n\n  b §${HOME} c\n",
    "agent_id: \"1\"\nextra: &e\n  a: §*e\n",
    "agent_id: \"1\"\nname: §*nope\n",
    "agent_id: \"1\"\n? §[a, b]\n: x\n",
    "agent_id: \"1\"\nextra: {§[a]: x}\n",
    "agent_id: \"1\"\ndescription: §[a, {b: c}]\n",
    "agent_id: \"1\"\nname: §{{ name }}\n",
    "agent_id: \"1\"\nmax_concurrent: §50%\n",
    "agent_id: \"1\"\ncustom_metrics_passing_threshold: §79,5\n",
    "agent_id: \"1\"\n§name x\nmax_concurrent: 5\n",
    "agent_id: \"1\"\n§name = x\n",
    "{agent_id: \"1\" §name: x}\n",
    "agent_id: \"1\"\nname: x\n§]\n",
    "agent_id: \"1\"\n§- name: x\n",
    "agent_id: \"1\"\nselected_custom_metrics:\n    - 3c90c3cc-0d44-4b50-8888-8dd25736052a\n  §- 3c90c3cc-0d44-4b50-8888-8dd25736052a\n",
    "key: a\nagent_id: \"1\"\nname: x\nmax_concurrent: §{}\n",
    "agent_id: \"1\"\n... §junk\n",
    "%YAML 1.2\n§%YAML 1.2\n---\nagent_id: \"1\"\n",
    "agent_id: \"1\" # a§\u{7}b\n",
    "agent_id: \"1\"\ndescription: |\n    first\n  §second\nname: x\n",
    "agent_id: \"1\"\nkey: a\nmoved_from: §\"\"\n",
];

/// The same for a project file, or for a simulation beside it.
const PROJECT_MISTAKES: &[(&str, &str)] = &[
    (
        "defaults:\n  max_concurrent: §\"5\"\n",
        "agent_id: \"1\"\nname: ok\n",
    ),
    (
        "# ü\ndefaults:\n  digital_humans_settings: {default_name: \"🙂\", num_runs: §0}\n",
        "agent_id: \"1\"\nname: ok\n",
    ),
    (
        "defaults:\n  digital_humans_settings:\n    §numruns: 2\n",
        "agent_id: \"1\"\nname: ok\n",
    ),
    (
        "defaults:\n  selected_custom_metrics:\n  - 3c90c3cc-0d44-4b50-8888-8dd25736052a\n  - §x\n",
        "agent_id: \"1\"\nname: ok\n",
    ),
    (
        "defaults:\n  custom_metrics_failing_threshold: §90\n",
        "agent_id: \"1\"\nname: ok\ncustom_metrics_passing_threshold: 50\n",
    ),
    (
        "defaults:\n  custom_metrics_passing_threshold: 50\n",
        "agent_id: \"1\"\nname: ok\ncustom_metrics_failing_threshold: §90\n",
    ),
    (
        "vars:\n  A: x\n  M: §nope # var\n",
        "agent_id: \"1\"\nname: ok\nprompt_id: ${var:M}\n",
    ),
    (
        "vars: {M: §nope}\ndefaults:\n  prompt_id: \"${var:M}\"\n",
        "agent_id: \"1\"\nname: ok\n",
    ),
    (
        "defaults:\n  name: \"🙂 §${var:NOPE}\"\n",
        "agent_id: \"1\"\n",
    ),
    (
        "vars:\n  §A:\n",
        "agent_id: \"1\"\nname: ok ${var:A}\nprompt_id: null\n",
    ),
    (
        "vars:\n  A: x\nenvironments:\n  prod:\n    vars:\n      B: \"ü §${var:A}\"\n",
        "agent_id: \"1\"\nname: ok ${var:A}\n",
    ),
    (
        "vars:\n  A: §${HOME}\n",
        "agent_id: \"1\"\nname: ok ${var:A}\n",
    ),
    ("vars:\n  A: §[1]\n", "agent_id: \"1\"\nname: ok\n"),
    (
        "environments:\n  prod:\n    vars:\n      A:\n        §b: 1\n",
        "agent_id: \"1\"\nname: ok\n",
    ),
    ("vars:\n  §1A: x\n", "agent_id: \"1\"\nname: ok\n"),
    (
        "environments:\n  prod:\n    §api: x\n",
        "agent_id: \"1\"\nname: ok\n",
    ),
    (
        "environments:\n  prod:\n    protect: §yes\n",
        "agent_id: \"1\"\nname: ok\n",
    ),
    (
        "environments:\n  §\"a b\": {}\n",
        "agent_id: \"1\"\nname: ok\n",
    ),
    (
        "environments:\n  prod: §https://x.example\n",
        "agent_id: \"1\"\nname: ok\n",
    ),
    (
        "environments:\n  prod:\n    api_url: §api.example.com\n",
        "agent_id: \"1\"\nname: ok\n",
    ),
    (
        "safety:\n  max_deletes: §150%\n",
        "agent_id: \"1\"\nname: ok\n",
    ),
    (
        "safety: {max_deletes: §-1}\n",
        "agent_id: \"1\"\nname: ok\n",
    ),
    (
        "simulations: simulations\n§default:\n  max_concurrent: 5\n",
        "agent_id: \"1\"\nname: ok\n",
    ),
    (
        "simulations: simulations\n§lock:\n",
        "agent_id: \"1\"\nname: ok\n",
    ),
    (
        "defaults:\n  §protect: true\n",
        "agent_id: \"1\"\nname: ok\n",
    ),
    (
        "vars: {A: 1}\n§vars: {B: 2}\n",
        "agent_id: \"1\"\nname: ok\n",
    ),
    ("vars:\n§\tA: 1\n", "agent_id: \"1\"\nname: ok\n"),
    ("vars:\n  §- A=1\n", "agent_id: \"1\"\nname: ok\n"),
    (
        "defaults:\n§- max_concurrent: 5\n",
        "agent_id: \"1\"\nname: ok\n",
    ),
    (
        "vars: {A: &a \"5\"}\ndefaults:\n  max_concurrent: §*a\n",
        "agent_id: \"1\"\nname: ok\n",
    ),
    (
        "vars:\n  U: §|\n    hours\n",
        "agent_id: \"1\"\nname: ok\nmax_call_duration_units: ${var:U}\n",
    ),
    ("defaults:\n  agent_id: §true\n", "name: ok\n"),
    (
        "vars: {N: §\"5\"}\n",
        "agent_id: \"1\"\nname: ok\nmax_concurrent: ${var:N}\n",
    ),
    (
        "vars: {N: zz}\n",
        "agent_id: \"1\"\nname: ok\nprompt_id: §3c90c3cc-${var:N}\n",
    ),
    (
        "defaults:\n  §maxConcurrent: 5\n",
        "agent_id: \"1\"\nname: ok\n",
    ),
    (
        "defaults:\r\n  name: ä\r\n  always_on: §\"true\"\r\n",
        "agent_id: \"1\"\nname: ok\n",
    ),
];

#[test]
fn every_mistake_is_reported_at_its_character() {
    let mut wrong = Vec::new();
    for marked in MISTAKES {
        let (_, found) = check_bytes(marked.replace('§', "").as_bytes());
        let (told, expected) = (places(&found), mark("a.yaml", marked));
        if told != [expected.clone()] {
            wrong.push(format!("{marked:?}: told at {told:?}, not {expected}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn mistakes_of_a_project_are_reported_at_the_written_value() {
    let mut wrong = Vec::new();
    for (project, simulation) in PROJECT_MISTAKES {
        let expected = if project.contains('§') {
            mark("bluejay.yaml", project)
        } else {
            mark("a.yaml", simulation)
        };
        let found = check_project(&project.replace('§', ""), &simulation.replace('§', ""));
        let told = places(&found);
        if told != [expected.clone()] {
            wrong.push(format!("{project:?}: told at {told:?}, not {expected}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn places(found: &[Diagnostic]) -> Vec<String> {
    let errors = found.iter().filter(|it| it.is_error());
    errors.map(|it| it.place.to_string()).collect()
}

/// Returns the place of the `§`.
fn mark(file: &str, marked: &str) -> String {
    let (before, _) = marked.split_once('§').expect("it is marked");
    // A byte order mark is not a character of the text.
    let before = before.trim_start_matches('\u{feff}');
    let line = before.matches('\n').count() + 1;
    let column = before
        .rsplit('\n')
        .next()
        .unwrap_or_default()
        .chars()
        .count()
        + 1;
    format!("{file}:{line}:{column}")
}
