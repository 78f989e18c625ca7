"""Faults of every kind while the shop is open, and the proof that nothing came of them.

`schedule.py` draws what happens, `inflict.py` does it, `watch.py` reads meanwhile as any reader of
committed records would, `recovery.py` says when all goes on, `proof.py` judges, `run.py` is it all.
"""
