"""One CSV line per commune: its NTM tier and the measures you choose, for a spreadsheet or another program.

    python scripts/export_status_csv.py [WORKSPACE]

Copy it, change COLUMNS (every column of `facts.communes` can be named), run it.
"""

import sys
from pathlib import Path

from ntmgis.build import open_snapshot
from ntmgis.show.symbols import tier_label
from ntmgis.show.tables.csvfile import write_csv

COLUMNS = [
    "name",
    "district",
    "tier",
    "standard_year",
    "criteria_met",
    "criteria_known",
    "road_km",
    "road_hardened_share",
    "near_water_share",
    "address_plated_share",
]


def main(workspace: Path) -> Path:
    """Write WORKSPACE/maps/status.csv and say where it is."""
    snapshot, facts = open_snapshot(workspace)
    table = facts.communes[COLUMNS].reset_index(names="code")
    table.insert(table.columns.get_loc("tier") + 1, "tier_vi", table["tier"].map(tier_label))
    table.insert(0, "as_of", snapshot.as_of.isoformat())
    table["sample"] = snapshot.sample  # made-up data must say so wherever they go
    folder = workspace / "maps"
    folder.mkdir(exist_ok=True)
    return write_csv(table, folder / "status.csv")


if __name__ == "__main__":
    print(main(Path(sys.argv[1] if len(sys.argv) > 1 else ".")))
