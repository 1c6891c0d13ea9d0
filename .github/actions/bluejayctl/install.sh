#!/usr/bin/env bash
# Brings the program onto the path.
#
#   install.sh name      names the source, for the key of a cache
#   install.sh install   installs it into $RUNNER_TEMP/bluejayctl
#   install.sh build DIR builds it into DIR/bin, unless it was built there from this source
#
# With VERSION, a release is downloaded from REPOSITORY and held against its
# checksum. Without, it is built from the source that this script came with.
set -euo pipefail

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

target() {
  case "$(uname -s)-$(uname -m)" in
    Linux-x86_64) echo x86_64-unknown-linux-musl ;;
    Linux-aarch64 | Linux-arm64) echo aarch64-unknown-linux-musl ;;
    Darwin-x86_64) echo x86_64-apple-darwin ;;
    Darwin-arm64) echo aarch64-apple-darwin ;;
    MINGW*-x86_64 | MSYS*-x86_64) echo x86_64-pc-windows-msvc ;;
    *) return 1 ;;
  esac
}

download() {
  local version=${VERSION#v} repository=${REPOSITORY:-${GITHUB_ACTION_REPOSITORY:-}} target base archive
  [[ $version =~ ^[0-9A-Za-z.+-]+$ ]] || fail "the version is not one: $version"
  target=$(target) || fail "there is no release for $(uname -s) $(uname -m); leave the version empty to build it"
  base=${RELEASES:-}
  if [ -z "$base" ]; then
    [ -n "$repository" ] || fail "name the repository to download from, or leave the version empty"
    base=${GITHUB_SERVER_URL:-https://github.com}/$repository/releases/download
  fi
  archive=bluejayctl-$version-$target.tar.gz
  local folder=$root/download
  mkdir -p "$folder" "$root/bin"
  for file in "$archive" "$archive.sha256"; do
    curl --fail --silent --show-error --location --retry 5 --output "$folder/$file" "$base/v$version/$file" ||
      fail "could not download $base/v$version/$file"
  done
  (cd "$folder" && [ "$(sha256 "$archive" | cut -d ' ' -f 1)" = "$(cut -d ' ' -f 1 "$archive.sha256")" ]) ||
    fail "$archive is not what its checksum says"
  local binary=bluejayctl
  case $target in *windows*) binary=bluejayctl.exe ;; esac
  tar -xzf "$folder/$archive" -C "$root/bin" "$binary"
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
