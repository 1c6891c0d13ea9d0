//! The field table of a digital human: the only place that describes the fields.
//!
//! Types, bounds and defaults follow the reference of the API. `simulation_ids` is no
//! field here: the simulations declare their digital humans.

mod names;
mod rules;
mod shapes;

use names::{
    BACKGROUND_NOISE, CUSTOM_NOISE_URL, ENDPOINTING_DELAY, ENRICHED_PLAYBACK, FORMATTED_TRANSCRIPT,
    INTENT, JOURNEY_STEPS, ORIGINAL_TRANSCRIPT, SCRIPTED_RESPONSES, SCRIPTED_RESPONSES_ORDERED,
    SPEAKS_FIRST_CONFIG, TAG, TEST_NAME,
};
use rules::RULES;
use shapes::{
    INTERRUPTIONS, JOURNEY_STEP, SCRIPTED_RESPONSE, SPEAKS_FIRST, TOOL_CALL, TRAIT, UTTERANCE,
};

use super::body::NAME;
use super::document_fields::{
    ENVIRONMENTS_FIELD, EXTRA_FIELD, KEY_FIELD, MOVED_FROM_FIELD, PROTECT_FIELD, kind_field,
};
use super::field::Order;
use super::field::{
    Constant, Default, Field, IntegerRange, ItemType, NumberRange, ReadAt, SentIn, ValueType,
};
use super::simulation::{MARKER, MARKER_SENT_AS};
use super::table::{Identity, Table};
use super::text_format::TextFormat;

/// The marker: a field of a new digital human that only the create sets.
static MARKER_FIELD: Field = Field {
    name: MARKER,
    value: ValueType::Uuid,
    sent: SentIn::Create,
    sent_as: Some(MARKER_SENT_AS),
    ..Field::BASE
};

/// The properties of the kind.
pub(super) static TABLE: Table = Table {
    title: "Bluejay digital human",
    definition: "DigitalHuman",
    doc: "A Bluejay digital human: a caller who talks to the agent in a simulation.",
    fields: FIELDS,
    marker: Some(&MARKER_FIELD),
    identity: Identity {
        name: Some(NAME),
        title: Some(TEST_NAME),
        content: &[],
        scope: None,
    },
    envelope: &[
        "attack_*",
        "created_at",
        "id",
        "message",
        "simulation_id",
        "simulation_ids",
        "status",
        "tested_path",
        "websocket_url",
        "workflow_path_index",
        "workflow_v2_id",
    ],
    nested: None,
    rules: RULES,
};

/// The fields of a document, in the order in which import writes them.
static FIELDS: &[Field] = &[
    kind_field(&["digital_human"]),
    KEY_FIELD,
    PROTECT_FIELD,
    MOVED_FROM_FIELD,
    ENVIRONMENTS_FIELD,
    Field {
        name: NAME,
        doc: "The caller's name, with which the caller introduces themselves.",
        value: ValueType::Name,
        read: ReadAt::Identity,
        example: Some(Constant::Text("Marta Kowalski")),
        ..Field::BASE
    },
    Field {
        name: TEST_NAME,
        doc: "The title of the test case in the dashboard. Give each digital human of the \
              organization another title: a digital human whose id was lost is found by its \
              title.",
        example: Some(Constant::Text("Wants her money back")),
        ..Field::BASE
    },
    Field {
        name: TAG,
        doc: "The kind of caller: left out for a caller with an intent, otherwise \
              `voicemail-custom` or `voicemail-ai-generated`. The API compiles the texts of a \
              `scenario` or `workflow`, and then refuses changes of the texts.",
        value: ValueType::Suggested(&[
            "voicemail-custom",
            "voicemail-ai-generated",
            "scenario",
            "workflow",
        ]),
        example: Some(Constant::Text("voicemail-custom")),
        ..Field::BASE
    },
    Field {
        name: "tags",
        doc: "Labels in the dashboard. The order has no meaning. Only a create sends them, so \
              changing them replaces the digital human.",
        value: ValueType::Set {
            of: ItemType::Text,
            is_unset_when_empty: true,
        },
        sent: SentIn::Create,
        server_item: Some("Customer Journey"),
        example: Some(Constant::List("nightly")),
        ..Field::BASE
    },
    Field {
        name: INTENT,
        doc: "What the caller wants and how the caller behaves. `|` keeps the line breaks. \
              Callers need an intent, unless they replay a transcript, follow `journey_steps` \
              or are a voicemail. If a transcript is declared, the API writes the intent from \
              the transcript.",
        default: Default::Documented(Constant::Text("")),
        rewritten_from: &[ORIGINAL_TRANSCRIPT, FORMATTED_TRANSCRIPT],
        example: Some(Constant::Text("Ask for a refund of order 1234.")),
        ..Field::BASE
    },
    Field {
        name: "success_criteria",
        doc: "What has to happen for the conversation to pass, one criterion on each line. \
              Bullets and blank lines have no meaning.",
        value: ValueType::Lines,
        default: Default::Documented(Constant::Text("")),
        example: Some(Constant::Text("The agent stays polite.")),
        ..Field::BASE
    },
    Field {
        name: "role_description",
        doc: "Who the caller is: background, mood and knowledge.",
        default: Default::Empty,
        example: Some(Constant::Text("A patient customer with little time.")),
        ..Field::BASE
    },
    Field {
        name: "language",
        doc: "The language that the caller speaks, as a code such as `en`.",
        value: ValueType::Suggested(&[
            "en", "es", "pt", "ja", "tr", "hi", "ar", "ru", "zh", "ml", "fr", "yue", "vi", "de",
            "ko", "ad", "ur", "he", "ta",
        ]),
        default: Default::Documented(Constant::Text("en")),
        ..Field::BASE
    },
    Field {
        name: "accent",
        doc: "The accent of the caller. Not every accent goes with every language and gender.",
        value: ValueType::Suggested(&[
            "multilingual",
            "american",
            "american2",
            "mature",
            "southern",
            "italian",
            "indian",
            "british",
            "australian",
            "mexican",
            "spanish",
            "portuguese",
            "french",
            "turkish",
            "japanese",
            "hindi",
            "arabic",
            "russian",
            "chinese",
            "german",
        ]),
        example: Some(Constant::Text("british")),
        ..Field::BASE
    },
    Field {
        name: "gender",
        doc: "The gender of the voice.",
        value: ValueType::OneOf(&["male", "female"]),
        example: Some(Constant::Text("female")),
        ..Field::BASE
    },
    Field {
        name: "custom_voice_id",
        doc: "The id of a voice of your own. An empty text clears it.",
        default: Default::Documented(Constant::Text("")),
        ..Field::BASE
    },
    Field {
        name: "voice_speed",
        doc: "How fast the caller speaks.",
        value: ValueType::OneOf(&["slowest", "slow", "normal", "fast", "fastest"]),
        default: Default::Documented(Constant::Text("normal")),
        ..Field::BASE
    },
    Field {
        name: "fluency",
        doc: "How well the caller speaks the language.",
        value: ValueType::OneOf(&["beginner", "intermediate", "native"]),
        default: Default::Documented(Constant::Text("native")),
        ..Field::BASE
    },
    Field {
        name: "verbosity",
        doc: "How much the caller says.",
        value: ValueType::OneOf(&["low", "medium", "high"]),
        default: Default::Documented(Constant::Text("medium")),
        ..Field::BASE
    },
    Field {
        name: "creativity",
        doc: "How much the caller's words vary: the temperature of the language model, 0 to 2.",
        value: ValueType::Number(NumberRange::between(0.0, 2.0)),
        default: Default::Documented(Constant::Decimal(0.7)),
        ..Field::BASE
    },
    Field {
        name: BACKGROUND_NOISE,
        doc: "The noise behind the caller's voice, or `none`. `custom` needs \
              `custom_background_noise_url`.",
        value: ValueType::Suggested(&[
            "none",
            "office",
            "talking",
            "traffic",
            "cafe",
            "park",
            "tv",
            "noisy_restaurant",
            "hospital",
            "custom",
        ]),
        default: Default::Documented(Constant::Text("none")),
        ..Field::BASE
    },
    Field {
        name: CUSTOM_NOISE_URL,
        doc: "The address of the audio file of `background_noise: custom`.",
        default: Default::Empty,
        example: Some(Constant::Text("https://example.com/noise.wav")),
        ..Field::BASE
    },
    Field {
        name: "background_noise_volume",
        doc: "How loud the background noise is, 0 to 1.",
        value: ValueType::Number(NumberRange::between(0.0, 1.0)),
        default: Default::Documented(Constant::Decimal(0.8)),
        ..Field::BASE
    },
    Field {
        name: "audio_quality",
        doc: "The quality of the caller's audio.",
        value: ValueType::OneOf(&["high", "medium", "low", "horrible"]),
        default: Default::Documented(Constant::Text("high")),
        ..Field::BASE
    },
    Field {
        name: "connection_quality",
        doc: "The quality of the caller's connection.",
        value: ValueType::OneOf(&["none", "low", "medium", "high"]),
        default: Default::Documented(Constant::Text("high")),
        ..Field::BASE
    },
    Field {
        name: ENDPOINTING_DELAY,
        doc: "How long the caller waits in silence before speaking, in seconds. The dashboard \
              calls it patience.",
        value: ValueType::Number(NumberRange::ANY),
        default: Default::Documented(Constant::Decimal(1.5)),
        ..Field::BASE
    },
    Field {
        name: "patience",
        doc: "Another name of `endpointing_delay`.",
        value: ValueType::Number(NumberRange::ANY),
        default: Default::Documented(Constant::Decimal(1.5)),
        alias_of: Some(ENDPOINTING_DELAY),
        sent_as: Some(ENDPOINTING_DELAY),
        ..Field::BASE
    },
    Field {
        name: "silence_timeout",
        doc: "After how many seconds of silence the caller hangs up, from 15.",
        value: ValueType::Integer(IntegerRange::seconds_from(15)),
        example: Some(Constant::Integer(30)),
        ..Field::BASE
    },
    Field {
        name: "phone_number",
        doc: "The number that the caller calls from: a number of your organization.",
        example: Some(Constant::Text("+15551234567")),
        ..Field::BASE
    },
    Field {
        name: "extension",
        doc: "The keys to press after the call is answered: 0 to 9, `*`, `#`, and `,` for a \
              pause. Only for agents that the caller calls.",
        value: ValueType::Formatted(TextFormat::Keypad),
        example: Some(Constant::Text("2,1#")),
        ..Field::BASE
    },
    Field {
        name: SPEAKS_FIRST_CONFIG,
        doc: "Whether the caller speaks first, and with which words.",
        value: ValueType::Record(&SPEAKS_FIRST),
        ..Field::BASE
    },
    Field {
        name: "interruptions",
        doc: "Whether and how the caller interrupts the agent.",
        value: ValueType::Record(&INTERRUPTIONS),
        ..Field::BASE
    },
    Field {
        name: SCRIPTED_RESPONSES,
        doc: "What the caller answers to certain phrases. The order has no meaning, unless \
              `scripted_responses_ordered` is true.",
        value: ValueType::Records {
            of: &SCRIPTED_RESPONSE,
            order: Order::KeptIf(SCRIPTED_RESPONSES_ORDERED),
        },
        default: Default::Empty,
        ..Field::BASE
    },
    Field {
        name: SCRIPTED_RESPONSES_ORDERED,
        doc: "Whether the order of `scripted_responses` has a meaning.",
        value: ValueType::Flag,
        default: Default::Typical(Constant::Flag(false)),
        ..Field::BASE
    },
    Field {
        name: "traits",
        doc: "What the caller knows, such as a name, a date or an account number. The order \
              has no meaning.",
        value: ValueType::Records {
            of: &TRAIT,
            order: Order::Lost,
        },
        default: Default::Empty,
        ..Field::BASE
    },
    Field {
        name: "expected_tool_calls",
        doc: "The tools that the agent is expected to call.",
        value: ValueType::Records {
            of: &TOOL_CALL,
            order: Order::Kept,
        },
        default: Default::Empty,
        ..Field::BASE
    },
    Field {
        name: "allow_end_call_tool",
        doc: "Whether the caller can hang up.",
        value: ValueType::Flag,
        default: Default::Documented(Constant::Flag(true)),
        ..Field::BASE
    },
    Field {
        name: "allow_dtmf_tool",
        doc: "Whether the caller can press keys.",
        value: ValueType::Flag,
        default: Default::Documented(Constant::Flag(true)),
        ..Field::BASE
    },
    Field {
        name: "allow_silence_tool",
        doc: "Whether the caller can stay silent on purpose. The API documents two different \
              defaults, so declare the field if it matters.",
        value: ValueType::Flag,
        example: Some(Constant::Flag(true)),
        ..Field::BASE
    },
    Field {
        name: "silence_tool_instructions",
        doc: "When the caller stays silent, or `default` for the built-in behaviour.",
        default: Default::Documented(Constant::Text("default")),
        ..Field::BASE
    },
    Field {
        name: "hangup_instructions",
        doc: "When and how the caller hangs up, or `default` for the built-in behaviour.",
        default: Default::Typical(Constant::Text("default")),
        example: Some(Constant::Text("Hang up after a second refusal.")),
        ..Field::BASE
    },
    Field {
        name: "hangup_phrases",
        doc: "The phrases after which the caller hangs up.",
        value: ValueType::Texts,
        default: Default::Empty,
        example: Some(Constant::List("Goodbye")),
        ..Field::BASE
    },
    Field {
        name: "default_dtmf_or_voiced",
        doc: "Whether the caller says numbers (`voiced`) or presses keys (`dtmf`).",
        value: ValueType::OneOf(&["voiced", "dtmf"]),
        default: Default::Documented(Constant::Text("voiced")),
        ..Field::BASE
    },
    Field {
        name: "outbound_text_number",
        doc: "The number that receives text messages of the agent.",
        example: Some(Constant::Text("+15551234567")),
        ..Field::BASE
    },
    Field {
        name: "follow_up_sms_success_criteria",
        doc: "What a text message after the call has to contain.",
        default: Default::Empty,
        example: Some(Constant::Text("The message names the appointment.")),
        ..Field::BASE
    },
    Field {
        name: ORIGINAL_TRANSCRIPT,
        doc: "A transcript to replay, as a text. The API writes `intent` from the transcript.",
        default: Default::Empty,
        ..Field::BASE
    },
    Field {
        name: FORMATTED_TRANSCRIPT,
        doc: "A transcript to replay, utterance by utterance. If only this field is declared, \
              the API clears `original_transcript`.",
        value: ValueType::Records {
            of: &UTTERANCE,
            order: Order::Kept,
        },
        ..Field::BASE
    },
    Field {
        name: JOURNEY_STEPS,
        doc: "The steps of a customer journey over several calls and messages.",
        value: ValueType::Records {
            of: &JOURNEY_STEP,
            order: Order::Kept,
        },
        default: Default::Empty,
        ..Field::BASE
    },
    Field {
        name: ENRICHED_PLAYBACK,
        doc: "The turns of a recorded conversation to play back.",
        value: ValueType::FreeMaps,
        default: Default::Empty,
        ..Field::BASE
    },
    Field {
        name: "livekit_metadata",
        doc: "Settings and metadata for agents on LiveKit.",
        value: ValueType::FreeMap,
        ..Field::BASE
    },
    Field {
        name: "num_runs",
        doc: "How often the caller calls in one run. The API does not show the number, so a \
              change that was made elsewhere is not noticed.",
        value: ValueType::Integer(IntegerRange::from(1)),
        default: Default::Documented(Constant::Integer(1)),
        read: ReadAt::Nowhere,
        ..Field::BASE
    },
    Field {
        name: "always_on_mode",
        doc: "Whether the caller is always on, and can answer calls to `phone_number` at any \
              time. The API does not show the value, so a change that was made elsewhere is \
              not noticed.",
        value: ValueType::Flag,
        default: Default::Documented(Constant::Flag(false)),
        read: ReadAt::Nowhere,
        ..Field::BASE
    },
    Field {
        name: "always_on_active",
        doc: "Whether the caller answers calls to `phone_number` now. Only one digital human \
              can answer the calls to a number. The API does not show the value, so a change \
              that was made elsewhere is not noticed.",
        value: ValueType::Flag,
        read: ReadAt::Nowhere,
        example: Some(Constant::Flag(false)),
        ..Field::BASE
    },
    EXTRA_FIELD,
];
