"""A checkpoint gives back exactly what was saved; a damaged or foreign one is told in one sentence."""

import json

import pytest
import torch
from safetensors.torch import save_file

from warpgan import checkpoints, config

QUICK = config.preset("quick")


def trained(seed: int = 0):
    torch.manual_seed(seed)
    module = torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3), torch.nn.Conv2d(4, 3, 3))
    adam = torch.optim.Adam(module.parameters(), lr=1e-2)
    for _ in range(3):
        adam.zero_grad()
        module(torch.randn(1, 3, 8, 8)).square().mean().backward()
        adam.step()
    return module, adam


def save(folder, module, adam):
    return checkpoints.save(
        folder, {"parser": module}, stage="parser", config=QUICK, step=3, optimisers={"parser": adam},
        facts={"seconds": 1.0},
    )


def test_training_goes_on_as_if_it_had_never_stopped(tmp_path):
    module, adam = trained()
    save(tmp_path, module, adam)
    expected_noise = torch.rand(3)
    again, again_adam = trained(seed=5)
    found = checkpoints.resume(
        tmp_path, {"parser": again}, {"parser": again_adam}, stage="parser", config=QUICK
    )
    assert (found.step, found.facts) == (3, {"seconds": 1.0})
    assert torch.equal(torch.rand(3), expected_noise)
    x = torch.randn(1, 3, 8, 8)
    for m, a in ((module, adam), (again, again_adam)):
        a.zero_grad()
        m(x).square().mean().backward()
        a.step()
    for one, other in zip(module.parameters(), again.parameters(), strict=True):
        assert torch.equal(one, other)


def test_shipping_keeps_weights_only_in_half_precision(tmp_path):
    for stage, name in checkpoints.SHIPPED.items():
        module, adam = trained()
        checkpoints.save(
            tmp_path / "run" / stage, {name: module, "other": module}, stage=stage, config=QUICK, step=3,
            optimisers={name: adam},
        )
    checkpoints.ship(tmp_path / "run", tmp_path / "shipped")
    shipped = checkpoints.load(tmp_path / "shipped" / "gan", "gan")
    assert all(
        key.startswith("generator.") and value.dtype == torch.half for key, value in shipped.tensors.items()
    )
    back = shipped.load_into("generator", trained(seed=1)[0])
    assert torch.allclose(back[0].weight, module[0].weight, atol=1e-3)
    with pytest.raises(ValueError, match="weights without optimiser state"):
        checkpoints.resume(tmp_path / "shipped" / "gan", {}, {}, stage="gan", config=QUICK)


def test_the_json_says_what_the_header_says(tmp_path):
    save(tmp_path, *trained())
    said = json.loads((tmp_path / "state.json").read_text())
    assert said["config"] == QUICK.to_dict() and said["step"] == 3 and len(said["sha256"]) == 64


def test_another_configuration_is_named_field_by_field(tmp_path):
    module, adam = trained()
    save(tmp_path, module, adam)
    with pytest.raises(ValueError, match="another configuration .generator_width 12 there and 8 here."):
        checkpoints.resume(
            tmp_path,
            {"parser": module},
            {"parser": adam},
            stage="parser",
            config=QUICK.replace(generator_width=8),
        )


def test_damaged_and_foreign_files_are_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="no such checkpoint"):
        checkpoints.load(tmp_path)
    module, adam = trained()
    path = save(tmp_path, module, adam) / checkpoints.WEIGHTS
    whole = path.read_bytes()
    for broken in (whole[:-50], whole[:40], b"", b"PK\x03\x04 a zip archive, as torch.save writes"):
        path.write_bytes(broken)
        with pytest.raises(ValueError, match=f"{checkpoints.WEIGHTS}: cut short or not a safetensors file"):
            checkpoints.load(tmp_path)
    save_file({"a": torch.zeros(1)}, path)
    with pytest.raises(ValueError, match="without a description"):
        checkpoints.load(tmp_path)


def test_another_stage_and_another_network_are_refused(tmp_path):
    module, adam = trained()
    save(tmp_path, module, adam)
    with pytest.raises(ValueError, match="stage 'parser'; expected 'gan'"):
        checkpoints.load(tmp_path, "gan")
    found = checkpoints.load(tmp_path)
    with pytest.raises(ValueError, match="tensor parser.1.bias is not expected"):
        found.load_into("parser", torch.nn.Sequential(module[0]))
    with pytest.raises(ValueError, match=r"has shape \(4, 3, 3, 3\); expected \(4, 3, 5, 5\)"):
        found.load_into("parser", torch.nn.Sequential(torch.nn.Conv2d(3, 4, 5), module[1]))


def test_a_part_may_be_lacking_as_a_whole_and_never_by_half(tmp_path):
    module, adam = trained()
    found = checkpoints.load(save(tmp_path / "two", module, adam))
    longer = torch.nn.Sequential(*trained(1)[0], torch.nn.Conv2d(3, 3, 1))
    last = longer[2].weight.detach().clone()
    found.load_into("parser", longer, lacking=("2",))
    assert torch.equal(longer[2].weight, last) and torch.equal(longer[0].weight, module[0].weight)
    with pytest.raises(ValueError, match=r"tensor parser\.2\.bias is missing; the parser of this configuration has 6"):
        found.load_into("parser", longer)
    found.tensors["parser.2.weight"] = last
    with pytest.raises(ValueError, match=r"tensor parser\.2\.bias is missing"):
        found.load_into("parser", longer, lacking=("2",))
