"""How data get in: files are read, decoded, reprojected, checked and matched; bad rows go to quarantine.

The way of a file: `files` (may it be opened, and as what) → a reader (`vector`, `csvfile`, `workbook`, `parquet`, each
making one `RawTable`) → `headers` (which column is which field) → `convert` (text to typed values) → `shapes` and
`keys` (geometry and duplicates) → `identify` (which unit) → `accept`, which puts it together and is the public face.
"""
