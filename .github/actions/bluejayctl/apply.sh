#!/usr/bin/env bash
# A merge job: waits for its turn, takes the tip of the branch, applies, and
# commits the lockfile.
#
# Environment: BRANCH, COMMIT (true: commit the lockfile), LOCK (false: go without),
# DIRECTORY, ENVIRONMENT, ARGS, FORMAT, BLUEJAYCTL; and that of lock.sh and
# commit-lockfile.sh.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source-path=SCRIPTDIR source=push.sh
. "$here/push.sh"
# shellcheck source-path=SCRIPTDIR source=lock.sh
. "$here/lock.sh"
# shellcheck source-path=SCRIPTDIR source=signals.sh
. "$here/signals.sh"

read -r -a more <<<"${ARGS:-}"
options=(-C "${DIRECTORY:-.}")
if [ -n "${ENVIRONMENT:-}" ]; then options+=(--env "$ENVIRONMENT"); fi
keeper=

fail() {
  echo "::error title=bluejayctl::$1; nothing was applied"
  exit 1
}

# An apply that ended while this one waited has pushed its lockfile since, and
# without that this one would create the same again.
take_newest() {
  local said
  until said=$(LC_ALL=C bounded 120 git fetch --quiet "$lock_remote" "refs/heads/$BRANCH" 2>&1); do
    case $said in *"find remote ref"*) fail "there is no branch $BRANCH on the remote" ;; esac
    if [ $SECONDS -ge "$lock_deadline" ]; then
      fail "the tip of $BRANCH could not be fetched ($(head -n 1 <<<"$said" | without_credentials))"
    fi
    pause
    # Whether it is still ours is asked once more before anything is applied.
    lock_renew || true
  done
  git merge --quiet --ff-only FETCH_HEAD || fail "this checkout can't be brought to the tip of $BRANCH"
}

# Whether creates may be under way whose answers nobody waits for any more.
is_cut_off() { [ "$status" -gt 128 ] && compgen -G "${DIRECTORY:-.}/*.lock.journal" >/dev/null; }

end() {
  local code=$?
  if [ -n "$keeper" ]; then kill -TERM -- "-$keeper" 2>/dev/null || true; fi
  lock_give
  if [ -n "${GITHUB_OUTPUT:-}" ]; then echo "exit-code=$code" >>"$GITHUB_OUTPUT"; fi
}
trap end EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

if [ -n "${BRANCH:-}" ]; then
  if [ "${LOCK:-true}" = true ]; then lock_take; fi
  take_newest
  lock_renew || fail "the lock was lost before the apply began"
fi
begin "${BLUEJAYCTL:-bluejayctl}" "${options[@]}" apply --yes --format "${FORMAT:-human}" ${more[@]+"${more[@]}"}
if [ "$lock_state" = held ]; then
  # In a group of its own too: it lives as long as the apply, whatever becomes of us.
  set -m
  lock_keep "$child" &
  keeper=$!
  set +m
fi
await

# What is left is short, and must not be cut off.
trap '' INT TERM
committed=0
if [ "${COMMIT:-false}" = true ]; then
  # After a failed apply too: what did succeed must be remembered.
  if [ -n "$signal" ]; then export PUSH_WAIT=${PUSH_WAIT:-30}; fi
  bash "$here/commit-lockfile.sh" || committed=1
fi
if [ "$lock_state" = held ] && is_cut_off; then
  lock_state=no
  echo "::notice title=bluejayctl::the apply was cut off, so the lock stays until it expires: what was sent may still come true"
fi
if [ "$status" = 0 ]; then status=$committed; fi
exit "$status"
