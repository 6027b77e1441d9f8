from textbooks.filters import EduValueFilter

RECIPES = '''# Recipes for `zipfile`

```python
import zipfile
```

Open an archive, then add a file.

```python
archive = zipfile.ZipFile("pages.zip", mode="w", compression=8)
archive.write("page.html")
```
'''
print(EduValueFilter(text_format="markdown").score([RECIPES]).round(2))
