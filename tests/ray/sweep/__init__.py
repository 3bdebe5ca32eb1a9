"""Each call of an unmodified Ray fails once, in each way that the model knows; what differs from the same program without it, beside what the model says.

Reading order: calls.tsv, ways.py, show.py, programs.py, model.py, table.py, command.py.
"""
