"""Testing chains: against what a vendor really sent, recorded once, or another model.

>>> from streamflow.language_models import FakeListChatModel
>>> from streamflow.output_parsers import StrOutputParser
>>> from streamflow.testing import ReplayChatModel, record, with_model
>>> chain = FakeListChatModel(responses=["Hello!"]) | StrOutputParser()
>>> with record(chain, "hello.json") as recorded:  # once, with the real model
...     answer = recorded.invoke("Hi")
>>> chain = with_model(chain, ReplayChatModel.load("hello.json"))  # in the test
>>> chain.invoke("Hi")
'Hello!'
"""

from __future__ import annotations

from ..language_models import Recording, ReplayChatModel
from ._record import record
from ._swap import with_model

__all__ = ("Recording", "ReplayChatModel", "record", "with_model")
