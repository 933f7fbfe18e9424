"""Tables for spreadsheets and programs, written row by row: CSV, XLSX and JSON of the same columns; the only importer of
xlsxwriter.
"""
