//! The field table of a schedule: the only place that describes the fields.
//!
//! Types, bounds and defaults follow the reference of the API. A file names the
//! simulation by key (`simulation`) or by id (`simulation_id`); requests contain the id.

use serde_json::{Map, Value};

use super::cron::{
    CRON, DAILY, DAY_OF_MONTH, DAY_OF_WEEK, DAYS, EVERY_N_HOURS, EVERY_N_MINUTES, EXPRESSION,
    FREQUENCY, INTERVAL, MONTHLY, TIME, WEEKLY, is_expression,
};
use super::document_fields::{
    ENVIRONMENTS_FIELD, EXTRA_FIELD, KEY_FIELD, MOVED_FROM_FIELD, PROTECT_FIELD, kind_field,
};
use super::field::Shape;
use super::field::{Constant, Default, Field, IntegerRange, ItemType, ReadAt, SentIn, ValueType};
use super::kind::Kind;
use super::rule::{Breach, Rule, When};
use super::table::{Identity, Table};
use super::text_format::TextFormat;

/// The simulation, by key: the written form of [`SIMULATION_ID`].
pub const SIMULATION: &str = "simulation";

/// The simulation, by id.
pub const SIMULATION_ID: &str = "simulation_id";

/// When the simulation runs.
pub const SCHEDULE: &str = "schedule";

/// The time zone of [`SCHEDULE`].
const TIMEZONE: &str = "timezone";

/// The name under which answers contain [`SCHEDULE`], as a cron expression.
const CRON_EXPRESSION: &str = "cron_expression";

/// The times between which a schedule runs. The API never shows them.
pub const WINDOW: &str = "window";

/// The properties of the kind.
pub(super) static TABLE: Table = Table {
    title: "Bluejay schedule",
    definition: "Schedule",
    doc: "A Bluejay schedule: the times at which a simulation runs by itself.",
    fields: FIELDS,
    marker: None,
    identity: Identity {
        name: None,
        title: None,
        content: &[SIMULATION_ID, SCHEDULE, TIMEZONE],
        scope: None,
    },
    envelope: &["created_at", "id", "message", "status"],
    nested: None,
    rules: &[Rule::ExactlyOne(&[SIMULATION, SIMULATION_ID])],
};

/// The fields of a document, in the order in which import writes them.
static FIELDS: &[Field] = &[
    kind_field(&["schedule"]),
    KEY_FIELD,
    PROTECT_FIELD,
    MOVED_FROM_FIELD,
    ENVIRONMENTS_FIELD,
    Field {
        name: SIMULATION,
        doc: "The key of the simulation to run. Changing it replaces the schedule.",
        value: ValueType::Key,
        refers_to: Some(Kind::Simulation),
        sent: SentIn::Create,
        read: ReadAt::Nowhere,
        alias_of: Some(SIMULATION_ID),
        sent_as: Some(SIMULATION_ID),
        example: Some(Constant::Text("front-desk")),
        ..Field::BASE
    },
    Field {
        name: SIMULATION_ID,
        doc: "The id of the simulation to run, if no file declares the simulation. Changing \
              it replaces the schedule.",
        value: ValueType::AgentId,
        sent: SentIn::Create,
        example: Some(Constant::Text("1284")),
        ..Field::BASE
    },
    Field {
        name: SCHEDULE,
        doc: "When the simulation runs.",
        value: ValueType::Recurrence(&RECURRENCE),
        required: Some("when the simulation runs"),
        shown_as: Some(CRON_EXPRESSION),
        ..Field::BASE
    },
    Field {
        name: "timezone",
        doc: "The time zone of the schedule's times, by its IANA name.",
        value: ValueType::Formatted(TextFormat::TimeZone),
        default: Default::Documented(Constant::Text("UTC")),
        example: Some(Constant::Text("Europe/Berlin")),
        ..Field::BASE
    },
    Field {
        name: "enabled",
        doc: "Whether the schedule runs.",
        value: ValueType::Flag,
        default: Default::Documented(Constant::Flag(true)),
        ..Field::BASE
    },
    EXTRA_FIELD,
];

/// The frequencies with an interval.
const INTERVALS: &[&str] = &[EVERY_N_MINUTES, EVERY_N_HOURS];

/// Returns whether a [`WINDOW`] has a meaning in the value of [`SCHEDULE`].
pub fn may_have_window(schedule: &Map<String, Value>) -> bool {
    let frequency = schedule.get(FREQUENCY).and_then(Value::as_str);
    frequency.is_some_and(|frequency| INTERVALS.contains(&frequency))
}

/// The frequencies with a time of day.
const TIMES: &[&str] = &[DAILY, WEEKLY, MONTHLY];

/// Returns the two rules of a field that exactly these frequencies have.
const fn belongs(field: &'static str, frequencies: &'static [&'static str]) -> [Rule; 2] {
    let when = When {
        field: FREQUENCY,
        is: frequencies,
    };
    [Rule::Needed { field, when }, Rule::Only { field, when }]
}

static RECURRENCE: Shape = Shape {
    title: "Recurrence",
    doc: "When a simulation runs.",
    fields: &[
        Field {
            name: FREQUENCY,
            doc: "The form of the schedule. `every_n_minutes` and `every_n_hours` have an \
                  `interval`; `daily`, `weekly` and `monthly` have a `time`; `cron` has an \
                  `expression`.",
            value: ValueType::OneOf(&[
                EVERY_N_MINUTES,
                EVERY_N_HOURS,
                DAILY,
                WEEKLY,
                MONTHLY,
                CRON,
            ]),
            required: Some("the form of the schedule"),
            example: Some(Constant::Text(DAILY)),
            ..Field::BASE
        },
        Field {
            name: INTERVAL,
            doc: "The number of minutes, 1 to 59, or of hours, 1 to 23, between two runs.",
            value: ValueType::Integer(IntegerRange::between(1, 59)),
            example: Some(Constant::Integer(6)),
            ..Field::BASE
        },
        Field {
            name: TIME,
            doc: "The time of day, `HH:MM`.",
            value: ValueType::Formatted(TextFormat::Time),
            example: Some(Constant::Text("02:30")),
            ..Field::BASE
        },
        Field {
            name: DAY_OF_WEEK,
            doc: "The day of a weekly schedule.",
            value: ValueType::OneOf(&DAYS),
            example: Some(Constant::Text("monday")),
            ..Field::BASE
        },
        Field {
            name: DAY_OF_MONTH,
            doc: "The day of a monthly schedule, 1 to 31.",
            value: ValueType::Integer(IntegerRange::between(1, 31)),
            example: Some(Constant::Integer(1)),
            ..Field::BASE
        },
        Field {
            name: EXPRESSION,
            doc: "A cron expression of five fields: minute, hour, day of the month, month, day \
                  of the week.",
            example: Some(Constant::Text("30 2 * * 1-5")),
            ..Field::BASE
        },
        Field {
            name: WINDOW,
            doc: "The days and times between which a schedule with an interval runs. The API \
                  does not show them, so a change that was made elsewhere is not noticed.",
            value: ValueType::Record(&WINDOW_SHAPE),
            read: ReadAt::Nowhere,
            ..Field::BASE
        },
    ],
    rules: &RECURRENCE_RULES,
};

static RECURRENCE_RULES: [Rule; 13] = {
    let [interval, only_interval] = belongs(INTERVAL, INTERVALS);
    let [time, only_time] = belongs(TIME, TIMES);
    let [weekday, only_weekday] = belongs(DAY_OF_WEEK, &[WEEKLY]);
    let [day, only_day] = belongs(DAY_OF_MONTH, &[MONTHLY]);
    let [expression, only_expression] = belongs(EXPRESSION, &[CRON]);
    let [_, only_window] = belongs(WINDOW, INTERVALS);
    [
        interval,
        only_interval,
        time,
        only_time,
        weekday,
        only_weekday,
        day,
        only_day,
        expression,
        only_expression,
        only_window,
        Rule::Check(hours_are_below_24),
        Rule::Check(expressions_have_five_fields),
    ]
};

static WINDOW_SHAPE: Shape = Shape {
    title: "Window",
    doc: "The days and times between which a schedule runs.",
    fields: &[
        Field {
            name: "days",
            doc: "The days of the week. The order has no meaning.",
            value: ValueType::Set {
                of: ItemType::OneOf(&DAYS),
                is_unset_when_empty: true,
            },
            example: Some(Constant::List("monday")),
            ..Field::BASE
        },
        Field {
            name: "start_time",
            doc: "The first time of a day, `HH:MM`.",
            value: ValueType::Formatted(TextFormat::Time),
            example: Some(Constant::Text("09:00")),
            ..Field::BASE
        },
        Field {
            name: "end_time",
            doc: "The last time of a day, `HH:MM`.",
            value: ValueType::Formatted(TextFormat::Time),
            example: Some(Constant::Text("17:00")),
            ..Field::BASE
        },
    ],
    rules: &[],
};

fn hours_are_below_24(schedule: &Map<String, Value>) -> Option<Breach> {
    let interval = schedule.get(INTERVAL)?.as_i64()?;
    let is_hours = schedule.get(FREQUENCY)?.as_str()? == EVERY_N_HOURS;
    (is_hours && (24..=59).contains(&interval)).then(|| Breach {
        pointer: format!("/{INTERVAL}"),
        message: format!("`{INTERVAL}` must be between 1 and 23 hours, found {interval}"),
        help: format!("write `{FREQUENCY}: {DAILY}` for one run a day"),
    })
}

fn expressions_have_five_fields(schedule: &Map<String, Value>) -> Option<Breach> {
    let expression = schedule.get(EXPRESSION)?.as_str()?;
    (!is_expression(expression)).then(|| Breach {
        pointer: format!("/{EXPRESSION}"),
        message: format!(
            "a cron expression has five fields, found {}",
            expression.split_whitespace().count()
        ),
        help: "write minute, hour, day of the month, month and day of the week: `30 2 * * *`"
            .to_owned(),
    })
}
