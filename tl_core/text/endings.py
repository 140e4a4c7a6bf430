"""What the names of files with texts end in."""

#: Of tables.
TABLES = (".csv", ".tsv", ".tab", ".jsonl", ".ndjson", ".json", ".xlsx", ".xlsm")
#: Of files that hold one text each.
TEXTS = (".txt", ".text")
