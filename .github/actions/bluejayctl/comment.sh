#!/usr/bin/env bash
# Keeps one comment on a pull request up to date: the one whose first line is the
# first line of the report.
#
# Environment: REPORT (a Markdown file), NUMBER (of the pull request), DIRECTORY,
# IS_QUIET (true: don't begin a comment), GITHUB_TOKEN, GITHUB_REPOSITORY.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=api.sh
. "$(dirname "${BASH_SOURCE[0]}")/api.sh"

[ -s "${REPORT:?}" ] || exit 0
[[ ${NUMBER:?} =~ ^[0-9]+$ ]] || exit 0
repository=/repos/${GITHUB_REPOSITORY:?}
body=$(with_folder <"$REPORT")
marker=$(head -n 1 <<<"$body")

# The plan stands in the job's summary too, so a comment that fails is no failure.
give_up() {
  local status
  status=$(last_status)
  case $status in
    401 | 403 | 404) echo "::notice title=bluejayctl::no comment, since this token may not write one (a fork's may not); the plan is in the summary of this job" ;;
    *) echo "::warning title=bluejayctl::could not $1 (GitHub answered $status); the plan is in the summary of this job" ;;
  esac
  exit 0
}

own=$(own_filter)
show='"\(.id) \(.user.login)"'
filter=".[] | select($own and ((.body // \"\") | startswith($(jq -n --arg marker "$marker" '$marker')))) | $show"
find_comments() { all_of "$repository/issues/$NUMBER/comments?" "$filter"; }

found=$(find_comments) || give_up "read the comments"
payload=$(jq -n --rawfile body <(printf '%s\n' "$body") '{body: $body}')
if [ -z "$found" ] && [ "${IS_QUIET:-false}" = true ]; then
  echo "no comment, since nothing changes"
  exit 0
fi
did=updated
if [ -z "$found" ]; then
  did=wrote
  found=$(create_once "$repository/issues/$NUMBER/comments" "$payload" find_comments "$show") || give_up "write the comment"
fi
{
  read -r id author
  # Two jobs at once may each have begun one.
  while read -r surplus by; do
    if [ "$by" != "$author" ]; then continue; fi
    api DELETE "$repository/issues/comments/$surplus" || give_up "delete the surplus comment $surplus"
    did=updated
  done
} <<<"$found"
if [ $did = updated ]; then
  api PATCH "$repository/issues/comments/$id" "$payload" || give_up "update the comment"
fi
echo "$did comment $id"
