#!/bin/sh
# Install system packages: apt_install.sh PACKAGE...
# As root or with sudo that asks for nothing; else say the command and stop.
set -eu

command="apt-get install -y --no-install-recommends $*"

if ! command -v apt-get >/dev/null 2>&1; then
    echo "These are missing, by their Debian names: $*" >&2
    echo "Install what your system calls them, then run the same make command." >&2
    exit 1
fi

if [ "$(id -u)" -eq 0 ]; then
    as_root="env"
elif sudo -n true >/dev/null 2>&1; then
    as_root="sudo -n env"
else
    echo "Some system packages are missing. Install them with" >&2
    echo "    sudo apt-get update && sudo $command" >&2
    echo "and run the same make command again." >&2
    exit 1
fi

echo "Installing system packages: $*"
# A list that could not be refreshed may still hold the packages.
$as_root DEBIAN_FRONTEND=noninteractive apt-get update -qq </dev/null || true
if ! $as_root DEBIAN_FRONTEND=noninteractive $command -qq </dev/null; then
    echo "apt-get could not install them. The command was" >&2
    echo "    $command" >&2
    exit 1
fi
