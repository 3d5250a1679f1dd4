#!/bin/sh
# Installs packages of the system, where that is permitted; fails where it is not.
#   sh tests/from_system.sh "the browser tests" chromium
set -eu
purpose=$1
shift

command -v apt-get >/dev/null 2>&1 || exit 1
if [ "$(id -u)" = 0 ]; then as_root=""
elif sudo -n true 2>/dev/null; then as_root="sudo -n"
else exit 1
fi
echo "Installing $* from the system's packages for $purpose..."
$as_root apt-get update -qq || true # the lists at hand may do
DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -qq --no-install-recommends "$@" >/dev/null
