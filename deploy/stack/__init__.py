"""The local stack: real services as supervised processes, all state under one folder.

`services.py` declares what runs, `render.py` writes its configuration, `supervisor.py` speaks to
supervisord, which restarts what dies, and `stack.py` is what the command line calls.
"""
