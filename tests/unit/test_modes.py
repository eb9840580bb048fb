"""Networks are switched inside a block alone, whatever happens in it."""

import pytest
import torch
from torch import nn

from warpgan import training
from warpgan.modes import evaluating, frozen_weights


@pytest.mark.parametrize("before", [True, False])
def test_a_network_is_evaluated_only_inside_the_block(before):
    module = nn.Sequential(nn.Dropout()).train(before)
    with evaluating(module):
        assert not module.training and not module[0].training
    with pytest.raises(KeyError), evaluating(module):
        raise KeyError
    assert module.training == module[0].training == before


def test_weights_freeze_only_inside_the_block():
    module = nn.Linear(2, 2)
    x = torch.ones(1, 2, requires_grad=True)
    with frozen_weights(module):
        module(x).sum().backward()
    assert module.weight.grad is None and x.grad is not None and module.weight.requires_grad
    assert training.frozen_weights is frozen_weights  # reached from where it is used
