# shellcheck shell=bash
# One apply at a time for the whole repository, whatever started it: a ref on the
# remote that only one push can create. To be sourced; `lock_take`, `lock_give`.
#
# Queues of a CI (`concurrency`, `resource_group`) come first and are kinder; this
# holds where two workflows, or a job and a laptop, don't share one.
#
# Environment: REMOTE, LOCK_WAIT and LOCK_EXPIRY (seconds). A lock that is older than
# any job may be was left by one that is gone, and is taken over.

lock_ref=refs/bluejayctl/apply
lock_held=

# A commit that says who holds the lock, and since when.
lock_commit() {
  local who=${GITHUB_SERVER_URL:+$GITHUB_SERVER_URL/${GITHUB_REPOSITORY:-}/actions/runs/${GITHUB_RUN_ID:-}}
  who=${who:-${CI_JOB_URL:-$(id -un)@$(uname -n)}}
  git -c user.name=bluejayctl -c user.email=bluejayctl@users.noreply.github.com \
    commit-tree "$(git mktree </dev/null)" -m "apply of $who, process $$"
}

lock_take() {
  local remote=${REMOTE:-origin} deadline=$((SECONDS + ${LOCK_WAIT:-1800}))
  local refusals=0 is_told=no commit current since
  while :; do
    commit=$(lock_commit)
    if git push --quiet --force-with-lease="$lock_ref:" "$remote" "$commit:$lock_ref" 2>/dev/null; then
      lock_held=$commit
      return 0
    fi
    current=$(git ls-remote "$remote" "$lock_ref" | cut -f 1)
    if [ -z "$current" ]; then
      # Given back just now, or this remote takes no such refs.
      refusals=$((refusals + 1))
      if [ $refusals -ge 5 ]; then
        echo "no lock on the remote, since it takes none; the queue of the CI keeps applies apart"
        return 0
      fi
    elif git fetch --quiet --depth=1 "$remote" "$lock_ref"; then
      refusals=0
      since=$(git show --no-patch --format=%ct FETCH_HEAD)
      if [ $(($(date +%s) - since)) -gt "${LOCK_EXPIRY:-3900}" ]; then
        if git push --quiet --force-with-lease="$lock_ref:$current" "$remote" "$commit:$lock_ref" 2>/dev/null; then
          echo "::warning title=bluejayctl::took over the lock of an apply that is gone: $(git show --no-patch --format=%s FETCH_HEAD)"
          lock_held=$commit
          return 0
        fi
      elif [ "$is_told" = no ]; then
        echo "waiting for the $(git show --no-patch --format=%s FETCH_HEAD)"
        is_told=yes
      fi
    fi
    if [ $SECONDS -ge $deadline ]; then
      echo "::error title=bluejayctl::another apply holds the lock; if it is gone: git push $remote :$lock_ref"
      return 1
    fi
    sleep "$((RANDOM % 2)).$((RANDOM % 900 + 100))"
  done
}

lock_give() {
  [ -n "$lock_held" ] || return 0
  git push --quiet --force-with-lease="$lock_ref:$lock_held" "${REMOTE:-origin}" ":$lock_ref" 2>/dev/null || true
  lock_held=
}
