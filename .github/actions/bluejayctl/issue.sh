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
show='"\(.number) \(.user.login)"'
filter=".[] | select($own and .pull_request == null and ((.body // \"\") | startswith($(jq -n --arg marker "$marker" '$marker')))) | $show"

case ${EXIT_CODE:?} in
  0 | 2) ;;
  # Nothing is known, so the issue stays as it is.
  *) exit 0 ;;
esac
find_issues() { all_of "$repository/issues?state=open&sort=created&direction=asc&" "$filter"; }

close() { api PATCH "$repository/issues/$1" '{"state": "closed"}' || fail "close issue $1"; }

found=$(find_issues) || fail "read the issues"

if [ "$EXIT_CODE" = 0 ]; then
  if [ -z "$found" ]; then echo "no drift, and no issue about any"; fi
  while read -r number _; do
    [ -n "$number" ] || continue
    close "$number"
    # A word for those who follow it; closed it is without.
    api POST "$repository/issues/$number/comments" '{"body": "No drift any more."}' || true
    echo "closed issue $number"
  done <<<"$found"
  exit 0
fi

payload=$(jq -n --arg title "$title" --arg marker "$marker" --rawfile report "${REPORT:?}" \
  '{title: $title, body: ($marker + "\n" + $report)}')
did=updated
if [ -z "$found" ]; then
  did=opened
  found=$(create_once "$repository/issues" "$payload" find_issues "$show") || fail "open an issue"
fi
{
  read -r number author
  # Two jobs at once may each have opened one.
  while read -r surplus by; do
    if [ "$by" != "$author" ]; then continue; fi
    close "$surplus"
    did=updated
  done
} <<<"$found"
if [ $did = updated ]; then
  api PATCH "$repository/issues/$number" "$payload" || fail "update issue $number"
fi
echo "$did issue $number"
