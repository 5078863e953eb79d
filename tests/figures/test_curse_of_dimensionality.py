"""The explorables of lecture 2 show what counting, the graph and the text models say."""

import itertools
import math

import numpy as np
import pytest

from dgmlib.bayes_nets import fully_connected, markov_chain
from dgmlib.bayes_nets.drawing import edge_columns
from dgmlib.data.text import LETTERS, letters, load_alice
from dgmlib.figures import curse_of_dimensionality as figures
from dgmlib.figures.curse_of_dimensionality.counting import digit_lines, scientific
from dgmlib.figures.curse_of_dimensionality.graph import EDGES, FULL_TABLE, GIVEN, PAIRS, POSITIONS, network, trail
from dgmlib.ngrams import KneserNey, NgramModel

ON = dict.fromkeys(EDGES, True)


@pytest.mark.parametrize(
    ("n", "text"),
    [
        (1, "1"),
        (999_999_999, "999\u202f999\u202f999"),
        (10**9, "1.00 × 10⁹"),
        (9_994_999_999, "9.99 × 10⁹"),
        (9_995_000_000, "1.00 × 10¹⁰"),
        (2**784, "1.02 × 10²³⁶"),
        (256**784, "1.15 × 10¹⁸⁸⁸"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_large_numbers_in_words(n, text):
    assert scientific(n) == text


def test_every_digit_is_shown_or_counted():
    assert digit_lines(2**784 - 1) == [str(2**784 - 1)[i : i + 40] for i in range(0, 237, 40)]
    lines = digit_lines(256**784 - 1)
    hidden = int("".join(c for c in lines[3] if c.isdigit()))
    assert len(lines) == 6 and sum(map(len, lines)) - len(lines[3]) + hidden == 1889
    assert lines[0] == str(256**784 - 1)[:40] and str(256**784 - 1).endswith(lines[4] + lines[5])


def test_images_are_counted_as_levels_to_the_pixels():
    shown = figures.images_vs_states.tables(side=28, levels=2)["here"]
    assert shown["exponent"][0] == pytest.approx(784 * math.log10(2)) and shown["label"] == ["1.02 × 10²³⁶"]
    assert "each of them about 30000 times" in figures.images_vs_states.caption(side=1, levels=2)
    assert "one in 1.70 × 10²³¹" in figures.images_vs_states.caption(side=28, levels=2)


def test_counter_counts_as_the_networks_do():
    shown = figures.parameter_counter.tables(n=50, k=3, family="order 2")
    assert shown["chosen"]["digits"] == [len(str(markov_chain(50, 3, 2).num_parameters))]
    assert shown["families"]["digits"][-1] == len(str(fully_connected(50, 3).num_parameters)) == 24
    assert "".join(shown["exact"]["text"]) == str(markov_chain(50, 3, 2).num_parameters)


def test_bars_are_the_sizes_of_the_tables():
    for on in itertools.product((False, True), repeat=len(EDGES)):
        edges = dict(zip(EDGES, on, strict=True))
        costs = figures.dag_builder.tables(**edges)["costs"]
        assert sum(costs["parameters"][:-1]) == costs["parameters"][-1] == network(edges).num_parameters <= 32
    assert figures.dag_builder.tables(**ON)["costs"]["parameters"] == [3, 4, 4, 16, 2, 29]
    assert math.prod(network(ON).cardinalities.values()) - 1 == FULL_TABLE


def test_a_thick_trail_is_drawn_exactly_where_the_pair_can_depend():
    for pair, given in itertools.product(PAIRS, GIVEN):
        (a, b), seen = pair.split("_"), [node for node in given.split("_") if node]
        shown = figures.dag_builder.tables(pair=pair, given=given, **ON)
        if {a, b} & set(seen):
            assert shown["trail"]["x"] == [] and "already see" in figures.dag_builder.caption(pair=pair, given=given)
        else:
            assert (shown["trail"]["x"] == []) == network(ON).is_independent(a, b, seen)


def test_every_edge_is_a_straight_line_from_rim_to_rim():
    names = [tuple(name.split("_")) for name in EDGES]
    path, shown = edge_columns(names, POSITIONS), figures.dag_builder.tables(**ON)["edges"]
    for x, y, x2, y2 in zip(*(np.array(shown[key]) for key in ("x", "y", "x2", "y2")), strict=True):
        on_line = [
            (px, py)
            for px, py in zip(path["x"], path["y"], strict=True)
            if abs((px - x) * (y2 - y) - (py - y) * (x2 - x)) < 1e-9
        ]
        assert len(on_line) >= 15 and {(x, y), (x2, y2)} <= set(on_line)


def test_open_trails_of_the_sprinkler():
    net = network(ON | {"season_wet": False})
    assert trail(net, "sprinkler_rain", "") == ["sprinkler", "season", "rain"]
    assert trail(net, "sprinkler_rain", "season") is None
    assert trail(net, "sprinkler_rain", "season_slippery") == ["sprinkler", "wet", "rain"]
    assert "sprinkler ← season → rain is open" in figures.dag_builder.caption()
    assert "are independent" in figures.dag_builder.caption(given="season")


def test_observed_and_asked_nodes_are_marked():
    nodes = figures.dag_builder.tables(pair="season_wet", given="sprinkler_rain")["nodes"]
    assert nodes["seen"] == ["hidden", "observed", "observed", "hidden", "hidden"]
    assert nodes["asked"] == ["asked", "other", "other", "asked", "other"]


def test_text_is_written_by_the_model_and_fits():
    shown = figures.ngram_text.tables(order=2, rule="kneser-ney", temperature=1.0, seed=3)
    model = NgramModel(LETTERS, 2, KneserNey()).fit(letters(load_alice("train")))
    written = "alice " + "".join(model.generate(320, rng=np.random.default_rng(3), prefix="alice "))
    lines = shown["text"]["text"]
    assert written.split()[: len(" ".join(lines).split())] == " ".join(lines).split()
    assert max(map(len, lines)) <= 40 and len(lines) <= 9


def test_bits_are_cross_entropies_of_both_parts():
    shown = figures.ngram_text.tables(order=1, rule="kneser-ney")
    model = NgramModel(LETTERS, 1, KneserNey()).fit(letters(load_alice("train")))
    train, held_out = (model.cross_entropy(letters(load_alice(part))) for part in ("train", "held-out"))
    assert list(shown["here"]["bits"]) == [train, held_out] == shown["bits"]["bits"][1::6]
    laplace = figures.ngram_text.tables(rule="laplace")["bits"]["bits"]
    assert laplace[6:][3] == min(laplace[6:]) and max(laplace) < 4.75  # the axis ends there
