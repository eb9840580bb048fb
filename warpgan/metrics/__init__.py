"""Numbers about parsings, maps, pictures and poses, each in a named convention (notebook 07).

A figure without its convention cannot be compared: SSIM alone has half a dozen in this field. Wherever it makes sense a
function returns one value per sample, so that differences can be paired and their intervals bootstrapped over people.
"""

from .intervals import bootstrap_interval
from .maps import correspondence_error
from .parsings import class_iou, label_agreement, label_confusion, mean_iou
from .pictures import SSIM_BORDER, l1_gfla, mae_gfla, mean_error, psnr, ssim
from .similarity import CONVENTIONS, ssim_gfla, ssim_patn, ssim_patn_padded, ssim_pg2
from .texture import shared_clothing

__all__ = [
    "CONVENTIONS", "SSIM_BORDER", "bootstrap_interval", "class_iou", "correspondence_error", "l1_gfla",
    "label_agreement", "label_confusion", "mae_gfla", "mean_error", "mean_iou", "psnr", "shared_clothing", "ssim",
    "ssim_gfla", "ssim_patn", "ssim_patn_padded", "ssim_pg2",
]
