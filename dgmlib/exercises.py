"""Say whether a reader's number is right, without giving the right one away."""


def check(answer: float | None, truth: float, *, within: float) -> str:
    """Whether ``answer`` is missing, no number, right (at most ``within`` from ``truth``), too small or too large."""
    if answer is None:
        return "Not answered yet: put your number in place of None and run the cell again."
    if answer != answer:
        return "Not yet: the answer is not a number (NaN)."
    if abs(answer - truth) <= within:
        return f"Right: {answer:g}."
    return f"Not yet: {answer:g} is too {'small' if answer < truth else 'large'}."
