#!/usr/bin/env bash
# Keeps one pull request from the branch of the lockfile to the branch of the
# declarations: opened when they differ. Pushes to the branch update it by themselves.
#
# Environment: BRANCH, LOCKFILE_BRANCH, GITHUB_TOKEN, GITHUB_REPOSITORY.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=api.sh
. "$(dirname "${BASH_SOURCE[0]}")/api.sh"

repository=/repos/${GITHUB_REPOSITORY:?}
owner=${GITHUB_REPOSITORY%%/*}

# The ids are on the branch already, so a pull request that fails is no failure.
give_up() {
  echo "::warning title=bluejayctl::$LOCKFILE_BRANCH has the lockfile, but $1 (GitHub answered $(last_status)); open the pull request to $BRANCH by hand, or allow GitHub Actions to create pull requests"
  exit 0
}

head=$(jq -rn --arg head "$owner:${LOCKFILE_BRANCH:?}" '$head | @uri')
base=$(jq -rn --arg base "${BRANCH:?}" '$base | @uri')
find_pulls() { all_of "$repository/pulls?state=open&head=$head&base=$base&" '.[] | "\(.number)"'; }

found=$(find_pulls) || give_up "the pull requests could not be read"
if [ -n "$found" ]; then
  echo "pull request $(head -n 1 <<<"$found") has the lockfile"
  exit 0
fi
api GET "$repository/compare/$base...$(jq -rn --arg head "$LOCKFILE_BRANCH" '$head | @uri')" ||
  case $(last_status) in 404) echo "there is no branch $LOCKFILE_BRANCH yet" && exit 0 ;; *) give_up "the branches could not be compared" ;; esac
if [ "$(answered '.files // [] | length')" = 0 ]; then
  echo "$BRANCH has the lockfile"
  exit 0
fi
payload=$(jq -n --arg head "$LOCKFILE_BRANCH" --arg base "$BRANCH" '{
  title: "Record what was applied", head: $head, base: $base,
  body: ("The ids of what was applied. Every apply reads `\($head)` beside `\($base)`, so nothing is lost "
    + "while this waits; merge it at any time. Further applies are added to this pull request.")}')
found=$(create_once "$repository/pulls" "$payload" find_pulls '.number') || give_up "no pull request could be opened"
echo "opened pull request $(head -n 1 <<<"$found")"
