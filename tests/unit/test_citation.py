"""CITATION.cff is complete: the fields that the format asks for, the paper, and the same facts as pyproject.toml.

Checked here without the format's own program, from its published rules (Citation File Format 1.2.0).
"""

import re
import tomllib
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
CITATION = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
PAPER = CITATION["preferred-citation"]
FIELDS = {
    "cff-version", "title", "message", "type", "abstract", "keywords", "license", "version", "repository-code",
    "authors", "preferred-citation", "date-released", "doi", "url", "identifiers", "references", "contact", "commit",
}  # fmt: skip


def test_the_fields_are_those_of_the_format():
    assert set(CITATION) <= FIELDS, set(CITATION) - FIELDS
    assert {"cff-version", "title", "message", "authors"} <= set(CITATION)
    assert CITATION["cff-version"] == "1.2.0" and CITATION["type"] == "software"
    assert len(set(CITATION["keywords"])) == len(CITATION["keywords"]) > 2
    for person in CITATION["authors"] + PAPER["authors"]:
        assert set(person) <= {"name"} or {"family-names", "given-names"} <= set(person), person


def test_it_says_what_pyproject_says():
    assert CITATION["repository-code"] == PROJECT["urls"]["Repository"]
    assert CITATION["license"] == PROJECT["license"]
    assert CITATION["title"].startswith(PROJECT["name"])


def test_the_paper_can_be_found_from_it():
    assert {"type", "title", "authors"} <= set(PAPER)  # what the format asks of a reference
    assert (PAPER["type"], PAPER["year"]) == ("conference-paper", 2018)
    assert [author["family-names"] for author in PAPER["authors"]] == ["Dong", "Liang", "Gong", "Lai", "Zhu", "Yin"]
    assert 0 < PAPER["start"] < PAPER["end"] and PAPER["conference"]["name"]
    (arxiv,) = [one["value"] for one in PAPER["identifiers"] if one["value"].startswith("arXiv:")]
    assert re.fullmatch(r"arXiv:\d{4}\.\d{5}", arxiv) and PAPER["url"] == f"https://arxiv.org/abs/{arxiv[6:]}"


def test_the_notebooks_cite_the_same_paper():
    for name in ("00_quickstart", "05_soft_gated_warping", "06_warping_gan"):
        text = (ROOT / "notebooks" / f"{name}.ipynb").read_text(encoding="utf-8")
        assert "1810.11610" in text and PAPER["title"].split(" for ")[0] in text, name
