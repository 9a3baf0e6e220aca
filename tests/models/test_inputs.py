"""What models read, and how arguments reach the author's method."""

from __future__ import annotations

from typing import Any

import pytest

from streamflow.errors import ModelInputError
from streamflow.language_models import LLM, BaseLLM
from streamflow.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage
from streamflow.outputs import Generation, LLMResult
from streamflow.prompt_values import ChatPromptValue, StringPromptValue
from streamflow.prompts import ChatPromptTemplate
from streamflow.runnables import RunnableLambda
from tests.models import authors

DIALOG: list[BaseMessage] = [SystemMessage("be kind"), HumanMessage("hi")]

FORMS: list[tuple[Any, list[BaseMessage]]] = [
    ("hi", [HumanMessage("hi")]),
    ("", [HumanMessage("")]),
    (HumanMessage("hi"), [HumanMessage("hi")]),
    (DIALOG, DIALOG),
    (tuple(DIALOG), DIALOG),
    ([("system", "be kind"), ("human", "hi")], DIALOG),
    ([("system", "be kind"), ("user", "hi")], DIALOG),
    ([{"role": "system", "content": "be kind"}, {"role": "user", "content": "hi"}], DIALOG),
    ([SystemMessage("be kind"), "hi"], DIALOG),
    (("human", "hi"), [HumanMessage("hi")]),
    ([("ai", "yes")], [AIMessage("yes")]),
    (ChatPromptValue(messages=DIALOG), DIALOG),
    (StringPromptValue("hi"), [HumanMessage("hi")]),
    (ChatPromptTemplate.from_messages(DIALOG).invoke({}), DIALOG),
    ([], []),
]


@pytest.mark.parametrize(("value", "messages"), FORMS, ids=lambda value: repr(value)[:60])
@pytest.mark.parametrize("kind", authors.GENERATING + authors.STREAMING)
async def test_a_chat_model_reads(kind: Any, value: Any, messages: list[BaseMessage]) -> None:
    model = kind()
    model.invoke(value)
    await model.ainvoke(value)
    list(model.stream(value))
    [chunk async for chunk in model.astream(value)]
    assert model.calls == [(messages, None, {})] * 4


@pytest.mark.parametrize("value", [3, None, {"role": "user", "content": "hi"}, b"bytes", [3]])
@pytest.mark.parametrize("model", [authors.Generates(), authors.TextCalls()])
async def test_what_a_model_cannot_read_is_shown(model: Any, value: Any) -> None:
    for call in (lambda: model.invoke(value), lambda: list(model.stream(value))):
        with pytest.raises(ModelInputError) as caught:
            call()
        inner = value[0] if isinstance(value, list) else value
        assert type(inner).__name__ in str(caught.value)
        assert isinstance(caught.value, TypeError)
    with pytest.raises(ModelInputError):
        await model.ainvoke(value)


async def test_a_bad_input_is_published_as_it_is() -> None:
    chain = RunnableLambda(lambda _: 3) | authors.Generates()
    events = []
    with pytest.raises(ModelInputError):
        events.extend([e async for e in chain.astream_events("x", include_errors=True)])
    heard: list[Any] = []
    with pytest.raises(ModelInputError):
        authors.Generates().invoke(3, {"callbacks": [heard.append]})
    assert [message.kind for message in heard] == ["start", "error"]
    assert heard[0].input == 3


class EchoText(LLM):
    def _call(self, prompt: str, stop: Any = None, run_manager: Any = None, **_: Any) -> str:
        return prompt


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("hi", "hi"),
        (StringPromptValue("hi"), "hi"),
        (DIALOG, "System: be kind\nHuman: hi"),
        (ChatPromptValue(messages=DIALOG), "System: be kind\nHuman: hi"),
        (HumanMessage("hi"), "Human: hi"),
        ([("ai", "yes")], "AI: yes"),
    ],
    ids=lambda value: repr(value)[:40],
)
async def test_a_model_of_text_reads(value: Any, text: str) -> None:
    assert EchoText().invoke(value) == text
    assert await EchoText().ainvoke(value) == text


async def test_a_model_of_text_for_several_prompts_gets_one() -> None:
    seen: list[Any] = []

    class Several(BaseLLM):
        def _generate(
            self, prompts: list[str], stop: Any = None, run_manager: Any = None, **kwargs: Any
        ) -> LLMResult:
            seen.append((prompts, stop, kwargs))
            return LLMResult(generations=[[Generation(text=text)] for text in prompts])

    assert Several().invoke("hi", stop=["."], seed=1) == "hi"
    assert seen == [(["hi"], ["."], {"seed": 1})]


@pytest.mark.parametrize("kind", authors.GENERATING + authors.STREAMING)
async def test_stop_and_bound_arguments_reach_the_author(kind: Any) -> None:
    model = kind()
    model.invoke("hi", stop=["."])
    model.bind(stop=["!"], seed=1).invoke("hi")
    await model.bind(seed=1).ainvoke("hi", seed=2, tools=[])
    list(model.bind(stop=["?"]).stream("hi"))
    (model.bind(seed=3) | RunnableLambda(str)).invoke("hi")
    chain = RunnableLambda(str) | model.bind(seed=4)
    [chunk async for chunk in chain.astream("hi")]
    assert [(stop, kwargs) for _, stop, kwargs in model.calls] == [
        (["."], {}),
        (["!"], {"seed": 1}),
        (None, {"seed": 2, "tools": []}),
        (["?"], {}),
        (None, {"seed": 3}),
        (None, {"seed": 4}),
    ]


def test_arguments_that_the_author_does_not_take_are_an_error() -> None:
    class Picky(authors.Generates):
        def _generate(self, messages: Any, stop: Any = None, run_manager: Any = None) -> Any:
            return authors.result()

    with pytest.raises(TypeError, match="seed"):
        Picky().invoke("hi", seed=1)
