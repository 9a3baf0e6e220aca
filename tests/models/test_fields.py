"""Constructor arguments of models, from the annotations of their classes."""

from typing import TYPE_CHECKING, Any, ClassVar

import pytest

from streamflow.errors import ModelArgumentError
from streamflow.language_models import BaseChatModel, ReplayChatModel
from streamflow.outputs import ChatResult
from tests.models import authors

if TYPE_CHECKING:
    from decimal import Decimal

# This file does without postponed annotations: both kinds must do.


class Provider(BaseChatModel):
    ls_provider: ClassVar[str | None] = "mine"

    model: str
    temperature: float = 0.0
    stops: list[str] = []  # noqa: RUF012 - as authors write it
    limits: "dict[str, Decimal] | None" = None
    _client: Any = "private"

    def _generate(self, messages: Any, stop: Any = None, **_: Any) -> ChatResult:
        return authors.result(self.model)


class Special(Provider):
    model: str = "special"
    depth: int


def test_arguments_and_defaults() -> None:
    model = Provider(model="small", temperature=0.5)
    assert (model.model, model.temperature, model.stops, model.name) == ("small", 0.5, [], None)
    assert model.invoke("hi").content == "small"
    named = Provider(model="small", name="mine")
    assert named.get_name() == "mine"


def test_subclasses_add_arguments_and_defaults() -> None:
    model = Special(depth=2)
    assert (model.model, model.depth, model.temperature) == ("special", 2, 0.0)
    assert Special(depth=2, model="other").model == "other"


def test_what_is_missing_is_named() -> None:
    with pytest.raises(ModelArgumentError, match=r"Provider needs the arguments \['model'\]"):
        Provider()
    with pytest.raises(ModelArgumentError, match=r"Special needs the arguments \['depth'\]"):
        Special()
    with pytest.raises(ModelArgumentError, match="recording"):
        ReplayChatModel()


@pytest.mark.parametrize("name", ["temprature", "_client", "ls_provider", "run_type", "invoke"])
def test_what_is_unknown_is_named(name: str) -> None:
    message = rf"Provider has no argument \['{name}'\]"
    with pytest.raises(ModelArgumentError, match=message) as error:
        Provider(model="small", **{name: 1})
    for known in ("limits", "model", "name", "stops", "temperature"):
        assert repr(known) in str(error.value)
    assert isinstance(error.value, TypeError)


def test_arguments_have_names() -> None:
    with pytest.raises(TypeError):
        Provider("small")


def test_defaults_are_not_shared() -> None:
    first, second = Provider(model="a"), Provider(model="b")
    first.stops.append("x")
    assert second.stops == []
    assert Provider.stops == []
    stops = ["mine"]
    assert Provider(model="a", stops=stops).stops is stops


def test_class_variables_and_private_names_are_no_arguments() -> None:
    model = Provider(model="small")
    assert model.ls_provider == "mine"
    assert model._client == "private"


def test_an_author_may_write_a_constructor() -> None:
    class Own(BaseChatModel):
        def __init__(self, text: str) -> None:
            super().__init__(name="own")
            self.text = text

        def _generate(self, messages: Any, stop: Any = None, **_: Any) -> ChatResult:
            return authors.result(self.text)

    class Bare(Own):
        def __init__(self, text: str) -> None:
            self.text = text

    assert Own("hi").invoke("").content == "hi"
    assert Own("hi").get_name() == "own"
    assert Bare("hi").invoke("").content == "hi"
    assert Bare("hi").get_name() == "Bare"


def test_names() -> None:
    assert Provider(model="small").get_name() == "Provider"
    assert repr(Provider(model="small")) == "Provider()"
