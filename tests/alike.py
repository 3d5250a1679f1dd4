"""Whether two snapshots say the same, to the last bit."""

import pandas as pd
from pandas.testing import assert_frame_equal

from ntmgis.store.snapshot import Snapshot


def assert_same_snapshot(one: Snapshot, other: Snapshot) -> None:
    for name in Snapshot.__slots__:
        left, right = getattr(one, name), getattr(other, name)
        if isinstance(left, pd.DataFrame):
            assert_frame_equal(left, right, check_exact=True)
        elif name == "layers":
            assert left.keys() == right.keys()
            for id_ in left:
                assert_frame_equal(left[id_], right[id_], check_exact=True)
        else:
            assert left == right, name
