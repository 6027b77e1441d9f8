textbooks score binary_search.py settings.py
textbooks score --json - < settings.py
