"""Restore a picture of your own: ``python -m dgmlib.restoration photo.png --sigma 25``.

    photo.png --sigma 25                    takes noise away; 25 of 255 is its standard deviation
    photo.png --sigma 2 --blur 1.5          sharpens: the picture was blurred by a Gaussian of 1.5 pixels
    photo.png --sigma 2 --mask holes.png    fills in: white pixels of the mask are known, black ones missing
    photo.png --sigma 25 --method dip       takes a network fitted to this picture alone for the prior; slower

The result, ``photo-restored.png``, is written next to the picture, unless ``--output`` says otherwise.
"""

import argparse
import sys
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from dgmlib.patches.prior import check_sigma
from dgmlib.restoration.epll import epll
from dgmlib.restoration.operators import Blur, LinearOperator, Mask, gaussian_kernel
from dgmlib.restoration.pictures import check_name, read_picture, write_picture
from dgmlib.restoration.shipped import shipped_prior

QUIET = 3.0  # grey levels of noise that the deep image prior may as well fit


def main(arguments: list[str] | None = None) -> None:
    """Read the command line and the picture, restore it, write it."""
    options = parser().parse_args(arguments)
    try:
        target = restore(options)
    except (ValueError, OSError) as error:
        sys.exit(f"{error}")
    print(target)


def parser() -> argparse.ArgumentParser:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="python -m dgmlib.restoration", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("picture", type=Path, help="PNG, JPEG, TIFF, …; grey or colour, 8 or 16 bits")
    parser.add_argument("--sigma", type=float, required=True, help="of the noise, in grey levels of 255")
    kind = parser.add_mutually_exclusive_group()
    kind.add_argument("--blur", type=float, metavar="PIXELS", help="standard deviation of a Gaussian blur")
    kind.add_argument("--mask", type=Path, metavar="PICTURE", help="white where pixels are known, black where missing")
    parser.add_argument("--method", choices=("epll", "dip"), default="epll", help="default: %(default)s")
    parser.add_argument("--mode", choices=("exact", "fast"), default="fast", help="of EPLL; default: %(default)s")
    parser.add_argument(
        "--steps", type=int, default=1500, help="of the deep image prior, at most; default: %(default)s"
    )
    parser.add_argument("--seed", type=int, default=0, help="of the deep image prior; default: %(default)s")
    parser.add_argument("--output", type=Path, help="default: PICTURE-restored.png next to the picture")
    return parser


def restore(options: argparse.Namespace) -> Path:
    """Do what the options say; returns the file written."""
    target = options.output or options.picture.with_name(f"{options.picture.stem}-restored.png")
    check_name(target)
    y = read_picture(options.picture)
    operator = operator_for(options, y.shape[:2])
    restored = by_network(options, y, operator) if options.method == "dip" else by_patches(options, y, operator)
    write_picture(target, restored)
    return target


def by_patches(options: argparse.Namespace, y: np.ndarray, operator: LinearOperator | None) -> np.ndarray:
    """The likeliest picture under a prior on patches."""
    sigma, progress = options.sigma / 255, sys.stderr.isatty()
    return epll(y, operator, shipped_prior(), sigma=sigma, mode=options.mode, progress=progress)


def by_network(options: argparse.Namespace, y: np.ndarray, operator: LinearOperator | None) -> np.ndarray:
    """The deep image prior; it holds pixels out, to know when to stop, if there is noise to stop for."""
    check_sigma(options.sigma / 255)
    if find_spec("torch") is None:
        raise ValueError("--method dip: got no torch, expected it to be installed; run pip install 'dgmlib[torch]'.")
    import torch

    from dgmlib.restoration.deep_image_prior import deep_image_prior

    return deep_image_prior(
        y,
        operator,
        generator=torch.Generator().manual_seed(options.seed),
        noisy=options.sigma > QUIET,
        n_steps=options.steps,
        progress=sys.stderr.isatty(),
    ).image


def operator_for(options: argparse.Namespace, shape: tuple[int, int]) -> LinearOperator | None:
    """What happened to the picture."""
    if options.blur is not None:
        return Blur(shape, gaussian_kernel(options.blur))
    if options.mask is None:
        return None
    known = read_picture(options.mask)
    return Mask((known.mean(2) if known.ndim == 3 else known) > 0.5)


if __name__ == "__main__":
    main()
