#!/usr/bin/env bash
# Runs the command, and leaves its report for the steps that follow.
#
# Environment: COMMAND (validate, plan, apply, drift), DIRECTORY, ENVIRONMENT,
# ARGS, BLUEJAYCTL; for apply that of apply.sh too. The program itself writes the summary and the outputs.
set -euo pipefail

program=${BLUEJAYCTL:-bluejayctl}
report=${RUNNER_TEMP:?}/bluejayctl-report.md
read -r -a more <<<"${ARGS:-}"
options=(-C "${DIRECTORY:-.}")
if [ -n "${ENVIRONMENT:-}" ]; then options+=(--env "$ENVIRONMENT"); fi

output() { echo "$1=$2" >>"${GITHUB_OUTPUT:?}"; }

# No key, no summary, no outputs: for what is shown beside the command's own run.
aside() { env -u BLUEJAY_API_KEY -u GITHUB_ACTIONS "$program" "${options[@]}" "$@" || true; }

status=0
case ${COMMAND:?} in
  validate)
    "$program" "${options[@]}" validate --format github ${more[@]+"${more[@]}"} || status=$?
    ;;
  plan)
    "$program" "${options[@]}" plan --format markdown ${more[@]+"${more[@]}"} >"$report" || status=$?
    # The lines that changed; what the API holds was read once already.
    offline=()
    for word in ${more[@]+"${more[@]}"}; do
      if [ "$word" != --refresh ]; then offline+=("$word"); fi
    done
    aside --quiet plan --format github ${offline[@]+"${offline[@]}"} 2>/dev/null
    output report "$report"
    ;;
  apply)
    FORMAT=github bash "$(dirname "${BASH_SOURCE[0]}")/apply.sh" || status=$?
    ;;
  drift)
    "$program" "${options[@]}" drift --format markdown ${more[@]+"${more[@]}"} >"$report" || status=$?
    if [ -n "${GITHUB_STEP_SUMMARY:-}" ]; then head -c 900000 "$report" >>"$GITHUB_STEP_SUMMARY"; fi
    output report "$report"
    ;;
  *)
    echo "::error title=bluejayctl::the command is none of validate, plan, apply, drift"
    exit 1
    ;;
esac
output exit-code "$status"

# Drift is a finding, not a failure: the issue tells of it.
if [ "$COMMAND" = drift ] && [ "$status" = 2 ]; then status=0; fi
exit "$status"
