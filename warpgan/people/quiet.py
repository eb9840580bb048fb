"""warp-lang, the library that renders people, without its greeting and started once a process."""

from __future__ import annotations

import os
import sys
from functools import lru_cache
from types import ModuleType


@lru_cache(maxsize=1)
def quiet_warp() -> ModuleType:
    """The warp module, initialised without a word: it greets on stdout, and its absent GPU is no news here."""
    import warp as wp

    wp.config.log_level = 30
    # The library's C code writes straight to the file descriptor; a notebook would show it as an error.
    sys.stderr.flush()
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        wp.init()
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)
    return wp
