"""A wire that can be held: every message between the processes of an unmodified Ray passes through it, and waits there if wished.

Reading order: shim.c, book.py (who is who), http2.py, message.py, link.py, wire.py.
"""
