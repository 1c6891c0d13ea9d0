//! The crashes of an apply, by operation and crash point.

use super::scenes::{
    Scene, adopt, create, create_all, cut_create, cut_delete, delete, exchange, gone, lost, rename,
    replace, unmade, update,
};

/// A crash of an apply at one crash point.
pub(super) struct Row {
    /// The operation of the apply.
    pub doing: &'static str,
    pub scene: fn() -> Scene,
    pub point: &'static str,
    /// How often the crash point is passed before the crash.
    pub passes: usize,
    /// The description of the crash point.
    pub place: &'static str,
    /// The names of the simulations that exist in the end.
    pub ends_with: &'static [&'static str],
}

pub(super) const ROWS: &[Row] = &[
    row(
        "create",
        create,
        "journal.torn",
        0,
        "while the journal is created",
    ),
    row(
        "create",
        create,
        "journal.begun",
        0,
        "when the journal is created",
    ),
    row(
        "create",
        create,
        "intent.before",
        0,
        "before the intent is written",
    ),
    row(
        "create",
        create,
        "journal.torn",
        1,
        "while the intent is written",
    ),
    row(
        "create",
        create,
        "intent.after",
        0,
        "before the request is sent",
    ),
    row(
        "create",
        create,
        "create.answered",
        0,
        "when the answer has arrived",
    ),
    row(
        "create",
        create,
        "journal.torn",
        2,
        "while the id is written",
    ),
    row(
        "create",
        create,
        "create.recorded",
        0,
        "when the id is written",
    ),
    row(
        "create",
        create,
        "lockfile.before",
        0,
        "before the lockfile is written",
    ),
    row(
        "create",
        create,
        "lockfile.after",
        0,
        "when the lockfile is written",
    ),
    row(
        "create",
        create,
        "journal.cleared",
        0,
        "when the journal is removed",
    ),
    row(
        "create, answer lost",
        lost,
        "settle.before",
        0,
        "when the simulation is found in the list",
    ),
    row(
        "create, answer lost",
        lost,
        "settle.after",
        0,
        "when the found id is written",
    ),
    row(
        "create, not executed",
        unmade,
        "intent.before",
        1,
        "before the request is sent again",
    ),
    row(
        "create, not executed",
        unmade,
        "create.answered",
        1,
        "when the second answer has arrived",
    ),
    row(
        "create, second crash",
        cut_create,
        "settle.before",
        0,
        "when the simulation is found in the list",
    ),
    row(
        "create, second crash",
        cut_create,
        "settle.after",
        0,
        "when the found id is written",
    ),
    row(
        "create, second crash",
        cut_create,
        "lockfile.after",
        0,
        "when the lockfile is written",
    ),
    row(
        "update",
        update,
        "intent.after",
        0,
        "before the request is sent",
    ),
    row(
        "update",
        update,
        "update.answered",
        0,
        "when the answer has arrived",
    ),
    row(
        "update",
        update,
        "update.recorded",
        0,
        "when the outcome is written",
    ),
    row(
        "update",
        update,
        "lockfile.before",
        0,
        "before the lockfile is written",
    ),
    row(
        "update",
        update,
        "lockfile.after",
        0,
        "when the lockfile is written",
    ),
    row(
        "replace",
        replace,
        "create.answered",
        0,
        "when the new simulation is created",
    ),
    row(
        "replace",
        replace,
        "create.recorded",
        0,
        "when the new id is written",
    ),
    row(
        "replace",
        replace,
        "delete.answered",
        0,
        "when the old instance is deleted",
    ),
    row(
        "replace",
        replace,
        "delete.recorded",
        0,
        "when the outcome is written",
    ),
    row(
        "replace",
        replace,
        "lockfile.after",
        0,
        "when the lockfile is written",
    ),
    Row {
        ends_with: &[],
        ..row(
            "delete",
            delete,
            "intent.after",
            0,
            "before the request is sent",
        )
    },
    Row {
        ends_with: &[],
        ..row(
            "delete",
            delete,
            "delete.answered",
            0,
            "when the answer has arrived",
        )
    },
    Row {
        ends_with: &[],
        ..row(
            "delete",
            delete,
            "delete.recorded",
            0,
            "when the outcome is written",
        )
    },
    Row {
        ends_with: &[],
        ..row(
            "delete",
            delete,
            "lockfile.after",
            0,
            "when the lockfile is written",
        )
    },
    Row {
        ends_with: &[],
        ..row(
            "delete, second crash",
            cut_delete,
            "recover.delete",
            0,
            "when the simulation is found deleted",
        )
    },
    Row {
        ends_with: &["b"],
        ..row(
            "move",
            rename,
            "move.recorded",
            0,
            "when the new key is written",
        )
    },
    Row {
        ends_with: &["b"],
        ..row(
            "move",
            rename,
            "lockfile.after",
            0,
            "when the lockfile is written",
        )
    },
    row(
        "adopt",
        adopt,
        "adopt.recorded",
        0,
        "when the id is written",
    ),
    row(
        "adopt",
        adopt,
        "lockfile.after",
        0,
        "when the lockfile is written",
    ),
    row(
        "create, then update and attach",
        create_all,
        "create.recorded",
        0,
        "when the id is written",
    ),
    row(
        "create, then update and attach",
        create_all,
        "update.answered",
        0,
        "when the update is answered",
    ),
    row(
        "create, then update and attach",
        create_all,
        "update.recorded",
        0,
        "when the update is recorded",
    ),
    row(
        "create, then update and attach",
        create_all,
        "humans.answered",
        0,
        "when the digital humans are attached",
    ),
    row(
        "attach and detach",
        exchange,
        "humans.attached",
        0,
        "when one digital human is attached and none is detached",
    ),
    row(
        "attach and detach",
        exchange,
        "humans.answered",
        0,
        "when both requests are answered",
    ),
    row(
        "attach and detach",
        exchange,
        "humans.recorded",
        0,
        "when both outcomes are written",
    ),
    row(
        "create again after a delete",
        gone,
        "create.answered",
        0,
        "when the answer has arrived",
    ),
    row(
        "create again after a delete",
        gone,
        "create.recorded",
        0,
        "when the id is written",
    ),
];

pub(super) const fn row(
    doing: &'static str,
    scene: fn() -> Scene,
    point: &'static str,
    passes: usize,
    place: &'static str,
) -> Row {
    Row {
        doing,
        scene,
        point,
        passes,
        place,
        ends_with: &["a"],
    }
}
