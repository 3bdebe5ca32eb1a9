"""Reports for Ray's tracker: a counterexample as a script that needs nothing but Ray, and the text that goes with it.

Derived from the trace, the tables of `conduct/` and the scenario; nothing here knows a scenario.
"""
