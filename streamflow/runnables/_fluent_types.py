"""The methods by which a runnable tells what it takes and gives, as types and schemas.

pydantic is loaded when a schema is asked for, and not before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

if TYPE_CHECKING:
    from pydantic import BaseModel

    from ._base import Runnable
    from ._config import RunnableConfig

Input = TypeVar("Input", contravariant=True)
Output = TypeVar("Output", covariant=True)


class Typed(Generic[Input, Output]):
    """The part of the Runnable interface that is about types."""

    @property
    def InputType(self) -> Any:  # noqa: N802 - under the name that users know
        """The type of the input; ``Any`` if it cannot be known.

        >>> from streamflow.runnables import RunnableLambda
        >>> def double(number: int) -> str: ...
        >>> RunnableLambda(double).InputType
        <class 'int'>
        """
        from ._types import input_type

        return input_type(_runnable(self), {})

    @property
    def OutputType(self) -> Any:  # noqa: N802 - as above
        """The type of the output; ``Any`` if it cannot be known.

        >>> from streamflow.runnables import RunnableLambda
        >>> def double(number: int) -> str: ...
        >>> RunnableLambda(double).OutputType
        <class 'str'>
        """
        from ._types import output_type

        return output_type(_runnable(self), {})

    def with_types(
        self, *, input_type: Any = None, output_type: Any = None
    ) -> Runnable[Input, Output]:
        """Return this runnable with types that say more than it knows of itself.

        >>> from streamflow.runnables import RunnableLambda
        >>> RunnableLambda(lambda x: x + 1).with_types(input_type=int).InputType
        <class 'int'>

        Args:
            input_type: The type of the input; as it is, if not given.
            output_type: The type of the output; as it is, if not given.
        """
        from ._types import RunnableTyped

        return RunnableTyped(_runnable(self), input_type, output_type)

    def get_input_schema(self, config: RunnableConfig | None = None) -> type[BaseModel]:
        """Return a pydantic model of the input.

        >>> from streamflow.prompts import PromptTemplate
        >>> PromptTemplate("{a} {b}").get_input_schema()(a="1", b="2").b
        '2'

        Args:
            config: What the input may depend on.
        """
        from ._schemas import input_model

        return input_model(_runnable(self), config)

    def get_output_schema(self, config: RunnableConfig | None = None) -> type[BaseModel]:
        """Return a pydantic model of the output.

        >>> from streamflow.runnables import RunnableLambda
        >>> def double(number: int) -> str: ...
        >>> RunnableLambda(double).get_output_schema()("22").root
        '22'

        Args:
            config: What the output may depend on.
        """
        from ._schemas import output_model

        return output_model(_runnable(self), config)

    def get_input_jsonschema(self, config: RunnableConfig | None = None) -> dict[str, Any]:
        """Return the JSON schema of the input.

        >>> from streamflow.prompts import PromptTemplate
        >>> PromptTemplate("{a} {b}").get_input_jsonschema()["required"]
        ['a', 'b']

        Args:
            config: What the input may depend on.
        """
        from .._schema import json_schema

        return json_schema(self.get_input_schema(config))

    def get_output_jsonschema(self, config: RunnableConfig | None = None) -> dict[str, Any]:
        """Return the JSON schema of the output.

        >>> from streamflow.runnables import RunnableLambda
        >>> def double(number: int) -> str: ...
        >>> RunnableLambda(double).get_output_jsonschema()
        {'title': 'doubleOutput', 'type': 'string'}

        Args:
            config: What the output may depend on.
        """
        from .._schema import json_schema

        return json_schema(self.get_output_schema(config))

    @property
    def input_schema(self) -> type[BaseModel]:
        """What `get_input_schema` returns."""
        return self.get_input_schema()

    @property
    def output_schema(self) -> type[BaseModel]:
        """What `get_output_schema` returns."""
        return self.get_output_schema()

    def get_prompts(self, config: RunnableConfig | None = None) -> list[Any]:
        """Return the prompt templates inside of this runnable, in order.

        >>> from streamflow.prompts import PromptTemplate
        >>> from streamflow.runnables import RunnableLambda
        >>> (PromptTemplate("{a}") | RunnableLambda(print)).get_prompts()
        [PromptTemplate(input_variables=['a'], template='{a}')]

        Args:
            config: Which alternatives count, where there are some.
        """
        from ._prompts import prompts_in

        return prompts_in(_runnable(self), config)


def _runnable(this: Typed[Input, Output]) -> Runnable[Input, Output]:
    return cast("Runnable[Input, Output]", this)
