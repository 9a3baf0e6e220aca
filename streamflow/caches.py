"""Caches of what models have answered, so that no question is paid for twice.

An answer is kept as it came: a list of generations, one for each chunk of a stream, or a
single one if it was not streamed. It is found by two texts: the prompt, and the settings
of the model with the arguments of the call.
"""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from collections import OrderedDict
from threading import Lock  # noqa: TID251 - a lock; no thread is started here
from typing import TYPE_CHECKING, Any

from ._json import dumps_flagged, loads
from ._sqlite import Database
from .bus._offload import in_thread
from .errors import ConfigError
from .outputs import Generation

if TYPE_CHECKING:
    import os
    from collections.abc import Sequence

    from typing_extensions import Self

__all__ = ("BaseCache", "InMemoryCache", "SQLiteCache", "get_llm_cache", "set_llm_cache")

_logger = logging.getLogger("streamflow")


class BaseCache(ABC):
    """Keeps answers of models. Given to a model as ``cache=``, or to all by `set_llm_cache`.

    To make one, implement ``lookup``, ``update`` and ``clear``, which may block: on an event
    loop they are called in worker threads, unless the methods with an ``a`` are implemented
    as well.

    >>> class Forgetful(BaseCache):
    ...     def lookup(self, prompt, llm_string):
    ...         return None
    ...     def update(self, prompt, llm_string, return_val):
    ...         pass
    ...     def clear(self, **kwargs):
    ...         pass
    >>> Forgetful().lookup("hi", "a model") is None
    True
    """

    @abstractmethod
    def lookup(self, prompt: str, llm_string: str) -> Sequence[Generation] | None:
        """Return the answer, or ``None`` if it is not there.

        Args:
            prompt: The prompt, as text.
            llm_string: The settings of the model and the arguments of the call, as text.

        Returns:
            The generations in order, one for each chunk that had been streamed.
        """

    @abstractmethod
    def update(self, prompt: str, llm_string: str, return_val: Sequence[Generation]) -> None:
        """Keep an answer, in place of any before.

        Args:
            prompt: As for :meth:`lookup`.
            llm_string: As for :meth:`lookup`.
            return_val: The generations, as :meth:`lookup` is to return them.
        """

    @abstractmethod
    def clear(self, **kwargs: Any) -> None:
        """Forget all answers."""

    async def alookup(self, prompt: str, llm_string: str) -> Sequence[Generation] | None:
        """Return the answer, or ``None``. As :meth:`lookup`, awaited."""
        return await in_thread(self.lookup, prompt, llm_string)

    async def aupdate(self, prompt: str, llm_string: str, return_val: Sequence[Generation]) -> None:
        """Keep an answer. As :meth:`update`, awaited."""
        await in_thread(self.update, prompt, llm_string, return_val)

    async def aclear(self, **kwargs: Any) -> None:
        """Forget all answers. As :meth:`clear`, awaited."""
        await in_thread(self.clear, **kwargs)


class InMemoryCache(BaseCache):
    """Keeps answers in this process.

    >>> from streamflow.language_models import FakeListChatModel
    >>> model = FakeListChatModel(responses=["one", "two"], cache=InMemoryCache())
    >>> [model.invoke("hi").content for _ in range(2)]
    ['one', 'one']

    Args:
        maxsize: How many answers it keeps; the one that was not asked for the longest makes
            room. Any number, if not given.

    Raises:
        ConfigError: ``maxsize`` is less than 1.
    """

    def __init__(self, *, maxsize: int | None = None) -> None:
        if maxsize is not None and maxsize < 1:
            raise ConfigError(f"maxsize must be at least 1, or None for no limit; got {maxsize!r}")
        self.maxsize = maxsize
        self._lock = Lock()
        self._answers: OrderedDict[tuple[bytes, bytes], list[Generation]] = OrderedDict()

    def lookup(self, prompt: str, llm_string: str) -> Sequence[Generation] | None:
        """Return the answer, or ``None`` if it is not there."""
        key = (_digest(prompt), _digest(llm_string))
        with self._lock:
            answer = self._answers.get(key)
            if answer is not None:
                self._answers.move_to_end(key)
            return answer

    def update(self, prompt: str, llm_string: str, return_val: Sequence[Generation]) -> None:
        """Keep an answer, in place of any before."""
        key = (_digest(prompt), _digest(llm_string))
        with self._lock:
            self._answers[key] = list(return_val)
            self._answers.move_to_end(key)
            if self.maxsize is not None and len(self._answers) > self.maxsize:
                self._answers.popitem(last=False)

    def clear(self, **kwargs: Any) -> None:
        """Forget all answers."""
        with self._lock:
            self._answers.clear()

    # Nothing here waits, so no thread is needed.

    async def alookup(self, prompt: str, llm_string: str) -> Sequence[Generation] | None:
        """Return the answer, or ``None``. As :meth:`lookup`; does not wait."""
        return self.lookup(prompt, llm_string)

    async def aupdate(self, prompt: str, llm_string: str, return_val: Sequence[Generation]) -> None:
        """Keep an answer. As :meth:`update`; does not wait."""
        self.update(prompt, llm_string, return_val)

    async def aclear(self, **kwargs: Any) -> None:
        """Forget all answers. As :meth:`clear`; does not wait."""
        self.clear(**kwargs)

    def __repr__(self) -> str:
        return f"InMemoryCache(maxsize={self.maxsize!r})"


_SCHEMA = """
    CREATE TABLE IF NOT EXISTS answers (
        prompt BLOB NOT NULL,
        model BLOB NOT NULL,
        answer TEXT NOT NULL,
        PRIMARY KEY (prompt, model)
    ) WITHOUT ROWID;
"""


class SQLiteCache(BaseCache):
    """Keeps answers in a file, for this process and others, also at the same time.

    The file holds the answers as JSON; of prompts and settings only hashes. An answer with
    parts that JSON cannot give back is not kept, which is logged.

    >>> from streamflow.outputs import Generation
    >>> with SQLiteCache(":memory:") as cache:
    ...     cache.update("hi", "a model", [Generation("ho")])
    ...     cache.lookup("hi", "a model")
    [Generation(text='ho')]

    Args:
        path: The file, which is made if it is not there.
    """

    def __init__(self, path: str | os.PathLike[str] = ".streamflow.db") -> None:
        self._database = Database(path, _SCHEMA)

    def lookup(self, prompt: str, llm_string: str) -> Sequence[Generation] | None:
        """Return the answer, or ``None`` if it is not there. Blocks while it reads.

        Raises:
            sqlite3.Error: the file cannot be read.
        """
        rows = self._database.read(
            "SELECT answer FROM answers WHERE prompt = ? AND model = ?",
            _digest(prompt),
            _digest(llm_string),
        )
        answer = loads(rows[0][0]) if rows else None
        # What another version has written, and this one cannot read, is not there.
        return answer if answer is not None and _is_answer(answer) else None

    def update(self, prompt: str, llm_string: str, return_val: Sequence[Generation]) -> None:
        """Keep an answer, in place of any before. Blocks while it writes.

        Raises:
            sqlite3.Error: the file cannot be written.
        """
        data, lossy = dumps_flagged(list(return_val))
        if lossy:
            _logger.warning("%r does not keep an answer that JSON cannot hold", self)
            return
        with self._database.writing() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO answers VALUES (?, ?, ?)",
                (_digest(prompt), _digest(llm_string), data.decode()),
            )

    def clear(self, **kwargs: Any) -> None:
        """Forget all answers. Blocks while it writes.

        Raises:
            sqlite3.Error: the file cannot be written.
        """
        with self._database.writing() as connection:
            connection.execute("DELETE FROM answers")

    def close(self) -> None:
        """Close the file; the next use opens it again."""
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"SQLiteCache({self._database.path!r})"


class _Default:
    """The cache of the models that have none of their own."""

    cache: BaseCache | None = None


def set_llm_cache(cache: BaseCache | None) -> None:
    """Let all models of the process keep their answers in ``cache``, but for those told not to.

    >>> set_llm_cache(InMemoryCache())
    >>> set_llm_cache(None)
    """
    _Default.cache = cache


def get_llm_cache() -> BaseCache | None:
    """Return what `set_llm_cache` has set.

    >>> get_llm_cache() is None
    True
    """
    return _Default.cache


def _digest(text: str) -> bytes:
    import hashlib  # noqa: PLC0415 - slow to load, and for caches only

    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


def _is_answer(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(each, Generation) for each in value)
