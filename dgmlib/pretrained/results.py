"""The results table: what the cards of the trained models say, beside what the literature reports."""

from pathlib import Path
from typing import Any

from dgmlib.pretrained import WEIGHTS, available, card

HEAD = ("model", "test, nats", "how", "published, nats", "parameters", "trained in", "on")
DATA = {
    "mnist": "negative log-likelihood per image, lower is better",
    "bsds": "log-density per patch, higher is better",
}
"""Data set, as the models' names end: what its scores are."""
_WITH = "\N{NO-BREAK SPACE}±\N{NO-BREAK SPACE}"  # a score and its error stay in one line


def rows(data: str, folder: Path = WEIGHTS) -> list[dict[str, Any]]:
    """The cards of all trained models of a data set, "mnist" or "bsds", best first."""
    if data not in DATA:
        raise ValueError(f"data: got {data!r}, expected one of {', '.join(DATA)}.")
    cards = [card(name, folder=folder) for name in available(folder) if name.endswith(f"-{data}")]
    return sorted(cards, key=lambda entry: -entry["test_log_likelihood_nats"])


def table(data: str, folder: Path = WEIGHTS) -> str:
    """The table of a data set in Markdown; scores as ``DATA`` says, ± one standard error over test examples."""
    found = rows(data, folder)
    if not found:
        return "*No trained model is here yet; `python -m dgmlib.pretrained` lists those that can be made.*"
    lines = [HEAD, ("---", "--:", "---", "---", "--:", "--:", "---"), *(_line(data, entry) for entry in found)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _line(data: str, entry: dict[str, Any]) -> tuple[str, ...]:
    sign = -1 if data == "mnist" else 1
    score, error = sign * entry["test_log_likelihood_nats"], entry["standard_error_nats"]
    return (
        entry["model"],
        f"{score:.2f}{_WITH}{error:.2f}",
        entry.get("test_method", "exact"),  # the first cards, all of exact scores, do not say
        entry["published"],
        f"{entry['num_parameters']:,}",
        _training(entry),
        entry["hardware"],
    )


def _training(entry: dict[str, Any]) -> str:
    """Time and epochs, and which model's weights it began from, whose time comes before."""
    start = entry["settings"].get("start")
    spent = f"{duration(entry['seconds'])}, {entry['epochs_run']} epochs"
    return spent if start is None else f"{spent}, after `{start}`"


def duration(seconds: float) -> str:
    """Seconds in the two largest units that matter: "45 s", "12 min", "3 h 05 min"."""
    if seconds < 60:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02} min"
