"""What all panels have in common: one view, a status line, a still picture, and a state that can be pasted.

A panel subclasses `Panel`, makes its controls, says how it looks (`look`) and what its state is. Faults of whoever uses
it become a sentence in the status line, never a traceback in the page.
"""

from __future__ import annotations

import base64
import json
import time
from abc import abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import ipywidgets
from PIL import Image

from warpgan.widgets.picture import Picture

FAULTS = (ValueError, FileNotFoundError, NotADirectoryError, PermissionError)
"""What wrong input raises; anything else is a fault of ours and stays a traceback in the log."""


@dataclass
class Look:
    """How a panel looks in one state.

    Attributes:
        image: the picture.
        alt: its text alternative, with the numbers that it shows.
        status: the line below it.
    """

    image: Image.Image
    alt: str
    status: str


class Panel(ipywidgets.VBox):
    """A panel: a heading, controls, a picture, a status line, and its state as text.

    A subclass sets what `look` needs, then calls this.

    Args:
        controls: widgets above the picture.

    Attributes:
        NAME: heading of the panel, and "panel" of its state.
        VERSION: of its state; a state of another one is refused.
        picture: the `Picture` that `look` fills.
    """

    NAME = ""
    VERSION = 1

    def __init__(self, controls: Sequence[ipywidgets.Widget]):
        self.picture = Picture()
        self._quiet = 0
        heading = ipywidgets.HTML(f"<h3>{self.NAME}</h3>")
        self._text = ipywidgets.Textarea(
            description="State", rows=2, layout=ipywidgets.Layout(width="auto"),
            placeholder="what the button below writes here can be pasted here again",
        )
        write, read = ipywidgets.Button(description="Write state"), ipywidgets.Button(description="Apply state")
        write.on_click(lambda _: self._write())
        read.on_click(lambda _: self.apply(self._text.value))
        state = ipywidgets.VBox([self._text, ipywidgets.HBox([write, read])])
        super().__init__([heading, *controls, self.view(), state])
        self.add_class("warpgan-panel")
        self.refresh()

    def view(self) -> ipywidgets.Widget:
        """Return what stands between the controls and the state; a subclass may put something beside the picture."""
        return self.picture

    @abstractmethod
    def look(self) -> Look:
        """Return how the panel looks now; may raise one of `FAULTS`, whose text becomes the status line."""

    @abstractmethod
    def settings(self) -> dict[str, Any]:
        """Return plain values that `use_settings` takes."""

    @abstractmethod
    def use_settings(self, state: dict[str, Any]) -> None:
        """Set the controls by a state, all of it or nothing; raises ValueError that names the field."""

    @property
    def state(self) -> dict[str, Any]:
        """The panel's state, plain values under "panel", "version" and the panel's own names."""
        return {"panel": self.NAME, "version": self.VERSION} | self.settings()

    def apply(self, text: str | dict) -> bool:
        """Take over a state that `state` gave, or its JSON; says in the status line what is wrong with another one.

        Args:
            text: a dict, or JSON of one. It is data and is never evaluated.

        Returns:
            Whether it was taken over.
        """
        with self.faults() as fine, self.together():
            try:
                found = json.loads(text) if isinstance(text, str) else text
            except json.JSONDecodeError as error:
                raise ValueError(f"state: no JSON, {error}") from None
            if not isinstance(found, dict):
                raise ValueError(f"state: expected an object of names and values, found {type(found).__name__}")
            for key, wanted in (("panel", self.NAME), ("version", self.VERSION)):
                if found.get(key) != wanted:
                    raise ValueError(f"state: {key} is {found.get(key)!r}; this panel takes {wanted!r}")
            known = set(self.settings())
            own = {key: value for key, value in found.items() if key not in ("panel", "version")}
            wrong = sorted(set(own) ^ known)
            if wrong:
                raise ValueError(f"state: {wrong[0]!r} is {'missing' if wrong[0] in known else 'unknown'}")
            self.use_settings(own)
        return fine.fine

    def refresh(self, _: Any = None) -> None:
        """Show the present state; observers of controls call this."""
        if self._quiet:
            return
        start = time.perf_counter()
        with self.picture.hold_sync(), self.faults():
            look = self.look()
            self.picture.show(look.image, look.alt)
            self.picture.status = look.status
            self.picture.took = round(1000 * (time.perf_counter() - start), 1)

    def tell(self, text: str) -> None:
        """Write a sentence into the status line."""
        self.picture.status = text

    @contextmanager
    def faults(self) -> Iterator[_Fine]:
        """Turn faults of input inside into a sentence in the status line; `.fine` says whether there was none."""
        fine = _Fine()
        try:
            yield fine
        except FAULTS as error:
            fine.fine = False
            self.tell(_sentence(error))

    @contextmanager
    def together(self) -> Iterator[None]:
        """Change several controls inside, and show the result once, if nothing was wrong."""
        self._quiet += 1
        try:
            yield
        finally:
            self._quiet -= 1
        self.refresh()

    def still(self) -> Image.Image:
        """Return the picture that is shown now."""
        return Image.open(BytesIO(self.picture.png))

    def _write(self) -> None:
        self._text.value = json.dumps(self.state)

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"  # a notebook's test compares it

    def _repr_mimebundle_(self, **options):
        """The widget for a live kernel, and its picture for a page without one."""
        found = super()._repr_mimebundle_(**options)
        data, *rest = found if isinstance(found, tuple) else (found,)
        if data is None:
            return found
        data = dict(data) | {"text/plain": repr(self)}
        if self.picture.png:
            data["image/png"] = base64.b64encode(self.picture.png).decode()
        return (data, *rest) if rest else data


class _Fine:
    fine = True


def _sentence(error: Exception) -> str:
    text = str(error)
    if isinstance(error, OSError) and error.filename is not None:
        text = f"{error.filename}: {error.strerror}"
    return text or type(error).__name__
