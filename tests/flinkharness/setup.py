"""How the function under test is wired: what a job says around it, in one place."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pyflink.common.typeinfo import TypeInformation
from pyflink.datastream import OutputTag

from flinkharness.modes import Mode


@dataclass(frozen=True)
class Setup:
    """Keyword arguments of `Harness`.

    key_by, key_by2: the key selectors of the inputs. Without one, `send(..., key=...)` names it.
    key_type: the key's type; None means pickled, as in `key_by` without a type.
    input_type, input_type2: what arrives; `input_type2` is the second or the broadcast input.
    output_type: what is emitted. For all types None means PICKLED_BYTE_ARRAY, PyFlink's default.
    side_outputs: the tags that the job reads; None admits any.
    mode: whose limits are enforced.
    clock: processing time at the start (epoch ms).
    pickled: hand the function over through cloudpickle, as submission does.
    parallelism, subtask, max_parallelism, attempt, task_name, job_parameters: what the
        RuntimeContext answers.
    """

    key_by: Callable[[Any], Any] | None = None
    key_by2: Callable[[Any], Any] | None = None
    key_type: TypeInformation | None = None
    input_type: TypeInformation | None = None
    input_type2: TypeInformation | None = None
    output_type: TypeInformation | None = None
    side_outputs: tuple[OutputTag, ...] | None = None
    mode: Mode = Mode.THREAD
    clock: int = 0
    pickled: bool = True
    parallelism: int = 1
    subtask: int = 0
    max_parallelism: int = 128
    attempt: int = 0
    task_name: str = "function under test"
    job_parameters: Mapping[str, str] = field(default_factory=dict)
