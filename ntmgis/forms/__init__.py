"""Forms of communes: written from what is known, taken back with a comparison, and accepted row by row.

Accepted values become one table per reporting day in `data/forms/`, which `ntmgis.toml` names as a source: the next
build takes it in like any file. The forms as received are kept beside it.
"""

from ntmgis.forms.back import Returned, TakenBack, accept_forms, compare_forms
from ntmgis.forms.write import write_forms

__all__ = ["Returned", "TakenBack", "accept_forms", "compare_forms", "write_forms"]
