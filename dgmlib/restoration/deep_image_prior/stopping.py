"""When to stop, without knowing the clean picture: when held-out pixels are explained no better any more.

A pixel of y that was not fitted carries noise n that the network has never seen. For any picture x found without it,

    E_n (A x − y)² = (A x − A x*)² + σ²,

the error against the clean x*, and a constant that does not matter for where the minimum is. So the mean squared misfit
on held-out pixels falls and rises with the true error, whatever σ is. The picture judged, and returned, is the average.
Source: B. Yaman, S. Hosseini, M. Akçakaya, ICLR 2022 (zero-shot learning stopped by held-out measurements).
"""

from dgmlib.restoration.deep_image_prior.fitting import Step

HOLD_OUT, PATIENCE = 0.1, 150


class HeldOutStop:
    """Says when ``patience`` steps have passed without a new lowest misfit on the held-out pixels; keeps the best."""

    def __init__(self, patience: int = PATIENCE) -> None:
        if patience < 1:
            raise ValueError(f"patience: got {patience}, expected a number of steps ≥ 1, such as {PATIENCE}.")
        self.patience = patience
        self.best: Step | None = None

    def __call__(self, step: Step) -> bool:
        """Look at one more step; True when it is time to stop."""
        if step.held_out is None:
            raise ValueError("step: got no held-out pixels, expected some; make the fit with hold_out=0.1.")
        if self.best is None or step.held_out < self.best.held_out:
            self.best = step
        return step.number - self.best.number >= self.patience
