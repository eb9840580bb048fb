"""A signal to stop is kept until the step has ended, and the former handler comes back."""

import os
import signal
import threading

from warpgan.signals import STOPPED, Stopped, asked_to_stop


def test_a_signal_is_kept_and_handlers_come_back():
    before = signal.getsignal(signal.SIGTERM)
    with asked_to_stop() as asked:
        assert not asked
        os.kill(os.getpid(), signal.SIGTERM)
        assert asked == [signal.SIGTERM]
        with asked_to_stop() as inner:
            assert not inner
    assert signal.getsignal(signal.SIGTERM) == before


def test_outside_the_main_thread_nothing_is_asked():
    found = []

    def other():
        with asked_to_stop() as asked:
            found.append(list(asked))

    thread = threading.Thread(target=other)
    thread.start()
    thread.join()
    assert found == [[]]


def test_stopping_is_an_exit_with_a_sentence():
    told = Stopped("saved")
    assert isinstance(told, SystemExit) and told.code == STOPPED == 143 and str(told) == "saved"
