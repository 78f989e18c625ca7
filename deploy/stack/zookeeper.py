"""The local ZooKeeper: where the JobManager keeps what a restarted one has to know.

It is the one that Flink's own jar brings, as one server.
"""

from connectors.jars import flink_classpath
from deploy.stack.flink import QUICK_START, java
from deploy.stack.paths import StackPaths

HEAP_MB = 64
_MAIN = "org.apache.flink.shaded.zookeeper3.org.apache.zookeeper.server.quorum.QuorumPeerMain"


def command(paths: StackPaths) -> list[str]:
    return [
        str(java()),
        f"-Xmx{HEAP_MB}m",
        *QUICK_START,
        "-Dzookeeper.jmx.log4j.disable=true",
        f"-Dlog4j.configurationFile=file:{paths.flink_conf}/log4j-console.properties",
        "-classpath",
        ":".join(map(str, flink_classpath())),
        _MAIN,
        str(paths.conf / "zookeeper.properties"),
    ]
