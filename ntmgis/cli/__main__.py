"""`python -m ntmgis.cli`: the command line where no `ntmgis` is on the path."""

from ntmgis.cli import main

main()
