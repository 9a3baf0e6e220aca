"""What a store keeps, and the interface that each of them has."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

import attrs

from ..bus._offload import in_thread

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from typing_extensions import Self

__all__ = ("BaseStore", "Item")

T = TypeVar("T")


@attrs.frozen(kw_only=True)
class Item:
    """A value in a store, with where it is and since when.

    >>> from streamflow.store import InMemoryStore
    >>> store = InMemoryStore()
    >>> store.put(("users", "ada"), "likes", {"drink": "tea"})
    >>> item = store.get(("users", "ada"), "likes")
    >>> item.namespace, item.key, item.value, item.created_at == item.updated_at
    (('users', 'ada'), 'likes', {'drink': 'tea'}, True)

    Attributes:
        namespace: Where it is, like the folders of a file.
        key: Its name there.
        value: What is kept.
        created_at: When something was first kept there, in UTC.
        updated_at: When this value was, in UTC.
    """

    namespace: tuple[str, ...]
    key: str
    value: dict[str, Any]
    created_at: datetime
    updated_at: datetime


class BaseStore(ABC):
    """Keeps dicts by namespace and key, across threads and runs.

    To make one, implement the five abstract methods. They may block: on an event loop they
    are called in worker threads, unless ``blocking`` is ``False``.

    Namespaces are tuples of one or more texts, such as ``("users", "ada")``. What comes back
    equals what was put, and is the caller's own.

    >>> import anyio
    >>> from streamflow.store import InMemoryStore
    >>> async def main():
    ...     store = InMemoryStore()
    ...     await store.aput(("users", "ada"), "likes", {"drink": "tea"})
    ...     return [item.value for item in await store.asearch(("users",))]
    >>> anyio.run(main)
    [{'drink': 'tea'}]
    """

    blocking: ClassVar[bool] = True
    """Whether the methods may wait, for a file or the network."""

    @abstractmethod
    def get(self, namespace: Sequence[str], key: str) -> Item | None:
        """Return an item, or ``None`` if it is not there.

        Raises:
            StorageError: it is there and cannot be read.
        """

    @abstractmethod
    def put(self, namespace: Sequence[str], key: str, value: dict[str, Any]) -> None:
        """Keep a value, in place of any before.

        Raises:
            StorageError: a part of it could not be read back, or the namespace or the key
                cannot be used; nothing is stored.
        """

    @abstractmethod
    def delete(self, namespace: Sequence[str], key: str) -> None:
        """Forget an item, if it is there."""

    @abstractmethod
    def search(
        self,
        namespace_prefix: Sequence[str],
        /,
        *,
        filter: Mapping[str, Any] | None = None,
        limit: int = 10,
        offset: int = 0,
    ) -> list[Item]:
        """Return the items of a namespace and of those inside it, by namespace and key.

        Args:
            namespace_prefix: How their namespaces begin; ``()`` for all.
            filter: What their values must have: ``{"kind": "cat"}``, or with an operator
                ``{"age": {"$gte": 3}}``. There are ``$eq``, ``$ne``, ``$gt``, ``$gte``,
                ``$lt`` and ``$lte``.
            limit: How many to return at most.
            offset: How many to leave out first.

        Raises:
            StorageError: an item cannot be read, or the filter has an unknown operator.
        """

    @abstractmethod
    def list_namespaces(
        self,
        *,
        prefix: Sequence[str] | None = None,
        suffix: Sequence[str] | None = None,
        max_depth: int | None = None,
        limit: int = 100,
        offset: int = 0,
    ) -> list[tuple[str, ...]]:
        """Return the namespaces that have items, in order.

        Args:
            prefix: How they begin; ``"*"`` stands for any one part.
            suffix: How they end, likewise.
            max_depth: Of longer ones only so many parts are returned.
            limit: How many to return at most.
            offset: How many to leave out first.
        """

    async def aget(self, namespace: Sequence[str], key: str) -> Item | None:
        """Return an item, or ``None``. As :meth:`get`, awaited."""
        return await self._call(self.get, namespace, key)

    async def aput(self, namespace: Sequence[str], key: str, value: dict[str, Any]) -> None:
        """Keep a value, in place of any before. As :meth:`put`, awaited."""
        await self._call(self.put, namespace, key, value)

    async def adelete(self, namespace: Sequence[str], key: str) -> None:
        """Forget an item, if it is there. As :meth:`delete`, awaited."""
        await self._call(self.delete, namespace, key)

    async def asearch(
        self,
        namespace_prefix: Sequence[str],
        /,
        *,
        filter: Mapping[str, Any] | None = None,
        limit: int = 10,
        offset: int = 0,
    ) -> list[Item]:
        """Return the items of a namespace and of those inside it. As :meth:`search`, awaited."""
        return await self._call(
            self.search, namespace_prefix, filter=filter, limit=limit, offset=offset
        )

    async def alist_namespaces(
        self,
        *,
        prefix: Sequence[str] | None = None,
        suffix: Sequence[str] | None = None,
        max_depth: int | None = None,
        limit: int = 100,
        offset: int = 0,
    ) -> list[tuple[str, ...]]:
        """Return the namespaces that have items. As :meth:`list_namespaces`, awaited."""
        return await self._call(
            self.list_namespaces,
            prefix=prefix,
            suffix=suffix,
            max_depth=max_depth,
            limit=limit,
            offset=offset,
        )

    async def _call(self, function: Callable[..., T], *args: Any, **kwargs: Any) -> T:
        if not self.blocking:
            return function(*args, **kwargs)
        return await in_thread(function, *args, **kwargs)

    def close(self) -> None:  # noqa: B027 - there may be nothing to close
        """Give back files and connections."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
