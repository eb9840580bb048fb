"""The published files are those that their publishers say."""

from warpgan.known_files import KNOWN


def test_the_table_is_torchvisions_own():
    from torchvision.models import get_model_weights

    versions = {
        "mobilenet_v3_large_v1": ("mobilenet_v3_large", "IMAGENET1K_V1"),
        "resnet101": ("resnet101", "IMAGENET1K_V1"),
    }
    for name, file in KNOWN.items():
        if name == "inception_2015_12_05":  # torch-fidelity's: its name carries the first eight digits of the sum
            assert file.filename.endswith(f"-{file.sha256[:8]}.pth") and len(file.sha256) == 64
            assert file.fits(95_628_359) and "/toshas/torch-fidelity/releases/" in file.url
            continue
        model, version = versions.get(name, (name, "DEFAULT"))
        weights = getattr(get_model_weights(model), version)
        assert (file.url, file.mebibytes) == (weights.url, weights.meta["_file_size"]), name
        assert file.filename.endswith(f"-{file.sha256}.pth")
