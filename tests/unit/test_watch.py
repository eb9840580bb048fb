"""A loss that is not finite or runs away is named with its step; one that merely grows is left alone."""

import pytest
import torch

from warpgan import watch


def test_a_loss_that_is_not_a_number_is_named_with_its_step():
    for bad in (float("nan"), float("inf"), float("-inf")):
        alarm = watch.Alarm(100.0)
        alarm.note(3, {"pixel": torch.tensor(1.0), "hierarchy": torch.tensor(1.0)})
        alarm.note(4, {"pixel": torch.tensor(1.0), "hierarchy": torch.tensor(bad)})
        alarm.note(5, {"pixel": torch.tensor(float("nan")), "hierarchy": torch.tensor(1.0)})
        with pytest.raises(watch.Diverged, match="step 4: the loss 'hierarchy' is"):
            alarm.look()


def test_an_exploding_loss_is_one_far_above_its_beginning():
    alarm = watch.Alarm(100.0)
    for step in range(watch.ENOUGH):
        alarm.note(step, {"adversarial": 0.5, "hierarchy": 0.0})
        alarm.remember(alarm.look())
    alarm.note(20, {"adversarial": 49.0, "hierarchy": 3.0})  # large, not yet exploded; a term that joins late
    assert alarm.look() == {"adversarial": 49.0, "hierarchy": 3.0}
    alarm.note(21, {"adversarial": 51.0, "hierarchy": 3.0})
    with pytest.raises(watch.Diverged, match="step 21: the loss 'adversarial' is 51, more than 100 times its 0.5"):
        alarm.look()


def test_a_discriminator_that_wins_and_then_loses_is_no_explosion():
    alarm = watch.Alarm(100.0)
    for step in range(watch.FIRST):
        alarm.note(step, {"discriminator": 0.25})
        alarm.remember(alarm.look())
    for _ in range(3000):
        alarm.remember({"discriminator": 1e-4})
    alarm.note(9000, {"discriminator": 0.3})
    assert alarm.look() == {"discriminator": pytest.approx(0.3)}


def test_another_phase_has_a_beginning_of_its_own():
    alarm = watch.Alarm(100.0)
    for step in range(watch.ENOUGH):
        alarm.note(step, {"phase": 1, "loss": 0.01})
        alarm.remember(alarm.look())
    for step in range(watch.ENOUGH):  # the matcher turns from random maps to pairs: another loss, not an explosion
        alarm.note(100 + step, {"phase": 2, "loss": 2.5})
        alarm.remember(alarm.look())
    alarm.note(200, {"phase": 2, "loss": 251.0})
    with pytest.raises(watch.Diverged, match="step 200: the loss 'loss' is 251, more than 100 times its 2.5"):
        alarm.look()


def test_losses_are_means_over_processes():
    alarm = watch.Alarm(100.0, mean=lambda values: values + 1)
    alarm.note(0, {"pixel": 1.0})
    assert alarm.look() == {"pixel": 2.0} and alarm.look() == {}


def test_weights_are_checked_before_they_are_saved():
    module = torch.nn.Linear(2, 2)
    watch.check_weights([module], lambda sums: True)
    with pytest.raises(watch.Diverged, match="the processes have come to different weights"):
        watch.check_weights([module], lambda sums: False)
    with torch.no_grad():
        module.weight[0, 0] = float("inf")
    with pytest.raises(watch.Diverged, match="a weight is no finite number"):
        watch.check_weights([module])


def test_the_speedometer_counts_from_the_last_reading():
    speed = watch.Speedometer(torch.device("cpu"))
    speed.waited(0.5, 8)
    first = speed.read()
    assert first["pictures_per_second"] > 0 and first["waiting"] == 1.0 and first["memory_mib"] > 1
    assert speed.read()["pictures_per_second"] == 0
