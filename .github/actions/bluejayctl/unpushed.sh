# shellcheck shell=bash
# What is said and kept when the lockfile can't be pushed. To be sourced by
# commit-lockfile.sh, whose variables it reads.

# The most bytes of entries that the summary shows: with what the program wrote there
# it has to stay below 1 MiB, or GitHub shows nothing at all.
unpushed_most=100000

# unpushed WHY: conflict, refused or trouble.
unpushed() {
  mkdir -p "$keep"
  cp -- "${files[@]}" "$keep/"
  if [ -n "${GITHUB_OUTPUT:-}" ]; then echo "kept=$keep" >>"$GITHUB_OUTPUT"; fi
  {
    echo "### The lockfile could not be pushed to \`$branch\`"
    echo
    "unpushed_$1"
    echo
    for file in "${files[@]}"; do entries "$file"; done
  } | tee -a "${GITHUB_STEP_SUMMARY:-/dev/null}"
  echo "::error title=bluejayctl::the lockfile could not be pushed to $branch: $(unpushed_reason "$1")"
}

unpushed_reason() {
  case $1 in
    conflict) echo "it has other ids for the same keys; the summary of this job says how to decide" ;;
    refused) echo "$push_said; let this job push there" ;;
    trouble) echo "$push_said; run this job again" ;;
  esac
}

unpushed_refused() {
  echo "The remote refuses this push (\`${push_said//\`/\'}\`): let this job push to \`$branch\`, and run it again."
  adopted_next
}

unpushed_trouble() {
  echo "The remote took no push for ${PUSH_WAIT:-300} seconds (\`${push_said//\`/\'}\`). Run this job again."
  adopted_next
}

adopted_next() {
  echo "Until then these entries are known to nobody but the artifact of this job. The next apply looks for their"
  echo "simulations by name and takes over those that are as the files say; where it asks for a decision,"
  echo "\`bluejayctl import KEY ID\` records the one that is meant."
}

# Both ids are alive, and an apply goes by the one that the branch has.
unpushed_conflict() {
  echo "\`$branch\` has another simulation for a key than this job made. **The next apply does not mend this:** it goes by"
  echo "the ids on \`$branch\`, and those of this job stay at the API, tracked by nobody."
  echo
  # A rebase calls the branch "our side" and the job's commit "theirs".
  sed -n "s/^  caused by: /    /p" "$joining" | sort -u |
    sed "s|on our side|on $branch|g; s|on theirs|of this job|g"
  echo
  echo "Say which one stays. In a clone of \`$branch\`, with the artifact of this job unpacked to \`KEPT/\`:"
  echo
  if [ "${DIRECTORY:-.}" != . ]; then echo "    cd '$DIRECTORY'"; fi
  local file environment
  for file in "${files[@]}"; do
    environment=$(environment_of "$file")
    echo "    bluejayctl state merge-driver /dev/null '$file' 'KEPT/$(basename "$file")'"
    echo "    bluejayctl${environment:+ $environment} state resolve --keep ID"
  done
  echo "    git commit -m 'Keep one simulation of each key' -- '*.lock' && git push"
  echo "    bluejayctl apply --prune   # deletes the others, which the lockfile now holds as replaced"
}

# The entries of a lockfile, each line indented by four, so that no key can end the block.
entries() {
  local all shown count
  all=$(on_lockfile "$1" state list 2>/dev/null | sed -E 's/ {3,}([0-9]+)$/  \1/; s/^/    /') || true
  shown=$(LC_ALL=C awk -v most=$((unpushed_most / ${#files[@]})) \
    '{ size += length($0) + 1; if (size > most) exit; print }' <<<"$all")
  echo "The entries of \`$1\`:"
  echo
  echo "$shown"
  count=$(($(grep -c '' <<<"$all") - $(grep -c '' <<<"$shown")))
  if [ $count -gt 0 ]; then
    echo
    echo "and $count more; the artifact of this job has all of them."
  fi
  echo
}
