"""Sampling is incremental: a whole image costs a few forward passes, and not one for every pixel."""

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from dgmlib.autoregressive import FVSBN, MADE, NADE, AttentionModel, GatedPixelCNN, PixelCNN, RecurrentModel
from tests.conformance.case import randomized

HEIGHT = WIDTH = 14
N = HEIGHT * WIDTH
aten = torch.ops.aten


class Work(TorchDispatchMode):
    """Counts multiplications of products and convolutions, and the numbers that any other operation writes."""

    def __init__(self):
        super().__init__()
        self.count = 0

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        out = func(*args, **(kwargs or {}))
        if not func.is_view:
            self.count += self.of(func.overloadpacket, args, out)
        return out

    @staticmethod
    def of(kind, args, out):
        if kind in (aten.addmm, aten.baddbmm, aten.addmv):
            args = args[1:]
        if kind in (aten.mm, aten.bmm, aten.mv, aten.dot, aten.addmm, aten.baddbmm, aten.addmv):
            columns = args[1].shape[-1] if args[1].ndim > 1 else 1
            return args[0].numel() * columns
        if kind is aten.convolution:
            return out.numel() * args[1][0].numel()
        return sum(o.numel() for o in (out if isinstance(out, tuple) else (out,)) if isinstance(o, torch.Tensor))


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def work(compute):
    with torch.no_grad(), Work() as counter:
        compute()
    return counter.count


def sampling_in_passes(model):
    """The work of drawing one image, in units of the work of one pass over an image."""
    model = randomized(model, 0.3)
    x = model.sample(1, generator=generator())
    return work(lambda: model.sample(1, generator=generator())) / work(lambda: model.conditionals(x))


MODELS = {
    "FVSBN": lambda: FVSBN(N),
    "NADE": lambda: NADE(N, 50, generator=generator()),
    "MADE": lambda: MADE(N, [50], direct=True, generator=generator()),
    "attention": lambda: AttentionModel(N, 16, 2, 2, generator=generator()),
    "recurrent": lambda: RecurrentModel(N, 20, generator=generator()),
    "PixelCNN": lambda: PixelCNN(HEIGHT, WIDTH, 8, 3, dilations=(1, 2), generator=generator()),
    "gated PixelCNN": lambda: GatedPixelCNN(HEIGHT, WIDTH, 8, 3, generator=generator()),
}


@pytest.mark.parametrize("name", MODELS)
def test_an_image_of_196_pixels_costs_less_than_three_passes(name):
    assert sampling_in_passes(MODELS[name]()) < 3


def test_the_count_tells_a_sampler_that_keeps_nothing():
    """One pass per pixel, of which NADE's cost a little less while the image is empty."""

    class OnePassPerPixel(NADE):
        def steps(self, n):
            x = torch.zeros(n, self.n_dims)
            for i in range(self.n_dims):
                x[:, i] = yield self.conditionals(x)[:, i]

    assert sampling_in_passes(OnePassPerPixel(N, 50, generator=generator())) > N / 2


def test_work_counts_what_products_multiply_and_sums_write():
    a, b, image = torch.ones(4, 30), torch.ones(30, 7), torch.ones(1, 3, 8, 8)
    assert work(lambda: a @ b + 1) == 4 * 30 * 7 + 4 * 7
    assert work(lambda: torch.conv2d(image, torch.ones(5, 3, 3, 3))) == 5 * 6 * 6 * 3 * 9 + 5 * 3 * 9  # ones, too
