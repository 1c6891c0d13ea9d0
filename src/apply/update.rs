//! Updates a resource in place: first its fields, then its digital humans.
//!
//! The answer to an update is compared with the desired state. A field that the API did
//! not change is recorded with its observed value, so that the next plan shows the field
//! again.

use std::collections::BTreeSet;

use super::step::{StepResult, StepResults, close, finish};
use super::{Context, Operation, crash_point};
use crate::api::Fate;
use crate::journal::{Entry, Intent};
use crate::plan::{
    Action, Change, DigitalHumansPatch, describe_retained, overlay_retained, retained_fields,
};
use crate::resource::body::Body;
use crate::resource::field::{Field, ReadAt};
use crate::resource::key::{DigitalHumanId, RemoteId};
use crate::resource::simulation::{DIGITAL_HUMANS, DURATION, MARKER};
use crate::resource::{FieldChange, Kind, Normalized, Observed, diff, patch, patch_at};

/// An update of the fields of one resource.
pub(super) struct Update<'a> {
    pub id: RemoteId,
    /// The paths that change.
    pub fields: Vec<String>,
    /// The body of the request.
    pub patch: &'a Body,
    /// The prior state, if the lockfile has one.
    before: Option<&'a Body>,
    /// The desired state.
    wanted: &'a Body,
}

impl<'a> Update<'a> {
    /// Returns the update of a change; `None` if the change is no update in place.
    pub(super) fn of(change: &'a Change) -> Option<Self> {
        let Action::Update { patch } = &change.action else {
            return None;
        };
        let fields = change.fields.iter().map(|field| field.path.clone());
        let fields = fields.filter(|path| path != DIGITAL_HUMANS);
        Some(Self {
            id: change.id?,
            fields: fields.collect(),
            patch,
            before: change.before.as_ref(),
            wanted: change.after.as_ref()?,
        })
    }

    /// Returns the intent of an update.
    pub(super) fn intent(&self, change: &Change) -> Intent {
        Intent::Update {
            key: change.key.clone(),
            simulation_id: self.id,
            fields: self.fields.clone(),
            body: self.executed(),
        }
    }

    /// Returns the state after the update. A marker that only a create sets stays.
    fn executed(&self) -> Body {
        let mut body = self.wanted.clone();
        let marker = self.before.and_then(|before| before.get(MARKER));
        if let Some(marker) = marker.filter(|_| self.id.kind().is_fixed_marker(MARKER)) {
            body.fields_mut().insert(MARKER.to_owned(), marker.clone());
        }
        body
    }

    /// Returns whether an observation shows every changed field, except for the fields that
    /// no answer shows.
    pub(super) fn is_shown_by(&self, seen: &Observed) -> bool {
        is_shown(self.id.kind(), &self.fields, seen)
    }

    /// Returns whether an observation shows that a changed field does not have the wanted
    /// value.
    pub(super) fn is_contradicted_by(&self, seen: &Observed) -> bool {
        let nothing = Body::default();
        let before = self.before.unwrap_or(&nothing);
        !retained_fields(&self.fields, before, self.wanted, seen).is_empty()
    }

    /// Returns whether the values that a read shows can prove the update: every changed
    /// field is readable and has one wanted value.
    pub(super) fn is_provable(&self) -> bool {
        let kind = self.id.kind();
        let meaning = Normalized::of(kind, self.wanted);
        let mut fields = self.fields.iter();
        fields.all(|path| {
            let is_one_value = |field: &Field| meaning.get(path).is_some() || field.has_default();
            is_readable(kind, path) && kind.field_at(path).is_some_and(is_one_value)
        })
    }
}

/// Returns whether an observation shows these fields, except for those that no answer
/// shows.
fn is_shown(kind: Kind, fields: &[String], seen: &Observed) -> bool {
    let readable = fields.iter().filter(|path| is_readable(kind, path));
    seen.shows(&readable.cloned().collect::<Vec<_>>())
}

fn is_readable(kind: Kind, path: &str) -> bool {
    let field = kind.field_at(path);
    field.is_none_or(|field| field.read != ReadAt::Nowhere)
}

impl Context<'_> {
    /// Carries out an update.
    pub(super) async fn update(&self, change: &Change) -> StepResults {
        let Some(update) = Update::of(change) else {
            return Vec::new();
        };
        let mut results = self.steps(change, &update).await;
        if results.is_empty() {
            results.push((Operation::Update, StepResult::Done));
        }
        results
    }

    /// Completes a create: sends the fields that a create does not carry, the fields that
    /// the API stored wrongly, and the digital humans. Returns the failed steps.
    pub(super) async fn complete(&self, change: &Change) -> StepResults {
        let entry = self.ledger.entry_of(&change.key);
        let (Some(entry), Some(wanted)) = (entry, &change.after) else {
            return Vec::new();
        };
        let changed = diff(change.key.kind(), &entry.applied, wanted);
        let confirmed = self.set_by_create(entry.id, &changed, wanted).await;
        let sent = changed
            .iter()
            .filter(|field| !confirmed.contains(&field.path));
        let update = Update {
            id: entry.id,
            fields: changed.iter().map(|field| field.path.clone()).collect(),
            patch: &patch(change.key.kind(), sent, &entry.applied, wanted),
            before: Some(&entry.applied),
            wanted,
        };
        let mut results = self.steps(change, &update).await;
        results.retain(|(_, result)| !matches!(result, StepResult::Done));
        results
    }

    /// Returns the fields unknown to the schema that the create has set, according to a
    /// read. The API may accept such a field with an update only. Sends no request if all
    /// fields are known.
    async fn set_by_create(
        &self,
        id: RemoteId,
        changed: &[FieldChange],
        wanted: &Body,
    ) -> BTreeSet<String> {
        let kind = id.kind();
        let unknown = changed.iter().map(|field| &field.path);
        let unknown: Vec<_> = unknown
            .filter(|path| kind.field_at(path).is_none() && kind.split(path).is_none())
            .collect();
        if unknown.is_empty() {
            return BTreeSet::new();
        }
        let Ok(Some(shown)) = self.client.read(id).await else {
            return BTreeSet::new();
        };
        let is_set = |path: &&&String| {
            let value = wanted.get(path);
            value.is_some_and(|value| shown.shows_unknown(path, value))
        };
        unknown.iter().filter(is_set).copied().cloned().collect()
    }

    /// Updates the fields, then attaches and detaches the digital humans. A step without
    /// anything to send is skipped. If both steps succeed, they count as one.
    async fn steps(&self, change: &Change, update: &Update<'_>) -> StepResults {
        let mut results = StepResults::new();
        if !update.fields.is_empty() {
            results.push((Operation::Update, self.update_fields(change, update).await));
        }
        let is_open = matches!(
            results[..],
            [] | [(_, StepResult::Done | StepResult::Retained(_))]
        );
        if let Some(humans) = change.humans.as_ref().filter(|_| is_open) {
            match self.attach(change, update.id, humans).await {
                StepResult::Done if results.is_empty() => {
                    results.push((Operation::Update, StepResult::Done));
                }
                StepResult::Done => {}
                result => results.push((Operation::Attach, result)),
            }
        }
        results
    }

    /// Sends an update after its intent is recorded.
    pub(super) async fn update_fields(&self, change: &Change, update: &Update<'_>) -> StepResult {
        let seq = match self
            .ledger
            .intend(update.intent(change), self.latest_time())
            .await
        {
            Ok(seq) => seq,
            Err(error) => return error.into(),
        };
        if update.patch.0.is_empty() {
            // The create has set all fields, so no request is needed.
            let applied = None;
            return close(self, Entry::Done { seq, applied }, StepResult::Done).await;
        }
        self.send_update(seq, update).await
    }

    /// Sends an update whose intent is recorded.
    pub(super) async fn send_update(&self, seq: u64, update: &Update<'_>) -> StepResult {
        let fate = self.client.update(update.id, update.patch).await;
        crash_point!("update.answered");
        let result = match fate {
            Fate::Done(answer) => self.compare(seq, update, answer).await,
            fate => finish(self, seq, fate).await,
        };
        crash_point!("update.recorded");
        result
    }

    /// Records the result of an update, according to its answer.
    async fn compare(&self, seq: u64, update: &Update<'_>, answer: Option<Observed>) -> StepResult {
        let mut fields = update.fields.clone();
        let answer = match self.observe(update, &fields, answer).await {
            Some(answer) if answer.has_minutes_fault(update.wanted) => {
                fields.push(DURATION.to_owned());
                self.mend_duration(update, answer).await
            }
            answer => answer,
        };
        self.conclude_update(seq, update, &fields, answer).await
    }

    /// Records the result of an update, according to an observation.
    pub(super) async fn conclude_update(
        &self,
        seq: u64,
        update: &Update<'_>,
        fields: &[String],
        answer: Option<Observed>,
    ) -> StepResult {
        let kind = update.id.kind();
        let nothing = Body::default();
        let (before, wanted) = (update.before.unwrap_or(&nothing), update.wanted);
        let retained = answer.map(|answer| retained_fields(fields, before, wanted, &answer));
        let retained = retained.unwrap_or_default();
        if retained.is_empty() {
            let applied = None;
            return close(self, Entry::Done { seq, applied }, StepResult::Done).await;
        }
        let applied = Some(overlay_retained(
            kind,
            before,
            &update.executed(),
            &retained,
        ));
        let result = StepResult::Retained(describe_retained(kind, &retained, before, wanted));
        close(self, Entry::Done { seq, applied }, result).await
    }

    /// Returns the observation after an update: the answer, and a read if the answer does
    /// not show all of these fields. A field that neither shows is not visible, which is
    /// no failure.
    async fn observe(
        &self,
        update: &Update<'_>,
        fields: &[String],
        answer: Option<Observed>,
    ) -> Option<Observed> {
        match answer {
            Some(answer) if is_shown(update.id.kind(), fields, &answer) => Some(answer),
            Some(answer) => match self.client.read(update.id).await {
                Ok(Some(read)) => Some(read.or(answer)),
                _ => Some(answer),
            },
            None => self.client.read(update.id).await.ok().flatten(),
        }
    }

    /// Sends the duration again, which the API stored sixty times too long.
    async fn mend_duration(&self, update: &Update<'_>, answer: Observed) -> Option<Observed> {
        let fields = [DURATION.to_owned()];
        let nothing = Body::default();
        let before = update.before.unwrap_or(&nothing);
        let duration = patch_at(update.id.kind(), &fields, before, update.wanted);
        match self.client.update(update.id, &duration).await {
            Fate::Done(mended) => {
                let mended = self.observe(update, &fields, mended).await;
                // Without another observation, the duration counts as unchanged.
                Some(mended.map_or_else(|| answer.clone(), |mended| mended.or(answer.clone())))
            }
            _ => Some(answer),
        }
    }

    /// Attaches and detaches digital humans. Sending both requests twice has the same
    /// effect.
    async fn attach(
        &self,
        change: &Change,
        id: RemoteId,
        humans: &DigitalHumansPatch,
    ) -> StepResult {
        let mut remove = humans.remove.clone();
        if humans.is_exclusive {
            match self.client.humans(id).await {
                Ok(there) => remove.extend(there.difference(&humans.wanted)),
                Err(error) => return StepResult::NotDone(error),
            }
        }
        let intent = Intent::Attach {
            key: change.key.clone(),
            simulation_id: id,
            add: humans.add.clone(),
            remove: remove.clone(),
            humans: humans.wanted.clone(),
        };
        let seq = match self.ledger.intend(intent, self.latest_time()).await {
            Ok(seq) => seq,
            Err(error) => return error.into(),
        };
        let fate = self.send_humans(id, &humans.add, &remove).await;
        crash_point!("humans.answered");
        let result = finish(self, seq, fate).await;
        crash_point!("humans.recorded");
        result
    }

    /// Sends the request that attaches, then the request that detaches.
    pub(super) async fn send_humans(
        &self,
        id: RemoteId,
        add: &BTreeSet<DigitalHumanId>,
        remove: &BTreeSet<DigitalHumanId>,
    ) -> Fate<()> {
        if !add.is_empty() {
            match self.client.attach(id, add).await {
                Fate::Done(()) => {}
                fate => return fate,
            }
        }
        if remove.is_empty() {
            return Fate::Done(());
        }
        crash_point!("humans.attached");
        match self.client.detach(id, remove).await {
            // The request that attaches has changed something, or may have.
            Fate::NotDone(error) if !add.is_empty() => Fate::Unknown(error),
            fate => fate,
        }
    }
}
