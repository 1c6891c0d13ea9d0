# shellcheck shell=bash
# One apply at a time for the whole repository, whatever started it: a ref on the
# remote that only one push can create. To be sourced, after push.sh and checkout.sh.
#
# Queues of a CI (`concurrency`, `resource_group`) come first and are kinder; this
# holds where two workflows, or a job and a laptop, don't share one.
#
# The lock is a lease. Its holder moves the ref every LOCK_RENEW seconds, and stops
# its apply when it could not for six times as long. Who waits takes over a ref that
# did not move for LOCK_EXPIRY seconds of its own clock, so no two clocks are
# compared. A holder that was paused that long finds out within a second or so of
# coming back; what its program sends in that second is not prevented.
#
# Environment: REMOTE, LOCK_WAIT, LOCK_EXPIRY (more than six times LOCK_RENEW) and
# LOCK_RENEW, in seconds. `pushed` and `push_said` are of push.sh.
# shellcheck disable=SC2154

lock_ref=refs/bluejayctl/apply
lock_remote=${REMOTE:-origin}
lock_expiry=${LOCK_EXPIRY:-300}
lock_pace=${LOCK_RENEW:-30}
lock_deadline=$((SECONDS + ${LOCK_WAIT:-1800}))
lock_owner="$(uname -n).$$.$RANDOM$RANDOM"
# no, or held; then lock_at is where this job put the ref last.
lock_state=no
lock_at=

# A commit that says who holds the lock.
lock_commit() {
  local who=${GITHUB_SERVER_URL:+$GITHUB_SERVER_URL/${GITHUB_REPOSITORY:-}/actions/runs/${GITHUB_RUN_ID:-}}
  who=${who:-${CI_JOB_URL:-$(id -un)}}
  "${as_bot[@]}" commit-tree "$(git mktree </dev/null)" -m "apply of $who, process $lock_owner"
}

# The commit that the ref is at, empty for none; fails where the remote can't be asked.
lock_look() {
  local line
  line=$(bounded 60 git ls-remote "$lock_remote" "$lock_ref" 2>/dev/null) || return 1
  echo "${line%%[[:space:]]*}"
}

# The commits of others are not even here.
lock_is_ours() { git cat-file commit "$1" 2>/dev/null | grep -F "$lock_owner" >/dev/null; }

# lock_push FROM TO: moves the ref, if it still is where it is thought to be.
lock_push() {
  push_ref --quiet --force-with-lease="$lock_ref:$1" "$lock_remote" "$2:$lock_ref"
}

lock_holder() {
  bounded 60 git fetch --quiet --no-tags --depth=1 "$lock_remote" "$lock_ref" 2>/dev/null &&
    git show --no-patch --format=%s "$1" 2>/dev/null || echo "apply of another job"
}

lock_take() {
  local current seen='' since=$SECONDS
  while :; do
    lock_at=$(lock_commit)
    # Said before it is done: a push that is cut off may have been taken.
    lock_state=held
    if lock_push '' "$lock_at"; then return 0; fi
    case $pushed in
      refused)
        lock_state=no
        echo "::warning title=bluejayctl::no lock, since the remote takes no ref $lock_ref ($push_said); only the queue of the CI keeps applies apart"
        return 0
        ;;
      forbidden)
        echo "::error title=bluejayctl::this job may not push to the remote, so it could neither lock nor record what it applies ($push_said); nothing was applied"
        return 1
        ;;
    esac
    if current=$(lock_look) && [ -n "$current" ]; then
      # Taken after all, and only the answer was lost.
      if lock_is_ours "$current"; then
        lock_at=$current
        return 0
      fi
      if [ "$current" != "$seen" ]; then
        if [ -z "$seen" ]; then echo "::notice title=bluejayctl::waiting for the $(lock_holder "$current")"; fi
        seen=$current since=$SECONDS
      fi
      if [ $((SECONDS - since)) -ge "$lock_expiry" ] && lock_push "$current" "$lock_at"; then
        echo "::warning title=bluejayctl::took over the lock of an apply that is gone: $(lock_holder "$lock_at")"
        return 0
      fi
    fi
    if [ $SECONDS -ge "$lock_deadline" ]; then
      lock_refuse "${current:-}"
      return 1
    fi
    pause
  done
}

lock_refuse() {
  local remote
  remote=$(without_credentials <<<"$lock_remote")
  if [ -n "$1" ]; then
    echo "::error title=bluejayctl::another apply holds the lock; nothing was applied; if it is gone: git push $remote :$lock_ref"
  else
    echo "::error title=bluejayctl::the lock could not be taken ($push_said); nothing was applied; run this job again"
  fi
}

# Succeeds where the lock is ours for another while; 1 when it is not any more, 2
# when that can't be known.
lock_renew() {
  local next current
  if [ "$lock_state" != held ]; then return 0; fi
  next=$(lock_commit)
  if lock_push "$lock_at" "$next"; then
    lock_at=$next
    return 0
  fi
  current=$(lock_look) || return 2
  lock_is_ours "$current" || return 1
  lock_at=$current
  [ "$current" = "$next" ] || return 2
}

# A process that nobody has waited for yet, as in a container without init, is dead too.
is_alive() { kill -0 "$1" 2>/dev/null && ! grep -q '^State:.*Z' "/proc/$1/status" 2>/dev/null; }

# lock_keep APPLY: renews the lock while this job or its apply lives; stops the apply
# when it can't, and fails then. To be run in the background.
lock_keep() {
  local renewed=$SECONDS tried=$SECONDS result
  while is_alive $$ || is_alive "$1"; do
    sleep 1
    if [ $((SECONDS - tried)) -lt "$lock_pace" ]; then continue; fi
    tried=$SECONDS result=0
    lock_renew || result=$?
    if [ $result = 0 ]; then renewed=$tried; fi
    if [ $result = 1 ]; then
      lock_stop "$1" "another apply took over the lock, so this one was stopped"
    elif [ $((SECONDS - renewed)) -ge $((lock_pace * 6)) ]; then
      lock_stop "$1" "the lock could not be renewed ($push_said), so the apply was stopped"
    else
      continue
    fi
    return 1
  done
}

lock_stop() {
  if kill -INT "$1" 2>/dev/null; then echo "::error title=bluejayctl::$2"; fi
}

lock_give() {
  local current attempt
  if [ "$lock_state" != held ]; then return 0; fi
  lock_state=no
  for attempt in 1 2 3; do
    if current=$(lock_look); then
      lock_is_ours "$current" || return 0
      if lock_push "$current" ''; then return 0; fi
    fi
    pause "$attempt"
  done
  echo "::notice title=bluejayctl::the lock could not be given back; it expires in $lock_expiry seconds"
}
