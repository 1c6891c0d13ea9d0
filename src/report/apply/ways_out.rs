//! The help for the failures of an apply, mostly with the exact command.

use super::candidates::shown_candidates;
use crate::api::ApiError;
use crate::apply::{Failed, Failure, Operation, UndecidedCreate};
use crate::plan::{Undecided, UndecidedReason};
use crate::suggestion::{Message, Suggestion, Verb};

/// Returns the help for a failure, mostly with the exact command.
pub(in crate::report) fn ways_out(failed: &Failed) -> Vec<Message> {
    let (key, operation) = (&failed.key, failed.operation);
    let noun = key.kind().noun();
    let apply = || Suggestion::new(Verb::Apply).option("--target", key.as_str());
    let resolve = |id: &dyn std::fmt::Display| {
        Suggestion::new(Verb::StateResolve)
            .argument(key)
            .argument(id)
    };
    match &failed.failure {
        Failure::Undecided(undecided) => ways_out_of_candidates(failed, undecided),
        Failure::UndecidedCreate(UndecidedCreate {
            candidates,
            locked: Some(locked),
        }) => {
            let (named, _) = shown_candidates(candidates);
            let ids = named.iter().map(|found| found.id).chain([*locked]);
            ids.map(|id| Message::from(format!("to keep {id:#}: ")).command(resolve(&id)))
                .collect()
        }
        Failure::UndecidedCreate(UndecidedCreate { candidates, .. }) => {
            let (named, _) = shown_candidates(candidates);
            let ids = named.iter().map(|found| found.id);
            let mut ways: Vec<_> = ids
                .map(|id| Message::from(format!("to use {id:#}: ")).command(resolve(&id)))
                .collect();
            ways.push(Message::from("if the create made none of them: ").command(resolve(&"none")));
            ways
        }
        Failure::Owned { .. } | Failure::Open(ApiError::Unsupported { .. }) => vec![
            Message::from(format!("find the {noun} in the dashboard, then: "))
                .command(resolve(&"ID"))
                .text(" or ")
                .command(resolve(&"none")),
        ],
        Failure::OtherOwner(_) => vec![
            Message::from(format!("to leave the {noun} to the other project: "))
                .command(Suggestion::new(Verb::StateRm).argument(key)),
            format!(
                "if the project was renamed, or should adopt the {noun}: the same command with \
                 `--force`"
            )
            .into(),
        ],
        Failure::Api(ApiError::Throttled { .. }) => {
            vec!["apply again later, or with a lower `--parallelism`".into()]
        }
        Failure::Open(ApiError::NotFound { .. }) | Failure::Api(ApiError::NotFound { .. })
            if operation == Operation::Delete =>
        {
            vec![
                "this API key can see no simulation of the lockfile: all were deleted, or the key \
                 belongs to another organisation"
                    .into(),
                "if the API key is the right one, repeat the command with `--force`".into(),
            ]
        }
        Failure::Open(error @ (ApiError::Contradictory { .. } | ApiError::Unconfirmed { .. }))
        | Failure::Lookup(
            error @ (ApiError::Contradictory { .. } | ApiError::Unconfirmed { .. }),
        )
        | Failure::Api(error @ (ApiError::Contradictory { .. } | ApiError::Unconfirmed { .. })) => {
            ways_out_of_contradiction(failed, error)
        }
        Failure::Open(_) | Failure::CutOff => {
            vec!["the next apply looks up the outcome".into()]
        }
        Failure::Api(ApiError::NotFound { .. }) if operation == Operation::Attach => vec![
            "one of its digital humans was deleted, or belongs to another organisation than the \
             key: check `digital_humans` in the file"
                .into(),
        ],
        Failure::Api(ApiError::NotFound { .. })
            if matches!(operation, Operation::Create | Operation::Replace) =>
        {
            vec![
                "the file refers to something that does not exist or belongs to another \
                 organisation than the key: check `agent_id` first"
                    .into(),
            ]
        }
        Failure::Api(ApiError::NotFound { .. }) => vec![
            "it was deleted, or it belongs to another organisation than the key".into(),
            Message::from(format!("if the {noun} was deleted: "))
                .command(apply().flag("--refresh"))
                .text(" creates it again"),
        ],
        Failure::Api(error) | Failure::Lookup(error) => {
            error.help().map(Message::from).into_iter().collect()
        }
        _ => Vec::new(),
    }
}

/// Returns the help for a key whose candidates a person has to decide about.
fn ways_out_of_candidates(failed: &Failed, undecided: &Undecided) -> Vec<Message> {
    let Undecided { candidates, reason } = undecided;
    let key = &failed.key;
    let noun = key.kind().noun();
    let apply = || Suggestion::new(Verb::Apply).option("--target", key.as_str());
    let import = |id| {
        let import = Suggestion::new(Verb::Import).argument(key).argument(id);
        Message::from(format!("to use {id:#}: ")).command(import)
    };
    let (named, _) = shown_candidates(candidates);
    let mut ways: Vec<_> = match reason {
        UndecidedReason::OtherOwner => Vec::new(),
        _ => named.iter().map(|found| import(found.id)).collect(),
    };
    if *reason == UndecidedReason::SameName {
        ways.push(
            Message::from(format!("to adopt the {noun} by name and update it: "))
                .command(apply().option("--adopt", "name")),
        );
    }
    ways.push(
        Message::from(format!("to create another {noun}: "))
            .command(apply().option("--adopt", "never")),
    );
    ways
}

/// Returns the help for a key whose resource is in the listing but can't be read.
fn ways_out_of_contradiction(failed: &Failed, error: &ApiError) -> Vec<Message> {
    let Failed {
        key,
        operation,
        failure,
    } = failed;
    let noun = key.kind().noun();
    let ids = match error {
        ApiError::Contradictory { ids } => ids.as_slice(),
        _ => &[],
    };
    let verb = match failure {
        Failure::Open(_) => Verb::StateResolve,
        _ => Verb::Import,
    };
    let of_key = |verb| Suggestion::new(verb).argument(key);
    let mut ways = Vec::new();
    if *operation == Operation::Create {
        ways.extend(ids.iter().map(|id| {
            Message::from(format!("to use {id:#}: ")).command(of_key(verb).argument(id))
        }));
    }
    ways.push(match (operation, failure) {
        (Operation::Create, Failure::Open(_)) => Message::from("if the create made none of them: ")
            .command(of_key(Verb::StateResolve).argument("none")),
        (Operation::Create, _) => Message::from(format!("to create another {noun}: ")).command(
            Suggestion::new(Verb::Apply)
                .option("--target", key.as_str())
                .option("--adopt", "never"),
        ),
        _ => Message::from(format!(
            "if the {noun} was deleted, remove it from the lockfile: "
        ))
        .command(of_key(Verb::StateRm)),
    });
    ways.push("otherwise apply again later, when the answers of the API agree".into());
    ways
}
