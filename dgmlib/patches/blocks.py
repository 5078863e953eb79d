"""Work on patches in blocks, on all processors: NumPy lets go of the interpreter while it computes.

Each block gives the same numbers whoever computes it, so that results do not depend on the number of threads.
"""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from threadpoolctl import threadpool_limits


def n_workers() -> int:
    """Processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def in_blocks(work: Callable[[slice], None], n: int, block: int) -> None:
    """Call ``work`` for the blocks of 0 … n − 1; products inside keep to their own thread."""
    parts = [slice(start, min(start + block, n)) for start in range(0, n, block)]
    _in_turn_or_together(work, parts)


def by_component(columns: np.ndarray, k: np.ndarray, work: Callable[[int, np.ndarray], np.ndarray]) -> np.ndarray:
    """``work(j, columns of those with k == j)`` for each j, back in place; (d, n), (n,) -> (d, n)."""
    order = np.argsort(k, kind="stable")
    names, starts = np.unique(k[order], return_index=True)
    result = np.empty_like(columns)

    def restore(j: int) -> None:
        members = groups[j]
        result[:, members] = work(int(names[j]), columns[:, members])

    groups = np.split(order, starts[1:])
    _in_turn_or_together(restore, list(range(len(names))))
    return result


def _in_turn_or_together(work: Callable, parts: list) -> None:
    if len(parts) < 2 or n_workers() < 2:
        for part in parts:
            work(part)
        return
    with threadpool_limits(1), ThreadPoolExecutor(n_workers()) as pool:
        list(pool.map(work, parts))
