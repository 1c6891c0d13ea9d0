#!/usr/bin/env bash
# Fails if the branch is protected from the push of the lockfile, before anything is
# created whose id could then not be recorded. What can't be known is no failure: then the
# push itself tells.
#
# git can't be asked: a push that is only tried (--dry-run) reaches no rule of the server.
#
# Environment: BRANCH, LOCKFILE_BRANCH, GITHUB_TOKEN, GITHUB_REPOSITORY, GITHUB_GRAPHQL_URL.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=api.sh
. "$(dirname "${BASH_SOURCE[0]}")/api.sh"

branch=${LOCKFILE_BRANCH:-${BRANCH:?}}
repository=/repos/${GITHUB_REPOSITORY:?}

refuse() {
  echo "::error title=bluejayctl::$branch is protected from the push of the lockfile ($1); nothing was applied; give this action a lockfile-branch, let this job bypass the rule, or turn this check off with push-check: false"
  exit 1
}

# Rules that a commit on top of the branch breaks.
breaking='["pull_request", "required_status_checks", "update", "required_signatures",
  "merge_queue", "required_deployments", "workflows", "code_scanning"]'
encoded=$(jq -rn --arg branch "$branch" '$branch | @uri')
if api GET "$repository/rules/branches/$encoded"; then
  rules=$(jq -r --argjson breaking "$breaking" \
    '[.[] | select(.type as $type | $breaking | index($type)) | {type, ruleset_id}]
     | group_by(.ruleset_id)[] | "\(.[0].ruleset_id) \(map(.type) | unique | join(", "))"' "$answer")
  while read -r ruleset types; do
    if [ -z "$ruleset" ]; then continue; fi
    # Whoever may bypass the ruleset may push.
    if api GET "$repository/rulesets/$ruleset" &&
      [ "$(answered '.current_user_can_bypass // "never"')" = always ]; then continue; fi
    refuse "its ruleset demands $types"
  done <<<"$rules"
else
  echo "the rules of $branch could not be read (GitHub answered $(last_status))"
fi

# The older branch protection, as everybody with read access may see it.
query=$(jq -n --arg owner "${GITHUB_REPOSITORY%%/*}" --arg name "${GITHUB_REPOSITORY#*/}" \
  --arg ref "refs/heads/$branch" '{
    query: "query($owner: String!, $name: String!, $ref: String!) { repository(owner: $owner, name: $name) { ref(qualifiedName: $ref) { refUpdateRule { viewerCanPush requiredApprovingReviewCount requiredStatusCheckContexts requiresSignatures } } } }",
    variables: {owner: $owner, name: $name, ref: $ref}}')
api_base() { printf '%s' "${GITHUB_GRAPHQL_URL:-https://api.github.com/graphql}"; }
if api POST "" "$query"; then
  demands=$(jq -r '.data.repository.ref.refUpdateRule // {} | [
      if .viewerCanPush == false then "no push by this token" else empty end,
      if (.requiredApprovingReviewCount // 0) > 0 then "an approved pull request" else empty end,
      if (.requiredStatusCheckContexts // []) != [] then "passed checks" else empty end,
      if .requiresSignatures == true then "signed commits" else empty end
    ] | join(", ")' "$answer")
  if [ -n "$demands" ]; then refuse "its protection demands $demands"; fi
fi
echo "the lockfile may be pushed to $branch, as far as its rules can be read"
