"""`Explorable`: one definition with three lives, live in Jupyter, recorded on the page, frozen where nothing runs."""

import ast
import base64
import os
from collections.abc import Callable, Mapping
from importlib.resources import files
from typing import Any

import altair
import anywidget
import traitlets
from IPython import get_ipython

from dgmlib.explorable import bundle, frozen, recording
from dgmlib.explorable.captions import check_roles, unmarked
from dgmlib.explorable.controls import Control, Value
from dgmlib.explorable.definition import check_names, check_parts, identity, labelled
from dgmlib.explorable.look import specification
from dgmlib.explorable.scale import plain
from dgmlib.explorable.tables import Tables, check_view, names_read, normalise

_HERE = files(__package__)


class _Position(traitlets.TraitType):
    """Where one control stands: a value that the control does not take is refused before anything has moved."""

    def validate(self, figure: "Explorable", value: Any) -> Value:
        """The value as the control's own type."""
        return _checked(self.name, figure.controls[self.name], value)


class Explorable(anywidget.AnyWidget):
    """A figure the reader can move.

    `controls` maps names to `slider`, `choice`, `toggle`, `reseed` or `pad`. `tables(**values)` is a pure function from
    control values to `{table: {column: values}}`; `view` is one Altair chart that reads those tables as
    `altair.NamedData(table)`. `caption(**values, t=tables)` says in a sentence what is seen, with numbers and units;
    `[text]{.model}` in it colours a span by meaning. `id` names the figure on the page and in links (default: from the
    title); a control without a label is called by its name.

    In Jupyter it is an ipywidget: `value` is a dictionary of all controls, and each control is a trait of its own, so
    `figure.mu = 2`, `figure.observe(f, "mu")` and `ipywidgets.link((a, "mu"), (b, "mu"))` work. With `DGMLIB_RECORD=1`
    in the environment, showing it emits the recording instead.

    Raises ValueError for an argument of the wrong kind, a control name that is taken, or more than 4,096 combinations
    of stops; faults of `tables` (ragged columns, NaN, columns the view does not find) and of `caption` (a colour that
    means nothing) are ValueErrors when they are first evaluated or recorded.
    """

    _esm = _HERE.joinpath("explorable.js").read_text("utf-8")
    _css = _HERE.joinpath("palette.css").read_text("utf-8") + _HERE.joinpath("explorable.css").read_text("utf-8")

    value = traitlets.Dict().tag(sync=True)
    _definition = traitlets.Dict().tag(sync=True)
    _shown = traitlets.Dict(allow_none=True, default_value=None).tag(sync=True)

    def __init__(
        self,
        *,
        title: str,
        controls: Mapping[str, Control],
        tables: Callable[..., Mapping[str, Mapping[str, Any]]],
        view: altair.TopLevelMixin,
        caption: Callable[..., str],
        id: str | None = None,
    ) -> None:
        check_parts(title=title, controls=controls, tables=tables, view=view, caption=caption)
        self.id, self.title = identity(id, title), title
        self.controls = labelled(controls)
        self._compute, self._describe = tables, caption
        self.spec = specification(view)
        self._reads = names_read(self.spec)
        self._turn = 0
        check_names(self.controls, dir(self))  # only now: the attributes set above are taken as well
        recording.check_size(self.controls)
        start = {name: control.start for name, control in self.controls.items()}
        super().__init__(value=start, _definition=self._static())
        self.add_traits(**{name: _Position(start[name]) for name in self.controls})
        self.observe(self._follow_control, list(controls))
        self.observe(self._follow_value, "value")
        self.on_msg(self._answer)

    # -- What it computes ----------------------------------------------------------------------------------------------

    def tables(self, **values: Any) -> Tables:
        """The tables at these control values (default: the start), `{table: {column: list}}`, checked."""
        state = self._state(values)
        at = ", ".join(f"{name}={value!r}" for name, value in state.items()) or "the only state"
        tables = normalise(self._compute(**state), at)
        check_view(self._reads, tables, at)
        return tables

    def caption(self, **values: Any) -> str:
        """The caption at these control values (default: the start), as plain text."""
        return unmarked(self._caption(self.tables(**values), **self._state(values)))

    def record(self) -> dict[str, Any]:
        """The recording of all states (see `dgmlib.explorable.recording`), with the frozen figure."""
        start = self.tables()
        drawn = frozen.with_tables(self.spec, start)
        svg = frozen.render_svg(drawn)
        whole = (
            {"version": recording.VERSION, **self._static()}
            | recording.record(self.controls, self.tables, self._caption)
            | {"frozen": {"svg": svg, "caption": self.caption(), "height": frozen.heights(drawn)}}
        )
        recording.check_bytes(whole)
        return whole

    def _caption(self, tables: Tables, **values: Value) -> str:
        text = self._describe(**values, t=tables)
        if not isinstance(text, str):
            raise ValueError(f"caption at {values} returned {type(text).__name__}; expected a string")
        check_roles(text, f"caption at {values}")
        return text

    def _state(self, values: Mapping[str, Any]) -> dict[str, Value]:
        """Complete and check control values."""
        unknown = sorted(set(values) - set(self.controls))
        if unknown:
            raise ValueError(f"no control named {', '.join(unknown)}; this figure has {', '.join(self.controls)}")
        return {name: _checked(name, c, values.get(name, c.start)) for name, c in self.controls.items()}

    def _static(self) -> dict[str, Any]:
        described = [{"name": name} | control.describe() for name, control in self.controls.items()]
        return {"id": self.id, "title": self.title, "controls": described, "spec": self.spec}

    # -- Live in Jupyter -----------------------------------------------------------------------------------------------

    @traitlets.validate("value")
    def _validate_value(self, proposal: Any) -> dict[str, Value]:
        return self._state({**self.value, **proposal["value"]})

    def _follow_control(self, change: Any) -> None:
        if self.value[change["name"]] != change["new"]:
            self.value = {**self.value, change["name"]: change["new"]}

    def _follow_value(self, _change: Any) -> None:
        try:
            with self.hold_trait_notifications():
                for name, value in self.value.items():
                    self.set_trait(name, value)
        finally:  # an observer that fails must not leave the figure waiting
            self._show()

    def _show(self) -> None:
        """Send what the present value looks like; a fault in `tables` is shown in the figure, not swallowed."""
        try:
            tables = self.tables(**self.value)
            seen = {"tables": tables, "caption": self._caption(tables, **self.value)}
        except Exception as error:
            seen = {"error": _message(error)}
        self._turn += 1  # an answer differs from the last one, also when all has come back to what it was
        self._shown = {"value": self.value, "turn": self._turn, **seen}

    def _answer(self, _widget: Any, message: Any, _buffers: Any) -> None:
        """A view asks for what it lacks: the Vega library (once a page) and the first tables."""
        if message == "vega":
            self.send("vega", buffers=[bundle.vega().encode()])
        elif message == "tables" and self._shown is None:
            self._show()

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        if os.environ.get("DGMLIB_RECORD") == "1":
            return self._recorded(), {}
        live = super()._repr_mimebundle_(**kwargs)
        data, metadata = live if isinstance(live, tuple) else (live or {}, {})
        return {**data, **self._frozen()}, metadata

    def _recorded(self) -> dict[str, Any]:
        """The recording as a notebook output; a fault names the cell, for the build to point at."""
        try:
            return {recording.MIME: self.record(), "text/plain": f"{self.title}. {self.caption()}"}
        except Exception as error:
            error.add_note(f"Explorable {self.id!r}, shown by {_present_cell()}")
            raise

    def _frozen(self) -> dict[str, str]:
        """Picture and text for places without widgets; a fault in `tables` is left for the widget to show."""
        try:
            picture = frozen.render_png(frozen.with_tables(self.spec, self.tables(**self.value)))
            text = f"{self.title}. {self.caption(**self.value)}"
        except Exception as error:
            return {"text/plain": f"{self.title}. {_message(error)}"}
        return {"image/png": base64.b64encode(picture).decode(), "text/plain": text}


def _message(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"


def _present_cell() -> str:
    """Which cell and line of a notebook shows something now, as IPython would name it in a traceback."""
    shell = get_ipython()
    if shell is None:
        return "Python"
    number = len(shell.user_ns["In"]) - 1
    last = ast.parse(shell.transform_cell(shell.user_ns["In"][number])).body[-1]
    return f"Cell In[{number}], line {last.lineno}"


def _checked(name: str, control: Control, value: Any) -> Value:
    try:
        return control.check(plain(value))
    except ValueError as error:
        raise ValueError(f"control {name!r}: {error}") from None
