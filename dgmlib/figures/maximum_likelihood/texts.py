"""Three short texts, written for this book, as messages over an alphabet of 26 letters and the space."""

import numpy as np

ALPHABET = "abcdefghijklmnopqrstuvwxyz "

LETTER = """
The parcel came on a grey morning, when the harbour was still asleep and only the gulls had anything to say. It was
tied with string, as parcels were in the old days, and the knots had been made by someone who did not trust the post.
Inside lay a notebook, a pair of reading glasses with one cracked lens, and a map of the coast on which a small cross
had been drawn in pencil, rubbed out, and drawn again a little further to the north. I read the first page standing
at the window. My aunt wrote the way she spoke, quickly and without looking up, and there was no greeting. If you are
holding this, she began, then I was right about the weather, and you should bring a coat.
"""
"""An English paragraph: the message that gets coded."""

ENGLISH = """
Nobody in the village remembered who had planted the orchard. The trees stood in crooked rows behind the church, and
every autumn they gave more apples than anyone could eat. Children were sent out with baskets and came home with stained
sleeves. The apples were small and sour, but they kept until the spring, and the women who cooked them with honey and
a little ginger said that no shop in the town sold anything half as good. When the road was widened, a man with a
clipboard walked between the trunks for an hour, counting under his breath. He wrote down a number and went away. Some
weeks later a letter arrived, and the whole village met in the schoolroom to hear it read aloud. The orchard, it said,
was in the way. There was a long silence, and then the oldest of them stood up and asked whether the road might not go
around, since it was the younger of the two.
"""
"""Another English text: what a code for English is built from."""

GERMAN = """
Im Winter fuhr die kleine Bahn nur zweimal am Tag, und wer den Abendzug verpasste, musste im Gasthaus bleiben. Der Wirt
freute sich darüber nicht besonders, denn er ging gern früh schlafen, doch er stellte jedem Gast eine Schüssel Suppe
hin und legte noch ein Scheit in den Ofen. Draußen wurde es still. Der Schnee lag so hoch, dass man die Zäune nicht
mehr sah, und zwischen den Häusern führten schmale Gräben hindurch, in denen sich zwei Menschen nur begegnen konnten,
wenn einer von ihnen rückwärts ging. Am Morgen schien dann die Sonne, als wäre nichts gewesen, und die Schienen
glänzten bis hinunter ins Tal.
"""
"""A German text: what a code for another language is built from."""

_FOLDED = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "\n": " "})


def symbols(text: str) -> bytes:
    """The letters and spaces of ``text`` as numbers 0 … 26; umlauts are spelled out, all else is left out."""
    folded = " ".join("".join(c for c in text.lower().translate(_FOLDED) if c in ALPHABET).split())
    return bytes(ALPHABET.index(c) for c in folded)


def frequencies(message: bytes, *, pseudocount: float = 0.0) -> np.ndarray:
    """Relative frequencies of the 27 symbols in ``message``, with a pseudocount for what did not occur, -> (27,)."""
    counts = np.bincount(np.frombuffer(message, dtype=np.uint8), minlength=len(ALPHABET)) + pseudocount
    return counts / counts.sum()
