#!/usr/bin/env bash
# Brings the program onto the path.
#
#   install.sh name      names the source, for the key of a cache
#   install.sh install   installs it into $RUNNER_TEMP/bluejayctl
#   install.sh build DIR builds it into DIR/bin, unless it was built there from this source
#
# With VERSION, a release is downloaded from REPOSITORY, or from the folder RELEASES, and
# held against its checksum. Without, it is built from the source that this script came with.
set -euo pipefail
# A build runs the scripts of its dependencies, which have no use for the API key.
unset BLUEJAY_API_KEY

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
source_folder=$(cd "$here/../../.." && pwd)
root=${RUNNER_TEMP:-}/bluejayctl

fail() {
  printf '::error title=bluejayctl::%s\n' "$1"
  exit 1
}

sha256() {
  if command -v sha256sum >/dev/null; then sha256sum "$@"; else shasum -a 256 "$@"; fi
}

# The files that decide what is built, by their content: Cargo.toml lists them.
name_source() (
  cd "$source_folder"
  find Cargo.toml Cargo.lock src schemas .gitlab -type f -print0 | LC_ALL=C sort -z |
    while IFS= read -r -d '' file; do sha256 "$file"; done | sha256 | cut -c 1-40
)

build() {
  local name
  name=$(name_source)
  if [ "$(cat "$1/source" 2>/dev/null)" = "$name" ]; then return 0; fi
  cargo install --locked --force --path "$source_folder" --root "$1"
  echo "$name" >"$1/source"
}

# The installer of a release, which knows the systems and checks the checksum.
download() {
  local repository=${REPOSITORY:-${GITHUB_ACTION_REPOSITORY:-}}
  [ -n "${RELEASES:-}$repository" ] || fail "name the repository to download from, or leave the version empty"
  repository=${GITHUB_SERVER_URL:-https://github.com}/$repository
  sed "s|@REPOSITORY@|$repository|; s|@VERSION@|$VERSION|; /^@CHECKSUMS@\$/d" "$source_folder/.ci/installer.sh" |
    BLUEJAYCTL_BIN=$root/bin BLUEJAYCTL_RELEASES=${RELEASES:-} BLUEJAYCTL_VERSION=$VERSION sh ||
    fail "release $VERSION could not be installed; leave the version empty to build it"
}

case ${1:-} in
  name)
    echo "name=$(name_source)" >>"${GITHUB_OUTPUT:?}"
    ;;
  install)
    : "${RUNNER_TEMP:?}"
    if [ -n "${VERSION:-}" ]; then
      download
    else
      build "$root"
    fi
    echo "$root/bin" >>"${GITHUB_PATH:?}"
    "$root/bin/bluejayctl" --version
    ;;
  build)
    build "${2:?}"
    ;;
  *)
    fail "usage: install.sh name|install|build DIR"
    ;;
esac
