"""A training that is told to stop finishes its step, saves and leaves: for clusters, which ask before they kill."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

STOPPED = 128 + signal.SIGTERM  # the exit status that shells give for this signal


class Stopped(SystemExit):
    """The process was told to stop (SIGTERM), and the training saved its state; the exit status is 143."""

    def __init__(self, message: str):
        super().__init__(message)
        self.message = message
        self.code = STOPPED

    def __str__(self) -> str:
        return self.message


@contextmanager
def asked_to_stop() -> Iterator[list[int]]:
    """Give a list that is empty until SIGTERM comes; the signal's former handler is back after the block.

    Outside the main thread, where Python allows no handlers, it stays empty.
    """
    asked: list[int] = []
    if threading.current_thread() is not threading.main_thread():
        yield asked
        return
    before = signal.signal(signal.SIGTERM, lambda number, _frame: asked.append(number))
    try:
        yield asked
    finally:
        signal.signal(signal.SIGTERM, before)
