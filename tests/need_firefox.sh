#!/bin/sh
# Makes sure that a Firefox is on the machine, where that is permitted; without one its tests say so and are skipped.
set -eu

command -v firefox-esr >/dev/null 2>&1 && exit 0
command -v firefox >/dev/null 2>&1 && exit 0
sh "$(dirname "$0")/from_system.sh" "the browser tests" firefox-esr && exit 0

echo "Firefox could not be installed here: its tests are skipped (Debian: apt-get install firefox-esr)." >&2
