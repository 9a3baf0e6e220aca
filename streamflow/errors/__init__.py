"""Every error that streamflow raises, in one tree.

::

    StreamflowError
    ├── ConfigError (ValueError)            a config that cannot be used
    ├── CoercionError (TypeError)           an object that is no runnable
    ├── ChunkMergeError (TypeError)         two chunks that do not add up
    │   └── MessageMergeError               two chunks of different messages
    ├── MissingImplementationError (NotImplementedError)
    │                                       a runnable without a method to run
    ├── AsyncOnlyError (RuntimeError)       async-only code where it cannot run
    ├── RecursionLimitError (RecursionError)
    │                                       functions returned runnables too often
    ├── RunTimeoutError (TimeoutError)      a run took longer than it may
    ├── StrictStreamingError (ValueError)   a step would collapse the stream
    ├── NoActiveRunError (RuntimeError)     asked for the run, outside of any
    ├── SubscriptionClosedError (RuntimeError)
    │                                       a subscription used after its close
    ├── SubscriptionOverflowError (RuntimeError)
    │                                       a subscription with overflow="raise" was full
    ├── EventVersionError (ValueError)      an unknown version of ``astream_events``
    ├── RunCancelledError (RuntimeError)    what handlers are told of a run cut short
    ├── LogPatchError (ValueError)          a patch that does not fit the log of a run
    ├── PromptInputError (KeyError)         variables of a prompt are missing
    ├── PromptTemplateError (ValueError)    a prompt template that cannot be used
    ├── MissingKeyError (KeyError)          a key is missing from the input of a step
    ├── StepInputError (TypeError)          an input that a step cannot read
    │   └── ModelInputError                 an input that a model cannot read
    ├── ModelArgumentError (TypeError)      a model was made with the wrong arguments
    ├── ModelError (RuntimeError)           a vendor's model has not answered as it should
    │   ├── ModelRequestError (ValueError)  the vendor does not accept the request
    │   │   ├── ModelNotFoundError          there is no such model
    │   │   ├── ContextLengthError          more than the model can read
    │   │   └── ContentFilterError          the vendor's policy forbids it
    │   ├── ModelAuthenticationError        the key is not known
    │   ├── ModelPermissionError (PermissionError)
    │   │                                   the key may not do this
    │   ├── ModelRateLimitError             too much at once
    │   ├── ModelServerError                the vendor failed
    │   │   └── ModelOverloadedError        it has no capacity at the moment
    │   ├── ModelConnectionError (ConnectionError)
    │   │                                   the vendor was not reached, or the connection broke
    │   ├── ModelTimeoutError (TimeoutError)
    │   │                                   the vendor took longer than it may
    │   ├── TruncatedStreamError (EOFError) an answer without an end
    │   └── MalformedStreamError (ValueError)
    │                                       an answer that is not of the vendor's protocol
    ├── ToolDefinitionError (ValueError)    what cannot be made a tool, or described as one
    ├── ToolInputError (ValueError)         arguments that a tool does not take
    ├── ToolException (RuntimeError)        what a tool raises to tell that it could not do it
    ├── ScriptError (RuntimeError)          a scripted model fails as, or when, it was told to
    ├── RecordingError (ValueError)         a recording that is not there or cannot be read
    ├── StorageError (ValueError)           a storage, or a value in it, that cannot be used
    │   └── StorageFileError                a file that is broken, or of another version
    ├── VectorStoreError (ValueError)       vectors, ids or filters that a store does not take
    ├── DrawingError (ValueError)           a graph that cannot be: nodes missing or twice
    ├── GraphDefinitionError (ValueError)   a graph of steps that cannot be compiled or drawn up
    ├── GraphRecursionError (RecursionError)
    │                                       a graph took more steps than it may
    ├── InvalidUpdateError (ValueError)     what a node returned cannot be written to the state
    ├── EmptyInputError (ValueError)        a graph was started with nothing to start from
    ├── GraphBubbleUp (RuntimeError)        what leaves a node without being its failure
    │   ├── GraphInterrupt                  a node waits for an answer from outside
    │   └── ParentCommand                   a node tells the graph around its own what to do
    ├── OutputParserException (ValueError)  a text that is not what a parser reads
    ├── MissingExtraError (ImportError)     a feature that needs an extra to be installed
    └── MessageDecodeError (ValueError)     JSON that is no message of the bus

Each has a builtin as its second parent, so code that catches ``ValueError``,
``TypeError`` and so on keeps working.
"""

from __future__ import annotations

from ._graphs import (
    DrawingError,
    EmptyInputError,
    GraphBubbleUp,
    GraphDefinitionError,
    GraphInterrupt,
    GraphRecursionError,
    InvalidUpdateError,
    ParentCommand,
)
from ._models import ModelArgumentError, ModelInputError, RecordingError, ScriptError
from ._prompts import OutputParserException, PromptInputError, PromptTemplateError
from ._root import StreamflowError
from ._runs import (
    AsyncOnlyError,
    ChunkMergeError,
    CoercionError,
    ConfigError,
    EventVersionError,
    LogPatchError,
    MessageDecodeError,
    MessageMergeError,
    MissingExtraError,
    MissingImplementationError,
    MissingKeyError,
    NoActiveRunError,
    RecursionLimitError,
    RunCancelledError,
    RunTimeoutError,
    StepInputError,
    StrictStreamingError,
    SubscriptionClosedError,
    SubscriptionOverflowError,
)
from ._storage import StorageError, StorageFileError, VectorStoreError
from ._tools import ToolDefinitionError, ToolException, ToolInputError
from ._vendors import (
    ContentFilterError,
    ContextLengthError,
    MalformedStreamError,
    ModelAuthenticationError,
    ModelConnectionError,
    ModelError,
    ModelNotFoundError,
    ModelOverloadedError,
    ModelPermissionError,
    ModelRateLimitError,
    ModelRequestError,
    ModelServerError,
    ModelTimeoutError,
    TruncatedStreamError,
)

__all__ = (
    "AsyncOnlyError",
    "ChunkMergeError",
    "CoercionError",
    "ConfigError",
    "ContentFilterError",
    "ContextLengthError",
    "DrawingError",
    "EmptyInputError",
    "EventVersionError",
    "GraphBubbleUp",
    "GraphDefinitionError",
    "GraphInterrupt",
    "GraphRecursionError",
    "InvalidUpdateError",
    "LogPatchError",
    "MalformedStreamError",
    "MessageDecodeError",
    "MessageMergeError",
    "MissingExtraError",
    "MissingImplementationError",
    "MissingKeyError",
    "ModelArgumentError",
    "ModelAuthenticationError",
    "ModelConnectionError",
    "ModelError",
    "ModelInputError",
    "ModelNotFoundError",
    "ModelOverloadedError",
    "ModelPermissionError",
    "ModelRateLimitError",
    "ModelRequestError",
    "ModelServerError",
    "ModelTimeoutError",
    "NoActiveRunError",
    "OutputParserException",
    "ParentCommand",
    "PromptInputError",
    "PromptTemplateError",
    "RecordingError",
    "RecursionLimitError",
    "RunCancelledError",
    "RunTimeoutError",
    "ScriptError",
    "StepInputError",
    "StorageError",
    "StorageFileError",
    "StreamflowError",
    "StrictStreamingError",
    "SubscriptionClosedError",
    "SubscriptionOverflowError",
    "ToolDefinitionError",
    "ToolException",
    "ToolInputError",
    "TruncatedStreamError",
    "VectorStoreError",
)

for _name in __all__:
    # As users know them, in tracebacks too.
    globals()[_name].__module__ = __name__
del _name
