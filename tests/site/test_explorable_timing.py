"""Speed of every explorable on a page whose policy forbids `unsafe-eval`: updates, and the time until usable."""

import json
import statistics

import numpy as np
import pytest

from dgmlib.figures import catalogue
from tests.site.browser import FRAME
from tests.site.replay import all_values, mounted
from tests.timing import quietest

pytestmark = [pytest.mark.browser, pytest.mark.timing]

WARM_UP, MEASURED = 20, 100
MEDIAN_MS, P95_MS, USABLE_MS = 10, 25, 1500

_TIME_UPDATES = """async (figure, states) => {
    const times = [];
    for (const state of states) {
        const before = performance.now();
        await figure.explorable.set(state);
        times.push(performance.now() - before);
        // Between two updates the page paints, as it does under a reader's hand.
        await FRAME;
        await new Promise(painted => setTimeout(painted));
    }
    return JSON.stringify(times);
}""".replace("FRAME", FRAME)


@pytest.mark.parametrize("name", catalogue())
def test_updates_are_quick(strict_site, open_page, page_of, name):
    figure = mounted(open_page(strict_site + page_of[name]), name)
    values = all_values(catalogue()[name])
    order = np.random.default_rng(0).integers(len(values), size=WARM_UP + MEASURED)

    def measure() -> tuple[float, float]:
        times = json.loads(figure.evaluate(_TIME_UPDATES, [values[at] for at in order]))[WARM_UP:]
        return statistics.median(times), float(np.quantile(times, 0.95))

    median, p95 = quietest(measure, enough=lambda found: found[0] <= MEDIAN_MS and found[1] <= P95_MS)
    print(f"{name}: median {median:.1f} ms, p95 {p95:.1f} ms")
    assert median <= MEDIAN_MS and p95 <= P95_MS, f"median {median:.1f} ms, p95 {p95:.1f} ms"


def test_the_measurement_sees_a_slow_update(planted, open_page):
    slow = """<figure></figure><script>
        const pause = async ({ms}) => { const end = performance.now() + ms; while (performance.now() < end); };
        document.querySelector("figure").explorable = {set: pause};</script>"""
    figure = open_page(planted({"index.html": slow})).locator("figure")
    fast, late = json.loads(figure.evaluate(_TIME_UPDATES, [{"ms": 1}, {"ms": 40}]))
    assert 1 <= fast < 25 and 40 <= late < 80


@pytest.mark.parametrize("name", catalogue())
def test_usable_soon_after_navigation(strict_site, open_page, page_of, name):
    def measure() -> float:
        page = open_page()
        page.goto(f"{strict_site}{page_of[name]}#{name}")
        return page.evaluate(
            """async name => {
                const figure = document.querySelector(`[data-explorable="${name}"]`);
                while (!figure.explorable?.tables) await FRAME;
                await figure.explorable.set({});
                return performance.now();
            }""".replace("FRAME", FRAME),
            name,
        )

    usable = quietest(measure, enough=lambda found: found <= USABLE_MS)
    print(f"{name}: usable after {usable:.0f} ms")
    assert usable <= USABLE_MS
