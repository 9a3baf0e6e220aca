"""What counts as a runnable, and what is said of everything else."""

from __future__ import annotations

import functools
from collections import ChainMap
from collections.abc import AsyncIterator, Iterator
from types import MappingProxyType
from typing import Any

import pytest

from streamflow.errors import CoercionError
from streamflow.runnables import (
    RunnableGenerator,
    RunnableLambda,
    RunnableParallel,
    RunnablePassthrough,
    coerce_to_runnable,
)


def plain(value: Any) -> Any:
    return value


async def awaited(value: Any) -> Any:
    return value


def yields(values: Iterator[Any]) -> Iterator[Any]:
    yield from values


async def ayields(values: AsyncIterator[Any]) -> AsyncIterator[Any]:
    async for value in values:
        yield value


class Callable:
    def __call__(self, value: Any) -> Any:
        return value


class Yields:
    def __call__(self, values: Iterator[Any]) -> Iterator[Any]:
        yield from values


@pytest.mark.parametrize("thing", [plain, awaited, len, str, Callable(), functools.partial(plain)])
def test_functions_become_lambdas(thing: Any) -> None:
    assert type(coerce_to_runnable(thing)) is RunnableLambda


@pytest.mark.parametrize("thing", [yields, ayields, Yields(), functools.partial(yields)])
def test_generator_functions_become_generators(thing: Any) -> None:
    assert type(coerce_to_runnable(thing)) is RunnableGenerator


@pytest.mark.parametrize(
    "thing", [{"a": plain}, MappingProxyType({"a": plain}), ChainMap({"a": plain})]
)
def test_mappings_become_parallels(thing: Any) -> None:
    runnable = coerce_to_runnable(thing)
    assert type(runnable) is RunnableParallel
    assert runnable.invoke(1) == {"a": 1}


def test_a_runnable_stays_as_it_is() -> None:
    runnable = RunnablePassthrough[Any]()
    assert coerce_to_runnable(runnable) is runnable


def test_a_dict_may_change_afterwards() -> None:
    branches = {"a": plain}
    runnable = coerce_to_runnable(branches)
    branches["b"] = plain
    assert runnable.invoke(1) == {"a": 1}


class BrokenRepr:
    def __repr__(self) -> str:
        raise RuntimeError("no repr")


@pytest.mark.parametrize(
    ("thing", "shown"),
    [
        (3, "got int: 3"),
        (None, "got NoneType: None"),
        ("a prompt", "got str: 'a prompt'"),
        ([plain], "got list: [<function plain"),
        (iter([1]), "got list_iterator: <list_iterator"),
        ({"a": 1}, "got int: 1"),
        ({"a": {"b": "text"}}, "got str: 'text'"),
        ("x" * 1000, "got str: 'xxx"),
        (BrokenRepr(), "got BrokenRepr: <repr failed: RuntimeError>"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_the_error_names_what_it_got(thing: Any, shown: str) -> None:
    with pytest.raises(CoercionError) as caught:
        coerce_to_runnable(thing)
    assert shown in str(caught.value)
    assert len(str(caught.value)) < 300
    assert isinstance(caught.value, TypeError)


def test_the_error_holds_the_value() -> None:
    thing = object()
    with pytest.raises(CoercionError) as caught:
        RunnablePassthrough[Any]() | thing
    assert caught.value.value is thing


def test_calling_a_function_too_early_is_named() -> None:
    """A frequent slip: the result of a generator function in place of the function."""
    with pytest.raises(CoercionError, match="got generator"):
        RunnablePassthrough[Any]() | yields(iter([1]))
