//! The field table of a custom metric: the only place that describes the fields.
//!
//! Types, bounds and defaults follow the reference of the API.

use super::body::NAME;
use super::document_fields::{
    ENVIRONMENTS_FIELD, EXTRA_FIELD, KEY_FIELD, MOVED_FROM_FIELD, PROTECT_FIELD, kind_field,
};
use super::field::{
    Constant, Default, Field, IntegerRange, ItemType, NumberRange, ReadAt, SentIn, ValueType,
};
use super::kind::Kind;
use super::rule::{Rule, When};
use super::table::{Identity, Table};

/// The setting that contains the formula of a composite metric.
pub const COMPOSITE: &str = "composite";
const PROMPT: &str = "prompt";
const RESPONSE_TYPE: &str = "response_type";
const METRIC_TYPE: &str = "metric_type";
const MIN_VALUE: &str = "min_value";
const MAX_VALUE: &str = "max_value";
const ENUM_OPTIONS: &str = "enum_options";
const JSON_SCHEMA: &str = "json_schema";
const EVAL_MODALITY: &str = "eval_modality";
const TOOL_NAMES: &str = "tool_names";

/// Where a metric is evaluated.
const MODALITIES: &[&str] = &["AUDIO", "TEXT", "AUTO"];
/// The modality that the API chooses.
const AUTO: &str = "AUTO";

/// The properties of the kind.
pub(super) static TABLE: Table = Table {
    title: "Bluejay custom metric",
    definition: "CustomMetric",
    doc: "A Bluejay custom metric: a question that is asked about every conversation.",
    fields: FIELDS,
    marker: None,
    identity: Identity {
        name: Some(NAME),
        title: None,
        content: &[],
        scope: None,
    },
    envelope: &[
        "agent_id",
        "bluejay_as_code_id",
        "created_at",
        "id",
        "message",
        "status",
    ],
    nested: None,
    rules: &[
        needed(MIN_VALUE, &["quantitative"]),
        needed(MAX_VALUE, &["quantitative"]),
        needed(ENUM_OPTIONS, &["enum"]),
        needed(JSON_SCHEMA, &["json"]),
        Rule::Less(MIN_VALUE, MAX_VALUE),
        Rule::Needed {
            field: PROMPT,
            when: When {
                field: METRIC_TYPE,
                is: &["llm_judge"],
            },
        },
    ],
};

/// Returns the rule that these response types need a field.
const fn needed(field: &'static str, response_types: &'static [&'static str]) -> Rule {
    Rule::Needed {
        field,
        when: When {
            field: RESPONSE_TYPE,
            is: response_types,
        },
    }
}

/// The fields of a document, in the order in which import writes them.
static FIELDS: &[Field] = &[
    kind_field(&["custom_metric"]),
    KEY_FIELD,
    PROTECT_FIELD,
    MOVED_FROM_FIELD,
    ENVIRONMENTS_FIELD,
    Field {
        name: NAME,
        doc: "The name that the dashboard shows. Give each metric another name: a metric whose \
              id was lost is found by its name.",
        value: ValueType::Name,
        required: Some("the name that the dashboard shows"),
        read: ReadAt::Identity,
        example: Some(Constant::Text("Politeness")),
        ..Field::BASE
    },
    Field {
        name: RESPONSE_TYPE,
        doc: "The type of the answer. `quantitative` needs `min_value` and `max_value`, `enum` \
              needs `enum_options`, `json` needs `json_schema`.",
        value: ValueType::OneOf(&[
            "pass_fail",
            "yes_no",
            "qualitative",
            "quantitative",
            "enum",
            "json",
            "int",
            "float",
            "boolean",
        ]),
        required: Some("the type of the answer"),
        example: Some(Constant::Text("pass_fail")),
        ..Field::BASE
    },
    Field {
        name: METRIC_TYPE,
        doc: "How the metric is computed.",
        value: ValueType::OneOf(&[
            "llm_judge",
            "composite",
            "tool_call",
            "transcript_regex",
            "transfer_landed",
        ]),
        default: Default::Documented(Constant::Text("llm_judge")),
        ..Field::BASE
    },
    Field {
        name: PROMPT,
        doc: "The question about the conversation. `|` keeps the line breaks.",
        example: Some(Constant::Text("Was the agent polite throughout?")),
        ..Field::BASE
    },
    Field {
        name: "description",
        doc: "The older name of `prompt`.",
        alias_of: Some(PROMPT),
        example: Some(Constant::Text("Was the agent polite throughout?")),
        ..Field::BASE
    },
    Field {
        name: "scoring_guidance",
        doc: "How to score the conversation.",
        default: Default::Empty,
        example: Some(Constant::Text("One interruption is fine.")),
        ..Field::BASE
    },
    Field {
        name: "agent_ids",
        doc: "The ids of the agents whose conversations are scored. The order has no meaning. \
              A metric without agents scores nothing, even if a simulation selects the metric.",
        value: ValueType::Set {
            of: ItemType::Id,
            is_unset_when_empty: true,
        },
        default: Default::Empty,
        ..Field::BASE
    },
    Field {
        name: "settings",
        doc: "The settings of the metric; `metric_type` decides which of them apply.",
        value: ValueType::Map {
            title: "MetricSettings",
            doc: "The settings of a metric's type.",
            fields: SETTINGS,
        },
        ..Field::BASE
    },
    Field {
        name: MIN_VALUE,
        doc: "The lowest score of a quantitative metric.",
        value: ValueType::Number(NumberRange::ANY),
        example: Some(Constant::Integer(1)),
        ..Field::BASE
    },
    Field {
        name: MAX_VALUE,
        doc: "The highest score of a quantitative metric.",
        value: ValueType::Number(NumberRange::ANY),
        example: Some(Constant::Integer(5)),
        ..Field::BASE
    },
    Field {
        name: ENUM_OPTIONS,
        doc: "The possible answers of an enum metric.",
        value: ValueType::Texts,
        default: Default::Empty,
        example: Some(Constant::List("resolved")),
        ..Field::BASE
    },
    Field {
        name: JSON_SCHEMA,
        doc: "The JSON Schema of the answers of a json metric.",
        value: ValueType::FreeMap,
        ..Field::BASE
    },
    Field {
        name: "allow_not_applicable",
        doc: "Whether the answer may be that the question does not apply.",
        value: ValueType::Flag,
        default: Default::Documented(Constant::Flag(false)),
        ..Field::BASE
    },
    Field {
        name: "eval_segment",
        doc: "Whose words are judged: those of the agent, of the user, or all.",
        value: ValueType::OneOf(&["agent", "user", "all"]),
        default: Default::Documented(Constant::Text("all")),
        ..Field::BASE
    },
    Field {
        name: "scope",
        doc: "Which conversations are scored: real ones (`observability`), those of \
              simulations, or all.",
        value: ValueType::OneOf(&["observability", "simulations", "all"]),
        default: Default::Documented(Constant::Text("all")),
        ..Field::BASE
    },
    Field {
        name: EVAL_MODALITY,
        doc: "Whether the audio or the text is judged. The API chooses for `AUTO`.",
        value: ValueType::OneOf(MODALITIES),
        default: Default::Documented(Constant::Text(AUTO)),
        resolved: Some(AUTO),
        ..Field::BASE
    },
    Field {
        name: "eval_route",
        doc: "The older name of `eval_modality`.",
        value: ValueType::OneOf(MODALITIES),
        default: Default::Documented(Constant::Text(AUTO)),
        alias_of: Some(EVAL_MODALITY),
        resolved: Some(AUTO),
        ..Field::BASE
    },
    Field {
        name: "model",
        doc: "The model that judges the text.",
        ..Field::BASE
    },
    Field {
        name: "audio_model",
        doc: "The model that judges the audio.",
        ..Field::BASE
    },
    Field {
        name: "temperature",
        doc: "The temperature of the model that judges.",
        value: ValueType::Number(NumberRange::ANY),
        example: Some(Constant::Integer(0)),
        ..Field::BASE
    },
    Field {
        name: "category",
        doc: "The category in the dashboard.",
        default: Default::Empty,
        example: Some(Constant::Text("Tone")),
        ..Field::BASE
    },
    Field {
        name: "tags",
        doc: "Labels in the dashboard. The order has no meaning.",
        value: ValueType::Set {
            of: ItemType::Text,
            is_unset_when_empty: true,
        },
        default: Default::Empty,
        example: Some(Constant::List("nightly")),
        ..Field::BASE
    },
    Field {
        name: TOOL_NAMES,
        doc: "The tools that the metric is about. The order has no meaning.",
        value: ValueType::Set {
            of: ItemType::Text,
            is_unset_when_empty: true,
        },
        example: Some(Constant::List("book_appointment")),
        ..Field::BASE
    },
    Field {
        name: "summary",
        doc: "What the metric measures, in a sentence for the dashboard.",
        ..Field::BASE
    },
    Field {
        name: "template_id",
        doc: "The template that the metric is made from, by its UUID. Changing it replaces \
              the metric.",
        value: ValueType::Uuid,
        sent: SentIn::Create,
        example: Some(Constant::Text("3c90c3cc-0d44-4b50-8888-8dd25736052a")),
        ..Field::BASE
    },
    EXTRA_FIELD,
];

/// The settings by type of metric.
static SETTINGS: &[Field] = &[
    Field {
        name: COMPOSITE,
        doc: "The formula of a composite metric, with the ids of other metrics in double \
              quotes.",
        example: Some(Constant::Text(
            "\"${custom_metric:polite}\" * 0.5 + \"${custom_metric:tone}\" * 0.5",
        )),
        ..Field::BASE
    },
    Field {
        name: TOOL_NAMES,
        doc: "The tools of a tool call metric. The order has no meaning.",
        value: ValueType::Set {
            of: ItemType::Text,
            is_unset_when_empty: true,
        },
        example: Some(Constant::List("book_appointment")),
        ..Field::BASE
    },
    Field {
        name: "phrases",
        doc: "The phrases that a transcript metric looks for. The order has no meaning.",
        value: ValueType::Set {
            of: ItemType::Text,
            is_unset_when_empty: true,
        },
        example: Some(Constant::List("recorded line")),
        ..Field::BASE
    },
    Field {
        name: "pattern",
        doc: "The regular expression that a transcript metric looks for.",
        example: Some(Constant::Text("(?i)recorded line")),
        ..Field::BASE
    },
    Field {
        name: "pass_on_match",
        doc: "Whether a match passes or fails.",
        value: ValueType::Flag,
        example: Some(Constant::Flag(true)),
        ..Field::BASE
    },
    Field {
        name: "case_sensitive",
        doc: "Whether upper and lower case count as different.",
        value: ValueType::Flag,
        example: Some(Constant::Flag(false)),
        ..Field::BASE
    },
    Field {
        name: "receiver_test_case_id",
        doc: "The id of the digital human that a transfer has to reach, or \
              `${digital_human:KEY}`.",
        value: ValueType::Id,
        refers_to: Some(Kind::DigitalHuman),
        example: Some(Constant::Text("${digital_human:second-line}")),
        ..Field::BASE
    },
    Field {
        name: "window_seconds",
        doc: "How long a transfer may take, in seconds.",
        value: ValueType::Integer(IntegerRange::SECONDS),
        default: Default::Documented(Constant::Integer(180)),
        ..Field::BASE
    },
    Field {
        name: "use_knowledge_base",
        doc: "Whether the judge reads the knowledge base.",
        value: ValueType::Flag,
        default: Default::Documented(Constant::Flag(false)),
        ..Field::BASE
    },
];
