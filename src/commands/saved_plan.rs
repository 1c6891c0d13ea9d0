//! Saving a plan, and holding an apply to it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::cli::{GlobalArgs, OnChangeArg, PlanningArgs};
use crate::error::CommandError;
use crate::journal::Replay;
use crate::lock::ApiAddress;
use crate::plan::{self, Adopt, Inputs, Observed, Plan, SavedOptions, SavedPlanError};
use crate::report::{self, Output};
use crate::resource::desired::DesiredState;
use crate::resource::key::SimulationKey;
use crate::spec::command_line::{option, positional};
use crate::store;

/// What a plan is made from.
pub(super) struct Context<'a> {
    /// The environment.
    pub global: &'a GlobalArgs,
    /// The options of planning.
    pub planning: &'a PlanningArgs,
    /// What is done about untracked simulations.
    pub adopt: Adopt,
    /// What the files declare.
    pub desired: &'a DesiredState,
    /// The lockfile and the journal.
    pub replay: &'a Replay,
    /// The address of the API.
    pub api: &'a ApiAddress,
}

impl Context<'_> {
    fn inputs(&self) -> Inputs {
        let open = self.replay.open.values();
        let open: Vec<_> = open.map(|open| open.intent.key().to_string()).collect();
        Inputs::of(
            self.desired,
            &self.replay.lock,
            &open,
            self.api,
            self.global.env.as_deref(),
        )
    }
}

/// Writes a plan, unless it may not be applied.
pub(super) fn save(
    file: &Path,
    context: &Context<'_>,
    plan: &Plan,
    destination: &report::plan::Destination,
    output: &Output,
) -> Result<(), CommandError> {
    if !plan.is_applyable() {
        output.note("the plan was not saved, since it may not be applied");
        return Ok(());
    }
    let options = SavedOptions {
        targets: context.planning.targets.clone(),
        prune: context.planning.prune,
        refresh: context.planning.refresh,
        force: context.planning.force,
        recreate: context.planning.on_change == OnChangeArg::Recreate,
        adopt: (context.adopt != Adopt::default()).then_some(context.adopt),
    };
    let shown = report::plan::document(plan, destination, &[]);
    let saved = plan::SavedPlan::new(options, context.inputs(), plan, shown);
    store::replace_if_different(&context.global.path(file), &saved.render())?;
    let name = file.display().to_string();
    output.note(&format!(
        "saved to `{name}`; `bluejayctl apply {}` does exactly that",
        positional(&name)
    ));
    Ok(())
}

/// A saved plan, and the file that it was read from.
pub(super) struct SavedPlan {
    file: PathBuf,
    plan: plan::SavedPlan,
}

impl SavedPlan {
    /// Reads a saved plan.
    pub fn read(file: &Path, global: &GlobalArgs) -> Result<Self, CommandError> {
        let text = store::read_text(&global.path(file))?;
        let plan = plan::SavedPlan::parse(&text).map_err(|error| {
            CommandError::new(format!("could not use the plan `{}`", file.display()))
                .caused_by(error)
                .help("save one with `bluejayctl plan --out FILE`; an apply without a file needs none")
        })?;
        Ok(Self {
            file: file.to_owned(),
            plan,
        })
    }

    /// The options that it was made with.
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

    /// What it was made to do about untracked simulations, where that is not the default.
    pub fn adopt(&self) -> Option<Adopt> {
        self.plan.options.adopt
    }

    /// Refuses when files, lockfile, environment or address are not as they were.
    pub fn check_inputs(&self, context: &Context<'_>) -> Result<(), CommandError> {
        let checked = self.plan.check_inputs(&context.inputs());
        checked.map_err(|error| self.refused(error))
    }

    /// Refuses when something else would be done.
    pub fn check_plan(&self, plan: &Plan) -> Result<(), CommandError> {
        let checked = self.plan.check_decision(plan);
        checked.map_err(|error| self.refused(error))
    }

    /// Refuses when simulations would be taken over that the plan creates.
    pub fn check_nothing_taken(
        &self,
        taken: &BTreeMap<SimulationKey, Observed>,
    ) -> Result<(), CommandError> {
        let Some((key, found)) = taken.iter().next() else {
            return Ok(());
        };
        let file = self.file.display();
        Err(CommandError::new(format!("the plan `{file}` is not the plan any more"))
            .caused_by(format!(
                "it creates `{key}`, and simulation {} is there already",
                found.id
            ))
            .help(format!(
                "plan again with a look, to take it over: `bluejayctl plan --refresh --out '{file}'`"
            ))
            .help(format!(
                "or create another beside it: `bluejayctl apply '{file}' --adopt never`"
            )))
    }

    fn refused(&self, error: SavedPlanError) -> CommandError {
        let file = self.file.display();
        CommandError::new(format!("the plan `{file}` is not the plan any more"))
            .caused_by(error)
            .help(format!(
                "plan again: `bluejayctl plan {}`",
                option("--out", &file.to_string())
            ))
    }
}
