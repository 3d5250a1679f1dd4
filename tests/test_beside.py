"""A second process: the same results in the same order, faults and all, and nothing lost when it dies."""

import os
import time
from functools import partial

import beside_calls
import pytest
from loky import cpu_count

from ntmgis.beside import beside
from ntmgis.errors import InputError

CALLS = [partial(pow, 2, n) for n in range(9)]


@pytest.mark.parametrize("worth", [False, True])
def test_results_come_in_the_order_of_the_calls(*, worth: bool) -> None:
    told: list[int] = []
    with beside(worth=worth) as second:
        assert second.all(CALLS, tell=lambda _place, done: told.append(done)) == [2**n for n in range(9)]
        assert second.all([]) == []
    assert told == sorted(told)


def test_without_a_second_process_each_result_is_made_when_it_is_asked_for() -> None:
    made: list[int] = []
    with beside(worth=False) as second:
        results = second.each([partial(made.append, n) for n in range(3)])
        for n in range(3):
            next(results)
            assert made == list(range(n + 1))


def test_the_second_process_goes_on_while_a_result_is_used() -> None:
    with beside(worth=True) as second:
        results = second.each([partial(beside_calls.slow_pid, 0.1)] * 6)
        first = next(results)
        time.sleep(0.5)
        assert [first, *results][-1] == os.getpid()


def test_two_processes_share_the_work() -> None:
    who: set[int] = set()
    expected = min(2, cpu_count())
    deadline = time.monotonic() + 60  # a busy machine starts the second one late
    with beside(worth=True) as second:
        second.prepare(os.getpid)
        while len(who) < expected and time.monotonic() < deadline:
            told = second.all([partial(beside_calls.slow_pid, 0.2)] * 4)
            assert told[-1] == os.getpid()
            who |= set(told)
    assert len(who) == expected


def test_a_fault_keeps_its_problems_wherever_it_happens() -> None:
    with pytest.raises(InputError) as caught, beside(worth=True) as second:
        second.all([beside_calls.faulty] * 4)
    (found,) = caught.value.problems
    assert (found.code, found.file) == ("E-FILE-MISSING", "xã.csv")


def test_a_second_process_that_dies_costs_no_result() -> None:
    with beside(worth=True) as second:
        found = second.all([partial(beside_calls.only_in, os.getpid(), n) for n in range(6)])
    assert found == list(range(6))


def test_an_error_here_does_not_wait_for_the_second_process() -> None:
    start = time.monotonic()
    with pytest.raises(ZeroDivisionError), beside(worth=True) as second:
        second.all([partial(beside_calls.slow_pid, 60.0), partial(divmod, 1, 0)])
    assert time.monotonic() - start < 30


@pytest.mark.parametrize("what", ["__init__", "submit"])
def test_where_no_second_process_can_start_all_is_done_here(what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_given: object, **_named: object) -> None:
        raise OSError(38, "Function not implemented")

    monkeypatch.setattr(f"loky.ProcessPoolExecutor.{what}", refused)
    with beside(worth=True) as second:
        second.prepare(os.getpid)
        assert second.all(CALLS) == [2**n for n in range(9)]
