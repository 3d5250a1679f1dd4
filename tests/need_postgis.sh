#!/bin/sh
# Makes sure that PostgreSQL with PostGIS is on the machine, for a server of the tests' own: from the system's packages,
# where that is permitted. Without it the tests of the database are skipped, and say so.
set -eu

for folder in /usr/share/postgresql/*/extension "$(pg_config --sharedir 2>/dev/null || true)/extension"; do
    [ -e "$folder/postgis.control" ] && exit 0
done
sh "$(dirname "$0")/from_system.sh" "the tests of the database" postgresql-postgis && exit 0

echo "PostgreSQL with PostGIS could not be installed here: the tests of the database will be skipped (Debian: apt-get install postgresql-postgis)." >&2
