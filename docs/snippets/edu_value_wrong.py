from textbooks.filters import EduValueFilter

WRONG = '''def is_prime(n):
    """Return whether n is a prime number.

    >>> is_prime(7)
    True
    """
    for divisor in range(2, n):
        if n % divisor == 0:
            return True  # found a divisor
    return False
'''
print(f"{EduValueFilter().judge(WRONG).score:.2f}")
