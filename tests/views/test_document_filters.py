"""Documents 000 and 004, "Filtering Events": printed to the letter."""

from __future__ import annotations

from streamflow.output_parsers import JsonOutputParser
from tests.views.documents import COUNTRIES, model, printed

INPUT = f"'data': {{'input': {COUNTRIES!r}}}"

PARSED = [
    "{}",
    "{'countries': []}",
    "{'countries': [{}]}",
    "{'countries': [{'name': ''}]}",
    "{'countries': [{'name': 'France'}]}",
    "{'countries': [{'name': 'France', 'population': 67}]}",
    "{'countries': [{'name': 'France', 'population': 67413}]}",
    "{'countries': [{'name': 'France', 'population': 67413000}]}",
    "{'countries': [{'name': 'France', 'population': 67413000}, {}]}",
    "{'countries': [{'name': 'France', 'population': 67413000}, {'name': ''}]}",
]
TOKENS = ["{", "\n  ", '"', "countries", '":', " [", "\n    ", "{", "\n      ", '"']


async def test_by_name() -> None:
    run = "e058d750-f2c2-40f6-aa61-10f84cd671a9"
    chain = model("countries_json").with_config(
        {"run_name": "model"}
    ) | JsonOutputParser().with_config({"run_name": "my_parser"})
    # The ids of the root and of the model, whose messages have it, are made before.
    run_ids = ["root", "model", run]
    lines = await printed(chain, COUNTRIES, run_ids, most=10, include_names=["my_parser"])
    of_run = f"'name': 'my_parser', 'tags': ['seq:step:2'], 'run_id': '{run}', 'metadata': {{}}"
    assert lines == [
        f"{{'event': 'on_parser_start', {INPUT}, {of_run}}}",
        *(
            f"{{'event': 'on_parser_stream', 'data': {{'chunk': {value}}}, 'run_id': '{run}', "
            "'name': 'my_parser', 'tags': ['seq:step:2'], 'metadata': {}}"
            for value in PARSED
        ),
        "...",
    ]


async def test_by_type() -> None:
    run = "db246792-2a91-4eb3-a14b-29658947065d"
    chain = model("countries_json").with_config(
        {"run_name": "model"}
    ) | JsonOutputParser().with_config({"run_name": "my_parser"})
    lines = await printed(chain, COUNTRIES, ["root", run], most=10, include_types=["chat_model"])
    of_run = f"'name': 'model', 'tags': ['seq:step:1'], 'run_id': '{run}', 'metadata': {{}}"
    assert lines == [
        f"{{'event': 'on_chat_model_start', {INPUT}, {of_run}}}",
        *(
            "{'event': 'on_chat_model_stream', 'data': {'chunk': AIMessageChunk("
            f"content={token!r}, id='run-{run}')}}, 'run_id': '{run}', 'name': 'model', "
            "'tags': ['seq:step:1'], 'metadata': {}}"
            for token in TOKENS
        ),
        "...",
    ]


ROOT, MODEL, PARSER = (
    "fd68dd64-7a4d-4bdb-a0c2-ee592db0d024",
    "efd3c8af-4be5-4f6c-9327-e3f9865dd1cd",
    "afde30b9-beac-4b36-b4c7-dbbe423ddcdb",
)


def token_line(token: str) -> str:
    return (
        "{'event': 'on_chat_model_stream', 'data': {'chunk': AIMessageChunk("
        f"content={token!r}, id='run-{MODEL}')}}, 'run_id': '{MODEL}', 'name': 'ChatAnthropic', "
        "'tags': ['seq:step:1', 'my_chain'], 'metadata': {}}"
    )


async def test_by_tag() -> None:
    chain = (model("countries_json") | JsonOutputParser()).with_config({"tags": ["my_chain"]})
    lines = await printed(
        chain, COUNTRIES, [ROOT, MODEL, PARSER], most=10, include_tags=["my_chain"]
    )
    parser = "'name': 'JsonOutputParser', 'tags': ['seq:step:2', 'my_chain']"
    assert lines == [
        (
            f"{{'event': 'on_chain_start', {INPUT}, 'name': 'RunnableSequence', "
            f"'tags': ['my_chain'], 'run_id': '{ROOT}', 'metadata': {{}}}}"
        ),
        (
            "{'event': 'on_chat_model_start', 'data': {'input': {'messages': [[HumanMessage("
            f"content={COUNTRIES!r})]]}}}}, 'name': 'ChatAnthropic', 'tags': ['seq:step:1', "
            f"'my_chain'], 'run_id': '{MODEL}', 'metadata': {{}}}}"
        ),
        token_line("{"),
        (
            f"{{'event': 'on_parser_start', 'data': {{}}, {parser}, 'run_id': '{PARSER}', "
            "'metadata': {}}"
        ),
        (
            f"{{'event': 'on_parser_stream', 'data': {{'chunk': {{}}}}, 'run_id': '{PARSER}', "
            f"{parser}, 'metadata': {{}}}}"
        ),
        (
            f"{{'event': 'on_chain_stream', 'data': {{'chunk': {{}}}}, 'run_id': '{ROOT}', 'name': "
            "'RunnableSequence', 'tags': ['my_chain'], 'metadata': {}}"
        ),
        *map(token_line, ["\n  ", '"', "countries", '":', " ["]),
        "...",
    ]


async def test_a_filter_that_no_run_passes() -> None:
    chain = model("countries_json") | JsonOutputParser()
    assert await printed(chain, "x", include_names=["nobody"]) == []
