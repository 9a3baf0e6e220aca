"""Laws: what goes in by a schema comes out at the function, whatever the signature."""

from __future__ import annotations

import inspect
import json
from typing import Any

from hypothesis import given, settings, strategies as st

from streamflow.tools import StructuredTool, convert_to_openai_tool

TYPES: dict[Any, st.SearchStrategy[Any]] = {
    int: st.integers(),
    float: st.floats(allow_nan=False),
    str: st.text(),
    bool: st.booleans(),
    list[int]: st.lists(st.integers(), max_size=3),
    dict[str, bool]: st.dictionaries(st.text(), st.booleans(), max_size=3),
    int | None: st.none() | st.integers(),
    tuple[int, str]: st.tuples(st.integers(), st.text()),
    Any: st.none() | st.integers() | st.text(),
}
NAMES = st.from_regex(r"[a-zA-Z_][a-zA-Z_0-9]{0,8}", fullmatch=True) | st.sampled_from(
    ["run", "self", "cls", "input", "json", "schema", "model_config", "copy", "__x__", "_y", "É"]
)
TAKEN = {"callbacks", "run_manager", "config"}
KINDS = (
    inspect.Parameter.POSITIONAL_ONLY,
    inspect.Parameter.POSITIONAL_OR_KEYWORD,
    inspect.Parameter.KEYWORD_ONLY,
)


@st.composite
def signatures(draw: st.DrawFn) -> tuple[inspect.Signature, dict[str, Any]]:
    """A signature, and values for all parameters but some that have a default."""
    names = draw(st.lists(NAMES.filter(usable), unique=True, max_size=5))
    kinds = sorted(draw(st.tuples(*[st.sampled_from(KINDS)] * len(names))))
    parameters, values = [], {}
    optional = False
    for name, kind in zip(names, kinds, strict=True):
        type_ = draw(st.sampled_from(list(TYPES)))
        # One without a default may come after one that has one only among the last.
        optional = draw(st.booleans()) or (optional and kind is not KINDS[2])
        default = draw(TYPES[type_]) if optional else inspect.Parameter.empty
        parameters.append(inspect.Parameter(name, kind, default=default, annotation=type_))
        if not optional or draw(st.booleans()):
            values[name] = draw(TYPES[type_])
    return inspect.Signature(parameters), values


def usable(name: str) -> bool:
    import keyword

    return name not in TAKEN and not keyword.iskeyword(name) and name.isidentifier()


def echo_of(signature: inspect.Signature) -> Any:
    """A function of that signature that returns what it gets."""

    def echo(*args: Any, **kwargs: Any) -> Any:
        bound = signature.bind(*args, **kwargs)
        bound.apply_defaults()
        return dict(bound.arguments)

    echo.__signature__ = signature  # type: ignore[attr-defined]  # inspect reads it
    echo.__annotations__ = {name: p.annotation for name, p in signature.parameters.items()}
    return echo


@settings(max_examples=40)  # each makes a pydantic model, which takes milliseconds
@given(signatures())
def test_any_signature_round_trips_its_arguments(
    case: tuple[inspect.Signature, dict[str, Any]],
) -> None:
    signature, values = case
    echo = StructuredTool.from_function(echo_of(signature), name="echo", description="Echo.")
    defaults = {
        name: each.default
        for name, each in signature.parameters.items()
        if each.default is not inspect.Parameter.empty
    }
    expected = {**defaults, **values}
    result = echo.invoke(values)
    assert result == expected
    assert {name: type(each) for name, each in result.items()} == {
        name: type(each) for name, each in expected.items()
    }


@settings(max_examples=40)  # each makes a pydantic model, which takes milliseconds
@given(signatures())
def test_what_a_model_sends_as_json_arrives(
    case: tuple[inspect.Signature, dict[str, Any]],
) -> None:
    signature, values = case
    echo = StructuredTool.from_function(echo_of(signature), name="echo", description="Echo.")
    sent = json.loads(json.dumps(values))
    call: Any = {"name": "echo", "args": sent, "id": "1", "type": "tool_call"}
    assert echo.invoke(call).status == "success"
    result = echo.invoke(sent)
    assert {name: result[name] for name in values} == values


@settings(max_examples=40)  # each makes a pydantic model, which takes milliseconds
@given(signatures())
def test_the_schema_names_each_argument(case: tuple[inspect.Signature, dict[str, Any]]) -> None:
    signature, _ = case
    echo = StructuredTool.from_function(echo_of(signature), name="echo", description="Echo.")
    function = convert_to_openai_tool(echo)["function"]
    assert (
        list(function["parameters"]["properties"]) == list(echo.args) == list(signature.parameters)
    )
    required = [n for n, p in signature.parameters.items() if p.default is p.empty]
    assert function["parameters"].get("required", []) == required
    json.dumps(function)
