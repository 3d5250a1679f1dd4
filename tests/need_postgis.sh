#!/bin/sh
# Makes sure that PostgreSQL with PostGIS is on the machine, for a server of the tests' own: from the system's packages,
# where that is permitted. Without it the tests of the database are skipped, and say so.
set -eu

for folder in /usr/share/postgresql/*/extension "$(pg_config --sharedir 2>/dev/null || true)/extension"; do
    [ -e "$folder/postgis.control" ] && exit 0
done

if command -v apt-get >/dev/null 2>&1; then
    if [ "$(id -u)" = 0 ]; then as_root=""
    elif sudo -n true 2>/dev/null; then as_root="sudo -n"
    else as_root="none"
    fi
    if [ "$as_root" != none ]; then
        echo "Installing PostgreSQL and PostGIS from the system's packages for the tests of the database..."
        $as_root apt-get update -qq || true
        DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -qq --no-install-recommends postgresql-postgis >/dev/null && exit 0
    fi
fi

echo "PostgreSQL with PostGIS could not be installed here: the tests of the database will be skipped (Debian: apt-get install postgresql-postgis)." >&2
