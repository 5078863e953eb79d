"""What the benchmarks share: a place for lines that are read beside pytest-benchmark's table."""

import pytest


@pytest.fixture(scope="module")
def report(request):
    """Lines to print above pytest-benchmark's table."""
    lines = []
    yield lines
    plugin = request.config.pluginmanager.getplugin
    with plugin("capturemanager").global_and_fixture_disabled():
        print("", *lines, sep="\n")
