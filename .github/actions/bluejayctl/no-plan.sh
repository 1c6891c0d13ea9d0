# shellcheck shell=bash
# What a comment shows where there is no plan. To be sourced.

# no_plan STATUS: the first line is the one by which the comment is found: see Marker in the
# source.
no_plan() {
  local name
  name=$(printf '%s' "${ENVIRONMENT:-}" | tr -c 'A-Za-z0-9._-' '_' | sed 's/--/-_/g')
  printf '<!-- bluejayctl:plan%s -->\n### Bluejay simulations\n\n' "${name:+:$name}"
  printf '**There is no plan: bluejayctl ended with exit code %s.** The log of this job says why.\n' "$1"
}
