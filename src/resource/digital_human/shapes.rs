//! The maps inside the fields of a digital human.

use super::names::{MESSAGE, MODE, STEP};
use crate::resource::field::{
    Constant, Default, Field, IntegerRange, NumberRange, ReadAt, ValueType,
};
use crate::resource::field::{Order, Shape};
use crate::resource::rule::{Rule, When};

const RESPONSE_TYPE: &str = "response_type";
const RESPONSE_VALUE: &str = "response_value";
const AUDIO_URL: &str = "scripted_response_audio_snippet_url";
const SILENCE_DURATION: &str = "silence_duration";
const OCCURRENCE_MODE: &str = "occurrence_mode";
const OCCURRENCE_N: &str = "occurrence_n";
const TYPE: &str = "type";
const KEYWORD_RESPONSES: &str = "keyword_responses";
const CONTEXTUAL_PROMPT: &str = "contextual_prompt";

/// A tool call that is expected.
pub(super) static TOOL_CALL: Shape = Shape {
    title: "ExpectedToolCall",
    doc: "A tool that the agent is expected to call.",
    fields: &[
        Field {
            name: "name",
            doc: "The name of the tool.",
            required: Some("the name of the tool"),
            example: Some(Constant::Text("book_appointment")),
            ..Field::BASE
        },
        Field {
            name: "parameters",
            doc: "The parameters that the agent is expected to pass.",
            value: ValueType::FreeMap,
            default: Default::Empty,
            ..Field::BASE
        },
        Field {
            name: "output",
            doc: "The output that the tool is expected to return.",
            value: ValueType::Any,
            ..Field::BASE
        },
    ],
    rules: &[],
};

/// A trait of the caller.
pub(super) static TRAIT: Shape = Shape {
    title: "Trait",
    doc: "Something that the caller knows.",
    fields: &[
        Field {
            name: "trait_name",
            doc: "The name of the trait.",
            required: Some("the name of the trait"),
            example: Some(Constant::Text("date_of_birth")),
            ..Field::BASE
        },
        Field {
            name: "trait_data_type",
            doc: "The type of the value.",
            value: ValueType::OneOf(&["BOOLEAN", "STRING", "DATE", "NUMBER"]),
            required: Some("the type of the value"),
            example: Some(Constant::Text("DATE")),
            ..Field::BASE
        },
        Field {
            name: "value",
            doc: "The value of the trait.",
            value: ValueType::Any,
            required: Some("the value of the trait"),
            example: Some(Constant::Text("1970-01-31")),
            ..Field::BASE
        },
        Field {
            name: "is_sip_header",
            doc: "Whether the trait is sent as a SIP header.",
            value: ValueType::Flag,
            default: Default::Documented(Constant::Flag(false)),
            ..Field::BASE
        },
    ],
    rules: &[],
};

static KEYWORD_RESPONSE: Shape = Shape {
    title: "KeywordResponse",
    doc: "What the caller says when the agent says a keyword.",
    fields: &[
        Field {
            name: "keyword",
            doc: "The word of the agent at which the caller interrupts.",
            required: Some("the keyword of the agent"),
            example: Some(Constant::Text("insurance")),
            ..Field::BASE
        },
        Field {
            name: "response",
            doc: "What the caller then says.",
            required: Some("what the caller says"),
            example: Some(Constant::Text("I pay by myself.")),
            ..Field::BASE
        },
        Field {
            name: "probability",
            doc: "How likely the caller interrupts, 0 to 1.",
            value: ValueType::Number(NumberRange::between(0.0, 1.0)),
            default: Default::Documented(Constant::Integer(1)),
            ..Field::BASE
        },
    ],
    rules: &[],
};

/// The interruptions.
pub(super) static INTERRUPTIONS: Shape = Shape {
    title: "Interruptions",
    doc: "Whether and how the caller interrupts the agent.",
    fields: &[
        Field {
            name: TYPE,
            doc: "How often the caller interrupts, or `keywords` with `keyword_responses`, or \
                  `contextual` with `contextual_prompt`.",
            value: ValueType::OneOf(&["none", "low", "medium", "high", "keywords", "contextual"]),
            required: Some("how often the caller interrupts"),
            example: Some(Constant::Text("medium")),
            ..Field::BASE
        },
        Field {
            name: KEYWORD_RESPONSES,
            doc: "The words of the agent at which the caller interrupts, and what the caller \
                  then says.",
            value: ValueType::Records {
                of: &KEYWORD_RESPONSE,
                order: Order::Kept,
            },
            ..Field::BASE
        },
        Field {
            name: CONTEXTUAL_PROMPT,
            doc: "When the caller interrupts, as a prompt.",
            example: Some(Constant::Text("Interrupt when the agent repeats itself.")),
            ..Field::BASE
        },
    ],
    rules: &[
        Rule::Needed {
            field: KEYWORD_RESPONSES,
            when: When {
                field: TYPE,
                is: &["keywords"],
            },
        },
        Rule::Only {
            field: KEYWORD_RESPONSES,
            when: When {
                field: TYPE,
                is: &["keywords"],
            },
        },
        Rule::Needed {
            field: CONTEXTUAL_PROMPT,
            when: When {
                field: TYPE,
                is: &["contextual"],
            },
        },
        Rule::Only {
            field: CONTEXTUAL_PROMPT,
            when: When {
                field: TYPE,
                is: &["contextual"],
            },
        },
    ],
};

/// A scripted response.
pub(super) static SCRIPTED_RESPONSE: Shape = Shape {
    title: "ScriptedResponse",
    doc: "What the caller does when the agent says something.",
    fields: &[
        Field {
            name: "match_type",
            doc: "Whether the agent has to say the phrase, or something that means the same.",
            value: ValueType::OneOf(&["exact", "context"]),
            required: Some("how the phrase is compared"),
            example: Some(Constant::Text("context")),
            ..Field::BASE
        },
        Field {
            name: "match_phrase",
            doc: "The phrase of the agent.",
            required: Some("the phrase of the agent"),
            example: Some(Constant::Text("How can I help you?")),
            ..Field::BASE
        },
        Field {
            name: RESPONSE_TYPE,
            doc: "What the caller does: says a phrase, stays silent, presses keys or plays audio.",
            value: ValueType::OneOf(&["phrase", "silence", "dtmf", "audio"]),
            required: Some("what the caller does"),
            example: Some(Constant::Text("phrase")),
            ..Field::BASE
        },
        Field {
            name: RESPONSE_VALUE,
            doc: "The phrase of `response_type: phrase`, or the keys of `response_type: dtmf`.",
            example: Some(Constant::Text("I want my money back.")),
            ..Field::BASE
        },
        Field {
            name: AUDIO_URL,
            doc: "The address of the audio of `response_type: audio`.",
            example: Some(Constant::Text("https://example.com/answer.wav")),
            ..Field::BASE
        },
        Field {
            name: OCCURRENCE_MODE,
            doc: "Whether the caller responds every time, or only the first `occurrence_n` \
                  times.",
            value: ValueType::OneOf(&["always", "first_n"]),
            required: Some("how often the caller does so"),
            example: Some(Constant::Text("always")),
            ..Field::BASE
        },
        Field {
            name: OCCURRENCE_N,
            doc: "How many times the caller responds, with `occurrence_mode: first_n`.",
            value: ValueType::Integer(IntegerRange::from(1)),
            example: Some(Constant::Integer(1)),
            ..Field::BASE
        },
        Field {
            name: SILENCE_DURATION,
            doc: "How long the caller stays silent, in seconds, with `response_type: silence`.",
            value: ValueType::Integer(IntegerRange::seconds_from(1)),
            example: Some(Constant::Integer(5)),
            ..Field::BASE
        },
    ],
    rules: &[
        Rule::Needed {
            field: RESPONSE_VALUE,
            when: When {
                field: RESPONSE_TYPE,
                is: &["phrase", "dtmf"],
            },
        },
        Rule::Needed {
            field: AUDIO_URL,
            when: When {
                field: RESPONSE_TYPE,
                is: &["audio"],
            },
        },
        Rule::Needed {
            field: OCCURRENCE_N,
            when: When {
                field: OCCURRENCE_MODE,
                is: &["first_n"],
            },
        },
    ],
};

/// The first words.
pub(super) static SPEAKS_FIRST: Shape = Shape {
    title: "SpeaksFirst",
    doc: "Whether the caller speaks first, and with which words.",
    fields: &[
        Field {
            name: "speaks_first",
            doc: "Whether the caller speaks first.",
            value: ValueType::Flag,
            required: Some("whether the caller speaks first"),
            example: Some(Constant::Flag(true)),
            ..Field::BASE
        },
        Field {
            name: MODE,
            doc: "Whether the first words are `message`, or made by a model.",
            value: ValueType::OneOf(&["custom", "ai_generated"]),
            example: Some(Constant::Text("custom")),
            ..Field::BASE
        },
        Field {
            name: MESSAGE,
            doc: "The first words, with `mode: custom`. The API may drop them if `dynamic` is \
                  true.",
            read: ReadAt::Nowhere,
            example: Some(Constant::Text("Hello, this is Marta Kowalski.")),
            ..Field::BASE
        },
        Field {
            name: "dynamic",
            doc: "Whether the first words are adapted to the conversation.",
            value: ValueType::Flag,
            default: Default::Documented(Constant::Flag(true)),
            ..Field::BASE
        },
    ],
    rules: &[Rule::Needed {
        field: MESSAGE,
        when: When {
            field: MODE,
            is: &["custom"],
        },
    }],
};

/// An utterance of a transcript.
pub(super) static UTTERANCE: Shape = Shape {
    title: "Utterance",
    doc: "An utterance of a transcript.",
    fields: &[
        Field {
            name: "role",
            doc: "Who speaks.",
            value: ValueType::Suggested(&["USER", "AGENT"]),
            required: Some("who speaks"),
            example: Some(Constant::Text("USER")),
            ..Field::BASE
        },
        Field {
            name: "utterance",
            doc: "What is said.",
            required: Some("what is said"),
            example: Some(Constant::Text("I want my money back.")),
            ..Field::BASE
        },
    ],
    rules: &[],
};

/// A step of a journey.
pub(super) static JOURNEY_STEP: Shape = Shape {
    title: "JourneyStep",
    doc: "A step of a customer journey.",
    fields: &[
        Field {
            name: STEP,
            doc: "The number of the step, from 1 without gaps.",
            value: ValueType::Integer(IntegerRange::from(1)),
            required: Some("the number of the step"),
            example: Some(Constant::Integer(1)),
            ..Field::BASE
        },
        Field {
            name: "intent",
            doc: "What the caller wants in this step.",
            default: Default::Empty,
            example: Some(Constant::Text("Book an appointment.")),
            ..Field::BASE
        },
        Field {
            name: "success_criteria",
            doc: "What has to happen for the step to pass, one criterion on each line.",
            value: ValueType::Lines,
            default: Default::Empty,
            example: Some(Constant::Text("The appointment is confirmed.")),
            ..Field::BASE
        },
        Field {
            name: "modality",
            doc: "The channel of the step.",
            example: Some(Constant::Text("voice")),
            ..Field::BASE
        },
        Field {
            name: "direction",
            doc: "Who begins the step.",
            example: Some(Constant::Text("inbound")),
            ..Field::BASE
        },
        Field {
            name: "wait_seconds",
            doc: "How long to wait before the step, in seconds.",
            value: ValueType::Integer(IntegerRange::SECONDS),
            example: Some(Constant::Integer(60)),
            ..Field::BASE
        },
        Field {
            name: "response_window_seconds",
            doc: "How long to wait for a response, in seconds.",
            value: ValueType::Integer(IntegerRange::SECONDS),
            example: Some(Constant::Integer(300)),
            ..Field::BASE
        },
        Field {
            name: "unresponsive",
            doc: "Whether the caller does not respond in this step.",
            value: ValueType::Flag,
            default: Default::Documented(Constant::Flag(false)),
            ..Field::BASE
        },
        Field {
            name: "phone_number",
            doc: "The number that the caller uses in this step.",
            example: Some(Constant::Text("+15551234567")),
            ..Field::BASE
        },
    ],
    rules: &[],
};
