"""Numbers about parsings, maps, pictures and poses, each in a named convention (notebook 07).

A figure without its convention cannot be compared: SSIM alone has half a dozen in this field. Wherever it makes sense a
function returns one value per sample, so that differences can be paired and their intervals bootstrapped over people.
"""

from warpgan.metrics.distributions import Statistics, classes_score, frechet_distance, statistics
from warpgan.metrics.intervals import bootstrap_interval
from warpgan.metrics.maps import (
    correspondence_distances,
    correspondence_error,
    median_correspondence_error,
    share_within,
)
from warpgan.metrics.masked import foreground, foreground_psnr, foreground_ssim, mask_l1, mask_ssim
from warpgan.metrics.parser_features import HumanParserFeatures, human_parser_frechet_distance, human_parser_score
from warpgan.metrics.parsings import class_iou, label_agreement, label_confusion, mean_iou
from warpgan.metrics.pictures import SSIM_BORDER, l1_gfla, mae_gfla, mean_error, psnr, ssim
from warpgan.metrics.poses import detected_pckh, pckh, views
from warpgan.metrics.published import LPIPS, InceptionFeatures, fid, inception_score
from warpgan.metrics.registry import MEASURES
from warpgan.metrics.similarity import CONVENTIONS, ssim_gfla, ssim_patn, ssim_patn_padded, ssim_pg2
from warpgan.metrics.texture import detail_correlation, shared_clothing

__all__ = [
    "CONVENTIONS",
    "LPIPS",
    "MEASURES",
    "SSIM_BORDER",
    "HumanParserFeatures",
    "InceptionFeatures",
    "Statistics",
    "bootstrap_interval",
    "class_iou",
    "classes_score",
    "correspondence_distances",
    "correspondence_error",
    "detail_correlation",
    "detected_pckh",
    "fid",
    "foreground",
    "foreground_psnr",
    "foreground_ssim",
    "frechet_distance",
    "human_parser_frechet_distance",
    "human_parser_score",
    "inception_score",
    "l1_gfla",
    "label_agreement",
    "label_confusion",
    "mae_gfla",
    "mask_l1",
    "mask_ssim",
    "mean_error",
    "mean_iou",
    "median_correspondence_error",
    "pckh",
    "psnr",
    "share_within",
    "shared_clothing",
    "ssim",
    "ssim_gfla",
    "ssim_patn",
    "ssim_patn_padded",
    "ssim_pg2",
    "statistics",
    "views",
]
