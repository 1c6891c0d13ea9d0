#!/usr/bin/env bash
# Commits the lockfile and pushes it to the branch, losing nothing when somebody
# else pushed in between: then it is rebased, both sides of the lockfile are
# joined, and it is pushed again. When that fails for good, the entries are shown,
# the file is kept, and the way out of that very case is named.
#
# A commit that was not pushed is at the ref `unpushed_ref` of this checkout, until it is. A
# job that is killed in between leaves it to its next step, or to the next job of a runner that
# keeps its checkouts.
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

# Says and keeps what could not be pushed. A key with two ids is a person's to decide from
# then on, and no later job's.
give_up() {
  unpushed "$1"
  if [ "$1" = conflict ]; then git update-ref -d "$unpushed_ref"; fi
  exit 1
}

# add FILE: names a file in `files`, once.
add() {
  local known
  for known in ${files[@]+"${files[@]}"}; do
    if [ "$known" = "$1" ]; then return 0; fi
  done
  files+=("$1")
}

# The path of a file, given by its path from the top of the repository.
here_named() {
  local prefix
  prefix=$(git rev-parse --show-prefix)
  case $1 in
    "$prefix"*) printf '%s' "${1#"$prefix"}" ;;
    *) printf '%s%s' "$(git rev-parse --show-cdup)" "$1" ;;
  esac
}

# Brings the entries of a commit that was not pushed into the lockfiles of this checkout, and
# names them in `files`. The content is merged and not the commit, since a shallow checkout
# has no history in common with it.
take_unpushed() {
  local name file sides
  git rebase --abort 2>/dev/null || git merge --abort 2>/dev/null || true
  if git merge-base --is-ancestor "$unpushed_ref" HEAD; then return 0; fi
  sides=$(mktemp -d)
  while IFS= read -r -d '' name; do
    file=$(here_named "$name")
    add "$file"
    git show "$unpushed_ref:$name" >"$sides/theirs"
    git show "$unpushed_ref^:$name" >"$sides/base" 2>/dev/null || : >"$sides/base"
    if [ ! -e "$file" ]; then
      cp "$sides/theirs" "$file"
    elif ! "$program" state merge-driver "$sides/base" "$file" "$sides/theirs" 2>"$joining"; then
      cat "$joining"
      git checkout --quiet "$unpushed_ref" -- "$file"
      files=("$file")
      give_up conflict
    fi
  done < <(git diff -z --name-only "$unpushed_ref^" "$unpushed_ref")
}

# Where the merges of this run say what they did.
joining=$(mktemp)
files=()
record=(--message "$message" --message "$(trailers)")
if has_unpushed; then
  take_unpushed
  if [ ${#files[@]} -gt 0 ]; then record=(--reuse-message "$unpushed_ref"); fi
fi
while IFS= read -r -d '' file; do
  if [ -f "$file" ]; then add "$file"; fi
done < <(changed)
configure_driver "$program"
if [ ${#files[@]} -gt 0 ]; then
  git add -- "${files[@]}"
  # What another job has pushed meanwhile is no change any more.
  if ! git diff --cached --quiet -- "${files[@]}"; then
    "${as_bot[@]}" commit --quiet "${record[@]}" -- "${files[@]}"
    git update-ref "$unpushed_ref" HEAD
  fi
fi
if ! has_unpushed; then
  echo "the lockfile has not changed"
  exit 0
fi

why=trouble
attempt=0
while :; do
  if push_ref ${push_options[@]+"${push_options[@]}"} "$remote" "HEAD:refs/heads/$branch"; then
    git update-ref -d "$unpushed_ref"
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
  if ! rebase 2>&1 | tee "$joining"; then
    why=conflict
    break
  fi
done
give_up "$why"
