"""Explorables of the lecture "Autoregressive models II", and the functions behind them that the lecture calls."""

from dgmlib.figures.masks_memory_attention.attention import attention_copying, copying_model
from dgmlib.figures.masks_memory_attention.autoencoder import (
    Autoencoder,
    autoencoder_or_density,
    jacobian,
    total,
    trained,
)
from dgmlib.figures.masks_memory_attention.convolution import (
    blind_spot,
    field,
    gated_field,
    plain_field,
    receptive_field,
)
from dgmlib.figures.masks_memory_attention.copying import (
    bits_per_position,
    build,
    copies,
    forgotten,
    memory_task,
    train,
)
from dgmlib.figures.masks_memory_attention.digits import attention_digits, small_digits
from dgmlib.figures.masks_memory_attention.masks import free_parameters, made_masks, mask_matrices, network, paths
from dgmlib.figures.masks_memory_attention.probe import linear_probe
from dgmlib.figures.masks_memory_attention.small_images import every_image, thumbnails
from dgmlib.figures.masks_memory_attention.timing import time_against_length, times

EXPLORABLES = (
    autoencoder_or_density,
    made_masks,
    memory_task,
    time_against_length,
    attention_copying,
    attention_digits,
    receptive_field,
    linear_probe,
)

__all__ = [
    "EXPLORABLES",
    "Autoencoder",
    "attention_copying",
    "attention_digits",
    "autoencoder_or_density",
    "bits_per_position",
    "blind_spot",
    "build",
    "copies",
    "copying_model",
    "every_image",
    "field",
    "forgotten",
    "free_parameters",
    "gated_field",
    "jacobian",
    "linear_probe",
    "made_masks",
    "mask_matrices",
    "memory_task",
    "network",
    "paths",
    "plain_field",
    "receptive_field",
    "small_digits",
    "thumbnails",
    "time_against_length",
    "times",
    "total",
    "train",
    "trained",
]
