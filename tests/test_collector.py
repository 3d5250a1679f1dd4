"""Python's collector of cycles is as it was after a pause, whatever happened inside."""

import gc

import pytest

from ntmgis.collector import collector_paused


def test_it_is_off_inside_and_on_again_after_a_fault() -> None:
    def fails() -> None:
        with collector_paused():
            assert not gc.isenabled()
            with collector_paused():
                pass
            assert not gc.isenabled(), "the inner pause does not end the outer one"
            raise ValueError("inside")

    assert gc.isenabled()
    with pytest.raises(ValueError, match="inside"):
        fails()
    assert gc.isenabled()


def test_who_had_it_off_keeps_it_off() -> None:
    gc.disable()
    try:
        with collector_paused():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()
