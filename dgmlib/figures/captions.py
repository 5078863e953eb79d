"""How captions write numbers."""


def number(value: float, digits: int = 2) -> str:
    """``value`` with a fixed number of decimals and a proper minus sign; never "−0.00"."""
    text = f"{value:.{digits}f}"
    if float(text) == 0:
        text = text.removeprefix("-")
    return text.replace("-", "−")
