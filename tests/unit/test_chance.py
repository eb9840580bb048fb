"""What is drawn by shares comes as often as they say, and costs one random number."""

from collections import Counter

import numpy as np

from warpgan.people.chance import pick


def test_names_come_by_their_shares_whatever_these_add_up_to():
    rng = np.random.default_rng(0)
    found = Counter(pick(rng, {"never": 0, "often": 9.0, "seldom": 3, "last": 0.0}) for _ in range(4000))
    assert set(found) == {"often", "seldom"} and abs(found["often"] / 4000 - 0.75) < 0.03


def test_the_ends_of_chance_are_names_too():
    class Fixed:
        def __init__(self, value):
            self.value = value

        def random(self):
            return self.value

    thirds = {"a": 0.1, "b": 0.1, "c": 0.1}  # they do not add up to 0.3
    assert [pick(Fixed(value), thirds) for value in (0.0, 1 / 3, np.nextafter(1.0, 0))] == ["a", "b", "c"]


def test_one_number_is_taken():
    one, other = np.random.default_rng(3), np.random.default_rng(3)
    pick(one, {"only": 1})
    other.random()
    assert one.random() == other.random()
