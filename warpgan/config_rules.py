"""What the fields of `config.Config` may be, and which of them may change while a run goes on."""

CHOICES = {
    "generator": ("warping", "resnet", "resnet_pose", "unet", "pix2pix", "pg2", "deformable"),
    "pixel_loss": ("person", "pose_mask", "nearest"),
    "generator_colours": ("rgb", "opponent"),
    "merge": ("concat", "conv"),
    "generator_norm": ("everywhere", "blocks"),
    "residual": ("two_conv", "identity"),
    "gate": ("learned_channel", "learned_pixel", "grid", "none"),
    "maps": ("both", "affine", "tps", "none"),
    "warped": ("features", "pixels"),
    "warp_passes": ("one", "two"),
    "perceptual": ("parser", "vgg19", "none"),
    "stage2_parsing": ("synthesised", "true"),
    "parser_output": ("logits", "tanh"),
    "matcher": ("light", "vgg16", "resnet101"),
    "matcher_sees": ("parsing", "picture"),
    "matcher_weights": ("random", "imagenet"),
    "adversarial": ("least_squares", "cross_entropy"),
    "human_backbone": ("random", "imagenet"),
    "precision": ("32", "bf16", "fp16"),
}
RANGES = (
    ("height width people batch parser_width matcher_width generator_width discriminator_width discriminator_layers "
     "human_decoder log_every sample_every checkpoint_every evaluation_pairs accumulate",
     lambda value: value >= 1, "at least 1"),
    ("poses tps_grid", lambda value: value >= 2, "at least 2"),
    ("seed data_seed downs parser_blocks generator_blocks generator_downs parser_steps matcher_map_steps "
     "matcher_pair_steps gan_steps adversarial_weight adversarial_from adversarial_share hierarchy_weight pixel_weight "
     "person_weight chroma_weight perceptual_weight parsing_weight bending_weight correspondence_weight "
     "parser_adversarial_weight parser_hierarchy_weight human_structure human_guess human_steps loaders parser_batch "
     "matcher_batch",
     lambda value: value >= 0, "0 or more"),
    ("learning_rate generator_learning_rate matcher_learning_rate human_learning_rate human_width explosion",
     lambda value: value > 0, "more than 0"),
    ("block_level", lambda value: value >= -1, "-1 or more"),
    ("beta1 generator_beta1 beta2", lambda value: 0 <= value < 1, "at least 0 and less than 1"),
    ("decay human_small human_balance self_pairs", lambda value: 0 <= value <= 1, "a share from 0 to 1"),
)
# May change when a run is continued: how long it goes on, how fast, and what it writes, not what it computes.
SCHEDULE = (
    "preset", "parser_steps", "matcher_map_steps", "matcher_pair_steps", "gan_steps", "human_steps",
    "log_every", "sample_every", "checkpoint_every", "evaluation_pairs", "tensorboard", "loaders", "explosion",
    "accumulate", "recompute", "compile",
)
