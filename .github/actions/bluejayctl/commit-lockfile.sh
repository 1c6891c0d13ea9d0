#!/usr/bin/env bash
# Commits the lockfile and pushes it to the branch, losing nothing when somebody
# else pushed in between: then it is rebased, both sides of the lockfile are
# joined, and it is pushed again. When that fails for good, the entries are shown
# and the file is kept; the next apply finds the simulations by itself.
#
# Environment: BRANCH, and optionally DIRECTORY (of the lockfile), LOCKFILES (a
# git pathspec), REMOTE, ATTEMPTS, MESSAGE, KEEP (a folder), BLUEJAYCTL.
set -euo pipefail
# git has no use for the key, and neither have its hooks.
unset BLUEJAY_API_KEY

branch=${BRANCH:?}
remote=${REMOTE:-origin}
attempts=${ATTEMPTS:-10}
message=${MESSAGE:-"Record what was applied [skip ci]"}
pattern=${LOCKFILES:-bluejay*.lock}
program=$(command -v "${BLUEJAYCTL:-bluejayctl}")
case $program in /*) ;; *) program=$PWD/$program ;; esac
cd "${DIRECTORY:-.}"
keep=${KEEP:-${RUNNER_TEMP:-$PWD/.bluejay}/bluejayctl-unpushed}

commit=(
  git -c "user.name=${GIT_AUTHOR_NAME:-bluejayctl}"
  -c "user.email=${GIT_AUTHOR_EMAIL:-bluejayctl@users.noreply.github.com}"
)

output() {
  if [ -n "${GITHUB_OUTPUT:-}" ]; then echo "$1=$2" >>"$GITHUB_OUTPUT"; fi
}

# The lockfiles that changed or are new, each behind a NUL.
changed() {
  git ls-files -z --modified --others --exclude-standard -- \
    ":(glob)$pattern" ':(glob,exclude)**/*.sandbox.lock'
}

# Runs the program on this lockfile: with `--env NAME` for `bluejay.NAME.lock`.
on_lockfile() {
  local name
  name=$(basename "$1" .lock)
  shift
  case $name in
    *.*) "$program" --env "${name#*.}" "$@" ;;
    *) "$program" "$@" ;;
  esac
}

# Lets git join the two sides of a lockfile by itself, in this clone alone.
configure_driver() {
  "$program" state merge-driver --help >/dev/null 2>&1 || return 0
  git config merge.bluejayctl.name "bluejayctl's lockfile"
  git config merge.bluejayctl.driver "'$program' state merge-driver %O %A %B"
  local attributes line="$pattern merge=bluejayctl"
  attributes=$(git rev-parse --git-path info/attributes)
  mkdir -p "$(dirname "$attributes")"
  grep -qxF "$line" "$attributes" 2>/dev/null || echo "$line" >>"$attributes"
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
  GIT_EDITOR=true "${commit[@]}" rebase --continue
}

# Puts our commit on top of what was fetched.
rebase() {
  if "${commit[@]}" rebase --autostash FETCH_HEAD || resolve; then return 0; fi
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
configure_driver
git add -- "${files[@]}"
"${commit[@]}" commit --quiet --message "$message" -- "${files[@]}"

refusals=0
for ((attempt = 1; attempt <= attempts; attempt++)); do
  if git push "$remote" "HEAD:refs/heads/$branch"; then
    echo "pushed the lockfile to $branch"
    exit 0
  fi
  # Jobs that were rejected together must not come back together.
  sleep "$((RANDOM % attempt)).$((RANDOM % 900 + 100))"
  git fetch "$remote" "refs/heads/$branch" || continue
  if git merge-base --is-ancestor FETCH_HEAD HEAD; then
    # Nobody was faster, so it is no race: the branch may be protected.
    refusals=$((refusals + 1))
    if [ $refusals -ge 3 ]; then break; fi
  elif ! rebase; then
    break
  fi
done

# The entries, for people; the files, for whoever wants to commit them by hand.
mkdir -p "$keep"
cp -- "${files[@]}" "$keep/"
output kept "$keep"
{
  echo "### The lockfile could not be pushed to \`$branch\`"
  echo
  echo "Nothing is lost: the next apply finds these simulations by their names and takes them over."
  echo "The file is kept as an artifact of this job. These are its entries:"
  echo
  for file in "${files[@]}"; do
    # Indented by four, so that no key can end the block.
    on_lockfile "$file" state list 2>/dev/null | head -c 200000 | sed 's/^/    /'
    echo
  done
} | tee -a "${GITHUB_STEP_SUMMARY:-/dev/null}"
echo "::error title=bluejayctl::the lockfile could not be pushed to $branch: may this job push there?"
exit 1
