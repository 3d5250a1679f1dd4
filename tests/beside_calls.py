"""Calls that a second process can be sent: functions of a module that it can import."""

import os
import time

from ntmgis.errors import InputError, problem


def slow_pid(seconds: float) -> int:
    """Which process this ran in."""
    time.sleep(seconds)
    return os.getpid()


def only_in(pid: int, value: int) -> int:
    """The value in that process; any other ends at once, as when the machine takes its memory away."""
    if os.getpid() != pid:
        os._exit(9)
    time.sleep(0.5)
    return value


def faulty() -> None:
    raise InputError(problem("E-FILE-MISSING", file="xã.csv"))
