"""A pose that is written and read again is the same to the bit; of other poses a sentence says what was done."""

import json

import pytest
import torch

from warpgan.keypoints import read_openpose_json
from warpgan.widgets.pose_text import fit, plain, pose_as_text, pose_from_text

SIZE = (128, 64)


def a_pose(seed=0, factor=1.0):
    generator = torch.Generator().manual_seed(seed)
    places = torch.rand(18, 2, generator=generator) * torch.tensor([63.0, 127.0]) * factor
    keypoints = torch.cat((places, torch.ones(18, 1)), 1)
    keypoints[14] = 0
    return keypoints


def people(*poses):
    return json.dumps({"people": [{"pose_keypoints_2d": [v for row in pose.tolist() for v in row]} for pose in poses]})


@pytest.mark.parametrize("seed", range(5))
def test_written_and_read_again_it_is_the_same(tmp_path, seed):
    pose = a_pose(seed)
    text = pose_as_text(pose)
    found, said = pose_from_text(text, "pasted text", SIZE)
    assert torch.equal(found, pose) and said == "pasted text: 17 of 18 joints"
    (tmp_path / "pose_keypoints.json").write_text(text)
    assert torch.equal(read_openpose_json(tmp_path / "pose_keypoints.json"), pose)


def test_it_has_the_form_of_openpose():
    found = json.loads(pose_as_text(a_pose()))
    assert found["version"] == 1.3
    (person,) = found["people"]
    numbers = person["pose_keypoints_2d"]
    assert len(numbers) == 54 and numbers[42:45] == [0, 0, 0] and all(type(v) is float for v in numbers)


def test_decimals_are_short():
    assert plain(torch.tensor([[31.01, 0.1, 1.0]])) == [[31.01, 0.1, 1.0]]


def test_of_several_people_the_first_with_joints_is_taken_and_that_is_said():
    found, said = pose_from_text(people(torch.zeros(18, 3), a_pose(1), a_pose(2)), "a.json", SIZE)
    assert torch.equal(found, a_pose(1))
    assert said == "a.json: 17 of 18 joints of person 2 of 3, the first with a joint"


@pytest.mark.parametrize(
    "text, said",
    [
        ('{"people": []}', "a.json: nobody to take a pose from, found an empty list of people"),
        (people(torch.zeros(18, 3)), "a.json: nobody to take a pose from, found no joint of 1 listed"),
        (people(*2 * [torch.zeros(18, 3)]), "found no joint of 2 listed"),
        ("{}", "a.json: no list of people"),
        ("", "a.json: not valid JSON"),
        ("[]", "a.json: holds a list where a dict is expected"),
        ('{"people": [{"pose_keypoints_2d": [1, 2]}]}', "a.json: person 0 has 2 numbers"),
    ],
)
def test_without_a_person_there_is_a_sentence(text, said):
    with pytest.raises(ValueError) as error:
        pose_from_text(text, "a.json", SIZE)
    assert said in str(error.value)


def test_a_pose_of_a_larger_picture_is_fitted_without_stretching():
    pose = a_pose(factor=5)
    found, said = pose_from_text(people(pose), "a.json", SIZE)
    here = pose[:, 2] > 0
    assert "put into the middle and made 0." in said
    assert (found[here, 0] >= 0).all() and (found[here, 0] <= 63).all() and (found[here, 1] <= 127).all()
    assert found[14].tolist() == [0, 0, 0]
    _, factor = fit(pose, SIZE)
    assert torch.allclose(torch.pdist(found[here, :2]), torch.pdist(pose[here, :2]) * factor, rtol=1e-3, atol=1e-3)


def test_a_small_pose_beside_the_picture_is_moved_alone():
    pose = a_pose(factor=0.3)
    pose[pose[:, 2] > 0, 0] += 500
    found, said = pose_from_text(people(pose), "a.json", SIZE)
    assert said.endswith("put into the middle")
    assert torch.allclose(torch.pdist(found[:14, :2]), torch.pdist(pose[:14, :2]), atol=1e-3)
