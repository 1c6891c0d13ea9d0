#!/usr/bin/env bash
# What a job of GitLab tells the project:
#
#   gitlab.sh note   keeps one note with the plan on the merge request up to date
#   gitlab.sh issue  keeps one issue about drift up to date, and closes it
#   gitlab.sh push   fails if the branch is protected from the push of the lockfile
#
# Environment: BLUEJAY_GITLAB_TOKEN (of a project access token with the scope `api`), and for
# `push` BLUEJAY_GITLAB_PUSH_TOKEN (of the role that the pushing job has, since GitLab answers
# for the token that asks); nothing is done without. REPORT (a Markdown file), EXIT_CODE (of the command), DIRECTORY,
# ENVIRONMENT, BRANCH, LOCKFILE_BRANCH, and the variables of the job.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=api.sh
. "$(dirname "${BASH_SOURCE[0]}")/api.sh"
# shellcheck source-path=SCRIPTDIR source=no-plan.sh
. "$(dirname "${BASH_SOURCE[0]}")/no-plan.sh"

variable=BLUEJAY_GITLAB_TOKEN
if [ "${1:-}" = push ]; then variable=BLUEJAY_GITLAB_PUSH_TOKEN; fi
token=${!variable:-}
if [ -z "$token" ]; then
  echo "no ${1:-}: the variable $variable is not set"
  exit 0
fi
api_base() { printf '%s/projects/%s' "${CI_API_V4_URL:?}" "${CI_PROJECT_ID:?}"; }
api_credentials() { printf 'PRIVATE-TOKEN: %s' "$token"; }

# A note or an issue that fails is no failure: the job has the report as an artifact.
give_up() {
  echo "could not $1 (GitLab answered $(last_status)); the report is an artifact of this job"
  exit 0
}

# found_by LIST FIELD SHOW: what this very token wrote and what begins with the marker.
found_by() {
  all_of "$1" ".[] | select(.author.username == $me and ((.$2 // \"\") | startswith($quoted))) | $3"
}

me() {
  local base
  base=$(declare -f api_base)
  api_base() { printf '%s' "$CI_API_V4_URL"; }
  api GET /user || give_up "read who the token is"
  me=$(jq '.username' "$answer")
  eval "$base"
}

note() {
  local notes="/merge_requests/${CI_MERGE_REQUEST_IID:?}/notes" body found payload
  # Or the note would go on showing the plan before.
  [ -s "${REPORT:?}" ] || no_plan "${EXIT_CODE:-1}" >"$REPORT"
  body=$(with_folder <"$REPORT")
  quoted=$(jq -n --arg marker "$(head -n 1 <<<"$body")" '$marker')
  me
  find_notes() { found_by "$notes?sort=asc&" body '"\(.id)"'; }
  found=$(find_notes) || give_up "read the notes"
  payload=$(jq -n --rawfile body <(printf '%s\n' "$body") '{body: $body}')
  if [ -n "$found" ]; then
    api PUT "$notes/$(head -n 1 <<<"$found")" "$payload" || give_up "update the note"
    echo "updated the note"
  elif [ "${IS_QUIET:-false}" = true ]; then
    echo "no note, since nothing changes"
  else
    create_once "$notes" "$payload" find_notes '"\(.id)"' >/dev/null || give_up "write the note"
    echo "wrote the note"
  fi
}

issue() {
  local marker found payload number
  case ${EXIT_CODE:?} in 0 | 2) ;; *) return 0 ;; esac
  marker=$(printf '%s' "${ENVIRONMENT:-}" | tr -c 'A-Za-z0-9._' '_')
  marker=$(printf '<!-- bluejayctl:drift%s -->\n' "${marker:+:$marker}" | with_folder)
  quoted=$(jq -n --arg marker "$marker" '$marker')
  me
  find_issues() { found_by "/issues?state=opened&order_by=created_at&sort=asc&" description '"\(.iid)"'; }
  found=$(find_issues) || give_up "read the issues"
  payload=$(jq -n --arg title "Bluejay simulations have drifted${ENVIRONMENT:+ ($ENVIRONMENT)}" \
    --arg marker "$marker" --rawfile report "${REPORT:?}" '{title: $title, description: ($marker + "\n" + $report)}')
  if [ "$EXIT_CODE" = 0 ]; then
    for number in $found; do
      api PUT "/issues/$number" '{"state_event": "close"}' || give_up "close issue $number"
      echo "closed issue $number"
    done
  elif [ -n "$found" ]; then
    number=$(head -n 1 <<<"$found")
    api PUT "/issues/$number" "$payload" || give_up "update issue $number"
    echo "updated issue $number"
  else
    found=$(create_once /issues "$payload" find_issues '"\(.iid)"') || give_up "open an issue"
    echo "opened issue $(head -n 1 <<<"$found")"
  fi
}

push() {
  local branch=${LOCKFILE_BRANCH:-${BRANCH:?}} encoded
  encoded=$(jq -rn --arg branch "$branch" '$branch | @uri')
  if ! api GET "/repository/branches/$encoded"; then
    echo "whether $branch may be pushed to could not be read (GitLab answered $(last_status))"
  elif [ "$(answered .can_push)" = false ]; then
    echo "$branch is protected from the push of the lockfile; nothing was applied; set BLUEJAY_LOCKFILE_BRANCH, or let the role of BLUEJAY_GITLAB_PUSH_TOKEN push there"
    exit 1
  fi
}

case ${1:-} in
  note | issue | push) "$1" ;;
  *)
    echo "usage: gitlab.sh note|issue|push"
    exit 1
    ;;
esac
