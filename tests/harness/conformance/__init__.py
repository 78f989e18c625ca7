"""Cases that must come out the same on the harness and on a real Flink: see `cases`."""
