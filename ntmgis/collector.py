"""Python's collector of cycles, paused where it would only walk over tables again and again."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["collector_paused"]


@contextmanager
def collector_paused() -> Iterator[None]:
    """No search for cycles inside; as it was afterwards, whatever happens.

    A million rows read as lists hold no cycle, yet every so many new objects all of them are walked over: measured
    3 s of 4 when reading such a CSV, and a sixth of a whole build. What nothing points to is freed all the same.
    """
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()
