"""The discriminator: it learns to tell pictures apart, patch by patch, and is the paper's at its size."""

import pytest
import torch

from warpgan import losses, models
from warpgan.models import PyramidDiscriminator


def test_it_learns_to_tell_real_from_made_up():
    torch.manual_seed(0)
    discriminator = PyramidDiscriminator(2, 4, layers=2)
    optimiser = torch.optim.Adam(discriminator.parameters(), 2e-3)
    noise = torch.Generator().manual_seed(1)

    def draw():  # horizontal against vertical stripes: no single pixel gives it away
        stripes = torch.tensor([1.0, 1.0, -1.0, -1.0]).repeat(8)
        base = 0.3 * torch.randn(4, 2, 32, 32, generator=noise)
        return base + stripes[:, None], base + stripes[None, :]

    for _ in range(60):
        real, fake = draw()
        loss = losses.adversarial_discriminator(discriminator(real)[0], discriminator(fake)[0])
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    real, fake = draw()
    assert discriminator(real)[0].mean() > 0.8 and discriminator(fake)[0].mean() < 0.2


@pytest.mark.parametrize("channels, count", [(64, 2_827_201), (58, 2_821_057)])
def test_it_has_the_papers_parameters(channels, count):
    with torch.device("meta"):
        assert models.parameter_count(PyramidDiscriminator(channels)) == count


def test_its_maps_have_the_papers_sizes():
    with torch.device("meta"):
        score, features = PyramidDiscriminator(64)(torch.empty(1, 64, 256, 256))
    sizes = [tuple(f.shape[1:]) for f in features]
    assert sizes == [(64, 129, 129), (128, 65, 65), (256, 33, 33), (512, 34, 34)]
    assert score.shape == (1, 1, 35, 35)


def test_a_score_looks_at_a_patch_only_as_far_as_the_norms_allow():
    # Without the norms, which see the whole map, a far change must leave the score of a corner alone.
    discriminator = PyramidDiscriminator(1, 2)
    for stage in discriminator.stages[1:]:
        stage[1] = torch.nn.Identity()
    x = torch.randn(1, 1, 256, 256)
    y = x.clone()
    y[..., 200:, 200:] += 1
    a, b = discriminator(x)[0], discriminator(y)[0]
    assert torch.equal(a[..., :10, :10], b[..., :10, :10])
    assert not torch.allclose(a[..., -5:, -5:], b[..., -5:, -5:])


def test_the_first_layer_has_no_norm():
    x = torch.randn(1, 3, 32, 32)
    discriminator = PyramidDiscriminator(3, 4)
    first, shifted = discriminator(x)[1][0], discriminator(3 * x)[1][0]
    torch.testing.assert_close(shifted, 3 * first)  # a norm would have taken the factor out


def test_wrong_inputs_are_refused():
    with pytest.raises(ValueError, match=r"x: expected \[B, 64, H, W\], found \(1, 63, 32, 32\)"):
        PyramidDiscriminator(64, 4)(torch.zeros(1, 63, 32, 32))
    with pytest.raises(ValueError, match="layers: expected at least 1, found 0"):
        PyramidDiscriminator(64, 4, layers=0)
