# An example policy over `bluejayctl plan --format json`, for conftest or OPA 1.0:
#
#   bluejayctl plan --env production --format json > plan.json
#   conftest test --policy docs/policy plan.json
#
# In production it denies deletes, replaces and lifted protection. Everywhere it denies a
# plan that an apply would refuse, and a format that the policy does not know.
package main

import rego.v1

protected_environments := {"production"}

# A policy that can't read a plan must not let it pass.
deny contains msg if {
	not startswith(input.format_version, "1.")
	msg := sprintf("format_version %v: this policy reads version 1", [input.format_version])
}

deny contains "this is no plan of bluejayctl: format_version is missing" if {
	not input.format_version
}

deny contains "apply would refuse this plan" if {
	not input.applyable
}

deny contains msg if {
	input.environment in protected_environments
	some change in input.changes
	"delete" in change.actions
	msg := sprintf("%s would be %s in %s", [change.key, verb(change), input.environment])
}

deny contains msg if {
	input.environment in protected_environments
	some change in input.protect_changes
	change.before
	not change.after
	msg := sprintf("the protection of %s would be lifted in %s", [change.key, input.environment])
}

# An orphan is no change at the API, but somebody should know.
warn contains msg if {
	some change in input.changes
	"orphan" in change.actions
	msg := sprintf("%s stays at Bluejay although no file declares it", [change.key])
}

verb(change) := "replaced" if "create" in change.actions

verb(change) := "deleted" if not "create" in change.actions
