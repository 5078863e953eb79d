"""How captions write numbers."""


def counted(n: int, noun: str) -> str:
    """1 head, 2 heads, 0 heads, 1,000 heads."""
    return f"{n:,} {noun}{'' if n == 1 else 's'}"


def number(value: float, digits: int = 2) -> str:
    """``value`` with a fixed number of decimals and a proper minus sign; never "−0.00"."""
    text = f"{value:.{digits}f}"
    if float(text) == 0:
        text = text.removeprefix("-")
    return text.replace("-", "−")
