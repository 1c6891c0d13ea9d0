#!/usr/bin/env bash
# A merge job: waits for its turn, takes the tip of the branch, applies, and
# commits the lockfile.
#
# Environment: BRANCH, LOCKFILE_BRANCH, COMMIT (true: commit the lockfile), LOCK (false: go
# without), DIRECTORY, ENVIRONMENT, ARGS, PLAN_FILE (a saved plan), FORMAT, BLUEJAYCTL; and
# that of lock.sh and commit-lockfile.sh.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source-path=SCRIPTDIR source=push.sh
. "$here/push.sh"
# shellcheck source-path=SCRIPTDIR source=checkout.sh
. "$here/checkout.sh"
# shellcheck source-path=SCRIPTDIR source=lock.sh
. "$here/lock.sh"
# shellcheck source-path=SCRIPTDIR source=signals.sh
. "$here/signals.sh"

read -r -a more <<<"${ARGS:-}"
options=(-C "${DIRECTORY:-.}")
if [ -n "${ENVIRONMENT:-}" ]; then options+=(--env "$ENVIRONMENT"); fi
if [ -n "${PLAN_FILE:-}" ]; then more+=("$(realpath "$PLAN_FILE")"); fi
events=
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
    lock_renew || true
  done
  git merge --quiet --ff-only FETCH_HEAD || fail "this checkout can't be brought to the tip of $BRANCH"
  local program
  program=$(command -v "${BLUEJAYCTL:-bluejayctl}")
  said=$(join_lockfile_branch "$(realpath "$program")") || fail "$said"
}

# What an earlier job in this checkout has applied and could not push.
push_earlier() {
  PUSH_WAIT=${PUSH_WAIT:-60} bash "$here/commit-lockfile.sh" ||
    fail "what an earlier job has applied could not be pushed"
}

# What was done, in words, from the events of the apply: "2 created, 1 updated".
counts() {
  if [ -z "$events" ] || [ ! -s "$events" ]; then return 0; fi
  tail -n 1 "$events" | grep -oE '"done":\{[^}]*\}' | grep -oE '"[a-z]+":[1-9][0-9]*' |
    sed -E 's/"([a-z]+)":([0-9]+)/\2 \1/' | paste -s -d , - | sed 's/,/, /g'
}

# Nothing is applied but under a lock that is known to be ours.
renew_first() {
  local result
  while :; do
    result=0
    lock_renew || result=$?
    case $result in
      0) return ;;
      1) fail "another apply took over the lock" ;;
    esac
    if [ $SECONDS -ge "$lock_deadline" ]; then fail "the lock could not be renewed ($push_said)"; fi
    pause
  done
}

# Whether an apply that has ended left something open: creates may be under way whose
# answers nobody waits for any more.
has_journal() { compgen -G "${DIRECTORY:-.}/.bluejay/*.lock.journal" >/dev/null || compgen -G "${DIRECTORY:-.}/*.lock.journal" >/dev/null; }

# Where this job is killed and its apply comes to its end, nobody else gives it back.
keep_lock() {
  if lock_keep "$child" && ! has_journal; then lock_give; fi
}

# shellcheck disable=SC2317,SC2329
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
  if [ "${COMMIT:-false}" = true ] && has_unpushed; then push_earlier; fi
  renew_first
fi
case " ${ARGS:-} " in
  *' --json-into'*) ;;
  *)
    events=$(mktemp)
    more+=(--json-into "$events")
    ;;
esac
begin "${BLUEJAYCTL:-bluejayctl}" "${options[@]}" apply --yes --format "${FORMAT:-human}" ${more[@]+"${more[@]}"}
if [ "$lock_state" = held ]; then
  # In a group of its own too: it lives as long as the apply, whatever becomes of us.
  set -m
  keep_lock &
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
  if [ "$status" != 0 ]; then export PUSH_LEVEL=warning; fi
  COUNTS=$(counts) bash "$here/commit-lockfile.sh" || committed=1
fi
if [ "$lock_state" = held ] && [ "$status" -gt 128 ] && has_journal; then
  lock_state=no
  echo "::notice title=bluejayctl::the apply was cut off, so the lock stays until it expires: what was sent may still come true"
fi
if [ "$status" = 0 ]; then status=$committed; fi
exit "$status"
