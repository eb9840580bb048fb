"""What makes each compared network the one that it is, before any shape."""

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from warpgan import geometry, keypoints
from warpgan.baselines import PG2, Deformable, Pix2Pix, ResNetGenerator, UNet, layers
from warpgan.models import SoftGatedWarpingBlock, painting

SIZE = (32, 16)


def inputs(batch=1, size=SIZE, seed=0):
    generator = torch.Generator().manual_seed(seed)
    labels = torch.randint(0, 20, (2 * batch, *size), generator=generator)
    onehot = F.one_hot(labels, 20).permute(0, 3, 1, 2).float()
    image = 2 * torch.rand(batch, 3, *size, generator=generator) - 1
    return image, onehot[:batch], onehot[batch:], keypoints.pose_map(joints(batch, size, seed), size, radius=2)


def joints(batch=1, size=SIZE, seed=0):
    places = torch.rand(batch, 18, 2, generator=torch.Generator().manual_seed(seed))
    places = (places * torch.tensor([size[1] - 6.0, size[0] - 6.0]) + 3).round()
    return torch.cat([places, torch.ones(batch, 18, 1)], dim=-1)


def made(kind, **options):
    torch.manual_seed(0)
    network = {
        "unet": lambda: UNet(16, depth=3, **options),
        "pix2pix": lambda: Pix2Pix(16, depth=3, **options),
        "pg2": lambda: PG2(12, SIZE, depth=2),
        "deformable": lambda: Deformable(16, depth=3),
        "resnet": lambda: ResNetGenerator(4, 1, downs=2, norm="blocks"),
    }[kind]()
    return network.eval()


SYSTEMS = ("unet", "pix2pix", "pg2", "deformable", "resnet")


@pytest.mark.parametrize("kind", ["unet", "pix2pix"])
@pytest.mark.parametrize("gate", ["learned_channel", "grid"])
def test_the_block_in_one_line_with_gate_0_is_the_network_without_it(kind, gate):
    full, bare = made(kind, gate=gate), made(kind, warping=False)
    shared = bare.state_dict()
    assert {key for key in full.state_dict() if not key.startswith("block.")} == set(shared)
    assert all(torch.equal(full.state_dict()[key], value) for key, value in shared.items())
    given, maps = inputs(), (geometry.random_affine(1), geometry.random_tps(1, 3))
    image, shown = bare(*given, *maps)
    assert shown is None
    torch.testing.assert_close(full(*given, *maps, forced_gate=0.0)[0], image)
    assert not torch.allclose(full(*given, *maps)[0], image, atol=1e-4)


@pytest.mark.parametrize("kind", ["unet", "pix2pix"])
def test_the_block_moves_the_skip_where_the_map_says(kind):
    network, given = made(kind, residual="identity", gate="grid"), inputs()
    seen = []
    network.block.register_forward_hook(lambda module, arguments, result: seen.append((arguments[0], result[0])))
    one_right = torch.tensor([[[1.0, 0.0, -2 / 4], [0.0, 1.0, 0.0]]])  # source = output - one column of four
    network(*given, one_right, None)
    (skip, moved), = seen
    assert skip.shape[2:] == (8, 4)  # level 2, the size at which the Warping-GAN's own block stands
    torch.testing.assert_close(moved[..., 1:], skip[..., 1:] + skip[..., :-1])
    still = network(*given, geometry.identity_affine(1), geometry.identity_tps(1, 3))[0]
    torch.testing.assert_close(network(*given)[0], still, atol=1e-4, rtol=0)


def test_pg2s_picture_is_the_coarse_one_and_a_difference():
    network, given = made("pg2").train(), inputs(2)
    differences = []
    network.second.register_forward_hook(lambda module, arguments, result: differences.append(result))
    image, gate = network(*given)
    (coarse,) = network.coarse
    assert gate is None and coarse.shape == image.shape
    torch.testing.assert_close(image, (coarse + differences[0]).clamp(-1, 1))
    nn.init.zeros_(network.second.last.weight)
    torch.testing.assert_close(network(*given)[0], network.coarse[0])


def test_pg2s_second_step_teaches_the_first_nothing():
    network, given = made("pg2").train(), inputs(2)
    network(*given)[0].square().sum().backward()
    assert all(p.grad is None for p in network.first.parameters())
    assert all(p.grad is not None for p in network.second.parameters())
    network(*given)
    network.coarse[0].square().sum().backward()
    assert all(p.grad is not None for p in network.first.parameters())
    network.eval()(*given)
    assert network.coarse == ()  # nothing is kept when nothing is learned


def test_pg2_fits_one_size_and_sees_all_of_a_picture_at_once():
    network, given = made("pg2"), inputs()
    with pytest.raises(ValueError, match=r"expected 32x16 \(height x width\), found 64x32"):
        network(*inputs(size=(64, 32)))
    changed = [given[0].clone(), *given[1:]]
    changed[0][..., 0, 0] = 0.9  # the corner is seen at the other end, through the layer of 64 units
    far = (network.first(torch.cat(changed, 1)) - network.first(torch.cat(given, 1)))[..., -1, -1].abs()
    assert far.max() > 0


def test_pix2pix_and_defgan_are_noisy_while_they_learn_and_not_after():
    for kind in ("pix2pix", "deformable"):
        network, given = made(kind), inputs()
        assert torch.equal(network(*given)[0], network(*given)[0])
        network.train()
        assert not torch.equal(network(*given)[0], network(*given)[0])
        assert sum(isinstance(part, nn.Dropout) for part in Pix2Pix(16, depth=5).modules()) == 3


def test_defgan_is_told_the_joints_and_knows_what_to_do_without():
    network, given, known = made("deformable"), inputs(), joints()
    told = painting.ask(network, *given, condition_keypoints=known)[0]
    # Equal joints in both poses: what the identity gives, which is what no map gives.
    torch.testing.assert_close(told, network(*given)[0], atol=1e-3, rtol=0)
    other = painting.ask(network, *given, condition_keypoints=joints(seed=1))[0]
    assert not torch.allclose(told, other, atol=1e-3)
    moved = network(*given, geometry.random_affine(1), geometry.random_tps(1, 3))[0]
    assert not torch.allclose(told, moved, atol=1e-3)  # the matcher's map stands in
    assert torch.equal(painting.ask(network, *given, condition_keypoints=None)[0], network(*given)[0])
    unet = made("unet")
    assert torch.equal(painting.ask(unet, *given, condition_keypoints=known)[0], unet(*given)[0])


@pytest.mark.parametrize("kind", SYSTEMS)
def test_each_keeps_the_generators_contract(kind):
    network = made(kind)
    image, gate = network(*inputs(2), geometry.random_affine(2), geometry.random_tps(2, 5), forced_gate=None)
    assert image.shape == (2, 3, *SIZE) and image.abs().max() <= 1 and image.std() > 0
    if kind in ("unet", "pix2pix"):
        assert isinstance(network.block, SoftGatedWarpingBlock)
        assert gate.shape[-2:] == (8, 4) and gate.min() >= 0 and gate.max() <= 1
    else:
        assert gate is None
    for place in range(4):  # every map is looked at
        changed = list(inputs(2))
        changed[place] = inputs(2, seed=1)[place]
        assert not torch.allclose(network(*changed)[0], network(*inputs(2))[0], atol=1e-5)
    one = network(*(part[:1] for part in inputs(2)))[0]
    torch.testing.assert_close(one, network(*inputs(2))[0][:1], atol=1e-4, rtol=0)


@pytest.mark.parametrize("kind", SYSTEMS)
def test_every_parameter_learns(kind):
    network = made(kind)
    network.train()
    for part in network.modules():
        if isinstance(part, nn.Dropout):
            part.p = 0.0
    image, _ = network(*inputs(2), geometry.random_affine(2), None)
    sum(picture.square().sum() for picture in (image, *getattr(network, "coarse", ()))).backward()
    assert all(p.grad is not None and p.grad.isfinite().all() for p in network.parameters())
    assert all(p.grad.any() for name, p in network.named_parameters() if name.endswith("weight"))


@pytest.mark.parametrize("kind", SYSTEMS)
def test_unfit_arguments_are_refused_as_by_the_warping_gan(kind):
    network = made(kind)
    for size in ((30, 16), (8, 6)):
        with pytest.raises(ValueError, match="condition_image: .*(multiples of|expected 32x16)"):
            network(*inputs(size=size))
    with pytest.raises(ValueError, match=r"pose_map: expected \[B, 18, H, W\]"):
        network(*inputs()[:3], torch.zeros(1, 17, *SIZE))


def test_levels_are_as_wide_as_published():
    assert layers.doubling(1024, 5, times=4) == [64, 128, 256, 512, 1024]  # U-Net
    assert layers.doubling(512, 8, times=3) == [64, 128, 256, 512, 512, 512, 512, 512]  # pix2pix
    assert layers.doubling(10, 3, times=3) == [3, 5, 10]
    with torch.device("meta"):
        pix2pix, unet = Pix2Pix(warping=False), UNet(warping=False)
    # By hand, with these 61 channels going in: pix2pix at 256x256 has 54 million, a U-Net 31 million.
    assert sum(p.numel() for p in pix2pix.parameters()) == pytest.approx(54.4e6, rel=0.01)
    assert sum(p.numel() for p in unet.parameters()) == pytest.approx(31.1e6, rel=0.01)


def test_pictures_are_halved_as_often_as_they_can_be():
    assert layers.depth_of((256, 256), 8) == 7 and layers.depth_of((128, 64), 8) == 5
    assert layers.depth_of((256, 256), 5, least_side=4) == 5 and layers.depth_of((128, 64), 5, least_side=4) == 4  # PG2
    assert layers.depth_of((256, 176), 8) == 4
    with pytest.raises(ValueError, match=r"size 33x16 \(height x width\) cannot be halved; expected even sides"):
        layers.depth_of((33, 16), 4)
    with pytest.raises(ValueError, match="depth: expected at least 2 halvings, found 1"):
        Pix2Pix(16, depth=1)
