#!/usr/bin/env bash
# Commits the lockfile and pushes it to the branch, losing nothing when somebody
# else pushed in between: then it is rebased, both sides of the lockfile are
# joined, and it is pushed again. When that fails for good, the entries are shown,
# the file is kept, and the way out of that very case is named.
#
# Environment: BRANCH, and optionally LOCKFILE_BRANCH (pushed to in its place), DIRECTORY
# (of the lockfile), LOCKFILES (a git pathspec), REMOTE, PUSH_WAIT (seconds), MESSAGE,
# COUNTS (what was done, for the trailers), KEEP (a folder), BLUEJAYCTL.
set -euo pipefail
# git has no use for the key, and neither have its hooks.
unset BLUEJAY_API_KEY
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source-path=SCRIPTDIR source=push.sh
. "$here/push.sh"
# shellcheck source-path=SCRIPTDIR source=checkout.sh
. "$here/checkout.sh"
# shellcheck source-path=SCRIPTDIR source=unpushed.sh
. "$here/unpushed.sh"

branch=${LOCKFILE_BRANCH:-${BRANCH:?}}
remote=${REMOTE:-origin}
deadline=$((SECONDS + ${PUSH_WAIT:-300}))
message=${MESSAGE:-"Record what was applied [skip ci]"}
pattern=${LOCKFILES:-bluejay*.lock}
program=$(command -v "${BLUEJAYCTL:-bluejayctl}")
case $program in /*) ;; *) program=$PWD/$program ;; esac
cd "${DIRECTORY:-.}"
keep=${KEEP:-${RUNNER_TEMP:-$PWD/.bluejay}/bluejayctl-unpushed}

# What made this commit, for `git log` and `git interpret-trailers`.
trailers() {
  local run=${GITHUB_SERVER_URL:+$GITHUB_SERVER_URL/${GITHUB_REPOSITORY:-}/actions/runs/${GITHUB_RUN_ID:-}}
  run=${run:-${CI_JOB_URL:-}}
  echo "Applied-Commit: $(git rev-parse HEAD)"
  if [ -n "${COUNTS:-}" ]; then echo "Applied-Changes: $COUNTS"; fi
  if [ -n "$run" ]; then echo "Applied-By: $run"; fi
  echo "Applied-With: $("$program" --version)"
}

# What the push is to do beside the push. GitLab opens the merge request by itself.
push_options=()
if [ -n "${LOCKFILE_BRANCH:-}" ] && [ -n "${GITLAB_CI:-}" ]; then
  push_options=(
    -o merge_request.create -o "merge_request.target=$BRANCH"
    -o "merge_request.title=Record what was applied" -o ci.skip
  )
fi

# The lockfiles that changed or are new, each behind a NUL.
changed() {
  git ls-files -z --modified --others --exclude-standard -- \
    ":(glob)$pattern" ':(glob,exclude)**/*.sandbox.lock'
}

# `--env NAME` for `bluejay.NAME.lock`, nothing for `bluejay.lock`.
environment_of() {
  local name
  name=$(basename "$1" .lock)
  case $name in *.*) printf -- '--env %s' "${name#*.}" ;; esac
}

# Runs the program on this lockfile.
on_lockfile() {
  local environment
  read -r -a environment <<<"$(environment_of "$1")"
  shift
  "$program" ${environment[@]+"${environment[@]}"} "$@"
}

unmerged() { git diff -z --relative --name-only --diff-filter=U; }

# Joins what git could not, and goes on with the rebase.
resolve() {
  local file
  while IFS= read -r -d '' file; do
    case $file in *.lock) ;; *) return 1 ;; esac
    # Without markers a merge driver gave up, and there are no two sides to join.
    grep -q '^<<<<<<< ' "$file" || return 1
    on_lockfile "$file" state resolve || return 1
    git add -- "$file"
  done < <(unmerged)
  GIT_EDITOR=true "${as_bot[@]}" rebase --continue
}

# Puts our commit on top of what was fetched. A lockfile branch has the commits of the other
# branch too, which must stay as they are, so there it is merged.
rebase() {
  if [ -n "${LOCKFILE_BRANCH:-}" ]; then
    if "${as_bot[@]}" merge --no-edit --autostash FETCH_HEAD; then return 0; fi
    git merge --abort
    return 1
  fi
  if "${as_bot[@]}" rebase --autostash FETCH_HEAD || resolve; then return 0; fi
  git rebase --abort
  return 1
}

files=()
while IFS= read -r -d '' file; do
  if [ -f "$file" ]; then files+=("$file"); fi
done < <(changed)
if [ ${#files[@]} -eq 0 ]; then
  echo "the lockfile has not changed"
  exit 0
fi
configure_driver "$program"
git add -- "${files[@]}"
"${as_bot[@]}" commit --quiet --message "$message" --message "$(trailers)" -- "${files[@]}"

why=trouble
attempt=0
while :; do
  if push_ref ${push_options[@]+"${push_options[@]}"} "$remote" "HEAD:refs/heads/$branch"; then
    echo "pushed the lockfile to $branch"
    exit 0
  fi
  echo "not pushed: $push_said"
  case $pushed in refused | forbidden) why=refused && break ;; esac
  if [ $SECONDS -ge $deadline ]; then break; fi
  attempt=$((attempt < 10 ? attempt + 1 : attempt))
  pause $attempt
  bounded 120 git fetch --quiet "$remote" "refs/heads/$branch" || continue
  if git merge-base --is-ancestor FETCH_HEAD HEAD; then continue; fi
  joining=$(mktemp)
  if ! rebase 2>&1 | tee "$joining"; then
    why=conflict
    break
  fi
done
unpushed "$why"
exit 1
