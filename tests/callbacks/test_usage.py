"""Counting tokens: by model, over calls, in all ways of calling."""

from __future__ import annotations

from typing import Any

from anyio import to_thread

from streamflow.callbacks import UsageMetadataCallbackHandler, get_usage_metadata_callback
from streamflow.language_models import FakeListLLM, GenericFakeChatModel, ReplayChatModel
from streamflow.messages import AIMessage
from streamflow.runnables import RunnableLambda, RunnableParallel


def answer(n: int, model_name: str | None = "small", **details: Any) -> AIMessage:
    usage: Any = {"input_tokens": n, "output_tokens": 1, "total_tokens": n + 1, **details}
    metadata = {} if model_name is None else {"model_name": model_name}
    return AIMessage("word by word", usage_metadata=usage, response_metadata=metadata)


def model(*answers: AIMessage) -> GenericFakeChatModel:
    return GenericFakeChatModel(messages=iter(answers))


def totals(n: int, calls: int) -> dict[str, int]:
    return {"input_tokens": n, "output_tokens": calls, "total_tokens": n + calls}


async def test_usage_adds_up_however_the_model_is_called() -> None:
    counter = UsageMetadataCallbackHandler()
    config: Any = {"callbacks": [counter]}
    chat = model(answer(1), answer(2), answer(4), answer(8))
    await chat.ainvoke("hi", config)
    await to_thread.run_sync(chat.invoke, "hi", config)
    assert [chunk async for chunk in chat.astream("hi", config)]
    assert list(chat.stream("hi", config))
    assert counter.usage_metadata == {"small": totals(15, 4)}
    assert repr(totals(15, 4)) in repr(counter)


def test_models_are_counted_by_their_names() -> None:
    class Named(GenericFakeChatModel):
        model: str = "made-with"

    with get_usage_metadata_callback() as counter:
        model(answer(1, "a"), answer(2, "b")).batch(["hi", "ho"])
        Named(messages=iter([answer(4, None)])).invoke("hi")
        model(answer(8, None)).invoke("hi", {"run_name": "nameless"})
        ReplayChatModel(recording=["no usage"]).invoke("hi")
        FakeListLLM(responses=["no usage"]).invoke("hi")
    assert counter.usage_metadata == {
        "a": totals(1, 1),
        "b": totals(2, 1),
        "made-with": totals(4, 1),
        "nameless": totals(8, 1),
    }


def test_details_add_up() -> None:
    first = answer(1, input_token_details={"cache_read": 3})
    second = answer(2, input_token_details={"cache_read": 4, "audio": 1})
    with get_usage_metadata_callback() as counter:
        chat = model(first, second)
        chat.invoke("hi")
        seen = counter.usage_metadata
        chat.invoke("hi")
    assert seen["small"] == first.usage_metadata  # what was read does not change
    details = {"cache_read": 7, "audio": 1}
    assert counter.usage_metadata["small"] == {**totals(3, 2), "input_token_details": details}


async def test_the_block_counts_what_runs_inside_of_it_everywhere() -> None:
    chats = {name: model(*(answer(1) for _ in range(20))) for name in "abc"}

    def ask_often(name: str) -> RunnableLambda[Any, Any]:
        def ask(text: str) -> list[Any]:
            return [chats[name].invoke(text) for _ in range(20)]

        return RunnableLambda(ask)

    with get_usage_metadata_callback() as counter:
        await RunnableParallel({name: ask_often(name) for name in chats}).ainvoke("hi")
    assert counter.usage_metadata == {"small": totals(60, 60)}
    await model(answer(1)).ainvoke("hi")
    assert counter.usage_metadata == {"small": totals(60, 60)}
