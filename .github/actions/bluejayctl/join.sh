#!/usr/bin/env bash
# Merges the lockfile of LOCKFILE_BRANCH into this checkout, for a job that only reads.
#
# Environment: LOCKFILE_BRANCH (empty: nothing is done), REMOTE, LOCKFILES, GITHUB_TOKEN,
# BLUEJAYCTL.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source-path=SCRIPTDIR source=push.sh
. "$here/push.sh"
# shellcheck source-path=SCRIPTDIR source=checkout.sh
. "$here/checkout.sh"

if ! said=$(join_lockfile_branch "$(realpath "$(command -v "${BLUEJAYCTL:-bluejayctl}")")"); then
  echo "::error title=bluejayctl::$said"
  exit 1
fi
