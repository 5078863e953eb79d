"""A step of the build that fails says what the failing command said."""

import sys

import pytest
from dgmtheme.steps import run


def test_a_command_runs_in_its_folder(tmp_path):
    run([sys.executable, "-c", "open('made', 'w').close()"], tmp_path)
    assert (tmp_path / "made").exists()


def test_a_failing_command_is_quoted(tmp_path):
    with pytest.raises(ValueError, match=r"with status 3:\nno such registry$"):
        run([sys.executable, "-c", "import sys; print('no such registry', file=sys.stderr); sys.exit(3)"], tmp_path)
