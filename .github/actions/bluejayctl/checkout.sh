# shellcheck shell=bash
# The checkout of a job: who commits in it, how git joins lockfiles in it, the commit that
# was not pushed from it, and the lockfile of a branch of its own. To be sourced, after push.sh.
# shellcheck disable=SC2034,SC2154

# git as the bot of the CI. A person who sets an author is the author.
bot_name=bluejayctl bot_email=bluejayctl@noreply.${CI_SERVER_HOST:-localhost}
if [ -n "${GITHUB_ACTIONS:-}" ]; then
  # The id before the name is what links the commit to the bot.
  bot_name='github-actions[bot]'
  bot_email='41898282+github-actions[bot]@users.noreply.github.com'
fi
as_bot=(
  git -c "user.name=${GIT_AUTHOR_NAME:-$bot_name}"
  -c "user.email=${GIT_AUTHOR_EMAIL:-$bot_email}"
)

# The commit of a lockfile that was not pushed yet. A branch would be reset when the next job
# takes the tip.
unpushed_ref=refs/bluejayctl/unpushed
has_unpushed() { git rev-parse --verify --quiet "$unpushed_ref" >/dev/null; }

# configure_driver PROGRAM: lets git join the two sides of a lockfile by itself, in this
# clone alone.
configure_driver() {
  "$1" state merge-driver --help >/dev/null 2>&1 || return 0
  git config merge.bluejayctl.name "bluejayctl's lockfile"
  git config merge.bluejayctl.driver "'$1' state merge-driver %O %A %B"
  local attributes line="${LOCKFILES:-bluejay*.lock} merge=bluejayctl"
  attributes=$(git rev-parse --git-path info/attributes)
  mkdir -p "$(dirname "$attributes")"
  grep -qxF "$line" "$attributes" 2>/dev/null || echo "$line" >>"$attributes"
}

# Runs git with the token of the job, where the checkout has kept no credentials. The token
# goes in by the environment, since arguments can be seen by every process.
with_token() {
  local server=${GITHUB_SERVER_URL:-}
  if [ -z "${GITHUB_TOKEN:-}" ] || [ -z "$server" ] ||
    git config --get-regexp '^http\..*\.extraheader$' >/dev/null; then
    "$@"
    return
  fi
  GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0="http.$server/.extraheader" \
    GIT_CONFIG_VALUE_0="AUTHORIZATION: basic $(printf 'x-access-token:%s' "$GITHUB_TOKEN" | base64 | tr -d '\n')" \
    "$@"
}

# has_all_of COMMIT FILE...: whether a commit of this branch has what COMMIT has in these files,
# by the content and not by the history. git before 2.38 can't tell.
has_all_of() {
  local commit tree
  while IFS= read -r commit; do
    tree=$(git merge-tree --write-tree "$commit" "$1" 2>/dev/null) || continue
    if [ "$tree" = "$(git rev-parse "$commit^{tree}")" ]; then return 0; fi
  done < <(git rev-list HEAD "^$1" -- "${@:2}")
  return 1
}

# Records which commits of FETCH_HEAD came to this branch as other commits, as in a squashed
# pull request. Without, a merge would bring back an entry that was removed here afterwards.
note_squashed() {
  local base name commit files=()
  base=$(git merge-base HEAD FETCH_HEAD) || return 0
  while IFS= read -r -d '' name; do
    files+=(":(top,literal)$name")
  done < <(git diff -z --name-only "$base" FETCH_HEAD)
  if [ ${#files[@]} -eq 0 ]; then return 0; fi
  while IFS= read -r commit; do
    if has_all_of "$commit" "${files[@]}"; then
      "${as_bot[@]}" merge --quiet --strategy ours -m "$join_message" "$commit"
      return
    fi
  done < <(git rev-list FETCH_HEAD ^HEAD -- "${files[@]}")
}

# join_lockfile_branch PROGRAM: merges what LOCKFILE_BRANCH of the remote has recorded into
# this checkout. No branch yet is no failure; otherwise says why, and fails.
join_lockfile_branch() {
  local remote=${REMOTE:-origin} said join_message="Take the lockfile of ${LOCKFILE_BRANCH:-} [skip ci]"
  if [ -z "${LOCKFILE_BRANCH:-}" ]; then return 0; fi
  # A checkout of one commit has no history in common with the branch.
  if [ "$(git rev-parse --is-shallow-repository)" = true ]; then
    with_token git fetch --quiet --unshallow "$remote" || true
  fi
  if ! said=$(LC_ALL=C with_token bounded 120 git fetch --quiet "$remote" "refs/heads/$LOCKFILE_BRANCH" 2>&1); then
    case $said in *"find remote ref"*) return 0 ;; esac
    echo "the branch $LOCKFILE_BRANCH could not be fetched ($(head -n 1 <<<"$said" | without_credentials))"
    return 1
  fi
  configure_driver "$1"
  note_squashed
  if ! said=$("${as_bot[@]}" merge --quiet --no-edit -m "$join_message" FETCH_HEAD 2>&1); then
    git merge --abort 2>/dev/null || true
    echo "the branch $LOCKFILE_BRANCH can't be merged ($(head -n 1 <<<"$said")); merge it by hand, with its pull request"
    return 1
  fi
}
