"""Transfer learning for pictures, without a user interface.

Everything here works from a notebook, from the command line (``python -m tl_core``) and under the browser app.
Imports point downwards: ``errors``, ``progress`` and ``workspace`` at the bottom, ``jobs`` and ``__main__`` on top.
"""
