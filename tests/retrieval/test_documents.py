from __future__ import annotations

from streamflow._json import dumps_flagged, loads
from streamflow.documents import BaseDocumentTransformer, Document


def test_repr_and_str_are_what_prompts_have_always_shown() -> None:
    bare, known = Document("a"), Document(page_content="b", metadata={"x": 1}, id="7")
    assert repr([bare, known]) == (
        "[Document(page_content='a'), Document(metadata={'x': 1}, page_content='b')]"
    )
    assert str(bare) == "page_content='a'"
    assert str(known) == "page_content='b' metadata={'x': 1}"


def test_documents_are_values() -> None:
    assert Document("a", metadata={"x": 1}) == Document("a", metadata={"x": 1})
    assert Document("a", id="1") != Document("a", id="2")
    assert Document("a").metadata is not Document("a").metadata


def test_documents_come_back_from_json() -> None:
    document = Document("a", metadata={"x": (1, 2)}, id="1")
    data, lossy = dumps_flagged([document])
    assert not lossy
    assert loads(data) == [document]


class Shout(BaseDocumentTransformer):
    def transform_documents(self, documents, **kwargs):
        return [Document(each.page_content.upper() + kwargs["end"]) for each in documents]


async def test_a_transformer_needs_one_method() -> None:
    assert Shout().transform_documents([Document("a")], end="!") == [Document("A!")]
    assert await Shout().atransform_documents([Document("a")], end="!") == [Document("A!")]
