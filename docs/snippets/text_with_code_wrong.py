from textbooks.filters import EduValueFilter

QUESTION = """<p>I want the largest number of a list, but it gives 0 for lists of negative numbers. Why?</p>
<pre><code>def largest(numbers):
    best = 0
    for number in numbers:
        if number > best:
            best = number
    return best

print(largest([-3, -1, -2]))  # should be -1
</code></pre>
<p>I tried to sort the list first, it did not help.</p>
"""
print(EduValueFilter(text_format="html").score([QUESTION]).round(2))
