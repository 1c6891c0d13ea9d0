#!/usr/bin/env bash
# Runs the command, and leaves its report for the steps that follow.
#
# Environment: COMMAND (validate, plan, apply, run, drift, pull), DIRECTORY, ENVIRONMENT,
# ARGS, PLAN_FILE (where plan saves), LOCKFILE_BRANCH, GITHUB_TOKEN (to fetch that branch),
# BLUEJAYCTL; for apply that of apply.sh too. The program itself writes the
# outputs, and the summary but for drift and pull.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source-path=SCRIPTDIR source=signals.sh
. "$here/signals.sh"
# shellcheck source-path=SCRIPTDIR source=no-plan.sh
. "$here/no-plan.sh"

program=${BLUEJAYCTL:-bluejayctl}
report=${RUNNER_TEMP:?}/bluejayctl-report.md
read -r -a more <<<"${ARGS:-}"
options=(-C "${DIRECTORY:-.}")
if [ -n "${ENVIRONMENT:-}" ]; then options+=(--env "$ENVIRONMENT"); fi

output() { echo "$1=$2" >>"${GITHUB_OUTPUT:?}"; }

# No key, no summary, no outputs: for what is shown beside the command's own run.
aside() { env -u BLUEJAY_API_KEY -u GITHUB_ACTIONS "$program" "${options[@]}" "$@" || true; }

attend() {
  begin "$program" "${options[@]}" "$@" ${more[@]+"${more[@]}"}
  await
}

# With such arguments it is unknown which comment is meant.
say_no_plan() {
  case " ${ARGS:-} " in *' --env'* | *' -e'* | *' --sandbox '*) return 0 ;; esac
  no_plan "$status"
}

# What an apply has recorded, which the branch of the declarations may not have yet. An
# apply does this under its lock.
case ${COMMAND:?} in
  plan | run | drift | pull) bash "$here/join.sh" ;;
esac
unset GITHUB_TOKEN
if [ "$COMMAND" = plan ] && [ -n "${PLAN_FILE:-}" ]; then
  mkdir -p "$(dirname "$PLAN_FILE")"
  save=(--out "$(realpath "$(dirname "$PLAN_FILE")")/$(basename "$PLAN_FILE")")
fi

status=0
case $COMMAND in
  validate)
    attend validate --format github
    ;;
  plan)
    attend plan --format markdown ${save[@]+"${save[@]}"} >"$report"
    # The lines that changed; what the API holds was read once already.
    offline=()
    for word in ${more[@]+"${more[@]}"}; do
      if [ "$word" != --refresh ]; then offline+=("$word"); fi
    done
    aside --quiet plan --format github ${offline[@]+"${offline[@]}"} 2>/dev/null
    # Or the comment would go on showing the plan before.
    if [ ! -s "$report" ]; then say_no_plan >"$report"; fi
    ;;
  apply)
    FORMAT=github exec bash "$here/apply.sh"
    ;;
  run)
    attend run --format markdown >"$report"
    ;;
  drift | pull)
    attend "$COMMAND" --format markdown >"$report"
    if [ -n "${GITHUB_STEP_SUMMARY:-}" ]; then cat "$report" >>"$GITHUB_STEP_SUMMARY"; fi
    ;;
  *)
    echo "::error title=bluejayctl::the command is none of validate, plan, apply, run, drift, pull"
    exit 1
    ;;
esac
case $COMMAND in plan | run | drift | pull) output report "$report" ;; esac
output exit-code "$status"

# Drift is a finding, not a failure: the issue tells of it. What a pull left alone is in
# its pull request.
case $COMMAND:$status in drift:2 | pull:3) status=0 ;; esac
exit "$status"
