"""Markov models of text: the next symbol depends on the last few, and counting is all there is to learn.

    p(x₁ … x_T) = ∏ₜ p(xₜ | xₜ₋ₘ … xₜ₋₁),      order m

Characters or words, any order, four ways to give probability to what was never seen. Imports without torch.
"""

from dgmlib.ngrams.model import NgramModel
from dgmlib.ngrams.smoothing import Additive, Backoff, KneserNey, WittenBell
from dgmlib.ngrams.vocabulary import UNKNOWN, replace_rare, vocabulary

__all__ = ["UNKNOWN", "Additive", "Backoff", "KneserNey", "NgramModel", "WittenBell", "replace_rare", "vocabulary"]
