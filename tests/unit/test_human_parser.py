"""A human parser gives each pixel of any picture its logits, and cuts off what it had to pad."""

import pytest
import torch
import torchvision
from torch import nn

from warpgan import config, downloads, models
from warpgan.models import HumanParser, mobilenet
from warpgan.models.human_parser import STEP, Look, _waves


@pytest.fixture(scope="module")
def parser():
    torch.manual_seed(0)
    return HumanParser(0.25, 8).eval()


@torch.no_grad()
def test_a_padded_picture_gets_the_answer_of_the_picture_padded_by_hand(parser):
    image = torch.rand(2, 3, 45, 70) * 2 - 1
    by_hand = torch.nn.functional.pad(image, (0, 10, 0, 3), mode="replicate")
    assert by_hand.shape[2] % STEP == by_hand.shape[3] % STEP == 0
    answer = parser(image)
    assert answer.shape == (2, 20, 45, 70)
    assert torch.equal(answer, parser(by_hand)[..., :45, :70])


@torch.no_grad()
def test_it_sees_detail_of_two_pixels(parser):
    # Bilinear from half resolution: a change of one column reaches the logits beside it, not as a block of 16.
    image = torch.zeros(1, 3, 64, 64)
    changed = image.clone()
    changed[..., 30:32] = 1
    difference = (parser(changed) - parser(image)).abs().sum(dim=(0, 1, 2))
    assert difference.argmax() in range(24, 38)
    assert difference.unique().numel() > 64 // STEP * 2


def test_gradients_reach_every_weight(parser):
    fresh = HumanParser(0.25, 8)
    guess = fresh.guess(torch.rand(2, 3, 32, 32))
    sum(part.square().mean() for part in guess).backward()
    assert [name for name, value in fresh.named_parameters() if value.grad is None] == []


@pytest.mark.parametrize("image", [torch.zeros(3, 32, 32), torch.zeros(1, 1, 32, 32), torch.zeros(1, 3, 0, 32),
                                   torch.zeros(1, 3, 32, 32, dtype=torch.uint8)])
def test_anything_but_pictures_is_refused(parser, image):
    with pytest.raises(ValueError, match=r"image: expected floating point \[B, 3, H, W\], found"):
        parser(image)


def test_a_single_pixel_is_a_picture(parser):
    assert parser(torch.zeros(1, 3, 1, 1)).shape == (1, 20, 1, 1)


def test_imagenet_weights_are_asked_for_by_name_fit_one_width_and_are_never_fetched_unasked(monkeypatch, tmp_path):
    with pytest.raises(ValueError, match="weights: expected one of imagenet, found 'coco'"):
        HumanParser(weights="coco")
    with pytest.raises(ValueError, match="exist for width 1 alone, found width 0.5"):
        HumanParser(0.5, weights="imagenet")
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    with pytest.raises(FileNotFoundError, match="mobilenet_v3_large-8738ca79.pth: not there.*with a network: python"):
        HumanParser(weights="imagenet")


@torch.no_grad()
def test_imagenet_weights_take_pictures_from_minus_one_to_one(monkeypatch, tmp_path):
    torch.manual_seed(0)
    whole = torchvision.models.mobilenet_v3_large(weights=None, dilated=True).eval()
    for norm in (part for part in whole.modules() if isinstance(part, nn.BatchNorm2d)):
        norm.running_mean.normal_(0, 0.1)
        norm.running_var.uniform_(0.5, 2)
    torch.save(whole.state_dict(), tmp_path / "published.pth")
    monkeypatch.setattr(downloads, "fetch", lambda name: tmp_path / "published.pth")
    ours = HumanParser(weights="imagenet").eval().backbone
    image = torch.rand(2, 3, 32, 48)
    normal = torchvision.transforms.functional.normalize(image, mobilenet.MEAN, mobilenet.DEVIATION)
    expected = whole.features[0](normal)
    assert torch.allclose(ours[0](2 * image - 1)[..., 1:, 1:], expected[..., 1:, 1:], atol=1e-4)  # its edge is padded
    assert torch.equal(ours[5](torch.ones(1, 40, 4, 4)), whole.features[5](torch.ones(1, 40, 4, 4)))


def test_a_training_begins_with_the_configured_weights_and_loading_needs_none(monkeypatch, tmp_path):
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    chosen = config.preset("human_parser", human_width=1.0, human_backbone="imagenet")
    with pytest.raises(FileNotFoundError, match="mobilenet"):
        models.build_human_parser(chosen, begin=True)
    assert isinstance(models.build_human_parser(chosen), HumanParser)


@pytest.mark.parametrize("width, decoder", [(0, 8), (-1.0, 8), (0.5, 0)])
def test_sizes_are_positive(width, decoder):
    with pytest.raises(ValueError, match="must be positive"):
        HumanParser(width, decoder)


def test_the_shipped_width_fits_into_eight_megabytes():
    chosen = config.preset("human_parser")
    assert 2 * models.parameter_count(models.build_human_parser(chosen)) < 8e6


def test_a_guess_has_a_coarse_map_and_a_turn_for_each_picture(parser):
    guess = parser.guess(torch.rand(2, 3, 45, 70))
    assert guess.logits.shape == (2, 20, 45, 70) and guess.coarse.shape == (2, 20, 6, 10) and guess.turn.shape == (2,)


@torch.no_grad()
def test_every_place_sees_the_whole_picture():
    torch.manual_seed(0)
    look = Look(16)
    x, seen = torch.rand(1, 16, 6, 4), torch.rand(1, 16, 3, 2)
    changed = seen.clone()
    changed[:, 0, -1, -1] += 1  # one channel: normalisation undoes a shift of all
    assert ((look(x, changed) - look(x, seen)).abs().amax(dim=1) > 1e-6).all()
    assert look(x, seen).shape == x.shape


@torch.no_grad()
def test_attention_is_the_softmax_of_products():
    torch.manual_seed(0)
    look = Look(16)
    x, seen = torch.rand(2, 16, 3, 2), torch.rand(2, 16, 2, 2)
    fine, coarse = x.flatten(2).transpose(1, 2), seen.flatten(2).transpose(1, 2)
    found, _ = nn.functional.multi_head_attention_forward(
        *(look.norms[n](m).transpose(0, 1) + look.place(waves).unsqueeze(1) for n, m, waves in
          ((0, fine, _waves(x)), (1, coarse, _waves(seen)), (1, coarse, _waves(seen)))),
        16, 4, torch.cat([look.query.weight, look.key_value.weight]), torch.cat([look.query.bias, look.key_value.bias]),
        None, None, False, 0.0, look.out.weight, look.out.bias,
    )
    expected = fine + found.transpose(0, 1)
    expected = expected + look.think(look.norms[2](expected))
    assert torch.allclose(look(x, seen).flatten(2).transpose(1, 2), expected, atol=1e-5)
