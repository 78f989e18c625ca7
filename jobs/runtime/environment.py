"""The execution environment that every job of the suite runs in."""

import sys

from pyflink.common import Configuration
from pyflink.datastream import StreamExecutionEnvironment
from pyflink.java_gateway import get_gateway
from pyflink.table import StreamTableEnvironment

from connectors.settings import Settings
from jobs.runtime.buckets import MAX_PARALLELISM

EXEC_NODE_CONTEXT = "org.apache.flink.table.planner.plan.nodes.exec.ExecNodeContext"


def stream_environment(
    settings: Settings,
) -> tuple[StreamExecutionEnvironment, StreamTableEnvironment]:
    """Streaming in thread mode, exactly once, with checkpoints and back-off as the settings say."""
    env = StreamExecutionEnvironment.get_execution_environment(job_configuration(settings))
    env.set_parallelism(settings.parallelism)
    env.set_max_parallelism(MAX_PARALLELISM)
    t_env = StreamTableEnvironment.create(env)
    _count_from_one(t_env)
    return env, t_env


def job_configuration(settings: Settings) -> Configuration:
    """The job's options as Flink takes them."""
    configuration = Configuration()
    for option, value in job_options(settings).items():
        configuration.set_string(option, value)
    return configuration


def job_options(settings: Settings) -> dict[str, str]:
    """What a job sets for itself; where its checkpoints are kept is for who submits it to say.

    Object reuse is safe: no operator of ours keeps what it was handed beyond the call.
    """
    options = {
        "python.execution-mode": "thread",
        "python.executable": sys.executable,
        "pipeline.object-reuse": "true",
        "pipeline.auto-watermark-interval": f"{settings.watermark_interval_ms} ms",
        "execution.buffer-timeout.interval": f"{settings.buffer_timeout_ms} ms",
        "execution.checkpointing.interval": f"{settings.checkpoint_interval_ms} ms",
        "execution.checkpointing.mode": "EXACTLY_ONCE",
        "state.backend.type": settings.state_backend,
        "execution.checkpointing.timeout": "2 min",
        "execution.checkpointing.tolerable-failed-checkpoints": "3",
        "execution.checkpointing.externalized-checkpoint-retention": "RETAIN_ON_CANCELLATION",
        "restart-strategy.type": "exponential-delay",
        "restart-strategy.exponential-delay.initial-backoff": "500 ms",
        "restart-strategy.exponential-delay.max-backoff": "10 s",
        "restart-strategy.exponential-delay.backoff-multiplier": "2.0",
        "restart-strategy.exponential-delay.reset-backoff-threshold": "1 min",
        "table.local-time-zone": "UTC",
        "table.exec.uid.generation": "ALWAYS",
    }
    return options | settings.flink


def _count_from_one(t_env: StreamTableEnvironment) -> None:
    """Begin Flink's numbers of SQL operators anew.

    They go on through all plans of a JVM, and are part of the uids by which a job finds its state:
    without this, they would hang on which jobs its client has submitted before.
    """
    java = get_gateway()
    loader = t_env._j_tenv.getPlanner().getClass().getClassLoader()
    counting = loader.loadClass(EXEC_NODE_CONTEXT)
    reset = counting.getMethod("resetIdCounter", java.new_array(java.jvm.Class, 0))
    reset.invoke(None, java.new_array(java.jvm.Object, 0))
