"""The self-contained HTML pages: one file, no network, nothing in it but what the snapshot holds."""

from ntmgis.show.web.index import Entry, write_index
from ntmgis.show.web.page import write_status_page

__all__ = ["Entry", "write_index", "write_status_page"]
