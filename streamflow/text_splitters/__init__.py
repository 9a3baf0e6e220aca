"""Text splitters: long texts and documents made into chunks of a size.

>>> from streamflow.text_splitters import RecursiveCharacterTextSplitter
>>> splitter = RecursiveCharacterTextSplitter(chunk_size=12, chunk_overlap=0)
>>> splitter.split_text("Harrison worked at Kensho.")
['Harrison', 'worked at', 'Kensho.']
"""

from __future__ import annotations

from ._character import CharacterTextSplitter, RecursiveCharacterTextSplitter
from ._languages import Language
from ._splitter import TextSplitter
from ._tokens import TokenTextSplitter

__all__ = (
    "CharacterTextSplitter",
    "Language",
    "RecursiveCharacterTextSplitter",
    "TextSplitter",
    "TokenTextSplitter",
)
