#!/bin/sh
# Makes sure that programs which read what ntmgis writes are on the machine: GDAL's tools (maps in PDF) and LibreOffice
# Calc (forms), from the system's packages, where that is permitted. Without one its test is skipped, and says so.
set -eu

set --
command -v gdalinfo >/dev/null 2>&1 || set -- "$@" gdal-bin
command -v soffice >/dev/null 2>&1 || set -- "$@" libreoffice-calc
[ $# = 0 ] && exit 0
sh "$(dirname "$0")/from_system.sh" "the tests of what other programs read" "$@" && exit 0

echo "Not installed here: $*; the tests that need them will be skipped (Debian: apt-get install $*)." >&2
