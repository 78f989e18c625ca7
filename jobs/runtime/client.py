"""Jobs handed over by one client: `python -m jobs.runtime.client inventory orders`.

A client is a JVM, a planner and Python's imports: most of what it takes to submit a job.
"""

import runpy
import sys

JOBS = (__package__ or "").rpartition(".")[0]  # of this very release

if __name__ == "__main__":
    for name in sys.argv[1:]:
        runpy.run_module(f"{JOBS}.{name}", run_name="__main__")
