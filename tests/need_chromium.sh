#!/bin/sh
# Makes sure that a Chromium is on the machine: from the system's packages, where that is permitted.
set -eu

for name in chromium chromium-browser google-chrome; do
    command -v "$name" >/dev/null 2>&1 && exit 0
done

if command -v apt-get >/dev/null 2>&1; then
    if [ "$(id -u)" = 0 ]; then as_root=""
    elif sudo -n true 2>/dev/null; then as_root="sudo -n"
    else as_root="none"
    fi
    if [ "$as_root" != none ]; then
        echo "Installing Chromium from the system's packages for the browser tests..."
        $as_root apt-get update -qq
        DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -qq --no-install-recommends chromium >/dev/null
        command -v chromium >/dev/null 2>&1 && exit 0
    fi
fi

echo "The page tests need Chromium, and it could not be installed here: install it (Debian: apt-get install chromium) and run make test again." >&2
exit 1
