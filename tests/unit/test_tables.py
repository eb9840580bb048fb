"""What stands in a table is text, and every cell has a header in its row and its column."""

from xml.etree import ElementTree

import pytest

from warpgan.widgets.tables import html_table


def test_cells_are_text_and_have_headers():
    table = ElementTree.fromstring(html_table("<i>pair</i>", ["name", "a & b"], [["<b>x</b>", "1"], ['"y"', "<2"]]))
    assert table.find("caption").text == "<i>pair</i>"
    assert [cell.text for cell in table.iterfind("thead/tr/th[@scope='col']")] == ["name", "a & b"]
    rows = [[cell.text for cell in row] for row in table.iterfind("tbody/tr")]
    assert rows == [["<b>x</b>", "1"], ['"y"', "<2"]]
    assert all(row[0].get("scope") == "row" for row in table.iterfind("tbody/tr"))


def test_a_row_that_does_not_fit_is_refused():
    with pytest.raises(ValueError, match="2 columns got a row of 1"):
        html_table("", ["a", "b"], [["x"]])
