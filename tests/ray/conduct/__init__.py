"""Conducts a counterexample of the model in an unmodified Ray: follows its trace, message by message, and looks at what comes of it.

Reading order: trace.py, the tables (rules.tsv, messages.tsv, properties.tsv), scene.py, expected.py, conductor.py, looks.py, asking.py, look_at_*.py, run.py.
"""
