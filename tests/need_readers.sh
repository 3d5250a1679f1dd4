#!/bin/sh
# Makes sure that programs which read what ntmgis writes are on the machine: GDAL's tools (maps in PDF) and LibreOffice
# Calc (forms), from the system's packages, where that is permitted. Without one its test is skipped, and says so.
set -eu

wanted=""
command -v gdalinfo >/dev/null 2>&1 || wanted="gdal-bin"
command -v soffice >/dev/null 2>&1 || wanted="$wanted libreoffice-calc"
[ -z "$wanted" ] && exit 0

if command -v apt-get >/dev/null 2>&1; then
    if [ "$(id -u)" = 0 ]; then as_root=""
    elif sudo -n true 2>/dev/null; then as_root="sudo -n"
    else as_root="none"
    fi
    if [ "$as_root" != none ]; then
        echo "Installing$(printf ' %s' $wanted) from the system's packages for the tests of what other programs read..."
        $as_root apt-get update -qq || true
        # shellcheck disable=SC2086 - several packages
        DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -qq --no-install-recommends $wanted >/dev/null && exit 0
    fi
fi

echo "Not installed here:$(printf ' %s' $wanted); the tests that need them will be skipped (Debian: apt-get install $wanted)." >&2
