# shellcheck shell=bash
# Pushes, and says what became of it. To be sourced.
#
# git fails in the same way for a ref that is not to be pushed, for one that
# somebody else was faster with, and for a remote in trouble; only its words differ.
# shellcheck disable=SC2034

# What became of the last push: done, raced, refused, forbidden, trouble.
pushed=
# Why, in one line.
push_said=

# Neither git nor its hooks have a use for the API key.
git() { env -u BLUEJAY_API_KEY git "$@"; }

# Runs git for so many seconds at most, where this machine can.
bounded() {
  if command -v timeout >/dev/null; then env -u BLUEJAY_API_KEY timeout "$@"; else shift && "$@"; fi
}

# push_ref ARGUMENT...: tells by its status whether it was pushed.
push_ref() {
  local said
  if said=$(LC_ALL=C bounded 120 git push --porcelain "$@" 2>&1); then
    pushed='done'
    return 0
  fi
  pushed=$(push_outcome "$said")
  push_said=$(grep -E '^(remote|fatal|!)' <<<"$said" | head -n 1 | sed 's/[[:space:]]*$//' | without_credentials) || true
  push_said=${push_said:-no answer}
  return 1
}

# Anything that is no clear answer is trouble, which passes.
push_outcome() {
  case $1 in
    *'[rejected]'* | *'(cannot lock ref'* | *'(failed to update ref'* | *'(incorrect old value'*) echo raced ;;
    *'error: 403'* | *'Permission to '*' denied'* | *'Permission denied (publickey'* | \
      *'Authentication failed'* | *'could not read Username'* | *'not allowed to push code to this project'*) echo forbidden ;;
    *'[remote rejected]'*)
      if grep -Eiq '\((hook declined|deny|push declined)|protected|not (allowed|permitted)|denied|forbidden|prohibited|violation' <<<"$1"; then
        echo refused
      else
        echo trouble
      fi
      ;;
    *) echo trouble ;;
  esac
}

# Addresses of a CI hold the token of the job.
without_credentials() { sed -E 's#//[^/@[:space:]]*@#//#g'; }

# Jobs that failed together must not come back together.
pause() { sleep "$((RANDOM % ${1:-2})).$((RANDOM % 900 + 100))"; }
