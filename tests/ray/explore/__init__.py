"""Explores the schedules of an unmodified Ray: which message is next, and which fault strikes where, chosen from a seed.

A run builds a scenario's cluster, holds the protocol's messages and lets the chooser release them one by one. Afterwards the logs are conformed.
"""
