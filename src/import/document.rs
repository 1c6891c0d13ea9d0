//! Renders an observed resource as a YAML document.

use std::collections::BTreeSet;

use super::draft::Draft;
use super::fields::fields;
use super::leaf::{leaf_paths, remove_path, shown_path};
use super::target::{ImportTarget, Imported, OmissionReason, OmittedField};
use super::text::{parse, text};
use crate::resource::document_fields::{KEY, KIND};
use crate::resource::{Kind, Observed};
use crate::spec::included_text::IncludedTexts;
use crate::spec::outside_vars::OutsideVars;

/// Renders the file that declares an observed resource. Returns an error if the resource
/// can't be declared.
pub fn import(observed: &Observed, target: &ImportTarget<'_>) -> Result<Imported, String> {
    let kind = observed.id.kind();
    let mut fields = fields(observed, target.humans);
    if kind != Kind::Simulation {
        fields.insert(KIND.to_owned(), kind.name().into());
    }
    if let Some(key) = target.key {
        fields.insert(KEY.to_owned(), key.into());
    }
    let mut omitted = Vec::new();
    loop {
        let none = BTreeSet::new();
        let text = text(kind, &fields, &none, target);
        let (resource, problems) = parse(&text, target, &IncludedTexts::default());
        if let (Some(resource), 0) = (resource, problems) {
            let draft = Draft {
                kind,
                observed: fields,
                text,
                resource,
                target,
                refers_to: BTreeSet::new(),
                inherited: none,
            };
            return draft.refined(omitted);
        }
        let refused = leaf_paths(kind, &fields).into_iter().find(|path| {
            let mut without = fields.clone();
            remove_path(&mut without, path);
            let text = self::text(kind, &without, &none, target);
            parse(&text, target, &IncludedTexts::default()).1 < problems
        });
        let path = refused.ok_or("its fields can't be declared")?;
        let value = remove_path(&mut fields, &path).unwrap_or_default();
        let outside = OutsideVars::of(&target.settings.vars);
        let reason = match outside.exposed(None, &value) {
            Some(name) => OmissionReason::OutsideVar(name.to_owned()),
            None => OmissionReason::Refused(value),
        };
        let field = shown_path(&path);
        omitted.push(OmittedField { field, reason });
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::references::Keys;
    use super::*;
    use crate::resource::key::{DigitalHumanId, RemoteId};
    use crate::spec::default_layers::KindDefaults;
    use crate::spec::settings::Settings;

    fn settings(defaults: Value) -> Settings {
        let defaults = KindDefaults {
            fields: serde_json::from_value(defaults).unwrap(),
            texts: Vec::new(),
        };
        Settings {
            defaults: [(Kind::Simulation, defaults)].into(),
            ..Settings::default()
        }
    }

    fn observed(fields: Value) -> Observed {
        Observed {
            id: RemoteId::simulation(7),
            agent_id: Some("42".into()),
            name: Some("Front desk".into()),
            created_at: None,
            fields: serde_json::from_value(fields).unwrap(),
            unknown_settings: BTreeSet::new(),
        }
    }

    fn written(shown: Value, humans: &[u64], defaults: Value) -> (String, Vec<OmittedField>) {
        let settings = settings(defaults);
        let humans = humans.iter().copied().map(DigitalHumanId).collect();
        let target = ImportTarget {
            file: "simulations/a.yaml",
            file_key: "a",
            key: None,
            schema: "../schemas/simulation.schema.json",
            settings: &settings,
            humans: Some(&humans),
            keys: &Keys::default(),
            texts: None,
            is_declared_elsewhere: false,
        };
        let imported = import(&observed(shown), &target).unwrap();
        let (_, body) = imported.text.split_once('\n').unwrap();
        (body.to_owned(), imported.omitted)
    }

    #[test]
    fn only_values_other_than_defaults_are_written_in_schema_order() {
        let shown = json!({
            "description": "Line one.\nLine two with ${brackets}.\n",
            "ringing_timeout": 300, "always_on": false, "max_concurrent": 25,
            "max_call_duration": 480, "tags": [], "pinned": false,
            "digital_humans_settings.num_runs": 3,
            "digital_humans_settings.default_name": "random",
        });
        let (text, left) = written(shown, &[102, 101], json!({}));
        assert_eq!(left, []);
        assert_eq!(
            text,
            "agent_id: '42'\nname: Front desk\ndescription: |\n  Line one.\n  Line two with $${brackets}.\n\
             max_concurrent: 25\nmax_call_duration: 8\nmax_call_duration_units: minutes\n\
             digital_humans:\n- 101\n- 102\ndigital_humans_settings:\n  num_runs: 3\n"
        );
    }

    #[test]
    fn an_unset_default_of_the_project_becomes_an_explicit_null() {
        let defaults = json!({"max_concurrent": 5, "digital_humans_settings":
            {"num_runs": 2, "default_language": "en"}});
        let shown = json!({"digital_humans_settings.num_runs": 3});
        let (text, _) = written(shown, &[], defaults.clone());
        assert!(text.contains("max_concurrent: null\n"), "{text}");
        assert!(text.contains("  default_language: null\n"), "{text}");
        let (text, _) = written(json!({}), &[], defaults);
        assert!(text.contains("digital_humans_settings: null\n"), "{text}");
    }

    #[test]
    fn values_that_the_schema_refuses_are_omitted_and_reported() {
        let shown = json!({"max_concurrent": 9000, "custom_metrics_failing_threshold": 80,
            "custom_metrics_passing_threshold": 20, "description": "kept"});
        let (text, left) = written(shown, &[], json!({}));
        assert!(text.contains("description: kept"), "{text}");
        let left: Vec<_> = left.iter().map(|left| left.field.as_str()).collect();
        assert_eq!(left, ["custom_metrics_failing_threshold", "max_concurrent"]);
    }

    #[test]
    fn settings_are_omitted_or_moved_to_extra_one_by_one() {
        let shown = json!({
            "digital_humans_settings.num_runs": "3",
            "digital_humans_settings.default_language": "en",
            "digital_humans_settings.default_accent": "${scottish}",
        });
        let (text, left) = written(shown, &[], json!({}));
        assert_eq!(
            text,
            "agent_id: '42'\nname: Front desk\n\
             digital_humans_settings:\n  default_language: en\n\
             extra:\n  digital_humans_settings:\n    default_accent: $${scottish}\n"
        );
        let field = "digital_humans_settings.num_runs".to_owned();
        let reason = OmissionReason::Refused(json!("3"));
        assert_eq!(left, [OmittedField { field, reason }]);
    }
}
