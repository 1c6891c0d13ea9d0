# shellcheck shell=bash
# Hands signals on to a program, and waits for its end. To be sourced.
#
# A CI tells the first process of a step alone that it is cancelled, and bash would
# neither hand that on nor wait.

child=
# The last signal that came, empty for none.
signal=

forward() {
  signal=$1
  if [ -n "$child" ]; then kill -"$1" "$child" 2>/dev/null || true; fi
}

# begin PROGRAM ARGUMENT...: starts it as $child. It gets a process group of its
# own, so that a signal to ours reaches it once: a second one means "at once".
begin() {
  trap 'forward INT' INT
  trap 'forward TERM' TERM
  set -m
  "$@" &
  child=$!
  set +m
  if [ -n "$signal" ]; then forward "$signal"; fi
}

# The status of $child, as $status, whatever came in between.
await() {
  local seen
  while :; do
    seen=$signal
    signal=
    status=0
    wait "$child" || status=$?
    if [ -z "$signal" ]; then break; fi
  done
  signal=${signal:-$seen}
}
