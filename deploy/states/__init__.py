"""What savepoints hold, as a list in the repository: `jobs/states.yaml`.

`kept.py` reads it off the domains, `uids.py` off the jobs as Flink plans them, `changes.py` says
which of its changes stored state does not survive, `listed.py` keeps the file.
"""
