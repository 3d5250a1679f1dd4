"""Work done beside the main process, by a second one, where the machine has a processor for it."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from loky import ProcessPoolExecutor

__all__ = ["Beside", "beside"]

T = TypeVar("T")
# A machine that gives no second process: none can be started, or there are no semaphores to speak with it.
_NO_PROCESS = (BrokenExecutor, ImportError, OSError)


def _silent(_place: int, _done: int) -> None:
    """Nothing told."""


class Beside:
    """A second process, or none. A call is a function of a module, or a `partial` of one, so that it can be sent."""

    def __init__(self, pool: "ProcessPoolExecutor | None" = None) -> None:
        self._pool = pool

    def prepare(self, call: Callable[[], object]) -> None:
        """Have the second process do this first; nothing where there is none."""
        if self._pool is not None:
            with suppress(*_NO_PROCESS):
                self._pool.submit(call)

    def all(self, calls: Sequence[Callable[[], T]], *, tell: Callable[[int, int], None] = _silent) -> list[T]:
        """The results of all calls, in their order; see `each`."""
        return list(self.each(calls, tell=tell))

    def each(self, calls: Sequence[Callable[[], T]], *, tell: Callable[[int, int], None] = _silent) -> Iterator[T]:
        """The results of the calls, one after the other in their order, each as soon as it is there.

        The second process begins with the first, this one with the last, until they meet: also while what came first
        is being used, the second one goes on. `tell` is called before each call of this one, with its place and how
        many results are there. A second process that died (a machine out of memory, a driver that fell) costs time,
        not the result: its call is done here.
        """
        waiting = deque(range(len(calls)))
        results: list[Future[T]] = [Future() for _ in calls]
        thread = ThreadPoolExecutor(max_workers=1)  # it only waits for the second process
        other = None if self._pool is None else thread.submit(_send, self._pool, calls, waiting, results)
        try:
            for result in results:
                while not result.done():
                    place = _next(waiting.popleft if other is None else waiting.pop)
                    if place is not None:
                        tell(place, sum(one.done() for one in results))
                        results[place].set_result(calls[place]())
                    elif other is not None:
                        either: list[Future[Any]] = [result, other]
                        wait(either, return_when=FIRST_COMPLETED)
                        if other.done():
                            other.result()  # it ends by itself, or by a fault of ours that must not stay hidden
                yield result.result()
        finally:
            waiting.clear()
            thread.shutdown(wait=False)


def _send(
    pool: "ProcessPoolExecutor", calls: Sequence[Callable[[], T]], waiting: deque[int], results: Sequence[Future[T]]
) -> None:
    """Have the second process do one call after the other, as long as it lives and any is waiting."""
    while (place := _next(waiting.popleft)) is not None:
        try:
            sent = pool.submit(calls[place])
        except _NO_PROCESS:
            waiting.append(place)
            return
        error = sent.exception()
        if isinstance(error, BrokenExecutor):
            waiting.append(place)
            return
        if error is None:
            results[place].set_result(sent.result())
        else:  # what the call raised comes up where its result is asked for
            results[place].set_exception(error)


def _next(take: Callable[[], int]) -> int | None:
    try:
        return take()
    except IndexError:
        return None


@contextmanager
def beside(*, worth: bool) -> Iterator[Beside]:
    """A second process as long as the block runs; none where it is not `worth` its start or there is one processor.

    It starts empty (not as a copy of this one, whose threads and open files it would share), so it takes as long to
    start as ntmgis itself, and is sent what it works on. It goes at once when the block is left by an error or Ctrl-C.
    """
    if not worth:
        yield Beside()
        return
    try:
        from loky import ProcessPoolExecutor, cpu_count

        pool = ProcessPoolExecutor(max_workers=1) if cpu_count() > 1 else None
    except _NO_PROCESS:
        pool = None
    if pool is None:
        yield Beside()
        return
    ended = False
    try:
        yield Beside(pool)
        ended = True
    finally:
        pool.shutdown(kill_workers=not ended)
