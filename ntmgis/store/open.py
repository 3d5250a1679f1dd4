"""The store at a place: a GeoPackage file by its path, a PostGIS database by its URL."""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ntmgis.store.base import Store

__all__ = ["is_url", "open_store"]

_SCHEMES = ("postgresql", "postgres")


def is_url(location: str | Path) -> bool:
    """Whether the place is a database, not a file.

    >>> is_url("postgresql://ntmgis@localhost/kontum"), is_url("store/ntmgis.gpkg")
    (True, False)
    """
    scheme, separator, _ = str(location).partition("://")
    return bool(separator) and scheme.partition("+")[0] in _SCHEMES


def open_store(location: str | Path, *, user: str | None = None) -> "Store":
    """The store at `location`: `postgresql://...` or the path of a GeoPackage, which need not be there yet.

    `user` is who records and takes back (None: the user of the machine).
    """
    if is_url(location):
        from ntmgis.store.postgis import PostgisStore

        return PostgisStore(str(location), user=user)
    from ntmgis.store.geopackage import Store as GeoPackageStore

    return GeoPackageStore(Path(location), user=user)
