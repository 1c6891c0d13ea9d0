# shellcheck shell=bash
# Calls of the API of GitHub, or of GitLab for gitlab.sh, which sets the two functions anew.
# To be sourced.

# What the last call answered, and its status: files, since calls are made in
# subshells too.
answers=$(mktemp -d)
trap 'rm -rf "$answers"' EXIT
answer=$answers/body
status_file=$answers/status

api_base() { printf '%s' "${GITHUB_API_URL:-https://api.github.com}"; }
api_credentials() { printf 'Authorization: Bearer %s' "${GITHUB_TOKEN:?}"; }

# api METHOD PATH [JSON]: the answer is kept for `jq`, and a status of 2xx is success.
# A POST is sent once: one without an answer may have been done.
api() {
  local status arguments=(--silent --show-error --max-time 60 --request "$1" --output "$answer" --write-out '%{http_code}')
  if [ "$1" != POST ]; then arguments+=(--retry 3); fi
  if [ $# -gt 2 ]; then arguments+=(--header 'Content-Type: application/json' --data-binary @-); fi
  # The token goes in by a file, since arguments can be seen by every process.
  status=$(printf '%s' "${3:-}" | curl "${arguments[@]}" \
    --header 'Accept: application/vnd.github+json' \
    --config <(printf 'header = "%s"\n' "$(api_credentials)") \
    "$(api_base)$2") || status=000
  printf '%s' "$status" >"$status_file"
  case $status in 2??) return 0 ;; *) return 1 ;; esac
}

# The status of the last call; 000 where there was no answer.
last_status() { cat "$status_file"; }

# A part of the last answer.
answered() { jq -r "$1" "$answer"; }

# The filter for what was written with this very token: a person's own token says
# who it is, the token of a job doesn't, but writes as a bot. What anybody else
# wrote is not ours to update, whatever its first line says.
own_filter() {
  if api GET /user; then
    jq -r '"(.user.login == \(.login | tojson))"' "$answer"
  else
    echo '(.user.type == "Bot")'
  fi
}

# all_of PATH FILTER: what FILTER gives in all pages of the list, a line each.
all_of() {
  local page=1
  while :; do
    api GET "$1per_page=100&page=$page" || return 1
    jq -r "$2" "$answer"
    if [ "$(jq length "$answer")" -lt 100 ]; then return 0; fi
    page=$((page + 1))
  done
}

# Whether the last call may have been done although it failed.
may_be_done() { case $(last_status) in 000 | 5??) return 0 ;; *) return 1 ;; esac; }

# create_once PATH JSON FIND SHOW: POSTs, and prints a line for each that exists then,
# the oldest first: FIND is a function that prints those lines, SHOW is the filter that
# makes one of an answer. Another job may have done the same meanwhile, and a POST
# without an answer may have been done, so FIND is asked before it is sent again.
create_once() {
  local attempt found made
  for attempt in 1 2 3; do
    made=
    if api POST "$1" "$2"; then
      made=$(answered "$4")
    else
      may_be_done || return 1
      sleep "$attempt"
    fi
    found=$("$3") || found=
    if [ -n "$made$found" ]; then
      printf '%s\n' "$made" "$found" | grep . | sort -n -u
      return 0
    fi
  done
  return 1
}

# The marker of a folder of its own, so that two projects of one repository don't
# write over each other.
with_folder() {
  local folder=${DIRECTORY:-.}
  folder=${folder#./}
  if [ "$folder" = . ] || [ -z "$folder" ]; then
    cat
  else
    folder=$(printf '%s' "${folder%/}" | tr -c 'A-Za-z0-9._/' '_')
    sed "1s|^<!-- \(.*\) -->\$|<!-- \1 in $folder -->|"
  fi
}
