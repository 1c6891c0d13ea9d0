#!/bin/sh
# Installs bluejayctl: downloads the archive for this system, checks its checksum, and
# copies the program into a folder.
#
#   curl -fsSL @REPOSITORY@/releases/latest/download/bluejayctl-installer.sh | sh
#
# BLUEJAYCTL_BIN is the folder (~/.local/bin), BLUEJAYCTL_VERSION another release,
# BLUEJAYCTL_RELEASES another place of the releases.
set -eu

repository=@REPOSITORY@
version=${BLUEJAYCTL_VERSION:-@VERSION@}
version=${version#v}
releases=${BLUEJAYCTL_RELEASES:-$repository/releases/download}

# The checksums of the release that this installer belongs to.
checksums() {
  cat <<'END'
@CHECKSUMS@
END
}

fail() {
  echo "bluejayctl-installer: $1" >&2
  exit 1
}

target() {
  case "$(uname -s)-$(uname -m)" in
    Linux-x86_64) echo x86_64-unknown-linux-musl ;;
    Linux-aarch64 | Linux-arm64) echo aarch64-unknown-linux-musl ;;
    Darwin-x86_64) echo x86_64-apple-darwin ;;
    Darwin-arm64) echo aarch64-apple-darwin ;;
    MINGW*-x86_64 | MSYS*-x86_64) echo x86_64-pc-windows-msvc ;;
    *) fail "there is no release for $(uname -s) $(uname -m): cargo install --locked --git $repository" ;;
  esac
}

download() {
  if command -v curl >/dev/null; then
    curl --fail --silent --show-error --location --retry 5 --output "$2" "$1"
  else
    wget --quiet --output-document "$2" "$1"
  fi || fail "could not download $1"
}

sha256() {
  if command -v sha256sum >/dev/null; then sha256sum "$1"; else shasum -a 256 "$1"; fi | cut -d ' ' -f 1
}

# Prints the expected checksum: of this installer, or for another release the published one.
expected() {
  known=$(checksums | sed -n "s/^\([0-9a-f]*\)  $archive\$/\1/p")
  if [ -z "$known" ]; then
    download "$releases/v$version/$archive.sha256" "$folder/sha256"
    known=$(cut -d ' ' -f 1 "$folder/sha256")
  fi
  echo "$known"
}

# A function, so that a script of which only a part arrived does nothing.
main() {
  case $version in '' | *[!0-9A-Za-z.+-]*) fail "the version is not one: $version" ;; esac
  target=$(target)
  archive=bluejayctl-$version-$target.tar.gz
  folder=$(mktemp -d)
  trap 'rm -rf "$folder"' EXIT
  download "$releases/v$version/$archive" "$folder/$archive"
  expected=$(expected)
  [ "$(sha256 "$folder/$archive")" = "$expected" ] || fail "$archive is not what its checksum says; nothing was installed"
  program=bluejayctl
  case $target in *windows*) program=bluejayctl.exe ;; esac
  tar -xzf "$folder/$archive" -C "$folder" "$program"
  bin=${BLUEJAYCTL_BIN:-$HOME/.local/bin}
  mkdir -p "$bin"
  # A program that runs can't be overwritten, but can be replaced.
  cp "$folder/$program" "$bin/.$program.new"
  mv -f "$bin/.$program.new" "$bin/$program"
  echo "installed $("$bin/$program" --version) in $bin"
  case ":$PATH:" in *":$bin:"*) ;; *) echo "add the folder to the path: export PATH=\"$bin:\$PATH\"" ;; esac
}

main
