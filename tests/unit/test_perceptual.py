"""Two pictures are as far apart as a frozen network sees them, and no other network ever stands in for it."""

import pytest
import torch
from torch.nn import functional as F

from warpgan import losses, perceptual
from warpgan.models import PoseGuidedParser


def onehot(batch=2, height=32, width=16, seed=0):
    labels = torch.randint(0, 20, (batch, height, width), generator=torch.Generator().manual_seed(seed))
    return F.one_hot(labels, 20).permute(0, 3, 1, 2).float()


def small_parser():
    torch.manual_seed(0)
    return PoseGuidedParser(4, 1, downs=3)


def test_perceptual_parser_sees_brightness_by_label_with_weights_that_double():
    parser = small_parser()
    loss, target, pose = losses.Perceptual("parser", parser), onehot(), torch.rand(2, 18, 32, 16)
    fake, real = (2 * torch.rand(2, 3, 32, 16) - 1 for _ in range(2))
    assert loss.layer_weights == (1 / 8, 1 / 4, 1 / 2, 1)
    maps = [
        parser.features(torch.cat([target * ((image.mean(1, keepdim=True) + 1) / 2), pose], dim=1))
        for image in (fake, real)
    ]
    expected = sum(w * (a - b).abs().mean() for w, a, b in zip((1 / 8, 1 / 4, 1 / 2, 1), *maps, strict=True))
    torch.testing.assert_close(loss(fake, real, target, pose), expected)
    assert loss(real, real, target, pose) == 0
    white = perceptual.paint_labels(torch.ones(2, 3, 32, 16), target, pose_map=pose)
    assert torch.equal(white[:, :20], target)  # a white picture is the parsing itself


def test_perceptual_parser_is_frozen_passes_gradient_to_the_picture_and_leaves_the_parser_be():
    parser = small_parser()
    loss = losses.Perceptual("parser", parser)
    fake = torch.zeros(2, 3, 32, 16, requires_grad=True)
    real = torch.rand(2, 3, 32, 16, requires_grad=True)
    loss(fake, real, onehot(), torch.rand(2, 18, 32, 16)).backward()
    assert fake.grad.any() and real.grad is None
    assert not any(p.requires_grad for p in loss.parameters())
    assert all(p.requires_grad and p.grad is None for p in parser.parameters())
    assert not loss.train().training


def test_vgg_is_cut_after_the_first_relu_of_each_of_its_five_levels():
    from torchvision.models.vgg import cfgs, make_layers

    features = make_layers(cfgs["E"])
    slices = perceptual.slice_vgg(features)
    assert all(isinstance(part[-1], torch.nn.ReLU) for part in slices)
    convolutions = [[m.out_channels for m in part if isinstance(m, torch.nn.Conv2d)] for part in slices]
    assert convolutions == [[64], [64, 128], [128, 256], [256] * 3 + [512], [512] * 4]
    x = torch.rand(1, 3, 32, 32)
    whole = features[:30](x)
    for part, size in zip(slices, (32, 16, 8, 4, 2), strict=True):
        x = part(x)
        assert x.shape[2:] == (size, size)
    assert torch.equal(x, whole)


def test_perceptual_vgg_weighs_five_layers_and_feeds_pictures_as_they_are(monkeypatch):
    from torchvision.models.vgg import cfgs, make_layers

    torch.manual_seed(0)
    features = make_layers(cfgs["E"])
    monkeypatch.setattr(perceptual, "_vgg19_features", lambda: features)
    loss = losses.Perceptual("vgg19")
    fake, real = (2 * torch.rand(1, 3, 32, 32) - 1 for _ in range(2))
    expected = torch.zeros(())
    a, b = fake, real
    for i, layer in enumerate(features):
        a, b = layer(a), layer(b)
        weight = {1: 1 / 32, 6: 1 / 16, 11: 1 / 8, 20: 1 / 4, 29: 1.0}.get(i, 0.0)
        expected = expected + weight * (a - b).abs().mean()
    torch.testing.assert_close(loss(fake, real), expected)
    assert not any(p.requires_grad for p in loss.parameters())


def test_missing_vgg_weights_are_said_in_a_sentence_and_never_replaced(monkeypatch, tmp_path):
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    sentence = "perceptual='vgg19' needs .* not there.* download=True.* or choose perceptual='parser' or"
    with pytest.raises(RuntimeError, match=sentence):
        losses.Perceptual("vgg19")
    (tmp_path / "hub" / "checkpoints").mkdir(parents=True)
    (tmp_path / "hub" / "checkpoints" / "vgg19-dcbb9e9d.pth").write_bytes(b"cut off")
    with pytest.raises(RuntimeError, match="vgg19-dcbb9e9d.pth"):
        losses.Perceptual("vgg19")


def test_perceptual_none_is_zero_and_others_are_refused():
    image = torch.rand(1, 3, 16, 16)
    assert losses.Perceptual("none")(image, 1 - image) == 0
    with pytest.raises(ValueError, match="perceptual: expected one of parser, vgg19, none, found 'vgg'"):
        losses.Perceptual("vgg")
    with pytest.raises(ValueError, match="needs the trained stage I parser"):
        losses.Perceptual("parser")
    with pytest.raises(ValueError, match="needs target_onehot and pose_map"):
        losses.Perceptual("parser", small_parser())(image, image)
    with pytest.raises(ValueError, match="real: expected fake's shape"):
        losses.Perceptual("none")(image, image[..., 1:])
