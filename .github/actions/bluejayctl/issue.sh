#!/usr/bin/env bash
# Keeps one issue about drift up to date: opened when there is drift, updated
# while there is, closed when there is none any more.
#
# Environment: REPORT (a Markdown file), EXIT_CODE (of `bluejayctl drift`),
# DIRECTORY, ENVIRONMENT, GITHUB_TOKEN, GITHUB_REPOSITORY.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=api.sh
. "$(dirname "${BASH_SOURCE[0]}")/api.sh"

fail() {
  echo "::error title=bluejayctl::could not $1 (GitHub answered $(last_status))"
  exit 1
}

repository=/repos/${GITHUB_REPOSITORY:?}
name=$(printf '%s' "${ENVIRONMENT:-}" | tr -c 'A-Za-z0-9._' '_')
marker=$(printf '<!-- bluejayctl:drift%s -->\n' "${name:+:$name}" | with_folder)
title="Bluejay simulations have drifted${ENVIRONMENT:+ ($ENVIRONMENT)}"
own=$(own_filter)
filter=".[] | select($own and .pull_request == null and ((.body // \"\") | startswith($(jq -n --arg marker "$marker" '$marker')))) | .number"

case ${EXIT_CODE:?} in
  0 | 2) ;;
  # Nothing is known, so the issue stays as it is.
  *) exit 0 ;;
esac
number=$(first_of "$repository/issues?state=open&" "$filter") || fail "read the issues"

if [ "$EXIT_CODE" = 2 ]; then
  payload=$(jq -n --arg title "$title" --arg marker "$marker" --rawfile report "${REPORT:?}" \
    '{title: $title, body: ($marker + "\n" + $report)[0:65000]}')
  if [ -n "$number" ]; then
    api PATCH "$repository/issues/$number" "$payload" || fail "update issue $number"
    echo "updated issue $number"
  else
    api POST "$repository/issues" "$payload" || fail "open an issue"
    echo "opened issue $(answered .number)"
  fi
elif [ -n "$number" ]; then
  api POST "$repository/issues/$number/comments" '{"body": "No drift any more."}' || fail "comment on issue $number"
  api PATCH "$repository/issues/$number" '{"state": "closed"}' || fail "close issue $number"
  echo "closed issue $number"
else
  echo "no drift, and no issue about any"
fi
