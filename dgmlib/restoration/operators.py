"""What happened to a picture: linear operators A, each with its adjoint Aᵀ.

    y = A x + noise         ⟨A x, y⟩ = ⟨x, Aᵀ y⟩

An operator acts on grey images of one ``shape``, (height, width). ``coverage`` carries a weight per pixel of x over to
the pixels of y; it is how restoration lets a pixel's data count as often as patches look at it.
"""

from abc import ABC, abstractmethod

import numpy as np
from scipy.fft import irfft2, next_fast_len, rfft2
from scipy.ndimage import uniform_filter

from dgmlib._arrays import check_counts

BOUNDARIES = {"reflect": "symmetric", "periodic": "wrap", "zero": "constant"}


class LinearOperator(ABC):
    """A: (height, width) = ``shape`` -> ``shape_out``."""

    diagonal: np.ndarray | None = None
    """Where A multiplies each pixel by a number of its own: those numbers."""

    def __init__(self, shape: tuple[int, int], shape_out: tuple[int, int] | None = None) -> None:
        if len(shape) != 2 or min(shape) < 1:
            raise ValueError(f"shape: got {shape}, expected (height, width) of a grey image.")
        self.shape, self.shape_out = tuple(shape), tuple(shape_out or shape)

    @abstractmethod
    def __call__(self, x: np.ndarray) -> np.ndarray:
        """A x, shape -> shape_out."""

    @abstractmethod
    def adjoint(self, y: np.ndarray) -> np.ndarray:
        """Aᵀ y, shape_out -> shape."""

    def coverage(self, weights: np.ndarray) -> np.ndarray:
        """Mean of the weights of those pixels of x that a pixel of y depends on, 0 if on none, shape -> shape_out."""
        total = self(np.ones(self.shape))
        return np.where(total > 1e-12, self(weights) / np.maximum(total, 1e-12), 0.0)

    def first_guess(self, y: np.ndarray) -> np.ndarray:
        """A picture to start from, shape_out -> shape: Aᵀ y, brought back to the brightness of y."""
        return self.adjoint(y) / np.maximum(self.adjoint(np.ones(self.shape_out)), 1e-12)


def check_shape(x: np.ndarray, shape: tuple[int, int], name: str) -> None:
    """Raise unless a picture has the size that an operator was made for; NumPy would repeat a single row or column."""
    if np.shape(x) != shape:
        raise ValueError(f"{name}: got shape {np.shape(x)}, expected {shape}; make the operator for this picture.")


class Identity(LinearOperator):
    """Noise only: A x = x."""

    def __init__(self, shape: tuple[int, int]) -> None:
        super().__init__(shape)
        self.diagonal = np.ones(shape)

    def __call__(self, x: np.ndarray) -> np.ndarray:
        """Nothing happens."""
        check_shape(x, self.shape, "x")
        return x

    def adjoint(self, y: np.ndarray) -> np.ndarray:
        """Nothing happens."""
        check_shape(y, self.shape, "y")
        return y


class Mask(LinearOperator):
    """Missing pixels: A x = m ⊙ x, m = 1 where a pixel is known and 0 where it is not."""

    def __init__(self, known: np.ndarray) -> None:
        known = np.asarray(known)
        if known.ndim != 2 or not np.isin(known, (0, 1)).all() or not known.any():
            raise ValueError(
                f"known: got shape {known.shape} and values {np.unique(known)[:4]}, expected (height, width) of ones "
                f"where a pixel is known and zeros where it is missing, not all zero."
            )
        super().__init__(known.shape)
        self.diagonal = known.astype(float)

    def __call__(self, x: np.ndarray) -> np.ndarray:
        """Known pixels as they are, zeros elsewhere."""
        check_shape(x, self.shape, "x")
        return self.diagonal * x

    def adjoint(self, y: np.ndarray) -> np.ndarray:
        """The same: A is its own adjoint."""
        check_shape(y, self.shape, "y")
        return self.diagonal * y

    def coverage(self, weights: np.ndarray) -> np.ndarray:
        """The weights themselves: pixels of y are pixels of x."""
        return weights

    def first_guess(self, y: np.ndarray) -> np.ndarray:
        """Missing pixels by normalised convolution with ever wider windows, known ones as they are."""
        guess, filled, width = self.diagonal * y, self.diagonal > 0, 1
        while not filled.all():
            width = 2 * width + 1
            near, total = (uniform_filter(v, width, mode="constant") for v in (self.diagonal, self.diagonal * y))
            new = ~filled & (near > 0.5 / width**2)
            guess = np.where(new, total / np.where(new, near, 1), guess)
            filled |= new
        return guess


class Blur(LinearOperator):
    """A x = k ∗ x with a kernel of odd sides and numbers ≥ 0, which is made to sum to one.

    Beyond its sides, ``boundary`` continues the picture: "reflect" as in a mirror, "periodic" with the opposite side,
    "zero" with black.
    """

    def __init__(self, shape: tuple[int, int], kernel: np.ndarray, *, boundary: str = "reflect") -> None:
        super().__init__(shape)
        kernel = np.asarray(kernel, dtype=float)
        if kernel.ndim != 2 or not all(n % 2 for n in kernel.shape) or not (kernel >= 0).all() or not kernel.sum() > 0:
            raise ValueError(
                f"kernel: got shape {kernel.shape}, smallest entry {kernel.min(initial=0):g}, expected two odd sides "
                f"and numbers ≥ 0, not all zero; pad an even kernel with a row or column of zeros."
            )
        if boundary not in BOUNDARIES:
            raise ValueError(f"boundary: got {boundary!r}, expected one of {', '.join(BOUNDARIES)}.")
        self.kernel, self.boundary = kernel / kernel.sum(), boundary
        self.margin = tuple(n // 2 for n in kernel.shape)
        if any(m > n for m, n in zip(self.margin, shape, strict=True)):
            raise ValueError(f"kernel: got shape {kernel.shape}, expected at most twice the image's, {tuple(shape)}.")
        self._size = tuple(next_fast_len(n + 2 * m, real=True) for n, m in zip(shape, self.margin, strict=True))
        self._frequencies = rfft2(self.kernel, self._size)
        inside = np.arange(shape[0] * shape[1]).reshape(shape) if boundary != "zero" else None
        self._origin = None if inside is None else self._pad(inside)

    def __call__(self, x: np.ndarray) -> np.ndarray:
        """Continue x beyond its sides, then convolve."""
        check_shape(x, self.shape, "x")
        top, left = (2 * m for m in self.margin)
        blurred = irfft2(rfft2(self._pad(x), self._size) * self._frequencies, self._size)
        return blurred[top : top + self.shape[0], left : left + self.shape[1]]

    def adjoint(self, y: np.ndarray) -> np.ndarray:
        """Convolve with the mirrored kernel, then fold what lies beyond the sides back to where it came from."""
        check_shape(y, self.shape, "y")
        (top, left), (height, width) = self.margin, self.shape
        placed = np.zeros(self._size)
        placed[2 * top : 2 * top + height, 2 * left : 2 * left + width] = y
        spread = irfft2(rfft2(placed, self._size) * self._frequencies.conj(), self._size)
        spread = spread[: height + 2 * top, : width + 2 * left]
        if self._origin is None:
            return spread[top : top + height, left : left + width]
        return np.bincount(self._origin.ravel(), spread.ravel(), minlength=height * width).reshape(self.shape)

    def _pad(self, x: np.ndarray) -> np.ndarray:
        return np.pad(x, [(m, m) for m in self.margin], mode=BOUNDARIES[self.boundary])


class Downsample(LinearOperator):
    """A x = every ``factor``-th pixel of the averages over factor×factor squares; the sides must be its multiples."""

    def __init__(self, shape: tuple[int, int], factor: int) -> None:
        check_counts(factor=factor)
        if any(n % factor for n in shape):
            raise ValueError(
                f"factor, shape: got {factor} and {tuple(shape)}, expected a factor that divides both sides; "
                f"crop the image."
            )
        self.factor = int(factor)
        super().__init__(shape, (shape[0] // self.factor, shape[1] // self.factor))

    def __call__(self, x: np.ndarray) -> np.ndarray:
        """Means of squares."""
        check_shape(x, self.shape, "x")
        height, width = self.shape_out
        return x.reshape(height, self.factor, width, self.factor).mean((1, 3))

    def adjoint(self, y: np.ndarray) -> np.ndarray:
        """Each pixel spread evenly over its square."""
        check_shape(y, self.shape_out, "y")
        return np.kron(y, np.full((self.factor, self.factor), 1 / self.factor**2))


def gaussian_kernel(sigma: float) -> np.ndarray:
    """A round blur of standard deviation ``sigma`` pixels, cut at three of them, (2r + 1, 2r + 1)."""
    if not 0 < sigma < np.inf:
        raise ValueError(f"sigma: got {sigma}, expected a width > 0 in pixels.")
    r = np.arange(-np.ceil(3 * sigma), np.ceil(3 * sigma) + 1)
    line = np.exp(-(r**2) / (2 * sigma**2))
    return np.outer(line, line) / line.sum() ** 2
