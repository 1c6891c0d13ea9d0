#!/usr/bin/env bash
# A merge job: waits for its turn, takes the tip of the branch, applies, and
# commits the lockfile.
#
# Environment: BRANCH, COMMIT (true: commit the lockfile), DIRECTORY, ENVIRONMENT,
# ARGS, FORMAT, BLUEJAYCTL; and that of lock.sh and commit-lockfile.sh.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source-path=SCRIPTDIR source=lock.sh
. "$here/lock.sh"

read -r -a more <<<"${ARGS:-}"
options=(-C "${DIRECTORY:-.}")
if [ -n "${ENVIRONMENT:-}" ]; then options+=(--env "$ENVIRONMENT"); fi

# An apply that ended while this one waited has pushed its lockfile since.
take_newest() {
  if git fetch --quiet "${REMOTE:-origin}" "refs/heads/$BRANCH" && git merge --quiet --ff-only FETCH_HEAD; then
    return 0
  fi
  echo "::warning title=bluejayctl::this checkout can't be brought to the tip of $BRANCH, so it is applied as it is"
}

status=0
committed=0
if [ -n "${BRANCH:-}" ]; then
  trap lock_give EXIT
  lock_take
  take_newest
fi
"${BLUEJAYCTL:-bluejayctl}" "${options[@]}" apply --yes --format "${FORMAT:-human}" ${more[@]+"${more[@]}"} ||
  status=$?
# After a failed apply too: what did succeed must be remembered.
if [ "${COMMIT:-false}" = true ]; then
  bash "$here/commit-lockfile.sh" || committed=1
fi
if [ "$status" = 0 ]; then status=$committed; fi
exit "$status"
