"""The command line, ``python -m tl_core``: options in, sentences or JSON out. The packages below do the work."""
