#!/bin/sh
# Makes sure that a Chromium is on the machine: from the system's packages, where that is permitted.
set -eu

for name in chromium chromium-browser google-chrome; do
    command -v "$name" >/dev/null 2>&1 && exit 0
done
sh "$(dirname "$0")/from_system.sh" "the browser tests" chromium && command -v chromium >/dev/null 2>&1 && exit 0

echo "The page tests need Chromium, and it could not be installed here: install it (Debian: apt-get install chromium) and run make test again." >&2
exit 1
