"""Numbers as a table that a screen reader can walk through; everything in it is text, never HTML."""

from collections.abc import Sequence
from html import escape


def html_table(caption: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table with header cells.

    Args:
        caption: what the table shows.
        columns: header of each column.
        rows: the cells of each row; the first one is the row's header.

    Raises:
        ValueError: a row of another length.
    """
    for row in rows:
        if len(row) != len(columns):
            raise ValueError(f"a table of {len(columns)} columns got a row of {len(row)}: {list(row)}")
    space = 'style="padding: 2px 12px 2px 0; text-align: left"'
    head = "".join(f'<th scope="col" {space}>{escape(text)}</th>' for text in columns)
    body = "".join(
        f'<tr><th scope="row" {space}>{escape(first)}</th>'
        + "".join(f"<td {space}>{escape(text)}</td>" for text in rest)
        + "</tr>"
        for first, *rest in rows
    )
    return (
        f'<table style="border-collapse: collapse; line-height: 1.4"><caption style="text-align: left">'
        f"{escape(caption)}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    )
