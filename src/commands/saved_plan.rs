//! Saves a plan, and checks an apply against a saved plan.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::load::Workspace;
use crate::cli::{GlobalArgs, OnChangeArg, PlanningArgs};
use crate::error::CommandError;
use crate::journal::Replay;
use crate::lock::ApiAddress;
use crate::plan::{
    self, AdoptionPolicy, InputDigests, Observed, Plan, SavedOptions, SavedPlanError,
};
use crate::report::{self, Output};
use crate::resource::key::ResourceKey;
use crate::spec::nearest::join_names;
use crate::store;
use crate::store::writable::WritablePath;
use crate::suggestion::{Message, Suggestion, Verb};

/// The inputs of a plan.
pub(super) struct Context<'a> {
    /// The options of every command.
    pub global: &'a GlobalArgs,
    /// The options of planning.
    pub planning: &'a PlanningArgs,
    /// The treatment of untracked resources.
    pub adopt: AdoptionPolicy,
    /// The files: the desired state and the variables.
    pub workspace: &'a Workspace,
    /// The recorded state: lockfile and journal.
    pub replay: &'a Replay,
    /// The address of the API.
    pub api: &'a ApiAddress,
}

impl Context<'_> {
    fn inputs(&self) -> InputDigests {
        let open = self.replay.open.values();
        let open: Vec<_> = open.map(|open| open.intent.key().to_string()).collect();
        InputDigests::of(
            &self.workspace.desired,
            &self.replay.lock,
            &open,
            self.api,
            self.global.env.as_deref(),
            &self.workspace.variables,
        )
    }
}

/// Writes a plan to a file, unless an apply would refuse the plan.
pub(super) fn save(
    file: &Path,
    context: &Context<'_>,
    plan: &Plan,
    destination: &report::Destination,
    output: &Output,
) -> Result<(), CommandError> {
    if !plan.is_applyable() {
        output.note("the plan was not saved, because an apply would refuse it");
        return Ok(());
    }
    let options = SavedOptions {
        targets: context.planning.targets.clone(),
        prune: context.planning.prune,
        refresh: context.planning.refresh,
        force: context.planning.force,
        recreate: context.planning.on_change == OnChangeArg::Recreate,
        adopt: (context.adopt != AdoptionPolicy::default()).then_some(context.adopt),
    };
    let shown = report::plan::PlanDocument::of(plan, destination, &[]);
    let saved = plan::SavedPlan::new(options, context.inputs(), plan, shown);
    let path = WritablePath::named(&context.global.path(file));
    path.replace_with(|file| {
        serde_json::to_writer_pretty(&mut *file, &saved)?;
        file.write_all(b"\n")
    })?;
    let name = file.display().to_string();
    output.note(
        Message::from(format!("saved to `{name}`; "))
            .command(Suggestion::new(Verb::Apply).argument(&name))
            .text(" executes exactly this plan"),
    );
    Ok(())
}

/// The variables that a saved plan was saved with.
#[derive(Default)]
pub(super) struct SavedVariables {
    file: String,
    names: Vec<String>,
}

impl SavedVariables {
    /// Writes which of the variables are not given now, if any: files with mistakes may
    /// need them.
    pub fn note_missing(&self, workspace: &Workspace, output: &Output) {
        let given = workspace.settings.vars.given();
        let given: BTreeSet<_> = given.map(|(name, _)| name).collect();
        let names = self.names.iter().map(String::as_str);
        let missing: Vec<_> = names.filter(|name| !given.contains(name)).collect();
        if !missing.is_empty() {
            let (file, names) = (&self.file, join_names(missing, "and"));
            output.note(format!(
                "the plan `{file}` was saved with {names}: give the same variables again"
            ));
        }
    }
}

/// Returns what a person may have meant with a plan that can't be read: a key, or a plan that
/// is not written yet.
fn instead_of(file: &Path) -> Message {
    let name = file.to_string_lossy();
    if file.extension().is_some_and(|ending| ending == "json") {
        let plan = Suggestion::new(Verb::Plan).option("--out", name);
        return Message::from("to write the plan: ").command(plan);
    }
    let apply = Suggestion::new(Verb::Apply).option("--target", name);
    Message::from("to apply one simulation: ").command(apply)
}

/// A saved plan, and the file that it was read from.
pub(super) struct SavedPlan {
    file: PathBuf,
    plan: plan::SavedPlan,
}

impl SavedPlan {
    /// Reads a saved plan.
    pub fn read(file: &Path, global: &GlobalArgs) -> Result<Self, CommandError> {
        let text = store::read_text(&global.path(file))
            .map_err(|error| CommandError::from(error).help(instead_of(file)))?;
        let plan = plan::SavedPlan::parse(&text).map_err(|error| {
            CommandError::new(format!("could not use the plan `{}`", file.display()))
                .caused_by(error)
                .help(
                    Message::from("save a plan with ")
                        .command(Suggestion::new(Verb::Plan).option("--out", "FILE"))
                        .text("; `apply` without a file needs no saved plan"),
                )
        })?;
        Ok(Self {
            file: file.to_owned(),
            plan,
        })
    }

    /// Returns the environment of the plan.
    pub fn environment(&self) -> Option<&str> {
        self.plan.inputs.environment.as_deref()
    }

    /// Returns an error if the chosen environment is not the environment of the plan.
    pub fn check_environment(&self, global: &GlobalArgs) -> Result<(), CommandError> {
        let (planned, chosen) = (self.environment(), global.env.as_deref());
        if planned == chosen {
            return Ok(());
        }
        let shown = |name: Option<&str>| match name {
            Some(name) => format!("the environment `{name}`"),
            None => "no environment".to_owned(),
        };
        let file = self.file.display();
        let error = CommandError::new(format!(
            "the plan `{file}` is for {}, not for {}",
            shown(planned),
            shown(chosen)
        ));
        Err(error.help(if global.is_env_inherited {
            "`BLUEJAY_ENV` chooses the environment: unset it, since the plan knows its own"
        } else {
            "leave `--env` out, since the plan knows its own environment, or plan again"
        }))
    }

    /// Returns the variables that the plan was saved with.
    pub fn variables(&self) -> SavedVariables {
        SavedVariables {
            file: self.file.display().to_string(),
            names: self.plan.inputs.variables.keys().cloned().collect(),
        }
    }

    /// Returns the options of the plan.
    pub fn planning(&self) -> PlanningArgs {
        let options = &self.plan.options;
        PlanningArgs {
            targets: options.targets.clone(),
            prune: options.prune,
            refresh: options.refresh,
            force: options.force,
            on_change: if options.recreate {
                OnChangeArg::Recreate
            } else {
                OnChangeArg::Update
            },
        }
    }

    /// Returns the treatment of untracked resources, if it is not the default.
    pub fn adopt(&self) -> Option<AdoptionPolicy> {
        self.plan.options.adopt
    }

    /// Returns an error if files, lockfile, environment or address have changed since the
    /// plan.
    pub fn check_inputs(&self, context: &Context<'_>) -> Result<(), CommandError> {
        let checked = self.plan.check_inputs(&context.inputs());
        checked.map_err(|error| self.refused(error))
    }

    /// Returns an error if the new plan differs from the saved plan.
    pub fn check_plan(&self, plan: &Plan) -> Result<(), CommandError> {
        let checked = self.plan.check_decision(plan);
        checked.map_err(|error| self.refused(error))
    }

    /// Returns an error if the apply would adopt a resource that the plan creates.
    pub fn check_nothing_adopted(
        &self,
        taken: &BTreeMap<ResourceKey, Observed>,
    ) -> Result<(), CommandError> {
        let Some((key, found)) = taken.iter().next() else {
            return Ok(());
        };
        let file = self.file.display();
        Err(
            CommandError::new(format!("the plan `{file}` is out of date"))
                .caused_by(format!(
                    "the plan creates `{key}`, but {:#} already exists",
                    found.id
                ))
                .help(
                    Message::from("to adopt the simulation, plan again with a refresh: ")
                        .command(self.plan_again(true)),
                )
                .help(
                    Message::from("to create another simulation: ").command(
                        Suggestion::new(Verb::Apply)
                            .option("--adopt", "never")
                            .argument(file),
                    ),
                ),
        )
    }

    fn refused(&self, error: SavedPlanError) -> CommandError {
        let file = self.file.display();
        CommandError::new(format!("the plan `{file}` is out of date"))
            .caused_by(error)
            .help(Message::from("plan again: ").command(self.plan_again(self.plan.options.refresh)))
    }

    /// Returns the command that saves a plan with the same options to the same file.
    fn plan_again(&self, refresh: bool) -> Suggestion {
        let options = &self.plan.options;
        let targets = options.targets.iter();
        let mut plan = targets.fold(Suggestion::new(Verb::Plan), |plan, target| {
            plan.option("--target", target)
        });
        for (is_given, name) in [
            (options.prune, "--prune"),
            (refresh, "--refresh"),
            (options.force, "--force"),
        ] {
            if is_given {
                plan = plan.flag(name);
            }
        }
        if options.recreate {
            plan = plan.option("--on-change", "recreate");
        }
        plan.option("--out", self.file.to_string_lossy())
    }
}
