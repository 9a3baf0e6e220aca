"""What can go wrong between a program and the vendor of a model."""

from __future__ import annotations

from ._root import StreamflowError

_SHOWN = 500


class ModelError(StreamflowError, RuntimeError):
    """A vendor's model has not answered, or not as it should; never shows a key.

    Attributes:
        reason: What went wrong, in the words of the vendor where it gave any.
        vendor: Who runs the model, such as ``"openai"``.
        model: The name of the model.
        status: The HTTP status of the answer, if there was one.
        request_id: What the vendor calls the request; its support asks for it.
        body: What the vendor said: parsed JSON, or text.
        retryable: Whether the same request may succeed a little later.
        retry_after: How many seconds the vendor asks to wait before.
    """

    retryable = False

    def __init__(
        self,
        reason: str,
        *,
        vendor: str,
        model: str | None = None,
        status: int | None = None,
        request_id: str | None = None,
        body: object = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.vendor = vendor
        self.model = model
        self.status = status
        self.request_id = request_id
        self.body = body
        self.retry_after = retry_after

    def __str__(self) -> str:
        reason = self.reason if len(self.reason) <= _SHOWN else self.reason[: _SHOWN - 1] + "…"
        facts = [
            f"{name} {value}"
            for name, value in (
                ("model", self.model and repr(self.model)),
                ("status", self.status),
                ("request id", self.request_id),
                ("retry after", self.retry_after is not None and f"{self.retry_after:g} s"),
            )
            if value
        ]
        shown = f" ({', '.join(facts)})" if facts else ""
        return f"{self.vendor}: {reason}{shown}"

    def __reduce__(self) -> tuple[object, ...]:
        # By default only the arguments by position would come back.
        return _restored, (type(self), self.reason, self.__dict__.copy())


class ModelRequestError(ModelError, ValueError):
    """The vendor does not accept the request; it says why."""


class ModelNotFoundError(ModelRequestError):
    """The vendor has no such model, deployment or address, or not for this key."""


class ContextLengthError(ModelRequestError):
    """The messages, with the answer to come, are longer than the model can read."""


class ContentFilterError(ModelRequestError):
    """The vendor's policy forbids the request, or its answer."""


class ModelAuthenticationError(ModelError):
    """The vendor does not know the key."""


class ModelPermissionError(ModelError, PermissionError):
    """The key is known, but may not do this."""


class ModelRateLimitError(ModelError):
    """More requests or tokens than the vendor allows; ``retry_after`` is the wait, if told."""

    retryable = True


class ModelServerError(ModelError):
    """The vendor failed."""

    retryable = True


class ModelOverloadedError(ModelServerError):
    """The vendor has no capacity for the request at the moment."""


class ModelConnectionError(ModelError, ConnectionError):
    """The vendor could not be reached, or the connection broke."""

    retryable = True


class ModelTimeoutError(ModelError, TimeoutError):
    """The vendor could not be reached, or sent nothing, for longer than it may take."""

    retryable = True


class TruncatedStreamError(ModelError, EOFError):
    """The answer ended before the model had said why it stops; a part of it is missing."""

    retryable = True


class MalformedStreamError(ModelError, ValueError):
    """The answer is not what the vendor's protocol says it is."""


def _restored(cls: type[ModelError], reason: str, state: dict[str, object]) -> ModelError:
    error = cls(reason, vendor="")
    error.__dict__.update(state)
    return error
