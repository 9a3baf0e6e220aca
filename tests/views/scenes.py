"""Chains whose events are looked at, and events in a form that can be compared."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from streamflow.bus import AnyMessage
from streamflow.language_models import FakeListLLM, FakeStreamingListLLM, ReplayChatModel
from streamflow.output_parsers import StrOutputParser
from streamflow.prompts import ChatPromptTemplate
from streamflow.runnables import (
    Runnable,
    RunnableGenerator,
    RunnableLambda,
    RunnableParallel,
    RunnablePassthrough,
    RunnablePick,
)


def shout(text: str) -> str:
    return text.upper()


async def ashout(text: str) -> str:
    return text.upper()


def each(chunks: Any) -> Any:
    for chunk in chunks:
        yield chunk + chunk


async def aeach(chunks: Any) -> Any:
    async for chunk in chunks:
        yield chunk + chunk


def replay(*tokens: str) -> ReplayChatModel:
    return ReplayChatModel(recording=tokens, speed=None)


prompt = ChatPromptTemplate.from_template("about {topic}")
answer = prompt | replay("to", "k", "en").with_config(tags=["model"]) | StrOutputParser()


adds = RunnablePassthrough.assign(b=RunnablePick("a") | shout)


def calls(topic: str) -> str:
    return answer.invoke({"topic": topic}) + "!"


async def acalls(topic: str) -> str:
    return await answer.ainvoke({"topic": topic}) + "!"


def streams(topic: str) -> str:
    return "".join(answer.stream({"topic": topic}))


def fails(_: Any) -> str:
    raise LookupError("on purpose")


SCENES: dict[str, Runnable[Any, Any]] = {
    "lambda": RunnableLambda(shout),
    "async lambda": RunnableLambda(ashout),
    "model": replay("a", "b"),
    "parser": StrOutputParser(),
    "text": FakeListLLM(responses=["text"]),
    "streamed text": FakeStreamingListLLM(responses=["text"]),
    "sequence": RunnableLambda(shout) | each | aeach,
    "chain": RunnableParallel(topic=RunnablePassthrough()) | answer,
    "inner": (RunnableLambda(shout) | each).with_config(run_name="inner", tags=["inner"]) | shout,
    "calls": RunnableLambda(calls) | shout,
    "acalls": RunnableLambda(acalls),
    "streams": RunnableLambda(streams),
    "returns": RunnableLambda(lambda _: RunnableLambda(shout)),
    "assign": RunnableLambda(lambda text: adds.invoke({"a": text})),
    "generator": RunnableGenerator(each).with_config(metadata={"user": 1}),
    "empty": RunnableGenerator(each) | replay() | StrOutputParser(),
}
"""Chains from text, whose events come in one order only: at most one branch ever waits."""


def plain(value: Any) -> Any:
    """A value without the ids of runs, which differ from call to call."""
    identity = getattr(value, "id", None)
    if isinstance(identity, str) and identity.startswith("run-"):
        return type(value).__name__, value.text
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value


def events_shown(events: Iterable[Any]) -> list[Any]:
    """Events without ids: a run is the number of the order in which it appeared."""
    numbers: dict[str, int] = {}
    shown = []
    for event in events:
        event = dict(event)
        known = [*event.pop("parent_ids"), event.pop("run_id")]
        for identity in known:
            numbers.setdefault(identity, len(numbers))
        shown.append({**event, "data": plain(event["data"]), "runs": [numbers[i] for i in known]})
    return shown


def messages_shown(messages: Iterable[AnyMessage]) -> list[Any]:
    """Messages without ids and times, with their numbers counted from the first one."""
    numbers: dict[str, int] = {}
    shown: list[Any] = []
    for message in messages:
        run = message.run
        known = [*run.parent_ids, run.id]
        for identity in known:
            numbers.setdefault(identity, len(numbers))
        fields = {key: plain(value) for key, value in message._payload().items()}
        if "error" in fields:
            fields["error"] = (fields["error"]["type"], fields["error"]["message"])
        place = [numbers[identity] for identity in known]
        shown.append(
            (message.kind, message.seq, run.name, run.type, run.tags, run.metadata, place, fields)
        )
    return shown
