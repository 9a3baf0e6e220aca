"""Images, documents, audio and video as Amazon Bedrock's Converse is told of them."""

from __future__ import annotations

from typing import Any

import pytest

from streamflow.errors import ModelInputError
from streamflow.messages import AIMessage, HumanMessage, ToolMessage
from tests.chat_models.test_converse_requests import converse, said
from tests.chat_models.test_requests import content_of


@pytest.mark.parametrize(
    ("block", "kind", "form"),
    [
        ({"type": "image", "mime_type": "image/png"}, "image", "png"),
        ({"type": "image", "mime_type": "image/jpg"}, "image", "jpeg"),
        ({"type": "image"}, "image", "jpeg"),
        ({"type": "file"}, "document", "pdf"),
        ({"type": "file", "mime_type": "text/plain; charset=utf-8"}, "document", "txt"),
        ({"type": "file", "mime_type": "application/vnd.ms-excel"}, "document", "xls"),
        ({"type": "file", "filename": "report.DOCX"}, "document", "docx"),
        (
            {"type": "file", "mime_type": "application/octet-stream", "filename": "a.md"},
            "document",
            "md",
        ),
        ({"type": "video", "mime_type": "video/quicktime"}, "video", "mov"),
        ({"type": "video", "mime_type": "video/3gpp"}, "video", "three_gp"),
        ({"type": "audio", "mime_type": "audio/mpeg"}, "audio", "mp3"),
        ({"type": "input_audio", "input_audio": {"format": "wav"}}, "audio", "wav"),
    ],
)
def test_media(block: Any, kind: str, form: str) -> None:
    [part] = said({**block, "base64": "AA=="})
    assert part.keys() == {kind}
    assert part[kind]["format"] == form
    assert part[kind]["source"] == {"bytes": "AA=="}


@pytest.mark.parametrize(
    ("block", "kind", "form"),
    [
        ({"type": "image", "url": "s3://b/a.png"}, "image", "png"),
        ({"type": "image_url", "image_url": {"url": "s3://b/a.webp"}}, "image", "webp"),
        ({"type": "video", "url": "s3://b/a.mkv"}, "video", "mkv"),
        ({"type": "audio", "url": "s3://b/a", "mime_type": "audio/flac"}, "audio", "flac"),
        ({"type": "file", "url": "s3://b/a.csv"}, "document", "csv"),
    ],
)
def test_media_from_s3(block: Any, kind: str, form: str) -> None:
    [part] = said(block)
    assert part[kind]["format"] == form
    assert part[kind]["source"]["s3Location"]["uri"].startswith("s3://b/a")


@pytest.mark.parametrize(
    ("block", "says"),
    [
        ({"type": "image", "url": "https://x/a.png"}, "does not fetch the image at 'https://x/a"),
        ({"type": "file", "file_id": "f-1"}, "does not fetch the file of the id 'f-1'; give it as"),
        (
            {"type": "image", "base64": "AA==", "mime_type": "image/tiff"},
            "'image/tiff'; it knows png",
        ),
        ({"type": "video", "base64": "AA=="}, "no video of type 'application/octet-stream'"),
    ],
)
def test_media_that_cannot_be_told(block: Any, says: str) -> None:
    with pytest.raises(ModelInputError) as caught:
        said(block)
    assert says in str(caught.value)


def test_documents_have_names_of_their_own() -> None:
    names = ["a.pdf", "a.pdf", None, "What_is: this?.v2 (new).pdf", "§.pdf", "b" * 300, "b" * 300]
    documents: Any = [{"type": "file", "base64": "AA==", "filename": name} for name in names]
    result = ToolMessage([{"type": "file", "base64": "AA==", "name": "a"}], tool_call_id="1")
    body = converse(HumanMessage(documents), AIMessage("Yes"), result)
    told = [part["document"]["name"] for part in content_of(body)]
    assert told == [
        "a",
        "a 2",
        "document",
        "What is this v2 (new)",
        "document 2",
        "b" * 200,
        "b" * 192 + " 2",
    ]
    result_part = body["messages"][-1]["content"][0]["toolResult"]["content"][0]
    assert result_part["document"]["name"] == "a 3"
    cited = said({"type": "file", "base64": "AA==", "citations": {"enabled": True}})
    assert cited[0]["document"]["citations"] == {"enabled": True}
