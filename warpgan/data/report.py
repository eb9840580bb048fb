"""What `warpgan.data.check` found: problems as plain rows, counts beside published figures, and how they are shown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from html import escape
from pathlib import Path

LEVELS = ("error", "warning", "note")


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong, or worth knowing.

    Attributes:
        level: "error" (a loader would refuse it), "warning" (it can be used, but perhaps not as meant) or "note" (it
            is usual in such data and dealt with).
        kind: the same few words for all problems of its kind.
        file: the file, seen from the root.
        row: number of the row from 1, the header counted; None where there are none.
        found: what is there.
        expected: what should be.
        advice: what to do.
    """

    level: str
    kind: str
    file: str
    row: int | None
    found: str
    expected: str
    advice: str


@dataclass(frozen=True)
class Count:
    """A number, and the published ones if there are any: several lists of one set are in circulation."""

    what: str
    found: int
    published: tuple[int, ...] = ()
    source: str = ""

    @property
    def agrees(self) -> bool | None:
        """Whether it is a published number; None where none is known."""
        return self.found in self.published if self.published else None


@dataclass
class Report:
    """The answer of `check`. It prints as text and shows itself as tables in a notebook.

    Attributes:
        root: the folder.
        layout: key of the layout (`layouts.TITLES`), "unknown" if none was recognised.
        title: the layout in words.
        counts, problems: of each kind at most `limit` problems are kept, and all of them are counted in `totals`.
        totals: (level, kind) -> how many.
        decoded: pictures that were decoded; of all others only the header was read.
        seconds: how long it took.
    """

    root: Path
    layout: str = "unknown"
    title: str = "no layout that is known here"
    limit: int = 20
    counts: list[Count] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    totals: Counter = field(default_factory=Counter)
    decoded: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def ok(self) -> bool:
        """Whether there is no error; warnings and notes may be there."""
        return not any(level == "error" for level, _ in self.totals)

    def number(self, level: str) -> int:
        """How many problems of a level there are, kept or not."""
        return sum(number for (found, _), number in self.totals.items() if found == level)

    def add(
        self, level: str, kind: str, file: str | Path, row: int | None, found: object, expected: str, advice: str
    ) -> None:
        """Count a problem, and keep it if there are not yet `limit` of its kind.

        Args:
            level: of `LEVELS`.
            kind: the same few words for all problems of its kind.
            file: its path, or that of a folder.
            row: number of the row from 1, or None.
            found: what is there.
            expected: what should be.
            advice: what to do.
        """
        self.totals[level, kind] += 1
        if self.totals[level, kind] <= self.limit:
            texts = (shown(text) for text in (self.inside(file), found, expected, advice))
            file, found, expected, advice = texts
            self.problems.append(Problem(level, kind, file, row, found, expected, advice))

    def count(
        self, what: str, found: int, published: Iterable[int] = (), source: str = "", file: str | Path | None = None
    ) -> None:
        """Keep a count; of a file, a number that is not the published one is a warning too.

        Args:
            what: is counted, in words.
            found: the number.
            published: the numbers that were published, if any.
            source: of those.
            file: where it was counted, if another number is worth a warning.
        """
        one = Count(shown(what), found, tuple(published), source)
        self.counts.append(one)
        if one.agrees is False and file is not None:
            expected = " or ".join(f"{number:,}" for number in one.published)
            advice = "a part of the set can be used; if you meant all of it, fetch what is missing"
            if found > max(one.published):
                advice = "more than the set has: look for copies, or for another set in the same folder"
            self.add("warning", "another number than published", file, None, f"{what}: {found:,}",
                     f"{expected} ({source})", advice)

    def inside(self, file: str | Path) -> str:
        """The path of a file seen from the root."""
        try:
            return Path(file).relative_to(self.root).as_posix()
        except ValueError:
            return str(file)

    def __str__(self) -> str:
        lines = [f"{self.title}: {shown(self.root)}", ""]
        rows = [("", "found", "published"), *self._count_rows()]
        widths = [max(map(len, column)) for column in zip(*rows)]
        lines += [f"  {row[0]:<{widths[0]}}  {row[1]:>{widths[1]}}  {row[2]}".rstrip() for row in rows]
        for problem in self._shown():
            place = problem.file if problem.row is None else f"{problem.file}, row {problem.row}"
            lines += ["", f"{problem.level}: {problem.kind}: {place}", f"    found     {problem.found}",
                      f"    expected  {problem.expected}", f"    do        {problem.advice}"]
        lines += ["", *self._summary()]
        return "\n".join(lines)

    def __repr__(self) -> str:
        return (f"Report(layout={self.layout!r}, root={Path(self.root).name!r}, "
                + ", ".join(f"{level}s={self.number(level)}" for level in LEVELS) + ")")

    def _repr_html_(self) -> str:
        def table(heads, rows):
            cells = "".join(f"<th style='text-align:left'>{escape(head)}</th>" for head in heads)
            body = "".join("<tr>" + "".join(f"<td style='text-align:left'>{escape(str(cell))}</td>" for cell in row)
                           + "</tr>" for row in rows)
            return f"<table><thead><tr>{cells}</tr></thead><tbody>{body}</tbody></table>"

        parts = [f"<b>{escape(self.title)}</b>: <code>{escape(shown(self.root))}</code>"]
        if self.counts:
            parts.append(table(("count", "found", "published"), self._count_rows()))
        if self.problems:
            heads = ("level", "what", "file", "row", "found", "expected", "what to do")
            parts.append(table(heads, [(p.level, p.kind, p.file, "" if p.row is None else p.row, p.found, p.expected,
                                        p.advice) for p in self._shown()]))
        parts += [f"<p>{escape(line)}</p>" for line in self._summary()]
        return "<div>" + "\n".join(parts) + "</div>"

    def _shown(self) -> list[Problem]:
        # Of notes, which are many and need nothing, three of a kind.
        seen, chosen = Counter(), []
        for problem in sorted(self.problems, key=lambda p: (LEVELS.index(p.level), p.kind, p.file, p.row or 0)):
            seen[problem.level, problem.kind] += 1
            if problem.level != "note" or seen["note", problem.kind] <= 3:
                chosen.append(problem)
        return chosen

    def _count_rows(self) -> list[tuple[str, str, str]]:
        words = {True: " (the same)", False: " (another)", None: ""}
        return [(one.what, f"{one.found:,}", " or ".join(f"{number:,}" for number in one.published)
                 + words[one.agrees]) for one in self.counts]

    def _summary(self) -> list[str]:
        lines = []
        for (level, kind), number in sorted(self.totals.items(), key=lambda item: LEVELS.index(item[0][0])):
            if number > (3 if level == "note" else self.limit):
                more = "report.problems" if number <= self.limit else "check(root, limit=...)"
                lines.append(f"{level}: {kind}: {number:,} in all; {more} has more of them")
        if self.decoded:
            lines.append(f"{len(self.decoded)} pictures were decoded ({', '.join(self.decoded)}); "
                         "of all others the header was read")
        numbers = [f"{self.number(level):,} {level}{'' if self.number(level) == 1 else 's'}" for level in LEVELS]
        return [*lines, f"{', '.join(numbers)}; {self.seconds:.1f} s"]


def shown(text: object) -> str:
    """A text in one printable line: names of files may hold anything."""
    return "".join(one if one.isprintable() else ascii(one)[1:-1] for one in str(text))
