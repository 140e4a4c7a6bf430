"""Benchmarks, not tests: ``python -m tests.bench.NAME`` prints one JSON object on stdout, all else on stderr.

They run the real server, browser, command line and workers. Times move with the machine and with what else runs on
it: look at the ratios, and compare what was measured in one run.
"""
