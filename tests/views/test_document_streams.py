"""Documents 000 and 004, "Using Stream": what they print is what comes out."""

from __future__ import annotations

import operator
from functools import reduce
from typing import Any

from streamflow._ids import use_ids
from streamflow.language_models import Recording
from streamflow.output_parsers import JsonOutputParser, StrOutputParser
from streamflow.prompts import ChatPromptTemplate
from streamflow.runnables import Runnable, RunnableLambda, RunnablePassthrough
from tests.views.documents import (
    COUNTRIES,
    extract_country_names,
    extract_country_names_streaming,
    ids,
    model,
)

SKY_RUN = "b36bea64-5511-4d7a-b6a3-a07b3db0c8e7"

JSON_PRINTED = """\
{}
{'countries': []}
{'countries': [{}]}
{'countries': [{'name': ''}]}
{'countries': [{'name': 'France'}]}
{'countries': [{'name': 'France', 'population': 67}]}
{'countries': [{'name': 'France', 'population': 67413}]}
{'countries': [{'name': 'France', 'population': 67413000}]}
{'countries': [{'name': 'France', 'population': 67413000}, {}]}
{'countries': [{'name': 'France', 'population': 67413000}, {'name': ''}]}
{'countries': [{'name': 'France', 'population': 67413000}, {'name': 'Spain'}]}"""


def piped(chunks: list[Any]) -> str:
    """``print(chunk, end="|")``, for each."""
    return "".join(f"{chunk}|" for chunk in chunks)


async def astreamed(chain: Runnable[Any, Any], value: Any) -> list[Any]:
    return [chunk async for chunk in chain.astream(value)]


async def test_the_color_of_the_sky() -> None:
    sky = model("sky")
    question = "what color is the sky?"
    expected = "The| sky| appears| blue| during| the| day|.|"
    assert piped([chunk.content for chunk in sky.stream(question)]) == expected
    assert piped([chunk.content for chunk in await astreamed(sky, question)]) == expected


async def test_chunks_of_a_message_and_their_sum() -> None:
    for stream in (lambda m: astreamed(m, "sky?"), lambda m: _alone(m, "sky?")):
        with use_ids(ids(SKY_RUN)):
            chunks = await stream(model("sky"))
        assert repr(chunks[0]) == f"AIMessageChunk(content='The', id='run-{SKY_RUN}')"
        total = chunks[0] + chunks[1] + chunks[2] + chunks[3] + chunks[4]
        assert repr(total) == (
            f"AIMessageChunk(content='The sky appears blue during', id='run-{SKY_RUN}')"
        )


async def _alone(chain: Runnable[Any, Any], value: Any) -> list[Any]:
    return list(chain.stream(value))


async def test_a_joke_about_a_parrot() -> None:
    prompt = ChatPromptTemplate.from_template("tell me a joke about {topic}")
    chain = prompt | model("parrot_joke") | StrOutputParser()
    chunks = await astreamed(chain, {"topic": "parrot"})
    assert piped(chunks).startswith(
        "Here|'s| a| joke| about| a| par|rot|:|\n\nA| man| goes| to| a| pet| shop| to| buy| a|"
    )
    assert piped(chunks).endswith(' $|20| |for| me|!"|')
    assert tuple(chunks) == Recording.named("parrot_joke").tokens
    assert list(chain.stream({"topic": "parrot"})) == chunks
    assert chain.invoke({"topic": "parrot"}) == "".join(chunks)


async def test_json_as_it_is_generated() -> None:
    chain = model("countries_json") | JsonOutputParser()
    lines = [str(value) for value in await astreamed(chain, COUNTRIES)]
    first = JSON_PRINTED.splitlines()
    assert lines[: len(first)] == first
    assert len(lines) == 20
    assert lines[-1] == (
        "{'countries': [{'name': 'France', 'population': 67413000}, "
        "{'name': 'Spain', 'population': 47351567}, {'name': 'Japan', 'population': 125584000}]}"
    )
    assert [str(value) for value in chain.stream(COUNTRIES)] == lines


async def test_a_function_of_the_whole_breaks_streaming() -> None:
    chain = model("countries_json") | JsonOutputParser() | extract_country_names
    expected = "['France', 'Spain', 'Japan']|"
    assert piped(await astreamed(chain, COUNTRIES)) == expected
    assert piped(list(chain.stream(COUNTRIES))) == expected


async def test_a_generator_function_mends_it() -> None:
    chain = model("countries_json") | JsonOutputParser() | extract_country_names_streaming
    assert piped(await astreamed(chain, COUNTRIES)) == "France|Spain|Japan|"
    assert piped(list(chain.stream(COUNTRIES))) == "France|Spain|Japan|"


async def test_what_does_not_stream_gives_one_chunk() -> None:
    documents = ["harrison worked at kensho", "harrison likes spicy food"]
    retriever = RunnableLambda(lambda _: documents)
    assert list(retriever.stream("where did harrison work?")) == [documents]
    assert await astreamed(retriever, "where did harrison work?") == [documents]


async def test_streaming_starts_after_the_last_step_that_does_not_stream() -> None:
    template = (
        "Answer the question based only on the following context:\n{context}\n\n"
        "Question: {question}\n"
    )
    retriever = RunnableLambda(lambda _: ["harrison worked at kensho"])
    chain = (
        {
            "context": retriever.with_config(run_name="Docs"),
            "question": RunnablePassthrough(),
        }
        | ChatPromptTemplate.from_template(template)
        | model("kensho")
        | StrOutputParser()
    )
    question = "Where did harrison work? Write 3 made up sentences about this place."
    chunks = list(chain.stream(question))
    assert piped(chunks).startswith(
        "Base|d on| the| given| context|,| Harrison| worke|d at| K|ens|ho|.|\n\nHere| are| |3|"
    )
    assert await astreamed(chain, question) == chunks
    assert reduce(operator.add, chunks) == chain.invoke(question)
    names = [event["name"] async for event in chain.astream_events(question)]
    assert "Docs" in names
