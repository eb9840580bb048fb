"""A job is everything a training is told, as a file; what is wrong in it is named."""

import json

import pytest
from market_tree import market
from small_training import SMALL

from warpgan import config, jobs
from warpgan.jobs import Job
from warpgan.run_folder import RunFolder


def test_a_job_comes_back_from_its_file(tmp_path):
    job = Job("gan", SMALL, str(tmp_path / "run"), data="market1501", root="/data/market", options={"fit": "crop"})
    path = job.write()
    assert path == tmp_path / "run" / "gan.job.json" and jobs.read(path) == job
    assert job.folder == tmp_path / "run" / "gan"


@pytest.mark.parametrize("change, message", [
    ({"data": "imagenet"}, "job.json: data is 'imagenet'; expected one of rendered, deepfashion, market1501"),
    ({"data": "market1501"}, "job.json: root is ''; expected the folder of the data"),
    ({"root": "/data"}, "job.json: root is '/data'; expected no folder, they are made"),
    ({"out": 3}, "job.json: out is 3; expected a text"),
    ({"colour": 3}, "job.json: field 'colour' is unknown"),
    ({"config": {"batsh": 3}}, "job.json: unknown field 'batsh'; did you mean batch"),
])
def test_a_wrong_field_is_named(tmp_path, change, message):
    path = Job("gan", SMALL, str(tmp_path)).write()
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(ValueError, match=message):
        jobs.read(path)


def test_a_missing_field_and_a_missing_file_are_named(tmp_path, capsys):
    path = Job("gan", SMALL, str(tmp_path)).write()
    values = json.loads(path.read_text())
    del values["stage"]
    path.write_text(json.dumps(values))
    with pytest.raises(ValueError, match="field 'stage' is missing"):
        jobs.read(path)
    assert jobs.main([str(tmp_path / "none.json")]) == 1
    assert "FileNotFoundError: " in capsys.readouterr().err
    assert jobs.main([]) == 2


def test_a_job_trains_on_photos(tmp_path):
    root = market(tmp_path / "data")
    settings = SMALL.replace(height=128, width=64, parser_steps=2, batch=2, evaluation_pairs=2)
    job = Job("parser", settings, str(tmp_path / "run"), data="market1501", root=str(root))
    assert jobs.main([str(job.write())]) == 0
    run = RunFolder(job.folder)
    assert run.finished and run.step == 2 and run.config == settings
    assert set(job.datasets()) == {"data", "unseen"}
    # Photos have no known correspondences: stage II is measured without the error that needs them.
    settings = settings.replace(matcher_map_steps=1, matcher_pair_steps=1, gan_steps=1)
    for stage, measured in (("matcher", {"label_agreement", "unwarped_label_agreement"}), ("gan", {"ssim", "l1"})):
        job = Job(stage, settings, str(tmp_path / "run"), data="market1501", root=str(root))
        assert jobs.main([str(job.write())]) == 0
        assert set(RunFolder(job.folder).metrics["after"]) == measured | {"step"}


def test_rendered_people_need_no_folder():
    assert Job("gan", config.preset("quick"), "run").datasets() == {}
