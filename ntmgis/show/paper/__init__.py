"""The printed sheet: vector PDF and PNG at a true round scale, drawn in millimetres."""

from ntmgis.show.paper.sheet import SheetInfo, write_sheet
from ntmgis.show.paper.thumbnail import thumbnail

__all__ = ["SheetInfo", "thumbnail", "write_sheet"]
