textbooks score binary_search.py settings.py lesson.md
textbooks score --json - < settings.py
