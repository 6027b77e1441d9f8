from textbooks.filters import SyntaxFilter

print(SyntaxFilter().judge("print 'no longer Python'\n").status)
