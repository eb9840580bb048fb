"""The plan of the ablations: one line for each way to train a stage (notebook 07 compares them)."""

from __future__ import annotations

from dataclasses import dataclass

FULL = "full"


@dataclass(frozen=True)
class Variant:
    """One way to train a stage.

    Attributes:
        name: as tables have it.
        changes: fields of the configuration, as `changes.read_changes` has them.
        group: what it belongs to: "core", "gate", "maps", "place", "ours", "losses", "paper" or "systems" of stage II,
            "parser" (stage I) or "matcher".
    """

    name: str
    changes: str
    group: str

    @property
    def stage(self) -> str:
        """What is trained: "parser", "matcher" or "gan"."""
        return self.group if self.group in ("parser", "matcher") else "gan"

    @property
    def seeds(self) -> tuple[int, ...]:
        """Three for the core, one for the others."""
        return (0, 1, 2) if self.group == "core" else (0,)


VARIANTS = (
    Variant(FULL, "", "core"),
    Variant("without warping-block", "warping=false", "core"),
    Variant("gate: grid, the literal reading", "gate=grid", "core"),
    Variant("gate: none", "gate=none", "core"),
    Variant("pixels warped, not features", "warped=pixels", "core"),
    Variant("maps: affine alone", "maps=affine", "core"),
    Variant("gate: one value a place", "gate=learned_pixel", "gate"),
    Variant("residual: two convolutions", "residual=two_conv", "gate"),
    Variant("maps: spline alone", "maps=tps", "maps"),
    Variant("maps: none, the identity", "maps=none", "maps"),
    Variant("block on the smallest maps (paper)", "block_level=2", "place"),
    Variant("block at full size", "block_level=0", "place"),
    Variant("trained on true parsings", "stage2_parsing=true", "place"),
    Variant("colours in red, green and blue", "generator_colours=rgb", "ours"),
    Variant("without loss of hue", "chroma_weight=0", "ours"),
    Variant("no pair its own target", "self_pairs=0", "ours"),
    Variant("target seen by the decoder, too", "decoder_sees_target=true", "ours"),
    Variant("without adversarial loss", "adversarial_weight=0 hierarchy_weight=0", "losses"),
    Variant("without hierarchy loss", "hierarchy_weight=0", "losses"),
    Variant("without perceptual loss", "perceptual_weight=0", "losses"),
    Variant("without pixel loss", "pixel_weight=0", "losses"),
    Variant("one encoder, no block (paper)", "generator=resnet", "paper"),
    Variant("without parsing (paper)", "generator=resnet_pose", "paper"),
    Variant("U-Net", "generator=unet warping=false", "systems"),
    Variant("U-Net with the block", "generator=unet", "systems"),
    Variant("pix2pix-like", "generator=pix2pix warping=false person_weight=1", "systems"),
    Variant("pix2pix-like with the block", "generator=pix2pix person_weight=1", "systems"),
    Variant("PG2", "generator=pg2 pixel_loss=pose_mask", "systems"),
    Variant("Def-GAN", "generator=deformable pixel_loss=nearest", "systems"),
)
"""Of the preset `rendered`: the paper's ablation (its seven configurations are "full", the losses' and the paper's),
what it leaves open, and what is ours.

"Without adversarial loss" switches off both terms of the discriminator, as the authors' code does: the hierarchy loss
is computed in its branch. The systems have their own pixel loss, see `baselines.settings`."""

STAGES = (
    Variant("stage I sees the label map", "", "parser"),
    Variant("stage I sees the picture too", "parser_sees_image=true", "parser"),
    Variant("matcher sees parsings", "", "matcher"),
    Variant("matcher sees pictures", "matcher_sees=picture", "matcher"),
)
"""What stage I and the matcher see: label maps alone, as in the paper's figure 2, or colours."""
