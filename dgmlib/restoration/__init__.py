"""Restore whole pictures: what happened to them, priors that tell pictures from damage, and how good the result is.

operators           Identity, Blur, Mask, Downsample: A and its adjoint
epll                the likeliest picture under a prior on patches (``dgmlib.patches``)
deep_image_prior    a network fitted to one damaged picture; a package to import by itself, since it needs torch
metrics             psnr, ssim
pictures            read and write pictures of all kinds
python -m dgmlib.restoration photo.png --sigma 25          restores a picture of your own
"""

from dgmlib.restoration.epll import epll, epll_steps
from dgmlib.restoration.metrics import psnr, ssim
from dgmlib.restoration.objective import epll_gradient, epll_objective
from dgmlib.restoration.operators import Blur, Downsample, Identity, LinearOperator, Mask, gaussian_kernel
from dgmlib.restoration.pictures import read_picture, write_picture

__all__ = [
    "Blur",
    "Downsample",
    "Identity",
    "LinearOperator",
    "Mask",
    "epll",
    "epll_gradient",
    "epll_objective",
    "epll_steps",
    "gaussian_kernel",
    "psnr",
    "read_picture",
    "ssim",
    "write_picture",
]
