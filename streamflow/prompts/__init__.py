"""Prompt templates: runnables from variables to what a model reads."""

from __future__ import annotations

from ._base import BasePromptTemplate
from ._chat import ChatPromptTemplate
from ._chat_base import BaseChatPromptTemplate
from ._few_shot import FewShotPromptTemplate, FewShotPromptWithTemplates
from ._few_shot_chat import FewShotChatMessagePromptTemplate
from ._messages import (
    AIMessagePromptTemplate,
    ChatMessagePromptTemplate,
    HumanMessagePromptTemplate,
    SystemMessagePromptTemplate,
)
from ._part import BaseMessagePromptTemplate
from ._placeholder import MessagesPlaceholder
from ._string import PromptTemplate, StringPromptTemplate
from ._structured import DictPromptTemplate, ImagePromptTemplate

__all__ = (
    "AIMessagePromptTemplate",
    "BaseChatPromptTemplate",
    "BaseMessagePromptTemplate",
    "BasePromptTemplate",
    "ChatMessagePromptTemplate",
    "ChatPromptTemplate",
    "DictPromptTemplate",
    "FewShotChatMessagePromptTemplate",
    "FewShotPromptTemplate",
    "FewShotPromptWithTemplates",
    "HumanMessagePromptTemplate",
    "ImagePromptTemplate",
    "MessagesPlaceholder",
    "PromptTemplate",
    "StringPromptTemplate",
    "SystemMessagePromptTemplate",
)
