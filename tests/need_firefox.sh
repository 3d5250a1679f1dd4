#!/bin/sh
# Makes sure that a Firefox is on the machine, where that is permitted; without one its tests say so and are skipped.
set -u

command -v firefox-esr >/dev/null 2>&1 && exit 0
command -v firefox >/dev/null 2>&1 && exit 0

if command -v apt-get >/dev/null 2>&1; then
    if [ "$(id -u)" = 0 ]; then as_root=""
    elif sudo -n true 2>/dev/null; then as_root="sudo -n"
    else as_root="none"
    fi
    if [ "$as_root" != none ]; then
        echo "Installing Firefox from the system's packages for the browser tests..."
        DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -qq --no-install-recommends firefox-esr >/dev/null && exit 0
    fi
fi

echo "Firefox could not be installed here: its tests are skipped (Debian: apt-get install firefox-esr)." >&2
