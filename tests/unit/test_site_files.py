"""What the site is made from is pinned, and the workflow that publishes it does what `make site` does."""

import json
import re
from pathlib import Path

import pytest
import yaml

from docs import build

ROOT = Path(__file__).resolve().parents[2]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


def read(path):
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def test_mathjax_is_pinned_by_version_and_checksum_and_by_no_address():
    (wanted,) = json.loads((build.DOCS / "package.json").read_text(encoding="utf-8"))["dependencies"].items()
    text = (build.DOCS / "package-lock.json").read_text(encoding="utf-8")
    locked = json.loads(text)["packages"]["node_modules/mathjax"]
    assert wanted == ("mathjax", locked["version"]) and re.fullmatch(r"[\d.]+", locked["version"])
    assert locked["integrity"].startswith("sha512-")
    assert "://" not in text


def test_without_npm_one_is_told_what_is_missing(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(RuntimeError, match="needs npm.*install Node.js"):
        build.mathjax(tmp_path / "npm")
    assert list(tmp_path.iterdir()) == []


def test_another_version_than_the_pinned_one_is_not_taken(tmp_path, monkeypatch):
    described = tmp_path / "node_modules" / "mathjax" / "package.json"
    described.parent.mkdir(parents=True)
    monkeypatch.setenv("PATH", str(tmp_path))
    pinned = json.loads((build.DOCS / "package.json").read_text(encoding="utf-8"))["dependencies"]["mathjax"]
    described.write_text(json.dumps({"version": pinned}), encoding="utf-8")
    assert build.mathjax(tmp_path) == described.parent
    described.write_text(json.dumps({"version": "2.0.0"}), encoding="utf-8")
    with pytest.raises(RuntimeError, match="needs npm"):
        build.mathjax(tmp_path)


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_may_read_alone_ends_some_day_and_calls_what_exists(path):
    workflow = read(path)
    assert workflow["permissions"] == {"contents": "read"}
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    for name, job in workflow["jobs"].items():
        assert job["timeout-minutes"] <= 60, name
        for step in job["steps"]:
            assert ("run" in step) != ("uses" in step), step
            assert re.fullmatch(r"[\w-]+/[\w-]+@v\d+", step.get("uses", "a/b@v1")), step
            for target in re.findall(r"\bmake ([a-z]+)", step.get("run", "")):
                assert target in targets, step


def test_the_site_is_built_by_its_command_and_published_from_the_main_branch_alone():
    jobs = read(ROOT / ".github" / "workflows" / "site.yml")["jobs"]
    assert [step["run"] for step in jobs["build"]["steps"] if "run" in step] == ["make site"]
    (uploaded,) = [step["with"]["path"] for step in jobs["build"]["steps"] if "upload" in step.get("uses", "")]
    assert ROOT / uploaded == build.BUILT / "html"
    assert "permissions" not in jobs["build"]
    publish = jobs["publish"]
    assert publish["needs"] == "build" and publish["permissions"] == {"pages": "write", "id-token": "write"}
    assert "github.ref == 'refs/heads/main'" in publish["if"] and "!= 'pull_request'" in publish["if"]
