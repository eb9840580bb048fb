"""The words of the project: 20 parsing labels and 18 keypoints, with their order, colours and mirror swaps.

Left and right are always the person's own. The label order is the one of LIP and CIHP, the keypoint order
the one of OpenPose BODY_18. This module imports nothing. Explained in notebook 01.
"""

LABELS = (
    "background", "hat", "hair", "glove", "sunglasses", "upper-clothes", "dress", "coat", "socks", "pants",
    "torso-skin", "scarf", "skirt", "face", "left-arm", "right-arm", "left-leg", "right-leg", "left-shoe",
    "right-shoe",
)
NUM_LABELS = 20

BACKGROUND = 0
HAT = 1
HAIR = 2
GLOVE = 3
SUNGLASSES = 4
UPPER_CLOTHES = 5
DRESS = 6
COAT = 7
SOCKS = 8
PANTS = 9
TORSO_SKIN = 10  # CIHP's meaning, and the one in the paper's figures; a parser trained on LIP says jumpsuits
SCARF = 11
SKIRT = 12
FACE = 13
LEFT_ARM = 14
RIGHT_ARM = 15
LEFT_LEG = 16
RIGHT_LEG = 17
LEFT_SHOE = 18
RIGHT_SHOE = 19

CLOTHING = (UPPER_CLOTHES, DRESS, COAT, SOCKS, PANTS, SCARF, SKIRT)
"""Labels counted as clothing: cloth large enough to carry a pattern (no hat, glove, glasses or shoe)."""

LABEL_SWAPS = ((LEFT_ARM, RIGHT_ARM), (LEFT_LEG, RIGHT_LEG), (LEFT_SHOE, RIGHT_SHOE))
"""Pairs of labels that change places when a picture is mirrored."""

LABEL_COLOURS = (
    (0, 0, 0), (128, 0, 0), (255, 0, 0), (0, 85, 0), (170, 0, 51), (255, 85, 0), (0, 0, 85), (0, 119, 221),
    (85, 85, 0), (0, 85, 85), (85, 51, 0), (52, 86, 128), (0, 128, 0), (0, 0, 255), (51, 170, 221),
    (0, 255, 255), (85, 255, 170), (170, 255, 85), (255, 255, 0), (255, 170, 0),
)
"""Colour (red, green, blue) of each label in the paper's figures and in the LIP and CIHP colour maps."""

VOC_COLOURS = (
    (0, 0, 0), (128, 0, 0), (0, 128, 0), (128, 128, 0), (0, 0, 128), (128, 0, 128), (0, 128, 128),
    (128, 128, 128), (64, 0, 0), (192, 0, 0), (64, 128, 0), (192, 128, 0), (64, 0, 128), (192, 0, 128),
    (64, 128, 128), (192, 128, 128), (0, 64, 0), (128, 64, 0), (0, 192, 0), (128, 192, 0),
)
"""Colour of each label in the Pascal VOC palette, which the parser SCHP writes into its PNG files."""

KEYPOINTS = (
    "nose", "neck", "right-shoulder", "right-elbow", "right-wrist", "left-shoulder", "left-elbow",
    "left-wrist", "right-hip", "right-knee", "right-ankle", "left-hip", "left-knee", "left-ankle",
    "right-eye", "left-eye", "right-ear", "left-ear",
)
NUM_KEYPOINTS = 18

NOSE = 0
NECK = 1
RIGHT_SHOULDER = 2
RIGHT_ELBOW = 3
RIGHT_WRIST = 4
LEFT_SHOULDER = 5
LEFT_ELBOW = 6
LEFT_WRIST = 7
RIGHT_HIP = 8
RIGHT_KNEE = 9
RIGHT_ANKLE = 10
LEFT_HIP = 11
LEFT_KNEE = 12
LEFT_ANKLE = 13
RIGHT_EYE = 14
LEFT_EYE = 15
RIGHT_EAR = 16
LEFT_EAR = 17

TORSO = (RIGHT_SHOULDER, LEFT_SHOULDER, RIGHT_HIP, LEFT_HIP)
"""The joints a picture must show to be used in pairs: both shoulders and both hips."""

FROM_COCO = (0, None, 6, 8, 10, 5, 7, 9, 12, 14, 16, 11, 13, 15, 2, 1, 4, 3)
"""Place of each keypoint among COCO's 17 (nose, eyes, ears, shoulders, elbows, wrists, hips, knees, ankles; the left of
each pair first). The neck is none of them: it is the middle of the shoulders."""

KEYPOINT_SWAPS = ((2, 5), (3, 6), (4, 7), (8, 11), (9, 12), (10, 13), (14, 15), (16, 17))
"""Pairs of keypoints that change places when a picture is mirrored."""

LIMBS = (
    (NECK, RIGHT_SHOULDER), (RIGHT_SHOULDER, RIGHT_ELBOW), (RIGHT_ELBOW, RIGHT_WRIST),
    (NECK, LEFT_SHOULDER), (LEFT_SHOULDER, LEFT_ELBOW), (LEFT_ELBOW, LEFT_WRIST),
    (NECK, RIGHT_HIP), (RIGHT_HIP, RIGHT_KNEE), (RIGHT_KNEE, RIGHT_ANKLE),
    (NECK, LEFT_HIP), (LEFT_HIP, LEFT_KNEE), (LEFT_KNEE, LEFT_ANKLE),
    (NECK, NOSE), (NOSE, RIGHT_EYE), (RIGHT_EYE, RIGHT_EAR), (NOSE, LEFT_EYE), (LEFT_EYE, LEFT_EAR),
)
"""Pairs of keypoints joined by a line in drawings."""

KEYPOINT_COLOURS = (
    (250, 250, 250), (220, 220, 220), (255, 120, 60), (255, 90, 30), (255, 60, 0), (60, 170, 255),
    (30, 140, 255), (0, 110, 255), (255, 170, 40), (245, 140, 0), (220, 110, 0), (60, 220, 200),
    (20, 195, 175), (0, 165, 150), (255, 150, 150), (150, 200, 255), (255, 190, 190), (190, 220, 255),
)
"""Colour of each keypoint in drawings: warm on the person's right, cold on the left, white in the middle."""
