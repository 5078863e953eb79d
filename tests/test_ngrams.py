"""Text models: normalised for every context and rule, hand-worked values, density contract, refusals."""

import itertools
import subprocess
import sys
from collections import Counter

import numpy as np
import pytest
from scipy import stats

from dgmlib.ngrams import UNKNOWN, Additive, Backoff, KneserNey, NgramModel, WittenBell, replace_rare, vocabulary
from dgmlib.ngrams.counts import Counts, occurrences

TEXT = "abracadabra abracadabra acba"
RULES = [Additive(0), Additive(0.5), WittenBell(), KneserNey(0.75), KneserNey(0.2), Backoff(0.5)]


def model(order=2, rule=None, alphabet=" abcdrz", text=TEXT):
    return NgramModel(alphabet, order, rule).fit(text)


@pytest.mark.parametrize("rule", RULES, ids=str)
@pytest.mark.parametrize("order", [0, 1, 2, 3])
def test_sums_to_one_after_every_context_seen_or_not(rule, order):
    fitted = model(order, rule)
    for length in range(order + 1):
        for context in itertools.product(fitted.alphabet, repeat=length):
            p = fitted.conditional(context)
            assert (p >= 0).all() and p.sum() == pytest.approx(1, abs=1e-12)
            assert (p > 0).all() or rule == Additive(0)


@pytest.mark.parametrize("rule", RULES, ids=str)
def test_sums_to_one_over_every_sequence_and_samples_follow(rule):
    fitted = model(2, rule, alphabet="abc", text="abacabaacbab")
    x = np.array(list(itertools.product(range(3), repeat=4)))
    p = np.exp(fitted.log_prob(x))
    assert p.sum() == pytest.approx(1, abs=1e-12)
    samples = fitted.sample(4000, 4, rng=np.random.default_rng(0))
    observed = np.bincount(np.ravel_multi_index(tuple(samples.T), (3,) * 4), minlength=81)
    assert observed[p == 0].sum() == 0
    rare = p < 5 / 4000
    pooled = [np.append(v[~rare], v[rare].sum()) for v in (observed, 4000 * p)]
    keep = pooled[1] > 0
    assert stats.chisquare(pooled[0][keep], pooled[1][keep]).pvalue > 1e-3


def test_hand_worked_probabilities():
    # "aababb": after a came a, b, b; after b came a, b; in all 3 a and 3 b; b follows {a, b}, a follows {a, b}
    text, ab = "aababb", "abc"
    assert NgramModel(ab, 1, Additive(0)).fit(text).conditional("a") == pytest.approx([1 / 3, 2 / 3, 0])
    assert NgramModel(ab, 1, Additive(1)).fit(text).conditional("a") == pytest.approx([2 / 6, 3 / 6, 1 / 6])
    lower = np.array([3 + 2 / 3, 3 + 2 / 3, 2 / 3]) / 8
    assert NgramModel(ab, 1, WittenBell()).fit(text).conditional("a") == pytest.approx(
        (np.array([1, 2, 0]) + 2 * lower) / 5
    )
    lower = (np.array([1.5, 1.5, 0]) + 0.5 * 2 / 3) / 4
    assert NgramModel(ab, 1, KneserNey(0.5)).fit(text).conditional("a") == pytest.approx(
        (np.array([0.5, 1.5, 0]) + 0.5 * 2 * lower) / 3
    )
    assert NgramModel(ab, 1, Backoff(0.5)).fit(text).conditional("a") == pytest.approx([0.5 / 3, 1.5 / 3, 1 / 3])


def test_kneser_ney_counts_contexts_not_occurrences():
    words = "san francisco san francisco san francisco the cat a cat my cat".split()
    names = (*sorted(set(words)), "new")
    p = NgramModel(names, 1, KneserNey()).fit(words).conditional(["new"])
    assert p[names.index("cat")] > 2 * p[names.index("francisco")]
    p = NgramModel(names, 1, WittenBell()).fit(words).conditional(["new"])
    assert p[names.index("cat")] == pytest.approx(p[names.index("francisco")])


@pytest.mark.parametrize(("k", "order"), [(2, 4), (27, 3), (2000, 8)])
def test_counts_are_those_of_a_loop_over_the_text(k, order):
    """Also where a window as one number, k to the ninth, would not fit into 64 bits."""
    x = np.random.default_rng(k).integers(0, k, 300) ** 2 // k
    x[100:110] = x[:10]
    counts, symbols = Counts(x, order), x.tolist()
    for m in range(order + 1):
        seen = Counter(tuple(symbols[t : t + m + 1]) for t in range(len(x) - m))
        assert _flat(counts.tables[m]) == seen
        if m < order:
            longer = {tuple(symbols[t : t + m + 2]) for t in range(len(x) - m - 1)}
            assert _flat(counts.continuations[m]) == Counter(gram[1:] for gram in longer)


def _flat(table):
    """{(context, symbol): count} of a table; followers must come in ascending order."""
    assert all((np.diff(seen.symbols) > 0).all() for seen in table.values())
    return {(*c, int(s)): int(n) for c, seen in table.items() for s, n in zip(*seen, strict=True)}


@pytest.mark.parametrize("order", [0, 1, 3, 40])
def test_every_place_of_a_text_occurs_after_its_own_context(order):
    x = np.random.default_rng(order).integers(0, 3, 30)
    found = list(occurrences(x, order))
    assert len({context for context, _ in found}) == len(found)
    pairs = {int(place): context for context, places in found for place in places}
    assert pairs == {t: tuple(x[max(0, t - order) : t].tolist()) for t in range(30)}
    assert list(occurrences(x[:0], order)) == []


@pytest.mark.parametrize("rule", RULES, ids=str)
def test_a_text_is_scored_symbol_by_symbol(rule):
    """Rows of contexts never seen, seen in part, and shorter than the order."""
    fitted, text = model(3, rule), "zabracza raz"
    one_by_one = [fitted.conditional(text[:t])[fitted.encode(text[t])[0]] for t in range(len(text))]
    with np.errstate(divide="ignore"):
        assert fitted.log_prob(fitted.encode(text)[None])[0] == pytest.approx(np.log(one_by_one).sum(), rel=1e-12)


def test_cross_entropy_is_minus_log_prob_in_bits_per_symbol():
    fitted = model(3)
    x = fitted.encode("abra cadabra")
    assert fitted.cross_entropy("abra cadabra") == pytest.approx(-fitted.log_prob(x[None])[0] / np.log(2) / 12)


def test_maximum_likelihood_never_does_worse_on_its_own_text_with_more_context():
    bits = [model(order, Additive(0)).cross_entropy(TEXT) for order in range(6)]
    assert all(b <= a + 1e-12 for a, b in itertools.pairwise(bits))
    assert model(2, Additive(0)).cross_entropy("zz") == np.inf


def test_parameter_counts():
    fitted = model(2, alphabet="abc", text="abcabba")
    assert (fitted.parameters_possible, fitted.num_parameters) == (9 * 2, 26)
    assert fitted.parameters_used == 1  # ab is followed by c and b, every other pair by one symbol
    assert NgramModel(" abcdefghijklmnopqrstuvwxyz", 100).parameters_possible == 26 * 27**100


def test_context_beyond_the_order_is_ignored_and_predictions_are_read_only():
    fitted = model(2)
    assert fitted.conditional("cadab") is fitted.conditional("ab")
    with pytest.raises(ValueError, match="read-only"):
        fitted.conditional("ab")[0] = 1


def test_generation_repeats_continues_and_cools():
    fitted = model(2, Additive(0))
    first = fitted.generate(50, rng=np.random.default_rng(1), prefix="ab")
    assert first == fitted.generate(50, rng=np.random.default_rng(1), prefix="ab")
    assert first[0] == "r"
    cold = fitted.generate(20, rng=np.random.default_rng(0), prefix="ca", temperature=1e-3)
    assert "".join(cold).startswith("dabra")


def test_vocabulary_closes_over_rare_words():
    known = vocabulary("a b a c b a".split(), min_count=2)
    assert known == (UNKNOWN, "a", "b")
    assert replace_rare(["a", "c", "d"], known) == ["a", UNKNOWN, UNKNOWN]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: NgramModel("aa", 1), "got 2 symbols, expected at least two, all different"),
        (lambda: NgramModel("ab", -1), "order: got -1"),
        (lambda: NgramModel("ab", 1).fit("abc"), "got the symbol 'c'"),
        (lambda: NgramModel("ab", 3).fit("aba"), "got 3 symbols, expected more than order = 3"),
        (lambda: NgramModel("ab", 1).conditional("a"), r"call fit\(text\) first"),
        (lambda: NgramModel("ab", 1).cross_entropy("ab"), r"call fit\(text\) first"),
        (lambda: NgramModel("ab", 1).parameters_used, r"call fit\(text\) first"),
        (lambda: model().cross_entropy(""), "got no symbol"),
        (lambda: model().log_prob(np.array([[99]])), "expected integers 0 … 6"),
        (lambda: model().generate(1, rng=np.random.default_rng(0), temperature=0), "temperature: got 0"),
        (lambda: NgramModel("ab", 1.0), "order: got 1.0"),
        (lambda: Additive(-1), "alpha: got -1"),
        (lambda: KneserNey(1), "discount: got 1"),
        (lambda: Backoff(0), "discount: got 0"),
    ],
)
def test_refusals_say_what_and_how(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_imports_without_torch():
    code = "import sys, dgmlib.ngrams; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_an_order_may_be_numpys_integer():
    assert type(NgramModel("ab", np.int64(1)).order) is int
