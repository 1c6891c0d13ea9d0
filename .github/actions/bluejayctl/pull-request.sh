#!/usr/bin/env bash
# Keeps one pull request with the pulled values up to date: opened when the files have
# changed, updated while they do, closed when they don't any more.
#
# Environment: REPORT (a Markdown file), EXIT_CODE (of `bluejayctl pull`), BRANCH (to merge
# into), DIRECTORY, ENVIRONMENT, GITHUB_TOKEN, GITHUB_REPOSITORY, and optionally REMOTE.
set -euo pipefail
# git has no use for the key, and neither have its hooks.
unset BLUEJAY_API_KEY
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source-path=SCRIPTDIR source=api.sh
. "$here/api.sh"
# shellcheck source-path=SCRIPTDIR source=push.sh
. "$here/push.sh"
# shellcheck source-path=SCRIPTDIR source=checkout.sh
. "$here/checkout.sh"

case ${EXIT_CODE:?} in
  0 | 3) ;;
  # Nothing is known, so the pull request stays as it is.
  *) exit 0 ;;
esac

fail() {
  echo "::error title=bluejayctl::could not $1 (GitHub answered $(last_status))"
  exit 1
}

report=$(cd "$(dirname "${REPORT:?}")" && pwd)/$(basename "$REPORT")
repository=/repos/${GITHUB_REPOSITORY:?}
word() { printf '%s' "$1" | tr -c 'A-Za-z0-9._\n' '-' | sed 's/^[-.]*//; s/[-.]*$//'; }
folder=$(word "$(printf '%s' "${DIRECTORY:-.}" | sed 's|^\./||')")
name=$(word "${ENVIRONMENT:-}")
head=bluejay-pull${folder:+-$folder}${name:+-$name}
base=${BRANCH:?}
title="Pull Bluejay simulations from the dashboard${ENVIRONMENT:+ ($ENVIRONMENT)}"
cd "${DIRECTORY:-.}"

# The line for each open pull request of this branch: its number.
show=.number
find_pulls() {
  all_of "$repository/pulls?state=open&head=${GITHUB_REPOSITORY%%/*}:$head&base=$base&" ".[] | $show"
}

if git diff --quiet HEAD -- .; then
  found=$(find_pulls) || fail "read the pull requests"
  if [ -z "$found" ]; then echo "nothing to pull, and no pull request"; fi
  for number in $found; do
    api PATCH "$repository/pulls/$number" '{"state": "closed"}' || fail "close pull request $number"
    echo "closed pull request $number"
  done
  exit 0
fi

git checkout --quiet -B "$head"
"${as_bot[@]}" commit --quiet --message "$title" -- .
# Nobody else writes to this branch, and the pull request has what is there now.
if ! push_ref --force "${REMOTE:-origin}" "HEAD:refs/heads/$head"; then
  echo "::error title=bluejayctl::could not push the branch $head: $push_said"
  exit 1
fi

payload=$(jq -n --arg title "$title" --arg head "$head" --arg base "$base" --rawfile report "$report" \
  '{title: $title, head: $head, base: $base, body: $report}')
found=$(find_pulls) || fail "read the pull requests"
did=updated
if [ -z "$found" ]; then
  did=opened
  if ! found=$(create_once "$repository/pulls" "$payload" find_pulls "$show"); then
    if [ "$(last_status)" != 403 ]; then fail "open a pull request"; fi
    # A setting of the repository or of its organisation, which is off at first.
    echo "::warning title=bluejayctl::the branch $head has the values, but GitHub Actions may not open pull requests here: see the settings under Actions, General"
    exit 0
  fi
fi
number=$(head -n 1 <<<"$found")
if [ $did = updated ]; then
  change=$(jq 'del(.head, .base)' <<<"$payload")
  api PATCH "$repository/pulls/$number" "$change" || fail "update pull request $number"
fi
echo "$did pull request $number"
