"""A stage's record survives being cut off anywhere: no step is logged twice, none is lost."""

import pytest
import torch

from warpgan import config, records

TINY = config.preset("quick", log_every=2, sample_every=3, checkpoint_every=4)


def open_run(folder, steps=10, **options):
    torch.manual_seed(0)
    module = torch.nn.Linear(2, 1)
    adam = torch.optim.Adam(module.parameters(), lr=0.1)
    return records.StageRun("parser", TINY, folder, {"parser": module}, {"parser": adam}, steps, **options)


def take(run, until=None):
    rates = []
    for step in run.loop():
        rates.append(run.optimisers["parser"].param_groups[0]["lr"])
        optimiser = run.optimisers["parser"]
        optimiser.zero_grad()
        run.modules["parser"](torch.ones(1, 2)).square().sum().backward()
        optimiser.step()
        run.log(loss=torch.tensor(float(step)))
        if step == until:
            break
    return rates


def test_a_run_cut_off_between_checkpoints_goes_on_from_the_last_one(tmp_path):
    take(open_run(tmp_path), until=6)  # the checkpoint is from step 4; rows 4 and 6 belong to steps taken again
    resumed = open_run(tmp_path)
    assert resumed.step == 4 and not resumed.finished
    assert resumed.losses()["step"].tolist() == [0, 2]
    take(resumed)
    assert resumed.finished and resumed.losses()["step"].tolist() == [0, 2, 4, 6, 8, 9]


def test_a_log_without_a_checkpoint_is_begun_anew(tmp_path):
    take(open_run(tmp_path), until=2)
    assert open_run(tmp_path).step == 0
    assert not (tmp_path / "log.csv").exists()


def test_the_rate_is_constant_then_falls_to_nothing(tmp_path):
    rates = take(open_run(tmp_path))
    assert rates == pytest.approx([0.1] * 6 + [0.08, 0.06, 0.04, 0.02])
    assert records.linear_decay(7, 10, 0.0) == 1.0
    assert take(open_run(tmp_path / "own", rate=lambda step: 0.5 if step < 3 else 0.25))[2:4] == [0.05, 0.025]


def test_the_random_state_goes_on_too(tmp_path):
    run = open_run(tmp_path)
    torch.rand(7)
    run.save()
    expected = torch.rand(3)
    open_run(tmp_path)
    assert torch.equal(torch.rand(3), expected)


def test_metrics_are_kept_with_the_checkpoint(tmp_path):
    run = open_run(tmp_path)
    run.measured("before", lambda: {"l1": 0.123456789})
    assert open_run(tmp_path).metrics == {"before": {"l1": 0.123457, "step": 0}}
    assert (tmp_path / "metrics.json").exists()


def test_samples_are_rows_of_pairs(tmp_path):
    from torchvision.io import read_image

    run = open_run(tmp_path)
    run.step = 2
    run.sample(torch.full((2, 3, 8, 4), -1.0), torch.full((2, 3, 8, 4), 1.0))
    picture = read_image(str(tmp_path / "samples" / "000003.png"))
    assert picture.shape == (3, 2 * 10 + 2, 2 * 6 + 2)
    assert picture[0, 5, 3] == 0 and picture[0, 5, 9] == 255
    run.step = 3
    run.sample(torch.zeros(1, 3, 8, 4))
    assert len(list((tmp_path / "samples").iterdir())) == 1


def test_a_loss_that_is_not_a_number_names_stage_step_and_loss(tmp_path):
    run = open_run(tmp_path)
    with pytest.raises(FloatingPointError, match="parser, step 0: the loss 'pixel' is nan"):
        run.log(pixel=torch.tensor(float("nan")))
    assert not run.log_file.exists()
