"""Who is who: units and their codes by epoch, names, and the matching of a table to units."""
