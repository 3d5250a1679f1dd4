"""A synthetic province of any size, made from published figures alone and marked as sample everywhere."""

from ntmgis.sample.make import make_sample

__all__ = ["make_sample"]
