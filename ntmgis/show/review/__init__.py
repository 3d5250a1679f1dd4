"""The review pack: what a chairman reads in five minutes, as PDF, slides and workbook of the same words and numbers."""

from ntmgis.show.review.assemble import content_of
from ntmgis.show.review.content import Pack

__all__ = ["Pack", "content_of"]
