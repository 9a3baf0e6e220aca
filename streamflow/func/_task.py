"""Tasks: functions that an entry point calls, and whose results are kept."""

from __future__ import annotations

import functools
import inspect
import types
from typing import TYPE_CHECKING, Any, Generic, ParamSpec, Protocol, TypeVar, overload

from attrs import evolve

from .._inspect import facts_of
from ..errors import GraphDefinitionError
from ..execution import Outcome
from ..graph._builder import policies_of
from ..graph._calls import RETURN, begin_call
from ..graph._node import GIVE, NodeAction, NodeSpec, given_among
from ..runnables._user_code import call_user

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from ..graph._task import TaskRun
    from ..types import CachePolicy, RetryPolicy

P = ParamSpec("P")
T = TypeVar("T")

TaskFuture = Outcome


class _Decorator(Protocol):
    @overload
    def __call__(self, func: Callable[P, Awaitable[T]], /) -> TaskFunction[P, T]: ...
    @overload
    def __call__(self, func: Callable[P, T], /) -> TaskFunction[P, T]: ...


class TaskFunction(Generic[P, T]):
    """A function as a task; made by :func:`task`.

    A call begins the task and returns a future, whose result is there once the function has
    returned.

    >>> from streamflow.func import task
    >>> @task
    ... def double(number: int) -> int:
    ...     return 2 * number
    >>> double
    TaskFunction('double')

    Attributes:
        func: The function.
        name: The name of the task.
    """

    def __init__(
        self,
        func: Callable[P, Any],
        *,
        name: str | None = None,
        retry_policy: RetryPolicy | Sequence[RetryPolicy] | None = None,
        cache_policy: CachePolicy | None = None,
        timeout: float | None = None,
    ) -> None:
        functools.update_wrapper(self, func)
        self.func = func
        self.name = name or facts_of(func).name or type(func).__name__
        check_returns(func, "a task")
        if cache_policy is not None:
            key_func = cache_policy.key_func
            cache_policy = evolve(
                cache_policy, key_func=lambda input: key_func(*input[0], **input[1])
            )
        self._spec = NodeSpec(
            self.name,
            _TaskAction(func),
            None,  # type: ignore[arg-type]  # it reads nothing of the state
            policies_of(retry_policy),
            timeout,
            cache_policy,
            returns=RETURN,
        )

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> TaskFuture[T]:
        """Begin the task, and return the future of its result.

        Raises:
            NoActiveRunError: this is not called from within an entry point, a task or a node.
        """
        return begin_call(self._spec, (args, kwargs))

    def __get__(self, instance: Any, owner: type[Any] | None = None) -> Any:
        """Return the task as a method of an object."""
        return self if instance is None else types.MethodType(self, instance)

    def __repr__(self) -> str:
        return f"TaskFunction({self.name!r})"


class _TaskAction(NodeAction):
    """A function that is called with arguments, not with a state."""

    def __init__(self, action: Callable[..., Any]) -> None:
        super().__init__(action)
        names = list(inspect.signature(action).parameters)
        self._given = [(*each, names.index(each[0])) for each in given_among(action, names)]

    async def call(self, input: Any, run: TaskRun) -> Any:
        args, kwargs = input
        given = {
            name: GIVE[what](run)
            for name, what, place in self._given
            if place >= len(args) and name not in kwargs
        }
        function = functools.partial(self.action, *args, **kwargs, **given)
        return await self.awaited(await call_user(run, function, self.is_async), run)


@overload
def task(func: Callable[P, Awaitable[T]], /) -> TaskFunction[P, T]: ...
@overload
def task(func: Callable[P, T], /) -> TaskFunction[P, T]: ...
@overload
def task(
    *,
    name: str | None = None,
    retry_policy: RetryPolicy | Sequence[RetryPolicy] | None = None,
    cache_policy: CachePolicy | None = None,
    timeout: float | None = None,
) -> _Decorator: ...
def task(
    func: Callable[..., Any] | None = None,
    /,
    *,
    name: str | None = None,
    retry_policy: RetryPolicy | Sequence[RetryPolicy] | None = None,
    cache_policy: CachePolicy | None = None,
    timeout: float | None = None,
) -> Any:
    """Make a function a task; to be used as a decorator, with or without arguments.

    The function is plain or async. It is called from an entry point, from another task, or from
    a node of a graph, with any arguments. The call returns at once, with a future: plain code
    calls ``result()``, async code awaits it. So tasks that are called one after the other run
    at once. With a checkpointer the results are kept (JSON can write them), and a task that
    has ended does not run again when what has called it does.

    Parameters named ``config``, ``writer``, ``store`` and ``runtime``, or annotated as such,
    are given if the call leaves them out.

    >>> from streamflow.func import entrypoint, task
    >>> @task
    ... def double(number: int) -> int:
    ...     return 2 * number
    >>> @entrypoint()
    ... def double_all(numbers: list[int]) -> list[int]:
    ...     futures = [double(number) for number in numbers]
    ...     return [future.result() for future in futures]
    >>> double_all.invoke([1, 2, 3])
    [2, 4, 6]

    Args:
        func: The function.
        name: The name of the task; that of the function if not given.
        retry_policy: When to run it again after a failure; the first policy that applies.
        cache_policy: How long to keep what it has returned for the same arguments.
        timeout: How many seconds an attempt may take.

    Raises:
        GraphDefinitionError: it is a generator function.
    """

    def decorate(function: Callable[..., Any]) -> TaskFunction[Any, Any]:
        return TaskFunction(
            function,
            name=name,
            retry_policy=retry_policy,
            cache_policy=cache_policy,
            timeout=timeout,
        )

    return decorate if func is None else decorate(func)


def check_returns(function: Any, what: str) -> None:
    """Raise if a function is none that returns one value.

    Raises:
        GraphDefinitionError: as said.
    """
    if not callable(function):
        raise GraphDefinitionError(f"a function can be made {what}, not {function!r}")
    if facts_of(function).yields:
        raise GraphDefinitionError(
            f"{function!r} is a generator function, which cannot be {what}: return a list, and "
            f"hand out parts by a parameter writer: StreamWriter"
        )
