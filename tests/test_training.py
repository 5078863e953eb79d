import json
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
import torch

from dgmlib import checkpoints
from dgmlib.autoregressive import FVSBN, NADE
from dgmlib.training import fit, mean_loss

N = 6


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def bits(m=200, seed=1):
    x = torch.rand(m, N, generator=generator(seed)) < 0.3
    x[:, 1::2] = x[:, ::2]  # every second bit repeats the one before: something to learn
    return x.float()


def run(model=None, *, lr=0.05, n_epochs=5, **options):
    model = model or NADE(N, 4, generator=generator(2))
    optimizer = options.pop("optimizer", None) or torch.optim.Adam(model.parameters(), lr=lr)
    options = {"generator": generator(3), "batch_size": 32, "progress": False, **options}
    return model, fit(model, bits(), bits(100, 4), optimizer=optimizer, n_epochs=n_epochs, **options)


def test_a_logistic_model_reaches_the_optimum_that_counting_gives():
    """The best an FVSBN can do on a bit and its copy is the entropy of the bit, by counting."""
    x = bits(400)[:, :2]
    model = FVSBN(2)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.3)
    fit(model, x, x, optimizer=optimizer, generator=generator(), n_epochs=150, batch_size=400, progress=False)
    ones = float(x[:, 0].mean())
    entropy = -(ones * torch.tensor(ones).log() + (1 - ones) * torch.tensor(1 - ones).log())
    # The second bit repeats the first, so it costs nothing in the limit.
    assert mean_loss(model, x) == pytest.approx(float(entropy), abs=0.01)


@pytest.mark.parametrize("kind", [torch.optim.SGD, torch.optim.Adam, torch.optim.Adagrad, torch.optim.RMSprop])
def test_every_usual_optimiser_lowers_the_loss_and_resumes(kind, tmp_path):
    model = NADE(N, 4, generator=generator(2))
    path = tmp_path / "run.safetensors"
    whole, history = run(model, optimizer=kind(model.parameters(), lr=0.02), n_epochs=4)
    assert history.valid[-1] < history.valid[0]
    resumed = interrupted_and_resumed(kind, path)
    assert_same(whole, resumed)


def interrupted_and_resumed(kind, path):
    class Stop(Exception):
        pass

    def train(stop_in):
        model = NADE(N, 4, generator=generator(2))
        calls = iter(range(10**6))

        def loss(x):
            if stop_in is not None and next(calls) == stop_in:
                raise Stop
            return -model.log_prob(x)

        run(model, optimizer=kind(model.parameters(), lr=0.02), n_epochs=4, checkpoint=path, loss=loss)
        return model

    with pytest.raises(Stop):
        train(stop_in=26)  # 7 training and 4 validation batches an epoch: in the middle of the third
    return train(stop_in=None)


def assert_same(a, b):
    for name, value in a.state_dict().items():
        assert torch.equal(value, b.state_dict()[name]), name


SCRIPT = """
import sys, torch
from pathlib import Path
from dgmlib import checkpoints
from dgmlib.autoregressive import MADE
from dgmlib.training import fit

path, slow = Path(sys.argv[1]), float(sys.argv[2])
g = torch.Generator().manual_seed(0)
x = (torch.rand(300, 8, generator=g) < 0.3).float()
model = MADE(8, [16], ordering=torch.randperm(8, generator=g), generator=g)

def loss(x):
    import time
    time.sleep(slow)
    return -model.log_prob(x) * (1 + 0.1 * torch.rand(len(x), generator=g))

optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
history = fit(model, x[:200], x[200:], optimizer=optimizer, generator=g, n_epochs=12, batch_size=20, loss=loss,
              schedule=lambda done: 1 - done, checkpoint=path, progress=False)
checkpoints.save(path.with_name("end.safetensors"),
                 {"weights": model.state_dict(), "train": history.train, "valid": history.valid})
"""


def start(folder, slow):
    command = [sys.executable, "-c", SCRIPT, str(folder / "run.safetensors"), str(slow)]
    return subprocess.Popen(command, env={**os.environ, "OMP_NUM_THREADS": "1"})


def test_a_killed_run_goes_on_to_the_same_bits(tmp_path):
    """Killed (SIGKILL) wherever it happens to be, twice; the third start ends as the run that was never disturbed."""
    undisturbed, killed = tmp_path / "undisturbed", tmp_path / "killed"
    undisturbed.mkdir()
    killed.mkdir()
    assert start(undisturbed, 0).wait(timeout=120) == 0
    for epochs in (2, 5):
        process = start(killed, 0.01)
        wait_for_epochs(killed / "run.safetensors", epochs, process)
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert not (killed / "end.safetensors").exists()
    assert start(killed, 0).wait(timeout=120) == 0
    expected, found = (checkpoints.load(folder / "end.safetensors") for folder in (undisturbed, killed))
    assert json.dumps([expected["train"], expected["valid"]]) == json.dumps([found["train"], found["valid"]])
    for name, value in expected["weights"].items():
        assert torch.equal(value, found["weights"][name]), name


def wait_for_epochs(path, epochs, process):
    deadline = time.monotonic() + 120
    while not path.exists() or len(checkpoints.load(path)["history"]["train"]) < epochs:
        assert process.poll() is None, "the run ended before it could be killed"
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_the_best_weights_are_kept_and_patience_stops(tmp_path):
    """A loss that starts to rise: the weights of its lowest point come back, and training ends soon after it."""
    model = NADE(N, 4, generator=generator(2))
    snapshots = []

    def loss(x):
        if not model.training and len(x) == 100:  # the one validation batch of an epoch
            snapshots.append({k: v.clone() for k, v in model.state_dict().items()})
            return torch.full((100,), abs(len(snapshots) - 3.0))
        return -model.log_prob(x)

    _, history = run(model, n_epochs=20, loss=loss, patience=2, batch_size=100)
    assert history.valid == [2.0, 1.0, 0.0, 1.0, 2.0]
    assert history.best_epoch == 2
    for name, value in model.state_dict().items():
        assert torch.equal(value, snapshots[2][name])
    assert not torch.equal(snapshots[2]["weight"], snapshots[4]["weight"])


def test_a_finished_run_is_not_repeated(tmp_path):
    path = tmp_path / "run.safetensors"
    first, history = run(checkpoint=path)
    written = path.stat().st_mtime_ns
    second, again = run(checkpoint=path)
    assert again == history
    assert path.stat().st_mtime_ns == written
    assert_same(first, second)


def test_the_seed_decides_everything():
    first, history = run()
    second, again = run()
    _, different = run(generator=generator(5))
    assert_same(first, second)
    assert history.train == again.train != different.train


def test_schedule_scales_the_learning_rate():
    """Factor 0 freezes the weights; a decaying factor gives other weights than a constant one."""
    frozen = NADE(N, 4, generator=generator(2))
    run(frozen, schedule=lambda done: 0.0)
    assert_same(frozen, NADE(N, 4, generator=generator(2)))
    constant, decaying = run()[1], run(schedule=lambda done: 1 - done)[1]
    assert constant.train[0] == decaying.train[0]
    assert constant.train[1] != decaying.train[1]


def test_histories_count_every_example_once():
    """Batches of 32 do not divide 200 examples; the mean is still over examples, not over batches."""
    model = NADE(N, 4, generator=generator(2))
    expected = float(-model.log_prob(bits()).detach().double().mean())
    _, history = run(model, schedule=lambda done: 0.0, n_epochs=1)
    assert history.train[0] == pytest.approx(expected, rel=1e-6)
    assert mean_loss(model, bits(), batch_size=7) == pytest.approx(expected, rel=1e-6)


def test_a_checkpoint_of_other_settings_is_refused(tmp_path):
    path = tmp_path / "run.safetensors"
    run(checkpoint=path)
    with pytest.raises(ValueError, match=r"n_epochs.*delete the file"):
        run(checkpoint=path, n_epochs=6)


def test_a_file_that_is_no_checkpoint_is_named(tmp_path):
    path = tmp_path / "run.safetensors"
    path.write_bytes(b"not a checkpoint")
    with pytest.raises(ValueError, match=r"run\.safetensors.*delete it"):
        run(checkpoint=path)


def test_divergence_is_an_error():
    with pytest.raises(ValueError, match="lower the learning rate"):
        run(loss=lambda x: x.sum(1) * torch.nan * torch.ones(1, requires_grad=True))


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"n_epochs": 0}, "n_epochs: got 0, expected an integer ≥ 1"),
        ({"n_epochs": 1.5}, "n_epochs: got 1.5, expected an integer ≥ 1"),
        ({"batch_size": 0}, "batch_size: got 0, expected an integer ≥ 1"),
        ({"patience": -1}, "patience: got -1, expected an integer ≥ 0"),
        ({"patience": 2.5}, "patience: got 2.5, expected an integer ≥ 0"),
    ],
)
def test_wrong_settings_are_errors(wrong, message):
    with pytest.raises(ValueError, match=message):
        run(**wrong)


def test_sizes_may_be_numpys_integers(tmp_path):
    first, history = run(n_epochs=2, batch_size=32)
    second, again = run(n_epochs=np.int64(2), batch_size=np.int64(32), checkpoint=tmp_path / "run.safetensors")
    assert history.train == again.train
    assert_same(first, second)
    assert mean_loss(first, bits(), batch_size=np.int64(7)) == mean_loss(first, bits(), batch_size=7)


def test_no_examples_have_no_mean_loss():
    with pytest.raises(ValueError, match="x: got no examples"):
        mean_loss(NADE(N, 4, generator=generator()), bits()[:0])


def test_states_survive_a_round_trip(tmp_path):
    state = {"a": torch.arange(3), "b": [1, 2.5, None, "text", {"c": torch.zeros(2, 0)}], "d": {"e": True}}
    checkpoints.save(tmp_path / "deep" / "s.safetensors", state)
    back = checkpoints.load(tmp_path / "deep" / "s.safetensors")
    assert torch.equal(back["a"], state["a"])
    assert back["b"][:4] == state["b"][:4]
    assert back["b"][4]["c"].shape == (2, 0)
    assert back["d"] == state["d"]
    assert [p.name for p in (tmp_path / "deep").iterdir()] == ["s.safetensors"]


@pytest.mark.parametrize(
    ("state", "message"),
    [
        ({"model": {"f": generator}}, "/model/f: got function"),
        ({1: 2, "1": 3}, r"state: got keys \[1, '1'\], expected keys that differ as strings"),
        ({"note": "tensor: a box of numbers"}, "/note: got 'tensor: a box of numbers', expected a string that does"),
    ],
)
def test_what_cannot_be_stored_is_named(state, message, tmp_path):
    with pytest.raises(ValueError, match=message):
        checkpoints.save(tmp_path / "s.safetensors", state)
    assert not list(tmp_path.iterdir())


def test_tensors_are_told_apart_whatever_their_keys(tmp_path):
    one, two, three, four = torch.arange(1, 5)
    checkpoints.save(tmp_path / "s.safetensors", {"a/b": one, "a": {"b": two}, "c": [three], "c/0": four})
    assert checkpoints.load(tmp_path / "s.safetensors") == {"a/b": one, "a": {"b": two}, "c": [three], "c/0": four}


def test_a_state_may_hold_numpys_numbers_and_its_path_be_a_string(tmp_path):
    path = str(tmp_path / "s.safetensors")
    checkpoints.save(path, {"n": np.int64(3), "x": np.float64(0.1), "b": np.bool_(True), "t": (1, 2)})
    assert checkpoints.load(path) == {"n": 3, "x": 0.1, "b": True, "t": [1, 2]}


def test_every_epoch_is_announced_with_the_share_done_also_after_an_interruption(tmp_path):
    class Stop(Exception):
        pass

    def stop_late(done):
        if done >= 0.5:
            raise Stop

    announced = []
    with pytest.raises(Stop):
        run(n_epochs=4, begin_epoch=stop_late, checkpoint=tmp_path / "run.safetensors")
    run(n_epochs=4, begin_epoch=announced.append, checkpoint=tmp_path / "run.safetensors")
    assert announced == [0.5, 0.75]


def test_the_optimiser_gets_its_learning_rate_back(tmp_path):
    """Also after an interruption: the next run with it begins where it should."""
    model = NADE(N, 4, generator=generator(2))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    run(model, optimizer=optimizer, schedule=lambda done: 1 - done)
    assert optimizer.param_groups[0]["lr"] == 0.1
    with pytest.raises(ZeroDivisionError):
        run(model, optimizer=optimizer, schedule=lambda done: 0.5 if done < 0.4 else 1 / 0)
    assert optimizer.param_groups[0]["lr"] == 0.1


def test_a_checkpoint_of_another_learning_rate_is_refused(tmp_path):
    path = tmp_path / "run.safetensors"
    run(lr=0.05, checkpoint=path)
    with pytest.raises(ValueError, match=r"made with {'lr': \[0\.05\]}, expected {'lr': \[0\.1\]}"):
        run(lr=0.1, checkpoint=path)


SGD = {"lr": 0.02, "momentum": 0.9, "weight_decay": 0.01}


@pytest.mark.parametrize(
    ("kind", "options", "message"),
    [
        (torch.optim.SGD, {**SGD, "momentum": 0.0}, r"made with {'momentum': \[0.9\]}, expected {'momentum': \[0.0\]}"),
        (torch.optim.SGD, {**SGD, "weight_decay": 0.0}, r"'weight_decay': \[0.01\]"),
        (torch.optim.AdamW, {"lr": 0.02, "weight_decay": 0.01}, "'optimizer': 'SGD'.*'optimizer': 'AdamW'.*delete"),
    ],
)
def test_a_checkpoint_of_another_optimiser_is_refused(kind, options, message, tmp_path):
    def start(kind, options):
        model = NADE(N, 4, generator=generator(2))
        return run(model, optimizer=kind(model.parameters(), **options), checkpoint=tmp_path / "run.safetensors")

    _, history = start(torch.optim.SGD, SGD)
    assert start(torch.optim.SGD, SGD)[1] == history
    with pytest.raises(ValueError, match=message):
        start(kind, options)


def test_options_of_every_kind_and_group_are_recognised(tmp_path):
    """Adam's pair of betas, a rate that is a tensor, and two groups of parameters."""

    def start(beta):
        model = NADE(N, 4, generator=generator(2))
        first, *others = model.parameters()
        groups = [{"params": [first], "lr": torch.tensor(0.02)}, {"params": others, "betas": (beta, 0.999)}]
        return run(model, optimizer=torch.optim.Adam(groups), checkpoint=tmp_path / "run.safetensors")[1]

    assert start(0.8) == start(0.8)
    with pytest.raises(ValueError, match=r"{'betas': \[\[0.9, 0.999\], \[0.8, 0.999\]\]}, expected"):
        start(0.7)


def test_a_checkpoint_of_another_recipe_is_refused(tmp_path):
    path = str(tmp_path / "run.safetensors")
    _, history = run(checkpoint=path, recipe={"name": "small", "seed": 0})
    assert run(checkpoint=path, recipe={"name": "small", "seed": 0})[1] == history
    with pytest.raises(ValueError, match=r"made with {'seed': 0}, expected {'seed': 1}"):
        run(checkpoint=path, recipe={"name": "small", "seed": 1})
    with pytest.raises(ValueError, match=r"expected {'name': 'not recorded', 'seed': 'not recorded'}"):
        run(checkpoint=path)


def test_a_file_that_tells_no_settings_is_refused(tmp_path):
    checkpoints.save(tmp_path / "run.safetensors", {"model": {}})
    with pytest.raises(ValueError, match=r"'momentum': 'not recorded'.*delete the file to start again"):
        model = NADE(N, 4, generator=generator(2))
        optimizer = torch.optim.SGD(model.parameters(), **SGD)
        run(model, optimizer=optimizer, checkpoint=tmp_path / "run.safetensors")


def test_a_loss_must_give_one_number_per_example():
    with pytest.raises(ValueError, match=r"loss: got shape \(\) for 32 examples, expected \(32,\)"):
        run(loss=lambda x: x.mean() * torch.ones((), requires_grad=True))


def test_a_held_out_loss_that_is_no_number_is_an_error():
    model = NADE(N, 4, generator=generator(2))

    def only_held_out(x):
        return -model.log_prob(x) * (1.0 if model.training else torch.nan)

    with pytest.raises(ValueError, match="got NaN on the examples held out"):
        run(model, loss=only_held_out)
